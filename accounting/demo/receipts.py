"""How customers pay: in time, late, in parts, too much, early for a discount."""

from datetime import date, timedelta
from decimal import Decimal

from accounting.allocations import left_of
from accounting.demo import sales
from accounting.demo.days import working_day
from accounting.demo.diary import Diary, OnlyAtBank, cents
from accounting.demo.partners import Partners
from accounting.exchange import rate_on
from accounting.models import Invoice, JournalLine
from accounting.payments import Settle, record_payment
from backoffice.money import ZERO

HALF, ALL = Decimal("0.5"), Decimal(1)
TOO_MUCH = Decimal(25)
# What the bank has seen in the last days the bookkeeper has not entered yet.
NOT_ENTERED_DAYS = 5


def expect(diary: Diary, day: date, partners: Partners, invoice: Invoice) -> None:
    """Put into the diary how this one is paid."""
    found = JournalLine.objects.select_related("party", "currency", "entry__due")
    item = found.get(entry=invoice.entry_id, account=diary.accounts["receivable"])
    terms, chance = partners.terms[invoice.party_id], diary.random.randrange(100)
    in_time = after(diary, day, (terms.customer_days or 30) - 4, (terms.customer_days or 30) + 9)
    if terms.discount_days and chance < 60:
        diary.at(after(diary, day, 3, terms.discount_days - 3), receive, item, ALL)
    elif chance < 3:
        diary.at(in_time, receive, item, ALL, TOO_MUCH)
    elif chance < 8:
        diary.at(in_time, receive, item, HALF)
        diary.at(after(diary, in_time, 20, 40), receive, item, ALL)
    elif chance < 20:
        diary.at(after(diary, in_time, 25, 70), receive, item, ALL)
    else:
        if chance > 95:
            diary.at(after(diary, day, 4, 8), sales.give_back, invoice)
        diary.at(in_time, receive, item, ALL)


def after(diary: Diary, day: date, fewest: int, most: int) -> date:
    """A working day so many days later."""
    return working_day(day + timedelta(days=diary.random.randint(fewest, most)))


def receive(
    diary: Diary, day: date, item: JournalLine, share: Decimal, more: Decimal = ZERO
) -> None:
    """A customer pays a share of what is left, or more than that."""
    left = left_of(item).amount
    if not left or item.party is None:
        return
    due = item.entry.due
    discount = ZERO
    if due.discount_percent and due.discount_until and day <= due.discount_until:
        discount = cents(left * due.discount_percent / 100)
    settled = cents(left * share)
    paid = settled - discount + more
    currency = item.currency
    if currency is None and day > diary.story.on - timedelta(days=NOT_ENTERED_DAYS):
        diary.only_at_bank.append(OnlyAtBank(day, paid, due.reference, item.party))
        return
    record_payment(
        direction="in",
        party=item.party,
        bank=diary.accounts["bank"],
        amount=paid,
        on=day,
        by=diary.bookkeeper(day),
        source_key=diary.source(),
        currency=currency,
        base_amount=cents(paid * rate_on(currency.pk, day)) if currency else None,
        settles=[Settle(item, settled - discount, discount)],
        reference=due.reference,
    )
