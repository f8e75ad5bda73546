"""The test database: made and migrated by its owner, used as the application."""

from datetime import date
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection

from tests.databases import empty_database, own_database


def pytest_addoption(parser):
    parser.addoption("--write-access", action="store_true", help="write tests/access.csv anew")


def pytest_configure(config):
    if settings.EMBEDDED_POSTGRES is not None:
        settings.EMBEDDED_POSTGRES.start()


@pytest.fixture(scope="session")
def django_db_setup(request, django_test_environment, django_db_blocker, django_db_createdb):
    """A database of this process's own, in which no test may leave anything."""
    worker = getattr(request.config, "workerinput", {})
    run = worker.get("testrunuid") or uuid4().hex
    process = worker.get("workerid", "")
    with (
        django_db_blocker.unblock(),
        own_database(run=run, process=process, anew=django_db_createdb),
        django_db_blocker.block(),
    ):
        yield


@pytest.fixture
def committed(django_db_setup, django_db_blocker):
    """A database in which commits are real; its owner empties it afterwards."""
    with django_db_blocker.unblock():
        yield
        connection.close()
        empty_database()


@pytest.fixture
def day():
    """The day a test happens on."""
    return date(2026, 11, 23)
