"""What every statement is made of: columns, rows as a tree with subtotals, and their sources."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from accounting.chart_tree import CREDIT_KINDS, KIND_TITLES
from accounting.models import Account
from accounting.movements import NOTHING, Movements, Span
from backoffice.models import Company
from backoffice.money import ZERO

Amounts = tuple[Decimal, ...]
# What programs call the totals of the kinds.
PLURALS = {
    "asset": "assets",
    "liability": "liabilities",
    "equity": "equity",
    "income": "income",
    "expense": "expenses",
}


@dataclass(frozen=True)
class Column:
    """A column: its name for people and, where it is summed from lines, their days.

    A column without a span is planned for some days, or what one column has more than another.
    """

    label: str
    span: Span | None = None
    less: tuple[int, int] | None = None
    name: str = ""  # for programs
    plan: Span | None = None
    stands_for: str = ""  # "day" or "month", where its name is its date


@dataclass(frozen=True)
class Source:
    """Which lines sum to a figure, beside the days of its column.

    Those of some accounts (a heading stands for all below it) and of whole kinds; with or
    without closing entries or only these.

    A `flow` is of the cash flow: "cash" is what of the lines beside cash has its place at one of
    the accounts; "outside" what of those of the accounts has it in investing or financing;
    "operating" all else of the accounts.
    """

    accounts: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    closing: str = ""
    flow: str = ""
    sign: int = 1


@dataclass(frozen=True)
class Row:
    """A line of a statement, one amount for each column.

    `spans` are its days where they are not those of the columns.
    """

    label: str
    amounts: Amounts
    style: str = "account"  # kind, heading, account, sum, total, note
    depth: int = 0
    code: str = ""
    name: str = ""  # for programs
    source: Source | None = None
    spans: tuple[Span | None, ...] = ()

    @property
    def indent(self) -> int:
        """How far it is set in, up to a limit that a telephone still shows."""
        return min(self.depth, 6)

    @property
    def moves(self) -> bool:
        """Whether it has anything to say."""
        return any(self.amounts)


@dataclass(frozen=True)
class Proof:
    """Something a statement proves of itself."""

    sentence: str
    holds: bool


@dataclass(frozen=True)
class Statement:
    """A statement: columns, rows, and what it proves."""

    name: str
    title: str
    currency: str
    minor_unit: int
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    proofs: tuple[Proof, ...] = ()
    notes: tuple[str, ...] = ()
    budget: int | None = None

    def row(self, name: str) -> Row:
        """The row programs know by this name."""
        return next(row for row in self.rows if row.name == name)

    @property
    def holds(self) -> bool:
        """Whether everything it proves is so."""
        return all(proof.holds for proof in self.proofs)

    def span_of(self, row: Row, at: int) -> Span | None:
        """The days a figure of the row is summed over."""
        return row.spans[at] if row.spans else self.columns[at].span


@dataclass
class Chart:
    """The accounts as statements need them: read once, by key and by heading."""

    accounts: dict[int, Account]
    below: dict[int | None, list[Account]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def read(cls) -> Chart:
        """The chart as it is now, in one query."""
        found = Account.objects.order_by("code").only(
            "code", "name", "kind", "role", "cash_flow", "parent"
        )
        chart = cls({account.pk: account for account in found})
        for account in chart.accounts.values():
            chart.below[account.parent_id].append(account)
        return chart

    def of_kind(self, *kinds: str) -> list[int]:
        """The keys of all accounts of these kinds."""
        return [pk for pk, account in self.accounts.items() if account.kind in kinds]

    def with_role(self, *roles: str) -> tuple[int, ...]:
        """The keys of all accounts with one of these roles."""
        return tuple(pk for pk, account in self.accounts.items() if account.role in roles)

    def leaves(self, account: int) -> list[int]:
        """The account, or all those below it that take lines."""
        children = self.below.get(account)
        return [pk for c in children for pk in self.leaves(c.pk)] if children else [account]


def books() -> tuple[str, int, int]:
    """The currency of the books, its decimals, and the month their year begins in."""
    company = Company.objects.select_related("currency").get()
    return company.currency.code, company.currency.minor_unit, company.fiscal_year_starts_in


def by_account(
    columns: Sequence[Column],
    movements: Sequence[Movements],
    *,
    sign: Callable[[int], int],
    closing: bool = True,
    planned: Mapping[int, Mapping[int, Decimal]],
) -> dict[int, Amounts]:
    """The amounts of every account that has any, on its usual side, one for each column.

    `movements` are those of the columns with spans in their order; `planned` the amounts of a
    budget, by account and the place of their column.
    """
    parts = iter(movements)
    read = [next(parts) if column.span else None for column in columns]
    keys = {pk for part in read if part for pk in part} | planned.keys()
    found = {}
    for pk in keys:
        amounts: list[Decimal] = []
        for at, (column, part) in enumerate(zip(columns, read, strict=True)):
            if part is not None:
                one = part.get(pk, NOTHING)
                amounts.append(sign(pk) * (one.amount if closing else one.without_closing))
            elif column.less:
                amounts.append(ZERO)
            else:
                amounts.append(planned.get(pk, {}).get(at, ZERO))
        found[pk] = with_differences(amounts, columns)
    return found


def with_differences(amounts: Sequence[Decimal], columns: Sequence[Column]) -> Amounts:
    """The amounts, with what one column has more than another where that is a column."""
    done = list(amounts)
    for at, column in enumerate(columns):
        if column.less:
            more, than = column.less
            done[at] = done[more] - done[than]
    return tuple(done)


def added(parts: Iterable[Amounts], columns: int) -> Amounts:
    """The sum, column by column."""
    found = [ZERO] * columns
    for part in parts:
        for at, amount in enumerate(part):
            found[at] += amount
    return tuple(found)


def turned(amounts: Amounts) -> Amounts:
    """The amounts on the other side."""
    return tuple(-amount for amount in amounts)


def usual_side(chart: Chart) -> Callable[[int], int]:
    """1 for accounts that stand in debit, -1 for those in credit."""
    signs = {pk: -1 if a.kind in CREDIT_KINDS else 1 for pk, a in chart.accounts.items()}
    return signs.__getitem__


def section(
    chart: Chart, kind: str, amounts: Mapping[int, Amounts], width: int, *, closing: str = ""
) -> list[Row]:
    """A kind: its total, then its accounts under their headings, each with the sum below it."""
    sign = -1 if kind in CREDIT_KINDS else 1
    roots = [account for account in chart.below[None] if account.kind == kind]
    title = str(KIND_TITLES[Account.Kind(kind)])
    if len(roots) == 1 and chart.below.get(roots[0].pk) and roots[0].name == title:
        roots = chart.below[roots[0].pk]  # a heading that only repeats the name of the kind
    source = Source(closing=closing, sign=sign)
    inner = [row for root in roots for row in grown(chart, root, amounts, width, source)]
    total = added((amounts[pk] for pk in chart.of_kind(kind) if pk in amounts), width)
    whole = Row(title, total, "kind", 0, name=PLURALS[kind], source=replace(source, kinds=(kind,)))
    return [whole, *inner]


def grown(
    chart: Chart,
    account: Account,
    amounts: Mapping[int, Amounts],
    width: int,
    source: Source,
    depth: int = 0,
) -> Iterator[Row]:
    """The account, and below it what stands under it; nothing where nothing moved."""
    below = [
        row
        for child in chart.below.get(account.pk, ())
        for row in grown(chart, child, amounts, width, source, depth + 1)
    ]
    inner = (row.amounts for row in below if row.depth == depth + 1)
    total = added([amounts.get(account.pk, (ZERO,) * width), *inner], width)
    if below or any(total):
        style = "heading" if below else "account"
        own = replace(source, accounts=(account.pk,))
        yield Row(account.name, total, style, depth, account.code, "account", own)
        yield from below


def rows_that_move(rows: Iterable[Row], at: int) -> tuple[Row, ...]:
    """The rows whose amount in a column is none of nothing; totals stay."""
    return tuple(row for row in rows if row.style in ("total", "kind") or row.amounts[at])
