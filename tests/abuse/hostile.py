"""What nobody sends by accident, for every address there is."""

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import models, transaction
from django.http import HttpResponseBase
from django.test import Client

from backoffice.routes import Route
from tests.access_matrix import KEYS, address, close, is_about_a_record, subject_of
from tests.factories.every_model import MAKERS

MANY_DIGITS = "9" * 10_000
NULL, BROKEN_UTF8 = "%00", "%ff%fe%80"
KEYS_OF_NOTHING = ("9" * 19, MANY_DIGITS, NULL + BROKEN_UTF8)
# Each as it stands in an address: bytes that are no text, numbers and days that are none.
VALUES = (NULL + BROKEN_UTF8, MANY_DIGITS, "0001-01-01")
# How views read a word of a query.
READ = re.compile(r'(?:GET|query)(?:\.get\(|\[)"(\w+)"|"(\w+)" in request\.GET')
# Which button was pressed is left to what the page takes for the usual one.
BUTTON = re.compile(r"<(?:button|meta)\b[^>]*>")
FIELD = re.compile(r'name="([\w-]+)"')
FORM = "application/x-www-form-urlencoded"


@dataclass
class Sender:
    """Somebody who may everything sends nonsense; what it did is taken back."""

    browser: Client
    records: dict[type[models.Model], models.Model] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def send(self, method: str, path: str, query: str = "", **facts) -> HttpResponseBase:
        """Send it, and note an answer that is a fault of ours."""
        with transaction.atomic():
            answer = self.browser.generic(method, path, QUERY_STRING=query, **facts)
            transaction.set_rollback(True)
        if answer.status_code >= 500 and not path.startswith("/readyz"):
            broken = getattr(answer, "exc_info", None)
            said = f"{broken[0].__name__} {str(broken[1])[:90]}" if broken else ""
            what = query or str(facts.get("data", ""))
            self.faults.append(f"{method} {path[:60]} {what[:60]}: {said}")
        close(answer)
        return answer

    def address_of(self, route: Route) -> str:
        """The address of a record that is there."""
        model = subject_of(route) if is_about_a_record(route) else None
        if model and model not in self.records:
            self.records[model] = MAKERS[model]()
        return address(route, self.records[model] if model else None)

    def try_keys(self, route: Route) -> None:
        """Put what is no key where the address has one."""
        for key in KEYS_OF_NOTHING if KEYS.search(route.path) else ():
            path = KEYS.sub(lambda _found, key=key: key, route.path)
            self.send(route.methods[-1], path)

    def try_queries(self, route: Route, path: str) -> None:
        """Ask for nonsense by every word the page listens to, and for too much."""
        for query in queries(route):
            self.send("GET", path, query)

    def try_forms(self, route: Route, path: str) -> None:
        """Send nonsense in every field the page shows, and what is no form at all."""
        shown = BUTTON.sub("", self._shown(route, path))
        names = FIELD.findall(shown) or ["text", "key", "name", "query"]
        for value in VALUES:
            self.send(
                "POST", path, data="&".join(f"{n}={value}" for n in names), content_type=FORM
            )
        too_many = "&".join(f"f{number}=1" for number in range(5_000))
        self.send("POST", path, data=too_many, content_type=FORM)
        self.send("POST", path, data="[" * 20_000, content_type="application/json")
        self.send("POST", path, data="--x\r\n", content_type="multipart/form-data; boundary=x")

    def _shown(self, route: Route, path: str) -> str:
        if "GET" not in route.methods:
            return ""
        answer = self.send("GET", path)
        return "" if answer.streaming else answer.content.decode(errors="replace")


def queries(route: Route) -> Iterator[str]:
    """Nonsense by every word: by those of the filters at once, by those read by hand in turn."""
    is_list = route.name.endswith(("-list", "_changelist"))
    in_turn = ("q", "sort", "page") if is_list else read_by_hand(route)
    for value in (NULL, MANY_DIGITS[:5_000], BROKEN_UTF8):
        if names_of_filters(route):
            yield "&".join(f"{name}={value}" for name in names_of_filters(route))[:8_000]
        if value in (NULL, MANY_DIGITS[:5_000]):
            yield from (f"{word}={value}" for word in in_turn)
    yield "q=" + "a" * 1_000_000


def names_of_filters(route: Route) -> list[str]:
    """What a list is filtered by."""
    in_admin = getattr(route.view, "model_admin", None)
    if in_admin:
        is_list = route.name.endswith("_changelist")
        return [*in_admin.filters, "o", "p"] if is_list else [*in_admin.autocomplete_fields, "e"]
    pages = getattr(route.view, "keywords", {}).get("pages")
    is_list = pages and route.name.endswith(("-list", "-export"))
    return [f"{n}{end}" for n in pages.filters for end in ("", "_min", "_max")] if is_list else []


def read_by_hand(route: Route) -> list[str]:
    """The words of a query that stand in the module of the view."""
    module = inspect.getmodule(inspect.unwrap(getattr(route.view, "func", route.view)))
    return sorted({a or b for a, b in READ.findall(inspect.getsource(module))})
