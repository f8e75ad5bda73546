"""The balances the books begin with."""

from datetime import date
from decimal import Decimal

from accounting.demo import trade, upkeep
from accounting.demo.days import later
from accounting.demo.diary import Bill, Diary, Part, cents
from accounting.demo.plan import Plan
from backoffice.demo.cast import CUSTOMERS
from backoffice.models import Party
from backoffice.money import ZERO

RECEIVABLE, PAYABLE, BANK, STOCK = map(Decimal, ("1.05", "0.45", "1.40", "0.35"))
PROFIT_TAX = Decimal("0.11")


def take_over(diary: Diary, plan: Plan) -> None:
    """Open the books with what a company of this size has and owes; the rest is its own."""
    day = diary.story.begins_on
    month = plan.revenue(day, diary.random)
    parts = [
        Part("bank", cents(month * BANK)),
        Part("cash", Decimal(300)),
        Part("stock", hundreds(month * STOCK)),
        Part("deposits", hundreds(plan.scaled(18000))),
        Part("fixed_assets", hundreds(plan.scaled(158000))),
        Part("vehicles", hundreds(plan.scaled(74000))),
        Part("computers", hundreds(plan.scaled(31000))),
        Part("depreciation_to_date", -hundreds(plan.scaled(92000))),
        Part("loan", -hundreds(plan.scaled(upkeep.LOAN))),
        Part("capital", Decimal(-50000)),
        *customers_owe(diary, month * RECEIVABLE),
        *we_owe_suppliers(diary, month * PAYABLE),
        *taxes_owed(diary, plan, month),
        *staff_costs_owed(plan),
    ]
    own = -sum((part.amount for part in parts), ZERO)
    diary.book(day, "Opening balances", *parts, Part("retained_earnings", own), kind="opening")


def hundreds(amount: Decimal) -> Decimal:
    """A round sum."""
    return amount // 100 * 100


def customers_owe(diary: Diary, amount: Decimal) -> list[Part]:
    """Invoices from before, paid within two months."""
    firms = [party for kind in CUSTOMERS for party in diary.story.parties[kind]]
    parts = []
    for customer, owed in shares(diary, firms, amount):
        day = trade.some_day(diary, diary.story.begins_on, 3, 52)
        diary.at(day, trade.receive, customer, owed, "earlier invoices")
        parts.append(Part("receivable", owed, party=customer))
    return parts


def we_owe_suppliers(diary: Diary, amount: Decimal) -> list[Part]:
    """Bills from before, paid within the month."""
    kinds = ("timber", "fittings", "subcontractors", "energy", "vehicles", "marketing")
    firms = [party for kind in kinds for party in diary.story.parties[kind]]
    parts = []
    for supplier, owed in shares(diary, firms, amount):
        due = trade.some_day(diary, diary.story.begins_on, 5, 25)
        diary.open_bills.append(Bill(due, supplier, owed))
        parts.append(Part("payable", -owed, party=supplier))
    return parts


def shares(diary: Diary, firms: list[Party], amount: Decimal) -> list[tuple[Party, Decimal]]:
    """The amount split among firms as it happens to be."""
    weights = [diary.random.randint(20, 120) for _firm in firms]
    return [
        (firm, cents(amount * weight / sum(weights)))
        for firm, weight in zip(firms, weights, strict=True)
    ]


def taxes_owed(diary: Diary, plan: Plan, month: Decimal) -> list[Part]:
    """Tax on sales of this quarter and the last, and on the profit of the last year."""
    day, country = diary.story.begins_on, diary.story.country
    into_quarter = (day.month - 1) % 3
    on_sales = hundreds(month * plan.rates.sales_tax * Decimal("0.9"))
    on_purchases = hundreds(month * plan.rates.purchase_tax * Decimal("0.42"))
    settled = (on_sales - on_purchases) * 3
    parts = [
        Part("tax_on_sales", -on_sales * into_quarter),
        Part("tax_on_purchases", on_purchases * into_quarter),
    ]
    quarter = later(day, -into_quarter)
    due = upkeep.sales_tax_day(country.code, later(quarter, -1))
    if due >= day:
        parts.append(Part("tax_settlement", -settled))
        diary.at(due, upkeep.pay_sales_tax, settled)
    due = upkeep.profit_tax_day(country, later(year_begins(day, country.year_starts_in), -1))
    if due >= day:
        owed = hundreds(month * PROFIT_TAX)
        parts.append(Part("profit_tax_payable", -owed))
        upkeep.owe_profit_tax(diary, due, owed)
    return parts


def year_begins(day: date, starts_in: int) -> date:
    """The first day of the fiscal year the day is in."""
    return date(day.year - (day.month < starts_in), starts_in, 1)


def staff_costs_owed(plan: Plan) -> list[Part]:
    """What was withheld from last month's wages, and what the employer adds."""
    gross = sum(plan.pay(plan.story.begins_on).values(), ZERO)
    rates = plan.rates
    return [
        Part("tax_withheld_payable", -cents(gross * rates.withheld)),
        Part("employer_payable", -cents(gross * rates.employer)),
        Part("pension_payable", -cents(gross * (rates.own_pension + rates.employer_pension))),
    ]
