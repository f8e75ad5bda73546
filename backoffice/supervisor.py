"""Runs the web server and the job worker as children, and stops what it started."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from django.utils.translation import gettext as _

from backoffice.errors import Refused

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE = 40  # seconds to stop in; the worker lets a job under way finish
WAKES_EVERY = 0.1
PR_SET_PDEATHSIG = 1


class ChildEnded(Exception):  # noqa: N818 - it reads as a statement
    """A child ended that nobody told to: the sentence says which and how."""


class Stopped(BaseException):
    """Somebody asked us to stop: Ctrl C, the system, or the closing of the terminal."""


@dataclass(frozen=True)
class Child:
    """A process of ours, by the name people know it by."""

    name: str
    process: subprocess.Popen


class Supervisor:
    """The children, in the order they were started; they stop in the opposite order."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.children: list[Child] = []

    def start(self, name: str, command: list[str], **environment: str) -> Child:
        """Start a child; it ends when we do, however that happens."""
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env={**os.environ, **environment},
            # A group of its own, so that Ctrl C reaches it through us, in our order.
            process_group=0,
            preexec_fn=_end_with_parent,  # no threads run here
        )
        self.children.append(Child(name, process))
        return self.children[-1]

    def check(self) -> None:
        """Raise ChildEnded when one of them is gone."""
        for child in self.children:
            code = child.process.poll()
            if code is not None:
                how = _("signal %d") % -code if code < 0 else _("exit code %d") % code
                raise ChildEnded(
                    _("The %(name)s ended (%(how)s); everything is stopped.")
                    % {"name": child.name, "how": how}
                )

    def wait(self) -> None:
        """Watch over the children until one ends or we are told to stop."""
        while True:
            self.check()
            time.sleep(WAKES_EVERY)

    def stop(self) -> None:
        """Stop the children, last started first; one that does not listen is killed."""
        while self.children:
            process = self.children.pop().process
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _end_with_parent() -> None:
    """Ask the kernel to stop this child should its parent be killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@contextmanager
def stopping_on_signals() -> Iterator[None]:
    """Turn the first signal to stop into Stopped; those that follow are ignored."""

    def stop(number: int, frame: FrameType | None) -> None:
        for one in STOP_SIGNALS:
            signal.signal(one, signal.SIG_IGN)
        raise Stopped

    before: Mapping = {one: signal.signal(one, stop) for one in STOP_SIGNALS}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def check_port(address: str, port: int) -> None:
    """Refuse a port that cannot be served on, naming the cure."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((address, port))
        except (PermissionError, OverflowError):
            raise Refused(
                _("Port %(port)d is not for ordinary programs: make run PORT=8001")
                % {"port": port}
            ) from None
        except OSError:
            raise Refused(
                _("Port %(port)d is in use: make run PORT=%(next)d")
                % {"port": port, "next": port + 1}
            ) from None


def free_port() -> int:
    """A port of this machine nobody uses."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def web_command(address: str, port: int) -> list[str]:
    """The command line of the web server."""
    bind = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    words = f"-m gunicorn backoffice.wsgi --bind {bind} --worker-class gthread --threads 4"
    quiet = "--preload --log-level warning --graceful-timeout 10 --no-control-socket"
    return [sys.executable, *words.split(), *quiet.split()]


def manage_command(*words: str) -> list[str]:
    """The command line of one of our own commands."""
    return [sys.executable, "manage.py", *words]
