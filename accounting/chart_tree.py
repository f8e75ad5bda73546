"""The chart of accounts as a tree: kinds, headings, accounts, each with its sum."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from accounting.models import Account
from backoffice.money import ZERO

# Kinds whose accounts usually stand on the credit side; shown positive there.
CREDIT_KINDS = {Account.Kind.LIABILITY, Account.Kind.EQUITY, Account.Kind.INCOME}
DEEPEST_SHOWN = 6
KIND_TITLES = {
    Account.Kind.ASSET: _("Assets"),
    Account.Kind.LIABILITY: _("Liabilities"),
    Account.Kind.EQUITY: _("Equity"),
    Account.Kind.INCOME: _("Income"),
    Account.Kind.EXPENSE: _("Expenses"),
}


@dataclass
class Branch:
    """An account in the tree with what stands below it; `balance` is the sum of all."""

    account: Account
    depth: int
    balance: Decimal
    below: list[Branch] = field(default_factory=list)

    @property
    def is_heading(self) -> bool:
        """Whether it takes no lines of its own."""
        return bool(self.below)

    @property
    def indent(self) -> int:
        """How far it is set in, up to a limit that a telephone still shows."""
        return min(self.depth, DEEPEST_SHOWN)


@dataclass
class Section:
    """All accounts of a kind, flattened in the order they are read."""

    title: str
    rows: list[Branch]
    balance: Decimal


def chart_sections(
    accounts: Iterable[Account], balances: Mapping[int, Decimal], *, words: str = ""
) -> list[Section]:
    """The chart by kinds, each account under its heading, as far as the words fit.

    `balances` are debit less credit by account key; they are turned to each kind's usual side.
    """
    below: dict[int | None, list[Account]] = defaultdict(list)
    for account in accounts:
        below[account.parent_id].append(account)
    sections = []
    for kind in Account.Kind:
        sign = -1 if kind in CREDIT_KINDS else 1
        roots = [a for a in below[None] if a.kind == kind]
        branches = [grown(root, below, balances, sign=sign, depth=0) for root in roots]
        rows = [row for branch in branches for row in flat(branch, words.casefold().split())]
        if rows:
            sections.append(
                Section(str(KIND_TITLES[kind]), rows, sum((b.balance for b in branches), ZERO))
            )
    return sections


def grown(
    account: Account,
    below: Mapping[int | None, list[Account]],
    balances: Mapping[int, Decimal],
    *,
    sign: int,
    depth: int,
) -> Branch:
    """The account with everything below it, summed up."""
    branches = [
        grown(child, below, balances, sign=sign, depth=depth + 1)
        for child in below.get(account.pk, ())
    ]
    own = sign * balances.get(account.pk, ZERO)
    return Branch(account, depth, own + sum((b.balance for b in branches), ZERO), branches)


def flat(branch: Branch, words: list[str]) -> list[Branch]:
    """The branch and what is below it; with words, only what fits and the headings over it."""
    fits = all(word in str(branch.account).casefold() for word in words)
    rows = [row for b in branch.below for row in flat(b, [] if fits else words)]
    return [branch, *rows] if fits or rows else []
