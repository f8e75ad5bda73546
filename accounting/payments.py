"""Money that comes from a party or goes to one: posted once, and what it settles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounting.allocations import (
    Books,
    allocate_held,
    currency_of,
    left_of,
    locked,
    the_books,
)
from accounting.guards import guards_speak
from accounting.models import Account, JournalEntry, JournalLine, Payment
from accounting.payment_lines import Money, lines_of_payment
from accounting.posting import exact, post, reverse_entry
from backoffice import audit, numbering
from backoffice.access import may
from backoffice.errors import Refused
from backoffice.models import Currency, Party, User
from backoffice.money import ZERO, in_sentence

SERIES = "PAY"
# In the currency of the books; more takes somebody who may approve payments.
WRITE_OFF_LIMIT = Decimal(50)
FROM_BANK = "bank-line:"  # how the source of a payment begins that was made for a bank line
ROUNDING = Decimal("0.01")  # a discount is rounded once, of the item or of its parts


@dataclass(frozen=True)
class Settle:
    """What a payment settles: so much of an item by money, the rest by discount or write-off.

    An item on the side of the payment (a credit note when a customer pays) is used up with it.
    `write_off_to` is the role of the account that bears a write-off.
    """

    line: JournalLine
    amount: Decimal
    discount: Decimal = ZERO
    write_off: Decimal = ZERO
    write_off_to: str = ""

    @property
    def whole(self) -> Decimal:
        """What leaves the item."""
        return self.amount + self.discount + self.write_off


def record_payment(
    *,
    direction: str,
    party: Party,
    bank: Account,
    amount: Decimal,
    on: date,
    by: User | None,
    source_key: str,
    currency: Currency | None = None,
    base_amount: Decimal | None = None,
    settles: Sequence[Settle] = (),
    fee: Decimal | int = 0,
    reference: str = "",
    method: str = "transfer",
) -> Payment:
    """The payment, posted in one entry with its settlements; the same source is posted once.

    `amount` is what counts for the party, in `currency` (that of the books if none is named);
    `base_amount` is what it is worth in the books. The bank moves by the amount less the fee
    when money comes in, by the amount and the fee when it goes out; the fee is in the currency
    of the bank account. What is not settled stays open as the party's credit.
    """
    money = Money(direction, exact(amount), exact(fee), currency, base_amount, the_books())
    money.check()
    with guards_speak(), transaction.atomic():
        # The same order everywhere: first the items, then the journal, then our own number.
        held = {line.pk: line for line in locked(*(settle.line for settle in settles))}
        known = Payment.objects.filter(source_key=source_key).first()
        if known:
            return known
        settles = [renewed(settle, held[settle.line.pk]) for settle in settles]
        control = control_account(direction, settles)
        check_settles(money, party, control, settles)
        check_write_offs(settles, on=on, by=by)
        entry = post(
            on=on,
            text=text_of(direction, settles, reference),
            lines=lines_of_payment(money, party, bank, control, settles),
            by=by,
            source_key=f"payment:{source_key}",
            payee=party.name,
        )
        known = Payment.objects.filter(entry=entry).first()
        if known:  # another has recorded it while we waited for the journal
            return known
        payment = Payment.objects.create(
            **next_number(on),
            direction=direction,
            party=party,
            bank=bank,
            method=method,
            reference=reference[:140],
            on=on,
            amount=money.amount,
            fee=money.fee,
            currency_id=money.currency_code,
            entry=entry,
            source_key=source_key,
            made_by=by,
        )
        settle_with(entry, control, settles, money.books, on=on, by=by)
        audit.record("payment recorded", payment, by=by)
        return payment


def take_back(payment: Payment, *, on: date, by: User | None, why: str = "") -> JournalEntry:
    """Reverse the payment: what it had settled is open again, as is a bank line it booked.

    One made for a bank line goes on its own day while the period is open, as an undo does:
    the line is there still, and booked anew it moves the money on that day.
    """
    entry = payment.entry
    keeps_day = payment.source_key.startswith(FROM_BANK) and not entry.period.is_closed
    day = payment.on if keeps_day else max(on, payment.on)
    reversal = reverse_entry(entry, on=day, by=by, why=why)
    audit.record("payment taken back", payment, by=by, why=why)
    return reversal


def renewed(settle: Settle, line: JournalLine) -> Settle:
    """The same with the line as it is held, its amounts exact."""
    amounts = (exact(settle.amount), exact(settle.discount), exact(settle.write_off))
    return Settle(line, *amounts, settle.write_off_to)


def control_account(direction: str, settles: Sequence[Settle]) -> Account:
    """The account of what is settled; without that, customers pay and suppliers are paid."""
    accounts = {settle.line.account_id: settle.line.account for settle in settles}
    if len(accounts) > 1:
        raise Refused(_("A payment settles items of customers or of suppliers, not of both."))
    if accounts:
        return accounts.popitem()[1]
    role = Account.Role.RECEIVABLE if direction == "in" else Account.Role.PAYABLE
    account = Account.objects.filter(role=role).first()
    if account is None:
        raise Refused(
            _("No account has the role “%(role)s”: give it to one in the chart of accounts.")
            % {"role": role.label}
        )
    return account


def is_used_up(line: JournalLine, direction: str) -> bool:
    """Whether the item is on the side of the payment: a credit when money comes in."""
    return (line.amount < 0) == (direction == "in")


def check_settles(money: Money, party: Party, control: Account, settles: Sequence[Settle]) -> None:
    """Refuse what cannot be settled by this payment."""
    spare = money.amount
    for settle in settles:
        if settle.line.party_id != party.pk or settle.line.account_id != control.pk:
            item = called(settle.line)
            raise Refused(_("%(item)s is not of %(party)s.") % {"item": item, "party": party})
        check_settle(money, settle)
        is_credit = is_used_up(settle.line, money.direction)
        spare += settle.amount if is_credit else -settle.amount
    if spare < 0:
        raise Refused(
            _("This settles %(more)s more than is paid.")
            % {"more": in_sentence(-spare, money.books.minor_units[money.currency_code])},
            field="amount",
        )
    check_used_up(money, settles)


def called(line: JournalLine) -> str:
    """What people call an item: by the number of its document, else of its entry."""
    due = getattr(line.entry, "due", None)
    return (due and due.reference) or line.entry.reference


def check_settle(money: Money, settle: Settle) -> None:
    """Refuse more than is left of an item, or another currency than its own."""
    line, item, currency = settle.line, called(settle.line), money.currency_code
    if currency_of(line, money.books) != currency:
        raise Refused(
            _("%(item)s is in %(currency)s: pay it in that.")
            % {"item": item, "currency": currency_of(line, money.books)},
            field="currency",
        )
    if min(settle.amount, settle.discount, settle.write_off) < 0 or settle.whole <= 0:
        raise Refused(_("Settle more than nothing of %(item)s.") % {"item": item})
    left = left_of(line).amount
    if settle.whole > left:
        raise Refused(
            _("Only %(left)s of %(item)s are left to settle.")
            % {"left": in_sentence(left, money.books.minor_units[currency]), "item": item},
            field="settles",
        )


def check_used_up(money: Money, settles: Sequence[Settle]) -> None:
    """Refuse to use up more credit than there is to settle, or to give a discount on it."""
    used = [settle for settle in settles if is_used_up(settle.line, money.direction)]
    if any(settle.discount or settle.write_off for settle in used):
        raise Refused(_("A credit is used up as it is, without discount or write-off."))
    paid = sum((s.amount for s in settles if s not in used), ZERO)
    if sum((settle.amount for settle in used), ZERO) > paid:
        raise Refused(_("More credit is used than there is to settle."), field="settles")


def check_write_offs(settles: Sequence[Settle], *, on: date, by: User | None) -> None:
    """Refuse a larger write-off, or discount beyond the terms, by who may not approve payments."""
    given = ((s.line, s.write_off + not_agreed(s, on)) for s in settles)
    total = sum((base_of(line, amount) for line, amount in given), ZERO)
    if total > WRITE_OFF_LIMIT and by is not None and not may(by, "accounting.pay", "approve"):
        raise Refused(
            _("Writing off more than %(limit)s takes somebody who may approve payments.")
            % {"limit": WRITE_OFF_LIMIT},
            field="settles",
        )


def not_agreed(settle: Settle, on: date) -> Decimal:
    """So much of a discount as the terms of the item do not grant on the day, in its currency."""
    due = getattr(settle.line.entry, "due", None) if settle.discount else None
    if due is None or due.discount_until is None or on > due.discount_until:
        return settle.discount
    whole = abs(settle.line.currency_amount or settle.line.amount)
    return max(settle.discount - whole * due.discount_percent / 100 - ROUNDING, ZERO)


def base_of(line: JournalLine, amount: Decimal) -> Decimal:
    """So much of the item in the currency of the books, not rounded."""
    if line.currency_amount is None:
        return amount
    return amount * line.amount / line.currency_amount


def text_of(direction: str, settles: Sequence[Settle], reference: str) -> str:
    """What the entry says: for which items, or by which reference."""
    dues = [getattr(settle.line.entry, "due", None) for settle in settles]
    named = [
        due.reference if due and due.reference else settle.line.entry.reference
        for due, settle in zip(dues, settles, strict=True)
    ]
    sentence = _("Received: %(what)s") if direction == "in" else _("Paid: %(what)s")
    return (sentence % {"what": ", ".join(named) or reference or _("on account")})[:200]


def next_number(on: date) -> dict[str, int]:
    """The next number of the year, held until commit so that there is never a gap."""
    return {"year": on.year, "running_number": numbering.next_number(SERIES, on=on)}


def settle_with(
    entry: JournalEntry,
    control: Account,
    settles: Sequence[Settle],
    books: Books,
    *,
    on: date,
    by: User | None,
) -> None:
    """Settle the items, which are held: first by the credits used up, then by the money."""
    if not settles:
        return
    own = entry.lines.select_related("account", "entry").get(account=control)
    is_debit = own.amount > 0
    wants = [(s.line, s.whole) for s in settles if (s.line.amount > 0) != is_debit]
    used = [(s.line, s.amount) for s in settles if (s.line.amount > 0) == is_debit]
    left = {line.pk: amount for line, amount in used}
    for line, wanted in wants:
        for counter in (*(line for line, _amount in used), own):
            amount = min(wanted, left.get(counter.pk, wanted))
            if amount > 0:
                pair = (counter, line) if is_debit else (line, counter)
                allocate_held(*pair, amount, books, on=on, by=by)
                wanted -= amount
                if counter.pk in left:
                    left[counter.pk] -= amount
