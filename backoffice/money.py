"""Money: Decimal from end to end, rounded here and nowhere else."""

from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from babel.numbers import format_currency, get_decimal_symbol, get_group_symbol

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
    if currency:
        pattern = "¤#,##0" + ("." + "0" * decimals if decimals else "")
        shown = format_currency(
            amount, currency, locale=locale, currency_digits=False, format=pattern
        )
        return shown.replace("-", "−", 1)
    return f"{amount:,.{decimals}f}".translate(local_signs(locale))


@cache
def local_signs(locale: str) -> dict[int, str]:
    """What is written there for the signs in a number.

    A page holds hundreds of amounts, and to format each by its pattern is most of drawing it.
    """
    signs = {",": get_group_symbol(locale), ".": get_decimal_symbol(locale), "-": "−"}
    return str.maketrans(signs)
