"""The budget of the current year: what last year brought, and a little more."""

from decimal import Decimal

from accounting.budgets import budget_from_actuals, put_in_force
from accounting.demo.diary import Diary
from accounting.models import FiscalYear

MORE = Decimal(3)


def plan_the_year(diary: Diary) -> None:
    """A budget in force, where the year before was kept from its first day."""
    story = diary.story
    this = FiscalYear.objects.get(starts_on__lte=story.on, ends_on__gte=story.on)
    before = FiscalYear.objects.filter(
        ends_on__lt=this.starts_on, starts_on__gte=story.begins_on
    ).order_by("-starts_on")
    if last := before.first():
        budget = budget_from_actuals(
            last, to=this, name="Budget", by=diary.accountant, percent=MORE
        )
        put_in_force(budget, by=diary.accountant)
