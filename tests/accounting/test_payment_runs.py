"""Payment runs: proposed, approved by a second person, paid and posted once."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from threading import Thread
from time import sleep
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.db import connection, transaction

from accounting.allocations import locked
from accounting.bank_orders import NAMESPACE, bank_file, plain
from accounting.models import Payment, PaymentRun
from accounting.open_items import open_items, set_due
from accounting.payment_runs import (
    change_line,
    drop_run,
    post_run,
    submit_run,
)
from accounting.payments import Settle, record_payment
from backoffice.approvals import approve, refuse
from backoffice.bank_details import ask_for_details
from backoffice.errors import Refused
from backoffice.models import Address, Approval, BankAccount
from tests.factories import staff
from tests.factories.accounting import balances, small_books
from tests.factories.open_items import bill, control_accounts
from tests.factories.payment_runs import IBANS, ON, OURS, UNTIL, agreed, propose, supplier

XSD = settings.BASE_DIR.parent / "shared" / "data" / "payroll" / "pain.001.001.09.xsd"


@pytest.fixture(autouse=True)
def accounts(request):
    if "books" in request.fixturenames:
        request.getfixturevalue("books")
        return control_accounts()
    return None


def test_what_is_due_is_proposed_and_what_is_not_is_not(books):
    party = supplier()
    bill(books, party, "100", due_on=UNTIL, reference="B-1")
    bill(books, party, "50", due_on=date(2024, 6, 11), reference="B-2")
    bill(books, party, "-20", due_on=UNTIL, reference="C-1")
    bill(books, party, "90", currency="USD", currency_amount="-100")

    run = propose(books)

    (line,) = run.lines.all()
    assert (line.reference, line.amount, line.is_left_out) == ("B-1", 100, False)


def test_a_discount_that_would_be_lost_is_taken(books):
    line = bill(books, supplier(), "100")
    set_due(
        line.entry,
        due_on=date(2024, 7, 31),
        reference="B-1",
        discount_until=date(2024, 6, 5),
        discount_percent=Decimal(3),
        by=None,
    )

    (line,) = propose(books).lines.all()

    assert (line.amount, line.discount) == (97, 3)


def test_a_bill_is_in_one_run_at_a_time(books):
    bill(books, supplier(), "100", due_on=UNTIL, reference="B-1")
    run = propose(books)

    with pytest.raises(Refused, match="Nothing in EUR is due"):
        propose(books)
    drop_run(run, by=books.user)

    assert propose(books).lines.count() == 1


def test_a_run_pays_not_before_its_day(books):
    with pytest.raises(Refused, match="the payment day or a later"):
        propose(books, due_until=date(2024, 6, 2))


def test_nothing_goes_to_bank_details_nobody_has_approved(books):
    party = supplier(is_approved=False)
    bill(books, party, "100", due_on=UNTIL, reference="B-1")
    run = propose(books)
    (line,) = run.lines.all()
    assert line.is_left_out
    with pytest.raises(Refused, match="nothing to pay"):
        submit_run(run, by=books.user)

    put_in(line, books)

    with pytest.raises(Refused, match="bank details of Timber & Co are not approved"):
        submit_run(run, by=books.user)
    ask_for_details(party, by=None)
    assert submit_run(run, by=books.user).state == "waiting"


def put_in(line, books, **facts):
    change_line(
        line,
        **{"amount": line.amount, "discount": line.discount, "is_left_out": False}
        | {"bank_account": line.bank_account, "by": books.user}
        | facts,
    )


def test_details_changed_after_approval_hold_the_run(books):
    party = supplier()
    bill(books, party, "100", due_on=UNTIL, reference="B-1")
    run = agreed(propose(books), books)

    account = BankAccount.objects.get(party=party)
    account.iban = IBANS[1]
    account.save()

    for act in (lambda: bank_file(run), lambda: post_run(run, on=ON, by=books.user)):
        with pytest.raises(Refused, match="not approved as it stands"):
            act()
    assert not Payment.objects.exists()


def test_who_made_a_run_does_not_approve_it(books):
    bill(books, supplier(), "100", due_on=UNTIL, reference="B-1")
    owner = staff("Owner")
    approval = submit_run(propose(books, by=owner), by=owner)

    with pytest.raises(Refused, match="You made this"):
        approve(approval, by=owner, on=ON)
    with pytest.raises(Refused, match="takes a right"):
        approve(approval, by=staff("Bookkeeper"), on=ON)


def test_a_change_takes_the_approval_back(books):
    bill(books, supplier(), "100", due_on=UNTIL, reference="B-1")
    run = agreed(propose(books), books)

    put_in(run.lines.get(), books, amount=Decimal(60))

    run.refresh_from_db()
    assert run.state == "draft"
    assert Approval.objects.get(label="accounting.paymentrun").state == "cleared"
    with pytest.raises(Refused, match="not approved"):
        post_run(run, on=ON, by=books.user)


def test_a_refused_run_can_be_changed(books):
    bill(books, supplier(), "100", due_on=UNTIL, reference="B-1")
    run = propose(books)
    refuse(submit_run(run, by=books.user), by=staff("Owner"), on=ON, why="Too early")

    run.refresh_from_db()
    assert run.state == "draft"


def test_posting_pays_each_supplier_once_and_settles_the_bills(books):
    first, second = supplier("Ann", IBANS[1]), supplier("Ben", IBANS[2])
    for party, amount in ((first, "10"), (first, "20"), (second, "40")):
        bill(books, party, amount, due_on=UNTIL, reference=f"B-{amount}")
    run = agreed(propose(books), books)

    payments = post_run(run, on=ON, by=books.user)
    again = post_run(run, on=ON, by=books.user)

    assert payments == again
    assert [(p.party, p.amount, p.reference) for p in payments] == [
        (first, 30, "B-10, B-20"),
        (second, 40, "B-40"),
    ]
    assert not open_items(on=UNTIL, role="payable").exists()
    assert balances()["1000"] == -70


def test_a_bill_paid_otherwise_meanwhile_stops_the_whole_run(books):

    party = supplier()
    owed = bill(books, party, "100", due_on=UNTIL, reference="B-1")
    bill(books, supplier("Ben", IBANS[1]), "5", due_on=UNTIL, reference="B-2")
    run = agreed(propose(books), books)
    record_payment(
        direction="out",
        party=party,
        bank=books.bank,
        amount=Decimal(100),
        on=ON,
        by=books.user,
        source_key="x",
        settles=[Settle(owed, Decimal(100))],
    )

    with pytest.raises(Refused, match=r"Only 0.00 of"):
        post_run(run, on=ON, by=books.user)

    assert Payment.objects.count() == 1


def test_a_run_that_pays_more_than_is_owed_is_not_submitted(books):
    bill(books, supplier(), "100", due_on=UNTIL, reference="B-1")
    run = propose(books)
    put_in(run.lines.get(), books, amount=Decimal(1000))

    with pytest.raises(Refused, match=r"Only 100.00 of B-1"):
        submit_run(run, by=books.user)


def test_a_run_in_dollars_is_a_table_and_asks_what_they_are_worth(books):
    party = supplier(iban="", number="000123456", bank_code="021000021")
    bill(books, party, "90", currency="USD", currency_amount="-100", due_on=UNTIL, reference="B")
    run = agreed(propose(books, bank=books.dollars, currency=books.usd), books)

    name, table = bank_file(run)
    with pytest.raises(Refused, match="what one USD is worth"):
        post_run(run, on=ON, by=books.user)
    post_run(run, on=ON, by=books.user, rate=Decimal("0.95"))

    assert name.endswith(".csv")
    assert b"000123456,021000021,SOLADEST600,USD,100.00,B,2024-06-03" in table
    assert balances()["1090"] == -95
    assert balances()["7100"] == 5


def test_the_bank_file_is_what_the_schema_asks_for(books):
    if not XSD.exists():
        pytest.skip("the schema of the bank file is not there")
    xmlschema = pytest.importorskip("xmlschema")
    party = supplier("Bauer & Söhne «Holz»")
    Address.objects.create(
        party=party, street="Hafenstraße 5", postcode="20359", city="Hamburg", country="DE"
    )
    bill(books, party, "100.05", due_on=UNTIL, reference="B-1")
    bill(books, supplier("Ben", IBANS[1], bic=""), "5", due_on=UNTIL, reference="B-2")
    run = agreed(propose(books), books)

    name, order = bank_file(run)

    schema = xmlschema.XMLSchema(str(XSD))
    schema.validate(BytesIO(order))
    found = schema.to_dict(BytesIO(order))["CstmrCdtTrfInitn"]
    assert name.endswith(".xml")
    assert (found["GrpHdr"]["NbOfTxs"], found["GrpHdr"]["CtrlSum"]) == ("2", Decimal("105.05"))
    (batch,) = found["PmtInf"]
    creditor = batch["CdtTrfTxInf"][0]["Cdtr"]
    assert creditor["Nm"] == "Bauer + Sohne Holz"
    assert creditor["PstlAdr"] == {
        "StrtNm": "Hafenstrasse 5",
        "PstCd": "20359",
        "TwnNm": "Hamburg",
        "Ctry": "DE",
    }
    assert bank_file(run)[1] == order


def test_the_bank_file_adds_up_and_names_each_transfer_once(books):
    bill(books, supplier(), "100.05", due_on=UNTIL, reference="B-1")
    bill(books, supplier("Ben", IBANS[1], bic=""), "5", due_on=UNTIL, reference="B-2")
    run = agreed(propose(books), books)

    root = ElementTree.fromstring(bank_file(run)[1])

    def said(path: str) -> list[str]:
        return [found.text for found in root.iterfind(f".//{path}", {"": NAMESPACE})]

    assert root.tag == f"{{{NAMESPACE}}}Document"
    assert said("NbOfTxs") == ["2", "2"]
    assert said("CtrlSum") == ["105.05", "105.05"]
    assert sorted(said("InstdAmt")) == ["100.05", "5.00"]
    assert said("DbtrAcct/Id/IBAN") == [OURS["iban"]]
    assert set(said("CdtrAcct/Id/IBAN")) == set(IBANS[:2])
    assert len(set(said("EndToEndId"))) == 2
    assert said("ReqdExctnDt/Dt") == [ON.isoformat()]


def test_a_file_is_for_approved_runs_alone(books):
    bill(books, supplier(), "100", due_on=UNTIL, reference="B-1")

    with pytest.raises(Refused, match="not approved"):
        bank_file(propose(books))


def test_a_text_for_a_bank_is_never_empty_nor_too_long():
    assert plain("日本", 5) == "-"
    assert plain("Ångström's", 6) == "Angstr"


def test_an_approved_run_keeps_its_lines(books):
    bill(books, supplier(), "100", due_on=UNTIL, reference="B-1")
    run = agreed(propose(books), books)
    post_run(run, on=ON, by=books.user)

    with pytest.raises(Refused, match="stays as it was"):
        put_in(run.lines.get(), books, amount=Decimal(1))
    with pytest.raises(Refused, match="stays as it was"):
        drop_run(run, by=books.user)


def test_a_run_posted_by_two_at_once_is_posted_once(committed):
    books = small_books()
    control_accounts()
    bill(books, supplier(), "100", due_on=UNTIL, reference="B-1")
    run = agreed(propose(books), books)
    paid = []

    def press():
        try:
            paid.append(post_run(PaymentRun.objects.get(pk=run.pk), on=ON, by=books.user))
        finally:
            connection.close()

    threads = [Thread(target=press) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert paid[0] == paid[1]
    assert Payment.objects.count() == 1


def test_a_run_holds_all_its_bills_before_it_writes_in_the_journal(committed):
    books = small_books()
    control_accounts()
    bill(books, supplier("Ann", IBANS[1]), "10", due_on=UNTIL, reference="B-1")
    last = bill(books, supplier("Ben", IBANS[2]), "40", due_on=UNTIL, reference="B-2")
    run = agreed(propose(books), books)
    posted = []

    def press():
        try:
            posted.extend(post_run(PaymentRun.objects.get(pk=run.pk), on=ON, by=books.user))
        finally:
            connection.close()

    thread = Thread(target=press)
    try:
        with transaction.atomic():
            locked(last)
            thread.start()
            wait_until_somebody_waits()
            # Whoever pays the last bill writes in the journal next: the run must not hold that.
            books.sell(on=ON)
    finally:
        thread.join()

    assert [payment.amount for payment in posted] == [10, 40]


def wait_until_somebody_waits():
    for _n in range(200):
        with connection.cursor() as cursor:
            cursor.execute("select exists (select from pg_locks where not granted)")
            if cursor.fetchone() == (True,):
                return
        sleep(0.05)
    pytest.fail("Nobody waited for a lock.")


def test_our_own_account_is_kept_encrypted_with_the_run(books):
    bill(books, supplier(), "100", due_on=UNTIL, reference="B-1")

    run = propose(books)

    with connection.cursor() as cursor:
        cursor.execute("select iban from accounting_paymentrun where id = %s", [run.pk])
        (kept,) = cursor.fetchone()
    assert OURS["iban"].encode() not in bytes(kept)
    assert PaymentRun.objects.get(pk=run.pk).iban.whole == OURS["iban"]
