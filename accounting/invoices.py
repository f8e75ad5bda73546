"""Invoices: drafted, issued once with number and entry, sent, credited."""

from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounting import documents
from accounting.allocations import allocate, items_of, left_of
from accounting.guards import guards_speak
from accounting.models import Invoice, InvoiceLine, JournalEntry, JournalLine, PartyTerms
from accounting.open_items import open_items, set_due
from accounting.posting import post
from accounting.tax_record import record_tax
from accounting.tax_sums import Totals
from backoffice import audit
from backoffice.errors import Refused
from backoffice.models import User
from backoffice.money import ZERO, in_sentence
from backoffice.numbering import reference

SERIES = {Invoice.Kind.INVOICE: "INV", Invoice.Kind.CREDIT_NOTE: "CN"}
USUAL_DAYS = 30
LINE_FACTS = (
    "position", "item_id", "text", "quantity", "unit", "unit_price", "discount_percent",
    "account_id", "department_id", "tax_code_id",
)  # fmt: skip
HEAD_FACTS = (
    "party_id", "currency_id", "rate", "price_includes_tax", "tax_mode", "text",
    "order_reference",
)  # fmt: skip


def issue(invoice: Invoice, *, by: User | None) -> Invoice:
    """The invoice with its number, in the books; issued again it is the same one."""
    with guards_speak(), transaction.atomic():
        stored = locked(invoice)
        if stored.is_issued:
            return stored
        lines = documents.lines_of(stored)
        documents.check_lines(lines)
        found = documents.figures_of(stored, lines)
        documents.check_size(found)
        check_total(stored, found.own)
        check_credit(stored, found)
        # Before the number and the journal, as who pays does: the same order everywhere.
        credited = (
            items_of(stored.credits.entry) if stored.credits and stored.credits.entry else []
        )
        terms = PartyTerms.objects.filter(party=stored.party).first()
        stored.due_on = stored.due_on or due_day(stored, terms)
        stored.number = reference(SERIES[Invoice.Kind(stored.kind)], on=stored.date)
        documents.keep(stored, found)
        stored.issued_at = timezone.now()
        stored.entry = entered(stored, lines, found, terms, by=by)
        stored.save()
        audit.record("invoice issued", stored, by=by, total=str(stored.gross))
        if stored.entry:
            settle_credited(stored.entry, credited, by=by)
        return stored


def locked(invoice: Invoice) -> Invoice:
    """The invoice as it is stored, held until commit."""
    found = Invoice.objects.select_for_update(of=("self",)).select_related("party", "currency")
    stored = found.filter(pk=invoice.pk).first()
    if stored is None:
        raise Refused(_("This draft does not exist any more."))
    return stored


def is_issued_already(invoice: Invoice) -> Refused:
    """The refusal to change what is issued."""
    return Refused(_("%(invoice)s is issued: credit it instead.") % {"invoice": invoice})


def check_total(invoice: Invoice, found: Totals) -> None:
    """Refuse an invoice that comes to less than nothing."""
    if found.gross < 0:
        raise Refused(
            _("This comes to less than nothing: make it a credit note.")
            if not invoice.is_credit_note
            else _("A credit note is written with positive amounts.")
        )


def check_credit(note: Invoice, found: documents.Figures) -> None:
    """Refuse to give back more than the invoice charged, with all that was credited of it."""
    if note.credits is None:
        return
    charged = locked(note.credits)
    check_stands(charged)
    earlier = charged.credit_notes.filter(entry__reversed_by=None)
    before = earlier.aggregate(sum=Sum("gross", default=ZERO))["sum"]
    if before + found.own.gross > (charged.gross or ZERO):
        raise Refused(
            _("%(invoice)s comes to %(charged)s, of which %(before)s is credited already.")
            % {
                "invoice": charged,
                "charged": in_sentence(charged.gross or ZERO, found.own_unit),
                "before": in_sentence(before, found.own_unit),
            }
        )


def check_stands(invoice: Invoice) -> None:
    """Refuse to credit what a reversal took back."""
    if getattr(invoice.entry, "reversed_by", None):
        raise Refused(_("%(invoice)s is reversed already.") % {"invoice": invoice})


def due_day(invoice: Invoice, terms: PartyTerms | None) -> date:
    """When it is to be paid by what is agreed with the customer; a credit note at once."""
    if invoice.is_credit_note:
        return invoice.date
    days = terms.customer_days if terms and terms.customer_days is not None else USUAL_DAYS
    return invoice.date + timedelta(days=days)


def entered(
    invoice: Invoice,
    lines: list,
    found: documents.Figures,
    terms: PartyTerms | None,
    *,
    by: User | None,
) -> JournalEntry | None:
    """The entry of the invoice with its tax and due day; None where it comes to nothing."""
    made = documents.entry_lines(invoice, lines, found, direction="sale", control="receivable")
    if not made:
        return None
    entry = post(
        on=invoice.date,
        text=f"{invoice.number} {invoice.text}".strip()[:200],
        lines=made,
        by=by,
        source=invoice,
        payee=invoice.party.name[:120],
        due_on=invoice.due_on,
    )
    record_tax(
        entry,
        documents.taxes_of(invoice, found),
        invoice.taxed_on,
        direction="sale",
        minor_unit=found.books_unit,
    )
    discount = documents.early_payment(invoice, terms)
    set_due(
        entry, due_on=invoice.due_on or invoice.date, reference=invoice.number, by=by, **discount
    )
    return entry


def settle_credited(entry: JournalEntry, charged: list[JournalLine], *, by: User | None) -> None:
    """Set the entry of a credit note against what is left of the items of its invoice."""
    credited = {line.account_id: line for line in items_of(entry)}
    for line in charged:
        own = credited.get(line.account_id)
        if own is None or line.party_id != own.party_id:
            continue
        amount = min(left_of(line).amount, left_of(own).amount)
        if amount > 0:
            allocate(line, own, amount, on=max(line.date, own.date), by=by)


@transaction.atomic
def credit_note_for(invoice: Invoice, *, on: date, by: User | None) -> Invoice:
    """A draft that gives the whole invoice back, to be cut down and issued."""
    if not invoice.is_issued or invoice.is_credit_note:
        raise Refused(_("Only an issued invoice can be credited."))
    check_stands(invoice)
    return copied(invoice, on=on, by=by, kind=Invoice.Kind.CREDIT_NOTE, credits=invoice)


@transaction.atomic
def duplicate(invoice: Invoice, *, on: date, by: User | None) -> Invoice:
    """A new draft with the same lines."""
    return copied(invoice, on=on, by=by, kind=invoice.kind)


def copied(invoice: Invoice, *, on: date, by: User | None, **facts) -> Invoice:
    """A draft with the head and lines of another invoice."""
    head = {name: getattr(invoice, name) for name in HEAD_FACTS}
    draft = Invoice.objects.create(date=on, made_by=by, **head, **facts)
    InvoiceLine.objects.bulk_create(
        InvoiceLine(invoice=draft, **{name: getattr(line, name) for name in LINE_FACTS})
        for line in invoice.lines.order_by("position", "pk")
    )
    return draft


@transaction.atomic
def discard(invoice: Invoice, *, by: User | None) -> None:
    """Throw a draft away; it never had a number."""
    stored = locked(invoice)
    if stored.is_issued:
        raise is_issued_already(stored)
    audit.record("draft discarded", stored, by=by)
    stored.delete()


def open_of(invoice: Invoice, *, on: date) -> Decimal:
    """What is still open of the invoice at the end of a day, in its currency."""
    if invoice.entry_id is None:
        return ZERO
    found = open_items(on=on, party=invoice.party)
    return sum((line.open_amount for line in found.filter(entry=invoice.entry)), ZERO)
