"""Forms of fixed assets: their classes, a new one, and what can happen to one."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounting.forms import DayOfBooks, days
from accounting.models import Account, AssetClass, FixedAsset
from accounting.models.asset_accounts import KINDS, accounts_for
from accounting.years import is_day_of_books, no_day_of_books
from backoffice.access import rows
from backoffice.models import Department, Party, User
from backoffice.number_fields import ModelForm, NumberField, WholeNumberField

# Only where an asset is new: later its history says it.
OF_NEW = ("asset_class", "acquired_on", "in_service_on")
MONEY_OF_NEW = ("cost", "residual", "life_months", "against", "taken_over_on", "taken")


def amount_field(label: Any, **facts: Any) -> NumberField:
    """An amount in the books' currency; its decimals are checked by the act."""
    return NumberField(label=label, max_digits=19, decimal_places=4, **facts)


def account_field(label: Any, **facts: Any) -> forms.ModelChoiceField:
    """An account; which ones are on offer is up to who reads."""
    field: Any = AssetClass._meta.get_field("asset_account")
    return field.formfield(label=label, **{"help_text": ""} | facts)


def on_offer(found: QuerySet) -> QuerySet:
    """Of accounts those that take lines: no heading, nothing given up."""
    return found.filter(is_active=True, children=None) if found.model is Account else found


class AssetClassForm(ModelForm):
    """What new assets of a kind begin with."""

    class Meta:
        model = AssetClass
        fields = (
            "name",
            "method",
            "life_months",
            "first_month",
            "declining_rate",
            "switches",
            "asset_account",
            "depreciation_account",
            "expense_account",
            "is_active",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for use in KINDS:
            choice: Any = self.fields[use]
            choice.queryset = accounts_for(use)


class FixedAssetForm(ModelForm):
    """A new asset with its cost; of an old one, what is no fact of the ledger."""

    cost = amount_field(_("Cost"), min_value=Decimal(0))
    residual = amount_field(
        _("Residual value"),
        min_value=Decimal(0),
        required=False,
        help_text=_("What it will still be worth at the end. Empty: nothing."),
    )
    life_months = WholeNumberField(
        label=_("Life in months"),
        min_value=1,
        max_value=1200,
        required=False,
        help_text=_("Empty: as its class."),
    )
    against = account_field(
        _("Paid from, or owed on"),
        help_text=_(
            "The account that is credited. Empty: only for what is taken over and stands in the"
            " opening balances already."
        ),
    )
    taken_over_on = DayOfBooks(
        label=_("Taken over on"),
        required=False,
        help_text=_(
            "Only for an asset from earlier books. Its cost and its depreciation have to be in the"
            " opening balances on that day; else name the account above they are posted against."
        ),
    )
    taken = amount_field(_("Depreciation until then"), min_value=Decimal(0), required=False)

    class Meta:
        model = FixedAsset
        fields = (
            "name",
            "asset_class",
            "acquired_on",
            "in_service_on",
            "department",
            "party",
            "serial_number",
            "tag",
        )
        field_classes = days("acquired_on", "in_service_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name in (*OF_NEW, *MONEY_OF_NEW):
                del self.fields[name]
            return
        paid_from: Any = self.fields["against"]
        paid_from.queryset = on_offer(paid_from.queryset)
        self.fields["in_service_on"].required = False
        self.fields["in_service_on"].help_text = _("Empty: the day it is acquired.")
        self.fields["department"].required = False
        self.fields["department"].help_text = _("Empty: the whole company.")
        first = ("name", "asset_class", "cost", "acquired_on", "in_service_on", "against")
        self.order_fields([*first, "life_months", "residual", "department", "party"])

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if self.instance.pk:
            return found
        # Filled before the model's own rules are asked.
        self.instance.in_service_on = found.get("in_service_on") or found.get("acquired_on")
        if not found.get("taken_over_on"):
            if found.get("taken"):
                self.add_error("taken_over_on", _("Say on which day it is taken over."))
            if "against" in found and found["against"] is None:
                self.add_error("against", _("Say which account paid for it."))
        return found

    @property
    def refused_at(self) -> dict[str, str]:
        """The field of the day the act enters the asset on."""
        day = "taken_over_on" if self.cleaned_data.get("taken_over_on") else "acquired_on"
        return {"date": day, "on": day}

    def _post_clean(self) -> None:
        # The act answers for a new asset; its rules read facts this form does not know yet.
        if self.instance.pk:
            super()._post_clean()  # type: ignore[misc]


class BillAssetForm(ModelForm):
    """A new asset from a line of a bill, which says what it cost and where that stands."""

    residual = FixedAssetForm.base_fields["residual"]
    life_months = FixedAssetForm.base_fields["life_months"]

    class Meta:
        model = FixedAsset
        fields = (
            "name",
            "asset_class",
            "acquired_on",
            "in_service_on",
            "department",
            "serial_number",
            "tag",
        )
        field_classes = FixedAssetForm.Meta.field_classes

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["in_service_on"].required = False
        self.fields["in_service_on"].help_text = _("Empty: the day it is acquired.")
        classes: Any = self.fields["asset_class"]
        classes.queryset = rows(user, AssetClass).filter(is_active=True)
        departments: Any = self.fields["department"]
        departments.queryset, departments.required = rows(user, Department), False
        departments.help_text = _("Empty: the whole company.")

    def _post_clean(self) -> None:
        # The act answers for a new asset; its rules read facts this form does not know.
        pass


class ActForm(forms.Form):
    """What every act on an asset asks; choices are those within the person's reach."""

    refused_at: ClassVar = {"date": "on"}

    on = DayOfBooks(label=_("On"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
                field.queryset = on_offer(rows(user, field.queryset.model))
                field.empty_label = "—"


class AdditionForm(ActForm):
    """More cost: a repair that improves it."""

    cost = amount_field(_("Cost"), min_value=Decimal(0))
    against = account_field(_("Paid from, or owed on"), required=True)
    party = forms.ModelChoiceField(
        label=_("Owed to"), queryset=Party._default_manager.none(), required=False
    )
    life_months = WholeNumberField(
        label=_("Life in months"),
        min_value=1,
        max_value=1200,
        required=False,
        help_text=_("Since it is in service. Empty: as before."),
    )
    text = forms.CharField(label=_("Text"), max_length=120, required=False)


class ChangeForm(ActForm):
    """Another value or life."""

    value = amount_field(
        _("Change of value"),
        required=False,
        help_text=_("More is positive, less is negative. Empty: the value stays."),
    )
    against = account_field(
        _("Other account"),
        help_text=_("Credited with a higher value. Empty for a lower one: its expense account."),
    )
    residual = amount_field(
        _("Residual value"),
        min_value=Decimal(0),
        required=False,
        help_text=_("Empty: as before."),
    )
    life_months = AdditionForm.base_fields["life_months"]
    text = AdditionForm.base_fields["text"]


class DisposalForm(ActForm):
    """Sold or scrapped, wholly or in part."""

    refused_at: ClassVar = ActForm.refused_at | {"share": "percent"}

    proceeds = amount_field(
        _("Proceeds without tax"),
        min_value=Decimal(0),
        required=False,
        help_text=_(
            "Empty: it is scrapped. Sold with tax: issue an invoice on the account of gains and"
            " losses on assets, and let the proceeds here go to that."
        ),
    )
    proceeds_account = account_field(
        _("Proceeds go to"), help_text=_("The bank, or the account the buyer owes on.")
    )
    party = forms.ModelChoiceField(
        label=_("Sold to"), queryset=Party._default_manager.none(), required=False
    )
    percent = NumberField(
        label=_("Share given up, in percent"),
        initial=100,
        min_value=Decimal("0.01"),
        max_value=100,
        max_digits=5,
        decimal_places=2,
    )
    why = forms.CharField(label=_("Why"), max_length=120, required=False)


class RegisterForm(forms.Form):
    """The day and the class the register is drawn for."""

    on = DayOfBooks(label=_("On"), required=False)
    asset_class = forms.ModelChoiceField(
        label=_("Class"),
        queryset=AssetClass._default_manager.none(),
        required=False,
        empty_label=_("all"),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        classes: Any = self.fields["asset_class"]
        classes.queryset = rows(user, AssetClass)


class MonthField(forms.DateField):
    """A month of the books, as its first day."""

    def __init__(self, **facts: Any) -> None:
        widget = forms.DateInput(
            attrs={"type": "month", "pattern": "[0-9]{4}-[0-9]{2}"}, format="%Y-%m"
        )
        errors = {"invalid": _("A month is written as 2024-05.")}
        super().__init__(widget=widget, input_formats=["%Y-%m"], error_messages=errors, **facts)

    def clean(self, value: Any) -> date:
        month = super().clean(value)
        if not is_day_of_books(month):
            raise forms.ValidationError(no_day_of_books(month))
        return month


class MonthForm(forms.Form):
    """Up to which month is depreciated."""

    month = MonthField(label=_("Up to"))
