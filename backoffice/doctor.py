"""Looks the installation over: what works, what is not done yet, what is broken."""

import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import get_connection
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice import encryption as sealing
from backoffice import jobs, key_rotation, outbox
from backoffice.embedded_postgres import DatabaseTrouble

PASSED, WARNING, FAILED = "passed", "warning", "failed"
GIGABYTE = 1024**3
LEAST_SPACE, COMFORTABLE_SPACE = GIGABYTE // 2, 5 * GIGABYTE
OLDEST_POSTGRES = 15
SHORTEST_KEY = 32
OLDEST_BACKUP = timedelta(days=2)
LONGEST_WAIT = timedelta(minutes=15)
UNKNOWN = gettext_lazy("Not known while the database does not answer.")


@dataclass(frozen=True)
class Result:
    """What one check found: its name, how it stands, a sentence."""

    name: str
    status: str
    sentence: str

    def as_json(self) -> dict[str, Any]:
        """The result for a program."""
        return asdict(self)


def look_over() -> Iterator[Result]:
    """Every check in turn; those that ask the database only if it answers."""
    answers = database()
    yield Result("database", *answers)
    for name, check in CHECKS.items():
        if answers[0] == FAILED and check in ASK_THE_DATABASE:
            yield Result(name, WARNING, str(UNKNOWN))
        else:
            yield Result(name, *check())


def not_ready() -> list[str]:
    """The names of what keeps the office from working."""
    if database()[0] == FAILED:
        return ["database"]
    if migrations()[0] == FAILED:
        return ["migrations"]
    return [] if jobs.is_worker_alive() else ["worker"]


def start_database() -> str:
    """Start the embedded server where it is the one in use; the trouble, if there is any."""
    if settings.EMBEDDED_POSTGRES is not None:
        try:
            settings.EMBEDDED_POSTGRES.start()
        except DatabaseTrouble as trouble:
            return str(trouble)
    return ""


def database() -> tuple[str, str]:
    """Whether PostgreSQL answers and is new enough."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select current_setting('server_version')")
            version = cursor.fetchone()[0]
    except DatabaseError as trouble:
        return FAILED, _("It does not answer: %s") % str(trouble).strip().splitlines()[0]
    if int(version.split(".")[0]) < OLDEST_POSTGRES:
        return FAILED, _("PostgreSQL %s is too old: 15 or newer is needed.") % version
    return PASSED, _("PostgreSQL %s answers.") % version


def migrations() -> tuple[str, str]:
    """Whether the tables are those this release works with."""
    loader = MigrationLoader(connection)
    missing = sorted(set(loader.disk_migrations) - set(loader.applied_migrations))
    missing = [key for key in missing if key not in loader.replacements]
    if not missing:
        return PASSED, _("All are applied.")
    first = ".".join(missing[0])
    return FAILED, _("%(count)d are missing, the first is %(first)s: manage.py migrate") % {
        "count": len(missing),
        "first": first,
    }


def roles() -> tuple[str, str]:
    """Whether the application works under a role that cannot touch the guards."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select bool_or(pg_has_role(current_user, tableowner, 'member')) from pg_tables"
            " where schemaname = 'public'"
        )
        if cursor.fetchone()[0]:
            return WARNING, _(
                "The application owns its tables and could drop their guards: give it a role of "
                "its own in DATABASE_URL and the owner's in OWNER_DATABASE_URL."
            )
    return PASSED, _("The application cannot touch the guards.")


def worker() -> tuple[str, str]:
    """Whether a worker lives, and whether work is left lying."""
    waiting = jobs.jobs_left_waiting(longer_than=LONGEST_WAIT)
    if jobs.is_worker_alive():
        if waiting:
            return WARNING, _("It runs, but %d jobs wait for more than 15 minutes.") % waiting
        return PASSED, _("It runs.")
    if waiting:
        return FAILED, _("None runs and %d jobs wait: manage.py worker") % waiting
    return WARNING, _("None runs; nothing waits for it. Start one: manage.py worker")


def disk() -> tuple[str, str]:
    """Whether DATA_DIR has room."""
    free = shutil.disk_usage(settings.DATA_DIR).free
    said = _("%(free).1f GB are free in %(folder)s.") % {
        "free": free / GIGABYTE,
        "folder": settings.DATA_DIR,
    }
    if free < LEAST_SPACE:
        return FAILED, said
    return (WARNING if free < COMFORTABLE_SPACE else PASSED), said


def mail() -> tuple[str, str]:
    """Whether the mail server takes us in; no letter is sent."""
    if not settings.MAIL_IS_SET:
        return WARNING, _("No mail server is set, letters wait: set EMAIL_URL.")
    try:
        with get_connection(fail_silently=False):
            return PASSED, _("The mail server answers.")
    except (OSError, SMTPException) as trouble:
        return FAILED, _("The mail server refuses: %s") % trouble


def letters() -> tuple[str, str]:
    """Whether letters failed, may not have arrived, or are left waiting."""
    if migrations()[0] == FAILED:
        return WARNING, _("Not known while migrations are missing.")
    counted = outbox.troubles(now=timezone.now(), longest_wait=LONGEST_WAIT)
    if any(counted.values()):
        return WARNING, _(
            "%(failed)d failed, %(unknown)d may have arrived, %(late)d wait for more than "
            "15 minutes: Settings, Outgoing mail."
        ) % counted
    return PASSED, _("Every letter that is due is sent.")


def backup() -> tuple[str, str]:
    """Whether there is a fresh copy of everything."""
    folder = settings.DATA_DIR / "backups"
    made = [file.stat().st_mtime for file in folder.glob("*") if file.is_file()]
    if not made:
        return WARNING, _("No backup yet.")
    age = timezone.now() - datetime.fromtimestamp(max(made), UTC)
    said = _("The last one is %d hours old.") % (age.total_seconds() // 3600)
    return (WARNING if age > OLDEST_BACKUP else PASSED), said


def keys() -> tuple[str, str]:
    """Whether the keys that sign and encrypt are whole, and kept from others."""
    if len(settings.SECRET_KEY) < SHORTEST_KEY:
        return FAILED, _("SECRET_KEY is shorter than 32 characters.")
    kept = settings.DATA_DIR / "secrets"
    for path in (kept, *kept.glob("*")):
        if _others_may_read(path):
            return FAILED, _("Others may read %(path)s: chmod go= %(path)s") % {"path": path}
    if settings.ENCRYPTION_KEYS or sealing.key_file().exists():
        try:
            sealing.keyring()
        except ImproperlyConfigured as trouble:
            return FAILED, str(trouble)
    return PASSED, _("They are long enough and nobody else may read them.")


def encryption() -> tuple[str, str]:
    """Whether all that is stored encrypted has its key, and none is under a key to be given up."""
    if migrations()[0] == FAILED:
        return WARNING, _("Not known while migrations are missing.")
    used = key_rotation.key_ids_in_use()
    known = {key.id for key in sealing.keyring().keys} if used else set()
    if used - known:
        missing = ", ".join(sorted(identity.hex() for identity in used - known))
        return FAILED, _("Values are encrypted with a key that is missing: %s") % missing
    if len(used) > 1:
        return WARNING, _("Values are still under an older key: manage.py rotate_keys")
    if len(known) > 1:
        return WARNING, _("An older key opens nothing any more: manage.py rotate_keys --drop-old")
    return PASSED, _("Every encrypted value has its key.")


def _others_may_read(path: Path) -> bool:
    return path.exists() and bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


CHECKS: dict[str, Callable[[], tuple[str, str]]] = {
    "migrations": migrations,
    "roles": roles,
    "worker": worker,
    "disk": disk,
    "mail": mail,
    "letters": letters,
    "backup": backup,
    "keys": keys,
    "encryption": encryption,
}
ASK_THE_DATABASE = (migrations, roles, worker, letters, encryption)
