import csv
import io

import pytest
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import IntegrityError, transaction
from django.urls import reverse

from backoffice import encryption
from backoffice.encrypted_fields import Secret, matching
from backoffice.encryption import Unreadable
from backoffice.models import BankAccount, Change
from tests.backoffice.banking import IBAN, OTHER_IBAN, account, broken_secret, move, stored
from tests.factories import CompanyFactory, PartyFactory, staff

PLACE, ELSEWHERE = "bank:iban:1", "bank:iban:2"


pytestmark = pytest.mark.usefixtures("kept_keys")


# --- sealing --------------------------------------------------------------------------------


def test_a_sealed_text_opens_where_it_was_sealed():
    sealed = encryption.seal(IBAN, PLACE)

    assert IBAN.encode() not in sealed
    assert encryption.opened(sealed, PLACE) == IBAN
    assert encryption.seal(IBAN, PLACE) != sealed


@pytest.mark.parametrize("position", [4, 20, -1])
def test_a_sealed_text_that_was_changed_does_not_open(position):
    sealed = bytearray(encryption.seal(IBAN, PLACE))
    sealed[position] ^= 1

    with pytest.raises(Unreadable, match="it was changed"):
        encryption.opened(bytes(sealed), PLACE)


@pytest.mark.parametrize("length", [4, 10, 16, 20])
def test_a_sealed_text_that_was_cut_does_not_open(length):
    with pytest.raises(Unreadable):
        encryption.opened(encryption.seal(IBAN, PLACE)[:length], PLACE)


def test_a_sealed_text_does_not_open_elsewhere():
    with pytest.raises(Unreadable, match="belongs to another record"):
        encryption.opened(encryption.seal(IBAN, PLACE), ELSEWHERE)


def test_without_its_key_a_sealed_text_says_which_is_missing(kept_keys):
    sealed = encryption.seal(IBAN, PLACE)
    kept_keys.write_text(encryption.new_key())

    with pytest.raises(Unreadable, match=f"The key {sealed[:4].hex()} .* is missing"):
        encryption.opened(sealed, PLACE)


def test_the_keys_are_made_on_first_use_for_their_owner_alone(kept_keys):
    made = encryption.keyring().newest

    assert encryption.keyring().newest == made
    assert kept_keys.stat().st_mode & 0o777 == 0o600
    assert kept_keys.parent.stat().st_mode & 0o777 == 0o700
    assert made.text not in repr(made)


@pytest.mark.parametrize("text", ["", "tea", "a2V5", "é" * 44])
def test_what_is_no_key_is_refused(kept_keys, text):
    encryption.keyring()
    kept_keys.write_text(text)

    with pytest.raises(ImproperlyConfigured):
        encryption.keyring()


def test_keys_of_the_environment_come_before_those_kept(settings, kept_keys):
    newest, old = encryption.new_key(), encryption.new_key()
    settings.ENCRYPTION_KEYS = (old,)
    sealed = encryption.seal(IBAN, PLACE)
    settings.ENCRYPTION_KEYS = (newest, old)

    assert encryption.opened(sealed, PLACE) == IBAN
    assert encryption.seal(IBAN, PLACE)[:4] != sealed[:4]
    assert not kept_keys.exists()


# --- columns --------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_number_is_stored_encrypted_and_read_whole_where_asked_for():
    found = account()

    assert found.iban.whole == IBAN
    assert IBAN.encode() not in stored(found.pk)
    assert len(stored(found.pk)) == 4 + 12 + len(IBAN) + 16
    assert stored(found.pk, "number") == b""


@pytest.mark.django_db
def test_as_text_a_number_says_its_last_four():
    found = account()

    assert [str(found), f"{found.iban}", repr(found.iban)] == [
        "…3000",
        "…3000",
        "<Secret …3000>",
    ]
    assert str(Secret("1234")) == "…34"
    assert str(Secret("")) == ""


@pytest.mark.django_db
def test_many_are_stored_at_once_each_for_its_own_row():
    party = PartyFactory()

    BankAccount.objects.bulk_create(
        BankAccount(party=party, iban=iban) for iban in (IBAN, OTHER_IBAN)
    )

    found = BankAccount.objects.order_by("pk")
    assert [each.iban.whole for each in found] == [IBAN, OTHER_IBAN]


@pytest.mark.django_db
def test_a_copy_is_encrypted_for_its_own_row():
    found = account()
    original = stored(found.pk)

    found.pk = None
    found.save()

    copied = BankAccount.objects.get(pk=found.pk)
    assert copied.iban.whole == IBAN
    assert stored(copied.pk) != original


@pytest.mark.django_db
def test_saving_another_column_leaves_the_sealed_value_as_it_is():
    found = account()
    before = stored(found.pk)

    found.holder = "Bluefin"
    found.save()

    assert stored(found.pk) == before


@pytest.mark.django_db
def test_a_deferred_number_is_fetched_when_asked_for():
    found = BankAccount.objects.defer("iban").get(pk=account().pk)

    assert found.iban.whole == IBAN


@pytest.mark.django_db
@pytest.mark.parametrize("query", [{"iban": IBAN}, {"iban__startswith": "DE"}])
def test_a_query_cannot_ask_for_what_is_encrypted(query):
    with pytest.raises(FieldError):
        BankAccount.objects.filter(**query).exists()


@pytest.mark.django_db
def test_a_query_cannot_write_it_plain():
    found = account()

    with pytest.raises(FieldError, match="is encrypted"):
        BankAccount.objects.update(iban=OTHER_IBAN)
    with pytest.raises(FieldError, match="is encrypted"):
        BankAccount.objects.update(iban=found.iban)


@pytest.mark.django_db
def test_equal_numbers_are_found_however_they_are_written():
    first, second, other = account(), account(), account(OTHER_IBAN)

    found = BankAccount.objects.filter(
        matching(BankAccount, "iban", "de89 3704 0044 0532 0130 00")
    )

    assert {each.pk for each in found} == {first.pk, second.pk}
    assert stored(other.pk, "iban_mark") != stored(first.pk, "iban_mark")
    assert not BankAccount.objects.filter(matching(BankAccount, "number", IBAN)).exists()
    assert not BankAccount.objects.filter(matching(BankAccount, "number", "")).exists()


@pytest.mark.django_db
def test_the_database_still_asks_for_one_of_the_numbers():
    with pytest.raises(IntegrityError, match="bank_account_has_a_number"), transaction.atomic():
        account("")


# --- what was tampered with -----------------------------------------------------------------


@pytest.mark.django_db
def test_a_number_carried_to_another_row_is_noticed():
    mine, theirs = account(), account(OTHER_IBAN)

    move("iban", mine.pk, theirs.pk)

    with pytest.raises(Unreadable, match="belongs to another record"):
        assert BankAccount.objects.get(pk=theirs.pk).iban.whole
    assert broken_secret() == f"bank account {theirs.pk}: IBAN"


@pytest.mark.django_db
def test_a_number_carried_to_another_column_is_noticed():
    found = account()

    move("iban", found.pk, found.pk, to="number")

    again = BankAccount.objects.get(pk=found.pk)
    assert str(again.number) == "cannot be read"
    assert broken_secret() == f"bank account {found.pk}: account number"


@pytest.mark.django_db
def test_a_mark_of_another_number_is_noticed():
    found, other = account(), account(OTHER_IBAN)
    sound = broken_secret()

    move("iban_mark", other.pk, found.pk, to="iban_mark")

    assert sound == ""
    assert broken_secret() == f"bank account {found.pk}: iban"


# --- screens --------------------------------------------------------------------------------


@pytest.fixture
def payer(client):
    """Somebody who pays bills."""
    CompanyFactory()
    user = staff("Accountant")
    client.force_login(user)
    return user


@pytest.mark.django_db
def test_the_page_and_the_trail_show_the_last_four_and_the_form_all(client, payer):
    party = account(number="12345678").party

    page = client.get(party.get_absolute_url()).content.decode()
    form = client.get(reverse("backoffice:party-edit", args=[party.pk])).content.decode()

    assert "…3000" in page
    assert "…5678" in page
    assert IBAN not in page
    assert "12345678" not in page
    assert f'value="{IBAN}"' in form
    trail = " ".join(str(change.changes) for change in Change.objects.all())
    assert IBAN not in trail
    assert "12345678" not in trail


@pytest.mark.django_db
def test_the_list_and_its_file_never_hold_a_number(client, payer):
    account(number="12345678")

    listed = client.get(reverse("backoffice:party-list")).content.decode()
    response = client.get(reverse("backoffice:party-export", args=["csv"]))
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode())))

    assert len(rows) == 2
    assert IBAN not in listed + str(rows)


@pytest.mark.django_db
def test_who_sees_bank_accounts_without_changing_them_never_sees_them_whole(client):
    CompanyFactory()
    party = account().party
    client.force_login(staff("Payroll preparer", "Marketer"))

    form = client.get(reverse("backoffice:party-edit", args=[party.pk])).content.decode()

    assert IBAN not in form


def party_form(found: BankAccount, **facts) -> dict:
    rows = {
        f"{prefix}-{name}": "0"
        for prefix in ("addresses", "phones", "emails")
        for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    ours = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 1, "0-id": found.pk, "0-party": found.party_id}
    return {
        "kind": "organisation",
        "name": found.party.name,
        **rows,
        **{f"bank_accounts-{name}": value for name, value in {**ours, **facts}.items()},
    }


@pytest.mark.django_db
def test_what_cannot_be_read_is_said_and_can_be_entered_again(client, payer):
    found, other = account(), account(OTHER_IBAN)
    move("iban", other.pk, found.pk)
    address = reverse("backoffice:party-edit", args=[found.party_id])

    page = client.get(found.party.get_absolute_url())
    form = client.get(address)
    without = client.post(address, party_form(found, **{"0-holder": "X", "0-number": "123456"}))
    kept = stored(found.pk)
    client.post(address, party_form(found, **{"0-iban": IBAN}))

    assert (page.status_code, form.status_code, without.status_code) == (200, 200, 200)
    assert "cannot be read" in page.content.decode()
    assert "What is stored cannot be read: enter it again." in form.content.decode()
    assert kept == stored(other.pk)
    assert BankAccount.objects.get(pk=found.pk).iban.whole == IBAN
    assert broken_secret() == ""
