"""Money: Decimal from end to end, rounded here and nowhere else."""

from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from babel import Locale
from babel.numbers import NumberPattern, format_currency, format_decimal, parse_pattern

from backoffice.models import Currency

ZERO = Decimal(0)


# The smallest amount of a currency with so many decimals.
UNITS = [Decimal(1).scaleb(-decimals) for decimals in range(11)]


def rounded(amount: Decimal, minor_unit: int) -> Decimal:
    """The amount at so many decimals, half away from zero (commercial rounding)."""
    return amount.quantize(UNITS[minor_unit], rounding=ROUND_HALF_UP)


def has_too_many_decimals(amount: Decimal, minor_unit: int) -> bool:
    """Whether the amount is finer than the currency; trailing zeros do not count."""
    return amount != rounded(amount, minor_unit)


def minor_units() -> dict[str, int]:
    """The decimals of every currency, by code (ISO 4217)."""
    return dict(Currency.objects.values_list("code", "minor_unit"))


def as_text(amount: Decimal, minor_unit: int) -> str:
    """The amount for a program: fixed decimals, a point, no grouping."""
    return f"{rounded(amount, minor_unit):f}"


def for_people(amount: Decimal, *, locale: str, currency: str = "", decimals: int = 2) -> str:
    """The amount in the local form, with its currency where one is named."""
    local, pattern = local_form(locale, decimals)
    if currency:
        shown = format_currency(
            amount, currency, locale=local, currency_digits=False, format=f"¤{pattern.pattern}"
        )
    else:
        shown = format_decimal(amount, format=pattern, locale=local)
    return shown.replace("-", "−", 1)


@cache
def local_form(locale: str, decimals: int) -> tuple[Locale, NumberPattern]:
    """How numbers are written there: read once, because a page holds hundreds of amounts."""
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return Locale.parse(locale), parse_pattern(pattern)
