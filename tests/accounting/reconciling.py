"""A bank account being reconciled, and a line that waits there."""

from datetime import date

import pytest
from django.urls import reverse

from tests.factories import PartyFactory, staff
from tests.factories.banking import a_line, a_statement, an_own_account
from tests.factories.open_items import control_accounts, invoice

LATER = date(2024, 5, 20)


@pytest.fixture
def bank(books, client):
    control_accounts()
    client.force_login(staff("Bookkeeper"))
    return an_own_account(books.bank)


def line_of(bank, amount, **facts):
    return a_line(a_statement(bank, ends_on=LATER), amount, **{"on": LATER} | facts)


def screen(bank, query=""):
    return reverse("accounting:reconcile", args=[bank.pk]) + query


def act(name, line):
    return reverse(f"accounting:reconcile-{name}", args=[line.pk])


@pytest.fixture
def waiting(books, bank):
    ann = PartyFactory(name="Ann Archer Ltd")
    invoice(books, ann, "100", due_on=LATER, reference="INV-77")
    return line_of(bank, "100", text="INV-77", counterparty="Ann Archer Ltd")
