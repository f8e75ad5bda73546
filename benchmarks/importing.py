"""Importing a CSV journal: against Django's bulk_create, and whether memory grows with the file.

python -m benchmarks.importing [--entries 100000] [--rounds 3]
"""

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from django.conf import settings

from accounting.importers import journal_rows
from accounting.journal_import import import_journal
from accounting.journal_rows import JournalOptions
from backoffice.staff import owners
from backoffice.tables import open_table
from benchmarks import floors
from benchmarks.common import Ratio, Seconds, ratio, report, show
from benchmarks.office import fresh_office
from benchmarks.workload import account_path, movements

DATABASE = "benchmark_importing"
OURS, FLOOR = "journal import from CSV", "floor: bulk_create of the same entries"


def write_csv(path: Path, entries: int) -> Path:
    """The workload as a file somebody brings."""
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["entry", "date", "account", "amount", "narration"])
        for one in movements(entries):
            common = [one.number, one.on.isoformat()]
            text = f"memo {one.number}"
            rows.writerow([*common, account_path(one.debited), one.amount, text])
            rows.writerow([*common, account_path(one.credited), -one.amount, text])
    return path


def alone(way: str, argument: str) -> tuple[float, float]:
    """Seconds and peak megabytes of one way, in a fresh office and a process of its own."""
    office = fresh_office(DATABASE)
    floors.make_tables(office.name)
    office.close()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.importing", "--alone", way, argument],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": office.url},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seconds, megabytes = json.loads(done.stdout.splitlines()[-1])
    return seconds, megabytes


def run_alone(way: str, argument: str) -> None:
    """In the child: do it once and print what it took."""
    began = time.perf_counter()
    if way == "import":
        import_file(Path(argument))
    else:
        floors.post_many(movements(int(argument)))
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([seconds, peak]))


def import_file(path: Path) -> None:
    """What books_import does with a file."""
    rows = journal_rows(open_table(path))
    outcome = import_journal(rows, by=owners()[0], options=JournalOptions())
    if outcome.refused or outcome.posted != outcome.read:
        raise SystemExit(f"{len(outcome.refused)} entries were refused")


def main() -> None:
    """Take turns between the file and the floor; weigh a small and a large file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--alone", nargs=2, metavar=("WAY", "ARGUMENT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        run_alone(*options.alone)
        return
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), options.entries, options.rounds)


def measure(folder: Path, entries: int, rounds: int) -> None:
    """Run it all and print the ratios."""
    large = write_csv(folder / "large.csv", entries)
    small = write_csv(folder / "small.csv", entries // 5)
    _seconds, light = alone("import", str(small))
    seconds: Seconds = {OURS: [], FLOOR: []}
    heavy = 0.0
    for _round in range(rounds):
        took, megabytes = alone("import", str(large))
        seconds[OURS].append(took)
        heavy = max(heavy, megabytes)
        seconds[FLOOR].append(alone("floor", str(entries))[0])
    show(seconds, per_second=entries)
    print(f"  peak memory: {light:.0f} MB at {entries // 5:,}, {heavy:.0f} MB at {entries:,}")
    memory = Ratio(
        "memory, of that for a fifth of the file",
        heavy / light,
        1.1,
        False,
        heavy / light,
        heavy / light,
        1,
    )
    report(
        "importing",
        [ratio("rate, of the floor's", seconds[FLOOR], seconds[OURS], at_least=0.7), memory],
    )


if __name__ == "__main__":
    main()
