"""Bringing bank files in: statements and lines, each once however often a file comes."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounting.bank_accounts import account_named, check_currency, remember_number
from accounting.bank_files import BankFile, Entry, Head, Statement, statements_of
from accounting.bank_files.facts import Event, damaged
from accounting.bank_gaps import gaps_told
from accounting.guards import guards_speak
from accounting.models import BankStatement, OwnAccount, StatementLine
from accounting.years import is_day_of_books, no_day_of_books
from backoffice import audit
from backoffice.errors import Refused
from backoffice.imports import unheard
from backoffice.models import User
from backoffice.money import has_too_many_decimals

LINES_AT_ONCE = 1000
NEXT_KEYS = """
select nextval(pg_get_serial_sequence('accounting_statementline', 'id'))
  from generate_series(1, %s)
"""


@dataclass
class BankImport:
    """What became of a bank file: lines added, lines there already, the statements seen."""

    read: int = 0
    added: int = 0
    already: int = 0
    empty: int = 0  # lines of no amount, which say nothing to the books
    statements: list[BankStatement] = field(default_factory=list)
    accounts: list[OwnAccount] = field(default_factory=list)
    breaks: list[str] = field(default_factory=list)  # statements that contradict themselves
    gaps: list[tuple[str, str]] = field(default_factory=list)  # sentence, and where it is seen


@dataclass
class _Source:
    """The file as the statements it brings will name it, and when and by whom."""

    file: BankFile
    name: str
    hash: str
    by: User | None
    at: datetime


def import_bank_file(
    file: BankFile,
    *,
    name: str,
    file_hash: str,
    by: User | None,
    own_account: OwnAccount | None = None,
    is_rehearsal: bool = False,
    progress: Callable[[int], None] = unheard,
) -> BankImport:
    """Store what the file holds and is not there yet; damaged anywhere, nothing of it.

    The file is read twice, first to its end for its sums and faults, then line by line.
    """
    with guards_speak(), transaction.atomic():
        found = BankImport()
        planned = _planned(file, own_account, found, progress)
        source = _Source(file, name[:200], file_hash, by, timezone.now())
        _lock(found.accounts)
        _store(planned, source, found, progress)
        found.gaps = gaps_told(found.statements, are_kept=not is_rehearsal)
        for account in found.accounts:
            audit.record(
                "statements brought in", account, by=by, file=source.name, added=found.added,
                already=found.already,
            )  # fmt: skip
        if is_rehearsal:
            transaction.set_rollback(True)
    return found


# --- first reading --------------------------------------------------------------------------


def _planned(
    file: BankFile,
    chosen: OwnAccount | None,
    found: BankImport,
    progress: Callable[[int], None],
) -> list[tuple[Statement, OwnAccount]]:
    """Each statement with the account it is of, after reading all of the file."""
    planned: list[tuple[Statement, OwnAccount]] = []
    stated: set[str] = set()
    for statement in statements_of(_counted(file.events(), found, progress), keep_entries=False):
        stated.add(statement.account)
        if chosen and len(stated) > 1:
            raise Refused(_("The file holds several accounts: bring it in without naming one."))
        account = chosen or account_named(statement.account)
        if chosen:
            remember_number(chosen, statement.account)
        check_currency(account, statement.currency)
        if account not in found.accounts:
            found.accounts.append(account)
        planned.append((statement, account))
    return planned


def _counted(
    events: Iterator[Event], found: BankImport, progress: Callable[[int], None]
) -> Iterator[Event]:
    for event in events:
        if isinstance(event, Entry):
            check_days(event)
            found.read += 1
            progress(found.read)
        yield event


def check_days(entry: Entry) -> None:
    """Refuse a file with a day no books have: a slip, and nothing can be reckoned with it."""
    for day in (entry.date, entry.value_date):
        if day and not is_day_of_books(day):
            raise damaged(entry.place, no_day_of_books(day))


# --- second reading -------------------------------------------------------------------------


def _lock(accounts: list[OwnAccount]) -> None:
    """Let one file at a time add to an account, so that what is there is known."""
    keys = [account.pk for account in accounts]
    list(OwnAccount.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"))


def _store(
    planned: list[tuple[Statement, OwnAccount]],
    source: _Source,
    found: BankImport,
    progress: Callable[[int], None],
) -> None:
    """Write what is new, a thousand lines at once."""
    seen: Counter[bytes] = Counter()
    events, done = source.file.events(), found.read
    for statement, account in planned:
        writer = _Writer(statement, account, source, found)
        entries = _entries_of(events)
        while batch := list(islice(entries, LINES_AT_ONCE)):
            done += len(batch)
            writer.write(batch, seen)
            progress(done)
        writer.end()


def _entries_of(events: Iterator[Event]) -> Iterator[Entry]:
    """The entries up to the end of the statement that comes next."""
    for event in events:
        if isinstance(event, Entry):
            yield event
        elif not isinstance(event, Head):
            return


class _Writer:
    """Writes one statement, from its first new line on."""

    def __init__(
        self, stated: Statement, account: OwnAccount, source: _Source, found: BankImport
    ) -> None:
        self.stated, self.account, self.source, self.found = stated, account, source, found
        self.position = 0
        self.statement: BankStatement | None = None

    def write(self, batch: list[Entry], seen: Counter[bytes]) -> None:
        """Add the lines of the batch that are not there yet."""
        lines = []
        for entry in batch:
            self.position += 1
            if not entry.amount:
                self.found.empty += 1
                continue
            self._check_decimals(entry)
            lines.append((identity_of(entry, self.account, seen), self.position, entry))
        there = set(
            StatementLine.objects.filter(
                own_account=self.account, identity__in=[identity for identity, *_rest in lines]
            ).values_list("identity", flat=True)
        )
        new = [line for line in lines if line[0] not in there]
        self.found.already += len(lines) - len(new)
        self.found.added += len(new)
        if new:
            statement, keys = self._statement_there(), _next_keys(len(new))
            StatementLine.objects.bulk_create(
                line_of(statement, key, *line) for key, line in zip(keys, new, strict=True)
            )

    def end(self) -> None:
        """A statement without entries is kept for its balances."""
        stated = self.stated
        has_balance = stated.opening is not None or stated.closing is not None
        if not stated.count and has_balance and stated.ends_on:
            self._statement_there()
        if stated.continuous is not True and stated.difference:
            self.found.breaks.append(f"{self.account} {stated.number}".strip())

    def _check_decimals(self, entry: Entry) -> None:
        if has_too_many_decimals(entry.amount, self.account.currency.minor_unit):
            raise Refused(
                _("%(place)s: %(amount)s has more decimals than %(currency)s has.")
                % {
                    "place": entry.place,
                    "amount": entry.amount,
                    "currency": self.account.currency_id,
                }
            )

    def _statement_there(self) -> BankStatement:
        if self.statement is None:
            self.statement = statement_of(self.stated, self.account, self.source)
            self.found.statements.append(self.statement)
        return self.statement


def statement_of(stated: Statement, account: OwnAccount, source: _Source) -> BankStatement:
    """The statement as it is stored; the one that is there where it came before."""
    starts_on, ends_on = stated.starts_on, stated.ends_on
    if starts_on is None or ends_on is None:
        raise Refused(_("The file has a statement without a single day."))
    facts = (
        stated.number, starts_on, ends_on, stated.opening, stated.closing, stated.count,
        stated.sum,
    )  # fmt: skip
    text = "|".join("" if fact is None else str(fact) for fact in facts)
    statement, _is_new = BankStatement.objects.get_or_create(
        own_account=account,
        identity=hashlib.sha256(text.encode()).hexdigest(),
        defaults={
            "number": stated.number[:60],
            "starts_on": starts_on,
            "ends_on": ends_on,
            "opening": stated.opening,
            "closing": stated.closing,
            "entry_count": stated.count,
            "entry_sum": stated.sum,
            "is_comparable": stated.is_one_currency,
            "file_name": source.name,
            "file_hash": source.hash,
            "imported_at": source.at,
            "imported_by": source.by,
        },
    )
    return statement


def line_of(
    statement: BankStatement, key: int, identity: str, position: int, entry: Entry
) -> StatementLine:
    """The line as it is stored."""
    return StatementLine(
        pk=key,
        statement=statement,
        own_account=statement.own_account,
        position=position,
        date=entry.date,
        value_date=entry.value_date,
        amount=entry.amount,
        reference=entry.reference[:140],
        text=entry.text[:500],
        counterparty=entry.counterparty[:140],
        counterparty_account=entry.counterparty_account[:40],
        bank_id=entry.bank_id[:140],
        is_reversal=entry.is_reversal,
        flags=list(entry.flags),
        details=[
            {
                "amount": str(detail.amount),
                "reference": detail.reference[:140],
                "text": detail.text[:500],
                "counterparty": detail.counterparty[:140],
            }
            for detail in entry.details
        ]
        if len(entry.details) > 1
        else [],
        identity=identity,
    )


def identity_of(entry: Entry, account: OwnAccount, seen: Counter[bytes]) -> str:
    """What a line is known again by: the bank's id, else day and text, with the amount.

    Equal lines of a file are counted, so that two coffees on one day stay two.
    """
    if entry.bank_id:
        facts = f"id|{entry.bank_id}|{entry.amount.normalize():f}"
    else:
        said = entry.text or entry.counterparty or entry.reference
        facts = f"{entry.date}|{entry.amount.normalize():f}|{plain(said)}"
    key = hashlib.sha256(f"{account.pk}|{facts}".encode()).digest()[:16]
    seen[key] += 1
    return hashlib.sha256(f"{facts}|{seen[key]}".encode()).hexdigest()


def plain(text: str) -> str:
    """A text without what differs between two exports of it: case, spaces, marks."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def _next_keys(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(NEXT_KEYS, [count])
        return [key for (key,) in cursor.fetchall()]


@transaction.atomic
def withdraw_statement(statement: BankStatement, *, by: User) -> None:
    """Take a statement brought in by mistake out again, while none of its lines is booked."""
    if statement.lines.filter(matches__isnull=False).exists():
        raise Refused(_("Lines of this statement are booked: it stays."))
    audit.record(
        "statement taken out", statement.own_account, by=by, statement=str(statement),
        file=statement.file_name,
    )  # fmt: skip
    with guards_speak():
        statement.delete()
