"""The chain of the journal: every entry carries a hash of itself and of the one before it.

docs/ledger.md describes the canonical text, so that another program can check the chain.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Any

from accounting.entry_rules import PlainEntry
from accounting.models import JournalEntry, JournalLine

VERSION = "v1"
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def link(previous_hash: str, text: str) -> str:
    """The hash of an entry: of the hash before it and its own canonical text."""
    return sha256(f"{previous_hash}{text}".encode()).hexdigest()


def joined(facts: Sequence[Any], lines: Sequence[Sequence[Any]]) -> str:
    """The canonical text of facts and lines that are in their canonical form already."""
    return _COMPACT.encode([VERSION, *facts, lines])


def canonical_lines(entry: PlainEntry) -> list[tuple[Any, ...]]:
    """The lines in the order and form the hash covers, which is how they are stored."""
    return [
        (
            position,
            line.account,
            line.department,
            line.party,
            canonical_amount(line.amount),
            line.currency,
            canonical_amount(line.currency_amount),
            line.text,
        )
        for position, line in enumerate(entry.lines, start=1)
    ]


def canonical_text(entry: JournalEntry, lines: Iterable[JournalLine]) -> str:
    """What the hash of an entry covers, as text; the payee is left out on purpose."""
    return joined(
        canonical_facts(entry),
        [
            (
                line.position,
                line.account_id,
                line.department_id,
                line.party_id,
                canonical_amount(line.amount),
                line.currency_id,
                canonical_amount(line.currency_amount),
                line.text,
            )
            for line in lines
        ],
    )


def canonical_facts(entry: Any) -> tuple[Any, ...]:
    """The facts of an entry or of its row, in the order and form the hash covers."""
    return (
        entry.series,
        entry.year,
        entry.number,
        entry.date.isoformat(),
        str(entry.kind),
        entry.text,
        entry.source_key,
        entry.reverses_id,
        canonical_instant(entry.posted_at),
        entry.posted_by_id,
    )


@lru_cache(maxsize=8)
def canonical_instant(instant: datetime) -> str:
    """An instant in UTC, to the microsecond."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def canonical_amount(amount: Decimal | None) -> str | None:
    """An amount with the four decimals the ledger keeps."""
    return None if amount is None else f"{amount:.4f}"
