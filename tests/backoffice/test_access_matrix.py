"""Rights, proved by asking: every address, role, method and row against tests/access.csv.

After a change of rights, `pytest tests/backoffice/test_access_matrix.py --write-access` writes
the file anew, and its diff shows what changed.
"""

from dataclasses import astuple

import pytest

from backoffice.access import may
from backoffice.rights_matrix import ALLOWED, FORBIDDEN
from backoffice.routes import routes
from tests.access_matrix import (
    DEACTIVATED,
    ENDED,
    FOREIGN,
    OWN,
    PARTS,
    SIGN_IN,
    STRANGER,
    Asker,
    World,
    address,
    ask,
    is_about_a_record,
    kept,
    part,
    subject_of,
    uncovered,
    write,
)

pytestmark = pytest.mark.django_db
REFUSALS = {FORBIDDEN, "404", "401", SIGN_IN}


def test_every_address_has_records_and_words_to_be_asked_with():
    assert uncovered() == []


def test_no_address_is_undeclared_and_none_is_listed_twice():
    names = [route.name or route.path for route in routes()]

    assert [r.path for r in routes() if r.area is None] == []
    assert len(names) == len(set(names))


def test_the_file_is_about_the_addresses_there_are():
    assert {words[0] for words in kept()} == {route.name or route.path for route in routes()}


@pytest.mark.parametrize("number", range(PARTS))
def test_every_address_answers_everybody_as_the_file_says(request, number):
    asked = part(number)
    found = list(ask(asked))

    if request.config.getoption("--write-access"):
        write(found)
    names = {route.name or route.path for route in asked}
    answers = {astuple(cell)[:-1]: cell.status for cell in found}
    expected = {words: status for words, status in kept().items() if words[0] in names}
    different = {
        words: f"{expected.get(words, 'not in the file')} became {answers.get(words, 'nothing')}"
        for words in answers.keys() | expected.keys()
        if answers.get(words) != expected.get(words)
    }
    assert len(answers) == len(found)
    assert dict(sorted(different.items())[:20]) == {}


def test_the_file_keeps_what_rights_promise():
    """The file itself is held against the declarations, so that a bad one cannot be checked in."""
    world, areas = World(), {route.name or route.path: route.area for route in routes()}
    allowed = {
        (role, area): may(person, *area)
        for role, person in ((role, refreshed(who)) for role, who in world.people.items())
        for area in set(areas.values())
    }

    broken = []
    for (name, _path, _method, htmx, row, role), status in kept().items():
        if role in (DEACTIVATED, STRANGER):
            is_refused = status in (SIGN_IN, "401")
        else:
            is_refused = status in REFUSALS
        should_be = not allowed[role, areas[name]]
        if should_be and not is_refused:
            broken.append((name, row, role, htmx, status))
        if status.startswith("5"):
            broken.append((name, row, role, htmx, status))
    assert broken == []


def test_whose_role_has_ended_gets_what_everybody_gets():
    file = kept()
    former = {words[:-1]: s for words, s in file.items() if words[-1] == ENDED}
    plain = {words[:-1]: s for words, s in file.items() if words[-1] == "Self"}

    assert {words: s for words, s in former.items() if plain[words] != s} == {}


def test_a_foreign_row_looks_like_no_row_to_who_reaches_only_some():
    """404 on the foreign row wherever the manager's own department answers."""
    file = kept()
    manager = {words[:-1]: s for words, s in file.items() if words[-1] == "Manager"}
    here = [w for w, s in manager.items() if w[0] == "backoffice:user-detail" and s == ALLOWED]

    assert {w[4] for w in here} == {OWN, "same department"}
    assert {
        s for w, s in manager.items() if w[0] == "backoffice:user-detail" and w[4] == "foreign"
    } == {"404"}


def test_a_refused_request_and_an_unexpected_method_change_nothing():
    world = World()
    asker, broken = Asker(world), []

    for route in routes():
        record = None
        if is_about_a_record(route):
            record = world.record(subject_of(route), FOREIGN, None)
        path = address(route, record)
        for method in {"POST", "PUT", "PATCH", "DELETE"} - set(route.methods):
            status, changed = asker.ask(path, method, "Owner")
            if changed or status.startswith("5"):
                broken.append((route.name, method, status, changed))
        if not may(refreshed(world.people["Self"]), *route.area):
            status, changed = asker.ask(path, "POST", "Self")
            if changed or status not in REFUSALS | {"405"}:
                broken.append((route.name, "POST as Self", status, changed))
    assert broken == []


@pytest.mark.parametrize(
    "path",
    [
        "/office/roles",
        "//office/roles/",
        "/office//roles/",
        "/office/./roles/",
        "/office/%2e/roles/",
        "/office/x/%2e%2e/roles/",
        "/OFFICE/roles/",
        "/Admin/",
        "/admin//backoffice/role/",
        "/office/roles/%00",
    ],
)
def test_an_odd_spelling_of_an_address_opens_nothing(path):
    asker = Asker(World())

    for role in ("Self", STRANGER):
        assert asker.status(path, "GET", role) in {*REFUSALS, "301", "400"}


@pytest.mark.parametrize("query", ["?_method=DELETE", "?_method=POST", "?HX-Request=true"])
def test_a_query_gives_no_other_verdict(query):
    asker = Asker(World())

    assert asker.status(f"/office/roles/{query}", "GET", "Self") == FORBIDDEN
    assert asker.status(f"/office/roles/{query}", "GET", STRANGER) == SIGN_IN


def refreshed(person):
    """The person with a standing read anew, for rights change while the world is made."""
    if person is not None:
        person.refresh_from_db()
        person.__dict__.pop("_standing", None)
    return person
