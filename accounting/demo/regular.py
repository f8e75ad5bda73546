"""What comes by itself: the rent each month, a year's insurance spread over its months."""

from datetime import date, timedelta
from uuid import UUID

from accounting.demo import purchases
from accounting.demo.days import later, month_end
from accounting.demo.diary import Diary, cents
from accounting.demo.partners import Partners
from accounting.demo.plan import OVERHEADS, Plan
from accounting.drafts import save_draft
from accounting.models import Bill, Deferral, DraftLine, EntryDraft, RecurringEntry
from accounting.recurring import post_due
from backoffice.errors import Refused
from backoffice.money import ZERO

RENT, INSURANCE = (
    next(found for found in OVERHEADS if found.account == account)
    for account in ("rent", "insurance")
)
PREMIUM_DAY = 3
LAST = 3  # the order of things done at the end of a day


def begin_month(diary: Diary, plan: Plan, partners: Partners, month: date) -> None:
    """Put what the month brings into the diary; rent goes up with each fiscal year."""
    months = (month.year - diary.story.begins_on.year) * 12
    months += month.month - diary.story.begins_on.month
    if months == 0 or month.month == diary.story.country.year_starts_in:
        agree_on_rent(diary, plan, month)
    if months % 12 == 0:
        premium = cents(plan.overhead(month, INSURANCE) * 12)
        bill = purchases.ToCome(
            diary.story.parties["insurance"][0],
            "prepaid",
            "company",
            premium,
            f"Insurance for a year from {month:%B %Y}",
            then=spread,
        )
        diary.at(month.replace(day=PREMIUM_DAY), purchases.enter, partners, bill)
    diary.at(month, post_what_is_due)
    diary.at(month_end(month), post_what_is_due, order=LAST)


def agree_on_rent(diary: Diary, plan: Plan, month: date) -> None:
    """A template of the rent, posted on the first of each month to the end of the year."""
    starts_in = diary.story.country.year_starts_in
    ends_on = later(month, (starts_in - month.month - 1) % 12 + 1) - timedelta(days=1)
    amount = cents(plan.overhead(month, RENT))
    template = save_draft(
        EntryDraft(
            key=UUID(int=diary.random.getrandbits(128), version=4),
            text=RENT.text,
            template_name=f"Rent to {ends_on:%B %Y}",
        ),
        by=diary.bookkeeper(month),
        lines=[
            DraftLine(
                account=diary.accounts["rent"],
                department=diary.story.departments[RENT.department],
                party=diary.story.parties["rent"][0],
                amount=amount,
            ),
            DraftLine(
                account=diary.accounts["bank"],
                department=diary.story.departments["company"],
                amount=-amount,
            ),
        ],
    )
    RecurringEntry.objects.create(template=template, starts_on=month, ends_on=ends_on)


def spread(diary: Diary, bill: Bill) -> None:
    """Let each month bear its part of a premium."""
    Deferral.objects.create(
        kind=Deferral.Kind.PREPAID,
        text="Insurance",
        amount=bill.net or ZERO,
        account=diary.accounts["insurance"],
        department=diary.story.departments["company"],
        first_month=bill.date.replace(day=1),
        months=12,
        made_by=bill.made_by,
    )


def post_what_is_due(diary: Diary, day: date) -> None:
    """Let the office post what comes by itself."""
    _posted, refused = post_due(on=day, by=diary.bookkeeper(day))
    if refused:
        raise Refused(refused[0])
