"""The one place that decides rights.

A model states once to whom its rows belong (`access = Access(...)`); `may()` answers for one
row, `rows()` for all of them, both from that statement, so a page and a list cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection, models
from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from backoffice.models import User

PUBLIC = "public"
SIGNED_IN = "signed_in"

AREAS = {
    "accounting": _("Ledger, invoices and bills"),
    "accounting.pay": _("Payments and bank details"),
    "accounting.close": _("Closing periods"),
    "hr": _("Staff records"),
    "hr.private": _("Private staff facts"),
    "hr.leave": _("Leave"),
    "hr.hiring": _("Hiring"),
    "payroll": _("Payslips and pay terms"),
    "payroll.run": _("Pay runs"),
    "marketing": _("Campaigns and segments"),
    "marketing.send": _("Sending campaigns"),
    "it_assets": _("Hardware and software"),
    "it_assets.tickets": _("Tickets"),
    "admin_desk": _("Calls, mail, visitors and rooms"),
    "admin_desk.doors": _("Entry rights"),
    "directory": _("People and firms outside"),
    "office": _("Company, departments, staff and roles"),
    "audit": _("Trail"),
}

# What is given, not what is asked for: that waits for a second person. Every page asks both,
# and to put them together from objects cost more than to answer them. They only read, which is
# told by how they begin.
DEPARTMENTS = """SELECT id, parent_id, function, manager_id, manager_waits, is_open
  from backoffice_department
"""
GRANTS = """SELECT held.area, held.given_level, held.given_reach, role.given,
       assignment.department_id
  from backoffice_grant held
  join backoffice_role role on role.id = held.role_id
  left join backoffice_assignment assignment
    on assignment.role_id = role.id and assignment.user_id = %s and assignment.given_from <= %s
       and (assignment.given_until is null or assignment.given_until >= %s)
  where assignment.id is not null or role.given <> %s
"""


class Level(models.IntegerChoices):
    """How far a right goes; each level includes those below."""

    NONE = 0, _("nothing")
    VIEW = 1, _("view")
    EDIT = 2, _("edit")
    APPROVE = 3, _("approve")
    MANAGE = 4, _("manage")


class Reach(models.TextChoices):
    """Whose rows a right covers."""

    OWN = "own", _("own")
    DEPARTMENT = "department", _("department and below")
    ALL = "all", _("all")


@dataclass(frozen=True)
class Access:
    """What a model says about its rows: their area, whose they are, which department's.

    `everybody_reads` is for names that stand in everybody's forms: departments, currencies.
    `overseen_by` names an area: who reaches all of that area reaches all these rows too.
    `beyond` says which more a person reaches at a level, where that depends on the row itself,
    `kept_back` which rows nobody reaches through their department alone.
    """

    area: str
    owner: str = ""
    department: str = ""
    everybody_reads: bool = False
    overseen_by: str = ""
    beyond: Callable[[Any, int], Q] | None = None
    kept_back: Callable[[], Q] | None = None


@dataclass
class Right:
    """How far one person reaches into an area at one level or above."""

    everything: bool = False
    own: bool = False
    departments: set[int] = field(default_factory=set)

    def __bool__(self) -> bool:
        return self.everything or self.own or bool(self.departments)

    def within(self, other: Right) -> Right:
        """What both reach. One's own rows are another's only where that one reaches all."""
        if other.everything:
            return self
        if self.everything:
            return Right(departments=other.departments)
        return Right(departments=self.departments & other.departments)


class Standing:
    """All that a person may do on a day, read in two queries."""

    def __init__(self, user: User, *, on: date) -> None:
        self._rights: dict[tuple[str, int], Right] = {}
        self._limit: Standing | None = None
        self._departments = _departments()
        self.open_functions = {
            d.function for d in self._departments.values() if d.function and d.is_open
        }
        self._read_grants(user, on=on)
        self._read_managed_functions(user)
        self._grant(SIGNED_IN, Level.EDIT, Reach.OWN, None)
        for department_id in self._above(user.department_id):
            self._right(SIGNED_IN, Level.VIEW).departments.add(department_id)

    def right(self, area: str, level: int) -> Right:
        """How far the person reaches; nowhere when the area's function is closed."""
        if area in AREAS and not self.is_open(area):
            return Right()
        right = self._rights.get((area, level)) or Right()
        return right.within(self._limit.right(area, level)) if self._limit else right

    def holds(self, area: str, level: int) -> bool:
        """Whether the person has this right for all rows, the function being open or not."""
        right = self._rights.get((area, level))
        return bool(right and right.everything)

    def highest(self, area: str) -> int:
        """The highest level at which the person reaches rows of others in the area."""
        found = (
            level
            for (name, level), right in self._rights.items()
            if name == area and (right.everything or right.departments)
        )
        return max(found, default=Level.NONE)

    def clip_to(self, other: Standing) -> None:
        """Reach no further than the other from now on."""
        self._limit = other

    def is_open(self, area: str) -> bool:
        """Whether the area's function is performed; areas of the office itself always are."""
        function = area.partition(".")[0]
        return function in ("office", "audit", "directory") or function in self.open_functions

    def _right(self, area: str, level: int) -> Right:
        return self._rights.setdefault((area, level), Right())

    def _grant(self, area: str, level: int, reach: str, department_id: int | None) -> None:
        for reached in range(Level.VIEW, level + 1):
            right = self._right(area, reached)
            if reach == Reach.ALL:
                right.everything = True
            elif reach == Reach.OWN:
                right.own = True
            elif department_id:
                right.departments |= self._below(department_id)

    def _read_grants(self, user: User, *, on: date) -> None:
        from backoffice.models import Role

        with connection.cursor() as cursor:
            cursor.execute(GRANTS, [user.pk, on, on, Role.Given.BY_ASSIGNMENT])
            grants = cursor.fetchall()
        managed = [d.pk for d in self._departments.values() if d.is_managed_by(user)]
        for area, level, reach, given, department_id in grants:
            if given == Role.Given.TO_MANAGERS:
                for managed_id in managed:
                    self._grant(area, level, reach, managed_id)
            else:
                self._grant(area, level, reach, department_id or user.department_id)

    def _read_managed_functions(self, user: User) -> None:
        """Who manages the department that performs a function manages its areas."""
        for department in self._departments.values():
            if department.function and department.is_managed_by(user):
                for area in AREAS:
                    if area.partition(".")[0] == department.function:
                        self._grant(area, Level.MANAGE, Reach.ALL, None)

    def _below(self, department_id: int) -> set[int]:
        """The department and all that are part of it."""
        reached, waiting = set(), [department_id]
        while waiting:
            current = waiting.pop()
            if current not in reached:
                reached.add(current)
                waiting += [d.pk for d in self._departments.values() if d.parent_id == current]
        return reached

    def _above(self, department_id: int | None) -> set[int]:
        """The department and all it is part of."""
        reached: set[int] = set()
        while department_id and department_id not in reached:
            reached.add(department_id)
            department_id = self._departments[department_id].parent_id
        return reached


class DepartmentFacts(NamedTuple):
    """What rights depend on: where a department stands, what it performs, under whom."""

    pk: int
    parent_id: int | None
    function: str
    manager_id: int | None
    manager_waits: bool
    is_open: bool

    def is_managed_by(self, user: User) -> bool:
        """Whether the person is its manager, and not only to be."""
        return self.manager_id == user.pk and not self.manager_waits


def _departments() -> dict[int, DepartmentFacts]:
    with connection.cursor() as cursor:
        cursor.execute(DEPARTMENTS)
        return {facts[0]: DepartmentFacts(*facts) for facts in cursor.fetchall()}


def standing(user: User, *, on: date | None = None) -> Standing:
    """The person's standing on a day; today's is read once per user object."""
    if on is None:
        try:  # asked dozens of times a page, and a request's user is slow to ask
            return user._standing
        except AttributeError:
            pass
    today = timezone.localdate()
    if on is not None and on != today:
        return Standing(user, on=on)
    if not hasattr(user, "_standing"):
        user._standing = Standing(user, on=today)
    return user._standing


def may(user: Any, area: str, level: int | str = Level.VIEW, row: Any = None) -> bool:
    """Whether the person may do this in the area; with `row`, to that row."""
    if area == PUBLIC:
        return True
    if not (user and user.is_authenticated and user.is_active):
        return False
    if row is None:
        return bool(standing(user).right(area, _level(level)))
    return _covers(_right_on(user, type(row), area, level), user, row) or (
        area == type(row).access.area and _reaches_beyond(user, row, _level(level))
    )


def rows(user: Any, model: type[models.Model], level: int | str = Level.VIEW) -> models.QuerySet:
    """The rows of the model this person may see, or change at a higher level."""
    queryset = model._default_manager.all()
    if not (user and user.is_authenticated and user.is_active):
        return queryset.none()
    declared = model.access
    right = _right_on(user, model, declared.area, level)
    if right.everything:
        return queryset
    within = []
    if right.own and declared.owner:
        within.append(Q(**{declared.owner: user.pk}))
    if right.departments and declared.department:
        inside = Q(**{f"{declared.department}__in": right.departments})
        within.append(inside & ~declared.kept_back() if declared.kept_back else inside)
    if declared.beyond:
        within.append(declared.beyond(user, _level(level)))
    return queryset.filter(reduce(or_, within)) if within else queryset.none()


def row_or_404(user: Any, model: type[models.Model], level: int | str = Level.VIEW, **lookup):
    """The row, or 404 where there is none within this person's reach."""
    return get_object_or_404(rows(user, model, level), **lookup)


def _right_on(user: User, model: type[models.Model], area: str, level: int | str) -> Right:
    """How far the person reaches into the model's rows."""
    if model.access.everybody_reads and _level(level) <= Level.VIEW:
        return Right(everything=True)
    overseer = model.access.overseen_by
    if overseer and standing(user).right(overseer, _level(level)).everything:
        return Right(everything=True)
    return standing(user).right(area, _level(level))


def _covers(right: Right, user: User, row: models.Model) -> bool:
    declared = type(row).access
    if right.everything:
        return True
    if right.own and declared.owner and _follow(row, declared.owner) == user.pk:
        return True
    inside = bool(declared.department) and _follow(row, declared.department) in right.departments
    return inside and not _is_kept_back(row)


def _is_kept_back(row: models.Model) -> bool:
    kept_back = type(row).access.kept_back
    found = type(row)._default_manager.filter(pk=row.pk)
    return kept_back is not None and found.filter(kept_back()).exists()


def _reaches_beyond(user: User, row: models.Model, level: int) -> bool:
    beyond = type(row).access.beyond
    found = type(row)._default_manager.filter(pk=row.pk)
    return beyond is not None and found.filter(beyond(user, level)).exists()


def _follow(row: models.Model, path: str) -> Any:
    value: Any = row
    for step in path.split("__"):
        value = getattr(value, step, None)
    return getattr(value, "pk", value)


def _level(level: int | str) -> int:
    return Level[level.upper()].value if isinstance(level, str) else int(level)


def area(name: str, level: str = "view") -> Callable:
    """Declare which area a view belongs to, and the level it takes to enter."""
    if name not in (PUBLIC, SIGNED_IN) and name not in AREAS:
        raise ValueError(f"There is no area {name!r}.")

    def declare(view: Callable) -> Callable:
        view.area = (name, level)
        return view

    return declare


# Routes of packages we did not write, by URL name.
ROUTES_OF_OTHERS = {
    "account_login": (PUBLIC, "view"),
    "account_logout": (SIGNED_IN, "view"),
    "account_signup": (PUBLIC, "view"),
    "account_inactive": (PUBLIC, "view"),
    "account_reauthenticate": (SIGNED_IN, "view"),
    "account_change_password": (SIGNED_IN, "view"),
    "account_set_password": (SIGNED_IN, "view"),
    "account_reset_password": (PUBLIC, "view"),
    "account_reset_password_done": (PUBLIC, "view"),
    "account_reset_password_from_key": (PUBLIC, "view"),
    "account_reset_password_from_key_done": (PUBLIC, "view"),
}
