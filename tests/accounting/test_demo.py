"""The books of the demo company are believable."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.models import Count, Q, Sum

from accounting.checks import findings
from accounting.drafts import post_draft
from accounting.models import Account, EntryDraft, JournalEntry, JournalLine, Period
from backoffice.demo import make_demo
from backoffice.models import Department
from backoffice.money import ZERO
from tests.conftest import empty_database, owner_cursor

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module", params=["GB", "US"])
def whole_story(request, django_db_setup, django_db_blocker):
    """Some months of books, made once for all tests, which only look at them."""
    with django_db_blocker.unblock():
        made = make_demo(on=TODAY, country=request.param, employees=14, months=4)
        # The tables were empty a moment ago; without this the server plans as if they still were.
        with owner_cursor() as cursor:
            cursor.execute("analyze")
        yield made
        connection.close()
        empty_database()


@pytest.fixture
def story(whole_story):
    """The story, as if no test before had touched it."""
    with transaction.atomic():
        yield whole_story
        transaction.set_rollback(True)


def lines_of(role: str):
    return JournalLine.objects.filter(account__role=role)


def sums(lines, by: str) -> dict:
    return dict(lines.values_list(by).annotate(Sum("amount")).order_by(by))


def running(amounts) -> list[Decimal]:
    total, found = ZERO, []
    for amount in amounts:
        total += amount
        found.append(total)
    return found


def test_the_books_are_provably_right(story):
    assert [finding for finding in findings() if not finding.holds] == []


def test_they_begin_with_opening_balances_and_end_today(story):
    first, *_others = JournalEntry.objects.order_by("date", "number")
    days = JournalEntry.objects.order_by("date").values_list("date", flat=True)
    per_month = JournalEntry.objects.values("date__year", "date__month").annotate(n=Count("pk"))

    assert first.kind == "opening"
    assert first.date == days[0] == date(2024, 11, 1)
    assert TODAY.replace(day=16) <= days.last() <= TODAY
    assert JournalEntry.objects.count() > 1500
    assert per_month.count() == 25
    assert all(month["n"] > 20 for month in per_month)


def test_all_months_but_the_last_two_and_this_one_are_closed(story):
    past = Period.objects.filter(starts_on__lte=TODAY)

    assert list(past.filter(closed_at=None).order_by("starts_on").values_list("starts_on")) == [
        (date(2026, 9, 1),),
        (date(2026, 10, 1),),
        (date(2026, 11, 1),),
    ]


def test_the_bank_is_never_overdrawn_nor_the_cash_box_empty(story):
    for role in ("bank", "cash"):
        by_day = sums(lines_of(role), "date")

        assert min(running(by_day.values())) > 0


def test_it_earns_a_few_percent_and_grows_a_little(story):
    whole_months = JournalLine.objects.filter(date__lt=TODAY.replace(day=1))
    income = -whole_months.filter(account__kind="income").aggregate(s=Sum("amount"))["s"]
    result = -whole_months.filter(account__kind__in=["income", "expense"]).aggregate(
        s=Sum("amount")
    )["s"]
    years = [
        -whole_months.filter(account__kind="income", date__range=span).aggregate(s=Sum("amount"))[
            "s"
        ]
        for span in (
            (date(2024, 11, 1), date(2025, 10, 31)),
            (date(2025, 11, 1), date(2026, 10, 31)),
        )
    ]

    assert Decimal("0.02") < result / income < Decimal("0.08")
    assert Decimal("1.01") < years[1] / years[0] < Decimal("1.15")


def test_no_two_months_are_alike_and_august_is_quiet(story):
    months = dict(
        JournalLine.objects.filter(account__kind="income", date__year=2025)
        .values_list("date__month")
        .annotate(Sum("amount"))
    )

    assert len(set(months.values())) == 12
    assert -months[8] < -months[4] * Decimal("0.9")


def test_customers_owe_and_suppliers_are_owed_what_is_believable(story):
    owed = sums(lines_of("receivable"), "party")
    owing = sums(lines_of("payable"), "party")
    month = (
        -JournalLine.objects.filter(account__kind="income").aggregate(s=Sum("amount"))["s"] / 25
    )

    assert None not in {**owed, **owing}
    assert min(owed.values()) >= 0
    assert max(owing.values()) <= 0
    assert month * Decimal("0.7") < sum(owed.values()) < month * Decimal("2.2")
    assert month * Decimal("0.3") < -sum(owing.values()) < month


def test_income_and_expense_are_those_of_the_departments(story):
    costs = set(sums(lines_of("wages"), "department__code"))
    sold = JournalLine.objects.filter(account__kind="income")

    assert costs == set(Department.objects.values_list("code", flat=True))
    assert set(sums(sold, "department__code")) == {"WORKSHOP", "FITTING"}


def test_wages_are_paid_and_what_is_withheld_is_handed_over_the_month_after(story):
    lasting = {"bank", "wages_payable", "tax_withheld_payable"}
    at_month_end = {
        role: lines_of(role).filter(date__lte=date(2026, 10, 31)).aggregate(s=Sum("amount"))["s"]
        for role in lasting
    }
    now = lines_of("tax_withheld_payable").aggregate(s=Sum("amount"))["s"]

    assert at_month_end["wages_payable"] == 0
    assert at_month_end["tax_withheld_payable"] < 0
    assert now == 0


def test_a_mistake_was_taken_back(story):
    reversal = JournalEntry.objects.get(reverses__isnull=False)
    both = JournalLine.objects.filter(Q(entry=reversal) | Q(entry=reversal.reverses))

    assert reversal.date > reversal.reverses.date
    assert set(sums(both, "account").values()) == {ZERO}


def test_drafts_lie_on_the_desk_and_the_finished_one_can_be_posted(story):
    drafts = EntryDraft.objects.filter(template_name="")
    finished = drafts.get(date__isnull=False)

    entry = post_draft(finished, by=story.holders("Bookkeeper")[0])

    assert entry.date == date(2026, 10, 31)
    assert drafts.count() == 1
    assert EntryDraft.objects.exclude(template_name="").count() == 1


def test_nothing_is_posted_to_a_heading_and_hardly_anything_to_one_account(story):
    used = Account.objects.filter(lines__isnull=False).distinct()

    assert not used.filter(children__isnull=False).exists()
    assert used.count() >= 40
