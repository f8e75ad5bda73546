"""Abuse of access: the pages beside a page, and asking for what is private (A01 to A22)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounting.models import EntryDraft
from backoffice import import_runs, pages, turned_away
from backoffice.access import Level, Reach, may, rows
from backoffice.models import (
    Assignment,
    Attachment,
    AuditEvent,
    Department,
    Grant,
    ImportRun,
    Party,
    Role,
    SavedView,
    User,
)
from backoffice.routes import routes
from tests.abuse.proof import IBAN, browser_of, lines
from tests.access_matrix import FOREIGN, World, address, is_about_a_record, subject_of
from tests.backoffice.importing import PARTIES, upload
from tests.factories import DepartmentFactory, PartyFactory, UserFactory, staff
from tests.factories.every_model import MAKERS, an_entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files_apart")]
# Written by hand, and sent to.
TAKE_MORE = {"backoffice:welcome", "backoffice:set-up"}


def clerk_of(department: Department, *areas: str, level=Level.MANAGE) -> User:
    """Somebody with these areas for one department and what is below it."""
    role = Role.objects.create(name=f"Clerk of {department} {uuid4()}"[:60])
    for area in areas:
        Grant.objects.create(role=role, area=area, level=level, reach=Reach.DEPARTMENT)
    user = staff(department=department)
    Assignment.objects.create(user=user, role=role, department=department, starts_on="2020-01-01")
    return user


@pytest.fixture
def tireless(monkeypatch):
    """Somebody who tries more pages than are written down of one person in an hour."""
    monkeypatch.setattr(turned_away, "MOST_BY_ONE", 10_000)


# --- the pages beside a page ----------------------------------------------------------------


def test_every_page_about_a_record_out_of_reach_is_not_there(turnstile, tireless):
    """A17: whatever is added beside a record's page is found here by itself."""
    world, asked = World(), 0
    areas = ("office", "accounting", "hr", "directory", "audit")
    browser = browser_of(clerk_of(world.home, *areas))

    for route in routes():
        model = subject_of(route)
        # The reach of a file is that of its record.
        if not is_about_a_record(route) or model is Attachment:
            continue
        if not (model.access.owner or model.access.department):
            continue
        path = address(route, world.record(model, FOREIGN, None))
        for method in route.methods:
            kept = model.access.everybody_reads and route.area[1] == "view"
            if not kept:
                turnstile.refuses(browser, method, path, status={403, 404})
                asked += 1

    assert asked > 20


def test_parts_of_a_record_out_of_reach_are_not_listed_elsewhere():
    """A17: a department that everybody reads does not tell who works there."""
    away = DepartmentFactory()
    UserFactory(department=away, name="Hidden Hand")
    browser = browser_of(clerk_of(DepartmentFactory(), "office"))

    page = browser.get(away.get_absolute_url()).content.decode()

    assert "Hidden Hand" not in page


def test_an_import_of_somebody_else_is_not_there(turnstile, client):
    """A17"""
    client.force_login(staff("Bookkeeper"))
    upload(client, PARTIES)
    run, other = ImportRun.objects.get(), browser_of(staff("Owner"))

    for method, page in (("get", ""), ("get", "-failed"), ("post", "-start"), ("post", "-stop")):
        path = reverse(f"backoffice:import{page or '-detail'}", args=[run.key])
        turnstile.refuses(other, method, path, status=404)


def test_a_view_of_somebody_else_stays(turnstile):
    """A17: also the one a colleague shares."""
    author, colleague = staff("Owner"), staff("Owner")
    view = SavedView.objects.create(
        user=author, department=author.department, list_name="backoffice:user-list", name="Ours"
    )

    path = reverse("backoffice:saved-view-delete", args=[view.pk])

    turnstile.refuses(browser_of(colleague), "post", path, status=404)


def test_a_view_that_asks_for_nonsense_breaks_no_list():
    """A17: one shared with a department is counted on the list of everybody there."""
    author, colleague = staff("Owner"), staff("Owner")
    sent = {"list_name": "backoffice:user-list", "name": "Ours", "shared": "1"}

    browser_of(author).post(
        reverse("backoffice:saved-view-add"), sent | {"query": "department=nonsense&sort=password"}
    )

    assert browser_of(colleague).get(reverse("backoffice:user-list")).status_code == 200


def test_a_draft_is_written_by_its_key_only_within_reach(turnstile, books):
    """A17"""
    draft = MAKERS[EntryDraft]()
    browser = browser_of(staff("Auditor"))
    path = reverse("accounting:entry-write", args=[draft.key])

    turnstile.refuses(browser, "get", path, status=403)
    turnstile.refuses(browser, "post", path, {"text": "Cooked", "act": "save"}, status=403)


# --- asking for what is private -------------------------------------------------------------

PRIVATE = (
    "password",
    "secret_hash",
    "iban",
    "iban_mark",
    "is_superuser",
    "pk__gt",
    "bank_accounts__iban",
)


@pytest.mark.parametrize("name", PRIVATE)
def test_a_list_is_neither_sorted_nor_shown_by_what_is_private(turnstile, name):
    """A19"""
    browser = browser_of(staff("Owner"))

    for listed in pages.declared:
        for query in (f"sort={name}", f"sort=-{name}", f"columns={name}"):
            for path in (listed.url("list"), listed.url("export", "csv")):
                answer = browser.get(f"{path}?{query}")
                assert answer.status_code == 400
                turnstile.tells_nothing(answer)


def test_a_list_is_not_filtered_by_what_is_private():
    """A19"""
    browser = browser_of(staff("Owner"))
    query = "&".join(f"{name}=x&{name}__startswith=argon2" for name in PRIVATE)

    for listed in pages.declared:
        whole, filtered = (
            browser.get(listed.url("list")),
            browser.get(f"{listed.url('list')}?{query}"),
        )
        assert filtered.context["page"].total == whole.context["page"].total


def test_a_search_finds_nothing_out_of_reach():
    """A20: a party, an account's number, a colleague, an entry, by somebody without a role."""
    entry = an_entry()
    PartyFactory(name="Bluefin", note="Bluefin").bank_accounts.create(iban=IBAN)
    UserFactory(name="Hidden Hand", department=DepartmentFactory())
    browser = browser_of(staff())

    for words in ("Bluefin", IBAN, IBAN[-4:], "Hidden", entry.text, entry.reference, "100.00"):
        page = browser.get("/search/", {"q": words}, headers={"HX-Request": "true"})
        assert page.context["found"] == []


def test_a_job_of_somebody_whose_role_is_gone_does_nothing_and_is_written_down(client):
    """A22: on an import that was queued."""
    user = staff("Bookkeeper")
    client.force_login(user)
    upload(client, PARTIES)
    ImportRun.objects.update(status="waiting")
    yesterday = timezone.localdate() - timedelta(days=1)
    Assignment.objects.filter(user=user).update(ends_on=yesterday)
    before = Party.objects.count()

    import_runs.bring_in(str(ImportRun.objects.get().key))

    run = ImportRun.objects.get()
    assert (run.status, Party.objects.count()) == ("refused", before)
    assert "may not bring in" in run.result["sentence"]
    assert AuditEvent.objects.get(action=AuditEvent.TURNED_AWAY).actor == user


def test_looking_through_anothers_eyes_changes_nothing_anywhere(turnstile, tireless):
    """A17: every address that takes something refuses it, but the way back."""
    owner, person = staff("Owner"), staff("Accountant")
    browser, world = browser_of(owner), World()
    browser.post(reverse("backoffice:seeing-as-start", args=[person.pk]))

    for route in routes():
        if "POST" in route.methods and not route.name.endswith(
            ("seeing-as-stop", "seeing-as-start")
        ):
            model = subject_of(route) if is_about_a_record(route) else None
            path = address(route, world.record(model, FOREIGN, None) if model else None)
            answer = turnstile.refuses(browser, "post", path, {"name": "x"}, status={403, 404})
            assert answer.status_code == 403 or route.name == "admin:login"

    assert {line.actor for line in lines()} == {owner}


def test_the_set_form_and_the_single_form_agree():
    """A02: `rows()` and `may()` say the same of every row there is."""
    world = World()

    for model in MAKERS:
        record = world.record(model, FOREIGN, None)
        for person in filter(None, world.people.values()):
            person.__dict__.pop("_standing", None)
            for level in (Level.VIEW, Level.EDIT, Level.MANAGE):
                said = may(person, model.access.area, level, record)
                assert rows(person, model, level).filter(pk=record.pk).exists() == said, (
                    model,
                    person,
                    level,
                )
