"""The commands of the books: what they print, write and refuse."""

import csv
import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounting.models import Budget, PeriodEvent
from accounting.posting import credit, debit
from accounting.reporting import Wish, end_of
from accounting.reports import REPORTS, report
from tests.databases import owner_cursor
from tests.factories.accounting import AccountFactory
from tests.factories.budgets import BudgetFactory, plan


def told(*words):
    """What the command prints."""
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def refused(capsys, *words):
    """The exit code and what the command says when it refuses."""
    errors = StringIO()
    with pytest.raises(SystemExit) as left:
        call_command(*words, stdout=StringIO(), stderr=errors)
    return left.value.code, errors.getvalue().strip()


def test_the_trial_balance_as_json_has_the_documented_shape(books):
    books.sell("12.50")

    facts = json.loads(told("report", "trial_balance", "--on", "2024-12-31", "--json"))

    assert facts == {
        "on": "2024-12-31",
        "as_known": None,
        "year_from": "2024-01-01",
        "currency": "EUR",
        "rows": [
            {
                "code": "1000",
                "name": "Bank",
                "kind": "asset",
                "opening": "0.00",
                "moved": "12.50",
                "closing": "0.00",
                "debit": "12.50",
                "credit": "0.00",
                "balance": "12.50",
            },
            {
                "code": "4000",
                "name": "Sales",
                "kind": "income",
                "opening": "0.00",
                "moved": "-12.50",
                "closing": "0.00",
                "debit": "0.00",
                "credit": "12.50",
                "balance": "-12.50",
            },
        ],
        "debit": "12.50",
        "credit": "12.50",
    }


def test_the_trial_balance_as_table_and_csv(books):
    books.sell("12.50")

    table = told("report", "trial_balance", "--on", "2024-12-31")
    words = ("--on", "2024-12-31", "--format", "csv")
    rows = list(csv.reader(StringIO(told("report", "trial_balance", *words))))

    assert table.startswith("Trial balance\nHarbour & Pine  at the end of 2024-12-31  EUR")
    assert [line.split() for line in table.splitlines()[-2:]] == [
        ["4000", "Sales", "-12.50", "12.50"],
        ["Total", "0.00", "0.00", "12.50", "12.50"],
    ]
    assert rows == [
        ["Account", "Name", "Opening", "Moved", "Debit", "Credit"],
        ["1000", "Bank", "", "12.50", "12.50", ""],
        ["4000", "Sales", "", "-12.50", "", "12.50"],
    ]


def test_the_general_ledger_runs_from_what_was_brought_forward(books):
    for _time in range(3):
        books.sell("10")

    words = ("--account", "4000", "--from", "2024-05-01", "--to", "2024-05-31")
    facts = json.loads(told("report", "general_ledger", *words, "--json"))
    rows = list(csv.reader(StringIO(told("report", "general_ledger", *words, "--format", "csv"))))

    assert (facts["account"], facts["opening"], facts["closing"]) == ("4000", "0.00", "-30.00")
    assert [row["balance"] for row in facts["rows"]] == ["-10.00", "-20.00", "-30.00"]
    assert rows[-1] == ["2024-05-15", "JE-2024-00003", "Sale", "", "10.00", "-30.00"]


@pytest.mark.parametrize(
    "words",
    [("trial_balance",), ("general_ledger", "--account", "1000")],
    ids=lambda words: words[0],
)
def test_a_report_is_written_as_pdf(books, tmp_path, words):
    books.sell(text="#strong[x] $ * _ \\ <a> @b")

    told("report", *words, "--format", "pdf", "-o", str(tmp_path / "report.pdf"))

    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("balance",), f"There is no report “balance”. There are: {', '.join(REPORTS)}."),
        (
            ("tax_return",),
            "The tax return takes its first day (from) and its last day (to).",
        ),
        (("general_ledger",), "Say which account (account)."),
        (
            ("general_ledger", "--account", "99"),
            "There is no account with the code “99”.",
        ),
        (
            ("trial_balance", "--department", "X1"),
            "There is no department with the code “X1”.",
        ),
        (
            ("trial_balance", "--from", "2024-01-01"),
            "The trial balance takes a day (on), a department and as-known.",
        ),
    ],
)
def test_a_report_refuses_what_it_cannot_do(books, capsys, words, sentence):
    assert refused(capsys, "report", *words) == (2, sentence)


def test_a_day_is_written_as_a_day(books):
    with pytest.raises(CommandError, match="“May” is not a day: write it as 2024-05-31"):
        told("report", "trial_balance", "--on", "May")


def test_periods_are_closed_and_reopened(books, capsys):
    entry = books.sell()

    assert (
        told("close_period", "2024-01") == f"2024-01 is closed.\nHead of the chain: {entry.hash}\n"
    )
    code, sentence = refused(capsys, "close_period", "2024-03")
    assert (code, sentence) == (2, "2024-02 is still open: periods are closed in their order.")
    assert told("reopen_period", "2024-01", "--why", "a late bill") == "2024-01 is open again.\n"
    assert PeriodEvent.objects.first().why == "a late bill"


def test_a_month_that_does_not_tie_out_is_not_closed_from_a_terminal_either(books, capsys):
    suspense = AccountFactory(code="1128", kind="asset", role="suspense")
    lines = [debit(suspense, 5), credit(books.sales, 5)]
    books.sell("5", on=date(2024, 1, 5), lines=lines)

    code, sentence = refused(capsys, "close_period", "2024-01")

    assert (code, sentence) == (2, "Not yet settled: Accounts that pass money on are empty.")
    assert not books.period(1).is_closed


def test_the_journal_is_exported_to_a_file_or_printed_alone(books, tmp_path):
    books.sell()
    file = tmp_path / "books.journal"

    said = told("books_export", "--format", "hledger", "-o", str(file))

    assert said == f"1 entries written to {file}.\n"
    assert told("books_export", "--format", "hledger") == file.read_text()


def test_verify_passes_good_books(books):
    books.sell()

    facts = json.loads(told("verify", "--json"))

    assert facts["holds"] is True
    assert "✔ Accounting: each entry balances" in told("verify")


def test_verify_names_the_first_offender_and_repairs_balances(real_books, capsys):
    real_books.sell("7")
    with owner_cursor() as cursor:
        cursor.execute(
            "begin; set local backoffice.rebuilding = 'on';"
            " update accounting_monthlybalance set debit = 9 where debit > 0; commit"
        )

    code, sentence = refused(capsys, "verify")

    assert code == 1
    assert sentence == (
        "Does not hold: monthly balances follow from the lines."
        " First offender: 1000 2024-05: 9.0000 / 7.0000."
    )
    assert "✘" not in told("verify", "--rebuild-balances")


# --- Statements ------------------------------------------------------------------------------


def test_the_balance_sheet_as_json(books):
    books.sell("12.50", on=date(2024, 5, 1))

    facts = json.loads(told("report", "balance_sheet", "--on", "2024-12-31", "--json"))

    assert {name: facts[name] for name in ("on", "currency", "assets", "equity", "result")} == {
        "on": "2024-12-31",
        "currency": "EUR",
        "assets": "12.50",
        "equity": "12.50",
        "result": "12.50",
    }
    assert facts["liabilities_and_equity"] == "12.50"
    assert facts["holds"] is True
    assert facts["rows"][1] == {
        "name": "account",
        "code": "1000",
        "label": "Bank",
        "style": "account",
        "depth": 0,
        "amounts": ["12.50"],
    }


def test_the_income_statement_by_month_as_json_and_csv(books):
    books.sell("10", on=date(2024, 1, 31))
    books.sell("5", on=date(2024, 2, 1))
    words = ("income_statement", "--from", "2024-01-01", "--to", "2024-02-29", "--by", "month")

    facts = json.loads(told("report", *words, "--json"))
    rows = list(csv.reader(StringIO(told("report", *words, "--format", "csv"))))

    assert (facts["from"], facts["to"]) == ("2024-01-01", "2024-02-29")
    assert (facts["income"], facts["expenses"], facts["result"]) == ("15.00", "0.00", "15.00")
    assert [column["name"] for column in facts["columns"]] == ["2024-01", "2024-02", "total"]
    assert rows[2] == ["4000", "Sales", "10.00", "5.00", "15.00"]


def test_the_cash_flow_as_json_and_table(books):
    books.sell("10", on=date(2024, 1, 31))
    words = ("cash_flow", "--from", "2024-01-01", "--to", "2024-12-31")

    facts = json.loads(told("report", *words, "--json"))
    table = told("report", *words)

    assert (facts["opening"], facts["change"], facts["closing"]) == ("0.00", "10.00", "10.00")
    assert facts["indirect_operating"] == facts["direct_operating"] == "10.00"
    assert "Direct ties to bank and cash" in table
    assert table.count("Cash at the end") == table.count("Cash at the beginning") == 2


def test_the_budget_in_force_is_reported(books):
    budget = BudgetFactory()
    plan(budget, books.root, books.rent, 100, 100)
    Budget.objects.update(state="in_force")

    facts = json.loads(told("report", "budget", "--on", "2024-01-20", "--json"))

    names = [column["name"] for column in facts["columns"]]
    amounts = dict(zip(names, facts["rows"][-2]["amounts"], strict=True))
    assert amounts["month_left"] == amounts["year_to_date_budget"] == "100.00"
    assert amounts["year_budget"] == "200.00"


@pytest.mark.parametrize("name", ["balance_sheet", "income_statement", "cash_flow"])
def test_a_statement_is_printed_with_the_head_of_the_chain(books, tmp_path, name):
    entry = books.sell(text="#strong[x] $ * _ \\ <a> @b")
    written = tmp_path / "statement.pdf"

    told("report", name, "--on", "2024-12-31", "--format", "pdf", "-o", str(written))
    wish = Wish(on=date(2024, 12, 31), as_known=end_of(date(2099, 1, 1)))
    _template, facts = report(name, wish).paper

    assert written.read_bytes().startswith(b"%PDF-")
    assert facts["heads"] == [(entry.reference, entry.hash)]
    assert any("as known at 2099" in detail for detail in facts["details"])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("balance_sheet", "--by", "month"), "The balance sheet takes a day"),
        (("balance_sheet", "--compare", "budget"), "A balance sheet is compared with"),
        (("income_statement", "--by", "hour"), "split by month or by department"),
        (("income_statement", "--compare", "month"), "compared with a year or a budget"),
        (("income_statement", "--compare", "budget"), "No budget is in force"),
        (("income_statement", "--from", "2024-02-01", "--to", "2024-01-01"), "The last day"),
        (("cash_flow", "--department", "HP"), "it is of the whole company"),
        (("budget",), "No budget is in force"),
        (("budget", "--as-known", "2024-01-01"), "The budget report takes"),
    ],
)
def test_a_statement_refuses_what_it_cannot_show(books, capsys, words, sentence):
    code, said = refused(capsys, "report", *words)

    assert code == 2
    assert sentence in said
