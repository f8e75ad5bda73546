"""What is sold and bought again and again."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice.access import Access


class Item(models.Model):
    """A thing or service with its price, and where its sales and purchases are entered."""

    access = Access(area="accounting")

    class Unit(models.TextChoices):
        """Codes of UN/ECE recommendation 20, which electronic invoices use."""

        PIECE = "C62", _("piece")
        HOUR = "HUR", _("hour")
        DAY = "DAY", _("day")
        MONTH = "MON", _("month")
        YEAR = "ANN", _("year")
        KILOGRAM = "KGM", _("kilogram")
        TONNE = "TNE", _("tonne")
        LITRE = "LTR", _("litre")
        METRE = "MTR", _("metre")
        SQUARE_METRE = "MTK", _("square metre")
        CUBIC_METRE = "MTQ", _("cubic metre")
        KILOMETRE = "KMT", _("kilometre")
        KILOWATT_HOUR = "KWH", _("kilowatt hour")
        LUMP_SUM = "LS", _("lump sum")

    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=160)
    unit = models.CharField(_("unit"), max_length=3, choices=Unit, default=Unit.PIECE)
    price = models.DecimalField(
        _("price"),
        max_digits=19,
        decimal_places=6,
        default=0,
        help_text=_("For one unit, without tax, in the currency of the books."),
    )
    sales_account = models.ForeignKey(
        "Account",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("account for sales"),
        help_text=_("Empty: the account whose role is sales."),
    )
    purchase_account = models.ForeignKey(
        "Account",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("account for purchases"),
        help_text=_("Empty: the account whose role is purchases."),
    )
    sales_tax_code = models.ForeignKey(
        "TaxCode",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("tax code for sales"),
    )
    purchase_tax_code = models.ForeignKey(
        "TaxCode",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("tax code for purchases"),
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ("code",)
        verbose_name = _("item")
        verbose_name_plural = _("items")
        indexes = [models.Index(fields=["code", "-id"], name="item_by_code")]
        constraints = [
            models.UniqueConstraint(
                Lower("code"),
                name="item_code_is_unique",
                violation_error_message=_("There is an item with this code already."),
            ),
            models.CheckConstraint(
                condition=Q(price__gte=0),
                name="item_price_is_not_negative",
                violation_error_message=_("A price is not negative."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("accounting:item-detail", args=[self.pk])
