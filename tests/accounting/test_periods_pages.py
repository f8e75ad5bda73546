"""Opening years, closing and reopening periods, on screen."""

from datetime import date

import pytest
from django.urls import reverse

from accounting.models import FiscalYear, Period, PeriodEvent
from accounting.years import close_period
from backoffice.approvals import approve
from backoffice.models import Approval
from tests.factories import staff


def post_to(client, name: str, *args, **sent):
    return client.post(reverse(name, args=args), sent, follow=True).content.decode()


def test_the_next_period_is_closed_by_one_button(client, accountant, books):
    shown = client.get(reverse("accounting:period-list"))

    said = post_to(client, "accounting:period-close", shown.context["next_to_close"].pk)

    assert "2024-01 is closed" in said
    assert books.period(1).is_closed
    assert PeriodEvent.objects.get().by == accountant
    assert client.get(reverse("accounting:period-list")).context["next_to_close"] == books.period(
        2
    )


def test_a_later_period_waits_for_the_earlier_ones(client, accountant, books):
    said = post_to(client, "accounting:period-close", books.period(3).pk)

    assert "2024-01 is still open" in said
    assert not books.period(3).is_closed


def test_reopening_asks_for_a_reason_and_a_second_person(client, accountant, books):
    close_period(books.period(1), by=books.user)
    address = reverse("accounting:period-reopen", args=[books.period(1).pk])

    silent = client.post(address, {"why": " "})
    client.post(address, {"why": "A bill came late"})
    approve(Approval.objects.get(), by=staff("Accountant"), on=date(2024, 6, 1))

    assert silent.context["form"].errors["why"]
    assert not books.period(1).is_closed
    assert "A bill came late" in client.get(reverse("accounting:period-list")).content.decode()


def test_only_the_period_closed_last_is_reopened(client, accountant, books):
    for month in (1, 2):
        close_period(books.period(month), by=books.user)

    said = post_to(client, "accounting:period-reopen", books.period(1).pk, why="Late bill")

    assert "only the period closed last" in said
    assert books.period(1).is_closed


def test_the_next_year_is_opened_after_the_newest(client, accountant, books):
    post_to(client, "accounting:fiscalyear-open")

    newest = FiscalYear.objects.order_by("starts_on").last()
    assert newest.starts_on == date(2025, 1, 1)
    assert newest.periods.count() == 12


def test_the_first_year_is_opened_for_today(client, accountant, books):
    Period.objects.all().delete()
    FiscalYear.objects.all().delete()

    empty = client.get(reverse("accounting:period-list")).content.decode()
    post_to(client, "accounting:fiscalyear-open")

    assert "No fiscal year yet" in empty
    assert FiscalYear.objects.count() == 1


@pytest.mark.parametrize("name", ["period-close", "period-reopen"])
def test_who_may_not_close_is_turned_away(client, books, name):
    client.force_login(staff("Bookkeeper"))

    answer = client.post(
        reverse(f"accounting:{name}", args=[books.period(1).pk]), {"why": "because"}
    )

    assert answer.status_code == 403
    assert not books.period(1).is_closed
    assert "Close 2024-01" not in client.get(reverse("accounting:period-list")).content.decode()


def test_looking_changes_nothing(client, accountant, books):
    looked = client.get(reverse("accounting:period-close", args=[books.period(1).pk]))

    assert looked.context["all_settled"]
    assert not books.period(1).is_closed
    assert client.get(reverse("accounting:fiscalyear-open")).status_code == 405
