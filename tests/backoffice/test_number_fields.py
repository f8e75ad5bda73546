"""Numbers in forms, as people of many countries type them."""

from decimal import Decimal

import pytest
from django import forms

from backoffice.number_fields import NumberField, WholeNumberField
from backoffice.reading import number_typed, number_written, written_in


class AmountForm(forms.Form):
    amount = NumberField(max_digits=19, decimal_places=4)


@pytest.mark.parametrize(
    ("typed", "locale", "amount"),
    [
        ("1,234.56", "en_GB", "1234.56"),
        ("1234.5", "en_GB", "1234.5"),
        (" -12 ", "en_GB", "-12"),
        ("−12", "en_GB", "-12"),
        ("-0.00", "en_GB", "0"),
        ("1.234,56", "de_DE", "1234.56"),
        ("1 234,56", "fr_FR", "1234.56"),
        ("1’234.56", "de_CH", "1234.56"),
    ],
)
def test_a_number_is_read_as_its_reader_writes_it(typed, locale, amount):
    with written_in(locale):
        form = AmountForm({"amount": typed})

        assert form.is_valid(), form.errors
        assert str(form.cleaned_data["amount"] + 0) == amount


@pytest.mark.parametrize(
    ("typed", "locale"),
    [
        ("10,50", "en_GB"),
        ("1.234,56", "en_GB"),
        ("10.50", "de_DE"),
        ("NaN", "en_GB"),
        ("Infinity", "en_GB"),
        ("1e5", "en_GB"),
        ("--1", "en_GB"),
        ("twelve", "en_GB"),
    ],
)
def test_what_could_be_another_number_is_refused_and_stays_to_be_mended(typed, locale):
    with written_in(locale):
        form = AmountForm({"amount": typed})

        assert "is not a clear number" in form.errors["amount"][0]
        assert f'value="{typed}"' in str(form["amount"])


class DaysForm(forms.Form):
    days = WholeNumberField(min_value=0, max_value=1000)


@pytest.mark.parametrize(
    ("typed", "locale", "days"),
    [("14", "en_GB", 14), ("1,000", "en_GB", 1000), ("1.000", "de_DE", 1000), ("2.0", "en_GB", 2)],
)
def test_a_whole_number_is_read_as_its_reader_writes_it(typed, locale, days):
    with written_in(locale):
        form = DaysForm({"days": typed})

        assert form.is_valid(), form.errors
        assert form.cleaned_data == {"days": days}


@pytest.mark.parametrize(
    ("typed", "locale"),
    [
        ("2,5", "en_GB"),
        ("2.5", "en_GB"),
        ("2,5", "de_DE"),
        ("1.000", "en_GB"),  # a thousand to half the world
        ("1,000", "de_DE"),
        ("-1", "en_GB"),
        ("9" * 5000, "en_GB"),
    ],
)
def test_no_part_of_a_whole_number_is_dropped(typed, locale):
    with written_in(locale):
        form = DaysForm({"days": typed})

        assert not form.is_valid()
        assert 'type="number"' not in str(form["days"])


@pytest.mark.parametrize("typed", ["2,5", "2.5", "abc", "1.000"])
def test_whoever_is_refused_is_shown_a_whole_number(typed):
    with written_in("en_GB"):
        form = DaysForm({"days": typed})

        said = form.errors["days"][0]
        assert said == f"“{typed}” is not a clear whole number; write it like 1,234."


def test_a_number_too_large_is_refused():
    assert not AmountForm({"amount": "1" + "0" * 15}).is_valid()


@pytest.mark.parametrize(
    ("amount", "locale", "shown"),
    [
        ("80.0000", "en_GB", "80"),
        ("12.5000", "en_GB", "12.50"),
        ("1234.56", "de_DE", "1234,56"),
        ("-0.125", "en_GB", "-0.125"),
    ],
)
def test_what_is_shown_is_read_again(amount, locale, shown):
    with written_in(locale):
        assert f'value="{shown}"' in str(AmountForm(initial={"amount": Decimal(amount)})["amount"])
    assert number_typed(Decimal(amount), locale=locale) == shown
    assert number_written(shown, locale=locale) == Decimal(amount)
    assert not AmountForm({"amount": "80"}, initial={"amount": Decimal("80.0000")}).has_changed()
