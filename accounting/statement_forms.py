"""What statements are asked for: days, departments, comparisons, what was known when."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounting.forms import AskedForm, DayOfBooks, known_field
from accounting.models import Budget, FiscalYear
from accounting.years import EARLIEST, LATEST
from backoffice.models import Department
from backoffice.number_fields import ModelForm, NumberField

COMPARED = {
    "balance_sheet": [
        ("", _("nothing")),
        ("year", _("a year before")),
        ("month", _("end of the month before")),
    ],
    "income_statement": [
        ("", _("nothing")),
        ("year", _("a year before")),
        ("budget", _("the budget")),
    ],
    "cash_flow": [("", _("nothing")), ("year", _("a year before"))],
}
SPLIT = {
    "income_statement": [
        ("", _("in one sum")),
        ("month", _("by month")),
        ("department", _("by department")),
    ],
    "budget": [("", _("up to the day")), ("month", _("by month"))],
}
DAYS = {
    "balance_sheet": ("on",),
    "income_statement": ("from", "to"),
    "cash_flow": ("from", "to"),
    "budget": ("on",),
}
LABELS = {"on": _("On"), "from": _("From"), "to": _("To")}


def empty_queryset(model: Any) -> Any:
    """Nothing to choose from until it is known who asks."""
    return model._default_manager.none()


class StatementForm(AskedForm):
    """A statement: the fields depend on which."""

    def __init__(self, query, *, name, departments=None, budgets=None):
        super().__init__(query)
        if budgets is not None:
            self.fields["budget"] = forms.ModelChoiceField(
                label=_("Budget"), queryset=budgets, required=False, empty_label=_("in force")
            )
        for day in DAYS[name]:
            self.fields[day] = DayOfBooks(label=LABELS[day], required=False)
        if departments is not None:
            self.fields["department"] = forms.ModelChoiceField(
                label=_("Department"), queryset=departments, required=False, empty_label=_("all")
            )
        if name in SPLIT:
            self.fields["by"] = forms.ChoiceField(
                label=_("Shown"), choices=SPLIT[name], required=False
            )
        if name in COMPARED:
            self.fields["compare"] = forms.ChoiceField(
                label=_("Compare with"), choices=COMPARED[name], required=False
            )
            self.fields["known"] = known_field()


class ChangesForm(AskedForm):
    """Which statement is looked at again, and between which two days it may have changed."""

    statement = forms.ChoiceField(
        label=_("Statement"),
        choices=[
            ("balance_sheet", _("Balance sheet")),
            ("income_statement", _("Income statement")),
        ],
    )
    since = DayOfBooks(label=_("As known on"))
    known = DayOfBooks(label=_("and on"), required=False)

    def __init__(self, query):
        super().__init__(query)
        days = {
            "from": DayOfBooks(label=_("From"), required=False),
            "to": DayOfBooks(label=_("Up to"), required=False),
        }
        chosen = self.fields.pop("statement")
        self.fields = {"statement": chosen, **days, **self.fields}

    def clean(self) -> dict[str, Any]:
        asked = super().clean()
        since, known = asked.get("since"), asked.get("known")
        if since and known and known < since:
            self.add_error("known", _now("The second day is before the first."))
        return asked


class NumbersField(forms.CharField):
    """Keys with commas between them."""

    def clean(self, value: Any) -> tuple[int, ...]:
        text = super().clean(value)
        try:
            return tuple(int(part) for part in text.split(",")[:2000]) if text else ()
        except ValueError:
            raise forms.ValidationError(_now("This is no list of accounts.")) from None


class MomentField(forms.CharField):
    """A moment as programs write it."""

    def clean(self, value: Any) -> datetime | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise forms.ValidationError(_now("This is no moment.")) from None
        if moment.tzinfo is None or not EARLIEST <= moment.year <= LATEST:
            raise forms.ValidationError(_now("This is no moment."))
        return moment


class EvidenceForm(forms.Form):
    """A figure asked for its lines, as its address says."""

    accounts = NumbersField(required=False)
    kinds = forms.CharField(required=False)
    last = DayOfBooks()
    first = DayOfBooks(required=False)
    department = forms.ModelChoiceField(
        queryset=empty_queryset(Department), required=False, empty_label=None
    )
    own = forms.BooleanField(required=False)
    known = MomentField(required=False)
    since = MomentField(required=False)
    closing = forms.ChoiceField(choices=[("", ""), ("without", ""), ("only", "")], required=False)
    flow = forms.ChoiceField(
        choices=[("", ""), ("cash", ""), ("outside", ""), ("operating", "")], required=False
    )
    sign = forms.ChoiceField(choices=[("", ""), ("1", ""), ("-1", "")], required=False)

    def __init__(self, query, *, departments):
        found = {**query.dict(), "first": query.get("from", ""), "last": query.get("to", "")}
        super().__init__(found)
        self.fields["department"].queryset = departments

    def clean_kinds(self) -> tuple[str, ...]:
        kinds = tuple(kind for kind in self.cleaned_data["kinds"].split(",") if kind)
        if not set(kinds) <= {"asset", "liability", "equity", "income", "expense"}:
            raise forms.ValidationError(_now("There is no such kind of account."))
        return kinds


class BudgetForm(ModelForm):
    """A budget: its year, its name, whether it warns or stops."""

    class Meta:
        model = Budget
        fields = ("fiscal_year", "name", "overspending")


class PercentField(NumberField):
    """By how much amounts grow; a minus lets them shrink."""

    def __init__(self, **facts):
        super().__init__(
            **{
                "label": _("Grown by percent"),
                "max_digits": 7,
                "decimal_places": 3,
                "min_value": -99,
                "max_value": 1000,
                "help_text": _("2.5 adds 2.5 %, −10 takes 10 % away."),
            }
            | facts
        )


class CopyForm(forms.Form):
    """A budget that starts from another one, or from what happened in a year."""

    source = forms.ChoiceField(label=_("Start from"))
    to = forms.ModelChoiceField(
        label=_("For the fiscal year"), queryset=empty_queryset(FiscalYear), empty_label=None
    )
    name = forms.CharField(label=_("Name"), max_length=80)
    percent = PercentField(required=False)

    def __init__(self, *args, budgets, years, **facts):
        super().__init__(*args, **facts)
        self.budgets = {f"budget-{one.pk}": one for one in budgets}
        self.years = {f"year-{one.pk}": one for one in years}
        self.fields["to"].queryset = years
        self.fields["source"].choices = [
            (_("What happened in"), [(key, str(year)) for key, year in self.years.items()]),
            (_("The budget"), [(key, str(one)) for key, one in self.budgets.items()]),
        ]


class GrowForm(forms.Form):
    """By how much a whole budget grows."""

    percent = PercentField()
