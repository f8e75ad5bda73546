"""Entries that come again, and amounts spread over months."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice.access import Access


class RecurringEntry(models.Model):
    """A template that is posted by itself every so many months."""

    access = Access(area="accounting")

    template = models.ForeignKey(
        "EntryDraft", models.PROTECT, related_name="recurring", verbose_name=_("template")
    )
    every_months = models.PositiveSmallIntegerField(
        _("every so many months"), default=1, help_text=_("1: monthly, 3: quarterly, 12: yearly.")
    )
    starts_on = models.DateField(
        _("first on"), help_text=_("Its day counts for all months; shorter ones take their last.")
    )
    ends_on = models.DateField(_("last on"), null=True, blank=True)
    reverses_next_month = models.BooleanField(
        _("taken back on the first of the next month"),
        default=False,
        help_text=_("For accruals: the cost is in its month, the bill in the next."),
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ("template__template_name", "pk")
        verbose_name = _("recurring entry")
        verbose_name_plural = _("recurring entries")
        constraints = [
            models.CheckConstraint(
                condition=Q(every_months__range=(1, 60)),
                name="recurring_entry_comes_again",
                violation_error_message=_("Every 1 to 60 months."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="recurring_entry_ends_after_it_starts",
                violation_error_message=_("It cannot end before it starts."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.template)

    def get_absolute_url(self) -> str:
        return reverse("accounting:recurringentry-detail", args=[self.pk])

    def clean(self) -> None:
        """Say at its field what the constraints refuse."""
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _("It cannot end before it starts.")})


class Deferral(models.Model):
    """An amount paid or received ahead, released to cost or income month by month."""

    access = Access(area="accounting", department="department")

    class Kind(models.TextChoices):
        PREPAID = "prepaid", _("paid ahead")
        DEFERRED_INCOME = "deferred_income", _("received ahead")

    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    text = models.CharField(_("text"), max_length=120)
    amount = models.DecimalField(
        _("amount"),
        max_digits=19,
        decimal_places=4,
        help_text=_("Net of tax, as it was entered on the account of what is paid ahead."),
    )
    account = models.ForeignKey(
        "Account",
        models.PROTECT,
        related_name="+",
        verbose_name=_("cost or income"),
        help_text=_("Where a part of it is entered each month."),
    )
    department = models.ForeignKey(
        "backoffice.Department",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("department"),
    )
    first_month = models.DateField(_("first month"), help_text=_("Any day of it."))
    months = models.PositiveSmallIntegerField(_("months"))
    stopped_on = models.DateField(_("stopped"), null=True, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )

    class Meta:
        ordering = ("-first_month", "-pk")
        verbose_name = _("deferral")
        verbose_name_plural = _("deferrals")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="deferral_is_of_money",
                violation_error_message=_("Give an amount of more than zero."),
            ),
            models.CheckConstraint(
                condition=Q(months__range=(1, 120)),
                name="deferral_has_months",
                violation_error_message=_("It is spread over 1 to 120 months."),
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def get_absolute_url(self) -> str:
        return reverse("accounting:deferral-detail", args=[self.pk])

    def clean(self) -> None:
        """Say at its field what the constraints refuse."""
        if self.amount is not None and self.amount <= 0:
            raise ValidationError({"amount": _("Give an amount of more than zero.")})
