"""What must hold in the office itself, and all checks of all rooms together."""

from collections.abc import Iterator

from django.apps import AppConfig, apps
from django.db import connection
from django.utils.translation import gettext as _

from backoffice.encrypted_fields import encrypted_fields, mark_fields
from backoffice.files import broken_files
from backoffice.functions import Finding, all_functions
from backoffice.key_rotation import encrypted_models
from backoffice.trail import unwatched_tables


def all_checks() -> Iterator[tuple[AppConfig, Finding]]:
    """Every finding with the room it belongs to, the office first."""
    for finding in checks():
        yield apps.get_app_config("backoffice"), finding
    for function in all_functions():
        for finding in function.checks():
            yield function, finding


def checks() -> Iterator[Finding]:
    """Whether files are what was uploaded, encrypted values open, the trail misses nothing."""
    yield _finding(_("Stored files are those that were uploaded"), broken_files())
    yield _finding(_("Encrypted values open and are found by their marks"), broken_secrets())
    yield _finding(
        _("Every change of a record is written down"), iter(unwatched_tables(connection))
    )


def broken_secrets() -> Iterator[str]:
    """Encrypted values that do not open, or whose mark is that of another text."""
    for model in encrypted_models():
        for row in model._base_manager.order_by("pk").iterator():
            for column in encrypted_fields(model):
                if not getattr(row, column.attname).is_readable:
                    yield f"{model._meta.verbose_name} {row.pk}: {column.verbose_name}"
            for mark in mark_fields(model):
                secret = getattr(row, mark.of)
                stored = getattr(row, mark.attname)
                if secret.is_readable and not _is_marked(stored, mark.marks_of(row, secret)):
                    yield f"{model._meta.verbose_name} {row.pk}: {mark.of}"


def _is_marked(stored: bytes | None, possible: list[bytes]) -> bool:
    return bytes(stored) in possible if stored is not None else not possible


def _finding(check: str, offenders: Iterator[str]) -> Finding:
    first = next(offenders, "")
    return Finding(check, holds=not first, offender=first)
