"""Rights are given by those who have them: nobody gives, by a role, by an appointment or by
taking a person's sign-in, more than they may do themselves. What takes two people is for the
second one to decide (`granting`): who keeps the office may ask for it without having it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from backoffice.access import AREAS, Level, Reach, standing
from backoffice.errors import Refused
from backoffice.models import Department, Grant, Role, User


def takes_two(area: str, level: int) -> bool:
    """Whether such a right waits for a second person; the database says the same."""
    guarded = area.partition(".")[0] == "payroll" or area in ("hr.private", "accounting.pay")
    return guarded or (area == "office" and level > Level.VIEW)


def check_may_give(by: User, grants: Iterable[tuple[str, int, str]]) -> None:
    """Refuse to give what this person does not have, but for what a second person decides."""
    for area, level, reach in grants:
        is_open = reach == Reach.OWN or takes_two(area, level)
        if not is_open and not standing(by).holds(area, level):
            raise Refused(
                _("You cannot give a right you do not have: %(area)s, %(level)s.")
                % {"area": AREAS[area], "level": Level(level).label}
            )


def check_role(by: User, role: Role) -> None:
    """Refuse to give a role that reaches further than this person."""
    check_may_give(by, role.grants.values_list("area", "level", "reach"))


def check_appointment(by: User, department: Department, manager: User | None) -> None:
    """Refuse to name who manages a function, or oneself, to somebody without those rights."""
    performed = [area for area in AREAS if area.partition(".")[0] == department.function]
    check_may_give(by, [(area, Level.MANAGE, Reach.ALL) for area in performed])
    if manager == by:
        for role in Role.objects.filter(given=Role.Given.TO_MANAGERS):
            check_role(by, role)


def check_person(by: User | None, person: User) -> None:
    """Refuse to touch the access of somebody who may do more: it would be a way to become them."""
    if by is None or person.pk is None or by.pk == person.pk:
        return
    mine, theirs = standing(by), standing(person)
    for area in AREAS:
        level = theirs.highest(area)
        if level and not mine.holds(area, level):
            raise Refused(
                _("%(name)s may do more than you (%(area)s): ask somebody who may as much.")
                % {"name": person, "area": AREAS[area]},
                field="email",
            )


# --- what forms ask -------------------------------------------------------------------------


def check_assignments(formset: Any, *, by: User) -> None:
    """Refuse roles out of this person's own rights in the rows of a form."""
    for form in formset.forms:
        if form.has_changed() and form.cleaned_data.get("role"):
            check_role(by, form.cleaned_data["role"])
            if form.instance.pk:
                check_role(by, Role.objects.get(pk=form.initial["role"]))


def check_grants(formset: Any, *, by: User) -> None:
    """Refuse rights of a role beyond this person's own, those taken away as well."""
    for form in formset.forms:
        if not form.has_changed():
            continue
        facts = form.cleaned_data
        if facts.get("level"):
            check_may_give(by, [(facts["area"], facts["level"], facts["reach"])])
        if form.instance.pk:
            kept = Grant.objects.get(pk=form.instance.pk)
            check_may_give(by, [(kept.area, kept.level, kept.reach)])


def check_record(form: Any, *, by: User) -> None:
    """Refuse what a person's or a department's own form would give away."""
    record = form.instance
    if isinstance(record, User) and "email" in form.changed_data:
        check_person(by, record)
    if isinstance(record, Department) and "manager" in form.changed_data:
        check_appointment(by, record, record.manager)
