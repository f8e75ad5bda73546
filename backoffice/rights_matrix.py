"""Who may do what: every address against every role, decided by `may()` itself."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone

from backoffice.access import may
from backoffice.models import Assignment, Department, Role, User
from backoffice.routes import Route

ALLOWED, FORBIDDEN, SIGN_IN, SIGN_IN_AGAIN = "200", "403", "302", "401"
UNDECLARED = "undeclared"
STRANGER = "not signed in"
ROW = "empty"
COLUMNS = ("route", "path", "method", "htmx", "row", "role", "status")

Person = User | AnonymousUser


@dataclass(frozen=True)
class Cell:
    """What one role gets from one address, asked for in one way."""

    route: str
    path: str
    method: str
    htmx: str
    row: str
    role: str
    status: str


def matrix(routes: Sequence[Route], people: Iterable[tuple[str, Person]]) -> Iterator[Cell]:
    """A line for each address, method, way of asking and person."""
    people = list(people)
    for route in routes:
        for method in route.methods:
            for htmx in ("no", "yes"):
                for role, person in people:
                    status = status_of(route, person, is_htmx=htmx == "yes")
                    yield Cell(
                        route.name or route.path, route.path, method, htmx, ROW, role, status
                    )


def status_of(route: Route, person: Person, *, is_htmx: bool) -> str:
    """The status the address answers this person with, by its declaration alone."""
    if route.area is None:
        return UNDECLARED
    if may(person, *route.area):
        return ALLOWED
    if person.is_authenticated:
        return FORBIDDEN
    return SIGN_IN_AGAIN if is_htmx else SIGN_IN


@contextmanager
def one_person_per_role() -> Iterator[list[tuple[str, Person]]]:
    """Somebody for every role, and a stranger; gone again when the block ends."""
    with transaction.atomic():
        root = Department.objects.filter(parent=None).first()
        root = root or Department.objects.create(name="*", code="*")
        people = [(role.name, _somebody(role, root)) for role in Role.objects.all()]
        yield [*people, (STRANGER, AnonymousUser())]
        transaction.set_rollback(True)


def _somebody(role: Role, root: Department) -> User:
    person = User.objects.create(name=f"* {role.name}", department=root)
    if role.given == Role.Given.BY_ASSIGNMENT:
        today = timezone.localdate()
        Assignment.objects.create(user=person, role=role, department=root, starts_on=today)
    elif role.given == Role.Given.TO_MANAGERS:
        name = f"* {role.pk}"
        Department.objects.create(name=name, code=name, parent=root, manager=person)
    return person
