"""What can be brought into the books from a file: the chart of accounts and the journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.entry_rules import whole_books
from accounting.journal_import import import_journal
from accounting.journal_rows import JournalOptions, RowReader
from accounting.models import Account
from backoffice.errors import Refused
from backoffice.imports import (
    Column,
    Failure,
    Importer,
    Outcome,
    check_mapping,
    guess,
    mapped,
    unheard,
)
from backoffice.record_importer import RecordImporter, choice_of
from backoffice.tables import Table


class AccountImporter(RecordImporter):
    """The chart of accounts; the account above may come later in the file."""

    kind = "accounts"
    label = gettext_lazy("Chart of accounts")
    purpose = gettext_lazy("Accounts with their code, name, kind and the account they are under.")
    area = "accounting"
    model = Account
    keys = ("code",)
    found_later = ("parent",)
    columns = (
        Column("code", gettext_lazy("Code"), required=True, example="1200", aliases=("number",)),
        Column("name", gettext_lazy("Name"), required=True, example="Bank", aliases=("account",)),
        Column(
            "kind",
            gettext_lazy("Kind"),
            required=True,
            help=gettext_lazy("asset, liability, equity, income or expense"),
            example="asset",
            aliases=("type",),
        ),
        Column(
            "parent",
            gettext_lazy("Under"),
            help=gettext_lazy("the code of its heading"),
            example="1000",
            aliases=("heading", "parent code"),
        ),
        Column(
            "role",
            gettext_lazy("Role"),
            help=gettext_lazy("what other functions post to it as"),
            example="bank",
        ),
        Column(
            "cash_flow",
            gettext_lazy("In the cash flow"),
            help=gettext_lazy("cash, operating, investing or financing; empty: by its role"),
        ),
        Column("currency", gettext_lazy("Currency"), example="EUR"),
        Column("is_active", gettext_lazy("Active"), example="yes"),
    )

    def read_kind(self, text: str) -> str:
        return choice_of(text, Account.Kind.choices)

    def read_role(self, text: str) -> str:
        return choice_of(text, Account.Role.choices) if text else ""

    def read_cash_flow(self, text: str) -> str:
        return choice_of(text, Account.CashFlow.choices) if text else ""

    def read_parent(self, text: str) -> Account | None:
        if not text:
            return None
        found = Account.objects.filter(code__iexact=text).first()
        if found is None:
            raise Refused(_("There is no account %(code)s to stand under.") % {"code": text})
        return found

    def bring_in(self, rows: Iterable[tuple[int, Mapping[str, str]]], **how: Any) -> Outcome:
        return super().bring_in(headings_first(rows), **how)


def headings_first(
    rows: Iterable[tuple[int, Mapping[str, str]]],
) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The rows, each after the row of its heading where that is in the file."""
    waiting = list(rows)
    codes = {row.get("code", "").strip().casefold() for _number, row in waiting}
    while waiting:
        later = []
        for number, row in waiting:
            if row.get("parent", "").strip().casefold() in codes:
                later.append((number, row))
            else:
                yield number, row
                codes.discard(row.get("code", "").strip().casefold())
        if len(later) == len(waiting):  # they name each other in a circle
            yield from later
            return
        waiting = later


class JournalImporter(Importer):
    """A journal, one row per line."""

    kind = "journal"
    label = gettext_lazy("Journal")
    purpose = gettext_lazy("Entries from another program, one row for each line.")
    area = "accounting"
    takes_all = True  # an entry may stand in any department
    passes = 2  # read, then posted
    columns = (
        Column(
            "entry",
            gettext_lazy("Entry"),
            required=True,
            help=gettext_lazy("the same in all rows of an entry"),
            example="17",
            aliases=("entry number", "journal no", "transaction", "no"),
        ),
        Column("date", gettext_lazy("Date"), required=True, example="2026-01-31"),
        Column(
            "account",
            gettext_lazy("Account"),
            required=True,
            help=gettext_lazy("its code, or its name after its headings'"),
            example="1200",
        ),
        Column(
            "amount",
            gettext_lazy("Amount"),
            required=True,
            help=gettext_lazy("debits positive, credits negative"),
            example="-125.50",
        ),
        Column("payee", gettext_lazy("Payee")),
        Column("narration", gettext_lazy("Text"), aliases=("description", "memo", "note")),
        Column("currency", gettext_lazy("Currency"), example="USD"),
        Column(
            "base_weight",
            gettext_lazy("Amount in the books' currency"),
            help=gettext_lazy("where the amount is in another"),
        ),
        Column("base_currency", gettext_lazy("Currency of that")),
        Column("department", gettext_lazy("Department"), help=gettext_lazy("its code or name")),
    )

    @classmethod
    def option_fields(cls) -> dict[str, forms.Field]:
        return {
            **super().option_fields(),
            "create_accounts": forms.BooleanField(
                label=gettext_lazy("Create missing accounts"),
                help_text=gettext_lazy(
                    "Named Assets:…, Liabilities:…, Equity:…, Income:… or Expenses:…"
                ),
                required=False,
            ),
            "skip_refused": forms.BooleanField(
                label=gettext_lazy("Post the good entries even if others are refused"),
                required=False,
            ),
            "rounding_account": forms.CharField(
                label=gettext_lazy("Round on account"),
                help_text=gettext_lazy("Its code. Empty: amounts that are too fine are refused."),
                required=False,
                max_length=20,
            ),
        }

    def check(self, number: int, row: Mapping[str, str]) -> dict[str, str]:
        _row, problems = self._reader.examined(number, row)
        return problems

    def bring_in(
        self,
        rows: Iterable[tuple[int, Mapping[str, str]]],
        *,
        is_rehearsal: bool = False,
        progress: Callable[[int], None] = unheard,
    ) -> Outcome:
        found = import_journal(
            rows, by=self.by, options=self._read_options(is_rehearsal=is_rehearsal),
            progress=progress,
        )  # fmt: skip
        refused = len(found.refused)
        is_held_back = bool(refused) and not self.options.get("skip_refused")
        return Outcome(
            counts={
                "read": found.read,
                "posted": found.posted,
                "already": found.already,
                "held": found.held,
                "refused": refused,
            },
            failures=[
                Failure(r.row, f"{_('Entry')} {r.entry}: {r.reason}", r.column)
                for r in found.refused
            ],
            failed_rows=found.refused_rows,
            is_kept=not is_rehearsal and not is_held_back,
            sentence=_("Entries are refused, so nothing was posted.") if is_held_back else "",
        )

    @cached_property
    def _reader(self) -> RowReader:
        return RowReader(whole_books(), self._read_options(is_rehearsal=True))

    def _read_options(self, *, is_rehearsal: bool) -> JournalOptions:
        names = ("create_accounts", "skip_refused", "rounding_account")
        chosen: dict[str, Any] = {n: self.options[n] for n in names if self.options.get(n)}
        return JournalOptions(
            **chosen,
            is_rehearsal=is_rehearsal,
            date_format=self.options["date_format"] or "ymd",
            decimal_comma=bool(self.options["decimal_comma"]),
        )


def journal_rows(table: Table) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a file whose headings are the names of the columns."""
    guessed = guess(JournalImporter, table.header)
    return mapped(table, check_mapping(JournalImporter, guessed, table.header))
