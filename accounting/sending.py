"""An invoice on its way to the customer: on paper, and by mail."""

from datetime import date
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounting.documents import figures_of, lines_of
from accounting.models import Invoice, PartyTerms
from accounting.tax_sums import TaxRow
from backoffice import audit, documents, outbox
from backoffice.enclosures import Made
from backoffice.errors import Refused
from backoffice.models import Company, User
from backoffice.money import for_people


def paper(invoice: Invoice, *, locale: str) -> bytes:
    """The invoice as PDF, in the local form of the reader."""
    return documents.pdf("invoice.typ", paper_facts(invoice, locale=locale))


def paper_facts(invoice: Invoice, *, locale: str) -> dict[str, Any]:
    """Everything the paper says, already in words."""
    company = Company.objects.select_related("currency").get()
    lines = lines_of(invoice)
    found = figures_of(invoice, lines)
    local = locale.replace("-", "_")
    code = invoice.currency_id or company.currency_id

    def money(amount: Decimal) -> str:
        return for_people(amount, locale=local, decimals=found.own_unit)

    def day(on: date | None) -> str:
        return format_date(on, "long", locale=local) if on else ""

    return {
        "language": (get_language() or "en")[:2],
        "title": title_of(invoice),
        "company": company.legal_name or company.name,
        "to": address_lines(invoice),
        "facts": [
            [label, value]
            for label, value in (
                (_("Date"), day(invoice.date)),
                (_("Supplied"), day(invoice.tax_date)),
                (_("Due"), day(invoice.due_on)),
                (_("Your reference"), invoice.order_reference),
                (_("Your tax number"), tax_number(invoice)),
                (_("Credits"), str(invoice.credits or "")),
            )
            if value
        ],
        "text": invoice.text,
        "header": [_("What"), _("Quantity"), _("Price"), _("Net")],
        "rows": [
            [
                str(line),
                f"{format_decimal(line.quantity, locale=local)} {line.get_unit_display()}",
                format_decimal(line.unit_price, format="#,##0.00####", locale=local)
                + discount_words(line.discount_percent, local),
                money(net),
            ]
            for line, net in zip(lines, found.own.nets, strict=True)
        ],
        "sums": [
            [_("Net"), money(found.own.net)],
            *([tax_words(row, local), money(row.added)] for row in found.own.rows if row.code),
        ],
        "total": [_("Total in %(currency)s") % {"currency": code}, money(found.own.gross)],
        "notes": sorted({row.code.note for row in found.own.rows if row.code and row.code.note}),
    }


def title_of(invoice: Invoice) -> str:
    """What stands over it."""
    word = _("Credit note") if invoice.is_credit_note else _("Invoice")
    return f"{word} {invoice.number or _('(draft)')}"


def discount_words(percent: Decimal, local: str) -> str:
    """The discount behind a price; nothing where there is none."""
    return f" − {format_decimal(percent, locale=local)} %" if percent else ""


def tax_words(row: TaxRow, local: str) -> str:
    """The name and rate of a tax."""
    name = row.code.name if row.code else ""
    return f"{name} {format_decimal(row.rate, locale=local)} %"


def address_lines(invoice: Invoice) -> list[str]:
    """The customer's name and address: that for bills, else the main one."""
    found = sorted(invoice.party.addresses.all(), key=lambda a: (a.kind != "billing", a.pk))
    lines = [invoice.party.legal_name or invoice.party.name]
    if found:
        at = found[0]
        lines += [at.street, at.more, f"{at.postcode} {at.city}".strip(), at.region, at.country]
    return [line for line in lines if line]


def tax_number(invoice: Invoice) -> str:
    """The customer's own tax number."""
    terms = PartyTerms.objects.filter(party=invoice.party).first()
    return terms.vat_id if terms else ""


def address_of(invoice: Invoice) -> str:
    """The first e-mail address of the customer; empty for none."""
    first = invoice.party.emails.order_by("pk").first()
    return first.address if first else ""


def letter(invoice: Invoice) -> str:
    """The words an invoice is sent with, to be changed before it leaves."""
    context = {"invoice": invoice, "company": Company.objects.first()}
    return render_to_string("accounting/invoice_letter.txt", context)


@transaction.atomic
def send(invoice: Invoice, *, to: str, text: str, by: User, locale: str) -> None:
    """Put the invoice in the outbox with its PDF; it leaves with the commit."""
    stored = Invoice.objects.select_for_update(of=("self",)).get(pk=invoice.pk)
    if not stored.is_issued:
        raise Refused(_("Issue it first: a draft has no number."))
    outbox.send(
        to=[to],
        subject=f"{title_of(stored)} · {Company.objects.get()}",
        text=text,
        about=stored,
        by=by,
        attachments=[
            Made(f"{stored.number}.pdf", paper(stored, locale=locale), "application/pdf")
        ],
    )
    stored.sent_at = timezone.now()
    stored.save(update_fields=["sent_at"])
    audit.record("invoice sent", stored, by=by, to=to)
