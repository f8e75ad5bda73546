"""Credit of a party used for a document, and settlements taken back."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounting.allocations import left_of, the_books
from accounting.models import Allocation, Bill, Invoice, JournalEntry, JournalLine
from accounting.open_items import OpenItem
from accounting.origins import records_of, settlements_of
from accounting.payment_forms import CreditForm, ReleaseForm
from accounting.reach import for_whole_books, reads_whole_books, writes_whole_books
from accounting.settling import (
    item_of,
    open_sum_of,
    settle_each_other,
    settles_with,
    take_back_settlement,
)
from backoffice.access import area, row_or_404
from backoffice.messages import say
from backoffice.money import in_sentence
from backoffice.views.forms import form_page

MOST_ITEMS = 200
ROUTES = {Invoice: "accounting:invoice-use-credit", Bill: "accounting:bill-use-credit"}
ROLE_OF = {Invoice: "receivable", Bill: "payable"}


def counterparts_of(record: Invoice | Bill) -> Any:
    """The open items of the party that can settle the document, once it is in the books."""
    is_debit = isinstance(record, Invoice) != record.is_credit_note
    return settles_with(
        record.party,
        ROLE_OF[type(record)],
        record.currency_id or the_books().currency,
        is_debit=is_debit,
        on=max(timezone.localdate(), record.date),
    )


def is_open(record: Invoice | Bill) -> bool:
    """Whether something of the document is open."""
    item = item_of(record.entry) if record.entry else None
    return item is not None and left_of(item).amount > 0


def credit_shown(request: HttpRequest, record: Invoice | Bill) -> dict[str, str]:
    """What a document says of open credit of its party, and where that is used for it."""
    in_books = bool(record.worked_out)
    if not reads_whole_books(request.user) or (in_books and not is_open(record)):
        return {}
    if record.is_credit_note and not in_books:
        return {}
    total = open_sum_of(counterparts_of(record))
    if not total:
        return {}
    books = the_books()
    currency = record.currency_id or books.currency
    words = {
        "party": record.party,
        "amount": in_sentence(total, books.minor_units[currency], currency),
    }
    url = reverse(ROUTES[type(record)], args=[record.pk])
    return {
        "credit_note_said": sentence_of(record, in_books=in_books) % words,
        "use_credit_url": url if in_books and writes_whole_books(request.user) else "",
        "use_credit_label": _("Use it") if record.is_credit_note else _("Use credit"),
    }


def sentence_of(record: Invoice | Bill, *, in_books: bool) -> str:
    """What is said of the credit: of a draft, that it waits."""
    if record.is_credit_note:
        return _("%(party)s has %(amount)s open that this credit can be used for.")
    if in_books:
        return _("%(party)s has open credit of %(amount)s.")
    return _("%(party)s has open credit of %(amount)s: it can be used once this is in the books.")


def settlements_shown(request: HttpRequest, entry: JournalEntry) -> dict[str, Any]:
    """What an entry is settled with, and whether the person may take that back."""
    return {
        "settlements": settlements_of(entry, request.user, most=MOST_ITEMS),
        "may_release": writes_whole_books(request.user),
    }


@area("accounting", "edit")
@for_whole_books
@require_http_methods(["GET", "HEAD", "POST"])
def use_credit(request: HttpRequest, pk: int, model: type[Invoice] | type[Bill]) -> HttpResponse:
    """How much of which credit is used for the document."""
    record = row_or_404(request.user, model, "edit", pk=pk)
    item = item_of(record.entry) if record.entry else None
    if item is None:
        raise Http404
    form = credit_form(request, record, item)
    back = record.get_absolute_url()

    def save() -> str:
        settle_each_other(form.parts(), on=form.cleaned_data["on"], by=request.user)
        say(request, _("The credit is used for %(record)s.") % {"record": record})
        return back

    return form_page(
        request,
        form,
        save,
        title=_("Use credit: %(record)s") % {"record": record},
        crumbs=[(str(record), back), (_("Use credit"), None)],
        note=note_of(item, form),
        submit_label=_("Use"),
        back=back,
    )


def credit_form(request: HttpRequest, record: Invoice | Bill, item: JournalLine) -> CreditForm:
    """The form with what can settle the item, oldest first."""
    found: list[OpenItem] = list(counterparts_of(record)[:MOST_ITEMS])
    records = records_of([one.entry_id for one in found], request.user)
    return CreditForm(
        request.POST or None,
        item=item,
        left=left_of(item).amount,
        counterparts=found,
        names={one.pk: str(records.get(one.entry_id, one.reference)) for one in found},
        books=the_books(),
        initial={"on": max([timezone.localdate(), item.date, *(one.date for one in found)])},
    )


def note_of(item: JournalLine, form: CreditForm) -> str:
    """What is open of the item, and that no money moves."""
    if not form.counterparts:
        return _("There is no open credit to use.")
    books = the_books()
    currency = item.currency_id or books.currency
    left = in_sentence(form.left, books.minor_units[currency], currency)
    return _("%(left)s are open. No money moves: both are settled by each other.") % {"left": left}


@area("accounting", "edit")
@for_whole_books
@require_http_methods(["GET", "HEAD", "POST"])
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a settlement back: both sides are open again."""
    allocation = row_or_404(request.user, Allocation, "edit", pk=pk)
    form = ReleaseForm(request.POST or None, initial={"on": timezone.localdate()})
    debit, credit = (page_of(request, line) for line in sides_of(allocation))
    title = _("Take back: %(debit)s with %(credit)s") % {"debit": debit, "credit": credit}

    def save() -> str:
        take_back_settlement(allocation, on=form.cleaned_data["on"], by=request.user)
        say(request, _("%(debit)s and %(credit)s are open again.") % words)
        return debit.get_absolute_url()

    words = {"debit": debit, "credit": credit}
    return form_page(
        request,
        form,
        save,
        title=title,
        crumbs=[(str(debit), debit.get_absolute_url()), (_("Take back"), None)],
        note=_("What was settled is open again on both sides; no money moves."),
        submit_label=_("Take back"),
        back=debit.get_absolute_url(),
    )


def sides_of(allocation: Allocation) -> tuple[JournalLine, JournalLine]:
    """The debit and the credit."""
    return allocation.debit_line, allocation.credit_line


def page_of(request: HttpRequest, line: JournalLine) -> Any:
    """The document of a line, else its entry."""
    return records_of([line.entry_id], request.user).get(line.entry_id, line.entry)
