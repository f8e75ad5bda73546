"""The facts of the books."""

from accounting.models.accounts import Account
from accounting.models.assets import AssetClass, AssetEvent, Depreciation, FixedAsset
from accounting.models.balances import MonthlyBalance
from accounting.models.bank import BankStatement, Match, OwnAccount, StatementLine
from accounting.models.bank_rules import BankRule
from accounting.models.bills import Bill, BillLine
from accounting.models.budgets import Budget, BudgetLine
from accounting.models.claims import ExpenseClaim, ExpenseKind, Receipt
from accounting.models.closing import Waiver
from accounting.models.drafts import DraftLine, EntryDraft
from accounting.models.entries import JournalEntry, JournalLine
from accounting.models.exchange import ExchangeRate
from accounting.models.invoices import Invoice, InvoiceLine
from accounting.models.items import Item
from accounting.models.open_items import Allocation, DueDate
from accounting.models.payment_runs import PaymentRun, PaymentRunLine
from accounting.models.payments import Payment
from accounting.models.recurring import Deferral, RecurringEntry
from accounting.models.reminders import RemindedItem, Reminder, ReminderLevel
from accounting.models.tax_returns import FiledTaxLine, TaxLine, TaxReturn
from accounting.models.taxes import TaxCode, TaxPart, TaxRate
from accounting.models.terms import PartyTerms
from accounting.models.years import FiscalYear, Period, PeriodEvent

__all__ = [
    "Account",
    "Allocation",
    "AssetClass",
    "AssetEvent",
    "BankRule",
    "BankStatement",
    "Bill",
    "BillLine",
    "Budget",
    "BudgetLine",
    "Deferral",
    "Depreciation",
    "DraftLine",
    "DueDate",
    "EntryDraft",
    "ExchangeRate",
    "ExpenseClaim",
    "ExpenseKind",
    "FiledTaxLine",
    "FiscalYear",
    "FixedAsset",
    "Invoice",
    "InvoiceLine",
    "Item",
    "JournalEntry",
    "JournalLine",
    "Match",
    "MonthlyBalance",
    "OwnAccount",
    "PartyTerms",
    "Payment",
    "PaymentRun",
    "PaymentRunLine",
    "Period",
    "PeriodEvent",
    "Receipt",
    "RecurringEntry",
    "RemindedItem",
    "Reminder",
    "ReminderLevel",
    "StatementLine",
    "TaxCode",
    "TaxLine",
    "TaxPart",
    "TaxRate",
    "TaxReturn",
    "Waiver",
]
