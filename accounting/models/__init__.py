"""The facts of the books."""

from accounting.models.accounts import Account
from accounting.models.assets import AssetClass, AssetEvent, Depreciation, FixedAsset
from accounting.models.balances import MonthlyBalance
from accounting.models.drafts import DraftLine, EntryDraft
from accounting.models.entries import JournalEntry, JournalLine
from accounting.models.years import FiscalYear, Period, PeriodEvent

__all__ = [
    "Account",
    "AssetClass",
    "AssetEvent",
    "Depreciation",
    "DraftLine",
    "EntryDraft",
    "FiscalYear",
    "FixedAsset",
    "JournalEntry",
    "JournalLine",
    "MonthlyBalance",
    "Period",
    "PeriodEvent",
]
