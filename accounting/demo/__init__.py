"""Accounting's part of the demo company's story: years of books, kept month by month.

Sales, purchases, payments and taxes go through the acts people use; wages, loan and other
things no document stands behind are entries.
"""

from django.utils.formats import date_format

from accounting.charts import chart_for, load_chart
from accounting.demo import (
    bank,
    budget,
    closings,
    desk,
    expenses,
    machines,
    opening,
    regular,
    staff_costs,
    taxes,
    trade,
    upkeep,
)
from accounting.demo.days import month_end, months_from
from accounting.demo.diary import Diary
from accounting.demo.partners import Partners
from accounting.demo.plan import Plan
from accounting.years import open_year_for
from backoffice.demo.story import Story


def keep_books(story: Story) -> None:
    """Load the chart, open the books, live through the months, leave work on the desks."""
    accountant = story.holders("Accountant")[0]
    load_chart(chart_for(story.country.code), by=accountant)
    for day in (story.begins_on, story.on):
        open_year_for(day, by=accountant)
    diary, plan = Diary(story), Plan(story)
    partners = Partners(diary)
    expenses.name_kinds(diary)
    bank.open_account(diary)
    opening.take_over(diary, plan)
    for month in months_from(story.begins_on, story.on):
        story.say(date_format(month, "F Y"))
        for part in (trade, machines, regular):
            part.begin_month(diary, plan, partners, month)
        for part in (staff_costs, expenses, upkeep, taxes, closings, bank):
            part.begin_month(diary, plan, month)
        diary.live_until(min(month_end(month), story.on))
    budget.plan_the_year(diary)
    desk.leave_work_lying(diary, plan, partners)
