"""manage.py access: who may do what."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from backoffice import rights_matrix
from backoffice.errors import Refused
from backoffice.management import base
from backoffice.models import User
from backoffice.routes import Route, routes


class Command(base.Command):
    """Print which addresses each role, or one person, may use."""

    help = "Print who may do what: every address against every role, as the office stands today."
    example = "manage.py access --route accounting:journalentry-list"

    def add_arguments(self, parser: CommandParser) -> None:
        """Everybody and everything, or less."""
        parser.add_argument("--user", metavar="EMAIL", help="one person instead of every role")
        parser.add_argument(
            "--route", metavar="NAME", help="one address, as in accounting:bill-add"
        )
        parser.add_argument("--csv", action="store_true", help=",".join(rights_matrix.COLUMNS))

    def run(self, *, user: str | None, route: str | None, csv: bool, **options: Any) -> None:
        """Print the matrix."""
        asked = _routes(route)
        with _people(user) as people:
            if csv:
                self.write_csv(asked, people)
            else:
                self.write_lines(asked, people)

    def write_csv(self, asked: list[Route], people: list[tuple[str, User]]) -> None:
        """A line for each address, method, way of asking and role."""
        writer = csv.writer(self.stdout, lineterminator="\n")
        writer.writerow(rights_matrix.COLUMNS)
        for cell in rights_matrix.matrix(asked, people):
            writer.writerow(getattr(cell, column) for column in rights_matrix.COLUMNS)

    def write_lines(self, asked: list[Route], people: list[tuple[str, User]]) -> None:
        """A line for each address: what it takes, and who has it."""
        for route in asked:
            status = {
                name: rights_matrix.status_of(route, who, is_htmx=False) for name, who in people
            }
            takes = " ".join(route.area) if route.area else rights_matrix.UNDECLARED
            who = [name for name, answer in status.items() if answer == rights_matrix.ALLOWED]
            named = ", ".join(who) or _("nobody")
            self.say(f"{route.name or route.path:<42} {takes:<26} {named}")


def _routes(name: str | None) -> list[Route]:
    found = [route for route in routes() if name in (None, route.name, route.path)]
    if not found:
        raise Refused(_("There is no route %s.") % name)
    return found


@contextmanager
def _people(email: str | None) -> Iterator[list[tuple[str, User]]]:
    if email is None:
        with rights_matrix.one_person_per_role() as people:
            yield people
        return
    person = User.objects.filter(email__iexact=email.strip()).first()
    if person is None:
        raise Refused(_("Nobody on the staff uses %s.") % email)
    yield [(person.email, person)]
