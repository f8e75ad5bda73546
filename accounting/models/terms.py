"""What is agreed with customers and suppliers."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounting.vat_ids import checked_vat_id
from backoffice.access import Access
from backoffice.errors import Refused


class PartyTerms(models.Model):
    """A party as customer or supplier: tax number, currency, days to pay, discount."""

    access = Access(area="accounting")

    party = models.OneToOneField(
        "backoffice.Party", models.CASCADE, related_name="terms", verbose_name=_("party")
    )
    is_customer = models.BooleanField(_("customer"), default=False)
    is_supplier = models.BooleanField(_("supplier"), default=False)
    vat_id = models.CharField(
        _("tax number"),
        max_length=30,
        blank=True,
        help_text=_("With the letters of its country, as in DE136695976."),
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
    customer_days = models.PositiveSmallIntegerField(
        _("days a customer has to pay"), null=True, blank=True
    )
    supplier_days = models.PositiveSmallIntegerField(
        _("days we have to pay"), null=True, blank=True
    )
    discount_days = models.PositiveSmallIntegerField(
        _("days for early payment"), null=True, blank=True
    )
    discount_percent = models.DecimalField(
        _("discount for early payment"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("In percent."),
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

    class Meta:
        ordering = ("party__name", "pk")
        verbose_name = _("customer or supplier")
        verbose_name_plural = _("customers and suppliers")
        constraints = [
            models.CheckConstraint(
                condition=Q(is_customer=True) | Q(is_supplier=True),
                name="terms_are_of_customer_or_supplier",
                violation_error_message=_("Say whether it is a customer or a supplier."),
            ),
            models.CheckConstraint(
                condition=Q(discount_days__isnull=True, discount_percent__isnull=True)
                | Q(discount_days__isnull=False, discount_percent__isnull=False),
                name="discount_has_days_and_percent",
                violation_error_message=_("A discount has days and a percentage."),
            ),
            models.CheckConstraint(
                condition=Q(discount_percent__isnull=True) | Q(discount_percent__range=(0, 100)),
                name="discount_is_a_percentage",
                violation_error_message=_("A discount is between 0 and 100 percent."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.party)

    def get_absolute_url(self) -> str:
        return reverse("accounting:partyterms-detail", args=[self.pk])

    def clean(self) -> None:
        super().clean()
        try:
            self.vat_id = checked_vat_id(self.vat_id or "", country=self.country)
        except Refused as refusal:
            raise ValidationError({"vat_id": refusal.sentence}) from None

    @property
    def country(self) -> str:
        """The country of the party's first address; empty without one."""
        if self.party_id is None:
            return ""
        address = self.party.addresses.order_by("pk").first()
        return address.country if address else ""
