"""Forms of tax codes, of terms with customers and suppliers, and of items."""

from itertools import pairwise

from django import forms
from django.forms import inlineformset_factory
from django.utils.translation import gettext as _now

from accounting.forms import days
from accounting.models import Item, PartyTerms, TaxCode, TaxPart, TaxRate, TaxReturn
from backoffice.number_fields import ModelForm


class TaxCodeForm(ModelForm):
    """A tax code; its rates and parts are the rows below."""

    class Meta:
        model = TaxCode
        fields = (
            "code", "name", "kind", "used_for", "category", "deductible_percent",
            "base_boxes", "tax_boxes", "input_boxes", "note", "source", "is_active",
        )  # fmt: skip

    def clean_code(self) -> str:
        return self.cleaned_data["code"].strip()


class TaxRateForm(ModelForm):
    """A rate from a day to a day."""

    class Meta:
        model = TaxRate
        fields = ("percent", "starts_on", "ends_on")
        field_classes = days("starts_on", "ends_on")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.percent is not None:
            self.initial["percent"] = f"{self.instance.percent.normalize():f}"

    def _get_validation_exclusions(self) -> set[str]:
        # Rates are compared with those beside them, as all of them are being changed at once.
        return super()._get_validation_exclusions() | {"code"}


class RatesFormSet(forms.BaseInlineFormSet):
    """The rates of a code, which do not overlap."""

    def clean(self) -> None:
        super().clean()
        kept = [f for f in self.forms if f.is_valid() and f.cleaned_data.get("starts_on")]
        kept = [form for form in kept if not form.cleaned_data.get("DELETE")]
        kept.sort(key=lambda form: form.cleaned_data["starts_on"])
        for earlier, later in pairwise(kept):
            end = earlier.cleaned_data["ends_on"]
            if end is None or end >= later.cleaned_data["starts_on"]:
                earlier.add_error("ends_on", _now("End this before the next rate begins."))
                self._non_form_errors.append(_now("Two rates overlap."))


class TaxPartForm(ModelForm):
    """A tax that is part of another."""

    class Meta:
        model = TaxPart
        fields = ("position", "part", "on_tax")


class PartyTermsForm(ModelForm):
    """A customer or supplier."""

    class Meta:
        model = PartyTerms
        fields = (
            "party", "is_customer", "is_supplier", "vat_id", "currency", "customer_days",
            "supplier_days", "discount_days", "discount_percent", "sales_tax_code",
            "purchase_tax_code",
        )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        narrow_tax_codes(self)
        if self.instance.pk and "party" in self.fields:
            self.fields["party"].disabled = True


class ItemForm(ModelForm):
    """A thing or service that is sold or bought."""

    class Meta:
        model = Item
        fields = (
            "code", "name", "unit", "price", "sales_account", "purchase_account",
            "sales_tax_code", "purchase_tax_code", "is_active",
        )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        narrow_tax_codes(self)
        for name in ("sales_account", "purchase_account"):
            if name in self.fields:
                found = self.fields[name].queryset
                self.fields[name].queryset = found.filter(is_active=True, children__isnull=True)


class TaxReturnForm(ModelForm):
    """The days a tax return is about."""

    class Meta:
        model = TaxReturn
        fields = ("starts_on", "ends_on")
        field_classes = days("starts_on", "ends_on")

    def clean(self):
        super().clean()
        if self.instance.is_filed:
            raise forms.ValidationError(
                _now("This return is filed and stays: corrections go on the next.")
            )
        starts_on, ends_on = (self.cleaned_data.get(name) for name in ("starts_on", "ends_on"))
        if starts_on and ends_on and ends_on < starts_on:
            # Said here, for the database cannot compare days in this order with other returns.
            self.add_error("ends_on", _now("It ends before it starts."))
        return self.cleaned_data


def narrow_tax_codes(form: forms.ModelForm) -> None:
    """Offer for sales what is for sales, for purchases what is for purchases."""
    for name, use in (("sales_tax_code", "sale"), ("purchase_tax_code", "purchase")):
        if name in form.fields:
            found = form.fields[name].queryset.filter(is_active=True, used_for__in=[use, "both"])
            form.fields[name].queryset = found


RateRows = inlineformset_factory(TaxCode, TaxRate, form=TaxRateForm, formset=RatesFormSet, extra=1)
PartRows = inlineformset_factory(TaxCode, TaxPart, form=TaxPartForm, fk_name="whole", extra=1)
