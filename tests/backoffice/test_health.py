import pytest
from django.db import connection

from backoffice import doctor
from backoffice.embedded_postgres import EmbeddedPostgres


def give_a_sign_of_life(*, seconds_ago: int = 0) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into procrastinate_workers (last_heartbeat)"
            " values (now() - make_interval(secs => %s))",
            [seconds_ago],
        )


def test_the_process_answers_whatever_host_is_asked_and_without_the_database(client, settings):
    settings.ALLOWED_HOSTS = ["office.example.com"]
    settings.SECURE_SSL_REDIRECT = True

    answer = client.get("/healthz", headers={"host": "10.0.0.7:8000"})

    assert (answer.status_code, answer.content) == (200, b"ok")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_the_office_is_ready_with_tables_and_a_worker(client):
    give_a_sign_of_life()

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"failed": []})


@pytest.mark.django_db
@pytest.mark.parametrize("seconds", [121, 3600])
def test_a_worker_that_fell_silent_is_named_and_nothing_else_is_told(client, seconds):
    give_a_sign_of_life(seconds_ago=seconds)

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (503, {"failed": ["worker"]})


@pytest.mark.django_db
def test_missing_migrations_are_named(client):
    with connection.cursor() as cursor:
        cursor.execute("delete from django_migrations where app = 'backoffice'")

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (503, {"failed": ["migrations"]})


def test_a_database_that_does_not_answer_is_named(client, tmp_path, django_db_blocker):
    nowhere = EmbeddedPostgres(tmp_path).connection()
    with django_db_blocker.unblock():
        before = dict(connection.settings_dict)
        connection.close()
        connection.settings_dict.update(nowhere)
        try:
            answer = client.get("/readyz")
            status, sentence = doctor.database()
        finally:
            connection.settings_dict.update(before)

    assert (answer.status_code, answer.json()) == (503, {"failed": ["database"]})
    assert status == doctor.FAILED
    assert sentence.startswith("It does not answer: ")
