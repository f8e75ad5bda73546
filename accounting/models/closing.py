"""What was let pass when a period was closed."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounting.models.years import Period
from backoffice.access import Access


class Waiver(models.Model):
    """A check of a closing that does not hold and is let pass, with the reason."""

    access = Access(area="accounting")

    period = models.ForeignKey(Period, models.PROTECT, related_name="waivers")
    check_name = models.CharField(_("check"), max_length=40)
    found = models.CharField(
        _("what was found"), max_length=300, help_text=_("Another finding needs another waiver.")
    )
    why = models.CharField(_("why it may pass"), max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("period", "pk")
        verbose_name = _("waiver")
        verbose_name_plural = _("waivers")
        constraints = [
            models.UniqueConstraint(
                fields=["period", "check_name", "found"], name="finding_is_waived_once"
            ),
            models.CheckConstraint(
                condition=~Q(why=""),
                name="waiver_gives_a_reason",
                violation_error_message=_("Say why it may pass."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period}: {self.check_name}"
