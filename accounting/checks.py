"""What must hold in the books, recomputed from the entries and lines themselves."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounting import asset_register, chain
from accounting.bank_ties import first_unproved
from backoffice.functions import Finding

REFERENCE = "entry.series || '-' || entry.year || '-' || to_char(entry.number, 'FM9999900000')"

# Each finds the first offender, or nothing.
ENTRIES_BALANCE = f"""
select {REFERENCE} || ': ' || sum(line.amount)
  from accounting_journalentry entry join accounting_journalline line on line.entry_id = entry.id
  group by entry.id having sum(line.amount) <> 0
  order by entry.id limit 1
"""  # noqa: S608 - our own words
ENTRIES_HAVE_THEIR_LINES = f"""
select {REFERENCE} || ': ' || count(line.id) || ' / ' || entry.line_count
  from accounting_journalentry entry
  left join accounting_journalline line on line.entry_id = entry.id
  group by entry.id
  having count(line.id) <> entry.line_count or count(line.id) < 2
      or min(line.position) <> 1 or max(line.position) <> count(line.id)
      or min(line.date) <> entry.date or max(line.date) <> entry.date
  order by entry.id limit 1
"""  # noqa: S608 - our own words
NUMBERS_HAVE_NO_GAP = f"""
select {REFERENCE} from (
    select series, year, number,
           lag(number, 1, 0) over (partition by series, year order by number) as before
      from accounting_journalentry
  ) entry where number <> before + 1
  order by series, year, number limit 1
"""  # noqa: S608 - our own words
ENTRIES_ARE_IN_THEIR_PERIOD = f"""
select {REFERENCE} from accounting_journalentry entry
  left join accounting_period period on period.id = entry.period_id
  where period.id is null or entry.date not between period.starts_on and period.ends_on
  order by entry.id limit 1
"""  # noqa: S608 - our own words
NOTHING_WAS_POSTED_AFTER_CLOSING = f"""
select {REFERENCE} from accounting_journalentry entry
  join accounting_period period on period.id = entry.period_id
  where entry.posted_at > period.closed_at order by entry.id limit 1
"""  # noqa: S608 - our own words
BALANCES_FOLLOW_FROM_LINES = """
select account.code || ' ' || to_char(coalesce(kept.month, lines.month), 'YYYY-MM') || ': '
       || coalesce(kept.debit - kept.credit, 0) || ' / '
       || coalesce(lines.debit - lines.credit, 0)
  from accounting_monthlybalance kept
  full join (
    select account_id, department_id, date_trunc('month', date)::date as month,
           sum(debit) as debit, sum(credit) as credit
      from accounting_journalline group by 1, 2, 3
  ) lines using (account_id, department_id, month)
  join accounting_account account on account.id = account_id
  where (kept.debit, kept.credit) is distinct from (lines.debit, lines.credit)
  order by account.code, month limit 1
"""
HEADS_ARE_THE_LAST_HASHES = """
select series.code || '-' || series.year
  from backoffice_numberseries series
  left join lateral (
    select number, hash from accounting_journalentry
      where accounting_journalentry.series = series.code and year = series.year
      order by number desc limit 1
  ) newest on true
  where (series.head <> '' or newest.hash is not null)
    and (series.head, series.last_number) is distinct from (newest.hash, newest.number)
  order by series.code, series.year limit 1
"""
CLOSINGS_ARE_IN_THE_CHAIN = """
select to_char(period.starts_on, 'YYYY-MM') || ': ' || event.head
  from accounting_periodevent event
  join accounting_period period on period.id = event.period_id
  where event.head <> ''
    and not exists (select from accounting_journalentry
                      where year = extract(year from period.ends_on) and hash = event.head)
  order by event.id limit 1
"""
# A settlement leaves a balance in the account where both sides differ in the books: its exchange
# entry takes just that, on the same day. So what is open equals the account on every day.
AGEING_TIES = """
select entry.series || '-' || entry.year || '-' || to_char(entry.number, 'FM9999900000')
       || ': ' || settled.debit_base - settled.credit_base
  from accounting_allocation settled
  join accounting_journalline debit on debit.id = settled.debit_line_id
  join accounting_journalentry entry on entry.id = debit.entry_id
  left join accounting_journalline taken
    on taken.entry_id = settled.exchange_entry_id and taken.account_id = debit.account_id
       and taken.party_id = debit.party_id and taken.date = settled."on"
       and taken.currency_amount = 0
  where settled.credit_base - settled.debit_base <> coalesce(taken.amount, 0)
  order by settled.id limit 1
"""
OWED_IS_DUE = f"""
select {REFERENCE} || '/' || line.position || ': ' || coalesce(line.due_on::text, '–')
  from accounting_journalline line
  join accounting_account account on account.id = line.account_id
  join accounting_journalentry entry on entry.id = line.entry_id
  left join accounting_duedate due on due.entry_id = line.entry_id
  where account.role in ('receivable', 'payable')
    and line.due_on is distinct from coalesce(due.due_on, line.date)
  order by line.id limit 1
"""  # noqa: S608 - our own words
SETTLED_WITHIN_BOUNDS = """
select line.entry_id || '/' || line.position || ': ' || sum(settled.amount)
  from accounting_allocation settled
  join accounting_journalline line on line.id in (settled.debit_line_id, settled.credit_line_id)
  group by line.id
  having sum(settled.amount) not between 0 and abs(coalesce(line.currency_amount, line.amount))
      or (sum(settled.amount) = abs(coalesce(line.currency_amount, line.amount))
          and sum(case when line.amount > 0 then debit_base else credit_base end)
              <> abs(line.amount))
  order by line.id limit 1
"""
FOREIGN_BALANCES_CLEAR = """
select account.code || ': ' || sum(line.amount)
  from accounting_account account
  join backoffice_company company on company.currency_id <> account.currency_id
  join accounting_journalline line on line.account_id = account.id
  group by account.id having sum(line.currency_amount) = 0 and sum(line.amount) <> 0
  order by account.code limit 1
"""
TAXES_MATCH_ENTRIES = f"""
select {REFERENCE}
  from (select t.entry_id, sum(t.owed) as owed, sum(t.deducted) as deducted
          from accounting_taxline t group by 1) tax
  join accounting_journalentry entry on entry.id = tax.entry_id
  left join lateral (
    select coalesce(sum(l.amount) filter (where a.role = 'tax_on_sales'), 0) as sales,
           coalesce(sum(l.amount) filter (where a.role = 'tax_on_purchases'), 0) as purchases
      from accounting_journalline l join accounting_account a on a.id = l.account_id
      where l.entry_id = entry.id
  ) booked on true
  where tax.owed <> -booked.sales or tax.deducted <> booked.purchases
  order by entry.id limit 1
"""  # noqa: S608 - our own words
RETURNS_MATCH_SETTLEMENTS = """
select filed.starts_on || ' – ' || filed.ends_on
  from accounting_taxreturn filed
  left join lateral (
    select coalesce(sum(t.owed), 0) as owed, coalesce(sum(t.deducted), 0) as deducted
      from accounting_filedtaxline f join accounting_taxline t on t.id = f.line_id
      where f.tax_return_id = filed.id
  ) lines on true
  left join lateral (
    select coalesce(sum(l.amount) filter (where a.role = 'tax_on_sales'), 0) as sales,
           coalesce(sum(l.amount) filter (where a.role = 'tax_on_purchases'), 0) as purchases
      from accounting_journalline l join accounting_account a on a.id = l.account_id
      where l.entry_id = filed.entry_id
  ) booked on true
  where filed.filed_at is not null
    and (lines.owed <> booked.sales or lines.deducted <> -booked.purchases)
  order by filed.starts_on limit 1
"""

CHAIN = """
select entry.series, entry.year, entry.number, entry.date::text, entry.kind, entry.text,
       entry.source_key, entry.reverses_id,
       to_char(entry.posted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
       entry.posted_by_id, entry.previous_hash, entry.hash,
       line.position, line.account_id, line.department_id, line.party_id, line.amount::text,
       line.currency_id, line.currency_amount::text, line.text
  from accounting_journalentry entry
  left join accounting_journalline line on line.entry_id = entry.id
  order by entry.series, entry.year, entry.number, line.position
"""
FACTS, HASHES, LINE = slice(0, 10), slice(10, 12), slice(12, None)
ROWS_AT_ONCE = 10_000


def findings() -> Iterator[Finding]:
    """Every check of the books with its first offender, all at one moment."""
    with one_moment():
        for name, question, *about in questions():
            offender = first_offender(question)
            yield Finding(name, not offender, offender, *about)
        offender = first_broken_link()
        yield Finding(_("chain of the journal"), not offender, offender, "chain")
        offender = first_unproved()
        yield Finding(_("bank equals the books"), not offender, offender, "bank")


def questions() -> Sequence[tuple[str, ...]]:
    """The checks the database answers by itself: names, questions, what else they are about."""
    return (
        (_("each entry balances"), ENTRIES_BALANCE),
        (_("each entry has its lines"), ENTRIES_HAVE_THEIR_LINES),
        (_("numbers have no gap"), NUMBERS_HAVE_NO_GAP, "numbers"),
        (_("each entry is in its period"), ENTRIES_ARE_IN_THEIR_PERIOD),
        (_("nothing was posted after closing"), NOTHING_WAS_POSTED_AFTER_CLOSING),
        (_("monthly balances follow from the lines"), BALANCES_FOLLOW_FROM_LINES),
        (_("each series ends with its last entry"), HEADS_ARE_THE_LAST_HASHES, "numbers"),
        (_("closings are in the chain"), CLOSINGS_ARE_IN_THE_CHAIN, "chain"),
        (_("foreign accounts at zero are at zero in the books"), FOREIGN_BALANCES_CLEAR),
        (_("taxes match what is on the tax accounts"), TAXES_MATCH_ENTRIES, "taxes"),
        (_("filed tax returns match their settlements"), RETURNS_MATCH_SETTLEMENTS, "taxes"),
        (_("nothing is settled beyond its amount"), SETTLED_WITHIN_BOUNDS, "items"),
        (_("ageing equals its control account on every day"), AGEING_TIES, "items"),
        (_("what is owed is due on the day said of it"), OWED_IS_DUE, "items"),
        *asset_register.questions(),
    )


@contextmanager
def one_moment() -> Iterator[None]:
    """Let all questions asked inside see the books of one moment."""
    begins = not connection.in_atomic_block
    with transaction.atomic():
        if begins:
            with connection.cursor() as cursor:
                cursor.execute("set transaction isolation level repeatable read read only")
        yield


def first_offender(question: str) -> str:
    """The first offender the question finds, empty for none."""
    with connection.cursor() as cursor:
        cursor.execute(question)
        row = cursor.fetchone()
    return str(row[0]) if row else ""


def first_broken_link() -> str:
    """The first entry whose hash is not what its facts and the one before it give."""
    before = ("", 0, "")
    for rows in stored_entries():
        facts, (previous_hash, entry_hash) = rows[0][FACTS], rows[0][HASHES]
        expected = before[2] if before[:2] == facts[:2] else ""
        lines = [row[LINE] for row in rows if row[12] is not None]
        if previous_hash != expected or entry_hash != chain.link(
            previous_hash, chain.joined(facts, lines)
        ):
            return f"{facts[0]}-{facts[1]}-{facts[2]:05}"
        before = (*facts[:2], entry_hash)
    return ""


def stored_entries() -> Iterator[list[tuple[Any, ...]]]:
    """The rows of each entry, in the order of the chain, a few thousand in memory."""
    for _key, rows in groupby(stored_rows(), key=itemgetter(0, 1, 2)):
        yield list(rows)


def stored_rows() -> Iterator[tuple[Any, ...]]:
    """The lines of the journal with their entries, in the order of the chain."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(CHAIN)
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield from rows


def rebuild_balances() -> None:
    """Replace the monthly balances by what the lines add up to."""
    with connection.cursor() as cursor:
        cursor.execute("select rebuild_monthly_balances()")
