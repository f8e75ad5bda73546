"""Every address of the office: its name, its view, and the area the view declares."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from backoffice.access import ROUTES_OF_OTHERS


@dataclass(frozen=True)
class Route:
    """One address pattern."""

    name: str
    path: str
    view: Callable
    area: tuple[str, str] | None

    @property
    def methods(self) -> tuple[str, ...]:
        """GET where there is something to look at, POST where there is something to do."""
        written = _written(self.view)
        allowed = _allowed_by_decorator(self.view)
        if allowed:
            return tuple(method for method in ("GET", "POST") if method in allowed)
        if "operation" in _settled(self.view):
            return ("POST",)
        if hasattr(written, "view_class"):
            return ("GET", "POST") if hasattr(written.view_class, "post") else ("GET",)
        code = getattr(written, "__code__", None)
        words = (*code.co_names, *code.co_consts) if code else ()
        is_form = "POST" in words or self.name.endswith(("-add", "-edit", "_add", "_change"))
        return ("GET", "POST") if is_form else ("GET",)

    @property
    def is_looked_at_unsaid(self) -> bool:
        """Whether it seems to take GET alone, and nothing refuses it a POST."""
        return self.methods == ("GET",) and not _allowed_by_decorator(self.view)


def routes() -> Iterator[Route]:
    """All of them, in the order they are tried."""
    yield from _below(get_resolver(), "/", "")


def _below(resolver: URLResolver, path: str, namespace: str) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        where = path + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = ":".join(filter(None, [namespace, entry.namespace]))
            yield from _below(entry, where, inner)
        elif isinstance(entry, URLPattern):
            name = ":".join(filter(None, [namespace, entry.name or ""]))
            area = getattr(entry.callback, "area", None) or ROUTES_OF_OTHERS.get(name)
            yield Route(name, where, entry.callback, area)


def _settled(view: Callable) -> dict:
    """The words a declared page is called with."""
    return view.keywords if isinstance(view, partial) else {}


def _written(view: Callable) -> Callable:
    """The function as it stands in views.py, out of what is wrapped around it."""
    return inspect.unwrap(view.func if isinstance(view, partial) else view)


def _allowed_by_decorator(view: Callable) -> list[str]:
    """What `require_POST` and its like let through."""
    layer: Any = view.func if isinstance(view, partial) else view
    while layer is not None:
        if inspect.isfunction(layer):
            found = inspect.getclosurevars(layer).nonlocals.get("request_method_list")
            if found:
                return list(found)
        layer = getattr(layer, "__wrapped__", None)
    return []
