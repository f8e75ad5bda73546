"""Who gets what from every address, found out by asking: real requests, each taken back."""

import csv
import fcntl
import re
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import astuple, dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.handlers.base import BaseHandler
from django.db import models
from django.http import HttpResponseBase
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounting.models import (
    Account,
    Allocation,
    BankRule,
    BankStatement,
    Bill,
    Budget,
    EntryDraft,
    ExpenseClaim,
    FixedAsset,
    Invoice,
    JournalEntry,
    OwnAccount,
    PaymentRun,
    Period,
    StatementLine,
    TaxReturn,
)
from backoffice.models import (
    Approval,
    Assignment,
    Attachment,
    Change,
    Delegation,
    Department,
    ImportRun,
    Job,
    Notice,
    Party,
    Role,
    SavedView,
    User,
)
from backoffice.rights_matrix import COLUMNS, STRANGER, Cell
from backoffice.routes import Route, routes
from tests.access_words import WORDS
from tests.factories import CompanyFactory, DepartmentFactory, UserFactory
from tests.factories.backoffice import RootDepartmentFactory, open_functions
from tests.factories.every_model import MAKERS
from tests.taken_back import close, taken_back, undrawn

FILE = Path(__file__).parent / "access.csv"
ENDED, DEACTIVATED = "assignment ended", "deactivated"
OWN, SAME_DEPARTMENT, FOREIGN, EVERY, NO_ROW = (
    *("own", "same department", "foreign"),
    *("every", "none"),
)
SIGN_IN = "302 sign in"
PARTS = 8  # of the proof, for several processors

# The records of addresses that are written by hand.
SUBJECTS = {
    "accounting:bankrule-edit": BankRule,
    "accounting:bankstatement-paper": BankStatement,
    "accounting:bill-capitalise": Bill,
    "accounting:bill-use-credit": Bill,
    "accounting:budget-grid": Budget,
    "accounting:budget-grow": Budget,
    "accounting:depreciation-undo": JournalEntry,
    "accounting:entry-write": EntryDraft,
    "accounting:entrydraft-edit": EntryDraft,
    "accounting:expenseclaim-pay": ExpenseClaim,
    "accounting:expenseclaim-take-back": ExpenseClaim,
    "accounting:expenseclaim-unpay": ExpenseClaim,
    "accounting:fixedasset-add-to": FixedAsset,
    "accounting:fixedasset-change": FixedAsset,
    "accounting:fixedasset-dispose": FixedAsset,
    "accounting:general-ledger": Account,
    "accounting:general-ledger-export": Account,
    "accounting:invoice-paper": Invoice,
    "accounting:invoice-send": Invoice,
    "accounting:invoice-use-credit": Invoice,
    "accounting:journalentry-reverse": JournalEntry,
    "accounting:payment-pay-of": Party,
    "accounting:payment-receive-of": Party,
    "accounting:paymentrun-file": PaymentRun,
    "accounting:paymentrun-lines": PaymentRun,
    "accounting:paymentrun-post": PaymentRun,
    "accounting:period-close": Period,
    "accounting:period-close-paper": Period,
    "accounting:period-reopen": Period,
    "accounting:period-waive": Period,
    "accounting:reconcile": OwnAccount,
    "accounting:reconcile-accept": StatementLine,
    "accounting:reconcile-full": OwnAccount,
    "accounting:reconcile-payment": StatementLine,
    "accounting:reconcile-split": StatementLine,
    "accounting:reconcile-transfer": StatementLine,
    "accounting:reconcile-undo": StatementLine,
    "accounting:settlement-take-back": Allocation,
    "accounting:taxreturn-lines": TaxReturn,
    "accounting:taxreturn-report": TaxReturn,
    "accounting:taxreturn-lines-export": TaxReturn,
    "backoffice:approval-alone": Approval,
    "backoffice:approval-approve": Approval,
    "backoffice:approval-refuse": Approval,
    "backoffice:approval-withdraw": Approval,
    "backoffice:delegation-end": Delegation,
    "backoffice:export-file": Job,
    "backoffice:file": Attachment,
    "backoffice:file-remove": Attachment,
    "backoffice:file-restore": Attachment,
    "backoffice:import-detail": ImportRun,
    "backoffice:import-failed": ImportRun,
    "backoffice:import-start": ImportRun,
    "backoffice:import-stop": ImportRun,
    "backoffice:notice-done": Notice,
    "backoffice:saved-view-delete": SavedView,
    "backoffice:seeing-as-start": User,
    "backoffice:user-away": User,
    "backoffice:user-rights": User,
}
# Records the database keeps as they were made.
BORN_WITH_OWNER = {Approval, Attachment}
KEYS = re.compile(r"<(?:(\w+):)?(\w+)>")


def names_in(route: Route) -> list[tuple[str, str]]:
    """What stands in the address in angle brackets: its kind and its name."""
    return KEYS.findall(route.path)


def is_about_a_record(route: Route) -> bool:
    """Whether the address holds the key of a record."""
    return any(name in ("pk", "object_id") or kind == "uuid" for kind, name in names_in(route))


def subject_of(route: Route) -> type[models.Model] | None:
    """The model whose record the address shows or changes."""
    declared = getattr(route.view, "keywords", {}).get("pages")
    if declared:
        return declared.model
    in_admin = getattr(route.view, "model_admin", None)
    return in_admin.model if in_admin else SUBJECTS.get(route.name)


def uncovered() -> list[str]:
    """Addresses this proof knows no record or no word for."""
    found = []
    for route in routes():
        if is_about_a_record(route) and subject_of(route) not in MAKERS:
            found.append(f"{route.name}: no maker of {subject_of(route)}")
        words = {name for _kind, name in names_in(route)}
        if words - set(WORDS) - {"pk", "object_id"}:
            found.append(f"{route.name}: no word for {words}")
    return found


@dataclass
class World:
    """People of every role in one department, another department, and records between them."""

    people: dict[str, User | None] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    records: dict[tuple, models.Model] = field(default_factory=dict)

    def __post_init__(self) -> None:
        CompanyFactory(set_up_at=timezone.now())
        open_functions()
        self.home = DepartmentFactory(name="Home", code="HOME")
        self.away = DepartmentFactory(name="Away", code="AWAY")
        for role in Role.objects.order_by("name"):
            self._add(role.name, role)
        self._end_access()
        self.people[STRANGER] = None

    def _add(self, name: str, role: Role) -> User:
        user = UserFactory(name=f"{name} here", department=self.home)
        if role.given == Role.Given.TO_MANAGERS:
            Department.objects.filter(pk=self.home.pk).update(manager=user)
        elif role.given == Role.Given.BY_ASSIGNMENT:
            Assignment.objects.create(
                user=user,
                role=role,
                department=RootDepartmentFactory(),
                starts_on=timezone.localdate() - timedelta(days=9),
            )
        self.people[name] = user
        self.cookies[name] = signed_in(user)
        return user

    def _end_access(self) -> None:
        """Owners who were: one whose role has ended, one sent away with the session left open."""
        owner = Role.objects.get(name="Owner")
        former = self._add(ENDED, owner)
        yesterday = timezone.localdate() - timedelta(days=1)
        Assignment.objects.filter(user=former).update(ends_on=yesterday)
        gone = self._add(DEACTIVATED, owner)
        User.objects.filter(pk=gone.pk).update(is_active=False)

    def record(self, model: type[models.Model], row: str, person: User | None) -> models.Model:
        """A record of the model that stands so to the person."""
        is_own = row == OWN and person is not None
        key = (model, row, person.pk if is_own else None)
        if key not in self.records:
            self.records[key] = self._make(model, row, person if is_own else None)
        return self.records[key]

    def _make(self, model, row: str, person: User | None) -> models.Model:
        declared = model.access
        department = self.away if row == FOREIGN else self.home
        if person and declared.owner == "pk":
            return person
        if declared.department == "pk":
            return department
        if person and model in BORN_WITH_OWNER:
            return MAKERS[model](**{declared.owner: person})
        made = MAKERS[model]()
        if person and declared.owner:
            put(made, declared.owner, person)
        if declared.department:
            put(made, declared.department, department)
        return made


def put(record: models.Model, path: str, value: models.Model) -> None:
    """Let the record, or one it points at, point at the value."""
    *way, last = path.split("__")
    for step in way:
        record = getattr(record, step)
    type(record)._base_manager.filter(pk=record.pk).update(**{last: value})


def rows_of(route: Route) -> tuple[str, ...]:
    """The rows the address is asked for."""
    if not is_about_a_record(route):
        return (NO_ROW,)
    declared = subject_of(route).access
    if not (declared.owner or declared.department):
        return (EVERY,)
    own = (OWN,) if declared.owner else ()
    return (*own, *((SAME_DEPARTMENT,) if declared.department else ()), FOREIGN)


def signed_in(user: User) -> str:
    """The key of a session this person has begun."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session.session_key


def address(route: Route, record: models.Model | None) -> str:
    """The address with its words filled in."""
    words = {}
    for kind, name in names_in(route):
        if name in ("pk", "object_id"):
            words[name] = record.pk
        elif kind == "uuid":
            words[name] = record.key if record else uuid4()
        else:
            words[name] = WORDS[name]
    return reverse(route.name, kwargs=words) if route.name else route.path


class Asker:
    """Asks as a person, notes the answer, and takes back whatever the question did."""

    def __init__(self, world: World) -> None:
        self.world, self.factory, self.handler = world, RequestFactory(), BaseHandler()
        self.handler.load_middleware()

    def status(self, path: str, method: str, role: str, *, is_htmx: bool = False) -> str:
        """The status of the answer; being led to the sign-in is told from other ways."""
        with taken_back():
            answer = self._answer(path, method, role, is_htmx=is_htmx)
        return told(answer, path)

    def ask(self, path: str, method: str, role: str) -> tuple[str, int]:
        """The status, and how many rows the trail saw changed."""
        with taken_back():
            before = Change.objects.count()
            answer = self._answer(path, method, role)
            changed = Change.objects.count() - before
        return told(answer, path), changed

    def _answer(self, path: str, method: str, role: str, *, is_htmx=False) -> HttpResponseBase:
        headers = {"HX-Request": "true"} if is_htmx else {}
        if role in self.world.cookies:
            self.factory.cookies[settings.SESSION_COOKIE_NAME] = self.world.cookies[role]
        else:
            self.factory.cookies.clear()
        request = self.factory.generic(method, path, headers=headers)
        request._dont_enforce_csrf_checks = True
        request.urlconf = "tests.plain_refusals"
        # Parts of pages are drawn by other tests; here the same pages would be drawn twice.
        with undrawn() if is_htmx else nullcontext():
            answer = self.handler.get_response(request)
        close(answer)
        return answer


def told(answer: HttpResponseBase, path: str) -> str:
    """What the file says of such an answer."""
    leads_to = answer.headers.get("Location", "")
    if leads_to.split("?")[0] == reverse("account_login"):
        return SIGN_IN
    # Whether the office is ready is not what is asked here; that it tells anybody is.
    return str(answer.status_code).replace("503", "200" if path == "/readyz" else "503")


def part(number: int) -> list[Route]:
    """One of so many parts of all addresses, each as long to ask as another."""
    return list(routes())[number::PARTS]


def ask(asked: list[Route]) -> Iterator[Cell]:
    """These addresses, asked by everybody in every way."""
    world = World()
    asker = Asker(world)
    for route in asked:
        for row in rows_of(route):
            yield from ask_about(route, row, world, asker)


def ask_about(route: Route, row: str, world: World, asker: Asker) -> Iterator[Cell]:
    """One address with one kind of row, asked by everybody in every way."""
    for role, person in world.people.items():
        record = None if row == NO_ROW else world.record(subject_of(route), row, person)
        path = address(route, record)
        for method in route.methods:
            for htmx in ("no", "yes"):
                status = asker.status(path, method, role, is_htmx=htmx == "yes")
                name = route.name or route.path
                yield Cell(name, route.path, method, htmx, row, role, status)


def write(cells: list[Cell]) -> None:
    """Put the cells into the file in place of what it said of their addresses.

    Parts of the proof may run at once: one writes at a time, and none reads half a file.
    """
    asked, there = {cell.route for cell in cells}, {r.name or r.path for r in routes()}
    with FILE.with_suffix(".lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        others = [(*w, s) for w, s in kept().items() if w[0] in there - asked]
        written = FILE.with_suffix(".new")
        with written.open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(sorted([*others, *(astuple(cell) for cell in cells)]))
        written.replace(FILE)


def kept() -> dict[tuple[str, ...], str]:
    """What the file says."""
    if not FILE.exists():
        return {}
    with FILE.open(newline="") as file:
        lines = list(csv.reader(file))[1:]
    return {tuple(words): status for *words, status in lines}
