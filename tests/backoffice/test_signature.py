"""Who is at work is known to the trail, and to nobody who comes later."""

from contextlib import suppress

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse

from backoffice.models import Change, Department, OneTimeLink, Party
from backoffice.postgres.base import may_write
from backoffice.signature import acting, signature
from tests.factories import CompanyFactory, PartyFactory, UserFactory, staff


def last(model=Party) -> tuple:
    change = Change.objects.filter(table_name=model._meta.db_table).latest("pk")
    return change.actor_id, change.request


@pytest.mark.django_db
def test_a_change_is_signed_by_who_is_at_work():
    with acting(by=7, request="morning"):
        PartyFactory()
    assert last() == (7, "morning")

    PartyFactory()
    assert last() == (None, "")

    with acting(by=8, request="noon"):
        with acting(by=None, request="lunch"):
            PartyFactory()
        assert last() == (None, "lunch")
        PartyFactory()
    assert last() == (8, "noon")


def commit(act):
    with transaction.atomic():
        act()


def two_roots():
    PartyFactory()
    Department.objects.create(name="First root", code="A")
    Department.objects.create(name="Second root", code="B")


@pytest.mark.django_db
def test_what_a_rollback_takes_back_is_signed_again():
    with acting(by=7, request="morning"):
        PartyFactory()
    with acting(by=8, request="noon"):
        with pytest.raises(IntegrityError):
            commit(two_roots)
        PartyFactory()

    assert last() == (8, "noon")


def test_what_a_rollback_of_everything_takes_back_is_signed_again(committed):
    with acting(by=7, request="morning"):
        PartyFactory()
    with acting(by=8, request="noon"):
        with pytest.raises(IntegrityError):
            commit(two_roots)
        PartyFactory()
    assert last() == (8, "noon")

    PartyFactory()
    assert last() == (None, "")


def test_a_new_session_is_signed_anew(committed):
    with acting(by=7, request="morning"):
        PartyFactory()
        connection.close()
        PartyFactory()
    assert last() == (7, "morning")


@pytest.mark.django_db
def test_a_session_in_ruins_says_so_itself():
    def fail_and_go_on():
        with connection.cursor() as cursor, suppress(DatabaseError):
            cursor.execute("select no_such_column")
        with acting(by=8, request="noon"):
            PartyFactory()

    with pytest.raises(DatabaseError, match="current transaction is aborted"):
        commit(fail_and_go_on)


@pytest.mark.django_db
def test_one_request_leaves_nothing_behind_for_the_next(client):
    CompanyFactory()
    ann, bob = staff("Owner", name="Ann"), staff("Owner", name="Bob")
    for user, name in ((ann, "First"), (bob, "Second")):
        client.force_login(user)
        add_party(client, name)
    by_ann, by_bob = (
        Change.objects.get(table_name="backoffice_party", changes__name__1=name)
        for name in ("First", "Second")
    )
    client.logout()
    client.post(reverse("account_login"), {"login": bob.email, "password": "wrong"})
    PartyFactory(name="Third")

    assert (by_ann.actor, by_bob.actor) == (ann, bob)
    assert by_ann.request != by_bob.request
    assert len(by_ann.request) == 32
    assert last() == (None, "")
    assert signature() == ("", "")


def add_party(client, name: str):
    rows = ("addresses", "phones", "emails", "bank_accounts")
    empty = {f"{r}-{n}": "0" for r in rows for n in ("TOTAL_FORMS", "INITIAL_FORMS")}
    answer = client.post(
        reverse("backoffice:party-add"), {"name": name, "kind": "organisation", **empty}
    )
    assert answer.status_code == 302
    return answer


@pytest.fixture
def signings(monkeypatch):
    """How often the session was signed."""
    from backoffice.postgres.base import DatabaseWrapper

    seen, sign = [], DatabaseWrapper._sign
    monkeypatch.setattr(
        DatabaseWrapper, "_sign", lambda self, by: (seen.append(by), sign(self, by))
    )
    return seen


@pytest.mark.django_db
def test_a_request_that_writes_costs_one_statement_more_and_reading_none(client, signings):
    CompanyFactory()
    client.force_login(staff("Owner"))
    signings.clear()

    add_party(client, "First")
    assert len(signings) == 1
    add_party(client, "Second")
    assert len(signings) == 2
    client.get(reverse("backoffice:party-list"))  # where it is said that the party is saved
    signings.clear()

    client.get(reverse("backoffice:party-list"))
    client.get(Party.objects.first().get_absolute_url())
    assert signings == []


@pytest.mark.django_db
def test_a_command_signs_with_its_name(tmp_path):
    from django.core.management import call_command

    user = UserFactory()
    call_command("login_link", user.email, verbosity=0)

    assert last(OneTimeLink) == (None, "login_link")


@pytest.mark.parametrize(
    ("sql", "writes"),
    [
        ('SELECT "backoffice_party"."id" FROM "backoffice_party"', False),
        ("select rebuild_monthly_balances()", True),
        ("with gone as (delete from backoffice_party returning 1) select 1", True),
        ('INSERT INTO "backoffice_party" ("name") VALUES (%s)', True),
        ('  UPDATE "backoffice_party" SET "name" = %s', True),
    ],
)
def test_what_may_write_is_signed(sql, writes):
    assert may_write(sql) == writes
