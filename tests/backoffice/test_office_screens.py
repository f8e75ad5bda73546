"""Functions, set-up, staff, search, saved views, as people use them."""

import pytest
from django.urls import reverse

from backoffice import setting_up
from backoffice.departments import appoint_manager, close_function, open_function
from backoffice.errors import Refused
from backoffice.models import Company, Department, Party, SavedView, User
from backoffice.staff import deactivate
from tests.factories import CompanyFactory, PartyFactory, UserFactory, staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def company():
    return CompanyFactory()


@pytest.fixture
def owner(client):
    owner = staff("Owner")
    client.force_login(owner)
    return owner


def test_a_closed_function_disappears_and_comes_back(client, owner):
    close = reverse("backoffice:function-close", args=["accounting"])
    shut = client.post(close, follow=True)
    page = client.get(reverse("backoffice:home")).content.decode()

    assert "Its records are kept" in shut.content.decode()
    assert "/accounting/" not in page
    assert client.get(reverse("accounting:trial-balance")).status_code == 403

    client.post(reverse("backoffice:function-open", args=["accounting"]))
    assert client.get(reverse("accounting:trial-balance")).status_code == 200


def test_opening_a_function_makes_its_department(client, owner):
    Department.objects.filter(function="hr").delete()

    client.post(reverse("backoffice:function-open", args=["hr"]))

    assert Department.objects.get(function="hr").is_open


def test_an_unknown_function_is_not_found(client, owner):
    assert client.post(reverse("backoffice:function-open", args=["sorcery"])).status_code == 404


def test_the_owner_names_a_manager(client, owner):
    tom = UserFactory(name="Tom Brandt")

    client.post(reverse("backoffice:appoint", args=["hr"]), {"manager": tom.pk})

    assert Department.objects.get(function="hr").manager == tom


def test_somebody_who_left_cannot_be_named_manager():
    gone = UserFactory(is_active=False)
    department = open_function("hr", on=None, by=None)

    with pytest.raises(Refused, match="not active"):
        appoint_manager(department, gone, by=None)


def test_only_owners_choose_functions(client):
    client.force_login(staff("Accountant"))

    assert client.get(reverse("backoffice:functions")).status_code == 403
    answer = client.post(reverse("backoffice:function-close", args=["accounting"]))
    assert answer.status_code == 403
    assert Department.objects.get(function="accounting").is_open


def test_the_only_owner_cannot_be_locked_out():
    owner, other = staff("Owner"), staff("HR officer")

    with pytest.raises(Refused, match="only owner"):
        deactivate(owner, by=other)
    with pytest.raises(Refused, match="your own access"):
        deactivate(other, by=other)


def test_ending_access_offers_undo(client, owner):
    tom = UserFactory(name="Tom Brandt")

    page = client.post(reverse("backoffice:user-deactivate", args=[tom.pk]), follow=True)
    tom.refresh_from_db()

    assert not tom.is_active
    assert reverse("backoffice:user-reactivate", args=[tom.pk]) in page.content.decode()


def test_an_empty_office_has_an_owner_and_the_books(day):
    Company.objects.all().delete()

    owner = setting_up.open_empty_office(currency="usd", on=day)

    assert Company.objects.get().currency_id == "USD"
    assert setting_up.open_empty_office(currency="EUR", on=day) == owner
    assert Department.objects.get(function="accounting").is_open


def test_an_office_cannot_open_in_a_made_up_currency(day):
    Company.objects.all().delete()

    with pytest.raises(Refused, match="ISO 4217"):
        setting_up.open_empty_office(currency="XQX", on=day)


def test_the_set_up_can_be_left_and_resumed(client, day):
    Company.objects.all().delete()
    owner = setting_up.open_empty_office(currency="EUR", on=day)
    client.force_login(owner)

    def at(step):
        return reverse("backoffice:set-up", args=[step])

    you = {"name": "Ines Moreau", "email": "ines@example.com", "password": ""}
    assert client.post(at("you"), you).url == at("company")
    assert "Go on with the set-up" in client.get(reverse("backoffice:home")).content.decode()
    facts = {
        "name": "Harbour & Pine",
        "country": "IE",
        "time_zone": "Europe/Dublin",
        "language": "en-IE",
    }
    assert client.post(at("company"), facts).url == at("books")
    books = {"currency": "EUR", "fiscal_year_starts_in": "4"}
    assert client.post(at("books"), books).url == at("functions")
    assert client.post(reverse("backoffice:set-up-next")).url == at("people")
    people = {"people": "Tom Brandt tom@example.com\nAisha Khan <aisha@example.com>"}
    assert client.post(at("people"), people).url == reverse("backoffice:home")

    company = Company.objects.get()
    assert company.set_up_at
    assert company.fiscal_year_starts_in == 4
    assert Department.objects.get(parent=None).name == "Harbour & Pine"
    assert User.objects.filter(name="Aisha Khan", email="aisha@example.com").exists()


def test_a_colleague_without_an_address_is_named_by_line(client, day):
    Company.objects.all().delete()
    client.force_login(setting_up.open_empty_office(currency="EUR", on=day))

    form = {"people": "Tom Brandt tom@example.com\nAisha Khan"}
    answer = client.post(reverse("backoffice:set-up", args=["people"]), form)

    assert "Line 2 does not end with an e-mail address" in answer.content.decode()
    assert not User.objects.filter(email="tom@example.com").exists()


def test_the_search_finds_pages_and_records(client, owner):
    PartyFactory(name="Café Lumière")

    answer = client.get(reverse("backoffice:search"), {"q": "lumi"}).content.decode()
    pages = client.get(reverse("backoffice:search"), {"q": "depart"}).content.decode()

    assert "Café Lumière" in answer
    assert reverse("backoffice:department-list") in pages


def test_the_search_finds_nothing_out_of_reach(client):
    PartyFactory(name="Café Lumière")
    client.force_login(staff())

    answer = client.get(reverse("backoffice:search"), {"q": "lumi"}).content.decode()
    pages = client.get(reverse("backoffice:search"), {"q": "depart"}).content.decode()

    assert "Café Lumière" not in answer
    assert reverse("backoffice:department-list") not in pages


def test_a_view_is_saved_shared_and_removed(client, owner):
    PartyFactory(kind="person"), PartyFactory()
    form = {
        "list_name": "backoffice:party-list",
        "query": "kind=person&page=3",
        "name": "People",
        "shared": "on",
    }

    client.post(reverse("backoffice:saved-view-add"), form)

    colleague = UserFactory(department=owner.department)
    view = SavedView.objects.get()
    assert view.query == "kind=person"
    assert view.department == owner.department
    page = client.get(reverse("backoffice:party-list") + "?kind=person").content.decode()
    assert "People" in page
    client.force_login(colleague)
    answer = client.post(reverse("backoffice:saved-view-delete", args=[view.pk]))
    assert answer.status_code == 404
    client.force_login(owner)
    client.post(reverse("backoffice:saved-view-delete", args=[view.pk]))
    assert not SavedView.objects.exists()


def test_a_view_of_no_list_is_a_bad_request(client, owner):
    form = {"list_name": "https://evil.example", "query": "", "name": "X"}

    assert client.post(reverse("backoffice:saved-view-add"), form).status_code == 400


def test_a_party_is_entered_with_its_rows(client, owner):
    form = {
        "kind": "organisation",
        "name": "Bluefin Logistics",
        "addresses-TOTAL_FORMS": "0",
        "addresses-INITIAL_FORMS": "0",
        "phones-TOTAL_FORMS": "1",
        "phones-INITIAL_FORMS": "0",
        "phones-0-number": "+44 20 7946 0018",
        "emails-TOTAL_FORMS": "0",
        "emails-INITIAL_FORMS": "0",
        "bank_accounts-TOTAL_FORMS": "1",
        "bank_accounts-INITIAL_FORMS": "0",
        "bank_accounts-0-iban": "DE89 3704 0044 0532 0130 00",
    }

    client.post(reverse("backoffice:party-add"), form)

    party = Party.objects.get()
    assert party.phones.get().number == "+442079460018"
    assert party.bank_accounts.get().iban == "DE89370400440532013000"


def test_a_wrong_iban_is_said_at_its_field_and_nothing_is_stored(client, owner):
    form = {
        "kind": "organisation",
        "name": "Bluefin Logistics",
        **{f"{p}-TOTAL_FORMS": "0" for p in ("addresses", "phones", "emails")},
        **{f"{p}-INITIAL_FORMS": "0" for p in ("addresses", "phones", "emails")},
        "bank_accounts-TOTAL_FORMS": "1",
        "bank_accounts-INITIAL_FORMS": "0",
        "bank_accounts-0-iban": "DE89370400440532013001",
    }

    answer = client.post(reverse("backoffice:party-add"), form)

    assert "not a valid IBAN" in answer.content.decode()
    assert not Party.objects.exists()


def test_bank_accounts_are_for_those_who_pay(client):
    party = PartyFactory()
    party.bank_accounts.create(iban="DE89370400440532013000")
    client.force_login(staff("Marketer"))

    page = client.get(party.get_absolute_url()).content.decode()
    form = client.get(reverse("backoffice:party-edit", args=[party.pk])).content.decode()

    assert "DE89370400440532013000" not in page
    assert "bank_accounts" not in form


def test_every_answer_carries_the_content_policy(client, owner):
    answer = client.get(reverse("backoffice:home"))

    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


def test_functions_are_closed_by_the_act_alone(owner):
    close_function("marketing", by=owner)

    assert not Department.objects.get(function="marketing").is_open
