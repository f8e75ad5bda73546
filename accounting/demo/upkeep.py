"""What keeps a company going: petty cash, loan, bank, stock, dividends, a mistake."""

from datetime import date, timedelta
from decimal import Decimal

from accounting.demo.days import is_quarter_end, last_working_day, month_end, working_day
from accounting.demo.diary import Diary, Part, cents
from accounting.demo.plan import Plan

LOAN, INSTALMENT, INTEREST = 120_000, 1600, Decimal("0.0625")
KEPT_IN_BANK = Decimal("1.3")  # of a month's sales; owners take a part of what is above
MISTAKE_MONTHS_AGO = 2
AFTER = 1  # the order of things done at the end of a day


def begin_month(diary: Diary, plan: Plan, month: date) -> None:
    """Put what the month brings into the diary."""
    diary.at(working_day(month.replace(day=8)), spend_petty_cash)
    diary.at(working_day(month.replace(day=15)), repay_loan, plan)
    diary.at(last_working_day(month), pay_bank_charges, plan)
    if plan.months_to_go(month) == MISTAKE_MONTHS_AGO:
        diary.at(working_day(month.replace(day=11)), enter_twice, plan)
    if is_quarter_end(month):
        diary.at(month_end(month), count_stock, order=AFTER)
    if month.month == (diary.story.country.year_starts_in + 3):
        diary.at(working_day(month.replace(day=28)), pay_dividend, plan)


def spend_petty_cash(diary: Diary, day: date) -> None:
    """Tea, stamps and screws; the box is filled up when it gets empty."""
    spent = Decimal(diary.random.randint(2500, 9500)) / 100
    diary.book(
        day,
        "Petty cash: tea, stamps, screws",
        Part("office", spent, "admin_desk"),
        Part("cash", -spent),
    )
    if diary.balance("cash") < 120:
        diary.book(
            day, "Petty cash filled up", Part("cash", Decimal(200)), Part("bank", Decimal(-200))
        )


def repay_loan(diary: Diary, day: date, plan: Plan) -> None:
    """An instalment and the month's interest."""
    owed = diary.owed("loan")
    instalment = min(cents(plan.scaled(INSTALMENT)), owed)
    interest = cents(owed * INTEREST / 12)
    diary.book(
        day,
        "Bank loan, instalment and interest",
        Part("loan", instalment),
        Part("interest", interest),
        Part("bank", -instalment - interest),
    )


def pay_bank_charges(diary: Diary, day: date, plan: Plan) -> None:
    """What the bank takes for its trouble."""
    charges = cents(plan.size.sqrt() * diary.random.randint(4200, 6400) / 100)
    diary.book(
        day, "Bank charges", Part("bank_charges", charges, "accounting"), Part("bank", -charges)
    )


def enter_twice(diary: Diary, day: date, plan: Plan) -> None:
    """Enter a bill that is in the books already, and take it back some days later."""
    supplier = diary.story.parties["fittings"][0]
    net = cents(plan.scaled(Decimal("1284.50")))
    tax = cents(net * plan.rates.purchase_tax)
    entry = diary.book(
        day,
        "Hinges, oils and fabrics",
        Part("purchases", net, "workshop", supplier),
        Part("tax_on_purchases", tax, party=supplier),
        Part("payable", -net - tax, party=supplier),
        payee=supplier.name,
    )
    noticed = working_day(day + timedelta(days=4))
    diary.at(noticed, Diary.take_back, entry, "this bill was entered twice")


def count_stock(diary: Diary, day: date) -> None:
    """The timber on the racks is counted; the books follow."""
    found = diary.balance("stock") * diary.random.randint(-3, 4) / 100 // 10 * 10
    if found:
        diary.book(day, "Stock count", Part("stock", found), Part("purchases", -found, "workshop"))


def pay_dividend(diary: Diary, day: date, plan: Plan) -> None:
    """The owners take half of what the bank holds above a month's needs."""
    needs = plan.revenue(day.replace(day=1), diary.random) * KEPT_IN_BANK
    amount = (diary.balance("bank") - needs) / 2 // 1000 * 1000
    if amount > 0:
        diary.book(day, "Dividend for the year", Part("dividends", amount), Part("bank", -amount))
