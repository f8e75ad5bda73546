import re
import signal
import socket
import time

import psutil
import pytest

from backoffice.embedded_postgres import EmbeddedPostgres
from tests.backoffice.offices import remove
from tests.backoffice.running import free_port, get, lines_until, manage, start, stop


def link_in(text: str) -> str:
    return re.search(r"Open\s+(http\S+)", text).group(1)


@pytest.fixture(scope="module")
def opened_once(tmp_path_factory):
    postgres = EmbeddedPostgres(tmp_path_factory.mktemp("office") / "var")
    manage("quickstart", "--empty", "--once", DATA_DIR=str(postgres.data_dir))
    yield postgres
    remove(postgres)


@pytest.fixture
def opened(opened_once):
    """An office that was opened some time ago, for that takes long; nothing of it runs."""
    opened_once.stop()
    return opened_once


@pytest.fixture
def served():
    """Starts an office on a port; whatever happens, it is stopped."""
    begun = []

    def serve(postgres: EmbeddedPostgres, *words: str):
        port = free_port()
        words = ("quickstart", "--empty", "--port", str(port), *words)
        begun.append(start(*words, DATA_DIR=str(postgres.data_dir)))
        said = "\n".join(lines_until(begun[-1], "Stop"))
        return begun[-1], port, said

    yield serve
    for process in begun:
        if process.poll() is None:
            stop(process, signal.SIGTERM)


def children(process) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def alive(family: list[psutil.Process]) -> list[psutil.Process]:
    """Those still at work after a while; whoever adopts the dead here may not bury them."""
    deadline = time.monotonic() + 10
    while (left := [one for one in family if works(one)]) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def works(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_an_empty_office_opens_and_a_signal_stops_all_of_it(served, postgres):
    process, port, said = served(postgres, "--currency", "USD")
    family = children(process)

    front, _ = get(f"http://127.0.0.1:{port}/readyz")
    welcome, page = get(link_in(said))
    style, _ = get(f"http://127.0.0.1:{port}/static/css/theme.css")
    code = stop(process, signal.SIGINT)

    assert (front, welcome, style) == (200, 200, 200)
    assert "<form" in page
    assert "books in USD" in said
    assert f"http://localhost:{port}/welcome/" in said
    assert re.search(r"worker +running, \d+ periodic jobs", said)
    assert code == 0
    assert alive(family) == []
    assert not postgres.is_running()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_an_office_opened_before_is_served_and_stopped_by_any_signal(served, opened, number):
    process, port, said = served(opened)
    family = children(process)

    front, _ = get(f"http://127.0.0.1:{port}/readyz")
    welcome, _ = get(link_in(said))
    code = stop(process, number)

    assert (front, welcome) == (200, 200)
    assert code == 0
    assert len(family) > 1
    assert alive(family) == []
    assert not opened.is_running()


def test_once_does_all_but_serve_and_a_second_run_only_makes_a_new_link(postgres):
    first = manage("quickstart", "--empty", "--once", DATA_DIR=str(postgres.data_dir))
    second = manage("quickstart", "--once", DATA_DIR=str(postgres.data_dir))

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert re.search(r"migrations \d+ applied", first.stdout)
    assert "migrations up to date" in second.stdout
    assert link_in(first.stdout) != link_in(second.stdout)
    assert "My company, 1 person" in second.stdout
    assert postgres.is_running()


@pytest.mark.parametrize("name", ["gunicorn", "worker"])
def test_when_web_or_worker_dies_everything_stops_and_says_so(served, opened, name):
    process, _, _ = served(opened)
    family = children(process)
    victim = next(p for p in psutil.Process(process.pid).children() if name in p.cmdline())

    victim.kill()
    _, errors = process.communicate(timeout=60)

    spoken = {"gunicorn": "web server", "worker": "worker"}[name]
    assert f"The {spoken} ended (signal 9); everything is stopped." in errors
    assert process.returncode == 1
    assert alive(family) == []
    assert not opened.is_running()


def test_killing_the_office_outright_takes_web_and_worker_along(served, opened):
    process, _, _ = served(opened)
    family = [p for p in children(process) if "postgres" not in p.name()]

    process.kill()
    process.communicate(timeout=60)

    assert alive(family) == []


def test_a_port_in_use_is_refused_with_the_cure_before_anything_starts(postgres):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        refused = manage("quickstart", "--port", str(port), DATA_DIR=str(postgres.data_dir))

    assert refused.returncode == 2
    assert refused.stderr == f"Port {port} is in use: make run PORT={port + 1}\n"
    assert not postgres.folder.exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--currency", "EUR"], "--currency goes with --empty"),
        (["--port", "99999"], "Port 99999 is not for ordinary programs"),
        (["--port", "front"], "invalid int value: 'front'"),
        (["--empty", "--currency", "GOLD"], "GOLD is no currency of ISO 4217"),
    ],
)
def test_wishes_that_cannot_be_met_are_refused(postgres, words, sentence):
    refused = manage("quickstart", *words, DATA_DIR=str(postgres.data_dir))

    assert refused.returncode == 2
    assert sentence in refused.stderr
    assert "Traceback" not in refused.stderr


def test_an_office_keeps_the_currency_of_its_books(opened):
    words = ("quickstart", "--empty", "--once", "--currency", "JPY")

    refused = manage(*words, DATA_DIR=str(opened.data_dir))

    assert refused.returncode == 2
    assert refused.stderr == "The books of this office are in EUR, not in JPY.\n"


def test_the_office_leaves_a_database_that_others_work_with(served, opened):
    process, _, _ = served(opened)
    with opened._connect("backoffice", "backoffice") as other:
        stop(process)

        assert other.execute("select 1").fetchone() == (1,)
