"""What people are told of, how it reaches them by e-mail, and the summaries sent to them."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.access import Access


class Notice(models.Model):
    """One thing somebody is told of: a sentence, and where it leads."""

    access = Access(area="signed_in", owner="user")

    class Kind(models.TextChoices):
        APPROVAL = "approval", _("approval")
        MENTION = "mention", _("mention")
        MESSAGE = "message", _("message")
        JOB_FAILED = "job_failed", _("job failed")
        JOB_DONE = "job_done", _("job done")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices", verbose_name=_("person")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    title = models.CharField(_("title"), max_length=200)
    url = models.CharField(_("leads to"), max_length=500)
    label = models.CharField(max_length=80, blank=True)
    record_key = models.CharField(max_length=64, blank=True)
    key = models.CharField(max_length=100, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    made_at = models.DateTimeField(_("at"), auto_now_add=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    for_digest = models.BooleanField(default=False)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes = [
            models.Index(fields=["user", "id"], condition=Q(done_at=None), name="notices_waiting"),
            models.Index(fields=["user", "-id"], name="notices_of_a_person"),
            models.Index(
                fields=["user", "id"], condition=Q(for_digest=True), name="notices_for_the_digest"
            ),
            models.Index(
                fields=["label", "record_key"],
                condition=Q(done_at=None),
                name="notices_about_a_record",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "key"], condition=~Q(key=""), name="notice_is_given_once"
            ),
            models.CheckConstraint(
                condition=Q(url__startswith="/") & ~Q(url__startswith="//"),
                name="notice_leads_to_a_page_of_the_office",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class MailPreference(models.Model):
    """How each kind of notice reaches a person by e-mail; who has none gets the usual."""

    access = Access(area="signed_in", owner="user")

    class How(models.TextChoices):
        AT_ONCE = "at_once", _("at once")
        DAILY = "daily", _("in the daily summary")
        NEVER = "never", _("never")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="mail_preference"
    )
    approval = models.CharField(_("approvals"), max_length=7, choices=How, default=How.AT_ONCE)
    mention = models.CharField(_("mentions"), max_length=7, choices=How, default=How.AT_ONCE)
    message = models.CharField(_("messages"), max_length=7, choices=How, default=How.DAILY)
    job_failed = models.CharField(
        _("jobs that failed"), max_length=7, choices=How, default=How.AT_ONCE
    )
    job_done = models.CharField(
        _("jobs that are done"), max_length=7, choices=How, default=How.NEVER
    )
    digest_hour = models.PositiveSmallIntegerField(
        _("hour of the summary"), default=8, validators=[MaxValueValidator(23)]
    )

    class Meta:
        verbose_name = _("e-mail preference")
        verbose_name_plural = _("e-mail preferences")
        constraints = [
            models.CheckConstraint(
                condition=Q(digest_hour__lte=23), name="digest_hour_is_of_a_day"
            )
        ]

    def __str__(self) -> str:
        return str(self.user)

    def how(self, kind: str) -> str:
        """How a notice of this kind reaches the person."""
        return getattr(self, Notice.Kind(kind).value)


class Digest(models.Model):
    """The summary of a person's day: it goes out once."""

    access = Access(area="signed_in", owner="user")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="digests")
    on = models.DateField(_("day"))

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("daily summary")
        verbose_name_plural = _("daily summaries")
        constraints = [
            models.UniqueConstraint(fields=["user", "on"], name="digest_goes_out_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.on}"
