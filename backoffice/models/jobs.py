"""Work somebody started that goes on without them."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice.access import AREAS, Access, Level


class Job(models.Model):
    """One piece of work in the background: whose, how far, how it ended, where its result is."""

    access = Access(area="signed_in", owner="made_by", overseen_by="office")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        STOPPED = "stopped", _("stopped")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=200)
    kind = models.CharField(_("kind"), max_length=80)
    arguments = models.JSONField(default=dict)
    area = models.CharField(_("area"), max_length=30, choices=list(AREAS.items()))
    level = models.PositiveSmallIntegerField(_("level"), choices=Level, default=Level.VIEW)
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.WAITING)
    done = models.PositiveIntegerField(_("done so far"), default=0)
    total = models.PositiveIntegerField(_("to do"), default=0)
    log = models.JSONField(default=list)
    sentence = models.CharField(_("how it ended"), max_length=500, blank=True)
    result_url = models.CharField(_("result"), max_length=300, blank=True)
    stop_asked = models.BooleanField(_("asked to stop"), default=False)
    run = models.PositiveSmallIntegerField(_("run"), default=1)
    queue_id = models.BigIntegerField(_("number in the queue"), null=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="jobs", verbose_name=_("started by")
    )
    made_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    started_at = models.DateTimeField(_("began"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = [
            models.Index(fields=["made_by", "-id"], name="jobs_of_a_person"),
            models.Index(fields=["id"], condition=Q(state="running"), name="jobs_running"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "running"), ended_at__isnull=True)
                | Q(state__in=("done", "failed", "stopped"), ended_at__isnull=False),
                name="job_ends_at_an_instant",
            ),
            models.CheckConstraint(
                condition=Q(total=0) | Q(done__lte=F("total")), name="job_does_no_more_than_all"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("backoffice:job-detail", args=[self.pk])

    @property
    def is_on_its_way(self) -> bool:
        """Whether it waits or runs."""
        return self.state in (self.State.WAITING, self.State.RUNNING)
