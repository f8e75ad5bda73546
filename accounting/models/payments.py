"""Payments to suppliers and from customers: final once posted, taken back by reversal."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounting.models.accounts import Account
from accounting.models.entries import JournalEntry
from backoffice.access import Access


class Payment(models.Model):
    """Money that came from a party or went to one, with the entry it is posted by."""

    access = Access(area="accounting")
    keeps_its_files = True

    class Direction(models.TextChoices):
        IN = "in", _("received")
        OUT = "out", _("paid")

    class Method(models.TextChoices):
        TRANSFER = "transfer", _("transfer")
        DIRECT_DEBIT = "direct_debit", _("direct debit")
        CARD = "card", _("card")
        CASH = "cash", _("cash")
        CHEQUE = "cheque", _("cheque")
        OTHER = "other", _("other")

    year = models.PositiveSmallIntegerField(_("year"))
    running_number = models.PositiveIntegerField(_("running number"))
    direction = models.CharField(_("direction"), max_length=3, choices=Direction)
    party = models.ForeignKey(
        "backoffice.Party", models.PROTECT, related_name="payments", verbose_name=_("party")
    )
    bank = models.ForeignKey(
        Account, models.PROTECT, related_name="payments", verbose_name=_("bank account")
    )
    method = models.CharField(_("method"), max_length=12, choices=Method, default=Method.TRANSFER)
    reference = models.CharField(_("reference"), max_length=140, blank=True)
    on = models.DateField(_("date"))
    # In the currency of the payment; the fee, in that of the bank account, is not part of it.
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)
    fee = models.DecimalField(_("bank fee"), max_digits=19, decimal_places=4, default=0)
    currency = models.ForeignKey(
        "backoffice.Currency", models.PROTECT, related_name="+", verbose_name=_("currency")
    )
    entry = models.OneToOneField(
        JournalEntry, models.PROTECT, related_name="payment", verbose_name=_("entry")
    )
    source_key = models.CharField(max_length=100, unique=True, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("entered by"),
    )

    class Meta:
        ordering = ("-on", "-pk")
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        indexes = [models.Index(fields=["on", "id"], name="payment_by_day")]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "running_number"], name="payment_number_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, fee__gte=0),
                name="payment_moves_money",
                violation_error_message=_("A payment is of more than nothing."),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("accounting:payment-detail", args=[self.pk])

    @property
    def number(self) -> str:
        """The number people quote."""
        return f"PAY-{self.year}-{self.running_number:05}"

    @property
    def is_taken_back(self) -> bool:
        """Whether its entry is reversed."""
        return getattr(self.entry, "reversed_by", None) is not None
