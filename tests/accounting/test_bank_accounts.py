"""A bank account is known by what files call it: IBAN, number, bank and number."""

import pytest

from accounting.bank_accounts import account_named
from backoffice.errors import Refused
from tests.factories.banking import IBAN, an_own_account


@pytest.mark.parametrize(
    ("kept", "stated"),
    [
        ({"number": "000012345678"}, "000012345678"),
        ({"number": "000012345678"}, "12300 000012345678"),
        ({"number": "12300 000012345678"}, "000012345678"),
        ({"number": "12300 000012345678"}, "12300000012345678"),
        ({"number": "000012345678"}, "12300/000012345678"),
        ({"iban": IBAN}, "GB33 BUKB 2020 1555 5555 55"),
        ({"iban": IBAN}, "20201555555555"),
    ],
)
def test_an_account_is_known_with_and_without_the_banks_number(books, kept, stated):
    own = an_own_account(**kept)
    an_own_account(number="999912345678")

    assert account_named(stated) == own


@pytest.mark.parametrize("stated", ["12300 5678", "45678", "12300 00001234567", "12300"])
def test_a_part_of_a_number_is_no_account(books, stated):
    an_own_account(number="000012345678")

    with pytest.raises(Refused, match="No bank account of ours"):
        account_named(stated)
