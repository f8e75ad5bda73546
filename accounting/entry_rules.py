"""What an entry must be before it may enter the books; the database has the last word."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from accounting.models import Account
from backoffice.errors import Refused
from backoffice.models import Company, Currency, Department
from backoffice.money import has_too_many_decimals, in_sentence

TOO_LARGE = Decimal(10) ** 15  # the ledger keeps 15 digits before the point
OWED = ("receivable", "payable")  # the roles of accounts whose balance is owed by or to parties
LONGEST = {"text": 200, "payee": 120, "source_key": 120}


def is_owed_on(account: Account | str | None) -> bool:
    """Whether the account, or that of the role, holds what somebody owes or is owed."""
    return (account.role if isinstance(account, Account) else account) in OWED


class PlainLine(NamedTuple):
    """A line whose account, department, party and currency are known by their keys."""

    account: int
    department: int
    amount: Decimal
    party: int | None = None
    currency: str | None = None
    currency_amount: Decimal | None = None
    text: str = ""


class PlainEntry(NamedTuple):
    """An entry as it arrives, before it is checked and numbered."""

    on: date
    text: str
    source_key: str
    lines: Sequence[PlainLine]
    payee: str = ""
    kind: str = "normal"
    reverses: int | None = None
    due_on: date | None = None  # of what is owed; else it is due at once


class AccountFacts(NamedTuple):
    """What posting needs to know of an account."""

    code: str
    name: str
    kind: str
    currency: str | None
    is_active: bool
    is_heading: bool
    role: str = ""


class PeriodFacts(NamedTuple):
    """What posting needs to know of a period."""

    pk: int
    starts_on: date
    ends_on: date
    is_closed: bool
    year_starts_on: date


@dataclass(frozen=True)
class Books:
    """The facts entries are checked against."""

    currency: str
    root_department: int
    minor_units: Mapping[str, int]
    accounts: Mapping[int, AccountFacts]
    periods: Sequence[PeriodFacts] = field(default=(), repr=False)

    def period_of(self, day: date) -> PeriodFacts:
        """The period of the day, or a refusal that says what to do."""
        place = bisect_right(self.periods, day, key=lambda period: period.starts_on)
        period = self.periods[place - 1] if place else None
        if period is None or day > period.ends_on:
            raise no_period(day)
        return period


def no_period(day: date) -> Refused:
    """The refusal of a day in no fiscal year."""
    return Refused(
        _("There is no period for %(day)s: open its fiscal year first.") % {"day": day},
        field="date",
    )


def no_account_for(role: str) -> str:
    """The sentence about a role nobody plays or nobody knows."""
    if role not in Account.Role:
        return _("There is no role “%(role)s” an account could have.") % {"role": role}
    return _("No account has the role “%(role)s”: give it to one in the chart of accounts.") % {
        "role": Account.Role(role).label
    }


def whole_books() -> Books:
    """The facts for many entries: every account, period and currency."""
    company = Company.objects.first()
    root = Department.objects.filter(parent=None).first()
    if company is None or root is None:
        raise not_set_up()
    with connection.cursor() as cursor:
        cursor.execute(
            "select a.id, a.code, a.name, a.kind, a.currency_id, a.is_active,"
            "  exists (select from accounting_account below where below.parent_id = a.id), a.role"
            " from accounting_account a"
        )
        accounts = {row[0]: AccountFacts(*row[1:]) for row in cursor.fetchall()}
        cursor.execute(
            "select p.id, p.starts_on, p.ends_on, p.closed_at is not null, y.starts_on"
            " from accounting_period p join accounting_fiscalyear y on y.id = p.fiscal_year_id"
            " order by p.starts_on"
        )
        periods = [PeriodFacts(*row) for row in cursor.fetchall()]
    return Books(
        currency=company.currency_id,
        root_department=root.pk,
        minor_units=dict(Currency.objects.values_list("code", "minor_unit")),
        accounts=accounts,
        periods=periods,
    )


def not_set_up() -> Refused:
    """The refusal of an office that has no company or department yet."""
    return Refused(_("Set up the company first: it has no currency or no department yet."))


def check_entry(entry: PlainEntry, books: Books) -> PeriodFacts:
    """The period the entry belongs to; a refusal with one sentence if it may not be posted."""
    check_lines(entry, books)
    period = books.period_of(entry.on)
    check_period(entry, period, books)
    return period


def check_lines(entry: PlainEntry, books: Books) -> None:
    """Refuse an entry whose words, lines or sums are wrong."""
    check_words(entry)
    if len(entry.lines) < 2:
        raise Refused(_("An entry has two lines or more."), field="lines")
    for position, line in enumerate(entry.lines, start=1):
        problem = problem_of(line, books)
        if problem:
            raise Refused(about(position, line, books, problem), field="lines")
    check_balance(entry, books)


def check_parties(entry: PlainEntry, books: Books) -> None:
    """Refuse a line on what customers or suppliers owe that does not say whom it is about.

    A journal from elsewhere may not know: its import does not ask, and neither does a reversal.
    """
    for position, line in enumerate(entry.lines, start=1):
        if line.party is None and books.accounts[line.account].role in OWED:
            problem = _("say whose it is: a customer's or supplier's balance is kept for each.")
            raise Refused(about(position, line, books, problem), field="lines")


def check_period(entry: PlainEntry, period: PeriodFacts, books: Books) -> None:
    """Refuse an entry in a closed period, and an opening its first day does not allow."""
    if period.is_closed:
        raise Refused(_("The period of %(day)s is closed.") % {"day": entry.on}, field="date")
    if entry.kind == "opening" and entry.on == period.year_starts_on:
        check_opening(entry, books)


def check_opening(entry: PlainEntry, books: Books) -> None:
    """Refuse income and expense in the balances a year opens with."""
    for position, line in enumerate(entry.lines, start=1):
        if books.accounts[line.account].kind in ("income", "expense"):
            problem = _("income and expense accounts begin a year at zero.")
            raise Refused(about(position, line, books, problem), field="lines")


def check_words(entry: PlainEntry) -> None:
    """Refuse texts the database cannot keep."""
    for name, most in LONGEST.items():
        words = getattr(entry, name)
        if len(words) > most:
            raise Refused(
                _("“%(start)s…” is longer than %(most)s characters.")
                % {"start": words[:40], "most": most},
                field=name,
            )
        if not is_storable(words):
            raise Refused(_("The text holds a character that cannot be kept."), field=name)


def is_storable(words: str) -> bool:
    """Whether the database keeps the text: no null character, no half of a pair."""
    if words.isascii():
        return "\0" not in words
    return not any(char == "\0" or "\ud800" <= char <= "\udfff" for char in words)


def about(position: int, line: PlainLine, books: Books, problem: str) -> str:
    """The sentence that names the line and its account."""
    account = books.accounts.get(line.account)
    if account is None:
        return _("Line %(line)s: %(problem)s") % {"line": position, "problem": problem}
    return _("Line %(line)s (%(account)s): %(problem)s") % {
        "line": position,
        "account": f"{account.code} {account.name}",
        "problem": problem,
    }


def problem_of(line: PlainLine, books: Books) -> str:
    """What is wrong with a line, empty for nothing."""
    return (
        problem_of_account(line, books)
        or problem_of_amount(line.amount, books.currency, books)
        or problem_of_currency(line, books)
        or problem_of_words(line)
    )


def problem_of_account(line: PlainLine, books: Books) -> str:
    """Whether the account takes lines, and in this currency."""
    account = books.accounts.get(line.account)
    if account is None:
        return _("there is no such account.")
    if not account.is_active:
        return _("the account is inactive.")
    if account.is_heading:
        return _("this is a heading; choose an account below it.")
    if account.currency not in (None, books.currency, line.currency):
        return _("the account is kept in %(currency)s; give the amount in it.") % {
            "currency": account.currency
        }
    return ""


def problem_of_amount(amount: Decimal, currency: str, books: Books) -> str:
    """Whether the amount is a number the ledger keeps exactly."""
    if not isinstance(amount, Decimal):
        raise TypeError(f"Money is Decimal, not {type(amount).__name__}.")
    if not amount.is_finite():
        return _("the amount is not a number.")
    if amount == 0:
        return _("the amount is zero.")
    return problem_of_size(amount, currency, books)


def problem_of_size(amount: Decimal, currency: str, books: Books) -> str:
    """Whether the amount is too large or too fine."""
    if abs(amount) >= TOO_LARGE:
        return _("the amount has more than 15 digits before the point.")
    if currency not in books.minor_units:
        return _("there is no currency %(currency)s.") % {"currency": currency}
    if has_too_many_decimals(amount, books.minor_units[currency]):
        return _("%(amount)s has more decimals than %(currency)s has.") % {
            "amount": f"{amount.normalize():f}",
            "currency": currency,
        }
    return ""


def problem_of_currency(line: PlainLine, books: Books) -> str:
    """Whether the amount in another currency is complete and agrees with the books."""
    currency, amount = line.currency, line.currency_amount
    if currency is None and amount is None:
        return ""
    if currency is None:
        return _("it has an amount in another currency, but not which.")
    if amount is None:
        return _("it names %(currency)s, but no amount in it.") % {"currency": currency}
    if not isinstance(amount, Decimal):
        raise TypeError(f"Money is Decimal, not {type(amount).__name__}.")
    if not amount.is_finite():
        return _("the amount is not a number.")
    return problem_of_size(amount, currency, books) or problem_of_sides(line, amount, books)


def problem_of_sides(line: PlainLine, amount: Decimal, books: Books) -> str:
    """Whether both amounts of a line are on one side; zero stands for a revaluation."""
    if line.currency == books.currency and amount != line.amount:
        return _("both amounts are in %(currency)s and differ.") % {"currency": line.currency}
    if (amount > 0) != (line.amount > 0) and amount != 0:
        return _("one amount is a debit, the other a credit.")
    return ""


def problem_of_words(line: PlainLine) -> str:
    """Whether the database can keep the text of the line."""
    if len(line.text) > LONGEST["text"]:
        return _("its text is longer than %(most)s characters.") % {"most": LONGEST["text"]}
    return "" if is_storable(line.text) else _("its text holds a character that cannot be kept.")


def check_balance(entry: PlainEntry, books: Books) -> None:
    """Refuse an entry that is out, saying by how much and on which side."""
    out = sum((line.amount for line in entry.lines), Decimal(0))
    if out:
        raise out_of_balance(out, books.currency, books)
    currencies = {line.currency for line in entry.lines}
    if len(currencies) == 1 and currencies != {None}:
        out = sum((line.currency_amount or Decimal(0) for line in entry.lines), Decimal(0))
        if out:
            raise out_of_balance(out, str(currencies.pop()), books)


def out_of_balance(out: Decimal, currency: str, books: Books) -> Refused:
    """The refusal of an entry that does not balance."""
    sentence = (
        _("The entry does not balance: debits are %(out)s more than credits.")
        if out > 0
        else _("The entry does not balance: credits are %(out)s more than debits.")
    )
    amount = in_sentence(abs(out), books.minor_units[currency], currency)
    return Refused(sentence % {"out": amount}, field="lines")
