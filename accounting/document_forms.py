"""Forms of invoices, bills and expense claims."""

from typing import Any, ClassVar

from django import forms
from django.forms import inlineformset_factory
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounting.allocations import the_books
from accounting.forms import DayUntilToday, days
from accounting.models import (
    Bill,
    BillLine,
    ExpenseClaim,
    ExpenseKind,
    Invoice,
    InvoiceLine,
    Receipt,
)
from accounting.models.documents import Document
from backoffice.errors import Refused
from backoffice.file_kinds import kind_of
from backoffice.files import attach
from backoffice.money import has_too_many_decimals
from backoffice.number_fields import ModelForm

LINE_FIELDS = (
    "item",
    "text",
    "quantity",
    "unit",
    "unit_price",
    "discount_percent",
    "account",
    "department",
    "tax_code",
)


class DocumentForm(ModelForm):
    """The head of a document being written."""

    who = _("Party")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["party"].label = self.who
        self.fields["tax_mode"].required = False
        self.fields["tax_mode"].empty_value = Document.TaxMode.DOCUMENT
        self.fields["currency"].help_text = _(
            "Empty: the one agreed with the party, else that of the books."
        )

    def clean(self):
        """A currency left empty is the one agreed with the party."""
        found = super().clean()
        date, due_on = found.get("date"), found.get("due_on")
        if date and due_on and due_on < date:
            self.add_error("due_on", _("It is not due before its date."))
        terms = getattr(found.get("party"), "terms", None)
        if terms and not found.get("currency"):
            found["currency"] = terms.currency
        return found


DAYS = days("date", "due_on", "tax_date")


class InvoiceForm(DocumentForm):
    """An invoice or credit note to a customer."""

    who = _("Customer")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["date"].initial = timezone.localdate

    class Meta:
        model = Invoice
        field_classes = DAYS
        fields = (
            "party",
            "kind",
            "date",
            "due_on",
            "text",
            "order_reference",
            "currency",
            "rate",
            "tax_date",
            "tax_mode",
            "price_includes_tax",
        )


class BillForm(DocumentForm):
    """A bill or credit note from a supplier."""

    who = _("Supplier")

    class Meta:
        model = Bill
        field_classes = DAYS
        fields = (
            "party",
            "kind",
            "reference",
            "date",
            "due_on",
            "text",
            "currency",
            "rate",
            "tax_date",
            "tax_mode",
            "price_includes_tax",
            "duplicate_reason",
        )


class LineForm(ModelForm):
    """A line of a document: what, how many, at which price, how it is taxed."""

    direction = ""
    usual_tax = ""  # where what is agreed with the party names its tax

    class Meta:
        fields = LINE_FIELDS

    def __init__(self, *args, document, **kwargs):
        super().__init__(*args, **kwargs)
        self.document = document
        self.fields["quantity"].initial = 1
        self.fields["unit_price"].required = False
        for name in ("item", "tax_code"):
            self.fields[name].queryset = self.fields[name].queryset.filter(is_active=True)
        accounts = self.fields["account"].queryset
        self.fields["account"].queryset = accounts.filter(is_active=True, children=None)
        self.fields["account"].help_text = ""  # said once, above all lines
        codes = self.fields["tax_code"].queryset
        self.fields["tax_code"].queryset = codes.filter(used_for__in=(self.direction, "both"))

    def clean(self):
        """What is left empty comes from the item, the tax else from what is agreed."""
        found = super().clean()
        item = found.get("item")
        if item:
            self._take_from(item, found)
        if not found.get("tax_code") and "tax_code" not in self.errors:
            found["tax_code"] = self._tax_agreed()
        if found.get("unit_price") is None and "unit_price" not in self.errors:
            self.add_error("unit_price", self._why_a_price(item))
        if not found.get("text") and not item:
            self.add_error("text", _("Say what it is, or choose an item."))
        return found

    def _why_a_price(self, item):
        if not item or not self.is_foreign:
            return _("Give the price of one.")
        words = _now(
            "Give the price of one in %(foreign)s: the price of the item is in %(books)s."
        )
        return words % {"foreign": self.document.currency_id, "books": the_books().currency}

    @cached_property
    def is_foreign(self) -> bool:
        """Whether its prices are in another currency than items have theirs."""
        currency = self.document.currency_id
        return bool(currency) and currency != the_books().currency

    def _tax_agreed(self):
        party = self.document.party if self.document.party_id else None
        terms = getattr(party, "terms", None)
        code = terms and getattr(terms, self.usual_tax)
        return code if code and code.is_active else None

    def _take_from(self, item, found) -> None:
        if found.get("unit_price") is None and not self.is_foreign:
            found["unit_price"] = item.price
            found["unit"] = item.unit
        found["text"] = found.get("text") or item.name
        found["tax_code"] = found.get("tax_code") or item.sales_tax_code


class InvoiceLineForm(LineForm):
    """A line of an invoice."""

    direction, usual_tax = "sale", "sales_tax_code"

    class Meta(LineForm.Meta):
        model = InvoiceLine


class BillLineForm(LineForm):
    """A line of a bill."""

    direction, usual_tax = "purchase", "purchase_tax_code"

    class Meta(LineForm.Meta):
        model = BillLine

    def _take_from(self, item, found) -> None:
        found["text"] = found.get("text") or item.name
        found["tax_code"] = found.get("tax_code") or item.purchase_tax_code


class NumberedRows(forms.BaseInlineFormSet):
    """Lines that keep the order they are written in, and know what they are lines of."""

    def get_form_kwargs(self, index):
        return {**super().get_form_kwargs(index), "document": self.instance}

    def save_new(self, form, commit=True):  # noqa: FBT002 - Django's own
        form.instance.position = self.forms.index(form) + 1
        return super().save_new(form, commit=commit)


InvoiceLineRows = inlineformset_factory(
    Invoice,
    InvoiceLine,
    form=InvoiceLineForm,
    formset=NumberedRows,
    extra=3,
    can_delete=True,
    max_num=300,
    validate_max=True,
)
BillLineRows = inlineformset_factory(
    Bill,
    BillLine,
    form=BillLineForm,
    formset=NumberedRows,
    extra=3,
    can_delete=True,
    max_num=300,
    validate_max=True,
)


class ExpenseKindForm(ModelForm):
    """What staff may claim for."""

    class Meta:
        model = ExpenseKind
        fields = ("name", "account", "tax_code", "needs_receipt", "is_active")


class ExpenseClaimForm(ModelForm):
    """What the receipts were for."""

    class Meta:
        model = ExpenseClaim
        fields = ("text",)


class ReceiptForm(ModelForm):
    """One receipt, with its photo."""

    photo_file = forms.FileField(label=_("Photo of the receipt"), required=False)

    class Meta:
        model = Receipt
        fields = ("date", "kind", "text", "amount", "no_receipt")
        field_classes: ClassVar = {"date": DayUntilToday}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].queryset = self.fields["kind"].queryset.filter(is_active=True)
        if self.instance.photo_id:
            self.fields["photo_file"].help_text = self.instance.photo.name

    def clean_amount(self):
        """Money spent, in the currency of the books."""
        amount, books = self.cleaned_data["amount"], the_books()
        if amount <= 0:
            raise forms.ValidationError(_("Give what you paid, more than zero."))
        if has_too_many_decimals(amount, books.minor_units[books.currency]):
            said = _("%(currency)s has %(count)s decimals.")
            words = {"currency": books.currency, "count": books.minor_units[books.currency]}
            raise forms.ValidationError(said, params=words)
        return amount

    def clean_photo_file(self):
        """A file of a kind that can be kept."""
        photo = self.cleaned_data["photo_file"]
        if photo:
            try:
                kind_of(photo.name, photo.file)
            except Refused as refusal:
                raise forms.ValidationError(str(refusal)) from refusal
            photo.seek(0)
        return photo


class PhotographedRows(forms.BaseInlineFormSet):
    """Receipts whose photos are put to the claim; who puts them there is said before saving."""

    by: Any = None

    def save_new(self, form, commit=True):  # noqa: FBT002 - Django's own
        return self._with_photo(form, super().save_new(form, commit=commit))

    def save_existing(self, form, obj, commit=True):  # noqa: FBT002 - Django's own
        return self._with_photo(form, super().save_existing(form, obj, commit=commit))

    def _with_photo(self, form, receipt):
        photo = form.cleaned_data.get("photo_file")
        if photo:
            receipt.photo = attach(self.instance, photo, by=self.by)
            receipt.save(update_fields=["photo"])
        return receipt


def photographed_by(formset, *, by) -> None:
    """Photos are put to the claim by whoever writes it."""
    formset.by = by


ReceiptRows = inlineformset_factory(
    ExpenseClaim,
    Receipt,
    form=ReceiptForm,
    formset=PhotographedRows,
    extra=2,
    can_delete=True,
    max_num=100,
    validate_max=True,
)


class PayClaimForm(forms.Form):
    """From which account and on which day a claim is paid back."""

    bank = forms.ModelChoiceField(label=_("From"), queryset=None)
    on = DayUntilToday(label=_("On"))

    def __init__(self, *args, banks, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["bank"].queryset = banks


class SendForm(forms.Form):
    """To whom an invoice goes, with which words."""

    to = forms.EmailField(label=_("To"))
    text = forms.CharField(
        label=_("Message"), widget=forms.Textarea(attrs={"rows": 6}), max_length=4000
    )
