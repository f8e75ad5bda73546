"""A number in a search is an amount too: as its reader writes it, of either sign."""

from decimal import Decimal

import pytest
from django.urls import reverse

from accounting.invoices import issue
from accounting.payments import record_payment
from accounting.posting import credit, debit, post
from tests.factories.banking import a_line, a_statement, an_own_account
from tests.factories.documents import A_DAY, draft_invoice, trading_books


@pytest.fixture
def trading(db, client):
    books = trading_books()
    client.force_login(books.clerk)
    return books


def listed(client, name, words):
    page = client.get(reverse(f"accounting:{name}-list"), {"q": words}).context["page"]
    return [row.record for row in page.rows]


def test_an_invoice_is_found_by_its_total(trading, client):
    wanted = issue(draft_invoice(trading, "1000.10"), by=trading.clerk)  # 23 % on top
    issue(draft_invoice(trading, "1000.11"), by=trading.clerk)

    assert listed(client, "invoice", "1,230.12") == [wanted]
    assert listed(client, "invoice", "kestrel 1230.12") == [wanted]
    assert listed(client, "invoice", "1.230,12") == []


def test_who_writes_a_comma_searches_with_one(trading, client):
    wanted = issue(draft_invoice(trading, "1000.10"), by=trading.clerk)
    trading.clerk.language = "de"
    trading.clerk.save()

    assert listed(client, "invoice", "1.230,12") == [wanted]
    assert listed(client, "invoice", "1,230.12") == []


def test_a_payment_and_a_bank_line_are_found_whatever_their_sign(trading, client):
    bank = trading.account("bank")
    facts = {"bank": bank, "on": A_DAY, "by": trading.clerk}
    record_payment(
        direction="out", party=trading.supplier, amount=Decimal(77), source_key="one", **facts
    )
    statement = a_statement(an_own_account(bank))
    line = a_line(statement, "-77.00")
    a_line(statement, "7.70")

    assert len(listed(client, "payment", "77")) == 1
    assert listed(client, "statementline", "77") == [line]
    assert listed(client, "statementline", "-77.00") == [line]


def test_an_entry_is_found_by_any_of_its_lines(trading, client):
    bank, sales, rent = map(trading.account, ("bank", "sales", "bank_charges"))
    facts = {"on": A_DAY, "by": trading.clerk}
    lines = [debit(bank, 40), debit(rent, 2), credit(sales, 42)]
    wanted = post(text="A fair", lines=lines, **facts)
    post(text="Another", lines=[debit(bank, 4), credit(sales, 4)], **facts)

    for words in ("40", "2.00", "-42"):
        assert listed(client, "journalentry", words) == [wanted], words
    assert listed(client, "journalentry", "38") == []


def test_the_palette_leads_there(trading, client):
    issue(draft_invoice(trading, "1000.10"), by=trading.clerk)

    found = client.get(reverse("backoffice:search"), {"q": "1230.12"}).context["found"]

    hits = dict(found)
    assert hits.keys() >= {"Invoices", "Journal"}
    (entry,) = hits["Journal"]
    assert entry.detail.startswith("10 Mar 2026 · ")
    assert entry.detail.endswith("1,230.12")


def test_no_number_breaks_a_search(trading, client):
    for words in ("9" * 40, "9" * 40 + ",999", "-", "0", "NaN", "1e5", "٣٤", "١٢٫٥", "−5"):
        assert listed(client, "invoice", words) == []
        assert listed(client, "journalentry", words) == []


def test_the_entry_of_a_document_is_found_by_the_number_of_that(trading, client):
    invoice = issue(draft_invoice(trading, 100), by=trading.clerk)
    issue(draft_invoice(trading, 100), by=trading.clerk)

    assert listed(client, "journalentry", str(invoice)) == [invoice.entry]
    assert listed(client, "journalentry", str(invoice.entry)) == [invoice.entry]
