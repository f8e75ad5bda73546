"""Rights that take two, by every other door: acts, appointments, the admin, raw writes."""

from datetime import date

import pytest
from django.urls import reverse

from backoffice import access, granting
from backoffice.access import Level, Reach
from backoffice.approvals import approve, refuse
from backoffice.departments import appoint_manager, open_function
from backoffice.models import Approval, Assignment, Department, Grant, Role
from backoffice.staff import assign
from tests.accounting.test_guards import without
from tests.backoffice.deciding import signed
from tests.backoffice.test_granting import can, clerk_role, fresh, only_approval, today
from tests.factories import CompanyFactory, DepartmentFactory, UserFactory, staff
from tests.factories.backoffice import RootDepartmentFactory


@pytest.fixture
def owner(client, db):
    CompanyFactory()
    user = staff("Owner")
    client.force_login(user)
    return user


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
