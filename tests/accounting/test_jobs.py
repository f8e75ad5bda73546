"""What the books do by the clock."""

from datetime import UTC, date, datetime

from procrastinate.periodic import PeriodicDeferrer

from accounting import jobs
from accounting.models import Account, JournalEntry
from backoffice.jobs import queue
from backoffice.models import Department, Notice
from tests.backoffice.working import work_off
from tests.factories import staff
from tests.factories.backoffice import open_functions
from tests.factories.documents import rent, trading_books


def begun_by_the_clock(at: datetime) -> set[str]:
    """The tasks the worker's clock begins in the minute."""
    clock = PeriodicDeferrer(jobs.app.periodic_registry, max_delay=60)
    return {found.task.name for found, _timestamp in clock.get_previous_tasks(at.timestamp())}


def test_the_worker_begins_every_night_what_is_due_and_at_no_other_hour():
    task = "accounting.post_due"

    assert task in begun_by_the_clock(datetime(2026, 3, 10, 4, 23, 30, tzinfo=UTC))
    assert task not in begun_by_the_clock(datetime(2026, 3, 10, 16, 23, 30, tzinfo=UTC))


def test_the_worker_posts_what_is_due(committed):
    rent(trading_books(), ends_on=date(2026, 1, 31))
    queue("accounting.post_due", timestamp=0)

    work_off()

    assert JournalEntry.objects.filter(source_key__startswith="recurring:").count() == 1


def test_who_manages_the_books_is_told_once_what_could_not_be_posted(db):
    books = trading_books()
    open_functions("accounting")
    manager = staff("Accountant")
    Department.objects.filter(function="accounting").update(manager=manager)
    recurring = rent(books, ends_on=date(2026, 1, 31))
    Account.objects.filter(code="7010").update(is_active=False)

    for _night in range(2):
        jobs.post_what_is_due(timestamp=0)

    notice = Notice.objects.get(user=manager)
    assert str(recurring) in notice.title
    assert not JournalEntry.objects.filter(source_key__startswith="recurring:").exists()


def test_before_there_is_a_company_nothing_is_due(db):
    jobs.post_what_is_due(timestamp=0)

    assert not JournalEntry.objects.exists()
