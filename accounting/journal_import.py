"""A journal from elsewhere, brought into the books: checked whole, then posted in one block."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import chain, groupby
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounting import staging
from accounting.blocks import post_block
from accounting.entry_rules import PlainEntry, PlainLine, whole_books
from accounting.journal_rows import JournalOptions, RowReader
from accounting.models import Account
from accounting.years import open_year_for
from backoffice import audit
from backoffice.errors import Refused
from backoffice.models import User

# Where the codes of created accounts begin.
FIRST_CODES = {"asset": 1000, "liability": 2000, "equity": 3000, "income": 4000, "expense": 5000}
SERIES = "JE"


@dataclass(frozen=True)
class RefusedEntry:
    """An entry of the file that cannot enter the books, and why."""

    entry: str
    reason: str
    row: int
    column: str = ""


@dataclass
class JournalImport:
    """What became of the entries of a file."""

    read: int = 0
    posted: int = 0
    already: int = 0
    held: int = 0
    refused: list[RefusedEntry] = field(default_factory=list)
    refused_rows: dict[int, str] = field(default_factory=dict)


def import_journal(
    rows: Iterable[tuple[int, Mapping[str, str]]],
    *,
    by: User | None,
    options: JournalOptions,
    progress: Callable[[int], None] = lambda rows: None,
) -> JournalImport:
    """Post the entries that are right; all or nothing unless told to skip the refused.

    `progress` hears how many rows were read, then, counting on, how many were posted; it may
    raise to stop the import, which then leaves nothing behind.
    """
    with transaction.atomic():
        reader = RowReader(whole_books(), options)
        rounding = _rounding_account(options, reader)
        read = staging.stage(_staged(rows, reader, progress))
        staging.judge(places=_places(reader), books=reader.books.currency, rounding=bool(rounding))
        _open_years(by)
        outcome = _outcome()
        good = outcome.read - outcome.already - len(outcome.refused)
        if options.is_rehearsal or (outcome.refused and not options.skip_refused):
            outcome.held = good
            transaction.set_rollback(True)
            return outcome
        accounts = _create_accounts(reader.wanted, by=by)
        entries = _entries(accounts, rounding, lambda posted: progress(read + posted))
        books = whole_books()
        outcome.posted = post_block(
            entries, by=by, series=SERIES, books=books, are_new=True
        ).posted
        if outcome.posted:
            audit.record("journal imported", SERIES, by=by, entries=outcome.posted)
        staging.forget()
    return outcome


def _rounding_account(options: JournalOptions, reader: RowReader) -> int | None:
    """The account differences from rounding go to."""
    if not options.rounding_account:
        return None
    account = Account.objects.filter(code__iexact=options.rounding_account).first()
    if account is None:
        raise Refused(
            _("There is no account %(code)s to round on.") % {"code": options.rounding_account},
            field="rounding_account",
        )
    facts = reader.books.accounts[account.pk]
    if facts.is_heading or not facts.is_active:
        raise Refused(
            _("The account %(code)s takes no lines: it is a heading or inactive.")
            % {"code": options.rounding_account},
            field="rounding_account",
        )
    return account.pk


def _places(reader: RowReader) -> int:
    return reader.books.minor_units[reader.books.currency]


def _staged(
    rows: Iterable[tuple[int, Mapping[str, str]]],
    reader: RowReader,
    progress: Callable[[int], None],
) -> Iterator[Any]:
    for count, (number, values) in enumerate(rows, start=1):
        if count % staging.CHUNK == 0:
            progress(count)
        yield reader.read(number, values)


def _open_years(by: User | None) -> None:
    """Open the years the good entries need; where that is refused, so are they."""
    # The busiest month first: a mistyped century is then refused, not the rest of the file.
    for month in staging.months_without_period():
        try:
            open_year_for(month, by=by)
        except Refused as refusal:
            staging.refuse_month(month, str(refusal))


def _outcome() -> JournalImport:
    """What the judged entries come to, before any is posted."""
    read, already = staging.counts()
    outcome = JournalImport(read=read, already=already)
    for refused in staging.refused_entries():
        entry = RefusedEntry(refused.entry, _reason(refused), refused.row, refused.column)
        outcome.refused.append(entry)
    reasons = {entry.entry: entry.reason for entry in outcome.refused}
    for row, entry_id in staging.refused_rows():
        outcome.refused_rows[row] = reasons[entry_id]
    return outcome


def _reason(refused: staging.Judged) -> str:
    """The sentence for people about a refused entry, with the row where there is one."""
    sentences = {
        "row": _("Row %(row)s: %(said)s"),
        "base": _("Row %(row)s: it is in %(said)s, the books are in %(books)s."),
        "single": _("Row %(row)s: an entry has two rows or more, this one stands alone."),
        "dates": _("Row %(row)s: the rows of an entry have one date, here are several."),
        "out": _("Row %(row)s: the entry does not balance, its rows sum to %(said)s."),
        "currency": _("Row %(row)s: the entry does not balance in its currency."),
        "long": _("Row %(row)s: its texts together are longer than 200 characters."),
        "closed": _("Row %(row)s: the period of %(said)s is closed."),
        "year": _("Row %(row)s: %(said)s"),
    }
    facts = {"row": refused.row, "said": refused.said, "books": refused.books}
    return sentences[refused.problem] % facts


def _create_accounts(wanted: Mapping[str, str], *, by: User | None) -> dict[str, int]:
    """Accounts the good entries need: flat, each with the next free code of its kind."""
    needed = [name for name in staging.accounts_in_use() if name in wanted]
    if not needed:
        return {}
    taken = {code for (code,) in Account.objects.values_list("code")}
    used: dict[str, int] = {}
    for code, kind in Account.objects.values_list("code", "kind"):
        if code.isascii() and code.isdecimal():
            used[kind] = max(used.get(kind, 0), int(code))
    made = {}
    for name in needed:
        kind = wanted[name]
        number = max(used.get(kind, 0) + 1, FIRST_CODES[kind])
        while str(number) in taken:
            number += 1
        account = Account.objects.create(code=str(number), name=name, kind=kind)
        used[kind] = number
        taken.add(account.code)
        made[name] = account.pk
    audit.record("accounts created", _("Journal import"), by=by, accounts=len(made))
    return made


def _entries(
    created: Mapping[str, int], rounding: int | None, progress: Callable[[int], None]
) -> Iterator[PlainEntry]:
    """The good entries in the order of their days, ready to post."""
    root = whole_books().root_department
    posted = 0
    with closing(connection.chunked_cursor()) as cursor:
        cursor.execute(staging.GOOD_ROWS)
        fetched = chain.from_iterable(iter(partial(cursor.fetchmany, staging.CHUNK), []))
        for (_first_row, source_key), group in groupby(fetched, key=lambda row: row[:2]):
            rows = [GoodRow(*row[2:]) for row in group]
            yield _entry(source_key, rows, created, (rounding, root))
            before, posted = posted, posted + len(rows)
            if posted // staging.CHUNK > before // staging.CHUNK:
                progress(posted)


@dataclass(slots=True)
class GoodRow:
    """A staged row of an entry to post."""

    date: date
    account: str
    account_id: int | None
    department_id: int
    amount: Decimal
    currency: str | None
    currency_amount: Decimal | None
    quantity: str
    payee: str
    narration: str

    def line(self, created: Mapping[str, int], text: str, payee: str) -> PlainLine:
        """The line; what the row says beyond its entry stays with it."""
        own = (
            self.quantity,
            self.narration if self.narration != text else "",
            self.payee if self.payee != payee else "",
        )
        return PlainLine(
            account=self.account_id or created[self.account],
            department=self.department_id,
            amount=self.amount,
            currency=self.currency,
            currency_amount=self.currency_amount,
            text=" · ".join(part for part in own if part) if any(own) else "",
        )


def _entry(
    source_key: str,
    rows: list[GoodRow],
    created: Mapping[str, int],
    rounding: tuple[int | None, int],
) -> PlainEntry:
    text = next((row.narration for row in rows if row.narration), "")
    payee = next((row.payee for row in rows if row.payee), "")
    lines = [row.line(created, text, payee) for row in rows]
    account, root = rounding
    out = sum((row.amount for row in rows), Decimal(0)) if account else Decimal(0)
    if account and out:
        lines.append(PlainLine(account, root, -out, text=_("Rounding")))
    return PlainEntry(rows[0].date, text, source_key, lines, payee)
