import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from backoffice import postgres_programs
from backoffice.embedded_postgres import APPLICATION, OWNER, SUPERUSER, DatabaseTrouble
from backoffice.postgres_folders import SOCKET_NAME
from backoffice.postgres_programs import ProgramFailed, plain_words
from tests.backoffice.offices import connect, kill_everything, make_table, only_root

REPOSITORY = Path(__file__).parents[2]


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

    took = []
    for _attempt in range(5):
        began = time.perf_counter()
        postgres.start()
        took.append(time.perf_counter() - began)

    # On a busy machine others take their turn in between, but not every time.
    assert min(took) < 0.05
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


def test_the_application_may_not_touch_the_guards(postgres):
    forbidden = [
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
    ]
    postgres.start()
    make_table(postgres)

    refused = []
    with connect(postgres, APPLICATION) as application:
        for statement in forbidden:
            with contextlib.suppress(InsufficientPrivilege):
                application.execute(statement)
                continue
            refused.append(statement)

    assert refused == forbidden


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


def test_a_server_whose_socket_was_swept_away_is_started_again(postgres):
    postgres.start()
    (postgres.socket_folder / SOCKET_NAME).unlink()

    postgres.start()

    assert postgres.is_running()


def test_a_half_made_cluster_is_made_anew(postgres):
    postgres.start()
    postgres.stop()
    postgres.cluster.rename(postgres.home / "cluster-unfinished-1")

    postgres.start()

    assert postgres.is_running()
    assert not list(postgres.home.glob("cluster-unfinished*"))


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


def test_a_cluster_of_another_version_is_left_alone(postgres):
    postgres.start()
    postgres.stop()
    (postgres.cluster / "PG_VERSION").write_text("16\n")

    with pytest.raises(DatabaseTrouble) as trouble:
        postgres.start()

    assert "was made by PostgreSQL 16 and this release brings PostgreSQL 18" in str(trouble.value)


def test_a_full_disk_is_a_clear_sentence(tmp_path):
    said = ProgramFailed("FATAL: could not write lock file: No space left on device")

    with pytest.raises(DatabaseTrouble) as trouble, plain_words(tmp_path / "server.log"):
        raise said

    assert str(trouble.value) == f"The disk of {tmp_path} is full: make some room and start again."


def test_a_server_that_will_not_start_tells_the_end_of_its_log(postgres):
    postgres.start()
    postgres.stop()
    with (postgres.cluster / "postgresql.conf").open("a") as settings:
        settings.write("shared_buffers = plenty\n")

    with pytest.raises(DatabaseTrouble) as trouble:
        postgres.start()

    assert 'invalid value for parameter "shared_buffers"' in str(trouble.value)
    assert str(postgres.log) in str(trouble.value)
