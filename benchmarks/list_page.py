"""A list of 50 rows over HTTP: against the smallest Django page, on the same kind of server.

python -m benchmarks.list_page [--lines 1000000] [--rounds 9] [--records]
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.urls import reverse

from benchmarks.common import Contender, ratio, report, show, take_turns
from benchmarks.many_records import office_of_many_records
from benchmarks.office import full_office, make_database, url_of
from benchmarks.serving import Browser, served, served_office

FOLDER = Path(__file__).parent / "floor_page"
FLOOR_DATABASE = "benchmark_floor_page"
A_TURN = 30
LISTS = ("accounting:journalentry-list", "backoffice:party-list")
# Those of the office that is owed much, which has records of every kind.
MORE_LISTS = tuple(
    f"accounting:{kind}-list"
    for kind in ("invoice", "bill", "payment", "statementline", "fixedasset", "taxcode", "item")
)
LARGEST_PAGE = 60_000  # bytes of HTML


@contextmanager
def served_floor() -> Iterator[Browser]:
    """The floor page behind the same web server."""
    make_database(FLOOR_DATABASE)
    environment = {"DATABASE_URL": url_of(FLOOR_DATABASE, owner=True)}
    made = subprocess.run(
        [sys.executable, "app.py"],
        cwd=FOLDER,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    with served("app", FOLDER, environment) as port:
        yield Browser(port, made.stdout.strip())


def main() -> None:
    """Take turns between the floor page and our lists."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--records", action="store_true", help="invoices, bills, payments, …")
    options = parser.parse_args()
    if options.records:
        office, lists = office_of_many_records(), (*LISTS, *MORE_LISTS)
    else:
        office, lists = full_office(options.lines), LISTS
    with served_office(office) as ours, served_floor() as floor:
        compare(ours, floor, options.rounds, lists)


def compare(ours: Browser, floor: Browser, rounds: int, lists: tuple[str, ...]) -> None:
    """Print p50 of each page and its ratio to the floor's."""
    pages = {f"floor page, {len(floor.get('/list/')) / 1000:.0f} kB": (floor, "/list/")}
    for name in lists:
        path = reverse(name)
        size = len(ours.get(path))
        pages[f"{path}, {size / 1000:.0f} kB"] = (ours, path)
        if size > LARGEST_PAGE:
            print(f"  {path} is larger than {LARGEST_PAGE / 1000:.0f} kB")
    seconds = take_turns(
        {
            name: Contender(lambda asked=asked: asked[0].get(asked[1]), A_TURN)
            for name, asked in pages.items()
        },
        rounds=rounds,
    )
    show(seconds)
    floor_name, *our_names = pages
    report(
        "list_page",
        [
            ratio(f"p50 of {name}", seconds[name], seconds[floor_name], at_most=2)
            for name in our_names
        ],
    )


if __name__ == "__main__":
    main()
