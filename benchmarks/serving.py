"""Web servers to be asked, and a browser's way of asking: one kept connection, one cookie."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from backoffice.supervisor import web_command
from benchmarks.office import Office

PATIENCE = 30


class Browser:
    """Asks one server for pages, signed in."""

    def __init__(self, port: int, session: str) -> None:
        self.headers = {"Cookie": f"sessionid={session}", "Connection": "keep-alive"}
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def get(self, path: str) -> bytes:
        """The page; anything but a page ends the benchmark."""
        try:
            answer = self.ask(path)
        except http.client.RemoteDisconnected:  # the server lets go of an idle connection
            self.connection.close()
            answer = self.ask(path)
        body = answer.read()
        if answer.status != http.HTTPStatus.OK:
            where = answer.headers.get("Location", "")
            raise SystemExit(f"{path} answered {answer.status} {where}")
        return body

    def ask(self, path: str) -> http.client.HTTPResponse:
        """The beginning of the answer."""
        self.connection.request("GET", path, headers=self.headers)
        return self.connection.getresponse()


@contextmanager
def served_office(office: Office) -> Iterator[Browser]:
    """The office behind its own web server, with its owner signed in."""
    with office.entered():
        session = session_of(office)
    environment = {"DATABASE_URL": office.url, "BASE_URL": settings.BASE_URL}
    with served("backoffice.wsgi", settings.BASE_DIR, environment) as port:
        yield Browser(port, session)


def session_of(office: Office) -> str:
    """The key of a session of the owner."""
    session = SessionStore()
    session[SESSION_KEY] = str(office.owner.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = office.owner.get_session_auth_hash()
    session.save()
    return session.session_key


@contextmanager
def served(application: str, folder: Path, environment: dict[str, str]) -> Iterator[int]:
    """The port an application is served on, with the server and workers of the office itself."""
    port = free_port()
    command = web_command("127.0.0.1", port)
    command[command.index("backoffice.wsgi")] = application
    server = subprocess.Popen(
        [sys.executable, *command[1:]],
        cwd=folder,
        env={**os.environ, "WEB_CONCURRENCY": "2", **environment},
    )
    try:
        wait_for(port, server)
        yield port
    finally:
        server.terminate()
        server.wait()


def free_port() -> int:
    """A port nobody listens on."""
    with socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


def wait_for(port: int, server: subprocess.Popen) -> None:
    """Return once the server accepts connections."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        with socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("The web server does not answer.")
