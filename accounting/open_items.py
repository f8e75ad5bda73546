"""What is open: lines of customers and suppliers less what was settled of them, at any day."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import (
    CharField,
    DecimalField,
    Exists,
    F,
    FilteredRelation,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Concat, NullIf
from django.utils.translation import gettext as _

from accounting.models import Account, Allocation, DueDate, JournalEntry, JournalLine
from backoffice import audit
from backoffice.errors import Refused
from backoffice.models import Company, Party, User
from backoffice.money import ZERO

ROLES = (Account.Role.RECEIVABLE, Account.Role.PAYABLE)
# A line with what is open of it: open_amount, open_base, item_currency, due_on, reference.
# Annotations of a query are no attributes a checker of types knows.
OpenItem = Any
MONEY = DecimalField(max_digits=19, decimal_places=4)


@transaction.atomic
def set_due(
    entry: JournalEntry,
    *,
    due_on: date,
    reference: str = "",
    discount_until: date | None = None,
    discount_percent: Decimal | None = None,
    by: User | None,
) -> DueDate:
    """When what the entry leaves open is due; said again, it is put right."""
    facts = {
        "due_on": due_on,
        "reference": reference.strip()[:60],
        "discount_until": discount_until,
        "discount_percent": discount_percent,
    }
    check_terms(entry, facts)
    is_new = not DueDate.objects.filter(entry=entry).exists()
    # In one statement, so that of two who say it at once neither fails.
    (due,) = DueDate.objects.bulk_create(
        [DueDate(entry=entry, **facts)],
        update_conflicts=True,
        unique_fields=["entry"],
        update_fields=list(facts),
    )
    told = {name: str(value) for name, value in facts.items() if value}
    audit.record("due date set" if is_new else "due date changed", entry, by=by, **told)
    return due


def check_terms(entry: JournalEntry, facts: dict) -> None:
    """Refuse a day or a discount that cannot be meant."""
    # What was open at a take-over may have been late already.
    if facts["due_on"] < entry.date and entry.kind != JournalEntry.Kind.OPENING:
        raise Refused(
            _("It is due before %(date)s, the day it was entered.") % {"date": entry.date},
            field="due_on",
        )
    until, percent = facts["discount_until"], facts["discount_percent"]
    if (until is None) != (percent is None):
        raise Refused(_("A discount has a percentage and a last day."), field="discount_until")
    if percent is not None and not 0 < percent < 100:
        raise Refused(
            _("A discount is more than 0 % and less than 100 %."), field="discount_percent"
        )


def open_items(
    *,
    on: date,
    role: str = "receivable",
    party: Party | None = None,
    as_known: datetime | None = None,
) -> QuerySet[OpenItem]:
    """The lines open at the end of the day, as they were known at a moment.

    Each carries `open_amount` in `item_currency` and `open_base` in the currency of the books,
    signed as the ledger is (a customer's credit is negative), `due_on` and `reference`.
    """
    found = lines_with_open(on=on, as_known=as_known).filter(account__role=role)
    if party is not None:
        found = found.filter(party=party)
    return found.exclude(open_amount=0, open_base=0)


def lines_with_open(*, on: date, as_known: datetime | None = None) -> QuerySet[OpenItem]:
    """Lines up to the day with what is open of each, in one query with what it is called."""
    lines: QuerySet[Any] = JournalLine.objects.filter(date__lte=on)
    known: dict[str, Any] = {"on__lte": on}
    if as_known is not None:
        lines = lines.filter(entry__posted_at__lte=as_known)
        known["made_at__lte"] = as_known
    # A line is a debit or a credit, so one of the two joins is always empty.
    joined = lines.exclude(is_exchange_difference()).annotate(
        as_debit=joined_to("settled_as_debit", known),
        as_credit=joined_to("settled_as_credit", known),
    )
    settled = Coalesce(F("as_debit__amount"), -F("as_credit__amount"), ZERO)
    settled_base = Coalesce(F("as_debit__debit_base"), -F("as_credit__credit_base"), ZERO)
    return joined.annotate(
        open_amount=Coalesce("currency_amount", "amount", output_field=MONEY)
        - Sum(settled, output_field=MONEY),
        open_base=F("amount") - Sum(settled_base, output_field=MONEY),
        item_currency=Coalesce("currency_id", books_currency(), output_field=CharField()),
        reference=Coalesce(NullIf("entry__due__reference", Value("")), entry_reference()),
    )


def joined_to(name: str, known: dict[str, Any]) -> FilteredRelation:
    """The allocations of one side that count on the day."""
    return FilteredRelation(name, condition=Q(**{f"{name}__{k}": v for k, v in known.items()}))


def is_exchange_difference() -> Q:
    """Whether a line only carries the exchange difference of an allocation, which it clears."""
    of_allocation = Allocation.objects.filter(exchange_entry=OuterRef("entry"))
    return Q(currency_amount=0) & Q(Exists(of_allocation))


def books_currency() -> Subquery:
    """The currency of the books, asked for once in a query."""
    return Subquery(Company.objects.values("currency_id")[:1])


def entry_reference() -> Concat:
    """The number of the entry, as people quote it."""
    # Five digits at least; what only fills up to five would cut longer numbers.
    number = Func(
        F("entry__number"),
        Value("FM9999900000"),
        function="to_char",
        output_field=CharField(),
    )
    year = Cast("entry__year", CharField())
    return Concat("entry__series", Value("-"), year, Value("-"), number)
