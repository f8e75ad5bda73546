"""Our accounts at banks, the statements banks send, and what of them is in the books."""

from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from stdnum import bic, iban

from backoffice.access import Access
from backoffice.encrypted_fields import EncryptedField, KeyBeforeInsert, MarkField


class OwnAccount(models.Model):
    """An account of ours at a bank, and the account of the books that mirrors it.

    IBAN and number are kept encrypted: as text they say their last four.
    """

    access = Access(area="accounting.pay")

    id = KeyBeforeInsert(primary_key=True)
    name = models.CharField(_("name"), max_length=80)
    account = models.OneToOneField(
        "Account",
        models.PROTECT,
        related_name="own_account",
        verbose_name=_("account in the books"),
        limit_choices_to={"kind": "asset"},
    )
    currency = models.ForeignKey(
        "backoffice.Currency", models.PROTECT, related_name="+", verbose_name=_("currency")
    )
    bank = models.CharField(_("bank"), max_length=80, blank=True)
    iban = EncryptedField(_("IBAN"), max_length=34, blank=True)
    iban_mark = MarkField(of="iban")
    number = EncryptedField(_("account number"), max_length=40, blank=True)
    number_mark = MarkField(of="number")
    bic = models.CharField(_("BIC"), max_length=11, blank=True)
    # How the bank's tables are written, kept from the last one brought in.
    layout = models.JSONField(default=dict, editable=False)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ("name",)
        verbose_name = _("bank account")
        verbose_name_plural = _("bank accounts")
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="own_account_name_is_unique",
                violation_error_message=_("Another bank account has this name."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("accounting:ownaccount-detail", args=[self.pk])

    def clean(self) -> None:
        super().clean()
        self.bic = bic.compact(self.bic or "")
        if self.iban.is_readable:
            self.iban = iban.compact(self.iban.whole)
            if self.iban and not iban.is_valid(self.iban.whole):
                raise ValidationError({"iban": _("This is not a valid IBAN: check its digits.")})
        if self.bic and not bic.is_valid(self.bic):
            raise ValidationError({"bic": _("This is not a valid BIC: 8 or 11 characters.")})


class BankStatement(models.Model):
    """A statement as the bank sent it: what it states stays, whatever it adds up to."""

    access = Access(area="accounting")

    own_account = models.ForeignKey(
        OwnAccount, models.PROTECT, related_name="statements", verbose_name=_("bank account")
    )
    number = models.CharField(_("number"), max_length=60, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    opening = models.DecimalField(_("opening"), max_digits=19, decimal_places=4, null=True)
    closing = models.DecimalField(_("closing"), max_digits=19, decimal_places=4, null=True)
    entry_count = models.PositiveIntegerField(_("entries"))
    entry_sum = models.DecimalField(_("sum of entries"), max_digits=19, decimal_places=4)
    # Whether opening and closing are in one currency, without which nothing is proved.
    is_comparable = models.BooleanField(default=True)
    identity = models.CharField(max_length=64, editable=False)
    file_name = models.CharField(_("file"), max_length=200, blank=True)
    file_hash = models.CharField(_("hash of the file"), max_length=64)
    imported_at = models.DateTimeField(_("brought in"))
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("brought in by"),
    )

    class Meta:
        ordering = ("-ends_on", "-pk")
        verbose_name = _("bank statement")
        verbose_name_plural = _("bank statements")
        constraints = [
            models.UniqueConstraint(
                fields=["own_account", "identity"], name="statement_is_brought_in_once"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="statement_ends_after_it_starts"
            ),
        ]
        indexes = [models.Index(fields=["own_account", "ends_on", "id"], name="statement_by_day")]

    def __str__(self) -> str:
        number = f" {self.number}" if self.number else ""
        return f"{self.own_account}{number}, {self.ends_on}"

    def get_absolute_url(self) -> str:
        return reverse("accounting:bankstatement-detail", args=[self.pk])

    @property
    def difference(self) -> Decimal | None:
        """Closing less opening less entries: zero where the statement proves itself."""
        if self.opening is None or self.closing is None or not self.is_comparable:
            return None
        return self.closing - self.opening - self.entry_sum


class StatementLine(models.Model):
    """An entry the bank booked: money in is positive. Never changed once it is here.

    The account of the other side is kept encrypted: as text it says its last four.
    """

    access = Access(area="accounting")

    id = KeyBeforeInsert(primary_key=True)
    statement = models.ForeignKey(
        BankStatement, models.CASCADE, related_name="lines", verbose_name=_("statement")
    )
    own_account = models.ForeignKey(
        OwnAccount, models.PROTECT, related_name="lines", verbose_name=_("bank account")
    )
    position = models.PositiveIntegerField(_("position"))
    date = models.DateField(_("date"))
    value_date = models.DateField(_("value date"), null=True)
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)
    reference = models.CharField(_("reference"), max_length=140, blank=True)
    text = models.CharField(_("text"), max_length=500, blank=True)
    counterparty = models.CharField(_("who"), max_length=140, blank=True)
    counterparty_account = EncryptedField(_("their account"), max_length=40, blank=True)
    bank_id = models.CharField(_("bank's id"), max_length=140, blank=True)
    is_reversal = models.BooleanField(_("reversal"), default=False)
    flags = models.JSONField(_("noticed"), default=list)
    # The payments of a batch, where they sum to the line.
    details = models.JSONField(default=list)
    # (account, the bank's id) or a hash of day, amount and text with the occurrence counted.
    identity = models.CharField(max_length=64, editable=False)

    class Meta:
        ordering = ("-date", "-pk")
        verbose_name = _("bank line")
        verbose_name_plural = _("bank lines")
        constraints = [
            models.UniqueConstraint(
                fields=["own_account", "identity"], name="bank_line_is_brought_in_once"
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="bank_line_moves_money"),
        ]
        indexes = [
            models.Index(fields=["own_account", "date", "id"], name="bank_line_by_day"),
            models.Index(fields=["date", "id"], name="bank_line_of_any_account"),
        ]

    def __str__(self) -> str:
        return self.text or self.counterparty or self.reference or str(self.date)

    def get_absolute_url(self) -> str:
        return reverse("accounting:statementline-detail", args=[self.pk])


class Match(models.Model):
    """So much of a bank line is so much of a journal line on the account that mirrors it.

    A bank line is booked when its matches sum to its amount, and never partly. Taking a match
    away is an act of its own, told in the trail.
    """

    access = Access(area="accounting")

    statement_line = models.ForeignKey(
        StatementLine, models.PROTECT, related_name="matches", verbose_name=_("bank line")
    )
    journal_line = models.ForeignKey(
        "JournalLine",
        models.PROTECT,
        related_name="matches",
        db_constraint=False,
        verbose_name=_("journal line"),
    )
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)
    rule = models.ForeignKey(
        "BankRule", models.PROTECT, null=True, related_name="matches", verbose_name=_("rule")
    )
    # Whether the entry was made for this match, and goes with it when that is undone.
    is_made_here = models.BooleanField(default=False)
    made_at = models.DateTimeField(_("made"), auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("match")
        verbose_name_plural = _("matches")
        constraints = [
            models.UniqueConstraint(
                fields=["statement_line", "journal_line"], name="lines_are_matched_once"
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="match_moves_money"),
        ]

    def __str__(self) -> str:
        return f"{self.statement_line_id}: {self.amount}"
