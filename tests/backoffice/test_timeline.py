"""What happened to a record, told on its page; what people say about it."""

import re
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import accounting
import backoffice.urls
from backoffice import audit, pages
from backoffice.access import Level, Reach
from backoffice.comments import comment_on
from backoffice.models import (
    Address,
    Assignment,
    BankAccount,
    Change,
    Comment,
    Grant,
    Party,
    Role,
    User,
)
from backoffice.signature import acting
from backoffice.timeline import ACTS, timeline_of
from tests.factories import (
    CompanyFactory,
    DepartmentFactory,
    PartyFactory,
    UserFactory,
    staff,
)
from tests.factories.every_model import make

assert backoffice.urls.urlpatterns  # reading the addresses declares the pages
TOLD = [declared for declared in pages.declared if declared.has_timeline]
every_told_page = pytest.mark.parametrize("pages", TOLD, ids=[p.model._meta.label for p in TOLD])
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def company(db):
    return CompanyFactory()


@pytest.fixture
def owner(client):
    user = staff("Owner", name="Olive Owner")
    client.force_login(user)
    return user


def moments(record, reader, **asked) -> list:
    return timeline_of(record, reader=reader, locale="en_IE", decimals=2, **asked).moments


def told(record, reader) -> list[str]:
    """Each moment as people read it."""
    return [
        " ".join(
            [m.who, m.says or m.comment, *(f"{d.label}: {d.before}→{d.after}" for d in shown(m))]
        )
        for m in moments(record, reader)
    ]


def shown(moment):
    return [d for d in moment.differences if not d.is_private]


# --- told in people's words -----------------------------------------------------------------


def test_changes_are_told_with_labels_and_shown_values(owner):
    works_for = PartyFactory(name="Acme")
    with acting(by=owner.pk, request="1"):
        party = PartyFactory(name="Bluefin")
        party.legal_name = "Bluefin Ltd"
        party.kind = Party.Kind.PERSON
        party.works_for = works_for
        party.is_active = False
        party.save()

    assert told(party, owner) == [
        "Olive Owner changed this Kind: organisation→person Legal name: →Bluefin Ltd"
        f' Works for: →<a href="{works_for.get_absolute_url()}">Acme</a> Active: yes→no',
        "Olive Owner created this",
    ]


def test_a_command_is_named(owner):
    with acting(by=None, request="import_list"):
        party = PartyFactory()

    assert told(party, owner) == ["The command import_list created this"]


def test_parts_are_told_with_their_whole(owner):
    party = PartyFactory()
    address = Address.objects.create(party=party, street="1 Quay", city="Cork", country="IE")
    address.city = "Cobh"
    address.save()
    address.delete()

    removed, changed, added, _made = told(party, owner)
    assert removed.startswith("The office removed: address")
    assert "City: Cobh→" in removed
    assert changed == "The office changed: address City: Cork→Cobh"
    assert added.startswith("The office added: address")
    assert "Party" not in added


def test_parts_of_a_closed_area_are_not_told():
    party = PartyFactory()
    BankAccount.objects.create(
        party=party, iban="DE89370400440532013000", holder="Secret Holder Ltd"
    )
    receptionist, bookkeeper = staff("Receptionist"), staff("Bookkeeper")

    assert not any("Secret Holder" in line for line in told(party, receptionist))
    assert any("Secret Holder" in line for line in told(party, bookkeeper))
    assert not any("0130" in line for line in told(party, bookkeeper))


def test_a_private_field_only_says_that_it_changed(client, owner):
    user = UserFactory()
    user.set_password("a new one, never told")
    user.save()

    newest = moments(user, owner)[0]

    assert [(d.label, d.is_private, d.before, d.after) for d in newest.differences] == [
        ("Password", True, "", "")
    ]
    assert "changed, not shown" in client.get(user.get_absolute_url()).content.decode()


def test_a_name_out_of_reach_is_not_told():
    ann, boss = UserFactory(name="Ann Apart", department=DepartmentFactory()), UserFactory()
    department = DepartmentFactory()
    department.manager = ann
    department.save()
    reader = staff()
    role = Role.objects.create(name="Own department only")
    Grant.objects.create(role=role, area="office", level=Level.VIEW, reach=Reach.OWN)
    Assignment.objects.create(
        user=reader, role=role, department=boss.department, starts_on=date(2020, 1, 1)
    )

    assert not any("Ann Apart" in line for line in told(department, reader))
    assert any("Ann Apart" in line for line in told(department, staff("Owner")))


def test_acts_are_told_and_what_the_changes_tell_is_not_told_twice(owner):
    user = UserFactory()
    audit.record("deactivated", user, by=owner)
    audit.record("saved", user, by=owner, fields=["name"])
    audit.record("hat lent", user, by=None, why="rain")

    assert told(user, owner)[:2] == ["The office hat lent: rain", "Olive Owner ended the access"]
    assert len(told(user, owner)) == 3


def test_only_this_record_is_told(owner):
    one, other = PartyFactory(), PartyFactory()
    comment_on(other, "Elsewhere", by=owner, key=uuid4())
    audit.record("seen", other, by=owner)
    # Its key begins alike, and another record has the very same.
    Comment.objects.create(
        label="backoffice.user", record_key=str(one.pk), author=owner, text="Someone"
    )

    assert told(one, owner) == ["The office created this"]


@every_told_page
def test_every_record_shows_its_timeline_and_takes_a_comment(pages, client, owner):
    client.force_login(staff("Owner", "Accountant"))
    record = make(pages.model)[0]

    answer = client.post(
        pages.url("comment", record.pk), {"text": "Well done", "key": str(uuid4())}
    )

    assert answer.status_code == 302
    assert Comment.objects.get().label == pages.model._meta.label_lower
    assert "Well done" in client.get(pages.url("detail", record.pk)).content.decode()
    assert "Well done" in client.get(pages.url("timeline", record.pk)).content.decode()


def queries_to_show(record, client) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(record.get_absolute_url()).status_code == 200
    return len(queries)


def live_a_little(party, times: int, *, by) -> None:
    for number in range(times):
        party.works_for = PartyFactory()
        party.name = f"Party {number}"
        party.save()
        Address.objects.create(party=party, street=str(number), city="Cork", country="IE")
        audit.record("seen", party, by=UserFactory())
        comment_on(party, f"@{UserFactory().name}, look", by=UserFactory(), key=uuid4())


def test_the_cost_of_a_record_does_not_grow_with_its_history(client, owner):
    party = PartyFactory()
    live_a_little(party, 1, by=owner)
    client.get(party.get_absolute_url())
    with_little = queries_to_show(party, client)

    live_a_little(party, 4, by=owner)

    assert queries_to_show(party, client) == with_little


def test_older_moments_are_a_page_away(client, owner):
    party = PartyFactory()
    for number in range(45):
        comment_on(party, f"Number {number}.", by=owner, key=uuid4())
    address = reverse("backoffice:party-timeline", args=[party.pk])

    found = [
        client.get(address, {"page": page}, headers={"HX-Request": "true"}).content.decode()
        for page in ("1", "2", "3", "nonsense")
    ]

    assert "Number 44." in found[0]
    assert "Number 25." in found[0]
    assert "Number 24." in found[1]
    assert "Number 0." in found[2]
    assert [f"?page={n}" in found[n - 2] for n in (2, 3)] == [True, True]
    assert "?page=4" not in found[2]
    assert found[0] == found[3]
    assert "<html" not in found[0]


# --- the trail of the whole office ----------------------------------------------------------


def test_the_trail_is_filtered_by_who_what_how_and_when(client, owner):
    with acting(by=owner.pk, request="1"):
        party = PartyFactory()
    Party.objects.filter(pk=party.pk).update(name="Other")
    today = Change.objects.latest("pk").at.date().isoformat()
    address = reverse("backoffice:change-list")

    def found(**asked) -> set:
        rows = client.get(address, asked).context["page"].rows
        return {(row.record.table_name, row.record.operation) for row in rows}

    assert found(actor=owner.pk) == {("backoffice_party", "insert")}
    assert found(table_name="backoffice_party", operation="update") == {
        ("backoffice_party", "update")
    }
    assert found(at_after=today, table_name="backoffice_party")
    assert not found(at_before="2020-01-01")


def test_the_trail_is_for_those_who_read_it(client):
    PartyFactory()
    change = Change.objects.latest("pk")
    auditor = staff("Auditor")
    answers = {}
    for user in (auditor, staff("Accountant"), staff("HR officer")):
        client.force_login(user)
        pages_asked = (reverse("backoffice:change-list"), change.get_absolute_url())
        answers[user] = [client.get(address).status_code for address in pages_asked]

    assert list(answers.values()) == [[200, 200], [403, 403], [403, 403]]


def test_the_trail_cannot_be_changed_from_its_pages(client, owner):
    PartyFactory()
    address = Change.objects.latest("pk").get_absolute_url()

    answers = [client.get(f"{address}{page}/") for page in ("edit", "comment", "delete")]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert client.get(reverse("backoffice:change-list") + "new/").status_code == 404


def test_a_change_shows_its_values_to_those_who_see_such_records(client):
    party = PartyFactory(name="Bluefin")
    party.name = "Redfin"
    party.save()
    address = Change.objects.filter(table_name="backoffice_party").latest("pk").get_absolute_url()

    client.force_login(staff("Auditor"))  # who does not see the directory
    hidden = client.get(address).content.decode()
    client.force_login(staff("Owner"))
    told = client.get(address).content.decode()

    assert "Redfin" not in hidden
    assert "<del>Bluefin</del> → <ins>Redfin</ins>" in told
    assert User.objects.count() == 2


def test_what_was_done_in_the_books_is_told_as_a_sentence():
    """An act is kept by the name of what was done; beside a person's name it needs a verb."""
    books = Path(accounting.__file__).parent.rglob("*.py")
    kept = {
        act
        for file in books
        for act in re.findall(r'audit\.record\(\s*"([^"]+)"', file.read_text())
    }

    assert kept - set(ACTS) == set()
