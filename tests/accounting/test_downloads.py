"""Every statement and report as a file, from its screen as from a terminal."""

import csv
from datetime import date
from io import BytesIO, StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from openpyxl import load_workbook

from accounting.models import Account, JournalEntry
from accounting.reporting import Wish
from accounting.reports import paper
from accounting.views import ledger
from accounting.views.downloads import FORMATS
from backoffice.models import AuditEvent
from tests.factories.assets import an_asset, asset_accounts
from tests.factories.backoffice import PartyFactory
from tests.factories.budgets import BudgetFactory
from tests.factories.open_items import bill, control_accounts, invoice
from tests.factories.taxes import a_return, tax, tax_accounts, taxed

ON = {"on": "2024-12-31"}
YEAR = {"from": "2024-01-01", "to": "2024-12-31"}
# Of each report: its screen, its file, what it is asked for, and what it is called in a terminal.
REPORTS = {
    "balance_sheet": ("balance-sheet", "balance-sheet-export", ON),
    "income_statement": ("income-statement", "income-statement-export", YEAR),
    "cash_flow": ("cash-flow", "cash-flow-export", YEAR),
    "trial_balance": ("trial-balance", "trial-balance-export", ON),
    "general_ledger": ("general-ledger", "general-ledger-export", YEAR),
    "aged_receivables": ("aged-receivables", "aged-receivables-export", ON),
    "aged_payables": ("aged-payables", "aged-payables-export", ON),
    "tax_return": ("taxreturn-detail", "taxreturn-report", {}),
    "asset_register": ("asset-register", "asset-register-export", ON),
    "budget": ("budget", "budget-report-export", ON),
}


@pytest.fixture
def traded(books):
    """Books with something in every report."""
    control_accounts(), tax_accounts(), asset_accounts()
    invoice(books, PartyFactory(name="Quay & Sons"), "1234.50")
    bill(books, PartyFactory(name="Timber & Co"), "80")
    taxed(books, 100, tax(20, base_boxes="6", tax_boxes="1"))
    an_asset(books)
    BudgetFactory(state="in_force")
    return books


def key_of(name):
    return {
        "general_ledger": lambda: [Account.objects.get(role="receivable").pk],
        "tax_return": lambda: [a_return().pk],
    }.get(name, list)()


def words_of(name, query):
    words = [word for key, value in query.items() for word in (f"--{key}", value)]
    return {
        "general_ledger": [*words, "--account", "1130"],
        "tax_return": ["--from", "2024-04-01", "--to", "2024-06-30"],
    }.get(name, words)


def told(name, query, format):
    output = StringIO()
    call_command("report", name, *words_of(name, query), "--format", format, stdout=output)
    return output.getvalue()


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_offered_and_had_in_every_format(client, accountant, traded, name):
    screen, file, query = REPORTS[name]
    key = key_of(name)

    page = client.get(reverse(f"accounting:{screen}", args=key), query)
    offered = dict(page.context["export_urls"])
    answers = {kind: client.get(offered[kind.upper()]) for kind in FORMATS}
    wrong = client.get(reverse(f"accounting:{file}", args=[*key, "exe"]), query)

    assert [kind.lower() for kind in offered] == list(FORMATS)
    contents = {kind: answer.getvalue() for kind, answer in answers.items()}
    assert all(f".{kind}" in answers[kind]["Content-Disposition"] for kind in FORMATS)
    assert contents["pdf"].startswith(b"%PDF")
    assert contents["json"].decode() == told(name, query, "json")
    assert contents["csv"].decode() == told(name, query, "csv")
    lines = list(csv.reader(StringIO(contents["csv"].decode())))
    sheet = list(load_workbook(BytesIO(contents["xlsx"])).active.values)
    assert len(lines) == len(sheet) > 1
    assert AuditEvent.objects.filter(action="exported").count() == len(FORMATS)
    assert (wrong.status_code, wrong.content) == (
        400,
        b"A report can be had as pdf, xlsx, csv, json.",
    )


def test_a_spreadsheet_is_written_from_a_terminal(traded, tmp_path):
    file = tmp_path / "trial.xlsx"

    call_command("report", "trial_balance", "--on", "2024-12-31", "--format", "xlsx", "-o", file)

    assert load_workbook(file).active["A1"].value == "Code"


def test_the_file_of_an_ageing_holds_the_parties_asked_for(client, accountant, traded):
    invoice(traded, PartyFactory(name="Harbour Master"), "7")
    url = reverse("accounting:aged-receivables-export", args=["json"])

    facts = client.get(url, {"on": "2024-12-31", "q": "quay"}).json()

    assert [row["party"] for row in facts["rows"]] == ["Quay & Sons"]
    assert facts["ties"] is None


def test_the_file_of_the_ledger_holds_what_lies_ahead_too(client, accountant, traded):
    customer = PartyFactory()
    invoice(traded, customer, "7", on=date(2024, 12, 31))
    account = Account.objects.get(role="receivable")
    args = [account.pk, "json"]

    facts = client.get(reverse("accounting:general-ledger-export", args=args)).json()
    some = client.get(
        reverse("accounting:general-ledger-export", args=args), {"to": "2024-12-30"}
    ).json()

    assert (len(facts["rows"]), len(some["rows"])) == (2, 1)


def test_a_ledger_too_long_for_paper_says_so(client, accountant, traded, monkeypatch):
    monkeypatch.setattr(ledger, "MOST_AT_ONCE", 1)
    traded.sell("1"), traded.sell("2")
    urls = {
        kind: reverse("accounting:general-ledger-export", args=[traded.bank.pk, kind])
        for kind in ("pdf", "json", "csv")
    }

    status = {kind: client.get(url).status_code for kind, url in urls.items()}

    assert status == {"pdf": 400, "json": 400, "csv": 200}
    assert b"choose fewer days" in client.get(urls["pdf"]).content


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_a_printed_report_carries_the_heads_of_the_journal_and_when_it_was_known(traded, name):
    said = {"starts_on": date(2024, 1, 1), "ends_on": date(2024, 12, 31)}
    asked = {} if REPORTS[name][2] is ON else said
    if name == "general_ledger":
        asked = {**asked, "account": Account.objects.get(role="receivable")}
    wish = Wish(on=date(2024, 12, 31), **asked)

    _template, facts = paper(name, wish)

    newest = JournalEntry.objects.filter(date__year=2024).order_by("-pk")
    assert {head for _reference, head in facts["heads"]} >= {newest.first().hash}
    assert any("as known at" in detail for detail in facts["details"])
