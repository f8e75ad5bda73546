"""Bank files through the import page: seen before they come in, their columns kept by account."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.bank_accounts import own_account_for
from accounting.bank_files import BankFile, Entry, open_bank_file
from accounting.bank_files.layout import Layout, guessed
from accounting.bank_files.opening import hash_of, kind_of, table_in
from accounting.bank_files.tabular import entry_of, read
from accounting.bank_import import BankImport, check_days, import_bank_file
from accounting.bank_proof import accounts_waiting
from accounting.models import OwnAccount
from backoffice.errors import Refused
from backoffice.imports import Column, Importer, Outcome, guess, unheard
from backoffice.tables import Row, Table, check_text

TABLES = ("csv", "xlsx")
SHOWN = ("date", "amount", "text", "counterparty", "reference", "value_date", "bank_id")


@dataclass(frozen=True)
class BankTable(Table):
    """A statement whose form is its own, as rows to look at before it comes in."""

    header: list[str] = field(default_factory=lambda: list(SHOWN))

    @property
    def columns_are_known(self) -> bool:
        """The file says itself what is what."""
        return True

    @property
    def file(self) -> BankFile:
        """The statements."""
        return open_bank_file(self.path, self.name)

    def __iter__(self) -> Iterator[Row]:
        entries = (event for event in self.file.events() if isinstance(event, Entry))
        for number, entry in enumerate(entries, start=1):
            cells = (getattr(entry, name) for name in SHOWN)
            yield Row(number, ["" if cell is None else str(cell) for cell in cells])


def accounts_to_choose() -> list[tuple[str, str]]:
    """Our bank accounts by the code of their account in the books."""
    active = OwnAccount.objects.filter(is_active=True).select_related("account")
    found = [(own.account.code, f"{own} ({own.account.code})") for own in active]
    return [("", _("as the file says")), *found]


class BankImporter(Importer):
    """Statements of our bank accounts, in any form banks write them."""

    kind = "bank"
    label = gettext_lazy("Bank statements")
    purpose = gettext_lazy(
        "What the bank booked on our accounts. A file may come twice, or overlap another: each "
        "line is added once."
    )
    area = "accounting"
    takes_all = True
    passes = 2  # read to its end for its faults, then stored
    asked_of_tables = ("date_format", "decimal_comma", "newest_first")
    accept = ".csv,.xlsx,.tsv,.txt,.xml,.sta,.mt940,.940,.ofx,.qfx,.qbo,.camt,.053"
    no_rows = gettext_lazy("The file holds no bank line.")
    file_help = gettext_lazy(
        "CAMT.053, MT940 or OFX as the bank hands them out, or a table: CSV in UTF-8, or XLSX."
    )
    columns = (
        Column("date", gettext_lazy("Date"), required=True, example="2026-01-31"),
        Column("value_date", gettext_lazy("Value date"), example="2026-01-31"),
        Column(
            "amount", gettext_lazy("Amount"), example="-12.50",
            help=gettext_lazy("money out negative, or as the mark says"),
        ),
        Column("debit", gettext_lazy("Money out"), help=gettext_lazy("in a column of its own")),
        Column("credit", gettext_lazy("Money in"), help=gettext_lazy("in a column of its own")),
        Column("marker", gettext_lazy("Debit or credit"), example="D",
               help=gettext_lazy("decides the sign, whatever is printed")),
        Column("balance", gettext_lazy("Balance"), help=gettext_lazy("after the line")),
        Column("currency", gettext_lazy("Currency"), example="EUR"),
        Column("text", gettext_lazy("Text")),
        Column("reference", gettext_lazy("Reference")),
        Column("counterparty", gettext_lazy("Who")),
        Column("counterparty_account", gettext_lazy("Their account")),
        Column("bank_id", gettext_lazy("Bank's id"), help=gettext_lazy("unique to the line")),
    )  # fmt: skip

    @classmethod
    def next_steps(cls, subjects: Sequence[int] = ()) -> list[tuple[str, str]]:
        """Reconciling each bank account that has lines to book, those of the file first."""
        return [
            (
                _("Reconcile %(account)s") % {"account": own},
                reverse("accounting:reconcile", args=[own.pk]),
            )
            for own in sorted(accounts_waiting(), key=lambda own: own.pk not in subjects)
        ]

    @classmethod
    def option_fields(cls) -> dict[str, forms.Field]:
        account = forms.ChoiceField(
            label=gettext_lazy("Bank account"), choices=accounts_to_choose, required=False
        )
        newest = forms.BooleanField(
            label=gettext_lazy("The newest line comes first"), required=False
        )
        return {"account": account, **super().option_fields(), "newest_first": newest}

    @classmethod
    def open(cls, path: Path, name: str = "") -> Table:
        if kind_of(path, name) in TABLES:
            return table_in(path, name)
        open_bank_file(path, name)
        return BankTable(path, name or path.name)

    @classmethod
    def check_bytes(cls, path: Path) -> None:
        """A table is text throughout; the other forms say themselves how they are written."""
        if kind_of(path) in TABLES:
            check_text(path)

    @classmethod
    def usual(cls, table: Table) -> tuple[dict[str, str], dict[str, Any]] | None:
        """As the account's last table with these headings was read; else the likely way."""
        if table.columns_are_known:
            return {name: name for name in table.header}, {}
        known = [
            own
            for own in OwnAccount.objects.filter(is_active=True).select_related("account")
            if own.layout.get("header") == table.header
        ]
        if known:
            layout, code = known[0].layout, known[0].account.code
            # Two accounts at one bank have the same headings: which it is, a person says.
            account = code if len(known) == 1 else ""
            return layout["columns"], {**layout["options"], "account": account}
        try:
            layout = guessed(table, also={c.name: str(c.label) for c in cls.columns})
        except Refused:
            return guess(cls, table.header), {}
        return dict(layout.columns), {
            "date_format": layout.date_format,
            "decimal_comma": layout.decimal_comma,
            "newest_first": layout.newest_first,
        }

    def check(self, number: int, row: Mapping[str, str]) -> dict[str, str]:
        """What is wrong with a row of a table; other files are read whole when they come in."""
        try:
            check_days(entry_of(number, row, self._layout({name: name for name in row})))
        except Refused as wrong:
            return {"": str(wrong)}
        return {}

    def bring_in(
        self,
        rows: Iterable[tuple[int, Mapping[str, str]]],
        *,
        is_rehearsal: bool = False,
        progress: Callable[[int], None] = unheard,
    ) -> Outcome:
        """Not by rows alone: a statement is more than its lines."""
        raise NotImplementedError

    def bring_in_table(self, table: Table, mapping: Mapping[str, str], **how: Any) -> Outcome:
        """Bring the statements in, and keep how the table of this account is written."""
        if isinstance(table, BankTable):
            file = table.file
        else:
            layout = self._layout(mapping)
            file = BankFile("table", lambda: read(table, layout), layout)
        code = self.options.get("account")
        own = own_account_for(code, by=self.by) if code else None
        found = import_bank_file(
            file, name=table.name, file_hash=hash_of(table.path), own_account=own, by=self.by,
            **how,
        )  # fmt: skip
        if own and file.layout and not how.get("is_rehearsal"):
            self._keep_layout(own, table, mapping)
        return outcome_of(found, is_kept=not how.get("is_rehearsal"))

    def _layout(self, mapping: Mapping[str, str]) -> Layout:
        return Layout(
            columns=dict(mapping),
            date_format=self.options["date_format"] or "ymd",
            decimal_comma=bool(self.options["decimal_comma"]),
            newest_first=bool(self.options.get("newest_first")),
        )

    def _keep_layout(self, own: OwnAccount, table: Table, mapping: Mapping[str, str]) -> None:
        names = ("date_format", "decimal_comma", "newest_first")
        own.layout = {
            "header": table.header,
            "columns": dict(mapping),
            "options": {name: self.options.get(name) for name in names},
        }
        own.save(update_fields=["layout"])


def outcome_of(found: BankImport, *, is_kept: bool) -> Outcome:
    """What became of the file, for the page."""
    broken = ", ".join(found.breaks[:5])
    return Outcome(
        counts={"read": found.read, "added": found.added, "there": found.already},
        is_kept=is_kept,
        sentence=_("Opening balance and entries do not give the closing balance: %(statements)s.")
        % {"statements": broken}
        if broken
        else "",
        notes=found.gaps,
        subjects=[own.pk for own in found.accounts],
    )
