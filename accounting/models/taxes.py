"""Tax codes, their rates by date, and the parts of codes that build on one another."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounting.models.years import days
from backoffice.access import Access

BOXES_HELP = _("As the return numbers them; several with a space between.")


def itself(field: str) -> Func:
    """The key as a range of one, so that it can stand in an exclusion."""
    return Func(F(field), F(field), Value("[]"), function="int8range")


class TaxCode(models.Model):
    """A way goods and services are taxed: its category, and where it goes on the return."""

    access = Access(area="accounting")

    class Kind(models.TextChoices):
        STANDARD = "standard", _("standard rate")
        REDUCED = "reduced", _("reduced rate")
        ZERO = "zero", _("zero rate")
        EXEMPT = "exempt", _("exempt")
        OUTSIDE = "outside", _("outside the scope of the tax")
        REVERSE_CHARGE = "reverse_charge", _("reverse charge")
        WITHHOLDING = "withholding", _("withheld from the payment")
        COMPOUND = "compound", _("several taxes together")

    class Use(models.TextChoices):
        SALE = "sale", _("sales")
        PURCHASE = "purchase", _("purchases")
        BOTH = "both", _("sales and purchases")

    class Category(models.TextChoices):
        """The codes of UNTDID 5305 that EN 16931 uses."""

        STANDARD = "S", _("S standard rate")
        ZERO = "Z", _("Z zero rated")
        EXEMPT = "E", _("E exempt")
        REVERSE_CHARGE = "AE", _("AE reverse charge")
        INTRA_COMMUNITY = "K", _("K supply within the European Union")
        EXPORT = "G", _("G export")
        OUTSIDE = "O", _("O outside the scope")

    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind, default=Kind.STANDARD)
    used_for = models.CharField(_("used for"), max_length=8, choices=Use, default=Use.BOTH)
    category = models.CharField(
        _("category"),
        max_length=2,
        choices=Category,
        default=Category.STANDARD,
        help_text=_("Stands on electronic invoices (EN 16931)."),
    )
    deductible_percent = models.DecimalField(
        _("deductible"),
        max_digits=5,
        decimal_places=2,
        default=100,
        help_text=_("How much of the tax on a purchase comes back, in percent."),
    )
    base_boxes = models.CharField(
        _("boxes of the net amount"), max_length=60, blank=True, help_text=BOXES_HELP
    )
    tax_boxes = models.CharField(
        _("boxes of the tax owed"), max_length=60, blank=True, help_text=BOXES_HELP
    )
    input_boxes = models.CharField(
        _("boxes of the tax deducted"), max_length=60, blank=True, help_text=BOXES_HELP
    )
    note = models.CharField(
        _("words on the invoice"),
        max_length=200,
        blank=True,
        help_text=_("Why no tax is charged, where the law wants it said."),
    )
    source = models.CharField(
        _("source"), max_length=300, blank=True, help_text=_("Where the rate is published.")
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ("code",)
        verbose_name = _("tax code")
        verbose_name_plural = _("tax codes")
        constraints = [
            models.UniqueConstraint(
                Lower("code"),
                name="tax_code_is_unique",
                violation_error_message=_("There is a tax code with this code already."),
            ),
            models.CheckConstraint(
                condition=Q(deductible_percent__range=(0, 100)),
                name="tax_is_deductible_in_part_or_whole",
                violation_error_message=_("Between 0 and 100 percent can be deducted."),
            ),
            models.CheckConstraint(
                condition=~Q(kind="reverse_charge", used_for="both"),
                name="reverse_charge_has_one_direction",
                violation_error_message=_("Reverse charge is for sales or for purchases."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("accounting:taxcode-detail", args=[self.pk])


class TaxRate(models.Model):
    """The percent of a code from a day to a day; no end means until further notice."""

    access = Access(area="accounting")

    code = models.ForeignKey(
        TaxCode, models.CASCADE, related_name="rates", verbose_name=_("tax code")
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)
    percent = models.DecimalField(_("percent"), max_digits=9, decimal_places=5)

    class Meta:
        ordering = ("code", "-starts_on")
        verbose_name = _("tax rate")
        verbose_name_plural = _("rates")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="tax_rate_ends_after_it_starts",
                violation_error_message=_("The last day is before the first."),
            ),
            models.CheckConstraint(
                condition=Q(percent__range=(0, 1000)),
                name="tax_rate_is_not_negative",
                violation_error_message=_("A rate is between 0 and 1000 percent."),
            ),
            ExclusionConstraint(
                name="tax_rates_do_not_overlap",
                expressions=[
                    (itself("code"), RangeOperators.OVERLAPS),
                    (days(), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("This overlaps another rate of the code."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.percent.normalize():f} %"


class TaxPart(models.Model):
    """A tax of a code that is several together: on the net amount, or on earlier taxes too."""

    access = Access(area="accounting")

    whole = models.ForeignKey(
        TaxCode, models.CASCADE, related_name="parts", verbose_name=_("several taxes")
    )
    part = models.ForeignKey(
        TaxCode, models.PROTECT, related_name="part_of", verbose_name=_("tax code")
    )
    position = models.PositiveSmallIntegerField(_("place in the order"))
    on_tax = models.BooleanField(_("on the taxes before it too"), default=False)

    class Meta:
        ordering = ("whole", "position")
        verbose_name = _("part")
        verbose_name_plural = _("parts")
        constraints = [
            models.UniqueConstraint(
                fields=["whole", "position"],
                name="tax_parts_have_an_order",
                violation_error_message=_("Two parts have the same place in the order."),
            ),
            models.UniqueConstraint(
                fields=["whole", "part"],
                name="tax_part_is_there_once",
                violation_error_message=_("This tax is a part already."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.part)
