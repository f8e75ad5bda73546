"""What one makes another approves: asking, deciding, clearing, and what the database keeps."""

from datetime import date
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone

from backoffice import approvals
from backoffice.access import may, rows
from backoffice.approvals import (
    approval_of,
    approve,
    approves,
    clear,
    decided_alone,
    is_approved,
    refuse,
    waiting_for,
    withdraw,
)
from backoffice.errors import Refused
from backoffice.models import Approval, AuditEvent, Delegation, Site
from tests.backoffice.deciding import TODAY, asked, one_person_office
from tests.factories import CompanyFactory, DepartmentFactory, UserFactory, staff
from tests.factories.every_model import a_site


@pytest.fixture
def owner(db):
    CompanyFactory()
    return staff("Owner")


@pytest.fixture
def act(monkeypatch):
    """An act for the verb `try` on sites: it notes what it was called with."""
    monkeypatch.setattr(approvals, "_acts", {})
    done = []

    @approves("try", Site, text=lambda site: site.city, undo=lambda site, **_by: done.append("no"))
    def build(site, *, approval, by, on):
        if site.name == "Sinking":
            raise Refused("It would sink.")
        done.append((site, approval.state, by, on))

    return done


# --- Asking ---------------------------------------------------------------------------------


def test_a_request_waits_and_says_what_it_is_about(owner):
    site, clerk = a_site(), UserFactory()

    approval = asked(site, by=clerk, detail=[("Size", "small", "large")])

    assert approval.state == "waiting"
    assert approval.made_by == clerk
    assert approval.changes == [("Size", "small", "large")]
    assert not is_approved(site, "try", "large")


def test_the_same_asked_again_is_one_request(owner):
    site, clerk = a_site(), UserFactory()

    assert asked(site, by=clerk) == asked(site, by=clerk)


def test_another_text_ends_the_request_before_it(owner):
    site = a_site()
    first = asked(site)

    second = asked(site, text="larger")

    first.refresh_from_db()
    assert (first.state, second.state) == ("cleared", "waiting")


def test_a_command_waits_for_nobody_and_that_is_on_record(owner):
    site = a_site()

    approvals.request_approval(
        site, "try", by=None, area="office", level="manage", text="large", title="A try"
    )

    assert is_approved(site, "try", "large")
    assert AuditEvent.objects.filter(action="approval_waived", actor=None).exists()


def test_an_unknown_area_is_a_mistake_of_ours(owner):
    with pytest.raises(ValueError, match="sorcery"):
        asked(area="sorcery")


# --- Deciding -------------------------------------------------------------------------------


def test_another_approves_and_the_act_runs(owner, act):
    site = a_site()
    approval = asked(site, text="Cork")

    approve(approval, by=owner, on=TODAY, why="Fine.")

    approval.refresh_from_db()
    assert (approval.state, approval.approved_by, approval.why) == ("approved", owner, "Fine.")
    assert is_approved(site, "try", "Cork")
    assert act == [(site, "approved", owner, TODAY)]


def test_an_act_that_refuses_takes_the_approval_back(owner, act):
    site = a_site()
    Site.objects.filter(pk=site.pk).update(name="Sinking")
    approval = asked(site, text="Cork")

    with pytest.raises(Refused, match="sink"):
        approve(approval, by=owner, on=TODAY)

    approval.refresh_from_db()
    assert approval.state == "waiting"


def test_what_was_changed_after_it_was_asked_is_not_approved(owner, act):
    site = a_site()
    approval = asked(site, text="Cork")
    Site.objects.filter(pk=site.pk).update(city="Galway")

    with pytest.raises(Refused, match="asked anew"):
        approve(approval, by=owner, on=TODAY)

    assert act == []


def test_what_is_gone_is_not_approved_but_can_be_refused(owner, act):
    site = a_site()
    approval = asked(site)
    site.delete()

    with pytest.raises(Refused, match="gone"):
        approve(approval, by=owner, on=TODAY)
    refuse(approval, by=owner, on=TODAY, why="It is gone.")

    approval.refresh_from_db()
    assert approval.state == "refused"


def test_the_maker_does_not_decide(owner):
    approval = asked(by=owner)

    for decide in (approve, refuse):
        with pytest.raises(Refused, match="somebody else"):
            decide(approval, by=owner, on=TODAY, why="Mine.")


@pytest.mark.parametrize("role", ["HR officer", "Bookkeeper", "Auditor"])
def test_who_lacks_the_right_does_not_decide(owner, role):
    approval = asked()

    with pytest.raises(Refused, match="right"):
        approve(approval, by=staff(role), on=TODAY)


def test_who_has_no_access_does_not_decide(owner):
    with pytest.raises(Refused, match="right"):
        approve(asked(), by=staff("Owner", is_active=False), on=TODAY)


def test_a_decision_is_made_once(owner):
    approval = asked()
    approve(approval, by=owner, on=TODAY)

    with pytest.raises(Refused, match="already"):
        refuse(approval, by=staff("Owner"), on=TODAY, why="Too late.")


def test_a_refusal_gives_a_reason_and_undoes(owner, act):
    approval = asked(text="Cork")

    with pytest.raises(Refused, match="why"):
        refuse(approval, by=owner, on=TODAY, why=" ")
    refuse(approval, by=owner, on=TODAY, why="Too large.")

    assert act == ["no"]


def test_the_maker_withdraws_and_nobody_else(owner):
    clerk = UserFactory()
    approval = asked(by=clerk)

    with pytest.raises(Refused, match="Only who asked"):
        withdraw(approval, by=owner)
    withdraw(approval, by=clerk)

    assert approval.state == "withdrawn"
    with pytest.raises(Refused, match="already"):
        approve(approval, by=owner, on=TODAY)


def test_an_edit_clears_what_was_approved(owner):
    site, approval = a_site(), None
    approval = asked(site)
    approve(approval, by=owner, on=TODAY)

    assert clear(site, "try", by=owner, why="It grew.") == 1

    approval.refresh_from_db()
    assert approval.state == "cleared"
    assert approval.approved_by == owner
    assert approval_of(site, "try", "large") is None


def test_only_the_very_text_is_approved(owner):
    site = a_site()
    approve(asked(site), by=owner, on=TODAY)

    assert is_approved(site, "try", "large")
    assert not is_approved(site, "try", "larger")
    assert not is_approved(a_site(), "try", "large")


# --- Who may --------------------------------------------------------------------------------


def test_each_sees_waiting_what_they_may_decide(owner):
    clerk = staff("Bookkeeper")
    mine, others = asked(by=owner), asked(by=clerk)
    payment = asked(by=clerk, area="accounting.pay", level="approve")

    assert set(waiting_for(owner, on=TODAY)) == {others, payment}
    assert set(waiting_for(staff("Accountant"), on=TODAY)) == {payment}
    assert set(waiting_for(clerk, on=TODAY)) == set()
    assert mine not in waiting_for(owner, on=TODAY)


def test_a_manager_decides_what_belongs_to_the_own_department(owner):
    manager = staff()
    sales = DepartmentFactory(manager=manager)
    here = asked(area="hr.leave", level="approve", department=sales)
    there = asked(area="hr.leave", level="approve", department=DepartmentFactory())
    anywhere = asked(area="hr.leave", level="approve")

    assert set(waiting_for(manager, on=TODAY)) == {here}
    approve(here, by=manager, on=TODAY)
    for approval in (there, anywhere):
        with pytest.raises(Refused, match="right"):
            approve(approval, by=manager, on=TODAY)


def test_ones_own_reach_decides_nothing(owner):
    """Everybody may see their own payslip; that is no right to approve one."""
    assert (
        not waiting_for(staff(), on=TODAY)
        .filter(pk=asked(area="payroll", level="view").pk)
        .exists()
    )


def test_may_and_rows_never_disagree_about_approvals(owner):
    people = [owner, staff("Owner"), staff("Auditor"), staff("Accountant"), staff()]
    people.append(UserFactory(department=people[-1].department))
    day = timezone.localdate()
    Delegation.objects.create(
        user=owner, delegate=people[-1], starts_on=day, ends_on=day, made_by=owner
    )
    found = [asked(by=person) for person in people]
    found += [asked(by=people[4], area="accounting.pay", level="approve")]
    approve(found[4], by=people[1], on=day)
    refuse(found[2], by=owner, on=day, why="No.")

    for person in people:
        for level in ("view", "edit", "approve", "manage"):
            listed = set(rows(person, Approval, level))
            assert listed == {a for a in found if may(person, "signed_in", level, a)}


def test_auditors_read_all_and_decide_nothing(owner):
    approval, auditor = asked(), staff("Auditor")

    assert approval in rows(auditor, Approval)
    assert approval not in rows(auditor, Approval, "edit")


# --- Alone ----------------------------------------------------------------------------------


def test_alone_the_maker_decides_in_a_column_of_its_own(owner):
    one_person_office()
    approval = asked(by=owner)

    approve(approval, by=owner, on=TODAY, why="There is only me.", alone=True)

    approval.refresh_from_db()
    assert (approval.approved_by, approval.alone_by) == (None, owner)
    assert list(decided_alone(TODAY, TODAY)) == [approval]
    assert not decided_alone(date(2026, 12, 1), date(2026, 12, 31)).exists()


@pytest.mark.parametrize("why", ["", "  "])
def test_alone_takes_a_reason(owner, why):
    one_person_office()

    with pytest.raises(Refused, match="why"):
        approve(asked(by=owner), by=owner, on=TODAY, why=why, alone=True)


def test_alone_is_for_an_office_that_says_so(owner):
    with pytest.raises(Refused, match="somebody else"):
        approve(asked(by=owner), by=owner, on=TODAY, why="Only me.", alone=True)


def test_alone_takes_the_right_all_the_same(owner):
    one_person_office()
    clerk = staff("Bookkeeper")

    with pytest.raises(Refused, match="right"):
        approve(asked(by=clerk), by=clerk, on=TODAY, why="Only me.", alone=True)


def test_alone_is_for_what_one_made(owner):
    one_person_office()

    with pytest.raises(Refused, match="second person"):
        approve(asked(), by=owner, on=TODAY, why="Only me.", alone=True)


# --- At once ---


def test_of_twenty_who_decide_at_once_one_wins(committed):
    CompanyFactory()
    owners, approval = [staff("Owner") for _n in range(20)], asked()
    begin, answers = Barrier(20), []

    def decide(number, owner):
        try:
            begin.wait()
            if number % 2:
                approve(approval, by=owner, on=TODAY)
            else:
                refuse(approval, by=owner, on=TODAY, why="No.")
            answers.append(owner)
        except Refused as refusal:
            answers.append(str(refusal))
        finally:
            connection.close()

    threads = [Thread(target=decide, args=pair) for pair in enumerate(owners)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    approval.refresh_from_db()
    assert answers.count("This has been decided already.") == 19
    assert approval.decided_by in answers
    assert AuditEvent.objects.filter(action__in=["approved", "refused"]).count() == 1


def test_of_several_who_ask_at_once_there_is_one_request(committed):
    CompanyFactory()
    site, clerks = a_site(), [UserFactory() for _n in range(8)]
    begin, found = Barrier(8), []

    def ask(clerk):
        try:
            begin.wait()
            found.append(asked(site, by=clerk).pk)
        finally:
            connection.close()

    threads = [Thread(target=ask, args=[clerk]) for clerk in clerks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len(set(found)) == 1
