"""From the invoice to the money: written, issued, paid at the bank, reconciled, paid."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.menu import by_menu
from tests.factories.banking import IBAN, an_own_account
from tests.factories.documents import trading_books

STATEMENT = """:20:STMT
:25:{iban}
:28C:3/1
:60F:C260301EUR0,00
:61:2603200320C246,00NTRFNONREF//B-1
:86:{number} Kestrel Cafés
:62F:C260331EUR246,00
"""


@pytest.fixture
def clerk(office, settings, tmp_path):
    """The bookkeeper of an office with a customer and a bank account."""
    settings.FILES_DIR = tmp_path
    books = trading_books()
    an_own_account(books.account("bank"), name="Current account", iban=IBAN)
    return books.clerk


def write_invoice(page):
    """The draft, then its number."""
    page.get_by_role("link", name="Accounting").first.click()
    by_menu(page, "Sales", "Invoices")
    page.get_by_role("link", name="New invoice").click()
    page.get_by_label("Customer*", exact=True).select_option(label="Kestrel Cafés")
    page.get_by_label("Date*", exact=True).fill("2026-03-10")
    line = page.locator("[data-formset-row]").first
    line.get_by_label("Text").fill("Bench of oak")
    line.get_by_label("Price").fill("200")
    line.get_by_label("Tax").select_option(index=1)
    page.get_by_role("button", name="Save").click()
    page.locator("summary", has_text="Issue").click()
    page.get_by_role("button", name="Issue").click()
    expect(page.get_by_role("row", name="Still open")).to_contain_text("246.00")


def bring_in_statement(page, worker, file):
    """The bank's file, looked at and brought in; the worker does it."""
    by_menu(page, "Bank", "Bank accounts")
    page.get_by_role("link", name="Current account").click()
    page.get_by_role("link", name="Bring in a file").click()
    page.get_by_label("File*", exact=True).set_input_files(file)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("cell", name="246.00")).to_be_visible()
    page.get_by_role("button", name="Bring in").click()
    worker()


def test_an_invoice_is_paid_by_the_line_the_bank_sends(visit_of, clerk, worker, tmp_path):
    page = visit_of(clerk).open(reverse("backoffice:home"))
    write_invoice(page)
    number = page.locator("h1").inner_text().split()[0]
    file = tmp_path / "march.sta"
    file.write_text(STATEMENT.format(iban=IBAN, number=number))

    bring_in_statement(page, worker, file)
    page.get_by_role("link", name="Reconcile Current account").click()
    expect(page.locator(".proposal").first).to_contain_text(f"Received for {number}")
    # The keys are listened to once the scripts of the page are there.
    page.wait_for_load_state()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="See the proof").click()
    expect(page.get_by_role("region", name="Bank and books")).to_contain_text("Agree")

    by_menu(page, "Sales", "Invoices")
    page.get_by_role("link", name=number).click()
    expect(page.locator("h1")).to_contain_text("Paid")
    expect(page.get_by_role("row", name="Still open")).to_contain_text("0.00")
