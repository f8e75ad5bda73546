"""Who reads all books but writes in those of one department alone."""

import pytest
from django.urls import reverse

from accounting.models import JournalEntry, Reminder
from backoffice.access import Level, Reach
from backoffice.models import Grant, Role
from tests.factories import staff
from tests.factories.documents import A_DAY, rent, trading_books

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer(client):
    """Somebody who reads everything, and edits in one department."""
    for name, level, reach in (
        ("Reads all", Level.VIEW, Reach.ALL),
        ("Writes in one department", Level.EDIT, Reach.DEPARTMENT),
    ):
        role = Role.objects.create(name=name)
        Grant.objects.create(role=role, area="accounting", level=level, reach=reach)
    found = staff("Reads all", "Writes in one department")
    client.force_login(found)
    return found


@pytest.mark.parametrize(
    "name", ["recurringentry-post-due", "depreciation-post", "reminders-send"]
)
def test_what_is_posted_for_all_takes_who_writes_in_the_whole_books(client, writer, name):
    books = trading_books()
    rent(books)

    answer = client.post(reverse(f"accounting:{name}"), {"on": A_DAY, "month": f"{A_DAY:%Y-%m}"})

    assert answer.status_code == 403
    assert not JournalEntry.objects.exists()
    assert not Reminder.objects.exists()


def test_who_pays_for_a_department_alone_proposes_no_run_of_the_company(client, writer):
    paying = Role.objects.create(name="Pays for one department")
    Grant.objects.create(
        role=paying, area="accounting.pay", level=Level.EDIT, reach=Reach.DEPARTMENT
    )
    payer = staff("Reads all", "Pays for one department")
    client.force_login(payer)

    answer = client.get(reverse("accounting:paymentrun-add"))

    assert answer.status_code == 403


def test_a_revaluation_is_looked_at_and_not_posted(client, writer):
    trading_books()

    answer = client.post(reverse("accounting:revaluation"), {"on": A_DAY})

    assert "not post it" in answer.content.decode()
    assert not answer.context["may_post"]
