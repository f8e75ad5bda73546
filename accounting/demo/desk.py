"""What still lies on the bookkeeper's desk: drafts to finish, and a template."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from accounting.demo.diary import Diary, cents
from accounting.demo.plan import Plan
from accounting.drafts import save_draft
from accounting.models import DraftLine, EntryDraft


def leave_work_lying(diary: Diary, plan: Plan) -> None:
    """Two drafts, one of them unfinished, one without a date, and the template of accruals."""
    last_month = diary.story.on.replace(day=1) - timedelta(days=1)
    energy, stand = cents(plan.scaled(2650)), cents(plan.scaled(1800))
    accrual = [line(diary, "energy", energy, "workshop"), line(diary, "accrued", -energy)]
    leave(
        diary,
        accrual,
        text=f"Electricity used in {last_month:%B}, not billed yet",
        date=last_month,
    )
    leave(
        diary,
        [line(diary, "marketing", stand, "marketing"), line(diary, None, None)],
        text="Stand at the boat show: ask Marketing for the bill",
    )
    leave(
        diary,
        [line(diary, "energy", None, "workshop"), line(diary, "accrued", None)],
        text="Electricity used, not billed yet",
        template_name="Accrual of electricity",
    )


def leave(diary: Diary, lines: list[DraftLine], **facts) -> None:
    """Leave a draft."""
    # Not a random one of its own: the same seed gives the same company.
    key = UUID(int=diary.random.getrandbits(128), version=4)
    save_draft(EntryDraft(key=key, **facts), by=diary.bookkeeper(diary.story.on), lines=lines)


def line(
    diary: Diary, account: str | None, amount: Decimal | None, department: str = "company"
) -> DraftLine:
    """A line as far as it is written."""
    return DraftLine(
        account_id=diary.accounts[account] if account else None,
        department_id=diary.departments[department],
        amount=amount,
    )
