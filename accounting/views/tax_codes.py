"""Tax codes with their rates, and the ones to start from."""

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from accounting.models import TaxCode
from accounting.tax_codes import COUNTRIES, check_whole, load_tax_codes, names_of
from accounting.tax_forms import PartRows, RateRows, TaxCodeForm
from backoffice.access import area, rows
from backoffice.errors import Refused
from backoffice.messages import say
from backoffice.pages import Pages, Related, Rows
from backoffice.shell import company_of
from backoffice.views.office import save_recorded

tax_codes = Pages(
    model=TaxCode,
    form=TaxCodeForm,
    columns=("code", "name", "kind", "used_for", "category"),
    more_columns=("base_boxes", "tax_boxes", "input_boxes", "deductible_percent", "is_active"),
    facts=(
        "code", "name", "kind", "used_for", "category", "deductible_percent", "base_boxes",
        "tax_boxes", "input_boxes", "note", "source",
    ),
    filters=("kind", "used_for", "category", "is_active"),
    search=("code", "name"),
    ordering=("code",),
    hide_small=("category",),
    formsets=(
        Rows(_lazy("Rates"), RateRows),
        Rows(_lazy("Parts, for several taxes together"), PartRows),
    ),
    related=(
        Related("rates", ("starts_on", "ends_on", "percent"), _lazy("rates")),
        Related("parts", ("part", "on_tax", "position"), _lazy("parts")),
    ),
    state=lambda code: None if code.is_active else (_("Inactive"), "mute"),
    save=save_recorded,
    after=check_whole,
    importer="tax_codes",
    start_name="accounting:taxcode-start",
    icon="receipt-2",
    empty=_lazy("How sales and purchases are taxed: categories, rates by date, boxes."),
)  # fmt: skip


@area("accounting", "edit")
def start(request: HttpRequest) -> HttpResponse:
    """The codes of a country to begin with; those there are already stay as they are."""
    if request.method == "POST":
        return loaded(request, request.POST.get("country", ""))
    company = company_of(request)
    own = company.country if company else ""
    context = {
        "title": _("Tax codes to start from"),
        "crumbs": [*tax_codes.trail, (_("Tax codes to start from"), None)],
        "countries": [
            (country, COUNTRIES[country], names_of(country))
            for country in sorted(COUNTRIES, key=lambda one: one != own)
        ],
        "own": own,
        "has_codes": rows(request.user, TaxCode).exists(),
    }
    return render(request, "accounting/taxcode_start.html", context)


def loaded(request: HttpRequest, country: str) -> HttpResponse:
    """Add the codes of the country and show the list."""
    try:
        added = load_tax_codes(country, by=request.user).counts["created"]
    except Refused as refusal:
        raise BadRequest(str(refusal)) from refusal
    text = ngettext("%(count)s tax code added.", "%(count)s tax codes added.", added)
    say(request, text % {"count": added})
    return redirect(tax_codes.url("list"))
