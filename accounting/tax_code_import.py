"""Tax codes from a file: one row a code, with all its rates and parts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.models import TaxCode, TaxPart, TaxRate
from backoffice.errors import Refused
from backoffice.imports import Column, Outcome
from backoffice.reading import amount_of, day_of, yes_or_no
from backoffice.record_importer import Cells, RecordImporter, RowFailed, choice_of

A_DAY = timedelta(days=1)
_RATE = re.compile(r"(\S+?)(?:\.\.(\S+))?\s+([0-9.,]+)\s*%?").fullmatch


class Rate(NamedTuple):
    """A rate as a file states it."""

    starts_on: date
    ends_on: date | None
    percent: Decimal


def rates_in(text: str) -> list[Rate]:
    """The rates of “2007-01-01 19; 2020-07-01..2020-12-31 16”, each until the next begins."""
    found = [rate_in(piece.strip()) for piece in text.split(";") if piece.strip()]
    found.sort()
    for place, (rate, following) in enumerate(pairwise(found)):
        if rate.ends_on is None:
            found[place] = rate._replace(ends_on=following.starts_on - A_DAY)
        end = found[place].ends_on
        if end is None or end >= following.starts_on or rate.starts_on == following.starts_on:
            raise Refused(_("Two rates are valid on %(day)s.") % {"day": following.starts_on})
    return found


def rate_in(piece: str) -> Rate:
    """One rate with its first and, where there is one, its last day."""
    match = _RATE(piece)
    if match is None:
        raise Refused(_("“%(text)s” is no rate: write 2011-01-04 20.") % {"text": piece[:40]})
    start, end, percent = match.groups()
    rate = Rate(day_of(start), day_of(end) if end else None, amount_of(percent))
    if rate.ends_on and rate.ends_on < rate.starts_on:
        raise Refused(_("The last day is before the first."))
    if rate.percent > 1000 or rate.percent != round(rate.percent, 5):
        raise Refused(_("“%(text)s” is no percentage.") % {"text": percent})
    return rate


class TaxCodeImporter(RecordImporter):
    """Tax codes; the parts of one may come later in the file."""

    kind = "tax_codes"
    label = gettext_lazy("Tax codes")
    purpose = gettext_lazy("Codes with their category, their rates by date, their boxes.")
    area = "accounting"
    model = TaxCode
    keys = ("code",)
    found_later = ("parts",)
    columns = (
        Column("code", gettext_lazy("Code"), required=True, example="S20"),
        Column("name", gettext_lazy("Name"), required=True, example="Sales at the standard rate"),
        Column(
            "kind", gettext_lazy("Kind"), example="standard",
            help=gettext_lazy("standard, reduced, zero, exempt, outside, reverse_charge, …"),
        ),
        Column(
            "used_for", gettext_lazy("Used for"), example="sale",
            help=gettext_lazy("sale, purchase or both"),
        ),
        Column(
            "category", gettext_lazy("Category"), example="S",
            help=gettext_lazy("S, Z, E, AE, K, G or O, as on electronic invoices"),
        ),
        Column(
            "rates", gettext_lazy("Rates"), example="2010-01-01 17.5; 2011-01-04 20",
            help=gettext_lazy("first day and percent of each"), aliases=("rate",),
        ),
        Column(
            "parts", gettext_lazy("Parts"), example="GST; +QST",
            help=gettext_lazy("codes in their order, + where on the taxes before it too"),
        ),
        Column("base_boxes", gettext_lazy("Boxes of the net amount"), example="6"),
        Column("tax_boxes", gettext_lazy("Boxes of the tax owed"), example="1"),
        Column("input_boxes", gettext_lazy("Boxes of the tax deducted"), example="4"),
        Column("deductible_percent", gettext_lazy("Deductible"), example="100"),
        Column("note", gettext_lazy("Words on the invoice")),
        Column("source", gettext_lazy("Source")),
        Column("is_active", gettext_lazy("Active"), example="yes"),
    )  # fmt: skip

    def read_kind(self, text: str) -> str:
        return choice_of(text, TaxCode.Kind.choices) if text else TaxCode.Kind.STANDARD

    def read_used_for(self, text: str) -> str:
        return choice_of(text, TaxCode.Use.choices) if text else TaxCode.Use.BOTH

    def read_category(self, text: str) -> str:
        return choice_of(text, TaxCode.Category.choices) if text else TaxCode.Category.STANDARD

    def read_deductible_percent(self, text: str) -> Decimal:
        comma = bool(self.options["decimal_comma"])
        return amount_of(text, decimal_comma=comma) if text else Decimal(100)

    def read_is_active(self, text: str) -> bool:
        return yes_or_no(text) if text else True

    def read_rates(self, text: str) -> list[Rate]:
        return rates_in(text)

    def read_parts(self, text: str) -> list[tuple[TaxCode, bool]]:
        found = []
        for word in (piece.strip() for piece in text.split(";")):
            if word:
                part = TaxCode.objects.filter(code__iexact=word.lstrip("+ ")).first()
                if part is None:
                    raise Refused(_("There is no tax code %(code)s.") % {"code": word})
                found.append((part, word.startswith("+")))
        return found

    def bring_in(self, rows: Iterable[tuple[int, Mapping[str, str]]], **how: Any) -> Outcome:
        return super().bring_in(parts_first(rows), **how)

    def checked(self, record: Any, cells: Cells) -> None:
        super().checked(record, cells)
        if record.kind == TaxCode.Kind.REVERSE_CHARGE and record.used_for == TaxCode.Use.BOTH:
            raise RowFailed({"used_for": _("Reverse charge is for sales or for purchases.")})

    def save_more(self, record: Any, more: Mapping[str, Any]) -> bool:
        is_new = False
        rates = more.get("rates") or []
        known = record.rates.order_by("starts_on")
        if rates and rates != [Rate(r.starts_on, r.ends_on, r.percent) for r in known]:
            record.rates.all().delete()
            TaxRate.objects.bulk_create(TaxRate(code=record, **r._asdict()) for r in rates)
            is_new = True
        parts = more.get("parts") or []
        held = record.parts.order_by("position").select_related("part")
        if parts and parts != [(p.part, p.on_tax) for p in held]:
            record.parts.all().delete()
            for position, (part, on_tax) in enumerate(parts, start=1):
                TaxPart.objects.create(whole=record, part=part, position=position, on_tax=on_tax)
            is_new = True
        return is_new


def parts_first(
    rows: Iterable[tuple[int, Mapping[str, str]]],
) -> list[tuple[int, Mapping[str, str]]]:
    """The rows, those with parts last: a part has none of its own."""
    return sorted(rows, key=lambda pair: bool(pair[1].get("parts", "").strip()))
