"""Letters on their way out: written with what they are about, sent by the worker, once."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.access import Access


def new_message_id() -> str:
    """A Message-ID no other letter has; it stays the letter's own, however often it is tried."""
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    return f"<{uuid4().hex}@{host}>"


class Letter(models.Model):
    """An e-mail from the office: to whom, about what, and how far it has come."""

    access = Access(area="office")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        CLAIMED = "claimed", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        UNKNOWN = "unknown", _("unknown")
        HELD = "held", _("held")

    message_id = models.CharField(
        _("message ID"), max_length=200, unique=True, default=new_message_id, editable=False
    )
    recipients = models.CharField(
        _("to"), max_length=2000, help_text=_("One address, or several with commas between them.")
    )
    subject = models.CharField(_("subject"), max_length=250)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField(_("HTML"), blank=True)
    is_secret = models.BooleanField(
        _("secret"),
        default=False,
        help_text=_("It lets somebody in: its words go once it is sent."),
    )
    enclosures = models.JSONField(_("files"), default=list, blank=True)
    label = models.CharField(_("kind of record"), max_length=80, blank=True)
    record_key = models.CharField(_("record"), max_length=64, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="letters",
        verbose_name=_("by"),
    )
    made_at = models.DateTimeField(_("written"), default=timezone.now, editable=False)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    error = models.CharField(_("what was said"), max_length=500, blank=True)
    claim = models.UUIDField(null=True, editable=False)
    claimed_by = models.BigIntegerField(_("worker"), null=True, blank=True)
    claimed_at = models.DateTimeField(_("taken up"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("letter")
        verbose_name_plural = _("outgoing mail")
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                condition=Q(state="waiting"),
                name="letters_to_send",
            ),
            models.Index(fields=["state", "id"], name="letters_by_state"),
            models.Index(fields=["label", "record_key", "id"], name="letters_about_a_record"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(recipients="") & ~Q(recipients__regex=r"[\r\n]"),
                name="letter_has_somebody_to_go_to",
            ),
            models.CheckConstraint(
                condition=~Q(subject__regex=r"[\r\n]"), name="letter_subject_is_one_line"
            ),
            models.CheckConstraint(
                condition=~Q(state="claimed") | Q(claim__isnull=False, claimed_at__isnull=False),
                name="letter_is_claimed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="letter_is_sent_at_an_instant",
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    def get_absolute_url(self) -> str:
        return reverse("backoffice:letter-detail", args=[self.pk])

    @property
    def addresses(self) -> list[str]:
        """Those it goes to, one by one."""
        return [address.strip() for address in self.recipients.split(",")]
