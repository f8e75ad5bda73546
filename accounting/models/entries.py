"""The journal: posted entries and their lines. Nothing here is ever changed."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounting.models.accounts import lines_of_pay
from backoffice.access import Access
from backoffice.money import as_text


class JournalEntry(models.Model):
    """An entry in the books: balanced, numbered, chained to the one before it, final."""

    access = Access(area="accounting")
    # What proves a posted entry can be added to, never taken away.
    keeps_its_files = True

    class Kind(models.TextChoices):
        NORMAL = "normal", _("entry")
        OPENING = "opening", _("opening balances")
        CLOSING = "closing", _("closing entry")

    series = models.CharField(_("series"), max_length=10)
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    date = models.DateField(_("date"))
    # Its guard finds the period, and a period with entries is not deleted.
    period = models.ForeignKey(
        "Period", models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.NORMAL)
    text = models.CharField(_("text"), max_length=200, blank=True)
    # Not part of the chain: a name may have to be erased from a copy, the chain may not break.
    payee = models.CharField(_("payee"), max_length=120, blank=True)
    source_key = models.CharField(_("source"), max_length=120)
    reverses = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        related_name="reversed_by",
        verbose_name=_("reverses"),
    )
    line_count = models.PositiveIntegerField(_("lines"))
    posted_at = models.DateTimeField(_("posted"))
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("posted by"),
    )
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(_("hash"), max_length=64)

    class Meta:
        ordering = ("-date", "-pk")
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal")
        constraints = [
            # A constraint and not unique=True, which would add an index for LIKE nobody asks.
            models.UniqueConstraint(fields=["source_key"], name="source_is_posted_once"),
            models.UniqueConstraint(
                fields=["series", "year", "number"], name="entry_number_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(line_count__gte=2), name="entry_has_two_lines_or_more"
            ),
            models.CheckConstraint(
                condition=Q(year=F("date__year")), name="entry_is_numbered_in_its_year"
            ),
        ]
        indexes = [
            models.Index(fields=["date", "id"], name="entry_by_date"),
            # Statements leave closing entries out, and there are few.
            models.Index(
                fields=["date"], condition=Q(kind="closing"), name="closing_entry_by_date"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("accounting:journalentry-detail", args=[self.pk])

    @property
    def reference(self) -> str:
        """The number people quote."""
        return f"{self.series}-{self.year}-{self.number:05}"


class JournalLine(models.Model):
    """One amount on one account: a debit if positive, a credit if negative."""

    access = Access(area="accounting", department="department", kept_back=lines_of_pay)

    # A foreign key is checked row by row, the largest cost of a bulk import, and says nothing
    # new here: lines of an entry that is not there are refused by their guard, entries are
    # never deleted, and each line moves a monthly balance, whose own foreign keys hold the
    # account and the department.
    entry = models.ForeignKey(
        JournalEntry, models.PROTECT, related_name="lines", db_index=False, db_constraint=False
    )
    position = models.PositiveIntegerField()
    date = models.DateField(_("date"))
    account = models.ForeignKey(
        "Account",
        models.PROTECT,
        related_name="lines",
        db_index=False,
        db_constraint=False,
        verbose_name=_("account"),
    )
    department = models.ForeignKey(
        "backoffice.Department",
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("department"),
    )
    party = models.ForeignKey(
        "backoffice.Party",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("party"),
    )
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)
    currency = models.ForeignKey(
        "backoffice.Currency", models.PROTECT, null=True, related_name="+", db_index=False
    )
    currency_amount = models.DecimalField(max_digits=19, decimal_places=4, null=True)
    text = models.CharField(_("text"), max_length=200, blank=True)
    # What is owed is read by it, so it stands here too: the day the entry is due, kept by the
    # database; its own day where nothing else was said. Lines nobody owes have none.
    due_on = models.DateField(_("due"), null=True, editable=False)

    # The two columns an accountant expects, kept true by the database.
    debit = models.GeneratedField(
        expression=Greatest(F("amount"), Decimal(0)),
        output_field=models.DecimalField(_("debit"), max_digits=19, decimal_places=4),
        db_persist=True,
    )
    credit = models.GeneratedField(
        expression=Greatest(-F("amount"), Decimal(0)),
        output_field=models.DecimalField(_("credit"), max_digits=19, decimal_places=4),
        db_persist=True,
    )

    class Meta:
        ordering = ("entry", "position")
        verbose_name = _("journal line")
        verbose_name_plural = _("journal lines")
        constraints = [
            # With the guard that counts the lines of a statement, this index is what keeps
            # any later line out of an entry, in every race.
            models.UniqueConstraint(fields=["entry", "position"], name="line_has_its_position"),
            models.CheckConstraint(condition=~Q(amount=0), name="line_moves_money"),
            models.CheckConstraint(
                condition=Q(currency__isnull=True, currency_amount__isnull=True)
                | Q(currency__isnull=False, currency_amount__isnull=False),
                name="line_has_currency_and_its_amount",
            ),
        ]
        indexes = [
            # The ledger of an account.
            models.Index(
                fields=["account", "date", "id"], include=["amount"], name="line_by_account"
            ),
            # What is owed is read from here alone.
            models.Index(
                fields=["account", "due_on", "id"],
                include=["date", "amount", "party"],
                condition=Q(due_on__isnull=False),
                name="line_by_its_due_day",
            ),
            # Exchange differences, which are no items.
            models.Index(
                fields=["account", "date"],
                condition=Q(currency_amount=0),
                name="line_of_base_alone",
            ),
            models.Index(
                fields=["party", "date"],
                condition=Q(party__isnull=False),
                name="line_by_party",
            ),
        ]

    def __str__(self) -> str:
        return _now("line of %(amount)s") % {"amount": as_text(self.amount, 2)}
