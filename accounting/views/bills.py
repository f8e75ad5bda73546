"""Bills and credit notes from suppliers."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounting import bills as acts
from accounting.document_forms import BillForm, BillLineRows
from accounting.models import Bill
from accounting.views.documents import DocumentPages, document_page, side_of, warn
from backoffice.operations import Said, operation
from backoffice.pages import Rows

TONES = {"draft": "warn", "submitted": "info", "posted": "ok", "refused": "bad"}


def state_of(bill: Bill) -> tuple[str, str]:
    """How far the bill has come."""
    return (bill.get_state_display().capitalize(), TONES[bill.state])


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


def save_bill(form, *, by):
    """A bill entered or changed; a change takes it back from who was to approve it."""
    if form.instance.pk is None:
        form.instance.made_by = by
        return form.save()
    acts.changed(form.instance, by=by)
    form.instance.state = Bill.State.DRAFT
    return form.save()


bills = DocumentPages(
    model=Bill,
    form=BillForm,
    columns=("reference", "party", "date", "due_on", "gross", "state"),
    more_columns=("kind", "net", "tax", "currency", "text", "posted_at", "made_by"),
    facts=("party", "reference", "date", "due_on", "tax_date", "duplicate_reason", "entry"),
    filters=("state", "kind", "party", "date", "due_on", "currency"),
    search=("reference", "party__name", "text"),
    ordering=("-date",),
    joined=("party", "currency", "entry", "made_by"),
    labels={"party": _lazy("supplier"), "gross": _lazy("total")},
    hide_small=("due_on",),
    amount="gross",
    formsets=(Rows(_lazy("Lines"), BillLineRows, "accounting/_document_lines.html"),),
    state=state_of,
    side=side_of,
    save=save_bill,
    record_view=document_page,
    template="accounting/bill_detail.html",
    icon="receipt-2",
    empty=_lazy("What suppliers charge: entered by one person, approved by another."),
)
