"""What is bought: bills entered by one, approved by another, paid on pay days."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from operator import attrgetter

from accounting.bills import Bought, record_bill
from accounting.demo.days import working_day
from accounting.demo.diary import Diary, Owed
from accounting.demo.partners import Partners
from accounting.demo.plan import Plan
from accounting.models import Bill, JournalLine
from accounting.payments import Settle, record_payment
from backoffice.approvals import approve
from backoffice.models import Approval, Party
from backoffice.money import ZERO

KEPT_FOR_WAGES = 90_000
DAYS_TO_APPROVE = (1, 3)


@dataclass(frozen=True)
class ToCome:
    """A bill that will come: from whom, for what, as which cost, over how much net."""

    supplier: Party
    account: str
    department: str
    net: Decimal
    text: str
    then: Callable[[Diary, Bill], None] | None = None  # once it is in the books


def enter(diary: Diary, day: date, partners: Partners, come: ToCome) -> None:
    """The bookkeeper enters a bill; some days later the accountant looks at it."""
    source = diary.source()
    bill = record_bill(
        supplier=come.supplier,
        reference=number_of(diary, come.supplier),
        on=day,
        lines=[
            Bought(
                come.text,
                come.net,
                diary.accounts[come.account],
                partners.terms[come.supplier.pk].purchase_tax_code,
                diary.story.departments[come.department],
            )
        ],
        by=diary.bookkeeper(day),
        source_key=source,
        text=come.text,
    )
    seen_on = working_day(day + timedelta(days=diary.random.randint(*DAYS_TO_APPROVE)))
    diary.at(seen_on, agree, bill, come)


def number_of(diary: Diary, supplier: Party) -> str:
    """The number the supplier gave its bill: their letters and a running number."""
    letters = "".join(word[0] for word in supplier.name.split() if word[0].isalpha())
    return f"{letters.upper()}-{next(diary.bill_numbers)}"


def agree(diary: Diary, day: date, bill: Bill, come: ToCome) -> None:
    """The accountant approves the bill; from now on it is owed."""
    approval = Approval.objects.get(
        label=Bill._meta.label_lower, record_key=str(bill.pk), state=Approval.State.WAITING
    )
    approve(approval, by=diary.accountant, on=day)
    bill = Bill.objects.get(pk=bill.pk)
    line = JournalLine.objects.get(entry=bill.entry_id, account=diary.accounts["payable"])
    due_on = bill.due_on or bill.date
    diary.owed_to_suppliers.append(Owed(due_on, come.supplier, -line.amount, line))
    if come.then:
        come.then(diary, bill)


def pay_suppliers(diary: Diary, day: date, plan: Plan) -> None:
    """Pay the bills that are due, the oldest first, as far as wages stay safe."""
    spare = diary.balance("bank") - plan.scaled(KEPT_FOR_WAGES)
    paid: dict[Party, list[Owed]] = defaultdict(list)
    for owed in sorted(diary.owed_to_suppliers, key=attrgetter("due")):
        if owed.due <= day and owed.amount <= spare:
            spare -= owed.amount
            paid[owed.party].append(owed)
            diary.owed_to_suppliers.remove(owed)
    for party, bills in paid.items():
        record_payment(
            direction="out",
            party=party,
            bank=diary.accounts["bank"],
            amount=sum((bill.amount for bill in bills), ZERO),
            on=day,
            by=diary.bookkeeper(day),
            source_key=diary.source(),
            settles=[Settle(bill.line, bill.amount) for bill in bills],
        )
