"""What people write in the cells of a file, read strictly: days, amounts, yes and no."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

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
_YES = {"yes", "y", "true", "1", "ja", "oui", "x"}
_NO = {"no", "n", "false", "0", "nein", "non", ""}


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


def yes_or_no(text: str) -> bool:
    """Whether the cell says yes; an empty one says no."""
    word = text.strip().casefold()
    if word not in _YES | _NO:
        raise Refused(_("“%(text)s” is neither yes nor no.") % {"text": text.strip()[:40]})
    return word in _YES
