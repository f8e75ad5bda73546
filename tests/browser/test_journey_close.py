"""A month from open to locked, and back again by two people."""

from datetime import date
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounting.models import Period
from accounting.posting import credit, debit, post
from tests.browser.menu import by_menu
from tests.factories import staff
from tests.factories.documents import draft_invoice, trading_books

JANUARY = date(2026, 1, 20)


@pytest.fixture
def books(office):
    """Books with five euro nobody can explain, and an invoice nobody issued."""
    books = trading_books()
    lines = [debit("bank", Decimal(5)), credit("suspense", Decimal(5))]
    post(on=JANUARY, text="What is this?", lines=lines, by=books.clerk)
    draft_invoice(books, 100, date=JANUARY)
    return books


def open_checklist(page):
    """The checks of the month that is to be closed next."""
    by_menu(page, "Closing", "Fiscal years")
    page.get_by_role("link", name="Close 2026-01").click()


def check(page, title):
    """A line of the checklist."""
    return page.get_by_role("listitem").filter(has=page.get_by_role("link", name=title))


def post_into_january(page):
    """An entry dated in the month, posted with the keys."""
    by_menu(page, "Ledger", "New entry")
    page.get_by_label("Date").fill(JANUARY.isoformat())
    for row, account, side in ((0, "1110", "debit"), (1, "4010", "credit")):
        page.locator("[data-account]").nth(row).fill(account)
        page.locator(f"[data-{side}]").nth(row).fill("7")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")


def close_january(page):
    """The draft goes where its check leads, the five euro may pass, then it is closed."""
    open_checklist(page)
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_text("Not yet settled")).to_contain_text("Nothing dated here waits")
    check(page, "Accounts that pass money on").get_by_text("Let pass").first.click()
    page.get_by_label("Why may it pass?").locator("visible=true").fill("The bank will tell.")
    page.get_by_role("button", name="Let pass").locator("visible=true").click()
    expect(check(page, "Accounts that pass money on")).to_contain_text("The bank will tell.")

    page.get_by_role("link", name="Nothing dated here waits").click()
    page.get_by_role("link", name="Draft invoice").click()
    page.locator("summary", has_text="Discard").click()
    page.get_by_role("button", name="Discard").click()
    open_checklist(page)
    expect(page.locator("h1")).to_contain_text("Ready to close")
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_text("2026-01 is closed.")).to_be_visible()


def test_a_month_is_closed_with_its_proof_and_reopened_by_two(visit_of, books):
    page = visit_of(books.approver).open(reverse("accounting:chart"))

    close_january(page)
    post_into_january(page)
    expect(page.get_by_text("The period of 2026-01-20 is closed.")).to_be_visible()

    by_menu(page, "Closing", "Fiscal years")
    page.get_by_role("link", name="Reopen").click()
    page.get_by_role("button", name="Ask to reopen").click()  # the browser asks for the reason
    page.get_by_label("Why").fill("The bank told.")
    page.get_by_role("button", name="Ask to reopen").click()
    expect(page.get_by_text("A second person is asked")).to_be_visible()
    page.get_by_role("link", name="Approvals").first.click()
    page.get_by_role("link", name="Reopen 2026-01").click()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    assert january().is_closed

    other = visit_of(staff("Accountant")).open(urlsplit(page.url).path)
    expect(other.locator("main")).to_contain_text("The bank told.")
    other.get_by_role("button", name="Approve").click()
    expect(other.locator("h1")).to_contain_text("approved")
    assert not january().is_closed


def january() -> Period:
    """The month, as it is now."""
    return Period.objects.get(starts_on=date(2026, 1, 1))
