"""What the database refuses, said for people."""

from django.db import IntegrityError
from django.utils.translation import gettext as _

from backoffice.errors import Refused


def broken_rule(broken: IntegrityError) -> str:
    """The name of the constraint or guard that said no; empty where it has none."""
    diagnosis = getattr(broken.__cause__, "diag", None)
    return (diagnosis and diagnosis.constraint_name) or ""


def refusal_of(broken: IntegrityError) -> Refused:
    """The database's own sentence as a refusal."""
    diagnosis = getattr(broken.__cause__, "diag", None)
    said = (diagnosis and diagnosis.message_primary) or str(broken)
    return Refused(_("This cannot be saved: %(reason)s") % {"reason": said})
