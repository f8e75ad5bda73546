"""Days of the year as a company counts them."""

from calendar import monthrange
from datetime import date, timedelta

HOLIDAYS = {(1, 1), (12, 25), (12, 26)}


def later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a shorter month."""
    month = day.year * 12 + day.month - 1 + months
    year, month = month // 12, month % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def month_end(day: date) -> date:
    """The last day of its month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def months_from(first: date, last: date) -> list[date]:
    """The first days of the months from one day to another."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [later(first.replace(day=1), number) for number in range(count)]


def is_working_day(day: date) -> bool:
    """Whether bank and workshop are open."""
    return day.weekday() < 5 and (day.month, day.day) not in HOLIDAYS


def working_day(day: date) -> date:
    """The day, or the next one the bank is open."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def last_working_day(month: date) -> date:
    """The last day of the month the bank is open."""
    return working_day_before(month_end(month))


def working_day_before(day: date) -> date:
    """The day, or the last one before it the bank is open."""
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day


def working_days(month: date) -> list[date]:
    """All days of the month the workshop is open."""
    days = (month.replace(day=number) for number in range(1, month_end(month).day + 1))
    return [day for day in days if is_working_day(day)]


def is_quarter_end(month: date) -> bool:
    """Whether a calendar quarter ends with the month."""
    return month.month % 3 == 0
