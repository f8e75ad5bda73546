"""Assets on screen: bought, changed, given up, run, registered, brought in from a file."""

import csv
import io
from datetime import date
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.urls import reverse

from accounting import jobs
from accounting.asset_history import sums_of
from accounting.depreciation_runs import depreciate, is_behind
from accounting.models import Depreciation, FixedAsset, JournalEntry
from accounting.posting import credit, debit
from backoffice.functions import all_functions
from backoffice.models import ImportRun, Job
from tests.backoffice.importing import done, files, upload
from tests.factories import staff
from tests.factories.accounting import AccountFactory, small_books
from tests.factories.assets import an_asset, asset_accounts, asset_class, opening_of_assets

assert files  # used by name, for every test that brings in a file


@pytest.fixture
def accounts(books):
    return asset_accounts()


@pytest.fixture
def real_asset(committed, client):
    """An asset where commits are real: a job is told to stop over a connection of its own."""
    asset = an_asset(small_books())
    client.force_login(staff("Accountant"))
    return asset


def run(books, month=1):
    return depreciate(through=date(2024, month, 1), by=books.user)


def posted(client, name, asset, **said):
    return client.post(reverse(f"accounting:fixedasset-{name}", args=[asset.pk]), said)


def new(client, **said):
    kind = said.pop("kind", None) or asset_class()
    known = {"name": "Lathe", "asset_class": kind.pk, "acquired_on": "2024-01-10", "cost": "1200"}
    return client.post(reverse("accounting:fixedasset-add"), known | said)


def test_an_asset_is_bought_on_its_form(client, accountant, books, accounts):
    response = new(client, against=books.bank.pk, tag="HP-17")

    asset = FixedAsset.objects.get()
    assert response.url == asset.get_absolute_url()
    assert (asset.in_service_on, asset.tag) == (date(2024, 1, 10), "HP-17")
    assert sums_of(asset) == (1200, 0)


@pytest.mark.parametrize(
    ("said", "field", "sentence"),
    [
        ({}, "against", "which account paid"),
        ({"against": "bank", "cost": "-5"}, "cost", "greater than or equal to 0"),
        ({"against": "bank", "cost": "0"}, "cost", "costs something"),
        ({"against": "bank", "cost": "1.001"}, "cost", "more decimals"),
        ({"against": "bank", "residual": "1300"}, "residual", "no more than the cost"),
        ({"against": "bank", "in_service_on": "2023-01-01"}, "in_service_on", "before it is"),
        ({"taken": "5"}, "taken_over_on", "which day it is taken over"),
        ({"against": "bank", "acquired_on": "2099-01-01"}, "acquired_on", "open its fiscal year"),
        ({"against": "bank", "name": "x" * 121}, "name", "at most 120"),
    ],
)
def test_bad_input_is_said_at_its_field(
    client, accountant, books, accounts, said, field, sentence
):
    if said.get("against"):
        said = said | {"against": books.bank.pk}

    response = new(client, **said)

    assert response.status_code == 200
    assert sentence in str(response.context["form"].errors[field])
    assert not FixedAsset.objects.exists()


def test_an_asset_is_taken_over_on_its_form(client, accountant, books, accounts):
    opening_of_assets(books, 1200, 200)

    new(client, taken_over_on="2024-03-01", taken="200", life_months="12")

    asset = FixedAsset.objects.get()
    assert sums_of(asset) == (1200, 200)
    assert asset.events.get().from_month == date(2024, 3, 1)
    assert JournalEntry.objects.count() == 1


def test_what_is_no_fact_of_the_ledger_is_edited(client, accountant, books, accounts):
    asset = an_asset(books)
    address = reverse("accounting:fixedasset-edit", args=[asset.pk])

    shown = client.get(address).context["form"].fields
    client.post(address, {"name": "Long lathe", "department": books.root.pk, "cost": "9"})

    asset.refresh_from_db()
    assert "cost" not in shown
    assert asset.name == "Long lathe"
    assert sums_of(asset) == (1200, 0)


def test_the_record_shows_figures_history_and_months(client, accountant, books, accounts):
    asset = an_asset(books)
    (entry,) = run(books).entries

    response = client.get(asset.get_absolute_url())

    text = response.content.decode()
    assert entry.reference in text
    assert "Planned" in text
    (year,) = response.context["years"]
    assert (year["year"], len(year["months"]), year["sum"]) == (2024, 12, 1200)


def test_acts_on_an_asset_are_done_on_their_pages(client, accountant, books, accounts):
    asset = an_asset(books)

    posted(client, "add-to", asset, on="2024-02-01", cost="120", against=books.bank.pk)
    posted(client, "change", asset, on="2024-02-02", life_months="24")
    sold = posted(
        client, "dispose", asset,
        on="2024-03-31", percent="100", proceeds="500", proceeds_account=books.bank.pk,
    )  # fmt: skip

    asset.refresh_from_db()
    assert sold.url == asset.get_absolute_url()
    assert [event.kind for event in asset.events.all()] == [
        "acquired",
        "addition",
        "change",
        "sale",
    ]
    assert (asset.state, sums_of(asset)) == ("disposed", (0, 0))

    posted(client, "take-back", asset)

    asset.refresh_from_db()
    assert asset.is_in_use


def test_only_accounts_that_take_lines_are_on_offer(client, accountant, books, accounts):
    heading = AccountFactory(code="9900", name="Heading", kind="asset")
    AccountFactory(code="9910", name="Below", kind="asset", parent=heading)
    asset = an_asset(books)
    paths = [
        reverse("accounting:fixedasset-add"),
        reverse("accounting:fixedasset-dispose", args=[asset.pk]),
    ]

    for path in paths:
        page = client.get(path).content.decode()
        assert "9910 Below" in page
        assert "9900 Heading" not in page


@pytest.mark.parametrize(
    ("act", "said", "field"),
    [
        ("add-to", {"cost": "5"}, "against"),
        ("change", {}, "__all__"),
        ("change", {"value": "5"}, "against"),
        ("dispose", {"percent": "0"}, "percent"),
        ("dispose", {"percent": "100", "proceeds": "5"}, "proceeds_account"),
        ("dispose", {"percent": "100", "on": "2023-05-05"}, "on"),
        ("add-to", {"on": "2099-05-05", "cost": "5", "against": "bank"}, "on"),
        ("change", {"on": "2099-05-05", "value": "-5"}, "on"),
        ("dispose", {"on": "2099-05-05", "percent": "100"}, "on"),
    ],
)
def test_an_act_refused_says_why_at_its_field(
    client, accountant, books, accounts, act, said, field
):
    asset = an_asset(books)
    if said.get("against"):
        said = said | {"against": books.bank.pk}

    response = posted(client, act, asset, **{"on": "2024-05-05"} | said)

    assert response.status_code == 200
    assert response.context["form"].errors[field]
    assert asset.events.count() == 1


def test_who_only_reads_may_do_nothing_to_an_asset(client, books, accounts):
    asset = an_asset(books)
    client.force_login(staff("Auditor"))

    shown = client.get(asset.get_absolute_url())

    assert "Sell or scrap" not in shown.content.decode()
    for act in ("add-to", "change", "dispose", "take-back"):
        assert posted(client, act, asset).status_code == 403


# --- run ---------------------------------------------------------------------------------------


def post_run(client, key, month="2024-02"):
    return client.post(reverse("accounting:depreciation-post"), {"month": month, "key": key})


def test_a_run_that_is_stopped_posts_nothing(client, real_asset):
    post_run(client, uuid4())
    job = Job.objects.get()
    Job.objects.update(stop_asked=True)

    jobs.run_depreciation(job.pk, "2024-02-01")

    job.refresh_from_db()
    assert job.state == "stopped"
    assert not Depreciation.objects.exists()


def test_the_worker_finds_the_run(settings):
    found = settings.PROCRASTINATE_AUTODISCOVER_MODULE_NAME

    assert jobs.app.tasks[jobs.RUN].func.__module__ == f"accounting.{found}"


@pytest.mark.parametrize("said", [{}, {"month": "2024-02"}, {"month": "x", "key": "y"}])
def test_a_run_of_nothing_known_is_a_bad_request(client, accountant, books, said):
    assert client.post(reverse("accounting:depreciation-post"), said).status_code == 400


def test_a_run_is_previewed_begun_and_posted_by_the_worker(client, accountant, books, accounts):
    an_asset(books)
    page = reverse("accounting:depreciation-run")
    before = client.get(page, {"month": "2024-02"})
    assert [(count, amount) for _m, count, amount in before.context["months"]] == [
        (1, 100),
        (1, 100),
    ]

    begun = post_run(client, before.context["key"])
    again = post_run(client, before.context["key"])
    job = Job.objects.get()
    assert begun.url == again.url == job.get_absolute_url()
    assert client.get(page).context["under_way"] == [job]
    jobs.run_depreciation(job.pk, "2024-02-01")

    job.refresh_from_db()
    assert (job.state, job.sentence) == ("done", "2 entries posted.")
    after = client.get(page, {"month": "2024-02"})
    assert after.context["months"] == []
    assert len(after.context["runs"]) == 2
    assert Depreciation.objects.count() == 2
    assert {entry.posted_by for entry in after.context["runs"]} == {accountant}


@pytest.mark.parametrize("month", ["2024", "2024-13", "shoe", "9999-01"])
def test_a_month_that_is_none_is_a_bad_request(client, accountant, books, month):
    assert client.get(reverse("accounting:depreciation-run"), {"month": month}).status_code == 400


def test_a_run_is_taken_back_on_its_page(client, accountant, books, accounts):
    an_asset(books)
    (entry,) = run(books).entries

    said = {"date": "2024-06-01", "why": "Too early"}
    response = client.post(reverse("accounting:depreciation-undo", args=[entry.pk]), said)

    assert response.url == reverse("accounting:depreciation-run")
    assert JournalEntry.objects.get(reverses=entry).date == entry.date


def test_the_dashboard_says_which_month_waits(accountant, books, accounts):
    (function,) = [f for f in all_functions() if f.label == "accounting"]

    def said():
        return [a.title for a in function.attention(accountant, on=date(2024, 3, 5))]

    assert not is_behind(date(2024, 2, 1))
    an_asset(books)
    assert "Depreciation of February 2024 is not posted yet" in said()
    run(books, 2)
    assert "Depreciation of February 2024 is not posted yet" not in said()


# --- register ----------------------------------------------------------------------------------


def register(client, **asked):
    return client.get(reverse("accounting:asset-register"), asked)


def test_the_register_of_a_day_ties_to_the_ledger(client, accountant, books, accounts):
    an_asset(books)
    run(books, 3)

    context = register(client, on="2024-02-29").context

    assert (context["cost"], context["taken"], context["book_value"]) == (1200, 200, 1000)
    assert context["is_proved"]
    assert {tie.account.code: tie.ledger for tie in context["ties"]} == {
        "1500": 1200,
        "1590": -200,
    }


def test_a_register_off_the_ledger_says_so(client, accountant, books, accounts):
    an_asset(books)
    books.sell(lines=[debit(accounts["fixed_assets"], 5), credit(books.bank, 5)])

    shown = register(client, on="2024-12-31")

    assert not shown.context["is_proved"]
    assert "Register and ledger differ" in shown.content.decode()


def test_an_empty_register_says_what_to_do(client, accountant, books):
    assert "No assets in the books" in register(client).content.decode()


def test_the_register_shows_a_hundred_assets_a_page(client, accountant, books, accounts):
    machines = asset_class()
    for _n in range(101):
        an_asset(books, asset_class=machines)

    first, second = register(client, on="2024-02-01"), register(client, on="2024-02-01", page="2")

    assert (len(first.context["assets"]), len(second.context["assets"])) == (100, 1)
    assert first.context["cost"] == second.context["cost"] == 1200 * 101


@pytest.mark.parametrize("format", ["csv", "xlsx", "pdf"])
def test_the_register_is_had_as_a_file(client, accountant, books, accounts, format):
    asset = an_asset(books)
    run(books, 1)

    address = reverse("accounting:asset-register-export", args=[format])
    response = client.get(address, {"on": "2024-01-31"})

    assert response.status_code == 200
    if format == "csv":
        text = b"".join(response.streaming_content).decode()
        _header, row = csv.reader(io.StringIO(text))
        assert row[0] == asset.number
        assert row[-3:] == ["1200.00", "100.00", "1100.00"]
    if format == "xlsx":
        assert b"".join(response.streaming_content).startswith(b"PK")
    if format == "pdf":
        assert response.content.startswith(b"%PDF")


def test_the_register_is_a_report_of_the_command_line(books, accounts, capsys):
    an_asset(books)

    call_command("report", "asset_register", "--on", "2024-01-31", "--format", "json")

    assert '"book_value": "1200.00"' in capsys.readouterr().out


# --- from a file -------------------------------------------------------------------------------

REGISTER = (
    b"Reference;Name;Class;Acquired;Cost;Depreciation so far;Life in months\n"
    b"A-1;Van;vehicles;2023-01-01;1000;500;24\n"
    b"A-2;Car;vehicles;2020-01-01;1000;500;24\n"
    b"A-3;Bus;ships;2023-01-01;1000;500;24\n"
)


def test_a_register_is_brought_in_and_bad_rows_say_why(client, accountant, books, accounts):
    asset_class(name="Vehicles")
    opening_of_assets(books, 1000, 500)
    upload(client, REGISTER, kind="fixed_assets", name="register.csv")
    run_of_file = ImportRun.objects.get()
    options = {"on": "2024-01-01", "date_format": "ymd"}
    ImportRun.objects.update(options=options, status="waiting")

    outcome = done(run_of_file).result

    assert outcome["counts"] == {"created": 1, "updated": 0, "unchanged": 0, "failed": 2}
    assert {(f["row"], f["column"]) for f in outcome["failures"]} == {
        (3, "life_months"),
        (4, "asset_class"),
    }
    asset = FixedAsset.objects.get()
    assert (asset.name, sums_of(asset)) == ("Van", (1000, 500))
    run(books, 12)
    assert sums_of(asset) == (1000, 1000)

    ImportRun.objects.update(status="waiting")
    assert done(run_of_file).result["counts"]["unchanged"] == 1
