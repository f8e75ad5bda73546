"""What a function of the back office tells the rest of the house about itself.

Lower rooms never import upper ones; they ask every open function through these hooks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

from django.apps import AppConfig, apps
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice.access import may, standing

if TYPE_CHECKING:
    from backoffice.conformance import Suite
    from backoffice.imports import Importer
    from backoffice.models import Company, Party, User


@dataclass(frozen=True)
class Screen:
    """A line in the menu: what it says, where it leads, the right it takes."""

    label: str
    url_name: str
    area: str
    level: str = "view"
    purpose: str = ""
    group: str = ""  # the heading it stands under where a function has many

    @cached_property
    def url(self) -> str:
        """Where it leads; worked out once, for the menu of every page has it."""
        return reverse(self.url_name)


@dataclass(frozen=True)
class ScreenGroup:
    """Screens under one heading, the address of the one that is open if it is among them."""

    heading: str
    screens: list[Screen]
    here: str


def grouped(screens: Iterable[Screen], path: str) -> list[ScreenGroup]:
    """The screens by heading, in their order; at most one of them is where the path leads."""
    screens = list(screens)
    here = max((s.url for s in screens if path.startswith(s.url)), key=len, default="")
    found = []
    for heading, those in groupby(screens, key=lambda screen: str(screen.group)):
        under = list(those)
        found.append(ScreenGroup(heading, under, here if here in {s.url for s in under} else ""))
    return found


OFFICE_SCREENS = (
    Screen(_("Directory"), "backoffice:party-list", "directory"),
    Screen(_("Settings"), "backoffice:settings", "office"),
    Screen(_("Trail"), "backoffice:change-list", "audit"),
)
SETTINGS_SCREENS = (
    Screen(
        _("Company"),
        "backoffice:company",
        "office",
        "manage",
        _("Name, country, currency, fiscal year."),
    ),
    Screen(
        _("Choose functions"),
        "backoffice:functions",
        "office",
        "manage",
        _("What this office does, and who manages it."),
    ),
    Screen(
        _("Departments"),
        "backoffice:department-list",
        "office",
        "view",
        _("Who works where, and who decides."),
    ),
    Screen(
        _("Staff"),
        "backoffice:user-list",
        "office",
        "view",
        _("Everybody who works here."),
    ),
    Screen(
        _("Roles"),
        "backoffice:role-list",
        "office",
        "view",
        _("What people may see and do."),
    ),
    Screen(
        _("Rights"),
        "backoffice:rights",
        "office",
        "view",
        _("Every role against every area, and who may open which page."),
    ),
    Screen(
        _("Sites"),
        "backoffice:site-list",
        "office",
        "view",
        _("Buildings and offices."),
    ),
    Screen(
        _("Outgoing mail"),
        "backoffice:letter-list",
        "office",
        "view",
        _("Every letter: waiting, sent, failed, or not known."),
    ),
    Screen(
        _("Jobs"),
        "backoffice:job-list",
        "office",
        "view",
        _("What works in the background, for whom, how far."),
    ),
    Screen(
        _("Rooms"),
        "backoffice:room-list",
        "office",
        "view",
        _("Rooms at each site."),
    ),
)


@dataclass(frozen=True)
class Figure:
    """A number on a card, and the page that shows what it is made of."""

    label: str
    value: str
    url: str = ""


@dataclass(frozen=True)
class Attention:
    """Something that waits for this person."""

    title: str
    detail: str
    url: str
    icon: str = "alert-triangle"
    tone: str = "warn"


@dataclass(frozen=True)
class Hit:
    """A record or page found by the search."""

    title: str
    detail: str
    url: str
    icon: str = "file-text"


@dataclass(frozen=True)
class Finding:
    """One check of what must hold: its name, whether it does, and the first offender.

    `about` sorts it, where a function sorts its checks.
    """

    check: str
    holds: bool
    offender: str = ""
    about: str = ""


@dataclass(frozen=True)
class TieOut:
    """One thing that must agree before a month is closed, and where to look if it does not."""

    name: str
    title: str
    holds: bool
    detail: str = ""
    url: str = ""


class FunctionConfig(AppConfig):
    """A function of the back office: the base class of its app's configuration."""

    default = False  # Django takes an app's only candidate, and this class is none.

    def __init_subclass__(cls) -> None:
        cls.default = True

    default_auto_field = "django.db.models.BigAutoField"
    icon = "package"
    hue = "acc"
    purpose = ""
    screens: tuple[Screen, ...] = ()

    def screens_for(self, user: User) -> list[Screen]:
        """The lines of the menu this person may open."""
        return [s for s in self.screens if may(user, s.area, s.level)]

    def waiting(self, user: User) -> int:
        """How many things wait for this person here; shown beside the name in the menu."""
        return 0

    def attention(self, user: User, *, on: date) -> Iterable[Attention]:
        """What this person should look at today."""
        return ()

    def figures(self, user: User, *, on: date) -> Iterable[Figure]:
        """Its numbers, two of them for its card: here the department's size, until it has more."""
        from backoffice.models import Department

        department = Department.objects.filter(function=self.label).first()
        if department is None:
            return
        size = department.staff.filter(is_active=True).count()
        url = f"{reverse('backoffice:user-list')}?department={department.pk}"
        yield Figure(_("In the department"), str(size), url if may(user, "office") else "")

    def trend(self, user: User, *, on: date) -> list[float]:
        """Twelve points for the card's line, oldest first; empty for none."""
        return []

    def panels(self, user: User, *, on: date) -> Iterable[tuple[str, dict]]:
        """Templates with their context for the lower half of the dashboard."""
        return ()

    def about_party(
        self, user: User, party: Party, *, on: date
    ) -> Iterable[tuple[str, list[tuple[str, str, str]]]]:
        """What the function knows of a party, for its page: boxes of label, value, address."""
        return ()

    def importers(self) -> Iterable[type[Importer]]:
        """What can be brought in from files here."""
        return ()

    def checks(self) -> Iterable[Finding]:
        """What must hold in this function's records, for `verify`."""
        return ()

    def suites(self) -> Iterable[Suite]:
        """Worked cases of others that run through this function's code, for `conformance`."""
        return ()

    def tie_outs(self, starts_on: date, ends_on: date) -> Iterable[TieOut]:
        """What must agree between this function and the books before those days are closed."""
        return ()

    def rebuild(self) -> None:
        """Make anew what is derived from this function's records, for `verify`."""

    def set_up(self, company: Company, *, on: date) -> None:
        """Make what the function needs before its first use; safe to call again."""

    def demo(self, story) -> None:
        """Tell this function's part of the demo company's story, through its own acts."""


def all_functions() -> list[FunctionConfig]:
    """The six functions, in the order of INSTALLED_APPS."""
    return [config for config in apps.get_app_configs() if isinstance(config, FunctionConfig)]


def about_party(user: User, party: Party, *, on: date) -> Iterator[tuple[str, list]]:
    """What the open functions this person may enter know of a party."""
    for function, _screens in functions_for(user):
        yield from function.about_party(user, party, on=on)


def functions_for(user: User) -> Iterator[tuple[FunctionConfig, list[Screen]]]:
    """The open functions this person may enter, each with the screens they may open."""
    open_functions = standing(user).open_functions
    for function in all_functions():
        if function.label in open_functions:
            screens = function.screens_for(user)
            if screens or may(user, function.label):
                yield function, screens
