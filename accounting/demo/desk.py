"""What still lies on the desks: drafts to finish, what waits for approval, money to send."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from accounting.demo import expenses, purchases, sales
from accounting.demo.diary import Diary, cents
from accounting.demo.partners import Partners
from accounting.demo.plan import Plan
from accounting.drafts import save_draft
from accounting.models import DraftLine, EntryDraft, OwnAccount, ReminderLevel
from accounting.payment_runs import propose_run, submit_run
from backoffice.encrypted_fields import whole

DUE_WITHIN = timedelta(days=10)
BILLS = (
    ("timber", "purchases", "workshop", "2318.60", "Oak, sawn, 44 mm"),
    ("fittings", "purchases", "workshop", "486.15", "Brass hinges and catches"),
    ("advice", "advice", "accounting", "640", "Advice on a lease"),
)
REMINDERS = (
    (
        7,
        "A reminder of our invoice",
        "It may have slipped your attention: we have not seen a payment of these yet. If it is"
        " on its way, please take no notice of this letter.",
    ),
    (
        30,
        "Our invoice is still open",
        "We wrote to you about these before. Please pay them within a week, or call us if"
        " something about them is not right.",
    ),
)


def leave_work_lying(diary: Diary, plan: Plan, partners: Partners) -> None:
    """Drafts of entries and of an invoice; bills, a claim and a payment run to be approved."""
    write_reminders(diary)
    leave_drafts_of_entries(diary, plan)
    sales.draft(diary, diary.story.on, plan, partners, "boats", cents(plan.scaled(6400)))
    for trade, account, department, net, text in BILLS:
        come = purchases.ToCome(
            diary.story.parties[trade][0],
            account,
            department,
            cents(plan.scaled(Decimal(net))),
            text,
        )
        purchases.enter(diary, diary.story.on, partners, come)
    expenses.hand_in(diary, diary.story.on)
    expenses.ask_for_receipts()
    propose_payments(diary)


def write_reminders(diary: Diary) -> None:
    """What is written to customers who are late; the letters themselves wait to be sent."""
    for level, (days, subject, text) in enumerate(REMINDERS, start=1):
        ReminderLevel.objects.create(
            level=level, days_overdue=days, subject=subject, text=text, fee=0
        )


def propose_payments(diary: Diary) -> None:
    """A payment run with what is due in the next days, waiting for the accountant."""
    story = diary.story
    until = story.on + DUE_WITHIN
    if not any(owed.due <= until for owed in diary.owed_to_suppliers):
        return
    by, own = diary.bookkeeper(story.on), OwnAccount.objects.get()
    run = propose_run(
        on=story.on,
        due_until=until,
        bank=diary.accounts["bank"],
        holder=story.company.legal_name,
        by=by,
        currency=own.currency,
        iban=whole(own.iban),
    )
    submit_run(run, by=by)


def leave_drafts_of_entries(diary: Diary, plan: Plan) -> None:
    """Two drafts, one of them unfinished, one without a date, and the template of accruals."""
    last_month = diary.story.on.replace(day=1) - timedelta(days=1)
    energy, stand = cents(plan.scaled(2650)), cents(plan.scaled(1800))
    accrual = [line(diary, "energy", energy, "workshop"), line(diary, "accruals", -energy)]
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
        [line(diary, "energy", None, "workshop"), line(diary, "accruals", None)],
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
        account=diary.accounts[account] if account else None,
        department=diary.story.departments[department],
        amount=amount,
    )
