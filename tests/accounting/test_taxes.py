"""Tax on the lines of a document."""

import csv
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from accounting.models import TaxCode, TaxRate
from accounting.posting import Line
from accounting.tax_sums import Part, computed
from accounting.taxes import Taxable, in_books, line_net, spread, tax_lines, totals
from backoffice.errors import Refused
from backoffice.models import Currency
from backoffice.money import rounded
from tests.factories import PartyFactory
from tests.factories.taxes import TaxCodeFactory, tax, together

pytestmark = pytest.mark.django_db

ON = date(2024, 5, 15)
TABLE = Path(settings.BASE_DIR).parent / "shared/data/books/tables/tax_rounding.csv"
LINE = re.compile(
    r"(?:ten lines of )?(?P<quantity>\d+)x(?P<price>[\d.]+)(?:-(?P<discount>[\d.]+)%)?"
)
ADJUSTMENT = re.compile(r"(?P<kind>charge|document discount) (?P<amount>[\d.]+)")


def table():
    if not TABLE.exists():
        return [pytest.param({}, "", marks=pytest.mark.skip("the table of cases is not here"))]
    with TABLE.open(newline="") as file:
        return [
            pytest.param(row, mode, id=f"{row['case']}-{mode}")
            for row in csv.DictReader(file)
            for mode in ("document", "line")
            if row["mode"] in ("either", mode)
        ]


def lines_of(row, code, minor_unit):
    """The lines the case describes in words, and what is charged on the whole document."""
    text = row["lines(qty x unit - disc%)"]
    lines = []
    for part in text.split(";"):
        for found in LINE.finditer(part):
            net = line_net(
                Decimal(found["quantity"]),
                Decimal(found["price"]),
                Decimal(found["discount"] or 0),
                minor_unit=minor_unit,
            )
            lines += [Taxable(net, code)] * (10 if "ten lines" in part else 1)
    for found in ADJUSTMENT.finditer(text):
        sign = -1 if "discount" in found["kind"] else 1
        lines += spread(sign * Decimal(found["amount"]), lines, minor_unit=minor_unit)
    return lines


@pytest.mark.parametrize(("row", "mode"), table())
def test_tax_is_rounded_as_in_the_table(row, mode):
    minor_unit = -Decimal(row["precision"]).as_tuple().exponent
    code = tax(row["tax"].rstrip("%"))

    found = totals(
        lines_of(row, code, minor_unit),
        on=ON,
        mode=mode,
        price_included=row["price_included"] == "yes",
        minor_unit=minor_unit,
    )

    expected = [Decimal(row[f"expected_{name}"]) for name in ("net", "tax", "gross")]
    assert [found.net, found.tax, found.gross] == expected


def test_a_rate_is_that_of_the_day():
    code = TaxCodeFactory()
    for start, end, percent in (
        (date(2007, 1, 1), date(2020, 6, 30), 19),
        (date(2020, 7, 1), date(2020, 12, 31), 16),
        (date(2021, 1, 1), None, 19),
    ):
        TaxRate.objects.create(code=code, starts_on=start, ends_on=end, percent=percent)

    def on(day):
        return totals([Taxable(Decimal(100), code)], on=day, minor_unit=2).tax

    assert [on(date(2020, 6, 30)), on(date(2020, 7, 1)), on(date(2020, 12, 31))] == [19, 16, 16]
    assert on(date(2021, 1, 1)) == 19


def test_a_day_without_a_rate_is_refused():
    code = tax(20, code="S20")

    with pytest.raises(Refused, match="S20 has no rate on 1999-12-31"):
        totals([Taxable(Decimal(1), code)], on=date(1999, 12, 31), minor_unit=2)


def test_rates_are_read_in_two_queries_for_any_document(django_assert_num_queries):
    codes = [tax(percent) for percent in (5, 10, 20)] + [together((tax(3), False))]

    with django_assert_num_queries(2):
        totals([Taxable(Decimal(9), code) for code in codes * 5], on=ON, minor_unit=2)


def test_groups_are_told_apart_by_category_and_rate():
    zero, exempt = tax(0, kind="zero", category="Z"), tax(0, kind="exempt", category="E")
    goods, services = tax(20), tax(20)

    found = totals(
        [
            Taxable(Decimal(amount), code)
            for amount, code in (
                ("10", zero),
                ("20", exempt),
                ("0.02", goods),
                ("0.02", services),
                ("7", None),
            )
        ],
        on=ON,
        minor_unit=2,
    )

    # 0.04 at 20 % is 0.008: one cent for both codes, not none for each.
    assert found.by_group() == {
        ("Z", 0): (Decimal(10), 0),
        ("E", 0): (Decimal(20), 0),
        ("S", 20): (Decimal("0.04"), Decimal("0.01")),
        ("O", 0): (Decimal(7), 0),
    }
    assert [row.tax for row in found.rows if row.rate == 20] == [0, Decimal("0.01")]


def test_a_tax_on_taxes_takes_them_into_its_base():
    federal, provincial = tax(5), tax("9.975")
    code = together((federal, False), (provincial, True))

    found = totals([Taxable(Decimal(200), code)], on=ON, minor_unit=2)

    assert [(row.code, row.base, row.tax) for row in found.rows] == [
        (federal, 200, 10),
        (provincial, 210, Decimal("20.95")),
    ]
    assert (found.tax, found.gross) == (Decimal("30.95"), Decimal("230.95"))


def test_a_tax_on_taxes_is_found_within_the_price():
    code = together((tax(5), False), (tax(10), True))

    found = totals([Taxable(Decimal("231.00"), code)], on=ON, price_included=True, minor_unit=2)

    assert (found.net, [row.tax for row in found.rows]) == (200, [10, 21])


def test_what_is_withheld_is_taken_off_the_total():
    code = together((tax(22), False), (tax(20, kind="withholding", category="O"), False))

    found = totals([Taxable(Decimal(1000), code)], on=ON, minor_unit=2)

    assert [row.tax for row in found.rows] == [220, -200]
    assert (found.net, found.tax, found.gross) == (1000, 20, 1020)


def test_the_reverse_charge_leaves_the_total_unchanged():
    code = tax(20, kind="reverse_charge", category="AE", used_for="purchase")

    found = totals([Taxable(Decimal(500), code)], on=ON, minor_unit=2)
    lines = tax_lines(found, direction="purchase", party=None)

    assert (found.net, found.tax, found.gross) == (500, 0, 500)
    assert [(line.account, line.amount) for line in lines] == [
        ("tax_on_purchases", 100),
        ("tax_on_sales", -100),
    ]


def test_net_amounts_of_lines_that_include_the_tax_sum_to_the_net():
    code = tax(20)

    found = totals([Taxable(Decimal("3.33"), code)] * 3, on=ON, price_included=True, minor_unit=2)

    assert (found.net, found.tax, found.gross) == (
        Decimal("8.32"),
        Decimal("1.67"),
        Decimal("9.99"),
    )
    assert sum(found.nets) == found.net
    assert len(found.nets) == 3


def test_a_discount_is_split_by_rate_and_the_largest_takes_the_remainder():
    high, low = tax(20), tax(5)
    lines = [Taxable(Decimal("66.67"), high), Taxable(Decimal("33.33"), low)]

    found = spread(Decimal("-10.01"), lines, minor_unit=2)

    assert [(share.code, share.amount) for share in found] == [
        (high, Decimal("-6.67")),
        (low, Decimal("-3.34")),
    ]
    thirds = [Taxable(Decimal(10), high), Taxable(Decimal(10), low), Taxable(Decimal(10), None)]
    shares = [share.amount for share in spread(Decimal(1), thirds, minor_unit=2)]
    assert shares == [Decimal("0.34"), Decimal("0.33"), Decimal("0.33")]


def test_a_charge_on_nothing_has_no_tax():
    assert spread(Decimal(5), [], minor_unit=2) == [Taxable(Decimal(5), None)]


# --- the ledger -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "direction", "expected"),
    [
        ({}, "sale", {"tax_on_sales": -20}),
        ({}, "purchase", {"tax_on_purchases": 20}),
        ({"deductible_percent": 0}, "purchase", {"purchases": 20}),
        ({"deductible_percent": 50}, "purchase", {"tax_on_purchases": 10, "purchases": 10}),
        ({"kind": "withholding"}, "sale", {"withholding_receivable": 20}),
        ({"kind": "withholding"}, "purchase", {"withholding_payable": -20}),
        ({"kind": "reverse_charge", "used_for": "sale"}, "sale", {}),
        (
            {"kind": "reverse_charge", "used_for": "purchase", "deductible_percent": 0},
            "purchase",
            {"purchases": 20, "tax_on_sales": -20},
        ),
    ],
)
def test_taxes_stand_on_the_accounts_of_their_roles(facts, direction, expected):
    found = totals([Taxable(Decimal(100), tax(20, **facts))], on=ON, minor_unit=2)

    lines = tax_lines(found, direction=direction, party=PartyFactory())

    assert {line.account: line.amount for line in lines} == expected
    assert sum(expected.values()) == (found.tax if direction == "purchase" else -found.tax)


def test_a_credit_note_turns_every_line_round():
    code = tax(20)

    def lines(amount):
        return tax_lines(
            totals([Taxable(Decimal(amount), code)], on=ON, minor_unit=2),
            direction="sale",
            party=None,
        )

    assert [line.amount for line in lines("-50")] == [10]
    assert [line.amount for line in lines("50")] == [-10]


def test_taxes_in_another_currency_carry_both_amounts():
    dollars = Currency.objects.get(code="USD")
    found = totals([Taxable(Decimal("100"), tax(20, code="S20"))], on=ON, minor_unit=2)
    books = in_books(found, Decimal("0.9115"), minor_unit=2)

    (line,) = tax_lines(books, direction="sale", party=None, foreign=(found, dollars))

    assert (books.net, books.tax, books.gross) == (
        Decimal("91.15"),
        Decimal("18.23"),
        Decimal("109.38"),
    )
    assert line == Line(
        "tax_on_sales",
        Decimal("-18.23"),
        currency=dollars,
        currency_amount=Decimal("-20.00"),
        text="S20",
    )


def test_an_unknown_way_or_direction_is_a_mistake_of_the_program():
    found = totals([Taxable(Decimal(1), tax(20))], on=ON, minor_unit=2)

    with pytest.raises(ValueError, match="sideways"):
        tax_lines(found, direction="sideways", party=None)
    with pytest.raises(ValueError, match="guess"):
        totals([], on=ON, mode="guess", minor_unit=2)


# --- what always holds ----------------------------------------------------------------------

cents = st.integers(-1_000_000, 1_000_000).map(lambda n: Decimal(n).scaleb(-2))
rates = st.sampled_from(["0", "2.1", "5.5", "7", "9.975", "19", "20", "23"]).map(Decimal)


@st.composite
def documents(draw):
    """Lines of a few codes: plain, withheld, reversed, and several together."""
    count = draw(st.integers(1, 4))
    kinds = ["standard", "standard", "withholding", "reverse_charge"]
    codes = [TaxCode(pk=n + 1, code=f"C{n}", kind=kinds[n]) for n in range(count)]
    parts = {None: [Part(None, Decimal(0))]}
    for code in codes:
        parts[code.pk] = [Part(code, draw(rates))]
        if draw(st.booleans()):
            other = TaxCode(pk=code.pk + 10, code="more", category="E")
            parts[code.pk].append(Part(other, draw(rates), draw(st.booleans())))
    line = st.builds(Taxable, cents, st.sampled_from([None, *codes]))
    return draw(st.lists(line, max_size=12)), parts


@given(documents(), st.booleans())
def test_gross_is_net_and_tax_and_each_line_has_its_net(document, price_included):
    lines, parts = document

    found = computed(lines, parts, price_included=price_included, minor_unit=2)

    assert found.gross == found.net + found.tax
    assert found.net == sum(found.nets, Decimal(0))
    assert found.tax == sum((row.added for row in found.rows), Decimal(0))
    amounts = [found.net, found.tax, *found.nets, *(row.tax for row in found.rows)]
    assert all(amount == rounded(amount, 2) for amount in amounts)


@given(documents())
def test_net_amounts_stay_what_they_were(document):
    lines, parts = document

    found = computed(lines, parts, price_included=False, minor_unit=2)

    assert found.nets == [line.amount for line in lines]


@given(st.lists(st.tuples(cents, st.sampled_from([1, 2, 3])), min_size=1, max_size=20), rates)
def test_the_tax_of_a_group_is_its_product_rounded_once(drawn, rate):
    codes = {n: TaxCode(pk=n, code=str(n)) for n in (1, 2, 3)}
    parts = {n: [Part(code, rate)] for n, code in codes.items()}
    lines = [Taxable(amount, codes[n]) for amount, n in drawn]

    found = computed(lines, parts, price_included=False, minor_unit=2)

    exact = sum((line.amount for line in lines), Decimal(0)) * rate / 100
    assert found.tax == rounded(exact, 2)
    assert abs(found.tax - exact) <= Decimal("0.005")


@given(st.lists(cents, min_size=1, max_size=12), rates)
def test_prices_that_include_the_tax_stay_the_prices(amounts, rate):
    code = TaxCode(pk=1, code="one")
    lines = [Taxable(amount, code) for amount in amounts]

    found = computed(lines, {1: [Part(code, rate)]}, price_included=True, minor_unit=2)

    assert found.gross == sum(amounts)
    assert found.tax == rounded(sum(amounts) * rate / (100 + rate), 2)
