"""The facts of the books."""

from accounting.models.accounts import Account
from accounting.models.balances import MonthlyBalance
from accounting.models.budgets import Budget, BudgetLine
from accounting.models.drafts import DraftLine, EntryDraft
from accounting.models.entries import JournalEntry, JournalLine
from accounting.models.years import FiscalYear, Period, PeriodEvent

__all__ = [
    "Account",
    "Budget",
    "BudgetLine",
    "DraftLine",
    "EntryDraft",
    "FiscalYear",
    "JournalEntry",
    "JournalLine",
    "MonthlyBalance",
    "Period",
    "PeriodEvent",
]
