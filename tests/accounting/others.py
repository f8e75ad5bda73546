"""Other people's bookkeeping programs, for the tests that let them read our journal."""

import csv
import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

from accounting.journal_export import export_journal

BEAN_CHECK, BEAN_QUERY = (
    Path(sys.executable).parent / name for name in ("bean-check", "bean-query")
)
needs_hledger = pytest.mark.skipif(
    not shutil.which("hledger"), reason="hledger is not installed (Debian package hledger)"
)
needs_beancount = pytest.mark.skipif(
    not BEAN_QUERY.exists(), reason="beancount and beanquery are not installed"
)
BALANCES, RESULTS = ("Assets", "Liabilities", "Equity"), ("Income", "Expenses")


def journal_for(program: str, folder: Path) -> Path:
    """The whole journal in a file the program reads."""
    path = folder / f"books.{program}"
    with path.open("w", encoding="utf-8") as file:
        export_journal(file, to=program)
    return path


def run(*command) -> list[list[str]]:
    """What the program prints, as rows of CSV; what it refuses fails the test."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return list(csv.reader(StringIO(done.stdout)))
