"""Tens of thousands of records of every kind a list shows, in the office that is owed much.

Drafts and facts are put in as they are; what only an act may post is left out.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import islice

from django.db import models
from django.utils import timezone

from accounting.models import (
    Account,
    AssetClass,
    BankStatement,
    Bill,
    FixedAsset,
    Invoice,
    Item,
    JournalEntry,
    OwnAccount,
    Payment,
    StatementLine,
    TaxCode,
)
from backoffice.models import Department, Party
from benchmarks.office import Office, run_as_owner
from benchmarks.owed_office import owed_office

ENTRIES, RECORDS, CODES, AT_ONCE = 100_000, 30_000, 500, 5000
FIRST_DAY = date(2025, 1, 1)
WORDS = ("Paper", "Toner", "Timber", "Freight", "Consulting")


def office_of_many_records() -> Office:
    """The office that is owed much, with records of every kind; filled the first time."""
    office = owed_office(ENTRIES)
    with office.entered():
        is_full = FixedAsset.objects.exists()
        for make in () if is_full else MAKERS:
            put(make())
    if not is_full:
        run_as_owner(office.name, "vacuum analyze")
    return office


def put(records: Iterable[models.Model]) -> None:
    """Store them, a few thousand at a time."""
    waiting = iter(records)
    while some := list(islice(waiting, AT_ONCE)):
        type(some[0])._default_manager.bulk_create(some)


def day(number: int) -> date:
    """One of the days of the year, in turn."""
    return FIRST_DAY + timedelta(days=number % 360)


def word(number: int) -> str:
    """What something is, in turn."""
    return WORDS[number % len(WORDS)]


def items() -> Iterable[Item]:
    """Goods and services."""
    return (
        Item(code=f"I-{n:06}", name=f"{word(n)} {n}", price=n % 900 + 1) for n in range(RECORDS)
    )


def tax_codes() -> Iterable[TaxCode]:
    """More codes than any country has."""
    return (TaxCode(code=f"T{n:04}", name=f"Rate {n}") for n in range(CODES))


def invoices() -> Iterable[Invoice]:
    """Drafts of invoices."""
    parties = list(Party.objects.values_list("pk", flat=True)[:2000])
    return (
        Invoice(party_id=parties[n % len(parties)], date=day(n), due_on=day(n), text=word(n))
        for n in range(RECORDS)
    )


def bills() -> Iterable[Bill]:
    """Drafts of bills, each with the supplier's number."""
    parties = list(Party.objects.values_list("pk", flat=True)[:2000])
    return (
        Bill(party_id=parties[n % len(parties)], date=day(n), due_on=day(n), reference=f"B{n}")
        for n in range(RECORDS)
    )


def payments() -> Iterable[Payment]:
    """Payments, each with an entry."""
    bank = Account.objects.get(role="bank")
    parties = list(Party.objects.values_list("pk", flat=True)[:2000])
    entries = JournalEntry.objects.order_by("pk").values_list("pk", flat=True)[:RECORDS]
    return (
        Payment(
            year=2025,
            running_number=n,
            direction="in",
            party_id=parties[n % len(parties)],
            bank=bank,
            on=day(n),
            amount=n % 5000 + 1,
            currency_id="USD",
            entry_id=entry,
            source_key=f"benchmark:{n}",
            reference=f"INV-{n}",
        )
        for n, entry in enumerate(entries, start=1)
    )


def bank_lines() -> Iterable[StatementLine]:
    """Lines of one long statement."""
    own = OwnAccount.objects.create(
        name="Bank", account=Account.objects.get(role="bank"), currency_id="USD"
    )
    statement = BankStatement.objects.create(
        own_account=own,
        starts_on=FIRST_DAY,
        ends_on=day(359),
        entry_count=RECORDS,
        entry_sum=0,
        identity="1",
        file_hash="1",
        imported_at=timezone.now(),
    )
    return (
        StatementLine(
            statement=statement,
            own_account=own,
            position=n,
            date=day(n),
            amount=n % 5000 + 1,
            text=f"Payment {n} {word(n)}",
            counterparty=f"Customer {n % 2000:05} Ltd",
            identity=str(n),
        )
        for n in range(RECORDS)
    )


def assets() -> Iterable[FixedAsset]:
    """Assets of one class."""
    accounts = list(Account.objects.filter(parent__isnull=False).order_by("pk")[:3])
    names = ("asset_account", "depreciation_account", "expense_account")
    of_class = dict(zip(names, accounts, strict=True))
    kind = AssetClass.objects.create(name="Machines", **of_class)
    root = Department.objects.get(parent=None)
    return (
        FixedAsset(
            number=f"FA-2025-{n:05}",
            name=f"{word(n)} machine {n}",
            asset_class=kind,
            acquired_on=day(n),
            in_service_on=day(n),
            department=root,
            **of_class,
        )
        for n in range(RECORDS)
    )


MAKERS = (items, tax_codes, invoices, bills, payments, bank_lines, assets)
