"""Ageing: what is owed by customers or to suppliers on a day, by how late it is.

Made of the open items of the day and nothing else, it always equals the control account.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from accounting.lateness import BUCKETS
from accounting.models import Account
from accounting.open_sums import (
    BY_NAME,
    EVERYBODY,
    Part,
    SumsOfParty,
    balance_and_open,
    balance_as_known,
    sums_by_bucket,
    sums_of_first_parties,
    sums_of_parties,
)
from backoffice.models import Company
from backoffice.money import ZERO


@dataclass
class AgedParty:
    """What a party owes or is owed, by bucket, signed as people say it: owed is positive."""

    party_id: int | None
    name: str
    amounts: list[Decimal] = field(default_factory=lambda: [ZERO] * len(BUCKETS))

    @property
    def total(self) -> Decimal:
        """All of it."""
        return sum(self.amounts, ZERO)

    @property
    def overdue(self) -> Decimal:
        """What is late."""
        return sum(self.amounts[1:], ZERO)


@dataclass(frozen=True)
class Ageing:
    """The ageing of a day with the balance of its control account, which it equals."""

    role: str
    on: date
    account: Account | None
    currency: str
    minor_unit: int
    rows: Sequence[AgedParty]  # those asked for
    has_next: bool
    amounts: list[Decimal]  # the sums of the buckets over all parties, shown or not
    control: Decimal

    @property
    def total(self) -> Decimal:
        """All that is open."""
        return sum(self.amounts, ZERO)

    @property
    def overdue(self) -> Decimal:
        """All that is late."""
        return sum(self.amounts[1:], ZERO)

    @property
    def ties(self) -> bool:
        """Whether it equals the control account."""
        return self.total == self.control


class Aged(NamedTuple):
    """What was found of an account, as the ledger signs it."""

    rows: Sequence[SumsOfParty]
    has_next: bool
    amounts: Sequence[Decimal]
    control: Decimal


NOTHING = Aged([], has_next=False, amounts=[ZERO] * len(BUCKETS), control=ZERO)


def ageing(
    *,
    on: date,
    role: str = "receivable",
    part: Part = EVERYBODY,
    as_known: datetime | None = None,
) -> Ageing:
    """What is open at the end of the day by party and bucket, in the currency of the books.

    The sums are those of all parties the word is found in, however few are asked for. As known
    at a past moment it leaves out what was posted, allocated or released later; when an item is
    due is no fact of the ledger and as it is said today.
    """
    sign = -1 if role == "payable" else 1
    currency, minor_unit = Company.objects.values_list("currency_id", "currency__minor_unit").get()
    account = Account.objects.filter(role=role).first()
    found = aged_parties(account, on, part, as_known) if account else NOTHING
    return Ageing(
        role=role,
        on=on,
        account=account,
        currency=currency,
        minor_unit=minor_unit,
        rows=[
            AgedParty(row.party_id, row.name or _("Without a party"), signed(sign, row.amounts))
            for row in found.rows
        ],
        has_next=found.has_next,
        amounts=signed(sign, found.amounts),
        control=ZERO + sign * found.control,
    )


def signed(sign: int, amounts: Sequence[Decimal]) -> list[Decimal]:
    """The amounts of the buckets as people say them."""
    # With nothing added a zero would keep its sign.
    return [ZERO + sign * amount for amount in amounts]


def aged_parties(account: Account, on: date, part: Part, as_known: datetime | None = None) -> Aged:
    """The parties asked for, the sums of all of them, and the balance those have to equal."""
    if as_known is not None:
        control = balance_as_known(account, on, as_known)
        return some_of_all(account, on, part, control, as_known)
    control, total = balance_and_open(account, on)
    if part.most is not None and part.order == BY_NAME and not part.word:
        found = sums_of_first_parties(account, on, most=part.most + 1, after=part.after)
        if found is not None:
            amounts = sums_by_bucket(account, on, total)
            return Aged(found[: part.most], has_next=True, amounts=amounts, control=control)
    return some_of_all(account, on, part, control)


def some_of_all(
    account: Account, on: date, part: Part, control: Decimal, as_known: datetime | None = None
) -> Aged:
    """The parties asked for, found by adding up all there are."""
    if part.most is None:
        rows, amounts = sums_of_parties(account, on, part, as_known)
        return Aged(rows, has_next=False, amounts=amounts, control=control)
    one_more = replace(part, most=part.most + 1)
    rows, amounts = sums_of_parties(account, on, one_more, as_known)
    return Aged(rows[: part.most], len(rows) > part.most, amounts, control)
