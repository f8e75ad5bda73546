"""The forms of payment runs: what is proposed, and what is changed of it."""

from collections.abc import Container, Iterator
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from stdnum import bic, iban

from accounting.forms import DayOfBooks, days
from accounting.models import Account, OwnAccount, PaymentRun, PaymentRunLine
from accounting.payment_forms import css_of, money_field
from backoffice.encrypted_fields import whole
from backoffice.models import BankAccount
from backoffice.money import ZERO, as_text, in_sentence
from backoffice.number_fields import ModelForm, NumberField


class ProposeRunForm(ModelForm):
    """Until when, from which account, in which currency."""

    class Meta:
        model = PaymentRun
        fields = ("on", "due_until", "bank", "currency", "holder", "iban", "bic")
        field_classes = days("on", "due_until")

    def __init__(self, *args, accounts, currencies, kept: QuerySet[OwnAccount], **kwargs):
        super().__init__(*args, **kwargs)
        self.kept = kept
        fields: dict[str, Any] = self.fields
        fields["bank"].queryset = accounts.filter(
            Q(role=Account.Role.BANK) | Q(kind="asset", currency__isnull=False), is_active=True
        )
        fields["currency"].queryset = currencies
        fields["iban"].help_text = _("Empty: as kept with the bank account.")

    def clean(self) -> dict[str, Any]:
        """Number and BIC, where they are left empty, are those kept with the bank account."""
        found = super().clean() or self.cleaned_data
        own = self.kept.filter(account=found.get("bank")).first()
        if own and not found.get("iban") and "iban" not in self.errors:
            found["iban"] = whole(own.iban) or whole(own.number)
            found["bic"] = found.get("bic") or own.bic
        return found

    def clean_iban(self) -> str:
        """Our IBAN in its plain form; another number is taken as it is."""
        given = self.cleaned_data["iban"].replace(" ", "").upper()
        if given[:2].isalpha() and given and not iban.is_valid(given):
            raise forms.ValidationError(_("This is not a valid IBAN: check its digits."))
        return given

    def clean_bic(self) -> str:
        """Our BIC, where one is given."""
        given = bic.compact(self.cleaned_data["bic"])
        if given and not bic.is_valid(given):
            raise forms.ValidationError(_("This is not a valid BIC: 8 or 11 characters."))
        return given


def held_words(line: PaymentRunLine, approved: Container[int]) -> str:
    """Why a bill cannot be paid yet, or nothing."""
    if line.bank_account_id is None:
        return _now("Held: no bank details")
    if line.bank_account_id not in approved:
        return _now("Held: bank details not approved")
    return ""


class RunLinesForm(forms.Form):
    """Every bill of a run: paid or left out, how much, to which account."""

    def __init__(self, *args, lines, accounts, payable, open_amounts, **kwargs):
        super().__init__(*args, **kwargs)
        self.lines, self.payable, self.open_amounts = lines, payable, open_amounts
        for line in lines:
            own = [account for account in accounts if account.party_id == line.party_id]
            self._ask_about(line, own)

    def _ask_about(self, line: PaymentRunLine, own: list[BankAccount]) -> None:
        places = line.run.currency.minor_unit
        choices = [("", "—"), *((str(account.pk), str(account)) for account in own)]
        for name, field, value in (
            ("pay", forms.BooleanField(required=False), not line.is_left_out),
            ("amount", money_field(min_value=0), as_text(line.amount, places)),
            ("discount", money_field(min_value=0), as_text(line.discount, places)),
            (
                "account",
                forms.ChoiceField(choices=choices, required=False),
                str(line.bank_account_id or ""),
            ),
        ):
            field.initial = value
            field.widget.attrs["aria-label"] = f"{LABELS[name]}: {line.reference}"
            field.widget.attrs["class"] = css_of(name)
            self.fields[f"{name}_{line.pk}"] = field

    def clean(self) -> dict[str, Any] | None:
        """No more of a bill than is open of it, where it is paid."""
        found = super().clean()
        for line in self.lines:
            if self.cleaned_data.get(f"pay_{line.pk}"):
                self._check_open(line)
        return found

    def _check_open(self, line: PaymentRunLine) -> None:
        name, currency = f"amount_{line.pk}", line.run.currency
        amount = self.cleaned_data.get(name)
        discount = self.cleaned_data.get(f"discount_{line.pk}")
        if amount is None or discount is None:
            return
        left = self.open_amounts.get(line.item_id, ZERO)
        if amount <= 0:
            self.add_error(name, _("Pay more than nothing, or leave it out."))
        elif amount + discount > left:
            said = in_sentence(left, currency.minor_unit, currency.pk)
            self.add_error(name, _("Only %(left)s are open.") % {"left": said})

    @property
    def rows(self) -> Iterator[dict[str, Any]]:
        """The bills with their fields, as the page draws them."""
        for line in self.lines:
            yield {
                "line": line,
                "held": held_words(line, self.payable),
                "fields": {name: self[f"{name}_{line.pk}"] for name in LABELS},
            }

    def asked_of(self, line: PaymentRunLine) -> dict[str, Any]:
        """What the form says of a line, as `change_line` takes it."""
        asked = {name: self.cleaned_data[f"{name}_{line.pk}"] for name in LABELS}
        return {
            "amount": asked["amount"],
            "discount": asked["discount"],
            "is_left_out": not asked["pay"],
            "account": int(asked["account"]) if asked["account"] else None,
        }


LABELS = {
    "pay": _("Pay"),
    "amount": _("Amount"),
    "discount": _("Discount"),
    "account": _("Paid to"),
}


class RateForm(forms.Form):
    """What one unit of a foreign currency is worth."""

    on = DayOfBooks(label=_("Posted on"))
    rate = NumberField(
        label=_("Worth of one unit in the books"),
        max_digits=18,
        decimal_places=8,
        required=False,
        help_text=_("Only for a run in another currency."),
    )
