"""From the bill to the bank: entered by one, approved by another, paid by a run of two people."""

from io import BytesIO
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounting.years import open_year_for
from backoffice.bank_details import ask_for_details
from backoffice.models import BankAccount
from tests.browser.menu import by_menu
from tests.factories.banking import an_own_account
from tests.factories.documents import trading_books

XSD = settings.BASE_DIR.parent / "shared" / "data" / "payroll" / "pain.001.001.09.xsd"
THEIRS, OURS = "DE75512108001245126199", "DE89370400440532013000"


@pytest.fixture
def books(office):
    """An office with a supplier whose bank details were approved."""
    books = trading_books()
    open_year_for(timezone.localdate(), by=books.clerk)
    BankAccount.objects.create(party=books.supplier, iban=THEIRS, bic="SOLADEST600")
    an_own_account(books.account("bank"), name="Current account", iban=OURS, bic="COBADEFFXXX")
    ask_for_details(books.supplier, by=None)
    return books


def enter_bill(page):
    """The bill as it came in, then to whom approves it."""
    day = timezone.localdate().isoformat()
    page.get_by_role("link", name="Accounting").first.click()
    by_menu(page, "Purchases", "Bills")
    page.get_by_role("link", name="New bill").click()
    page.get_by_label("Supplier*", exact=True).select_option(label="Timber & Sons")
    page.get_by_label("Supplier's number").fill("TS-4711")
    page.get_by_label("Date*", exact=True).fill(day)
    page.get_by_label("Due").fill(day)
    line = page.locator("[data-formset-row]").first
    line.get_by_label("Text").fill("Oak, planed")
    line.get_by_label("Price").fill("100")
    page.get_by_role("button", name="Save").click()
    page.locator("summary", has_text="Submit").click()
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("h1")).to_contain_text("Waits for approval")


def approve(page, title):
    """As the second person, from the list of what waits."""
    page.get_by_role("link", name="Approvals").first.click()
    page.get_by_role("link", name=title).click()
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("h1")).to_contain_text("approved")


def propose_run(page):
    """What is due, from the bank account as it is kept, then to whom approves it."""
    by_menu(page, "Bank", "Payment runs")
    page.get_by_role("link", name="New payment run").click()
    page.get_by_role("button", name="Propose").click()
    expect(page.get_by_role("row", name="TS-4711")).to_contain_text("100.00")
    page.get_by_role("button", name="Ask for approval").click()
    expect(page.locator("h1")).to_contain_text("Waiting")
    expect(page.get_by_role("link", name="Bank file")).to_have_count(0)


def test_a_bill_is_paid_by_four_hands(visit_of, books):
    clerk = visit_of(books.clerk).open(reverse("backoffice:home"))
    approver = visit_of(books.approver).open(reverse("backoffice:home"))

    enter_bill(clerk)
    approve(approver, "TS-4711")
    propose_run(clerk)
    approve(approver, "Payment run")
    clerk.reload()
    with clerk.expect_download() as download:
        clerk.get_by_role("link", name="Bank file").click()
    clerk.get_by_role("link", name="Post payments").click()
    clerk.get_by_role("button", name="Post").click()
    by_menu(clerk, "Purchases", "Bills")
    clerk.get_by_role("link", name="TS-4711").click()

    expect(clerk.locator("h1")).to_contain_text("Paid")
    check_order(Path(download.value.path()).read_bytes())


def check_order(order: bytes) -> None:
    """The file says who pays whom how much, and is what its schema asks for."""
    root = fromstring(order)
    tags = {
        tag.tag.rpartition("}")[2]: tag.text for tag in root.iter() if (tag.text or "").strip()
    }
    assert (tags["NbOfTxs"], tags["CtrlSum"], tags["InstdAmt"]) == ("1", "100.00", "100.00")
    numbers = [tag.text for tag in root.iter() if tag.tag.endswith("}IBAN")]
    assert numbers == [OURS, THEIRS]
    if XSD.exists():
        xmlschema = pytest.importorskip("xmlschema")
        xmlschema.XMLSchema(str(XSD)).validate(BytesIO(order))
