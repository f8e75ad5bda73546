"""Posting: the one way an entry enters the books."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from accounting import chain
from accounting.bank_release import hold_banks_of, open_lines_of
from accounting.entry_rules import (
    OWED,
    AccountFacts,
    Books,
    PeriodFacts,
    PlainEntry,
    PlainLine,
    check_lines,
    check_parties,
    check_period,
    no_account_for,
    no_period,
    not_set_up,
)
from accounting.guards import guards_speak
from accounting.models import Account, JournalEntry
from accounting.tax_record import mirror_tax
from backoffice.errors import Refused
from backoffice.models import Currency, Department, Party, User

CLOCK_MAY_LAG = timedelta(minutes=5)

FACTS = """
select company.currency_id,
       (select minor_unit from backoffice_currency where code = company.currency_id),
       (select id from backoffice_department where parent_id is null),
       (select id from accounting_journalentry where source_key = %(source_key)s),
       a.id, a.role, a.code, a.name, a.kind, a.currency_id, a.is_active,
       exists (select from accounting_account below where below.parent_id = a.id), a.role
  from backoffice_company company
  left join accounting_account a on a.id = any(%(accounts)s) or a.role = any(%(roles)s)
"""

# The period first, the series last: every writer takes its locks in this order.
LOCK = """
select s.last_number, s.head,
       (select e.posted_at from accounting_journalentry e
         where e.series = s.code and e.year = s.year and e.number = s.last_number),
       p.id, p.starts_on, p.ends_on, p.closed_at is not null,
       (select y.starts_on from accounting_fiscalyear y where y.id = p.fiscal_year_id)
  from accounting_period p, backoffice_numberseries s
 where p.starts_on <= %(on)s and p.ends_on >= %(on)s
   and s.code = %(series)s and s.year = %(year)s
   for share of p for update of s
"""

BEGIN_SERIES = """
insert into backoffice_numberseries (code, year, last_number, head) values (%s, %s, 0, '')
on conflict do nothing
"""


class EntryRow(NamedTuple):
    """An entry as it is stored, all but its own key."""

    series: str
    year: int
    number: int
    date: date
    period_id: int
    kind: str
    text: str
    payee: str
    source_key: str
    reverses_id: int | None
    line_count: int
    posted_at: datetime
    posted_by_id: int | None
    previous_hash: str
    hash: str = ""


ENTRY_COLUMNS = ", ".join(EntryRow._fields)
LINE_COLUMNS = (
    "entry_id, date, position, account_id, department_id, party_id, amount, currency_id,"
    " currency_amount, text, due_on"
)

# One statement for the entry and its lines. It writes nothing where the source has an entry.
WRITE = (
    f"with entry as (insert into accounting_journalentry ({ENTRY_COLUMNS})"  # noqa: S608 - ours
    " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
    " on conflict (source_key) do nothing returning id, date),"
    f" lines as (insert into accounting_journalline ({LINE_COLUMNS})"
    " select entry.id, entry.date, line.* from entry, unnest(%s::int[], %s::bigint[],"
    " %s::bigint[], %s::bigint[], %s::numeric[], %s::text[], %s::numeric[], %s::text[],"
    " %s::date[]) line)"
    " select id from entry"
)


@dataclass(frozen=True)
class Line:
    """One amount of an entry: a debit if positive, a credit if negative.

    The account is a record or the role it plays ("wages").
    """

    account: Account | str
    amount: Decimal
    department: Department | None = None
    party: Party | None = None
    currency: Currency | None = None
    currency_amount: Decimal | None = None
    text: str = ""


def debit(account: Account | str, amount: Decimal | int, **facts: Any) -> Line:
    """A line on the debit side."""
    return Line(account, exact(amount), **facts)


def credit(account: Account | str, amount: Decimal | int, **facts: Any) -> Line:
    """A line on the credit side."""
    return Line(account, -exact(amount), **facts)


def exact(amount: Decimal | int) -> Decimal:
    """The amount as Decimal; binary fractions are no money."""
    if isinstance(amount, Decimal | int):
        return Decimal(amount)
    raise TypeError(f"Money is Decimal, not {type(amount).__name__}.")


class Place(NamedTuple):
    """Where the next entry of a series goes: its number, after which hash, in which period."""

    number: int
    previous_hash: str
    period: PeriodFacts


def post(
    *,
    on: date,
    text: str,
    lines: Sequence[Line],
    by: User | None,
    source_key: str | None = None,
    source: Model | None = None,
    kind: str = "normal",
    payee: str = "",
    series: str = "JE",
    reverses: JournalEntry | None = None,
    due_on: date | None = None,
) -> JournalEntry:
    """The entry, posted; the same source again gets the entry it got the first time.

    `due_on` spares the lines a change where `open_items.set_due` is going to say the same.
    """
    key = source_key or key_of(source, kind)
    with guards_speak(), transaction.atomic():
        rows, held = looked_up(key, lines, {"on": on, "series": series, "year": on.year})
        found = facts_in(rows, lines)
        if isinstance(found, int):
            return JournalEntry.objects.get(pk=found)
        books, roles = found
        entry = PlainEntry(
            on=on,
            text=text,
            source_key=key,
            lines=[plain(line, books, roles) for line in lines],
            payee=payee,
            kind=kind,
            reverses=reverses.pk if reverses else None,
            due_on=due_on,
        )
        check_lines(entry, books)
        if reverses is None:
            check_parties(entry, books)
        return written(entry, books, held, series=series, by=by)


def key_of(source: Model | None, kind: str) -> str:
    """What keeps a source from being posted twice; unique to this call without a source."""
    if source is None:
        return f"entry:{uuid4()}"
    if source.pk is None:
        raise ValueError("A source is saved before it is posted.")
    return f"{source._meta.label_lower}:{source.pk}:{kind}"


def looked_up(key: str, lines: Sequence[Line], place: dict[str, Any]) -> tuple[list[Any], Any]:
    """The rows of FACTS and the row of LOCK, asked for in one message: each costs a wait."""
    accounts = [line.account.pk for line in lines if isinstance(line.account, Account)]
    roles = [line.account for line in lines if isinstance(line.account, str)]
    asked = {"source_key": key, "accounts": accounts, "roles": roles, **place}
    with connection.cursor() as cursor:
        cursor.execute(f"{FACTS};{LOCK}", asked)
        rows = cursor.fetchall()
        cursor.nextset()
        return rows, cursor.fetchone()


def facts_in(rows: list[Any], lines: Sequence[Line]) -> int | tuple[Books, dict[str, int]]:
    """The id of the entry this source has, or the books and who plays which role."""
    if not rows or rows[0][2] is None:
        raise not_set_up()
    currency, minor_unit, root, posted, *_account = rows[0]
    if posted is not None:
        return int(posted)
    named = {line.currency.pk: line.currency.minor_unit for line in lines if line.currency}
    books = Books(
        currency=currency,
        root_department=root,
        minor_units={**named, currency: minor_unit},
        accounts={row[4]: AccountFacts(*row[6:]) for row in rows if row[4] is not None},
    )
    return books, {row[5]: row[4] for row in rows if row[5]}


def plain(line: Line, books: Books, roles: dict[str, int]) -> PlainLine:
    """The line with its references resolved; no department means the whole company."""
    return PlainLine(
        account=account_id(line.account, roles),
        department=line.department.pk if line.department else books.root_department,
        amount=exact(line.amount),
        party=line.party.pk if line.party else None,
        currency=line.currency.pk if line.currency else None,
        currency_amount=None if line.currency_amount is None else exact(line.currency_amount),
        text=line.text,
    )


def account_id(account: Account | str, roles: dict[str, int]) -> int:
    """The key of an account given as record or role."""
    if isinstance(account, Account):
        return account.pk
    if account not in roles:
        raise Refused(no_account_for(account), field="lines")
    return roles[account]


def written(
    entry: PlainEntry, books: Books, held: Any, *, series: str, by: User | None
) -> JournalEntry:
    """The checked entry as it stands in the journal, numbered last and chained."""
    posted_at = timezone.now()
    place = next_place(series, entry.on, posted_at, held)
    check_period(entry, place.period, books)
    lines = chain.canonical_lines(entry)
    row = row_of(entry, lines, place, series=series, posted_at=posted_at, by=by)
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [*row, *map(list, zip(*stored(lines, entry, books), strict=True))])
        inserted = cursor.fetchone()
    if inserted is None:  # another has posted this source while we waited for the number
        return JournalEntry.objects.get(source_key=entry.source_key)
    record = JournalEntry(pk=inserted[0], **row._asdict())
    record._state.adding, record._state.db = False, connection.alias
    return record


def next_place(series: str, on: date, posted_at: datetime, held: Any = None) -> Place:
    """The next number of the series, held until commit so that there is never a gap."""
    row = held or begun(series, on)
    if row is None:
        raise no_period(on)
    last_number, head, last_posted_at, *period = row
    check_clock(posted_at, last_posted_at)
    return Place(last_number + 1, head, PeriodFacts(*period))


def begun(series: str, on: date) -> Any:
    """The row of LOCK, of a series that may have to begin; None where the day has no period."""
    with connection.cursor() as cursor:
        cursor.execute(BEGIN_SERIES, [series, on.year])
        cursor.execute(LOCK, {"on": on, "series": series, "year": on.year})
        return cursor.fetchone()


def check_clock(now: datetime, last: datetime | None) -> None:
    """Refuse to post while the clock of this machine is clearly behind."""
    if last is not None and now < last - CLOCK_MAY_LAG:
        raise Refused(
            _(
                "The clock says %(now)s, but the last entry was posted at %(last)s."
                " Set the clock of this machine right first."
            )
            % {"now": f"{now:%Y-%m-%d %H:%M}", "last": f"{last:%Y-%m-%d %H:%M}"}
        )


def row_of(
    entry: PlainEntry,
    lines: Sequence[tuple[Any, ...]],
    place: Place,
    *,
    series: str,
    posted_at: datetime,
    by: User | None,
) -> EntryRow:
    """The entry as it is stored at its place in the series, with its hash."""
    row = EntryRow(
        series=series,
        year=entry.on.year,
        number=place.number,
        date=entry.on,
        period_id=place.period.pk,
        kind=entry.kind,
        text=entry.text,
        payee=entry.payee,
        source_key=entry.source_key,
        reverses_id=entry.reverses,
        line_count=len(entry.lines),
        posted_at=posted_at,
        posted_by_id=by.pk if by else None,
        previous_hash=place.previous_hash,
    )
    text = chain.joined(chain.canonical_facts(row), lines)
    return row._replace(hash=chain.link(place.previous_hash, text))


def stored(
    lines: Sequence[tuple[Any, ...]], entry: PlainEntry, books: Books
) -> list[tuple[Any, ...]]:
    """The lines as they are stored: those of what is owed with the day it is due."""
    due_on = entry.due_on or entry.on
    return [
        (*line, due_on if books.accounts[plain.account].role in OWED else None)
        for line, plain in zip(lines, entry.lines, strict=True)
    ]


def reverse_entry(
    entry: JournalEntry, *, on: date, by: User | None, why: str = ""
) -> JournalEntry:
    """The entry that takes this one back, with the sides swapped; there is only ever one.

    For the act the entry belongs to; people reverse by `corrections`, which asks whether it is
    free. What had settled its lines is released, both entries settle each other, and a bank line
    it had booked is open again.
    """
    from accounting.allocations import settle_reversal, settlements_held  # they post too

    with guards_speak(), transaction.atomic():
        hold_banks_of(entry)
        JournalEntry.objects.select_for_update(no_key=True).get(pk=entry.pk)
        known = JournalEntry.objects.filter(reverses=entry).first()
        if known:
            return known
        open_lines_of(entry, by=by)
        held = settlements_held(entry)
        reversal = swapped_entry(entry, on=on, by=by, why=why)
        settle_reversal(entry, reversal, held, by=by)
        return reversal


def swapped_entry(
    entry: JournalEntry, *, on: date, by: User | None, why: str = ""
) -> JournalEntry:
    """The reversal alone, posted once."""
    if on < entry.date:
        raise Refused(
            _("A reversal is not dated before its entry, which is of %(date)s.")
            % {"date": entry.date},
            field="date",
        )
    lines = entry.lines.select_related("account", "department", "party", "currency")
    text = _("Reversal of %(entry)s") % {"entry": entry.reference}
    with guards_speak(), transaction.atomic():
        reversal = post(
            on=on,
            text=f"{text}: {why}"[:200] if why else text,
            lines=[swapped(line) for line in lines.order_by("position")],
            by=by,
            source_key=f"reversal:{entry.pk}",
            payee=entry.payee,
            series=entry.series,
            reverses=entry,
        )
        mirror_tax(entry, reversal)
    return reversal


def swapped(line: Any) -> Line:
    """The line of an entry or a draft, on the other side."""
    names = ("account", "department", "party", "currency", "text")
    facts: dict[str, Any] = {name: getattr(line, name) for name in names}
    own = None if line.currency_amount is None else -line.currency_amount
    return Line(amount=-line.amount, currency_amount=own, **facts)
