"""From a bill to the asset register: what was bought for years, line by line, each once."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounting import documents
from accounting.assets import capitalise
from accounting.bills import ledger_lines, locked
from accounting.models import Account, AssetClass, Bill, BillLine, FixedAsset, JournalEntry
from accounting.models.documents import DocumentLine
from backoffice.errors import Refused
from backoffice.models import User
from backoffice.money import ZERO


def fixed_asset_accounts() -> QuerySet[Account]:
    """Where fixed assets stand: by role, by a class of them, or beside such an account."""
    usual = Account.objects.filter(role=Account.Role.FIXED_ASSETS)
    of_classes = AssetClass.objects.exclude(asset_account=None).values("asset_account")
    beside = Q(parent__in=usual.exclude(parent=None).values("parent"), role="")
    return Account.objects.filter(Q(pk__in=usual) | Q(pk__in=of_classes) | beside)


def key_of(line: BillLine) -> str:
    """What keeps a line from being put in the register twice."""
    return f"bill:{line.bill_id}:{line.pk}"


def costs_of(bill: Bill, lines: Sequence[DocumentLine]) -> dict[int, Decimal]:
    """What each line that may become an asset cost by the books; nothing before it is posted."""
    if not is_in_the_books(bill):
        return {}
    found = documents.figures_of(bill, lines)
    allowed = {account.pk: account for account in fixed_asset_accounts()}
    costs = {}
    for place, line in enumerate(lines):
        account = documents.account_of(line, "purchase")
        key = getattr(account, "pk", None)
        if key in allowed:
            own = found.books.nets[place]
            costs[line.pk] = own if place else own + tax_in_cost(bill, lines, found, key)
    return {key: cost for key, cost in costs.items() if cost > 0}


def is_in_the_books(bill: Bill) -> bool:
    """Whether the bill is posted, charges something, and was not taken back."""
    if bill.entry_id is None or bill.is_credit_note:
        return False
    return not JournalEntry.objects.filter(reverses=bill.entry_id).exists()


def tax_in_cost(
    bill: Bill, lines: Sequence[DocumentLine], found: documents.Figures, account: int
) -> Decimal:
    """The tax nobody gives back: it stands on the account of the first line, as a cost of it."""
    posted = sum(
        (
            line.amount
            for line in ledger_lines(bill, list(lines), found)
            if getattr(line.account, "pk", None) == account
        ),
        ZERO,
    )
    nets = sum(
        (
            found.books.nets[place]
            for place, line in enumerate(lines)
            if getattr(documents.account_of(line, "purchase"), "pk", None) == account
        ),
        ZERO,
    )
    return posted - nets


def assets_of(bill: Bill, within: QuerySet[FixedAsset]) -> dict[str, FixedAsset]:
    """The assets its lines became, by their source."""
    return {
        str(asset.source_key): asset
        for asset in within.filter(source_key__startswith=f"bill:{bill.pk}:")
    }


def put_in_register(line: BillLine, *, by: User | None, **facts: Any) -> FixedAsset:
    """The asset a line of a posted bill became; asked again it is the same one.

    Facts are those of `capitalise`. Its cost, its account and its entry are those of the bill.
    """
    with transaction.atomic():
        bill = locked(line.bill)
        lines = documents.lines_of(bill)
        cost = costs_of(bill, lines).get(line.pk)
        if cost is None:
            raise Refused(_("This line cannot be put in the asset register."))
        (stored,) = (one for one in lines if one.pk == line.pk)
        return capitalise(
            cost=cost,
            by=by,
            entry=bill.entry,
            source_key=key_of(line),
            asset_account=documents.account_of(stored, "purchase"),
            **{"department": stored.department, "party": bill.party} | facts,
        )
