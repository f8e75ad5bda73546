"""A letter is sent once and stays as written: with the guard, and without."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from backoffice.models import Letter
from tests.accounting.test_guards import without
from tests.backoffice.letters import claimed, send


def send_a_sent_letter_again():
    letter = claimed()
    Letter.objects.filter(pk=letter.pk).update(state="sent", sent_at=timezone.now())
    Letter.objects.filter(pk=letter.pk).update(state="waiting", sent_at=None)


def take_a_letter_from_another_worker():
    letter = claimed()
    Letter.objects.filter(pk=letter.pk).update(claim="0" * 32)


def turn_a_letter_to_somebody_else():
    Letter.objects.filter(pk=send().pk).update(recipients="mallory@example.com")


FORBIDDEN = pytest.mark.parametrize(
    "act",
    [
        send_a_sent_letter_again,
        take_a_letter_from_another_worker,
        turn_a_letter_to_somebody_else,
    ],
)


@pytest.mark.django_db
@FORBIDDEN
def test_the_database_refuses(act):
    with pytest.raises(IntegrityError, match="A letter"), transaction.atomic():
        act()


@FORBIDDEN
def test_without_the_guard_it_happens(django_db_setup, django_db_blocker, act):
    with django_db_blocker.unblock(), without("letters_are_sent_once"):
        act()
