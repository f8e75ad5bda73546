"""Remember what was done."""

from typing import Any

from django.db.models import Model

from backoffice.models import AuditEvent, User


def record(action: str, subject: Model | str, *, by: User | None, **detail: Any) -> AuditEvent:
    """Write down one act in the transaction it happens in; `by` is None for a command."""
    if by is not None and by.seen_by:
        # An owner who looks through another's eyes did it, not the other.
        detail["seen_as"], by = by.name, by.seen_by
    if isinstance(subject, Model):
        detail["record"] = f"{subject._meta.label_lower}:{subject.pk}"
    return AuditEvent.objects.create(
        action=action, subject=str(subject)[:200], actor=by, detail=detail
    )
