"""Making the demo company: the same each time, in all sizes, or nothing of it."""

import pytest
from django.core.management import call_command

from backoffice.demo import make_demo
from backoffice.errors import Refused
from backoffice.models import (
    Company,
    Department,
    Party,
    User,
)
from backoffice.setting_up import is_empty
from backoffice.staff import owners
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

FEW_MONTHS = 3


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
    call_command("demo", "--employees", "6", "--months", "3", "--country", "US")

    assert capsys.readouterr().out.splitlines() == [
        "Harbour & Pine Inc.: 6 people, 3 months, 60 parties."
    ]


def test_the_command_refuses_an_office_with_people_in_it(capsys):
    UserFactory()

    with pytest.raises(SystemExit) as left:
        call_command("demo")

    assert left.value.code == 2
    assert "not empty" in capsys.readouterr().err
    assert not Company.objects.exists()
