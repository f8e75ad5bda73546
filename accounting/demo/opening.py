"""The balances the books begin with, each open invoice and bill an item of its own."""

from datetime import date, timedelta
from decimal import Decimal

from accounting.demo import machines, receipts, taxes, upkeep
from accounting.demo.days import later
from accounting.demo.diary import Diary, Owed, Part, cents
from accounting.demo.plan import Plan
from accounting.models import JournalEntry, JournalLine
from accounting.open_items import set_due
from accounting.posting import Line, post
from backoffice.demo.cast import CUSTOMERS
from backoffice.models import Party
from backoffice.money import ZERO

RECEIVABLE, PAYABLE, BANK, STOCK = map(Decimal, ("1.05", "0.45", "1.40", "0.35"))
PROFIT_TAX = Decimal("0.11")
OPENING = JournalEntry.Kind.OPENING
OLDER_INVOICES, OLDER_BILLS = 2240, 871  # the numbers after which those brought in follow


def take_over(diary: Diary, plan: Plan) -> None:
    """Open the books with what a company of this size has and owes; the rest is its own."""
    day = diary.story.begins_on
    month = plan.revenue(day, diary.random)
    owed_to_us = shares(diary, customers(diary), month * RECEIVABLE)
    owed_by_us = shares(diary, suppliers(diary), month * PAYABLE)
    parts = [
        Part("bank", cents(month * BANK)),
        Part("cash", Decimal(300)),
        Part("stock", hundreds(month * STOCK)),
        Part("deposits", hundreds(plan.scaled(18000))),
        *(Part(owned.account, machines.cost_of(owned, plan)) for owned in machines.OWNED),
        Part(
            "depreciation_to_date",
            -sum((machines.taken_of(owned, plan) for owned in machines.OWNED), ZERO),
        ),
        Part("loan", -hundreds(plan.scaled(upkeep.LOAN))),
        Part("capital", Decimal(-50000)),
        Part("opening_receivables", sum((amount for _firm, amount in owed_to_us), ZERO)),
        Part("opening_payables", -sum((amount for _firm, amount in owed_by_us), ZERO)),
        *taxes_owed(diary, plan, month),
        *staff_costs_owed(plan),
    ]
    own = -sum((part.amount for part in parts), ZERO)
    post(
        on=day,
        text="Opening balances",
        lines=[line_of(diary, part) for part in (*parts, Part("retained_earnings", own))],
        by=diary.bookkeeper(day),
        source_key=diary.source(),
        kind=OPENING,
    )
    bring_in_invoices(diary, owed_to_us)
    bring_in_bills(diary, owed_by_us)
    machines.enter_in_register(diary, plan)


def line_of(diary: Diary, part: Part) -> Line:
    """The part as a line."""
    account, department = diary.accounts[part.account], diary.story.departments[part.department]
    return Line(account, part.amount, department=department, party=part.party)


def hundreds(amount: Decimal) -> Decimal:
    """A round sum."""
    return amount // 100 * 100


def customers(diary: Diary) -> list[Party]:
    """Who owes us money from before: customers at home."""
    kinds = [kind for kind in CUSTOMERS if kind != "abroad"]
    return [party for kind in kinds for party in diary.story.parties[kind]]


def suppliers(diary: Diary) -> list[Party]:
    """Whom we owe money from before."""
    kinds = ("timber", "fittings", "subcontractors", "energy", "vehicles", "marketing")
    return [party for kind in kinds for party in diary.story.parties[kind]]


def bring_in_invoices(diary: Diary, owed: list[tuple[Party, Decimal]]) -> None:
    """Invoices from before, paid within two months."""
    day = diary.story.begins_on
    for number, (customer, amount) in enumerate(owed, start=OLDER_INVOICES):
        paid_on = later_day(diary, 3, 52)
        due_on = max(paid_on - timedelta(days=diary.random.choice((2, 5, 21))), day)
        item = bring_in(diary, customer, amount, "receivable", str(number), due_on)
        diary.at(paid_on, receipts.receive, item, receipts.ALL)


def bring_in_bills(diary: Diary, owed: list[tuple[Party, Decimal]]) -> None:
    """Bills from before, paid within the month."""
    for number, (supplier, amount) in enumerate(owed, start=OLDER_BILLS):
        due_on = later_day(diary, 5, 25)
        line = bring_in(diary, supplier, -amount, "payable", str(number), due_on)
        diary.owed_to_suppliers.append(Owed(due_on, supplier, amount, line))


def later_day(diary: Diary, fewest: int, most: int) -> date:
    """A working day after the books began."""
    return receipts.after(diary, diary.story.begins_on, fewest, most)


def bring_in(
    diary: Diary, party: Party, amount: Decimal, account: str, reference: str, due_on: date
) -> JournalLine:
    """One open item, against the sum of all in the opening balances."""
    day, by = diary.story.begins_on, diary.bookkeeper(diary.story.begins_on)
    entry = post(
        on=day,
        text=f"Brought in: {reference}",
        lines=[Line(account, amount, party=party), Line(f"opening_{account}s", -amount)],
        by=by,
        source_key=diary.source(),
        kind=OPENING,
        payee=party.name,
    )
    set_due(entry, due_on=due_on, reference=reference, by=by)
    return entry.lines.select_related("party", "currency", "entry__due").get(party=party)


def shares(diary: Diary, firms: list[Party], amount: Decimal) -> list[tuple[Party, Decimal]]:
    """The amount split among firms as it happens to be."""
    weights = [diary.random.randint(20, 120) for _firm in firms]
    return [
        (firm, cents(amount * weight / sum(weights)))
        for firm, weight in zip(firms, weights, strict=True)
    ]


def taxes_owed(diary: Diary, plan: Plan, month: Decimal) -> list[Part]:
    """Tax on sales of this quarter so far and of the last, and on the profit of the last year."""
    day, country = diary.story.begins_on, diary.story.country
    into_quarter = (day.month - 1) % 3
    on_sales = hundreds(month * plan.rates.sales_tax * Decimal("0.9"))
    on_purchases = hundreds(month * plan.rates.purchase_tax * Decimal("0.42"))
    quarter = later(day, -into_quarter)
    parts = []
    for quarter_end, months in ((later(quarter, -1), 3), (later(quarter, 2), into_quarter)):
        due = taxes.sales_tax_day(country.code, quarter_end)
        owed = (on_sales - on_purchases) * months
        if due >= day and owed:
            parts.append(Part("tax_settlement", -owed))
            diary.at(due, taxes.pay_sales_tax, owed)
    due = taxes.profit_tax_day(country, later(year_begins(day, country.year_starts_in), -1))
    if due >= day:
        owed = hundreds(month * PROFIT_TAX)
        parts.append(Part("profit_tax_payable", -owed))
        taxes.owe_profit_tax(diary, due, owed)
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
