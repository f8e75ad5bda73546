"""Bank files through the import page: seen first, their columns kept by account."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounting.models import BankStatement, OwnAccount, StatementLine
from backoffice.models import ImportRun
from tests.accounting.bank_samples import camt, ntry, tx
from tests.backoffice.importing import address, done, upload
from tests.factories import staff
from tests.factories.banking import IBAN, an_own_account

GERMAN = (
    "Buchungstag;Verwendungszweck;Betrag;Saldo\n"
    "31.05.2024;Miete;-1.234,56;1.000,00\n30.05.2024;Gehalt;2.000,00;2.234,56\n"
)


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"


@pytest.fixture
def bookkeeper(client, books):
    user = staff("Bookkeeper")
    client.force_login(user)
    return user


def bring(client, run, **asked):
    columns = {f"column-{name}": heading for name, heading in run.mapping.items()}
    client.post(address(run, "start"), {**columns, **run.options, "do": "bring-in", **asked})
    return done(run)


def uploaded(client, text, name="bank.csv"):
    upload(client, text.encode(), kind="bank", name=name)
    return ImportRun.objects.latest("pk")


def test_a_file_of_the_banks_own_form_asks_for_no_columns(bookkeeper, client):
    an_own_account(iban=IBAN)
    run = uploaded(client, camt(ntry(details=tx(text="Invoice 17", name="Ann"))), "may.xml")

    page = client.get(address(run)).content.decode()

    assert "Which column is which" not in page
    assert "Invoice 17" in page
    assert "Days are written" not in page


def test_the_account_whose_page_it_was_brought_to_is_chosen_already(bookkeeper, client):
    own = an_own_account(iban=IBAN)
    way = client.get(own.get_absolute_url()).content.decode()
    link = f"{reverse('backoffice:import-add', args=['bank'])}?account={own.account.code}"
    assert link in way
    file = SimpleUploadedFile("bank.csv", GERMAN.encode())

    client.post(link, {"key": uuid4(), "file": file})

    assert ImportRun.objects.get().options["account"] == own.account.code
    assert client.get(link.replace(own.account.code, "nowhere")).status_code == 400


def test_what_came_in_leads_on_to_reconciling_it(bookkeeper, client):
    own = an_own_account(iban=IBAN)
    run = uploaded(client, camt(ntry("5.00"), closing="100.00"), "may.xml")
    reconcile = reverse("accounting:reconcile", args=[own.pk])
    assert reconcile not in client.get(address(run)).content.decode()

    bring(client, run)

    assert reconcile in client.get(address(run)).content.decode()


def test_it_comes_in_and_says_what_became_of_it(bookkeeper, client):
    an_own_account(iban=IBAN)
    text = camt(ntry("5.00"), closing="100.00")

    run = bring(client, uploaded(client, text, "may.xml"))

    assert run.status == "done"
    assert run.result["counts"] == {"read": 1, "added": 1, "there": 0}
    assert "do not give the closing balance" in run.result["sentence"]
    assert BankStatement.objects.get().imported_by == bookkeeper
    again = bring(client, uploaded(client, text, "may.xml"))
    assert again.result["counts"] == {"read": 1, "added": 0, "there": 1}


def test_a_table_is_shown_as_it_was_guessed_and_can_be_put_right(bookkeeper, client):
    run = uploaded(client, GERMAN)

    assert run.mapping == {
        "date": "Buchungstag",
        "amount": "Betrag",
        "balance": "Saldo",
        "text": "Verwendungszweck",
    }
    assert run.options == {"date_format": "dmy", "decimal_comma": True, "newest_first": True}
    assert "Miete" in client.get(address(run)).content.decode()


def test_the_columns_are_kept_for_the_account(bookkeeper, client):
    own = an_own_account()
    bring(client, uploaded(client, GERMAN), account=own.account.code)

    run = uploaded(client, GERMAN.replace("Miete", "Strom"))

    assert run.options["account"] == own.account.code
    assert run.options["decimal_comma"] is True
    assert own.lines.count() == 2
    assert own.statements.get().difference == 0


def test_headings_of_two_accounts_at_one_bank_leave_the_account_open(bookkeeper, client):
    for own in (an_own_account(), an_own_account()):
        bring(client, uploaded(client, GERMAN), account=own.account.code)

    assert uploaded(client, GERMAN).options["account"] == ""


def test_a_table_needs_its_account_named(bookkeeper, client):
    run = bring(client, uploaded(client, GERMAN))

    assert run.status == "refused"
    assert "does not say whose account it is" in run.result["sentence"]


def test_a_damaged_file_is_refused_whole_when_it_comes_in(bookkeeper, client):
    an_own_account(iban=IBAN)

    run = bring(client, uploaded(client, camt(ntry("5.00") + ntry("NaN")), "may.xml"))

    assert run.status == "refused"
    assert "Line 5: “NaN” is no amount." in run.result["sentence"]
    assert not StatementLine.objects.exists()


def test_a_rehearsal_keeps_nothing_not_even_the_columns(bookkeeper, client):
    own = an_own_account()

    run = bring(client, uploaded(client, GERMAN), account=own.account.code, do="rehearse")

    assert run.result["counts"]["added"] == 2
    assert not StatementLine.objects.exists()
    assert OwnAccount.objects.get().layout == {}


def test_who_only_reads_brings_nothing_in(client, books):
    client.force_login(staff("Auditor"))

    assert client.get(reverse("backoffice:import-add", args=["bank"])).status_code == 403
