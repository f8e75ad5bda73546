"""What a document comes to, in its own currency and in that of the books, and its entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from accounting.entry_rules import TOO_LARGE
from accounting.exchange import rate_on
from accounting.models import Account, PartyTerms, TaxCode
from accounting.models.documents import Document, DocumentLine
from accounting.posting import Line
from accounting.tax_sums import Taxable, TaxRow, Totals
from accounting.taxes import in_books, tax_lines, totals
from backoffice.errors import Refused
from backoffice.models import Company, Currency
from backoffice.money import ZERO, rounded

SUMS = ("net", "tax", "gross")


@dataclass(frozen=True)
class Figures:
    """A document worked out: its totals as sent or received, and as the books have them."""

    own: Totals
    books: Totals
    own_unit: int
    books_unit: int
    foreign: Currency | None
    rate: Decimal | None = None


def lines_of(document: Document) -> list[DocumentLine]:
    """The lines of a document in their order, with what they name."""
    named = ("item", "account", "department", "tax_code")
    lines = list(document.lines.select_related(*named).order_by("position", "pk"))
    items = [line.item for line in lines if line.item]
    prefetch_related_objects(items, "sales_account", "purchase_account")
    return lines


def figures_of(document: Document, lines: Sequence[DocumentLine]) -> Figures:
    """What the document comes to with the tax of its day.

    Refuses a foreign currency without a rate: a missing rate is never one.
    """
    currency, books_unit = Company.objects.values_list("currency", "currency__minor_unit").get()
    foreign = document.currency if document.currency_id not in (None, currency) else None
    own_unit = foreign.minor_unit if foreign else books_unit
    own = recalled(document) if document.worked_out else worked_out(document, lines, own_unit)
    if foreign is None:
        return Figures(own, own, own_unit, books_unit, None)
    rate = rate_of(document)
    books = in_books(own, rate, minor_unit=books_unit)
    return Figures(own, books, own_unit, books_unit, foreign, rate)


def worked_out(document: Document, lines: Sequence[DocumentLine], minor_unit: int) -> Totals:
    """The totals of the document in its own currency, by the rates of its day."""
    return totals(
        [Taxable(rounded(line.exact_amount, minor_unit), line.tax_code) for line in lines],
        on=document.rated_on,
        mode=document.tax_mode,
        price_included=document.price_includes_tax,
        minor_unit=minor_unit,
    )


def keep(document: Document, figures: Figures) -> None:
    """Write down on the document what it comes to, for good; the caller saves it."""
    found = figures.own
    document.rate = figures.rate
    sum_up(document, found)
    document.worked_out = {
        "nets": [str(net) for net in found.nets],
        "taxes": [
            [row.code.pk if row.code else None, str(row.rate), str(row.base), str(row.tax)]
            for row in found.rows
        ],
    }


def sum_up(document: Document, found: Totals | None) -> None:
    """Write the sums on the document, or take them off; the caller saves it."""
    for name in SUMS:
        setattr(document, name, getattr(found, name) if found else None)


def recalled(document: Document) -> Totals:
    """The totals as they were written down."""
    taxes = document.worked_out["taxes"]
    codes = TaxCode.objects.in_bulk([pk for pk, *_rest in taxes if pk])
    return Totals(
        net=document.net or ZERO,
        tax=document.tax or ZERO,
        gross=document.gross or ZERO,
        rows=[
            TaxRow(codes.get(pk), Decimal(rate), Decimal(base), Decimal(tax))
            for pk, rate, base, tax in taxes
        ],
        nets=[Decimal(net) for net in document.worked_out["nets"]],
    )


def rate_of(document: Document) -> Decimal:
    """The rate of a foreign document: its own, else that of its day, else a refusal."""
    return document.rate or rate_on(str(document.currency_id), document.date)


def entry_lines(
    document: Document,
    lines: Sequence[DocumentLine],
    found: Figures,
    *,
    direction: str,
    control: str,
) -> list[Line]:
    """The ledger lines of a document: nets by account, its taxes, and what the party owes.

    The control line is what the others leave, so that the rounded bases add up by themselves.
    """
    sign = -1 if direction == "sale" else 1
    made: list[Line] = []
    for place, line in enumerate(lines):
        own, books = found.own.nets[place], found.books.nets[place]
        if books:
            made.append(
                in_currency(
                    Line(
                        account_of(line, direction),
                        sign * books,
                        department=line.department,
                        party=document.party,
                        text=str(line)[:200],
                    ),
                    sign * own,
                    found.foreign,
                )
            )
    made += tax_lines(
        found.books,
        direction=direction,
        party=document.party,
        minor_unit=found.books_unit,
        cost=account_of(lines[0], direction),
        department=lines[0].department,
        foreign=(found.own, found.foreign) if found.foreign else None,
    )
    owed = -sum((line.amount for line in made), ZERO)
    if owed or found.own.gross:
        control_line = Line(control, owed, party=document.party)
        made.insert(0, in_currency(control_line, -sign * found.own.gross, found.foreign))
    kept = [line for line in made if line.amount]
    return [swapped_if(document, line) for line in with_small_change(kept, control)]


def with_small_change(lines: list[Line], control: str) -> list[Line]:
    """The lines, the largest with the foreign amounts of those worth 0.00 in the books.

    Those are not entered, and without their amounts the currency would not balance.
    """
    missing = -sum((line.currency_amount or ZERO for line in lines), ZERO)
    bearing = [line for line in lines if line.account != control]
    if not missing or not bearing:
        return lines
    largest = max(bearing, key=lambda line: abs(line.currency_amount or ZERO))
    whole = replace(largest, currency_amount=(largest.currency_amount or ZERO) + missing)
    return [whole if line is largest else line for line in lines]


def early_payment(document: Document, terms: PartyTerms | None) -> dict[str, Any]:
    """The discount for early payment that is agreed, as `set_due` takes it."""
    if terms is None or not terms.discount_percent or document.is_credit_note:
        return {}
    until = document.date + timedelta(days=terms.discount_days or 0)
    return {"discount_until": until, "discount_percent": terms.discount_percent}


def in_currency(line: Line, amount: Decimal, currency: Currency | None) -> Line:
    """The line with its amount in the foreign currency, where there is one."""
    if currency is None:
        return line
    return replace(line, currency=currency, currency_amount=amount)


def swapped_if(document: Document, line: Line) -> Line:
    """The line of an invoice or bill as it is, that of a credit note on the other side."""
    if not document.is_credit_note:
        return line
    other = None if line.currency_amount is None else -line.currency_amount
    return replace(line, amount=-line.amount, currency_amount=other)


def taxes_of(document: Document, found: Figures) -> Totals:
    """The taxes of the document in the books, those of a credit note taken back."""
    if not document.is_credit_note:
        return found.books
    rows = [replace(row, base=-row.base, tax=-row.tax) for row in found.books.rows]
    nets = [-net for net in found.books.nets]
    return Totals(-found.books.net, -found.books.tax, -found.books.gross, rows, nets)


def account_of(line: DocumentLine, direction: str) -> Account | str:
    """Where a line is entered: its own account, its item's, else the usual one."""
    is_sale = direction == "sale"
    of_item = None
    if line.item:
        of_item = line.item.sales_account if is_sale else line.item.purchase_account
    return line.account or of_item or ("sales" if is_sale else "purchases")


def check_size(found: Figures) -> None:
    """Refuse a document that comes to more than the books can hold, in either currency."""
    amounts = (a for t in (found.own, found.books) for a in (t.net, t.tax, t.gross, *t.nets))
    if any(abs(amount) >= TOO_LARGE for amount in amounts):
        raise Refused(_("This comes to more than 15 digits before the point: it is too large."))


def check_lines(lines: Sequence[DocumentLine]) -> None:
    """Refuse a document without lines."""
    if not lines:
        raise Refused(_("Give it at least one line."))
