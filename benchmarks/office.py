"""The offices benchmarks run in: databases of their own beside the real one, never in it.

`python -m benchmarks.office --lines 1000000` makes, fills or finds the full one.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from accounting.blocks import post_block
from accounting.entry_rules import PlainEntry, PlainLine, whole_books
from accounting.models import Account, JournalEntry
from accounting.years import open_year_for
from backoffice.management.base import start_database
from backoffice.models import Company, Department, Party, User
from backoffice.setting_up import finish, open_empty_office
from backoffice.settings import database
from backoffice.staff import owners
from benchmarks.workload import (
    ACCOUNTS,
    FIRST_DAY,
    KINDS,
    Movement,
    account_path,
    movements,
)

PARTIES = 100_000
KIND_OF = dict(zip(KINDS, ("asset", "liability", "income", "expense", "equity"), strict=True))


@dataclass(frozen=True)
class Office:
    """An office in a database of its own on the server of the settings."""

    name: str

    @cached_property
    def wrapper(self) -> BaseDatabaseWrapper:
        """The application's connection to it."""
        return connection_to(self.name)

    @property
    def url(self) -> str:
        """Its DATABASE_URL, for a process of its own."""
        return url_of(self.name)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Let everything that happens inside happen in this office."""
        outside = connections["default"]
        connections["default"] = self.wrapper
        try:
            yield
        finally:
            connections["default"] = outside

    @cached_property
    def owner(self) -> User:
        """Who posts."""
        with self.entered():
            return owners()[0]

    @cached_property
    def accounts(self) -> list[Account]:
        """The accounts of the workload, in its order."""
        with self.entered():
            return list(Account.objects.exclude(parent=None).order_by("name"))

    def close(self) -> None:
        """Let go of the connection."""
        self.wrapper.close()


def connection_to(name: str, *, owner: bool = False) -> BaseDatabaseWrapper:
    """A connection of its own, to the named database or, without a name, the office's."""
    wrapper = connections.create_connection("default")
    facts = database(owner=owner)
    wrapper.settings_dict = {**wrapper.settings_dict, **facts, "NAME": name or facts["NAME"]}
    return wrapper


def url_of(name: str, *, owner: bool = False) -> str:
    """The DATABASE_URL of a database on the server of the settings."""
    facts = database(owner=owner)
    who = quote(facts["USER"]) + (f":{quote(facts['PASSWORD'])}" if facts["PASSWORD"] else "")
    port = f":{facts['PORT']}" if facts["PORT"] else ""
    host = facts["HOST"]
    where = f"/{host}" if host.startswith("/") else f"{host}{port}"
    return f"postgres://{who}@{where}/{name}"


@contextmanager
def as_owner(name: str = "") -> Iterator[BaseDatabaseWrapper]:
    """The connection of the role that may make databases and tables."""
    wrapper = connection_to(name, owner=True)
    try:
        yield wrapper
    finally:
        wrapper.close()


def run_as_owner(name: str, *statements: str) -> None:
    """Run statements, each in its own transaction."""
    with as_owner(name) as wrapper, wrapper.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def make_database(name: str) -> None:
    """An empty database in place of whatever had the name."""
    start_database()
    run_as_owner("", f"drop database if exists {name} with (force)", f"create database {name}")


def is_there(name: str) -> bool:
    """Whether the database exists."""
    start_database()
    with as_owner() as wrapper, wrapper.cursor() as cursor:
        cursor.execute("select 1 from pg_database where datname = %s", [name])
        return cursor.fetchone() is not None


def fresh_office(name: str) -> Office:
    """An office with the chart and the years of the workload and no entry yet."""
    make_database(name)
    office = Office(name)
    with as_owner(name) as wrapper:
        outside, connections["default"] = connections["default"], wrapper
        try:
            call_command("migrate", verbosity=0)
        finally:
            connections["default"] = outside
    with office.entered():
        owner = open_empty_office(currency="USD", on=timezone.localdate())
        finish(Company.objects.get())
        for day in (FIRST_DAY, FIRST_DAY.replace(year=2024), FIRST_DAY.replace(year=2025)):
            open_year_for(day, by=owner)
        make_chart()
    return office


def kept_office(name: str, make: Callable[[], None]) -> Office:
    """The office of this name: what it holds is made inside it the first time, then kept."""
    office = Office(name)
    if not is_there(name):
        office = fresh_office(name)
        with office.entered():
            make()
        run_as_owner(name, "vacuum analyze")
    return office


def make_chart() -> None:
    """Two hundred accounts under five headings."""
    headings = {
        kind: Account.objects.create(code=str(place), name=kind, kind=KIND_OF[kind])
        for place, kind in enumerate(KINDS, start=1)
    }
    for number in range(ACCOUNTS):
        heading, _colon, name = account_path(number).partition(":")
        Account.objects.create(
            code=f"{headings[heading].code}{number:03}",
            name=name,
            kind=KIND_OF[heading],
            parent=headings[heading],
        )


def full_office(lines: int) -> Office:
    """The office that holds so many journal lines; made and filled the first time."""
    office = Office(f"benchmark_{lines}_lines")
    if not is_there(office.name) or not has_entries(office, lines // 2):
        fill(fresh_office(office.name), lines // 2)
    return office


def has_entries(office: Office, entries: int) -> bool:
    """Whether filling it came to its end."""
    with office.entered():
        has_tables = "accounting_journalentry" in connection.introspection.table_names()
        return has_tables and JournalEntry.objects.count() >= entries


def fill(office: Office, entries: int) -> None:
    """Post the workload in one block, and put parties into the directory."""
    with office.entered():
        books = whole_books()
        began = time.perf_counter()

        def progress(read: int) -> None:
            if read % 50_000 == 0:
                print(f"  {read:,} entries, {read / (time.perf_counter() - began):,.0f}/s")

        found = (plain_entry(one, office, books.root_department) for one in movements(entries))
        post_block(found, by=office.owner, books=books, progress=progress)
        Party.objects.bulk_create(
            (Party(name=f"Party {number:06}") for number in range(PARTIES)), batch_size=5000
        )
    run_as_owner(office.name, "vacuum analyze")
    took = time.perf_counter() - began
    print(f"  {entries:,} entries posted in {took:,.1f} s")


def plain_entry(movement: Movement, office: Office, department: int) -> PlainEntry:
    """A movement of the workload as an entry."""
    accounts, amount = office.accounts, movement.amount
    return PlainEntry(
        on=movement.on,
        text=f"memo {movement.number}",
        source_key=f"benchmark:{movement.number}",
        lines=[
            PlainLine(accounts[movement.debited].pk, department, amount),
            PlainLine(accounts[movement.credited].pk, department, -amount),
        ],
    )


def main() -> None:
    """Make, fill or find the full office."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    lines = parser.parse_args().lines
    office = full_office(lines)
    with office.entered():
        print(
            f"{office.name}: {JournalEntry.objects.count():,} entries,"
            f" {Account.objects.count()} accounts, {Department.objects.count()} department(s),"
            f" {Party.objects.count():,} parties, in {settings.DATA_DIR}"
        )


if __name__ == "__main__":
    main()
