"""Our own commands as people run them: in a process of their own, with an office of their own."""

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
OURS = (
    *("DATABASE_URL", "OWNER_DATABASE_URL", "BASE_URL", "SECRET_KEY", "ENCRYPTION_KEYS"),
    *("EMAIL_URL", "DEBUG"),
)


def environment(**variables: str) -> dict[str, str]:
    """The environment of this machine with none of our variables but these."""
    return {**{k: v for k, v in os.environ.items() if k not in OURS}, **variables}


def manage(*words: str, **variables: str) -> subprocess.CompletedProcess:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=REPOSITORY,
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


def start(*words: str, **variables: str) -> subprocess.Popen:
    """Start one command and go on."""
    return subprocess.Popen(
        [sys.executable, "manage.py", *words],
        cwd=REPOSITORY,
        env=environment(**variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def lines_until(process: subprocess.Popen, word: str) -> list[str]:
    """What the command says until a line begins with the word."""
    said = []
    for line in process.stdout:
        said.append(line.rstrip("\n"))
        if line.strip().startswith(word):
            break
    return said


def stop(process: subprocess.Popen, number: int = signal.SIGINT) -> int:
    """Ask the command to stop, as Ctrl C does; its exit code."""
    process.send_signal(number)
    process.communicate(timeout=60)
    return process.returncode


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


def get(address: str) -> tuple[int, str]:
    """Status and text of a page."""
    try:
        with urllib.request.urlopen(address, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read().decode()
