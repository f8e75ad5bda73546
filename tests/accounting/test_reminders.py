"""Reminders: proposed by level, sent once, remembered on each item."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from accounting.models import RemindedItem, Reminder, ReminderLevel
from accounting.open_items import open_items
from accounting.reminders import proposals, send_reminder
from backoffice.errors import Refused
from backoffice.models import Email, Letter
from tests.factories.backoffice import PartyFactory
from tests.factories.open_items import control_accounts, invoice, receipt

DUE = date(2024, 6, 1)


@pytest.fixture(autouse=True)
def levels(books):
    control_accounts()
    for level, days, fee in ((1, 10, 0), (2, 30, 5)):
        ReminderLevel.objects.create(
            level=level, days_overdue=days, subject=f"Reminder {level}", text="Pay!", fee=fee
        )


def customer(name="Zoe", address="zoe@example.com"):
    party = PartyFactory(name=name)
    if address:
        Email.objects.create(party=party, address=address)
    return party


def test_nobody_is_reminded_before_the_days_of_the_first_level(books):
    invoice(books, customer(), "10", due_on=DUE, reference="R-1")

    assert proposals(on=date(2024, 6, 10)) == []
    (proposal,) = proposals(on=date(2024, 6, 11))
    assert (proposal.level.level, proposal.overdue) == (1, 10)


def test_levels_follow_each_other_even_when_nobody_sent_the_first_in_time(books):
    zoe = customer()
    invoice(books, zoe, "10", due_on=DUE, reference="R-1")

    first = send_reminder(zoe, on=date(2024, 7, 20), by=books.user)
    second = send_reminder(zoe, on=date(2024, 8, 3), by=books.user)

    assert (first.level, second.level) == (1, 2)
    with pytest.raises(Refused, match="nothing to be reminded of"):
        send_reminder(zoe, on=date(2024, 8, 12), by=books.user)


def test_a_customer_has_the_days_between_two_levels_to_answer_the_first(books):
    ReminderLevel.objects.filter(level=2).update(days_after_previous=7)
    zoe = customer()
    invoice(books, zoe, "10", due_on=DUE, reference="R-1")
    send_reminder(zoe, on=date(2024, 7, 20), by=books.user)

    with pytest.raises(Refused, match="nothing to be reminded of"):
        send_reminder(zoe, on=date(2024, 7, 20), by=books.user)
    assert proposals(on=date(2024, 7, 26)) == []
    (proposal,) = proposals(on=date(2024, 7, 27))
    assert proposal.level.level == 2


def test_a_letter_tells_all_that_is_overdue_and_leaves_with_the_commit(books):
    zoe = customer()
    invoice(books, zoe, "10", due_on=DUE, reference="R-1")
    invoice(books, zoe, "7", due_on=date(2024, 6, 9), reference="R-2")
    invoice(books, zoe, "99", due_on=date(2024, 8, 1), reference="R-3")
    receipt(books, zoe, "3")

    reminder = send_reminder(zoe, on=date(2024, 6, 11), by=books.user)

    assert "R-1, due 2024-06-01: 10.00 EUR\nR-2, due 2024-06-09: 7.00 EUR" in reminder.text
    assert "R-3" not in reminder.text
    letter = Letter.objects.get()
    assert (letter.recipients, letter.text) == ("zoe@example.com", reminder.text)
    assert {item.reference for item in reminder.items.all()} == {"R-1", "R-2"}


def test_a_fee_is_owed_with_the_letter(books):
    zoe = customer()
    invoice(books, zoe, "10", due_on=DUE, reference="R-1")
    send_reminder(zoe, on=date(2024, 7, 1), by=books.user)

    reminder = send_reminder(zoe, on=date(2024, 7, 15), by=books.user)

    assert "Fee: 5.00 EUR" in reminder.text
    assert reminder.fee_entry.lines.count() == 2
    items = open_items(on=date(2024, 7, 15), party=zoe).order_by("pk")
    assert [item.open_amount for item in items] == [Decimal(10), Decimal(5)]


def test_who_has_no_address_is_not_written_to(books):
    party = customer(address="")
    invoice(books, party, "10", due_on=DUE, reference="R-1")

    with pytest.raises(Refused, match="no e-mail address"):
        send_reminder(party, on=date(2024, 7, 1), by=books.user)
    assert not RemindedItem.objects.exists()


def test_without_levels_nobody_is_reminded(books):
    ReminderLevel.objects.all().delete()
    invoice(books, customer(), "10", due_on=DUE, reference="R-1")

    assert proposals(on=date(2025, 1, 1)) == []


def test_reminders_are_sent_from_their_page(client, accountant, books):
    zoe = customer()
    invoice(books, zoe, "10", due_on=DUE, reference="R-1")

    shown = client.get(reverse("accounting:reminders-due")).content.decode()
    sent = client.post(reverse("accounting:reminders-send"), {"party": [zoe.pk]}, follow=True)
    nobody = client.post(reverse("accounting:reminders-send"), follow=True)

    assert "Zoe" in shown
    assert "1 reminder is on its way." in sent.content.decode()
    assert Reminder.objects.get().party == zoe
    assert "Tick who is to be reminded." in nobody.content.decode()
