"""The databases of the tests: one that is migrated and left alone, and a copy for each process.

A copy is made anew for every run, so nothing a run leaves behind reaches the next one.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connection
from django.test.utils import setup_databases
from psycopg.sql import SQL, Identifier, Literal

from backoffice.settings import database

# Held while the migrated database is made or copied: two may not do it at once.
TURN = 7_305_241

TABLES = "select tablename from pg_tables where schemaname = 'public' order by tablename"
# What is copied; the server works out the others by itself.
COLUMNS = """select attname from pg_attribute
 where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped and attgenerated = ''
 order by attnum"""

# The rows of every table the migrations fill: what each test may count on.
shipped: dict[str, list[bytes]] = {}


def connect_as(*, owner: bool) -> None:
    """Let Django's connection go on in another role, in the same database."""
    connection.close()
    role = database(owner=owner)
    connection.settings_dict.update(role, NAME=connection.settings_dict["NAME"])


@contextmanager
def owner_cursor(name: str | None = None) -> Iterator[psycopg.Cursor]:
    """A cursor of the database's owner: for dropping guards, and for emptying tables."""
    role = database(owner=True)
    with psycopg.connect(
        dbname=name or connection.settings_dict["NAME"],
        user=role["USER"],
        password=role["PASSWORD"],
        host=role["HOST"],
        port=role["PORT"] or None,
        autocommit=True,
    ) as owner:
        yield owner.cursor()


@contextmanager
def own_database(*, run: str, process: str, anew: bool) -> Iterator[None]:
    """A migrated database of this process's own, reached as the application.

    The first process of a run migrates what all copy; `anew` makes that from nothing.
    """
    office = database(owner=True)["NAME"]
    migrated, copy = f"test_{office}_migrated", f"test_{office}{process and '_'}{process}"
    connect_as(owner=True)
    with owner_cursor(office) as owner:
        owner.execute("select pg_advisory_lock(%s)", [TURN])
        if _run_that_migrated(owner, migrated) != run:
            _migrate(migrated, anew=anew)
            owner.execute(
                SQL("comment on database {} is {}").format(Identifier(migrated), Literal(run))
            )
        _copy(owner, migrated, copy)
    connection.settings_dict["NAME"] = copy
    with owner_cursor() as owner:
        shipped.update({table: rows_of(owner, table) for table in _filled(owner)})
    connect_as(owner=False)
    yield
    connection.close()
    assert not_as_shipped() == []


def not_as_shipped() -> list[str]:
    """The tables in which rows are that the migrations did not bring, or some of those are not."""
    with owner_cursor() as owner:
        return sorted([*_added(owner), *_changed(owner)])


def empty_database() -> None:
    """Let each table hold what the migrations brought and nothing else, past the guards."""
    with owner_cursor() as owner, owner.connection.transaction():
        changed = _changed(owner)
        tables = [*_added(owner), *changed]
        for table in tables:
            owner.execute(f"alter table {table} disable trigger user")
        # In one statement, at whose end the keys between them are checked.
        parts = ", ".join(f"_{number} as (delete from {t})" for number, t in enumerate(tables))
        if parts:
            owner.execute(f"with {parts} select")
        for table in changed:
            _fill(owner, table, shipped[table])
        # The keys are checked now, for no table is altered while a check is pending.
        owner.execute("set constraints all immediate")
        for table in tables:
            owner.execute(f"alter table {table} enable trigger user")


def rows_of(owner: psycopg.Cursor, table: str) -> list[bytes]:
    """What the table holds, a line for each row."""
    with owner.copy(f"copy {table} ({_columns(owner, table)}) to stdout") as lines:
        return sorted(bytes(line) for line in lines)


def _fill(owner: psycopg.Cursor, table: str, rows: list[bytes]) -> None:
    with owner.copy(f"copy {table} ({_columns(owner, table)}) from stdin") as lines:
        for row in rows:
            lines.write(row)


def _columns(owner: psycopg.Cursor, table: str) -> str:
    return ", ".join(f'"{name}"' for (name,) in owner.execute(COLUMNS, [table]).fetchall())


def _filled(owner: psycopg.Cursor) -> list[str]:
    tables = [name for (name,) in owner.execute(TABLES).fetchall()]
    parts = [f"select '{table}' where exists (select from {table})" for table in tables]
    return [name for (name,) in owner.execute(" union all ".join(parts)).fetchall()]


def _added(owner: psycopg.Cursor) -> list[str]:
    return [table for table in _filled(owner) if table not in shipped]


def _changed(owner: psycopg.Cursor) -> list[str]:
    return [table for table, rows in shipped.items() if rows_of(owner, table) != rows]


def _run_that_migrated(owner: psycopg.Cursor, name: str) -> str | None:
    question = "select shobj_description(oid, 'pg_database') from pg_database where datname = %s"
    found = owner.execute(question, [name]).fetchone()
    return found and found[0]


def _migrate(name: str, *, anew: bool) -> None:
    """Bring the database others copy to the last migration."""
    connection.settings_dict["TEST"]["NAME"] = name
    setup_databases(verbosity=0, interactive=False, keepdb=not anew, serialized_aliases=())
    connection.close()


def _copy(owner: psycopg.Cursor, migrated: str, copy: str) -> None:
    copy_name = Identifier(copy)
    owner.execute(SQL("drop database if exists {}").format(copy_name))
    owner.execute(SQL("create database {} template {}").format(copy_name, Identifier(migrated)))
    # What a crash of the machine would lose is made anew in any case.
    owner.execute(SQL("alter database {} set synchronous_commit = off").format(copy_name))
