"""Bank accounts, the statements banks send and their lines."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from accounting.bank_accounts import save_own_account
from accounting.bank_import import withdraw_statement
from accounting.bank_proof import (
    bank_lines_without_books,
    entries_of,
    journal_lines_without_bank,
    previous,
    proof_of,
    with_balances,
    with_booking,
    with_gap,
)
from accounting.bank_proof_paper import proof_paper_of
from accounting.forms import OwnAccountForm
from accounting.models import BankStatement, OwnAccount, StatementLine
from accounting.reach import of_whole_books, reads_whole_books
from backoffice import audit
from backoffice.access import area, may, row_or_404, rows
from backoffice.operations import Said, operation
from backoffice.pages import Pages
from backoffice.views.pages import record_context

LINES_SHOWN, STATEMENTS_SHOWN = 500, 12


class ReadPages(Pages):
    """What banks send is brought in, never typed."""

    def may_edit(self, user, record=None) -> bool:
        """Nobody writes it by hand."""
        return False


# --- Bank accounts ------------------------------------------------------------------------


def account_state(own: OwnAccount):
    """Whether it is used, and whether something waits."""
    if not own.is_active:
        return (_("Inactive"), "mute")
    if getattr(own, "to_book", 0):
        return (_("Lines to book"), "warn")
    return None


@require_safe
def account_page(request: HttpRequest, pk: int, *, pages: Pages) -> HttpResponse:
    """A bank account with its last statements and the way to what waits."""
    own = get_object_or_404(pages.rows(request.user), pk=pk)
    statements_there = rows(request.user, BankStatement).filter(own_account=own)
    context = record_context(request, own, pages) | {
        "statements": with_gap(statements_there).order_by("-ends_on", "-pk")[:STATEMENTS_SHOWN],
        "may_reconcile": may(request.user, "accounting", "edit"),
    }
    return render(request, "accounting/ownaccount_detail.html", context)


own_accounts = Pages(
    model=OwnAccount,
    form=OwnAccountForm,
    columns=("name", "currency", "in_books", "at_bank", "stated_on", "to_book"),
    more_columns=("bank", "account", "is_active"),
    facts=("account", "currency", "bank", "iban", "number", "bic", "in_books", "at_bank",
           "stated_on", "to_book"),
    filters=("currency", "is_active"),
    search=("name", "bank"),
    ordering=("name",),
    joined=("account",),
    annotate=with_balances,
    labels={
        "in_books": _lazy("in the books"),
        "at_bank": _lazy("at the bank"),
        "stated_on": _lazy("stated on"),
        "to_book": _lazy("lines to book"),
    },
    hide_small=("currency", "stated_on", "in_books", "to_book"),
    state=account_state,
    save=save_own_account,
    importer="bank",
    record_view=account_page,
    icon="building-bank",
    empty=_lazy("Add the bank accounts of the company, then bring in what the bank sends."),
)  # fmt: skip


# --- Statements ---------------------------------------------------------------------------


def statement_state(statement: BankStatement):
    """Whether it proves itself and follows the one before."""
    difference = statement.difference
    if difference is None:
        return (_("Not provable"), "mute")
    if difference:
        return (_("Contradicts itself"), "bad")
    if getattr(statement, "gap", None):
        return (_("Does not follow"), "warn")
    return (_("Adds up"), "ok")


@require_safe
def statement_page(request: HttpRequest, pk: int, *, pages: Pages) -> HttpResponse:
    """A statement with its lines, what it follows, and its proof against the books."""
    statement = get_object_or_404(pages.rows(request.user), pk=pk)
    own = statement.own_account
    context = record_context(request, statement, pages) | {
        "lines": with_booking(rows(request.user, StatementLine))
        .filter(statement=statement)
        .order_by("position")[:LINES_SHOWN],
        "before": previous(statement),
        "own": own,
    }
    if reads_whole_books(request.user):
        context |= {
            "proof": proof_of(statement),
            "bank_only": bank_lines_without_books(own, on=statement.ends_on),
            "books_only": journal_lines_without_bank(own, on=statement.ends_on),
        }
    return render(request, "accounting/bankstatement_detail.html", context)


@area("accounting")
@require_safe
@of_whole_books
def proof_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The proof of a statement as PDF, to keep with the month."""
    statement = row_or_404(request.user, BankStatement, pk=pk)
    audit.record("exported", statement, by=request.user, format="pdf")
    answer = HttpResponse(proof_paper_of(statement), content_type="application/pdf")
    name = f"bank-proof-{statement.ends_on}-{statement.pk}.pdf"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@operation(
    "edit",
    BankStatement,
    label=_lazy("Take out"),
    icon="trash",
    asks=_lazy("The statement and its lines go, and may be brought in again."),
    when=lambda statement: not statement.lines.filter(matches__isnull=False).exists(),
)
def take_out(request, statement):
    """Brought in by mistake."""
    said = _("%(statement)s is taken out.") % {"statement": statement}
    withdraw_statement(statement, by=request.user)
    return Said(said, go_to=reverse("accounting:bankstatement-list"))


statements = ReadPages(
    model=BankStatement,
    columns=("own_account", "number", "ends_on", "opening", "closing", "entry_count", "gap",
             "unexplained", "to_book"),
    more_columns=("starts_on", "entry_sum", "file_name", "imported_at", "imported_by"),
    facts=("own_account", "number", "starts_on", "ends_on", "entry_count", "file_name",
           "file_hash", "imported_at", "imported_by"),
    filters=("own_account", "ends_on"),
    search=("number", "file_name"),
    ordering=("-ends_on",),
    joined=("own_account", "imported_by"),
    annotate=with_gap,
    labels={
        "gap": _lazy("gap before"),
        "unexplained": _lazy("unexplained"),
        "to_book": _lazy("to book"),
    },
    hide_small=("number", "opening", "entry_count", "gap", "unexplained", "to_book"),
    state=statement_state,
    importer="bank",
    record_view=statement_page,
    icon="building-bank",
    empty=_lazy("Bring in a file from your bank: CAMT.053, MT940, OFX, CSV or a spreadsheet."),
)  # fmt: skip


# --- Lines --------------------------------------------------------------------------------


def line_state(line: StatementLine):
    """Whether it is in the books."""
    return (_("Booked"), "ok") if line.is_booked else (_("To book"), "warn")


@require_safe
def line_page(request: HttpRequest, pk: int, *, pages: Pages) -> HttpResponse:
    """A bank line: what the bank says, and the entries it is booked by."""
    line = get_object_or_404(pages.rows(request.user), pk=pk)
    context = record_context(request, line, pages) | {
        "entries": entries_of(line) if may(request.user, "accounting") else [],
        "currency": line.own_account.currency_id,
        "may_reconcile": may(request.user, "accounting", "edit")
        and reads_whole_books(request.user),
    }
    return render(request, "accounting/statementline_detail.html", context)


lines = ReadPages(
    model=StatementLine,
    columns=("text", "date", "counterparty", "reference", "amount", "own_account", "is_booked"),
    more_columns=("value_date", "bank_id", "counterparty_account", "is_reversal", "statement"),
    facts=("own_account", "statement", "date", "value_date", "amount", "counterparty",
           "counterparty_account", "reference", "bank_id", "is_reversal", "text"),
    filters=("is_booked", "own_account", "date"),
    search=("text", "counterparty", "reference"),
    ordering=("-date",),
    joined=("own_account", "statement__own_account"),
    annotate=with_booking,
    labels={"is_booked": _lazy("booked")},
    hide_small=("counterparty", "reference", "own_account", "is_booked"),
    amount="amount",
    state=line_state,
    importer="bank",
    record_view=line_page,
    icon="list-details",
    has_timeline=False,
    empty=_lazy("Lines come with the statements you bring in."),
)  # fmt: skip
