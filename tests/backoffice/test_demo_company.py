"""The demo company: believable and harmless."""

from datetime import date

import pytest
from django.db import connection, transaction

from backoffice.demo import make_demo
from backoffice.demo.cast import FICTION
from backoffice.departments import root_department
from backoffice.models import (
    Address,
    Assignment,
    BankAccount,
    Company,
    Department,
    Email,
    Party,
    Phone,
    Room,
    Site,
    User,
)
from backoffice.staff import owners
from tests.databases import empty_database

pytestmark = pytest.mark.django_db

FEW_MONTHS, TODAY = 3, date(2026, 11, 23)


@pytest.fixture(scope="module", params=["GB", "US"])
def whole_story(request, django_db_setup, django_db_blocker):
    """A company made once for all tests, which only look at it."""
    with django_db_blocker.unblock():
        yield make_demo(on=TODAY, country=request.param, months=FEW_MONTHS)
        connection.close()
        empty_database()


@pytest.fixture
def story(whole_story):
    """The company, as if no test before had touched it."""
    with transaction.atomic():
        yield whole_story
        transaction.set_rollback(True)


def test_the_company_is_whole_and_says_it_is_a_demo(story):
    company = Company.objects.get()
    rooms = {site.name: site.rooms.count() for site in Site.objects.all()}

    assert company.is_demo
    assert company.set_up_at is not None
    assert company.currency_id == {"GB": "GBP", "US": "USD"}[company.country]
    assert root_department().name == company.name
    assert User.objects.count() == 40
    assert Party.objects.count() == 60
    assert len(rooms) == 2
    assert min(rooms.values()) >= 4
    assert Room.objects.filter(is_bookable=True).exists()


def test_every_department_has_one_of_its_people_as_manager(story):
    departments = Department.objects.select_related("manager")

    assert set(departments.exclude(function="").values_list("function", flat=True)) == set(
        Department.Function.values
    )
    assert [d.name for d in departments if d.manager.department != d] == []
    assert not departments.filter(is_open=False).exists()


def test_each_role_is_held_by_somebody_who_does_that_work(story):
    held = dict(Assignment.objects.values_list("role__name", "user__job_title"))
    payroll = Assignment.objects.filter(role__name__startswith="Payroll")

    assert [owner.name for owner in owners()] == ["Ines Moreau"]
    assert held == {
        "Owner": "Managing director",
        "Accountant": "Head of finance",
        "Bookkeeper": "Bookkeeper",
        "HR officer": "Head of people",
        "Payroll preparer": "Payroll administrator",
        "Payroll approver": "Payroll lead",
        "Marketer": "Marketing lead",
        "IT technician": "IT technician",
        "Receptionist": "Receptionist",
        "Auditor": "Internal auditor",
    }
    assert payroll.values("user").distinct().count() == 2


def test_nobody_has_a_password_and_nobody_can_be_reached(story):
    numbers = {*Phone.objects.values_list("number", flat=True), *phones_of_staff()}
    addresses = {*Email.objects.values_list("address", flat=True), *emails_of_staff()}
    starts = tuple(start for ranges in FICTION.values() for start, _digits in ranges)

    assert not any(user.has_usable_password() for user in User.objects.all())
    assert len(numbers) > 50
    assert [number for number in numbers if not number.startswith(starts)] == []
    assert len(addresses) == 100
    assert [address for address in addresses if not address.endswith(".example")] == []


def phones_of_staff():
    return User.objects.values_list("phone", flat=True)


def emails_of_staff():
    return User.objects.values_list("email", flat=True)


def test_every_record_would_pass_its_own_form(story):
    for model in (User, Party, Address, Phone, Email, BankAccount, Site, Room):
        assert model.objects.exists()
        for record in model.objects.all():
            record.full_clean(exclude=["password"])
