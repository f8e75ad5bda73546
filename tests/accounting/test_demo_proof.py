"""The books of the demo company are right on any day, and the same each time."""

from datetime import date

import pytest
from django.db import transaction
from django.db.models import Sum

from accounting.checks import findings
from accounting.models import EntryDraft, JournalEntry, JournalLine
from backoffice.demo import make_demo
from backoffice.models import Address, BankAccount, Party, User

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)


def office(**wishes) -> tuple[list, list]:
    """Who is in the office of these wishes, and what its books say; it is not kept."""
    with transaction.atomic():
        make_demo(**{"on": TODAY, "months": 3, "employees": 5} | wishes)
        found = people_and_firms(), books()
        transaction.set_rollback(True)
    return found


def people_and_firms() -> list[tuple]:
    """Names, addresses and accounts of all there are."""
    return [
        *User.objects.order_by("pk").values_list("name", "email", "phone", "job_title"),
        *Party.objects.order_by("pk").values_list("name", "phones__number"),
        *Address.objects.order_by("pk").values_list("street", "postcode", "city"),
        *(
            (account.iban.whole, account.bank_code, account.number.whole)
            for account in BankAccount.objects.order_by("pk")
        ),
    ]


def books() -> list[tuple]:
    """Every line of the journal, and the drafts."""
    entry = [f"entry__{name}" for name in ("number", "date", "kind", "text", "reverses__number")]
    lines = JournalLine.objects.order_by("entry__year", "entry__number", "position").values_list(
        *entry, "account__code", "department__code", "party__name", "amount", "text"
    )
    return [*lines, *EntryDraft.objects.order_by("pk").values_list("key", "text", "date")]


def test_the_same_seed_on_the_same_day_gives_the_same_office():
    first, again, another = office(seed=3), office(seed=3), office(seed=4)

    assert len(first[1]) > 300
    assert first == again
    assert first[0] != another[0]
    assert first[1] != another[1]


@pytest.mark.parametrize(
    ("on", "employees", "months", "country"),
    [
        (date(2026, 1, 1), 5, 3, "GB"),
        (date(2028, 2, 29), 5, 4, "US"),
        (date(2026, 3, 31), 9, 3, "US"),
        (date(2026, 4, 1), 9, 6, "GB"),
    ],
)
def test_any_day_will_do(on, employees, months, country):
    make_demo(on=on, employees=employees, months=months, country=country)

    assert [finding for finding in findings() if not finding.holds] == []
    assert JournalEntry.objects.filter(date__gt=on).count() == 0
    assert JournalLine.objects.aggregate(s=Sum("amount"))["s"] == 0
    assert JournalLine.objects.filter(account__role="bank").aggregate(s=Sum("amount"))["s"] > 0
