"""What opens over a page stays on its screen, and the books are read in a pocket."""

import pytest
from django.urls import reverse

from accounting.bank_parts import Part
from accounting.invoices import issue
from accounting.models import Period
from accounting.reconciliation import book_directly
from tests.browser.conftest import PHONE, WIDE
from tests.factories import staff
from tests.factories.banking import IBAN, a_line, a_statement, an_own_account
from tests.factories.documents import (
    A_DAY,
    draft_bill,
    draft_claim,
    draft_invoice,
    trading_books,
)
from tests.factories.taxes import tax

# Opens each menu below its button, and names those that leave the screen sideways.
LEAVING = """() => [...document.querySelectorAll("main details.menu")]
    .filter((menu) => menu.checkVisibility())
    .map((menu) => {
        menu.open = true;
        const box = menu.querySelector(".drawer").getBoundingClientRect();
        menu.open = false;
        return [menu.innerText.trim(), box.left, box.right];
    })
    .filter(([, left, right]) => left < 0 || right > innerWidth || left === right)"""


# Tables that show a part of themselves, to be pushed sideways for the rest.
CUT_OFF = """() => [...document.querySelectorAll("main .scroll, main .box")]
    .filter((part) => part.scrollWidth > part.clientWidth)
    .map((part) => part.innerText.slice(0, 80))"""


# How high the words of each chart are drawn, and how far what is seen is from its last month.
WORDS_OF_CHARTS = """() => [...document.querySelectorAll("svg.chart")].map((chart) => {
    const scale = chart.getBoundingClientRect().width / chart.viewBox.baseVal.width;
    const size = parseFloat(getComputedStyle(chart.querySelector("text")).fontSize);
    const seen = chart.parentElement.getBoundingClientRect();
    const left = chart.getBoundingClientRect().right - seen.right;
    return [scale * size, left];
})"""


@pytest.fixture
def books(office):
    return trading_books()


def pages_with_menus(books) -> list[str]:
    """Records with acts that ask, lists with a chip before their filter, a month to close."""
    return [
        draft_invoice(books, 200).get_absolute_url(),
        draft_bill(books, 200).get_absolute_url(),
        reverse("accounting:invoice-list") + "?currency=EUR",
        reverse("accounting:invoice-list") + "?kind=invoice",
        reverse("accounting:period-close", args=[Period.objects.get(starts_on="2026-03-01").pk]),
        reverse("accounting:entrydraft-add"),
    ]


def test_no_menu_leaves_the_screen_of_a_phone(visit, books):
    paths = pages_with_menus(books)
    owner = visit(PHONE)

    leaving = [(path, menu) for path in paths for menu in owner.open(path).evaluate(LEAVING)]

    assert leaving == []


def test_what_an_act_asks_opens_over_the_page_and_moves_nothing(visit, books):
    draft = draft_invoice(books, 200)
    page = visit().open(draft.get_absolute_url())
    before = page.locator("#main").bounding_box()

    page.locator("summary", has_text="Issue").click()

    asked = page.locator(".drawer.ask").first.bounding_box()
    assert asked["width"] >= 250
    assert page.locator("#main").bounding_box() == before


def test_who_owes_how_much_is_read_without_pushing_the_page(visit, books):
    issue(draft_invoice(books, 1_000_000), by=books.clerk)
    owner = visit(PHONE)

    aged = owner.open(reverse("accounting:aged-receivables") + "?on=2026-06-30")
    parts = aged.get_by_role("row", name="Kestrel Cafés").locator("[data-label]:not(:empty)")

    assert parts.evaluate_all("parts => parts.map((part) => part.dataset.label)") == ["61–90 days"]
    assert aged.evaluate(CUT_OFF) == []


def test_no_table_of_a_record_is_cut_off_on_a_phone(visit, books):
    claim = draft_claim(staff(name="Jo Joiner"), books, "1234.56")
    own = an_own_account(books.account("bank"), iban=IBAN)
    statement = a_statement(own, "1234567.89", "-12.30", on=A_DAY)
    owner = visit(PHONE)
    paths = [reverse("accounting:chart"), claim.get_absolute_url(), statement.get_absolute_url()]

    assert [(path, owner.open(path).evaluate(CUT_OFF)) for path in paths] == [
        (path, []) for path in paths
    ]


@pytest.mark.parametrize("name", ["income-statement", "balance-sheet", "cash-flow"])
def test_the_words_of_a_chart_are_read_on_a_phone(visit, books, name):
    issue(draft_invoice(books, 1000), by=books.clerk)
    query = "?on=2026-12-31&to=2026-12-31"
    page = visit(PHONE).open(reverse(f"accounting:{name}") + query)

    ((height, past),) = page.evaluate(WORDS_OF_CHARTS)

    assert height >= 9
    assert abs(past) <= 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_a_long_name_of_a_tax_leaves_the_totals_in_sight(books, visit_of, size):
    name = "Sales tax of the state, the county and the special district for transport"
    taxed = tax(6, code="LONG", name=name)
    page = visit_of(books.clerk, size).open(
        draft_invoice(books, 10, tax_code=taxed).get_absolute_url()
    )

    assert page.get_by_text(name).first.is_visible()
    assert page.evaluate(CUT_OFF) == []


def test_the_sign_of_an_amount_booked_last_stays_with_it(visit, books):
    own = an_own_account(books.account("bank"), iban=IBAN)
    line = a_line(a_statement(own, on=A_DAY), "-1234567.89", text="Rent of the whole year")
    book_directly(line, [Part(books.account("purchases"), line.amount)], by=books.clerk)

    page = visit(PHONE).open(reverse("accounting:reconcile", args=[own.pk]))
    lines = page.locator(".rel .num").evaluate_all(
        "parts => parts.map((part) => part.getClientRects().length)"
    )

    assert set(lines) == {1}
