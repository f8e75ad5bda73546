"""Forms of rates, recurring entries and deferrals."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounting.forms import day_input
from accounting.models import Deferral, ExchangeRate, RecurringEntry


class ExchangeRateForm(forms.ModelForm):
    """A rate of a day."""

    class Meta:
        model = ExchangeRate
        fields = ("currency", "date", "rate", "source")
        widgets = {"date": day_input()}


class RecurringEntryForm(forms.ModelForm):
    """When a template is posted by itself."""

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
        widgets = {"starts_on": day_input(), "ends_on": day_input()}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        templates = self.fields["template"].queryset.filter(discarded_at=None)
        self.fields["template"].queryset = templates.exclude(template_name="")


class DeferralForm(forms.ModelForm):
    """What was paid or received ahead."""

    class Meta:
        model = Deferral
        fields = ("kind", "text", "amount", "account", "department", "first_month", "months")
        widgets = {"first_month": day_input()}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        accounts = self.fields["account"].queryset.filter(kind__in=("income", "expense"))
        self.fields["account"].queryset = accounts.filter(is_active=True, children=None)


class RevaluationForm(forms.Form):
    """The day foreign items are valued on."""

    on = forms.DateField(label=_("On the last day of"), widget=day_input())
