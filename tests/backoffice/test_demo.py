"""Making the demo company: the same each time, in all sizes, or nothing of it."""

from datetime import date

import pytest
from django.core.management import call_command
from django.db import transaction

from backoffice.demo import make_demo
from backoffice.errors import Refused
from backoffice.models import (
    Address,
    BankAccount,
    Company,
    Department,
    Party,
    User,
)
from backoffice.setting_up import is_empty
from backoffice.staff import owners
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

FEW_MONTHS, TODAY = 3, date(2026, 11, 23)


def people_and_firms(**wishes) -> list[tuple]:
    """Who is in the company of these wishes, which is not kept."""
    with transaction.atomic():
        make_demo(on=TODAY, months=FEW_MONTHS, employees=6, **wishes)
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


def test_the_same_seed_gives_the_same_people_and_another_seed_others():
    first, again, another = (people_and_firms(seed=seed) for seed in (7, 7, 8))

    assert first == again
    assert first != another


@pytest.mark.parametrize("employees", [5, 500])
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
