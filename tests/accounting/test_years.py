"""Fiscal years and periods: opened without gap, closed in order."""

from datetime import date
from threading import Event, Thread

import pytest
from django.db import connection, transaction

from accounting.models import FiscalYear, JournalEntry, Period, PeriodEvent
from accounting.years import close_period, open_year_for, period_named, reopen_period
from backoffice.errors import Refused
from backoffice.models import AuditEvent, NumberSeries
from tests.accounting.test_posting import at_once
from tests.factories.accounting import A_DAY_IN_MAY
from tests.factories.backoffice import CompanyFactory


def spans():
    return list(FiscalYear.objects.values_list("name", "starts_on", "ends_on"))


def test_a_year_is_opened_with_its_months(db):
    CompanyFactory()

    year = open_year_for(date(2024, 2, 29), by=None)

    assert spans() == [("2024", date(2024, 1, 1), date(2024, 12, 31))]
    assert [p.ends_on.day for p in year.periods.all()][:3] == [31, 29, 31]
    assert year.periods.count() == 12


def test_a_year_begins_in_the_month_the_company_says(db):
    CompanyFactory(fiscal_year_starts_in=4)

    open_year_for(date(2024, 2, 29), by=None)

    assert spans() == [("2023/24", date(2023, 4, 1), date(2024, 3, 31))]


def test_years_in_between_are_opened_both_ways(books):
    open_year_for(date(2022, 7, 1), by=None)
    open_year_for(date(2026, 7, 1), by=None)

    assert [name for name, *_days in spans()] == ["2022", "2023", "2024", "2025", "2026"]
    assert Period.objects.count() == 60


def test_a_change_of_the_first_month_makes_one_short_year(books):
    books.company.fiscal_year_starts_in = 4
    books.company.save()

    open_year_for(date(2025, 6, 1), by=None)

    assert spans()[1:] == [
        ("2025", date(2025, 1, 1), date(2025, 3, 31)),
        ("2025/26", date(2025, 4, 1), date(2026, 3, 31)),
    ]


def test_an_open_year_is_given_back(books):
    assert open_year_for(A_DAY_IN_MAY, by=None) == FiscalYear.objects.get()
    assert AuditEvent.objects.filter(action="fiscal year opened").count() == 1


@pytest.mark.parametrize("day", [date(2090, 1, 1), date(1950, 1, 1)])
def test_a_date_far_from_the_books_is_refused(books, day):
    with pytest.raises(Refused, match="more than 30 years"):
        open_year_for(day, by=None)


def test_a_date_outside_all_time_is_refused(db):
    CompanyFactory()

    with pytest.raises(Refused, match="no day of these books"):
        open_year_for(date(202, 1, 1), by=None)


def test_nothing_is_opened_before_closed_books(books):
    close_period(books.period(1), by=None)

    with pytest.raises(Refused, match="nothing can be entered before"):
        open_year_for(date(2023, 12, 31), by=None)


def test_four_who_need_the_same_year_get_the_same(committed):
    CompanyFactory()

    years = at_once(*[lambda: open_year_for(A_DAY_IN_MAY, by=None)] * 4)

    assert {year.pk for year in years} == {FiscalYear.objects.get().pk}


def test_periods_are_closed_in_their_order(books):
    with pytest.raises(Refused, match="2024-01 is still open"):
        close_period(books.period(2), by=books.user)

    close_period(books.period(1), by=books.user)
    close_period(books.period(2), by=books.user)

    with pytest.raises(Refused, match="2024-02 is closed already"):
        close_period(books.period(2), by=books.user)
    assert AuditEvent.objects.filter(action="period closed", actor=books.user).count() == 2


def test_closing_records_the_head_of_the_chain(books):
    entry = books.sell(on=date(2024, 1, 31))

    event = close_period(books.period(1), by=books.user)

    assert (event.kind, event.by, event.head) == ("closed", books.user, entry.hash)


def test_only_the_period_closed_last_is_reopened_for_a_reason(books):
    for month in (1, 2):
        close_period(books.period(month), by=None)

    with pytest.raises(Refused, match="2024-02 is closed: only the period closed last"):
        reopen_period(books.period(1), by=books.user, why="late bill")
    with pytest.raises(Refused, match="Say why"):
        reopen_period(books.period(2), by=books.user, why="  ")
    with pytest.raises(Refused, match="2024-03 is open"):
        reopen_period(books.period(3), by=books.user, why="late bill")

    reopen_period(books.period(2), by=books.user, why="late bill")

    assert PeriodEvent.objects.first().why == "late bill"
    assert books.sell(on=date(2024, 2, 28)).period == books.period(2)


def test_a_month_is_found_by_its_name(books):
    assert period_named("2024-05") == books.period(5)
    with pytest.raises(Refused, match="not a month"):
        period_named("May")
    with pytest.raises(Refused, match="no period 2031-01"):
        period_named("2031-01")


def test_closing_waits_for_an_entry_being_posted(real_books):
    posted, may_commit = Event(), Event()

    def post_slowly():
        with transaction.atomic():
            real_books.sell(on=date(2024, 1, 5))
            posted.set()
            may_commit.wait(10)
        connection.close()

    def close():
        posted.wait(10)
        close_period(real_books.period(1), by=None)
        order.append("closed")
        connection.close()

    order = []
    threads = [Thread(target=post_slowly), Thread(target=close)]
    for thread in threads:
        thread.start()
    posted.wait(10)
    threads[1].join(0.5)
    order.append("committed")
    may_commit.set()
    for thread in threads:
        thread.join()

    assert order == ["committed", "closed"]
    entry = JournalEntry.objects.get()
    assert PeriodEvent.objects.get().head == entry.hash == NumberSeries.objects.get().head


def test_an_entry_that_waited_for_the_closing_is_refused(real_books):
    closed, may_commit = Event(), Event()
    answers = []

    def close_slowly():
        with transaction.atomic():
            close_period(real_books.period(1), by=None)
            closed.set()
            may_commit.wait(10)
        connection.close()

    def post():
        closed.wait(10)
        try:
            real_books.sell(on=date(2024, 1, 5))
        except Refused as refusal:
            answers.append(str(refusal))
        connection.close()

    threads = [Thread(target=close_slowly), Thread(target=post)]
    for thread in threads:
        thread.start()
    closed.wait(10)
    threads[1].join(0.5)
    assert threads[1].is_alive(), "the entry waits for the closing"
    may_commit.set()
    for thread in threads:
        thread.join()

    assert answers == ["The period of 2024-01-05 is closed."]
    assert not JournalEntry.objects.exists()
