"""What every benchmark shares: taking turns, medians, and ratios held against goals."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

RESULTS = Path(__file__).parent / "results"

Seconds = dict[str, list[float]]


@dataclass(frozen=True)
class Contender:
    """An act to be timed, and how often it runs when its turn comes."""

    act: Callable[[], object]
    times: int = 1


def take_turns(contenders: Mapping[str, Contender], *, rounds: int) -> Seconds:
    """The seconds each act takes in each round, the median of its turn.

    All take part in every round, in changing order, so that a busy moment of the machine
    meets them all. One turn of each is run before and not counted.
    """
    seconds: Seconds = {name: [] for name in contenders}
    order = list(contenders)
    for name in order:
        contenders[name].act()
    for _round in range(rounds):
        for name in order:
            seconds[name].append(turn(contenders[name]))
        order.reverse()
    return seconds


def turn(contender: Contender) -> float:
    """The median seconds of one turn."""
    taken = []
    for _run in range(contender.times):
        began = time.perf_counter()
        contender.act()
        taken.append(time.perf_counter() - began)
    return median(taken)


@dataclass(frozen=True)
class Ratio:
    """A measured ratio and the goal it is held against."""

    what: str
    ratio: float
    goal: float
    at_least: bool
    lowest: float
    highest: float
    runs: int

    @property
    def is_met(self) -> bool:
        """Whether the ratio is on the right side of the goal."""
        return self.ratio >= self.goal if self.at_least else self.ratio <= self.goal


def ratio(
    what: str, above: list[float], below: list[float], *, at_least: float = 0, at_most: float = 0
) -> Ratio:
    """The median over the rounds of one side divided by the other.

    Rates compare as the floor's seconds above ours, durations as ours above the floor's.
    """
    found = [a / b for a, b in zip(above, below, strict=True)]
    return Ratio(
        what,
        median(found),
        at_least or at_most,
        bool(at_least),
        min(found),
        max(found),
        len(found),
    )


def show(seconds: Seconds, *, per_second: int = 0) -> None:
    """Print the median of every contender; with `per_second`, as the rate of so many things."""
    for name, taken in seconds.items():
        each = [per_second / s if per_second else s * 1000 for s in taken]
        unit = "/s" if per_second else "ms"
        print(
            f"  {name:<52} {median(each):>12,.2f} {unit:<3}"
            f" [{min(each):,.2f} – {max(each):,.2f}] of {len(each)}"
        )


def report(benchmark: str, ratios: list[Ratio]) -> None:
    """Print each ratio with its goal and keep it in results/."""
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / f"{benchmark}.jsonl").open("a") as kept:
        for one in ratios:
            goal = f"goal {'≥' if one.at_least else '≤'} {one.goal:g}"
            print(
                f"  {one.what:<52} {one.ratio:>12,.2f} ×  "
                f" [{one.lowest:,.2f} – {one.highest:,.2f}] of {one.runs}"
                f"   {goal}   {'met' if one.is_met else 'MISSED'}"
            )
            line = {"at": f"{datetime.now(UTC):%Y-%m-%d %H:%M}", **asdict(one), "met": one.is_met}
            kept.write(json.dumps(line, ensure_ascii=False) + "\n")
