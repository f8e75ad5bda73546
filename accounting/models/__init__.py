"""The facts of the books."""

from accounting.models.accounts import Account
from accounting.models.balances import MonthlyBalance
from accounting.models.bank import BankStatement, Match, OwnAccount, StatementLine
from accounting.models.drafts import DraftLine, EntryDraft
from accounting.models.entries import JournalEntry, JournalLine
from accounting.models.years import FiscalYear, Period, PeriodEvent

__all__ = [
    "Account",
    "BankStatement",
    "DraftLine",
    "EntryDraft",
    "FiscalYear",
    "JournalEntry",
    "JournalLine",
    "Match",
    "MonthlyBalance",
    "OwnAccount",
    "Period",
    "PeriodEvent",
    "StatementLine",
]
