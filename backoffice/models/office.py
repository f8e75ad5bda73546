"""The company itself, its currencies, its numbers, and the views people save."""

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from backoffice.access import Access


class Currency(models.Model):
    """A currency of ISO 4217 with its number of decimals (the minor unit)."""

    access = Access(area="office", everybody_reads=True)

    code = models.CharField(_("code"), max_length=3, primary_key=True)
    minor_unit = models.PositiveSmallIntegerField(_("decimals"))

    class Meta:
        ordering = ("code",)
        verbose_name = _("currency")
        verbose_name_plural = _("currencies")
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex="^[A-Z]{3}$"), name="currency_code_is_iso_4217"
            ),
            models.CheckConstraint(
                condition=Q(minor_unit__lte=4), name="currency_fits_the_ledger"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Company(models.Model):
    """The company this office works for; there is one."""

    access = Access(area="office")

    name = models.CharField(_("name"), max_length=120)
    legal_name = models.CharField(_("legal name"), max_length=160, blank=True)
    country = models.CharField(_("country"), max_length=2)
    currency = models.ForeignKey(
        Currency, models.PROTECT, related_name="+", verbose_name=_("currency of the books")
    )
    fiscal_year_starts_in = models.PositiveSmallIntegerField(
        _("fiscal year starts in"), default=1, help_text=_("The month, 1 to 12.")
    )
    time_zone = models.CharField(_("time zone"), max_length=40, default="UTC")
    language = models.CharField(_("language and local forms"), max_length=10, default="en-GB")
    is_demo = models.BooleanField(_("demo company"), default=False, editable=False)
    works_alone = models.BooleanField(
        _("one person works alone"),
        default=False,
        editable=False,
        help_text=_("Who made something may approve it, with the password and a reason."),
    )
    set_up_step = models.PositiveSmallIntegerField(default=0, editable=False)
    set_up_at = models.DateTimeField(_("set up"), null=True, editable=False)

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("company")
        constraints = [
            models.UniqueConstraint(Value(1), name="office_has_one_company"),
            models.CheckConstraint(
                condition=Q(fiscal_year_starts_in__range=(1, 12)),
                name="fiscal_year_starts_in_a_month",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class NumberSeries(models.Model):
    """The last number given in a series and year, and the head of its hash chain.

    The row lock on it is what makes numbers gap-free: taken last, released at commit.
    """

    code = models.CharField(max_length=10)
    year = models.PositiveSmallIntegerField()
    last_number = models.PositiveIntegerField(default=0)
    head = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("code", "year")
        constraints = [
            models.UniqueConstraint(fields=["code", "year"], name="series_exists_once_a_year")
        ]

    def __str__(self) -> str:
        return f"{self.code}-{self.year}"


class SavedView(models.Model):
    """A list as somebody likes to see it: its search, filters, columns and order."""

    access = Access(area="signed_in", owner="user", department="department")

    user = models.ForeignKey("User", models.CASCADE, related_name="saved_views")
    department = models.ForeignKey(
        "Department",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="saved_views",
        verbose_name=_("share with"),
        help_text=_("Empty keeps it to yourself."),
    )
    list_name = models.CharField(max_length=60)
    name = models.CharField(_("name"), max_length=40)
    query = models.CharField(max_length=2000, blank=True)

    class Meta:
        ordering = (F("department").asc(nulls_first=True), "name")
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [
            models.UniqueConstraint(
                "user",
                "list_name",
                Lower("name"),
                name="saved_view_name_is_unique",
                violation_error_message=_("You have a view of this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name
