"""What customers owe over HTTP: 100,000 open items, against the smallest Django page.

python -m benchmarks.owed [--items 100000] [--rounds 9]
"""

import argparse

from django.urls import reverse

from benchmarks.common import Contender, ratio, report, show, take_turns
from benchmarks.list_page import served_floor
from benchmarks.owed_office import owed_office
from benchmarks.serving import Browser, served_office

A_TURN = 10
ON = "on=2025-12-31"
PAGES = {
    "ageing": ("aged-receivables", ON),
    "open items, those due first": ("receivables", ON),
    "open items that are late": ("receivables", f"{ON}&due=31-60"),
}


def compare(ours: Browser, floor: Browser, rounds: int) -> None:
    """Print p50 of each page and its ratio to the floor's."""
    paths = {
        name: f"{reverse(f'accounting:{page}')}?{query}" for name, (page, query) in PAGES.items()
    }
    contenders = {"floor page": Contender(lambda: floor.get("/list/"), A_TURN)}
    contenders |= {
        name: Contender(lambda path=path: ours.get(path), A_TURN) for name, path in paths.items()
    }
    seconds = take_turns(contenders, rounds=rounds)
    show(seconds)
    found = [ratio(f"p50 of {n}", seconds[n], seconds["floor page"], at_most=2) for n in PAGES]
    report("owed", found)


def main() -> None:
    """Take turns between the floor page and ours."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    with served_office(owed_office(options.items)) as ours, served_floor() as floor:
        compare(ours, floor, options.rounds)


if __name__ == "__main__":
    main()
