"""What people and commands did that the records themselves do not show."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.access import Access


class AuditEvent(models.Model):
    """One act worth remembering: who, when, what, on which record."""

    access = Access(area="audit")

    at = models.DateTimeField(_("at"), auto_now_add=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="audit_events",
        verbose_name=_("by"),
        help_text=_("Empty where a command did it."),
    )
    action = models.CharField(_("action"), max_length=40)
    subject = models.CharField(_("subject"), max_length=200)
    detail = models.JSONField(_("detail"), default=dict)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("event")
        verbose_name_plural = _("trail")

    def __str__(self) -> str:
        return f"{self.action}: {self.subject}"
