"""People join, change their department, leave."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from backoffice import audit, giving
from backoffice.errors import Refused
from backoffice.models import Assignment, Department, Role, User


@transaction.atomic
def assign(
    user: User, role: Role, *, department: Department, on: date, by: User | None
) -> Assignment:
    """Give somebody a role in a department from a day on; once is enough."""
    assignment, is_new = Assignment.objects.get_or_create(
        user=user, role=role, department=department, ends_on=None, defaults={"starts_on": on}
    )
    if is_new:
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


def owners() -> list[User]:
    """The active people with the role Owner, the one who has it longest first."""
    held = Assignment.objects.filter(role__name="Owner", user__is_active=True, ends_on=None)
    return [a.user for a in held.select_related("user").order_by("pk")]


def _check_an_owner_remains(user: User) -> None:
    if owners() == [user]:
        raise Refused(
            _("%(name)s is the only owner: give somebody else the role first.") % {"name": user}
        )
