"""The list of approvals, the page of one, the menu, the admin."""

from contextlib import contextmanager

import pytest
from django.urls import reverse

from tests.factories import CompanyFactory, staff
from tests.factories.every_model import an_approval


@pytest.fixture
def owner(db):
    CompanyFactory()
    return staff("Owner")


@contextmanager
def signed_in(client, user):
    client.force_login(user)
    yield client
    client.logout()


def test_an_approval_is_given_on_its_page(client, owner):
    approval = an_approval()

    with signed_in(client, owner):
        page = client.get(approval.get_absolute_url()).content.decode()
        client.post(reverse("backoffice:approval-approve", args=[approval.pk]))

    approval.refresh_from_db()
    assert "small" in page
    assert "large" in page
    assert "Your decision" in page
    assert approval.approved_by == owner


def test_of_something_new_there_is_nothing_before(client, owner):
    changed, added = an_approval(), an_approval(detail=[["Size", "", "large"]])

    with signed_in(client, owner):
        pages = [client.get(one.get_absolute_url()).content.decode() for one in (changed, added)]

    assert [">Before<" in page for page in pages] == [True, False]
    assert "large" in pages[1]


def test_a_refusal_without_a_reason_is_told_and_nothing_changes(client, owner):
    approval = an_approval()

    with signed_in(client, owner):
        answer = client.post(
            reverse("backoffice:approval-refuse", args=[approval.pk]), {"why": ""}, follow=True
        )

    approval.refresh_from_db()
    assert "Say why." in answer.content.decode()
    assert approval.state == "waiting"


def test_the_maker_is_offered_to_withdraw_and_not_to_decide(client, owner):
    approval = an_approval(made_by=owner)

    with signed_in(client, owner):
        page = client.get(approval.get_absolute_url()).content.decode()
        answer = client.post(reverse("backoffice:approval-approve", args=[approval.pk]))

    approval.refresh_from_db()
    assert "Withdraw" in page
    assert "Your decision" not in page
    assert answer.status_code == 302
    assert approval.state == "waiting"


@pytest.mark.parametrize("verb", ["approve", "refuse", "withdraw", "alone"])
def test_to_a_stranger_it_is_not_there(client, owner, verb):
    approval = an_approval()
    address = reverse(f"backoffice:approval-{verb}", args=[approval.pk])

    with signed_in(client, staff("Bookkeeper")):
        assert client.get(approval.get_absolute_url()).status_code == 404
        assert client.post(address, {"why": "x"}).status_code == 404


def test_the_list_is_narrowed_by_its_tabs(client, owner):
    mine, others = an_approval(made_by=owner), an_approval()

    def listed(query):
        page = client.get(reverse("backoffice:approval-list") + query)
        return [row.record for row in page.context["page"].rows]

    with signed_in(client, owner):
        assert listed("?whose=to-decide") == [others]
        assert listed("?whose=mine") == [mine]
        assert listed("") == [others, mine]


def test_the_menu_and_the_dashboard_say_how_much_waits(client, owner):
    an_approval()
    an_approval(made_by=owner)

    with signed_in(client, owner):
        page = client.get(reverse("backoffice:home")).content.decode()

    assert "1 approval waits" in page
    assert '<span class="count">1<' in page


def test_the_admin_reads_and_changes_nothing(client, owner):
    approval = an_approval()

    with signed_in(client, owner):
        address = f"/admin/backoffice/approval/{approval.pk}/change/"
        listed = client.get("/admin/backoffice/approval/")
        shown, changed = client.get(address), client.post(address, {"state": "approved"})
        added = client.get("/admin/backoffice/approval/add/")

    approval.refresh_from_db()
    assert (listed.status_code, shown.status_code) == (200, 200)
    assert changed.status_code == 403
    assert added.status_code in (403, 404)
    assert approval.state == "waiting"
