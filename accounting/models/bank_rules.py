"""Rules that say where bank lines like these belong."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice.access import Access


class BankRule(models.Model):
    """Bank lines with these words or amounts belong on this account.

    A rule proposes; nothing is booked before somebody accepts it.
    """

    access = Access(area="accounting")

    class Direction(models.TextChoices):
        ANY = "any", _("in or out")
        IN = "in", _("money in")
        OUT = "out", _("money out")

    name = models.CharField(_("name"), max_length=80)
    own_account = models.ForeignKey(
        "OwnAccount",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="rules",
        verbose_name=_("bank account"),
        help_text=_("Empty: lines of all of them."),
    )
    contains = models.CharField(
        _("contains"),
        max_length=120,
        blank=True,
        help_text=_("In text, reference or who; capitals and spaces do not matter."),
    )
    direction = models.CharField(
        _("direction"), max_length=3, choices=Direction, default=Direction.ANY
    )
    amount_from = models.DecimalField(
        _("amount from"), max_digits=19, decimal_places=4, null=True, blank=True,
        help_text=_("Without its sign."),
    )  # fmt: skip
    amount_to = models.DecimalField(
        _("amount to"), max_digits=19, decimal_places=4, null=True, blank=True
    )
    account = models.ForeignKey(
        "Account", models.PROTECT, related_name="+", verbose_name=_("belongs on")
    )
    tax_code = models.ForeignKey(
        "TaxCode",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("tax"),
        help_text=_("The tax the amount includes; empty for none."),
    )
    department = models.ForeignKey(
        "backoffice.Department",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("department"),
    )
    party = models.ForeignKey(
        "backoffice.Party",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who"),
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ("name", "pk")
        verbose_name = _("bank rule")
        verbose_name_plural = _("bank rules")
        constraints = [
            models.CheckConstraint(
                condition=~Q(contains="")
                | Q(amount_from__isnull=False)
                | Q(amount_to__isnull=False),
                name="bank_rule_says_when",
                violation_error_message=_("Say which lines: by words or by amount."),
            ),
            models.CheckConstraint(
                condition=Q(amount_from__isnull=True)
                | Q(amount_to__isnull=True)
                | Q(amount_to__gte=F("amount_from")),
                name="bank_rule_amounts_are_in_order",
                violation_error_message=_("The larger amount comes second."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("accounting:bankrule-detail", args=[self.pk])
