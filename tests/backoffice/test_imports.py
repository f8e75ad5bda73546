"""The import page: a file, its columns, a preview."""

import stat
from uuid import uuid4

import pytest
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from backoffice.errors import Refused
from backoffice.import_runs import folder_of
from backoffice.imports import check_mapping, guess, importers
from backoffice.models import Assignment, ImportRun, Party
from tests.backoffice.importing import PARTIES, address, begin, bookkeeper, done, files, upload
from tests.factories import staff

__all__ = ["bookkeeper", "files"]

# --- the file -------------------------------------------------------------------------------


def test_the_page_names_the_columns_a_file_may_have(bookkeeper, client):
    page = client.get(reverse("backoffice:import-add", args=["journal"])).content.decode()

    assert "debits positive, credits negative" in page
    assert 'name="key"' in page


def test_a_file_is_kept_where_nobody_else_reads_and_its_columns_are_guessed(bookkeeper, client):
    answer = upload(client)

    run = ImportRun.objects.get()
    assert answer.url == address(run)
    assert (run.file_name, run.made_by) == ("list.csv", bookkeeper)
    assert run.mapping == {"name": "Company", "email": "Mail"}
    kept = folder_of(run.key) / "file"
    assert kept.read_bytes() == PARTIES
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


def test_the_same_upload_again_is_the_same_run(bookkeeper, client):
    key = uuid4()

    first, second = upload(client, key=key), upload(client, key=key)

    assert first.url == second.url
    assert ImportRun.objects.count() == 1


def test_a_key_of_somebody_else_shows_nothing_of_theirs(bookkeeper, client):
    key = uuid4()
    upload(client, key=key)
    client.force_login(staff("Bookkeeper"))

    answer = upload(client, b"name\nMine\n", key=key)

    assert "open it again" in answer.content.decode()


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        ("name\nZoë\n".encode("latin-1"), "l.csv", "Row 2 is not UTF-8 text"),
        (b"\x00\x01\x02\x03" * 9, "l.csv", "holds bytes that are no text"),
        (b"name,name\nx,y\n", "l.csv", "Two columns are called"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "l.xls", "old Excel file"),
        (b"", "l.csv", "empty"),
    ],
)
def test_what_is_no_table_is_refused_and_nothing_kept(bookkeeper, client, content, name, sentence):
    answer = upload(client, content, name=name)

    assert sentence in answer.content.decode()
    assert not ImportRun.objects.exists()
    folders = folder_of("").parent
    assert not folders.exists() or not list(folders.glob("imports/*"))


def test_a_file_over_the_limit_is_refused(bookkeeper, client, settings):
    settings.LARGEST_IMPORT = 1024 * 1024

    answer = upload(client, b"name\n" + b"x" * 100 + b"\nBluefin" * 200_000)

    assert "The file is 2 MB; the limit is 1 MB. Split it" in answer.content.decode()
    assert not ImportRun.objects.exists()


# --- rights ---------------------------------------------------------------------------------


def test_who_may_not_enter_an_area_may_not_import_into_it(db, client):
    client.force_login(staff("Receptionist"))

    assert client.get(reverse("backoffice:import-add", args=["journal"])).status_code == 403
    assert client.get(reverse("backoffice:import-add", args=["parties"])).status_code == 200
    assert client.get(reverse("backoffice:import-add", args=["moons"])).status_code == 404


def test_another_persons_run_is_not_found(bookkeeper, client):
    upload(client)
    run = ImportRun.objects.get()
    client.force_login(staff("Owner"))

    assert client.get(address(run)).status_code == 404
    assert client.get(address(run, "failed")).status_code == 404
    assert begin(client, run).status_code == 404
    assert client.post(address(run, "stop")).status_code == 404


def test_a_stranger_is_asked_to_sign_in(bookkeeper, client):
    upload(client)
    client.logout()

    assert client.get(address(ImportRun.objects.get())).status_code == 302


def test_only_a_post_begins_or_stops(bookkeeper, client):
    upload(client)
    run = ImportRun.objects.get()

    assert client.get(address(run, "start")).status_code == 405
    assert client.get(address(run, "stop")).status_code == 405


def test_a_right_lost_before_the_job_runs_stops_it(bookkeeper, client):
    upload(client)
    run = ImportRun.objects.get()
    begin(client, run)
    Assignment.objects.filter(user=bookkeeper).delete()

    done(run)

    assert run.status == "refused"
    assert "may not bring in Parties any more" in run.result["sentence"]
    assert not Party.objects.exists()


# --- columns and preview --------------------------------------------------------------------


def test_the_preview_shows_what_is_wrong_at_its_cell(bookkeeper, client):
    upload(client)

    page = client.get(address(ImportRun.objects.get())).content.decode()

    assert "Bluefin" in page
    cell = page[page.index("<td>nobody") :].split("</td>")[0]
    assert "Enter a valid email address." in cell


def test_another_choice_of_columns_is_previewed_and_remembered(bookkeeper, client):
    upload(client)
    run = ImportRun.objects.get()
    columns = {"column-name": "Mail", "column-note": "Company", "do": "preview"}

    client.post(address(run, "start"), columns)
    upload(client, key=uuid4())

    run.refresh_from_db()
    assert run.mapping == {"name": "Mail", "note": "Company"}
    assert run.status == "mapping"
    # Only what was begun counts as a choice.
    assert ImportRun.objects.first().mapping == {"name": "Company", "email": "Mail"}


def test_the_columns_of_the_last_import_are_proposed_where_they_fit(bookkeeper, client):
    upload(client)
    begin(client, ImportRun.objects.get(), **{"column-note": "Shoe size", "decimal_comma": "on"})

    upload(client, key=uuid4())
    upload(client, b"name\nOther\n", key=uuid4())

    other, same, _first = ImportRun.objects.all()
    assert same.mapping["note"] == "Shoe size"
    assert same.options["decimal_comma"] is True
    assert other.mapping == {"name": "name"}


def test_a_missing_column_is_asked_for(bookkeeper, client):
    upload(client, b"Wo\nBremen\n")
    run = ImportRun.objects.get()

    page = client.get(address(run)).content.decode()
    answer = begin(client, run)

    assert "The file lacks a column for: name" in page
    assert answer.status_code == 422
    assert not ProcrastinateJob.objects.exists()


def test_each_heading_is_taken_once_and_the_best_name_wins():
    journal = importers()["journal"]

    found = guess(journal, ["Description", "Date", "No", "Account", "Amount", "Entry"])

    assert found["entry"] == "Entry"
    assert found["narration"] == "Description"
    three = ["entry", "account", "amount"]
    with pytest.raises(Refused, match="lacks a column for: date"):
        check_mapping(journal, dict(zip(three, three, strict=True)), three)
