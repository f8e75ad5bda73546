"""Amounts as people write them."""

from decimal import Decimal

import pytest
from babel.localedata import locale_identifiers
from babel.numbers import format_decimal

from backoffice.money import for_people

AMOUNTS = [Decimal(text) for text in ("0", "-0.004", "0.015", "-1234.5", "1234567.891", "1E+15")]


@pytest.mark.parametrize("decimals", [0, 2, 3])
def test_an_amount_is_written_as_each_locale_writes_numbers(decimals):
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")

    for locale in locale_identifiers():
        for amount in AMOUNTS:
            written = format_decimal(amount, format=pattern, locale=locale).replace("-", "−")
            assert for_people(amount, locale=locale, decimals=decimals) == written


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        ("12.5", "USD", "$12.50"),
        ("-1234.5", "EUR", "−€1,234.50"),
        ("12.5", "CHF", "CHF\N{NO-BREAK SPACE}12.50"),
        ("-0.5", "CAD", "−CA$0.50"),
    ],
)
def test_a_currency_stands_before_its_amount(amount, currency, written):
    assert for_people(Decimal(amount), locale="en", currency=currency) == written
