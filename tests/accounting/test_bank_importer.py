"""Bank files through the import page: seen first, their columns kept by account."""

from datetime import date
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounting.bank_importer import BankImporter
from accounting.models import BankStatement, OwnAccount, StatementLine
from backoffice.models import ImportRun
from tests.accounting.bank_samples import camt, ntry, ofx, tx
from tests.backoffice.importing import address, done, upload
from tests.factories import staff
from tests.factories.banking import IBAN, a_statement, an_own_account

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


def test_the_account_of_the_file_is_offered_first(bookkeeper, client):
    other = an_own_account(name="Aaa, first by name")
    a_statement(other, "5")
    own = an_own_account(iban=IBAN, name="Zzz, last by name")

    run = bring(client, uploaded(client, camt(ntry("5.00"), closing="105.00"), "may.xml"))

    steps = [url for _label, url in client.get(address(run)).context["next_steps"]]
    assert steps == [reverse("accounting:reconcile", args=[one.pk]) for one in (own, other)]


def test_a_statement_that_does_not_follow_is_told_with_the_amount(bookkeeper, client):
    own = an_own_account(iban=IBAN, name="Current")
    a_statement(own, "60", on=date(2024, 4, 30))

    run = bring(client, uploaded(client, camt(ntry("5.00"), closing="105.00"), "may.xml"))

    came = BankStatement.objects.latest("pk")
    page = client.get(address(run)).content.decode()
    assert "does not follow the one up to 2024-04-30: 40.00 EUR are missing" in page
    assert came.get_absolute_url() in page


def test_a_statement_brought_in_between_is_told_of_the_one_it_parts(bookkeeper, client):
    own = an_own_account(iban=IBAN)
    a_statement(own, "100", on=date(2024, 4, 30))
    later = a_statement(own, opening="100", on=date(2024, 6, 30))

    run = bring(client, uploaded(client, camt(ntry("5.00"), closing="105.00"), "may.xml"))

    ((sentence, url),) = run.result["notes"]
    assert "5.00 EUR are missing" in sentence
    assert url == later.get_absolute_url()


def test_a_statement_that_overlaps_is_told_so(bookkeeper, client):
    own = an_own_account(iban=IBAN)
    a_statement(own, "60", on=date(2024, 5, 1), ends_on=date(2024, 5, 15))

    run = bring(client, uploaded(client, camt(ntry("5.00"), closing="105.00"), "may.xml"))

    assert "overlaps the one up to 2024-05-15" in run.result["notes"][0][0]


def test_every_column_is_recognised_by_the_name_the_help_gives_it(bookkeeper, client):
    columns = [c for c in BankImporter.columns if c.name not in ("debit", "credit")]
    cells = {"amount": "5.00", "balance": "5.00", "marker": "C", "value_date": "2024-05-31"}
    row = [cells.get(c.name, "2024-05-31" if c.name == "date" else "x") for c in columns]
    text = ",".join(str(c.label) for c in columns) + "\n" + ",".join(row) + "\n"

    assert uploaded(client, text).mapping == {c.name: str(c.label) for c in columns}


def test_a_statement_without_lines_is_said_to_hold_none(bookkeeper, client):
    run = uploaded(client, ofx(""), "empty.ofx")

    page = client.get(address(run)).content.decode()

    assert "The file holds no bank line." in page
    assert "below its header" not in page


@pytest.mark.parametrize(
    ("name", "bytes_", "why"),
    [
        ("may.sta", b"\xff\xfe nothing", "called like MT940"),
        ("may.sta", b"Just a letter,\nno more", "called like MT940"),
        ("may.ofx", b"hello", "called like OFX"),
        ("may.csv", b"Caf\xe9,1\n", "CSV UTF-8"),
        ("may.ofx", b"", "empty"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_in_its_form_at_its_field(
    bookkeeper, client, name, bytes_, why
):
    page = upload(client, bytes_, kind="bank", name=name)

    assert why in page.context["form"].errors["file"][0]
    assert not ImportRun.objects.exists()


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
