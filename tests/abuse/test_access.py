"""Abuse of access, cases A01 to A22: nobody gets past what `may()` and `rows()` say.

A02 and A05 are proved for every address in `tests/backoffice/test_access_matrix.py`. Where a
case speaks of payslips, leave or candidates, the same hole is tried on what there is: staff,
parties and their bank accounts, files, entries, imports, saved views.
"""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.admin import site
from django.urls import reverse
from django.utils import timezone

from accounting.models import EntryDraft
from backoffice import import_runs, pages
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
from tests.factories.backoffice import RootDepartmentFactory
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


def form_of(answer) -> dict:
    """What the page's form would send, untouched."""
    sent = {}
    for form in (answer.context["form"], *(p["formset"] for p in answer.context["formsets"])):
        for part in (form,) if hasattr(form, "fields") else (form.management_form, *form.forms):
            for bound in part:
                value = bound.value()
                sent[bound.html_name] = "" if value is None else str(value)
    return {n: v for n, v in sent.items() if v not in ("False",)}


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


# --- more than one's own --------------------------------------------------------------------


def test_nobody_gives_themselves_a_role_beyond_their_rights():
    """A12: refused; there is no second person to ask yet."""
    keeper = office_keeper()
    browser, path = browser_of(keeper), reverse("backoffice:user-edit", args=[keeper.pk])
    sent = form_of(browser.get(path)) | {
        "assignments-0-role": str(Role.objects.get(name="Payroll approver").pk),
        "assignments-0-department": str(keeper.department_id),
        "assignments-0-starts_on": "2020-01-01",
        "assignments-TOTAL_FORMS": "2",
    }
    sent |= {k.replace("-0-", "-1-"): v for k, v in sent.items() if k.startswith("assignments-0-")}
    sent |= (
        form_of(browser.get(path))
        | {"assignments-TOTAL_FORMS": "2"}
        | {
            k: v
            for k, v in sent.items()
            if k.startswith("assignments-1-") and not k.endswith("-id")
        }
    )

    answer = browser.post(path, sent)

    assert "You cannot give a right you do not have" in answer.content.decode()
    assert not may(User.objects.get(pk=keeper.pk), "payroll.run")
    assert Assignment.objects.filter(user=keeper).count() == 1


def test_nobody_widens_their_own_role():
    """A12"""
    keeper = office_keeper()
    role = keeper.assignments.get().role
    browser, path = browser_of(keeper), reverse("backoffice:role-edit", args=[role.pk])
    sent = form_of(browser.get(path))
    number = next(n.split("-")[1] for n, v in sent.items() if v == "payroll.run")
    sent |= {f"grants-{number}-level": str(int(Level.MANAGE)), f"grants-{number}-reach": "all"}

    answer = browser.post(path, sent)

    assert "You cannot give a right you do not have" in answer.content.decode()
    assert list(role.grants.values_list("area", flat=True)) == ["office"]


@pytest.mark.parametrize("door", ["form", "function", "admin"])
def test_nobody_makes_themselves_the_manager_of_a_function(door):
    """A12: who manages the department of a function manages its areas."""
    keeper = office_keeper()
    department = Department.objects.get(function="payroll")
    browser = browser_of(keeper)
    path = {
        "form": reverse("backoffice:department-edit", args=[department.pk]),
        "function": reverse("backoffice:appoint", args=["payroll"]),
        "admin": reverse("admin:backoffice_department_change", args=[department.pk]),
    }[door]
    facts = {"name": department.name, "code": department.code, "parent": department.parent_id}

    answer = browser.post(path, facts | {"manager": keeper.pk}, follow=True)

    assert "You cannot give a right you do not have" in answer.content.decode()
    assert Department.objects.get(pk=department.pk).manager is None


@pytest.mark.parametrize("door", ["form", "admin", "import"])
def test_nobody_takes_the_sign_in_of_somebody_who_may_more(door, client):
    """A12: a changed address and a letter to it are a way to become another person."""
    owner, keeper = staff("Owner", name="Una Owner"), office_keeper()
    client.force_login(keeper)
    facts = {"name": owner.name, "email": "mine@example.com", "department": owner.department_id}

    if door == "import":
        upload(client, b"name,email\nUna Owner,mine@example.com\n", kind="staff")
        ImportRun.objects.update(options={"key": "name"}, status="waiting")
        import_runs.bring_in(str(ImportRun.objects.get().key))
        said = str(ImportRun.objects.get().result)
    else:
        name = {"form": "backoffice:user-edit", "admin": "admin:backoffice_user_change"}[door]
        sent = facts | {"assignments-TOTAL_FORMS": 0, "assignments-INITIAL_FORMS": 0}
        answer = client.post(reverse(name, args=[owner.pk]), sent, follow=True)
        said = answer.content.decode()

    assert "may do more than you" in said
    assert User.objects.get(pk=owner.pk).email == owner.email


@pytest.mark.parametrize("verb", ["invite", "deactivate"])
def test_nobody_lets_in_or_shuts_out_somebody_who_may_more(verb):
    """A12"""
    staff("Owner")
    owner, browser = staff("Owner"), browser_of(office_keeper())
    owner.set_unusable_password()
    owner.save()

    answer = browser.post(reverse(f"backoffice:user-{verb}", args=[owner.pk]), follow=True)

    owner.refresh_from_db()
    assert "may do more than you" in answer.content.decode()
    assert (owner.is_active, owner.invited_at) == (True, None)


def test_an_owner_gives_every_role_and_a_keeper_those_within_their_own():
    """A12: the rule refuses what is beyond, not the work of the office."""
    owner, person = staff("Owner"), UserFactory()
    marks = {"TOTAL_FORMS": "1", "INITIAL_FORMS": "0"}
    sent = {"name": person.name, "email": person.email, "department": person.department_id}
    sent |= {f"assignments-{name}": value for name, value in marks.items()}
    row = {"department": person.department_id, "starts_on": "2020-01-01"}

    for giver, role in ((owner, "Owner"), (office_keeper(), Role.objects.create(name="Greeter"))):
        found = role if isinstance(role, Role) else Role.objects.get(name=role)
        given = {f"assignments-0-{n}": v for n, v in (row | {"role": found.pk}).items()}
        path = reverse("backoffice:user-edit", args=[person.pk])
        assert browser_of(giver).post(path, sent | given).status_code == 302

    assert person.assignments.count() == 2


PRIVILEGES = {"is_staff": 1, "is_superuser": 1, "is_active": "", "role": 1, "roles": 1}
PRIVILEGES |= {"department": 1, "manager": 1, "email": "evil@example.com", "password": "x"}
PRIVILEGES |= {"assignments-TOTAL_FORMS": 1, "assignments-INITIAL_FORMS": 0}
PRIVILEGES |= {"assignments-0-role": 1, "assignments-0-department": 1, "last_login": "2020-01-01"}


def test_a_profile_takes_what_it_asks_for_and_nothing_else():
    """A13"""
    user = staff()
    before = User.objects.values().get(pk=user.pk)

    browser_of(user).post(reverse("backoffice:profile"), PRIVILEGES | {"time_zone": "UTC"})

    after = User.objects.values().get(pk=user.pk)
    assert {n for n in after if after[n] != before[n]} - {"last_login"} == {"time_zone"}
    assert not user.assignments.exists()


def test_rows_of_another_record_are_not_changed_by_their_keys():
    """A13: a form of one party names the addresses of another."""
    mine, other = PartyFactory(), PartyFactory(name="Other")
    foreign = other.addresses.create(street="1 Quay", city="Cork", country="IE")
    browser, path = browser_of(staff("Marketer")), reverse("backoffice:party-edit", args=[mine.pk])
    sent = form_of(browser.get(path)) | {
        "addresses-INITIAL_FORMS": "1",
        "addresses-0-id": str(foreign.pk),
        "addresses-0-party": str(other.pk),
        "addresses-0-street": "Stolen",
        "addresses-0-city": "Cork",
        "addresses-0-country": "IE",
        "addresses-0-kind": "main",
        "is_active": "",
    }

    answers = [browser.post(path, sent | more) for more in ({}, {"addresses-0-DELETE": "on"})]

    foreign.refresh_from_db()
    assert answers[0].status_code == 200
    assert (foreign.street, foreign.party_id) == ("1 Quay", other.pk)
    assert not mine.addresses.exists()


def test_rows_of_another_area_are_not_sent_along():
    """A13: who keeps the directory posts a bank account with the party."""
    party, browser = PartyFactory(), browser_of(staff("Marketer"))
    path = reverse("backoffice:party-edit", args=[party.pk])
    account = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 0, "0-iban": IBAN, "0-holder": "Me"}

    sent = form_of(browser.get(path)) | {f"bank_accounts-{n}": v for n, v in account.items()}
    browser.post(path, sent)

    assert not party.bank_accounts.exists()


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
        wanted = {200, 302} if sees else {403}
        wrong += [
            (name, page, answer.status_code)
            for page, answer in answers.items()
            if answer.status_code not in (wanted if page != "choices" else {403})
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


# --- the pages beside a page ----------------------------------------------------------------


def test_every_page_about_a_record_out_of_reach_is_not_there(turnstile):
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
def test_a_list_is_neither_sorted_nor_shown_nor_filtered_by_what_is_private(turnstile, name):
    """A19"""
    browser = browser_of(staff("Owner"))

    for listed in pages.declared:
        whole = browser.get(listed.url("list"))
        for query in (f"sort={name}", f"sort=-{name}", f"columns={name}"):
            for path in (listed.url("list"), listed.url("export", "csv")):
                answer = browser.get(f"{path}?{query}")
                assert answer.status_code == 400
                turnstile.tells_nothing(answer)
        filtered = browser.get(f"{listed.url('list')}?{name}=x&{name}__startswith=argon2")
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


def test_looking_through_anothers_eyes_changes_nothing_anywhere(turnstile):
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
