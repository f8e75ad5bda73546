"""manage.py bank_read: what a bank file holds, without storing it."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from babel.numbers import get_currency_precision

from accounting.bank_files import Detail, Entry, Statement, open_bank_file, statements_of
from accounting.bank_files.opening import BankFile
from backoffice.management.base import Command
from backoffice.money import UNITS, rounded

SHOWN = 10


class Command(Command):
    """Reads a statement in any of the forms banks write."""

    help = "Read CAMT.053, MT940, OFX 1 or 2, CSV or XLSX without storing anything."
    example = "manage.py bank_read statement.xml --json"
    starts_database = False

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--json", action="store_true")

    def run(self, **options):
        found = open_bank_file(options["file"])
        if options["json"]:
            self.say_json(as_json(found))
        else:
            self.tell(found)

    def tell(self, found: BankFile) -> None:
        """Say what each statement holds, for people."""
        self.say(f"Format: {found.format}")
        if found.layout:
            columns = ", ".join(f"{n} = “{h}”" for n, h in found.layout.columns.items())
            order = "newest first" if found.layout.newest_first else "oldest first"
            self.say(f"Columns: {columns}; days {found.layout.date_format}; {order}")
            for note in found.layout.notes:
                self.say(f"Note: {note}")
        for statement in statements_of(found.events()):
            for line in told(statement, decimals_of(statement)):
                self.say(line)


def told(statement: Statement, decimals: int) -> list[str]:
    """A statement for people."""
    amount = lambda value: "–" if value is None else text_of(value, decimals)  # noqa: E731
    verdict = {
        True: "continuous",
        False: f"NOT continuous: {amount(statement.difference)} is unexplained",
        None: "cannot be proved: a balance is missing"
        if statement.difference is None
        else f"cannot be proved: its currencies differ, as do its sums by "
        f"{amount(statement.difference)}",
    }[statement.continuous]
    lines = [
        f"Account {statement.account or '–'} {statement.currency}".rstrip(),
        f"  opening {amount(statement.opening)}, {statement.count} entries "
        f"{amount(statement.sum)}, closing {amount(statement.closing)}: {verdict}",
    ]
    lines += [
        f"  {entry.date}  {amount(entry.amount):>14}  {entry.text[:60]}"
        for entry in statement.entries[:SHOWN]
    ]
    if statement.count > SHOWN:
        lines.append(f"  and {statement.count - SHOWN} more; --json lists them all")
    return lines


def as_json(found: BankFile) -> dict[str, Any]:
    """The file for a program: amounts are strings, absent facts null."""
    answer: dict[str, Any] = {
        "format": found.format,
        "statements": [statement_json(s) for s in statements_of(found.events())],
    }
    if found.layout:
        answer["layout"] = found.layout.shown()
    return answer


def statement_json(statement: Statement) -> dict[str, Any]:
    """A statement for a program."""
    decimals = decimals_of(statement)

    def amount(value: Decimal | None) -> str | None:
        return None if value is None else text_of(value, decimals)

    return {
        "account": statement.account or None,
        "currency": statement.currency or None,
        "number": statement.number or None,
        "opening": amount(statement.opening),
        "closing": amount(statement.closing),
        "entries": [entry_json(entry, decimals) for entry in statement.entries],
        "sum": amount(statement.sum),
        "continuous": statement.continuous,
        "difference": amount(statement.difference),
        "pending": statement.pending,
    }


def entry_json(entry: Entry, decimals: int) -> dict[str, Any]:
    """An entry for a program."""
    return {
        "date": entry.date.isoformat(),
        "value_date": entry.value_date.isoformat() if entry.value_date else None,
        "amount": text_of(entry.amount, decimals),
        "reference": entry.reference or None,
        "text": entry.text or None,
        "counterparty": entry.counterparty or None,
        "counterparty_account": entry.counterparty_account or None,
        "bank_id": entry.bank_id or None,
        "is_reversal": entry.is_reversal,
        "flags": list(entry.flags),
        "details": [detail_json(detail, decimals) for detail in entry.details],
    }


def detail_json(detail: Detail, decimals: int) -> dict[str, Any]:
    """A part of an entry for a program."""
    return {
        "amount": text_of(detail.amount, decimals),
        "reference": detail.reference or None,
        "text": detail.text or None,
        "counterparty": detail.counterparty or None,
        "counterparty_account": detail.counterparty_account or None,
    }


def decimals_of(statement: Statement) -> int:
    """The decimals of the statement's currency; two where it names none."""
    return get_currency_precision(statement.currency)


def text_of(amount: Decimal, decimals: int) -> str:
    """The amount with the currency's decimals, or as written where it has more."""
    exact = rounded(amount, decimals)
    return f"{exact if exact == amount else amount.quantize(UNITS[4]).normalize():f}"
