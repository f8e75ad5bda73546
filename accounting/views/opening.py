"""Taking over the books of another program, step by step, and whether they may go live."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounting.models import Account, AssetClass, FixedAsset
from accounting.opening import CLEARING, GoLive, go_live
from accounting.reach import of_whole_books
from backoffice.access import area, may, rows


@area("accounting")
@require_safe
@of_whole_books
def take_over(request: HttpRequest) -> HttpResponse:
    """The steps of the take-over with how far each is, and the two trial balances."""
    found = go_live()
    steps = steps_of(request, found)
    context = {
        "title": _("Take over"),
        "crumbs": [(_("Take over"), None)],
        "found": found,
        "steps": steps,
        "next": next((step for step in steps if step[2] is False), None),
        "may_import": may(request.user, "accounting", "edit"),
        "off": [row for row in found.rows if row.difference],
    }
    return render(request, "accounting/take_over.html", context)


def steps_of(request: HttpRequest, found: GoLive) -> list[tuple[str, str, bool | None, str]]:
    """Its name, how far it is, whether it is done (None: it need not be), and where it is."""
    accounts = rows(request.user, Account).count()
    assets = rows(request.user, FixedAsset).filter(source_key__startswith="import:").count()
    has_classes = rows(request.user, AssetClass).exists()
    clear = {account.role: not balance for account, balance in found.clearing}
    return [
        (
            _("Chart of accounts"),
            _("%(count)s accounts") % {"count": accounts},
            accounts > 0,
            reverse("accounting:chart"),
        ),
        (
            _("Balances of the books before"),
            _("taken over") if found.on else _("not yet"),
            found.on is not None,
            bring_in("opening_balances"),
        ),
        (
            _("Invoices customers had not paid"),
            _("%(count)s invoices") % {"count": found.items["receivable"]},
            found.on is not None and clear.get(CLEARING["receivable"], False),
            bring_in("open_invoices"),
        ),
        (
            _("Bills we had not paid"),
            _("%(count)s bills") % {"count": found.items["payable"]},
            found.on is not None and clear.get(CLEARING["payable"], False),
            bring_in("open_bills"),
        ),
        (
            _("Fixed assets, where there are any"),
            _("%(count)s assets") % {"count": assets},
            assets > 0 or None,
            bring_in("fixed_assets") if has_classes else reverse("accounting:assetclass-list"),
        ),
    ]


def bring_in(kind: str) -> str:
    """Where a file of this kind is brought in."""
    return reverse("backoffice:import-add", args=[kind])
