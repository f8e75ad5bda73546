from django.db import connection

from backoffice.models import Department, Grant, Role
from tests.databases import empty_database, not_as_shipped, owner_cursor, rows_of, shipped
from tests.factories import CompanyFactory, UserFactory


def test_what_a_test_committed_is_gone_and_shipped_roles_and_grants_are_as_they_were(committed):
    CompanyFactory()
    UserFactory()
    Role.objects.create(name="Auditor of everything")
    bookkeeper = Role.objects.get(name="Bookkeeper")
    with owner_cursor() as owner:
        owner.execute("alter table backoffice_grant disable trigger user")
        owner.execute("delete from backoffice_grant where area = 'directory'")
        owner.execute("update backoffice_grant set level = 4, given_level = 4")
        owner.execute("alter table backoffice_grant enable trigger user")
    Grant.objects.create(role=bookkeeper, area="audit", level=1, reach="all")
    found = set(not_as_shipped())

    empty_database()

    assert {"backoffice_grant", "backoffice_role", "backoffice_user"} <= found
    assert not_as_shipped() == []
    assert not bookkeeper.grants.filter(area="audit").exists()


def test_the_guards_stand_after_the_database_was_emptied(committed):
    Department.objects.create(name="Sales", code="SALES")

    connection.close()
    empty_database()

    with owner_cursor() as owner:
        off = "select tgname from pg_trigger where tgenabled <> 'O'"
        assert owner.execute(off).fetchall() == []


def test_roles_grants_and_currencies_are_shipped(committed):
    with owner_cursor() as owner:
        for table in ("backoffice_role", "backoffice_grant", "backoffice_currency"):
            assert shipped[table]
            assert rows_of(owner, table) == shipped[table]
