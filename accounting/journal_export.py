"""The journal for programs we did not write: hledger, beancount, and CSV that can come back."""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from io import StringIO
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import NamedTuple, Protocol

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounting.export_names import for_beancount, for_hledger, import_names, names_for
from accounting.models import Account
from backoffice.errors import Refused
from backoffice.models import Company
from backoffice.money import as_text, minor_units

LINES = """
select entry.id, entry.date, entry.series || '-' || entry.year || '-'
         || to_char(entry.number, 'FM9999900000'),
       entry.text, entry.payee, line.account_id, department.code, line.amount,
       line.currency_id, line.currency_amount, line.text
  from accounting_journalentry entry
  join accounting_journalline line on line.entry_id = entry.id
  join backoffice_department department on department.id = line.department_id
  where entry.date >= %s and entry.date <= %s
  order by entry.date, entry.id, line.position
"""
ROWS_AT_ONCE = 5_000
HLEDGER_TYPES = {"asset": "A", "liability": "L", "equity": "E", "income": "R", "expense": "X"}
CSV_COLUMNS = (
    "entry",
    "date",
    "account",
    "amount",
    "payee",
    "narration",
    "currency",
    "base_weight",
    "base_currency",
    "department",
)


class SupportsWrite(Protocol):
    """A file, or a command's output."""

    def write(self, text: str, /) -> object:
        """Take the text."""


class ExportLine(NamedTuple):
    """A line of the journal with the facts of its entry."""

    entry: int
    date: date
    reference: str
    entry_text: str
    payee: str
    account: int
    department: str
    amount: Decimal
    currency: str | None
    currency_amount: Decimal | None
    text: str


class Amounts(NamedTuple):
    """Writes amounts with the decimals of their currency."""

    books: str
    units: dict[str, int]

    def of(self, amount: Decimal, currency: str) -> str:
        """The amount and its currency."""
        return f"{as_text(amount, self.units[currency])} {currency}"

    def of_line(self, line: ExportLine) -> str:
        """The amount of a line: in its own currency at its total price, or in the books'."""
        if not line.currency or not line.currency_amount or line.currency == self.books:
            return self.of(line.amount, self.books)
        own = self.of(line.currency_amount, line.currency)
        return f"{own} @@ {self.of(abs(line.amount), self.books)}"


@dataclass(frozen=True)
class Format:
    """How a program wants the journal: its names of accounts, what comes first, each entry."""

    names: Callable[[], dict[int, str]]
    head: Callable[[dict[int, str], Amounts], str]
    entry: Callable[[Sequence[ExportLine], dict[int, str], Amounts], str]


def export_journal(
    file: SupportsWrite, *, to: str, starts_on: date | None = None, ends_on: date | None = None
) -> int:
    """Write the entries of these days in a format; say how many they were."""
    if to not in FORMATS:
        raise Refused(
            _("There is no format “%(format)s”. There are: %(formats)s.")
            % {"format": to, "formats": ", ".join(FORMATS)}
        )
    company = Company.objects.first()
    if company is None:
        raise Refused(_("There is no company yet, so there are no books to export."))
    amounts, form = Amounts(company.currency_id, minor_units()), FORMATS[to]
    count = 0
    # What is read a few thousand rows at a time is read in a transaction.
    with transaction.atomic():
        names = form.names()
        file.write(form.head(names, amounts))
        for lines in stored_entries(starts_on or date.min, ends_on or date.max):
            file.write(form.entry(lines, names, amounts))
            count += 1
    return count


def stored_entries(starts_on: date, ends_on: date) -> Iterator[list[ExportLine]]:
    """The lines of each entry, in the order of the journal, a few thousand in memory."""
    for _entry, lines in groupby(stored_lines(starts_on, ends_on), key=attrgetter("entry")):
        yield list(lines)


def stored_lines(starts_on: date, ends_on: date) -> Iterator[ExportLine]:
    """The lines of these days as they are read."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(LINES, [starts_on, ends_on])
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield from map(ExportLine._make, rows)


def used_currencies(books: str) -> list[str]:
    """The currency of the books and those its lines are in."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct currency_id from accounting_journalline where currency_id is not null"
        )
        return sorted({books, *(code for (code,) in cursor.fetchall())})


def first_day() -> date:
    """The day of the oldest entry, on which accounts are declared."""
    with connection.cursor() as cursor:
        cursor.execute("select min(date) from accounting_journalentry")
        return cursor.fetchone()[0] or date(1970, 1, 1)


def hledger_head(names: dict[int, str], amounts: Amounts) -> str:
    """Everything hledger's strict check wants declared."""
    lines = []
    for currency in used_currencies(amounts.books):
        unit = amounts.units[currency]
        lines.append(f"commodity 1.{'0' * unit} {currency}")
    kinds = dict(Account.objects.values_list("pk", "kind"))
    for pk, name in sorted(names.items(), key=itemgetter(1)):
        lines.append(f"account {name}  ; type: {HLEDGER_TYPES[kinds[pk]]}")
    return "\n".join([*lines, "tag department", ""])


def hledger_entry(lines: Sequence[ExportLine], names: dict[int, str], amounts: Amounts) -> str:
    """An entry as hledger writes it."""
    entry = lines[0]
    words = " | ".join(filter(None, (entry.payee.replace("|", "/"), entry.entry_text)))
    written = [f"\n{entry.date} * ({entry.reference}) {hledger_words(words)}".rstrip(" ")]
    for line in lines:
        note = f"department:{hledger_note(line.department)}"
        note += f", {hledger_note(line.text)}" if line.text else ""
        written.append(f"    {names[line.account]}  {amounts.of_line(line)}  ; {note}")
    return "\n".join([*written, ""])


def hledger_words(text: str) -> str:
    """A description on one line without a comment in it."""
    return re.sub(r"\s+", " ", text.replace(";", ",")).strip()


def hledger_note(text: str) -> str:
    """A comment in which hledger finds no tags and no dates."""
    return re.sub(r"\s+", " ", re.sub(r"[,:;\[\]]", " ", text)).strip()


def beancount_head(names: dict[int, str], amounts: Amounts) -> str:
    """The currencies and accounts, open from the first day on."""
    opened_on = first_day()
    return "\n".join(
        [
            f'option "operating_currency" "{amounts.books}"',
            # Total prices are kept as unit prices, whose last digits may leave a trace.
            f'option "inferred_tolerance_default" "{amounts.books}:0.000001"',
            *(f"{opened_on} commodity {code}" for code in used_currencies(amounts.books)),
            *(f"{opened_on} open {name}" for name in sorted(names.values())),
            "",
        ]
    )


def beancount_entry(lines: Sequence[ExportLine], names: dict[int, str], amounts: Amounts) -> str:
    """An entry as beancount writes it."""
    entry = lines[0]
    payee = f"{quoted(entry.payee)} " if entry.payee else ""
    written = [f"\n{entry.date} * {payee}{quoted(entry.entry_text)}"]
    written.append(f"  number: {quoted(entry.reference)}")
    for line in lines:
        written.append(f"  {names[line.account]}  {amounts.of_line(line)}")
        written.append(f"    department: {quoted(line.department)}")
        if line.text:
            written.append(f"    text: {quoted(line.text)}")
    return "\n".join([*written, ""])


def quoted(text: str) -> str:
    """The text as a string of beancount, on one line."""
    escaped = re.sub(r"\s+", " ", text).strip().replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def csv_head(names: dict[int, str], amounts: Amounts) -> str:
    """The header row."""
    return ",".join(CSV_COLUMNS) + "\n"


def csv_entry(lines: Sequence[ExportLine], names: dict[int, str], amounts: Amounts) -> str:
    """An entry with one row per line."""
    written = StringIO()
    csv.writer(written, lineterminator="\n").writerows(
        csv_row(line, names, amounts) for line in lines
    )
    return written.getvalue()


def csv_row(line: ExportLine, names: dict[int, str], amounts: Amounts) -> Sequence[str]:
    """The values of CSV_COLUMNS."""
    base = as_text(line.amount, amounts.units[amounts.books])
    amount, currency = base, amounts.books
    if line.currency and line.currency_amount is not None:
        currency = line.currency
        amount = as_text(line.currency_amount, amounts.units[currency])
    return (
        line.reference,
        line.date.isoformat(),
        names[line.account],
        amount,
        line.payee,
        line.entry_text,
        currency,
        base,
        amounts.books,
        line.department,
    )


FORMATS = {
    "hledger": Format(partial(names_for, for_hledger), hledger_head, hledger_entry),
    "beancount": Format(partial(names_for, for_beancount), beancount_head, beancount_entry),
    "csv": Format(import_names, csv_head, csv_entry),
}
