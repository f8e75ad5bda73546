"""What the books do by the clock."""

from datetime import UTC, date, datetime

from procrastinate.periodic import PeriodicDeferrer

from accounting import jobs
from accounting.models import JournalEntry
from backoffice.jobs import queue
from tests.backoffice.working import work_off
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


def test_before_there_is_a_company_nothing_is_due(db):
    jobs.post_what_is_due(timestamp=0)

    assert not JournalEntry.objects.exists()
