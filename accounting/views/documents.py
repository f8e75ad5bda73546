"""What the pages of invoices and bills have in common."""

from datetime import date

from django.contrib import messages
from django.db.models import QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounting.documents import figures_of, lines_of
from accounting.open_items import MONEY, lines_with_open
from accounting.origins import REVERSAL, settled_with
from accounting.reach import writes_whole_books
from accounting.spending import warnings_in
from accounting.views.settling import credit_shown, settlements_shown
from backoffice.access import rows
from backoffice.errors import Refused
from backoffice.models import Approval
from backoffice.money import ZERO
from backoffice.pages import Pages
from backoffice.views.pages import record_context

# The line of a document that is owed, less what settled it. In plain words, because to put the
# query of open items together takes longer than to answer it.
STILL_OPEN = """
select coalesce(line.currency_amount, line.amount)
     - coalesce((select sum(amount) from accounting_allocation where debit_line_id = line.id), 0)
     + coalesce((select sum(amount) from accounting_allocation where credit_line_id = line.id), 0)
  from accounting_journalline line
  where line.entry_id = {table}.entry_id and line.due_on is not null
  limit 1
"""


class DocumentPages(Pages):
    """Documents are edited as long as they are not in the books."""

    def may_edit(self, user, record=None) -> bool:
        """Whether this person may write one, or change this one."""
        is_final = record is not None and bool(record.worked_out)
        return not is_final and super().may_edit(user, record)


@require_safe
def document_page(request: HttpRequest, pk: int, *, pages: Pages) -> HttpResponse:
    """A document as it is sent: its lines, its taxes, what it comes to, what is open of it."""
    record = get_object_or_404(pages.rows(request.user), pk=pk)
    context = record_context(request, record, pages) | document_context(request, record)
    return render(request, pages.template, context)


def document_context(request: HttpRequest, record) -> dict:
    """The lines with their nets, the taxes, the totals and what is open."""
    lines = lines_of(record)
    try:
        found = figures_of(record, lines)
    except Refused as refusal:
        messages.warning(request, str(refusal))
        found = None
    nets = found.own.nets if found else [None] * len(lines)
    return {
        "lines": list(zip(lines, nets, strict=True)),
        "totals": found.own if found else None,
        "in_books": found.books if found and found.foreign else None,
        "open_amount": open_of(request, record),
        "may_write": writes_whole_books(request.user),
        "currency_code": record.currency_id or "",
        **credit_shown(request, record),
        **(settlements_shown(request, record.entry) if record.entry_id else {}),
    }


def with_open(documents: QuerySet) -> QuerySet:
    """Documents with what is open of each, worked out for the rows that are shown only."""
    what_is_open = STILL_OPEN.format(table=documents.model._meta.db_table)
    return documents.annotate(
        still_open=RawSQL(what_is_open, [], MONEY),  # noqa: S611 - our own words
        is_reversed=Subquery(REVERSAL),
    )


def paid_state(document, *, on: date) -> tuple[str, str] | None:
    """Reversed, paid, late or paid in part; None for what is not due or not in the books."""
    left = document.still_open
    if left is None:
        return None
    if not left:
        if document.is_reversed:
            return (_("Reversed"), "mute")
        return (_("Settled") if document.is_credit_note else _("Paid"), "ok")
    if not document.is_credit_note and document.due_on and document.due_on < on:
        return (_("Overdue"), "bad")
    return (_("Part paid"), "warn") if abs(left) < abs(document.gross) else None


def warn(request: HttpRequest, approval: Approval) -> None:
    """Tell who asked for it what whoever approves is warned of as well."""
    for warning in warnings_in(approval):
        messages.warning(request, warning)


def open_of(request: HttpRequest, record):
    """What is open of a document in the books; None while it is a draft or says nothing."""
    if record.entry_id is None:
        return None
    within = lines_with_open(on=date_far_away(record)).filter(
        entry=record.entry_id, account__role__in=("receivable", "payable")
    )
    reached = within.filter(pk__in=rows(request.user, within.model).filter(entry=record.entry_id))
    return abs(sum((line.open_amount for line in reached), ZERO))


def side_of(request, record) -> list:
    """The entry a document became, what settles it, what it credits, what credits it."""
    found = []
    if record.entry_id:
        found.append((_("Entry"), record.entry.reference, record.entry.get_absolute_url()))
        found += [
            (_("Settled by"), str(one), one.get_absolute_url())
            for one in settled_with(record.entry, request.user)
        ]
    if getattr(record, "credits", None):
        found.append((_("Credits"), str(record.credits), record.credits.get_absolute_url()))
    notes = record.credit_notes.all() if hasattr(record, "credit_notes") else ()
    found += [(_("Credited by"), str(note), note.get_absolute_url()) for note in notes]
    found.append((_("Party"), str(record.party), record.party.get_absolute_url()))
    return [(_("Belongs to"), found)]


def date_far_away(record):
    """A day after all that may have settled the document."""
    return record.date.replace(year=record.date.year + 100, day=1)
