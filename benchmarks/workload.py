"""The books every benchmark keeps: 200 accounts, a few of them busy, two lines an entry."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple

ACCOUNTS = 200
FIRST_DAY = date(2023, 1, 1)
DAYS = 1095  # 36 months
LAST_MONTH_END = date(2025, 6, 30)
KINDS = ("Assets", "Liabilities", "Income", "Expenses", "Equity")


class Movement(NamedTuple):
    """One entry: an amount from one account to another, accounts counted from 0."""

    number: int
    on: date
    debited: int
    credited: int
    amount: Decimal


def movements(count: int, *, seed: int = 42) -> Iterator[Movement]:
    """So many entries in the order of their days; the busiest account holds an eighth of them."""
    chance = Random(seed)
    for number in range(1, count + 1):
        yield Movement(
            number,
            FIRST_DAY + timedelta(days=(number - 1) * DAYS // count),
            busy_first(chance),
            busy_first(chance),
            Decimal(chance.randrange(100, 500_100)).scaleb(-2),
        )


def busy_first(chance: Random) -> int:
    """An account, the first ones far more often."""
    return int(ACCOUNTS * chance.random() ** 2.5)


def account_path(number: int) -> str:
    """The full name of an account."""
    return f"{KINDS[number % len(KINDS)]}:A{number:03}"
