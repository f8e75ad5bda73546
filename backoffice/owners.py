"""Who holds which role on a day, and who owns the office."""

from datetime import date

from django.db.models import Q, QuerySet

from backoffice.models import Assignment, User


def held_on(day: date) -> QuerySet[Assignment]:
    """The roles held on the day; not those that still wait for a second person."""
    found = Assignment.objects.filter(given_from__lte=day)
    return found.filter(Q(given_until=None) | Q(given_until__gte=day))


def is_owner(user: User, *, on: date) -> bool:
    """Whether this person is an owner on the day."""
    return user.is_active and held_on(on).filter(user=user, role__name="Owner").exists()


def owners() -> list[User]:
    """The active people with the role Owner, the one who has it longest first."""
    held = Assignment.objects.filter(role__name="Owner", user__is_active=True)
    held = held.filter(given_from__isnull=False, given_until=None)
    return [a.user for a in held.select_related("user").order_by("pk")]
