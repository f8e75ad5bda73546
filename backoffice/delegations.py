"""Somebody decides for another on the days that one is away."""

from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backoffice import audit
from backoffice.errors import Refused
from backoffice.models import Delegation, User


def absent_for(user: User, *, on: date) -> list[User]:
    """The active people this person decides for on the day."""
    # Every page asks this, and nearly always nobody is away: whole records are read only then.
    absent = list(
        Delegation.objects.filter(
            delegate=user, starts_on__lte=on, ends_on__gte=on, user__is_active=True
        )
        .order_by("pk")
        .values_list("user", flat=True)
    )
    people = User.objects.in_bulk(absent)
    return [people[pk] for pk in absent]


def colleagues_of(user: User) -> QuerySet[User]:
    """Who may decide for the person: everybody else with access. Their names are no secret."""
    return User.objects.filter(is_active=True).exclude(pk=user.pk).order_by("name")


@transaction.atomic
def delegate(delegation: Delegation, *, by: User) -> Delegation:
    """Keep who decides meanwhile; nobody puts themselves in another's place."""
    if delegation.delegate_id == delegation.user_id:
        raise Refused(_("Choose somebody else."), field="delegate")
    if by.pk != delegation.user_id and delegation.delegate_id == by.pk:
        raise Refused(_("You cannot put yourself in somebody's place."), field="delegate")
    if not delegation.delegate.is_active:
        raise Refused(
            _("%(name)s is not active.") % {"name": delegation.delegate}, field="delegate"
        )
    delegation.made_by = by
    delegation.save()
    audit.record(
        "delegated",
        delegation.user,
        by=by,
        to=delegation.delegate.name,
        starts_on=str(delegation.starts_on),
        ends_on=str(delegation.ends_on),
    )
    return delegation


@transaction.atomic
def end(delegation: Delegation, *, by: User) -> None:
    """Let nobody decide for the person any more."""
    audit.record("delegation_ended", delegation.user, by=by, to=delegation.delegate.name)
    delegation.delete()
