"""People join, change their department, leave."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from backoffice import audit, giving, granting
from backoffice.errors import Refused
from backoffice.models import Assignment, Department, Role, User
from backoffice.owners import owners
from backoffice.signature import acting_as


@transaction.atomic
def assign(
    user: User, role: Role, *, department: Department, on: date, by: User | None
) -> Assignment:
    """Give somebody a role in a department from a day on; once is enough.

    A role with guarded rights waits for a second person, who is asked; for a command it does not.
    """
    with acting_as(by):
        assignment, is_new = Assignment.objects.get_or_create(
            user=user, role=role, department=department, ends_on=None, defaults={"starts_on": on}
        )
    if is_new:
        assignment.refresh_from_db()
        granting.ask(assignment, by=by)
        audit.record("assigned", user, by=by, role=role.name, department=department.name)
    return assignment


@transaction.atomic
def deactivate(user: User, *, by: User) -> None:
    """End somebody's access at once; the record stays."""
    if user == by:
        raise Refused(_("You cannot end your own access: ask another owner."))
    _check_an_owner_remains(user)
    giving.check_person(by, user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    audit.record("deactivated", user, by=by)


@transaction.atomic
def reactivate(user: User, *, by: User) -> None:
    """Let somebody in again with the roles they had."""
    giving.check_person(by, user)
    user.is_active = True
    user.save(update_fields=["is_active"])
    audit.record("reactivated", user, by=by)


def _check_an_owner_remains(user: User) -> None:
    if owners() == [user]:
        raise Refused(
            _("%(name)s is the only owner: give somebody else the role first.") % {"name": user}
        )
