"""How a value of a record is written for people, and for a file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any

from babel.dates import format_date, format_datetime
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from backoffice import money
from backoffice.access import may
from backoffice.models import Currency
from backoffice.shell import company_of, locale_of

# Amounts of money are kept with so many decimals; what has others is a rate or a unit price.
MONEY_PLACES = 4
LONGEST_NAME = 120  # what is longer is prose, which wraps


class Writer:
    """Writes one column: as text with its number form for people, as it is for a file."""

    def __init__(
        self, name: str, column: models.Field | None, *, locale: str, decimals: int
    ) -> None:
        self.name, self.column, self.locale, self.decimals = name, column, locale, decimals
        numbers = models.DecimalField | models.IntegerField
        self.is_number = isinstance(column, numbers) and not column.choices
        self.is_prose = isinstance(column, models.CharField | models.TextField) and (
            (column.max_length or LONGEST_NAME + 1) > LONGEST_NAME
        )
        self.read: Callable[[Any], Any] = self._reader()

    def for_people(self, record: models.Model) -> str:
        """The record's value in the reader's forms; empty for nothing."""
        return self.written(self.read(record))

    def written(self, value: Any) -> str:
        """A value of this column in the reader's forms; empty for nothing."""
        if value is None or isinstance(value, str):
            return value or ""
        write = self._way_of(type(value))
        return write(self, value) if write else str(value)

    @classmethod
    @cache
    def _way_of(cls, kind: type) -> Callable[[Any, Any], str] | None:
        return next((write for known, write in cls._writers if issubclass(kind, known)), None)

    def for_file(self, record: models.Model) -> Any:
        """The value for a spreadsheet: numbers and days stay what they are."""
        value = self.read(record)
        if isinstance(value, Decimal):
            return money.rounded(value, self.decimals_of(value))
        if value is None or isinstance(value, date | int | str):
            return "" if value is None else value
        return str(value)

    def _reader(self) -> Callable[[Any], Any]:
        if self.column is not None and self.column.choices:
            # Django's `get_…_display` puts all words together again for every record.
            words = {value: str(word) for value, word in self.column.flatchoices}
            return lambda record: words.get(getattr(record, self.name), getattr(record, self.name))
        if getattr(self.column, "related_model", None) is Currency:
            return attrgetter(self.column.attname)  # its key is its name

        def read(record: Any) -> Any:
            value = getattr(record, self.name)
            return value() if callable(value) and not isinstance(value, models.Manager) else value

        return read

    def decimals_of(self, value: Decimal) -> int:
        """How many decimals are shown: of money those of its currency, of a rate or price all."""
        if getattr(self.column, "decimal_places", MONEY_PLACES) == MONEY_PLACES:
            return self.decimals
        return max(self.decimals, -int(value.normalize().as_tuple().exponent))

    def _decimal(self, value: Decimal) -> str:
        return money.for_people(value, locale=self.locale, decimals=self.decimals_of(value))

    def _yes_no(self, value: bool) -> str:  # noqa: FBT001 - it is the value to write
        return _("yes") if value else _("no")

    def _instant(self, value: datetime) -> str:
        return format_datetime(timezone.localtime(value), "medium", locale=self.locale)

    def _day(self, value: date) -> str:
        return written_day(value, self.locale)

    _writers = (
        (bool, _yes_no),
        (Decimal, _decimal),
        (datetime, _instant),
        (date, _day),
    )


def ways_of_writing(request: HttpRequest) -> dict:
    """The reader's locale and the decimals of the books."""
    company = company_of(request)
    return {
        "locale": locale_of(request),
        "decimals": company.currency.minor_unit if company else 2,
    }


class FactWriter(Writer):
    """Writes a fact of a record page, where other records are links for who may open theirs."""

    def __init__(
        self, name: str, column: models.Field | None, *, user: Any, locale: str, decimals: int
    ) -> None:
        super().__init__(name, column, locale=locale, decimals=decimals)
        self.user = user

    def _linked(self, value: models.Model) -> str:
        if not (hasattr(value, "get_absolute_url") and self._may_open(value)):
            return str(value)
        return format_html('<a href="{}">{}</a>', value.get_absolute_url(), value)

    def _may_open(self, record: Any) -> bool:
        """Whether the page is open to the reader, and the record within reach."""
        area = type(record).access.area
        return may(self.user, area) and may(self.user, area, row=record)

    _writers = (*Writer._writers, (models.Model, _linked))


def field_of(model: type[models.Model], name: str) -> models.Field | None:
    """The model's field of this name; None where it is a method or an annotation."""
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        return None


@lru_cache(maxsize=4096)
def written_day(day: date, locale: str) -> str:
    """The day in the local form; the rows of a list have few different ones."""
    return format_date(day, "medium", locale=locale)
