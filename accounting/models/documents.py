"""What invoices and bills have in common: who, when, in which currency, and their lines."""

import datetime
import uuid
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounting.models.items import Item


class Document(models.Model):
    """An invoice or bill: a draft until it enters the books, final from then on.

    What it comes to is kept when it enters the books, in its own currency, as it was sent or
    received; what is still open of it never is: that follows from the ledger.
    """

    class TaxMode(models.TextChoices):
        DOCUMENT = "document", _("on the sum of each rate")
        LINE = "line", _("line by line")

    # What proves a posted document can be added to, never taken away.
    keeps_its_files = True

    # Each kind of document has its own.
    kind: Any
    lines: Any

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    party = models.ForeignKey("backoffice.Party", models.PROTECT, related_name="+")
    date = models.DateField(_("date"))
    due_on = models.DateField(_("due"), null=True, blank=True)
    tax_date = models.DateField(
        _("tax date"),
        null=True,
        blank=True,
        help_text=_("The day goods or services were supplied; empty means the date above."),
    )
    currency = models.ForeignKey(
        "backoffice.Currency",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("currency"),
        help_text=_("Empty: that of the books."),
    )
    rate = models.DecimalField(
        _("rate"),
        max_digits=19,
        decimal_places=10,
        null=True,
        blank=True,
        help_text=_("What one unit of the foreign currency is worth in that of the books."),
    )
    price_includes_tax = models.BooleanField(_("prices include tax"), default=False)
    tax_mode = models.CharField(
        _("tax is rounded"), max_length=8, choices=TaxMode, default=TaxMode.DOCUMENT
    )
    text = models.CharField(_("text"), max_length=200, blank=True)
    net = models.DecimalField(_("net"), max_digits=19, decimal_places=4, null=True, editable=False)
    tax = models.DecimalField(_("tax"), max_digits=19, decimal_places=4, null=True, editable=False)
    gross = models.DecimalField(
        _("total"), max_digits=19, decimal_places=4, null=True, editable=False
    )
    # Nets of the lines and the taxes as they were when it entered the books: rates may be
    # corrected later, the document may not.
    worked_out = models.JSONField(default=dict, editable=False)
    # A document that comes to nothing keeps its number and posts nothing.
    entry = models.OneToOneField(
        "accounting.JournalEntry",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("entry"),
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("made by"),
    )
    made_at = models.DateTimeField(_("made"), auto_now_add=True)

    class Meta:
        abstract = True
        ordering = ("-date", "-pk")
        indexes = [models.Index(fields=["date", "id"], name="%(class)s_by_day")]
        constraints = [
            models.CheckConstraint(
                condition=Q(rate__isnull=True) | Q(rate__gt=0),
                name="%(class)s_rate_is_positive",
                violation_error_message=_("A rate is more than zero."),
            ),
            models.CheckConstraint(
                condition=Q(rate__isnull=True) | Q(currency__isnull=False),
                name="%(class)s_rate_has_a_currency",
                violation_error_message=_("A rate goes with a foreign currency."),
            ),
        ]

    @property
    def is_credit_note(self) -> bool:
        """Whether it gives back instead of charging."""
        return self.kind == "credit_note"

    @property
    def taxed_on(self) -> datetime.date:
        """The day that decides the return it belongs to, and usually the rate of tax."""
        return self.tax_date or self.date

    @property
    def rated_on(self) -> datetime.date:
        """The day whose rates of tax count."""
        return self.taxed_on


class DocumentLine(models.Model):
    """A line of an invoice or bill: so many of something at a price."""

    position = models.PositiveIntegerField(_("line"), default=1)
    item = models.ForeignKey(
        Item, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("item")
    )
    text = models.CharField(_("text"), max_length=200, blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=15, decimal_places=4, default=1)
    unit = models.CharField(_("unit"), max_length=3, choices=Item.Unit, default=Item.Unit.PIECE)
    unit_price = models.DecimalField(_("price"), max_digits=19, decimal_places=6)
    discount_percent = models.DecimalField(
        _("discount %"), max_digits=5, decimal_places=2, default=Decimal(0), blank=True
    )
    account = models.ForeignKey(
        "accounting.Account",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("account"),
        help_text=_("Empty: that of the item, else the usual one."),
    )
    department = models.ForeignKey(
        "backoffice.Department",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("department"),
    )
    tax_code = models.ForeignKey(
        "accounting.TaxCode",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("tax"),
    )

    class Meta:
        abstract = True
        ordering = ("position", "pk")
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        constraints = [
            models.CheckConstraint(
                condition=~Q(quantity=0),
                name="%(class)s_has_a_quantity",
                violation_error_message=_("A line has a quantity."),
            ),
            models.CheckConstraint(
                condition=Q(discount_percent__range=(0, 100)),
                name="%(class)s_discount_is_a_percentage",
                violation_error_message=_("A discount is between 0 and 100 percent."),
            ),
        ]

    def __str__(self) -> str:
        return self.text or str(self.item or "")

    @property
    def exact_amount(self) -> Decimal:
        """Quantity times price less discount, not yet rounded."""
        return self.quantity * self.unit_price * (100 - self.discount_percent) / 100
