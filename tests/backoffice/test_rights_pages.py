"""Rights to read and to change: by role, by person, by page."""

from datetime import date

import pytest
from django.urls import reverse

from backoffice.access import AREAS, Level, Reach, standing
from backoffice.models import Department, Grant, Role
from backoffice.rights import roles_by_route, sources
from tests.factories import CompanyFactory, DepartmentFactory, staff

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def owner(client):
    CompanyFactory()
    user = staff("Owner")
    client.force_login(user)
    return user


def posted(role: Role, **levels: int) -> dict:
    """The form of a role as the page sends it, some areas at other levels."""
    held = list(role.grants.order_by("role", "area"))
    without = [name for name in AREAS if name not in {g.area for g in held}]
    form = {"name": role.name, "description": role.description}
    form |= {"grants-TOTAL_FORMS": len(AREAS), "grants-INITIAL_FORMS": len(held)}
    for number, grant in enumerate(held):
        level = levels.get(grant.area, grant.level)
        form |= row(number, grant.area, level, grant.reach) | {f"grants-{number}-id": grant.pk}
    for number, name in enumerate(without, start=len(held)):
        form |= row(number, name, levels.get(name, ""), Reach.ALL)
    return form


def row(number: int, area: str, level, reach: str) -> dict:
    prefix = f"grants-{number}-"
    return {prefix + "area": area, prefix + "level": level, prefix + "reach": reach}


def rights_of(role: Role) -> dict:
    return {g.area: (g.level, g.reach) for g in role.grants.all()}


def test_the_matrix_shows_every_area_against_every_role(client):
    page = client.get(reverse("backoffice:rights"))

    grants = {
        name: dict(zip(page.context["roles"], held, strict=True))
        for name, _w, held in page.context["areas"]
    }
    assert list(grants) == list(AREAS)
    auditor, marketer = Role.objects.get(name="Auditor"), Role.objects.get(name="Marketer")
    assert grants["audit"][auditor].level == Level.VIEW
    assert grants["audit"][marketer] is None


def test_a_role_shows_a_row_for_every_area(client):
    role = Role.objects.get(name="Bookkeeper")

    page = client.get(reverse("backoffice:role-edit", args=[role.pk]))

    formset = page.context["formsets"][0]["formset"]
    assert [area for area, _row in formset.by_area] == list(AREAS.values())


def test_rights_are_given_changed_and_taken_in_one_form(client):
    role = Role.objects.get(name="Bookkeeper")
    before = rights_of(role)
    form = posted(role, accounting=Level.VIEW, directory="", audit=Level.VIEW)

    answer = client.post(reverse("backoffice:role-edit", args=[role.pk]), form)

    assert answer.status_code == 302
    after = before | {"accounting": (Level.VIEW, "all"), "audit": (Level.VIEW, "all")}
    del after["directory"]
    assert rights_of(role) == after


def test_a_form_left_as_it_was_changes_nothing(client):
    role = Role.objects.get(name="Manager")
    before = rights_of(role)

    client.post(reverse("backoffice:role-edit", args=[role.pk]), posted(role))

    assert rights_of(role) == before


def test_an_area_that_does_not_exist_is_refused(client):
    role = Role.objects.create(name="Odd")
    form = posted(role) | {"grants-0-area": "sorcery", "grants-0-level": Level.MANAGE}

    client.post(reverse("backoffice:role-edit", args=[role.pk]), form)

    assert not Grant.objects.filter(role=role).exists()


def test_a_person_is_told_through_what(client):
    sales = DepartmentFactory(name="Sales")
    person = staff("Bookkeeper")
    Department.objects.filter(pk=sales.pk).update(manager=person)
    Department.objects.filter(function="marketing").update(manager=person)

    page = client.get(reverse("backoffice:user-rights", args=[person.pk])).content.decode()
    through = {(s.area, s.through) for s in sources(person, on=TODAY)}

    assert ("accounting", "Bookkeeper") in through
    assert ("office", "manager of Sales") in through
    assert ("marketing.send", "manager of Marketing") in through
    assert ("admin_desk", "everybody on the staff") in through
    assert "manager of Sales" in page


@pytest.mark.parametrize("role", ["Owner", "Bookkeeper", "Auditor", "HR officer"])
def test_what_is_told_is_what_is_decided(role):
    """The highest level told in an area is the highest level `may()` allows there."""
    person = staff(role)
    DepartmentFactory(manager=person)
    Department.objects.filter(function="payroll").update(manager=person)

    told = dict.fromkeys(AREAS, 0)
    for source in sources(person, on=TODAY):
        told[source.area] = max(told[source.area], source.level)
    decided = {
        area: max((lv for lv in Level.values if standing(person).right(area, lv)), default=0)
        for area in AREAS
    }

    assert told == decided


def test_somebody_without_access_has_no_rights():
    assert list(sources(staff("Owner", is_active=False), on=TODAY)) == []


def test_every_page_names_the_roles_that_open_it(client):
    roles = list(Role.objects.all())

    found = {route.name: names for route, names in roles_by_route(roles)}

    assert found["backoffice:role-edit"] == ["Owner"]
    assert "Bookkeeper" in found["accounting:journalentry-list"]
    assert "Bookkeeper" not in found["accounting:period-reopen"]
    page = client.get(reverse("backoffice:rights-by-route"), {"q": "period"}).content.decode()
    assert "/periods/" in page
    assert "/healthz" not in page


@pytest.mark.parametrize("name", ["rights", "rights-by-route"])
def test_rights_are_read_by_who_may_see_the_office(client, name):
    client.force_login(staff("Bookkeeper"))

    assert client.get(reverse(f"backoffice:{name}")).status_code == 403
