"""The forms by which a bank line is booked by hand: split, as a payment, as a transfer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounting.bank_parts import DIRECTIONS, Part, direction_of, foreign_currency
from accounting.models import Account, BankRule, JournalLine, OwnAccount, StatementLine
from accounting.open_items import OpenItem
from accounting.payment_forms import money_field
from accounting.payment_lines import WRITE_OFF_ROLES
from accounting.payments import Settle, is_used_up
from accounting.proposals import Proposal
from backoffice.errors import Refused
from backoffice.models import Party
from backoffice.money import ZERO, in_sentence
from backoffice.number_fields import ModelForm

PARTS = 4
PART_FIELDS = ("account", "tax_code", "department", "party", "amount")


class SplitForm(forms.Form):
    """Where a line belongs: up to four accounts, whose amounts sum to it."""

    text = forms.CharField(label=_("Text"), required=False, max_length=200)
    base_amount = money_field(
        label=_("Worth in the books"),
        required=False,
        help_text=_("In the currency of the books, without its sign."),
    )

    def __init__(
        self, *args, line: StatementLine, accounts, departments, parties, tax_codes, **kwargs
    ):
        super().__init__(*args, **kwargs)
        self.line = line
        if foreign_currency(line.own_account) is None:
            del self.fields["base_amount"]
        self.initial.setdefault("text", str(line)[:200])
        for number in range(1, PARTS + 1):
            self.fields |= {
                f"account_{number}": forms.ModelChoiceField(
                    label=_("Account"), queryset=accounts, required=number == 1
                ),
                f"tax_code_{number}": forms.ModelChoiceField(
                    label=_("Tax"), queryset=tax_codes, required=False
                ),
                f"department_{number}": forms.ModelChoiceField(
                    label=_("Department"), queryset=departments, required=False
                ),
                f"party_{number}": forms.ModelChoiceField(
                    label=_("Who"), queryset=parties, required=False
                ),
                f"amount_{number}": money_field(label=_("Amount"), required=False),
            }
        for name in self.fields:
            part = name.rpartition("_")[2]
            if part.isdigit():
                label = f"{self.fields[name].label} {part}"
                self.fields[name].widget.attrs["aria-label"] = label

    @property
    def rows(self) -> Iterator[list[forms.BoundField]]:
        """The fields of each part."""
        for number in range(1, PARTS + 1):
            yield [self[f"{n}_{number}"] for n in PART_FIELDS]

    def clean(self) -> dict[str, Any] | None:
        """Each amount with its account, all of them the line."""
        found = super().clean()
        for number in range(1, PARTS + 1):
            has_amount = self.cleaned_data.get(f"amount_{number}") is not None
            name = f"account_{number}"
            if has_amount and name not in self.errors and not self.cleaned_data.get(name):
                self.add_error(name, _now("Say where this amount belongs."))
        if not self.errors:
            self._check_sum()
        return found

    def _check_sum(self) -> None:
        """Told at the last amount, which is the one to put right."""
        parts, whole = self.parts(), abs(self.line.amount)
        sign = 1 if self.line.amount > 0 else -1
        names = [f"amount_{n}" for n in range(1, PARTS + 1) if self.cleaned_data[f"account_{n}"]]
        for name, part in zip(names, parts, strict=True):
            if not part.amount:
                self.add_error(name, _now("Nothing of the line is left for this part."))
                return
        total = sign * sum((part.amount for part in parts), ZERO)
        if total != whole:
            said = {"total": in_units(total, self.line), "amount": in_units(whole, self.line)}
            self.add_error(
                names[-1], _now("The parts sum to %(total)s, the line is %(amount)s.") % said
            )

    def parts(self) -> list[Part]:
        """The parts, signed as the line; one left without an amount takes what is left."""
        asked, found, left = self.cleaned_data, [], abs(self.line.amount)
        sign = 1 if self.line.amount > 0 else -1
        for number in range(1, PARTS + 1):
            account, amount = asked.get(f"account_{number}"), asked.get(f"amount_{number}")
            if not account:
                continue
            amount = left if amount is None else amount
            left -= amount
            found.append(
                Part(
                    account,
                    sign * amount,
                    department=asked.get(f"department_{number}"),
                    party=asked.get(f"party_{number}"),
                    tax_code=asked.get(f"tax_code_{number}"),
                )
            )
        return found


class WhoForm(forms.Form):
    """Whose payment a line is."""

    party = forms.ModelChoiceField(label=_("Party"), queryset=Party.objects.none())

    def __init__(self, *args, parties, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["party"].queryset = parties


@dataclass
class ItemRow:
    """An open item with its fields."""

    item: JournalLine
    is_credit: bool
    open_amount: Decimal
    pick: forms.BoundField
    amount: forms.BoundField
    discount: forms.BoundField
    write_off: forms.BoundField


class SettleForm(forms.Form):
    """What a line of one party settles; the rest of it stays the party's credit."""

    fee = money_field(label=_("Bank fee"), required=False, min_value=0)
    base_amount = money_field(
        label=_("Worth in the books"),
        required=False,
        help_text=_("In the currency of the books, without its sign."),
    )
    write_off_to = forms.ChoiceField(label=_("Write off to"), required=False)

    def __init__(self, *args, items: list[JournalLine], line: StatementLine, **kwargs):
        super().__init__(*args, **kwargs)
        self.items, self.line = items, line
        if foreign_currency(line.own_account) is None:
            del self.fields["base_amount"]
        self.fields["write_off_to"].choices = [
            ("", "—"),
            *((role, Account.Role(role).label) for role in WRITE_OFF_ROLES),
        ]
        for item in items:
            for name, field in (
                ("pick", forms.BooleanField(required=False)),
                ("amount", money_field(required=False, min_value=0)),
                ("discount", money_field(required=False, min_value=0)),
                ("write_off", money_field(required=False, min_value=0)),
            ):
                field.widget.attrs["aria-label"] = f"{NAMES[name]}: {item.reference}"
                self.fields[f"{name}_{item.pk}"] = field

    @property
    def head(self) -> list[forms.BoundField]:
        """The fields that are not of an item."""
        return [self[name] for name in self.base_fields if name in self.fields]

    @property
    def rows(self) -> Iterator[ItemRow]:
        """The items with their fields."""
        for item in self.items:
            fields: dict[str, Any] = {name: self[f"{name}_{item.pk}"] for name in NAMES}
            yield ItemRow(item, self.is_credit(item), abs(item.open_amount), **fields)

    def is_credit(self, item: OpenItem) -> bool:
        """Whether the item is on the side of the line, and used up with it."""
        return is_used_up(item, "in" if self.line.amount > 0 else "out")

    def clean(self) -> dict[str, Any] | None:
        """No more of an item than is open, no more than the line, and who bears a write-off."""
        found = super().clean()
        if self.errors:
            return found
        settles = self.settles()
        if any(s.write_off for s in settles) and not self.cleaned_data["write_off_to"]:
            self.add_error("write_off_to", _now("Say which account bears what is written off."))
        for settle in settles:
            self._check_item(settle)
        if not self.errors:
            self._check_sum(settles)
        return found

    def _check_item(self, settle: Settle) -> None:
        item: OpenItem = settle.line
        left = abs(item.open_amount)
        wrong = ""
        if self.is_credit(item) and (settle.discount or settle.write_off):
            wrong = _now("A credit is used up as it is, without discount or write-off.")
        elif settle.whole <= 0:
            wrong = _now("Nothing of the line is left for this item.")
        elif settle.whole > left:
            wrong = _now("Only %(left)s are open.") % {"left": in_units(left, self.line)}
        if wrong:
            self.add_error(f"amount_{item.pk}", wrong)

    def _check_sum(self, settles: list[Settle]) -> None:
        """What is settled by money is within the line and the credit used; told at the last."""
        paid = [s for s in settles if not self.is_credit(s.line)]
        credit = [s for s in settles if self.is_credit(s.line)]
        total, used = (sum((s.amount for s in found), ZERO) for found in (paid, credit))
        more = total - used - self.money
        if used > total:
            self.add_error(
                f"amount_{credit[-1].line.pk}",
                _now("More credit is used than there is to settle."),
            )
        elif more > 0:
            said = {"more": in_units(more, self.line)}
            self.add_error(
                f"amount_{paid[-1].line.pk}",
                _now("This settles %(more)s more than the line pays.") % said,
            )

    @property
    def money(self) -> Decimal:
        """What the line pays: the fee is on top of what came in, within what went out."""
        fee = self.cleaned_data.get("fee") or ZERO
        return abs(self.line.amount) + (fee if self.line.amount > 0 else -fee)

    def settles(self) -> list[Settle]:
        """What is ticked or filled in; ticked alone takes all of the item the line still pays."""
        asked, found, left = self.cleaned_data, list[Settle](), self.money
        # Credit first: what it brings is there for the items.
        for item in sorted(self.items, key=lambda item: not self.is_credit(item)):
            amount, discount, write_off = (
                asked.get(f"{name}_{item.pk}") for name in ("amount", "discount", "write_off")
            )
            ticked = asked.get(f"pick_{item.pk}") or discount or write_off
            if amount is None and not ticked:
                continue
            discount, write_off = discount or ZERO, write_off or ZERO
            if amount is None:
                whole = abs(item.open_amount) - discount - write_off
                amount = whole if self.is_credit(item) else min(left, whole)
            left += amount if self.is_credit(item) else -amount
            found.append(Settle(item, amount, discount, write_off, asked["write_off_to"]))
        return found


NAMES = {
    "pick": _("Settle"),
    "amount": _("By money"),
    "discount": _("Discount"),
    "write_off": _("Write-off"),
}


def initial_of(proposal: Proposal) -> dict[str, Any]:
    """What a proposal would settle, as ticks: each then takes what the line pays of it."""
    found: dict[str, Any] = {}
    for settling in proposal.settles:
        found[f"pick_{settling.item.pk}"] = True
        if settling.discount:
            found[f"discount_{settling.item.pk}"] = settling.discount
    return found


def in_units(amount: Decimal, line: StatementLine) -> str:
    """The amount in the currency of the line, for a sentence."""
    currency = line.own_account.currency
    return in_sentence(amount, currency.minor_unit, currency.pk)


class TransferForm(forms.Form):
    """The account of ours the money came from or went to."""

    other = forms.ModelChoiceField(
        label=_("Other bank account"), queryset=OwnAccount.objects.none()
    )

    def __init__(self, *args, accounts, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["other"].queryset = accounts


class BankRuleForm(ModelForm):
    """A rule: which lines, and where they belong."""

    class Meta:
        model = BankRule
        fields = (
            "name", "contains", "direction", "amount_from", "amount_to", "own_account",
            "account", "tax_code", "department", "party", "is_active",
        )  # fmt: skip

    def clean(self) -> dict[str, Any] | None:
        """A tax that goes with the account, amounts in their order."""
        found = super().clean()
        asked = self.cleaned_data
        least, most = asked.get("amount_from"), asked.get("amount_to")
        if least is not None and most is not None and most < least:
            self.add_error("amount_to", _now("The larger amount comes second."))
        account, code = asked.get("account"), asked.get("tax_code")
        if account and code and account.kind in DIRECTIONS:
            try:
                direction_of(Part(account, Decimal(1), tax_code=code))
            except Refused as refusal:
                self.add_error("tax_code", str(refusal))
        return found

    def clean_amount_from(self) -> Decimal | None:
        return self._positive("amount_from")

    def clean_amount_to(self) -> Decimal | None:
        return self._positive("amount_to")

    def _positive(self, name: str) -> Decimal | None:
        amount = self.cleaned_data[name]
        if amount is not None and amount < 0:
            raise forms.ValidationError(_now("Write it without its sign."))
        return amount


def leaf_accounts(accounts):
    """Active accounts that take lines."""
    return accounts.filter(is_active=True, children=None).order_by("code")
