"""The grid a budget is typed in: an account a row, a month a column, the year at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from accounting.budgets import Cell, check_amounts, months_of, plannable_accounts, spread
from accounting.models import Account, Budget, BudgetLine
from backoffice.errors import Refused
from backoffice.models import Department
from backoffice.money import ZERO, in_sentence
from backoffice.reading import locale_in_use, number_typed, number_written

ACCOUNTS_A_PAGE = 40
YEAR = "year"


@dataclass
class GridCell:
    """A field of the grid: what it is called, what stands in it, what is wrong with it."""

    name: str
    label: str
    text: str
    problem: str = ""


@dataclass
class GridRow:
    """An account with its months and its year."""

    account: Account
    cells: list[GridCell]
    year: GridCell

    @property
    def problems(self) -> list[str]:
        """What is wrong in the row."""
        return [cell.problem for cell in (*self.cells, self.year) if cell.problem]


@dataclass
class Grid:
    """A page of the grid, and the amounts read from it."""

    budget: Budget
    department: Department
    months: list[date]
    rows: list[GridRow]
    totals: list[Decimal]
    page: int
    pages: int
    cells: dict[Cell, Decimal] = field(default_factory=dict)

    @property
    def is_valid(self) -> bool:
        """Whether all that was typed can be read."""
        return not any(row.problems for row in self.rows)


def grid_of(
    budget: Budget,
    department: Department,
    *,
    unit: int,
    page: int = 1,
    typed: Mapping[str, str] | None = None,
    without: frozenset[int] = frozenset(),
) -> Grid:
    """A page of the grid as it is stored, or as it was typed; `without` leaves accounts out."""
    every = [account for account in plannable_accounts() if account.pk not in without]
    pages = max(1, -(-len(every) // ACCOUNTS_A_PAGE))
    page = min(max(page, 1), pages)
    accounts = every[(page - 1) * ACCOUNTS_A_PAGE : page * ACCOUNTS_A_PAGE]
    months = months_of(budget.fiscal_year)
    stored = stored_amounts(budget, department)
    reader = Reader(department, months, stored, unit, typed)
    return Grid(
        budget=budget,
        department=department,
        months=months,
        rows=[reader.row(account) for account in accounts],
        totals=results_of(every, months, stored),
        page=page,
        pages=pages,
        cells=reader.cells,
    )


def stored_amounts(budget: Budget, department: Department) -> dict[tuple[int, date], Decimal]:
    """The department's plan by account and month."""
    found = BudgetLine.objects.filter(budget=budget, department=department)
    rows = found.values_list("account_id", "month", "amount")
    return {(account, month): amount for account, month, amount in rows}


def results_of(
    accounts: Sequence[Account],
    months: Sequence[date],
    stored: Mapping[tuple[int, date], Decimal],
) -> list[Decimal]:
    """The planned result of each month and of the year: income less expenses."""
    signs = {account.pk: 1 if account.kind == "income" else -1 for account in accounts}
    found = [
        sum((signs[pk] * stored.get((pk, month), ZERO) for pk in signs), ZERO) for month in months
    ]
    return [*found, sum(found, ZERO)]


@dataclass
class Reader:
    """Reads the rows of the grid: what is stored where nothing was typed."""

    department: Department
    months: list[date]
    stored: Mapping[tuple[int, date], Decimal]
    unit: int
    typed: Mapping[str, str] | None
    cells: dict[Cell, Decimal] = field(default_factory=dict)

    def row(self, account: Account) -> GridRow:
        """The account's row; a year alone is spread over its months."""
        cells = [self.cell(account, month) for month in self.months]
        total = sum((self.stored.get((account.pk, m), ZERO) for m in self.months), ZERO)
        year = self.field(f"{account.pk}-{YEAR}", f"{account}, {_('year')}", total)
        row = GridRow(account, cells, year)
        if self.typed is not None:
            self.read(row, total)
        return row

    def cell(self, account: Account, month: date) -> GridCell:
        """A month of the row."""
        name, label = f"{account.pk}-{month:%Y-%m}", f"{account}, {month:%Y-%m}"
        return self.field(name, label, self.stored.get((account.pk, month), ZERO))

    def field(self, name: str, label: str, amount: Decimal) -> GridCell:
        """A field with what was typed in it, else with what is stored."""
        stored = number_typed(amount, locale=locale_in_use()) if amount else ""
        text = stored if self.typed is None else self.typed.get(name, stored)
        return GridCell(name, label, text)

    def read(self, row: GridRow, stored: Decimal) -> None:
        """The amounts of the row, into the cells; what cannot be read stays with its sentence."""
        amounts = [self.amount(cell) for cell in row.cells]
        for cell, amount in zip(row.cells, amounts, strict=True):
            cell.problem = cell.problem or problem_of(amount, self.unit)
        year = self.amount(row.year)
        if row.problems or year is None:
            return
        found = [amount or ZERO for amount in amounts]
        # A new year's sum with the months as they were is a wish to have it spread.
        known = [self.stored.get((row.account.pk, month), ZERO) for month in self.months]
        if year != stored and found == known:
            found = spread(year, len(self.months), self.unit)
            row.year.problem = problem_of(found[-1], self.unit)
        elif year not in (stored, total := sum(found, ZERO)):
            row.year.problem = self.unlike(total, year)
        if row.problems:
            return
        for month, amount in zip(self.months, found, strict=True):
            self.cells[Cell(self.department.pk, row.account.pk, month)] = amount

    def unlike(self, total: Decimal, year: Decimal) -> str:
        """That months and year were both typed and do not agree."""
        words = {"total": in_sentence(total, self.unit), "year": in_sentence(year, self.unit)}
        return _("The months come to %(total)s, not to %(year)s: change one or the other.") % words

    def amount(self, cell: GridCell) -> Decimal | None:
        """The amount typed in a field; none, with a sentence, where the budget cannot hold it."""
        if not cell.text.strip():
            return ZERO
        try:
            amount = number_written(cell.text, locale=locale_in_use())
            check_typed(amount, self.unit)
        except Refused as refusal:
            cell.problem = str(refusal)
            return None
        return amount


def check_typed(amount: Decimal, unit: int) -> None:
    """Refuse decimals the currency does not have, be they zeros: `1.000` may mean a thousand."""
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > unit:
        raise Refused(_("%(amount)s has more decimals than the currency.") % {"amount": amount})


def problem_of(amount: Decimal | None, unit: int) -> str:
    """Why a budget cannot hold the amount; empty where it can."""
    try:
        check_amounts([amount or ZERO], unit)
    except Refused as refusal:
        return str(refusal)
    return ""
