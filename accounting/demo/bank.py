"""The account at the bank, its statements of the last months, and what of them is reconciled."""

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
from accounting.models import BankRule, JournalLine, OwnAccount, StatementLine
from accounting.reconciliation import match_with
from backoffice.demo.outsiders import NO_BANK, NO_ROUTING, NO_SORT_CODE
from backoffice.money import ZERO

MONTHS = 3  # whose statements were brought in, before the current month
RECONCILED_UNTIL_DAYS = 10  # what is younger waits
TERMINAL = ("Card terminal, monthly fee", Decimal("-18.40"))


def open_account(diary: Diary) -> OwnAccount:
    """The account of the company, at a bank there is not."""
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
    return own


def bring_in_statements(diary: Diary) -> None:
    """The statements of the last months, all but the newest lines matched with the books."""
    own, on = open_account(diary), diary.story.on
    first = max(later(on.replace(day=1), -MONTHS), diary.story.begins_on)
    seen_until = on - timedelta(days=1)
    diary.only_at_bank.append(OnlyAtBank(working_day(on.replace(day=1)), TERMINAL[1], TERMINAL[0]))
    month = first
    while month <= seen_until:
        bring_in(diary, own, month, min(month_end(month), seen_until))
        month = later(month, 1)
    reconcile(diary, own, until=on - timedelta(days=RECONCILED_UNTIL_DAYS))


def bring_in(diary: Diary, own: OwnAccount, first: date, last: date) -> None:
    """One statement as a file of the bank."""
    events = list(events_of(diary, own, first, last))
    name = f"{first:%Y-%m}.xml"
    file = BankFile("camt053", lambda: iter(events))
    file_hash = hashlib.sha256(repr(events).encode()).hexdigest()
    import_bank_file(
        file,
        name=name,
        file_hash=file_hash,
        by=diary.bookkeeper(last),
        own_account=own,
    )


def events_of(diary: Diary, own: OwnAccount, first: date, last: date) -> Iterator[Event]:
    """What the bank booked: what the books know, and what they do not know yet."""
    lines = JournalLine.objects.filter(account=own.account_id)
    opening = lines.filter(date__lt=first).aggregate(s=Sum("amount"))["s"] or ZERO
    opened = lines.filter(entry__kind="opening").aggregate(s=Sum("amount"))["s"] or ZERO
    opening = opening or opened
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
        bank_id=f"{line.entry.reference}-{line.position}",
    )


def reconcile(diary: Diary, own: OwnAccount, *, until: date) -> None:
    """Match what the bookkeeper has got to with the entries it is."""
    known = {
        f"{line.entry.reference}-{line.position}": line
        for line in JournalLine.objects.filter(account=own.account_id).select_related("entry")
    }
    waiting = StatementLine.objects.filter(own_account=own, date__lte=until, bank_id__in=known)
    for line in waiting.select_related("own_account").order_by("date", "pk"):
        match_with(line, [known[line.bank_id]], by=diary.bookkeeper(line.date))
