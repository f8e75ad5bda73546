"""What the dashboard shows of the books, in the reader's number forms."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_compact_currency, format_compact_decimal
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounting.budget_figures import budget_in_force
from accounting.budget_report import plan_and_actual
from accounting.facts import cash_accounts, cash_by_month, cash_on, result_of
from accounting.models import Account, JournalEntry
from accounting.open_sums import balance_and_open, open_sum, sums_by_bucket
from accounting.reach import accounts_kept_back, departments_within, reads_whole_books
from backoffice import charts
from backoffice.access import rows
from backoffice.functions import Attention, Figure
from backoffice.models import Company, User
from backoffice.money import ZERO, for_people

LATEST = 4
A_WEEK = timedelta(days=7)
SHORT_FROM = Decimal(100_000)
OWED = (
    ("receivable", 1, _lazy("Owed to us"), "accounting:receivables"),
    ("payable", -1, _lazy("We owe"), "accounting:payables"),
)


def locale_for(user: User, company: Company) -> str:
    """The locale numbers are written in for this person."""
    try:
        return str(Locale.parse(user.language or company.language, sep="-"))
    except (UnknownLocaleError, ValueError):
        return "en"


def month_name(user: User, month: date) -> str:
    """The month in words: January 2013."""
    company = Company.objects.first()
    locale = locale_for(user, company) if company else "en"
    return format_date(month, "LLLL y", locale=locale)


def short(amount: Decimal, *, currency: str, locale: str) -> str:
    """An amount for a card: whole units, thousands above a limit."""
    if abs(amount) < SHORT_FROM:
        return for_people(amount, locale=locale, currency=currency, decimals=0)
    shown = format_compact_currency(amount, currency, locale=locale, fraction_digits=1)
    return shown.replace("-", "−", 1)


def figures(user: User, *, on: date) -> Iterable[Figure]:
    """The money there is, what is owed to us and by us, and what the month has brought so far."""
    company = Company.objects.first()
    if company is None:
        return
    ways = {"currency": company.currency_id, "locale": locale_for(user, company)}
    if not reads_whole_books(user):
        yield from figures_of_departments(user, ways, on=on)
        return
    held = list(cash_accounts()[:2])
    trial_balance = reverse("accounting:trial-balance")
    if len(held) == 1:
        ledger = reverse("accounting:general-ledger", args=[held[0].pk])
        yield Figure(_("Bank"), short(cash_on(on), **ways), ledger)
    elif held:
        yield Figure(_("Bank"), short(cash_on(on), **ways), trial_balance)
    else:
        yield Figure(_("Bank"), "–", reverse("accounting:chart"))
    for role, sign, label, page in OWED:
        account = Account.objects.filter(role=role).first()
        if account:
            balance = sign * balance_and_open(account, on)[0]
            yield Figure(str(label), short(balance, **ways), f"{reverse(page)}?on={on}")
    yield Figure(_("Result this month"), short(result_of(on), **ways), income_statement_of(on))


def figures_of_departments(user: User, ways: dict[str, str], *, on: date) -> Iterable[Figure]:
    """What the departments the person reads have spent this year, and what is left to them."""
    budget, inside = budget_in_force(on), departments_within(user)
    if budget is None or not inside:
        return
    months = plan_and_actual(budget, inside, accounts_kept_back(user))
    planned = sum((plan for _month, plan, _actual in months), ZERO)
    spent = sum((actual for _month, _plan, actual in months), ZERO)
    report = reverse("accounting:budget")
    yield Figure(_("Spent this year"), short(spent, **ways), report)
    yield Figure(_("Left in the budget"), short(planned - spent, **ways), report)


def income_statement_of(month: date) -> str:
    """The income statement of the whole month of a day."""
    last = month.replace(day=monthrange(month.year, month.month)[1])
    return f"{reverse('accounting:income-statement')}?from={month:%Y-%m}-01&to={last}"


def owed(user: User, *, on: date) -> Iterable[Attention]:
    """What customers are late with, and what we have to pay within a week."""
    company = Company.objects.first()
    if company is None:
        return
    ways = {"currency": company.currency_id, "locale": locale_for(user, company)}
    total, overdue = owed_to_us(on)
    if overdue > 0:
        yield Attention(
            _("%(amount)s is overdue") % {"amount": short(overdue, **ways)},
            _("Of %(amount)s owed to us") % {"amount": short(total, **ways)},
            reverse("accounting:receivables") + "?due=overdue",
            icon="clock",
        )
    bills = bills_due(on + A_WEEK, on=on)
    if bills:
        yield Attention(
            _("%(amount)s of bills due") % {"amount": short(bills, **ways)},
            _("By the end of the week from today"),
            reverse("accounting:payables"),
            icon="wallet",
            tone="info",
        )


def owed_to_us(on: date) -> tuple[Decimal, Decimal]:
    """What customers owe, and how much of it is late, in the currency of the books."""
    account = Account.objects.filter(role="receivable").first()
    if account is None:
        return ZERO, ZERO
    _balance, total = balance_and_open(account, on)
    return total, total - sums_by_bucket(account, on, total)[0]


def bills_due(until: date, *, on: date) -> Decimal:
    """What we owe that is due until a day, in the currency of the books."""
    account = Account.objects.filter(role="payable").first()
    return -open_sum(account, on, last=until) if account else ZERO


def panels(user: User, *, on: date) -> Iterable[tuple[str, dict]]:
    """Cash month by month, and what was entered last."""
    company = Company.objects.first()
    if company is None or not reads_whole_books(user):
        return
    entries = list(rows(user, JournalEntry).order_by("-pk")[:LATEST])
    if entries:
        locale = locale_for(user, company)
        # Without a bank or cash account there is nothing to draw, but something to say.
        chart = cash_chart(on, company, locale) if cash_accounts().exists() else ""
        yield "accounting/_cash_panel.html", {"chart": chart}
        yield "accounting/_latest_entries.html", {"entries": entries}


def cash_chart(on: date, company: Company, locale: str, *, width: int = charts.WIDTH) -> str:
    """Bars for money in and out, a line for what was left."""
    months = cash_by_month(on)
    return charts.columns(
        [format_date(month.first_day, "LLL", locale=locale) for month in months],
        [
            charts.Series(_("in"), [month.money_in for month in months]),
            charts.Series(_("out"), [month.money_out for month in months]),
        ],
        charts.Series(_("balance"), [month.balance for month in months]),
        label=_("Cash in, cash out and what was left, for the last twelve months, in %(currency)s")
        % {"currency": company.currency_id},
        write=lambda number: format_compact_decimal(number, locale=locale, fraction_digits=1),
        width=width,
    )
