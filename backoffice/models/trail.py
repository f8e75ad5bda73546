"""What people and commands did: changes of records, other acts, and what people said of them."""

import json
import uuid
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KT
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from backoffice.access import Access


def models_by_table() -> dict[str, type[models.Model]]:
    """The model of each table."""
    return {m._meta.db_table: m for m in apps.get_models(include_auto_created=True)}


def tables_in_words() -> list[tuple[str, str]]:
    """The watched tables, each by what one of its records is called."""
    from backoffice.trail import UNWATCHED

    return sorted(
        (table, str(capfirst(model._meta.verbose_name)))
        for table, model in models_by_table().items()
        if table not in UNWATCHED and model._meta.managed
    )


class Exact(json.JSONDecoder):
    """Reads numbers as they were written."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "parse_float": Decimal})


class Change(models.Model):
    """One changed row: who, when, which, and each changed field as [before, after].

    Written by the database alone. A private field holds [], for its values are not kept.
    """

    access = Access(area="audit")

    class Operation(models.TextChoices):
        INSERT = "insert", _("created")
        UPDATE = "update", _("changed")
        DELETE = "delete", _("deleted")

    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,  # the trail waits for nobody and outlives all
        related_name="+",
        verbose_name=_("by"),
        help_text=_("Empty where a command did it."),
    )
    request = models.CharField(_("request"), max_length=64)
    table_name = models.CharField(_("what"), max_length=63, choices=tables_in_words)
    record_key = models.TextField(_("key"))
    operation = models.CharField(_("change"), max_length=6, choices=Operation)
    whole_table = models.CharField(max_length=63)
    whole_key = models.TextField()
    changes = models.JSONField(_("changes"), decoder=Exact)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("change")
        verbose_name_plural = _("trail")
        indexes = [
            models.Index(fields=["table_name", "record_key", "id"], name="change_by_record"),
            models.Index(
                fields=["whole_table", "whole_key", "id"],
                name="change_by_whole",
                condition=~Q(whole_table=""),
            ),
            models.Index(fields=["actor", "id"], name="change_by_actor"),
            models.Index(fields=["at"], name="change_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.get_table_name_display()} {self.record_key} {self.get_operation_display()}"

    def get_absolute_url(self) -> str:
        return reverse("backoffice:change-detail", args=[self.pk])

    def fields(self) -> str:
        """The fields a record was changed in, by their labels."""
        from backoffice.differences import label_of

        if self.operation != self.Operation.UPDATE:
            return ""
        return ", ".join(sorted(label_of(self.model, column) for column in self.changes))

    @property
    def model(self) -> type[models.Model] | None:
        """What the record is; None where there is no such model any more."""
        return models_by_table().get(self.table_name)


class AuditEvent(models.Model):
    """One act the records do not show, worth remembering: who, when, what, on which record."""

    access = Access(area="audit")

    TURNED_AWAY = "turned away"

    at = models.DateTimeField(_("at"), auto_now_add=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="audit_events",
        verbose_name=_("by"),
        help_text=_("Empty where a command did it, or a stranger."),
    )
    action = models.CharField(_("action"), max_length=40)
    subject = models.CharField(_("subject"), max_length=200)
    detail = models.JSONField(_("detail"), default=dict)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(KT("detail__record"), "id", name="event_by_record"),
            models.Index(
                fields=["actor", "at"],
                name="turned_away_lately",
                condition=Q(action="turned away"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action}: {self.subject}"


class Comment(models.Model):
    """What somebody said about a record; it stays as it was said."""

    access = Access(area="signed_in", owner="author")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    label = models.CharField(max_length=80)
    record_key = models.CharField(max_length=64)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="comments", verbose_name=_("by")
    )
    text = models.TextField(_("comment"), max_length=4000)
    at = models.DateTimeField(_("at"), auto_now_add=True)
    mentions = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="mentioned_in")

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        indexes = [models.Index(fields=["label", "record_key", "id"], name="comment_by_record")]

    def __str__(self) -> str:
        return self.text[:60]
