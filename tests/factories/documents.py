"""Books with a whole chart, customers and suppliers, documents as they are written."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import count

from accounting.models import (
    Account,
    Bill,
    BillLine,
    Deferral,
    DraftLine,
    EntryDraft,
    ExchangeRate,
    ExpenseClaim,
    ExpenseKind,
    Invoice,
    InvoiceLine,
    JournalEntry,
    Receipt,
    RecurringEntry,
    TaxCode,
)
from accounting.years import open_year_for
from backoffice.models import Currency, Party, User
from tests.factories.accounting import AccountFactory, chart_of
from tests.factories.backoffice import (
    CompanyFactory,
    PartyFactory,
    RootDepartmentFactory,
    UserFactory,
    staff,
)
from tests.factories.taxes import tax

A_DAY = date(2026, 3, 10)
_numbers = count(1)


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
    chart_of("international", by=clerk)
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
        name="Train",
        account=Account.objects.get(code="7090"),
        tax_code=books.vat,
        needs_receipt=False,
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


# --- one of each, for the tests every page has to pass ---------------------------------------


def an_invoice() -> Invoice:
    return Invoice.objects.create(party=PartyFactory(), date=A_DAY, text="Benches")


def a_bill() -> Bill:
    number = f"R-{next(_numbers)}"
    return Bill.objects.create(party=PartyFactory(), date=A_DAY, reference=number)


def an_expense_claim() -> ExpenseClaim:
    return ExpenseClaim.objects.create(claimant=UserFactory(), text=f"Fair {next(_numbers)}")


def an_expense_kind() -> ExpenseKind:
    return ExpenseKind.objects.create(name=f"Kind {next(_numbers)}", account=AccountFactory())


def an_exchange_rate() -> ExchangeRate:
    day = A_DAY + timedelta(days=next(_numbers))
    return ExchangeRate.objects.create(currency_id="USD", date=day, rate=Decimal("0.9"))


def a_recurring_entry() -> RecurringEntry:
    name = f"Rent {next(_numbers)}"
    template = EntryDraft.objects.create(template_name=name, made_by=UserFactory())
    return RecurringEntry.objects.create(template=template, starts_on=A_DAY)


def a_deferral() -> Deferral:
    facts = {"kind": "prepaid", "amount": Decimal(500), "account": AccountFactory(), "months": 12}
    return Deferral.objects.create(text=f"Cover {next(_numbers)}", first_month=A_DAY, **facts)


DOCUMENT_MAKERS = {
    Invoice: an_invoice,
    Bill: a_bill,
    Deferral: a_deferral,
    ExchangeRate: an_exchange_rate,
    ExpenseClaim: an_expense_claim,
    ExpenseKind: an_expense_kind,
    RecurringEntry: a_recurring_entry,
}


def rent(books: TradingBooks, **facts) -> RecurringEntry:
    """1,200 a month from the bank, from January 2026 on."""
    template = EntryDraft.objects.create(template_name="Rent", text="Rent", made_by=books.clerk)
    root = books.clerk.department
    for position, (account, amount) in enumerate(
        ((Account.objects.get(code="7010"), 1200), (books.account("bank"), -1200)), start=1
    ):
        DraftLine.objects.create(
            draft=template, position=position, account=account, department=root, amount=amount
        )
    return RecurringEntry.objects.create(
        **{"template": template, "starts_on": date(2026, 1, 31)} | facts
    )
