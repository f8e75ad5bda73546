"""Owners look through others' eyes: reading only, clipped, on record."""

import pytest
from django.urls import reverse

from backoffice.access import Level, Reach, may, rows, standing
from backoffice.models import AuditEvent, Company, Grant, Party, Role, SavedView, User
from tests.factories import CompanyFactory, PartyFactory, UserFactory, staff

pytestmark = pytest.mark.django_db
STOP = "/seeing-as/stop/"


@pytest.fixture(autouse=True)
def company():
    return CompanyFactory()


@pytest.fixture
def owner(client):
    user = staff("Owner", name="Ines Moreau")
    client.force_login(user)
    return user


def see_as(client, person):
    return client.post(reverse("backoffice:seeing-as-start", args=[person.pk]))


def test_the_owner_sees_what_the_other_sees_and_a_bar_says_so(client, owner):
    clerk = staff("Bookkeeper", name="Tom Brandt")

    see_as(client, clerk)
    home = client.get(reverse("backoffice:home")).content.decode()

    assert "You see the office as <b>Tom Brandt</b>" in home
    assert client.get(reverse("accounting:journalentry-list")).status_code == 200
    assert client.get(reverse("backoffice:role-list")).status_code == 403


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_changed_meanwhile(client, owner, method):
    party = PartyFactory()
    see_as(client, staff("Bookkeeper"))

    answer = getattr(client, method)(reverse("backoffice:party-edit", args=[party.pk]), {})

    assert answer.status_code == 403
    assert Party.objects.get(pk=party.pk).name == party.name


def test_stopping_gives_the_own_eyes_back(client, owner):
    see_as(client, staff("Bookkeeper"))

    client.post(STOP)

    assert client.get(reverse("backoffice:role-list")).status_code == 200
    assert "seeing_as" not in client.session


def test_start_and_stop_are_on_record_as_the_owners_acts(client, owner):
    clerk = staff("Bookkeeper")
    see_as(client, clerk)
    client.post(STOP)

    acts = AuditEvent.objects.filter(action__startswith="seeing_as").order_by("pk")

    assert [(a.action, a.actor, a.subject) for a in acts] == [
        ("seeing_as_started", owner, clerk.name),
        ("seeing_as_stopped", owner, clerk.name),
    ]


def test_only_owners_see_as_others(client):
    role = Role.objects.create(name="Keeper of users")
    Grant.objects.create(role=role, area="office", level=Level.MANAGE, reach=Reach.ALL)
    client.force_login(staff("Keeper of users"))

    see_as(client, staff("Payroll approver"))

    assert "seeing_as" not in client.session
    assert not AuditEvent.objects.filter(action="seeing_as_started").exists()


def test_whose_ownership_ended_sees_as_nobody_from_the_next_page_on(client, owner):
    see_as(client, staff("Bookkeeper"))
    owner.assignments.all().delete()

    answer = client.get(reverse("backoffice:home"))

    assert answer.wsgi_request.user == owner
    assert "seeing_as" not in client.session


def test_it_stops_when_the_other_loses_access(client, owner):
    clerk = staff("Bookkeeper")
    see_as(client, clerk)
    User.objects.filter(pk=clerk.pk).update(is_active=False)

    assert client.get(reverse("backoffice:home")).wsgi_request.user == owner


def test_what_the_owner_may_not_see_stays_unseen(client, owner):
    Grant.objects.filter(role__name="Owner", area__startswith="payroll").delete()
    approver = staff("Payroll approver")

    standing(approver).clip_to(standing(owner))

    assert not may(approver, "payroll.run")
    assert may(User.objects.get(pk=approver.pk), "payroll.run")


def test_the_others_own_rows_are_not_the_owners(client, owner):
    clerk = staff("Bookkeeper")
    SavedView.objects.create(user=clerk, list_name="backoffice:party-list", name="Mine")

    standing(clerk).clip_to(standing(owner))

    assert not rows(clerk, SavedView).exists()
    assert may(clerk, "signed_in")


def test_in_the_demo_office_everything_is_shown(client, owner):
    Company.objects.update(is_demo=True)
    Grant.objects.filter(role__name="Owner", area="accounting").delete()

    see_as(client, staff("Bookkeeper"))
    answer = client.get(reverse("accounting:journalentry-list"))

    assert answer.status_code == 200


def test_outside_the_demo_it_is_clipped(client, owner):
    Grant.objects.filter(role__name="Owner", area="accounting").delete()

    see_as(client, staff("Bookkeeper"))

    assert client.get(reverse("accounting:journalentry-list")).status_code == 403


def test_nobody_is_seen_as_without_access(client, owner):
    see_as(client, UserFactory(is_active=False))

    assert "seeing_as" not in client.session
