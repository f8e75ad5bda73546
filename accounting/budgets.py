"""Budgets: written, copied, grown, put in force, and held against what is about to be spent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _

from accounting.budget_figures import budget_in_force
from accounting.facts import budget_left
from accounting.guards import guards_speak
from accounting.models import Account, Budget, BudgetLine, FiscalYear, JournalEntry, JournalLine
from accounting.years import months
from backoffice import audit
from backoffice.errors import Refused
from backoffice.models import Company, Department, User
from backoffice.money import has_too_many_decimals, in_sentence, rounded

LARGEST = Decimal(10) ** 13
CREDIT_SIDE = Account.Kind.INCOME


class Cell(NamedTuple):
    """Where an amount of a budget stands."""

    department: int
    account: int
    month: date


def months_of(year: FiscalYear) -> list[date]:
    """The first days of the months of a fiscal year."""
    return [start.replace(day=1) for start, _end in months(year.starts_on, year.ends_on)]


def write_cells(budget: Budget, cells: Mapping[Cell, Decimal], *, by: User | None) -> int:
    """Plan these amounts; zero takes a plan away. Says how many cells changed."""
    unit = minor_unit()
    check_amounts(cells.values(), unit)
    with guards_speak(), transaction.atomic():
        draft_of(budget)
        known = known_amounts(budget, cells)
        changed = {c: rounded(a, unit) for c, a in cells.items() if known.get(c, Decimal(0)) != a}
        gone = [cell for cell, amount in changed.items() if not amount]
        BudgetLine.objects.filter(pk__in=keys_of(budget, gone)).delete()
        BudgetLine.objects.bulk_create(
            [
                BudgetLine(
                    budget=budget,
                    department_id=cell.department,
                    account_id=cell.account,
                    month=cell.month,
                    amount=amount,
                )
                for cell, amount in changed.items()
                if amount
            ],
            update_conflicts=True,
            update_fields=["amount"],
            unique_fields=["budget", "department", "account", "month"],
        )
        if changed:
            audit.record("budget written", budget, by=by, cells=len(changed))
    return len(changed)


def minor_unit() -> int:
    """The decimals of the books' currency."""
    return Company.objects.select_related("currency").get().currency.minor_unit


def check_amounts(amounts: Iterable[Decimal], unit: int) -> None:
    """Refuse what is too large to be stored or finer than the currency."""
    for amount in amounts:
        if abs(amount) >= LARGEST:
            raise Refused(_("%(amount)s is too large for a budget.") % {"amount": amount})
        if has_too_many_decimals(amount, unit):
            raise Refused(
                _("%(amount)s has more decimals than the currency.") % {"amount": amount}
            )


def draft_of(budget: Budget) -> Budget:
    """The budget, held and open to be written."""
    held = Budget.objects.select_for_update(of=("self",)).get(pk=budget.pk)
    if held.is_in_force:
        raise Refused(
            _("%(budget)s is in force: take it back to a draft first.") % {"budget": held}
        )
    return held


def known_amounts(budget: Budget, cells: Iterable[Cell]) -> dict[Cell, Decimal]:
    """What is planned already for the departments and accounts of the cells."""
    wanted = list(cells)
    found = BudgetLine.objects.filter(
        budget=budget,
        department__in={cell.department for cell in wanted},
        account__in={cell.account for cell in wanted},
    )
    rows = found.values_list("department_id", "account_id", "month", "amount")
    return {Cell(*row[:3]): row[3] for row in rows}


def keys_of(budget: Budget, cells: Iterable[Cell]) -> list[int]:
    """The keys of the lines in these cells."""
    gone = set(cells)
    found = BudgetLine.objects.filter(
        budget=budget,
        department__in={cell.department for cell in gone},
        account__in={cell.account for cell in gone},
    )
    rows = found.values_list("pk", "department_id", "account_id", "month")
    return [row[0] for row in rows if Cell(*row[1:]) in gone]


def spread(total: Decimal, parts: int, unit: int) -> list[Decimal]:
    """The total in so many equal rounded parts; the last takes what is left."""
    part = rounded(total / parts, unit)
    return [*[part] * (parts - 1), total - part * (parts - 1)]


# --- From what there is ----------------------------------------------------------------------


@transaction.atomic
def copy_budget(
    source: Budget,
    *,
    to: FiscalYear,
    name: str,
    by: User | None,
    percent: Decimal = Decimal(0),
) -> Budget:
    """A draft with the amounts of another budget, month by month, grown by a percentage."""
    lines = source.lines.values_list("department_id", "account_id", "month", "amount")
    cells = {Cell(*line[:3]): line[3] for line in lines}
    return draft_from(cells, source.fiscal_year, to, name, percent, source.overspending, by=by)


@transaction.atomic
def budget_from_actuals(
    year: FiscalYear,
    *,
    to: FiscalYear,
    name: str,
    by: User | None,
    percent: Decimal = Decimal(0),
) -> Budget:
    """A draft with what happened in a year, month by month, grown by a percentage."""
    return draft_from(actual_cells(year), year, to, name, percent, Budget.Overspending.WARN, by=by)


def actual_cells(year: FiscalYear) -> dict[Cell, Decimal]:
    """What each department earned and spent in a year, without closing entries."""
    found = (
        JournalLine.objects.filter(
            date__range=(year.starts_on, year.ends_on),
            account__kind__in=(Account.Kind.INCOME, Account.Kind.EXPENSE),
        )
        .exclude(entry__kind=JournalEntry.Kind.CLOSING)
        .order_by()
        .values("department_id", "account_id", "account__kind", month=TruncMonth("date"))
        .annotate(total=Sum("amount"))
        .values_list("department_id", "account_id", "month", "account__kind", "total")
    )
    return {Cell(*row[:3]): -row[4] if row[3] == CREDIT_SIDE else row[4] for row in found}


def draft_from(
    cells: Mapping[Cell, Decimal],
    year: FiscalYear,
    to: FiscalYear,
    name: str,
    percent: Decimal,
    overspending: str,
    *,
    by: User | None,
) -> Budget:
    """A draft with the amounts of one year in the same months of another."""
    with guards_speak(), transaction.atomic():
        made = Budget.objects.create(fiscal_year=to, name=name, overspending=overspending)
        audit.record("budget made", made, by=by, year=str(year), percent=str(percent))
    there = dict(zip(months_of(year), months_of(to), strict=False))
    moved = {
        cell._replace(month=there[cell.month]): grown(amount, percent)
        for cell, amount in plannable(cells).items()
        if cell.month in there
    }
    write_cells(made, moved, by=by)
    return made


def plannable(cells: Mapping[Cell, Decimal]) -> dict[Cell, Decimal]:
    """The cells on accounts that can be planned: still open, and no heading by now."""
    open_accounts = set(plannable_accounts().values_list("pk", flat=True))
    return {cell: amount for cell, amount in cells.items() if cell.account in open_accounts}


def plannable_accounts():
    """Accounts a budget can plan: active ones of income and expense that take lines."""
    return Account.objects.filter(
        kind__in=(Account.Kind.INCOME, Account.Kind.EXPENSE), is_active=True, children=None
    ).order_by("code")


def grown(amount: Decimal, percent: Decimal) -> Decimal:
    """The amount and so many percent of it more, rounded to the currency."""
    return rounded(amount * (100 + percent) / 100, minor_unit()) if percent else amount


def grow_budget(budget: Budget, percent: Decimal, *, by: User | None) -> int:
    """Raise (or lower) every amount by a percentage; says how many cells changed."""
    if percent <= -100:
        raise Refused(_("A budget cannot shrink by all of it or more."), field="percent")
    lines = budget.lines.values_list("department_id", "account_id", "month", "amount")
    factor, unit = (100 + percent) / 100, minor_unit()
    return write_cells(
        budget, {Cell(*line[:3]): rounded(line[3] * factor, unit) for line in lines}, by=by
    )


# --- In force --------------------------------------------------------------------------------


def put_in_force(budget: Budget, *, by: User | None) -> None:
    """Hold spending against this budget; the one that was in force becomes a draft again."""
    with guards_speak(), transaction.atomic():
        FiscalYear.objects.select_for_update().get(pk=budget.fiscal_year_id)
        held = draft_of(budget)
        if not held.lines.exists():
            raise Refused(_("%(budget)s plans nothing yet.") % {"budget": held})
        for other in others_in_force(held):
            take_back(other, by=by)
        set_state(held, Budget.State.IN_FORCE)
        budget.state = held.state
        audit.record("budget put in force", held, by=by)


def others_in_force(budget: Budget) -> QuerySet[Budget]:
    """The budget of the same year in force now, which gives way to this one."""
    same_year = Budget.objects.filter(fiscal_year=budget.fiscal_year_id)
    return same_year.filter(state=Budget.State.IN_FORCE).exclude(pk=budget.pk)


def take_back(budget: Budget, *, by: User | None) -> None:
    """Make a draft of it again; spending is held against it no longer."""
    with transaction.atomic():
        held = Budget.objects.select_for_update(of=("self",)).get(pk=budget.pk)
        if not held.is_in_force:
            raise Refused(_("%(budget)s is not in force.") % {"budget": held})
        set_state(held, Budget.State.DRAFT)
        budget.state = held.state
        audit.record("budget taken back", held, by=by)


def set_state(budget: Budget, state: str) -> None:
    """Write the state alone."""
    budget.state = state
    budget.save(update_fields=["state"])


def check_spend(
    department: Department, account: Account, amount: Decimal, *, on: date
) -> list[str]:
    """What to warn of before so much is spent; refused where the budget says stop."""
    return check_spending([(department, account, amount)], on=on)


def check_spending(
    spending: Iterable[tuple[Department, Account, Decimal]], *, on: date
) -> list[str]:
    """What to warn of before all of this is spent; refused where the budget says stop.

    The department's own plan counts, and that of every department it is part of. What is
    planned for nobody has no limit.
    """
    budget = budget_in_force(on)
    found = [said.sentence for said in exceeded(budget, spending, on=on)] if budget else []
    if budget and found and budget.overspending == Budget.Overspending.STOP:
        raise Refused(" ".join(found), field="amount")
    return found


class Exceeded(NamedTuple):
    """A plan that would be exceeded: whose, for which account, and the sentence about it."""

    department: Department
    account: Account
    sentence: str


def exceeded(
    budget: Budget, spending: Iterable[tuple[Department, Account, Decimal]], *, on: date
) -> list[Exceeded]:
    """Each plan of the budget that all of this together would exceed."""
    sums: dict[tuple[Department, Account], Decimal] = defaultdict(Decimal)
    for department, account, amount in spending:
        place: Department | None = department
        while place is not None:
            sums[place, account] += amount
            place = place.parent
    return [
        Exceeded(where, account, sentence)
        for (where, account), amount in sums.items()
        if amount > 0 and (sentence := beyond(budget, where, account, amount, on=on))
    ]


def beyond(
    budget: Budget, department: Department, account: Account, amount: Decimal, *, on: date
) -> str:
    """The sentence about a plan that would be exceeded; empty where none would."""
    planned = BudgetLine.objects.filter(budget=budget, department=department, account=account)
    left = budget_left(department, account, on) if planned.exists() else None
    if left is None or amount <= left:
        return ""
    unit, currency = minor_unit(), Company.objects.get().currency_id
    return _(
        "%(amount)s %(currency)s is more than %(department)s has left in the budget for"
        " %(account)s: %(left)s."
    ) % {
        "amount": in_sentence(amount, unit),
        "currency": currency,
        "department": department,
        "account": account,
        "left": in_sentence(left, unit),
    }
