"""Customers and suppliers: what is agreed with them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from accounting.models import PartyTerms
from accounting.tax_forms import PartyTermsForm
from backoffice.access import area
from backoffice.pages import Pages
from backoffice.views.office import save_recorded


def use_of(terms: PartyTerms) -> tuple[str, str]:
    """Whether it is a customer, a supplier or both."""
    if terms.is_customer and terms.is_supplier:
        return _("Customer and supplier"), "info"
    return (_("Customer"), "ok") if terms.is_customer else (_("Supplier"), "mute")


party_terms = Pages(
    model=PartyTerms,
    form=PartyTermsForm,
    columns=("party", "vat_id", "currency", "customer_days", "supplier_days"),
    more_columns=("is_customer", "is_supplier", "discount_days", "discount_percent"),
    facts=(
        "party", "vat_id", "currency", "customer_days", "supplier_days", "discount_days",
        "discount_percent", "sales_tax_code", "purchase_tax_code",
    ),
    filters=("is_customer", "is_supplier", "currency"),
    search=("vat_id", "party__name"),
    ordering=("party__name",),
    joined=("party", "sales_tax_code", "purchase_tax_code"),
    hide_small=("currency", "customer_days", "supplier_days"),
    state=use_of,
    save=save_recorded,
    importer="party_terms",
    icon="users",
    empty=_lazy("Say which parties of the directory buy from you or sell to you."),
)  # fmt: skip


@area("accounting")
@require_safe
def customers(request: HttpRequest) -> HttpResponse:
    """The list of those who buy."""
    return redirect(party_terms.url("list") + "?is_customer=true")


@area("accounting")
@require_safe
def suppliers(request: HttpRequest) -> HttpResponse:
    """The list of those who sell."""
    return redirect(party_terms.url("list") + "?is_supplier=true")
