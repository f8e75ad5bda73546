"""The menu of the books, by what people come to do."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.functions import Screen


def under(heading: Any, *lines: tuple[Any, str, str, str]) -> Iterator[Screen]:
    """The lines under one heading."""
    for label, url_name, area, level in lines:
        yield Screen(label, f"accounting:{url_name}", area, level, group=heading)


BOOKS, PAY, VIEW, EDIT = "accounting", "accounting.pay", "view", "edit"
EVERYBODY = "signed_in"
SCREENS = (
    *under(
        _("Sales"),
        (_("Invoices"), "invoice-list", BOOKS, VIEW),
        (_("Customers"), "customers", BOOKS, VIEW),
        (_("Receivables"), "receivables", BOOKS, VIEW),
        (_("Reminders"), "reminders-due", BOOKS, VIEW),
        (_("Items"), "item-list", BOOKS, VIEW),
    ),
    *under(
        _("Purchases"),
        (_("Bills"), "bill-list", BOOKS, VIEW),
        (_("Expense claims"), "expenseclaim-list", EVERYBODY, VIEW),
        (_("Suppliers"), "suppliers", BOOKS, VIEW),
        (_("Payables"), "payables", BOOKS, VIEW),
    ),
    *under(
        _("Bank"),
        (_("Bank accounts"), "ownaccount-list", PAY, VIEW),
        (_("Bank statements"), "bankstatement-list", BOOKS, VIEW),
        (_("Bank lines"), "statementline-list", BOOKS, VIEW),
        (_("Bank rules"), "bankrule-list", BOOKS, VIEW),
        (_("Payments"), "payment-list", BOOKS, VIEW),
        (_("Payment runs"), "paymentrun-list", PAY, VIEW),
    ),
    *under(
        _("Ledger"),
        (_("Journal"), "journalentry-list", BOOKS, VIEW),
        (_("New entry"), "entrydraft-add", BOOKS, EDIT),
        (_("Drafts"), "entrydraft-list", BOOKS, VIEW),
        (_("Chart of accounts"), "chart", BOOKS, VIEW),
        (_("Recurring entries"), "recurringentry-list", BOOKS, VIEW),
        (_("Deferrals"), "deferral-list", BOOKS, VIEW),
        (_("Exchange rates"), "exchangerate-list", BOOKS, VIEW),
        (_("Revaluation"), "revaluation", BOOKS, VIEW),
    ),
    *under(
        _("Assets"),
        (_("Fixed assets"), "fixedasset-list", BOOKS, VIEW),
        (_("Asset register"), "asset-register", BOOKS, VIEW),
        (_("Depreciation run"), "depreciation-run", BOOKS, VIEW),
        (_("Asset classes"), "assetclass-list", BOOKS, VIEW),
    ),
    *under(
        _("Tax"),
        (_("Tax returns"), "taxreturn-list", BOOKS, VIEW),
        (_("Tax codes"), "taxcode-list", BOOKS, VIEW),
    ),
    *under(
        _("Reports"),
        (_("Balance sheet"), "balance-sheet", BOOKS, VIEW),
        (_("Income statement"), "income-statement", BOOKS, VIEW),
        (_("Cash flow"), "cash-flow", BOOKS, VIEW),
        (_("Trial balance"), "trial-balance", BOOKS, VIEW),
        (_("Budget"), "budget", BOOKS, VIEW),
    ),
    *under(
        _("Closing"),
        (_("Fiscal years"), "period-list", BOOKS, VIEW),
        (_("Take over"), "take-over", BOOKS, EDIT),
        (_("Are my books right?"), "proof", BOOKS, VIEW),
    ),
)
