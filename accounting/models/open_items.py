"""When an item is due, and what was settled against what. Open amounts are never stored."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounting.models.entries import JournalEntry, JournalLine
from backoffice.access import Access


class DueDate(models.Model):
    """When what an entry leaves open is due, and the number people know it by.

    No fact of the ledger: it may be put right at any time.
    """

    access = Access(area="accounting")

    entry = models.OneToOneField(
        JournalEntry, models.PROTECT, related_name="due", verbose_name=_("entry")
    )
    due_on = models.DateField(_("due"))
    reference = models.CharField(
        _("reference"),
        max_length=60,
        blank=True,
        help_text=_("The number of the invoice or bill people know it by."),
    )
    discount_until = models.DateField(_("discount until"), null=True, blank=True)
    discount_percent = models.DecimalField(
        _("discount %"), max_digits=5, decimal_places=3, null=True, blank=True
    )

    class Meta:
        ordering = ("due_on", "pk")
        verbose_name = _("due date")
        verbose_name_plural = _("due dates")
        constraints = [
            models.CheckConstraint(
                condition=Q(discount_until__isnull=True, discount_percent__isnull=True)
                | Q(discount_until__isnull=False, discount_percent__isnull=False),
                name="discount_has_its_day",
                violation_error_message=_("A discount has a percentage and a last day."),
            ),
            models.CheckConstraint(
                condition=Q(discount_percent__isnull=True)
                | Q(discount_percent__gt=0, discount_percent__lt=100),
                name="discount_is_a_part",
                violation_error_message=_("A discount is more than 0 % and less than 100 %."),
            ),
        ]

    def __str__(self) -> str:
        return self.reference or str(self.entry)


class Allocation(models.Model):
    """So much of a debit settled by so much of a credit; a release takes one back.

    Amounts are in the currency of the items. What is released is negative, so that the sum of
    a line's allocations is what is settled of it.
    """

    access = Access(area="accounting")

    debit_line = models.ForeignKey(
        JournalLine, models.PROTECT, related_name="settled_as_debit", verbose_name=_("debit")
    )
    credit_line = models.ForeignKey(
        JournalLine, models.PROTECT, related_name="settled_as_credit", verbose_name=_("credit")
    )
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)
    # What leaves each side in the currency of the books.
    debit_base = models.DecimalField(max_digits=19, decimal_places=4)
    credit_base = models.DecimalField(max_digits=19, decimal_places=4)
    on = models.DateField(_("date"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    made_at = models.DateTimeField(_("made"), auto_now_add=True)
    exchange_entry = models.OneToOneField(
        JournalEntry,
        models.PROTECT,
        null=True,
        related_name="exchange_of",
        verbose_name=_("exchange difference"),
    )
    releases = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        related_name="released_by",
        verbose_name=_("releases"),
    )

    class Meta:
        ordering = ("on", "pk")
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        indexes = [
            # Those that left a difference in the books: the others take as much as they give.
            models.Index(
                fields=["on"],
                condition=~Q(debit_base=F("credit_base")),
                name="allocation_with_a_difference",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(releases__isnull=True, amount__gt=0, debit_base__gte=0)
                & Q(credit_base__gte=0)
                | Q(releases__isnull=False, amount__lt=0, debit_base__lte=0)
                & Q(credit_base__lte=0),
                name="allocation_moves_money",
                violation_error_message=_("Say how much is settled."),
            ),
            models.CheckConstraint(
                condition=~Q(debit_line=F("credit_line")), name="allocation_joins_two_lines"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.debit_line_id} – {self.credit_line_id}: {self.amount}"
