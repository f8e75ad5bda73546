"""Entries that come by themselves."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from accounting.models import (
    Account,
    Deferral,
    JournalEntry,
    Period,
    RecurringEntry,
)
from accounting.recurring import due, month_later, occurrences, parts_of, post_due, stop
from accounting.tie_outs import recurring_entries_are_posted
from accounting.years import close_period
from tests.factories.backoffice import staff
from tests.factories.documents import moved, rent, trading_books

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(db):
    return trading_books()


def insurance(**facts) -> Deferral:
    return Deferral.objects.create(
        **{
            "kind": "prepaid",
            "text": "Insurance 2026",
            "amount": Decimal("500.00"),
            "account": Account.objects.get(code="7040"),
            "first_month": date(2026, 1, 15),
            "months": 12,
        }
        | facts
    )


def test_short_months_take_their_last_day(books):
    days = list(occurrences(rent(books), until=date(2026, 4, 30)))

    assert days == [
        date(2026, 1, 31),
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
    ]


def test_what_is_due_is_posted_once(books):
    recurring = rent(books)

    first, _refused = post_due(on=date(2026, 3, 15), by=books.clerk)
    second, _refused = post_due(on=date(2026, 3, 15), by=books.clerk)

    assert [entry.date for entry in first] == [date(2026, 1, 31), date(2026, 2, 28)]
    assert second == []
    assert due(recurring, on=date(2026, 3, 31)) == [date(2026, 3, 31)]


def test_an_accrual_takes_itself_back_on_the_first_of_the_next_month(books):
    rent(books, reverses_next_month=True)

    (entry,), _refused = post_due(on=date(2026, 2, 1), by=books.clerk)

    assert entry.reversed_by.date == date(2026, 2, 1)


def test_one_that_is_stopped_comes_no_more(books):
    rent(books, is_active=False)

    assert post_due(on=date(2026, 3, 15), by=books.clerk) == ([], [])


def test_a_closed_month_is_said_and_the_others_go_on(books):
    rent(books)
    insurance()
    close_period(Period.objects.get(starts_on=date(2026, 1, 1)), by=books.clerk)

    posted, refused = post_due(on=date(2026, 2, 28), by=books.clerk)

    assert posted == []
    assert len(refused) == 2
    assert "Rent" in refused[0]


def test_an_amount_is_spread_in_equal_parts_and_the_last_takes_the_remainder(books):
    parts = [part for _day, part in parts_of(insurance())]

    assert parts == [Decimal("41.67")] * 11 + [Decimal("41.63")]


def test_a_small_amount_over_many_months_never_goes_back(books):
    parts = [part for _day, part in parts_of(insurance(amount=Decimal("0.30"), months=60))]

    assert parts == [Decimal("0.01")] * 30 + [0] * 30


def test_each_month_of_it_is_entered_once(books):
    insurance()

    posted, _refused = post_due(on=date(2026, 2, 28), by=books.clerk)
    post_due(on=date(2026, 2, 28), by=books.clerk)

    assert [moved(entry) for entry in posted] == [
        {"7040": Decimal("41.67"), "prepaid": Decimal("-41.67")}
    ] * 2
    assert JournalEntry.objects.count() == 2


def test_what_was_received_ahead_becomes_income(books):
    insurance(kind="deferred_income", account=books.account("sales"), months=1)

    (entry,), _refused = post_due(on=date(2026, 1, 31), by=books.clerk)

    assert moved(entry) == {"sales": Decimal(-500), "deferred_income": Decimal(500)}


def test_a_stopped_one_releases_no_more(books):
    deferral = insurance()
    stop(deferral, on=date(2026, 1, 20), by=books.clerk)

    assert post_due(on=date(2026, 3, 31), by=books.clerk) == ([], [])


def test_the_schedule_shows_what_is_posted_and_what_is_planned(books, client):
    deferral = insurance()
    post_due(on=date(2026, 1, 31), by=books.clerk)
    client.force_login(books.clerk)

    page = client.get(reverse("accounting:deferral-detail", args=[deferral.pk]))

    shown = [planned.entry is not None for planned in page.context["schedule"]]
    assert shown == [True] + [False] * 11
    assert [planned.amount for planned in page.context["schedule"]][-1] == Decimal("41.63")
    assert "Taken back" not in page.content.decode()


def test_the_schedule_of_an_accrual_shows_its_amounts_and_when_it_is_taken_back(books, client):
    recurring = rent(books, reverses_next_month=True, ends_on=date(2026, 2, 28))
    post_due(on=date(2026, 1, 31), by=books.clerk)
    recurring.template.lines.filter(amount__gt=0).update(amount=1300)
    client.force_login(books.clerk)

    page = client.get(reverse("accounting:recurringentry-detail", args=[recurring.pk]))

    assert [
        (planned.amount, planned.back_on, planned.reversal is not None)
        for planned in page.context["schedule"]
    ] == [(1200, date(2026, 2, 1), True), (1300, date(2026, 3, 1), False)]
    assert "Taken back" in page.content.decode()


@pytest.mark.parametrize("page", ["recurringentry", "deferral"])
def test_what_is_due_is_posted_by_a_button_on_the_list(books, client, page):
    rent(books, ends_on=date(2026, 1, 31))
    insurance(months=1)
    client.force_login(books.clerk)

    shown = client.get(reverse(f"accounting:{page}-list")).content.decode()
    said = client.post(reverse("accounting:recurringentry-post-due"), follow=True)

    assert "Post what is due" in shown
    assert "2 entries posted" in said.content.decode()
    assert JournalEntry.objects.count() == 2


def test_who_only_reads_has_no_such_button(books, client):
    rent(books)
    client.force_login(staff("Auditor"))

    shown = client.get(reverse("accounting:recurringentry-list")).content.decode()

    assert "Post what is due" not in shown


@pytest.mark.parametrize(
    ("spoiled", "sentence"),
    [
        ({"amount": None}, "give an amount"),
        ({"amount": 7}, "debits and credits differ"),
        (None, "no lines"),
    ],
)
def test_a_template_that_cannot_be_posted_is_refused_where_it_is_chosen(
    books, client, spoiled, sentence
):
    template = rent(books).template
    RecurringEntry.objects.all().delete()
    first = template.lines.order_by("position")[:1]
    template.lines.filter(pk__in=first).update(
        **spoiled
    ) if spoiled else template.lines.all().delete()
    client.force_login(books.clerk)
    sent = {"template": template.pk, "every_months": 1, "starts_on": "2026-01-31"}

    answer = client.post(reverse("accounting:recurringentry-add"), sent)

    assert sentence in str(answer.context["form"].errors["template"])
    assert not RecurringEntry.objects.exists()


def test_the_close_names_what_recurs_and_what_was_paid_ahead(books):
    rent(books)
    insurance()
    january = Period.objects.get(starts_on=date(2026, 1, 1))

    before = recurring_entries_are_posted(january)
    post_due(on=date(2026, 1, 31), by=books.clerk)
    after = recurring_entries_are_posted(january)

    assert (before.holds, before.detail) == (False, "Rent, Insurance 2026")
    assert (after.holds, after.detail) == (True, "")


@pytest.mark.parametrize(
    "facts", [{"first_month": date(2026, 2, 1)}, {"stopped_on": date(2026, 1, 10)}]
)
def test_the_close_waits_for_no_part_that_is_not_due(books, facts):
    insurance(**facts)

    assert recurring_entries_are_posted(Period.objects.get(starts_on=date(2026, 1, 1))).holds


def test_the_close_leads_to_the_deferrals_where_only_these_wait(books):
    insurance()

    found = recurring_entries_are_posted(Period.objects.get(starts_on=date(2026, 1, 1)))

    assert (found.holds, found.url) == (False, reverse("accounting:deferral-list"))


def test_months_are_counted_over_the_turn_of_the_year():
    assert month_later(date(2026, 11, 30), 3) == date(2027, 2, 28)
