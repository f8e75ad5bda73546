"""Screens of the directory: everybody outside."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from backoffice import forms
from backoffice.access import may
from backoffice.bank_details import ask_for_details, standings
from backoffice.functions import about_party
from backoffice.models import Party
from backoffice.pages import Pages, Related, Rows
from backoffice.views.office import save_recorded


def _side(request, party) -> list:
    """What functions know of the party, and whether money may go to its accounts."""
    told = list(about_party(request.user, party, on=timezone.localdate()))
    found = standings(party) if may(request.user, "accounting.pay") else []
    return [*told, (_("Payments may go to"), found)] if found else told


parties = Pages(
    model=Party,
    form=forms.PartyForm,
    columns=("name", "kind", "works_for", "website"),
    more_columns=("legal_name", "is_active"),
    facts=("kind", "legal_name", "works_for", "website", "note"),
    filters=("kind", "is_active"),
    search=("name", "legal_name", "emails__address"),
    joined=("works_for",),
    annotate=lambda found: found.distinct(),
    hide_small=("website",),
    formsets=(
        Rows(_lazy("Addresses"), forms.AddressRows),
        Rows(_lazy("Phones"), forms.PhoneRows),
        Rows(_lazy("E-mails"), forms.EmailRows),
        Rows(_lazy("Bank accounts"), forms.BankAccountRows),
    ),
    related=(
        Related("addresses", ("kind", "street", "postcode", "city", "country")),
        Related("phones", ("label", "number")),
        Related("emails", ("label", "address")),
        Related("contacts", ("name", "kind"), _lazy("contacts")),
        Related("bank_accounts", ("holder", "iban", "bic", "number")),
    ),
    state=lambda party: None if party.is_active else (_("Inactive"), "mute"),
    save=save_recorded,
    after=ask_for_details,
    side=_side,
    importer="parties",
    empty=_lazy("Customers, suppliers, contacts: everybody outside is kept here once."),
)
