"""The list, record, add and edit pages of a model, declared once.

    departments = Pages(model=Department, form=DepartmentForm, columns=("name", "manager"))
    urlpatterns = [*departments.urls]

What does not fit is an ordinary view.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import django_filters
from django import forms
from django.apps import apps
from django.core.exceptions import BadRequest, FieldDoesNotExist
from django.db import models
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from backoffice.access import area, may, rows
from backoffice.choices import PlainSelect, currencies, offer_some
from backoffice.functions import FunctionConfig
from backoffice.models import Currency
from backoffice.reading import number_meant

PAGE_SIZE = 50
COUNTED_UP_TO = 10_000

# Every declared list, for the search.
declared: list[Pages] = []


@dataclass(frozen=True)
class Related:
    """Rows that belong to a record, shown on its page: `Related("rooms", ("name", "seats"))`."""

    name: str
    columns: tuple[str, ...]
    title: Any = ""
    limit: int = 50


@dataclass(frozen=True)
class Rows:
    """Rows edited together with their record: addresses of a party, grants of a role."""

    title: str
    formset: type[forms.BaseInlineFormSet]
    template: str = "pages/_formset.html"
    check: Callable | None = None  # refuses rows this person may not write


@dataclass
class Pages:
    """How a model is listed, shown and edited."""

    model: type[models.Model]
    columns: tuple[str, ...]
    form: type[forms.ModelForm] | None = None
    more_columns: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    ordering: tuple[str, ...] = ()
    labels: dict[str, Any] = field(default_factory=dict)
    hide_small: tuple[str, ...] = ()
    amount: str = ""  # the column a selection is summed by
    related: tuple[Related, ...] = ()
    formsets: tuple[Rows, ...] = ()
    joined: tuple[str, ...] = ()  # for select_related; not currencies, whose key is their name
    annotate: Callable[[QuerySet], QuerySet] | None = None
    state: Callable[[Any], tuple[str, str] | None] = lambda record: None
    side: Callable[..., Sequence] = lambda request, record: ()
    save: Callable | None = None
    after: Callable | None = None  # (record, by=) once its rows are saved; what it asks
    tabs: tuple[tuple[Any, str], ...] = ()  # before the saved views: label and query
    importer: str = ""
    empty: str = ""
    start_name: str = ""  # the URL of what an empty list may start from
    list_view: Callable | None = None
    record_view: Callable | None = None
    template: str = "pages/detail.html"
    icon: str = "file-text"
    has_timeline: bool = True

    def __post_init__(self) -> None:
        declared.append(self)

    # --- names -----------------------------------------------------------------------------

    @property
    def area(self) -> str:
        """The area its pages belong to."""
        return self.model.access.area

    @property
    def title(self) -> str:
        """What the list is called."""
        return capfirst(self.model._meta.verbose_name_plural)

    @property
    def trail(self) -> list[tuple[str, str]]:
        """The way here for the breadcrumbs: the function or the settings, then the list."""
        config = apps.get_app_config(self.model._meta.app_label)
        way = [(self.title, self.url("list"))]
        if isinstance(config, FunctionConfig):
            return [
                (config.verbose_name, reverse("backoffice:function", args=[config.label])),
                *way,
            ]
        if self.area == "office":
            return [(_("Settings"), reverse("backoffice:settings")), *way]
        return way

    @property
    def plural(self) -> str:
        """The word for it in addresses."""
        return str(self.model._meta.verbose_name_plural).lower().replace(" ", "-")

    @property
    def list_name(self) -> str:
        """The name of its list's URL, which saved views are filed under."""
        return self.url_name("list")

    def url_name(self, page: str) -> str:
        """`app:model-page`."""
        return f"{self.model._meta.app_label}:{self.model._meta.model_name}-{page}"

    def url(self, page: str, *args: Any) -> str:
        """The address of one of its pages."""
        return reverse(self.url_name(page), args=args)

    def address_of(self, record: models.Model) -> str:
        """The record's own address: as of any other, but for its key."""
        return str(record.pk).join(self._around_keys)

    @cached_property
    def _around_keys(self) -> list[str]:
        # Worked out once: to reverse it for every row of a list costs more than the row.
        return self.model(pk=0).get_absolute_url().split("0", 1)

    @property
    def start_url(self) -> str:
        """Where an empty list finds something to start from; empty for nowhere."""
        return reverse(self.start_name) if self.start_name else ""

    @property
    def urls(self) -> list[URLPattern]:
        """The addresses of all its pages and of the operations on its records."""
        from backoffice.operations import operations_of
        from backoffice.views import pages as views
        from backoffice.views import trail

        def at(route: str, page: str, view: Callable, level: str) -> URLPattern:
            name = f"{self.model._meta.model_name}-{page}"
            return path(route, area(self.area, level)(partial(view, pages=self)), name=name)

        # With a written list or record page, it is found at the same address.
        listed = self.list_view or views.list_page
        record = self.record_view or views.record_page
        found = [
            at(f"{self.plural}/", "list", listed, "view"),
            at(f"{self.plural}/export.<str:format>", "export", views.export, "view"),
            at(f"{self.plural}/<int:pk>/", "detail", record, "view"),
        ]
        if self.form:
            found += [
                at(f"{self.plural}/new/", "add", views.add_page, "edit"),
                at(f"{self.plural}/<int:pk>/edit/", "edit", views.edit_page, "edit"),
            ]
        if self.has_timeline:
            found += [
                at(f"{self.plural}/<int:pk>/timeline/", "timeline", trail.timeline, "view"),
                at(f"{self.plural}/<int:pk>/comment/", "comment", trail.comment, "view"),
            ]
        for operation in operations_of(self.model):
            route = f"{self.plural}/<int:pk>/{operation.verb}/"
            view = partial(views.operate, operation=operation)
            found.append(at(route, operation.verb, view, operation.level))
        return found

    # --- rows ------------------------------------------------------------------------------

    def rows(self, user: Any, level: str = "view") -> QuerySet:
        """The rows of the list within this person's reach, with all it shows of them."""
        found = rows(user, self.model, level)
        if self.joined:
            found = found.select_related(*self.joined)
        return self.annotate(found) if self.annotate else found

    def drawn(self, found: QuerySet, names: Sequence[str]) -> QuerySet:
        """The rows with what these columns show of other records, and no more.

        Planning grows steeply with every join: six of them took longer to plan than to follow.
        """
        chosen, facts = (
            {*some} - {*self.columns, *names} for some in (self.more_columns, self.facts)
        )
        joined = [
            path
            for path in self.joined
            if path not in facts and path.partition("__")[0] not in chosen
        ]
        found = found.select_related(None)
        return found.select_related(*joined) if joined else found

    def found(self, user: Any, query: QueryDict) -> QuerySet:
        """The rows a query string asks for; a name it does not know is a bad request."""
        return self.searched(self.filter_for(user, query).qs, query)

    def searched(self, found: QuerySet, query: QueryDict) -> QuerySet:
        """Those of the rows that match the search, in the order asked for."""
        for word in query.get("q", "").replace("\x00", "").split()[:8]:
            found = found.filter(self.matches(word))
        return found.order_by(*self.order_of(query))

    def matches(self, word: str) -> Q:
        """Where a word of the search may stand; a number is also an amount, of either sign."""
        condition = Q()
        for lookup in self.search:
            condition |= Q(**{f"{lookup}__icontains": word})
        number = number_meant(word)
        if number is not None and self.amount in self.columns_stored:
            condition |= Q(**{f"{self.amount}__in": (number, -number)})
        return condition

    @cached_property
    def columns_stored(self) -> set[str]:
        """The columns of the model's own table."""
        return {f.name for f in self.model._meta.concrete_fields}

    def order_of(self, query: QueryDict) -> tuple[str, ...]:
        """The order asked for, with the key as the last word so that pages never overlap."""
        asked = query.get("sort", "")
        if not asked:
            return (*(self.ordering or tuple(self.model._meta.ordering)), "-pk")
        if asked.lstrip("-") not in self.sortable:
            raise BadRequest(f"There is no column {asked!r} to sort by.")
        return (asked, "-pk" if asked.startswith("-") else "pk")

    @cached_property
    def fields(self) -> dict[str, models.Field]:
        """The columns the database knows: the model's own fields and the annotations."""
        known = {f.name: f for f in self.model._meta.concrete_fields}
        if self.annotate:
            annotations = self.annotate(self.model._default_manager.all()).query.annotations
            known |= {name: found.output_field for name, found in annotations.items()}
        return {name: f for name, f in known.items() if name in self.all_columns}

    @cached_property
    def sortable(self) -> set[str]:
        """The columns a list may be ordered by."""
        return set(self.fields)

    @property
    def all_columns(self) -> tuple[str, ...]:
        """Those shown at first and those that can be chosen."""
        return (*self.columns, *self.more_columns)

    def columns_of(self, query: QueryDict) -> tuple[str, ...]:
        """The columns asked for, in their own order; the usual ones where none are."""
        asked = ",".join(query.getlist("columns"))
        if not asked:
            return self.columns
        chosen = asked.split(",")
        if not set(chosen) <= set(self.all_columns):
            raise BadRequest("There is no such column.")
        return tuple(name for name in self.all_columns if name in chosen)

    def label(self, name: str) -> str:
        """What a column or fact is called."""
        if name in self.labels:
            return capfirst(self.labels[name])
        try:
            return capfirst(self.model._meta.get_field(name).verbose_name)
        except (FieldDoesNotExist, AttributeError):
            return capfirst(name.replace("_", " "))

    # --- filters ---------------------------------------------------------------------------

    def filter_for(self, user: Any, query: QueryDict) -> django_filters.FilterSet:
        """The filters, with choices only from what this person may see."""
        found = self._filterset(query, queryset=self.rows(user))
        for name, chosen in found.form.fields.items():
            if isinstance(chosen, forms.ModelChoiceField):
                offer_some(chosen, self.offered(user, name), query.get(name, ""))
        if not found.is_valid():
            raise BadRequest("; ".join(e for errors in found.errors.values() for e in errors))
        return found

    def offered(self, user: Any, name: str) -> QuerySet:
        """What a filter by another record offers: all within this person's reach."""
        return rows(user, self.filtered_by(name).related_model)

    @cached_property
    def _filterset(self) -> type[django_filters.FilterSet]:
        filters = {name: self._filter(name) for name in self.filters}
        meta = type("Meta", (), {"model": self.model, "fields": []})
        return type("Filters", (django_filters.FilterSet,), {**filters, "Meta": meta})

    def filtered_by(self, name: str) -> models.Field:
        """The model's own field of a filter, or the column that is annotated."""
        return self.fields.get(name) or self.model._meta.get_field(name)

    def _filter(self, name: str) -> django_filters.Filter:
        column, label = self.filtered_by(name), self.label(name)
        if column.choices:
            return django_filters.ChoiceFilter(
                field_name=name, label=label, choices=list(column.choices), widget=PlainSelect
            )
        named = {"field_name": name, "label": label, "empty_label": _("any")}
        if column.related_model is Currency:
            return django_filters.ChoiceFilter(**named, choices=currencies, widget=PlainSelect)
        if isinstance(column, models.ForeignKey):
            # Its real choices are those within the reader's reach, set for each request.
            nothing = column.related_model._default_manager.none()
            return django_filters.ModelChoiceFilter(**named, queryset=nothing, widget=PlainSelect)
        if isinstance(column, models.BooleanField):
            yes_no = [("", _("any")), ("true", _("yes")), ("false", _("no"))]
            return django_filters.TypedChoiceFilter(
                field_name=name,
                label=label,
                choices=yes_no,
                coerce=lambda word: word == "true",
                widget=PlainSelect,
            )
        if isinstance(column, models.DateField):
            days = {"type": "date"}
            return django_filters.DateFromToRangeFilter(
                field_name=name,
                label=label,
                widget=django_filters.widgets.DateRangeWidget(attrs=days),
            )
        return django_filters.CharFilter(field_name=name, label=label, lookup_expr="icontains")

    # --- what a person may do ---------------------------------------------------------------

    def may_edit(self, user: Any, record: models.Model | None = None) -> bool:
        """Whether this person may add, or change this record."""
        return bool(self.form) and may(user, self.area, "edit", record)
