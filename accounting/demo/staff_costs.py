"""Wages, what is withheld from them, what the employer adds."""

from datetime import date
from decimal import Decimal

from accounting.demo.days import working_day, working_day_before
from accounting.demo.diary import Diary, Part, cents
from accounting.demo.plan import Plan
from backoffice.money import ZERO

TAX_DAY, PAY_DAY = 22, 25
WITHHELD = ("tax_withheld_payable", "employer_payable", "pension_payable")


def begin_month(diary: Diary, plan: Plan, month: date) -> None:
    """Put pay day, and the day last month's deductions are due, into the diary."""
    diary.at(working_day(month.replace(day=TAX_DAY)), hand_over_deductions)
    diary.at(working_day_before(month.replace(day=PAY_DAY)), pay_wages, plan)


def pay_wages(diary: Diary, day: date, plan: Plan) -> None:
    """Book the month's wages by department, and pay them."""
    rates = plan.rates
    pay = {key: cents(gross) for key, gross in plan.pay(day.replace(day=1)).items()}
    gross = sum(pay.values(), ZERO)
    withheld, own_pension = cents(gross * rates.withheld), cents(gross * rates.own_pension)
    net = gross - withheld - own_pension
    employer = {key: cents(each * rates.employer) for key, each in pay.items()}
    pension = {key: cents(each * rates.employer_pension) for key, each in pay.items()}
    diary.book(
        day,
        f"Wages {day:%B %Y}",
        *(Part("wages", each, key) for key, each in pay.items()),
        *(Part("employer_cost", each, key) for key, each in employer.items()),
        *(Part("pension", each, key) for key, each in pension.items()),
        Part("tax_withheld_payable", -withheld),
        Part("employer_payable", -sum(employer.values(), ZERO)),
        Part("pension_payable", -own_pension - sum(pension.values(), ZERO)),
        Part("wages_payable", -net),
    )
    diary.book(day, f"Wages {day:%B %Y} paid", Part("wages_payable", net), Part("bank", -net))


def hand_over_deductions(diary: Diary, day: date) -> None:
    """Pay over what was withheld from the wages of the month before."""
    # In some charts two of these are one account.
    accounts = {diary.accounts[name]: name for name in WITHHELD}.values()
    owed: dict[str, Decimal] = {name: diary.owed(name) for name in accounts}
    diary.book(
        day,
        "Tax, social security and pensions of last month's wages",
        *(Part(name, amount) for name, amount in owed.items()),
        Part("bank", -sum(owed.values(), ZERO)),
    )
