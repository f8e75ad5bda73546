"""Letters while the worker is killed again and again: nothing twice, nothing lost.

python -m benchmarks.mail_under_fire [--letters 2000] [--kills 20]

A real worker sends to a real SMTP server on this machine and is killed with SIGKILL: every other
time at any moment, else in the worst one, when the server has taken a letter and not said so yet.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes

from aiosmtpd.controller import Controller
from django.conf import settings
from django.db import connection
from django.utils import timezone

from backoffice import outbox
from backoffice.models import Letter
from backoffice.queueing import queue
from backoffice.supervisor import free_port
from benchmarks.office import fresh_office

SENDERS = 3  # at once, beside the one a worker queues for itself
PATIENCE = 180  # seconds until everything must have come to rest


class Sink:
    """Takes every letter and remembers how often each came."""

    def __init__(self) -> None:
        self.arrived: Counter[str] = Counter()
        self.when_taken: Callable[[], None] | None = None
        self._lock = threading.Lock()

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """One letter is here; what happens before the answer is not known to who sent it."""
        with self._lock:
            self.arrived[message_from_bytes(envelope.content)["Message-ID"]] += 1
            shot, self.when_taken = self.when_taken, None
        if shot:
            shot()
        return "250 Taken"


@contextmanager
def mail_server() -> Iterator[tuple[Sink, int]]:
    """An SMTP server on this machine and its port."""
    sink, port = Sink(), free_port()
    server = Controller(sink, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield sink, port
    finally:
        server.stop()


@dataclass(frozen=True)
class Tally:
    """What became of the letters."""

    letters: int
    kills: int
    sent: int
    unknown: int
    unknown_arrived: int
    twice: int
    lost: int
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.letters} letters, {self.kills} kills: {self.sent} sent, {self.twice} twice,"
            f" {self.lost} lost, {self.unknown} shown as unknown ({self.unknown_arrived} of them"
            f" arrived), {self.seconds:.0f} s"
        )

    @property
    def is_good(self) -> bool:
        """Whether no letter came twice or was lost, and all others are accounted for."""
        return not (self.twice or self.lost) and self.sent + self.unknown == self.letters


def under_fire(*, letters: int, kills: int, url: str, seed: int = 1) -> Tally:
    """Send so many letters from the database of the connection, which is at the url too."""
    began, chance = time.monotonic(), random.Random(seed)
    for number in range(letters):
        outbox.send(to=[f"tom{number}@example.com"], subject=f"Letter {number}", text="Tea?")
    with mail_server() as (sink, port):
        killed = 0
        while killed < kills and waiting():
            # The letters are spread over the kills, so that none comes when all is done.
            target = letters * (killed + 1) // (kills + 1)
            with working(url, port) as worker:
                kill_while_sending(worker, sink, target, is_worst=killed % 2 == 0, chance=chance)
            killed += 1
        with working(url, port) as worker:
            until(lambda: not waiting())
            worker.terminate()
            worker.wait(60)
    outbox.give_up_lost_claims(now=timezone.now() + timedelta(hours=1))
    return tally(sink.arrived, kills=killed, seconds=time.monotonic() - began)


def waiting() -> bool:
    """Whether any letter has not been tried."""
    return Letter.objects.filter(state=Letter.State.WAITING).exists()


@contextmanager
def working(url: str, port: int) -> Iterator[subprocess.Popen]:
    """A worker of the office, with several senders to begin with; gone at the end."""
    for _sender in range(SENDERS):
        queue("outbox.send")
    environment = {"DATABASE_URL": url, "EMAIL_URL": f"smtp://127.0.0.1:{port}"}
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "worker"],
        cwd=settings.BASE_DIR,
        env={**os.environ, **environment, "DATA_DIR": str(settings.DATA_DIR)},
        stderr=subprocess.DEVNULL,
    )
    try:
        yield worker
    finally:
        worker.kill()
        worker.wait(10)


def kill_while_sending(
    worker: subprocess.Popen, sink: Sink, target: int, *, is_worst: bool, chance: random.Random
) -> None:
    """Kill the worker once so many letters have arrived in all."""
    until(lambda: sink.arrived.total() >= target or not waiting())
    if is_worst and waiting():
        shot = threading.Event()
        sink.when_taken = lambda: (worker.kill(), shot.set())
        until(lambda: shot.is_set() or not waiting())
        sink.when_taken = None
    else:
        time.sleep(chance.uniform(0, 0.02))


def until(holds: Callable[[], bool]) -> None:
    """Wait for it; raises where it takes too long."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError("The letters did not come to rest.")
        time.sleep(0.005)


def tally(arrived: Counter[str], *, kills: int, seconds: float) -> Tally:
    """Hold what the office says against what the mail server saw."""
    state = dict(Letter.objects.values_list("message_id", "state"))
    sent = {key for key, how in state.items() if how == Letter.State.SENT}
    unknown = {key for key, how in state.items() if how == Letter.State.UNKNOWN}
    return Tally(
        letters=len(state),
        kills=kills,
        sent=len(sent),
        unknown=len(unknown),
        unknown_arrived=len(unknown & set(arrived)),
        twice=sum(1 for times in arrived.values() if times > 1),
        lost=len(sent - set(arrived)) + len(set(state) - sent - unknown),
        seconds=seconds,
    )


def main() -> None:
    """Once, in an office of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--letters", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=20)
    options = parser.parse_args()
    office = fresh_office("benchmark_mail")
    with office.entered():
        found = under_fire(letters=options.letters, kills=options.kills, url=office.url)
        connection.close()
    print(found)
    if not found.is_good:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
