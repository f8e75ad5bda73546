"""The forms by which money is received and paid, with the open items of the party to tick."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounting.allocations import currency_of
from accounting.facts import cash_accounts
from accounting.forms import AskedForm, DayOfBooks, DayUntilToday, known_field
from accounting.models import Account, Payment
from accounting.open_items import OpenItem
from accounting.open_sums import BY_AMOUNT, BY_NAME, BY_OVERDUE
from accounting.payment_lines import WRITE_OFF_ROLES
from accounting.payments import Settle, is_used_up
from accounting.settling import Part
from backoffice.choices import PlainSelect
from backoffice.errors import Refused
from backoffice.models import Currency, Party
from backoffice.money import ZERO, in_sentence, rounded
from backoffice.number_fields import NumberField


def money_field(**facts: Any) -> NumberField:
    """An amount of the ledger."""
    return NumberField(max_digits=19, decimal_places=4, **facts)


def css_of(name: str) -> str:
    """How a field within a row is drawn: a box to tick, a choice, a narrow amount."""
    return {"pick": "form-check-input", "pay": "form-check-input", "account": "form-select"}.get(
        name, "form-control amount"
    )


class OwedFilterForm(AskedForm):
    """Which open items are asked for."""

    on = DayOfBooks(label=_("On"), required=False)
    q = forms.CharField(label=_("Party or reference"), required=False, max_length=120)
    due = forms.ChoiceField(label=_("Due"), required=False, widget=PlainSelect)
    known = known_field()
    named = forms.CharField(required=False, max_length=120, widget=forms.HiddenInput)

    def __init__(self, *args, dues, **kwargs):
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["due"].choices = [("", _("any")), ("overdue", _("Overdue")), *dues]


class AgeingFilterForm(AskedForm):
    """Which parties of an ageing are asked for, and in what order."""

    on = DayOfBooks(label=_("On"), required=False)
    q = forms.CharField(label=_("Party"), required=False, max_length=120)
    by = forms.ChoiceField(
        label=_("In the order of"),
        required=False,
        widget=PlainSelect,
        choices=[
            (BY_NAME, _("Name")),
            (BY_AMOUNT, _("Amount")),
            (BY_OVERDUE, _("Amount overdue")),
        ],
    )
    known = known_field()


class PartyForm(forms.Form):
    """Whose money it is."""

    party = forms.ModelChoiceField(
        label=_("Party"), queryset=Party.objects.none(), empty_label="—"
    )

    def __init__(self, *args, parties, **kwargs):
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["party"].queryset = parties


@dataclass
class ItemRow:
    """An open item with its fields, as the form draws it."""

    item: OpenItem
    is_credit: bool
    open_amount: Decimal
    discount: Decimal
    fields: dict[str, Any]


class PaymentForm(forms.Form):
    """Money of one party: how much, where, and which of its open items it settles."""

    on = DayUntilToday(label=_("Date"))
    bank = forms.ModelChoiceField(label=_("Bank account"), queryset=Account.objects.none())
    amount = money_field(
        label=_("Amount"),
        required=False,
        help_text=_(
            "Empty: what is ticked; credit and what it is used for may settle each other without"
            " money. More than is ticked stays as credit of the party."
        ),
    )
    currency = forms.ModelChoiceField(label=_("Currency"), queryset=Currency.objects.none())
    base_amount = money_field(
        label=_("Worth in the books"),
        required=False,
        help_text=_("Only for a payment in another currency."),
    )
    fee = money_field(label=_("Bank fee"), required=False, min_value=0)
    method = forms.ChoiceField(label=_("Method"), choices=Payment.Method)
    reference = forms.CharField(label=_("Reference"), required=False, max_length=140)
    write_off_to = forms.ChoiceField(label=_("Write off to"), required=False)
    # What keeps a payment sent twice from being recorded twice.
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, direction, items, accounts, currencies, books, **kwargs):
        super().__init__(*args, **kwargs)
        self.direction, self.items, self.books = direction, items, books
        fields: dict[str, Any] = self.fields
        fields["bank"].queryset = accounts.filter(
            Q(pk__in=cash_accounts()) | Q(kind="asset", currency__isnull=False), is_active=True
        )
        fields["currency"].queryset = currencies
        fields["write_off_to"].choices = [
            ("", "—"),
            *((role, Account.Role(role).label) for role in WRITE_OFF_ROLES),
        ]
        self.initial.setdefault("key", uuid4())
        self.initial.setdefault("currency", books.currency)
        for item in items:
            self._ask_about(item)

    def _ask_about(self, item: OpenItem) -> None:
        """Fields for one open item: ticked, and how much by money, discount, write-off."""
        for name, field in (
            ("pick", forms.BooleanField(required=False)),
            ("amount", money_field(required=False, min_value=0)),
            ("discount", money_field(required=False, min_value=0)),
            ("write_off", money_field(required=False, min_value=0)),
        ):
            field.widget.attrs["aria-label"] = f"{NAMES[name]}: {item.reference}"
            field.widget.attrs["placeholder"] = NAMES[name]
            field.widget.attrs["class"] = css_of(name)
            self.fields[f"{name}_{item.pk}"] = field

    @property
    def head(self) -> list[forms.BoundField]:
        """The fields above the items."""
        return [self[name] for name in self.base_fields if name != "key"]

    @property
    def item_rows(self) -> Iterator[ItemRow]:
        """The open items with their fields."""
        for item in self.items:
            yield ItemRow(
                item=item,
                is_credit=is_used_up(item, self.direction),
                open_amount=abs(item.open_amount),
                discount=self.discount_of(item),
                fields={name: self[f"{name}_{item.pk}"] for name in NAMES},
            )

    def discount_of(self, item: OpenItem) -> Decimal:
        """The discount that may still be taken, were it paid today."""
        due = getattr(item.entry, "due", None)
        on = self.cleaned_data.get("on") if self.is_bound and self.is_valid() else None
        day = on or self.initial.get("on")
        if due is None or due.discount_until is None or day is None or day > due.discount_until:
            return ZERO
        share = abs(item.open_amount) * due.discount_percent / 100
        return rounded(share, self.books.minor_units[item.item_currency])

    def settles(self) -> list[Settle]:
        """What is ticked or filled in; ticked alone means all of it."""
        asked = self.cleaned_data
        found = []
        for item in self.items:
            amount, discount, write_off = (
                asked.get(f"{name}_{item.pk}") for name in ("amount", "discount", "write_off")
            )
            ticked = asked.get(f"pick_{item.pk}") or discount or write_off
            if amount is None and not ticked:
                continue
            if amount is None:
                amount = abs(item.open_amount) - (discount or ZERO) - (write_off or ZERO)
            to = asked["write_off_to"]
            found.append(Settle(item, amount, discount or ZERO, write_off or ZERO, to))
        return found

    def amount_for(self, settles: list[Settle]) -> Decimal:
        """The amount given, or what the ticked items come to."""
        if self.cleaned_data["amount"] is not None:
            return self.cleaned_data["amount"]
        return sum(
            (-s.amount if is_used_up(s.line, self.direction) else s.amount for s in settles), ZERO
        )

    def clean(self):
        """An amount or something ticked, no more than is open, and where a write-off goes."""
        super().clean()
        if self.errors:
            return self.cleaned_data
        settles = self.settles()
        if not self.cleaned_data["amount"] and not settles:
            self.add_error("amount", _now("Give the amount, or tick what is paid."))
        for settle in settles:
            self._check(settle)
        return self.cleaned_data

    def _check(self, settle: Settle) -> None:
        item: OpenItem = settle.line
        if settle.whole > abs(item.open_amount):
            places = self.books.minor_units[item.item_currency]
            words = {"left": in_sentence(abs(item.open_amount), places), "item": item.reference}
            said = _now("Only %(left)s of %(item)s are left to settle.") % words
            self.add_error(self._where(settle), said)
        if settle.write_off and not settle.write_off_to:
            self.add_error("write_off_to", _now("Say where the write-off goes."))

    def _where(self, settle: Settle) -> str:
        """The field of an item that says too much: the largest of its three."""
        said = {name: getattr(settle, name) for name in ("amount", "discount", "write_off")}
        return f"{max(said, key=lambda name: said[name])}_{settle.line.pk}"

    def settles_alone(self, settles: list[Settle]) -> bool:
        """Whether credit and what it is used for settle each other, no money given."""
        return not self.cleaned_data["amount"] and self.amount_for(settles) <= 0

    def parts(self, settles: list[Settle]) -> list[Part]:
        """What settles each other without money; that has no fee, discount or write-off."""
        if self.cleaned_data["fee"]:
            raise Refused(_now("Without money there is no fee."), field="fee")
        for settle in settles:
            if settle.whole != settle.amount:
                name = "discount" if settle.discount else "write_off"
                said = _now("Without money there is neither discount nor write-off.")
                raise Refused(said, field=f"{name}_{settle.line.pk}")
        return [Part(settle.line, settle.amount) for settle in settles]


class CreditForm(forms.Form):
    """How much of each open credit is used for an item; oldest first, until it is settled."""

    on = DayOfBooks(label=_("Date"))

    def __init__(self, *args, item, left, counterparts, names, books, **kwargs):
        super().__init__(*args, **kwargs)
        self.item, self.left, self.counterparts = item, left, counterparts
        places = books.minor_units[currency_of(item, books)]
        for other in counterparts:
            whole = abs(other.open_amount)
            words = {"item": names[other.pk], "open": in_sentence(whole, places)}
            self.fields[f"amount_{other.pk}"] = money_field(
                label=_now("%(item)s: %(open)s open") % words,
                required=False,
                min_value=0,
                max_value=whole,
                initial=rounded(min(whole, left), places),
            )
            left -= min(whole, left)

    def clean(self):
        """Something, and no more than the item has open."""
        super().clean()
        used = sum((part.amount for part in self._used()), ZERO)
        if not self.errors and not used:
            raise forms.ValidationError(_now("Say how much is settled."))
        if not self.errors and used > self.left:
            raise forms.ValidationError(_now("This is more than is open."))
        return self.cleaned_data

    def parts(self) -> list[Part]:
        """The item, and what settles it."""
        used = self._used()
        return [Part(self.item, sum((part.amount for part in used), ZERO)), *used]

    def _used(self) -> list[Part]:
        asked = (
            (other, self.cleaned_data.get(f"amount_{other.pk}")) for other in self.counterparts
        )
        return [Part(other, amount) for other, amount in asked if amount]


class ReleaseForm(forms.Form):
    """When a settlement is taken back."""

    on = DayUntilToday(label=_("Date"))


NAMES = {
    "pick": _("Settle"),
    "amount": _("By money"),
    "discount": _("Discount"),
    "write_off": _("Write-off"),
}
