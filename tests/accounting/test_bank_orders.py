"""The file for the bank never pays what is not owed any more."""

from decimal import Decimal

import pytest

from accounting.bank_orders import bank_file
from accounting.models import PaymentRun
from accounting.payment_runs import post_run
from accounting.payments import Settle, record_payment
from backoffice.errors import Refused
from tests.factories.open_items import bill, control_accounts
from tests.factories.payment_runs import ON, UNTIL, agreed, propose, supplier


@pytest.fixture(autouse=True)
def accounts(books):
    return control_accounts()


def test_no_file_pays_again_what_was_paid_otherwise_meanwhile(books):
    party = supplier()
    owed = bill(books, party, "100", due_on=UNTIL, reference="B-1")
    run = agreed(propose(books), books)
    bank_file(run)
    record_payment(
        direction="out",
        party=party,
        bank=books.bank,
        amount=Decimal(40),
        on=ON,
        by=books.user,
        source_key="x",
        settles=[Settle(owed, Decimal(40))],
    )

    with pytest.raises(Refused, match=r"Only 60.00 of B-1"):
        bank_file(run)


def test_a_posted_run_still_gives_its_file(books):
    bill(books, supplier(), "100", due_on=UNTIL, reference="B-1")
    run = agreed(propose(books), books)
    before = bank_file(run)

    post_run(run, on=ON, by=books.user)

    assert bank_file(PaymentRun.objects.get(pk=run.pk)) == before
