"""What people say about a record, whom they name, who hears it."""

from datetime import date
from uuid import uuid4

import pytest
from django.urls import reverse

from backoffice import audit
from backoffice.access import Level, Reach
from backoffice.comments import comment_on, named_in
from backoffice.errors import Refused
from backoffice.models import Assignment, Change, Comment, Grant, Role
from tests.factories import CompanyFactory, DepartmentFactory, PartyFactory, UserFactory, staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def company(db):
    return CompanyFactory()


@pytest.fixture
def owner(client):
    user = staff("Owner", name="Olive Owner")
    client.force_login(user)
    return user


def say(client, record, text: str, *, key=None, **headers):
    address = record.get_absolute_url() + "comment/"
    return client.post(address, {"text": text, "key": str(key or uuid4())}, **headers)


def test_a_comment_names_people_and_links_them(client, owner):
    ann, _ann_lee, longer = (UserFactory(name=name) for name in ("Ann", "Ann Leeds", "Ann Lee"))
    party = PartyFactory()

    say(client, party, "@ann lee, ask @Ann; not ann@ann.example or @Nobody.")

    comment = Comment.objects.get()
    assert set(comment.mentions.all()) == {ann, longer}
    page = client.get(party.get_absolute_url()).content.decode()
    assert f'<a href="{longer.get_absolute_url()}">@ann lee</a>, ask' in page
    assert f'<a href="{ann.get_absolute_url()}">@Ann</a>;' in page
    assert "@Nobody." in page


def test_those_who_left_are_not_named():
    UserFactory(name="Gone Girl", is_active=False)

    assert named_in("@Gone Girl") == []


def test_who_may_not_see_people_sees_names_without_links(client):
    named = UserFactory(name="Ann")
    party = PartyFactory()
    comment_on(party, "@Ann", by=named, key=uuid4())
    client.force_login(staff("Marketer"))

    page = client.get(party.get_absolute_url()).content.decode()

    assert "<b>@Ann</b>" in page
    assert named.get_absolute_url() not in page


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '"><img src=x onerror=y>'])
def test_what_people_write_is_never_markup(client, owner, hostile):
    party = PartyFactory(name=f"A {hostile}")
    party.note = hostile
    party.works_for = PartyFactory(name=hostile)
    party.save()
    UserFactory(name=hostile)
    say(client, party, f"{hostile} @{hostile}")
    comment_on(party, f"@{hostile}", by=UserFactory(name=f"B {hostile}"), key=uuid4())
    audit.record(hostile[:40], party, by=None, why=hostile)

    for address in (
        party.get_absolute_url(),
        reverse("backoffice:party-timeline", args=[party.pk]),
        reverse("backoffice:change-list"),
        Change.objects.filter(record_key=party.pk).latest("pk").get_absolute_url(),
    ):
        assert hostile not in client.get(address).content.decode()


@pytest.mark.parametrize("text", ["", "   \n", "\x00", "x" * 4001])
def test_nothing_and_too_much_are_refused(client, owner, text):
    party = PartyFactory()

    plain, swapped = (
        say(client, party, text, headers=headers) for headers in ({}, {"HX-Request": "true"})
    )

    assert not Comment.objects.exists()
    assert plain.status_code == 302
    assert 'role="alert"' in swapped.content.decode()


def test_a_second_click_says_nothing_twice(client, owner):
    party, key = PartyFactory(), uuid4()

    for _click in range(2):
        say(client, party, "Once", key=key)

    assert Comment.objects.count() == 1
    with pytest.raises(Refused):
        comment_on(PartyFactory(), "Once", by=owner, key=key)


def test_a_form_without_its_key_is_a_bad_request(client, owner):
    answer = client.post(PartyFactory().get_absolute_url() + "comment/", {"text": "Hello"})

    assert answer.status_code == 400


def test_a_comment_is_swapped_in(client, owner):
    answer = say(client, PartyFactory(), "Hello", headers={"HX-Request": "true"})

    page = answer.content.decode()
    assert page.lstrip().startswith("<section")
    assert "<p>Hello</p>" in page


def test_only_who_sees_the_record_hears_and_speaks(client):
    user, apart = UserFactory(), DepartmentFactory()
    reader = staff()
    role = Role.objects.create(name="Elsewhere")
    Grant.objects.create(role=role, area="office", level=Level.VIEW, reach=Reach.DEPARTMENT)
    Assignment.objects.create(user=reader, role=role, department=apart, starts_on=date(2020, 1, 1))
    comment_on(user, "Hush", by=user, key=uuid4())
    addresses = [reverse(f"backoffice:user-{page}", args=[user.pk]) for page in ("timeline",)]

    client.force_login(reader)
    foreign = [*(client.get(a) for a in addresses), say(client, user, "Let me in")]
    client.force_login(staff())
    closed = [*(client.get(a) for a in addresses), say(client, user, "Let me in")]
    client.logout()
    stranger = [*(client.get(a) for a in addresses), say(client, user, "Let me in")]

    assert [answer.status_code for answer in foreign] == [404, 404]
    assert [answer.status_code for answer in closed] == [403, 403]
    assert [answer.status_code for answer in stranger] == [302, 302]
    assert Comment.objects.count() == 1


def test_looking_never_says_anything(client, owner):
    party = PartyFactory()

    answer = client.get(party.get_absolute_url() + "comment/", {"text": "Hello"})

    assert answer.status_code == 405
