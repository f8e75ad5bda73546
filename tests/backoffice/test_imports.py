"""The import page: a file, its columns, a preview, the job, what became of it."""

import io
import os
import stat
import threading
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook
from procrastinate.contrib.django.models import ProcrastinateJob

from accounting.models import Account, JournalEntry
from backoffice import import_runs
from backoffice.errors import Refused
from backoffice.import_runs import folder_of
from backoffice.imports import check_mapping, guess, importers
from backoffice.models import Assignment, ImportRun, Party
from tests.factories import CompanyFactory, UserFactory, staff

PARTIES = b"Company;Mail;Shoe size\nBluefin;hello@bluefin.ie;44\nNorth Co;nobody;12\n"
JOURNAL = (
    b"entry,date,account,amount\n1,2026-01-05,1100,5.00\n1,2026-01-05,4000,-5.00\n"
    b"2,2026-01-06,1100,7\n2,2026-01-06,9999,-7\n"
)


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"


@pytest.fixture
def bookkeeper(db, client):
    return bookkeeper_in(client)


def bookkeeper_in(client):
    CompanyFactory()
    user = staff("Bookkeeper")
    client.force_login(user)
    Account.objects.create(code="1100", name="Bank", kind="asset")
    Account.objects.create(code="4000", name="Sales", kind="income")
    return user


def upload(client, content=PARTIES, kind="parties", name="list.csv", key=None):
    file = SimpleUploadedFile(name, content)
    address = reverse("backoffice:import-add", args=[kind])
    return client.post(address, {"key": key or uuid4(), "file": file})


def address(run, page="detail"):
    return reverse(f"backoffice:import-{page}", args=[run.key])


def begin(client, run, do="bring-in", **more):
    columns = {f"column-{name}": heading for name, heading in run.mapping.items()}
    return client.post(address(run, "start"), {**columns, "do": do, **more})


def done(run):
    import_runs.bring_in(str(run.key))
    run.refresh_from_db()
    return run


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


# --- bringing in ----------------------------------------------------------------------------


def test_rows_come_in_and_those_that_fail_come_back(bookkeeper, client):
    upload(client)
    run = ImportRun.objects.get()

    begin(client, run)
    done(run)

    assert run.status == "done"
    assert run.result["counts"] == {"created": 1, "updated": 0, "unchanged": 0, "failed": 1}
    assert Party.objects.get().emails.get().address == "hello@bluefin.ie"
    page = client.get(address(run)).content.decode()
    assert "Enter a valid email address." in page
    handed_back = b"".join(client.get(address(run, "failed")).streaming_content).decode()
    assert handed_back.splitlines() == [
        "Company,Mail,Shoe size,Reason",
        "North Co,nobody,12,Enter a valid email address.",
    ]


def test_a_rehearsal_keeps_nothing_and_may_be_followed_by_the_real_thing(bookkeeper, client):
    upload(client)
    run = ImportRun.objects.get()
    begin(client, run, do="rehearse")
    done(run)

    assert run.status == "done"
    assert run.result["counts"]["created"] == 1
    assert not Party.objects.exists()

    begin(client, run)
    done(run)

    assert Party.objects.count() == 1


def test_a_double_click_begins_one_job(bookkeeper, client):
    upload(client)
    run = ImportRun.objects.get()

    begin(client, run)
    begin(client, run)
    done(run)
    begin(client, run)
    done(run)

    assert ProcrastinateJob.objects.filter(task_name="imports.run").count() == 1
    assert Party.objects.count() == 1


def test_a_job_that_runs_again_after_the_end_changes_nothing(bookkeeper, client):
    upload(client)
    run = ImportRun.objects.get()
    begin(client, run)
    ended_at = done(run).ended_at

    assert done(run).ended_at == ended_at


def test_a_journal_is_refused_whole_with_the_rows_of_the_bad_entry(bookkeeper, client):
    upload(client, JOURNAL, kind="journal")
    run = ImportRun.objects.get()

    begin(client, run)
    done(run)

    assert run.status == "refused"
    assert run.result["counts"]["held"] == 1
    assert run.result["failures"][0]["sentence"] == "Entry 2: Row 5: there is no account 9999."
    assert not JournalEntry.objects.exists()
    handed_back = b"".join(client.get(address(run, "failed")).streaming_content).decode()
    assert len(handed_back.splitlines()) == 3


def test_the_good_entries_of_a_journal_are_posted_when_asked(bookkeeper, client):
    upload(client, JOURNAL, kind="journal")
    run = ImportRun.objects.get()

    begin(client, run, skip_refused="on")
    done(run)

    assert run.status == "done"
    assert JournalEntry.objects.get().posted_by == bookkeeper


def test_days_and_amounts_may_be_written_as_at_home(bookkeeper, client):
    content = b"entry;date;account;amount\n1;5.1.2026;1100;1.005,50\n1;05.01.2026;4000;-1005,5\n"
    upload(client, content, kind="journal")
    run = ImportRun.objects.get()

    begin(client, run, date_format="dmy", decimal_comma="on")
    done(run)

    assert run.status == "done"
    assert str(JournalEntry.objects.get().lines.first().amount) == "1005.5000"


def test_a_spreadsheet_comes_in_as_well(bookkeeper, client):
    book, file = Workbook(), io.BytesIO()
    for row in (["entry", "date", "account", "amount"], [1, timezone.now(), 1100, 0.1],
                [1, timezone.now(), 4000, -0.1]):  # fmt: skip
        book.active.append([c.date() if hasattr(c, "date") else c for c in row])
    book.save(file)
    upload(client, file.getvalue(), kind="journal", name="journal.xlsx")
    run = ImportRun.objects.get()

    begin(client, run)
    done(run)

    assert run.result["counts"]["posted"] == 1


def test_a_row_too_wide_at_the_end_refuses_the_whole_file(bookkeeper, client):
    upload(client, b"name\n" + b"Ann,x\n")
    run = ImportRun.objects.get()

    begin(client, run)
    ImportRun.objects.filter(pk=run.pk).update(status="waiting", mapping={"name": "name"})
    done(run)

    assert run.status == "refused"
    assert "Row 2 has 2 cells" in run.result["sentence"]


# --- watching and stopping ------------------------------------------------------------------


def test_the_page_says_when_nobody_works(bookkeeper, client):
    upload(client)
    run = ImportRun.objects.get()
    begin(client, run)

    page = client.get(address(run)).content.decode()

    assert "The worker is not running" in page
    assert 'hx-trigger="every 2s"' in page
    assert f'href="{address(run)}"' in page


def test_what_is_asked_for_again_is_the_fragment_and_at_the_end_the_page(bookkeeper, client):
    upload(client)
    run = ImportRun.objects.get()
    begin(client, run)

    during = client.get(address(run), headers={"HX-Request": "true"})
    done(run)
    after = client.get(address(run), headers={"HX-Request": "true"})

    assert "<html" not in during.content.decode()
    assert "HX-Refresh" not in during.headers
    assert after.headers["HX-Refresh"] == "true"


def test_a_run_that_waits_stops_at_once(bookkeeper, client):
    upload(client)
    run = ImportRun.objects.get()
    begin(client, run)

    client.post(address(run, "stop"))
    done(run)

    assert run.status == "stopped"
    assert not Party.objects.exists()


def in_worker(run):
    import_runs.bring_in(str(run.key))
    connection.close()


def test_progress_is_seen_and_a_stop_heard_while_nothing_is_committed(
    committed, client, monkeypatch
):
    bookkeeper_in(client)
    many = "".join(f"{n},2026-01-07,1100,5\n{n},2026-01-07,4000,-5\n" for n in range(10, 30_000))
    upload(client, JOURNAL + many.encode(), kind="journal")
    run = ImportRun.objects.get()
    begin(client, run, skip_refused="on")
    monkeypatch.setattr(import_runs, "SECONDS_BETWEEN_REPORTS", 0)
    worker = threading.Thread(target=in_worker, args=[run])

    worker.start()
    until = time.monotonic() + 20
    while not (run.done and run.status == "running") and time.monotonic() < until:
        run.refresh_from_db()
    page = client.get(address(run), headers={"HX-Request": "true"}).content.decode()
    client.post(address(run, "stop"))
    worker.join(timeout=30)

    run.refresh_from_db()
    assert "<progress" in page
    assert 0 < run.done < run.total == 2 * (4 + 2 * 29_990)
    assert run.status == "stopped"
    assert not JournalEntry.objects.exists()


def test_two_workers_do_not_bring_in_one_run_twice(committed, client):
    bookkeeper_in(client)
    upload(client, b"name\n" + b"".join(b"Firm %d\n" % n for n in range(300)))
    run = ImportRun.objects.get()
    begin(client, run)
    workers = [threading.Thread(target=in_worker, args=[run]) for _n in range(2)]

    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=30)

    run.refresh_from_db()
    assert run.result["counts"]["created"] == 300
    assert Party.objects.count() == 300


# --- afterwards -----------------------------------------------------------------------------


def test_files_go_after_a_while_and_the_account_of_the_run_stays(bookkeeper, client):
    upload(client)
    run = ImportRun.objects.get()
    begin(client, run)
    done(run)
    week_ago = timezone.now() - timedelta(days=7)

    assert import_runs.forget_files(before=week_ago) == 0
    ImportRun.objects.update(ended_at=week_ago - timedelta(hours=1))
    assert import_runs.forget_files(before=week_ago) == 1

    assert not folder_of(run.key).exists()
    assert "Added" in client.get(address(run)).content.decode()
    assert client.get(address(run, "failed")).status_code == 404


def test_a_file_without_a_run_goes_too(bookkeeper):
    stray = folder_of(uuid4())
    stray.mkdir(parents=True)
    long_ago = (timezone.now() - timedelta(days=30)).timestamp()
    os.utime(stray, (long_ago, long_ago))

    assert import_runs.forget_files(before=timezone.now() - timedelta(days=7)) == 1


def test_a_row_outside_the_persons_reach_fails(db, client):
    CompanyFactory()
    clerk = staff("Owner")
    importer = importers()["staff"]({}, by=clerk)
    other = UserFactory(name="Ann", job_title="Baker")
    Assignment.objects.filter(user=clerk).delete()

    outcome = importer.bring_in([(2, {"name": "Ann", "email": other.email, "job_title": "Cook"})])

    assert outcome.counts["failed"] == 1
    other.refresh_from_db()
    assert other.job_title == "Baker"
