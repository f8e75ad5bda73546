"""Which accounts assets may stand on: one rule for the form, the record and the acts."""

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounting.models.accounts import Account
from accounting.models.bank import OwnAccount

COST, DEPRECIATION, EXPENSE = "asset_account", "depreciation_account", "expense_account"
# What other roles control (a bank, what is owed, tax, money on the way) no asset may disturb.
KINDS: dict[str, tuple[str, Q]] = {
    COST: (Account.Kind.ASSET, Q(role__in=("", Account.Role.FIXED_ASSETS))),
    DEPRECIATION: (Account.Kind.ASSET, Q(role__in=("", Account.Role.DEPRECIATION_TO_DATE))),
    EXPENSE: (Account.Kind.EXPENSE, Q()),
}
WRONG = {
    COST: _("Cost stands on an asset account of its own: no heading, bank, tax or clearing."),
    DEPRECIATION: _(
        "Depreciation to date stands on an asset account of its own: no heading, bank, tax or"
        " clearing."
    ),
    EXPENSE: _("Depreciation is an expense: choose such an account that is no heading."),
}
NOT_APART = _("Cost and depreciation to date stand on two accounts.")


def accounts_for(use: str) -> models.QuerySet[Account]:
    """The accounts that may hold the cost, the depreciation or the expense of assets."""
    kind, roles = KINDS[use]
    below = Account.objects.filter(parent=OuterRef("pk"))
    banks = OwnAccount.objects.filter(account=OuterRef("pk"))
    found = Account.objects.filter(roles, kind=kind, is_active=True)
    return found.filter(~Exists(below), ~Exists(banks)).exclude(cash_flow=Account.CashFlow.CASH)


def problems_of_accounts(chosen: dict[str, Account | None]) -> dict[str, str]:
    """What is wrong with the chosen accounts, by their field; one left out is not looked at."""
    problems = {
        use: str(WRONG[use])
        for use, account in chosen.items()
        if account is not None and not accounts_for(use).filter(pk=account.pk).exists()
    }
    cost, lost = chosen.get(COST), chosen.get(DEPRECIATION)
    if cost is not None and cost == lost:
        problems.setdefault(DEPRECIATION, str(NOT_APART))
    return problems
