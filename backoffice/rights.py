"""Rights to read: what each role may do where, what a person may do and through what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from backoffice.access import AREAS, Level, Reach, standing
from backoffice.models import Department, Grant, Role, User
from backoffice.owners import held_on
from backoffice.routes import Route, routes


@dataclass(frozen=True)
class Source:
    """One right somebody has, and where it comes from."""

    area: str
    level: int
    reach: str
    where: str
    through: str

    @property
    def level_label(self) -> str:
        """The level in words."""
        return str(Level(self.level).label)

    @property
    def reach_label(self) -> str:
        """The reach in words, with the department where it is one's."""
        label = str(Reach(self.reach).label)
        return f"{label}: {self.where}" if self.where else label


def roles_by_area(roles: list[Role]) -> list[tuple[str, str, list[Grant | None]]]:
    """Each area, by name and in words, with what every one of the roles may do there."""
    held = {(g.role_id, g.area): g for g in Grant.objects.filter(role__in=roles)}
    return [
        (name, str(words), [held.get((role.pk, name)) for role in roles])
        for name, words in AREAS.items()
    ]


def rights_of(user: User, *, on: date) -> list[tuple[str, bool, list[Source]]]:
    """Each area in words, whether its function is open, and the person's rights there."""
    found: dict[str, list[Source]] = {name: [] for name in AREAS}
    for source in sources(user, on=on):
        found[source.area].append(source)
    stands = standing(user, on=on)
    return [
        (str(AREAS[name]), stands.is_open(name), sorted(held, key=lambda s: -s.level))
        for name, held in found.items()
    ]


def sources(user: User, *, on: date) -> Iterator[Source]:
    """Every right of the person on the day: by roles held, departments managed, being staff."""
    if not user.is_active:
        return
    held = held_on(on).filter(user=user)
    for assignment in held.select_related("department", "role"):
        yield from _of_role(assignment.role, assignment.department, str(assignment.role))
    managed = list(Department.objects.filter(manager=user, manager_waits=False))
    for role in Role.objects.exclude(given=Role.Given.BY_ASSIGNMENT):
        if role.given == Role.Given.TO_EVERYBODY:
            yield from _of_role(role, user.department, _("everybody on the staff"))
            continue
        for department in managed:
            yield from _of_role(role, department, _manages(department))
    for department in managed:
        yield from _of_function(department)


def _manages(department: Department) -> str:
    return _("manager of %(department)s") % {"department": department}


def _of_role(role: Role, department: Department, through: str) -> Iterator[Source]:
    for grant in role.grants.filter(given_level__gt=Level.NONE):
        where = department.name if grant.given_reach == Reach.DEPARTMENT else ""
        yield Source(grant.area, grant.given_level, grant.given_reach, where, through)


def _of_function(department: Department) -> Iterator[Source]:
    """Who manages the department that performs a function manages all its areas."""
    for name in AREAS:
        if department.function and name.partition(".")[0] == department.function:
            yield Source(name, Level.MANAGE, Reach.ALL, "", _manages(department))


def roles_by_route(roles: list[Role]) -> list[tuple[Route, list[str]]]:
    """Each page with the roles that may open it."""
    reached = {
        (grant.role_id, grant.area): grant.given_level
        for grant in Grant.objects.filter(role__in=roles)
    }
    return [
        (route, [r.name for r in roles if _reaches(reached, r, route)])
        for route in sorted(routes(), key=lambda route: route.path)
    ]


def _reaches(reached: dict[tuple[int, str], int], role: Role, route: Route) -> bool:
    if route.area is None:
        return False
    name, level = route.area
    return reached.get((role.pk, name), 0) >= Level[level.upper()]
