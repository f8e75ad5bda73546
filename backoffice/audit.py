"""Remember what was done."""

from typing import Any

from django.db.models import Model

from backoffice.models import AuditEvent, User


def record(action: str, subject: Model | str, *, by: User | None, **detail: Any) -> AuditEvent:
    """Write down one act in the transaction it happens in; `by` is None for a command."""
    if isinstance(subject, Model):
        detail["record"] = f"{subject._meta.label_lower}:{subject.pk}"
    return AuditEvent.objects.create(
        action=action, subject=str(subject)[:200], actor=by, detail=detail
    )
