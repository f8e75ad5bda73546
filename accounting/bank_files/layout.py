"""How the columns of a bank's table are written: guessed from headings and rows, and shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import islice, pairwise
from typing import Any

from django.utils.translation import gettext as _

from backoffice.errors import Refused
from backoffice.reading import amount_of, day_of
from backoffice.tables import Table

LOOKED_AT = 500
# Headings by what they hold, most telling first; compared by their letters and digits alone.
HEADINGS: dict[str, tuple[str, ...]] = {
    "date": (
        "date", "booking date", "posting date", "posted date", "transaction date", "value date",
        "buchungstag", "buchungsdatum", "datum", "date comptable", "fecha", "data",
        "completed date", "date started", "started date",
    ),
    "value_date": ("value date", "valuta", "valutadatum", "wertstellung", "date de valeur"),
    "amount": ("amount", "betrag", "umsatz", "montant", "importe", "bedrag", "value"),
    "debit": (
        "debit", "debit amount", "money out", "paid out", "withdrawal", "withdrawals", "soll",
        "out",
    ),
    "credit": (
        "credit", "credit amount", "money in", "paid in", "deposit", "deposits", "haben", "in",
    ),
    "marker": (
        "dc", "debit credit", "credit debit", "drcr", "crdr", "sh", "soll haben", "af bij",
        "details", "type", "transaction type", "cdtdbt", "sign", "debit or credit",
    ),
    "balance": ("balance", "running balance", "saldo", "solde", "balance after"),
    "currency": ("currency", "ccy", "waehrung", "währung", "devise", "valuta code"),
    "text": (
        "description", "label", "text", "memo", "details", "narrative", "verwendungszweck",
        "transaction description", "libelle", "libellé", "remittance information", "purpose",
        "buchungstext", "omschrijving", "concepto", "notes",
    ),
    "reference": (
        "reference", "payment reference", "ref", "customer reference", "end to end id",
        "check or slip", "check or slip #", "check number", "cheque number", "kundenreferenz",
    ),
    "counterparty": (
        "partner name", "counterparty", "name", "payee", "beneficiary", "payer", "merchant",
        "beguenstigter zahlungspflichtiger", "auftraggeber empfänger", "naam tegenpartij",
        "counter party", "to from", "who",
    ),
    "counterparty_account": (
        "bank account", "counterparty account", "counterparty iban", "partner account", "iban",
        "kontonummer iban", "tegenrekening", "account number of partner", "their account",
    ),
    "bank_id": (
        "transaction id", "bank reference", "bank id", "id", "fitid", "unique id", "entry id",
        "bank's id",
    ),
}  # fmt: skip
DEBIT_WORDS = {"d", "dr", "debit", "dbit", "s", "soll", "-", "af", "out", "withdrawal"}
CREDIT_WORDS = {"c", "cr", "credit", "crdt", "h", "haben", "+", "bij", "in", "deposit"}
_COMMA_LAST = re.compile(r"[0-9],[0-9]{1,2}\D*$").search
_POINT_LAST = re.compile(r"[0-9]?\.[0-9]{1,2}\D*$").search
_TRIMMED = re.compile(r"^\s*(?:[A-Z]{3}|[^\w\s.,()+\-−])?\s*|\s*(?:[A-Z]{3}|[^\w\s.,()+\-−])?\s*$")
_SHORT_YEAR = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{2})").fullmatch
_WORDED = ("%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%b %d %Y")


@dataclass(frozen=True)
class Layout:
    """Which column is which, and how days, amounts and order are written."""

    columns: Mapping[str, str]
    date_format: str = "ymd"
    decimal_comma: bool = False
    newest_first: bool = False
    delimiter: str = ""
    notes: tuple[str, ...] = field(default=())

    def shown(self) -> dict[str, Any]:
        """The layout for people and programs."""
        return {
            "columns": dict(self.columns),
            "date_format": self.date_format,
            "decimal_comma": self.decimal_comma,
            "newest_first": self.newest_first,
            "delimiter": self.delimiter,
            "notes": list(self.notes),
        }


def checked(layout: Layout, header: list[str]) -> Layout:
    """The layout, refused where the table lacks a column that it needs."""
    columns = layout.columns
    for heading in columns.values():
        if heading not in header:
            raise Refused(_("The file has no column “%(name)s”.") % {"name": heading})
    if "date" not in columns:
        raise Refused(
            _("No column of the file holds days: choose it. It has: %(header)s.")
            % {"header": ", ".join(header)},
            field="date",
        )
    if "amount" not in columns and not {"debit", "credit"} & columns.keys():
        raise Refused(
            _("No column of the file holds amounts: choose it. It has: %(header)s.")
            % {"header": ", ".join(header)},
            field="amount",
        )
    return layout


def guessed(table: Table, *, also: Mapping[str, str] | None = None) -> Layout:
    """The layout the table most likely has; refused where it is no table of bank lines.

    `also` are headings known besides: the names of the columns in the language in use.
    """
    rows = [row.cells for row in islice(iter(table), LOOKED_AT)]
    cells = {name: [row[i] for row in rows] for i, name in enumerate(table.header)}
    columns = columns_of(table.header, cells, also or {})
    layout = checked(Layout(columns, delimiter=table.delimiter), table.header)
    notes: list[str] = []
    amounts = [c for n in ("amount", "debit", "credit", "balance") if n in columns
               for c in cells[columns[n]]]  # fmt: skip
    comma = has_decimal_comma(amounts, notes)
    order = order_of_days(cells[columns["date"]], notes)
    found = replace(layout, date_format=order, decimal_comma=comma, notes=tuple(notes))
    return replace(found, newest_first=is_newest_first(found, cells))


def columns_of(
    header: list[str], cells: Mapping[str, list[str]], also: Mapping[str, str]
) -> dict[str, str]:
    """The heading of each column by its name, a marker only where its cells are marks."""
    plain = {_plain(heading): heading for heading in reversed(header)}
    found: dict[str, str] = {}
    for name, words in HEADINGS.items():
        for word in (*words, also.get(name, "")):
            heading = plain.get(_plain(word))
            if heading is None or heading in found.values():
                continue
            if name == "marker" and not are_marks(cells[heading]):
                continue
            found[name] = heading
            break
    if "amount" in found:
        found.pop("debit", None)
        found.pop("credit", None)
    return found


def are_marks(cells: list[str]) -> bool:
    """Whether every cell says debit or credit."""
    marks = {cell.strip().casefold() for cell in cells}
    return bool(marks - {""}) and marks - {""} <= DEBIT_WORDS | CREDIT_WORDS


def has_decimal_comma(cells: list[str], notes: list[str]) -> bool:
    """Whether the last comma divides units from cents; refused where both marks do."""
    commas = [cell for cell in cells if _COMMA_LAST(cell)]
    points = [cell for cell in cells if _POINT_LAST(cell)]
    if commas and points:
        raise Refused(
            _("Amounts are written as “%(one)s” and as “%(other)s”: only one can be right.")
            % {"one": commas[0].strip()[:40], "other": points[0].strip()[:40]}
        )
    if commas:
        notes.append(_("amounts have a decimal comma"))
    return bool(commas)


def order_of_days(cells: list[str], notes: list[str]) -> str:
    """ymd, dmy or mdy: the first that reads every day, the likelier where two do."""
    days = [cell for cell in cells if cell.strip()]
    fitting = [order for order in ("ymd", "dmy", "mdy") if _reads_all(days, order)]
    if not fitting:
        return "ymd"  # the first row that cannot be read is refused with its place
    if {"dmy", "mdy"} <= set(fitting) and "ymd" not in fitting:
        notes.append(_("days may be written day first or month first: look at them"))
        if not any("." in day for day in days):
            return min(("dmy", "mdy"), key=lambda order: _span(days, order))
    return fitting[0]


def _reads_all(cells: list[str], order: str) -> bool:
    try:
        return all(read_day(cell, order) for cell in cells)
    except Refused:
        return False


def _span(cells: list[str], order: str) -> int:
    """How many days the table would cover."""
    days = [read_day(cell, order) for cell in cells]
    return (max(days) - min(days)).days


def is_newest_first(layout: Layout, cells: Mapping[str, list[str]]) -> bool:
    """Whether the newest line comes first: by the balances where there are, else by the days."""
    try:
        days = [read_day(c, layout.date_format) for c in cells[layout.columns["date"]]]
        balances = [
            read_amount(c, decimal_comma=layout.decimal_comma)
            for c in cells[layout.columns.get("balance", "")]
        ]
        amounts = signed_amounts(layout, cells)
    except (Refused, KeyError):
        balances, amounts = [], []
        try:
            days = [read_day(c, layout.date_format) for c in cells[layout.columns["date"]]]
        except Refused:
            return False
    if len(balances) > 1:
        down = sum(b == a + x for (a, b), x in zip(pairwise(balances), amounts[1:], strict=True))
        up = sum(a == b + x for (a, b), x in zip(pairwise(balances), amounts, strict=False))
        if down != up:
            return up > down
    return len(days) > 1 and days[0] > days[-1]


def signed_amounts(layout: Layout, cells: Mapping[str, list[str]]) -> list[Decimal]:
    """The amounts of the rows."""
    names = {name: cells[heading] for name, heading in layout.columns.items()}
    count = len(next(iter(names.values()), []))
    rows = [{name: column[i] for name, column in names.items()} for i in range(count)]
    return [signed_amount(row, decimal_comma=layout.decimal_comma) for row in rows]


# --- values ---------------------------------------------------------------------------------


def signed_amount(row: Mapping[str, str], *, decimal_comma: bool) -> Decimal:
    """The amount of a row; a mark decides its sign, whatever sign is printed."""
    read: Callable[[str], Decimal] = lambda text: read_amount(text, decimal_comma=decimal_comma)  # noqa: E731
    if "amount" not in row:
        debit, credit = row.get("debit", "").strip(), row.get("credit", "").strip()
        if not debit and not credit:
            raise Refused(_("there is no amount."))
        return (abs(read(credit)) if credit else Decimal(0)) - (
            abs(read(debit)) if debit else Decimal(0)
        )
    amount, mark = read(row["amount"]), row.get("marker", "").strip().casefold()
    if "marker" not in row:
        return amount
    if mark not in DEBIT_WORDS | CREDIT_WORDS:
        raise Refused(_("“%(mark)s” says neither debit nor credit.") % {"mark": mark[:20]})
    return -abs(amount) if mark in DEBIT_WORDS and amount else abs(amount)


def read_amount(text: str, *, decimal_comma: bool) -> Decimal:
    """The amount, without a currency beside it and with a sign on either side."""
    plain = _TRIMMED.sub("", text.strip())
    if plain.endswith(("-", "−")):
        plain = f"-{plain[:-1]}"
    return amount_of(plain, decimal_comma=decimal_comma)


def read_day(text: str, order: str) -> date:
    """The day, also with a time behind it, a year of two digits or a month in words."""
    plain = text.strip()
    whole = re.split(r"[T ](?=[0-9]{1,2}:)", plain)[0].rstrip(",")
    short = _SHORT_YEAR(whole) if order != "ymd" else None
    if short:
        whole = f"{short[1]}.{short[2]}.20{short[3]}"
    if re.fullmatch(r"[0-9]{8}", whole) and order == "ymd":
        whole = f"{whole[:4]}-{whole[4:6]}-{whole[6:]}"
    for form in _WORDED:
        try:
            return datetime.strptime(whole, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return day_of(whole, order)


def _plain(heading: str) -> str:
    return "".join(letter for letter in heading.casefold() if letter.isalnum())
