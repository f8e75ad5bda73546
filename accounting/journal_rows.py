"""The rows of a journal that comes from elsewhere: what each says, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from accounting.entry_rules import LONGEST, Books, is_storable
from accounting.models import Account
from accounting.paths import account_names
from accounting.years import is_day_of_books, no_day_of_books
from backoffice.errors import Refused
from backoffice.models import Department
from backoffice.money import has_too_many_decimals, rounded
from backoffice.reading import amount_of, day_of

COLUMNS = ("entry", "date", "account", "amount")
MORE_COLUMNS = (
    "payee",
    "narration",
    "currency",
    "base_weight",
    "base_currency",
    "department",
)
# Where the name of an account begins, by what it then is.
ROOTS = {
    "assets": Account.Kind.ASSET,
    "liabilities": Account.Kind.LIABILITY,
    "equity": Account.Kind.EQUITY,
    "income": Account.Kind.INCOME,
    "expenses": Account.Kind.EXPENSE,
}
LARGEST = Decimal(10) ** 15
LONGEST_NAME = 160


@dataclass(frozen=True)
class JournalOptions:
    """How a file is to be read, and what may be done for it."""

    create_accounts: bool = False
    rounding_account: str = ""
    skip_refused: bool = False
    is_rehearsal: bool = False
    date_format: str = "ymd"
    decimal_comma: bool = False


class JournalRow(NamedTuple):
    """One row as it is staged; `problem` is the first thing wrong with it."""

    row: int
    entry: str
    date: date | None
    account: str
    account_id: int | None
    department_id: int | None
    exact: Decimal | None
    currency: str | None
    currency_amount: Decimal | None
    quantity: str
    payee: str
    narration: str
    base: str
    problem_column: str
    problem: str


@dataclass
class RowReader:
    """Reads rows against the books, remembering what it looked up."""

    books: Books
    options: JournalOptions
    wanted: dict[str, str] = field(default_factory=dict)  # accounts to create, with their kinds

    def __post_init__(self) -> None:
        self._codes = {facts.code.lower(): pk for pk, facts in self.books.accounts.items()}
        self._paths: dict[str, list[int]] = {}
        for pk, path in account_names().items():
            self._paths.setdefault(path, []).append(pk)
        self._departments = {"": self.books.root_department}
        for pk, code, name in Department.objects.values_list("pk", "code", "name"):
            self._departments[name.casefold()] = pk
            self._departments[code.casefold()] = pk
        self._days: dict[str, date | str] = {}
        self._accounts: dict[str, tuple[int | None, str]] = {}
        self._places = self.books.minor_units[self.books.currency]

    def read(self, number: int, values: Mapping[str, str]) -> JournalRow:
        """The row as it is staged."""
        row, problems = self.examined(number, values)
        if not problems:
            return row
        column, problem = next(iter(problems.items()))
        return row._replace(problem_column=column, problem=problem)

    def examined(
        self, number: int, values: Mapping[str, str]
    ) -> tuple[JournalRow, dict[str, str]]:
        """What the row says, and what is wrong with it by column."""
        found = {name: text.strip() for name, text in values.items()}
        problems: dict[str, str] = {}
        entry = found.get("entry", "")
        if not entry:
            problems["entry"] = _("it does not say which entry it belongs to.")
        day = self._day(found.get("date", ""), problems)
        account = found.get("account", "")
        account_id = self._account(account, problems)
        money = self._money(found, problems)
        department_id = self._departments.get(found.get("department", "").casefold())
        if department_id is None:
            problems["department"] = _("there is no department “%(name)s”.") % {
                "name": found["department"]
            }
        if account_id:
            self._check_currency_of(account_id, money.currency, problems)
        self._check_words(found, problems)
        row = JournalRow(
            number,
            entry,
            day,
            account,
            account_id,
            department_id,
            money.exact,
            money.currency,
            money.currency_amount,
            money.quantity,
            found.get("payee", ""),
            found.get("narration", ""),
            money.base,
            "",
            "",
        )
        return row, problems

    # --- one cell after the other ----------------------------------------------------------

    def _day(self, text: str, problems: dict[str, str]) -> date | None:
        known = self._days.get(text)
        if known is None:
            known = self._days[text] = self._read_day(text)
        if isinstance(known, str):
            problems["date"] = known
            return None
        return known

    def _read_day(self, text: str) -> date | str:
        try:
            day = day_of(text, self.options.date_format)
        except Refused as refusal:
            return str(refusal)
        return day if is_day_of_books(day) else no_day_of_books(day)

    def _account(self, text: str, problems: dict[str, str]) -> int | None:
        if text not in self._accounts:
            self._accounts[text] = self._find_account(text)
        pk, problem = self._accounts[text]
        if problem:
            problems["account"] = problem
        return pk

    def _find_account(self, text: str) -> tuple[int | None, str]:
        if not text:
            return None, _("it names no account.")
        pk = self._codes.get(text.lower())
        if pk is None:
            named = self._paths.get(text, [])
            if len(named) > 1:
                return None, _("several accounts are called %(name)s: give the code.") % {
                    "name": text
                }
            if not named:
                return None, self._want(text)
            pk = named[0]
        facts = self.books.accounts[pk]
        if not facts.is_active:
            return pk, _("the account %(name)s is inactive.") % {"name": text}
        if facts.is_heading:
            return pk, _("%(name)s is a heading: choose an account below it.") % {"name": text}
        return pk, ""

    def _want(self, text: str) -> str:
        """Note an account to create, or say why it cannot be."""
        if not self.options.create_accounts:
            return _("there is no account %(name)s.") % {"name": text}
        root, colon, _rest = text.partition(":")
        kind = ROOTS.get(root.lower())
        if kind is None or not colon:
            return _(
                "the account %(name)s cannot be created: a new one begins with Assets:,"
                " Liabilities:, Equity:, Income: or Expenses:."
            ) % {"name": text}
        if len(text) > LONGEST_NAME or not is_storable(text):
            return _("its account's name cannot be kept: it is too long.")
        self.wanted[text] = kind
        return ""

    def _check_currency_of(
        self, account: int, currency: str | None, problems: dict[str, str]
    ) -> None:
        kept_in = self.books.accounts[account].currency
        if kept_in not in (None, self.books.currency, currency):
            problems.setdefault(
                "currency",
                _("the account is kept in %(currency)s; give the amount in it.")
                % {"currency": kept_in},
            )

    def _check_words(self, found: Mapping[str, str], problems: dict[str, str]) -> None:
        for name, most in (("narration", LONGEST["text"]), ("payee", LONGEST["payee"])):
            words = found.get(name, "")
            if len(words) > most:
                problems[name] = _("its text is longer than %(most)s characters.") % {"most": most}
            elif not is_storable(words):
                problems[name] = _("its text holds a character that cannot be kept.")

    # --- what it is worth ------------------------------------------------------------------

    def _money(self, found: Mapping[str, str], problems: dict[str, str]) -> Money:
        """The amount in the books' currency, and what else the row counts."""
        books = self.books.currency
        currency = found.get("currency", "").upper()
        weight = found.get("base_weight", "")
        base = found.get("base_currency", "").upper() or (books if weight else currency or books)
        column = "base_weight" if weight else "amount"
        exact = self._number(found, column, problems)
        if exact is not None and base == books:
            self._check_exact(exact, column, problems)
        if not weight or currency in ("", books):
            if weight and currency and exact != self._number(found, "amount", problems):
                problems.setdefault("amount", both_in(books))
            return Money(exact, base)
        amount = self._number(found, "amount", problems)
        if currency not in self.books.minor_units:
            # A share, a mile, an hour: no currency, but part of what was written down.
            return Money(exact, base, quantity=f"{found['amount']} {found['currency']}")
        return Money(exact, base, currency, self._foreign(amount, exact, currency, problems))

    def _number(
        self, found: Mapping[str, str], column: str, problems: dict[str, str]
    ) -> Decimal | None:
        try:
            amount = amount_of(found.get(column, ""), decimal_comma=self.options.decimal_comma)
        except Refused as refusal:
            problems[column] = str(refusal)
            return None
        if abs(amount) >= LARGEST:
            problems[column] = _("the amount has more than 15 digits before the point.")
            return None
        return amount

    def _check_exact(self, amount: Decimal, column: str, problems: dict[str, str]) -> None:
        if self.options.rounding_account:
            amount = rounded(amount, self._places)
        if amount == 0:
            problems[column] = _("the amount is zero.")
        elif has_too_many_decimals(amount, self._places):
            problems[column] = too_fine(amount, self.books.currency)

    def _foreign(
        self,
        amount: Decimal | None,
        exact: Decimal | None,
        currency: str,
        problems: dict[str, str],
    ) -> Decimal | None:
        """The amount in its own currency, which must be of the same side as the books' amount."""
        if amount is None or exact is None:
            return None
        if has_too_many_decimals(amount, self.books.minor_units[currency]):
            problems["amount"] = too_fine(amount, currency)
        elif amount != 0 and (amount > 0) != (exact > 0):
            problems["amount"] = _("one amount is a debit, the other a credit.")
        return amount


class Money(NamedTuple):
    """What a row counts: in the books' currency, in another, or in things."""

    exact: Decimal | None
    base: str
    currency: str | None = None
    currency_amount: Decimal | None = None
    quantity: str = ""


def both_in(currency: str) -> str:
    """The sentence about two amounts that should be one."""
    return _("amount and base_weight are both in %(currency)s and differ.") % {
        "currency": currency
    }


def too_fine(amount: Decimal, currency: str) -> str:
    """The sentence about an amount with too many decimals."""
    return _("%(amount)s has more decimals than %(currency)s has.") % {
        "amount": f"{amount:f}",
        "currency": currency,
    }
