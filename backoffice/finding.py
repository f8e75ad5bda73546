"""The search behind Ctrl K: pages and records, as far as the person may see them."""

from collections.abc import Iterator
from itertools import islice

from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice import pages
from backoffice.access import may, rows
from backoffice.functions import OFFICE_SCREENS, SETTINGS_SCREENS, Hit, functions_for
from backoffice.models import User

HITS_PER_LIST = 5


def find(user: User, text: str) -> list[tuple[str, list[Hit]]]:
    """What matches, under headings: pages first, then records list by list."""
    text = text.replace("\x00", "").strip()[:80]
    found = [(_("Pages"), list(islice(_pages(user, text.lower()), 12)))]
    if len(text) > 1:
        found += [(str(p.title), list(_records(user, p, text))) for p in _lists(user)]
    return [(heading, hits) for heading, hits in found if hits]


def _pages(user: User, text: str) -> Iterator[Hit]:
    for function, screens in functions_for(user):
        home = reverse("backoffice:function", args=[function.label])
        if text in str(function.verbose_name).lower():
            yield Hit(str(function.verbose_name), str(function.purpose), home, function.icon)
        for screen in screens:
            if text in str(screen.label).lower():
                yield Hit(str(screen.label), str(function.verbose_name), screen.url, function.icon)
    for screen in (*OFFICE_SCREENS, *SETTINGS_SCREENS):
        if text in str(screen.label).lower() and may(user, screen.area, screen.level):
            yield Hit(str(screen.label), "", screen.url, "settings")
    yield from _new_records(user, text)


def _new_records(user: User, text: str) -> Iterator[Hit]:
    for listed in pages.declared:
        name = _("New %(name)s") % {"name": listed.model._meta.verbose_name}
        if text and text in name.lower() and listed.may_edit(user):
            yield Hit(name, "", listed.url("add"), "plus")


def _lists(user: User) -> Iterator[pages.Pages]:
    return (p for p in pages.declared if p.search and may(user, p.area))


def _records(user: User, listed: pages.Pages, text: str) -> Iterator[Hit]:
    found = rows(user, listed.model)
    for word in text.split()[:8]:
        found = found.filter(listed.matches(word))
    name = str(listed.model._meta.verbose_name)
    for record in found.distinct().order_by("pk")[:HITS_PER_LIST]:
        yield Hit(str(record), name, record.get_absolute_url(), listed.icon)
