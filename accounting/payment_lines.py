"""The ledger lines of a payment: bank, fee, discounts, write-offs, and what is settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from accounting.allocations import Books
from accounting.models import Account
from accounting.posting import Line
from backoffice.errors import Refused
from backoffice.models import Currency, Party
from backoffice.money import ZERO, has_too_many_decimals, rounded

if TYPE_CHECKING:
    from accounting.payments import Settle

# Who bears a discount and a write-off, by whose account is settled.
DISCOUNT = {"receivable": "discount_given", "payable": "discount_received"}
WRITE_OFF = {"receivable": "bad_debts", "payable": "discount_received"}
WRITE_OFF_ROLES = ("bad_debts", "discount_given", "discount_received", "rounding", "bank_charges")


@dataclass(frozen=True)
class Money:
    """What is paid: in its currency, and what it is worth in the books."""

    direction: str
    amount: Decimal
    fee: Decimal
    currency: Currency | None
    base_amount: Decimal | None
    books: Books

    @property
    def is_foreign(self) -> bool:
        """Whether it is paid in another currency than that of the books."""
        return self.currency is not None and self.currency.pk != self.books.currency

    @property
    def currency_code(self) -> str:
        """The currency it is paid in."""
        return self.currency.pk if self.currency else self.books.currency

    def check(self) -> None:
        """Refuse a payment that is no money."""
        books = self.books
        if self.amount <= 0:
            raise Refused(_("A payment is of more than nothing."), field="amount")
        if self.direction not in ("in", "out"):
            raise ValueError("Money comes in or goes out.")
        if has_too_many_decimals(self.amount, books.minor_units[self.currency_code]):
            raise Refused(
                _("%(amount)s has more decimals than %(currency)s has.")
                % {"amount": f"{self.amount.normalize():f}", "currency": self.currency_code},
                field="amount",
            )
        if self.fee < 0:
            raise Refused(_("A fee is not negative."), field="fee")
        if self.is_foreign and (self.base_amount is None or self.base_amount <= 0):
            raise Refused(
                _("Say what it is worth in %(currency)s.") % {"currency": books.currency},
                field="base_amount",
            )


def lines_of_payment(
    money: Money, party: Party, bank: Account, control: Account, settles: Sequence[Settle]
) -> list[Line]:
    """The lines of the entry; what differs from the money is a line of its own."""
    books = money.books
    rate = (money.base_amount or ZERO) / money.amount if money.is_foreign else Decimal(1)
    places = books.minor_units[books.currency]
    worth = money.base_amount if money.is_foreign and money.base_amount else money.amount
    sign = 1 if money.direction == "in" else -1

    def line(account: Account | str, amount: Decimal, base: Decimal) -> Line:
        """An amount in the currency of the payment."""
        foreign: dict[str, Any] = {"currency": money.currency, "currency_amount": amount}
        return Line(account, base, party=party, **(foreign if money.is_foreign else {}))

    differences = [
        line(role, sign * amount, sign * rounded(amount * rate, places))
        for role, amount in differences_of(control, settles)
    ]
    gone = sum((item.amount for item in differences), ZERO)
    gone_foreign = sum((item.currency_amount or ZERO for item in differences), ZERO)
    return [
        *bank_lines(money, party, bank, worth),
        *differences,
        line(control, -(sign * money.amount + gone_foreign), -(sign * worth + gone)),
    ]


def differences_of(control: Account, settles: Sequence[Settle]) -> list[tuple[str, Decimal]]:
    """The accounts that bear discounts and write-offs, with how much."""
    found = []
    for settle in settles:
        to = settle.write_off_to or WRITE_OFF[control.role]
        if to not in WRITE_OFF_ROLES:
            raise Refused(_("Nothing is written off to “%(role)s”.") % {"role": to})
        found += [(DISCOUNT[control.role], settle.discount), (to, settle.write_off)]
    return [(role, amount) for role, amount in found if amount]


def bank_lines(money: Money, party: Party, bank: Account, worth: Decimal) -> list[Line]:
    """What the bank account moves by, and its fee, in the currency of the account."""
    books = money.books
    sign = 1 if money.direction == "in" else -1
    currency = bank.currency_id or books.currency
    if currency not in (books.currency, money.currency_code):
        raise Refused(
            _("%(bank)s is kept in %(currency)s: pay from it in that.")
            % {"bank": bank, "currency": currency},
            field="bank",
        )
    if has_too_many_decimals(money.fee, books.minor_units[currency]):
        raise Refused(_("The fee has more decimals than its currency."), field="fee")
    moved = money.amount if currency == money.currency_code else worth
    fee = money.fee
    fee_base = (
        fee
        if currency == books.currency
        else rounded(fee * worth / money.amount, books.minor_units[books.currency])
    )
    is_foreign = currency != books.currency
    at_bank, at_bank_base = sign * moved - fee, sign * worth - fee_base
    if money.direction == "in" and at_bank <= 0:
        raise Refused(_("The fee is more than what came in."), field="fee")

    def line(account: Account | str, amount: Decimal, base: Decimal) -> Line:
        """An amount in the currency of the bank account."""
        foreign: dict[str, Any] = {"currency": money.currency, "currency_amount": amount}
        return Line(account, base, party=party, **(foreign if is_foreign else {}))

    charges = [line("bank_charges", fee, fee_base)] if fee else []
    return [line(bank, at_bank, at_bank_base), *charges]
