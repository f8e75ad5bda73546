"""An entry as a person writes it: rows of words and numbers, read strictly or refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from decimal import Decimal
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from babel.numbers import format_decimal
from django.db.models import Exists, OuterRef
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounting.entry_rules import TOO_LARGE, PlainLine, problem_of, whole_books
from accounting.models import Account, DraftLine
from backoffice.access import rows
from backoffice.errors import Refused
from backoffice.models import Currency, Department, Party
from backoffice.reading import number_written

MOST_SUGGESTED = 5
MOST_LISTED = 2000
MOST_PARTIES_LISTED = 300
MOST_ROWS = 300
WITH_PARTY = {Account.Role.RECEIVABLE, Account.Role.PAYABLE}


@dataclass
class WrittenRow:
    """One line of the form, as it is written, with what is wrong with it."""

    account: str = ""
    department: str = ""
    party: str = ""
    text: str = ""
    debit: str = ""
    credit: str = ""
    currency: str = ""
    currency_amount: str = ""
    errors: list[str] = field(default_factory=list)
    wrong: set[str] = field(default_factory=set)
    focus: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether nothing is written; a department alone says nothing."""
        return not any(
            (self.account, self.party, self.text, self.debit, self.credit, self.currency_amount)
        )

    @property
    def has_currency(self) -> bool:
        """Whether the part for another currency is open."""
        return bool(self.currency or self.currency_amount)

    def refuse(self, name: str, sentence: str) -> None:
        """Say what is wrong, at the field it is about."""
        self.errors.append(sentence)
        self.wrong.add(name)


WRITTEN = tuple(f.name for f in fields(WrittenRow) if f.name not in ("errors", "wrong", "focus"))


def rows_written(post: QueryDict) -> list[WrittenRow]:
    """The rows of a submitted form that say something, in their order."""
    columns = {name: post.getlist(f"line_{name}") for name in WRITTEN}
    longest = min(max(map(len, columns.values()), default=0), MOST_ROWS)
    found = [
        WrittenRow(
            **{name: at(column, n).strip().replace("\x00", "") for name, column in columns.items()}
        )
        for n in range(longest)
    ]
    return [row for row in found if not row.is_blank]


def at(column: list[str], place: int) -> str:
    """The value at a place; empty beyond the end."""
    return column[place] if place < len(column) else ""


def small_enough(number: Decimal) -> Decimal:
    """The number, refused where the books cannot keep it, in a draft either."""
    if abs(number) >= TOO_LARGE:
        raise Refused(_("This has more than 15 digits before the point."))
    return number


def number_shown(amount: Decimal | None, *, locale: str, decimals: int) -> str:
    """The number for an input field: local, without grouping; empty for nothing or zero."""
    if not amount:
        return ""
    form = "0." + "0" * decimals if decimals else "0"
    return format_decimal(abs(amount), format=form, locale=locale)


class AccountFinder:
    """Finds the account a person means: by its code, its name, or a part of it that is unique."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        self.all = list(accounts)
        self.open = [a for a in self.all if a.is_active and not a.is_heading]

    def find(self, written: str) -> Account:
        """The account, or a refusal that names what comes near."""
        found = self._among(self.open, written)
        if len(found) == 1:
            return found[0]
        if found:
            raise Refused(
                _("“%(written)s” fits several accounts: %(some)s.")
                % {"written": written[:60], "some": listed(found)}
            )
        raise Refused(self._why_not(written))

    def _among(self, accounts: list[Account], written: str) -> list[Account]:
        """The accounts that fit in the closest way any of them fits."""
        words = written.casefold().split()
        text = " ".join(words)
        ways: tuple[Callable[[Account], bool], ...] = (
            lambda a: a.code.casefold() == text or str(a).casefold() == text,
            lambda a: a.name.casefold() == text,
            lambda a: all(word in str(a).casefold() for word in words),
        )
        for fits in ways:
            found = [account for account in accounts if fits(account)]
            if found:
                return found
        return []

    def _why_not(self, written: str) -> str:
        named = self._among(self.all, written)
        if len(named) == 1 and named[0].is_heading:
            below = [a for a in self.open if a.parent_id == named[0].pk]
            return _("%(account)s is a heading; choose an account below it: %(some)s.") % {
                "account": named[0],
                "some": listed(below) or "–",
            }
        if len(named) == 1:
            return _("%(account)s is inactive.") % {"account": named[0]}
        near = self._near(written)
        if near:
            return _("There is no account “%(written)s”. Did you mean %(some)s?") % {
                "written": written[:60],
                "some": listed(near),
            }
        return _("There is no account “%(written)s”.") % {"written": written[:60]}

    def _near(self, written: str) -> list[Account]:
        names = {name: a for a in self.open for name in (a.code, a.name.casefold())}
        close = get_close_matches(written.casefold(), names, n=MOST_SUGGESTED, cutoff=0.6)
        return list(dict.fromkeys(names[name] for name in close))


def listed(found: Iterable[Any]) -> str:
    """The first few, for a sentence."""
    found = list(found)
    words = ", ".join(str(record) for record in found[:MOST_SUGGESTED])
    if len(found) > MOST_SUGGESTED:
        return _("%(some)s and others") % {"some": words}
    return words


class RowReader:
    """Turns written rows into draft lines, within what the person may see."""

    def __init__(self, user: Any, *, locale: str) -> None:
        self.user, self.locale = user, locale

    @cached_property
    def accounts(self) -> AccountFinder:
        """All accounts, with whether each is a heading."""
        below = Account._default_manager.filter(parent=OuterRef("pk"))
        return AccountFinder(rows(self.user, Account).annotate(is_heading=Exists(below)))

    @cached_property
    def departments(self) -> dict[str, Department]:
        """The departments a line may name."""
        return {str(d.pk): d for d in rows(self.user, Department).order_by("name")}

    @cached_property
    def currencies(self) -> dict[str, Currency]:
        """All currencies by code."""
        return {c.code: c for c in rows(self.user, Currency)}

    def party(self, written: str) -> Party:
        """The one party of this name, or with this in its name."""
        active = rows(self.user, Party).filter(is_active=True)
        found = list(active.filter(name__iexact=written)[: MOST_SUGGESTED + 1])
        found = found or list(active.filter(name__icontains=written)[: MOST_SUGGESTED + 1])
        if len(found) == 1:
            return found[0]
        if found:
            sentence = _("“%(written)s” fits several parties: %(some)s.")
        else:
            sentence = _("There is nobody called “%(written)s” in the directory.")
        raise Refused(sentence % {"written": written[:60], "some": listed(found)})

    def line(self, row: WrittenRow) -> DraftLine:
        """The row as a draft's line; what cannot be read is said at the row."""
        line = DraftLine(text=row.text[:200])
        if len(row.text) > 200:
            row.refuse("text", _("The text is longer than 200 characters."))
        line.account = self._read(row, "account", self.accounts.find)
        line.party = self._read(row, "party", self.party)
        line.department = self._read(row, "department", self._department)
        line.amount = self._amount(row)
        self._read_currency(row, line)
        return line

    def _read(self, row: WrittenRow, name: str, read: Callable[[str], Any]) -> Any:
        written = getattr(row, name)
        if not written:
            return None
        try:
            return read(written)
        except Refused as refusal:
            row.refuse(name, str(refusal))
            return None

    def _department(self, written: str) -> Department:
        if written not in self.departments:
            raise Refused(_("There is no such department."))
        return self.departments[written]

    def _number(self, written: str) -> Decimal:
        number = number_written(written, locale=self.locale)
        if number < 0:
            raise Refused(_("An amount has no minus here: it is a debit or a credit."))
        return small_enough(number)

    def _amount(self, row: WrittenRow) -> Decimal | None:
        debit = self._read(row, "debit", self._number)
        credit = self._read(row, "credit", self._number)
        if debit and credit:
            row.refuse("credit", _("A line is a debit or a credit, not both."))
            return None
        if debit:
            return debit
        return -credit if credit else None

    def _read_currency(self, row: WrittenRow, line: DraftLine) -> None:
        amount = self._read(row, "currency_amount", self._number)
        code = row.currency.upper()
        if code and code not in self.currencies:
            row.refuse(
                "currency", _("There is no currency “%(code)s”.") % {"code": row.currency[:10]}
            )
        line.currency = self.currencies.get(code)
        if amount is not None:
            line.currency_amount = -amount if line.amount and line.amount < 0 else amount


def check_rows(written: list[WrittenRow], lines: list[DraftLine]) -> None:
    """Say at each row what keeps it out of the books."""
    books = whole_books()
    for row, line in zip(written, lines, strict=True):
        if row.errors:
            continue
        if line.account is None:
            row.refuse("account", _("Choose an account."))
        elif line.amount is None:
            row.refuse("debit", _("Give an amount."))
        elif line.party is None and line.account.role in WITH_PARTY:
            row.refuse("party", _("Say who: this account is kept by customer or supplier."))
        else:
            problem = problem_of(plain(line, books.root_department), books)
            if problem:
                row.refuse("account", capfirst(problem))


def plain(line: DraftLine, root_department: int) -> PlainLine:
    """The line as the rules of entries look at it."""
    return PlainLine(
        account=line.account_id,
        department=line.department_id or root_department,
        amount=line.amount,
        party=line.party_id,
        currency=line.currency_id,
        currency_amount=line.currency_amount,
        text=line.text,
    )


def row_of(line: DraftLine, *, locale: str, decimals: int) -> WrittenRow:
    """A stored line as it is shown in the form."""
    amount = number_shown(line.amount, locale=locale, decimals=decimals)
    is_credit = bool(line.amount and line.amount < 0)
    return WrittenRow(
        account=str(line.account or ""),
        department=str(line.department_id or ""),
        party=str(line.party or ""),
        text=line.text,
        debit="" if is_credit else amount,
        credit=amount if is_credit else "",
        currency=line.currency_id or "",
        currency_amount=number_shown(
            line.currency_amount,
            locale=locale,
            decimals=line.currency.minor_unit if line.currency else 2,
        ),
    )
