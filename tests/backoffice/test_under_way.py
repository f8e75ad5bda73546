"""Jobs people start and watch: begun once, seen, stopped, tried again, never half done."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import JobAborted

from backoffice import under_way
from backoffice.errors import Refused
from backoffice.models import Assignment, AuditEvent, Change, Job, Notice, Party
from tests.backoffice.working import count
from tests.factories import CompanyFactory, staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def often(monkeypatch):
    monkeypatch.setattr(under_way, "SECONDS_BETWEEN_REPORTS", 0)


def begun(*names, by=None, key=None, **facts) -> Job:
    by = by or staff("Owner")
    facts = {"title": "Count", "area": "directory", "level": "edit", **facts}
    return under_way.start("tests.count", by=by, key=key or uuid4(), names=list(names), **facts)


def run(job: Job) -> Job:
    count(job_id=job.pk, **job.arguments)
    job.refresh_from_db()
    return job


# --- beginning ------------------------------------------------------------------------------


def test_a_job_is_begun_once_for_a_key():
    user, key = staff("Owner"), uuid4()

    first, second = (begun("Ann", by=user, key=key) for _click in range(2))

    assert first == second
    assert ProcrastinateJob.objects.get(task_name="tests.count").pk == first.queue_id
    with pytest.raises(Refused, match="another job"):
        begun("Ann", key=key)


def test_nothing_is_begun_without_the_right():
    with pytest.raises(Refused, match="may not"):
        begun("Ann", by=staff())

    assert not Job.objects.exists()


# --- how it ends ----------------------------------------------------------------------------


def test_a_job_is_done_in_the_name_of_its_maker_who_is_told():
    user = staff("Owner")

    job = run(begun("Ann", "Bob", by=user))

    assert (job.state, job.sentence, job.result_url) == (
        "done",
        "All are made.",
        "/directory/parties/",
    )
    assert (job.done, job.total) == (2, 2)
    assert [sentence for _at, sentence in job.log] == ["Ann is made.", "Bob is made."]
    assert set(Party.objects.values_list("name", flat=True)) == {"Ann", "Bob"}
    change = Change.objects.filter(table_name="backoffice_party").latest("pk")
    assert (change.actor, change.request) == (user, "tests.count")
    notice = Notice.objects.get()
    assert (notice.user, notice.kind, notice.title) == (user, "job_done", "Done: Count")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("refuse", "There is no such harbour."),
        ("break", "A fault: nothing of it was kept."),
    ],
)
def test_a_job_that_fails_keeps_nothing_and_tells_its_maker(name, sentence):
    job = begun("Ann", name)
    try:
        run(job)
    except RuntimeError:
        assert name == "break"

    job.refresh_from_db()
    assert (job.state, job.sentence) == ("failed", sentence)
    assert not Party.objects.exists()
    assert Notice.objects.get().kind == "job_failed"


def test_a_job_whose_maker_lost_the_right_refuses_on_record():
    user = staff("Owner")
    job = begun("Ann", by=user)
    Assignment.objects.filter(user=user).delete()

    with pytest.raises(JobAborted):
        run(job)

    job.refresh_from_db()
    assert job.state == "failed"
    assert job.sentence == f"{user} may not do this any more."
    assert AuditEvent.objects.get(action="job refused").detail["record"] == (
        f"backoffice.job:{job.pk}"
    )
    assert not Party.objects.exists()


def test_a_job_that_is_run_twice_works_once():
    job = run(begun("Ann"))

    with pytest.raises(JobAborted):
        run(job)

    assert Party.objects.count() == 1


# --- stopping and trying again --------------------------------------------------------------


def test_a_job_that_waits_stops_at_once():
    job = begun("Ann")

    under_way.stop(job)

    with pytest.raises(JobAborted):
        run(job)
    job.refresh_from_db()
    assert (job.state, job.sentence) == ("stopped", "Stopped before it began.")


def test_a_job_is_tried_again_with_the_same_arguments():
    user = staff("Owner")
    job = begun("Ann", by=user)
    under_way.stop(job)

    under_way.retry(job, by=user)
    run(job)

    assert (job.state, job.run) == ("done", 2)
    assert Party.objects.get().name == "Ann"


def test_only_its_maker_tries_again_and_only_with_the_right():
    user = staff("Owner")
    job = begun("Ann", by=user)
    with pytest.raises(Refused, match="waiting"):
        under_way.retry(job, by=user)
    under_way.stop(job)

    with pytest.raises(Refused, match="who alone"):
        under_way.retry(job, by=staff("Owner"))
    Assignment.objects.filter(user=user).delete()
    del user._standing
    with pytest.raises(Refused, match="any more"):
        under_way.retry(job, by=user)
    with pytest.raises(Refused, match="stopped"):
        under_way.stop(job)


# --- the page -------------------------------------------------------------------------------


def test_the_page_asks_again_while_the_job_is_on_its_way(client):
    CompanyFactory()
    user = staff("Owner")
    client.force_login(user)
    job = begun("Ann", by=user)

    page = client.get(job.get_absolute_url()).content.decode()
    during = client.get(job.get_absolute_url(), headers={"HX-Request": "true"})
    run(job)
    after = client.get(job.get_absolute_url(), headers={"HX-Request": "true"})

    assert 'hx-trigger="every 2s"' in page
    assert "The worker is not running" in page
    assert "<html" not in during.content.decode()
    assert "HX-Refresh" not in during.headers
    assert after.headers["HX-Refresh"] == "true"
    assert "Get the result" in client.get(job.get_absolute_url()).content.decode()


def test_people_see_and_stop_their_own_jobs_and_the_office_sees_all(client):
    CompanyFactory()
    user = staff("Marketer")
    job = begun("Ann", by=user, level="view")
    stop = f"{job.get_absolute_url()}stop/"

    client.force_login(staff("Marketer"))
    foreign = [client.get(job.get_absolute_url()), client.post(stop)]
    client.force_login(staff("Owner"))
    overseer = client.get(job.get_absolute_url())
    client.force_login(user)
    own = client.post(stop)

    assert [answer.status_code for answer in foreign] == [404, 404]
    assert overseer.status_code == 200
    assert own.status_code == 302
    job.refresh_from_db()
    assert job.state == "stopped"


def test_a_job_that_ended_is_begun_again_from_its_page(client):
    CompanyFactory()
    user = staff("Owner")
    client.force_login(user)
    job = begun("Ann", by=user)
    under_way.stop(job)

    client.post(f"{job.get_absolute_url()}retry/")

    job.refresh_from_db()
    assert job.state == "waiting"


def test_jobs_in_hand_are_lost_when_no_living_worker_has_them():
    job = begun("Ann")
    with connection.cursor() as cursor:
        cursor.execute("insert into procrastinate_workers default values returning id")
        cursor.execute(
            "update procrastinate_jobs set status = 'doing', worker_id = %s where id = %s",
            [cursor.fetchone()[0], job.queue_id],
        )
    Job.objects.filter(pk=job.pk).update(state="running")

    alive = under_way.end_lost(now=timezone.now())
    dead = under_way.end_lost(now=timezone.now() + timedelta(minutes=3))

    assert (alive, dead) == (0, 1)
    assert Notice.objects.get(user=job.made_by).kind == "job_failed"
