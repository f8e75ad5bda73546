"""Days away: who decides meanwhile, what, and what not."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from backoffice.approvals import approve, count_waiting_for, waiting_for
from backoffice.delegations import delegate
from backoffice.errors import Refused
from backoffice.models import Delegation, User
from tests.accounting.test_guards import without
from tests.backoffice.deciding import asked
from tests.factories import CompanyFactory, DepartmentFactory, UserFactory, staff


@pytest.fixture
def owner(client, db):
    CompanyFactory()
    user = staff("Owner")
    client.force_login(user)
    return user


def today():
    return timezone.localdate()


def away(user: User, stand_in: User, *, days: int = 3) -> Delegation:
    delegation = Delegation(
        user=user, delegate=stand_in, starts_on=today(), ends_on=today() + timedelta(days=days)
    )
    return delegate(delegation, by=user)


def test_the_delegate_decides_and_it_says_for_whom(owner):
    clerk, approval = staff(), asked()
    away(owner, clerk)

    assert approval in waiting_for(clerk, on=today())
    decided = approve(approval, by=clerk, on=today())

    assert (decided.approved_by, decided.for_whom) == (clerk, owner)


def test_who_has_the_right_decides_in_no_ones_place(owner):
    second = staff("Owner")
    away(owner, second)

    assert approve(asked(), by=second, on=today()).for_whom is None


@pytest.mark.parametrize("days", [-1, 4])
def test_before_and_after_those_days_the_delegate_decides_nothing(owner, days):
    clerk, approval, day = staff(), asked(), today() + timedelta(days=days)
    away(owner, clerk)

    assert not waiting_for(clerk, on=day).exists()
    with pytest.raises(Refused, match="right"):
        approve(approval, by=clerk, on=day)


def test_a_delegate_decides_neither_their_own_nor_the_absents(owner):
    clerk = staff()
    away(owner, clerk)
    own, absents = asked(by=clerk), asked(by=owner)

    assert not waiting_for(clerk, on=today()).exists()
    for approval in (own, absents):
        with pytest.raises(Refused):
            approve(approval, by=clerk, on=today())


def test_a_delegate_decides_nothing_beyond_the_absents_own_rights(owner):
    accountant, clerk, last = staff("Accountant"), staff(), staff()
    away(owner, accountant)
    away(accountant, clerk)
    away(clerk, last)
    rights, payment = asked(), asked(area="accounting.pay", level="approve")

    assert set(waiting_for(clerk, on=today())) == {payment}
    assert not waiting_for(last, on=today()).exists()
    with pytest.raises(Refused, match="right"):
        approve(rights, by=clerk, on=today())


def test_as_much_is_counted_as_may_be_decided(owner):
    accountant, clerk, last = staff("Accountant"), staff(), staff()
    manager = staff()
    sales = DepartmentFactory(manager=manager)
    away(owner, accountant)
    away(manager, clerk)
    for by in (None, owner, accountant, manager, clerk):
        asked(by=by)
        asked(by=by, area="accounting.pay", level="approve")
        asked(by=by, area="hr.leave", level="approve", department=sales)
    approve(asked(by=clerk), by=owner, on=today())

    people = [owner, accountant, clerk, last, manager]
    counted = [count_waiting_for(one, on=today()) for one in people]

    assert counted == [waiting_for(one, on=today()).count() for one in people]
    assert counted[3] == 0 < min(counted[:3])


def test_for_somebody_without_access_nobody_decides(owner):
    clerk, approval = staff(), asked()
    away(owner, clerk)
    User.objects.filter(pk=owner.pk).update(is_active=False)

    assert approval not in waiting_for(clerk, on=today())


def test_a_delegate_gets_no_other_right(owner, client):
    clerk = staff()
    away(owner, clerk)
    client.force_login(clerk)

    assert client.get(reverse("backoffice:role-list")).status_code == 403


def test_nobody_puts_themselves_in_anothers_place(owner):
    with pytest.raises(Refused, match="yourself"):
        delegate(
            Delegation(
                user=staff("Accountant"), delegate=owner, starts_on=today(), ends_on=today()
            ),
            by=owner,
        )


def raw(owner, **facts):
    facts = {
        "user": UserFactory(),
        "delegate": UserFactory(),
        "starts_on": today(),
        "ends_on": today(),
        "made_by": owner,
    } | facts
    Delegation.objects.create(**facts)


FORBIDDEN = [
    ("nobody_delegates_to_themselves", lambda owner: raw(owner, delegate=owner)),
    ("delegate_is_somebody_else", lambda owner: raw(owner, user=owner, delegate=owner)),
    (
        "delegation_ends_after_it_starts",
        lambda owner: raw(owner, ends_on=today() - timedelta(days=1)),
    ),
]
rules = pytest.mark.parametrize(("name", "act"), FORBIDDEN, ids=[name for name, _a in FORBIDDEN])


@rules
def test_the_database_refuses_it(owner, name, act):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        act(owner)


@rules
def test_without_its_guard_it_succeeds(committed, name, act):
    with without(name):
        act(staff("Owner"))


# --- Pages ----------------------------------------------------------------------------------


def days_away(stand_in: User, **facts) -> dict:
    first, last = today(), today() + timedelta(days=9)
    return {"delegate": stand_in.pk, "starts_on": first, "ends_on": last} | facts


def test_people_say_under_their_profile_who_decides_meanwhile(owner, client):
    clerk = staff()
    client.force_login(clerk)

    answer = client.post(reverse("backoffice:away"), days_away(owner))

    assert answer.status_code == 302
    found = Delegation.objects.get()
    assert (found.user, found.delegate, found.made_by) == (clerk, owner, clerk)
    page = client.get(reverse("backoffice:away")).content.decode()
    assert "Remove" in page


def test_the_office_says_it_for_somebody(owner, client):
    person, other = staff(), staff()

    client.post(reverse("backoffice:user-away", args=[person.pk]), days_away(other))

    found = Delegation.objects.get()
    assert (found.user, found.delegate, found.made_by) == (person, other, owner)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"ends_on": "2020-01-01"}, "cannot end before"),
        ({"delegate": ""}, "required"),
        ({"starts_on": "yesterday"}, "valid date"),
    ],
)
def test_bad_days_are_told_and_nothing_is_kept(owner, client, wrong, sentence):
    page = client.post(reverse("backoffice:away"), days_away(staff(), **wrong))

    assert sentence in page.content.decode()
    assert not Delegation.objects.exists()


def test_the_office_cannot_name_itself_on_the_page(owner, client):
    page = client.post(
        reverse("backoffice:user-away", args=[staff().pk]), days_away(owner)
    ).content.decode()

    assert "yourself" in page
    assert not Delegation.objects.exists()


def test_only_the_person_and_the_office_take_it_away(owner, client):
    person = staff()
    delegation = away(person, staff())
    address = reverse("backoffice:delegation-end", args=[delegation.pk])

    client.force_login(delegation.delegate)
    assert client.post(address).status_code == 404
    client.force_login(person)
    assert client.post(address).status_code == 302
    assert not Delegation.objects.exists()


def test_others_do_not_open_the_page_of_somebody(owner, client):
    client.force_login(staff("Accountant"))

    assert client.get(reverse("backoffice:user-away", args=[owner.pk])).status_code == 403
