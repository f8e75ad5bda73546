"""Rights that take two: through whatever door they come, the database gives them by approval."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from backoffice.access import AREAS, Level, Reach, may
from backoffice.approvals import approve, refuse, waiting_for, withdraw
from backoffice.models import Approval, Assignment, Letter, Role, User
from backoffice.owners import is_owner, owners
from backoffice.rights import sources
from tests.backoffice.test_rights_pages import posted
from tests.factories import CompanyFactory, staff
from tests.factories.backoffice import RootDepartmentFactory

GUARDED = ("payroll", "payroll.run", "hr.private", "accounting.pay", "office")


@pytest.fixture
def owner(client, db):
    CompanyFactory()
    user = staff("Owner")
    client.force_login(user)
    return user


def today() -> date:
    return timezone.localdate()


def fresh(user: User) -> User:
    """The person as the next request reads them."""
    return User.objects.get(pk=user.pk)


def can(user: User, area: str, level: str = "view") -> bool:
    return may(fresh(user), area, level)


def only_approval() -> Approval:
    return Approval.objects.get(state="waiting")


def clerk_role(**levels: int) -> Role:
    """A role with these rights, made by a command."""
    role = Role.objects.create(name="Clerk")
    for area, level in levels.items():
        role.grants.create(area=area.replace("__", "."), level=level, reach=Reach.ALL)
    return role


def letters() -> list[str]:
    return list(Letter.objects.order_by("pk").values_list("recipients", flat=True))


# --- The page of a role ---------------------------------------------------------------------


@pytest.mark.parametrize("area", GUARDED)
def test_a_guarded_right_waits_for_a_second_person(client, owner, area):
    role = clerk_role(marketing=Level.VIEW)
    holder, second = staff("Clerk"), staff("Owner")
    before = can(holder, area, "approve")

    client.post(
        reverse("backoffice:role-edit", args=[role.pk]), posted(role, **{area: Level.MANAGE})
    )

    assert not before
    assert not can(holder, area, "view" if area != "payroll" else "edit")
    approval = only_approval()
    assert approval.made_by == owner
    assert approval.changes == [(str(AREAS[area]), "nothing", "manage, all")]
    approve(approval, by=second, on=today())
    assert can(holder, area, "manage")


@pytest.mark.parametrize("area", ["accounting", "marketing.send", "hr.leave", "directory"])
def test_a_right_nobody_guards_is_given_at_once(client, owner, area):
    role = clerk_role(it_assets=Level.VIEW)
    holder = staff("Clerk")

    client.post(
        reverse("backoffice:role-edit", args=[role.pk]), posted(role, **{area: Level.MANAGE})
    )

    assert can(holder, area, "manage")
    assert not Approval.objects.exists()


def test_to_see_the_office_takes_one_person_and_to_change_it_two(client, owner):
    role = clerk_role(marketing=Level.VIEW)
    holder = staff("Clerk")

    client.post(reverse("backoffice:role-edit", args=[role.pk]), posted(role, office=Level.VIEW))
    assert can(holder, "office", "view")
    role = Role.objects.get(pk=role.pk)
    client.post(reverse("backoffice:role-edit", args=[role.pk]), posted(role, office=Level.EDIT))

    assert can(holder, "office", "view")
    assert not can(holder, "office", "edit")


def test_a_wider_right_waits_and_the_narrower_one_stays(client, owner):
    role = clerk_role(payroll__run=Level.VIEW)
    holder = staff("Clerk")

    client.post(
        reverse("backoffice:role-edit", args=[role.pk]),
        posted(role, **{"payroll.run": Level.APPROVE}),
    )

    assert can(holder, "payroll.run", "view")
    assert not can(holder, "payroll.run", "edit")


def test_taking_rights_away_needs_nobody(client, owner):
    role = clerk_role(payroll__run=Level.MANAGE, office=Level.MANAGE)
    holder = staff("Clerk")

    client.post(
        reverse("backoffice:role-edit", args=[role.pk]),
        posted(role, office="", **{"payroll.run": Level.VIEW}),
    )

    assert can(holder, "payroll.run", "view")
    assert not can(holder, "payroll.run", "edit")
    assert not can(holder, "office", "edit")
    assert not Approval.objects.exists()


def test_what_was_taken_away_takes_two_to_give_again(client, owner):
    second = staff("Owner")
    role, holder = clerk_role(marketing=Level.VIEW), None
    holder = staff("Clerk")
    edit = reverse("backoffice:role-edit", args=[role.pk])
    client.post(edit, posted(role, **{"payroll.run": Level.MANAGE}))
    approve(only_approval(), by=second, on=today())
    client.post(edit, posted(Role.objects.get(pk=role.pk), **{"payroll.run": Level.VIEW}))
    assert not Approval.objects.filter(state="approved").exists()

    client.post(edit, posted(Role.objects.get(pk=role.pk), **{"payroll.run": Level.MANAGE}))

    assert can(holder, "payroll.run", "view")
    assert not can(holder, "payroll.run", "edit")
    assert only_approval().made_by == owner


def test_a_changed_wish_is_asked_anew(client, owner):
    role = clerk_role(marketing=Level.VIEW)
    edit = reverse("backoffice:role-edit", args=[role.pk])
    client.post(edit, posted(role, **{"payroll.run": Level.VIEW}))
    first = only_approval()

    client.post(edit, posted(Role.objects.get(pk=role.pk), **{"payroll.run": Level.MANAGE}))

    first.refresh_from_db()
    assert first.state == "cleared"
    assert only_approval().changes[0][2] == "manage, all"


def test_a_wish_taken_back_waits_for_nobody(client, owner):
    role = clerk_role(marketing=Level.VIEW)
    edit = reverse("backoffice:role-edit", args=[role.pk])
    client.post(edit, posted(role, **{"payroll.run": Level.VIEW}))

    client.post(edit, posted(Role.objects.get(pk=role.pk), **{"payroll.run": ""}))

    assert Approval.objects.get().state == "cleared"
    assert not waiting_for(staff("Owner"), on=today()).exists()


def test_saving_the_role_again_asks_once(client, owner):
    role = clerk_role(marketing=Level.VIEW)
    edit = reverse("backoffice:role-edit", args=[role.pk])
    client.post(edit, posted(role, **{"payroll.run": Level.VIEW}))

    client.post(edit, posted(Role.objects.get(pk=role.pk)))

    assert Approval.objects.count() == 1
    assert len(letters()) == 1


def test_what_is_refused_is_gone_from_the_role(client, owner):
    role = clerk_role(payroll__run=Level.VIEW)
    edit = reverse("backoffice:role-edit", args=[role.pk])
    client.post(edit, posted(role, **{"payroll.run": Level.MANAGE, "hr.private": Level.VIEW}))

    for approval in Approval.objects.all():
        refuse(approval, by=staff("Owner"), on=today(), why="Not for clerks.")

    assert {g.area: g.level for g in role.grants.all()} == {"payroll.run": Level.VIEW}


def test_owners_are_told_by_letter(client, owner):
    second, role = staff("Owner"), clerk_role(marketing=Level.VIEW)

    client.post(
        reverse("backoffice:role-edit", args=[role.pk]),
        posted(role, **{"payroll.run": Level.VIEW, "hr.private": Level.VIEW}),
    )

    assert sorted(letters()) == sorted([owner.email, second.email])


def test_rights_that_wait_are_told_as_waiting_and_not_as_given(client, owner):
    role = clerk_role(marketing=Level.VIEW)
    holder = staff("Clerk")
    client.post(
        reverse("backoffice:role-edit", args=[role.pk]),
        posted(role, **{"payroll.run": Level.MANAGE}),
    )

    page = client.get(reverse("backoffice:rights")).content.decode()

    assert "manage waits for approval" in page
    assert "payroll.run" not in {s.area for s in sources(holder, on=today())}


# --- The page of a person -------------------------------------------------------------------


def roles_posted(person: User, role: Role, **facts) -> dict:
    """The form of a person as the page sends it, with one more role."""
    rows = [*person.assignments.order_by("pk")]
    form = {
        "name": person.name,
        "email": person.email,
        "department": person.department_id,
        "assignments-TOTAL_FORMS": len(rows) + 1,
        "assignments-INITIAL_FORMS": len(rows),
    }
    for number, held in enumerate(rows):
        form |= {
            f"assignments-{number}-id": held.pk,
            f"assignments-{number}-role": held.role_id,
            f"assignments-{number}-department": held.department_id,
            f"assignments-{number}-starts_on": held.starts_on,
            f"assignments-{number}-ends_on": facts.get("ends_on", held.ends_on or ""),
        }
    if role:
        form |= {
            f"assignments-{len(rows)}-role": role.pk,
            f"assignments-{len(rows)}-department": RootDepartmentFactory().pk,
            f"assignments-{len(rows)}-starts_on": "2026-01-01",
        }
    return form


def edit_person(client, person, role=None, **facts):
    address = reverse("backoffice:user-edit", args=[person.pk])
    answer = client.post(address, roles_posted(person, role, **facts))
    assert answer.status_code == 302, answer.context["formsets"][0]["formset"].errors


def test_a_role_with_guarded_rights_waits_on_the_page_of_a_person(client, owner):
    person, second = staff(), staff("Owner")

    edit_person(client, person, Role.objects.get(name="Payroll approver"))

    assert not can(person, "payroll.run", "approve")
    approval = only_approval()
    assert "Payroll approver" in approval.title
    approve(approval, by=second, on=today())
    assert can(person, "payroll.run", "approve")


def test_nobody_gives_themselves_payroll(client, owner):
    """The one who makes users cannot read pay by giving the role to himself."""
    technician = staff()
    Assignment.objects.create(
        user=technician,
        role=clerk_role(office=Level.MANAGE),
        department=RootDepartmentFactory(),
        starts_on=date(2020, 1, 1),
    )
    client.force_login(technician)

    edit_person(client, technician, Role.objects.get(name="Payroll approver"))
    approval = only_approval()
    client.post(reverse("backoffice:approval-approve", args=[approval.pk]))

    assert not can(technician, "payroll.run", "view")
    assert owner.email in letters()


def test_a_role_without_guarded_rights_is_held_at_once(client, owner):
    person = staff()

    edit_person(client, person, Role.objects.get(name="Marketer"))

    assert can(person, "marketing", "manage")
    assert not Approval.objects.exists()


def test_a_role_held_longer_waits_for_its_further_days_alone(client, owner):
    person = staff("Payroll approver")
    ends = today() + timedelta(days=5)
    Assignment.objects.filter(user=person).update(ends_on=ends)

    edit_person(client, person, ends_on=today() + timedelta(days=50))

    held = Assignment.objects.get(user=person)
    assert held.given_until == ends
    assert can(person, "payroll.run", "approve")
    approve(only_approval(), by=staff("Owner"), on=today())
    held.refresh_from_db()
    assert held.given_until == held.ends_on


def test_a_role_held_shorter_needs_nobody(client, owner):
    person = staff("Payroll approver")

    edit_person(client, person, ends_on=today() - timedelta(days=1))

    assert not can(person, "payroll.run", "view")
    assert not Approval.objects.exists()


def test_a_refused_role_is_taken_back(client, owner):
    person = staff()
    edit_person(client, person, Role.objects.get(name="Payroll approver"))

    withdraw(only_approval(), by=owner)

    assert not person.assignments.exists()


def test_an_owner_to_be_is_none_yet(client, owner):
    person = staff()

    edit_person(client, person, Role.objects.get(name="Owner"))

    assert not is_owner(person, on=today())
    assert owners() == [owner]
