"""What goes on the tax return: the taxes of each entry, and the returns that were filed."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounting.models.entries import JournalEntry
from accounting.models.taxes import TaxCode
from accounting.models.years import days
from backoffice.access import Access


class TaxLine(models.Model):
    """One tax of an entry, in the currency of the books; final as the entry is.

    `owed` stands on the account for tax on sales, `deducted` on that for tax on purchases. The
    boxes are those of the code when the entry was posted.
    """

    access = Access(area="accounting")

    entry = models.ForeignKey(
        JournalEntry, models.PROTECT, related_name="tax_lines", verbose_name=_("entry")
    )
    position = models.PositiveSmallIntegerField()
    tax_date = models.DateField(_("tax date"), db_index=True)
    direction = models.CharField(_("direction"), max_length=8, choices=TaxCode.Use.choices[:2])
    code = models.ForeignKey(
        TaxCode, models.PROTECT, related_name="lines", verbose_name=_("tax code")
    )
    rate = models.DecimalField(_("percent"), max_digits=9, decimal_places=5)
    base = models.DecimalField(_("net amount"), max_digits=19, decimal_places=4)
    tax = models.DecimalField(_("tax"), max_digits=19, decimal_places=4)
    owed = models.DecimalField(_("owed"), max_digits=19, decimal_places=4, default=0)
    deducted = models.DecimalField(_("deducted"), max_digits=19, decimal_places=4, default=0)
    base_boxes = models.CharField(max_length=60, blank=True)
    tax_boxes = models.CharField(max_length=60, blank=True)
    input_boxes = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ("entry", "position")
        verbose_name = _("tax of an entry")
        verbose_name_plural = _("taxes of entries")
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "position"], name="tax_line_has_its_position"
            ),
            models.CheckConstraint(
                condition=Q(direction__in=["sale", "purchase"]), name="tax_line_has_a_direction"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code_id}: {self.tax}"


class TaxReturn(models.Model):
    """A period told to the tax office; once filed it stays, later corrections go on the next."""

    access = Access(area="accounting")
    keeps_its_files = True

    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    country = models.CharField(_("country"), max_length=2)
    filed_at = models.DateTimeField(_("filed"), null=True, editable=False)
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("filed by"),
    )
    entry = models.OneToOneField(
        JournalEntry,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="settles_tax_return",
        verbose_name=_("settled by"),
    )

    class Meta:
        ordering = ("-starts_on",)
        verbose_name = _("tax return")
        verbose_name_plural = _("tax returns")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="tax_return_ends_after_it_starts",
                violation_error_message=_("The last day is before the first."),
            ),
            ExclusionConstraint(
                name="tax_returns_do_not_overlap",
                expressions=[(days(), RangeOperators.OVERLAPS)],
                violation_error_message=_("This overlaps another return."),
            ),
        ]

    def __str__(self) -> str:
        return self.period

    def get_absolute_url(self) -> str:
        return reverse("accounting:taxreturn-detail", args=[self.pk])

    @property
    def period(self) -> str:
        """Its first and last day."""
        return f"{self.starts_on:%Y-%m-%d} – {self.ends_on:%Y-%m-%d}"

    @property
    def is_filed(self) -> bool:
        """Whether it was sent, so that nothing on it changes any more."""
        return self.filed_at is not None


class FiledTaxLine(models.Model):
    """A tax line is on a return that was filed, and on no other."""

    access = Access(area="accounting")

    tax_return = models.ForeignKey(TaxReturn, models.PROTECT, related_name="filed_lines")
    line = models.OneToOneField(TaxLine, models.PROTECT, related_name="filed")

    class Meta:
        verbose_name = _("filed tax line")
        verbose_name_plural = _("filed tax lines")

    def __str__(self) -> str:
        return f"{self.line_id} on {self.tax_return_id}"
