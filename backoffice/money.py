"""Money: Decimal from end to end, rounded here and nowhere else."""

from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from babel.numbers import get_currency_symbol, get_decimal_symbol, get_group_symbol
from django.utils.translation import get_language, to_locale

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
    """The amount in the local form, after its currency where one is named."""
    shown = f"{amount:,.{decimals}f}".translate(local_signs(locale))
    if not currency:
        return shown
    sign, number = ("−", shown[1:]) if shown[0] == "−" else ("", shown)
    return f"{sign}{before_number(currency, locale)}{number}"


def in_sentence(amount: Decimal, minor_unit: int, currency: str = "") -> str:
    """The amount, before the code of its currency, for a sentence in the language in use."""
    locale = to_locale(get_language() or "en")
    shown = for_people(rounded(amount, minor_unit), locale=locale, decimals=minor_unit)
    return f"{shown} {currency}".rstrip()


@cache
def local_signs(locale: str) -> dict[int, str]:
    """What is written there for the signs in a number.

    A page holds hundreds of amounts, and to format each by its pattern is most of drawing it.
    """
    signs = {",": get_group_symbol(locale), ".": get_decimal_symbol(locale), "-": "−"}
    return str.maketrans(signs)


@cache
def before_number(currency: str, locale: str) -> str:
    """The symbol of a currency as it stands before a number: letters keep their distance."""
    symbol = get_currency_symbol(currency, locale)
    return f"{symbol}\N{NO-BREAK SPACE}" if symbol[-1].isalpha() else symbol
