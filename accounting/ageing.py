"""Ageing: what is owed by customers or to suppliers on a day, by how late it is.

Made of the open items of the day and nothing else, it always equals the control account.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.models import Account, JournalLine, MonthlyBalance
from accounting.open_sums import DUE, facts_of_sums, moved
from backoffice.models import Company, Party
from backoffice.money import ZERO

# Days after the due date: names and first days of the buckets; each ends before the next.
BUCKETS = (
    ("current", gettext_lazy("Not yet due"), None),
    ("1-30", gettext_lazy("1–30 days"), 1),
    ("31-60", gettext_lazy("31–60 days"), 31),
    ("61-90", gettext_lazy("61–90 days"), 61),
    ("over-90", gettext_lazy("Over 90 days"), 91),
)
NAMES = [name for name, _label, _first in BUCKETS]

# The sums of all parties stand beside each of them, so that a page of them has both.
AGED = """
with moved as ({moved}), by_party as (
  select moved.party_id, {columns}
    from moved left join accounting_duedate due on due.entry_id = moved.entry_id
    group by moved.party_id
)
select by_party.*, party.name, count(*) over (), {sums}
  from by_party left join backoffice_party party on party.id = by_party.party_id
  where ({names}) <> ({zeros}) and ({word} = '' or strpos(lower(party.name), lower({word})) > 0)
  order by {order} party.name nulls last, by_party.party_id
  limit %(most)s offset %(after)s
"""
BY_NAME, BY_AMOUNT, BY_OVERDUE = "name", "amount", "overdue"


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
    amounts: list[Decimal]  # the sums of the buckets over all parties, shown or not
    parties: int
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


@dataclass(frozen=True)
class Part:
    """Which parties of an ageing are asked for: all, by name, unless something else is said."""

    word: str = ""
    order: str = BY_NAME
    most: int | None = None
    after: int = 0


EVERYBODY = Part()


def ageing(
    *,
    on: date,
    role: str = "receivable",
    party: Party | None = None,
    part: Part = EVERYBODY,
) -> Ageing:
    """What is open at the end of the day by party and bucket, in the currency of the books.

    The sums are those of all parties the word is found in, however few are asked for.
    """
    sign = -1 if role == "payable" else 1
    company = Company.objects.select_related("currency").get()
    account = Account.objects.filter(role=role).first()
    found = aged_parties(account, on, party, part) if account else []
    width = len(BUCKETS)
    return Ageing(
        role=role,
        on=on,
        account=account,
        currency=company.currency.code,
        minor_unit=company.currency.minor_unit,
        rows=[
            AgedParty(row[0], row[width + 1] or _("Without a party"), signed(sign, row[1:]))
            for row in found
        ],
        amounts=signed(sign, found[0][width + 3 :]) if found else [ZERO] * width,
        parties=found[0][width + 2] if found else 0,
        control=ZERO + sign * control_balance(account, on, party) if account else ZERO,
    )


def signed(sign: int, amounts: Sequence[Decimal]) -> list[Decimal]:
    """The amounts of the buckets as people say them."""
    # With nothing added a zero would keep its sign.
    return [ZERO + sign * amount for amount in amounts[: len(BUCKETS)]]


def aged_parties(account: Account, on: date, party: Party | None, part: Part) -> list[tuple]:
    """Party, its buckets, its name, how many parties there are, their sums; one query.

    What is open of the items of a bucket is what their lines add up to less what was settled of
    them, whichever line it was settled of: no item needs to be looked at by itself.
    """
    names = [f"by_party.amount_{place}" for place in range(len(BUCKETS))]
    sign = "-" if account.role == Account.Role.PAYABLE else ""
    orders = {
        BY_NAME: "",
        BY_AMOUNT: f"{sign}({' + '.join(names)}) desc,",
        BY_OVERDUE: f"{sign}({' + '.join(names[1:])}) desc,",
    }
    days: dict[str, date | None] = {}
    columns = []
    for place, bucket in enumerate(NAMES):
        first, last = days_of_bucket(bucket, on)
        days |= {f"first_{place}": first, f"last_{place}": last}
        within = [f"{DUE} >= %(first_{place})s"] * bool(first)
        within += [f"{DUE} <= %(last_{place})s"] * bool(last)
        columns.append(
            f"coalesce(sum(moved.base) filter (where {' and '.join(within)}), 0) as amount_{place}"
        )
    asked = AGED.format(
        moved=moved(party),
        columns=", ".join(columns),
        sums=", ".join(f"sum({name}) over ()" for name in names),
        names=", ".join(names),
        zeros=", ".join("0" for _name in names),
        word="%(word)s",
        order=orders[part.order],
    )
    facts: dict[str, Any] = facts_of_sums(account, on, party) | days
    facts |= {"word": part.word.strip(), "most": part.most, "after": part.after}
    with connection.cursor() as cursor:
        cursor.execute(asked, facts)
        return cursor.fetchall()


def days_of_bucket(name: str, on: date) -> tuple[date | None, date | None]:
    """The first and last due day of a bucket on a day; None for no end."""
    place = NAMES.index(name)
    first = BUCKETS[place][2]
    if first is None:
        return on, None
    following = BUCKETS[place + 1][2] if place + 1 < len(BUCKETS) else None
    oldest = on - timedelta(days=following - 1) if following else None
    return oldest, on - timedelta(days=first)


def within_bucket(name: str, on: date) -> Q:
    """The items of a bucket."""
    oldest, newest = days_of_bucket(name, on)
    found = Q()
    if oldest:
        found &= Q(due_on__gte=oldest)
    if newest:
        found &= Q(due_on__lte=newest)
    return found


def control_balance(account: Account, on: date, party: Party | None = None) -> Decimal:
    """The balance of the account at the end of the day, by the months kept and their last days."""
    lines = JournalLine.objects.filter(account=account, date__lte=on)
    if party:
        return lines.filter(party=party).aggregate(s=Sum("amount", default=ZERO))["s"]
    month = on.replace(day=1)
    kept = MonthlyBalance.objects.filter(account=account, month__lt=month).aggregate(
        debit=Sum("debit", default=ZERO), credit=Sum("credit", default=ZERO)
    )
    since = lines.filter(date__gte=month).aggregate(s=Sum("amount", default=ZERO))["s"]
    return kept["debit"] - kept["credit"] + since
