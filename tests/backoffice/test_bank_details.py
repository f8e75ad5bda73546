"""A supplier's bank details take two before money goes there."""

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from backoffice.approvals import approve, refuse
from backoffice.bank_details import ask_for_details, is_payable, payable
from backoffice.models import Approval, BankAccount, Party
from tests.backoffice.deciding import signed
from tests.backoffice.test_pages import empty_formsets
from tests.factories import CompanyFactory, PartyFactory, UserFactory, staff

OLD, NEW = "DE89370400440532013000", "GB33BUKB20201555555555"


@pytest.fixture
def clerk(client, db):
    CompanyFactory()
    user = staff("Bookkeeper")
    client.force_login(user)
    return user


@pytest.fixture
def supplier(clerk) -> Party:
    """A supplier whose account a command entered: nobody was asked."""
    party = PartyFactory(name="Bluefin")
    BankAccount.objects.create(party=party, holder="Bluefin Ltd", iban=OLD)
    ask_for_details(party, by=None)
    return party


def account_of(party: Party) -> BankAccount:
    return BankAccount.objects.get(party=party)


def waiting() -> Approval:
    return Approval.objects.get(state="waiting")


def save(client, party: Party, **details):
    """The form of the party as the page sends it, its one account with these details."""
    from backoffice.views.directory import parties

    account = BankAccount.objects.filter(party=party).first()
    facts = {"holder": "Bluefin Ltd", "iban": OLD, "bic": "", "number": "", "bank_code": ""}
    rows = {f"bank_accounts-0-{name}": word for name, word in (facts | details).items()}
    form = empty_formsets(parties) | {"kind": party.kind, "name": party.name} | rows
    form |= {"bank_accounts-TOTAL_FORMS": 1, "bank_accounts-0-currency": ""}
    if account:
        form |= {"bank_accounts-INITIAL_FORMS": 1, "bank_accounts-0-id": account.pk}
    answer = client.post(reverse("backoffice:party-edit", args=[party.pk]), form)
    assert answer.status_code == 302
    return answer


def test_a_clerk_who_changes_an_iban_gets_nothing_paid_there(client, clerk, supplier):
    assert is_payable(account_of(supplier))

    save(client, supplier, iban=NEW)

    account = account_of(supplier)
    assert account.iban == NEW
    assert not is_payable(account)
    approval = waiting()
    assert (approval.area, approval.get_level_display()) == ("accounting.pay", "approve")
    client.post(reverse("backoffice:approval-approve", args=[approval.pk]))
    assert not is_payable(account)


def test_a_second_person_makes_it_payable(client, clerk, supplier):
    save(client, supplier, iban=NEW)

    approve(waiting(), by=staff("Accountant"), on=timezone.localdate())

    assert is_payable(account_of(supplier))


def test_a_new_account_waits(client, clerk):
    party = PartyFactory()

    save(client, party)

    assert not is_payable(account_of(party))
    assert waiting().made_by == clerk


@pytest.mark.parametrize(
    "change",
    [
        {"iban": NEW},
        {"holder": "Somebody Else"},
        {"bic": "COBADEFFXXX"},
        {"number": "12345678"},
        {"bank_code": "20-00-00"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_any_detail_changed_takes_two_again(client, clerk, supplier, change):
    save(client, supplier, **change)

    assert not is_payable(account_of(supplier))


def test_a_party_saved_as_it_was_stays_payable(client, clerk, supplier):
    save(client, supplier)

    assert is_payable(account_of(supplier))
    assert not Approval.objects.filter(state="waiting").exists()


def test_back_to_what_it_was_takes_two_again(client, clerk, supplier):
    save(client, supplier, iban=NEW)

    save(client, supplier, iban=OLD)

    assert not is_payable(account_of(supplier))


def test_details_written_past_every_form_are_not_payable(clerk, supplier):
    with signed(clerk):
        BankAccount.objects.update(holder="Somebody Else")

    assert not is_payable(account_of(supplier))


def test_an_account_moved_to_another_party_is_not_payable(clerk, supplier):
    BankAccount.objects.update(party=PartyFactory())

    assert not is_payable(BankAccount.objects.get())


def test_a_refused_account_is_not_payable(client, clerk, supplier):
    save(client, supplier, iban=NEW)

    refuse(waiting(), by=staff("Accountant"), on=timezone.localdate(), why="I called them: no.")

    assert not is_payable(account_of(supplier))


def test_a_deleted_account_waits_for_nobody(client, clerk, supplier):
    save(client, supplier, iban=NEW)

    BankAccount.objects.all().delete()

    assert not Approval.objects.filter(state__in=["waiting", "approved"]).exists()


def test_before_and_after_are_told_by_the_last_four(client, clerk, supplier):
    save(client, supplier, iban=NEW)

    approval = waiting()

    assert ("IBAN", "…3000", "…5555") in approval.changes
    with connection.cursor() as cursor:
        cursor.execute("select a::text from backoffice_approval a")
        kept = "".join(text for (text,) in cursor.fetchall())
    assert OLD[4:] not in kept
    assert NEW[4:] not in kept


def test_the_page_of_the_party_says_what_waits(client, clerk, supplier):
    save(client, supplier, iban=NEW)

    page = client.get(supplier.get_absolute_url()).content.decode()
    assert "waits for approval" in page
    assert waiting().get_absolute_url() in page

    client.force_login(staff("Marketer"))
    page = client.get(supplier.get_absolute_url()).content.decode()
    assert "waits for approval" not in page


def test_many_are_answered_in_one_query(clerk, supplier, django_assert_num_queries):
    for number in range(3):
        BankAccount.objects.create(party=supplier, number=f"1234567{number}")
    accounts = list(BankAccount.objects.order_by("pk"))

    with django_assert_num_queries(1):
        found = payable(accounts)

    assert found == {accounts[0].pk}


def test_under_a_new_secret_key_the_old_one_still_counts(clerk, supplier, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 60, [settings.SECRET_KEY]

    assert is_payable(account_of(supplier))

    settings.SECRET_KEY_FALLBACKS = []
    assert not is_payable(account_of(supplier))


def test_what_cannot_be_read_is_not_payable(clerk, supplier):
    with connection.cursor() as cursor:
        cursor.execute("update backoffice_bankaccount set iban = '\\x00112233'")

    assert not is_payable(account_of(supplier))


def test_asking_by_somebody_asks_once(clerk, supplier):
    BankAccount.objects.create(party=supplier, number="87654321")
    person = UserFactory()

    first, second = ask_for_details(supplier, by=person), ask_for_details(supplier, by=person)

    assert first == second
    assert Approval.objects.filter(state="waiting").count() == 1
