"""Entries being written, and the ones kept as templates."""

import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounting.models.entries import JournalEntry
from backoffice.access import Access


class EntryDraft(models.Model):
    """An entry not yet in the books: no number, may be incomplete, may be discarded."""

    access = Access(area="accounting")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    template_name = models.CharField(
        _("template"),
        max_length=60,
        blank=True,
        help_text=_("A name makes this a template to start other entries from."),
    )
    date = models.DateField(_("date"), null=True, blank=True)
    kind = models.CharField(
        _("kind"), max_length=10, choices=JournalEntry.Kind, default=JournalEntry.Kind.NORMAL
    )
    text = models.CharField(_("text"), max_length=200, blank=True)
    # Whose settlements the entry takes over once it is posted.
    corrects = models.ForeignKey(
        JournalEntry,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("corrects"),
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("made by")
    )
    changed_at = models.DateTimeField(_("changed"), auto_now=True)
    discarded_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("-changed_at",)
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")

    def __str__(self) -> str:
        return self.template_name or self.text or str(_("Draft without text"))

    def get_absolute_url(self) -> str:
        return reverse("accounting:entrydraft-edit", args=[self.pk])


class DraftLine(models.Model):
    """One line of a draft, as far as it is written."""

    access = Access(area="accounting")

    draft = models.ForeignKey(EntryDraft, models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    account = models.ForeignKey("Account", models.PROTECT, null=True, related_name="+")
    department = models.ForeignKey(
        "backoffice.Department", models.PROTECT, null=True, related_name="+"
    )
    party = models.ForeignKey("backoffice.Party", models.PROTECT, null=True, related_name="+")
    amount = models.DecimalField(max_digits=19, decimal_places=4, null=True)
    currency = models.ForeignKey(
        "backoffice.Currency", models.PROTECT, null=True, related_name="+"
    )
    currency_amount = models.DecimalField(max_digits=19, decimal_places=4, null=True)
    text = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("draft", "position")
        verbose_name = _("draft line")
        verbose_name_plural = _("draft lines")

    def __str__(self) -> str:
        return f"{self.account_id}: {self.amount}"
