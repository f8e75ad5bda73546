"""Rights that take two: through whatever door they come, the database gives them by approval."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from backoffice import access, granting
from backoffice.access import AREAS, Level, Reach, may
from backoffice.approvals import approve, refuse, waiting_for, withdraw
from backoffice.departments import appoint_manager, open_function
from backoffice.models import Approval, Assignment, Department, Grant, Role, User
from backoffice.owners import is_owner, owners
from backoffice.rights import sources
from backoffice.staff import assign
from tests.accounting.test_guards import without
from tests.backoffice.deciding import signed
from tests.backoffice.test_rights_pages import posted
from tests.factories import CompanyFactory, DepartmentFactory, UserFactory, staff
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
    with connection.cursor() as cursor:
        cursor.execute(
            "select args -> 'to' ->> 0 from procrastinate_jobs where task_name = 'send_mail'"
        )
        return [to for (to,) in cursor.fetchall()]


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


# --- Other doors ----------------------------------------------------------------------------


def test_assigning_by_somebody_waits_wherever_the_act_is_called_from(owner):
    person = staff()
    role, root = Role.objects.get(name="Payroll approver"), RootDepartmentFactory()

    assign(person, role, department=root, on=today(), by=owner)

    assert not can(person, "payroll.run")
    assert only_approval().made_by == owner


def test_a_command_assigns_at_once(owner):
    person = staff()
    role, root = Role.objects.get(name="Payroll approver"), RootDepartmentFactory()

    assign(person, role, department=root, on=today(), by=None)

    assert can(person, "payroll.run", "approve")


@pytest.mark.parametrize("function", ["accounting", "hr", "payroll"])
def test_who_is_to_manage_a_guarded_function_waits(owner, function):
    person, department = staff(), Department.objects.get(function=function)

    appoint_manager(department, person, by=owner)

    assert not can(person, function, "edit")
    approve(only_approval(), by=staff("Owner"), on=today())
    assert can(person, function, "manage")


@pytest.mark.parametrize("function", ["marketing", "it_assets", "admin_desk"])
def test_who_is_to_manage_another_function_manages_it(owner, function):
    person, department = staff(), Department.objects.get(function=function)

    appoint_manager(department, person, by=owner)

    assert can(person, function, "manage")


def department_posted(department, manager) -> dict:
    return {
        "name": department.name,
        "code": department.code,
        "parent": department.parent_id or "",
        "manager": manager.pk,
    }


@pytest.mark.parametrize(
    "door", ["backoffice:department-edit", "admin:backoffice_department_change"]
)
def test_a_manager_named_in_a_form_waits_as_well(client, owner, door):
    person, department = staff(), Department.objects.get(function="payroll")

    client.post(reverse(door, args=[department.pk]), department_posted(department, person))

    department.refresh_from_db()
    assert department.manager == person
    assert not can(person, "payroll.run")
    assert only_approval().verb == "appoint"


def test_a_manager_of_a_department_that_takes_up_payroll_waits(owner):
    person = staff()
    department = Department.objects.get(function="payroll")
    Department.objects.filter(pk=department.pk).update(function="")
    other = DepartmentFactory(manager=person)

    with signed(owner):
        Department.objects.filter(pk=other.pk).update(function="payroll")

    assert not can(person, "payroll.run")


def test_a_refused_manager_is_none(owner):
    person, department = staff(), Department.objects.get(function="payroll")
    appoint_manager(department, person, by=owner)

    refuse(only_approval(), by=staff("Owner"), on=today(), why="Not this one.")

    department.refresh_from_db()
    assert department.manager is None


def test_opening_a_function_again_takes_nothing_from_its_manager(owner):
    person = staff()
    Department.objects.filter(function="payroll").update(manager=person)

    with signed(owner):
        open_function("payroll", on=today(), by=owner)

    assert can(person, "payroll.run", "manage")


def test_every_manager_waits_once_managers_hold_guarded_rights(owner):
    Role.objects.get(name="Manager").grants.create(
        area="hr.private", level=Level.VIEW, reach=Reach.DEPARTMENT
    )
    person = staff()

    appoint_manager(DepartmentFactory(), person, by=owner)

    assert not can(person, "hr.private")


def test_written_past_every_act_it_gives_nothing(owner):
    person, role = staff(), Role.objects.get(name="Payroll approver")
    clerk, root = clerk_role(marketing=Level.VIEW), RootDepartmentFactory()
    facts = {"user": person, "department": root, "starts_on": date(2020, 1, 1)}

    with signed(owner):
        Grant.objects.create(
            role=clerk,
            area="payroll.run",
            level=Level.MANAGE,
            reach=Reach.ALL,
            given_level=Level.MANAGE,
            given_reach=Reach.ALL,
        )
        Grant.objects.filter(role=clerk).update(given_level=Level.MANAGE, given_reach=Reach.ALL)
        Assignment.objects.bulk_create(
            [
                Assignment(role=role, given_from=date(2020, 1, 1), **facts),
                Assignment(role=clerk, given_from=date(2020, 1, 1), **facts),
            ]
        )
        Assignment.objects.update(given_from=date(2020, 1, 1))
        Grant.objects.filter(role=clerk, area="marketing").update(area="hr.private")

    assert not can(person, "payroll.run")
    assert not can(person, "hr.private")
    assert not can(person, "marketing", "edit")


def test_an_approval_of_another_text_gives_nothing(owner):
    role = clerk_role(marketing=Level.VIEW)
    with signed(owner):
        grant = role.grants.create(area="payroll.run", level=Level.VIEW, reach=Reach.ALL)
    granting.ask_for_role(role, by=owner)
    approve(only_approval(), by=staff("Owner"), on=today())

    with signed(owner):
        Grant.objects.filter(pk=grant.pk).update(level=Level.MANAGE)

    grant.refresh_from_db()
    assert grant.given_level == Level.VIEW


@pytest.mark.parametrize(
    ("guard", "door"),
    [
        (
            "grants_take_two",
            lambda person, role, root: Grant.objects.create(
                role=role,
                area="payroll.run",
                level=4,
                reach="all",
                given_level=4,
                given_reach="all",
            ),
        ),
        (
            "assignments_take_two",
            lambda person, role, root: Assignment.objects.create(
                user=person,
                role=Role.objects.get(name="Payroll approver"),
                department=root,
                starts_on=date(2020, 1, 1),
                given_from=date(2020, 1, 1),
            ),
        ),
        (
            "appointments_take_two",
            lambda person, role, root: Department.objects.filter(function="payroll").update(
                manager=person
            ),
        ),
    ],
    ids=["grant", "assignment", "appointment"],
)
def test_each_guard_is_what_holds_the_right_back(committed, guard, door):
    def tried() -> bool:
        role = Role.objects.create(name="Helper")
        owner, person, root = staff("Owner"), staff("Helper"), RootDepartmentFactory()
        with signed(owner):
            door(person, role, root)
        held = can(person, "payroll.run", "view")
        Assignment.objects.filter(role=role).delete()
        role.delete()
        Department.objects.filter(function="payroll").update(manager=None)
        return held

    assert not tried()
    with without(guard):
        assert tried()


def test_standing_costs_two_queries_still(owner, django_assert_num_queries):
    person = fresh(staff("Payroll approver"))

    with django_assert_num_queries(2):
        access.standing(person)


def test_an_empty_office_has_an_owner_with_all_rights(db):
    from backoffice.setting_up import open_empty_office

    owner = open_empty_office(currency="EUR", on=today())

    assert can(owner, "office", "manage")
    assert can(owner, "accounting.pay", "manage")
    assert not Approval.objects.exists()


def test_people_from_a_file_come_without_rights(owner):
    """A list of staff has no column for roles: who comes in by a file has what everybody has."""
    from backoffice.importers import StaffImporter

    assert {"role", "roles"} & {column.name for column in StaffImporter.columns} == set()


def test_the_text_is_the_one_the_database_writes(owner):
    person, second = UserFactory(), staff("Owner")
    with signed(owner):
        for ends in (None, date(2030, 12, 31)):
            held = Assignment.objects.create(
                user=person,
                role=Role.objects.get(name="Payroll approver"),
                department=RootDepartmentFactory(),
                starts_on=date(2026, 1, 2),
                ends_on=ends,
            )
            held.refresh_from_db()
            asked = granting.ask(held, by=owner)
            approve(asked[0], by=second, on=today())
            held.refresh_from_db()
            assert not held.waits
