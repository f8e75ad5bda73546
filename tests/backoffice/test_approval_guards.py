"""What the database keeps of decisions: each guard refuses, and without it the act succeeds."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from backoffice.approvals import approve, clear, refuse
from backoffice.models import Approval
from tests.accounting.test_guards import without
from tests.backoffice.deciding import TODAY, asked, one_person_office, signed
from tests.factories import CompanyFactory, staff
from tests.factories.every_model import a_site


@pytest.fixture
def owner(db):
    CompanyFactory()
    return staff("Owner")


def raw(approval: Approval, **facts) -> None:
    assert Approval.objects.filter(pk=approval.pk).update(**facts) == 1


def decision(user, **facts) -> dict:
    return {"state": "approved", "approved_by": user, "decided_at": timezone.now()} | facts


def approve_ones_own(owner):
    raw(asked(by=owner), **decision(owner))


def refuse_ones_own(owner):
    raw(
        asked(by=owner),
        **decision(owner, state="refused", approved_by=None, refused_by=owner, why="x"),
    )


def decide_in_place_of_the_maker(owner):
    maker = staff("Owner")
    raw(asked(by=maker), **decision(owner, for_whom=maker))


def approve_alone_what_another_made(owner):
    one_person_office()
    raw(asked(), **decision(None, alone_by=owner, why="x"))


def approve_alone_where_several_work(owner):
    raw(asked(by=owner), **decision(None, alone_by=owner, why="x"))


def approve_by_nobody(owner):
    raw(asked(), **decision(None))


def approve_at_no_time(owner):
    raw(asked(), **decision(owner, decided_at=None))


def change_a_decision(owner):
    approval = asked()
    approve(approval, by=owner, on=TODAY)
    raw(approval, why="I meant something else.")


def decide_again(owner):
    approval = asked()
    refuse(approval, by=owner, on=TODAY, why="No.")
    raw(approval, state="approved", approved_by=owner, refused_by=None)


def revive_what_was_cleared(owner):
    site = a_site()
    approval = asked(site)
    approve(approval, by=owner, on=TODAY)
    clear(site, "try", by=owner, why="It grew.")
    raw(approval, state="approved")


def put_another_text_under_a_decision(owner):
    raw(asked(), digest="f" * 64)


def delete_a_decision(owner):
    approval = asked()
    approve(approval, by=owner, on=TODAY)
    assert approval.delete()[0] == 1


def begin_approved(owner):
    approval = asked()
    approval.pk, approval.record_key = None, "99"
    for name, value in decision(owner).items():
        setattr(approval, name, value)
    approval.save()


def pose_as_a_command(owner):
    approval = asked()
    with signed(owner):
        Approval.objects.create(
            label=approval.label,
            record_key="99",
            verb="try",
            title="A try",
            area="office",
            level=4,
            digest="f" * 64,
            state="approved",
            decided_at=timezone.now(),
        )


def wait_twice(owner):
    approval = asked()
    approval.pk = None
    approval.save()


def be_of_no_text(owner):
    approval = asked()
    approval.pk, approval.record_key, approval.digest = None, "99", "short"
    approval.save()


MAKER, FINAL = ("maker_does_not_decide",), ("approvals_are_final",)
FORBIDDEN = [
    (approve_ones_own, MAKER, "maker_does_not_decide"),
    (refuse_ones_own, MAKER, "maker_does_not_decide"),
    (
        decide_in_place_of_the_maker,
        ("delegate_decides_for_another",),
        "delegate_decides_for_another",
    ),
    (
        approve_alone_what_another_made,
        ("alone_is_the_maker_with_a_reason",),
        "alone_is_the_maker_with_a_reason",
    ),
    (approve_alone_where_several_work, FINAL, "office_works_alone"),
    (approve_by_nobody, ("decision_names_who_decided",), "decision_names_who_decided"),
    (approve_at_no_time, ("decision_has_its_instant",), "decision_has_its_instant"),
    (change_a_decision, FINAL, "decisions_are_final"),
    (decide_again, FINAL, "decisions_are_final"),
    (revive_what_was_cleared, FINAL, "decisions_are_final"),
    (put_another_text_under_a_decision, FINAL, "decisions_are_final"),
    (delete_a_decision, FINAL, "decisions_are_final"),
    (begin_approved, FINAL, "approval_begins_waiting"),
    (pose_as_a_command, FINAL, "approval_begins_waiting"),
    (wait_twice, ("approval_waits_once",), "approval_waits_once"),
    (be_of_no_text, ("approval_is_of_a_text",), "approval_is_of_a_text"),
]
acts = pytest.mark.parametrize(
    ("act", "guards", "name"), FORBIDDEN, ids=[act.__name__ for act, *_rest in FORBIDDEN]
)


@acts
def test_the_database_refuses_it(owner, act, guards, name):
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        act(owner)

    assert refusal.value.__cause__.diag.constraint_name == name


@acts
def test_without_its_guard_it_succeeds(committed, act, guards, name):
    with without(*guards):
        CompanyFactory()
        act(staff("Owner"))


def test_approvals_are_not_emptied(committed):
    CompanyFactory()
    asked()

    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("truncate backoffice_approval")
