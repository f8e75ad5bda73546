"""Bank accounts and the keys they are encrypted with, looked at from outside."""

import pytest
from django.db import connection

from backoffice import encryption
from backoffice.models import BankAccount
from backoffice.office_checks import checks
from tests.factories import PartyFactory

IBAN, OTHER_IBAN = "DE89370400440532013000", "GB33BUKB20201555555555"


@pytest.fixture
def kept_keys(settings, tmp_path):
    """Keys of an office of its own."""
    settings.DATA_DIR, settings.ENCRYPTION_KEYS = tmp_path, ()
    return encryption.key_file()


def account(iban: str = IBAN, **facts) -> BankAccount:
    """A stored account, as it is read back."""
    made = BankAccount.objects.create(party=PartyFactory(), iban=iban, **facts)
    return BankAccount.objects.get(pk=made.pk)


def stored(pk: int, column: str = "iban") -> bytes:
    """What the table holds."""
    with connection.cursor() as cursor:
        cursor.execute(f"select {column} from backoffice_bankaccount where id = %s", [pk])
        return cursor.fetchone()[0]


def move(column: str, source: int, target: int, to: str = "iban") -> None:
    """Carry a stored value to another place, past the application."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"update backoffice_bankaccount set {to} ="
            f" (select {column} from backoffice_bankaccount where id = %s) where id = %s",
            [source, target],
        )


def broken_secret() -> str:
    """The first encrypted value that does not hold, as `verify` names it."""
    return list(checks())[1].offender
