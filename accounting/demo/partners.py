"""What is agreed with customers and suppliers: taxes, days to pay, currencies, what is sold."""

from datetime import timedelta
from decimal import Decimal

from accounting.demo.diary import Diary
from accounting.models import ExchangeRate, Item, PartyTerms, TaxCode
from accounting.tax_codes import load_tax_codes
from backoffice.demo.cast import CUSTOMERS, SUPPLIERS
from backoffice.models import Currency, Party

# The codes of each country for what the story sells and buys.
TAX_CODES = {
    "GB": {"sale": "S20", "work": "S20", "abroad": "SEXP", "purchase": "P20", "exempt": "PX"},
    "US": {
        "sale": "SALES",
        "work": "NOTAX",
        "abroad": "NOTAX",
        "purchase": "PNOTAX",
        "exempt": "PNOTAX",
    },
}
CUSTOMER_DAYS = {"cafés": 14, "boats": 30, "abroad": 30}
SUPPLIER_DAYS = 30
DISCOUNT_DAYS, DISCOUNT_PERCENT = 10, Decimal(2)
CURRENCIES = {"IE": "EUR", "FR": "EUR", "GB": "GBP"}
# What one unit is worth at the start, and how far it wanders in a week, in ten-thousandths.
RATES = {("EUR", "GBP"): "0.8560", ("EUR", "USD"): "1.0840", ("GBP", "USD"): "1.2670"}
WANDERS = 45
MILLIONTH = Decimal("0.000001")
GOODS = {
    "cafés": (
        "Oak counter and back bar",
        "Banquette seating",
        "Wall of ash shelves",
        "Coffee bar front",
        "Display cabinet",
        "Window bench",
        "Larch cladding",
        "Beech table",
    ),
    "boats": (
        "Galley in sapele",
        "Saloon joinery",
        "Cockpit table",
        "Berth fronts and lockers",
        "Cabin sole in iroko",
        "Wheelhouse panelling",
    ),
    "abroad": ("Reception desk in oak", "Bunk cabin in pine", "Folding screen"),
}
WORK = (
    ("FIT", "Fitting on site", Item.Unit.HOUR, 56),
    ("SUR", "Survey and drawings", Item.Unit.HOUR, 64),
    ("REP", "Repairs and revarnishing", Item.Unit.HOUR, 48),
    ("TOP", "New worktops fitted", Item.Unit.HOUR, 52),
)


class Partners:
    """Whom the company trades with and in what, by what the story calls it."""

    def __init__(self, diary: Diary) -> None:
        self.story = diary.story
        load_tax_codes(self.story.country.code, by=diary.accountant)
        codes = {code.code: code for code in TaxCode.objects.all()}
        named = TAX_CODES[self.story.country.code]
        self.taxes: dict[str, TaxCode] = {name: codes[code] for name, code in named.items()}
        self.currencies = Currency.objects.in_bulk()
        self.terms: dict[int, PartyTerms] = {}
        self.agree_with_customers()
        self.agree_with_suppliers()
        self.goods = self.list_goods(diary)
        self.work = self.list_work(diary)
        self.publish_rates(diary)

    def agree_with_customers(self) -> None:
        """Days to pay; abroad another currency; a discount for the two largest cafés."""
        for kind in CUSTOMERS:
            for place, party in enumerate(self.story.parties[kind]):
                is_early = kind == "cafés" and place < 2
                self.agree(
                    party,
                    is_customer=True,
                    customer_days=CUSTOMER_DAYS[kind],
                    currency=self.foreign(place) if kind == "abroad" else None,
                    discount_days=DISCOUNT_DAYS if is_early else None,
                    discount_percent=DISCOUNT_PERCENT if is_early else None,
                    sales_tax_code=self.taxes["abroad" if kind == "abroad" else "sale"],
                )

    def foreign(self, place: int) -> Currency:
        """The currency of the customers abroad, in their order."""
        return self.currencies[CURRENCIES[self.story.country.abroad[place][0]]]

    def agree_with_suppliers(self) -> None:
        """Thirty days, and the usual tax."""
        for kind in SUPPLIERS:
            tax = self.taxes["exempt" if kind == "insurance" else "purchase"]
            for party in self.story.parties[kind]:
                self.agree(
                    party, is_supplier=True, supplier_days=SUPPLIER_DAYS, purchase_tax_code=tax
                )

    def agree(self, party: Party, **facts) -> None:
        """Keep the terms."""
        self.terms[party.pk] = PartyTerms.objects.create(party=party, **facts)

    def list_goods(self, diary: Diary) -> dict[str, list[Item]]:
        """What the workshop makes, by whom it is for."""
        found: dict[str, list[Item]] = {}
        for kind, names in GOODS.items():
            account = diary.accounts["sales_abroad" if kind == "abroad" else "sales"]
            found[kind] = [
                Item.objects.create(
                    code=f"{kind[0].upper()}{place:02}",
                    name=name,
                    price=750 + 425 * place,
                    sales_account=account,
                    sales_tax_code=self.taxes["abroad" if kind == "abroad" else "sale"],
                )
                for place, name in enumerate(names, start=1)
            ]
        return found

    def list_work(self, diary: Diary) -> list[Item]:
        """What the fitters do, by the hour."""
        return [
            Item.objects.create(
                code=code,
                name=name,
                unit=unit,
                price=price * self.story.country.pay_factor,
                sales_account=diary.accounts["services"],
                sales_tax_code=self.taxes["work"],
            )
            for code, name, unit, price in WORK
        ]

    def publish_rates(self, diary: Diary) -> None:
        """A rate for each Monday of the story, wandering a little."""
        books, random = self.story.country.currency, self.story.random("rates")
        for (currency, own), start in RATES.items():
            if own != books:
                continue
            rate = Decimal(start)
            day = diary.story.begins_on - timedelta(days=7 + diary.story.begins_on.weekday())
            found = []
            while day <= diary.story.on:
                found.append(
                    ExchangeRate(
                        currency=self.currencies[currency], date=day, rate=rate, source="bank"
                    )
                )
                rate = rate * (10_000 + random.randint(-WANDERS, WANDERS)) / 10_000
                rate = rate.quantize(MILLIONTH)
                day += timedelta(days=7)
            ExchangeRate.objects.bulk_create(found)
