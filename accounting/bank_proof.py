"""What bank and books say of the same money, and what explains the difference."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    When,
)
from django.db.models.functions import Coalesce

from accounting.models import (
    BankRule,
    BankStatement,
    JournalEntry,
    JournalLine,
    Match,
    MonthlyBalance,
    OwnAccount,
    StatementLine,
)
from backoffice.money import ZERO

# What of each side is not explained by the other up to a day. A match counts when both of its
# lines are of that day or before: money on its way over the day is on its way.
UNMATCHED_BANK = """
select l.id, l.amount - coalesce(sum(m.amount) filter (where j.date <= %(on)s), 0)
  from accounting_statementline l
  left join accounting_match m on m.statement_line_id = l.id
  left join accounting_journalline j on j.id = m.journal_line_id
  where l.own_account_id = %(own)s and l.date <= %(on)s
  group by l.id
  having l.amount - coalesce(sum(m.amount) filter (where j.date <= %(on)s), 0) <> 0
"""
UNMATCHED_BOOKS = """
select j.id, {amount} - coalesce(sum(m.amount) filter (where l.date <= %(on)s), 0)
  from accounting_journalline j
  join accounting_journalentry e on e.id = j.entry_id and e.kind <> 'opening'
  left join accounting_match m on m.journal_line_id = j.id
  left join accounting_statementline l on l.id = m.statement_line_id
  where j.account_id = %(account)s and j.date <= %(on)s and j.date >= %(since)s
    -- An entry and its reversal explain each other, unless the bank shows one of them.
    and (m.id is not null or not exists (
      select from accounting_journalentry other
        where (other.reverses_id = e.id or other.id = e.reverses_id) and other.date <= %(on)s
          -- The one that takes back is not taken back itself.
          and not exists (select from accounting_journalentry again
                            where again.date <= %(on)s and again.reverses_id
                              = case when other.reverses_id = e.id then other.id else e.id end)
          and not exists (select from accounting_journalline o
                            join accounting_match om on om.journal_line_id = o.id
                            where o.entry_id = other.id and o.account_id = j.account_id)))
  group by j.id
  having {amount} - coalesce(sum(m.amount) filter (where l.date <= %(on)s), 0) <> 0
"""
LISTED = 50
BOOKED = 3
SUMMED = "select coalesce(sum(rest), 0), count(*) from ({question}) found (id, rest)"


@dataclass(frozen=True)
class Proof:
    """A statement's closing balance against the books, in the currency of the account."""

    on: date
    bank: Decimal | None  # the closing balance
    books: Decimal  # the balance of the account that mirrors it
    bank_only: Decimal  # bank lines not in the books yet
    bank_only_count: int
    books_only: Decimal  # journal lines the bank has not seen yet
    books_only_count: int

    @property
    def books_only_taken(self) -> Decimal:
        """What the bank has not seen, as it is taken from the books' balance."""
        return -self.books_only

    @property
    def adjusted_books(self) -> Decimal:
        """What the books would say, were both sides complete."""
        return self.books - self.books_only + self.bank_only

    @property
    def difference(self) -> Decimal | None:
        """What nothing explains: zero is the proof."""
        return None if self.bank is None else self.bank - self.adjusted_books

    @property
    def is_proved(self) -> bool:
        """Whether bank and books agree to the last cent."""
        return self.difference == 0


def proof_of(statement: BankStatement) -> Proof:
    """The three-way proof of a statement: its close, the books, what either side lacks."""
    return proof_at(statement.own_account, on=statement.ends_on, bank=statement.closing)


def proof_at(own: OwnAccount, *, on: date, bank: Decimal | None) -> Proof:
    """The three-way proof of what stood at the bank at the end of a day."""
    bank_only, bank_count = _summed(UNMATCHED_BANK, own, on)
    books_only, books_count = _summed(_books_question(own), own, on)
    return Proof(
        on=on,
        bank=bank,
        books=balance_in_books(own, on=on),
        bank_only=bank_only,
        bank_only_count=bank_count,
        books_only=books_only,
        books_only_count=books_count,
    )


def bank_lines_without_books(own: OwnAccount, *, on: date) -> QuerySet[StatementLine]:
    """The bank lines up to the day that nothing in the books explains, the first of them."""
    found = StatementLine.objects.filter(pk__in=bank_rests(own, on=on))
    return found.order_by("date", "pk")


def journal_lines_without_bank(own: OwnAccount, *, on: date) -> QuerySet[JournalLine]:
    """The journal lines up to the day that no bank line explains."""
    found = JournalLine.objects.filter(pk__in=book_rests(own, on=on))
    return found.select_related("entry", "party").order_by("date", "pk")


def bank_rests(own: OwnAccount, *, on: date, most: int = LISTED) -> dict[int, Decimal]:
    """What the books do not explain of each bank line up to the day, by the key of the line."""
    return _rests(UNMATCHED_BANK, own, on, most)


def book_rests(own: OwnAccount, *, on: date, most: int = LISTED) -> dict[int, Decimal]:
    """What the bank has not shown of each journal line up to the day, by the key of the line."""
    return _rests(_books_question(own), own, on, most)


def balance_in_books(own: OwnAccount, *, on: date) -> Decimal:
    """The balance of the account that mirrors it, in its own currency."""
    lines = JournalLine.objects.filter(account=own.account_id, date__lte=on)
    column = "currency_amount" if own.account.currency_id else "amount"
    return lines.aggregate(total=Coalesce(Sum(Coalesce(column, "amount")), ZERO))["total"]


def previous(statement: BankStatement) -> BankStatement | None:
    """The statement of the same account before this one."""
    return before(statement, BankStatement.objects).order_by("-ends_on", "-pk").first()


def before(statement: Any, found: Any) -> QuerySet[BankStatement]:
    """Statements of the same account that end before, or were brought in before on the day."""
    return found.filter(
        Q(ends_on__lt=statement.ends_on) | Q(ends_on=statement.ends_on, pk__lt=statement.pk),
        own_account=statement.own_account_id,
    )


def with_gap(statements: QuerySet[BankStatement]) -> QuerySet[BankStatement]:
    """Statements with the close before them, what their own sums lack, and lines to book."""
    earlier = BankStatement.objects.filter(
        Q(ends_on__lt=OuterRef("ends_on")) | Q(ends_on=OuterRef("ends_on"), pk__lt=OuterRef("pk")),
        own_account=OuterRef("own_account"),
    ).order_by("-ends_on", "-pk")
    lines = StatementLine.objects.filter(statement=OuterRef("pk"), matches=None)
    return statements.annotate(
        before=Subquery(earlier.values("closing")[:1]),
        gap=F("opening") - F("before"),
        unexplained=Case(
            When(is_comparable=True, then=F("closing") - F("opening") - F("entry_sum"))
        ),
        to_book=count_of(lines, "statement"),
    )


def count_of(rows: QuerySet, group: str) -> Coalesce:
    """How many of the rows belong to each; for the rows shown only."""
    counted = rows.order_by().values(group).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def with_balances(accounts: QuerySet[OwnAccount]) -> QuerySet[OwnAccount]:
    """Bank accounts with what the books and the bank say stands on them."""
    monthly = (
        MonthlyBalance.objects.filter(account=OuterRef("account"))
        .order_by()
        .values("account")
        .annotate(total=Sum(F("debit") - F("credit")))
        .values("total")
    )
    foreign = (
        JournalLine.objects.filter(account=OuterRef("account"))
        .order_by()
        .values("account")
        .annotate(total=Sum(Coalesce("currency_amount", "amount")))
        .values("total")
    )
    stated = BankStatement.objects.filter(own_account=OuterRef("pk"), closing__isnull=False)
    newest = stated.order_by("-ends_on", "-pk")
    lines = StatementLine.objects.filter(own_account=OuterRef("pk"), matches=None)
    return accounts.annotate(
        in_books=Coalesce(
            Case(When(account__currency=None, then=Subquery(monthly)), default=Subquery(foreign)),
            ZERO,
        ),
        at_bank=Subquery(newest.values("closing")[:1]),
        stated_on=Subquery(newest.values("ends_on")[:1]),
        to_book=count_of(lines, "own_account"),
    )


def with_booking(lines: QuerySet[StatementLine]) -> QuerySet[StatementLine]:
    """Lines with whether they are in the books."""
    return lines.annotate(is_booked=Exists(Match.objects.filter(statement_line=OuterRef("pk"))))


def waiting_lines(lines: QuerySet[StatementLine], own: OwnAccount) -> QuerySet[StatementLine]:
    """The lines of a bank account that nothing in the books explains, oldest first."""
    waiting = lines.filter(own_account=own, matches=None)
    joined = waiting.select_related("own_account__account", "own_account__currency")
    return joined.order_by("date", "pk")


def last_booked(lines: QuerySet[StatementLine], own: OwnAccount) -> QuerySet[StatementLine]:
    """The lines booked last, the newest booking first."""
    booked = lines.filter(own_account=own, matches__isnull=False)
    return booked.annotate(booked_at=Max("matches__made_at")).order_by("-booked_at")[:BOOKED]


def with_hits(rules: QuerySet[BankRule]) -> QuerySet[BankRule]:
    """Rules with how many bank lines they booked."""
    return rules.annotate(hits=Count("matches__statement_line", distinct=True))


def newest_close(own: OwnAccount) -> BankStatement | None:
    """The newest statement that says what is on the account."""
    return own.statements.filter(closing__isnull=False).order_by("-ends_on", "-pk").first()


def accounts_waiting() -> list[OwnAccount]:
    """The bank accounts with lines to book, and how many each has."""
    waiting = OwnAccount.objects.filter(is_active=True, lines__matches=None)
    counted = waiting.annotate(to_book=Count("lines"))
    return list(counted.filter(to_book__gt=0).order_by("name"))


def entries_of(line: StatementLine) -> QuerySet[JournalEntry]:
    """The entries a bank line is booked by."""
    return JournalEntry.objects.filter(lines__matches__statement_line=line).distinct()


# --- questions ------------------------------------------------------------------------------


def _books_question(own: OwnAccount) -> str:
    amount = "coalesce(j.currency_amount, j.amount)" if own.account.currency_id else "j.amount"
    return UNMATCHED_BOOKS.format(amount=amount)


def _asked(own: OwnAccount, on: date) -> dict[str, Any]:
    """What the questions ask about; before the first statement there is nothing to compare."""
    first = own.statements.order_by("starts_on").values_list("starts_on", flat=True).first()
    return {"own": own.pk, "account": own.account_id, "on": on, "since": first or on}


def _summed(question: str, own: OwnAccount, on: date) -> tuple[Decimal, int]:
    with connection.cursor() as cursor:
        cursor.execute(SUMMED.format(question=question), _asked(own, on))
        total, count = cursor.fetchone()
    return total, count


def _rests(question: str, own: OwnAccount, on: date, most: int) -> dict[int, Decimal]:
    with connection.cursor() as cursor:
        cursor.execute(f"{question} order by 1 limit {most:d}", _asked(own, on))
        return dict(cursor.fetchall())
