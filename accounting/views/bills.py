"""Bills and credit notes from suppliers."""

from decimal import Decimal

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from accounting import bills as acts
from accounting.asset_forms import BillAssetForm
from accounting.bill_assets import assets_of, costs_of, key_of, put_in_register
from accounting.document_forms import BillForm, BillLineRows
from accounting.documents import lines_of
from accounting.models import Bill, BillLine, FixedAsset
from accounting.views.documents import (
    DocumentPages,
    document_context,
    paid_state,
    side_of,
    warn,
    with_open,
)
from backoffice.access import area, may, row_or_404, rows
from backoffice.money import for_people
from backoffice.operations import Said, operation
from backoffice.pages import Pages, Rows
from backoffice.shell import company_of, locale_of
from backoffice.views.forms import form_page
from backoffice.views.pages import record_context

TONES = {"draft": "warn", "submitted": "info", "posted": "ok", "refused": "bad"}


def state_of(bill: Bill) -> tuple[str, str]:
    """How far the bill has come, or what is paid of it."""
    return paid_state(bill, on=timezone.localdate()) or (
        Bill.State(bill.state).label.capitalize(),
        TONES[bill.state],
    )


@operation(
    "edit",
    Bill,
    label=_lazy("Submit"),
    icon="check",
    primary=True,
    asks=_lazy("A second person is asked to approve it; then it enters the books."),
    when=lambda bill: bill.state in (Bill.State.DRAFT, Bill.State.REFUSED),
)
def submit(request, bill):
    """To a second person."""
    warn(request, acts.submit(bill, by=request.user))
    return _("%(bill)s waits for approval.") % {"bill": bill}


@operation(
    "edit",
    Bill,
    label=_lazy("Discard"),
    icon="trash",
    asks=_lazy("It is thrown away; the books never knew of it."),
    when=lambda bill: bill.is_open_to_change,
)
def discard(request, bill):
    """What is not in the books may go."""
    acts.discard(bill, by=request.user)
    return Said(_("Bill discarded."), go_to=reverse("accounting:bill-list"))


@operation(
    "edit",
    Bill,
    label=_lazy("Take back"),
    icon="history",
    asks=_lazy(
        "For a bill entered by mistake: its entry is reversed, and what had settled it is open"
        " again. What the supplier gives back is a credit note instead."
    ),
    when=lambda bill: bill.entry_id is not None and not acts.is_taken_back(bill),
)
def take_back(request, bill):
    """A bill that was not one."""
    reversal = acts.take_back(bill, on=timezone.localdate(), by=request.user)
    return _("%(bill)s is taken back by %(entry)s.") % {"bill": bill, "entry": reversal}


def save_bill(form, *, by):
    """A bill entered or changed; a change takes it back from who was to approve it."""
    if form.instance.pk is None:
        form.instance.made_by = by
        return form.save()
    acts.changed(form.instance, by=by)
    return form.save()


@require_safe
def bill_page(request: HttpRequest, pk: int, *, pages: Pages) -> HttpResponse:
    """A bill with what its lines are in the asset register, or may become there."""
    bill = get_object_or_404(pages.rows(request.user), pk=pk)
    context = record_context(request, bill, pages) | document_context(request, bill)
    lines = [line for line, _net in context["lines"]]
    known = assets_of(bill, rows(request.user, FixedAsset))
    offered = costs_of(bill, lines) if may(request.user, "accounting", "edit", bill) else {}
    for line in lines:
        line.asset = known.get(key_of(line))
        line.may_be_asset = line.asset is None and line.pk in offered
    return render(request, pages.template, context)


@area("accounting", "edit")
def capitalise(request: HttpRequest, pk: int, line_pk: int) -> HttpResponse:
    """Ask what kind of asset a line is, and put it in the register."""
    bill = row_or_404(request.user, Bill, "edit", pk=pk)
    line = get_object_or_404(rows(request.user, BillLine).filter(bill=bill), pk=line_pk)
    cost = costs_of(bill, lines_of(bill)).get(line.pk)
    if cost is None:
        raise Http404
    first = {"name": str(line), "acquired_on": bill.date, "department": line.department}
    form = BillAssetForm(request.POST or None, user=request.user, initial=first)

    def save() -> str:
        said = {k: v for k, v in form.cleaned_data.items() if v not in (None, "")}
        return put_in_register(line, by=request.user, **said).get_absolute_url()

    return form_page(request, form, save, **words_of_asset(request, bill, line, cost))


def words_of_asset(request: HttpRequest, bill: Bill, line: BillLine, cost: Decimal) -> dict:
    """What the form of a new asset says of the bill it comes from."""
    currency = company_of(request).currency_id
    said = for_people(cost, locale=locale_of(request), currency=currency)
    return {
        "title": _("Put in the asset register"),
        "note": _("%(bill)s has entered its cost: %(cost)s.") % {"bill": bill, "cost": said},
        "crumbs": [*bills.trail, (str(bill), bill.get_absolute_url()), (str(line), None)],
        "submit_label": _("Put in the register"),
        "back": bill.get_absolute_url(),
    }


bills = DocumentPages(
    model=Bill,
    form=BillForm,
    columns=("reference", "party", "date", "due_on", "gross", "currency"),
    more_columns=("state", "kind", "net", "tax", "text", "posted_at", "made_by"),
    facts=("party", "reference", "date", "due_on", "tax_date", "duplicate_reason", "entry"),
    filters=("state", "kind", "party", "date", "due_on", "currency"),
    search=("reference", "party__name", "text"),
    ordering=("-date",),
    joined=("party", "entry", "made_by"),
    labels={"party": _lazy("supplier"), "gross": _lazy("total")},
    hide_small=("due_on",),
    amount="gross",
    annotate=with_open,
    formsets=(Rows(_lazy("Lines"), BillLineRows, "accounting/_document_lines.html"),),
    state=state_of,
    side=side_of,
    save=save_bill,
    record_view=bill_page,
    template="accounting/bill_detail.html",
    icon="receipt-2",
    empty=_lazy("What suppliers charge: entered by one person, approved by another."),
)
