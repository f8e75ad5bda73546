"""What changed since: the entries that came between two moments."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from accounting.facts import with_amount
from accounting.models import JournalEntry
from backoffice.models import NumberSeries

MOST_SHOWN = 100


@dataclass(frozen=True)
class Between:
    """Two moments, and the days of a statement."""

    since: datetime
    until: datetime
    last: date
    first: date | None = None


def late_entries(between: Between) -> QuerySet[JournalEntry]:
    """Entries of these days that were made after one moment and up to the other, oldest first."""
    found = JournalEntry.objects.filter(
        posted_at__gt=between.since, posted_at__lte=between.until, date__lte=between.last
    )
    if between.first:
        found = found.filter(date__gte=between.first)
    return with_amount(found.select_related("posted_by").order_by("posted_at", "pk"))


def heads_of(first: int | None, last: int, known: datetime | None = None) -> list[tuple[str, str]]:
    """The last entry of each series of these years and its hash, as known then: the seal."""
    series = NumberSeries.objects.exclude(head="").filter(year__lte=last)
    if first:
        series = series.filter(year__gte=first)
    found = (head_of(one, known) for one in series.order_by("code", "year"))
    return [head for head in found if head]


def head_of(series: NumberSeries, known: datetime | None) -> tuple[str, str] | None:
    """The last entry of the series and its hash; nothing where there was none then."""
    if known is None:
        return f"{series.code}-{series.year}-{series.last_number:05}", series.head
    newest = (
        JournalEntry.objects.filter(series=series.code, year=series.year, posted_at__lte=known)
        .order_by("-number")
        .first()
    )
    return (newest.reference, newest.hash) if newest else None
