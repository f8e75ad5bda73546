"""A real browser in front of the real server. Without Chromium or Chrome these tests skip."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from backoffice.models import Party
from tests.backoffice.working import work_off
from tests.factories.backoffice import CompanyFactory, PartyFactory, staff

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PROGRAM = next(filter(None, map(shutil.which, BROWSERS)), None)
WIDE, PHONE = (1440, 900), (390, 844)


def pytest_collection_modifyitems(config, items):
    """Mark these tests; without a browser leave one to say, in one line, that none was run."""
    ours = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.browser)
    if not ours or PROGRAM:
        return
    words = f"NO CHROMIUM OR CHROME FOUND: NONE OF {len(ours)} BROWSER TESTS WAS RUN"
    ours[0].add_marker(pytest.mark.skip(reason=words))
    config.hook.pytest_deselected(items=ours[1:])
    items[:] = [item for item in items if item not in ours[1:]]


@pytest.fixture(scope="session")
def browser():
    """The browser of this machine."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # The browser runs an event loop in this thread; the database is not used by it.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        found = playwright.chromium.launch(executable_path=PROGRAM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="session")
def server(browser, django_db_setup):
    """The application, served on a port of its own."""
    running = LiveServer("localhost")
    yield running
    running.stop()


@pytest.fixture
def office(server, committed):
    """A company with its owner, all functions open and a full page of parties."""
    CompanyFactory(set_up_at=timezone.now())
    owner = staff("Owner", name="Ines Moreau", email="ines@example.com")
    Party.objects.bulk_create(PartyFactory.build_batch(53))
    return owner


@pytest.fixture
def worker(office):
    """Does what is queued, in a thread of its own: the browser's loop runs in this one."""

    def work() -> None:
        with ThreadPoolExecutor(1) as thread:
            thread.submit(work_off).result()

    return work


@dataclass
class Visit:
    """Somebody in front of a page, with what their browser complains about."""

    page: Page
    server: LiveServer
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go there."""
        self.page.goto(self.server.url + path)
        return self.page


@pytest.fixture
def look(browser, server):
    """Makes visits of nobody in particular. A complaint of the browser fails the test, as any
    refusal of the content policy is one."""
    made = []

    def start(size=WIDE, *, scheme="light", javascript=True) -> Visit:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            java_script_enabled=javascript,
        )
        new = Visit(context.new_page(), server)
        new.page.on("console", lambda said: _note(new, said))
        new.page.on("pageerror", lambda error: new.complaints.append(str(error)))
        made.append((context, new))
        return new

    yield start
    for context, new in made:
        context.close()
        assert not new.complaints


@pytest.fixture
def visit(visit_of, office):
    """Makes visits of the owner."""

    def start(*size, **facts) -> Visit:
        return visit_of(office, *size, **facts)

    return start


@pytest.fixture
def visit_of(look):
    """Makes visits of somebody, each in a browser of their own."""

    def start(user, *size, **facts) -> Visit:
        client = Client()
        client.force_login(user)
        new = look(*size, **facts)
        session = client.cookies["sessionid"].value
        new.page.context.add_cookies(
            [{"name": "sessionid", "value": session, "url": new.server.url}]
        )
        return new

    return start


# A request given up because a newer one took its place, or its page was left, is meant. What
# truly fails has a name of its own beside these.
MEANT = ("htmx:sendAbort,", "htmx:afterRequest,")


def _note(visit: Visit, said) -> None:
    if said.type in ("error", "warning") and not said.text.startswith(MEANT):
        visit.complaints.append(said.text)
