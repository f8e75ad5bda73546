"""What a bank rule would have done to the lines there are, before it is saved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from accounting.bank_words import Words
from accounting.models import BankRule, JournalLine, StatementLine
from accounting.proposals import applies

LOOKED_AT = 5000
SHOWN = 20


@dataclass
class Hit:
    """A line the rule is about, and the accounts it was booked on, if it was."""

    line: StatementLine
    booked_on: list[str]
    agrees: bool


@dataclass
class DryRun:
    """The lines looked at, those the rule is about, and how many were booked elsewhere."""

    looked_at: int
    hits: list[Hit]
    count: int = 0
    elsewhere: int = 0


def dry_run(rule: BankRule) -> DryRun:
    """Try the rule on the newest lines of all bank accounts; nothing is booked."""
    found = DryRun(0, [])
    met = []
    newest = StatementLine.objects.select_related("own_account").order_by("-date", "-pk")
    for line in newest[:LOOKED_AT].iterator(1000):
        found.looked_at += 1
        if applies(rule, line, Words.of(line)):
            met.append(line)
    booked = _accounts_of(met)
    for line in met:
        accounts = booked.get(line.pk, {})
        hit = Hit(line, list(accounts.values()), not accounts or rule.account_id in accounts)
        found.count += 1
        found.elsewhere += not hit.agrees
        if len(found.hits) < SHOWN:
            found.hits.append(hit)
    return found


def _accounts_of(lines: list[StatementLine]) -> dict[int, dict[int, str]]:
    """The accounts on the other side of the entries that book the lines."""
    found: dict[int, dict[int, str]] = {}
    for line, account, name in _other_sides([line.pk for line in lines]):
        found.setdefault(line, {})[account] = name
    return found


def _other_sides(keys: list[int]) -> Iterator[tuple[int, int, str]]:
    matched = JournalLine.objects.filter(matches__statement_line__in=keys)
    pairs = dict(matched.values_list("entry_id", "matches__statement_line_id"))
    lines = JournalLine.objects.filter(entry__in=list(pairs)).exclude(
        account__own_account__isnull=False
    )
    for entry, account, code, name in lines.values_list(
        "entry_id", "account_id", "account__code", "account__name"
    ):
        yield pairs[entry], account, f"{code} {name}"
