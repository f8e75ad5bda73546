"""The account at the bank, its statements month by month, and how they are reconciled."""

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Sum
from stdnum import iban
from stdnum.us import rtn

from accounting.bank_accounts import own_account_for
from accounting.bank_files import BankFile, Entry
from accounting.bank_files.facts import Event, Foot, Head
from accounting.bank_import import import_bank_file
from accounting.demo.days import later, month_end, working_day
from accounting.demo.diary import Diary, OnlyAtBank
from accounting.demo.plan import Plan
from accounting.models import BankRule, JournalLine, OwnAccount, StatementLine
from accounting.reconciliation import book_by_rule, match_with
from backoffice.demo.outsiders import NO_BANK, NO_ROUTING, NO_SORT_CODE
from backoffice.money import ZERO

STATEMENT_DAY = 2  # of the month after
RECONCILED_UNTIL_DAYS = 10  # what is younger at the end of the story waits
TERMINAL, FEE = "Card terminal, monthly fee", Decimal("-18.40")
LAST = 4  # the order of things done at the end of a day


def open_account(diary: Diary) -> None:
    """The account of the company, at a bank there is not, and how its fees are booked."""
    own = own_account_for(diary.accounts["bank"].code, by=diary.accountant)
    own.name, own.bank = "Current account", "Lighthouse Mutual"
    if diary.story.country.code == "GB":
        rest = f"{NO_BANK}{NO_SORT_CODE}407355180264"
        own.iban = f"GB{iban.calc_check_digits(f'GB00{rest}')}{rest}"
    else:
        routing = f"{NO_ROUTING}407355"
        own.number = f"{routing}{rtn.calc_check_digit(routing)}/55180264"
    own.save()
    BankRule.objects.create(
        name="Card terminal",
        own_account=own,
        contains="card terminal",
        direction=BankRule.Direction.OUT,
        account=diary.accounts["bank_charges"],
        department=diary.story.departments["accounting"],
    )


def begin_month(diary: Diary, plan: Plan, month: date) -> None:
    """The statement of the month comes early in the next one, that of this one as it is now."""
    on = diary.story.on
    diary.only_at_bank.append(OnlyAtBank(working_day(month), FEE, TERMINAL))
    day = working_day(later(month, 1).replace(day=STATEMENT_DAY))
    diary.at(min(day, on), bring_in, month, order=LAST)


def bring_in(diary: Diary, day: date, month: date) -> None:
    """The statement as a file of the bank, and all but the newest lines of it reconciled."""
    own = OwnAccount.objects.select_related("account").get()
    last = min(month_end(month), day - timedelta(days=1))
    if last < month:
        return
    diary.post(day)
    events = list(events_of(diary, own, month, last))
    import_bank_file(
        BankFile("camt053", lambda: iter(events)),
        name=f"{month:%Y-%m}.xml",
        file_hash=hashlib.sha256(repr(events).encode()).hexdigest(),
        by=diary.bookkeeper(day),
        own_account=own,
    )
    until = min(last, diary.story.on - timedelta(days=RECONCILED_UNTIL_DAYS))
    reconcile(diary, own, month, until)


def events_of(diary: Diary, own: OwnAccount, first: date, last: date) -> Iterator[Event]:
    """What the bank booked: what the books know, and what they do not know yet."""
    lines = JournalLine.objects.filter(account=own.account_id)
    before = lines.filter(date__lt=first) | lines.filter(entry__kind="opening")
    opening = before.aggregate(s=Sum("amount"))["s"] or ZERO
    known = lines.filter(date__range=(first, last)).exclude(entry__kind="opening")
    found = [entry_of(line) for line in known.select_related("entry", "party").order_by("pk")]
    found += [
        Entry(
            date=seen.day,
            amount=seen.amount,
            reference=seen.text if seen.party else "",
            text=seen.text,
            counterparty=seen.party.name if seen.party else own.bank,
        )
        for seen in diary.only_at_bank
        if first <= seen.day <= last
    ]
    closing = opening + sum((entry.amount for entry in found), ZERO)
    yield Head("", own.currency_id, f"{first:%Y}/{first.month:02}")
    yield from sorted(found, key=lambda entry: entry.date)
    yield Foot(opening, closing, starts_on=first, ends_on=last)


def entry_of(line: JournalLine) -> Entry:
    """How the bank tells what the books know."""
    return Entry(
        date=line.date,
        amount=line.amount,
        text=line.entry.text,
        counterparty=line.entry.payee,
        bank_id=bank_id(line),
    )


def bank_id(line: JournalLine) -> str:
    """How the bank calls what the books know."""
    return f"{line.entry.reference}-{line.position}"


def reconcile(diary: Diary, own: OwnAccount, first: date, until: date) -> None:
    """Match what the bookkeeper has got to with the entries it is; fees are booked by a rule."""
    rule = BankRule.objects.select_related("account", "department", "party").get()
    entered = JournalLine.objects.filter(account=own.account_id, date__range=(first, until))
    known = {bank_id(line): line for line in entered.select_related("entry")}
    waiting = StatementLine.objects.filter(own_account=own, date__range=(first, until))
    for line in waiting.select_related("own_account").order_by("date", "pk"):
        by = diary.bookkeeper(line.date)
        if line.bank_id in known:
            match_with(line, [known[line.bank_id]], by=by)
        elif line.text == TERMINAL:
            book_by_rule(line, rule, by=by)
