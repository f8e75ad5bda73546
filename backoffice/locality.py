"""The language and the clock of a person, for what is written outside a request."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone, translation

from backoffice.models import Company, User


def zone_of(user: User, company: Company | None) -> ZoneInfo:
    """The person's time zone, or the company's."""
    try:
        return ZoneInfo(user.time_zone or (company.time_zone if company else "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def local(at: datetime, user: User, company: Company | None) -> datetime:
    """The instant on the person's clock."""
    return at.astimezone(zone_of(user, company))


@contextmanager
def at_home_with(user: User, company: Company | None) -> Iterator[None]:
    """Write meanwhile in the person's language and by the person's clock."""
    language = user.language or (company.language if company else "") or "en"
    with timezone.override(zone_of(user, company)), translation.override(language[:2]):
        yield
