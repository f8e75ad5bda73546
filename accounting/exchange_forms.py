"""Forms of rates, recurring entries and deferrals."""

from typing import Any

from django import forms
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from accounting.forms import DayOfBooks, days
from accounting.models import Deferral, ExchangeRate, RecurringEntry
from backoffice.number_fields import ModelForm, WholeNumberField


class ExchangeRateForm(ModelForm):
    """A rate of a day."""

    class Meta:
        model = ExchangeRate
        fields = ("currency", "date", "rate", "source")
        field_classes = days("date")


def months_from_one_to(most: int, model: type[Model], name: str, sentence: str) -> forms.Field:
    """A number of months, refused at its field in the words of the rule."""
    words = dict.fromkeys(("min_value", "max_value"), sentence)
    field: Any = model._meta.get_field(name)
    return field.formfield(
        form_class=WholeNumberField, min_value=1, max_value=most, error_messages=words
    )


class RecurringEntryForm(ModelForm):
    """When a template is posted by itself."""

    every_months = months_from_one_to(
        60, RecurringEntry, "every_months", _("Every 1 to 60 months.")
    )

    class Meta:
        model = RecurringEntry
        fields = (
            "template",
            "every_months",
            "starts_on",
            "ends_on",
            "reverses_next_month",
            "is_active",
        )
        field_classes = days("starts_on", "ends_on")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        templates = self.fields["template"].queryset.filter(discarded_at=None)
        self.fields["template"].queryset = templates.exclude(template_name="")


class DeferralForm(ModelForm):
    """What was paid or received ahead."""

    months = months_from_one_to(120, Deferral, "months", _("It is spread over 1 to 120 months."))

    class Meta:
        model = Deferral
        fields = ("kind", "text", "amount", "account", "department", "first_month", "months")
        field_classes = days("first_month")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        accounts = self.fields["account"].queryset.filter(kind__in=("income", "expense"))
        self.fields["account"].queryset = accounts.filter(is_active=True, children=None)


class RevaluationForm(forms.Form):
    """The day foreign items are valued on."""

    on = DayOfBooks(label=_("On the last day of"))
