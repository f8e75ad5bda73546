"""The demo company: believable, harmless, the same each time."""

from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from backoffice.demo import make_demo
from backoffice.demo.cast import FICTION
from backoffice.departments import root_department
from backoffice.errors import Refused
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
from backoffice.setting_up import is_empty
from backoffice.staff import owners
from tests.conftest import empty_database
from tests.factories import UserFactory

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


def people_and_firms(**wishes) -> list[tuple]:
    """Who is in the company of these wishes, which is not kept."""
    with transaction.atomic():
        make_demo(on=TODAY, months=FEW_MONTHS, employees=15, **wishes)
        found = [
            *User.objects.order_by("pk").values_list("name", "email", "phone", "job_title"),
            *Party.objects.order_by("pk").values_list("name", "phones__number"),
            *Address.objects.order_by("pk").values_list("street", "postcode", "city"),
            *(
                (account.iban.whole, account.bank_code, account.number.whole)
                for account in BankAccount.objects.order_by("pk")
            ),
        ]
        transaction.set_rollback(True)
    return found


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


def test_the_same_seed_gives_the_same_people_and_another_seed_others():
    first, again, another = (people_and_firms(seed=seed) for seed in (7, 7, 8))

    assert first == again
    assert first != another


@pytest.mark.parametrize("employees", [5, 13, 500])
def test_it_comes_in_all_sizes(employees, day):
    make_demo(on=day, employees=employees, months=FEW_MONTHS)

    assert User.objects.count() == employees
    assert not Department.objects.filter(manager=None).exists()
    assert [owner.name for owner in owners()] == ["Ines Moreau"]


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"country": "FR"}, "no demo company in FR"),
        ({"employees": 4}, "5 to 500 employees"),
        ({"employees": 501}, "5 to 500 employees"),
        ({"months": 2}, "3 to 60 months"),
        ({"months": 61}, "3 to 60 months"),
    ],
)
def test_wishes_nobody_could_fulfil_are_refused(wish, sentence, day):
    with pytest.raises(Refused, match=sentence):
        make_demo(on=day, **wish)

    assert is_empty()


def test_an_interrupted_demo_leaves_nothing(day):
    def interrupt(sentence):
        if "2026" in sentence:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_demo(on=day, months=FEW_MONTHS, say=interrupt)

    assert is_empty()
    assert not Department.objects.exists()
    assert not Party.objects.exists()


def test_the_command_prints_what_it_made(capsys):
    call_command("demo", "--employees", "12", "--months", "4", "--country", "US")

    assert capsys.readouterr().out.splitlines() == [
        "Harbour & Pine Inc.: 12 people, 4 months, 60 parties."
    ]


def test_the_command_refuses_an_office_with_people_in_it(capsys):
    UserFactory()

    with pytest.raises(SystemExit) as left:
        call_command("demo")

    assert left.value.code == 2
    assert "not empty" in capsys.readouterr().err
    assert not Company.objects.exists()
