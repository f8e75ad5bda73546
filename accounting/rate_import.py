"""Rates of exchange from a file: one row for each currency and day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.figures_in_files import amount_in, day_in
from accounting.models import ExchangeRate
from backoffice.errors import Refused
from backoffice.imports import Column
from backoffice.record_importer import RecordImporter, RowFailed


class ExchangeRateImporter(RecordImporter):
    """Rates as central banks publish them, in the currency of the books for one unit."""

    kind = "exchange_rates"
    label = gettext_lazy("Exchange rates")
    purpose = gettext_lazy("What one unit of a currency is worth in that of the books, by day.")
    area = "accounting"
    model = ExchangeRate
    keys = ("date",)
    columns = (
        Column("date", gettext_lazy("Date"), required=True, example="2026-03-31"),
        Column("currency", gettext_lazy("Currency"), required=True, example="USD"),
        Column("rate", gettext_lazy("Rate"), required=True, example="0.9142"),
        Column("source", gettext_lazy("Source"), example="ECB"),
    )

    def _check_key(self, row: Mapping[str, str], number: int, seen: dict[str, int]) -> None:
        self.currency = row.get("currency", "").strip().upper()
        key = f"{row.get('date', '').strip()} {self.currency}"
        if key in seen:
            raise RowFailed({"date": _("Row %(row)s has the same.") % {"row": seen[key]}})
        seen[key] = number

    def existing(self, key: str) -> ExchangeRate | None:
        """The rate of the row's currency on its day."""
        found = ExchangeRate.objects.filter(currency=self.currency, date=self.read_date(key))
        return found.first()

    def read_date(self, text: str) -> date:
        """The day, written as the file writes days."""
        return day_in(text, self.options["date_format"] or "ymd")

    def read_rate(self, text: str) -> Decimal:
        """The rate, with the point or the comma the file has; no sign stands between thousands.

        Read as one, that sign would make a rate of 0,914 one of 914.
        """
        comma = bool(self.options["decimal_comma"])
        if ("." if comma else ",") in text:
            raise Refused(
                _("“%(text)s” is no clear rate: write it as %(example)s.")
                % {"text": text[:40], "example": "0,9142" if comma else "0.9142"}
            )
        return amount_in(text, decimal_comma=comma)
