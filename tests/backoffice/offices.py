"""Embedded servers for tests that need no Django database."""

import os
import shutil
import stat
from pathlib import Path

import psutil
import psycopg
import pytest

from backoffice.embedded_postgres import OWNER, EmbeddedPostgres

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
