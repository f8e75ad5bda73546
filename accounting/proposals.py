"""What a bank line may be: proposals, each with the evidence for it, the strongest first.

All that is open is read once and found by amount, reference and party in dictionaries, so that
a thousand lines cost hardly more than one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from accounting.bank_words import Words, amounts_equal
from accounting.known_money import KnownMoney, OpenItem, Unmatched
from accounting.models import BankRule, OwnAccount, StatementLine
from backoffice.money import ZERO

CLOSE_DAYS = 2
ENTRY_DAYS, TRANSFER_DAYS = 30, 5
SHOWN = 6
MOST_BY_AMOUNT = 50
OLDEST = 3  # of a party, where the amount says nothing
ITEMS, ENTRY, TRANSFER, RULE = "items", "entry", "transfer", "rule"


@dataclass(frozen=True)
class Evidence:
    """What speaks for a proposal."""

    amount: bool = False
    reference: bool = False
    party: bool = False
    date: bool = False

    @property
    def score(self) -> int:
        """How much it weighs: amount and reference most, the day least."""
        return 8 * self.amount + 8 * self.reference + 4 * self.party + self.date

    @property
    def is_full(self) -> bool:
        """Whether amount, reference and party all speak for it."""
        return self.amount and self.reference and self.party


@dataclass(frozen=True)
class Settling:
    """So much of an open item, the rest of it by discount."""

    item: OpenItem
    amount: Decimal
    discount: Decimal = ZERO

    @property
    def is_part(self) -> bool:
        """Whether something of the item stays open."""
        return self.amount + self.discount < abs(self.item.open_amount)


@dataclass(frozen=True)
class Proposal:
    """A way to book a line, named by its key."""

    kind: str
    key: str
    evidence: Evidence
    day: date
    settles: tuple[Settling, ...] = ()
    entry: Unmatched | None = None
    other: OwnAccount | None = None
    rule: BankRule | None = None
    rest: Decimal = ZERO  # of the line, kept as the party's credit


def proposals_for(
    lines: Sequence[StatementLine], own: OwnAccount, *, known: KnownMoney | None = None
) -> dict[int, list[Proposal]]:
    """The proposals for each line of a bank account, by the key of the line."""
    known = known or KnownMoney.of(own, lines)
    rules = list(
        BankRule.objects.filter(is_active=True).select_related(
            "account", "department", "party", "tax_code"
        )
    )
    return {line.pk: ranked(line, _proposals(line, known, rules)) for line in lines}


def ranked(line: StatementLine, found: Iterable[Proposal]) -> list[Proposal]:
    """The strongest proposals, the nearest in time first among equals; each once."""
    best: dict[str, Proposal] = {}
    for proposal in found:
        there = best.get(proposal.key)
        if there is None or proposal.evidence.score > there.evidence.score:
            best[proposal.key] = proposal
    order = sorted(
        best.values(), key=lambda p: (-p.evidence.score, abs((p.day - line.date).days), p.key)
    )
    return order[:SHOWN]


def _proposals(
    line: StatementLine, known: KnownMoney, rules: Sequence[BankRule]
) -> Iterator[Proposal]:
    words = known.words[line.pk]
    parties = known.parties_of(line, words)
    yield from _open_items(line, words, parties, known)
    yield from _entries(line, words, parties, known)
    yield from _transfers(line, known)
    for rule in rules:
        if applies(rule, line, words):
            evidence = Evidence(reference=bool(rule.contains), amount=_is_exact(rule))
            yield Proposal(RULE, f"{RULE}:{rule.pk}", evidence, line.date, rule=rule)


# --- open items -----------------------------------------------------------------------------


def _open_items(
    line: StatementLine, words: Words, parties: set[int], known: KnownMoney
) -> Iterator[Proposal]:
    named = [i for i in known.by_reference(words) if _same_way(i, line)]
    of_parties = [i for p in parties for i in known.by_party.get(p, ()) if _same_way(i, line)]
    same_amount = [i for i in known.by_amount.get(line.amount, ()) if i.date <= line.date]
    yield from _groups(line, named, parties, is_named=True)
    yield from _groups(line, of_parties, parties, is_named=False)
    keys = {item.pk for item in named}
    oldest = sorted(of_parties, key=lambda item: (item.due_on, item.pk))[:OLDEST]
    exact = [item for item in of_parties if item.could_be(line.amount)]
    for item in {
        i.pk: i for i in (*named, *same_amount[:MOST_BY_AMOUNT], *exact, *oldest)
    }.values():
        yield from _single(line, item, parties, is_named=item.pk in keys)


def _same_way(item: OpenItem, line: StatementLine) -> bool:
    """Whether the line could settle it: on its side, and not before it was there."""
    return (item.open_amount > 0) == (line.amount > 0) and item.date <= line.date


def _groups(
    line: StatementLine, items: list[OpenItem], parties: set[int], *, is_named: bool
) -> Iterator[Proposal]:
    """Several items of one party that sum to the line: those named, or the oldest ones."""
    by_party: dict[tuple[int, int], list[OpenItem]] = defaultdict(list)
    for item in items:
        by_party[item.party_id, item.account_id].append(item)
    for (party, _account), group in by_party.items():
        group = sorted(group, key=lambda i: (i.due_on, i.pk))
        total, taken = ZERO, []
        for item in group:
            total += item.open_amount
            taken.append(item)
            if total == line.amount and len(taken) > 1:
                evidence = Evidence(
                    amount=True,
                    reference=is_named,
                    party=party in parties,
                    date=_is_near(group[0].due_on, line),
                )
                yield _settling(line, [Settling(i, abs(i.open_amount)) for i in taken], evidence)
                break
            if abs(total) > abs(line.amount):
                break


def _single(
    line: StatementLine, item: OpenItem, parties: set[int], *, is_named: bool
) -> Iterator[Proposal]:
    """One item: settled exactly, with its discount, in part, or with something left over."""
    open_amount, paid = abs(item.open_amount), abs(line.amount)
    discount = item.discount_on(line.date)
    has_party = item.party_id in parties
    day = _is_near(item.due_on, line)
    if open_amount == paid:
        settling, is_exact = Settling(item, paid), True
    elif discount and amounts_equal(open_amount - discount, paid):
        settling, is_exact = Settling(item, paid, discount), True
    elif is_named or has_party:
        settling, is_exact = Settling(item, min(open_amount, paid)), False
    else:
        return
    evidence = Evidence(amount=is_exact, reference=is_named, party=has_party, date=day)
    yield _settling(line, [settling], evidence)


def _settling(line: StatementLine, settles: Sequence[Settling], evidence: Evidence) -> Proposal:
    keys = ",".join(str(settling.item.pk) for settling in settles)
    paid = sum((settling.amount for settling in settles), ZERO)
    return Proposal(
        ITEMS,
        f"{ITEMS}:{keys}",
        evidence,
        settles[0].item.due_on,
        settles=tuple(settles),
        rest=abs(line.amount) - paid,
    )


def _is_near(day: date, line: StatementLine) -> bool:
    return abs(day - line.date) <= timedelta(days=CLOSE_DAYS)


# --- what is in the books, and between our own accounts ---------------------------------------


def _entries(
    line: StatementLine, words: Words, parties: set[int], known: KnownMoney
) -> Iterator[Proposal]:
    """Entries on the account that mirrors the bank, of the same amount, not seen there yet."""
    for entry in known.entries.get(line.amount, ()):
        if abs((entry.date - line.date).days) > ENTRY_DAYS:
            continue
        evidence = Evidence(
            amount=True,
            reference=words.name(*entry.references) or words.hold(entry.text),
            party=entry.party_id in parties or words.name(entry.payee),
            date=_is_near(entry.date, line),
        )
        yield Proposal(ENTRY, f"{ENTRY}:{entry.pk}", evidence, entry.date, entry=entry)


def _transfers(line: StatementLine, known: KnownMoney) -> Iterator[Proposal]:
    """Money on its way between two accounts of ours: the other side, or its number."""
    named = known.own_account_of(line)
    for other, day in known.other_sides.get(-line.amount, ()):
        if abs((day - line.date).days) <= TRANSFER_DAYS:
            evidence = Evidence(
                amount=True, party=named == other, date=abs((day - line.date).days) <= CLOSE_DAYS
            )
            yield Proposal(TRANSFER, f"{TRANSFER}:{other.pk}", evidence, day, other=other)
    if named and named.currency_id == line.own_account.currency_id:
        evidence = Evidence(party=True)
        yield Proposal(TRANSFER, f"{TRANSFER}:{named.pk}", evidence, line.date, other=named)


# --- rules ----------------------------------------------------------------------------------


def applies(rule: BankRule, line: StatementLine, words: Words | None = None) -> bool:
    """Whether a rule is about this line."""
    if rule.own_account_id and rule.own_account_id != line.own_account_id:
        return False
    if rule.direction != BankRule.Direction.ANY:
        is_in = rule.direction == BankRule.Direction.IN
        if (line.amount > 0) != is_in:
            return False
    amount = abs(line.amount)
    if rule.amount_from is not None and amount < rule.amount_from:
        return False
    if rule.amount_to is not None and amount > rule.amount_to:
        return False
    return not rule.contains or (words or Words.of(line)).hold(rule.contains)


def _is_exact(rule: BankRule) -> bool:
    return rule.amount_from is not None and rule.amount_from == rule.amount_to
