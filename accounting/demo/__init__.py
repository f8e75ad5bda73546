"""Accounting's part of the demo company's story: years of books, kept month by month."""

from django.utils.formats import date_format

from accounting.charts import chart_for, load_chart
from accounting.demo import desk, opening, settling, staff_costs, trade, upkeep
from accounting.demo.days import month_end, months_from
from accounting.demo.diary import Diary
from accounting.demo.plan import Plan
from accounting.models import Period
from accounting.years import close_period, open_year_for
from backoffice.demo.story import Story

LEFT_OPEN = 2  # past months the accountant has not closed yet


def keep_books(story: Story) -> None:
    """Load the chart, open the books, live through the months, close all but the last."""
    accountant = story.holders("Accountant")[0]
    load_chart(chart_for(story.country.code), by=accountant)
    for day in (story.begins_on, story.on):
        open_year_for(day, by=accountant)
    diary = Diary(story)
    plan = Plan(story)
    opening.take_over(diary, plan)
    for month in months_from(story.begins_on, story.on):
        story.say(date_format(month, "F Y"))
        for part in (trade, staff_costs, upkeep):
            part.begin_month(diary, plan, month)
        diary.live_until(min(month_end(month), story.on))
    settling.settle(story.on, by=accountant)
    months = Period.objects.filter(ends_on__lt=story.on.replace(day=1)).order_by("starts_on")
    for period in list(months)[:-LEFT_OPEN]:
        close_period(period, by=accountant)
    desk.leave_work_lying(diary, plan)
