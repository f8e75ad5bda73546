"""Whether bank accounts are proved: at the end of a month for its close, now for `verify`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounting.bank_proof import newest_close, proof_at, proof_of, with_gap
from accounting.models import BankStatement, JournalLine, OwnAccount, Period, StatementLine
from backoffice.functions import TieOut
from backoffice.money import ZERO, in_sentence

A_DAY = timedelta(days=1)
SATURDAY = 5


def bank_ties(period: Period) -> list[TieOut]:
    """A check for each bank account: its statements have no hole and say what the books say."""
    accounts = OwnAccount.objects.select_related("account", "currency").order_by("name")
    return [tie_of(own, period) for own in accounts if is_wanted(own, period)]


def is_wanted(own: OwnAccount, period: Period) -> bool:
    """Whether there is something to prove: it is in use, or moved in the month."""
    return own.is_active or own.lines.filter(date__range=days_of(period)).exists()


def days_of(period: Period) -> tuple[date, date]:
    """The first and last day of the period."""
    return period.starts_on, period.ends_on


def tie_of(own: OwnAccount, period: Period) -> TieOut:
    """The check of one account, with the first thing that keeps it from being proved."""
    stand = stand_of(own, period)
    title = _("Bank: %(account)s") % {"account": own}
    statement = stand.statement
    url = statement.get_absolute_url() if statement else own.get_absolute_url()
    return TieOut(f"bank-{own.pk}", title, stand.holds, "; ".join(stand.told), url)


@dataclass(frozen=True)
class Stand:
    """What was found of an account: whether it is proved, in words, at which statement."""

    holds: bool
    told: list[str]
    statement: BankStatement | None


def stand_of(own: OwnAccount, period: Period) -> Stand:
    """How the account stands at the end of the period."""
    first, last = days_of(period)
    statements = with_gap(own.statements.all())
    up_to_then = statements.filter(ends_on__lte=last).order_by("-ends_on", "-pk")
    newest = up_to_then.first() or statements.filter(starts_on__lte=last).first()
    if newest is None:
        moves = JournalLine.objects.filter(account=own.account_id, date__range=(first, last))
        told = [_("no statement, though the books move it")] if moves.exists() else []
        return Stand(not told, told, None)
    hole = hole_in(statements, period)
    if hole:
        return Stand(holds=False, told=[hole[1]], statement=hole[0])
    told = [*waiting(own, last), *unproved(own, last)]
    return Stand(not told, told or [proved(own, last)], newest)


# --- the statements themselves ----------------------------------------------------------------


def hole_in(statements, period: Period) -> tuple[BankStatement, str] | None:
    """The first statement something is missing at, and what."""
    first, last = days_of(period)
    of_month = statements.filter(starts_on__lte=last, ends_on__gte=first).order_by("ends_on", "pk")
    following = statements.filter(starts_on__gt=last).order_by("starts_on", "pk").first()
    seen = [*of_month, *([following] if following else [])]
    for one in seen:
        if one.gap:
            return one, _("%(amount)s is missing before the statement of %(day)s") % {
                "amount": in_money(one.gap, one.own_account),
                "day": one.starts_on,
            }
        if one.difference and one != following:
            return one, _("the statement of %(day)s does not add up") % {"day": one.ends_on}
    newest = seen[-1] if seen else statements.order_by("-ends_on", "-pk").first()
    if newest.ends_on < last_bank_day(last):
        return newest, _("no statement after %(day)s") % {"day": newest.ends_on}
    return None


def last_bank_day(day: date) -> date:
    """The day, or the Friday before where it is on a weekend: nothing is booked after it."""
    return day - A_DAY * max(0, day.weekday() - SATURDAY + 1)


# --- against the books ------------------------------------------------------------------------


def waiting(own: OwnAccount, last: date) -> list[str]:
    """That lines of the bank are still to be booked, if there are any."""
    count = StatementLine.objects.filter(own_account=own, date__lte=last, matches=None).count()
    if not count:
        return []
    words = ngettext("%(count)s line to reconcile", "%(count)s lines to reconcile", count)
    return [words % {"count": count}]


def unproved(own: OwnAccount, last: date) -> list[str]:
    """That bank and books differ, or that the bank never said what is on the account."""
    balance = balance_at_bank(own, last)
    if balance is None:
        return [_("no statement says what stands on it")]
    difference = proof_at(own, on=last, bank=balance).difference
    if not difference:
        return []
    return [_("%(amount)s unexplained") % {"amount": in_money(difference, own)}]


def proved(own: OwnAccount, last: date) -> str:
    """The balance that is proved."""
    return in_money(balance_at_bank(own, last) or ZERO, own)


def balance_at_bank(own: OwnAccount, on: date) -> Decimal | None:
    """What stood on it at the end of a day by its statements; None where none states it.

    The close of the last statement up to the day and what came since; or the opening of the
    first one and what came up to the day.
    """
    stated = own.statements.filter(is_comparable=True)
    closed = stated.filter(ends_on__lte=on, closing__isnull=False)
    begun = stated.filter(starts_on__lte=on, opening__isnull=False)
    lines = StatementLine.objects.filter(own_account=own, date__lte=on)
    before = closed.order_by("-ends_on", "-pk").first()
    if before and before.closing is not None:
        later = Q(statement__ends_on__gt=before.ends_on) | Q(
            statement__ends_on=before.ends_on, statement__gt=before
        )
        return before.closing + sum_of(lines.filter(later))
    first = begun.order_by("starts_on", "pk").first()
    if first and first.opening is not None:
        return first.opening + sum_of(lines.filter(statement=first))
    return None


def sum_of(lines) -> Decimal:
    """What the lines come to."""
    return lines.aggregate(total=Sum("amount"))["total"] or ZERO


def in_money(amount: Decimal, own: OwnAccount) -> str:
    """The amount in the currency of the account, for a sentence."""
    return in_sentence(amount, own.currency.minor_unit, own.currency_id)


# --- for `verify` -----------------------------------------------------------------------------


def first_unproved() -> str:
    """The first bank account whose newest statement the books do not explain, or nothing."""
    for own in OwnAccount.objects.select_related("account", "currency").order_by("name"):
        newest = newest_close(own)
        if newest is None or not newest.is_comparable:
            continue
        proof = proof_of(newest)
        if not proof.is_proved:
            return f"{newest}: {in_money(proof.difference or ZERO, own)}"
    return ""
