"""Depreciation schedules: pure arithmetic, nothing is asked of the database.

The value still to be taken is spread over the months still to come in equal rounded parts; the
last month takes the remainder. A change of value or life begins a new stretch, so that months
before it keep what they were given.
"""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from backoffice.money import ZERO, rounded

MONTHLY, DAILY, DECLINING, NONE = "monthly", "daily", "declining", "none"
PRO_RATA = "pro_rata"
A_DAY, A_YEAR = timedelta(days=1), 12

WHOLE = Fraction(1)

# Months of a life, each with its share of a month.
Months = tuple[tuple[date, Fraction], ...]


class Way(NamedTuple):
    """How an asset is depreciated, from its first day in service on."""

    method: str
    in_service_on: date
    first_month: str = "full"
    declining_rate: Decimal | None = None
    switches: bool = True

    @property
    def starts_on(self) -> date:
        """The first day that is charged."""
        day = self.in_service_on
        return day if self.first_month == PRO_RATA else day.replace(day=1)


class Stretch(NamedTuple):
    """Months under the same terms: what is still to be taken from the first of them on."""

    from_month: date
    value: Decimal
    residual: Decimal
    life_months: int


class Part(NamedTuple):
    """What is taken in a month."""

    month: date
    amount: Decimal


class Terms(NamedTuple):
    """What an event changed, and what holds from its month on."""

    from_month: date
    cost: Decimal
    taken: Decimal
    residual: Decimal
    life_months: int
    posted_before: Decimal = ZERO  # depreciation posted for months before from_month


def month_of(day: date) -> date:
    """The first day of the month."""
    return day.replace(day=1)


def later(month: date, months: int) -> date:
    """The same day so many months later, or the last one of a shorter month."""
    year, number = divmod(month.year * 12 + month.month - 1 + months, 12)
    last = monthrange(year, number + 1)[1]
    return date(year, number + 1, min(month.day, last))


def month_end(month: date) -> date:
    """The last day of the month."""
    return month.replace(day=monthrange(month.year, month.month)[1])


def life_ends_on(way: Way, life_months: int) -> date:
    """The last day that is charged."""
    return later(way.starts_on, life_months) - A_DAY


def schedule(way: Way, stretch: Stretch, minor_unit: int) -> Iterator[Part]:
    """The parts of a stretch in their order; they sum to its value."""
    if way.method == NONE or stretch.value <= 0:
        return iter(())
    months, whole = months_left(
        way.method == DAILY, way.starts_on, stretch.life_months, stretch.from_month
    )
    if way.method == DECLINING:
        return declining(way, stretch, months, minor_unit)
    return straight_line(stretch.value, months, whole, minor_unit)


def straight_line(
    value: Decimal, months: Months, whole: Fraction, minor_unit: int
) -> Iterator[Part]:
    """Equal rounded parts by the share of each month; never more than is left."""
    if not months:
        return
    left = value
    known, amount = None, ZERO
    for month, share in months[:-1]:
        if share is not known:  # most are the same whole month
            known, amount = share, fraction_of(value, share / whole, minor_unit)
        amount = min(amount, left)
        left -= amount
        yield Part(month, amount)
    yield Part(months[-1][0], left)


def declining(way: Way, stretch: Stretch, months: Months, minor_unit: int) -> Iterator[Part]:
    """A share of the value each year begins with, never below the residual value.

    It goes on as a straight line in the first year in which that is more, if it switches.
    """
    left, book = stretch.value, ZERO
    monthly = Fraction(way.declining_rate or ZERO) / (100 * A_YEAR)
    for number, (month, share) in enumerate(months):
        if number % A_YEAR == 0:
            book, ahead = left + stretch.residual, months[number:]
            whole = shares_of(ahead)
            if way.switches and Fraction(left) / whole > Fraction(book) * monthly:
                yield from straight_line(left, ahead, whole, minor_unit)
                return
        is_last = number == len(months) - 1
        amount = left if is_last else min(fraction_of(book, monthly * share, minor_unit), left)
        left -= amount
        yield Part(month, amount)


def fraction_of(value: Decimal, share: Fraction, minor_unit: int) -> Decimal:
    """The share of the value, rounded once."""
    exact = Fraction(value) * share
    return rounded(Decimal(exact.numerator) / Decimal(exact.denominator), minor_unit)


@lru_cache(maxsize=4096)
def months_left(
    is_daily: bool,  # noqa: FBT001 - part of a key
    starts_on: date,
    life_months: int,
    from_month: date,
) -> tuple[Months, Fraction]:
    """The months of a life from one of them on, and how many whole ones they are."""
    spread = months_by_days if is_daily else whole_months
    found = tuple(one for one in spread(starts_on, life_months) if one[0] >= from_month)
    return found, shares_of(found)


def shares_of(months: Months) -> Fraction:
    """How many whole months the months are."""
    return sum((share for _month, share in months), Fraction(0))


def whole_months(starts_on: date, life_months: int) -> Iterator[tuple[date, Fraction]]:
    """A share of one for each month; a life that begins within a month ends within one."""
    first, days = month_of(starts_on), monthrange(starts_on.year, starts_on.month)[1]
    begun = Fraction(days - starts_on.day + 1, days)
    yield first, begun
    for number in range(1, life_months):
        yield later(first, number), WHOLE
    if begun < 1:
        yield later(first, life_months), 1 - begun


def months_by_days(starts_on: date, life_months: int) -> Iterator[tuple[date, Fraction]]:
    """The share of each month by its days: a year's part is spread over the days of that year."""
    shares: dict[date, Fraction] = {}
    for begun in range(0, life_months, A_YEAR):
        months = min(A_YEAR, life_months - begun)
        first, after = later(starts_on, begun), later(starts_on, begun + months)
        a_day = Fraction(months, (after - first).days)
        while first < after:
            month = month_of(first)
            following = min(later(month, 1), after)
            shares[month] = shares.get(month, Fraction(0)) + a_day * (following - first).days
            first = following
    yield from shares.items()


def planned(
    way: Way,
    history: Sequence[Terms],
    *,
    minor_unit: int,
    posted_until: date | None = None,
    until: date | None = None,
) -> list[Part]:
    """The parts of the months not yet posted, up to a month or the end of the life."""
    found: list[Part] = []
    cost, taken = ZERO, ZERO
    for number, terms in enumerate(history):
        cost, taken = cost + terms.cost, taken + terms.taken
        following = history[number + 1].from_month if number + 1 < len(history) else date.max
        already = terms.posted_before + sum((part.amount for part in found), ZERO)
        value = cost - taken - terms.residual - already
        stretch = Stretch(terms.from_month, value, terms.residual, terms.life_months)
        for part in schedule(way, stretch, minor_unit):
            if part.month >= following or (until and part.month > until):
                break
            if part.amount and (posted_until is None or part.month > posted_until):
                found.append(part)
    return found


def used_of(way: Way, month: date, life_months: int, on: date) -> Fraction:
    """How much of a month's part is charged where the asset is given up within it."""
    if way.first_month != PRO_RATA:
        return Fraction(1)
    first = max(month, way.starts_on)
    last = min(month_end(month), life_ends_on(way, life_months))
    charged = (min(on, last) - first).days + 1
    return Fraction(max(charged, 0), max((last - first).days + 1, 1))
