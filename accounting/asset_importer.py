"""A register of assets from a file: each is taken over with what it lost so far."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.asset_history import accounts_of
from accounting.assets import take_over
from accounting.figures_in_files import amount_in, day_in, percent_in
from accounting.models import AssetClass, FixedAsset
from accounting.models.assets import FirstMonth, Method
from accounting.named_in_files import department_named
from backoffice.errors import Refused
from backoffice.imports import Column
from backoffice.models import Department
from backoffice.money import ZERO
from backoffice.reading import day_of
from backoffice.record_importer import (
    CREATED,
    UNCHANGED,
    Cells,
    RecordImporter,
    RowFailed,
    choice_of,
)


class FixedAssetImporter(RecordImporter):
    """Assets of earlier books. One whose reference is known stays as it is."""

    kind = "fixed_assets"
    label = gettext_lazy("Fixed assets")
    purpose = gettext_lazy("A register of assets, each with its cost and what it lost so far.")
    area = "accounting"
    model = FixedAsset
    keys = ("reference",)
    columns = (
        Column(
            "reference",
            gettext_lazy("Reference"),
            required=True,
            help=gettext_lazy("what the other books call it; brought in once"),
            example="A-1007",
            aliases=("number", "asset number", "id", "asset id"),
        ),
        Column("name", gettext_lazy("Name"), required=True, aliases=("asset", "description")),
        Column(
            "asset_class",
            gettext_lazy("Class"),
            required=True,
            help=gettext_lazy("the name of an asset class"),
            example="Vehicles",
            aliases=("class", "category", "group"),
        ),
        Column("acquired_on", gettext_lazy("Acquired"), required=True, example="2022-04-01"),
        Column("in_service_on", gettext_lazy("In service since"), example="2022-04-15"),
        Column(
            "cost",
            gettext_lazy("Cost"),
            required=True,
            example="24500.00",
            aliases=("purchase price", "acquisition cost"),
        ),
        Column(
            "taken",
            gettext_lazy("Depreciation so far"),
            example="8166.67",
            aliases=("depreciation taken", "accumulated depreciation", "depreciation to date"),
        ),
        Column("residual", gettext_lazy("Residual value"), aliases=("salvage value",)),
        Column(
            "life_months",
            gettext_lazy("Life in months"),
            help=gettext_lazy("empty: as its class"),
            example="60",
            aliases=("life",),
        ),
        Column("method", gettext_lazy("Method"), help=gettext_lazy("empty: as its class")),
        Column("declining_rate", gettext_lazy("Declining rate")),
        Column("first_month", gettext_lazy("First month"), help=gettext_lazy("full or pro_rata")),
        Column("department", gettext_lazy("Department"), help=gettext_lazy("its code or name")),
        Column("serial_number", gettext_lazy("Serial number"), aliases=("serial",)),
        Column("tag", gettext_lazy("Asset tag")),
    )

    @classmethod
    def option_fields(cls) -> dict[str, forms.Field]:
        return {
            **super().option_fields(),
            "on": forms.CharField(
                label=gettext_lazy("Taken over on"),
                help_text=gettext_lazy(
                    "The first day of a month, as 2026-01-01: what they lost until then counts."
                ),
                max_length=10,
            ),
            "posts": forms.BooleanField(
                label=gettext_lazy("Post them against the opening balances"),
                help_text=gettext_lazy(
                    "Leave it out where the opening balances are in the books: they have to hold"
                    " cost and depreciation of every row."
                ),
                required=False,
            ),
        }

    @property
    def on(self) -> date:
        """The day they are taken over."""
        words = str(self.options.get("on") or "")
        if not words:
            raise Refused(_("Say on which day the assets are taken over (on)."), field="on")
        return day_of(words)

    def read_asset_class(self, text: str) -> AssetClass:
        name = text.casefold()
        if name not in self._classes:
            found = AssetClass.objects.filter(name__iexact=text).first()
            if found is None:
                sentence = _("There is no asset class “%(name)s”: make it first.")
                raise Refused(sentence % {"name": text})
            accounts_of(found)
            self._classes[name] = found
        return self._classes[name]

    @cached_property
    def _classes(self) -> dict[str, AssetClass]:
        """The classes met so far, by name."""
        return {}

    def read_department(self, text: str) -> Department | None:
        return department_named(text)

    def read_acquired_on(self, text: str) -> date | None:
        return day_in(text, self.options["date_format"] or "ymd") if text else None

    read_in_service_on = read_acquired_on

    def read_cost(self, text: str) -> Decimal | None:
        return amount_in(text, decimal_comma=bool(self.options["decimal_comma"])) if text else None

    read_taken = read_residual = read_cost

    def read_declining_rate(self, text: str) -> Decimal | None:
        comma = bool(self.options["decimal_comma"])
        return percent_in(text, decimal_comma=comma) if text else None

    def read_life_months(self, text: str) -> int | None:
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 1200):
            raise Refused(_("“%(text)s” is no life of 1 to 1200 months.") % {"text": text[:40]})
        return int(text)

    def read_method(self, text: str) -> str:
        return choice_of(text, Method.choices) if text else ""

    def read_first_month(self, text: str) -> str:
        return choice_of(text, FirstMonth.choices) if text else ""

    def existing(self, key: str) -> FixedAsset | None:
        return FixedAsset.objects.filter(source_key=source_of(key)).first()

    def check(self, number: int, row: Mapping[str, str]) -> dict[str, str]:
        try:
            self.cells(row)
        except RowFailed as failed:
            return failed.problems
        return {}

    def brought_in(self, row: Mapping[str, str], number: int, seen: dict[str, int]) -> str:
        self._check_key(row, number, seen)
        key = row[self.key].strip()
        known = self.existing(key)
        if known:
            self.check_reach(known)
            return UNCHANGED
        asset = self.taken_over(key, self.cells(row))
        self.check_reach(asset)
        return CREATED

    def taken_over(self, key: str, cells: Cells) -> FixedAsset:
        """The asset of a row; what the act refuses is said at its column."""
        said: dict[str, Any] = {**cells.facts, **cells.more}
        facts = {name: value for name, value in said.items() if value not in (None, "")}
        facts.pop("reference", None)
        too_long = [n for n, most in LONGEST.items() if len(str(facts.get(n, ""))) > most]
        if too_long:
            name = too_long[0]
            raise RowFailed({name: _("At most %(most)s characters.") % {"most": LONGEST[name]}})
        facts.setdefault("taken", ZERO)
        try:
            return take_over(
                on=self.on,
                by=self.by,
                against="opening_balance" if self.options.get("posts") else None,
                source_key=source_of(key),
                **facts,
            )
        except Refused as refusal:
            # What a file does not say in a column of its own is about the cost.
            field = "cost" if refusal.field == "against" else refusal.field or ""
            raise RowFailed({field: str(refusal)}) from None


LONGEST = {"name": 120, "serial_number": 80, "tag": 40}


def source_of(reference: str) -> str:
    """The source key of an asset brought in."""
    return f"import:{reference.casefold()}"[:120]
