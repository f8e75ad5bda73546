"""The forms around decisions: a reason, days away."""

from django import forms
from django.utils.translation import gettext_lazy as _

from backoffice.models import Delegation
from backoffice.number_fields import ModelForm


class AloneForm(forms.Form):
    """Why one approves what one made."""

    why = forms.CharField(
        label=_("Reason"), max_length=400, widget=forms.Textarea(attrs={"rows": 3})
    )


class DelegationForm(ModelForm):
    """Who decides on which days; whose days they are says the page."""

    class Meta:
        model = Delegation
        fields = ("delegate", "starts_on", "ends_on")
        widgets = {
            "starts_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "ends_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }
