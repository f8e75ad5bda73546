"""Ageing: what is owed by customers or to suppliers on a day, by how late it is.

Made of the open items of the day and nothing else, it always equals the control account.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.models import Account, JournalLine, MonthlyBalance
from accounting.open_items import open_items
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

AGED = """
select item.party_id, party.name,
       case when item.due_on >= %s then 0 when item.due_on >= %s then 1
            when item.due_on >= %s then 2 when item.due_on >= %s then 3 else 4 end,
       sum(item.open_base), count(*)
  from ({items}) item left join backoffice_party party on party.id = item.party_id
  group by 1, 2, 3 order by party.name nulls last, 1, 3
"""


@dataclass
class AgedParty:
    """What a party owes or is owed, by bucket, signed as people say it: owed is positive."""

    party_id: int | None
    name: str
    amounts: list[Decimal] = field(default_factory=lambda: [ZERO] * len(BUCKETS))
    items: int = 0

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
    rows: Sequence[AgedParty]
    control: Decimal

    @property
    def amounts(self) -> list[Decimal]:
        """The sums of the buckets."""
        return [sum(column, ZERO) for column in zip(*(r.amounts for r in self.rows), strict=True)]

    @property
    def total(self) -> Decimal:
        """All that is open."""
        return sum((row.total for row in self.rows), ZERO)

    @property
    def overdue(self) -> Decimal:
        """All that is late."""
        return sum((row.overdue for row in self.rows), ZERO)

    @property
    def ties(self) -> bool:
        """Whether it equals the control account."""
        return self.total == self.control


def ageing(*, on: date, role: str = "receivable", party: Party | None = None) -> Ageing:
    """What is open at the end of the day by party and bucket, in the currency of the books."""
    sign = -1 if role == "payable" else 1
    company = Company.objects.select_related("currency").get()
    account = Account.objects.filter(role=role).first()
    return Ageing(
        role=role,
        on=on,
        account=account,
        currency=company.currency.code,
        minor_unit=company.currency.minor_unit,
        rows=list(aged_parties(on, role, sign, party)),
        # With nothing added a zero would keep its sign.
        control=ZERO + sign * control_balance(account, on, party) if account else ZERO,
    )


def aged_parties(on: date, role: str, sign: int, party: Party | None) -> Iterator[AgedParty]:
    """The parties with something open, by name; one query however many items there are."""
    items = open_items(on=on, role=role, party=party).order_by()
    inner, params = items.values("party_id", "due_on", "open_base").query.sql_with_params()
    days = [on, *(on - timedelta(days=first - 1) for *_n, first in BUCKETS[2:])]
    with connection.cursor() as cursor:
        cursor.execute(AGED.format(items=inner), [*days, *params])
        found = cursor.fetchall()
    row: AgedParty | None = None
    for party_id, name, bucket, amount, items_of_bucket in found:
        if row is None or row.party_id != party_id:
            if row:
                yield row
            row = AgedParty(party_id, name or _("Without a party"))
        row.amounts[bucket] += sign * amount
        row.items += items_of_bucket
    if row:
        yield row


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
