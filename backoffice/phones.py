"""Telephone numbers, kept as ITU-T E.164 whatever way people write them."""

import phonenumbers
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _


def e164(written: str, *, country: str | None = None) -> str:
    """Return the number as `+4420…`; `country` (ISO 3166) completes a national number.

    Raises ValidationError when nobody could be reached by it.
    """
    try:
        number = phonenumbers.parse(written, country)
    except phonenumbers.NumberParseException:
        raise ValidationError(
            _("This is not a phone number. Write it with its country code: +44 20 7946 0018.")
        ) from None
    if not phonenumbers.is_possible_number(number):
        raise ValidationError(_("This phone number is too short or too long for its country."))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class PhoneField(models.CharField):
    """A phone number; cleaned to E.164."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_length", 16)
        super().__init__(*args, **kwargs)

    def to_python(self, value):
        value = super().to_python(value)
        return e164(value) if value and not value.startswith("+") else value

    def clean(self, value, model_instance):
        return super().clean(e164(value) if value else value, model_instance)

    def formfield(self, **kwargs):
        # People write spaces and brackets; the stored form is shorter.
        return super().formfield(**{"max_length": 40, **kwargs})
