"""Items, customers and suppliers come from a file."""

from decimal import Decimal

import pytest
from django.urls import reverse

from accounting.models import Account, Item, PartyTerms
from accounting.trade_importers import ItemImporter, PartyTermsImporter
from backoffice.models import ImportRun
from tests.backoffice.importing import begin, done, files, upload
from tests.factories import PartyFactory, staff
from tests.factories.documents import trading_books
from tests.factories.taxes import ItemFactory, PartyTermsFactory, tax

assert files  # used by name, for every test that brings in a file


@pytest.fixture
def books(db):
    return trading_books()


def bring_in(importer, text, by, **options):
    header, *lines = text.strip().splitlines()
    names = header.split(",")
    rows = [dict(zip(names, line.split(","), strict=True)) for line in lines]
    return importer(options, by=by).bring_in(enumerate(rows, start=2))


def counts(created=0, updated=0, unchanged=0, failed=0):
    return {"created": created, "updated": updated, "unchanged": unchanged, "failed": failed}


# --- items --------------------------------------------------------------------------------------


def test_items_come_with_their_accounts_and_taxes(books):
    text = """code,name,unit,price,sales_account,sales_tax_code,is_active
B-1,Bench,piece,129.50,4010,STD,
H-1,Repair,HUR,45,,,no"""

    outcome = bring_in(ItemImporter, text, books.clerk)

    bench, repair = Item.objects.order_by("code")
    assert outcome.counts == counts(created=2)
    assert (bench.price, bench.sales_account.code) == (Decimal("129.5"), "4010")
    assert (bench.sales_tax_code, bench.is_active) == (books.vat, True)
    assert (repair.unit, repair.price, repair.is_active) == ("HUR", 45, False)


def test_an_item_known_by_its_code_is_updated_once(books):
    ItemFactory(code="B-1", name="Bench", price=100)
    text = "code,name,price\nb-1,Bench,120"

    first = bring_in(ItemImporter, text, books.clerk)
    again = bring_in(ItemImporter, text, books.clerk)

    assert (first.counts, again.counts) == (counts(updated=1), counts(unchanged=1))
    assert Item.objects.get().price == 120


@pytest.mark.parametrize(
    ("column", "cell", "why"),
    [
        ("price", "-1", "not negative"),
        ("price", "1.2.3", "not a number"),
        ("unit", "barrel", "none of"),
        ("sales_account", "9999", "no one account"),
        ("sales_account", "1000", "takes no lines"),
        ("sales_tax_code", "NONE", "no tax code"),
        ("sales_tax_code", "IN", "is for"),
        ("purchase_tax_code", "OUT", "is for"),
        ("is_active", "perhaps", "neither yes nor no"),
        ("name", "", "empty"),
        ("name", "x" * 161, "160"),
    ],
)
def test_what_is_wrong_with_an_item_is_said_at_its_column(books, column, cell, why):
    tax(10, code="IN", used_for="purchase")
    tax(10, code="OUT", used_for="sale")
    row = {"code": "B-1", "name": "Bench"} | {column: cell}
    text = ",".join(row) + "\n" + ",".join(row.values())

    outcome = bring_in(ItemImporter, text, books.clerk)

    assert outcome.counts == counts(failed=1)
    assert [failure.column for failure in outcome.failures] == [column]
    assert why in outcome.failures[0].sentence
    preview = ItemImporter({}, by=books.clerk).check(2, row)
    assert preview.keys() == {column}


def test_an_inactive_account_is_refused(books):
    Account.objects.filter(code="4010").update(is_active=False)

    outcome = bring_in(ItemImporter, "code,name,sales_account\nB-1,Bench,4010", books.clerk)

    assert "takes no lines" in outcome.failed_rows[2]


# --- customers and suppliers -------------------------------------------------------------------


def test_customers_and_suppliers_are_agreed_with(books):
    text = """party,is_customer,is_supplier,vat_id,currency,customer_days
Kestrel Cafés,yes,,DE 136 695 976,,14
Timber & Sons,,x,,USD,"""

    outcome = bring_in(PartyTermsImporter, text, books.clerk)

    kestrel, timber = PartyTerms.objects.order_by("party__name")
    assert outcome.counts == counts(created=2)
    assert (kestrel.is_customer, kestrel.is_supplier) == (True, False)
    assert (kestrel.vat_id, kestrel.customer_days) == ("DE136695976", 14)
    assert (timber.is_supplier, timber.currency_id) == (True, "USD")


def test_a_discount_comes_with_its_days(books):
    text = "party,is_customer,discount_days,discount_percent\nKestrel Cafés,yes,5,2 %"

    bring_in(PartyTermsImporter, text, books.clerk)

    terms = PartyTerms.objects.get()
    assert (terms.discount_days, terms.discount_percent) == (5, 2)


def test_the_same_file_again_changes_nothing(books):
    text = "party,is_customer,vat_id\nKestrel Cafés,yes,DE 136 695 976"

    bring_in(PartyTermsImporter, text, books.clerk)

    assert bring_in(PartyTermsImporter, text, books.clerk).counts == counts(unchanged=1)


def test_what_the_file_says_nothing_of_stays(books):
    PartyTermsFactory(party=books.customer, is_customer=True, customer_days=7)

    bring_in(PartyTermsImporter, "party,is_supplier\nKestrel Cafés,yes", books.clerk)

    terms = PartyTerms.objects.get()
    assert (terms.is_customer, terms.is_supplier, terms.customer_days) == (True, True, 7)


@pytest.mark.parametrize(
    ("facts", "column", "why"),
    [
        ({"party": "Nobody"}, "party", "no one party"),
        ({"party": "Twin"}, "party", "no one party"),
        ({"is_customer": "no"}, "is_customer", "customer or a supplier"),
        ({"vat_id": "DE136695977"}, "vat_id", "check its digits"),
        ({"customer_days": "soon"}, "customer_days", "no number of days"),
        ({"customer_days": "99999"}, "customer_days", "no number of days"),
        ({"customer_days": "00030000"}, "customer_days", "no number of days"),
        ({"discount_percent": "101"}, "discount_percent", "between 0 and 100"),
        ({"discount_percent": "2"}, "discount_days", "days and a percentage"),
        ({"currency": "XXQ"}, "currency", "no currency"),
    ],
)
def test_what_is_wrong_with_terms_is_said_at_its_column(books, facts, column, why):
    for _n in range(2):
        PartyFactory(name="Twin")
    row = {"party": "Kestrel Cafés", "is_customer": "yes"} | facts
    text = ",".join(row) + "\n" + ",".join(row.values())

    outcome = bring_in(PartyTermsImporter, text, books.clerk)

    assert [failure.column for failure in outcome.failures] == [column]
    assert why in outcome.failures[0].sentence
    assert not PartyTerms.objects.exists()
    assert PartyTermsImporter({}, by=books.clerk).check(2, row).keys() == {column}


def test_a_list_offers_its_import_and_shows_it_before(books, client):
    client.force_login(books.clerk)
    address = reverse("backoffice:import-add", args=["items"])
    assert address in client.get(reverse("accounting:item-list")).content.decode()
    upload(client, b"SKU,Description,Unit price\nB-1,Bench,12.50\n", kind="items")
    run = ImportRun.objects.get()
    assert not Item.objects.exists()

    begin(client, run)
    done(run)

    assert Item.objects.get().price == Decimal("12.5")


def test_who_only_reads_brings_nothing_in(books):
    assert not ItemImporter.is_open_to(staff("Auditor"))
    assert ItemImporter.is_open_to(books.clerk)
