"""What waits for a second person, who decided, and who decides for whom meanwhile."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice.access import AREAS, Access, Level


def _decided_or_audited(user: Any, level: int) -> Q:
    from backoffice.approvals import reached  # late, because it asks for this model

    return reached(user, level)


def _of_the_staff(user: Any, level: int) -> Q:
    from backoffice.access import standing

    right = standing(user).right("office", Level.MANAGE)
    return Q(pk__isnull=False) if right.everything else Q(user__department__in=right.departments)


UNDECIDED = Q(approved_by=None, alone_by=None, refused_by=None)
APPROVED_BY_ONE = Q(refused_by=None) & (
    Q(approved_by__isnull=False, alone_by=None) | Q(approved_by=None, alone_by__isnull=False)
)
REFUSED = Q(approved_by=None, alone_by=None, refused_by__isnull=False)
DECIDED_BY_ANOTHER = (Q(approved_by__isnull=False) & ~Q(approved_by=F("for_whom"))) | (
    Q(refused_by__isnull=False) & ~Q(refused_by=F("for_whom"))
)


class Approval(models.Model):
    """Something one person made and another approves or refuses; once decided it stays so.

    It is about a record and a verb, and about the very text whose SHA-256 it keeps.
    """

    access = Access(area="signed_in", owner="made_by", beyond=_decided_or_audited)

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        APPROVED = "approved", _("approved")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")
        CLEARED = "cleared", _("cleared")

    label = models.CharField(max_length=80)
    record_key = models.CharField(max_length=64)
    verb = models.CharField(_("kind"), max_length=40)
    title = models.CharField(_("what"), max_length=200)
    url = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(_("changes"), default=list)
    area = models.CharField(_("area"), max_length=30, choices=list(AREAS.items()))
    level = models.PositiveSmallIntegerField(_("level"), choices=Level)
    department = models.ForeignKey(
        "Department",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("department"),
        help_text=_("Who reaches this department decides as well."),
    )
    digest = models.CharField(_("fingerprint"), max_length=64)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("asked by"),
        help_text=_("Empty where a command did it: that waits for nobody."),
    )
    made_at = models.DateTimeField(_("asked"), auto_now_add=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("approved by"),
    )
    alone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("approved alone by"),
    )
    refused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("refused by"),
    )
    for_whom = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("in place of"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    decided_on = models.DateField(_("decided on"), null=True)
    why = models.CharField(_("reason"), max_length=400, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("ended by"),
    )
    ended_at = models.DateTimeField(_("ended"), null=True)
    ended_why = models.CharField(_("why it ended"), max_length=400, blank=True)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        indexes = [
            models.Index(
                fields=["label", "record_key", "verb", "state"], name="approval_of_record"
            ),
            models.Index(
                fields=["area", "level"], name="approval_waiting", condition=Q(state="waiting")
            ),
            models.Index(fields=["made_by", "id"], name="approval_by_maker"),
            models.Index(
                fields=["decided_on"], name="approval_alone", condition=Q(alone_by__isnull=False)
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["label", "record_key", "verb"],
                condition=Q(state="waiting"),
                name="approval_waits_once",
                violation_error_message=_("This waits for an approval already."),
            ),
            models.CheckConstraint(
                condition=(Q(approved_by=None) | ~Q(approved_by=F("made_by")))
                & (Q(refused_by=None) | ~Q(refused_by=F("made_by"))),
                name="maker_does_not_decide",
                violation_error_message=_("Who made something does not decide about it."),
            ),
            models.CheckConstraint(
                condition=Q(for_whom=None) | (~Q(for_whom=F("made_by")) & DECIDED_BY_ANOTHER),
                name="delegate_decides_for_another",
            ),
            models.CheckConstraint(
                condition=Q(alone_by=None)
                | (Q(made_by__isnull=False, alone_by=F("made_by")) & ~Q(why="")),
                name="alone_is_the_maker_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, state__in=["waiting", "withdrawn", "cleared"])
                | Q(decided_at__isnull=False, state__in=["approved", "refused", "cleared"]),
                name="decision_has_its_instant",
            ),
            models.CheckConstraint(
                condition=(UNDECIDED & Q(made_by__isnull=False) & ~Q(state="approved"))
                | (UNDECIDED & Q(made_by=None, state__in=["approved", "cleared"]))
                | (APPROVED_BY_ONE & Q(made_by__isnull=False, state__in=["approved", "cleared"]))
                | (REFUSED & Q(made_by__isnull=False, state="refused") & ~Q(why="")),
                name="decision_names_who_decided",
            ),
            models.CheckConstraint(
                condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="approval_is_of_a_text"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("backoffice:approval-detail", args=[self.pk])

    @property
    def decided_by(self) -> models.Model | None:
        """Who approved or refused it, alone or not."""
        return self.approved_by or self.alone_by or self.refused_by

    @property
    def changes(self) -> list[tuple[str, str, str]]:
        """What it changes, in words: label, before, after."""
        return [tuple(row) for row in self.detail]

    @property
    def is_of_something_new(self) -> bool:
        """Whether nothing of it was there before."""
        return not any(before for _label, before, _after in self.changes)


class Delegation(models.Model):
    """Somebody decides what another would, on the days that one is away."""

    access = Access(area="signed_in", owner="user", beyond=_of_the_staff)

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="delegations",
        verbose_name=_("who is away"),
    )
    delegate = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="delegated",
        verbose_name=_("who decides meanwhile"),
    )
    starts_on = models.DateField(_("first day away"))
    ends_on = models.DateField(_("last day away"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("entered by")
    )

    class Meta:
        ordering = ("-starts_on", "-pk")
        verbose_name = _("delegation")
        verbose_name_plural = _("delegations")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="delegation_ends_after_it_starts",
                violation_error_message=_("It cannot end before it starts."),
            ),
            models.CheckConstraint(
                condition=~Q(delegate=F("user")),
                name="delegate_is_somebody_else",
                violation_error_message=_("Choose somebody else."),
            ),
            models.CheckConstraint(
                condition=Q(made_by=F("user")) | ~Q(made_by=F("delegate")),
                name="nobody_delegates_to_themselves",
                violation_error_message=_("You cannot put yourself in somebody's place."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.delegate}"
