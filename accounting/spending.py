"""What an entry is about to spend, held against the budget before it is asked for or posted.

Held are bills, claims and entries written by hand: somebody decides there to spend, and can
still be stopped. What only says what happened already is never held, or the books would be
wrong: imports and the take-over, bank lines, depreciation, reversals, recurring entries and
deferrals the night posts, opening and closing entries.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from accounting.budget_figures import budget_in_force
from accounting.budgets import check_spending, exceeded
from accounting.models import Account, Budget
from accounting.posting import Line
from backoffice.models import Approval, Department

Detail = list[tuple[str, str, str]]


def check_lines_spend(lines: Sequence[Line], *, on: date) -> list[str]:
    """A sentence for each plan these lines would exceed; refused where the budget says stop.

    Who spends under a budget that stops waits until the one before has committed, so that two
    at once never take the same remainder. Called within a transaction.
    """
    budget = budget_held(on)
    return check_spending(spending_of(lines), on=on) if budget else []


def budget_held(on: date) -> Budget | None:
    """The budget of the day; one that stops is held until commit, so that one spends at a time."""
    budget = budget_in_force(on)
    if budget and budget.overspending == Budget.Overspending.STOP:
        Budget.objects.select_for_update(no_key=True, of=("self",)).get(pk=budget.pk)
    return budget


class Overspent(NamedTuple):
    """What would be spent beyond a plan: in which places of the lines, the sentence."""

    places: list[int]
    sentence: str
    stops: bool


def overspent(lines: Sequence[Line], *, on: date) -> list[Overspent]:
    """Each plan the lines would exceed, with the lines that spend from it. Refuses nothing."""
    budget = budget_held(on)
    if budget is None:
        return []
    stops = budget.overspending == Budget.Overspending.STOP
    root = Department.objects.get(parent=None)
    return [
        Overspent(
            [
                place
                for place, line in enumerate(lines)
                if line.account == said.account
                and line.amount > 0
                and said.department in with_those_above(line.department or root)
            ],
            said.sentence,
            stops,
        )
        for said in exceeded(budget, spending_of(lines), on=on)
    ]


def with_those_above(department: Department) -> list[Department]:
    """The department and every one it is part of."""
    above = department.parent
    return [department, *(with_those_above(above) if above else [])]


def spending_of(lines: Sequence[Line]) -> list[tuple[Department, Account, Decimal]]:
    """Which department spends how much on which expense; nobody named is the whole company."""
    roles = {line.account for line in lines if isinstance(line.account, str)}
    by_role = {account.role: account for account in Account.objects.filter(role__in=roles)}
    root = Department.objects.get(parent=None)
    found = []
    for line in lines:
        account = by_role.get(line.account) if isinstance(line.account, str) else line.account
        if account is not None and account.kind == Account.Kind.EXPENSE:
            found.append((line.department or root, account, line.amount))
    return found


def told(warnings: Iterable[str]) -> Detail:
    """The warnings as whoever approves reads them."""
    return [(_("Budget"), "", warning) for warning in warnings]


def warnings_in(approval: Approval) -> list[str]:
    """What whoever approves is warned of."""
    return [text for label, _before, text in approval.detail if label == _("Budget")]
