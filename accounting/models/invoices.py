"""Invoices and credit notes to customers."""

import datetime

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounting.models.documents import Document, DocumentLine
from backoffice.access import Access


class Invoice(Document):
    """What a customer is charged, or with a credit note credited."""

    access = Access(area="accounting")

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("invoice")
        CREDIT_NOTE = "credit_note", _("credit note")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.INVOICE)
    number = models.CharField(_("number"), max_length=30, blank=True, editable=False)
    credits = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="credit_notes",
        verbose_name=_("credits"),
    )
    order_reference = models.CharField(
        _("customer's reference"),
        max_length=60,
        blank=True,
        help_text=_("Their order number, as they want to read it on the invoice."),
    )
    issued_at = models.DateTimeField(_("issued"), null=True, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, editable=False)

    class Meta(Document.Meta):
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        constraints = [
            *Document.Meta.constraints,
            models.UniqueConstraint(
                fields=["number"], condition=~Q(number=""), name="invoice_number_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(number="", issued_at__isnull=True, gross__isnull=True)
                | (~Q(number="") & Q(issued_at__isnull=False, gross__isnull=False)),
                name="invoice_is_numbered_when_issued",
            ),
            models.CheckConstraint(
                condition=Q(gross__isnull=True) | Q(gross=F("net") + F("tax")),
                name="invoice_is_net_and_tax",
            ),
            models.CheckConstraint(
                condition=Q(credits__isnull=True) | Q(kind="credit_note"),
                name="only_a_credit_note_credits",
            ),
        ]
        indexes = [
            *Document.Meta.indexes,
            models.Index(fields=["party", "date"], name="invoice_by_customer"),
        ]

    def __str__(self) -> str:
        if self.number:
            return self.number
        return str(_("Draft credit note") if self.is_credit_note else _("Draft invoice"))

    def get_absolute_url(self) -> str:
        return reverse("accounting:invoice-detail", args=[self.pk])

    @property
    def rated_on(self) -> datetime.date:
        """The day whose rates count: what is credited, by those it was charged with."""
        if self.credits is None or self.tax_date:
            return self.taxed_on
        return self.credits.taxed_on

    @property
    def is_issued(self) -> bool:
        """Whether it has its number and is in the books."""
        return bool(self.number)


class InvoiceLine(DocumentLine):
    """A line of an invoice or credit note."""

    access = Access(area="accounting", department="department")

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="lines")
