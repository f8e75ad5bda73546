"""Taxes on sales and on profit: returned each quarter, paid some weeks later."""

from datetime import date
from decimal import Decimal

from accounting.demo.days import is_quarter_end, later, month_end, working_day
from accounting.demo.diary import Diary, Part
from accounting.demo.plan import Plan
from accounting.models import TaxReturn
from accounting.tax_returns import file_return, open_return
from backoffice.demo.cast import Country
from backoffice.money import ZERO

FILING_DAY = 12  # of the month after the quarter
LAST = 2  # the order of things done at the end of a day


def begin_month(diary: Diary, plan: Plan, month: date) -> None:
    """Put what the end of a quarter brings into the diary."""
    if not is_quarter_end(month):
        return
    end = month_end(month)
    diary.at(end, provide_for_profit_tax, plan, order=LAST)
    diary.at(working_day(later(month, 1).replace(day=FILING_DAY)), file_sales_tax, end)


def file_sales_tax(diary: Diary, day: date, quarter_end: date) -> None:
    """Tell the tax office about the quarter; what is owed is paid some weeks later."""
    by = diary.accountant
    first = later(quarter_end.replace(day=1), -2)
    tax_return = open_return(TaxReturn(starts_on=first, ends_on=quarter_end), by=by)
    entry = file_return(tax_return, on=day, by=by).entry
    lines = entry.lines.filter(account=diary.accounts["tax_settlement"]) if entry else []
    owed = -sum((line.amount for line in lines), ZERO)
    if owed:
        diary.at(sales_tax_day(diary.story.country.code, quarter_end), pay_sales_tax, owed)


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
    result = diary.result(day)
    tax = (result - diary.taxed_result) * plan.rates.profit_tax // 10 * 10
    if tax > 0:
        diary.book(
            day,
            f"Tax on the profit of the quarter to {day:%B %Y}",
            Part("profit_tax", tax),
            Part("profit_tax_payable", -tax),
        )
        owe_profit_tax(diary, profit_tax_day(diary.story.country, day), tax)
    diary.taxed_result = result - max(tax, ZERO)


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
