"""Abuse of access: nobody gives, takes or widens more than they have (cases A01 to A22)."""

from uuid import uuid4

import pytest
from django.db import connection
from django.urls import reverse

from backoffice import import_runs
from backoffice.access import AREAS, Level, Reach, may
from backoffice.giving import takes_two
from backoffice.models import (
    Assignment,
    Department,
    Grant,
    ImportRun,
    Role,
    User,
)
from tests.abuse.proof import IBAN, browser_of
from tests.backoffice.importing import upload
from tests.factories import PartyFactory, UserFactory, staff
from tests.factories.backoffice import RootDepartmentFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files_apart")]
# Written by hand, and sent to.
TAKE_MORE = {"backoffice:welcome", "backoffice:set-up"}


def office_keeper(**grants) -> User:
    """Somebody who keeps the office's records for everybody, and nothing else."""
    role = Role.objects.create(name=f"Office keeper {uuid4()}"[:60])
    for area, level in (grants or {"office": Level.MANAGE}).items():
        Grant.objects.create(role=role, area=area, level=level, reach=Reach.ALL)
    user = staff()
    Assignment.objects.create(
        user=user, role=role, department=RootDepartmentFactory(), starts_on="2020-01-01"
    )
    return user


def form_of(answer) -> dict:
    """What the page's form would send, untouched."""
    sent = {}
    for form in (answer.context["form"], *(p["formset"] for p in answer.context["formsets"])):
        for part in (form,) if hasattr(form, "fields") else (form.management_form, *form.forms):
            for bound in part:
                value = bound.value()
                sent[bound.html_name] = "" if value is None else str(value)
    return {n: v for n, v in sent.items() if v not in ("False",)}


# --- more than one's own --------------------------------------------------------------------


def test_nobody_gives_themselves_a_role_beyond_their_rights():
    """A12: refused; what takes two people waits for the second (`test_granting`)."""
    keeper = office_keeper()
    browser, path = browser_of(keeper), reverse("backoffice:user-edit", args=[keeper.pk])
    sent = form_of(browser.get(path)) | {
        "assignments-0-role": str(Role.objects.get(name="Bookkeeper").pk),
        "assignments-0-department": str(keeper.department_id),
        "assignments-0-starts_on": "2020-01-01",
        "assignments-TOTAL_FORMS": "2",
    }
    sent |= {k.replace("-0-", "-1-"): v for k, v in sent.items() if k.startswith("assignments-0-")}
    sent |= (
        form_of(browser.get(path))
        | {"assignments-TOTAL_FORMS": "2"}
        | {
            k: v
            for k, v in sent.items()
            if k.startswith("assignments-1-") and not k.endswith("-id")
        }
    )

    answer = browser.post(path, sent)

    assert "You cannot give a right you do not have" in answer.content.decode()
    assert not may(User.objects.get(pk=keeper.pk), "accounting")
    assert Assignment.objects.filter(user=keeper).count() == 1


def test_nobody_widens_their_own_role():
    """A12"""
    keeper = office_keeper()
    role = keeper.assignments.get().role
    browser, path = browser_of(keeper), reverse("backoffice:role-edit", args=[role.pk])
    sent = form_of(browser.get(path))
    number = next(n.split("-")[1] for n, v in sent.items() if v == "accounting")
    sent |= {f"grants-{number}-level": str(int(Level.MANAGE)), f"grants-{number}-reach": "all"}

    answer = browser.post(path, sent)

    assert "You cannot give a right you do not have" in answer.content.decode()
    assert list(role.grants.values_list("area", flat=True)) == ["office"]


@pytest.mark.parametrize("door", ["form", "function", "admin"])
def test_nobody_makes_themselves_the_manager_of_a_function(door):
    """A12: who manages the department of a function manages its areas."""
    keeper = office_keeper()
    department = Department.objects.get(function="accounting")
    browser = browser_of(keeper)
    path = {
        "form": reverse("backoffice:department-edit", args=[department.pk]),
        "function": reverse("backoffice:appoint", args=["accounting"]),
        "admin": reverse("admin:backoffice_department_change", args=[department.pk]),
    }[door]
    facts = {"name": department.name, "code": department.code, "parent": department.parent_id}

    answer = browser.post(path, facts | {"manager": keeper.pk}, follow=True)

    assert "You cannot give a right you do not have" in answer.content.decode()
    assert Department.objects.get(pk=department.pk).manager is None


@pytest.mark.parametrize("door", ["form", "admin", "import"])
def test_nobody_takes_the_sign_in_of_somebody_who_may_more(door, client):
    """A12: a changed address and a letter to it are a way to become another person."""
    owner, keeper = staff("Owner", name="Una Owner"), office_keeper()
    client.force_login(keeper)
    facts = {"name": owner.name, "email": "mine@example.com", "department": owner.department_id}

    if door == "import":
        upload(client, b"name,email\nUna Owner,mine@example.com\n", kind="staff")
        ImportRun.objects.update(options={"key": "name"}, status="waiting")
        import_runs.bring_in(str(ImportRun.objects.get().key))
        said = str(ImportRun.objects.get().result)
    else:
        name = {"form": "backoffice:user-edit", "admin": "admin:backoffice_user_change"}[door]
        sent = facts | {"assignments-TOTAL_FORMS": 0, "assignments-INITIAL_FORMS": 0}
        answer = client.post(reverse(name, args=[owner.pk]), sent, follow=True)
        said = answer.content.decode()

    assert "may do more than you" in said
    assert User.objects.get(pk=owner.pk).email == owner.email


@pytest.mark.parametrize("verb", ["invite", "deactivate"])
def test_nobody_lets_in_or_shuts_out_somebody_who_may_more(verb):
    """A12"""
    staff("Owner")
    owner, browser = staff("Owner"), browser_of(office_keeper())
    owner.set_unusable_password()
    owner.save()

    answer = browser.post(reverse(f"backoffice:user-{verb}", args=[owner.pk]), follow=True)

    owner.refresh_from_db()
    assert "may do more than you" in answer.content.decode()
    assert (owner.is_active, owner.invited_at) == (True, None)


def test_an_owner_gives_every_role_and_a_keeper_those_within_their_own():
    """A12: the rule refuses what is beyond, not the work of the office."""
    owner, person = staff("Owner"), UserFactory()
    marks = {"TOTAL_FORMS": "1", "INITIAL_FORMS": "0"}
    sent = {"name": person.name, "email": person.email, "department": person.department_id}
    sent |= {f"assignments-{name}": value for name, value in marks.items()}
    row = {"department": person.department_id, "starts_on": "2020-01-01"}

    for giver, role in ((owner, "Owner"), (office_keeper(), Role.objects.create(name="Greeter"))):
        found = role if isinstance(role, Role) else Role.objects.get(name=role)
        given = {f"assignments-0-{n}": v for n, v in (row | {"role": found.pk}).items()}
        path = reverse("backoffice:user-edit", args=[person.pk])
        assert browser_of(giver).post(path, sent | given).status_code == 302

    assert person.assignments.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("level", Level.values)
@pytest.mark.parametrize("area", AREAS)
def test_what_takes_two_is_said_alike_by_the_office_and_the_database(area, level):
    with connection.cursor() as cursor:
        cursor.execute("select right_takes_two(%s, %s)", [area, level])
        assert cursor.fetchone()[0] == takes_two(area, level)


PRIVILEGES = {"is_staff": 1, "is_superuser": 1, "is_active": "", "role": 1, "roles": 1}
PRIVILEGES |= {"department": 1, "manager": 1, "email": "evil@example.com", "password": "x"}
PRIVILEGES |= {"assignments-TOTAL_FORMS": 1, "assignments-INITIAL_FORMS": 0}
PRIVILEGES |= {"assignments-0-role": 1, "assignments-0-department": 1, "last_login": "2020-01-01"}


def test_a_profile_takes_what_it_asks_for_and_nothing_else():
    """A13"""
    user = staff()
    before = User.objects.values().get(pk=user.pk)

    browser_of(user).post(reverse("backoffice:profile"), PRIVILEGES | {"time_zone": "UTC"})

    after = User.objects.values().get(pk=user.pk)
    assert {n for n in after if after[n] != before[n]} - {"last_login"} == {"time_zone"}
    assert not user.assignments.exists()


def test_rows_of_another_record_are_not_changed_by_their_keys():
    """A13: a form of one party names the addresses of another."""
    mine, other = PartyFactory(), PartyFactory(name="Other")
    foreign = other.addresses.create(street="1 Quay", city="Cork", country="IE")
    browser, path = browser_of(staff("Marketer")), reverse("backoffice:party-edit", args=[mine.pk])
    sent = form_of(browser.get(path)) | {
        "addresses-INITIAL_FORMS": "1",
        "addresses-0-id": str(foreign.pk),
        "addresses-0-party": str(other.pk),
        "addresses-0-street": "Stolen",
        "addresses-0-city": "Cork",
        "addresses-0-country": "IE",
        "addresses-0-kind": "main",
        "is_active": "",
    }

    answers = [browser.post(path, sent | more) for more in ({}, {"addresses-0-DELETE": "on"})]

    foreign.refresh_from_db()
    assert answers[0].status_code == 200
    assert (foreign.street, foreign.party_id) == ("1 Quay", other.pk)
    assert not mine.addresses.exists()


def test_rows_of_another_area_are_not_sent_along():
    """A13: who keeps the directory posts a bank account with the party."""
    party, browser = PartyFactory(), browser_of(staff("Marketer"))
    path = reverse("backoffice:party-edit", args=[party.pk])
    account = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 0, "0-iban": IBAN, "0-holder": "Me"}

    sent = form_of(browser.get(path)) | {f"bank_accounts-{n}": v for n, v in account.items()}
    browser.post(path, sent)

    assert not party.bank_accounts.exists()
