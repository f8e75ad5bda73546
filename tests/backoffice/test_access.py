import pytest

from accounting.models import Account
from backoffice.access import may, rows
from backoffice.models import User
from tests.factories import staff

pytestmark = pytest.mark.django_db


def test_a_role_reaches_its_areas_and_no_others():
    bookkeeper = staff("Bookkeeper")

    assert may(bookkeeper, "accounting", "edit")
    assert not may(bookkeeper, "accounting", "approve")
    assert not may(bookkeeper, "office", "view")


def test_a_closed_function_is_nobodys():
    owner = staff("Owner")
    owner.department.children.filter(function="accounting").update(is_open=False)

    assert not may(owner, "accounting")
    assert not rows(owner, Account).exists()
    assert may(owner, "office", "manage")


def test_rows_of_a_model_are_those_may_says_yes_to():
    manager = staff()
    department = manager.department.children.first()
    department.manager = manager
    department.save()
    member, stranger = staff(department=department), staff()

    seen = set(rows(manager, User))

    assert seen == {user for user in User.objects.all() if may(manager, "office", "view", user)}
    assert member in seen
    assert stranger not in seen
