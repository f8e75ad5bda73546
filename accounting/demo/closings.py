"""Months closed by the accountant: once everything ties out, and not before."""

from datetime import date

from accounting.closing import close
from accounting.demo.days import later, month_end, working_day
from accounting.demo.diary import Diary
from accounting.demo.plan import Plan
from accounting.exchange import revalue
from accounting.models import Period

LEFT_OPEN = 2  # past months the accountant has not closed yet
CLOSING_DAY = 15  # of the month after
REVALUED, LAST = 3, 5  # the orders of things done at the end of a day


def begin_month(diary: Diary, plan: Plan, month: date) -> None:
    """Put what ends the month into the diary."""
    end = month_end(month)
    if end < diary.story.on:  # it is taken back the day after
        diary.at(end, revalue_foreign_items, order=REVALUED)
    if plan.months_to_go(month) > LEFT_OPEN:
        day = working_day(later(month, 1).replace(day=CLOSING_DAY))
        diary.at(day, close_months, end, order=LAST)


def revalue_foreign_items(diary: Diary, day: date) -> None:
    """What customers abroad owe is told at the rate of the day."""
    revalue(on=day, today=diary.story.on, by=diary.accountant)


def close_months(diary: Diary, day: date, end: date) -> None:
    """The month, and before the first one what of its year lies before the books."""
    for period in Period.objects.filter(ends_on__lte=end, closed_at=None).order_by("starts_on"):
        close(period, by=diary.accountant)
