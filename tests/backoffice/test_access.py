"""Rights: the decision itself."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounting.models import Account
from backoffice.access import AREAS, Level, Reach, may, rows, standing
from backoffice.models import Assignment, Department, Grant, Role, User
from tests.factories import DepartmentFactory, UserFactory, staff
from tests.factories.backoffice import open_functions

pytestmark = pytest.mark.django_db


def test_a_role_reaches_its_areas_and_no_others():
    bookkeeper = staff("Bookkeeper")

    assert may(bookkeeper, "accounting", "edit")
    assert not may(bookkeeper, "accounting", "approve")
    assert not may(bookkeeper, "office", "view")


def test_a_closed_function_is_nobodys():
    owner = staff("Owner")
    Department.objects.filter(function="accounting").update(is_open=False)

    assert not may(owner, "accounting")
    assert not rows(owner, Account).exists()
    assert may(owner, "office", "manage")


def test_the_manager_of_a_functions_department_manages_its_areas():
    manager = staff()
    Department.objects.filter(function="accounting").update(manager=manager)

    assert may(manager, "accounting.close", "manage")
    assert not may(manager, "payroll", "edit")


def test_a_manager_sees_the_own_department_and_those_below():
    manager = staff()
    sales = DepartmentFactory(manager=manager)
    abroad = DepartmentFactory(parent=sales)
    member, stranger = UserFactory(department=abroad), staff()

    seen = rows(manager, User)

    assert member in seen
    assert stranger not in seen


def test_a_right_ends_with_its_assignment():
    user = staff("Accountant")
    Assignment.objects.filter(user=user).update(ends_on=date(2026, 3, 31))

    assert standing(user, on=date(2026, 3, 31)).right("accounting", Level.MANAGE)
    assert not standing(user, on=date(2026, 4, 1)).right("accounting", Level.VIEW)


def test_a_right_waits_for_the_day_it_begins():
    user = staff("Accountant")
    tomorrow = date(2026, 3, 2)
    Assignment.objects.filter(user=user).update(starts_on=tomorrow)

    assert not standing(user, on=tomorrow - timedelta(days=1)).right("accounting", Level.VIEW)
    assert standing(user, on=tomorrow).right("accounting", Level.VIEW)


def test_nobody_and_the_inactive_may_nothing():
    gone = staff("Owner", is_active=False)

    assert not may(gone, "office")
    assert not may(AnonymousUser(), "office")
    assert not rows(AnonymousUser(), User).exists()


def test_everybody_reads_the_names_of_departments_but_few_change_them():
    clerk = staff()
    department = Department.objects.first()

    assert department in rows(clerk, Department)
    assert not rows(clerk, Department, "edit").exists()
    assert not may(clerk, "office", "edit", department)


def test_djangos_permissions_are_answered_from_the_same_rights():
    bookkeeper = staff("Bookkeeper")

    assert bookkeeper.has_perm("accounting.view_journalentry")
    assert bookkeeper.has_perm("accounting.change_account")
    assert not bookkeeper.has_perm("accounting.delete_account")
    assert not bookkeeper.has_perm("backoffice.view_role")
    assert not bookkeeper.has_perm("backoffice.view_nothing")


def test_standing_costs_two_queries(django_assert_num_queries):
    user = UserFactory()
    open_functions()

    with django_assert_num_queries(2):
        may(user, "accounting")
        may(user, "hr", "edit")


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    level=st.sampled_from(Level.values[1:]),
    reach=st.sampled_from(Reach.values),
    asked=st.sampled_from(Level.values[1:]),
    shape=st.lists(st.integers(0, 3), min_size=3, max_size=3),
    home=st.integers(0, 3),
)
def test_may_and_rows_never_disagree(db, level, reach, asked, shape, home):
    """Random trees of departments, random rights: one row and the list say the same."""
    open_functions()
    departments = [DepartmentFactory()]
    for above in shape:
        departments.append(DepartmentFactory(parent=departments[above % len(departments)]))
    role = Role.objects.create(name=f"Tried {Role.objects.count()} {User.objects.count()}")
    Grant.objects.create(role=role, area="office", level=level, reach=reach)
    user = UserFactory(department=departments[0])
    Assignment.objects.create(
        user=user, role=role, department=departments[home], starts_on=date(2020, 1, 1)
    )
    for department in departments:
        UserFactory(department=department)

    seen = set(rows(user, User, asked))

    assert seen == {other for other in User.objects.all() if may(user, "office", asked, other)}


def test_the_areas_of_shipped_roles_are_known():
    assert set(Grant.objects.values_list("area", flat=True)) <= set(AREAS)
