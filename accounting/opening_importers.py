"""Files of the take-over: the old trial balance, what customers and what suppliers had open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.entry_rules import TOO_LARGE
from accounting.figures_in_files import amount_in, day_in
from accounting.models import Account, JournalEntry
from accounting.named_in_files import account_named, department_named, party_named
from accounting.opening import OpenItem, base_of, take_over_balances, take_over_item
from accounting.posting import Line
from backoffice.errors import Refused
from backoffice.imports import Column, Failure, Outcome, unheard
from backoffice.models import Company, Department, Party
from backoffice.money import ZERO
from backoffice.reading import day_of
from backoffice.record_importer import (
    CREATED,
    FAILED,
    UNCHANGED,
    UPDATED,
    Cells,
    RecordImporter,
    RowFailed,
)


class TakeOverImporter(RecordImporter):
    """What the files of the take-over share: the day, and how amounts are read."""

    area = "accounting"
    takes_all = True
    model = JournalEntry

    @classmethod
    def option_fields(cls) -> dict[str, forms.Field]:
        return {
            **super().option_fields(),
            "on": forms.CharField(
                label=gettext_lazy("Taken over on"),
                help_text=gettext_lazy(
                    "The day these books begin, as 2026-01-01; usually the first of a year."
                ),
                max_length=10,
            ),
        }

    @property
    def on(self) -> date:
        """The day of the take-over."""
        words = str(self.options.get("on") or "")
        if not words:
            raise Refused(_("Say on which day the books are taken over (on)."), field="on")
        return day_of(words)

    def read_amount(self, text: str) -> Decimal | None:
        comma = bool(self.options["decimal_comma"])
        return amount_in(text, decimal_comma=comma) if text else None

    def read_day(self, text: str) -> date | None:
        """A day as the file writes it."""
        return day_in(text, self.options["date_format"] or "ymd") if text else None

    def check(self, number: int, row: Mapping[str, str]) -> dict[str, str]:
        try:
            self.understood(self.cells(row))
        except RowFailed as failed:
            return failed.problems
        return {}

    def understood(self, cells: Cells) -> Any:
        """What the cells say; what is wrong with them is said at their column."""
        raise NotImplementedError


class OpeningBalanceImporter(TakeOverImporter):
    """The trial balance of the other books, in one entry: all of it or nothing."""

    kind = "opening_balances"
    label = gettext_lazy("Opening balances")
    purpose = gettext_lazy("The trial balance of the books before, one row an account.")
    keys = ("account",)
    columns = (
        Column(
            "account", gettext_lazy("Account"), required=True, example="1110",
            help=gettext_lazy("its code, or its name"), aliases=("code", "account code"),
        ),
        Column("debit", gettext_lazy("Debit"), example="1250.00", aliases=("dr",)),
        Column("credit", gettext_lazy("Credit"), aliases=("cr",)),
        Column(
            "balance", gettext_lazy("Balance"), aliases=("amount",),
            help=gettext_lazy("instead of the two: debits positive, credits negative"),
        ),
        Column(
            "currency_amount", gettext_lazy("In its currency"),
            help=gettext_lazy("for an account kept in another currency"),
        ),
        Column("department", gettext_lazy("Department"), help=gettext_lazy("its code or name")),
    )  # fmt: skip

    read_debit = read_credit = read_balance = read_currency_amount = TakeOverImporter.read_amount

    def read_account(self, text: str) -> Account | None:
        return account_named(text) if text else None

    def read_department(self, text: str) -> Department | None:
        return department_named(text)

    def understood(self, cells: Cells) -> Line:
        said = {**cells.facts, **cells.more}
        debit, credit, balance = (said.get(n) for n in ("debit", "credit", "balance"))
        if balance is not None and (debit or credit):
            raise RowFailed({"balance": _("Give debit and credit, or a balance: not both.")})
        amount = balance if balance is not None else (debit or ZERO) - (credit or ZERO)
        account, foreign = said["account"], said.get("currency_amount")
        if account.currency_id and foreign is None and amount and not is_of_books(account):
            sentence = _("The account is kept in %(currency)s: say how much of it.")
            raise RowFailed({"currency_amount": sentence % {"currency": account.currency_id}})
        is_foreign = foreign is not None and account.currency_id and not is_of_books(account)
        return Line(
            account,
            amount,
            department=said.get("department"),
            currency=account.currency if is_foreign else None,
            currency_amount=foreign if is_foreign else None,
        )

    def bring_in(
        self,
        rows: Iterable[tuple[int, Mapping[str, str]]],
        *,
        is_rehearsal: bool = False,
        progress: Callable[[int], None] = unheard,
    ) -> Outcome:
        outcome = Outcome(dict.fromkeys((CREATED, UPDATED, UNCHANGED, FAILED), 0))
        lines: list[Line] = []
        for count, (number, row) in enumerate(rows, start=1):
            try:
                lines.append(self.understood(self.cells(row)))
            except RowFailed as failed:
                fail(outcome, number, failed.problems)
            progress(count)
        with transaction.atomic():
            self._post(lines, outcome)
            if is_rehearsal or outcome.failures:
                outcome.is_kept = False
                transaction.set_rollback(True)
        return outcome

    def _post(self, lines: list[Line], outcome: Outcome) -> None:
        """Post the balances, or say why nothing was."""
        before = JournalEntry.objects.count()
        try:
            if not outcome.failures:
                take_over_balances(lines, on=self.on, by=self.by)
        except Refused as refusal:
            outcome.failures.append(Failure(1, str(refusal)))
        if outcome.failures:
            outcome.counts[FAILED] += len(lines)
            outcome.sentence = _("A trial balance comes as a whole, so nothing was posted.")
            return
        zeros = sum(1 for line in lines if not line.amount)
        is_new = JournalEntry.objects.count() > before
        outcome.counts[CREATED if is_new else UNCHANGED] += len(lines) - zeros
        outcome.counts[UNCHANGED] += zeros


class OpenItemImporter(TakeOverImporter):
    """Invoices or bills open at the take-over, each known by its number."""

    role: str
    keys = ("number",)
    columns = (
        Column(
            "party", gettext_lazy("Party"), required=True, help=gettext_lazy("its name"),
            aliases=("customer", "supplier", "name", "vendor"), example="Bluefin Logistics",
        ),
        Column(
            "number", gettext_lazy("Number"), required=True, example="INV-2025-118",
            aliases=("invoice", "invoice number", "bill", "reference"),
        ),
        Column("date", gettext_lazy("Date"), required=True, example="2025-11-30"),
        Column("due_on", gettext_lazy("Due"), aliases=("due date",), example="2025-12-30"),
        Column(
            "amount", gettext_lazy("Open amount"), required=True, example="1190.00",
            help=gettext_lazy("what is still open; a credit is negative"),
            aliases=("open", "balance", "outstanding"),
        ),
        Column("currency", gettext_lazy("Currency"), help=gettext_lazy("empty: of the books")),
        Column(
            "rate", gettext_lazy("Rate"), example="0.92",
            help=gettext_lazy("what one unit of it was worth when it was booked"),
        ),
        Column(
            "base_amount", gettext_lazy("Amount in the books' currency"),
            help=gettext_lazy("instead of the rate"), aliases=("base",),
        ),
    )  # fmt: skip

    read_rate = read_base_amount = TakeOverImporter.read_amount
    read_date = read_due_on = TakeOverImporter.read_day

    def read_party(self, text: str) -> Party | None:
        return party_named(text) if text else None

    def understood(self, cells: Cells) -> OpenItem:
        said = {**cells.facts, **cells.more}
        amount, currency = said["amount"], said.get("currency")
        if currency is not None and is_books_currency(currency.code):
            currency = None
        return OpenItem(
            role=self.role,
            party=said["party"],
            number=said["number"],
            dated=said["date"],
            due_on=said.get("due_on") or said["date"],
            amount=amount,
            base=worth(said) if currency else amount,
            currency=currency,
        )

    def brought_in(self, row: Mapping[str, str], number: int, seen: dict[str, int]) -> str:
        self._check_key(row, number, seen)
        item = self.understood(self.cells(row))
        try:
            entry, is_new = take_over_item(item, on=self.on, by=self.by)
        except Refused as refusal:
            raise RowFailed({refusal.field or "": str(refusal)}) from None
        self.check_reach(entry)
        return CREATED if is_new else UNCHANGED

    def _check_key(self, row: Mapping[str, str], number: int, seen: dict[str, int]) -> None:
        # Two suppliers may use one number; our own are unique.
        whose = row.get("party", "").strip().casefold() if self.role == "payable" else ""
        mark = f"{whose}\n{row.get('number', '').strip().casefold()}"
        if mark in seen:
            raise RowFailed({"number": _("Row %(row)s has the same.") % {"row": seen[mark]}})
        seen[mark] = number


class OpenInvoiceImporter(OpenItemImporter):
    """What customers had not paid yet."""

    kind = "open_invoices"
    label = gettext_lazy("Open invoices")
    purpose = gettext_lazy("What customers owed when these books began, invoice by invoice.")
    role = "receivable"


class OpenBillImporter(OpenItemImporter):
    """What we had not paid yet."""

    kind = "open_bills"
    label = gettext_lazy("Open bills")
    purpose = gettext_lazy("What we owed suppliers when these books began, bill by bill.")
    role = "payable"


def worth(said: Mapping[str, Any]) -> Decimal:
    """What a foreign item was worth: as stated, or by its rate; never guessed."""
    base, rate = said.get("base_amount"), said.get("rate")
    if base is not None:
        return base
    if rate is None or rate <= 0:
        raise RowFailed({"rate": _("Give the rate it was booked at, or its worth in the books.")})
    if abs(said["amount"] * rate) >= TOO_LARGE:
        raise RowFailed({"rate": _("At this rate it is worth more than any books can hold.")})
    return base_of(said["amount"], rate)


def fail(outcome: Outcome, number: int, problems: Mapping[str, str]) -> None:
    """Note a row that cannot come in."""
    for column, sentence in problems.items():
        outcome.failures.append(Failure(number, sentence, column))
    outcome.failed_rows[number] = " ".join(problems.values())
    outcome.counts[FAILED] += 1


def is_of_books(account: Account) -> bool:
    """Whether an account is kept in the currency of the books."""
    return is_books_currency(account.currency_id or "")


def is_books_currency(code: str) -> bool:
    """Whether the books are kept in this currency."""
    return Company.objects.filter(currency=code).exists()
