"""The keys of encrypted values are changed."""

import pytest
from django.core.management import call_command

from backoffice import doctor, encryption, key_rotation
from backoffice.encrypted_fields import matching
from backoffice.errors import Refused
from backoffice.models import AuditEvent, BankAccount
from tests.backoffice.banking import IBAN, OTHER_IBAN, account, broken_secret, move

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_keys")]


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(key_rotation, "BATCH", 2)


def test_everything_is_encrypted_anew_and_the_old_key_can_go(capsys):
    found, old = account(number="12345678"), encryption.keyring().newest

    call_command("rotate_keys")
    said = capsys.readouterr().out
    in_use = key_rotation.key_ids_in_use()
    call_command("rotate_keys", "--drop-old")

    newest = encryption.keyring().newest
    assert f"New key {newest}." in said
    assert "1 records encrypted anew." in said
    assert f"Not used any more: {old}." in said
    assert f"Removed: {old}." in capsys.readouterr().out
    assert in_use == {newest.id}
    assert encryption.keyring().keys == (newest,)
    again = BankAccount.objects.get(pk=found.pk)
    assert (again.iban.whole, again.number.whole) == (IBAN, "12345678")
    assert BankAccount.objects.filter(matching(BankAccount, "iban", IBAN)).get() == found
    assert broken_secret() == ""
    assert AuditEvent.objects.filter(action="keys rotated", subject=str(newest)).exists()


def test_an_interrupted_rotation_goes_on_with_the_same_key(small_batches):
    for _number in range(5):
        account()
    steps = key_rotation.rotate()
    begun = next(steps)
    next(steps)
    done_first = begun.total
    steps.close()
    with_two_keys = [each.iban.whole for each in BankAccount.objects.all()]

    *_steps, finished = key_rotation.rotate()

    assert (done_first, finished.total) == (2, 3)
    assert not finished.is_new
    assert finished.key == begun.key
    assert with_two_keys == [IBAN] * 5
    assert key_rotation.key_ids_in_use() == {encryption.keyring().newest.id}


def test_between_two_keys_equal_numbers_are_still_found(small_batches):
    for _number in range(3):
        account()
    steps = key_rotation.rotate()
    next(steps)
    next(steps)
    steps.close()

    assert BankAccount.objects.filter(matching(BankAccount, "iban", IBAN)).count() == 3
    assert broken_secret() == ""


def test_a_key_in_use_is_not_dropped():
    account()
    next(key_rotation.rotate())

    with pytest.raises(Refused, match="is still in use"):
        key_rotation.drop_old_keys()
    assert len(encryption.keyring().keys) == 2


def test_with_keys_of_the_environment_none_is_made(settings):
    first, second = encryption.new_key(), encryption.new_key()
    settings.ENCRYPTION_KEYS = (first,)
    found = account()
    settings.ENCRYPTION_KEYS = (second, first)

    *_steps, rotation = key_rotation.rotate()
    settings.ENCRYPTION_KEYS = (second,)

    assert not rotation.is_new
    assert BankAccount.objects.get(pk=found.pk).iban.whole == IBAN
    with pytest.raises(Refused, match="ENCRYPTION_KEYS"):
        key_rotation.drop_old_keys()


def test_what_cannot_be_read_is_named_and_the_rest_goes_on(capsys):
    broken, other = account(), account(OTHER_IBAN)
    move("iban", other.pk, broken.pk)

    with pytest.raises(SystemExit) as left:
        call_command("rotate_keys")

    said = capsys.readouterr()
    assert left.value.code == 1
    assert f"backoffice.BankAccount {broken.pk} iban" in said.err
    assert "1 records encrypted anew." in said.out
    assert BankAccount.objects.get(pk=other.pk).iban.whole == OTHER_IBAN


def test_the_doctor_notes_old_keys_and_misses_lost_ones(kept_keys):
    account()
    sound = doctor.encryption()[0]
    next(key_rotation.rotate())
    in_between = doctor.encryption()[0]
    list(key_rotation.rotate())
    left_over = doctor.encryption()
    kept_keys.write_text(encryption.new_key())

    assert sound == doctor.PASSED
    assert in_between == doctor.WARNING
    assert left_over[0] == doctor.WARNING
    assert "--drop-old" in left_over[1]
    assert doctor.encryption()[0] == doctor.FAILED


def test_the_doctor_looks_at_the_keys_that_are_kept(kept_keys):
    encryption.keyring()
    whole = doctor.keys()[0]
    kept_keys.chmod(0o644)
    opened = doctor.keys()[1]
    kept_keys.chmod(0o600)
    kept_keys.write_text("tea")

    assert whole == doctor.PASSED
    assert opened == f"Others may read {kept_keys}: chmod go= {kept_keys}"
    assert doctor.keys()[0] == doctor.FAILED
