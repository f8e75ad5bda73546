"""The test database: made and migrated by its owner, used as the application."""

from contextlib import contextmanager
from datetime import date

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import setup_databases, teardown_databases

from backoffice.settings import database

# What migrations put in place and every test may count on.
KEPT_TABLES = {
    "backoffice_currency",
    "backoffice_grant",
    "backoffice_role",
    "django_content_type",
    "django_migrations",
    "auth_permission",
}


def pytest_addoption(parser):
    parser.addoption("--write-access", action="store_true", help="write tests/access.csv anew")


def pytest_configure(config):
    if settings.EMBEDDED_POSTGRES is not None:
        settings.EMBEDDED_POSTGRES.start()


def connect_as(*, owner: bool) -> None:
    """Let Django's connection go on in another role, in the same database."""
    connection.close()
    role = database(owner=owner)
    connection.settings_dict.update(role, NAME=connection.settings_dict["NAME"])


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment,
    django_db_blocker,
    django_db_keepdb,
    django_db_createdb,
    django_db_modify_db_settings,
):
    """Create and migrate as owner, then connect as the application."""
    with django_db_blocker.unblock():
        connect_as(owner=True)
        keepdb = django_db_keepdb and not django_db_createdb
        made = setup_databases(
            verbosity=0, interactive=False, keepdb=keepdb, serialized_aliases=()
        )
        connect_as(owner=False)
    yield
    if not django_db_keepdb:
        with django_db_blocker.unblock():
            connect_as(owner=True)
            teardown_databases(made, verbosity=0)


@contextmanager
def owner_cursor():
    """A cursor of the database's owner: for dropping guards, and for emptying tables."""
    role = database(owner=True)
    with psycopg.connect(
        dbname=connection.settings_dict["NAME"],
        user=role["USER"],
        password=role["PASSWORD"],
        host=role["HOST"],
        port=role["PORT"] or None,
        autocommit=True,
    ) as owner:
        yield owner.cursor()


@pytest.fixture
def committed(django_db_setup, django_db_blocker):
    """A database in which commits are real; its owner empties it afterwards."""
    with django_db_blocker.unblock():
        yield
        connection.close()
        empty_database()


def empty_database() -> None:
    """Take out every row the migrations did not bring, past the guards."""
    with owner_cursor() as cursor, cursor.connection.transaction():
        cursor.execute("select tablename from pg_tables where schemaname = 'public'")
        tables = sorted({name for (name,) in cursor.fetchall()} - KEPT_TABLES)
        cursor.execute(
            " union all ".join(f"select '{t}' where exists (select from {t})" for t in tables)
        )
        filled = [name for (name,) in cursor.fetchall()]
        for table in filled:
            cursor.execute(f"alter table {table} disable trigger user")
        # In one statement, at whose end the keys between them are checked.
        parts = ", ".join(f"_{number} as (delete from {t})" for number, t in enumerate(filled))
        if parts:
            cursor.execute(f"with {parts} select")
        # The keys are checked now, for no table is altered while a check is pending.
        cursor.execute("set constraints all immediate")
        for table in filled:
            cursor.execute(f"alter table {table} enable trigger user")


@pytest.fixture
def day():
    """The day a test happens on."""
    return date(2026, 11, 23)
