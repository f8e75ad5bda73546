"""The proof of a bank statement on paper: bank and books, and each line that stands between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounting.bank_proof import Proof, bank_rests, book_rests, previous, proof_of
from accounting.late_entries import heads_of
from accounting.models import BankStatement, JournalLine, StatementLine
from accounting.reporting import known_now, language
from backoffice.documents import pdf
from backoffice.models import Company
from backoffice.money import ZERO, in_sentence

MOST_LINES = 2000  # on paper; what is more is said with its sum


def proof_paper_of(statement: BankStatement) -> bytes:
    """The three-way proof as PDF."""
    return pdf("bank_proof.typ", facts_of(statement))


def facts_of(statement: BankStatement, *, most: int = MOST_LINES) -> dict[str, Any]:
    """What the paper shows, with so many lines of either side."""
    own, proof = statement.own_account, proof_of(statement)
    unit = own.currency.minor_unit

    def money(amount: Decimal | None) -> str:
        return "–" if amount is None else in_sentence(amount, unit)

    company = Company.objects.first()
    return {
        "title": _("Bank and books: %(account)s") % {"account": own},
        "details": [
            company.name if company else "",
            _("up to %(day)s") % {"day": proof.on},
            own.currency_id,
            known_now(),
        ],
        "standing": standing_of(statement, proof),
        "tables": [
            stated_table(statement, money),
            proof_table(proof, money),
            bank_only_table(statement, proof, money, most),
            books_only_table(statement, proof, money, most),
        ],
        "seal": _("Head of the journal's chain"),
        "heads": heads_of(None, proof.on.year),
        "language": language(),
    }


def standing_of(statement: BankStatement, proof: Proof) -> str:
    """The finding, as the page of the statement says it."""
    if proof.is_proved and not statement.difference:
        return _("Bank and books agree.")
    return _("Bank and books do not agree.")


def stated_table(statement: BankStatement, money: Callable[[Decimal | None], str]) -> dict:
    """What the bank states, from the close before on."""
    before = previous(statement)
    closed = before.closing if before else None
    rows = [
        (_("Close of the statement before"), closed),
        (_("Opening balance"), statement.opening),
        (_("Entries: %(count)s") % {"count": statement.entry_count}, statement.entry_sum),
    ]
    if statement.difference:
        rows.append((_("Unexplained by the bank"), statement.difference))
    return {
        "title": f"{_('What the bank states')}: {statement.number}".rstrip(": "),
        "rows": [("", name, money(amount)) for name, amount in rows],
        "total": ("", _("Closing balance"), money(statement.closing)),
    }


def proof_table(proof: Proof, money: Callable[[Decimal | None], str]) -> dict:
    """From the books to the bank."""
    not_at_bank = _("Not at the bank yet (%(count)s)") % {"count": proof.books_only_count}
    not_in_books = _("Not in the books yet (%(count)s)") % {"count": proof.bank_only_count}
    rows = [
        (_("Balance in the books"), proof.books),
        (not_at_bank, proof.books_only_taken),
        (not_in_books, proof.bank_only),
        (_("Should be at the bank"), proof.adjusted_books),
        (_("Is at the bank"), proof.bank),
    ]
    return {
        "title": _("Bank and books"),
        "rows": [("", name, money(amount)) for name, amount in rows],
        "total": ("", _("Unexplained"), money(proof.difference)),
    }


def bank_only_table(
    statement: BankStatement, proof: Proof, money: Callable[[Decimal | None], str], most: int
) -> dict:
    """Each line of the bank the books do not explain, with what is left of it."""
    rests = bank_rests(statement.own_account, on=proof.on, most=most)
    lines = StatementLine.objects.filter(pk__in=rests).order_by("date", "pk")
    rows = [(line.date, str(line), rests[line.pk]) for line in lines]
    title = _("At the bank, not in the books")
    return open_table(title, rows, proof.bank_only, money)


def books_only_table(
    statement: BankStatement, proof: Proof, money: Callable[[Decimal | None], str], most: int
) -> dict:
    """Each line of the books the bank has not shown, with what is left of it."""
    rests = book_rests(statement.own_account, on=proof.on, most=most)
    lines = JournalLine.objects.filter(pk__in=rests).select_related("entry")
    rows = [
        (line.date, f"{line.entry.reference} {line.text or line.entry.text}", rests[line.pk])
        for line in lines.order_by("date", "pk")
    ]
    title = _("In the books, not at the bank")
    return open_table(title, rows, proof.books_only, money)


def open_table(
    title: str,
    rows: list[tuple[date, str, Decimal]],
    total: Decimal,
    money: Callable[[Decimal | None], str],
) -> dict[str, Any]:
    """The lines, those beyond the page as one, and their sum."""
    shown = [(str(day), text, money(rest)) for day, text, rest in rows]
    more = total - sum((rest for _day, _text, rest in rows), ZERO)
    if more:
        shown.append(("", _("Further lines"), money(more)))
    return {"title": title, "rows": shown, "total": ("", _("Total"), money(total))}
