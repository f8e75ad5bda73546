"""The search behind Ctrl K: pages and records, as far as the person may see them."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import IntegerField
from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice import pages
from backoffice.access import may, rows
from backoffice.cells import Writer
from backoffice.functions import OFFICE_SCREENS, SETTINGS_SCREENS, Hit, functions_for
from backoffice.models import User

HITS_PER_LIST = 5


def find(user: User, text: str, ways: dict[str, Any]) -> list[tuple[str, list[Hit]]]:
    """What matches, under headings: pages first, then records list by list.

    `ways` are those the reader writes numbers and days in.
    """
    text = text.replace("\x00", "").strip()[:80]
    found = [(_("Pages"), list(islice(_pages(user, text.lower()), 12)))]
    if len(text) > 1:
        found += [(str(p.title), list(_records(user, p, text, ways))) for p in _lists(user)]
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


def _records(user: User, listed: pages.Pages, text: str, ways: dict[str, Any]) -> Iterator[Hit]:
    found = rows(user, listed.model)
    for word in text.split()[:8]:
        found = found.filter(listed.matches(word))
    keys = list(found.distinct().order_by("pk").values_list("pk", flat=True)[:HITS_PER_LIST])
    if not keys:
        return
    columns = {name: listed.fields.get(name) for name in listed.columns}
    # A bare count says nothing without its heading.
    told = {n: c for n, c in columns.items() if not isinstance(c, IntegerField) or c.choices}
    writers = [Writer(name, column, **ways) for name, column in told.items()]
    shown = listed.drawn(listed.rows(user).filter(pk__in=keys), listed.columns)
    for record in shown.order_by("pk"):
        yield Hit(str(record), _told(record, writers), record.get_absolute_url(), listed.icon)


def _told(record: Any, writers: list[Writer]) -> str:
    """What tells the record from others: the first columns of its list that its name lacks."""
    said = (writer.for_people(record) for writer in writers)
    return " · ".join(islice((word for word in said if word and word not in str(record)), 4))
