"""Fiscal years and their periods."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice.access import Access


def days() -> Func:
    """The days of the row as a range that includes both ends."""
    return Func(F("starts_on"), F("ends_on"), Value("[]"), function="daterange")


class FiscalYear(models.Model):
    """A year of the books; years follow each other without gap or overlap."""

    access = Access(area="accounting")

    name = models.CharField(_("name"), max_length=20, unique=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))

    class Meta:
        ordering = ("starts_on",)
        verbose_name = _("fiscal year")
        verbose_name_plural = _("fiscal years")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")), name="fiscal_year_ends_after_it_starts"
            ),
            ExclusionConstraint(
                name="fiscal_years_do_not_overlap",
                expressions=[(days(), RangeOperators.OVERLAPS)],
                violation_error_message=_("This overlaps another fiscal year."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Period(models.Model):
    """A month of a fiscal year, open for posting until it is closed."""

    access = Access(area="accounting")

    fiscal_year = models.ForeignKey(
        FiscalYear, models.PROTECT, related_name="periods", verbose_name=_("fiscal year")
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)

    class Meta:
        ordering = ("starts_on",)
        verbose_name = _("period")
        verbose_name_plural = _("periods")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="period_ends_after_it_starts"
            ),
            ExclusionConstraint(
                name="periods_do_not_overlap",
                expressions=[(days(), RangeOperators.OVERLAPS)],
                violation_error_message=_("This overlaps another period."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on:%Y-%m}"

    def get_absolute_url(self) -> str:
        return reverse("accounting:period-list")

    @property
    def is_closed(self) -> bool:
        """Whether the books refuse entries dated in this period."""
        return self.closed_at is not None


class PeriodEvent(models.Model):
    """A period was closed or reopened: by whom, when, why, at which head of the chain."""

    access = Access(area="accounting")

    class Kind(models.TextChoices):
        CLOSED = "closed", _("closed")
        REOPENED = "reopened", _("reopened")

    period = models.ForeignKey(Period, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    why = models.CharField(max_length=200, blank=True)
    head = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("closing")
        verbose_name_plural = _("closings")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="closed") | ~Q(why=""), name="reopening_gives_a_reason"
            )
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.get_kind_display()}"
