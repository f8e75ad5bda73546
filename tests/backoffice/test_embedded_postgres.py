import os
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from backoffice import postgres_programs
from backoffice.embedded_postgres import (
    APPLICATION,
    LONGEST_SOCKET_PATH,
    OWNER,
    SOCKET_NAME,
    SUPERUSER,
    DatabaseTrouble,
    EmbeddedPostgres,
)

REPOSITORY = Path(__file__).parents[2]
is_root = os.geteuid() == 0
only_root = pytest.mark.skipif(not is_root, reason="root can become somebody else")
not_root = pytest.mark.skipif(is_root, reason="root may write everywhere")


@pytest.fixture
def office():
    """Makes the server of a folder; none is left running or behind."""
    made = []

    def of(data_dir: Path) -> EmbeddedPostgres:
        made.append(EmbeddedPostgres(data_dir))
        return made[-1]

    yield of
    for postgres in made:
        if postgres.folder.is_dir() and os.access(postgres.folder, os.W_OK):
            remove(postgres)


@pytest.fixture
def postgres(office, tmp_path):
    """A server that was never started."""
    return office(tmp_path / "var")


def remove(postgres: EmbeddedPostgres) -> None:
    home, sockets = postgres.home, postgres.socket_folder
    (home / "belongs_to").unlink(missing_ok=True)
    postgres.stop()
    for folder in (home, sockets, postgres.folder):
        shutil.rmtree(folder, ignore_errors=True)


def connect(postgres: EmbeddedPostgres, role: str, database: str | None = None):
    found = postgres.connection(role)
    return psycopg.connect(
        host=found["HOST"], user=role, dbname=database or found["NAME"], autocommit=True
    )


def make_table(postgres: EmbeddedPostgres, database: str | None = None) -> None:
    with connect(postgres, OWNER, database) as owner:
        owner.execute("CREATE TABLE tea (id int GENERATED ALWAYS AS IDENTITY, name text)")
        owner.execute("CREATE SEQUENCE cups")
        owner.execute("CREATE FUNCTION kettle() RETURNS int LANGUAGE sql RETURN 1")


def kill_everything(postgres: EmbeddedPostgres) -> None:
    postmaster = psutil.Process(postgres.status().pid)
    family = [postmaster, *postmaster.children(recursive=True)]
    for process in family:
        process.kill()
    psutil.wait_procs(family, timeout=10)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def copy_folder(source: Path, target: Path) -> None:
    """Copy as `cp -r` does, which makes no copy of a socket."""
    ignore = shutil.ignore_patterns(f"{SOCKET_NAME}")
    shutil.copytree(source, target, ignore=ignore)


def test_a_started_server_answers_and_tells_where_it_is(postgres):
    before = postgres.status()

    postgres.start()

    status = postgres.status()
    assert (before.running, before.pid) == (False, None)
    assert status.running
    assert status.version.startswith("18.")
    assert status.folder == postgres.home
    assert (status.socket_folder / SOCKET_NAME).is_socket()
    assert "postgres" in psutil.Process(status.pid).name()


def test_starting_a_running_server_is_quick_and_changes_nothing(postgres):
    postgres.start()
    pid = postgres.status().pid

    began = time.perf_counter()
    postgres.start()
    took = time.perf_counter() - began

    assert took < 0.05
    assert postgres.status().pid == pid


def test_both_addresses_reach_the_database_as_their_role(postgres):
    postgres.start()

    roles = []
    for url in (postgres.database_url, postgres.owner_url):
        with psycopg.connect(url) as connection:
            roles.append(connection.execute("SELECT current_user").fetchone()[0])

    assert roles == [APPLICATION, OWNER]


def test_the_shell_is_the_application(postgres):
    postgres.start()

    answer = subprocess.run(
        [*postgres.psql_command(), "--tuples-only", "--command=SELECT current_user"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert answer.stdout.strip() == APPLICATION


@pytest.mark.parametrize("database", [None, "test_backoffice"])
def test_the_application_uses_what_the_owner_makes_in_any_database(postgres, database):
    postgres.start()
    if database:
        with connect(postgres, OWNER, "postgres") as owner:
            owner.execute(f"CREATE DATABASE {database}")
    make_table(postgres, database)

    with connect(postgres, APPLICATION, database) as application:
        application.execute("INSERT INTO tea (name) VALUES ('Assam')")
        application.execute("UPDATE tea SET name = 'Ceylon'")
        found = application.execute("SELECT name, nextval('cups'), kettle() FROM tea").fetchone()
        deleted = application.execute("DELETE FROM tea").rowcount

    assert found == ("Ceylon", 1, 1)
    assert deleted == 1


@pytest.mark.parametrize(
    "forbidden",
    [
        "TRUNCATE tea",
        "ALTER TABLE tea DISABLE TRIGGER ALL",
        "CREATE TRIGGER steep BEFORE UPDATE ON tea EXECUTE FUNCTION never()",
        "DROP TABLE tea",
        "CREATE TABLE coffee ()",
        "CREATE DATABASE coffee",
        "SET session_replication_role = replica",
        "SET ROLE backoffice_owner",
        "ALTER ROLE backoffice SUPERUSER",
        "COPY tea TO PROGRAM 'cat'",
    ],
)
def test_the_application_may_not(postgres, forbidden):
    postgres.start()
    make_table(postgres)

    with (
        connect(postgres, APPLICATION) as application,
        pytest.raises(InsufficientPrivilege) as refusal,
    ):
        application.execute(forbidden)

    assert refusal.value.sqlstate == "42501"


def test_the_application_is_no_member_of_the_owner(postgres):
    postgres.start()

    with connect(postgres, APPLICATION) as application:
        query = "SELECT pg_has_role(%s, %s, 'member')"
        is_member = application.execute(query, [APPLICATION, OWNER]).fetchone()[0]

    assert not is_member


def test_the_cluster_is_safe_and_needs_no_system_locale(postgres):
    postgres.start()

    with connect(postgres, APPLICATION) as application:
        names = ("data_checksums", "fsync", "listen_addresses", "server_encoding")
        settings = [application.execute(f"SHOW {name}").fetchone()[0] for name in names]
        lowered = application.execute("SELECT lower('ÉÑŻ')").fetchone()[0]

    assert settings == ["on", "on", "", "UTF8"]
    assert lowered == "éñż"


def test_nobody_else_can_enter_the_folders(postgres):
    postgres.start()

    closed = (postgres.folder, postgres.cluster, postgres.socket_folder)

    assert [mode(folder) for folder in closed] == [0o700] * 3
    assert mode(postgres.home) & 0o007 == 0


@only_root
def test_another_os_user_is_refused_even_with_the_folders_open(postgres):
    postgres.start()
    socket = postgres.socket_folder / SOCKET_NAME
    for path in (postgres.home, postgres.socket_folder, socket):
        path.chmod(0o777)
    psql = next(postgres.home.glob("programs-*")) / postgres_programs.PROGRAMS / "psql"

    answers = [
        subprocess.run(
            [psql, f"--host={socket.parent}", f"--username={role}", "backoffice"],
            user="nobody",
            extra_groups=[],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        ).stderr
        for role in (APPLICATION, OWNER, SUPERUSER)
    ]

    assert ["Peer authentication failed" in answer for answer in answers] == [True] * 3


def test_a_committed_row_outlives_the_killing_of_everything(postgres):
    postgres.start()
    make_table(postgres)
    with connect(postgres, APPLICATION) as application:
        application.execute("INSERT INTO tea (name) VALUES ('Darjeeling')")
    kill_everything(postgres)

    postgres.start()

    with connect(postgres, APPLICATION) as application:
        assert application.execute("SELECT name FROM tea").fetchall() == [("Darjeeling",)]


def test_a_note_of_a_pid_that_is_now_another_programs_does_not_hinder(postgres):
    postgres.start()
    note = postgres.cluster / "postmaster.pid"
    lines = note.read_text().splitlines()
    kill_everything(postgres)
    note.write_text("\n".join([str(os.getpid()), *lines[1:], ""]))
    (postgres.socket_folder / f"{SOCKET_NAME}.lock").write_text(f"{os.getpid()}\n")

    postgres.start()

    assert postgres.is_running()


def test_a_half_made_cluster_is_made_anew(postgres):
    postgres.start()
    postgres.stop()
    postgres.cluster.rename(postgres.home / "cluster-unfinished")

    postgres.start()

    assert postgres.is_running()
    assert not (postgres.home / "cluster-unfinished").exists()


def test_two_processes_that_start_at_once_share_one_server(postgres):
    code = (
        "import sys, pathlib; from backoffice.embedded_postgres import EmbeddedPostgres;"
        "postgres = EmbeddedPostgres(pathlib.Path(sys.argv[1])); postgres.start();"
        "print(postgres.status().pid)"
    )
    command = [sys.executable, "-c", code, str(postgres.data_dir)]

    starters = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)
        for _ in range(3)
    ]
    answers = {starter.communicate()[0].strip() for starter in starters}

    assert answers == {str(postgres.status().pid)}


def test_a_stopped_server_is_gone_and_stopping_twice_is_harmless(postgres):
    postgres.start()
    pid = postgres.status().pid

    postgres.stop()
    postgres.stop()

    assert not postgres.is_running()
    assert postgres.status().pid is None
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_path_too_long_for_a_socket_is_no_hindrance(office, tmp_path):
    postgres = office(tmp_path / ("long" * 25) / "with space, comma and 'quote'")

    postgres.start()

    assert len(str(postgres.socket_folder / SOCKET_NAME)) <= LONGEST_SOCKET_PATH
    assert mode(postgres.socket_folder) == 0o700
    assert postgres.is_running()


@not_root
def test_a_short_socket_folder_that_is_not_a_folder_of_ours_is_refused(office, tmp_path):
    postgres = office(tmp_path / ("long" * 25))
    postgres.socket_folder.symlink_to(tmp_path)

    with pytest.raises(DatabaseTrouble) as trouble:
        postgres.start()

    postgres.socket_folder.unlink()
    assert "belongs to somebody else: remove it" in str(trouble.value)


def test_a_moved_folder_keeps_its_database(office, tmp_path):
    first = office(tmp_path / "first")
    first.start()
    make_table(first)
    first.stop()
    shutil.move(first.data_dir, tmp_path / "second")

    second = office(tmp_path / "second")
    second.start()

    with connect(second, APPLICATION) as application:
        assert application.execute("SELECT count(*) FROM tea").fetchone() == (0,)


@not_root
def test_a_copied_folder_is_a_database_of_its_own(office, tmp_path):
    original, copy = office(tmp_path / "original"), office(tmp_path / "copy")
    original.start()
    copy_folder(original.data_dir, copy.data_dir)

    copy.start()

    assert copy.status().pid != original.status().pid


@only_root
def test_a_copied_folder_does_not_share_the_database_of_the_original(office, tmp_path):
    original = office(tmp_path / "original")
    original.start()
    shutil.copytree(original.data_dir, tmp_path / "copy")

    with pytest.raises(DatabaseTrouble) as trouble:
        EmbeddedPostgres(tmp_path / "copy").start()

    assert "is a copy and would share the database of" in str(trouble.value)


@only_root
def test_a_folder_that_was_removed_and_made_again_begins_empty(office, tmp_path):
    first = office(tmp_path / "var")
    first.start()
    make_table(first)
    old_home = first.home
    shutil.rmtree(first.data_dir)

    second = office(tmp_path / "var")
    second.start()

    assert second.home != old_home
    with connect(second, APPLICATION) as application:
        assert application.execute("SELECT to_regclass('tea')").fetchone() == (None,)


def test_a_folder_that_cannot_be_made_is_a_clear_sentence(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(DatabaseTrouble) as trouble:
        EmbeddedPostgres(tmp_path / "file" / "var").start()

    assert "set DATA_DIR to another folder" in str(trouble.value)


@not_root
def test_a_folder_without_the_right_to_write_is_a_clear_sentence(tmp_path):
    tmp_path.chmod(0o500)

    with pytest.raises(DatabaseTrouble) as trouble:
        EmbeddedPostgres(tmp_path / "var").start()

    tmp_path.chmod(0o700)
    assert f"cannot use {tmp_path}/var (Permission denied): make it writable" in str(trouble.value)


@only_root
def test_the_folder_of_another_os_user_is_left_alone(tmp_path):
    (tmp_path / "postgres").mkdir()
    shutil.chown(tmp_path / "postgres", "daemon")

    with pytest.raises(DatabaseTrouble) as trouble:
        EmbeddedPostgres(tmp_path).start()

    assert "belongs to the OS user daemon: run this as daemon" in str(trouble.value)


def test_a_cluster_of_another_version_is_left_alone(postgres):
    postgres.start()
    postgres.stop()
    (postgres.cluster / "PG_VERSION").write_text("16\n")

    with pytest.raises(DatabaseTrouble) as trouble:
        postgres.start()

    assert "was made by PostgreSQL 16 and this release brings PostgreSQL 18" in str(trouble.value)


def test_a_server_that_will_not_start_tells_the_end_of_its_log(postgres):
    postgres.start()
    postgres.stop()
    with (postgres.cluster / "postgresql.conf").open("a") as settings:
        settings.write("shared_buffers = plenty\n")

    with pytest.raises(DatabaseTrouble) as trouble:
        postgres.start()

    assert 'invalid value for parameter "shared_buffers"' in str(trouble.value)
    assert str(postgres.log) in str(trouble.value)
