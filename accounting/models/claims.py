"""What staff paid for the company and claim back."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice.access import Access


class ExpenseKind(models.Model):
    """What staff may claim for, in their words, and where the books enter it."""

    access = Access(area="accounting", everybody_reads=True)

    name = models.CharField(_("name"), max_length=60)
    account = models.ForeignKey(
        "Account", models.PROTECT, related_name="+", verbose_name=_("account")
    )
    tax_code = models.ForeignKey(
        "TaxCode",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("tax"),
        help_text=_("The tax a receipt of this kind usually includes."),
    )
    needs_receipt = models.BooleanField(
        _("needs a receipt"),
        default=True,
        help_text=_("Whether a claim takes a photo of the receipt, or the reason there is none."),
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ("name",)
        verbose_name = _("kind of expense")
        verbose_name_plural = _("kinds of expense")
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="expense_kind_is_unique",
                violation_error_message=_("There is a kind of this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("accounting:expensekind-detail", args=[self.pk])


class ExpenseClaim(models.Model):
    """Receipts somebody on the staff wants back: claimed, approved by another, paid."""

    access = Access(area="signed_in", owner="claimant", overseen_by="accounting")

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("waits for approval")
        POSTED = "posted", _("to be paid")
        PAID = "paid", _("paid")
        REFUSED = "refused", _("refused")

    keeps_its_files = True

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(_("number"), max_length=30, blank=True, editable=False)
    claimant = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        editable=False,
        related_name="expense_claims",
        verbose_name=_("who"),
    )
    text = models.CharField(_("what for"), max_length=120)
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.DRAFT, editable=False
    )
    amount = models.DecimalField(
        _("amount"), max_digits=19, decimal_places=4, null=True, editable=False
    )
    made_at = models.DateTimeField(_("made"), auto_now_add=True)
    entry = models.OneToOneField(
        "JournalEntry", models.PROTECT, null=True, editable=False, related_name="+"
    )
    payment = models.ForeignKey(
        "JournalEntry",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="paid_claims",
        verbose_name=_("payment"),
    )

    class Meta:
        ordering = ("-made_at", "-pk")
        verbose_name = _("expense claim")
        verbose_name_plural = _("expense claims")
        constraints = [
            models.UniqueConstraint(
                fields=["number"], condition=~Q(number=""), name="claim_number_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["posted", "paid"], entry__isnull=False)
                | ~Q(state__in=["posted", "paid"]) & Q(entry__isnull=True),
                name="claim_in_the_books_has_its_entry",
            ),
            models.CheckConstraint(
                condition=Q(state="paid", payment__isnull=False)
                | ~Q(state="paid") & Q(payment__isnull=True),
                name="paid_claim_has_its_payment",
            ),
        ]

    def __str__(self) -> str:
        return self.number or self.text

    def get_absolute_url(self) -> str:
        return reverse("accounting:expenseclaim-detail", args=[self.pk])

    @property
    def is_open_to_change(self) -> bool:
        """Whether its receipts may still be changed."""
        return self.state in (self.State.DRAFT, self.State.SUBMITTED, self.State.REFUSED)

    @property
    def is_reversed(self) -> bool:
        """Whether its entry was taken back, so that nobody owes it any more."""
        return getattr(self.entry, "reversed_by", None) is not None

    @property
    def is_paid(self) -> bool:
        """Whether its payment stands."""
        return bool(self.payment) and getattr(self.payment, "reversed_by", None) is None

    @property
    def is_owed(self) -> bool:
        """Whether it waits for its money: in the books, and not paid or no longer so."""
        return bool(self.entry_id and not self.is_reversed and not self.is_paid)


class Receipt(models.Model):
    """One receipt of a claim, in the currency of the books, tax included."""

    access = Access(area="signed_in", owner="claim__claimant", overseen_by="accounting")

    claim = models.ForeignKey(ExpenseClaim, models.CASCADE, related_name="receipts")
    date = models.DateField(_("date"))
    kind = models.ForeignKey(ExpenseKind, models.PROTECT, related_name="+", verbose_name=_("kind"))
    text = models.CharField(_("text"), max_length=120, blank=True)
    amount = models.DecimalField(_("amount paid"), max_digits=19, decimal_places=4)
    photo = models.ForeignKey(
        "backoffice.Attachment",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("photo"),
    )
    no_receipt = models.CharField(
        _("why there is no receipt"),
        max_length=120,
        blank=True,
        help_text=_("Whoever approves the claim reads it."),
    )

    class Meta:
        ordering = ("date", "pk")
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="receipt_is_of_money_spent",
                violation_error_message=_("Give what you paid, more than zero."),
            )
        ]

    def __str__(self) -> str:
        return self.text or str(self.kind)
