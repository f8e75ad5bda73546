"""The facts of the books."""

from accounting.models.accounts import Account
from accounting.models.balances import MonthlyBalance
from accounting.models.drafts import DraftLine, EntryDraft
from accounting.models.entries import JournalEntry, JournalLine
from accounting.models.items import Item
from accounting.models.tax_returns import FiledTaxLine, TaxLine, TaxReturn
from accounting.models.taxes import TaxCode, TaxPart, TaxRate
from accounting.models.terms import PartyTerms
from accounting.models.years import FiscalYear, Period, PeriodEvent

__all__ = [
    "Account",
    "DraftLine",
    "EntryDraft",
    "FiledTaxLine",
    "FiscalYear",
    "Item",
    "JournalEntry",
    "JournalLine",
    "MonthlyBalance",
    "PartyTerms",
    "Period",
    "PeriodEvent",
    "TaxCode",
    "TaxLine",
    "TaxPart",
    "TaxRate",
    "TaxReturn",
]
