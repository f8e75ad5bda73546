"""Every form of the books filled in well but for one field, and the acts that follow from it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode
from zlib import crc32

from django.db import DatabaseError, connection, transaction
from lxml import html

from backoffice.routes import Route, routes
from tests.abuse.hostile import FORM, Sender
from tests.access_matrix import close

A_DAY = "2026-05-04"
DAYS = ("9999-12-31",)
AMOUNTS = (
    *("99999999999.9999", "NaN", "-Infinity", "1e30", "-0.00", "1000000000000000"),
    *("0.00000000001", "1.234,56", "-1"),
)
NASTY = "=1+1'\"><script>alert(1)</script>\u202e🧾 ' or 1=1 --"
TEXTS = (NASTY, "a\0b", "x" * 5000)
CHOICES = ("999999999", "x' or 1=1")
# What a page answers that is no fault of ours.
FINE = 500
NUMBER = re.compile(r"\d+")
# Words of forms that are no acts on the books.
LEFT_OUT = {"sent_key", "csrfmiddlewaretoken"}
PRESSED = {"do": "save"}
# These have tests of their own: `tests/accounting/test_entry_form.py`, `test_extremes.py`.
BY_ROWS = {"accounting:entry-write", "accounting:invoice-add", "accounting:bill-add"}
ASKED_OF_ALL = ("comment", "file-add", "attach", "sign-out", "seeing-as", "saved-view")


LATER_ROW = re.compile(r"-[1-9]-")
# What is sound in a field of a kind, and what is wrong there: the worst first.
KINDS: dict[str, tuple[str, tuple[str | None, ...]]] = {
    "hidden": ("", (None, "x")),
    "select": ("", CHOICES),
    "date": (A_DAY, DAYS),
    "number": ("5", AMOUNTS),
    "textarea": ("Words", TEXTS[:2]),
    "email": ("zoe@example.com", TEXTS[:2]),
    "checkbox": ("on", ()),
    "radio": ("", ()),
}


@dataclass
class Field:
    """A field as the page draws it: its name, what goes there, what would be wrong there."""

    name: str
    value: str
    wrong: tuple[str | None, ...]


@dataclass
class Walker(Sender):
    """Fills forms in as a person would, but for one field at a time."""

    filled: int = 0

    def walk(self, route: Route) -> None:
        """Send the form of the address once for each wrong value of each field."""
        path = self.address_of(route)
        page = self.send("GET", path)
        if page.status_code != 200 or page.streaming:
            return
        for form in forms_of(page.content.decode()):
            asked = fields_of(form)
            where = form.get("action") or path
            if is_left_out(where):
                continue
            # Of fields alike, as in rows and grids, the first.
            kinds = {NUMBER.sub("#", one.name): one for one in reversed(asked)}
            for wrong in kinds.values():
                # One of them, the same each time.
                turn = crc32(wrong.name.encode()) % max(len(wrong.wrong), 1)
                for value in wrong.wrong[turn : turn + 1]:
                    self.fill(where, asked, wrong.name, value)

    def fill(self, path: str, asked: list[Field], name: str, value: str | None) -> None:
        """Send all fields as they should be and one as it should not; then press what is there."""
        sent = {f.name: f.value for f in asked} | PRESSED | {name: value}
        data = urlencode([(n, v) for n, v in sent.items() if v is not None])
        self.filled += 1
        with transaction.atomic():
            answer = self._posted(path, data, f"{name}={value!r:.40}")
            if answer.status_code == 302:
                is_figure = value in (DAYS[0], AMOUNTS[0])
                self._go_on(answer.headers["Location"], f"{path} {name}={value!r:.40}", is_figure)
            elif answer.status_code == 200 and answer.context:
                self._says_why(answer, path, f"{name}={value!r:.40}")
            if not connection.needs_rollback:
                self._check_commit(path, f"{name}={value!r:.40}")
            transaction.set_rollback(True)

    def _posted(self, path: str, data: str, what: str):
        with transaction.atomic():
            answer = self.browser.generic("POST", path, data=data, content_type=FORM)
            if answer.status_code >= FINE:
                transaction.set_rollback(True)
        self._note(answer, "POST", path, what)
        close(answer)
        return answer

    def _go_on(self, path: str, what: str, is_figure: bool) -> None:
        """Look at what was stored; where it is a figure, press every button there is on it."""
        with transaction.atomic():
            page = self.browser.get(path)
            if page.status_code >= FINE:
                transaction.set_rollback(True)
        self._note(page, "GET", path, what)
        text = "" if page.streaming else page.content.decode(errors="replace")
        if "<script>alert" in text:
            self.faults.append(f"GET {path} after {what}: not escaped")
        close(page)
        for form in forms_of(text) if is_figure else ():
            where = form.get("action") or ""
            if where and not is_left_out(where):
                data = urlencode([(f.name, f.value) for f in fields_of(form)])
                with transaction.atomic():
                    self._posted(where, data, f"after {what}")
                    transaction.set_rollback(True)

    def _says_why(self, answer, path: str, what: str) -> None:
        """A form that comes back says what is wrong with it."""
        form = answer.context.get("form")
        parts = answer.context.get("formsets") or []
        wrong = bool(form is not None and form.errors) or any(
            any(row.errors for row in part["formset"].forms) or part["formset"].non_form_errors()
            for part in parts
        )
        said = answer.context.get("refusal") or "error" in answer.content.decode(errors="replace")
        if not wrong and not said:
            self.faults.append(f"POST {path} {what}: comes back without a sentence")

    def _check_commit(self, path: str, what: str) -> None:
        """What guards say at commit is heard here, for nothing is committed."""
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("set constraints all immediate")
                cursor.execute("set constraints all deferred")
        except DatabaseError as broken:
            self.faults.append(f"POST {path} {what}: at commit {broken!s:.80}")

    def _note(self, answer, method: str, path: str, what: str) -> None:
        if answer.status_code >= FINE:
            broken = getattr(answer, "exc_info", None)
            said = f"{broken[0].__name__} {str(broken[1])[:90]}" if broken else ""
            self.faults.append(f"{method} {path[:60]} {what[:80]}: {said}")


def routes_with_forms() -> list[Route]:
    """The addresses of accounting that show a form and take it."""
    return [
        route
        for route in routes()
        if route.name.startswith("accounting:")
        and {"GET", "POST"} <= set(route.methods)
        and route.name not in BY_ROWS
        # A record is changed by the form it is made by.
        and not route.name.endswith("-edit")
    ]


def is_left_out(path: str) -> bool:
    """Whether this is no act on the books."""
    return any(word in path for word in ASKED_OF_ALL) or "/accounting/" not in path


def forms_of(page: str) -> Iterator[html.FormElement]:
    """The forms of a page that are posted."""
    if page.strip():
        for form in html.document_fromstring(page).forms:
            if form.method.upper() == "POST":
                yield form


def fields_of(form: html.FormElement) -> list[Field]:
    """What the form asks, each field with a sound value and with wrong ones."""
    found = []
    for element in form.xpath(".//input[@name] | .//select[@name] | .//textarea[@name]"):
        name = element.get("name")
        if name in LEFT_OUT or element.get("type") in ("submit", "file") or "__prefix__" in name:
            continue
        if element.get("type") == "checkbox" and element.get("checked") is None:
            continue
        found.append(Field(name, *facts_of(element)))
    return found


def facts_of(element) -> tuple[str, tuple[str | None, ...]]:
    """A sound value of a field, and wrong ones; rows but the first are left as they are drawn."""
    kind = element.get("type") or element.tag
    if element.get("inputmode") == "decimal":
        kind = "number"
    chosen = chosen_of(element) if kind == "select" else element.get("value") or element.text or ""
    if LATER_ROW.search(element.get("name")):
        return chosen, ()
    usual, wrong = KINDS.get(kind, (f"W{element.get('name')[-3:]}", TEXTS))
    longest = element.get("maxlength")
    return chosen or usual[: int(longest) if longest else None], wrong


def chosen_of(element) -> str:
    """What a choice stands at, else the first there is."""
    chosen = element.xpath(".//option[@selected]/@value")
    others = [value for value in element.xpath(".//option/@value") if value]
    is_later = LATER_ROW.search(element.get("name"))
    return next(iter(chosen or ([] if is_later else others)), "")
