import json
from urllib.parse import urlencode

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from backoffice.embedded_postgres import APPLICATION, OWNER
from tests.backoffice.offices import connect
from tests.backoffice.running import manage

NAME = "elsewhere"


@pytest.fixture
def elsewhere(postgres):
    """A database of one's own on a server, in which nobody has been given anything yet."""
    postgres.start()
    with connect(postgres, OWNER, "postgres") as owner:
        owner.execute(f"CREATE DATABASE {NAME} TEMPLATE template0")
    return postgres


def address(server, role: str) -> str:
    return f"postgresql:///{NAME}?{urlencode({'host': server.socket_folder, 'user': role})}"


def test_migrating_as_the_owner_lets_the_application_work_but_not_touch_the_guards(
    elsewhere, tmp_path
):
    urls = {
        "DATABASE_URL": address(elsewhere, APPLICATION),
        "OWNER_DATABASE_URL": address(elsewhere, OWNER),
    }

    migrated = manage("migrate", "--verbosity", "0", DATA_DIR=str(tmp_path / "other"), **urls)
    opened = manage("quickstart", "--empty", "--once", DATA_DIR=str(tmp_path / "other"), **urls)
    looked = manage("doctor", "--json", DATA_DIR=str(tmp_path / "other"), **urls)

    assert migrated.returncode == 0, migrated.stderr
    assert migrated.stderr == ""
    assert opened.returncode == 0, opened.stderr
    assert f"{elsewhere.socket_folder}/{NAME}" in opened.stdout
    assert {c["name"]: c["status"] for c in json.loads(looked.stdout)["checks"]}[
        "roles"
    ] == "passed"
    with psycopg.connect(urls["DATABASE_URL"], autocommit=True) as application:
        for forbidden in ("TRUNCATE backoffice_user CASCADE", "DROP TABLE backoffice_user"):
            with pytest.raises(InsufficientPrivilege):
                application.execute(forbidden)


def test_one_role_may_do_both_which_the_doctor_notes(elsewhere, tmp_path):
    url = {"DATABASE_URL": address(elsewhere, OWNER), "DATA_DIR": str(tmp_path / "other")}

    opened = manage("quickstart", "--empty", "--once", **url)
    looked = manage("doctor", "--json", **url)

    roles = {check["name"]: check for check in json.loads(looked.stdout)["checks"]}["roles"]
    assert (opened.returncode, looked.returncode) == (0, 0)
    assert roles["status"] == "warning"
    assert "OWNER_DATABASE_URL" in roles["sentence"]
    assert not (tmp_path / "other" / "postgres").exists()


def test_the_embedded_server_is_not_for_a_database_elsewhere(elsewhere, tmp_path):
    url = address(elsewhere, APPLICATION)

    refused = manage("database", "status", DATABASE_URL=url, DATA_DIR=str(tmp_path / "other"))

    assert refused.returncode == 2
    assert refused.stderr == "DATABASE_URL is set: the database is not the embedded one.\n"
