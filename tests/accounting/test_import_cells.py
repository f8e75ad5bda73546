"""A figure or a day no books can hold is told of at its cell, whatever is brought in."""

import pytest

from accounting.models import Item
from backoffice.imports import importers
from tests.factories import PartyFactory
from tests.factories.assets import asset_accounts, asset_class
from tests.factories.budgets import BudgetFactory
from tests.factories.documents import trading_books

# A row that comes in of each kind, its amounts, its days.
GOOD = {
    "items": ({"code": "B-1", "name": "Bench", "price": "129.50"}, ("price",), ()),
    "party_terms": (
        {
            "party": "Kestrel Cafés",
            "is_customer": "yes",
            "customer_days": "30",
            "discount_days": "10",
            "discount_percent": "2",
        },
        ("customer_days", "discount_days", "discount_percent"),
        (),
    ),
    "open_invoices": (
        {
            "party": "Kestrel Cafés",
            "number": "118",
            "date": "2025-11-20",
            "due_on": "2025-12-20",
            "amount": "100",
            "currency": "USD",
            "rate": "0.8",
        },
        ("amount", "rate"),
        ("date", "due_on"),
    ),
    "open_bills": (
        {
            "party": "Timber & Sons",
            "number": "R-7",
            "date": "2025-12-15",
            "due_on": "2026-01-14",
            "amount": "238",
            "currency": "USD",
            "base_amount": "200",
        },
        ("amount", "base_amount"),
        ("date", "due_on"),
    ),
    "budget": (
        {"department": "", "account": "7010", "month": "2026-01", "amount": "1200"},
        ("amount",),
        ("month",),
    ),
    "opening_balances": (
        {"account": "1110", "debit": "500", "credit": "500", "currency_amount": ""},
        ("debit", "credit", "currency_amount"),
        (),
    ),
    "exchange_rates": (
        {"date": "2026-03-31", "currency": "USD", "rate": "0.9142"},
        ("rate",),
        ("date",),
    ),
    "tax_codes": (
        {"code": "S9", "name": "Nine", "deductible_percent": "100"},
        ("deductible_percent",),
        (),
    ),
    "journal": (
        {"entry": "1", "date": "2026-01-05", "account": "1110", "amount": "5"},
        ("amount",),
        ("date",),
    ),
    "bank": (
        {"date": "2026-01-05", "amount": "5", "text": "Coffee"},
        ("amount",),
        ("date",),
    ),
    "fixed_assets": (
        {
            "reference": "A-1",
            "name": "Van",
            "asset_class": "Vans",
            "acquired_on": "2026-01-01",
            "in_service_on": "2026-01-01",
            "cost": "24500",
            "taken": "100",
            "residual": "100",
            "life_months": "60",
        },
        ("cost", "taken", "residual", "life_months", "declining_rate"),
        ("acquired_on", "in_service_on"),
    ),
}  # fmt: skip
BY_LINES = {"journal", "bank"}  # rows of these come together, and are read by tests of their own
AMOUNTS = [(kind, name) for kind, (_row, names, _days) in GOOD.items() for name in names]
DAYS = [(kind, name) for kind, (_row, _names, days) in GOOD.items() for name in days]
OPTIONS = {"on": "2026-02-01", "posts": True}


@pytest.fixture
def books(db):
    found = trading_books()
    asset_accounts(years=())
    asset_class(name="Vans", life_months=60)
    BudgetFactory()
    PartyFactory(name="Bluefin")
    return found


def tried(books, kind, **cells):
    """What the preview says of the row by column, and what a rehearsal of it ends with."""
    row = GOOD[kind][0] | cells
    options = OPTIONS | ({"account": ""} if kind == "bank" else {})
    importer = importers()[kind]
    seen = importer(options, by=books.clerk).check(2, row)
    if kind in BY_LINES:
        return seen, None
    return seen, importer(options, by=books.clerk).bring_in([(2, row)], is_rehearsal=True)


def test_every_import_of_the_books_is_asked(books):
    of_books = {kind for kind, one in importers().items() if one.area.startswith("accounting")}

    assert of_books - {"accounts"} == set(GOOD)


@pytest.mark.parametrize("kind", sorted(GOOD))
def test_the_row_itself_comes_in(books, kind):
    seen, outcome = tried(books, kind)

    assert seen == {}
    # The balances of one account alone cannot: their entry would be empty.
    assert kind in BY_LINES | {"opening_balances"} or outcome.failures == []


@pytest.mark.parametrize("cell", ["1000000000000000", "1" + "0" * 30, "NaN"])
@pytest.mark.parametrize(("kind", "name"), AMOUNTS)
def test_an_amount_no_books_hold_is_told_of_at_its_cell(books, kind, name, cell):
    seen, outcome = tried(books, kind, **{name: cell})

    assert any(seen.values())
    if outcome:
        assert {(failure.row, failure.column) for failure in outcome.failures} == {(2, name)}
        assert outcome.failed_rows.keys() == {2}


@pytest.mark.parametrize(("kind", "name"), DAYS)
def test_a_day_no_books_have_is_told_of_at_its_cell(books, kind, name):
    seen, outcome = tried(books, kind, **{name: "9999-12-31"})

    assert any(seen.values())
    if outcome:
        assert {(failure.row, failure.column) for failure in outcome.failures} == {(2, name)}


@pytest.mark.parametrize(("kind", "name"), AMOUNTS)
def test_minus_nothing_is_nothing_or_refused(books, kind, name):
    _seen, outcome = tried(books, kind, **{name: "-0.00"})

    for failure in outcome.failures if outcome else ():
        assert failure.sentence


def test_minus_nothing_is_kept_as_nothing(books):
    importers()["items"]({}, by=books.clerk).bring_in([(2, GOOD["items"][0] | {"price": "-0.00"})])

    assert str(Item.objects.get().price.normalize()) == "0"
