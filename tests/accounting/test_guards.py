"""Every guard of the database: with it the act is refused, without it the act succeeds."""

from contextlib import contextmanager
from threading import Event, Thread

import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction
from psycopg.errors import CheckViolation

from accounting.checks import findings
from accounting.models import (
    Account,
    Allocation,
    JournalEntry,
    JournalLine,
    MonthlyBalance,
    Payment,
)
from backoffice.errors import Refused
from backoffice.models import Department
from tests.accounting import forbidden, forbidden_budgets
from tests.accounting.forbidden import sale
from tests.accounting.forbidden_assets import FORBIDDEN_TO_ASSETS, call_an_asset_given_up
from tests.accounting.forbidden_bank import FORBIDDEN_BANK
from tests.accounting.forbidden_documents import FORBIDDEN_TO_DOCUMENTS
from tests.accounting.forbidden_settling import (
    FORBIDDEN_SETTLING,
    LATER,
    become_what_is_owed,
    change_when_it_is_due,
    pair,
    pay,
    say_when_it_is_due,
    settle,
)
from tests.databases import empty_database, owner_cursor
from tests.factories.accounting import A_DAY_IN_MAY, raw_entry, raw_lines, small_books

DEFINITIONS = {
    "trigger": (
        "select tgrelid::regclass, pg_get_triggerdef(oid) from pg_trigger"
        " where tgname = %s and not tgisinternal and tgparentid = 0"
    ),
    "constraint": (
        "select conrelid::regclass, format('alter table %%s add constraint %%I %%s',"
        " conrelid::regclass, conname, pg_get_constraintdef(oid))"
        " from pg_constraint where conname = %s and contype in ('c', 'u', 'x')"
    ),
    "index": (
        "select indexrelid::regclass, pg_get_indexdef(indexrelid) from pg_index"
        " where indexrelid = to_regclass(%s)"
    ),
}

EXCLUDING = (
    *("accounting_period", "accounting_fiscalyear"),
    *("accounting_taxrate", "accounting_taxreturn"),
)


DUE_DAYS = {
    "said_due_days_are_kept": say_when_it_is_due,
    "changed_due_days_are_kept": change_when_it_is_due,
    "lines_of_a_role_are_due": become_what_is_owed,
}


@contextmanager
def without(*guards):
    """The database without these guards; afterwards empty, and guarded as before."""
    definitions = []
    try:
        with owner_cursor() as cursor:
            for guard in guards:
                definitions += [dropped(cursor, guard)]
        yield
    finally:
        connection.close()
        empty_database()
        with owner_cursor() as cursor:
            # An exclusion would still be worked out for rows deleted a moment ago, and fail on
            # those it forbids: a truncated table has none.
            cursor.execute(f"truncate {', '.join(EXCLUDING)} cascade")
            for definition in reversed(definitions):
                cursor.execute(definition)


def dropped(cursor, guard):
    """Drop the guard, whatever it is; the statement that makes it again."""
    for kind, question in DEFINITIONS.items():
        found = cursor.execute(question, [guard]).fetchone()
        if found:
            where, definition = found
            cursor.execute(
                {
                    "trigger": f"drop trigger {guard} on {where}",
                    "constraint": f"alter table {where} drop constraint {guard}",
                    "index": f"drop index {guard}",
                }[kind]
            )
            return definition
    raise LookupError(f"There is no guard {guard}.")


FORBIDDEN = [
    *forbidden.FORBIDDEN,
    *forbidden_budgets.FORBIDDEN,
    *FORBIDDEN_SETTLING,
    *FORBIDDEN_BANK,
    *FORBIDDEN_TO_ASSETS,
    *FORBIDDEN_TO_DOCUMENTS,
]

acts = pytest.mark.parametrize(
    ("act", "guards", "name"), FORBIDDEN, ids=[act.__name__ for act, *_rest in FORBIDDEN]
)


def commit(act, books):
    """Do it in one transaction to the end, because some guards speak at commit."""
    with transaction.atomic():
        act(books)


@acts
def test_the_database_refuses_it(real_books, act, guards, name):
    with pytest.raises((DatabaseError, Refused)) as refusal:
        commit(act, real_books)

    assert broken_guard(refusal.value) == name


def broken_guard(refusal):
    """The name of the guard that spoke; an act used on the way has put it in words."""
    spoken = refusal.__cause__ if isinstance(refusal, Refused) else refusal
    return spoken.__cause__.diag.constraint_name


@acts
def test_without_its_guard_it_succeeds(committed, act, guards, name):
    with without(*guards):
        commit(act, small_books())


def test_every_guard_of_the_books_is_tested(committed):
    tested = {guard for _act, guards, _name in FORBIDDEN for guard in guards}
    tested |= {"lines_move_balances", "entries_stay", "lines_stay"}  # below
    tested |= {"allocations_stay", "payments_stay", *DUE_DAYS}

    with owner_cursor() as cursor:
        cursor.execute(
            "select tgname from pg_trigger where not tgisinternal"
            " and tgfoid <> 'write_trail'::regproc and tgrelid in"
            " (select oid from pg_class where relname like 'accounting\\_%'"
            "  or relname = 'backoffice_company')"
        )
        triggers = {name for (name,) in cursor.fetchall()}
        cursor.execute(
            "select conname from pg_constraint where contype in ('c', 'x')"
            " and conrelid::regclass::text like 'accounting\\_%'"
            " and conname not like '%\\_check'"  # Django's own: this number is not negative
        )
        constraints = {name for (name,) in cursor.fetchall()}

    assert triggers | constraints <= tested


def test_balances_follow_lines_by_their_trigger_alone(committed):
    with without("lines_move_balances"):
        commit(sale, small_books())
        assert not MonthlyBalance.objects.exists()
        broken = {finding.check for finding in findings() if not finding.holds}
        assert "monthly balances follow from the lines" in broken


@pytest.mark.parametrize("guard", DUE_DAYS)
def test_a_line_is_due_on_the_day_said_by_its_trigger_alone(committed, guard):
    with without(guard):
        commit(DUE_DAYS[guard], small_books())
        broken = {finding.check for finding in findings() if not finding.holds}
        assert broken == {"what is owed is due on the day said of it"}


@pytest.mark.parametrize("act", DUE_DAYS.values())
def test_a_line_is_due_on_the_day_said(real_books, act):
    commit(act, real_books)

    assert JournalLine.objects.get(due_on__isnull=False).due_on == LATER
    assert all(finding.holds for finding in findings())


def test_a_state_that_does_not_follow_is_found(committed):
    with without("assets_keep_their_terms"):
        commit(call_an_asset_given_up, small_books())
        broken = {finding.check for finding in findings() if not finding.holds}
        assert broken == {"states of assets follow from their events"}


@pytest.mark.parametrize("gone", ["account", "department"])
def test_a_line_names_an_account_and_a_department_that_exist(real_books, gone):
    nobody = (Account if gone == "account" else Department)(pk=999_999)

    with pytest.raises(IntegrityError, match="foreign key"):
        commit(
            lambda books: raw_entry(books, (books.bank, "5", {gone: nobody}), (books.sales, "-5")),
            real_books,
        )

    assert not JournalLine.objects.exists()


@pytest.mark.parametrize("table", ["accounting_account", "backoffice_department"])
def test_what_lines_name_is_not_deleted(real_books, table):
    commit(sale, real_books)
    key = real_books.bank.pk if table == "accounting_account" else real_books.root.pk

    with (
        pytest.raises(IntegrityError, match="foreign key"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"delete from {table} where id = %s", [key])


def test_balances_follow_lines(real_books):
    commit(sale, real_books)

    assert {(b.account.code, b.debit, b.credit) for b in MonthlyBalance.objects.all()} == {
        ("1000", 5, 0),
        ("4000", 0, 5),
    }


@pytest.mark.parametrize("model", [JournalEntry, JournalLine])
def test_not_even_the_owner_truncates_the_journal(real_books, model):
    table = model._meta.db_table
    commit(sale, real_books)

    with owner_cursor() as cursor, pytest.raises(CheckViolation, match="post a reversal"):
        cursor.execute(f"truncate {table} cascade")
    assert JournalLine.objects.count() == 2

    connection.close()
    with without("entries_stay", "lines_stay", "allocations_stay", "payments_stay"):
        with owner_cursor() as cursor:
            cursor.execute(f"truncate {table} cascade")
        assert not model.objects.exists()


@pytest.mark.parametrize(
    ("model", "act", "guard"),
    [
        (Allocation, lambda books: settle(*pair(books)), "allocations_stay"),
        (Payment, pay, "payments_stay"),
    ],
)
def test_not_even_the_owner_truncates_what_was_settled_or_paid(real_books, model, act, guard):
    table = model._meta.db_table
    commit(act, real_books)

    with owner_cursor() as cursor, pytest.raises(CheckViolation):
        cursor.execute(f"truncate {table} cascade")
    assert model.objects.exists()

    connection.close()
    with without(guard):
        with owner_cursor() as cursor:
            cursor.execute(f"truncate {table} cascade")
        assert not model.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "truncate accounting_journalline",
        "alter table accounting_journalline disable trigger all",
        "drop trigger lines_are_final on accounting_journalline",
        "set session_replication_role = replica",
        "create or replace function guard_lines_balance() returns trigger"
        " language plpgsql as 'begin return null; end'",
    ],
)
def test_the_application_cannot_go_round_the_guards(books, statement):
    refused = pytest.raises(ProgrammingError, match=r"permission denied|must be owner")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


# --- Two connections: a line on its way to an entry that is on its way ---------------------------


PK = 987_654


def to_its_end(act, done, refusals):
    """Run one side of a race in its transaction, and note what it was refused for."""
    try:
        with transaction.atomic():
            act()
    except DatabaseError as error:
        refusals.append(error.__cause__.diag.constraint_name)
    finally:
        connection.close()
        done.set()


def race(books, *, entry_first):
    """One writes an entry, another a line to it, before either commits; what was refused."""
    refusals, entry_is_written, line_is_written = [], Event(), Event()
    entry_is_committed = Event()

    def enter():
        if not entry_first:
            line_is_written.wait(10)
        raw_entry(books, (books.bank, 5), (books.sales, -5), id=PK)
        entry_is_written.set()
        line_is_written.wait(10)

    def add():
        if entry_first:
            entry_is_written.wait(10)
        try:
            raw_lines(books, JournalEntry(pk=PK, date=A_DAY_IN_MAY), (books.rent, 3), first=3)
        finally:
            line_is_written.set()
        entry_is_committed.wait(10)

    threads = [
        Thread(target=to_its_end, args=(enter, entry_is_committed, refusals)),
        Thread(target=to_its_end, args=(add, Event(), refusals)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refusals


@pytest.mark.parametrize("entry_first", [True, False])
def test_no_line_slips_into_an_entry_being_posted(real_books, entry_first):
    refusals = race(real_books, entry_first=entry_first)

    assert refusals == ["entry_balances"]
    assert list(JournalLine.objects.values_list("position", flat=True)) == [1, 2]


@pytest.mark.parametrize("entry_first", [True, False])
def test_without_its_guard_the_line_slips_in(committed, entry_first):
    with without("lines_balance"):
        assert race(small_books(), entry_first=entry_first) == []
        assert JournalLine.objects.count() == 3
