"""What people write in files and forms, read strictly: days, amounts, yes and no."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from decimal import Decimal, InvalidOperation

from babel.numbers import (
    NumberFormatError,
    format_decimal,
    get_decimal_symbol,
    get_group_symbol,
    parse_decimal,
)
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.errors import Refused

DATE_FORMATS = {
    "ymd": gettext_lazy("2026-01-31"),
    "dmy": gettext_lazy("31.01.2026 or 31/01/2026"),
    "mdy": gettext_lazy("01/31/2026"),
}
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch
_PARTS = re.compile(r"([0-9]{1,4})[./-]([0-9]{1,2})[./-]([0-9]{1,4})").fullmatch
_PLAIN = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?").fullmatch
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})*(\.[0-9]*)?|[+-]?[0-9]*\.[0-9]+").fullmatch
_SPACES = re.compile(r"[\s'’]")
_TYPED = re.compile(r"-?[0-9.,'’٫٬ \u00a0\u202f]*[0-9][0-9.,]*").fullmatch
ZERO = Decimal(0)
_YES = {"yes", "y", "true", "1", "ja", "oui", "x"}
_NO = {"no", "n", "false", "0", "nein", "non", ""}

_locale: ContextVar[str] = ContextVar("locale", default="en")


@contextmanager
def written_in(locale: str) -> Iterator[None]:
    """Numbers in forms are read and shown in this locale meanwhile."""
    token = _locale.set(locale)
    try:
        yield
    finally:
        _locale.reset(token)


def locale_in_use() -> str:
    """The locale of whoever is answered just now."""
    return _locale.get()


def day_of(text: str, order: str = "ymd") -> date:
    """The day written as ISO 8601, or in the order of the file."""
    text = text.strip()
    try:
        if _ISO(text):
            return date.fromisoformat(text)
        parts = _PARTS(text)
        if parts and len(parts[1 if order == "ymd" else 3]) == 4:
            named = dict(zip(order, map(int, parts.groups()), strict=True))
            return date(named["y"], named["m"], named["d"])
    except ValueError:
        pass
    raise Refused(
        _("“%(text)s” is not a day written as %(form)s.")
        % {"text": text[:40], "form": DATE_FORMATS[order]}
    )


def amount_of(text: str, *, decimal_comma: bool = False) -> Decimal:
    """The number, exactly as written; grouping and an accountant's brackets are understood."""
    if not decimal_comma and _PLAIN(text):
        return Decimal(text)
    plain = _SPACES.sub("", text).replace("−", "-")
    if plain.startswith("(") and plain.endswith(")"):
        plain = f"-{plain[1:-1]}"
    if decimal_comma:
        plain = plain.translate(str.maketrans(",.", ".,"))
    if not (_PLAIN(plain) or _GROUPED(plain)):
        raise Refused(_("“%(text)s” is not a number.") % {"text": text.strip()[:40]})
    return Decimal(plain.replace(",", ""))


def number_written(text: str, *, locale: str) -> Decimal:
    """The number in the local form; what could be read two ways is refused."""
    plain = text.strip().replace("−", "-")
    if _TYPED(plain):
        try:
            # A zero with a minus is none.
            return parse_decimal(as_grouped(plain, locale), locale=locale, strict=True) or ZERO
        except (NumberFormatError, InvalidOperation):  # the latter where it is too long to group
            pass
    example = format_decimal(Decimal("1234.56"), locale=locale)
    raise Refused(
        _("“%(text)s” is not a clear number; write it like %(example)s.")
        % {"text": text[:30], "example": example}
    )


def whole_number_written(text: str, *, locale: str) -> Decimal:
    """The whole number in the local form; `1.000` is one to some and a thousand to others."""
    _whole, point, decimals = text.strip().partition(get_decimal_symbol(locale))
    try:
        number = number_written(text, locale=locale)
        if number == number.to_integral_value() and not (point and len(decimals) == 3):
            return number
    except Refused:
        pass
    example = format_decimal(1234, locale=locale)
    raise Refused(
        _("“%(text)s” is not a clear whole number; write it like %(example)s.")
        % {"text": text[:30], "example": example}
    )


def number_meant(word: str) -> Decimal | None:
    """The number somebody searches for, in the local form; none where the word is no number."""
    try:
        return number_written(word, locale=locale_in_use())
    except Refused:
        return None


def number_typed(number: Decimal, *, locale: str) -> str:
    """The number as somebody would type it: local, without grouping and needless zeros."""
    whole, _point, fraction = f"{number:f}".partition(".")
    fraction = fraction.rstrip("0")
    sign = get_decimal_symbol(locale)
    return f"{whole}{sign}{fraction:0<2}" if fraction else whole


def as_grouped(text: str, locale: str) -> str:
    """The text with the local sign between thousands for the one the keyboard has."""
    sign = get_group_symbol(locale)
    for alike in (" \u00a0\u202f", "'’"):
        if sign in alike:
            return re.sub(f"[{alike}]", sign, text)
    return text


def yes_or_no(text: str) -> bool:
    """Whether the cell says yes; an empty one says no."""
    word = text.strip().casefold()
    if word not in _YES | _NO:
        raise Refused(_("“%(text)s” is neither yes nor no.") % {"text": text.strip()[:40]})
    return word in _YES
