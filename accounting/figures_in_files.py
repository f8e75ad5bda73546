"""What a cell of a file counts or dates: amounts books can hold, days books can have."""

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from accounting.entry_rules import TOO_LARGE
from accounting.years import is_day_of_books, no_day_of_books
from backoffice.errors import Refused
from backoffice.reading import amount_of, day_of


def amount_in(text: str, *, decimal_comma: bool) -> Decimal:
    """The amount, refused where no books could hold it; minus nothing is nothing."""
    amount = amount_of(text, decimal_comma=decimal_comma)
    if abs(amount) >= TOO_LARGE:
        raise Refused(_("This has more than 15 digits before the point."))
    return amount if amount else abs(amount)


def percent_in(text: str, *, decimal_comma: bool) -> Decimal:
    """The percentage, of 0 to 100 with at most two decimals."""
    percent = amount_in(text.rstrip("% "), decimal_comma=decimal_comma)
    if not 0 <= percent <= 100 or percent != round(percent, 2):
        raise Refused(_("“%(text)s” is no percentage of 0 to 100.") % {"text": text[:40]})
    return percent


def day_in(text: str, order: str = "ymd") -> date:
    """The day, refused where no books have it."""
    day = day_of(text, order)
    if not is_day_of_books(day):
        raise Refused(no_day_of_books(day))
    return day
