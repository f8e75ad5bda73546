"""Numbers under which businesses are registered for tax, checked by the rules of their country."""

from django.utils.translation import gettext as _
from stdnum import get_cc_module
from stdnum.exceptions import ValidationError

from backoffice.errors import Refused

# Greece writes EL and Northern Ireland XI before its numbers, whatever ISO 3166 calls them.
ISO_CODES = {"EL": "GR", "XI": "GB"}


def checked_vat_id(text: str, *, country: str = "") -> str:
    """The number without spaces and points, capital, refused where its country's rules say so.

    The country is that of its first two letters, else the one given; a country whose rules are
    not known refuses nothing.
    """
    plain = "".join(letter for letter in text.upper() if letter.isalnum())
    if not plain:
        return ""
    prefix = ISO_CODES.get(plain[:2], plain[:2])
    rules = get_cc_module(prefix, "vat") if prefix.isalpha() else None
    number = plain[2:] if rules else plain
    if rules is None and country:
        prefix = country
        rules = get_cc_module(country, "vat")
    if rules is None:
        return plain
    # Some countries' rules know their own letters only in the number, others only without.
    if not any(is_valid(rules, shape) for shape in (number, plain)):
        raise Refused(
            _("This is not a valid tax number of %(country)s: check its digits.")
            % {"country": prefix},
            field="vat_id",
        )
    return plain


def is_valid(rules, number: str) -> bool:
    """Whether the number follows the rules."""
    try:
        rules.validate(number)
    except ValidationError:
        return False
    return True
