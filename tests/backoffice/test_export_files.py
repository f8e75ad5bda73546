"""Lists too long for one answer: written by a job, fetched by who asked and nobody else."""

import csv
import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from procrastinate.exceptions import JobAborted

from backoffice import export_files, exports
from backoffice.jobs import write_export
from backoffice.models import Assignment, AuditEvent, Job, Notice
from tests.factories import CompanyFactory, PartyFactory, staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small(settings, tmp_path, monkeypatch):
    """Three rows are a long list, and files lie apart."""
    settings.FILES_DIR = tmp_path / "files"
    monkeypatch.setattr(exports, "MOST_AT_ONCE", 3)
    CompanyFactory()


@pytest.fixture
def owner(client):
    user = staff("Owner")
    client.force_login(user)
    return user


def address(format="csv", query=""):
    return reverse("backoffice:party-export", args=[format]) + query


def ask(client, format="csv", query="", key=None):
    return client.post(address(format, query), {"key": str(key or uuid4())})


def written() -> Job:
    job = Job.objects.get()
    write_export(job_id=job.pk, **job.arguments)
    job.refresh_from_db()
    return job


def content_of(answer) -> bytes:
    try:
        return b"".join(answer.streaming_content)
    finally:
        for closer in answer._resource_closers:
            closer()


def test_a_short_list_is_had_at_once(client, owner):
    PartyFactory.create_batch(3)

    answer = client.get(address())

    assert len(content_of(answer).splitlines()) == 4
    assert not Job.objects.exists()


def test_a_long_list_is_asked_about_and_written_by_a_job(client, owner):
    names = sorted(party.name for party in PartyFactory.create_batch(4))
    key = uuid4()

    question = client.get(address(query="?columns=name&sort=name"))
    begun = [ask(client, query="?columns=name&sort=name", key=key) for _click in range(2)]
    job = written()
    file = client.get(job.result_url)

    assert "Write the file" in question.content.decode()
    assert [answer.url for answer in begun] == [job.get_absolute_url()] * 2
    assert (job.state, job.done, job.total) == ("done", 4, 4)
    assert Notice.objects.get(user=owner).title == "Done: Export: Parties (CSV)"
    assert 'filename="parties.csv"' in file.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(content_of(file).decode())))
    assert rows == [["Name"], *([name] for name in names)]
    assert AuditEvent.objects.filter(action="exported", actor=owner).count() == 1
    assert AuditEvent.objects.filter(action="export fetched", actor=owner).count() == 1


def test_a_spreadsheet_as_well_and_only_its_maker_may_read_it_on_the_disk(client, owner):
    PartyFactory.create_batch(4)

    ask(client, "xlsx")
    job = written()

    path = export_files.path_of(job)
    assert path.stat().st_mode & 0o077 == 0
    assert len(list(load_workbook(path).active.values)) == 5
    assert list(export_files.folder().iterdir()) == [path]


def test_nobody_else_gets_the_file_and_its_maker_not_without_the_right(client, owner):
    PartyFactory.create_batch(4)
    ask(client)
    job = written()

    client.force_login(staff("Owner"))
    other = client.get(job.result_url)
    Assignment.objects.filter(user=owner).delete()
    client.force_login(owner)
    former = client.get(job.result_url)

    assert (other.status_code, former.status_code) == (404, 404)


def test_a_list_is_written_with_the_rights_of_the_moment(client, owner):
    PartyFactory.create_batch(4)
    ask(client)
    Assignment.objects.filter(user=owner).delete()

    with pytest.raises(JobAborted):
        written()

    assert Job.objects.get().state == "failed"
    assert not export_files.folder().exists()


def test_files_are_forgotten_after_a_week(client, owner):
    PartyFactory.create_batch(4)
    ask(client)
    job, now = written(), timezone.now()

    assert export_files.forget(now=now + timedelta(days=6)) == 0
    assert export_files.forget(now=now + timedelta(days=8)) == 1

    assert client.get(job.result_url).status_code == 404


def test_a_form_without_its_key_and_a_list_that_is_none_are_refused(client, owner):
    PartyFactory.create_batch(4)

    assert client.post(address()).status_code == 400
    ask(client)
    Job.objects.update(arguments={**Job.objects.get().arguments, "list_name": "no:list"})
    job = written()
    assert (job.state, job.sentence) == ("failed", "There is no such list.")


def test_the_menu_of_a_long_list_saves_no_page_as_a_file(client, owner):
    PartyFactory.create_batch(3)

    short = client.get(reverse("backoffice:party-list")).content.decode()
    PartyFactory()
    long = client.get(reverse("backoffice:party-list")).content.decode()

    assert f'href="{address()}?" download>' in short
    assert f'href="{address()}?">' in long
