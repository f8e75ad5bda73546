import csv
from io import StringIO

import pytest
from django.core.management import call_command

from backoffice.models import Department, User
from backoffice.rights_matrix import COLUMNS, status_of
from backoffice.routes import Route
from tests.factories import staff

pytestmark = pytest.mark.django_db


def said_by(*words: str) -> str:
    out = StringIO()
    call_command("access", *words, stdout=out)
    return out.getvalue()


def cells(*words: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(said_by("--csv", *words))))


def test_every_role_is_held_against_every_address():
    staff()

    found = cells()

    status = {
        (cell["route"], cell["role"]): cell["status"]
        for cell in found
        if (cell["method"], cell["htmx"]) == ("GET", "no")
    }
    assert tuple(found[0]) == COLUMNS
    assert status["backoffice:role-list", "Owner"] == "200"
    assert status["backoffice:role-list", "Receptionist"] == "200"
    assert status["backoffice:role-add", "Receptionist"] == "403"
    assert status["backoffice:role-list", "Bookkeeper"] == "403"
    assert status["backoffice:role-list", "not signed in"] == "302"
    assert status["backoffice:home", "Self"] == "200"
    assert status["account_login", "not signed in"] == "200"
    assert {cell["row"] for cell in found} == {"empty"}


def test_an_address_with_a_form_is_asked_both_ways():
    staff()

    found = cells("--route", "backoffice:department-edit")

    asked = {(cell["method"], cell["htmx"]) for cell in found}
    assert asked == {("GET", "no"), ("GET", "yes"), ("POST", "no"), ("POST", "yes")}
    stranger = [c for c in found if c["role"] == "not signed in" and c["htmx"] == "yes"]
    assert {cell["status"] for cell in stranger} == {"401"}


def test_a_closed_function_is_shut_for_everybody():
    staff()
    before = cells("--route", "accounting:journalentry-list")
    Department.objects.filter(function="accounting").update(is_open=False)

    after = cells("--route", "accounting:journalentry-list")

    assert "200" in {cell["status"] for cell in before}
    assert "200" not in {cell["status"] for cell in after}


def test_one_person_is_told_what_is_theirs():
    bookkeeper = staff("Bookkeeper")

    found = cells("--user", bookkeeper.email.upper())

    status = {cell["route"]: cell["status"] for cell in found}
    assert {cell["role"] for cell in found} == {bookkeeper.email}
    assert status["accounting:journalentry-list"] == "200"
    assert status["backoffice:role-list"] == "403"


def test_looking_leaves_nobody_behind():
    staff()
    before = (User.objects.count(), Department.objects.count())

    said_by()

    assert (User.objects.count(), Department.objects.count()) == before


def test_a_view_that_declares_nothing_is_shown_as_such():
    route = Route("tea", "/tea/", lambda request: None, None)

    assert status_of(route, staff("Owner"), is_htmx=False) == "undeclared"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--user", "nobody@example.com"], "Nobody on the staff uses nobody@example.com.\n"),
        (["--route", "tea:pot"], "There is no route tea:pot.\n"),
    ],
)
def test_unknown_people_and_addresses_are_refused(capsys, words, sentence):
    with pytest.raises(SystemExit) as left:
        said_by(*words)

    assert left.value.code == 2
    assert capsys.readouterr().err == sentence
