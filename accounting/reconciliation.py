"""Booking bank lines: each whole, by what is in the books already or by a new entry; and back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from accounting.bank_parts import (
    Part,
    bank_side,
    check_parts,
    foreign_currency,
    other_side,
    worth_of,
    write_tax,
)
from accounting.guards import guards_speak
from accounting.models import (
    BankRule,
    JournalEntry,
    JournalLine,
    Match,
    OwnAccount,
    Payment,
    StatementLine,
)
from accounting.payments import FROM_BANK, Settle, record_payment, take_back
from accounting.posting import post, reverse_entry
from backoffice import audit
from backoffice.errors import Refused
from backoffice.models import Party, User
from backoffice.money import ZERO

__all__ = [
    "Part",
    "book_by_rule",
    "book_directly",
    "book_payment",
    "book_transfer",
    "match_with",
    "undo",
]


# --- booking --------------------------------------------------------------------------------


def match_with(
    line: StatementLine, journal_lines: Sequence[JournalLine], *, by: User | None
) -> list[Match]:
    """Book the line by what is in the books already: entries posted before the bank told."""
    with guards_speak(), transaction.atomic():
        line = _held(line)
        _check_standing({journal_line.entry_id for journal_line in journal_lines})
        left, matches = line.amount, []
        for journal_line in journal_lines:
            free = _free(journal_line, line.own_account)
            if not free or (free > 0) != (left > 0):
                raise Refused(
                    _("%(entry)s is matched already, or moves money the other way.")
                    % {"entry": journal_line.entry}
                )
            taken = min(abs(free), abs(left)).copy_sign(left)
            matches.append(_matched(line, journal_line, taken, by=by))
            left -= taken
        if left:
            raise Refused(
                _("This explains all but %(left)s %(currency)s of the line.")
                % {"left": f"{left.normalize():f}", "currency": line.own_account.currency_id}
            )
        _tell(line, by, "matched")
        return matches


def book_payment(
    line: StatementLine,
    *,
    party: Party,
    settles: Sequence[Settle] = (),
    fee: Decimal = ZERO,
    base_amount: Decimal | None = None,
    by: User | None,
) -> Payment:
    """Book the line as a payment of the party; what it does not settle stays its credit.

    A fee the bank kept is on top of what came in, and part of what went out.
    """
    with guards_speak(), transaction.atomic():
        line = _held(line)
        is_in = line.amount > 0
        counts = line.amount + fee if is_in else -line.amount - fee
        payment = record_payment(
            direction="in" if is_in else "out",
            party=party,
            bank=line.own_account.account,
            amount=counts,
            on=line.date,
            by=by,
            source_key=_next_source(line),
            currency=foreign_currency(line.own_account),
            base_amount=base_amount,
            settles=settles,
            fee=fee,
            reference=line.reference or line.text[:140],
        )
        _match_entry(line, payment.entry, by=by)
        _tell(line, by, "booked as a payment", payment=str(payment))
        return payment


def book_directly(
    line: StatementLine,
    parts: Sequence[Part],
    *,
    by: User | None,
    text: str = "",
    rule: BankRule | None = None,
    base_amount: Decimal | None = None,
) -> JournalEntry:
    """Book the line on the accounts its parts belong on; they sum to it."""
    with guards_speak(), transaction.atomic():
        line = _held(line)
        check_parts(line, parts)
        worth = worth_of(line, base_amount)
        sides = other_side(line, parts, worth)
        entry = post(
            on=line.date,
            text=(text or str(line))[:200],
            lines=[bank_side(line, worth), *(made for side in sides for made in side.lines)],
            by=by,
            source_key=_next_source(line),
            payee=line.counterparty[:120],
        )
        write_tax(entry, line, sides)
        _match_entry(line, entry, by=by, rule=rule)
        _tell(line, by, "booked", entry=entry.reference, rule=rule.name if rule else "")
        return entry


def book_transfer(line: StatementLine, other: OwnAccount, *, by: User | None) -> JournalEntry:
    """Book the line as money moved between two accounts of ours.

    The line of the other account, when it comes, is matched with the same entry.
    """
    if other.pk == line.own_account_id:
        raise Refused(_("Money moves between two accounts: choose the other one."), field="other")
    if other.currency_id != line.own_account.currency_id:
        raise Refused(
            _("%(other)s is in %(currency)s: book each side directly, through money on the way.")
            % {"other": other, "currency": other.currency_id},
            field="other",
        )
    text = _("Transfer: %(one)s, %(other)s") % {"one": line.own_account, "other": other}
    return book_directly(line, [Part(other.account, line.amount)], by=by, text=text)


def book_by_rule(line: StatementLine, rule: BankRule, *, by: User | None) -> JournalEntry:
    """Book the line where the rule says it belongs."""
    part = Part(rule.account, line.amount, rule.department, rule.party, tax_code=rule.tax_code)
    return book_directly(line, [part], by=by, rule=rule)


def undo(line: StatementLine, *, on: date, by: User | None) -> None:
    """Take the booking of a line back: what was posted for it alone is reversed.

    The reversal is dated as its entry while the period is open, else on the day given.
    """
    with guards_speak(), transaction.atomic():
        _lock(line.own_account)
        matches = list(line.matches.select_related("journal_line__entry"))
        if not matches:
            raise Refused(_("This line is not booked."))
        made = {m.journal_line.entry for m in matches if m.is_made_here}
        Match.objects.filter(pk__in=[match.pk for match in matches]).delete()
        for entry in made:
            if Match.objects.filter(journal_line__entry=entry).exists():
                raise Refused(
                    _("%(entry)s books another bank line as well: undo that one first.")
                    % {"entry": entry}
                )
            _reversed(entry, on=on, by=by)
        audit.record("bank line undone", line, by=by, entries=[e.reference for e in made])


# --- what they share ------------------------------------------------------------------------


def _lock(own: OwnAccount) -> None:
    """One at a time on a bank account: nothing is booked twice."""
    OwnAccount.objects.select_for_update(no_key=True).get(pk=own.pk)


def _held(line: StatementLine) -> StatementLine:
    """The line with its account held; refused where it is booked."""
    held = StatementLine.objects.select_for_update(of=("own_account",), no_key=True)
    line = held.select_related("own_account__account").get(pk=line.pk)
    if line.matches.exists():
        raise Refused(_("This line is booked already."))
    return line


def _check_standing(entries: set[int]) -> None:
    """Hold the entries; refused where one is taken back: it moves no money any more."""
    found = JournalEntry.objects.filter(pk__in=entries).order_by("pk")
    list(found.select_for_update(no_key=True))
    reversed_one = found.filter(reversed_by__isnull=False).first()
    if reversed_one:
        raise Refused(_("%(entry)s is reversed already.") % {"entry": reversed_one})


def _matched(
    line: StatementLine,
    journal_line: JournalLine,
    amount: Decimal,
    *,
    by: User | None,
    is_made_here: bool = False,
    rule: BankRule | None = None,
) -> Match:
    return Match.objects.create(
        statement_line=line,
        journal_line=journal_line,
        amount=amount,
        is_made_here=is_made_here,
        rule=rule,
        made_by=by,
    )


def _match_entry(
    line: StatementLine, entry: JournalEntry, *, by: User | None, rule: BankRule | None = None
) -> None:
    """Match the line with the one line of its own entry on the bank."""
    journal_line = entry.lines.get(account=line.own_account.account_id)
    _matched(line, journal_line, line.amount, by=by, is_made_here=True, rule=rule)


def amount_of(journal_line: JournalLine, own: OwnAccount) -> Decimal:
    """What a journal line moves on the bank, in its currency."""
    if own.account.currency_id and journal_line.currency_amount is not None:
        return journal_line.currency_amount
    return journal_line.amount


def _free(journal_line: JournalLine, own: OwnAccount) -> Decimal:
    """What of a journal line no bank line explains yet."""
    taken = journal_line.matches.aggregate(taken=Sum("amount"))["taken"] or ZERO
    return amount_of(journal_line, own) - taken


def _next_source(line: StatementLine) -> str:
    """A key for the line's entry; after an undo a new one, or the reversed entry would answer."""
    prefix = f"{FROM_BANK}{line.pk}:"
    before = JournalEntry.objects.filter(source_key__startswith=prefix).count()
    before += Payment.objects.filter(source_key__startswith=prefix).count()
    return f"{prefix}{before + 1}"


def _reversed(entry: JournalEntry, *, on: date, by: User | None) -> None:
    """Reverse the entry, as a payment where it is one; one reversed already is left alone."""
    if JournalEntry.objects.filter(reverses=entry).exists():
        return
    day = max(on, entry.date) if entry.period.is_closed else entry.date
    payment = Payment.objects.filter(entry=entry).first()
    if payment:
        take_back(payment, on=day, by=by, why=_("undone at the bank"))
    else:
        reverse_entry(entry, on=day, by=by, why=_("undone at the bank"))


def _tell(line: StatementLine, by: User | None, what: str, **facts: str) -> None:
    audit.record(f"bank line {what}", line, by=by, **{k: v for k, v in facts.items() if v})
