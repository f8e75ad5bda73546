"""Accepting what was proposed for a bank line: the proposal is worked out anew, then done."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from accounting.models import JournalLine, Match, OwnAccount, StatementLine
from accounting.payments import Settle
from accounting.proposals import ENTRY, RULE, TRANSFER, Proposal, proposals_for
from accounting.reconciliation import (
    book_by_rule,
    book_payment,
    book_transfer,
    match_with,
)
from backoffice.errors import Refused
from backoffice.models import Party, User


def accept(line: StatementLine, key: str, *, by: User | None) -> str:
    """Book the line as the proposal of this key says; a sentence about what was done."""
    found = proposals_for([line], line.own_account)[line.pk]
    proposal = next((p for p in found if p.key == key), None)
    if proposal is None:
        raise Refused(_("This is not proposed any more: look again."))
    return do(line, proposal, by=by)


def do(line: StatementLine, proposal: Proposal, *, by: User | None) -> str:
    """Book the line by the proposal."""
    if proposal.kind == ENTRY and proposal.entry:
        journal_line = JournalLine.objects.select_related("entry").get(pk=proposal.entry.pk)
        match_with(line, [journal_line], by=by)
        return _("Matched with %(entry)s.") % {"entry": journal_line.entry}
    if proposal.kind == TRANSFER and proposal.other:
        entry = book_transfer(line, proposal.other, by=by)
        return _("Booked as a transfer by %(entry)s.") % {"entry": entry}
    if proposal.kind == RULE and proposal.rule:
        entry = book_by_rule(line, proposal.rule, by=by)
        return _("Booked by the rule “%(rule)s”.") % {"rule": proposal.rule}
    payment = book_payment(
        line,
        party=Party.objects.get(pk=proposal.settles[0].item.party_id),
        settles=settles_of(proposal),
        by=by,
    )
    return _("Booked as the payment %(payment)s.") % {"payment": payment}


def settles_of(proposal: Proposal) -> list[Settle]:
    """What the payment settles."""
    lines = JournalLine.objects.in_bulk([settling.item.pk for settling in proposal.settles])
    return [
        Settle(lines[settling.item.pk], settling.amount, settling.discount)
        for settling in proposal.settles
    ]


def with_full_evidence(
    lines: Sequence[StatementLine], own: OwnAccount
) -> list[tuple[StatementLine, Proposal]]:
    """The lines whose amount, reference and party speak for one proposal and no other as much.

    No item is named for two lines.
    """
    found: list[tuple[StatementLine, Proposal]] = []
    used: set[object] = set()
    proposed = proposals_for(lines, own)
    for line in lines:
        full = [p for p in proposed[line.pk] if p.evidence.is_full]
        if len(full) != 1:
            continue
        keys: set[object] = {s.item.pk for s in full[0].settles} or {full[0].key}
        if not keys & used:
            used |= keys
            found.append((line, full[0]))
    return found


def accept_all(own: OwnAccount, *, by: User | None) -> int:
    """Book every line that has full evidence; how many were.

    One that is refused waits for a person; where all are, the first says why.
    """
    waiting = StatementLine.objects.filter(own_account=own, matches=None)
    lines = list(waiting.select_related("own_account__account", "own_account__currency")[:1000])
    done, refusals = 0, list[Refused]()
    for line, proposal in with_full_evidence(lines, own):
        if not Match.objects.filter(statement_line=line).exists():
            try:
                do(line, proposal, by=by)
                done += 1
            except Refused as refusal:
                refusals.append(refusal)
    if refusals and not done:
        raise refusals[0]
    return done
