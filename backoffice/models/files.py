"""Files people put to records: receipts, contracts, photographs, letters."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice.access import Access


class Attachment(models.Model):
    """A file put to a record. Who may see the record may read it; nobody else finds it."""

    # Its rows by themselves are for who uploaded them; everybody else comes by the record.
    access = Access(area="signed_in", owner="uploaded_by")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    label = models.CharField(_("kind of record"), max_length=80)
    record_key = models.CharField(_("record"), max_length=64)
    name = models.CharField(_("name"), max_length=150)
    size = models.PositiveBigIntegerField(_("size"))
    media_type = models.CharField(_("type"), max_length=100)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    stored_name = models.CharField(_("stored as"), max_length=80, unique=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="attachments",
        verbose_name=_("uploaded by"),
    )
    uploaded_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)
    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True)

    class Meta:
        ordering = ("pk",)
        verbose_name = _("file")
        verbose_name_plural = _("files")
        indexes = [
            models.Index(
                fields=["label", "record_key", "id"],
                condition=Q(removed_at=None),
                name="files_of_a_record",
            )
        ]
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="file_is_not_empty"),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="file_has_its_hash"
            ),
            models.CheckConstraint(
                condition=Q(stored_name__regex=r"^[0-9a-f]{2}/[0-9a-f]{64}$"),
                name="file_is_stored_under_a_random_name",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("backoffice:file", args=[self.key])
