"""What foreign currencies were worth, day by day."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice.access import Access
from backoffice.models import Company


class ExchangeRate(models.Model):
    """What one unit of a currency is worth in that of the books, from a day on."""

    access = Access(area="accounting")

    currency = models.ForeignKey(
        "backoffice.Currency", models.PROTECT, related_name="+", verbose_name=_("currency")
    )
    date = models.DateField(_("date"))
    rate = models.DecimalField(
        _("rate"),
        max_digits=19,
        decimal_places=10,
        help_text=_("What one unit is worth in the currency of the books."),
    )
    source = models.CharField(
        _("source"), max_length=80, blank=True, help_text=_("Who published it: ECB, HMRC.")
    )

    class Meta:
        ordering = ("-date", "currency")
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        constraints = [
            models.UniqueConstraint(
                fields=["currency", "date"],
                name="currency_has_one_rate_a_day",
                violation_error_message=_("This currency has a rate on that day already."),
            ),
            models.CheckConstraint(
                condition=Q(rate__gt=0),
                name="exchange_rate_is_positive",
                violation_error_message=_("A rate is more than zero."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency_id} {self.date}: {self.rate.normalize():f}"

    def get_absolute_url(self) -> str:
        return reverse("accounting:exchangerate-detail", args=[self.pk])

    def clean(self) -> None:
        """Say at its field what the constraints refuse; the books' own currency has no rate."""
        problems = {}
        if self.rate is not None and self.rate <= 0:
            problems["rate"] = _("A rate is more than zero.")
        if self.currency_id and Company.objects.filter(currency=self.currency_id).exists():
            problems["currency"] = _("The books are kept in this currency: it has no rate.")
        if self.date and self._others_of_its_day().exists():
            problems["date"] = _("This currency has a rate on that day already.")
        if problems:
            raise ValidationError(problems)

    def _others_of_its_day(self) -> models.QuerySet:
        found = ExchangeRate._default_manager.filter(currency=self.currency_id, date=self.date)
        return found.exclude(pk=self.pk)
