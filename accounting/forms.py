"""Forms of the books."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounting.facts import has_lines
from accounting.models import Account, EntryDraft, OwnAccount
from accounting.reporting import end_of
from accounting.years import is_day_of_books, no_day_of_books
from backoffice.number_fields import ModelForm

A_DAY = {"type": "date"}


def day_input() -> forms.DateInput:
    """The browser's own calendar."""
    return forms.DateInput(attrs=A_DAY, format="%Y-%m-%d")


class DayOfBooks(forms.DateField):
    """A day books may have; others lead beyond what can be reckoned with."""

    def __init__(self, **facts):
        super().__init__(**{"widget": day_input()} | facts)

    def clean(self, value):
        day = super().clean(value)
        if day and not is_day_of_books(day):
            raise ValidationError(no_day_of_books(day))
        return day


class DayUntilToday(DayOfBooks):
    """A day of what has happened already: not one still to come."""

    def clean(self, value):
        day = super().clean(value)
        if day and day > timezone.localdate():
            raise ValidationError(_("This day is still to come: enter it once it has happened."))
        return day


def days(*names: str) -> dict[str, type[forms.Field]]:
    """The fields of these names as days of the books."""
    return dict.fromkeys(names, DayOfBooks)


class AccountForm(ModelForm):
    """An account of the chart."""

    class Meta:
        model = Account
        fields = ("code", "name", "kind", "parent", "role", "cash_flow", "currency", "is_active")

    def clean(self):
        super().clean()
        for check in (self._check_parent, self._check_kind, self._check_children):
            check()
        return self.cleaned_data

    def _check_parent(self) -> None:
        parent, account = self.cleaned_data.get("parent"), self.instance
        if parent is None:
            return
        if has_lines(parent):
            self.add_error("parent", is_no_heading(parent))
        if parent.kind != self.cleaned_data.get("kind"):
            self.add_error(
                "kind",
                _now("%(parent)s is of another kind: %(kind)s.")
                % {"parent": parent, "kind": parent.get_kind_display()},
            )
        if account.pk and account.pk in (parent.pk, *above(parent)):
            self.add_error("parent", _now("An account cannot stand under itself."))

    def _check_kind(self) -> None:
        changed = {"kind", "currency"} & set(self.changed_data)
        if self.instance.pk and changed and has_lines(self.instance):
            for name in changed:
                self.add_error(
                    name, _now("There are entries on this account, so its kind and currency stay.")
                )

    def _check_children(self) -> None:
        if not self.instance.pk or "kind" not in self.changed_data:
            return
        if self.instance.children.exists():
            self.add_error("kind", _now("The accounts below it are of its kind: change none."))


def is_no_heading(account: Account) -> ValidationError:
    """The refusal of an account with lines as a heading."""
    return ValidationError(
        _now("There are entries on %(account)s, so it cannot become a heading.")
        % {"account": account}
    )


def above(account: Account) -> set[int]:
    """The keys of all headings over the account."""
    seen: set[int] = set()
    while account.parent_id and account.parent_id not in seen:
        seen.add(account.parent_id)
        account = account.parent
    return seen


class OwnAccountForm(ModelForm):
    """A bank account of ours."""

    class Meta:
        model = OwnAccount
        fields = ("name", "account", "currency", "bank", "iban", "number", "bic", "is_active")

    def clean(self):
        super().clean()
        account, currency = self.cleaned_data.get("account"), self.cleaned_data.get("currency")
        kept_in = account and account.currency
        if kept_in and currency and kept_in != currency:
            self.add_error(
                "currency",
                _now("%(account)s is kept in %(currency)s.")
                % {"account": account, "currency": kept_in},
            )
        return self.cleaned_data


class EntryForm(ModelForm):
    """The head of an entry being written."""

    class Meta:
        model = EntryDraft
        fields = ("date", "kind", "text", "template_name")
        field_classes = days("date")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.template_name:
            self.fields["template_name"].required = True
        else:
            del self.fields["template_name"]


class ReverseForm(forms.Form):
    """The day an entry is taken back, and why."""

    date = DayOfBooks(label=_("On"))
    why = forms.CharField(
        label=_("Why"), required=False, max_length=120, help_text=_("Stands in the reversal.")
    )


class ReopenForm(forms.Form):
    """Why a closed period is reopened."""

    why = forms.CharField(
        label=_("Why is it reopened?"),
        max_length=200,
        help_text=_("The reason is kept with your name and the time."),
    )


class WaiverForm(forms.Form):
    """Why a check that does not hold may pass."""

    why = forms.CharField(label=_("Why may it pass?"), max_length=300)


class AskedForm(forms.Form):
    """What a statement is asked for in its address: days come in their order."""

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        first, last = asked.get("from"), asked.get("to")
        if first and last and first > last:
            self.add_error("to", _now("The last day is before the first."))
        return asked

    @property
    def as_known(self) -> datetime | None:
        """The moment up to which entries count; None where all do."""
        known = self.cleaned_data.get("known")
        return end_of(known) if known else None


def known_field() -> DayOfBooks:
    """The day whose knowledge a statement shows; empty for today's."""
    return DayOfBooks(label=_("As known on"), required=False)


class KnownForm(AskedForm):
    """What was known on which day."""

    known = known_field()


class DayForm(AskedForm):
    """The day and department a trial balance is drawn for, and the day to compare with."""

    on = DayOfBooks(label=_("On"), required=False)
    department = forms.ModelChoiceField(
        label=_("Department"), queryset=None, required=False, empty_label=_("all")
    )
    compare = DayOfBooks(label=_("Compare with"), required=False)
    known = known_field()

    def __init__(self, *args, departments, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = departments


class SpanForm(AskedForm):
    """The days of an account's lines that are shown."""

    def __init__(self, query):
        super().__init__(query)
        # `from` and `to` read best in an address, but `from` is a word of the language.
        self.fields["from"] = DayOfBooks(label=_("From"), required=False)
        self.fields["to"] = DayOfBooks(label=_("To"), required=False)
        self.fields["known"] = known_field()
