"""Every change is written down by the database, signed, and stays as it is."""

import re
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.urls import reverse
from psycopg.errors import CheckViolation

from accounting.models import Account
from backoffice.models import (
    Address,
    AuditEvent,
    BankAccount,
    Change,
    Company,
    OneTimeLink,
    Party,
)
from backoffice.trail import MASKED, UNWATCHED, unwatched_tables
from tests.databases import owner_cursor
from tests.factories import CompanyFactory, PartyFactory, UserFactory, staff

# Every table without the triggers. Who adds one gives its reason in `backoffice.trail`.
NOT_WATCHED = {
    "accounting_allocation",
    "accounting_assetevent",
    "accounting_depreciation",
    "accounting_filedtaxline",
    "accounting_journalentry",
    "accounting_journalline",
    "accounting_monthlybalance",
    "accounting_payment",
    "accounting_statementline",
    "accounting_taxline",
    "auth_permission",
    "backoffice_auditevent",
    "backoffice_change",
    "backoffice_comment",
    "backoffice_comment_mentions",
    "backoffice_digest",
    "backoffice_notice",
    "backoffice_numberseries",
    "backoffice_sentform",
    "cache",
    "django_content_type",
    "django_migrations",
    "django_session",
    "procrastinate_events",
    "procrastinate_jobs",
    "procrastinate_periodic_defers",
    "procrastinate_workers",
}
PRIVATE_NAME = re.compile("password|secret|token|hash|iban|_mark$|(^|_)key$|tax_id|ssn|pin$")
# Columns that only sound private.
OPEN = {
    ("accounting_bankstatement", "file_hash"),
    ("accounting_bill", "key"),
    ("accounting_bill", "reference_mark"),
    ("accounting_bill", "source_key"),
    ("accounting_expenseclaim", "key"),
    ("accounting_invoice", "key"),
    ("accounting_entrydraft", "key"),
    ("backoffice_approval", "record_key"),
    ("accounting_fixedasset", "source_key"),
    ("backoffice_attachment", "key"),
    ("backoffice_attachment", "record_key"),
    ("backoffice_importrun", "key"),
    ("backoffice_job", "key"),
    ("backoffice_letter", "is_secret"),
    ("backoffice_letter", "record_key"),
}


def changes_of(table: str) -> list[tuple]:
    found = Change.objects.filter(table_name=table).order_by("pk")
    return [(change.operation, change.record_key, change.changes) for change in found]


def tables() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public'")
        return {name for (name,) in cursor.fetchall()}


@contextmanager
def in_ruins(*statements: str):
    """The owner's statements done for a while, then taken back."""
    with owner_cursor() as cursor, cursor.connection.transaction(force_rollback=True):
        for statement in statements:
            cursor.execute(statement)
        yield cursor


# --- what is watched ------------------------------------------------------------------------


@pytest.mark.django_db
def test_every_table_is_watched_but_those_with_a_reason():
    assert unwatched_tables(connection) == []
    assert set(UNWATCHED) == NOT_WATCHED
    assert set(UNWATCHED) <= tables()
    assert all(len(reason) > 10 or reason == "the trail itself" for reason in UNWATCHED.values())


class Through:
    """The owner's cursor where a connection is expected."""

    def __init__(self, cursor):
        self.found = cursor

    @contextmanager
    def cursor(self):
        yield self.found


@pytest.mark.django_db
@pytest.mark.parametrize("operation", ["insert", "update", "delete"])
@pytest.mark.parametrize(
    "ruin",
    ["drop trigger trail_{0} on {1}", "alter table {1} disable trigger trail_{0}"],
    ids=["dropped", "disabled"],
)
def test_no_trigger_of_any_table_can_go_unnoticed(operation, ruin):
    with owner_cursor() as cursor:
        for table in sorted(tables() - NOT_WATCHED):
            with cursor.connection.transaction(force_rollback=True):
                cursor.execute(ruin.format(operation, table))
                assert unwatched_tables(Through(cursor)) == [table]


@pytest.mark.django_db
def test_a_trigger_that_shows_what_is_masked_is_noticed():
    statement = (
        "create or replace trigger trail_update after update on backoffice_user"
        " referencing old table as old_rows new table as new_rows for each statement"
        " execute function write_trail('id', '{}', '{}', '', '')"
    )
    with in_ruins(statement) as cursor:
        assert unwatched_tables(Through(cursor)) == ["backoffice_user"]


@pytest.mark.django_db
def test_a_new_table_is_noticed():
    with in_ruins("create table hats (id bigint primary key)") as cursor:
        assert unwatched_tables(Through(cursor)) == ["hats"]


@pytest.mark.django_db
def test_what_sounds_private_is_masked_or_known_to_be_open():
    with connection.cursor() as cursor:
        cursor.execute(
            "select table_name, column_name from information_schema.columns"
            " where table_schema = 'public' and data_type <> 'bytea'"
        )
        found = {(t, c) for t, c in cursor.fetchall() if t not in UNWATCHED}

    masked = {(table, column) for table, columns in MASKED.items() for column in columns}
    private = {(t, c) for t, c in found if PRIVATE_NAME.search(c)}

    assert private - masked - OPEN == set()


# --- what is written ------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_record_made_changed_and_deleted_leaves_three_changes():
    party = PartyFactory(name="Bluefin")
    key = str(party.pk)
    party.name = "Redfin"

    party.save()
    party.delete()

    made, changed, deleted = changes_of("backoffice_party")
    assert made[:2] == ("insert", key)
    assert made[2]["name"] == [None, "Bluefin"]
    assert changed == ("update", key, {"name": ["Bluefin", "Redfin"]})
    assert deleted[:2] == ("delete", key)
    assert deleted[2]["name"] == ["Redfin", None]


@pytest.mark.django_db
def test_bulk_writes_and_raw_sql_are_seen_row_by_row():
    Party.objects.bulk_create(Party(name=f"Party {number}") for number in range(3))
    Party.objects.update(website="https://example.com")
    with connection.cursor() as cursor:
        cursor.execute("update backoffice_party set note = name where name <> 'Party 1'")
        cursor.execute("with gone as (delete from backoffice_party) select 1")

    operations = [operation for operation, _key, _changes in changes_of("backoffice_party")]
    assert operations == ["insert"] * 3 + ["update"] * 5 + ["delete"] * 3


@pytest.mark.django_db
def test_saving_without_a_change_writes_nothing():
    party = PartyFactory()
    before = Change.objects.count()

    party.save()
    Party.objects.update(note="")

    assert Change.objects.count() == before


@pytest.mark.django_db
def test_amounts_are_kept_to_the_last_digit():
    with connection.cursor() as cursor:
        cursor.execute(
            "select trail_differences('{\"a\": 0.1000}', '{\"a\": 123456789012345.6789}',"
            " '{}', '{}')::text"
        )
        assert cursor.fetchone() == ('{"a": [0.1000, 123456789012345.6789]}',)


@pytest.mark.django_db
def test_a_changed_key_is_a_change_of_both_records():
    Account.objects.create(code="1", name="Bank", kind="asset")
    with connection.cursor() as cursor:
        cursor.execute("update accounting_account set id = id + 1000")

    changes = [c for o, _k, c in changes_of("accounting_account") if o == "update"]
    assert [change["name"] for change in changes] == [["Bank", None], [None, "Bank"]] or [
        change["name"] for change in changes
    ] == [[None, "Bank"], ["Bank", None]]


@pytest.mark.django_db
def test_private_values_are_never_kept():
    user = UserFactory()
    user.set_password("correct horse battery staple")
    user.save()
    party = PartyFactory()
    account = BankAccount.objects.create(party=party, iban="DE89370400440532013000", bic="X")
    account.iban = "GB33BUKB20201555555555"
    account.save()
    OneTimeLink.objects.create(
        user=user, purpose="welcome", secret_hash="c0ffee" * 10, expires_at="2030-01-01T00:00Z"
    )
    account.delete()

    with connection.cursor() as cursor:
        cursor.execute("select string_agg(c::text, ' ') from backoffice_change c")
        written = cursor.fetchone()[0]

    assert "argon2" not in written
    assert "c0ffee" not in written
    assert "3704" not in written
    assert "5555" not in written
    operation, _key, changes = changes_of("backoffice_bankaccount")[1]
    assert (operation, changes["iban"]) == ("update", [])
    assert changes_of("backoffice_user")[-1][2] == {"password": []}


@pytest.mark.django_db
def test_a_part_names_its_whole_even_when_it_is_gone():
    party = PartyFactory()
    address = Address.objects.create(party=party, street="1 Quay", city="Cork", country="IE")
    address.city = "Cobh"
    address.save()
    address.delete()

    found = Change.objects.filter(table_name="backoffice_address")
    assert {(c.whole_table, c.whole_key) for c in found} == {("backoffice_party", str(party.pk))}
    assert found.count() == 3


# --- who may touch it -----------------------------------------------------------------------

FORGED = (
    "insert into backoffice_change (at, request, table_name, record_key, operation, whole_table,"
    " whole_key, changes) values (now(), '', 'backoffice_party', '1', 'update', '', '', '{}')"
)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        FORGED,
        "update backoffice_change set actor_id = null",
        "delete from backoffice_change",
        "truncate backoffice_change",
        "update backoffice_auditevent set action = 'nothing'",
        "delete from backoffice_auditevent",
        "update backoffice_comment set text = ''",
        "delete from backoffice_comment",
        "delete from backoffice_comment_mentions",
        "alter table backoffice_party disable trigger trail_update",
        "drop trigger trail_update on backoffice_party",
        "drop trigger changes_are_final on backoffice_change",
        "set session_replication_role = replica",
        "create or replace function write_trail() returns trigger"
        " language plpgsql as 'begin return null; end'",
    ],
)
def test_the_application_cannot_touch_the_trail(statement):
    refused = pytest.raises(ProgrammingError, match=r"permission denied|must be owner")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db
def test_the_application_is_no_member_of_the_owner():
    with connection.cursor() as cursor:
        cursor.execute("select tableowner from pg_tables where tablename = 'backoffice_change'")
        owner = cursor.fetchone()[0]
        cursor.execute("select pg_has_role(%s, %s, 'member')", [settings.APPLICATION_ROLE, owner])
        assert cursor.fetchone() == (False,)


@pytest.mark.django_db
def test_nobody_signs_for_the_office_from_a_table_of_his_own():
    mine = (
        "create temporary table backoffice_party (id bigint);"
        " create trigger mine after insert on pg_temp.backoffice_party"
        " referencing new table as new_rows for each statement"
        " execute function write_trail('id', '{}', '{}', '', '')"
    )
    with connection.cursor() as cursor:
        cursor.execute(mine)
        with pytest.raises(IntegrityError, match="tables of the office"), transaction.atomic():
            cursor.execute("insert into pg_temp.backoffice_party values (1)")


GUARDS = [
    ("changes_are_final", "backoffice_change", "delete from backoffice_change"),
    ("changes_are_final", "backoffice_change", "update backoffice_change set request = 'x'"),
    ("changes_are_final", "backoffice_change", "truncate backoffice_change"),
    ("changes_follow", "backoffice_change", FORGED),
    ("events_are_final", "backoffice_auditevent", "delete from backoffice_auditevent"),
    ("comments_are_final", "backoffice_comment", "delete from backoffice_comment"),
    (
        "mentions_are_final",
        "backoffice_comment_mentions",
        "delete from backoffice_comment_mentions",
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("guard", "table", "statement"), GUARDS)
def test_not_even_the_owner_rewrites_it_while_the_guard_stands(guard, table, statement):
    with in_ruins() as cursor, pytest.raises(CheckViolation):
        cursor.execute(statement)
    with in_ruins(f"drop trigger {guard} on {table}") as cursor:
        cursor.execute(statement)


# --- read by people ------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_export_is_on_record(client):
    CompanyFactory()
    user = staff("Owner")
    client.force_login(user)

    client.get(reverse("backoffice:party-export", args=["csv"]))

    event = AuditEvent.objects.get(action="exported")
    assert (event.actor, event.subject) == (user, "Parties")
    assert event.detail["format"] == "csv"


@pytest.mark.django_db
def test_the_company_of_a_change_is_told_by_its_fields():
    company = CompanyFactory()
    Company.objects.filter(pk=company.pk).update(name="Other")

    change = Change.objects.filter(table_name="backoffice_company").latest("pk")

    assert change.fields() == "name"
    assert str(change) == f"Company {company.pk} changed"
