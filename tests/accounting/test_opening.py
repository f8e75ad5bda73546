"""Taking over the books of another program: balances, open items, and the go-live check."""

import io
import json
from datetime import date

import pytest
from django.core.management import call_command
from django.urls import reverse
from openpyxl import Workbook

from accounting.ageing import ageing
from accounting.bills import submit
from accounting.models import Account, JournalEntry
from accounting.open_items import open_items
from accounting.opening import go_live
from accounting.opening_importers import (
    OpenBillImporter,
    OpeningBalanceImporter,
    OpenInvoiceImporter,
)
from accounting.posting import credit, debit, post, reverse_entry
from backoffice.errors import Refused
from backoffice.models import ImportRun
from tests.backoffice.importing import begin, done, files, upload
from tests.factories import PartyFactory, staff
from tests.factories.documents import draft_bill, trading_books

assert files  # used by name, for every test that brings in a file

DAY = date(2026, 1, 1)
BALANCES = """account,debit,credit
1110,500.00,
1130,1290.00,
2010,,238.00
3010,,1552.00
4010,,
"""


@pytest.fixture
def books(db):
    return trading_books()


def read(text: str) -> list[tuple[int, dict]]:
    header, *lines = text.strip().splitlines()
    names = header.split(",")
    cells = [dict(zip(names, line.split(","), strict=True)) for line in lines]
    return list(enumerate(cells, start=2))


def bring_in(importer, text, by, **options):
    return importer({"on": "2026-01-01", **options}, by=by).bring_in(read(text))


def balances_in(books, text=BALANCES):
    return bring_in(OpeningBalanceImporter, text, books.clerk)


def invoices(*rows) -> str:
    return "\n".join(["party,number,date,due_on,amount,currency,rate", *rows])


KESTREL = "Kestrel Cafés,2025-118,2025-11-20,2025-12-20,1190.00,,"
DOLLARS = "Kestrel Cafés,2025-119,2025-12-01,,125.00,USD,0.8"
TIMBER = "Timber & Sons,R-7,2025-12-15,2026-01-14,238.00,,"


def test_books_are_taken_over_to_the_last_cent(books):
    assert balances_in(books).counts == {"created": 4, "updated": 0, "unchanged": 1, "failed": 0}
    half = go_live()
    assert [balance for _account, balance in half.clearing] == [1290, -238]
    assert {row.account.code: row.difference for row in half.rows if row.difference} == {
        "1130": -1290,
        "2010": 238,
        "3091": 1290,
        "3092": -238,
    }

    bring_in(OpenInvoiceImporter, invoices(KESTREL, DOLLARS), books.clerk)
    bring_in(OpenBillImporter, invoices(TIMBER), books.clerk)

    found = go_live()
    assert found.is_ready
    assert {row.account.code: row.ours for row in found.rows} == {
        "1110": 500,
        "1130": 1290,
        "2010": -238,
        "3010": -1552,
    }
    assert [balance for _account, balance in found.clearing] == [0, 0]
    assert ageing(on=DAY, role="receivable").total == 1290


def test_an_item_keeps_its_number_and_its_due_day_though_it_is_late(books):
    bring_in(OpenInvoiceImporter, invoices(KESTREL, DOLLARS), books.clerk)

    late, foreign = open_items(on=DAY).order_by("due_on", "pk").reverse()

    assert (late.reference, late.due_on) == ("2025-118", date(2025, 12, 20))
    assert (foreign.item_currency, foreign.open_amount, foreign.open_base) == ("USD", 125, 100)


def test_the_same_files_again_add_nothing(books):
    for _turn in range(2):
        balances_in(books)
        outcome = bring_in(OpenInvoiceImporter, invoices(KESTREL), books.clerk)

    assert outcome.counts["unchanged"] == 1
    assert JournalEntry.objects.count() == 2


def test_a_number_that_is_here_with_another_amount_is_refused(books):
    bring_in(OpenInvoiceImporter, invoices(KESTREL), books.clerk)

    outcome = bring_in(
        OpenInvoiceImporter, invoices(KESTREL.replace("1190.00", "1191.00")), books.clerk
    )

    assert "is here already" in outcome.failed_rows[2]
    assert JournalEntry.objects.count() == 1


def test_two_suppliers_may_use_one_number(books):
    PartyFactory(name="Rope Works")
    rows = (TIMBER, TIMBER.replace("Timber & Sons", "Rope Works"), TIMBER)

    outcome = bring_in(OpenBillImporter, invoices(*rows), books.clerk)

    assert (outcome.counts["created"], outcome.counts["failed"]) == (2, 1)
    assert "has the same" in outcome.failed_rows[4]


def test_a_bill_that_came_with_the_take_over_is_not_entered_again(books):
    bring_in(OpenBillImporter, invoices(TIMBER), books.clerk)
    again = draft_bill(books, 200, reference="r 7")

    with pytest.raises(Refused, match="brought it in as open"):
        submit(again, by=books.clerk)
    again.duplicate_reason = "They number by year."
    again.save()

    assert submit(again, by=books.clerk)


def test_a_credit_is_open_the_other_way(books):
    bring_in(OpenInvoiceImporter, invoices(KESTREL.replace("1190", "-40")), books.clerk)

    assert [item.open_amount for item in open_items(on=DAY)] == [-40]


@pytest.mark.parametrize(
    ("row", "column", "why"),
    [
        ("Nobody,1,2025-01-01,,5,,", "party", "no one party"),
        ("Kestrel Cafés,,2025-01-01,,5,,", "number", "empty"),
        ("Kestrel Cafés,1,2025-01-01,,0,,", "amount", "Nothing is open"),
        ("Kestrel Cafés,1,2025-01-01,,5.001,,", "amount", "decimals"),
        ("Kestrel Cafés,1,2025-01-01,,x,,", "amount", "not a number"),
        ("Kestrel Cafés,1,2026-01-02,,5,,", "date", "after the take-over"),
        ("Kestrel Cafés,1,2025-01-02,2025-01-01,5,,", "due_on", "before its own date"),
        ("Kestrel Cafés,1,2025-01-02,,5,USD,", "rate", "Give the rate"),
        ("Kestrel Cafés,1,2025-01-02,,5,USD,-1", "rate", "Give the rate"),
        ("Kestrel Cafés,1,2025-01-02,,5,XXQ,1", "currency", "no currency"),
        (f"Kestrel Cafés,{'9' * 61},2025-01-02,,5,,", "number", "At most 60"),
    ],
)
def test_a_row_that_cannot_be_is_refused_at_its_column(books, row, column, why):
    outcome = bring_in(OpenInvoiceImporter, invoices(row, KESTREL), books.clerk)

    assert [failure.column for failure in outcome.failures] == [column]
    assert why in outcome.failures[0].sentence
    assert outcome.counts == {"created": 1, "updated": 0, "unchanged": 0, "failed": 1}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("account,debit,credit\n1110,500,\n3010,,499", "1 too much"),
        ("account,debit,credit\n1110,500,\n9999,,500", "no one account"),
        ("account,debit,credit\n1110,500,\n4010,,500", "begin a year at zero"),
        ("account,debit,credit\n1000,500,\n3010,,500", "heading"),
    ],
)
def test_a_trial_balance_comes_as_a_whole_or_not_at_all(books, text, why):
    outcome = balances_in(books, text)

    assert not outcome.is_kept
    assert outcome.counts["created"] == 0
    assert why in " ".join(failure.sentence for failure in outcome.failures)
    assert not JournalEntry.objects.exists()


def test_other_balances_of_the_day_wait_until_the_first_are_reversed(books):
    balances_in(books)
    other = "account,debit,credit\n1110,5,\n3010,,5"

    refused = balances_in(books, other)
    reverse_entry(JournalEntry.objects.get(), on=DAY, by=books.clerk)
    balances_in(books, other)

    assert "reverse JE-2026-00001 first" in refused.failures[0].sentence
    assert {row.account.code: row.ours for row in go_live().rows} == {"1110": 5, "3010": -5}


def test_what_happens_after_the_take_over_is_no_difference(books):
    balances_in(books, "account,debit,credit\n1110,5,\n3010,,5")
    lines = [debit("bank", 7), credit(Account.objects.get(code="4010"), 7)]
    post(on=DAY, text="Sold", lines=lines, by=books.clerk)

    assert go_live().is_ready


def test_an_account_kept_in_dollars_asks_how_many(books):
    Account.objects.filter(code="1115").update(currency="USD")
    header = "account,balance,currency_amount\n"

    asked = balances_in(books, f"{header}1115,90,\n3010,-90,")
    balances_in(books, f"{header}1115,90,100\n3010,-90,")

    assert "kept in USD" in asked.failures[0].sentence
    line = JournalEntry.objects.get().lines.get(account__code="1115")
    assert (line.amount, line.currency_amount) == (90, 100)


def test_nothing_is_ready_before_anything_is_taken_over(books, capsys):
    assert not go_live().is_ready
    with pytest.raises(SystemExit) as left:
        call_command("go_live")
    assert left.value.code == 1
    assert "No opening balances" in capsys.readouterr().err


def test_the_command_prints_both_and_fails_while_they_differ(books, capsys):
    balances_in(books)
    with pytest.raises(SystemExit):
        call_command("go_live")
    assert "1130          1290.00             0.00       -1290.00" in capsys.readouterr().out
    bring_in(OpenInvoiceImporter, invoices(KESTREL, DOLLARS), books.clerk)
    bring_in(OpenBillImporter, invoices(TIMBER), books.clerk)

    call_command("go_live", json=True)

    said = json.loads(capsys.readouterr().out)
    assert said["ready"] is True
    assert said["clearing"] == {"3091": "0.00", "3092": "0.00"}
    assert {"code": "1130", "old": "1290.00", "ours": "1290.00", "difference": "0.00"} in said[
        "rows"
    ]


def test_a_spreadsheet_is_shown_before_it_is_brought_in(books, client):
    client.force_login(books.clerk)
    file, sheet = io.BytesIO(), Workbook()
    for row in (["Customer", "Invoice", "Date", "Due date", "Open"],
                ["Kestrel Cafés", "2025-118", "2025-11-20", "2025-12-20", 1190]):  # fmt: skip
        sheet.active.append(row)
    sheet.save(file)

    upload(client, file.getvalue(), kind="open_invoices", name="open.xlsx")
    run = ImportRun.objects.get()
    assert not JournalEntry.objects.exists()
    begin(client, run, on="2026-01-01")
    run.refresh_from_db()
    done(run)

    assert JournalEntry.objects.get().kind == "opening"


def test_the_page_leads_through_the_steps(books, client):
    client.force_login(books.clerk)
    page = reverse("accounting:take-over")
    before = client.get(page)
    balances_in(books)
    bring_in(OpenInvoiceImporter, invoices(KESTREL, DOLLARS), books.clerk)

    after = client.get(page)

    assert "Not ready" in before.content.decode()
    assert [is_done for _name, _so_far, is_done, _url in before.context["steps"]] == [
        True, False, False, False, None,
    ]  # fmt: skip
    assert [is_done for _name, _so_far, is_done, _url in after.context["steps"]] == [
        True, True, True, False, None,
    ]  # fmt: skip
    for _name, _so_far, _is_done, url in after.context["steps"]:
        assert client.get(url).status_code == 200


def test_who_reads_one_department_takes_nothing_over(books, client):
    somebody = staff("Auditor")
    client.force_login(staff())

    assert client.get(reverse("accounting:take-over")).status_code == 403
    assert not OpenInvoiceImporter.is_open_to(somebody)
