"""The monthly depreciation: which parts are due, posted in one entry a month, taken back.

The number of queries does not depend on the number of assets.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounting.depreciation import Part, Terms, Way, month_end, month_of, planned
from accounting.guards import guards_speak
from accounting.models import Account, Depreciation, FixedAsset, JournalEntry, Period
from accounting.posting import Line, credit, debit, post, reverse_entry
from accounting.reporting import books_currency
from backoffice import audit
from backoffice.errors import Refused
from backoffice.models import Department, User
from backoffice.money import ZERO

ASSETS = """
select id, department_id, asset_account_id, depreciation_account_id, expense_account_id,
       asset_class_id, method, in_service_on, first_month, declining_rate, switches
  from accounting_fixedasset
 where state = 'in_use' and (%(asset)s::bigint is null or id = %(asset)s) order by id
"""

# Sums of what is posted, so that the rows of years never leave the database.
HISTORY = """
select e.asset_id, e.from_month, e.cost, e.taken, e.residual, e.life_months,
       coalesce(sum(d.amount) filter (where d.month < e.from_month), 0), max(d.month)
  from accounting_live_asset_event e
  left join accounting_live_depreciation d on d.asset_id = e.asset_id
 where %(asset)s::bigint is null or e.asset_id = %(asset)s
 group by e.id, e.asset_id, e.from_month, e.cost, e.taken, e.residual, e.life_months
 order by e.asset_id, e.id
"""

STORE = """
insert into accounting_depreciation (asset_id, month, amount, entry_id, "on")
select asset, month, amount, %s, %s
  from unnest(%s::bigint[], %s::date[], %s::numeric[]) as row (asset, month, amount)
"""

# The first month a run would have to begin with: an asset in service, its life not over,
# whose month is not posted.
BEHIND = """
select a.id from accounting_fixedasset a
  join lateral (select from_month, life_months from accounting_live_asset_event
                 where asset_id = a.id order by id desc limit 1) terms on true
 where a.state = 'in_use' and a.method <> 'none' and terms.from_month <= %(month)s
   and %(month)s < a.in_service_on + make_interval(months => terms.life_months)
   and not exists (select from accounting_live_depreciation d
                    where d.asset_id = a.id and d.month = %(month)s)
 limit 50
"""


@dataclass(frozen=True)
class AssetFacts:
    """What a run needs to know of an asset."""

    pk: int
    department: int
    asset_account: int
    depreciation_account: int
    expense_account: int
    asset_class: int
    way: Way
    history: Sequence[Terms]
    posted_until: date | None

    def plan(self, minor_unit: int, *, until: date | None = None) -> list[Part]:
        """The months not yet posted."""
        return planned(
            self.way,
            self.history,
            minor_unit=minor_unit,
            posted_until=self.posted_until,
            until=until,
        )


class Due(NamedTuple):
    """A part to be posted, of which asset."""

    asset: AssetFacts
    month: date
    amount: Decimal


@dataclass(frozen=True)
class Run:
    """What a run posted."""

    entries: Sequence[JournalEntry]
    parts: int
    amount: Decimal


def unheard(done: int, total: int) -> None:
    """The progress nobody listens to."""


def hold_assets() -> None:
    """Let nobody else post to assets until this is committed: plans depend on what is posted."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('accounting.assets'))")


def asset_facts(asset: FixedAsset | None = None) -> Iterator[AssetFacts]:
    """The assets in use with all they went through; with `asset`, that one alone."""
    asked = {"asset": asset.pk if asset else None}
    histories: dict[int, list[Terms]] = defaultdict(list)
    posted: dict[int, date | None] = {}
    with connection.cursor() as cursor:
        cursor.execute(HISTORY, asked)
        for pk, *terms, last in cursor.fetchall():
            histories[pk].append(Terms(*terms))
            posted[pk] = last
        cursor.execute(ASSETS, asked)
        for pk, *keys, method, used, first, rate, switches in cursor.fetchall():
            way = Way(method, used, first, rate, switches)
            facts: list[Any] = [pk, *keys, way, histories[pk], posted.get(pk)]
            yield AssetFacts(*facts)


def due(
    through: date,
    *,
    asset: FixedAsset | None = None,
    progress: Callable[[int, int], None] = unheard,
) -> list[Due]:
    """Every part not yet posted, up to a month."""
    _currency, minor_unit = books_currency()
    until, found = month_of(through), []
    facts = list(asset_facts(asset))
    for done, one in enumerate(facts):
        if done % 1000 == 0:
            progress(done, len(facts))
        found += [Due(one, *part) for part in one.plan(minor_unit, until=until)]
    progress(len(facts), len(facts))
    return found


def complete_through(month: date) -> date:
    """The last month nothing is left to post of, given that this one is such a month."""
    standing = Depreciation.objects.filter(entry__reversed_by=None, month__gt=month)
    newest = standing.aggregate(newest=Max("month"))["newest"]
    return newest if newest and not due(newest) else month


def is_behind(month: date) -> bool:
    """Whether a part of this month is still to be posted."""
    with connection.cursor() as cursor:
        cursor.execute(BEHIND, {"month": month})
        candidates = [pk for (pk,) in cursor.fetchall()]
    _currency, minor_unit = books_currency() if candidates else ("", 2)
    return any(
        facts.plan(minor_unit, until=month)
        for pk in candidates
        for facts in asset_facts(FixedAsset(pk=pk))
    )


def booked_in(
    months: Sequence[date], *, through: date, where_open: bool = False
) -> dict[date, date]:
    """The month each part is entered in: its own, or the first open one after a closed one.

    Refused where there is none up to the last month; with `where_open` it is left out.
    """
    if not months:
        return {}
    open_ends = list(
        Period.objects.filter(
            closed_at=None, ends_on__gte=min(months), starts_on__lte=month_end(through)
        ).values_list("starts_on", "ends_on")
    )
    found = {}
    for month in months:
        last = month_end(month)
        while last <= month_end(through) and not any(s <= last <= e for s, e in open_ends):
            last = month_end(date.fromordinal(last.toordinal() + 1))
        if last > month_end(through) and where_open:
            continue
        if last > month_end(through):
            raise Refused(
                _("%(month)s has no open period up to %(last)s: open it, or go further.")
                % {"month": f"{month:%Y-%m}", "last": f"{through:%Y-%m}"},
                field="month",
            )
        found[month] = month_of(last)
    return found


def depreciate(
    *,
    through: date,
    by: User | None,
    asset: FixedAsset | None = None,
    where_open: bool = False,
    progress: Callable[[int, int], None] = unheard,
) -> Run:
    """Post all that is due up to a month, one entry a month; again it posts nothing.

    `progress` hears how far it is, and raises to stop it.
    """
    with guards_speak(), transaction.atomic():
        hold_assets()
        parts = due(through, asset=asset, progress=progress)
        months = sorted({one.month for one in parts})
        booked = booked_in(months, through=month_of(through), where_open=where_open)
        by_month: dict[date, list[Due]] = defaultdict(list)
        for one in parts:
            if one.month in booked:
                by_month[booked[one.month]].append(one)
        entries = [posted(by_month[month], month, by=by) for month in sorted(by_month)]
        done = [one for found in by_month.values() for one in found]
        return Run(entries, len(done), sum((one.amount for one in done), ZERO))


def posted(parts: Sequence[Due], month: date, *, by: User | None) -> JournalEntry:
    """The entry of a month's parts, which are remembered asset by asset."""
    prefix = f"depreciation:{month:%Y-%m}:"
    before = JournalEntry.objects.filter(source_key__startswith=prefix).count()
    entry = post(
        on=month_end(month),
        text=_("Depreciation %(month)s") % {"month": f"{month:%Y-%m}"},
        lines=lines_of(parts),
        by=by,
        source_key=f"{prefix}{before + 1}",
    )
    remember(parts, entry)
    audit.record("depreciation posted", entry, by=by, month=f"{month:%Y-%m}", parts=len(parts))
    return entry


def lines_of(parts: Sequence[Due]) -> list[Line]:
    """The sums by expense account and department, and by account of depreciation to date."""
    spent: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    lost: dict[int, Decimal] = defaultdict(Decimal)
    for asset, _month, amount in parts:
        spent[asset.expense_account, asset.department] += amount
        lost[asset.depreciation_account] += amount
    return [
        *(
            debit(Account(pk=account), amount, department=Department(pk=department))
            for (account, department), amount in sorted(spent.items())
        ),
        *(credit(Account(pk=account), amount) for account, amount in sorted(lost.items())),
    ]


def remember(parts: Sequence[Due], entry: JournalEntry) -> None:
    """Store the parts of an entry, all in one statement."""
    if not parts:
        return
    rows = [(one.asset.pk, one.month, one.amount) for one in parts]
    with connection.cursor() as cursor:
        cursor.execute(STORE, [entry.pk, entry.date, *map(list, zip(*rows, strict=True))])


def take_back_run(
    entry: JournalEntry, *, on: date, by: User | None, why: str = ""
) -> JournalEntry:
    """Take a month's entry back, which opens its months again; the last run first.

    It is dated as the entry while that period is open, else on the day given.
    """
    if not Depreciation.objects.filter(entry=entry).exists():
        raise Refused(_("%(entry)s posts no depreciation.") % {"entry": entry})
    with guards_speak(), transaction.atomic():
        hold_assets()
        if JournalEntry.objects.filter(reverses=entry).exists():
            raise Refused(_("%(entry)s is reversed already.") % {"entry": entry})
        is_closed = Period.objects.filter(pk=entry.period_id, closed_at__isnull=False).exists()
        day = max(on, entry.date) if is_closed else entry.date
        reversal = reverse_entry(entry, on=day, by=by, why=why)
        audit.record("depreciation taken back", entry, by=by, why=why)
        return reversal
