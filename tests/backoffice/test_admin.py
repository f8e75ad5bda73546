"""The Django admin: the office's rights, one sign-in, nothing beside them."""

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.urls import NoReverseMatch, reverse

from accounting.models import Account
from backoffice.access import Level, Reach, rows
from backoffice.admin_site import Scoped
from backoffice.models import AuditEvent, Department, Grant, Party, Role, Site, User
from tests.factories import CompanyFactory, DepartmentFactory, PartyFactory, UserFactory, staff
from tests.factories.every_model import MAKERS, a_site

pytestmark = pytest.mark.django_db
MODELS = list(admin.site._registry)
every_model = pytest.mark.parametrize("model", MODELS, ids=[m._meta.label for m in MODELS])


@pytest.fixture(autouse=True)
def company():
    return CompanyFactory()


@pytest.fixture
def owner(client):
    user = staff("Owner")
    client.force_login(user)
    return user


def page(model, name: str, *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def clerk_of(department) -> User:
    """Somebody who may edit the office's records of one department."""
    role = Role.objects.create(name="Department clerk")
    Grant.objects.create(role=role, area="office", level=Level.EDIT, reach=Reach.DEPARTMENT)
    user = staff(department=department)
    user.assignments.create(role=role, department=department, starts_on="2020-01-01")
    return user


def test_only_models_on_the_offices_rights_are_there():
    assert all(isinstance(shown, Scoped) for shown in admin.site._registry.values())


@every_model
def test_the_list_the_record_and_its_history_answer_an_owner(client, owner, model):
    record = MAKERS[model]()

    for address in (
        page(model, "changelist"),
        page(model, "change", record.pk),
        page(model, "history", record.pk),
    ):
        assert client.get(address).status_code == 200


@every_model
def test_who_may_nothing_there_is_refused(client, model):
    record = MAKERS[model]()
    client.force_login(staff("HR officer") if model._meta.app_label == "accounting" else staff())

    assert client.get(page(model, "changelist")).status_code == 403
    assert client.get(page(model, "change", record.pk)).status_code == 403
    assert client.get(page(model, "history", record.pk)).status_code == 403


def test_nobody_signs_in_at_the_admin(client):
    answer = client.get("/admin/login/", {"next": "https://elsewhere.example/"})

    assert answer.status_code == 302
    assert answer.url == reverse("account_login") + "?next=/admin/"
    assert client.post("/admin/login/", {"username": "a", "password": "b"}).status_code == 302


def test_whose_rights_change_nothing_gets_no_admin(client):
    client.force_login(staff())

    assert client.get("/admin/").status_code == 403
    assert client.get("/admin/login/").status_code == 403


@pytest.mark.parametrize("name", ["password_change", "password_change_done", "view_on_site"])
def test_the_ways_past_the_rights_are_closed(name):
    with pytest.raises(NoReverseMatch):
        reverse(f"admin:{name}")


@pytest.mark.parametrize("path", ["r/1/1/", "password_change/", "backoffice/user/1/password/"])
def test_their_addresses_lead_nowhere(client, owner, path):
    assert client.get(f"/admin/{path}").status_code == 404


def test_a_row_out_of_reach_is_not_found(client):
    here, there = DepartmentFactory(), DepartmentFactory()
    member, stranger = UserFactory(department=here), UserFactory(department=there)
    client.force_login(clerk_of(here))

    assert client.get(page(User, "change", member.pk)).status_code == 200
    assert client.get(page(User, "change", stranger.pk)).status_code == 404
    assert client.post(page(User, "change", stranger.pk), {"name": "X"}).status_code == 404
    assert client.get(page(User, "history", stranger.pk)).status_code == 404
    listed = client.get(page(User, "changelist")).context["cl"].queryset
    assert stranger not in listed
    assert member in listed


def test_the_choices_of_search_and_filters_are_within_reach(client):
    here, there = DepartmentFactory(), DepartmentFactory()
    UserFactory(department=here, name="Near Carla")
    UserFactory(department=there, name="Far Barbara")
    client.force_login(clerk_of(here))
    asked = {"app_label": "backoffice", "model_name": "department", "field_name": "manager"}

    answer = client.get(reverse("admin:autocomplete"), {**asked, "term": "ar"})
    filters = client.get(page(User, "changelist")).content.decode()

    # "ar" stands in both names.
    assert [found["text"] for found in answer.json()["results"]] == ["Near Carla"]
    assert "Far Barbara" not in filters


@pytest.mark.parametrize(
    "asked", ["password__startswith=a", "department__manager__password__startswith=a", "nothing=1"]
)
def test_rows_are_not_found_by_what_is_no_filter(client, owner, asked):
    assert client.get(page(User, "changelist") + f"?{asked}").status_code == 400


def test_an_export_holds_what_is_within_reach_and_is_on_record(client):
    here, there = DepartmentFactory(), DepartmentFactory()
    member = UserFactory(department=here, name="=Near Nora")
    stranger = UserFactory(department=there, name="Far Barbara")
    client.force_login(clerk_of(here))
    chosen = {"action": "export_csv", "_selected_action": [member.pk, stranger.pk]}

    answer = client.post(page(User, "changelist"), chosen)

    text = b"".join(answer.streaming_content).decode()
    assert "'=Near Nora" in text
    assert "Barbara" not in text
    assert AuditEvent.objects.get(action="exported").detail == {"rows": 1, "format": "csv"}


def test_nothing_is_deleted_in_the_admin(client, owner):
    party = PartyFactory()
    deed = {"action": "delete_selected", "_selected_action": [party.pk], "post": "yes"}

    client.post(page(Party, "changelist"), deed)

    assert Party.objects.filter(pk=party.pk).exists()
    with pytest.raises(NoReverseMatch):
        page(Party, "delete", party.pk)


def test_a_change_is_saved_with_the_offices_own_form_and_remembered(client, owner):
    site = a_site()
    facts = {"name": "Pier 4", "city": "Cork", "country": "IE", "time_zone": "Europe/Dublin"}

    answer = client.post(page(Site, "change", site.pk), facts)

    assert answer.status_code == 302
    assert Site.objects.get(pk=site.pk).name == "Pier 4"
    assert AuditEvent.objects.get(action="saved").actor == owner
    assert LogEntry.objects.get().user == owner


def test_what_the_database_refuses_is_told_and_not_done(client, owner):
    above = DepartmentFactory()
    below = DepartmentFactory(parent=above)
    facts = {"name": above.name, "code": above.code, "parent": below.pk, "manager": ""}

    answer = client.post(page(Department, "change", above.pk), facts, follow=True)

    assert answer.status_code == 200
    assert Department.objects.get(pk=above.pk).parent != below


def test_who_only_reads_changes_nothing(client):
    auditor = staff("Auditor", "Bookkeeper")
    Grant.objects.filter(role__name="Bookkeeper", area="accounting").update(level=Level.VIEW)
    client.force_login(auditor)
    account = MAKERS[Account]()

    assert client.get(page(Account, "change", account.pk)).status_code == 200
    answer = client.post(page(Account, "change", account.pk), {"code": "1", "name": "Cooked"})

    assert answer.status_code == 403
    assert Account.objects.get(pk=account.pk).name == account.name


def test_facts_that_are_no_field_of_the_form_are_ignored(client, owner):
    person = UserFactory()
    facts = {"name": "Tess Oak", "email": person.email, "department": person.department_id}
    facts |= {"is_active": "", "password": "x", "is_superuser": "1", "is_staff": "1"}
    formset = {f"assignments-{n}": 0 for n in ("TOTAL_FORMS", "INITIAL_FORMS")}

    client.post(page(User, "change", person.pk), facts | formset)

    changed = User.objects.get(pk=person.pk)
    assert (changed.name, changed.is_active) == ("Tess Oak", True)
    assert changed.password == person.password


@every_model
def test_the_list_shows_what_rows_says(client, model):
    MAKERS[model]()
    owner = staff("Owner")
    client.force_login(owner)

    shown = client.get(page(model, "changelist")).context["cl"].queryset

    assert set(shown) == set(rows(owner, model))
