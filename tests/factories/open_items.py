"""Invoices, bills and money that leave something open."""

from decimal import Decimal

from accounting.models import Account, JournalLine
from accounting.open_items import set_due
from accounting.posting import Line, post
from backoffice.models import Currency
from tests.factories.accounting import A_DAY_IN_MAY, AccountFactory

CONTROL = {
    "receivable": ("1130", "Customers", "asset"),
    "payable": ("2010", "Suppliers", "liability"),
    "exchange": ("7100", "Exchange differences", "income"),
    "discount_given": ("4090", "Discounts given", "income"),
    "discount_received": ("6090", "Discounts received", "expense"),
    "bad_debts": ("6900", "Bad debts", "expense"),
    "bank_charges": ("6800", "Bank charges", "expense"),
}


def control_accounts() -> dict[str, Account]:
    """The accounts open items stand on, and those their differences go to."""
    return {
        role: Account.objects.filter(role=role).first()
        or AccountFactory(code=code, name=name, kind=kind, role=role)
        for role, (code, name, kind) in CONTROL.items()
    }


def owed(role, books, party, amount, other, *, on=A_DAY_IN_MAY, due_on=None, reference="", **more):
    """The open line of an entry between a control account and another account."""
    amount = Decimal(amount)
    facts = {}
    if "currency" in more:
        facts = {
            "currency": Currency.objects.get(code=more["currency"]),
            "currency_amount": Decimal(more["currency_amount"]),
        }
    entry = post(
        on=on,
        text=f"Item {reference}",
        by=books.user,
        lines=[Line(role, amount, party=party, **facts), Line(other, -amount)],
    )
    if due_on:
        set_due(entry, due_on=due_on, reference=reference, by=books.user)
    return JournalLine.objects.get(entry=entry, account__role=role)


def invoice(books, party, amount, **facts) -> JournalLine:
    """What a customer owes."""
    return owed("receivable", books, party, amount, "sales", **facts)


def bill(books, party, amount, **facts) -> JournalLine:
    """What we owe a supplier."""
    return owed("payable", books, party, -Decimal(amount), books.rent, **facts)


def receipt(books, party, amount, **facts) -> JournalLine:
    """Money of a customer, not yet settled against anything."""
    return owed("receivable", books, party, -Decimal(amount), "bank", **facts)
