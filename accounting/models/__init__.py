"""The facts of the books."""

from accounting.models.accounts import Account
from accounting.models.balances import MonthlyBalance
from accounting.models.bank import BankStatement, Match, OwnAccount, StatementLine
from accounting.models.bank_rules import BankRule
from accounting.models.drafts import DraftLine, EntryDraft
from accounting.models.entries import JournalEntry, JournalLine
from accounting.models.open_items import Allocation, DueDate
from accounting.models.payment_runs import PaymentRun, PaymentRunLine
from accounting.models.payments import Payment
from accounting.models.reminders import RemindedItem, Reminder, ReminderLevel
from accounting.models.years import FiscalYear, Period, PeriodEvent

__all__ = [
    "Account",
    "Allocation",
    "BankRule",
    "BankStatement",
    "DraftLine",
    "DueDate",
    "EntryDraft",
    "FiscalYear",
    "JournalEntry",
    "JournalLine",
    "Match",
    "MonthlyBalance",
    "OwnAccount",
    "Payment",
    "PaymentRun",
    "PaymentRunLine",
    "Period",
    "PeriodEvent",
    "RemindedItem",
    "Reminder",
    "ReminderLevel",
    "StatementLine",
]
