"""The forms of the office itself."""

from babel import Locale
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.forms import inlineformset_factory
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from backoffice import models
from backoffice.access import AREAS, Level, Reach
from backoffice.number_fields import ModelForm
from backoffice.phones import e164

LOCALES = (
    "en-GB", "en-US", "en-IE", "en-AU", "en-CA", "de-DE", "de-AT", "de-CH", "fr-FR", "fr-BE",
    "es-ES", "it-IT", "nl-NL", "pt-PT", "pl-PL", "sv-SE", "da-DK", "nb-NO", "fi-FI",
)  # fmt: skip
MONTHS = [(number, name) for number, name in Locale("en").months["format"]["wide"].items()]


def countries() -> list[tuple[str, str]]:
    """ISO 3166 codes with their names in the reader's language."""
    names = Locale.parse((get_language() or "en")[:2]).territories
    known = [(code, name) for code, name in names.items() if len(code) == 2 and code.isalpha()]
    unassigned = {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"}
    return sorted((pair for pair in known if pair[0] not in unassigned), key=lambda pair: pair[1])


def time_zones() -> list[tuple[str, str]]:
    """The zones of the IANA database people live in."""
    from zoneinfo import available_timezones

    areas = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Pacific/")
    found = sorted(name for name in available_timezones() if name.startswith(areas))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in found)]


def locales() -> list[tuple[str, str]]:
    """The local forms of dates and numbers on offer."""
    return [(code, Locale.parse(code, sep="-").get_display_name("en").title()) for code in LOCALES]


def country_field(**facts) -> forms.ChoiceField:
    """A country by its name."""
    facts.setdefault("label", _("Country"))
    return forms.ChoiceField(choices=lambda: [("", "—"), *countries()], **facts)


class CompanyForm(ModelForm):
    """The company's own facts."""

    country = country_field()
    fiscal_year_starts_in = forms.TypedChoiceField(
        label=_("Fiscal year starts in"), choices=MONTHS, coerce=int
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones)
    language = forms.ChoiceField(label=_("Dates and numbers as in"), choices=locales)

    class Meta:
        model = models.Company
        fields = (
            "name",
            "legal_name",
            "country",
            "currency",
            "fiscal_year_starts_in",
            "time_zone",
            "language",
        )


class OwnerForm(ModelForm):
    """Who the owner is, asked first."""

    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least ten characters. Empty: you come in by one-time links for now."),
    )

    class Meta:
        model = models.User
        fields = ("name", "email")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"].required = True

    def clean_password(self) -> str:
        if self.cleaned_data["password"]:
            validate_password(self.cleaned_data["password"], self.instance)
        return self.cleaned_data["password"]


class SetUpCompanyForm(ModelForm):
    """What the company is called and where it is."""

    country = country_field()
    time_zone = CompanyForm.base_fields["time_zone"]
    language = CompanyForm.base_fields["language"]

    class Meta:
        model = models.Company
        fields = ("name", "country", "time_zone", "language")


class SetUpBooksForm(ModelForm):
    """The currency and the year of the books."""

    fiscal_year_starts_in = CompanyForm.base_fields["fiscal_year_starts_in"]

    class Meta:
        model = models.Company
        fields = ("currency", "fiscal_year_starts_in")


class DepartmentForm(ModelForm):
    """A department. Which function it performs is chosen on a page of its own."""

    class Meta:
        model = models.Department
        fields = ("name", "code", "parent", "manager")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.instance.parent_id is None:
            self.fields.pop("parent", None)
        elif "parent" in self.fields:
            self.fields["parent"].required = True

    def clean_code(self) -> str:
        return self.cleaned_data["code"].upper()


class UserForm(ModelForm):
    """Somebody on the staff."""

    language = forms.ChoiceField(
        label=_("Dates and numbers as in"),
        choices=lambda: [("", _("as the company")), *locales()],
        required=False,
    )

    class Meta:
        model = models.User
        fields = ("name", "email", "job_title", "department", "phone", "language")

    def clean_phone(self) -> str:
        written = self.cleaned_data["phone"]
        if not written:
            return ""
        company = models.Company.objects.first()
        return e164(written, country=company.country if company else None)


class ProfileForm(ModelForm):
    """What everybody may say about themselves."""

    language = UserForm.base_fields["language"]
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=lambda: [("", _("as the company")), *time_zones()],
        required=False,
    )

    class Meta:
        model = models.User
        fields = ("phone", "language", "time_zone")

    clean_phone = UserForm.clean_phone


class MailPreferenceForm(ModelForm):
    """Which notices are sent to somebody, and when."""

    digest_hour = forms.TypedChoiceField(
        label=_("Daily summary at"),
        choices=[(hour, f"{hour:02}:00") for hour in range(24)],
        coerce=int,
        help_text=_("By the clock of your time zone. Days without news have none."),
    )

    class Meta:
        model = models.MailPreference
        fields = ("approval", "mention", "message", "job_failed", "job_done", "digest_hour")


class RoleForm(ModelForm):
    """A role; its rights are the rows below."""

    class Meta:
        model = models.Role
        fields = ("name", "description")


class GrantForm(ModelForm):
    """What a role may do in one area; without a level, nothing."""

    level = forms.TypedChoiceField(
        label=_("Level"),
        choices=[("", Level.NONE.label), *Level.choices[1:]],
        coerce=int,
        required=False,
        empty_value=None,
        widget=forms.Select(attrs={"class": "form-select form-select-sm"}),
    )

    class Meta:
        model = models.Grant
        fields = ("area", "level", "reach")
        widgets = {
            "area": forms.HiddenInput,
            "reach": forms.Select(attrs={"class": "form-select form-select-sm"}),
        }


class AreasOfRole(forms.BaseInlineFormSet):
    """A row for every area, whether the role has a right there or not."""

    def __init__(self, *args, instance=None, **kwargs):
        held = instance.grants.values_list("area", flat=True) if instance.pk else ()
        without = [name for name in AREAS if name not in set(held)]
        first = [{"area": name, "reach": Reach.ALL} for name in without]
        super().__init__(*args, instance=instance, initial=first, **kwargs)
        self.extra = len(without)

    @property
    def by_area(self) -> list[tuple[str, forms.ModelForm]]:
        """The rows in the order of the areas, each with the area's words."""
        order = {name: place for place, name in enumerate(AREAS)}
        named = [(row["area"].value(), row) for row in self.forms if row["area"].value() in order]
        return [(AREAS[name], row) for name, row in sorted(named, key=lambda p: order[p[0]])]

    def _should_delete_form(self, form) -> bool:
        return not getattr(form, "cleaned_data", {}).get("level")


class AssignmentForm(ModelForm):
    """A role somebody holds."""

    class Meta:
        model = models.Assignment
        fields = ("role", "department", "starts_on", "ends_on")
        widgets = {
            "starts_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "ends_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }


class PartyForm(ModelForm):
    """Somebody outside."""

    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https")

    class Meta:
        model = models.Party
        fields = ("kind", "name", "legal_name", "works_for", "website", "note")
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}


class AddressForm(ModelForm):
    """An address of a party."""

    country = country_field()

    class Meta:
        model = models.Address
        fields = ("kind", "street", "more", "postcode", "city", "region", "country")


class BankAccountForm(ModelForm):
    """Where a party is paid; the one place that shows the numbers whole."""

    class Meta:
        model = models.BankAccount
        fields = ("holder", "iban", "bic", "number", "bank_code", "currency")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("iban", "number"):
            if not getattr(self.instance, name).is_readable:
                self.fields[name].required = True
                self.fields[name].help_text = _("What is stored cannot be read: enter it again.")


class SiteForm(ModelForm):
    """A building or office of the company."""

    country = country_field(required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones)

    class Meta:
        model = models.Site
        fields = ("name", "street", "postcode", "city", "country", "time_zone")


class RoomForm(ModelForm):
    """A room at a site."""

    class Meta:
        model = models.Room
        fields = ("site", "name", "floor", "seats", "is_bookable")


class PasswordOnceForm(forms.Form):
    """The first password of somebody invited."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least ten characters; a short sentence is a good one."),
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        validate_password(self.cleaned_data["password"], self.user)
        return self.cleaned_data["password"]


class ManagerForm(forms.Form):
    """Who manages a function's department."""

    manager = forms.ModelChoiceField(
        label=_("Manager"),
        queryset=models.User._default_manager.none(),
        required=False,
        empty_label=_("nobody yet"),
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def __init__(self, *args, staff, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["manager"].queryset = staff


class InviteForm(forms.Form):
    """Colleagues to invite, one a line."""

    people = forms.CharField(
        label=_("Colleagues"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("One a line: name, then e-mail, as in “Tom Brandt tom@example.com”."),
    )

    def clean_people(self) -> list[tuple[str, str]]:
        found = []
        for number, line in enumerate(self.cleaned_data["people"].splitlines(), start=1):
            if not line.strip():
                continue
            name, _space, address = line.strip().rpartition(" ")
            address = address.strip("<>,;")
            try:
                forms.EmailField().clean(address)
            except ValidationError:
                raise ValidationError(
                    _("Line %(number)s does not end with an e-mail address."),
                    params={"number": number},
                ) from None
            if not name.strip(" ,;"):
                raise ValidationError(
                    _("Line %(number)s has no name before the address."),
                    params={"number": number},
                )
            found.append((name.strip(" ,;"), address.lower()))
        return found


AddressRows = inlineformset_factory(models.Party, models.Address, form=AddressForm, extra=1)
PhoneRows = inlineformset_factory(models.Party, models.Phone, fields=("label", "number"), extra=1)
EmailRows = inlineformset_factory(models.Party, models.Email, fields=("label", "address"), extra=1)
BankAccountRows = inlineformset_factory(
    models.Party,
    models.BankAccount,
    form=BankAccountForm,
    extra=1,
)
GrantRows = inlineformset_factory(
    models.Role, models.Grant, form=GrantForm, formset=AreasOfRole, extra=0
)
AssignmentRows = inlineformset_factory(
    models.User, models.Assignment, form=AssignmentForm, extra=1
)
