"""Bills and credit notes from suppliers."""

from collections.abc import Collection

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounting.models.documents import Document, DocumentLine
from accounting.models.marks import NumberMark, mark_of
from backoffice.access import Access


class Bill(Document):
    """What a supplier charges: entered by one person, approved by another, then in the books."""

    access = Access(area="accounting")

    class Kind(models.TextChoices):
        BILL = "bill", _("bill")
        CREDIT_NOTE = "credit_note", _("credit note")

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("waits for approval")
        POSTED = "posted", _("in the books")
        REFUSED = "refused", _("refused")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.BILL)
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.DRAFT, editable=False
    )
    reference = models.CharField(
        _("supplier's number"), max_length=60, help_text=_("As it stands on the bill.")
    )
    reference_mark = NumberMark(of="reference")
    duplicate_reason = models.CharField(
        _("why it is entered again"),
        max_length=200,
        blank=True,
        help_text=_("Only where a supplier truly used the same number twice."),
    )
    source_key = models.CharField(max_length=120, blank=True, editable=False)
    posted_at = models.DateTimeField(_("posted"), null=True, editable=False)

    class Meta(Document.Meta):
        verbose_name = _("bill")
        verbose_name_plural = _("bills")
        constraints = [
            *Document.Meta.constraints,
            models.UniqueConstraint(
                fields=["party", "kind", "reference_mark"],
                condition=Q(duplicate_reason="") & ~Q(state="refused"),
                name="supplier_bill_is_entered_once",
                violation_error_message=_(
                    "A bill of this supplier with this number is here already. If it truly is"
                    " another one, say why it is entered again."
                ),
            ),
            models.UniqueConstraint(
                fields=["source_key"], condition=~Q(source_key=""), name="bill_source_is_used_once"
            ),
            models.CheckConstraint(
                condition=Q(state="posted", posted_at__isnull=False, gross__isnull=False)
                | ~Q(state="posted") & Q(posted_at__isnull=True, entry__isnull=True),
                name="bill_in_the_books_has_its_sums",
            ),
            models.CheckConstraint(
                condition=Q(gross__isnull=True) | Q(gross=F("net") + F("tax")),
                name="bill_is_net_and_tax",
            ),
        ]
        indexes = [
            *Document.Meta.indexes,
            models.Index(fields=["party", "date"], name="bill_by_supplier"),
        ]

    def __str__(self) -> str:
        return f"{self.party} {self.reference}"

    def get_absolute_url(self) -> str:
        return reverse("accounting:bill-detail", args=[self.pk])

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """The mark follows from the supplier's number: no form asks for it, each is held to it."""
        self.reference_mark = mark_of(self.reference)
        super().validate_constraints({*(exclude or ())} - {"reference_mark", "state"})

    @property
    def is_open_to_change(self) -> bool:
        """Whether its facts may still be changed: not once it is in the books."""
        return self.state != self.State.POSTED


class BillLine(DocumentLine):
    """A line of a bill."""

    access = Access(area="accounting", department="department")

    bill = models.ForeignKey(Bill, models.CASCADE, related_name="lines")
