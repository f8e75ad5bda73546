"""What the books know that a bank line could be: read once, found by amount, words and party."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection, models

from accounting.bank_import import plain
from accounting.bank_words import SHORTEST, Words
from accounting.models import OwnAccount, StatementLine
from backoffice.encrypted_fields import mark_field
from backoffice.models import BankAccount
from backoffice.money import rounded

Day = date  # beside fields called date

# What is open now, whatever day it was settled on, and could be one of the lines: by its amount,
# its party or its reference. The database leaves out the rest, which is nearly all of it.
OPEN = """
with found as (
    select j.id, j.account_id, j.party_id, p.name, j.date,
           coalesce(j.currency_amount, j.amount) - coalesce(d.settled, 0)
             + coalesce(c.settled, 0) as open_amount,
           j.due_on,
           coalesce(nullif(due.reference, ''), e.series || '-' || e.year || '-'
                    || to_char(e.number, 'FM9999900000')) as reference,
           due.discount_until, due.discount_percent
      from accounting_journalline j
      join accounting_account a on a.id = j.account_id and a.role in ('receivable', 'payable')
      join accounting_journalentry e on e.id = j.entry_id
      join backoffice_party p on p.id = j.party_id
      left join accounting_duedate due on due.entry_id = j.entry_id
      left join (select debit_line_id as id, sum(amount) as settled
                   from accounting_allocation group by 1) d on d.id = j.id
      left join (select credit_line_id as id, sum(amount) as settled
                   from accounting_allocation group by 1) c on c.id = j.id
      where j.date <= %(on)s and j.currency_amount is distinct from 0
        and coalesce(j.currency_id, (select currency_id from backoffice_company limit 1))
            = %(currency)s
)
select * from found
  where open_amount <> 0
    and (open_amount = any(%(amounts)s::numeric[]) or party_id = any(%(parties)s::bigint[])
         or lower(regexp_replace(reference, '[^[:alnum:]]', '', 'g')) = any(%(words)s::text[]))
"""
PARTIES = """
select id, name, legal_name from backoffice_party
  where id in (select j.party_id from accounting_journalline j
                 join accounting_account a on a.id = j.account_id
                 where a.role in ('receivable', 'payable'))
"""
# Lines on the mirror that no bank line explains, with what they are called.
UNMATCHED = """
select j.id, e.date, {amount} - coalesce(sum(m.amount), 0) as free,
       e.series || '-' || e.year || '-' || to_char(e.number, 'FM9999900000'), e.text, e.payee,
       p.reference, p.party_id
  from accounting_journalline j
  join accounting_journalentry e on e.id = j.entry_id
  left join accounting_payment p on p.entry_id = e.id
  left join accounting_match m on m.journal_line_id = j.id
  where j.account_id = %s and e.kind <> 'opening' and e.reverses_id is null
    and not exists (select from accounting_journalentry r where r.reverses_id = e.id)
  group by j.id, e.id, p.id
  having {amount} - coalesce(sum(m.amount), 0) <> 0
"""


@dataclass(frozen=True)
class OpenItem:
    """An item of a customer or supplier that is open, signed as the ledger is."""

    pk: int
    account_id: int
    party_id: int
    party: str
    date: Day
    open_amount: Decimal
    due_on: Day
    reference: str
    discount_until: Day | None = None
    discount_percent: Decimal | None = None
    minor_unit: int = 2

    def could_be(self, amount: Decimal) -> bool:
        """Whether a payment of this amount settles it whole, as it is or with its discount."""
        percent = self.discount_percent or Decimal(0)
        least = abs(self.open_amount) * (100 - percent) / 100 - 1
        return least <= abs(amount) <= abs(self.open_amount)

    def discount_on(self, day: Day) -> Decimal:
        """The discount for paying by the day; nothing after its last day."""
        if not self.discount_percent or not self.discount_until or day > self.discount_until:
            return Decimal(0)
        return rounded(abs(self.open_amount) * self.discount_percent / 100, self.minor_unit)


@dataclass(frozen=True)
class Unmatched:
    """A line on the mirror of a bank account that the bank has not shown yet."""

    pk: int
    date: Day
    free: Decimal
    number: str
    text: str
    payee: str
    reference: str
    party_id: int | None

    @property
    def references(self) -> tuple[str, ...]:
        """What a bank line could call it."""
        return (self.reference, self.number)


@dataclass
class KnownMoney:
    """Everything open, by how it is looked for."""

    by_amount: dict[Decimal, list[OpenItem]] = field(default_factory=lambda: defaultdict(list))
    by_party: dict[int, list[OpenItem]] = field(default_factory=lambda: defaultdict(list))
    entries: dict[Decimal, list[Unmatched]] = field(default_factory=lambda: defaultdict(list))
    other_sides: dict[Decimal, list[tuple[OwnAccount, date]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    words: dict[int, Words] = field(default_factory=dict)
    _by_reference: dict[str, list[OpenItem]] = field(default_factory=lambda: defaultdict(list))
    _names: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _parties_of_lines: dict[int, int] = field(default_factory=dict)
    _own_of_lines: dict[int, OwnAccount] = field(default_factory=dict)

    @classmethod
    def of(cls, own: OwnAccount, lines: Sequence[StatementLine]) -> KnownMoney:
        """What is known up to the last day of the lines."""
        known = cls()
        if lines:
            known.words = {line.pk: Words.of(line) for line in lines}
            known._take_accounts(lines)
            known._take_names()
            known._take_items(own, lines)
            known._take_entries(own)
            known._take_other_sides(own)
        return known

    # --- looking ----------------------------------------------------------------------------

    def by_reference(self, words: Words) -> list[OpenItem]:
        """The items whose reference stands among the words."""
        found = (item for run in words.runs for item in self._by_reference.get(run, ()))
        return list({item.pk: item for item in found}.values())

    def parties_of(self, line: StatementLine, words: Words) -> set[int]:
        """Whose line it is: by the account it came from, else by a name among its words."""
        known = self._parties_of_lines.get(line.pk)
        if known:
            return {known}
        return {party for run in words.runs for party in self._names.get(run, ())}

    def own_account_of(self, line: StatementLine) -> OwnAccount | None:
        """The account of ours on the other side, where the line names it."""
        return self._own_of_lines.get(line.pk)

    # --- reading ----------------------------------------------------------------------------

    def _take_items(self, own: OwnAccount, lines: Sequence[StatementLine]) -> None:
        parties = {p for line in lines for p in self.parties_of(line, self.words[line.pk])}
        asked: dict[str, Any] = {
            "on": max(line.date for line in lines),
            "currency": own.currency_id,
            "amounts": list({line.amount for line in lines}),
            "parties": list(parties),
            "words": list({run for words in self.words.values() for run in words.runs}),
        }
        unit = own.currency.minor_unit
        with connection.cursor() as cursor:
            cursor.execute(OPEN, asked)
            for row in cursor.fetchall():
                self._index(OpenItem(*row, minor_unit=unit))  # type: ignore[misc]

    def _index(self, item: OpenItem) -> None:
        self.by_amount[item.open_amount].append(item)
        self.by_party[item.party_id].append(item)
        reference = plain(item.reference)
        if len(reference) >= SHORTEST:
            self._by_reference[reference].append(item)

    def _take_names(self) -> None:
        """The names of who owes or is owed: others have nothing to settle."""
        with connection.cursor() as cursor:
            cursor.execute(PARTIES)
            for key, *names in cursor.fetchall():
                for name in map(plain, names):
                    if len(name) >= SHORTEST:
                        self._names[name].add(key)

    def _take_entries(self, own: OwnAccount) -> None:
        foreign = own.account.currency_id
        amount = "coalesce(j.currency_amount, j.amount)" if foreign else "j.amount"
        with connection.cursor() as cursor:
            cursor.execute(UNMATCHED.format(amount=amount), [own.account_id])
            for row in cursor.fetchall():
                key, day, free, number, text, payee, reference, party = row
                entry = Unmatched(key, day, free, number, text, payee, reference or "", party)
                self.entries[entry.free].append(entry)

    def _take_other_sides(self, own: OwnAccount) -> None:
        """Lines of our other accounts in the same currency that are not booked."""
        found = StatementLine.objects.filter(
            matches=None, own_account__currency=own.currency_id, own_account__is_active=True
        ).exclude(own_account=own)
        others = {o.pk: o for o in OwnAccount.objects.select_related("account", "currency")}
        for account, amount, day in found.values_list("own_account_id", "amount", "date"):
            self.other_sides[amount].append((others[account], day))

    def _take_accounts(self, lines: Sequence[StatementLine]) -> None:
        """Who holds the accounts the lines came from, by the marks of their numbers."""
        marks = marks_of_lines(lines, BankAccount)
        for account in BankAccount.objects.filter(iban_mark__in=list(marks)):
            for key in marks[bytes(account.iban_mark or b"")]:
                self._parties_of_lines[key] = account.party_id
        marks = marks_of_lines(lines, OwnAccount)
        ours = OwnAccount.objects.filter(iban_mark__in=list(marks)).select_related("account")
        for own in ours:
            for key in marks[bytes(own.iban_mark or b"")]:
                self._own_of_lines[key] = own


def marks_of_lines(
    lines: Sequence[StatementLine], model: type[models.Model]
) -> dict[bytes, list[int]]:
    """The lines by the marks an IBAN of the model would have, had it their other side's."""
    found: dict[bytes, list[int]] = defaultdict(list)
    column = mark_field(model, "iban")
    for line in lines:
        number = line.counterparty_account
        if number and number.is_readable:
            for mark in column.marks_of(model, number):
                found[bytes(mark)].append(line.pk)
    return found
