"""Invoices and credit notes to customers."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from accounting import invoices as acts
from accounting import sending
from accounting.document_forms import InvoiceForm, InvoiceLineRows, SendForm
from accounting.models import Invoice
from accounting.views.documents import (
    DocumentPages,
    document_page,
    paid_state,
    side_of,
    with_open,
)
from backoffice.access import area, row_or_404
from backoffice.messages import say
from backoffice.operations import Said, operation
from backoffice.pages import Rows
from backoffice.shell import locale_of
from backoffice.views.forms import form_page


def state_of(invoice: Invoice) -> tuple[str, str] | None:
    """Draft, issued, sent, or what is paid of it, in a word."""
    if not invoice.is_issued:
        return (_("Draft"), "warn")
    usual = (_("Sent"), "info") if invoice.sent_at else (_("Issued"), "info")
    return paid_state(invoice, on=timezone.localdate()) or usual


@operation(
    "edit",
    Invoice,
    label=_lazy("Issue"),
    icon="check",
    primary=True,
    asks=_lazy("It gets its number and enters the books; from then on it is final."),
    when=lambda invoice: not invoice.is_issued,
)
def issue(request, invoice):
    """Number, entry and due day in one step."""
    issued = acts.issue(invoice, by=request.user)
    return _("%(number)s is issued.") % {"number": issued}


@operation(
    "edit",
    Invoice,
    label=_lazy("Credit"),
    icon="history",
    when=lambda invoice: invoice.is_issued and not invoice.is_credit_note,
)
def credit(request, invoice):
    """A credit note with the same lines, to be cut down and issued."""
    draft = acts.credit_note_for(invoice, on=timezone.localdate(), by=request.user)
    said = _("A credit note for %(number)s: change what is given back, then issue it.")
    return Said(said % {"number": invoice}, go_to=draft.get_absolute_url())


@operation("edit", Invoice, label=_lazy("Duplicate"), icon="plus")
def duplicate(request, invoice):
    """The same lines again, dated today."""
    draft = acts.duplicate(invoice, on=timezone.localdate(), by=request.user)
    return Said(_("A copy, not issued yet."), go_to=draft.get_absolute_url())


@operation(
    "edit",
    Invoice,
    label=_lazy("Discard"),
    icon="trash",
    asks=_lazy("The draft is thrown away. It has no number, so none is missing."),
    when=lambda invoice: not invoice.is_issued,
)
def discard(request, invoice):
    """Drafts may go."""
    acts.discard(invoice, by=request.user)
    return Said(_("Draft discarded."), go_to=reverse("accounting:invoice-list"))


@area("accounting")
@require_safe
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The invoice on paper, as PDF."""
    invoice = row_or_404(request.user, Invoice, pk=pk)
    answer = HttpResponse(
        sending.paper(invoice, locale=locale_of(request)), content_type="application/pdf"
    )
    answer.headers["Content-Disposition"] = (
        f'attachment; filename="{invoice.number or "draft"}.pdf"'
    )
    return answer


@area("accounting", "edit")
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """The invoice by mail, its PDF enclosed."""
    invoice = row_or_404(request.user, Invoice, "edit", pk=pk)
    offered = {"to": sending.address_of(invoice), "text": sending.letter(invoice)}
    form = SendForm(request.POST or None, initial=offered)

    def leave() -> str:
        sending.send(invoice, by=request.user, locale=locale_of(request), **form.cleaned_data)
        to = form.cleaned_data["to"]
        say(request, _("%(invoice)s is on its way to %(to)s.") % {"invoice": invoice, "to": to})
        return invoice.get_absolute_url()

    title = _("Send %(invoice)s") % {"invoice": invoice}
    crumbs = [*invoices.trail, (str(invoice), invoice.get_absolute_url()), (_("Send"), None)]
    return form_page(
        request,
        form,
        leave,
        title=title,
        crumbs=crumbs,
        submit_label=_("Send"),
        back=invoice.get_absolute_url(),
    )


def save_draft(form, *, by):
    """A draft written or changed; what is issued is not changed here."""
    if form.instance.pk is None:
        form.instance.made_by = by
    elif acts.locked(form.instance).is_issued:
        raise acts.is_issued_already(form.instance)
    return form.save()


invoices = DocumentPages(
    model=Invoice,
    form=InvoiceForm,
    columns=("number", "party", "date", "due_on", "gross", "currency", "text"),
    more_columns=("kind", "net", "tax", "order_reference", "issued_at", "sent_at"),
    facts=("party", "date", "due_on", "tax_date", "order_reference", "credits", "entry"),
    filters=("kind", "party", "date", "due_on", "currency"),
    search=("number", "party__name", "text", "order_reference"),
    ordering=("-date",),
    joined=("party", "credits", "entry"),
    labels={"party": _lazy("customer"), "gross": _lazy("total")},
    hide_small=("due_on", "text"),
    amount="gross",
    annotate=with_open,
    formsets=(Rows(_lazy("Lines"), InvoiceLineRows, "accounting/_document_lines.html"),),
    state=state_of,
    side=side_of,
    save=save_draft,
    record_view=document_page,
    template="accounting/invoice_detail.html",
    icon="receipt-2",
    empty=_lazy("What customers are charged: written as a draft, then issued with its number."),
)
