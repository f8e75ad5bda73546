"""Somebody decides for another on the days that one is away."""

from datetime import date

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backoffice import audit
from backoffice.errors import Refused
from backoffice.models import Delegation, User

ABSENT = """SELECT away.id
  from backoffice_delegation kept join backoffice_user away on away.id = kept.user_id
 where kept.delegate_id = %s and %s between kept.starts_on and kept.ends_on and away.is_active
 order by kept.id
"""


def absent_for(user: User, *, on: date) -> list[User]:
    """The active people this person decides for on the day."""
    # Every page asks this, and nearly always nobody is away: whole records are read only then.
    with connection.cursor() as cursor:
        cursor.execute(ABSENT, [user.pk, on])
        absent = [pk for (pk,) in cursor.fetchall()]
    people = User.objects.in_bulk(absent) if absent else {}
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
