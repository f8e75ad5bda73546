"""What an entry is about to spend, held against the budget before it is asked for or posted."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from accounting.budget_figures import budget_in_force
from accounting.budgets import check_spending
from accounting.models import Account, Budget
from accounting.posting import Line
from backoffice.models import Approval, Department

Detail = list[tuple[str, str, str]]


def check_lines_spend(lines: Sequence[Line], *, on: date) -> list[str]:
    """A sentence for each plan these lines would exceed; refused where the budget says stop.

    Who spends under a budget that stops waits until the one before has committed, so that two
    at once never take the same remainder. Called within a transaction.
    """
    budget = budget_in_force(on)
    if budget is None:
        return []
    if budget.overspending == Budget.Overspending.STOP:
        Budget.objects.select_for_update(no_key=True, of=("self",)).get(pk=budget.pk)
    return check_spending(spending_of(lines), on=on)


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
