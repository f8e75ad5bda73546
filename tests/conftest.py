"""What every test runs in: a database used as the application, and pages that are drawn."""

from contextvars import ContextVar
from datetime import date
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.template import Context, Template
from django.test.signals import template_rendered

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


is_within_a_page: ContextVar[bool] = ContextVar("is_within_a_page", default=False)


def draw(template: Template, context: Context) -> str:
    """Draw it; the context of a page is told, those of the many parts within it are not.

    Django tells each of them, and the client copies all: a third of what a form takes to draw.
    """
    if is_within_a_page.get():
        return template.nodelist.render(context)
    template_rendered.send(sender=template, template=template, context=context)
    before = is_within_a_page.set(True)
    try:
        return template.nodelist.render(context)
    finally:
        is_within_a_page.reset(before)


@pytest.fixture(scope="session", autouse=True)
def contexts_of_pages(django_test_environment):
    """Answers come with the context of their page, `answer.context`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "_render", draw)
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
