import os

import pytest

from tests.backoffice.offices import not_root
from tests.backoffice.running import manage

PRODUCTION = {
    "BASE_URL": "https://office.example.com",
    "SECRET_KEY": "k" * 50,
    "ENCRYPTION_KEYS": "a2V5IG9mIHRoZSB0ZXN0cywgMzIgYnl0ZXMgbG9uZy4=",
    "EMAIL_URL": "smtp+tls://office:word@mail.example.com:587",
    "DATABASE_URL": "postgres://office:word@db.example.com/office",
}


@pytest.fixture
def settings_from(tmp_path):
    """What settings.py makes of an environment: an exit code and all it says."""

    def read(**variables: str):
        return manage("diffsettings", **{"DATA_DIR": str(tmp_path / "var"), **variables})

    return read


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"SECRET_KEY": ""}, "Set SECRET_KEY: a long random text that signs sessions and links."),
        ({"ENCRYPTION_KEYS": ""}, "Set ENCRYPTION_KEYS: the keys of bank accounts and secrets,"),
        ({"ENCRYPTION_KEYS": "tea"}, "An encryption key is 32 random bytes in base64:"),
        ({"EMAIL_URL": ""}, "Set EMAIL_URL: the mail server,"),
        ({"EMAIL_URL": "mail"}, "EMAIL_URL is no mail server: write smtp+tls://"),
        ({"EMAIL_URL": "smtp://host:port"}, "EMAIL_URL is no mail server: write smtp+tls://"),
        ({"DATABASE_URL": "sqlite:///x"}, "DATABASE_URL is no PostgreSQL database: write"),
        ({"DATABASE_URL": "postgres://host"}, "DATABASE_URL is no PostgreSQL database: write"),
        ({"BASE_URL": "office"}, "BASE_URL is no address: write https://office.example.com."),
        ({"CONN_MAX_AGE": "long"}, "CONN_MAX_AGE is 'long', not a whole number."),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL is 'LOUD': write one of DEBUG, INFO, WARNING, ERROR."),
    ],
)
def test_production_refuses_to_start_with_what_to_set(settings_from, variables, sentence):
    refused = settings_from(**{**PRODUCTION, **variables})

    assert refused.returncode == 2
    assert refused.stderr.startswith(sentence)
    assert refused.stderr.count("\n") == 1


def test_production_starts_with_everything_set_and_is_closed(settings_from):
    started = settings_from(**PRODUCTION)

    assert started.returncode == 0, started.stderr
    for line in (
        "ALLOWED_HOSTS = ['office.example.com']",
        "SECURE_SSL_REDIRECT = True",
        "SESSION_COOKIE_SECURE = True",
        "SECURE_HSTS_SECONDS = 31536000",
    ):
        assert line in started.stdout
    assert "DEBUG = True" not in started.stdout


def test_a_machine_of_ones_own_needs_no_variable_and_keeps_its_key_to_itself(
    settings_from, tmp_path
):
    first, second = settings_from(), settings_from()
    key = tmp_path / "var" / "secrets" / "secret_key"

    assert (first.returncode, second.returncode) == (0, 0)
    assert f"SECRET_KEY = {key.read_text()!r}" in first.stdout
    assert f"SECRET_KEY = {key.read_text()!r}" in second.stdout
    assert key.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in key.parent.iterdir()] == ["secret_key"]


def test_what_the_address_of_the_database_asks_for_is_kept(settings_from):
    url = "postgres://office:word@db.example.com/office?sslmode=verify-full"

    started = settings_from(**{**PRODUCTION, "DATABASE_URL": url})

    assert "'sslmode': 'verify-full'" in started.stdout


@pytest.mark.parametrize("command", ["migrate", "doctor", "quickstart"])
def test_a_data_dir_that_cannot_be_is_named(tmp_path, command):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")

    refused = manage(command, DATA_DIR=str(blocked / "var"))

    assert refused.returncode == 2
    assert str(blocked) in refused.stderr
    assert "set DATA_DIR to a folder of your own." in refused.stderr
    assert "Traceback" not in refused.stderr


@not_root
def test_a_data_dir_that_may_not_be_written_is_named(tmp_path):
    os.chmod(tmp_path, 0o500)

    refused = manage("doctor", DATA_DIR=str(tmp_path / "var"))

    assert refused.returncode == 2
    assert "(Permission denied): set DATA_DIR" in refused.stderr


def test_static_files_are_collected_without_a_database(tmp_path):
    collected = tmp_path / "static"

    done = manage(
        *("collectstatic", "--no-input", "--verbosity", "0"),
        DATA_DIR=str(tmp_path / "var"),
        STATIC_ROOT=str(collected),
        DATABASE_URL="postgres://office:word@127.0.0.1:1/office",
    )

    assert done.returncode == 0, done.stderr
    assert (collected / "staticfiles.json").exists()
    assert list(collected.rglob("*.css.gz"))
