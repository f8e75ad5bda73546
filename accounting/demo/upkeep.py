"""What keeps a company going: machines, loan, bank, petty cash, taxes, dividends."""

from datetime import date, timedelta
from decimal import Decimal

from accounting.demo.days import (
    is_quarter_end,
    last_working_day,
    later,
    month_end,
    working_day,
)
from accounting.demo.diary import Diary, Part, cents
from accounting.demo.plan import Plan
from accounting.demo.trade import receive_bill
from backoffice.demo.cast import Country
from backoffice.money import ZERO

LOAN, INSTALMENT, INTEREST = 120_000, 1600, Decimal("0.0625")
MACHINES = {
    4: ("Edge bander", 13800),
    13: ("Panel saw", 17500),
    22: ("Spindle moulder", 9600),
    31: ("Wide belt sander", 15200),
    40: ("Dust extraction", 18900),
    49: ("Dovetailing machine", 11400),
}
DEPRECIATED = ("fixed_assets", "vehicles", "computers")
LIFE_IN_MONTHS = 96
WORN_OUT = Decimal("0.9")
KEPT_IN_BANK = Decimal("1.3")  # of a month's sales; owners take a part of what is above
MISTAKE_MONTHS_AGO = 2
AFTER, LAST = 1, 2  # the order of things done at the end of a day


def begin_month(diary: Diary, plan: Plan, month: date) -> None:
    """Put what the month brings into the diary."""
    end = month_end(month)
    diary.at(working_day(month.replace(day=8)), spend_petty_cash)
    diary.at(working_day(month.replace(day=15)), repay_loan, plan)
    diary.at(last_working_day(month), pay_bank_charges, plan)
    diary.at(end, depreciate, order=AFTER)
    number = (month.year - diary.story.begins_on.year) * 12
    number += month.month - diary.story.begins_on.month
    if number in MACHINES:
        buy_machine(diary, plan, month, *MACHINES[number])
    if number == diary.story.months - MISTAKE_MONTHS_AGO:
        diary.at(working_day(month.replace(day=11)), enter_twice, plan)
    if is_quarter_end(month):
        diary.at(end, count_stock, order=AFTER)
        diary.at(end, settle_sales_tax, order=LAST)
        diary.at(end, provide_for_profit_tax, plan, order=LAST)
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


def depreciate(diary: Diary, day: date) -> None:
    """Machines, vans and computers are worth a little less."""
    cost = sum((diary.balance(name) for name in DEPRECIATED), ZERO)
    left = cost * WORN_OUT - diary.owed("depreciation_to_date")
    amount = cents(min(cost / LIFE_IN_MONTHS, left))
    if amount > 0:
        diary.book(
            day,
            f"Depreciation {day:%B %Y}",
            Part("depreciation", amount, "workshop"),
            Part("depreciation_to_date", -amount),
        )


def buy_machine(diary: Diary, plan: Plan, month: date, name: str, price: int) -> None:
    """A machine for the workshop."""
    net = plan.scaled(price) // 10 * 10
    supplier = diary.story.parties["tools"][1]
    facts = (supplier, "fixed_assets", "workshop", net, net * plan.rates.purchase_tax)
    diary.at(working_day(month.replace(day=17)), receive_bill, *facts, f"{name} for the workshop")


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


def settle_sales_tax(diary: Diary, day: date) -> None:
    """Close the quarter's tax on sales; it is paid some weeks later."""
    on_sales, on_purchases = diary.owed("tax_on_sales"), diary.balance("tax_on_purchases")
    if diary.accounts["tax_settlement"] != diary.accounts["tax_on_sales"]:
        diary.book(
            day,
            f"VAT return, quarter to {day:%B %Y}",
            Part("tax_on_sales", on_sales),
            Part("tax_on_purchases", -on_purchases),
            Part("tax_settlement", on_purchases - on_sales),
        )
    if on_sales > on_purchases:
        due = sales_tax_day(diary.story.country.code, day)
        diary.at(due, pay_sales_tax, on_sales - on_purchases)


def sales_tax_day(country: str, quarter_end: date) -> date:
    """When the tax on the sales of a quarter is paid."""
    following = later(quarter_end.replace(day=1), 2 if country == "GB" else 1)
    return working_day(following.replace(day=7 if country == "GB" else 20))


def pay_sales_tax(diary: Diary, day: date, amount: Decimal) -> None:
    """Pay the tax on a quarter's sales."""
    name = "VAT" if diary.story.country.code == "GB" else "Sales tax"
    diary.book(
        day, f"{name} for the quarter", Part("tax_settlement", amount), Part("bank", -amount)
    )


def provide_for_profit_tax(diary: Diary, day: date, plan: Plan) -> None:
    """Set the tax on the quarter's profit aside."""
    profit = diary.result() - diary.taxed_result
    tax = profit * plan.rates.profit_tax // 10 * 10
    if tax > 0:
        diary.book(
            day,
            f"Tax on the profit of the quarter to {day:%B %Y}",
            Part("profit_tax", tax),
            Part("profit_tax_payable", -tax),
        )
        owe_profit_tax(diary, profit_tax_day(diary.story.country, day), tax)
    diary.taxed_result = diary.result()


def profit_tax_day(country: Country, quarter_end: date) -> date:
    """When the tax on a quarter's profit is paid: after the quarter, or after the year."""
    first = quarter_end.replace(day=1)
    if country.code == "US":
        return working_day(later(first, 1).replace(day=15))
    last_month = (country.year_starts_in - 2) % 12 + 1
    year_end = later(first, (last_month - first.month) % 12)
    return working_day(later(year_end, 10))


def owe_profit_tax(diary: Diary, due: date, amount: Decimal) -> None:
    """Remember a tax; all that is due on one day is paid together."""
    if due not in diary.profit_tax_due:
        diary.at(due, pay_profit_tax)
    diary.profit_tax_due[due] = diary.profit_tax_due.get(due, ZERO) + amount


def pay_profit_tax(diary: Diary, day: date) -> None:
    """Pay the tax on profit that is due."""
    amount = diary.profit_tax_due.pop(day)
    diary.book(day, "Tax on profit", Part("profit_tax_payable", amount), Part("bank", -amount))


def pay_dividend(diary: Diary, day: date, plan: Plan) -> None:
    """The owners take half of what the bank holds above a month's needs."""
    needs = plan.revenue(day.replace(day=1), diary.random) * KEPT_IN_BANK
    amount = (diary.balance("bank") - needs) / 2 // 1000 * 1000
    if amount > 0:
        diary.book(day, "Dividend for the year", Part("dividends", amount), Part("bank", -amount))
