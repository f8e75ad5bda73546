"""Budgets from a file: a row for each department, account and month."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.budgets import (
    LARGEST,
    Cell,
    known_amounts,
    minor_unit,
    months_of,
    plannable_accounts,
    write_cells,
)
from accounting.models import Budget
from backoffice.access import Level, standing
from backoffice.errors import Refused
from backoffice.imports import Column, Failure, Importer, Outcome, unheard
from backoffice.models import Department
from backoffice.money import has_too_many_decimals
from backoffice.reading import amount_of, day_of


class BudgetImporter(Importer):
    """The amounts of a budget; a cell that is planned already takes the new amount."""

    kind = "budget"
    label = gettext_lazy("Budget")
    purpose = gettext_lazy("What departments plan, one row for each account and month.")
    area = "accounting"
    columns = (
        Column(
            "department",
            gettext_lazy("Department"),
            help=gettext_lazy("its code or name; empty: the whole company"),
            example="SALES",
        ),
        Column("account", gettext_lazy("Account"), required=True, example="7010",
               help=gettext_lazy("its code")),
        Column("month", gettext_lazy("Month"), required=True, example="2026-01",
               help=gettext_lazy("as 2026-01, or a day in it"), aliases=("date", "period")),
        Column("amount", gettext_lazy("Amount"), required=True, example="1200.00",
               help=gettext_lazy("income and expenses, both positive"), aliases=("budget",)),
    )  # fmt: skip

    @classmethod
    def option_fields(cls) -> dict[str, forms.Field]:
        return {
            **super().option_fields(),
            "budget": forms.CharField(
                label=gettext_lazy("Into the budget"),
                help_text=gettext_lazy("Its name. Empty: the only draft there is."),
                required=False,
                max_length=100,
            ),
        }

    def check(self, number: int, row: Mapping[str, str]) -> dict[str, str]:
        return self.read(row)[2]

    def bring_in(
        self,
        rows: Iterable[tuple[int, Mapping[str, str]]],
        *,
        is_rehearsal: bool = False,
        progress: Callable[[int], None] = unheard,
    ) -> Outcome:
        outcome = Outcome(dict.fromkeys(("created", "updated", "unchanged", "failed"), 0))
        cells: dict[Cell, Decimal] = {}
        for count, (number, row) in enumerate(rows, start=1):
            self._take(number, row, cells, outcome)
            progress(count)
        if self.budget is None:
            return outcome
        known = known_amounts(self.budget, cells)
        for cell, amount in cells.items():
            is_same = known.get(cell, Decimal(0)) == amount
            word = "unchanged" if is_same else "updated" if cell in known else "created"
            outcome.counts[word] += 1
        with transaction.atomic():
            write_cells(self.budget, cells, by=self.by)
            if is_rehearsal:
                outcome.is_kept = False
                transaction.set_rollback(True)
        return outcome

    def _take(
        self,
        number: int,
        row: Mapping[str, str],
        cells: dict[Cell, Decimal],
        outcome: Outcome,
    ) -> None:
        """Put the row's amount into its cell, or note why it has none."""
        cell, amount, problems = self.read(row)
        if cell in cells:
            problems = {"month": _("Another row has the same department, account and month.")}
        if problems or cell is None or amount is None:
            outcome.counts["failed"] += 1
            outcome.failures += [Failure(number, said, name) for name, said in problems.items()]
            outcome.failed_rows[number] = " ".join(problems.values())
            return
        cells[cell] = amount

    def read(self, row: Mapping[str, str]) -> tuple[Cell | None, Decimal | None, dict[str, str]]:
        """The cell and amount of a row, and what is wrong with it by column."""
        found: dict[str, Any] = {}
        problems: dict[str, str] = {}
        if self.budget is None:
            problems[""] = _("Name the budget: there is not one draft, but none or several.")
        for name in ("department", "account", "month", "amount"):
            try:
                found[name] = getattr(self, f"read_{name}")(row.get(name, "").strip())
            except Refused as refusal:
                problems[name] = str(refusal)
        if problems:
            return None, None, problems
        return Cell(found["department"], found["account"], found["month"]), found["amount"], {}

    def read_department(self, text: str) -> int:
        """The department's key, where the person may write its plan."""
        pk = self._departments.get(text.casefold())
        if pk is None:
            raise Refused(_("There is no department “%(name)s”.") % {"name": text})
        if self.by is not None:
            right = standing(self.by).right(self.area, Level.EDIT)
            if not right.everything and pk not in right.departments:
                raise Refused(_("This department is outside your reach."))
        return pk

    def read_account(self, text: str) -> int:
        """The account's key, where it can be planned."""
        pk = self._accounts.get(text.casefold())
        if pk is None:
            raise Refused(
                _("“%(code)s” is no account of income or expense that takes lines.")
                % {"code": text[:40]}
            )
        return pk

    def read_month(self, text: str) -> date:
        """The first day of the month, which lies in the budget's year."""
        whole = f"{text}-01" if len(text) == 7 else text
        month = day_of(whole, self.options["date_format"] or "ymd").replace(day=1)
        if self.budget and month not in self._months:
            raise Refused(_("%(month)s is not in the budget's year.") % {"month": text})
        return month

    def read_amount(self, text: str) -> Decimal:
        """The amount, as fine as the currency allows."""
        amount = amount_of(text, decimal_comma=bool(self.options["decimal_comma"]))
        if abs(amount) >= LARGEST or has_too_many_decimals(amount, self._unit):
            raise Refused(_("%(amount)s is no amount of the books' currency.") % {"amount": text})
        return amount

    @cached_property
    def budget(self) -> Budget | None:
        """The draft the rows go into: the one named, else the only one there is."""
        drafts = Budget.objects.filter(state=Budget.State.DRAFT)
        name = str(self.options.get("budget") or "").strip().casefold()
        found = [b for b in drafts if not name or name in (b.name.casefold(), str(b).casefold())]
        return found[0] if len(found) == 1 else None

    @cached_property
    def _months(self) -> set[date]:
        return set(months_of(self.budget.fiscal_year)) if self.budget else set()

    @cached_property
    def _departments(self) -> dict[str, int]:
        known: dict[str, int] = {}
        for pk, code, name, parent in Department.objects.values_list(
            "pk", "code", "name", "parent_id"
        ):
            known |= {name.casefold(): pk, code.casefold(): pk}
            if parent is None:
                known[""] = pk
        return known

    @cached_property
    def _accounts(self) -> dict[str, int]:
        return {code.casefold(): pk for pk, code in plannable_accounts().values_list("pk", "code")}

    @cached_property
    def _unit(self) -> int:
        return minor_unit()
