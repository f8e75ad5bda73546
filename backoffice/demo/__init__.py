"""A believable company to look at: the frame of its story.

Every function then tells its own part, through its own acts, in `FunctionConfig.demo(story)`.
The same seed on the same day gives the same company.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from random import Random

from django.db import connection, transaction
from django.utils.translation import gettext as _

from backoffice import audit, setting_up
from backoffice.demo.cast import COUNTRIES, Country
from backoffice.errors import Refused
from backoffice.functions import all_functions
from backoffice.models import Company, Department, Party, User

FEWEST_PEOPLE, MOST_PEOPLE = 5, 500
FEWEST_MONTHS, MOST_MONTHS = 3, 60
# Two who ask for a demo at once: the second waits, and finds the office taken.
ONE_AT_A_TIME = 7_305_501


@dataclass(frozen=True)
class Member:
    """Somebody on the staff, since when, for how much a year."""

    user: User
    department: Department
    since: date
    yearly_pay: Decimal
    role: str = ""


@dataclass
class Story:
    """What every function needs to tell its part: who, where, from when to when."""

    country: Country
    months: int
    seed: int
    on: date
    say: Callable[[str], None]
    company: Company = field(init=False)
    departments: dict[str, Department] = field(default_factory=dict)
    members: list[Member] = field(default_factory=list)
    parties: dict[str, list[Party]] = field(default_factory=dict)

    @property
    def begins_on(self) -> date:
        """The first day told of: so many whole months before the one we are in."""
        first = self.on.year * 12 + self.on.month - 1 - self.months
        return date(first // 12, first % 12 + 1, 1)

    def random(self, chapter: str) -> Random:
        """The chance of one chapter, so that no chapter changes another."""
        return Random(f"{self.seed}:{chapter}")  # noqa: S311 - the same each time is the point

    def people(self, department: str) -> list[Member]:
        """Who works in a department, its manager first."""
        return [m for m in self.members if m.department == self.departments[department]]

    def holders(self, role: str) -> list[User]:
        """Who holds a role; the owner does what nobody was hired for."""
        return [m.user for m in self.members if m.role == role] or [self.members[0].user]


@transaction.atomic
def make_demo(
    *,
    on: date,
    country: str = "GB",
    employees: int = 40,
    months: int = 24,
    seed: int = 1,
    say: Callable[[str], None] = lambda _sentence: None,
) -> Story:
    """The demo company of an empty office, all of it or nothing; `say` hears how far it is."""
    check_wishes(country=country, employees=employees, months=months)
    check_office_is_empty()
    # The frame imports what this module declares.
    from backoffice.demo import frame, outsiders

    story = Story(COUNTRIES[country], months, seed, on, say)
    story.say(_("company and staff"))
    frame.found_company(story)
    frame.open_departments(story)
    frame.hire(story, employees)
    frame.appoint(story)
    frame.give_rooms(story)
    story.say(_("customers and suppliers"))
    outsiders.introduce(story)
    for function in all_functions():
        function.demo(story)
    setting_up.finish(story.company)
    audit.record("demo_made", story.company, by=None, seed=seed, months=months)
    return story


def check_wishes(*, country: str, employees: int, months: int) -> None:
    """Refuse a company nobody could make up."""
    if country not in COUNTRIES:
        raise Refused(
            _("There is no demo company in %(country)s; there is one in %(countries)s.")
            % {"country": country, "countries": ", ".join(COUNTRIES)}
        )
    if not FEWEST_PEOPLE <= employees <= MOST_PEOPLE:
        raise Refused(
            _("The demo company has %(fewest)s to %(most)s employees.")
            % {"fewest": FEWEST_PEOPLE, "most": MOST_PEOPLE}
        )
    if not FEWEST_MONTHS <= months <= MOST_MONTHS:
        raise Refused(
            _("The demo company looks back on %(fewest)s to %(most)s months.")
            % {"fewest": FEWEST_MONTHS, "most": MOST_MONTHS}
        )


def check_office_is_empty() -> None:
    """Refuse to mix invented records with real ones."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    if not setting_up.is_empty():
        raise Refused(
            _("This office is not empty: a demo company is only made where there is nothing yet.")
        )
