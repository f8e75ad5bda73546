"""manage.py quickstart: what `make run` calls."""

import http.client
import io
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandParser
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice import __version__, jobs, setting_up, supervisor
from backoffice.embedded_postgres import DatabaseTrouble
from backoffice.errors import Refused
from backoffice.management import base
from backoffice.models import Company, OneTimeLink, User
from backoffice.owners import owners
from backoffice.signing_in import make_link

A_DAY = 24 * 60
PATIENCE = 60  # seconds until web and worker must answer
HANGING_UP = 2  # seconds a connection may outlive its process


class Command(base.Command):
    """Make an office of whatever is there, and serve it until told to stop."""

    help = "Start the database, migrate, load the demo company into an empty office, serve it."
    example = "manage.py quickstart --port 8001"
    starts_database = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to serve, and what to begin with."""
        parser.add_argument("--port", type=int, default=8000, help="where to serve")
        parser.add_argument("--empty", action="store_true", help="no demo company")
        parser.add_argument("--currency", help="of the books of an empty office, EUR if not said")
        parser.add_argument("--once", action="store_true", help="do all but serve")

    def run(self, **options: Any) -> None:
        """Do it all, and undo what must not outlive us."""
        port, once = options["port"], options["once"]
        wishes = {"empty": options["empty"], "currency": options["currency"]}
        _check_wishes(**wishes)
        if not once:
            supervisor.check_port(settings.BIND_ADDRESS, port)
        _serve_under(port)
        self.family = supervisor.Supervisor(settings.BASE_DIR)
        try:
            with supervisor.stopping_on_signals():
                self.open_office(**wishes)
                if not once:
                    self.serve(port)
                self.show_the_way_in(once=once)
                if not once:
                    connection.close()
                    self.family.wait()
        except supervisor.Stopped:
            self.say(_("\nStopping."))
        except supervisor.ChildEnded as ended:
            raise base.CheckFailed(str(ended)) from ended
        finally:
            self.family.stop()
            if not once:
                _stop_database()

    def open_office(self, *, empty: bool, currency: str | None) -> None:
        """Database, tables, and a company to look at; each says what it took."""
        self.say(f"Backoffice {__version__}")
        self.step("database", _find_database)
        self.step("migrations", _migrate)
        if empty:
            self.step("office", lambda: _open_empty_office(currency))
        elif setting_up.is_empty():
            self.step("demo", _load_demo)
        else:
            self.step("company", _describe_company)

    def serve(self, port: int) -> None:
        """Start web and worker, and wait until both answer."""
        if not settings.MAIL_IS_SET:
            self.step("mail", self.start_mailbox)
        self.family.start(_("web server"), supervisor.web_command(settings.BIND_ADDRESS, port))
        self.family.start(_("worker"), supervisor.manage_command("worker"))
        self.step("worker", lambda: self.until(_worker_answers))
        self.step("web", lambda: self.until(lambda: _web_answers(port)))

    def start_mailbox(self) -> str:
        """Where no mail server is named, keep the letters on this machine."""
        port = supervisor.free_port()
        os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{port}"
        command = supervisor.manage_command("mailbox", "--port", str(port), "--verbosity", "0")
        self.family.start(_("mailbox"), command)
        return _("kept in %s; set EMAIL_URL to send") % _nearby(settings.DATA_DIR / "mail")

    def until(self, answers: Callable[[], str]) -> str:
        """What a child answers once it does; raises ChildEnded should one end before."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self.family.check()
            if answer := answers():
                return answer
            time.sleep(supervisor.WAKES_EVERY)
        raise base.CheckFailed(_("It did not answer within %d seconds.") % PATIENCE)

    def step(self, name: str, act: Callable[[], str]) -> None:
        """Do one thing and print what came of it, with the time."""
        began = time.perf_counter()
        outcome = act()
        took = time.perf_counter() - began
        self.say(f"  {name:<10} {outcome:<44} {took:>6.1f} s")
        self.stdout.flush()

    def show_the_way_in(self, *, once: bool) -> None:
        """Print the owner's address, last."""
        found = owners()
        self.say()
        if found:
            purpose = OneTimeLink.Purpose.WELCOME
            address = make_link(found[0], purpose=purpose, minutes=A_DAY, by=None)
            self.say(f"  Open   {address}   " + _("(works once, 24 hours)"))
        else:
            self.say(f"  Open   {settings.BASE_URL}   " + _("(nobody holds the role Owner)"))
        if not once:
            self.say("  Stop   Ctrl C")
        self.stdout.flush()


def _check_wishes(*, empty: bool, currency: str | None) -> None:
    if currency and not empty:
        raise Refused(_("The demo company brings its currency: --currency goes with --empty."))


def _serve_under(port: int) -> None:
    """Where BASE_URL is not set, the port decides what we and our children call ourselves."""
    if "BASE_URL" not in os.environ:
        settings.BASE_URL = os.environ["BASE_URL"] = f"http://localhost:{port}"
    os.environ.setdefault("WEB_CONCURRENCY", "2")


def _find_database() -> str:
    postgres = settings.EMBEDDED_POSTGRES
    if postgres is None:
        with connection.cursor() as cursor:
            cursor.execute("select current_setting('server_version')")
            version = cursor.fetchone()[0]
        link = connection.connection.info
        return f"PostgreSQL {version}   {link.host}/{link.dbname}"
    postgres.start()
    place = _nearby(postgres.folder)
    return f"embedded PostgreSQL {postgres.status().version}   {place}"


def _nearby(place: Path) -> Path:
    """The folder as people see it from the project."""
    if place.is_relative_to(settings.BASE_DIR):
        return place.relative_to(settings.BASE_DIR)
    return place


def _migrate() -> str:
    """Migrate in a process of its own, which connects as the owner."""
    recorder = MigrationRecorder(connection)
    before = len(recorder.applied_migrations())
    connection.close()
    done = subprocess.run(
        supervisor.manage_command("migrate", "--verbosity", "0"),
        cwd=settings.BASE_DIR,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["?"])[-1]
        raise base.CheckFailed(_("The migrations failed: %s") % reason)
    applied = len(recorder.applied_migrations()) - before
    return _("%d applied") % applied if applied else _("up to date")


def _open_empty_office(currency: str | None) -> str:
    company = Company.objects.first()
    if company and currency and company.currency_id != currency.upper():
        raise Refused(
            _("The books of this office are in %(books)s, not in %(asked)s.")
            % {"books": company.currency_id, "asked": currency.upper()}
        )
    setting_up.open_empty_office(currency=currency or "EUR", on=timezone.localdate())
    return _describe_company()


def _load_demo() -> str:
    call_command("demo", stdout=io.StringIO())
    return _describe_company()


def _describe_company() -> str:
    company = Company.objects.first()
    people = User.objects.count()
    if company is None:
        return _("not set up")
    counted = ngettext("%d person", "%d people", people) % people
    return _("%(company)s, %(people)s, books in %(currency)s") % {
        "company": company,
        "people": counted,
        "currency": company.currency_id,
    }


def _worker_answers() -> str:
    if not jobs.is_worker_alive():
        return ""
    return _("running, %d periodic jobs") % jobs.periodic_jobs()


def _web_answers(port: int) -> str:
    web = http.client.HTTPConnection(settings.BIND_ADDRESS, port, timeout=5)
    try:
        web.request("GET", "/healthz")
        answer = web.getresponse()
    except OSError:
        return ""
    finally:
        web.close()
    if answer.status != http.HTTPStatus.OK:
        return ""
    place = {"address": settings.BIND_ADDRESS, "port": port}
    return _("running on %(address)s port %(port)d") % place


def _stop_database() -> None:
    """Stop the embedded server, which outlives us otherwise, unless others work with it."""
    postgres = settings.EMBEDDED_POSTGRES
    if postgres is None:
        return
    try:
        is_shared = _others_connected()
        connection.close()
        if not is_shared:
            postgres.stop()
    except (OperationalError, DatabaseTrouble):
        # It is gone already, or somebody else starts or stops it: it is not ours to stop.
        return


def _others_connected() -> bool:
    """Whether anybody else talks to the database, once our children have hung up."""
    others = (
        "select count(*) from pg_stat_activity"
        " where datname is not null and usename is not null and pid <> pg_backend_pid()"
    )
    deadline = time.monotonic() + HANGING_UP
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(others)
            if cursor.fetchone() == (0,):
                return False
        time.sleep(supervisor.WAKES_EVERY)
    return True
