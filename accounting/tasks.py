"""What the books do by themselves, begun by the clock."""

from zoneinfo import ZoneInfo

from django.utils import timezone
from procrastinate.contrib.django import app

from accounting.recurring import post_due
from backoffice.models import Company


@app.periodic(cron="23 4 * * *")
@app.task(name="accounting.post_due", queueing_lock="accounting.post_due")
def post_what_is_due(timestamp: int) -> None:
    """Post recurring entries and the parts of what was paid ahead, by the company's calendar."""
    company = Company.objects.first()
    if company is not None:
        post_due(on=timezone.localdate(timezone=ZoneInfo(company.time_zone)), by=None)
