"""Abuse of the books, case D13: amounts, rates and days at the edge of what can be written."""

from datetime import date
from decimal import Decimal
from itertools import count

import pytest
from django.urls import reverse

from accounting.exchange import rate_on
from accounting.invoices import issue
from accounting.models import Bill, ExchangeRate, Invoice, JournalEntry, RecurringEntry
from accounting.recurring import post_due
from backoffice.errors import Refused
from tests.abuse.proof import browser_of
from tests.factories import staff
from tests.factories.documents import A_DAY, a_recurring_entry, draft_invoice, trading_books

pytestmark = pytest.mark.django_db
MOST, MOST_UNITS = "9999999999999.999999", "99999999999.9999"
_numbers = count(1)
NO_ROWS = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 300}


@pytest.fixture
def books(db):
    return trading_books()


@pytest.fixture
def browser(books):
    return browser_of(staff("Owner"))


def written(books, kind: str, line: dict | None = None, **head) -> dict:
    """An invoice or bill as its form sends it."""
    party = books.customer if kind == "invoice" else books.supplier
    sent = {"party": party.pk, "kind": kind, "date": A_DAY, "reference": f"R-{next(_numbers)}"}
    row = {"text": "Bench", "quantity": "1", "unit": "C62", "unit_price": "5", **(line or {})}
    row.setdefault("tax_code", books.vat.pk)
    return (
        sent
        | {f"lines-{name}": value for name, value in NO_ROWS.items()}
        | {f"lines-0-{name}": value for name, value in row.items()}
        | head
    )


def sent_and_pressed(browser, books, kind, verb, **facts):
    """The page after it was saved and the button was pressed; the form where it was refused."""
    answer = browser.post(reverse(f"accounting:{kind}-add"), written(books, kind, **facts))
    if answer.status_code == 302:
        browser.get(answer.url)
        pressed = browser.post(f"{answer.url}{verb}/")
        return browser.get(pressed.url)
    return answer


TOO_MUCH = {
    "quantity and price": {"line": {"quantity": MOST_UNITS, "unit_price": MOST}},
    "price": {"line": {"unit_price": MOST, "quantity": "1000"}},
    "rate": {"line": {"unit_price": MOST}, "currency": "USD", "rate": "999999999.9999999999"},
}


@pytest.mark.parametrize("what", TOO_MUCH)
@pytest.mark.parametrize(("kind", "verb"), [("bill", "submit"), ("invoice", "issue")])
def test_more_than_the_books_hold_is_refused_in_words(browser, books, kind, verb, what):
    page = sent_and_pressed(browser, books, kind, verb, **TOO_MUCH[what])

    assert page.status_code == 200
    assert "too large" in page.content.decode() or "digits" in page.content.decode()
    assert not JournalEntry.objects.exists()
    assert not Invoice.objects.exclude(issued_at=None).exists()
    assert not Bill.objects.filter(state="submitted").exists()


WRONG = {
    "no rate": {"currency": "USD"},
    "a rate of nothing": {"currency": "USD", "rate": "0"},
    "a rate below nothing": {"currency": "USD", "rate": "-1"},
    "a rate that is none": {"currency": "USD", "rate": "NaN"},
    "a rate beyond reason": {"currency": "USD", "rate": "1e30"},
    "a price of 10^15": {"line": {"unit_price": "1000000000000000"}},
    "a price that is none": {"line": {"unit_price": "Infinity"}},
    "less than nothing": {"line": {"unit_price": "-5"}},
    "a quantity of nothing": {"line": {"quantity": "0"}},
    "too fine a price": {"line": {"unit_price": "0.0000001"}},
    "no such day": {"date": "2026-02-30"},
    "the last of all days": {"date": "9999-12-31"},
    "the first of all days": {"date": "0001-01-01"},
}


@pytest.mark.parametrize("what", WRONG)
def test_an_invoice_with_a_wrong_figure_is_not_issued(browser, books, what):
    page = sent_and_pressed(browser, books, "invoice", "issue", **WRONG[what])

    assert page.status_code == 200
    assert not JournalEntry.objects.exists()
    assert not Invoice.objects.exclude(issued_at=None).exists()


def test_an_invoice_of_minus_nothing_has_a_number_and_posts_nothing(books):
    issued = issue(draft_invoice(books, "-0.00"), by=books.clerk)

    assert (issued.number, issued.entry) == ("INV-2026-00001", None)
    assert str(issued.gross) in {"0", "0.00"}


@pytest.mark.parametrize("rate", ["0", "-1", "NaN", "1e30", "", "0.00000000001"])
def test_a_rate_that_is_none_is_a_mistake_in_its_field(browser, rate):
    sent = {"currency": "USD", "date": "2026-03-10", "rate": rate, "source": "ECB"}

    answer = browser.post(reverse("accounting:exchangerate-add"), sent)

    assert answer.context["form"].errors
    assert not ExchangeRate.objects.exists()


def test_a_missing_rate_is_never_one(books):
    with pytest.raises(Refused, match="There is no rate"):
        rate_on("USD", A_DAY)


def test_an_entry_that_comes_again_since_ever_is_refused_once(books):
    RecurringEntry.objects.filter(pk=a_recurring_entry().pk).update(starts_on=date.min)

    posted, refused = post_due(on=A_DAY, by=None)

    assert (posted, len(refused)) == ([], 1)


def test_the_smallest_and_the_largest_that_fit_are_taken(browser, books):
    for price in ("0.01", "9999999999999.99"):
        line = {"unit_price": price, "tax_code": ""}
        page = sent_and_pressed(browser, books, "invoice", "issue", line=line)
        assert page.status_code == 200

    issued = Invoice.objects.exclude(issued_at=None).values_list("gross", flat=True)
    assert sorted(issued) == [Decimal("0.01"), Decimal("9999999999999.99")]


def test_a_tax_return_that_ends_before_it_starts_is_a_mistake_in_its_field(browser):
    sent = {"starts_on": "2026-03-01", "ends_on": "2026-02-01"}

    answer = browser.post(reverse("accounting:taxreturn-add"), sent)

    assert "ends_on" in answer.context["form"].errors


@pytest.mark.parametrize("value", ["9" * 5000, "%00", "³"])
def test_keys_and_words_of_addresses_that_are_none_break_nothing(browser, books, value):
    paying = reverse("accounting:payment-receive-of", args=[books.customer.pk])
    register, receivables = reverse("accounting:asset-register"), reverse("accounting:receivables")

    for path in (f"{receivables}?party=", f"{paying}?role=", f"{register}?page="):
        assert browser.get(path + value).status_code in {200, 400}
