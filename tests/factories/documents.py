"""Books with a whole chart, customers and suppliers, documents as they are written."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounting.charts import load_chart
from accounting.models import (
    Account,
    Bill,
    BillLine,
    ExpenseClaim,
    ExpenseKind,
    Invoice,
    InvoiceLine,
    JournalEntry,
    Receipt,
    TaxCode,
)
from accounting.years import open_year_for
from backoffice.models import Currency, Party, User
from tests.factories.backoffice import (
    CompanyFactory,
    PartyFactory,
    RootDepartmentFactory,
    staff,
)
from tests.factories.taxes import tax

A_DAY = date(2026, 3, 10)


@dataclass
class TradingBooks:
    """A company in euro with the year 2026 open, a whole chart, one tax of 23 %."""

    clerk: User
    approver: User
    customer: Party
    supplier: Party
    vat: TaxCode
    usd: Currency

    def account(self, role: str) -> Account:
        return Account.objects.get(role=role)


def trading_books() -> TradingBooks:
    """The books documents are written in."""
    CompanyFactory()
    RootDepartmentFactory()
    clerk = staff("Bookkeeper", name="Cleo Clerk")
    open_year_for(A_DAY, by=clerk)
    load_chart("international", by=clerk)
    return TradingBooks(
        clerk=clerk,
        approver=staff("Accountant", name="Abel Approver"),
        customer=PartyFactory(name="Kestrel Cafés"),
        supplier=PartyFactory(name="Timber & Sons"),
        vat=tax(23, code="STD", kind="standard"),
        usd=Currency.objects.get(code="USD"),
    )


def draft_invoice(books: TradingBooks, *prices, **facts) -> Invoice:
    """A draft with one line for each price."""
    tax_code = facts.pop("tax_code", books.vat)
    draft = Invoice.objects.create(
        **{"party": books.customer, "date": A_DAY, "made_by": books.clerk} | facts
    )
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=draft,
            position=place,
            text=f"Bench {place}",
            unit_price=Decimal(str(price)),
            tax_code=tax_code,
        )
        for place, price in enumerate(prices, start=1)
    )
    return draft


def draft_bill(books: TradingBooks, *prices, **facts) -> Bill:
    """A bill as it is entered, one line for each price."""
    tax_code = facts.pop("tax_code", books.vat)
    draft = Bill.objects.create(
        **{
            "party": books.supplier,
            "date": A_DAY,
            "made_by": books.clerk,
            "reference": f"R-{Bill.objects.count() + 1}",
        }
        | facts
    )
    BillLine.objects.bulk_create(
        BillLine(
            bill=draft,
            position=place,
            text=f"Oak {place}",
            unit_price=Decimal(str(price)),
            tax_code=tax_code,
        )
        for place, price in enumerate(prices, start=1)
    )
    return draft


def draft_claim(claimant: User, books: TradingBooks, *amounts, **facts) -> ExpenseClaim:
    """A claim with one receipt for each amount."""
    kind, _made = ExpenseKind.objects.get_or_create(
        name="Train", account=Account.objects.get(code="7090"), tax_code=books.vat
    )
    claim = ExpenseClaim.objects.create(claimant=claimant, **{"text": "Visit to Cork"} | facts)
    Receipt.objects.bulk_create(
        Receipt(claim=claim, date=A_DAY, kind=kind, amount=Decimal(str(amount)))
        for amount in amounts
    )
    return claim


def moved(entry: JournalEntry) -> dict[str, Decimal]:
    """What an entry moved, by the role of the account, or its code where it has none."""
    found: dict[str, Decimal] = {}
    for role, code, amount in entry.lines.values_list("account__role", "account__code", "amount"):
        found[role or code] = found.get(role or code, Decimal(0)) + amount
    return found
