"""A list as its template draws it: rows, columns, chips, tabs, the addresses they lead to.

The whole state of a list is its URL, so that it can be saved, sent and gone back to.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from django.core.exceptions import BadRequest
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice import exports
from backoffice.access import may
from backoffice.cells import Writer, ways_of_writing
from backoffice.models import SavedView
from backoffice.pages import COUNTED_UP_TO, PAGE_SIZE, Pages
from backoffice.saved_views import views_of


@dataclass(frozen=True)
class Column:
    """A column's head."""

    name: str
    label: str
    is_number: bool
    hide_small: bool
    sort_url: str
    sort_state: str


class Cell(NamedTuple):
    """A value as it is written, and the classes it is drawn with."""

    text: str
    css: str


class Row(NamedTuple):
    """A record with its cells and its address."""

    record: Any
    url: str
    cells: list[Cell]
    amount: Any
    state: tuple[str, str] | None

    @property
    def select_label(self) -> str:
        """What the box that selects the row is called."""
        return _("Select %(name)s") % {"name": self.record}


class FigureRow(NamedTuple):
    """A row of a table of figures: a name, its amounts and their sum, each with what it opens."""

    name: str
    url: str  # what the name and the sum open
    cells: list[tuple[str, Decimal, str]]  # labels for a phone, amounts, what those open
    total: Decimal


class Listing:
    """One look at a list: the context of `pages/list.html`."""

    def __init__(self, request: HttpRequest, pages: Pages) -> None:
        self.request, self.pages, self.query = request, pages, request.GET
        self.number = page_number(self.query)
        self.filter = pages.filter_for(request.user, self.query)
        self.found = pages.searched(self.filter.qs, self.query)

    def with_(self, **changed: Any) -> str:
        """This list's address with some parameters changed; None takes one out."""
        query = self.query.copy()
        for name, value in changed.items():
            query.pop(name, None)
            if value is not None:
                query[name] = value
        if "page" not in changed:
            query.pop("page", None)
        return "?" + query.urlencode(safe=",")

    @cached_property
    def total(self) -> int:
        """How many rows there are, counted up to a limit."""
        return self.found.order_by().values("pk")[: COUNTED_UP_TO + 1].count()

    @cached_property
    def total_label(self) -> str:
        """The count for people: an honest `10,000+` beyond the limit."""
        return count_label(self.total)

    @cached_property
    def _records(self) -> list:
        start = (self.number - 1) * PAGE_SIZE
        found = self.pages.drawn(self.found, self.pages.columns_of(self.query))
        return list(found[start : start + PAGE_SIZE + 1])

    @cached_property
    def _writers(self) -> list[Writer]:
        ways, names = ways_of_writing(self.request), self.pages.columns_of(self.query)
        return [Writer(name, self.pages.fields.get(name), **ways) for name in names]

    def _css(self, writer: Writer) -> str:
        """The classes of a column's cells, the same in every row."""
        classes = {
            "first": writer is self._writers[0],
            "r num": writer.is_number,
            "wrap": writer.is_prose,
            "hide-s": writer.name in self.pages.hide_small,
        }
        return " ".join(name for name, holds in classes.items() if holds)

    @cached_property
    def rows(self) -> list[Row]:
        """The rows of this page."""
        pages = self.pages
        columns = [(writer, self._css(writer)) for writer in self._writers]
        return [
            Row(
                record=record,
                url=pages.address_of(record),
                cells=[Cell(writer.for_people(record), css) for writer, css in columns],
                amount=getattr(record, pages.amount) if pages.amount else None,
                state=pages.state(record),
            )
            for record in self._records[:PAGE_SIZE]
        ]

    @property
    def columns(self) -> list[Column]:
        """The heads, each with the address that sorts by it."""
        sort = self.query.get("sort", "")
        return [
            Column(
                name=writer.name,
                label=self.pages.label(writer.name),
                is_number=writer.is_number,
                hide_small=writer.name in self.pages.hide_small,
                sort_url=self._sort_url(writer.name, sort),
                sort_state={writer.name: "ascending", f"-{writer.name}": "descending"}.get(
                    sort, ""
                ),
            )
            for writer in self._writers
        ]

    def _sort_url(self, name: str, sort: str) -> str:
        if name not in self.pages.sortable:
            return ""
        return self.with_(sort=f"-{name}" if sort == name else name)

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def has_next(self) -> bool:
        return len(self._records) > PAGE_SIZE

    @property
    def previous_url(self) -> str:
        return self.with_(page=self.number - 1)

    @property
    def next_url(self) -> str:
        return self.with_(page=self.number + 1)

    @property
    def first_index(self) -> int:
        return (self.number - 1) * PAGE_SIZE + 1 if self.rows else 0

    @property
    def last_index(self) -> int:
        return (self.number - 1) * PAGE_SIZE + len(self.rows)

    def chips(self) -> list[tuple[str, str, str]]:
        """What the list is filtered by: label, value, the address without it."""
        shown = []
        for name, declared in self.filter.filters.items():
            names = [key for key in self.query if key == name or key.startswith(f"{name}_")]
            value = self.filter.form.cleaned_data.get(name)
            if any(self.query.get(key) for key in names) and value not in (None, ""):
                without = self.with_(**dict.fromkeys(names))
                shown.append((str(declared.label), self._in_words(name, value), without))
        return shown

    def _in_words(self, name: str, value: Any) -> str:
        if isinstance(value, slice):
            ends = [f"{end.date():%Y-%m-%d}" if end else "…" for end in (value.start, value.stop)]
            return " – ".join(ends)
        choices = getattr(self.filter.form.fields[name], "choices", None)
        if choices is not None and not hasattr(value, "pk"):
            words = {str(key): str(word) for key, word in choices}
            return words.get(self.query.get(name, ""), str(value))
        return str(value)

    def tabs(self) -> list[tuple[str, str, str, bool, str | None]]:
        """The saved views: name, address, count, whether it is this one, how to delete it."""
        saved = views_of(self.request.user, self.pages.list_name)
        now = sorted(pair for pair in self.query.lists() if pair[0] != "page")
        fixed = [(label, QueryDict(query)) for label, query in self.pages.tabs]
        tabs = [(_("All"), "?", "", not now, None)] if saved or fixed else []
        tabs += [
            (label, f"?{q.urlencode()}", self._count(q), sorted(q.lists()) == now, None)
            for label, q in fixed
        ]
        for view in saved:
            query = QueryDict(view.query)
            tabs.append(
                (
                    view.name,
                    f"?{view.query}",
                    self._count(query),
                    sorted(query.lists()) == now,
                    self._delete_url(view),
                )
            )
        return tabs

    def _count(self, query: QueryDict) -> str:
        try:
            found = self.pages.found(self.request.user, query)
        except BadRequest:
            # What only its author may filter by, or a column that is gone.
            return ""
        return count_label(found.order_by().values("pk")[: COUNTED_UP_TO + 1].count())

    def _delete_url(self, view: SavedView) -> str | None:
        if view.user_id != self.request.user.pk:
            return None
        return reverse("backoffice:saved-view-delete", args=[view.pk])

    def context(self) -> dict[str, Any]:
        """Everything `pages/list.html` draws."""
        pages, user = self.pages, self.request.user
        shown = pages.columns_of(self.query)
        return {
            "pages": pages,
            "title": pages.title,
            "crumbs": [*pages.trail[:-1], (pages.title, None)],
            "columns": self.columns,
            "page": self,
            "q": self.query.get("q", ""),
            "chips": self.chips(),
            "filter_form": self.filter.form if pages.filters else None,
            "views": self.tabs(),
            "column_choices": [
                (name, pages.label(name), name in shown) for name in pages.all_columns
            ],
            "export_urls": [
                (kind.upper(), pages.url("export", kind) + self.with_())
                for kind in ("csv", "xlsx")
            ],
            # A long list is written by a job, whose page is no file to save.
            "exports_later": self.total > exports.MOST_AT_ONCE,
            "add_url": pages.url("add") if pages.may_edit(user) else None,
            "import_url": reverse("backoffice:import-add", args=[pages.importer])
            if pages.importer and may(user, pages.area, "edit")
            else None,
            "save_view_url": reverse("backoffice:saved-view-add"),
            "hidden_params": [
                (name, value)
                for name, values in self.query.lists()
                if name not in ("q", "page")
                for value in values
            ],
            # An empty list says in its middle what to do; one primary button a page.
            "is_empty": not self._records and not self.query,
            "empty": pages.empty,
        }


def page_number(query: QueryDict) -> int:
    """The page asked for; the first where that is no number."""
    asked = query.get("page", "1")
    deepest = COUNTED_UP_TO // PAGE_SIZE
    return min(max(int(asked), 1), deepest) if asked.isdecimal() and len(asked) < 6 else 1


def count_label(count: int) -> str:
    """A count for people, exact up to the limit."""
    return f"{COUNTED_UP_TO:,}+" if count > COUNTED_UP_TO else f"{count:,}"
