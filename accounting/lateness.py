"""How late something is, in the buckets of an ageing."""

from datetime import date, timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

# Days after the due date: names and first days of the buckets; each ends before the next.
BUCKETS = (
    ("current", _("Not yet due"), None),
    ("1-30", _("1–30 days"), 1),
    ("31-60", _("31–60 days"), 31),
    ("61-90", _("61–90 days"), 61),
    ("over-90", _("Over 90 days"), 91),
)
NAMES = [name for name, _label, _first in BUCKETS]


def days_of_bucket(name: str, on: date) -> tuple[date | None, date | None]:
    """The first and last due day of a bucket on a day; None for no end."""
    place = NAMES.index(name)
    first = BUCKETS[place][2]
    if first is None:
        return on, None
    following = BUCKETS[place + 1][2] if place + 1 < len(BUCKETS) else None
    oldest = on - timedelta(days=following - 1) if following else None
    return oldest, on - timedelta(days=first)


def within_bucket(name: str, on: date) -> Q:
    """The items of a bucket."""
    oldest, newest = days_of_bucket(name, on)
    found = Q()
    if oldest:
        found &= Q(due_on__gte=oldest)
    if newest:
        found &= Q(due_on__lte=newest)
    return found
