"""Pictures beside the statements: months as bars, drawn from the monthly balances."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_compact_decimal
from django.utils.translation import gettext as _

from accounting.budget_report import plan_and_actual
from accounting.facts import cash_accounts, months_until
from accounting.models import Budget
from accounting.movements import A_DAY, kinds_by_month
from accounting.panels import cash_chart, locale_for
from accounting.reporting import Wish
from accounting.statement_reports import departments_of
from backoffice import charts
from backoffice.models import Company, User
from backoffice.money import ZERO

MONTHS = 12
WHOLE_PAGE = 1140  # pixels of a picture as wide as the page


def chart_of(name: str, wish: Wish, user: User) -> str:
    """The chart beside a statement; none of what was known on a past day."""
    company = Company.objects.select_related("currency").first()
    if wish.as_known or company is None:
        return ""
    locale = locale_for(user, company)
    last = wish.ends_on or wish.on
    if name == "cash_flow":
        return (
            cash_chart(last, company, locale, width=WHOLE_PAGE) if cash_accounts().exists() else ""
        )
    # Only whole months: the balances of a month do not know where a day in it cuts.
    months = months_until(last if (last + A_DAY).day == 1 else last.replace(day=1) - A_DAY, MONTHS)
    found = kinds_by_month(last=months[-1], departments=departments_of(wish), without=wish.without)
    if not found:
        return ""
    draw = wealth if name == "balance_sheet" else results
    return draw(found, months, company, locale)


def key_of(name: str) -> list[tuple[str, str]]:
    """What the colours of a chart stand for: the mark, and its words."""
    words = {
        "balance_sheet": (_("Assets"), _("Liabilities"), _("Equity")),
        "income_statement": (_("Income"), _("Expenses"), _("Result")),
        "cash_flow": (_("In"), _("Out"), _("Balance")),
        "budget": (_("Planned"), _("Spent")),
    }[name]
    return list(zip(("k-a", "k-b", "k-c"), words, strict=False))


Kinds = dict[tuple[str, date], Decimal]


def wealth(found: Kinds, months: list[date], company: Company, locale: str) -> str:
    """What was owned and owed at the end of each month, and what was left."""
    assets = at_ends(found, "asset", months)
    liabilities = [-amount for amount in at_ends(found, "liability", months)]
    left = [a - b for a, b in zip(assets, liabilities, strict=True)]
    return bars(
        months,
        [charts.Series(_("assets"), assets), charts.Series(_("liabilities"), liabilities)],
        charts.Series(_("equity"), left),
        locale=locale,
        label=_("Assets, liabilities and equity at the end of each month, in %(currency)s")
        % {"currency": company.currency_id},
    )


def at_ends(found: Kinds, kind: str, months: Sequence[date]) -> list[Decimal]:
    """The balance of a kind at the end of each month."""
    moved = sorted((month, amount) for (k, month), amount in found.items() if k == kind)
    return [sum((amount for m, amount in moved if m <= month), ZERO) for month in months]


def results(found: Kinds, months: list[date], company: Company, locale: str) -> str:
    """Income and expenses of each month, and the result."""
    income = [-found.get(("income", month), ZERO) for month in months]
    expenses = [found.get(("expense", month), ZERO) for month in months]
    return bars(
        months,
        [charts.Series(_("income"), income), charts.Series(_("expenses"), expenses)],
        charts.Series(_("result"), [a - b for a, b in zip(income, expenses, strict=True)]),
        locale=locale,
        label=_("Income, expenses and result of each month, in %(currency)s")
        % {"currency": company.currency_id},
    )


def budget_chart(budget: Budget, user: User, wish: Wish) -> str:
    """Planned and actual expenses of each month of the budget's year."""
    company = Company.objects.select_related("currency").first()
    found = plan_and_actual(budget, departments_of(wish), wish.without)
    if company is None or not any(plan or actual for _month, plan, actual in found):
        return ""
    return bars(
        [month for month, _plan, _actual in found],
        [
            charts.Series(_("planned"), [plan for _month, plan, _actual in found]),
            charts.Series(_("spent"), [actual for _month, _plan, actual in found]),
        ],
        None,
        locale=locale_for(user, company),
        label=_("Planned and actual expenses of each month, in %(currency)s")
        % {"currency": company.currency_id},
    )


def bars(
    months: Sequence[date],
    series: Sequence[charts.Series],
    line: charts.Series | None,
    *,
    locale: str,
    label: str,
) -> str:
    """The months as bars, in the reader's words."""
    return charts.columns(
        [format_date(month, "LLL", locale=locale) for month in months],
        series,
        line,
        label=label,
        write=lambda number: format_compact_decimal(number, locale=locale, fraction_digits=1),
        width=WHOLE_PAGE,
    )
