"""Abuse of access, cases A01 to A22: nobody gets past what `may()` and `rows()` say.

A02 and A05 are proved for every address in `tests/backoffice/test_access_matrix.py`. Where a
case speaks of payslips, leave or candidates, the same hole is tried on what there is: staff,
parties and their bank accounts, files, entries, imports, saved views.
"""

from uuid import uuid4

import pytest
from django.contrib.admin import site
from django.urls import reverse

from backoffice.access import Level, Reach, may
from backoffice.models import (
    Assignment,
    Department,
    Grant,
    Party,
    Role,
    User,
)
from backoffice.routes import routes
from tests.abuse.proof import IBAN, browser_of, lines
from tests.access_matrix import FOREIGN, World, address, is_about_a_record, subject_of
from tests.factories import DepartmentFactory, PartyFactory, UserFactory, staff
from tests.factories.backoffice import RootDepartmentFactory
from tests.factories.every_model import MAKERS, an_entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files_apart")]
# Written by hand, and sent to.
TAKE_MORE = {"backoffice:welcome", "backoffice:set-up"}


def office_keeper(**grants) -> User:
    """Somebody who keeps the office's records for everybody, and nothing else."""
    role = Role.objects.create(name=f"Office keeper {uuid4()}"[:60])
    for area, level in (grants or {"office": Level.MANAGE}).items():
        Grant.objects.create(role=role, area=area, level=level, reach=Reach.ALL)
    user = staff()
    Assignment.objects.create(
        user=user, role=role, department=RootDepartmentFactory(), starts_on="2020-01-01"
    )
    return user


# --- doors ----------------------------------------------------------------------------------


def test_an_address_that_does_not_say_who_may_enter_lets_nobody_in(turnstile, settings):
    """A01"""
    settings.ROOT_URLCONF = "tests.abuse.undeclared"
    browser = browser_of(staff("Owner"))

    turnstile.refuses(browser, "get", "/oops/", status=403)
    turnstile.refuses(browser, "post", "/oops/", status=403)

    assert [route.name for route in routes() if route.area is None] == ["oops"]


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_what_is_there_to_be_looked_at_takes_nothing(method):
    """A03"""
    world = World()
    browser = browser_of(staff("Owner"), raise_request_exception=False)
    answered = {}

    for route in routes():
        # The pages of packages draw themselves again, and the admin's lists take their exports.
        is_ours = not route.name.startswith(("account_", "admin:"))
        if (
            route.methods == ("GET",)
            and route.name not in TAKE_MORE
            and (is_ours or method == "PUT")
        ):
            record = world.record(subject_of(route), FOREIGN, None) if subject_of(route) else None
            found = record if is_about_a_record(route) else None
            answered[route.name or route.path] = browser.generic(method, address(route, found))

    assert len(answered) > 50
    wrong = {n: a.status_code for n, a in answered.items() if a.status_code not in {403, 404, 405}}
    assert wrong == {}


@pytest.mark.parametrize(
    "headers",
    [
        {"HX-Request": "true"},
        {"X-HTTP-Method-Override": "GET"},
        {"X-Original-URL": "/"},
        {"X-Rewrite-URL": "/"},
        {"X-Forwarded-For": "127.0.0.1"},
    ],
    ids=lambda headers: next(iter(headers)),
)
@pytest.mark.parametrize("query", ["", "?_method=GET", "?_method=DELETE"])
def test_no_header_and_no_query_changes_a_verdict(turnstile, headers, query):
    """A04"""
    person, browser = UserFactory(), browser_of(staff("Marketer"))

    for method, page in (("get", "detail"), ("get", "edit"), ("post", "edit"), ("post", "invite")):
        path = reverse(f"backoffice:user-{page}", args=[person.pk]) + query
        turnstile.refuses(browser, method, path, {"name": "Cooked"}, status=403, **headers)


@pytest.mark.parametrize(
    "path",
    [
        "/directory/parties",
        "//directory/parties/",
        "/directory/%2e/parties/",
        "/DIRECTORY/parties/",
        "/directory/parties/;x",
        "/directory/parties/%2e%2e/parties/",
        "/admin/backoffice/party",
    ],
)
def test_a_protected_page_has_one_spelling(turnstile, path):
    """A05: the whole list of spellings is in the proof of rights."""
    PartyFactory(name="Bluefin")

    for browser in (browser_of(staff()), browser_of(None)):
        answer = browser.get(path)
        assert answer.status_code in {301, 302, 403, 404}
        turnstile.tells_nothing(answer)


def test_a_session_of_somebody_sent_away_opens_nothing(turnstile):
    """A07"""
    user, party = staff("Owner"), PartyFactory()
    browser = browser_of(user)
    assert browser.get(party.get_absolute_url()).status_code == 200
    User.objects.filter(pk=user.pk).update(is_active=False)

    answer = browser.get(party.get_absolute_url())
    turnstile.refuses(browser, "post", reverse("backoffice:party-add"), {"name": "x"}, status=302)
    partial = turnstile.refuses(browser, "get", "/", {"q": "1"}, status=401, hx_request="true")

    assert answer.url.startswith(reverse("account_login"))
    assert lines()[-1].actor is None
    assert partial.content == b""


def test_a_manager_who_moves_leaves_the_old_rows_at_once(turnstile):
    """A09"""
    here, there = DepartmentFactory(), DepartmentFactory()
    manager, old, new = staff(), UserFactory(department=here), UserFactory(department=there)
    Department.objects.filter(pk=here.pk).update(manager=manager)
    browser = browser_of(manager)
    assert browser.get(old.get_absolute_url()).status_code == 200

    Department.objects.filter(pk=here.pk).update(manager=None)
    Department.objects.filter(pk=there.pk).update(manager=manager)

    turnstile.refuses(browser, "get", old.get_absolute_url(), status=404)
    assert browser.get(new.get_absolute_url()).status_code == 200


@pytest.mark.parametrize(
    "path", ["/accounting/journal/", "/directory/parties/", "/admin/backoffice/party/"]
)
def test_who_keeps_the_office_reads_no_books_and_no_accounts(turnstile, path):
    """A11: on the journal and on bank accounts, for there are no payslips yet."""
    turnstile.refuses(browser_of(office_keeper()), "get", path, status=403)


def test_bank_accounts_are_shown_to_those_who_pay(turnstile):
    """A11: who keeps the directory sees the party, without where it is paid."""
    party = Party.objects.get(bank_accounts__isnull=False)
    edit = reverse("backoffice:party-edit", args=[party.pk])
    marketer = browser_of(staff("Marketer"))

    shown = [marketer.get(path) for path in (party.get_absolute_url(), edit)]
    names = [part["formset"].prefix for part in shown[1].context["formsets"]]

    assert "bank_accounts" not in names
    assert not any(IBAN[-4:] in answer.content.decode() for answer in shown)
    assert "bank_accounts" in str(browser_of(staff("Bookkeeper")).get(edit).content)


# --- the admin ------------------------------------------------------------------------------


@pytest.mark.parametrize("role", sorted({"Owner", "Accountant", "Marketer", "IT technician", ""}))
def test_the_admin_answers_as_the_rights_say(role):
    """A14"""
    an_entry()
    user = staff(*([role] if role else []))
    browser, wrong = browser_of(user), []

    for model in site._registry:
        record, name = MAKERS[model](), f"admin:{model._meta.app_label}_{model._meta.model_name}"
        sees = user.is_staff and may(user, model.access.area)
        exports = {"action": "export_csv", "_selected_action": record.pk}
        choices = {"app_label": model._meta.app_label, "model_name": model._meta.model_name}
        answers = {
            "list": browser.get(reverse(f"{name}_changelist")),
            "record": browser.get(reverse(f"{name}_change", args=[record.pk])),
            "history": browser.get(reverse(f"{name}_history", args=[record.pk])),
            "export": browser.post(reverse(f"{name}_changelist"), exports),
            "delete": browser.post(
                reverse(f"{name}_changelist"), exports | {"action": "delete_selected"}
            ),
            "choices": browser.get(reverse("admin:autocomplete"), choices | {"field_name": "id"}),
        }
        wanted = dict.fromkeys(answers, {200, 302} if sees else {403}) | {"choices": {403}}
        if sees and not may(user, model.access.area, Level.VIEW, record):
            wanted |= {"record": {404}, "history": {404}}
        wrong += [
            (name, page, answer.status_code)
            for page, answer in answers.items()
            if answer.status_code not in wanted[page]
        ]
        assert type(record)._base_manager.filter(pk=record.pk).exists()

    assert wrong == []


def test_the_admin_has_no_way_past_the_rights(turnstile):
    """A16"""
    party = PartyFactory()

    for user in (staff("Owner"), staff()):
        assert browser_of(user).get(f"/admin/r/1/{party.pk}/").status_code == 404
        assert browser_of(user).get("/admin/login/").status_code == 403
    stranger = browser_of(None)
    sent = {"username": "canary@example.com", "password": "canary tall pines in the harbour"}

    led = [stranger.get("/admin/login/"), stranger.post("/admin/login/", sent)]

    assert {answer.url.partition("?")[0] for answer in led} == {reverse("account_login")}
    assert "_auth_user_id" not in stranger.session
