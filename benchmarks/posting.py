"""Posting one entry of two lines: against Django's bulk_create, and in a full book.

python -m benchmarks.posting [--lines 1000000] [--rounds 15]
"""

import argparse
from collections.abc import Callable
from itertools import cycle

from accounting.posting import credit, debit, post
from benchmarks import floors
from benchmarks.common import Contender, ratio, report, show, take_turns
from benchmarks.office import Office, fresh_office, full_office
from benchmarks.workload import movements

A_TURN = 40  # entries, each committed on its own


def posting_in(office: Office) -> Callable[[], object]:
    """Post the next movement of the workload through the one door there is."""
    source = cycle(movements(2000, seed=7))

    def act() -> None:
        movement = next(source)
        with office.entered():
            post(
                on=movement.on,
                text=f"memo {movement.number}",
                lines=[
                    debit(office.accounts[movement.debited], movement.amount),
                    credit(office.accounts[movement.credited], movement.amount),
                ],
                by=office.owner,
            )

    return act


def floor_in(office: Office) -> Callable[[], object]:
    """Write the next movement of the workload by bulk_create."""
    source = cycle(movements(2000, seed=7))

    def act() -> None:
        with office.entered():
            floors.post(next(source))

    return act


def main() -> None:
    """Take turns between the floor, an empty book and a full one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    empty, full = fresh_office("benchmark_posting"), full_office(options.lines)
    floors.make_tables(empty.name)
    here, there = "posting.post(), empty book", f"posting.post(), {options.lines:,} lines"
    floor = "floor: create + bulk_create"
    seconds = take_turns(
        {
            floor: Contender(floor_in(empty), A_TURN),
            here: Contender(posting_in(empty), A_TURN),
            there: Contender(posting_in(full), A_TURN),
        },
        rounds=options.rounds,
    )
    show(seconds, per_second=1)
    report(
        "posting",
        [
            ratio("rate, of the floor's", seconds[floor], seconds[here], at_least=0.5),
            ratio(
                "rate in the full book, of the empty one's",
                seconds[here],
                seconds[there],
                at_least=0.9,
            ),
        ],
    )


if __name__ == "__main__":
    main()
