"""Figures of the books that other pages show: cash, results, what waits."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from accounting.models import (
    Account,
    Budget,
    BudgetLine,
    DraftLine,
    EntryDraft,
    FiscalYear,
    JournalEntry,
    JournalLine,
    MonthlyBalance,
    Period,
)
from accounting.models.accounts import accounts_of_pay
from accounting.movements import NOTHING, Span, moved
from backoffice.models import Department
from backoffice.money import ZERO

CASH_ROLES = (Account.Role.BANK, Account.Role.CASH)
IS_CASH = Q(cash_flow="cash") | Q(cash_flow="", role__in=CASH_ROLES)
RESULT_KINDS = (Account.Kind.INCOME, Account.Kind.EXPENSE)


@dataclass(frozen=True)
class Month:
    """What came in and went out in a month, and what was there at its end."""

    first_day: date
    money_in: Decimal
    money_out: Decimal
    balance: Decimal


def months_until(on: date, count: int = 12) -> list[date]:
    """The first days of so many months, the last one being the month of the day."""
    last = on.year * 12 + on.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(last - count + 1, last + 1)]


def cash_accounts() -> QuerySet[Account]:
    """The accounts that hold money: bank, cash, what is marked so, and every bank's mirror."""
    return Account.objects.filter(IS_CASH | Q(own_account__isnull=False))


def cash_on(on: date) -> Decimal:
    """The money in bank and cash at the end of the day."""
    month = on.replace(day=1)
    before = MonthlyBalance.objects.filter(account__in=cash_accounts(), month__lt=month)
    since = JournalLine.objects.filter(
        account__in=cash_accounts(), date__gte=month, date__lte=on
    ).aggregate(moved=Coalesce(Sum("amount"), ZERO))
    debit, credit = _moved(before)
    return debit - credit + since["moved"]


def _moved(balances: QuerySet[MonthlyBalance]) -> tuple[Decimal, Decimal]:
    found = balances.aggregate(
        debit=Coalesce(Sum("debit"), ZERO), credit=Coalesce(Sum("credit"), ZERO)
    )
    return found["debit"], found["credit"]


def result_of(month: date) -> Decimal:
    """Income less expenses entered for the month."""
    debit, credit = _moved(
        MonthlyBalance.objects.filter(account__kind__in=RESULT_KINDS, month=month.replace(day=1))
    )
    return credit - debit


def results(on: date) -> list[Decimal]:
    """The results of twelve months, the last one being the month of the day."""
    months = months_until(on)
    found = dict(
        _by_month(Q(account__kind__in=RESULT_KINDS, month__range=(months[0], months[-1])))
    )
    return [found[month][1] - found[month][0] if month in found else ZERO for month in months]


def cash_by_month(on: date) -> list[Month]:
    """Money in, money out and what was left, for twelve months up to the day's."""
    months = months_until(on)
    balance, shown = ZERO, {month: Month(month, ZERO, ZERO, ZERO) for month in months}
    moved = dict(_by_month(Q(account__in=cash_accounts(), month__lte=months[-1])))
    for month in sorted({*moved, *months}):
        debit, credit = moved.get(month, (ZERO, ZERO))
        balance += debit - credit
        if month in shown:
            shown[month] = Month(month, debit, credit, balance)
    return list(shown.values())


def _by_month(which: Q) -> Iterator[tuple[date, tuple[Decimal, Decimal]]]:
    found = (
        MonthlyBalance.objects.filter(which)
        .values("month")
        .annotate(debits=Sum("debit"), credits=Sum("credit"))
        .order_by("month")
    )
    return ((row["month"], (row["debits"], row["credits"])) for row in found)


def drafts_waiting() -> QuerySet[EntryDraft]:
    """Drafts somebody has still to finish; neither templates nor discarded ones."""
    return EntryDraft.objects.filter(template_name="", discarded_at=None)


def periods_to_close(on: date) -> list[Period]:
    """Open periods from the first entry on that ended before the day's month, oldest first."""
    first = JournalEntry.objects.order_by("date", "pk").values_list("date", flat=True).first()
    if first is None:
        return []
    past = Period.objects.filter(ends_on__gte=first, ends_on__lt=on.replace(day=1))
    return list(past.filter(closed_at=None).order_by("starts_on"))


def is_in_balance() -> bool:
    """Whether all debits equal all credits, by the balances the database keeps."""
    debit, credit = _moved(MonthlyBalance.objects.all())
    return debit == credit


def has_lines(account: Account) -> bool:
    """Whether anything is posted to the account."""
    return JournalLine.objects.filter(account=account).exists()


def with_amount(entries: QuerySet[JournalEntry]) -> QuerySet[JournalEntry]:
    """Entries with the sum of their debits, asked for the rows shown only."""
    lines = JournalLine.objects.filter(entry=OuterRef("pk")).order_by().values("entry")
    return entries.annotate(amount=Subquery(lines.annotate(total=Sum("debit")).values("total")))


def entries_with(amount: Decimal) -> QuerySet:
    """The keys of the entries with a line of this amount, in either currency, on either side."""
    either = (amount, -amount)
    lines = JournalLine.objects.filter(Q(amount__in=either) | Q(currency_amount__in=either))
    return lines.order_by().values("entry")


def is_entry(series: str, year: int, number: int) -> bool:
    """Whether the journal holds an entry of this number."""
    return JournalEntry.objects.filter(series=series, year=year, number=number).exists()


def with_draft_amount(drafts: QuerySet[EntryDraft]) -> QuerySet[EntryDraft]:
    """Drafts with the sum of their debits, likewise."""
    debits = DraftLine.objects.filter(draft=OuterRef("pk"), amount__gt=0)
    lines = debits.order_by().values("draft")
    return drafts.annotate(amount=Subquery(lines.annotate(total=Sum("amount")).values("total")))


def budget_left(department: Department, account: Account, on: date) -> Decimal | None:
    """What the budget in force leaves for the rest of its year; None where nothing is planned.

    The plan of the whole year, of the department and those below it, less what the books hold
    for it in that year. For income it is what is still to be earned.
    """
    year = FiscalYear.objects.filter(starts_on__lte=on, ends_on__gte=on).first()
    inside = departments_below(department)
    planned = BudgetLine.objects.filter(
        budget__fiscal_year=year,
        budget__state=Budget.State.IN_FORCE,
        department__in=inside,
        account=account,
    ).aggregate(total=Sum("amount"))["total"]
    if year is None or planned is None:
        return None
    (movements,) = moved([Span(year.ends_on, year.starts_on, inside)])
    actual = movements.get(account.pk, NOTHING).without_closing
    return planned - (-actual if account.kind == Account.Kind.INCOME else actual)


def departments_below(department: Department) -> frozenset[int]:
    """The department and all that are part of it."""
    below: dict[int | None, list[int]] = {}
    for pk, parent in Department.objects.values_list("pk", "parent_id"):
        below.setdefault(parent, []).append(pk)
    reached, waiting = set(), [department.pk]
    while waiting:
        reached.add(pk := waiting.pop())
        waiting += below.get(pk, [])
    return frozenset(reached)


@dataclass(frozen=True)
class Overspent:
    """A department that has spent more than it planned up to a month."""

    department: Department
    planned: Decimal
    spent: Decimal


def over_budget(on: date, departments: frozenset[int] | None = None) -> list[Overspent]:
    """Departments whose expenses of the year, up to the month, exceed their plan until then.

    Where only some are asked for, what staff cost is left out of both.
    """
    budget = Budget.objects.filter(
        state=Budget.State.IN_FORCE, fiscal_year__starts_on__lte=on, fiscal_year__ends_on__gte=on
    )
    lines = BudgetLine.objects.filter(
        budget__in=budget, month__lte=on, account__kind=Account.Kind.EXPENSE
    )
    pay = accounts_of_pay().none() if departments is None else accounts_of_pay()
    if departments is not None:
        lines = lines.filter(department__in=departments).exclude(account__in=pay)
    planned = dict(lines.order_by().values_list("department_id").annotate(total=Sum("amount")))
    if not planned:
        return []
    year = budget.values_list("fiscal_year__starts_on", flat=True)[:1]
    spent = dict(
        MonthlyBalance.objects.filter(
            account__kind=Account.Kind.EXPENSE,
            month__gte=Subquery(year),
            month__lte=on,
            department__in=planned,
        )
        .exclude(account__in=pay)
        .order_by()
        .values_list("department_id")
        .annotate(total=Sum("debit") - Sum("credit"))
    )
    found = Department.objects.filter(pk__in=planned).order_by("name")
    return [
        Overspent(one, planned[one.pk], spent[one.pk])
        for one in found
        if spent.get(one.pk, ZERO) > planned[one.pk]
    ]
