"""Recurring entries and deferrals: what is refused is said at its field."""

import pytest
from django.urls import reverse

from accounting.models import Deferral, RecurringEntry
from tests.factories.documents import rent, trading_books


@pytest.fixture
def books(client, db):
    found = trading_books()
    client.force_login(found.approver)
    return found


@pytest.mark.parametrize(
    ("said", "field", "sentence"),
    [
        ({"amount": "0"}, "amount", "Give an amount of more than zero."),
        ({"amount": "-5"}, "amount", "Give an amount of more than zero."),
        ({"months": "0"}, "months", "It is spread over 1 to 120 months."),
        ({"months": "121"}, "months", "It is spread over 1 to 120 months."),
        ({"months": "99999999"}, "months", "It is spread over 1 to 120 months."),
    ],
)
def test_a_deferral_is_refused_at_its_field(books, client, said, field, sentence):
    account = books.account("purchases")
    known = {"kind": "prepaid", "text": "Insurance", "amount": "1200", "account": account.pk}
    known |= {"first_month": "2026-01-01", "months": "12"}

    answer = client.post(reverse("accounting:deferral-add"), known | said)

    assert answer.context["form"].errors == {field: [sentence]}
    assert not Deferral.objects.exists()


@pytest.mark.parametrize(
    ("said", "field", "sentence"),
    [
        ({"every_months": "0"}, "every_months", "Every 1 to 60 months."),
        ({"every_months": "61"}, "every_months", "Every 1 to 60 months."),
        ({"every_months": "99999999"}, "every_months", "Every 1 to 60 months."),
        ({"ends_on": "2025-12-31"}, "ends_on", "It cannot end before it starts."),
    ],
)
def test_a_recurring_entry_is_refused_at_its_field(books, client, said, field, sentence):
    template = rent(books).template
    RecurringEntry.objects.all().delete()
    known = {"template": template.pk, "every_months": "1", "starts_on": "2026-01-31"}

    answer = client.post(reverse("accounting:recurringentry-add"), known | said)

    assert answer.context["form"].errors == {field: [sentence]}
    assert not RecurringEntry.objects.exists()


@pytest.mark.parametrize("page", ["recurringentry-add", "deferral-add"])
def test_months_are_typed_as_text(books, client, page):
    assert 'type="number"' not in client.get(reverse(f"accounting:{page}")).content.decode()
