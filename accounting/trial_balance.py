"""What the balances of a trial balance are made of, with closing entries set apart (rule: a
closing entry is left out of results, so that accounts of results open at zero after it).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from accounting.balance_sheet import RESULTS, year_starts
from accounting.facts import departments_below
from accounting.movements import NOTHING, Span, moved
from accounting.statement_rows import books
from accounting.statements import BalanceRow, TrialBalance
from backoffice.models import Department
from backoffice.money import ZERO

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Parts:
    """A balance: brought forward into the year, moved in it, moved by closing entries of it."""

    opening: Decimal
    moved: Decimal
    closing: Decimal

    @property
    def balance(self) -> Decimal:
        """Debits less credits at the end of the day."""
        return self.opening + self.moved + self.closing


@dataclass(frozen=True)
class OfYear:
    """The parts of every balance, by account, in the fiscal year from a day on."""

    starts_on: date
    parts: Mapping[int, Parts]
    carries_results: bool  # whether accounts of results still hold earlier years

    @property
    def has_closing(self) -> bool:
        """Whether the year has closing entries up to the day."""
        return any(part.closing for part in self.parts.values())

    @property
    def before(self) -> date:
        """The last day of what is brought forward."""
        return self.starts_on - A_DAY

    def sums(self, rows: Iterable[BalanceRow]) -> Parts:
        """The parts of some accounts together."""
        found = [self.parts[row.account_id] for row in rows]
        return Parts(
            sum((part.opening for part in found), ZERO),
            sum((part.moved for part in found), ZERO),
            sum((part.closing for part in found), ZERO),
        )


def of_year(
    balance: TrialBalance,
    *,
    department: Department | None = None,
    as_known: datetime | None = None,
) -> OfYear:
    """The parts of each balance in the fiscal year of its day."""
    _currency, _unit, first_month = books()
    (starts_on,) = year_starts([balance.on], first_month)
    within = departments_below(department) if department else None
    (found,) = moved([Span(balance.on, starts_on, within, as_known)])
    parts = {}
    for row in balance.rows:
        one = found.get(row.account_id, NOTHING)
        opening = row.balance - one.amount
        parts[row.account_id] = Parts(opening, one.without_closing, one.closing)
    carries = any(row.kind in RESULTS and parts[row.account_id].opening for row in balance.rows)
    return OfYear(starts_on, parts, carries)
