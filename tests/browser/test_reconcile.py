"""The keys of the reconciliation screen press what is on the page, and it works without them."""

import re
from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounting.models import Account, Match
from tests.factories import PartyFactory, UserFactory
from tests.factories.accounting import SmallBooks, small_books
from tests.factories.banking import a_line, a_statement, an_own_account
from tests.factories.open_items import control_accounts, invoice

LATER = date(2024, 5, 20)


@pytest.fixture
def screen(office):
    """A bank account with two lines, the first with full evidence; the screen's address."""
    books = SmallBooks.__new__(SmallBooks)
    if not Account.objects.filter(role="bank").exists():
        books = small_books()
    books.user = UserFactory()
    control_accounts()
    own = an_own_account(Account.objects.get(role="bank"))
    ann = PartyFactory(name="Ann Archer Ltd")
    invoice(books, ann, "100", due_on=LATER, reference="INV-77")
    statement = a_statement(own, ends_on=LATER)
    a_line(statement, "100", on=LATER, text="INV-77", counterparty="Ann Archer Ltd")
    a_line(statement, "-5", on=LATER, position=2, text="Paper")
    return reverse("accounting:reconcile", args=[own.pk])


def press(page, key):
    with page.expect_navigation():
        page.keyboard.press(key)


def test_lines_are_gone_through_accepted_and_undone_by_key(visit, screen):
    page = visit().open(screen)

    press(page, "j")
    expect(page.locator("#line-title")).to_have_text("Paper")
    press(page, "k")
    expect(page.locator("#line-title")).to_have_text("INV-77")
    press(page, "Enter")
    expect(page.locator("#line-title")).to_have_text("Paper")
    assert Match.objects.count() == 1
    press(page, "u")

    expect(page.locator("#line-title")).to_have_text("INV-77")
    assert not Match.objects.exists()


@pytest.mark.parametrize(("key", "how"), [("s", "split"), ("n", "payment"), ("t", "transfer")])
def test_a_form_opens_by_its_key_and_takes_letters_typed_in_it(visit, screen, key, how):
    page = visit().open(screen)

    press(page, key)

    expect(page).to_have_url(re.compile(f"how={how}"))


def test_without_a_script_the_buttons_do_the_same_on_a_phone(visit, screen):
    page = visit((390, 844), javascript=False).open(screen)

    page.get_by_role("button", name="Accept", exact=True).first.click()

    assert Match.objects.count() == 1
    assert page.locator(".reconcile").bounding_box()["width"] <= 390
