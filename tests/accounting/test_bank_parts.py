"""The parts of a bank line: taxed, and in another currency."""

from datetime import date
from decimal import Decimal

import pytest

from accounting.models import BankRule, TaxLine
from accounting.reconciliation import Part, book_by_rule, book_directly, undo
from backoffice.errors import Refused
from tests.factories import DepartmentFactory, PartyFactory
from tests.factories.accounting import AccountFactory, balances
from tests.factories.banking import a_line, a_statement, an_own_account
from tests.factories.open_items import control_accounts
from tests.factories.taxes import tax, tax_accounts

LATER = date(2024, 5, 20)


@pytest.fixture
def bank(books):
    control_accounts()
    tax_accounts()
    return an_own_account(books.bank)


@pytest.fixture
def dollars(books):
    control_accounts()
    tax_accounts()
    return an_own_account(books.dollars, currency_id="USD")


@pytest.fixture
def vat(db):
    return tax(23, code="V23")


def line_of(bank, amount, **facts):
    return a_line(a_statement(bank, ends_on=LATER), amount, **{"on": LATER} | facts)


def taxes_of(entry):
    rows = TaxLine.objects.filter(entry=entry).order_by("position")
    return list(rows.values_list("direction", "base", "tax", "owed", "deducted"))


def test_a_cost_is_split_into_net_and_tax_with_its_department(books, bank, vat):
    yard = DepartmentFactory()
    part = Part(books.rent, Decimal("-123"), department=yard, tax_code=vat)

    entry = book_directly(line_of(bank, "-123"), [part], by=books.user)

    assert entry.lines.get(account=books.rent).department == yard
    assert (balances()["6000"], balances()["1170"], balances()["1000"]) == (100, 23, -123)
    assert taxes_of(entry) == [("purchase", 100, 23, 0, 23)]


def test_money_in_on_an_income_account_is_a_sale(books, bank, vat):
    entry = book_directly(
        line_of(bank, "52.50"), [Part(books.sales, Decimal("52.50"), tax_code=vat)], by=books.user
    )

    assert (balances()["4000"], balances()["2030"]) == (Decimal("-42.68"), Decimal("-9.82"))
    assert taxes_of(entry)[0][0] == "sale"


def test_money_back_on_a_cost_takes_its_tax_back(books, bank, vat):
    entry = book_directly(
        line_of(bank, "123"), [Part(books.rent, Decimal(123), tax_code=vat)], by=books.user
    )

    assert (balances()["6000"], balances()["1170"]) == (-100, -23)
    assert taxes_of(entry) == [("purchase", -100, -23, 0, -23)]


def test_parts_with_and_without_tax_stand_beside_each_other(books, bank, vat):
    half = tax(10, code="HALF", deductible_percent=50)
    parts = [
        Part(books.rent, Decimal("-123"), tax_code=vat),
        Part(books.rent, Decimal("-11"), tax_code=half),
        Part(books.rent, Decimal("-6")),
    ]

    entry = book_directly(line_of(bank, "-140"), parts, by=books.user)

    # What is not deductible stays with the cost.
    assert (balances()["6000"], balances()["1170"]) == (Decimal("116.5"), Decimal("23.5"))
    assert taxes_of(entry) == [
        ("purchase", 100, 23, 0, 23),
        ("purchase", 10, 1, 0, Decimal("0.5")),
    ]


def test_under_the_reverse_charge_the_payment_is_the_net(books, bank):
    code = tax(20, code="RC", kind="reverse_charge", used_for="purchase")

    book_directly(
        line_of(bank, "-100"), [Part(books.rent, Decimal(-100), tax_code=code)], by=books.user
    )

    found = balances()
    assert (found["6000"], found["1170"], found["2030"]) == (100, 20, -20)


def test_undone_the_tax_is_taken_back_as_well(books, bank, vat):
    line = line_of(bank, "-123")
    book_directly(line, [Part(books.rent, Decimal("-123"), tax_code=vat)], by=books.user)

    undo(line, on=LATER, by=books.user)

    assert sum(row.tax for row in TaxLine.objects.all()) == 0
    assert balances()["1170"] == 0


def test_what_cannot_be_within_a_payment_is_refused(books, bank, vat):
    sale_only = tax(23, code="OUT", used_for="sale")
    withheld = tax(20, code="WH", kind="withholding")
    for code, why in ((sale_only, "does not go with"), (withheld, "not within a payment")):
        with pytest.raises(Refused, match=why):
            book_directly(
                line_of(bank, "-10"),
                [Part(books.rent, Decimal(-10), tax_code=code)],
                by=books.user,
            )
    both = [
        Part(books.sales, Decimal(20), tax_code=vat),
        Part(books.rent, Decimal(-10), tax_code=vat),
    ]
    with pytest.raises(Refused, match="not booked by one line"):
        book_directly(line_of(bank, "10"), both, by=books.user)
    with pytest.raises(Refused, match="has no rate on"):
        book_directly(
            line_of(bank, "-10", on=date(1999, 5, 5)),
            [Part(books.rent, Decimal(-10), tax_code=vat)],
            by=books.user,
        )


def test_a_rule_books_with_its_tax(books, bank, vat):
    rule = BankRule.objects.create(name="Rent", contains="rent", account=books.rent, tax_code=vat)

    book_by_rule(line_of(bank, "-123", text="Rent"), rule, by=books.user)

    assert balances()["1170"] == 23


# --- in another currency ----------------------------------------------------------------------


def test_a_foreign_line_is_split_and_the_shares_add_up_to_its_worth(books, dollars):
    fees, trips = (AccountFactory(kind="expense") for _n in range(2))
    parts = [Part(account, Decimal("-33.33")) for account in (books.rent, fees)]
    parts.append(Part(trips, Decimal("-33.34")))

    entry = book_directly(
        line_of(dollars, "-100"), parts, base_amount=Decimal("92.41"), by=books.user
    )

    amounts = [entry.lines.get(account=a).amount for a in (books.rent, fees, trips)]
    assert amounts == [Decimal("30.80"), Decimal("30.80"), Decimal("30.81")]
    bank_line = entry.lines.get(account=books.dollars)
    assert (bank_line.amount, bank_line.currency_amount) == (Decimal("-92.41"), -100)


def test_a_part_kept_in_the_currency_has_both_amounts(books, dollars):
    way = AccountFactory(kind="asset", currency=books.dollars.currency)
    parts = [Part(way, Decimal(-60)), Part(books.rent, Decimal(-40))]

    entry = book_directly(line_of(dollars, "-100"), parts, base_amount=Decimal(90), by=books.user)

    kept = entry.lines.get(account=way)
    assert (kept.amount, kept.currency_amount) == (54, 60)


def test_a_foreign_part_is_taxed_by_what_it_is_worth(books, dollars, vat):
    parts = [
        Part(books.rent, Decimal("-123"), tax_code=vat),
        Part(books.rent, Decimal("-7"), party=PartyFactory()),
    ]

    entry = book_directly(
        line_of(dollars, "-130"), parts, base_amount=Decimal("117.00"), by=books.user
    )

    assert taxes_of(entry) == [("purchase", 90, Decimal("20.70"), 0, Decimal("20.70"))]
    assert balances()["6000"] == Decimal("96.30")


def test_an_account_kept_in_one_currency_takes_no_tax(books, dollars, vat):
    way = AccountFactory(kind="asset", currency=books.dollars.currency)

    with pytest.raises(Refused, match="no tax"):
        book_directly(
            line_of(dollars, "-100"),
            [Part(way, Decimal(-100), tax_code=vat)],
            base_amount=Decimal(90),
            by=books.user,
        )
