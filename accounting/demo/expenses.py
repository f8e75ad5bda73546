"""What staff pay themselves and claim back: approved by the accountant, paid on the next day."""

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from accounting import claims
from accounting.demo.days import working_day
from accounting.demo.diary import Diary
from accounting.demo.plan import Plan
from accounting.models import ExpenseClaim, ExpenseKind, Receipt, TaxCode
from backoffice.approvals import approve
from backoffice.models import Approval, User

EVERY_MONTHS = 2


class Trip(NamedTuple):
    """Why somebody paid: kind, text, and about how much in pounds."""

    text: str
    receipts: tuple[tuple[str, str, int], ...]


KINDS = (
    ("Travel", "travel", {"GB": "P0"}),
    ("Meals with customers", "entertaining", {"GB": "P20N"}),
    ("Small tools and supplies", "office", {"GB": "P20"}),
)
TRIPS = (
    Trip("Site visit", (("Travel", "Train, return", 64), ("Travel", "Taxi to the site", 18))),
    Trip("Sharpening stones", (("Small tools and supplies", "Stones and oil", 47),)),
    Trip("Lunch with a customer", (("Meals with customers", "Lunch for four", 92),)),
    Trip(
        "Boat show",
        (("Travel", "Train", 71), ("Travel", "Hotel, one night", 118)),
    ),
)


def name_kinds(diary: Diary) -> None:
    """What staff may claim for."""
    codes = {code.code: code for code in TaxCode.objects.all()}
    for name, account, taxes in KINDS:
        tax_code = codes.get(taxes.get(diary.story.country.code, ""))
        facts = {"account": diary.accounts[account], "tax_code": tax_code}
        ExpenseKind.objects.create(name=name, needs_receipt=False, **facts)


def ask_for_receipts() -> None:
    """From today on claims come with photos; those told of so far were on paper."""
    ExpenseKind.objects.update(needs_receipt=True)


def begin_month(diary: Diary, plan: Plan, month: date) -> None:
    """Somebody was on the road."""
    if plan.months_to_go(month) % EVERY_MONTHS == 0:
        day = working_day(month + timedelta(days=diary.random.randint(5, 18)))
        diary.at(day, claim)


def claim(diary: Diary, day: date) -> None:
    """Somebody hands receipts in; the accountant looks at them some days later."""
    handed_in = hand_in(diary, day)
    seen_on = working_day(day + timedelta(days=diary.random.randint(2, 5)))
    diary.at(seen_on, agree, handed_in)


def hand_in(diary: Diary, day: date) -> ExpenseClaim:
    """A claim with its receipts, waiting for approval."""
    trip = diary.random.choice(TRIPS)
    who = claimant(diary, day)
    found = ExpenseClaim.objects.create(claimant=who, text=trip.text)
    kinds = {kind.name: kind for kind in ExpenseKind.objects.all()}
    for name, text, about in trip.receipts:
        Receipt.objects.create(
            claim=found,
            kind=kinds[name],
            text=text,
            date=day - timedelta(days=diary.random.randint(1, 4)),
            amount=Decimal(diary.random.randint(about * 80, about * 130)) / 100,
        )
    claims.submit(found, on=day, by=who)
    return found


def claimant(diary: Diary, day: date) -> User:
    """Anybody on the staff but the accountant, who approves it."""
    return diary.random.choice(
        [
            member.user
            for member in diary.story.members
            if member.since <= day and member.user != diary.accountant
        ]
    )


def agree(diary: Diary, day: date, handed_in: ExpenseClaim) -> None:
    """The accountant approves the claim; its money is on the way in a week."""
    approval = Approval.objects.get(
        label=ExpenseClaim._meta.label_lower,
        record_key=str(handed_in.pk),
        state=Approval.State.WAITING,
    )
    approve(approval, by=diary.accountant, on=day)
    diary.at(working_day(day + timedelta(days=7)), pay_back, handed_in)


def pay_back(diary: Diary, day: date, handed_in: ExpenseClaim) -> None:
    """The claimant gets the money."""
    claims.pay_claims([handed_in], bank=diary.accounts["bank"], on=day, by=diary.bookkeeper(day))
