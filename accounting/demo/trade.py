"""Customers and suppliers: what a month sells, buys, and when suppliers are paid."""

from datetime import date, timedelta
from decimal import Decimal

from accounting.demo import purchases, sales
from accounting.demo.days import working_day, working_days
from accounting.demo.diary import Diary, cents
from accounting.demo.partners import Partners
from accounting.demo.plan import MATERIALS, OVERHEADS, SUBCONTRACTORS, Overhead, Plan

INVOICES = 12
PAY_DAYS = (10, 25)
KINDS_OF_CUSTOMER = {"cafés": 60, "boats": 32, "abroad": 8}
MATERIAL = {
    "timber": "Oak, ash and birch ply",
    "fittings": "Hinges, oils and fabrics",
    "tools": "Blades and cutters",
}
SHARES = {"timber": 66, "fittings": 26, "tools": 8}
BUSY_WITH = {"timber": 3, "fittings": 2, "tools": 1}
# Whoever buys the first piece of these months, counted from the end, never pays for it.
NEVER_PAID_MONTHS_AGO = (8, 4)


def begin_month(diary: Diary, plan: Plan, partners: Partners, month: date) -> None:
    """Put the month's sales, bills and pay days into the diary."""
    revenue = plan.revenue(month, diary.random)
    sell(diary, plan, partners, month, revenue)
    buy_materials(diary, plan, partners, month, revenue * MATERIALS)
    hire_subcontractors(diary, partners, month, revenue * SUBCONTRACTORS)
    for overhead in OVERHEADS:
        expect(diary, plan, partners, month, overhead)
    for number in PAY_DAYS:
        diary.at(working_day(month.replace(day=number)), purchases.pay_suppliers, plan)


def some_day(diary: Diary, day: date, fewest: int, most: int) -> date:
    """A working day some days later."""
    return working_day(day + timedelta(days=diary.random.randint(fewest, most)))


def sell(diary: Diary, plan: Plan, partners: Partners, month: date, revenue: Decimal) -> None:
    """Split what is sold into invoices."""
    random = diary.random
    weights = [
        random.choice((12, 25, 40, 70, 130)) * random.randint(70, 130)
        for _n in range(plan.number(INVOICES))
    ]
    days = working_days(month)
    is_lost = plan.months_to_go(month) in NEVER_PAID_MONTHS_AGO
    for place, weight in enumerate(weights):
        net = max(revenue * weight / sum(weights) // 10 * 10, Decimal(120))
        kind = random.choices(list(KINDS_OF_CUSTOMER), list(KINDS_OF_CUSTOMER.values()))[0]
        if is_lost and place == 0:
            net = min(net, plan.scaled(2400) // 10 * 10)
            diary.at(random.choice(days), sales.sell_in_vain, plan, partners, "cafés", net)
        else:
            diary.at(random.choice(days), sales.sell, plan, partners, kind, net)


def buy_materials(
    diary: Diary, plan: Plan, partners: Partners, month: date, budget: Decimal
) -> None:
    """Deliveries over the month, most of them timber."""
    random, days = diary.random, working_days(month)
    budget = budget * random.randint(95, 105) / 100
    for kind, share in SHARES.items():
        number = max(plan.number(BUSY_WITH[kind]), 1)
        weights = [random.randint(40, 160) for _n in range(number)]
        for weight in weights:
            bill = purchases.ToCome(
                random.choice(diary.story.parties[kind]),
                "purchases",
                "workshop",
                cents(budget * share / 100 * weight / sum(weights)),
                MATERIAL[kind],
            )
            diary.at(random.choice(days), purchases.enter, partners, bill)


def hire_subcontractors(diary: Diary, partners: Partners, month: date, budget: Decimal) -> None:
    """Electricians and plumbers on the sites."""
    for supplier in diary.story.parties["subcontractors"]:
        net = cents(budget / 2 * diary.random.randint(70, 130) / 100)
        bill = purchases.ToCome(supplier, "subcontractors", "fitting", net, "Connections on site")
        diary.at(diary.random.choice(working_days(month)), purchases.enter, partners, bill)


def expect(diary: Diary, plan: Plan, partners: Partners, month: date, overhead: Overhead) -> None:
    """A bill that comes every month; what is paid by itself, or for a year, is told elsewhere."""
    if overhead.account in ("rent", "insurance"):
        return
    off = diary.random.randint(-overhead.varies, overhead.varies)
    bill = purchases.ToCome(
        diary.story.parties[overhead.supplier][0],
        overhead.account,
        overhead.department,
        cents(plan.overhead(month, overhead) * (100 + off) / 100),
        f"{overhead.text}, {month:%B}",
    )
    diary.at(month.replace(day=overhead.day), purchases.enter, partners, bill)
