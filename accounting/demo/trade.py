"""Customers and suppliers: invoices, receipts, bills, payments."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from operator import attrgetter

from accounting.demo.days import working_day, working_days
from accounting.demo.diary import Bill, Diary, Part, cents
from accounting.demo.plan import MATERIALS, OVERHEADS, SUBCONTRACTORS, UNTAXED, Overhead, Plan
from backoffice.models import Party
from backoffice.money import ZERO

INVOICES = 26
TERMS = timedelta(days=30)
PAY_DAYS = (10, 25)
KEPT_FOR_WAGES = 90_000
FITTED_FROM = Decimal(7000)  # larger pieces are fitted by our own people
FITTING = Decimal("0.24")
GOODS = {
    "cafés": (
        "oak counter and back bar",
        "banquette seating",
        "wall of ash shelves",
        "coffee bar front",
        "display cabinets",
        "window bench",
        "larch cladding",
        "twelve beech tables",
    ),
    "boats": (
        "galley in sapele",
        "saloon joinery",
        "cockpit table",
        "berth fronts and lockers",
        "cabin sole in iroko",
        "wheelhouse panelling",
    ),
    "abroad": ("reception desk in oak", "bunk cabins in pine", "folding screens"),
}
WORK = (
    "survey and drawings",
    "fitting on site",
    "repairs and revarnishing",
    "new worktops fitted",
)
KINDS_OF_CUSTOMER = {"cafés": 60, "boats": 32, "abroad": 8}
MATERIAL = {
    "timber": "Oak, ash and birch ply",
    "fittings": "Hinges, oils and fabrics",
    "tools": "Blades and cutters",
}
SHARES = {"timber": 66, "fittings": 26, "tools": 8}
BUSY_WITH = {"timber": 8, "fittings": 5, "tools": 1}


def begin_month(diary: Diary, plan: Plan, month: date) -> None:
    """Put the month's sales, bills and payment runs into the diary."""
    revenue = plan.revenue(month, diary.random)
    sell(diary, plan, month, revenue)
    buy_materials(diary, plan, month, revenue * MATERIALS)
    hire_subcontractors(diary, plan, month, revenue * SUBCONTRACTORS)
    for overhead in OVERHEADS:
        expect(diary, plan, month, overhead)
    for number in PAY_DAYS:
        diary.at(working_day(month.replace(day=number)), pay_suppliers, plan)


def some_day(diary: Diary, day: date, fewest: int, most: int) -> date:
    """A working day some days later."""
    return working_day(day + timedelta(days=diary.random.randint(fewest, most)))


def sell(diary: Diary, plan: Plan, month: date, revenue: Decimal) -> None:
    """Split what is sold into invoices."""
    random = diary.random
    weights = [random.choice((12, 25, 40, 70, 130)) for _n in range(plan.number(INVOICES))]
    days = working_days(month)
    for weight in weights:
        net = max(revenue * weight / sum(weights) // 10 * 10, Decimal(120))
        kinds = list(KINDS_OF_CUSTOMER)
        kind = random.choices(kinds, list(KINDS_OF_CUSTOMER.values()))[0]
        diary.at(random.choice(days), invoice, plan, kind, net)


def invoice(diary: Diary, day: date, plan: Plan, kind: str, net: Decimal) -> None:
    """Send an invoice, and see it paid some weeks later."""
    customer = diary.random.choice(diary.story.parties[kind])
    number = next(diary.invoices)
    text, goods, services = worded(diary, plan, kind, net)
    tax = cents(taxable(diary, kind, goods, services) * plan.rates.sales_tax)
    diary.book(
        day,
        f"Invoice {number}, {text}",
        Part("receivable", net + tax, party=customer),
        Part("sales_abroad" if kind == "abroad" else "sales", -goods, "workshop", customer),
        Part("services", -services, "fitting", customer),
        Part("tax_on_sales", -tax, party=customer),
        payee=customer.name,
    )
    pays_on = some_day(diary, day, 19, 44)
    if diary.random.randrange(20) == 0:
        pays_on = some_day(diary, pays_on, 25, 70)
    diary.at(pays_on, receive, customer, net + tax, f"invoice {number}")


def worded(diary: Diary, plan: Plan, kind: str, net: Decimal) -> tuple[str, Decimal, Decimal]:
    """What is sold, and how much of it is goods and how much is work."""
    goods = diary.random.choice(GOODS[kind])
    if net > FITTED_FROM * plan.money:
        services = net * FITTING // 10 * 10
        return f"{goods}, fitted", net - services, services
    if kind != "abroad" and diary.random.randrange(100) < 35:
        return diary.random.choice(WORK), ZERO, net
    return goods, net, ZERO


def taxable(diary: Diary, kind: str, goods: Decimal, services: Decimal) -> Decimal:
    """What the customer pays tax on: nothing abroad; in America goods ashore alone."""
    if kind == "abroad":
        return ZERO
    if diary.story.country.code == "US":
        return goods if kind == "cafés" else ZERO
    return goods + services


def receive(diary: Diary, day: date, customer: Party, gross: Decimal, what: str) -> None:
    """A customer pays."""
    diary.book(
        day,
        f"Received for {what}",
        Part("bank", gross, party=customer),
        Part("receivable", -gross, party=customer),
        payee=customer.name,
    )


def buy_materials(diary: Diary, plan: Plan, month: date, budget: Decimal) -> None:
    """Deliveries over the month, most of them timber."""
    random, days = diary.random, working_days(month)
    budget = budget * random.randint(95, 105) / 100
    for kind, share in SHARES.items():
        weights = [random.randint(40, 160) for _n in range(plan.number(BUSY_WITH[kind]))]
        for weight in weights:
            net = cents(budget * share / 100 * weight / sum(weights))
            supplier = random.choice(diary.story.parties[kind])
            facts = (supplier, "purchases", "workshop", net, net * plan.rates.purchase_tax)
            diary.at(random.choice(days), receive_bill, *facts, MATERIAL[kind])


def hire_subcontractors(diary: Diary, plan: Plan, month: date, budget: Decimal) -> None:
    """Electricians and plumbers on the sites."""
    for supplier in diary.story.parties["subcontractors"]:
        net = cents(budget / 2 * diary.random.randint(70, 130) / 100)
        facts = (supplier, "subcontractors", "fitting", net, net * plan.rates.purchase_tax)
        day = diary.random.choice(working_days(month))
        diary.at(day, receive_bill, *facts, "Connections on site")


def expect(diary: Diary, plan: Plan, month: date, overhead: Overhead) -> None:
    """A bill that comes every month."""
    off = diary.random.randint(-overhead.varies, overhead.varies)
    net = cents(plan.overhead(month, overhead) * (100 + off) / 100)
    tax = ZERO if overhead.account in UNTAXED else net * plan.rates.purchase_tax
    supplier = diary.story.parties[overhead.supplier][0]
    facts = (supplier, overhead.account, overhead.department, net, tax)
    text = f"{overhead.text}, {month:%B}"
    diary.at(month.replace(day=overhead.day), receive_bill, *facts, text)


def receive_bill(
    diary: Diary,
    day: date,
    supplier: Party,
    account: str,
    department: str,
    net: Decimal,
    tax: Decimal,
    text: str,
) -> None:
    """A supplier's bill enters the books and waits to be paid."""
    gross = cents(net) + cents(tax)
    diary.book(
        day,
        text,
        Part(account, net, department, supplier),
        Part("tax_on_purchases", tax, party=supplier),
        Part("payable", -gross, party=supplier),
        payee=supplier.name,
    )
    diary.open_bills.append(Bill(day + TERMS, supplier, gross))


def pay_suppliers(diary: Diary, day: date, plan: Plan) -> None:
    """Pay the bills that are due in one go, the oldest first, as far as wages stay safe."""
    spare = diary.balance("bank") - plan.scaled(KEPT_FOR_WAGES)
    paid: list[Bill] = []
    totals: dict[Party, Decimal] = defaultdict(Decimal)
    for bill in sorted(diary.open_bills, key=attrgetter("due")):
        if bill.due <= day and bill.gross <= spare:
            spare -= bill.gross
            paid.append(bill)
            totals[bill.party] += bill.gross
    if paid:
        for bill in paid:
            diary.open_bills.remove(bill)
        diary.book(
            day,
            f"Payment run, {len(paid)} bills",
            *(Part("payable", gross, party=party) for party, gross in totals.items()),
            Part("bank", -sum(totals.values(), ZERO)),
        )
