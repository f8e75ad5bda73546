"""Payment runs: bills paid together, after a second person has approved them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounting.models.accounts import Account
from accounting.models.entries import JournalLine
from accounting.models.payments import Payment
from backoffice.access import Access
from backoffice.encrypted_fields import EncryptedField, KeyBeforeInsert


class PaymentRun(models.Model):
    """What is to be paid on a day from one of our bank accounts, in one currency."""

    access = Access(area="accounting.pay")

    id = KeyBeforeInsert(primary_key=True)

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        WAITING = "waiting", _("waiting for approval")
        APPROVED = "approved", _("approved")
        POSTED = "posted", _("posted")
        DROPPED = "dropped", _("dropped")

    on = models.DateField(_("payment day"))
    due_until = models.DateField(_("due until"))
    bank = models.ForeignKey(
        Account, models.PROTECT, related_name="payment_runs", verbose_name=_("paid from")
    )
    # As the bank file names us; kept with the run, which is approved with them.
    holder = models.CharField(_("account holder"), max_length=70)
    iban = EncryptedField(_("our IBAN or account number"), max_length=34, blank=True)
    bic = models.CharField(_("our BIC"), max_length=11, blank=True)
    currency = models.ForeignKey(
        "backoffice.Currency", models.PROTECT, related_name="+", verbose_name=_("currency")
    )
    state = models.CharField(
        _("state"), max_length=8, choices=State, default=State.DRAFT, editable=False
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("made by"),
    )
    made_at = models.DateTimeField(_("made"), auto_now_add=True)

    class Meta:
        ordering = ("-on", "-pk")
        verbose_name = _("payment run")
        verbose_name_plural = _("payment runs")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "waiting", "approved", "posted", "dropped"]),
                name="payment_run_state_is_known",
            )
        ]

    def __str__(self) -> str:
        return _("Payment run %(number)s of %(day)s") % {"number": self.pk, "day": self.on}

    def get_absolute_url(self) -> str:
        return reverse("accounting:paymentrun-detail", args=[self.pk])


class PaymentRunLine(models.Model):
    """One open bill in a run: what is paid of it, to which account."""

    access = Access(area="accounting.pay")

    run = models.ForeignKey(PaymentRun, models.CASCADE, related_name="lines")
    item = models.ForeignKey(JournalLine, models.PROTECT, related_name="run_lines")
    party = models.ForeignKey("backoffice.Party", models.PROTECT, related_name="+")
    bank_account = models.ForeignKey(
        "backoffice.BankAccount",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("paid to"),
    )
    reference = models.CharField(_("reference"), max_length=60)
    due_on = models.DateField(_("due"))
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)
    discount = models.DecimalField(_("discount"), max_digits=19, decimal_places=4, default=0)
    is_left_out = models.BooleanField(_("left out"), default=False)
    payment = models.ForeignKey(
        Payment, models.PROTECT, null=True, related_name="run_lines", editable=False
    )

    class Meta:
        ordering = ("party__name", "due_on", "pk")
        verbose_name = _("bill to pay")
        verbose_name_plural = _("bills to pay")
        constraints = [
            models.UniqueConstraint(fields=["run", "item"], name="run_pays_an_item_once"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, discount__gte=0), name="run_line_moves_money"
            ),
        ]

    def __str__(self) -> str:
        return self.reference
