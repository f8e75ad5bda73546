"""Items, and what is agreed with customers and suppliers, from a file."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.figures_in_files import amount_in
from accounting.models import Account, Item, PartyTerms, TaxCode
from accounting.named_in_files import open_account_named, party_named, tax_code_named
from accounting.vat_ids import checked_vat_id
from backoffice.errors import Refused
from backoffice.imports import Column
from backoffice.models import Party
from backoffice.reading import yes_or_no
from backoffice.record_importer import Cells, RecordImporter, RowFailed, choice_of

SALES, PURCHASES = TaxCode.Use.SALE, TaxCode.Use.PURCHASE
LONGEST_TERM = 3650  # days


class TradeImporter(RecordImporter):
    """What both share: the tax codes for sales and for purchases."""

    area = "accounting"

    def read_sales_tax_code(self, text: str) -> TaxCode | None:
        return tax_code_named(text, SALES)

    def read_purchase_tax_code(self, text: str) -> TaxCode | None:
        return tax_code_named(text, PURCHASES)

    def number_in(self, text: str) -> Decimal:
        """A number as the file writes it."""
        return amount_in(text, decimal_comma=bool(self.options["decimal_comma"]))


class ItemImporter(TradeImporter):
    """Goods and services, known by their code."""

    kind = "items"
    label = gettext_lazy("Items")
    purpose = gettext_lazy("Goods and services with their price, accounts and tax.")
    model = Item
    keys = ("code",)
    columns = (
        Column(
            "code", gettext_lazy("Code"), required=True, example="B-100",
            aliases=("item", "sku", "number", "item code"),
        ),
        Column(
            "name", gettext_lazy("Name"), required=True, example="Garden bench",
            aliases=("description", "item name"),
        ),
        Column(
            "unit", gettext_lazy("Unit"), example="piece",
            help=gettext_lazy("piece, hour, day, kilogram … or its UN/ECE code"),
        ),
        Column(
            "price", gettext_lazy("Price"), example="129.00",
            help=gettext_lazy("without tax, in the currency of the books"),
            aliases=("unit price", "sales price"),
        ),
        Column("sales_account", gettext_lazy("Account for sales"), example="4010"),
        Column("purchase_account", gettext_lazy("Account for purchases"), example="5010"),
        Column("sales_tax_code", gettext_lazy("Tax code for sales"), aliases=("tax",)),
        Column("purchase_tax_code", gettext_lazy("Tax code for purchases")),
        Column("is_active", gettext_lazy("Active"), example="yes"),
    )  # fmt: skip

    def read_unit(self, text: str) -> str:
        return choice_of(text, Item.Unit.choices) if text else Item.Unit.PIECE

    def read_price(self, text: str) -> Decimal:
        price = self.number_in(text) if text else Decimal(0)
        if price < 0:
            raise Refused(_("A price is not negative."))
        return price

    def read_sales_account(self, text: str) -> Account | None:
        return open_account_named(text)

    read_purchase_account = read_sales_account

    def read_is_active(self, text: str) -> bool:
        return yes_or_no(text) if text else True


class PartyTermsImporter(TradeImporter):
    """Customers and suppliers among the parties there are, known by their name."""

    kind = "party_terms"
    label = gettext_lazy("Customers and suppliers")
    purpose = gettext_lazy("Which parties buy and sell: tax number, days to pay, discount.")
    model = PartyTerms
    keys = ("party",)
    columns = (
        Column(
            "party", gettext_lazy("Party"), required=True, example="Bluefin Logistics",
            help=gettext_lazy("its name; bring the parties in first"),
            aliases=("name", "customer name", "supplier name", "company"),
        ),
        Column("is_customer", gettext_lazy("Customer"), example="yes"),
        Column("is_supplier", gettext_lazy("Supplier"), example="no", aliases=("vendor",)),
        Column(
            "vat_id", gettext_lazy("Tax number"), example="DE136695976",
            aliases=("vat", "vat number", "vat id", "tax id"),
        ),
        Column("currency", gettext_lazy("Currency"), help=gettext_lazy("empty: of the books")),
        Column("customer_days", gettext_lazy("Days a customer has to pay"), example="30"),
        Column("supplier_days", gettext_lazy("Days we have to pay"), example="14"),
        Column("discount_days", gettext_lazy("Days for early payment"), example="10"),
        Column("discount_percent", gettext_lazy("Discount for early payment"), example="2"),
        Column("sales_tax_code", gettext_lazy("Tax code for sales")),
        Column("purchase_tax_code", gettext_lazy("Tax code for purchases")),
    )  # fmt: skip

    def read_party(self, text: str) -> Party | None:
        return party_named(text) if text else None

    def read_customer_days(self, text: str) -> int | None:
        if not text:
            return None
        is_number = text.isascii() and text.isdigit() and len(text) <= len(str(LONGEST_TERM))
        if not is_number or int(text) > LONGEST_TERM:
            raise Refused(_("“%(text)s” is no number of days.") % {"text": text[:40]})
        return int(text)

    read_supplier_days = read_discount_days = read_customer_days

    def read_discount_percent(self, text: str) -> Decimal | None:
        percent = self.number_in(text.rstrip("% ")) if text else None
        if percent is not None and not 0 <= percent <= 100:
            raise Refused(_("A discount is between 0 and 100 percent."))
        return percent

    def cells(self, row: Mapping[str, str]) -> Cells:
        """The cells, the tax number as it is kept: without what people write between."""
        found = super().cells(row)
        party, number = found.facts.get("party"), found.facts.get("vat_id")
        if party and number:
            country = PartyTerms(party=party).country
            try:
                found.facts["vat_id"] = checked_vat_id(number, country=country)
            except Refused as refusal:
                raise RowFailed({"vat_id": str(refusal)}) from None
        return found

    def existing(self, key: str) -> PartyTerms | None:
        return PartyTerms.objects.filter(party=party_named(key)).first()

    def checked(self, record: Any, cells: Cells) -> None:
        super().checked(record, cells)
        if not (record.is_customer or record.is_supplier):
            sentence = _("Say whether it is a customer or a supplier.")
            raise RowFailed({"is_customer": sentence})
        if (record.discount_days is None) != (record.discount_percent is None):
            raise RowFailed({"discount_days": _("A discount has days and a percentage.")})
