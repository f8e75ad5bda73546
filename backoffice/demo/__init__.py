"""A believable company to look at: the frame of its story.

Every function then tells its own part, through its own acts, in `FunctionConfig.demo(story)`.
The same seed on the same day gives the same company.
"""

from collections.abc import Callable
from datetime import date

from django.db import connection, transaction
from django.utils.translation import gettext as _

from backoffice import audit, setting_up
from backoffice.demo import frame, outsiders
from backoffice.demo.cast import COUNTRIES
from backoffice.demo.story import Story
from backoffice.errors import Refused
from backoffice.functions import all_functions

FEWEST_PEOPLE, MOST_PEOPLE = 5, 500
FEWEST_MONTHS, MOST_MONTHS = 3, 60
# Two who ask for a demo at once: the second waits, and finds the office taken.
ONE_AT_A_TIME = 7_305_501


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
