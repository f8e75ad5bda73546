"""The job of an import: rows come in, are watched, stopped, and handed back."""

import io
import os
import threading
import time
from datetime import timedelta
from uuid import uuid4

from django.db import connection
from django.utils import timezone
from openpyxl import Workbook
from procrastinate.contrib.django.models import ProcrastinateJob

from accounting.models import JournalEntry
from backoffice import import_runs
from backoffice.import_runs import folder_of
from backoffice.imports import importers
from backoffice.models import Assignment, ImportRun, Party
from tests.backoffice.importing import (
    JOURNAL,
    address,
    begin,
    bookkeeper,
    bookkeeper_in,
    done,
    files,
    upload,
)
from tests.factories import CompanyFactory, UserFactory, staff

__all__ = ["bookkeeper", "files"]

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
