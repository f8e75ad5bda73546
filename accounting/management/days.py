"""Days as they are typed on the command line."""

from argparse import ArgumentTypeError
from datetime import date

from django.utils.translation import gettext as _


def day(text: str) -> date:
    """The day written as YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(
            _("“%(text)s” is not a day: write it as 2024-05-31") % {"text": text}
        ) from None
