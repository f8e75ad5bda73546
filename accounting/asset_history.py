"""What is known of an asset: its way of depreciation, its events that stand, its sums."""

from datetime import date
from decimal import Decimal

from django.db.models import DecimalField, Max, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounting.asset_register import not_in_register
from accounting.depreciation import Way, later, month_of
from accounting.entry_rules import TOO_LARGE, is_owed_on
from accounting.models import (
    Account,
    AssetClass,
    AssetEvent,
    Depreciation,
    FixedAsset,
    JournalEntry,
)
from accounting.models.asset_accounts import COST, DEPRECIATION, EXPENSE, problems_of_accounts
from accounting.posting import no_account_for
from accounting.reporting import books_currency, in_books
from backoffice.errors import Refused
from backoffice.models import Party
from backoffice.money import ZERO, has_too_many_decimals


def way_of(asset: FixedAsset) -> Way:
    """How the asset is depreciated."""
    return Way(
        asset.method,
        asset.in_service_on,
        asset.first_month,
        asset.declining_rate,
        asset.switches,
    )


def reversed_by(on: date | None) -> QuerySet:
    """The entries taken back by the end of a day, or ever."""
    reversals = JournalEntry.objects.filter(reverses__isnull=False)
    if on is not None:
        reversals = reversals.filter(date__lte=on)
    return reversals.values("reverses")


def standing_events(asset: FixedAsset) -> QuerySet[AssetEvent]:
    """The events nobody took back, in their order."""
    return (
        AssetEvent.objects.filter(asset=asset, taken_back_by=None)
        .exclude(kind=AssetEvent.Kind.TAKEN_BACK)
        .exclude(Q(entry__isnull=False) & Q(entry__in=reversed_by(None)))
        .order_by("pk")
    )


def standing_depreciations(asset: FixedAsset) -> QuerySet[Depreciation]:
    """The months posted and not taken back, in their order."""
    found = Depreciation.objects.filter(asset=asset).exclude(entry__in=reversed_by(None))
    return found.order_by("month")


def last_event(asset: FixedAsset) -> AssetEvent:
    """The event whose terms hold."""
    found = standing_events(asset).select_related("entry__period").last()
    if found is None:
        raise Refused(_("%(asset)s was entered by mistake and taken back.") % {"asset": asset})
    return found


def sums_of(asset: FixedAsset, *, on: date | None = None) -> tuple[Decimal, Decimal]:
    """Cost and depreciation at the end of a day, or with all that is entered."""
    events = AssetEvent.objects.filter(asset=asset)
    posted = Depreciation.objects.filter(asset=asset).exclude(entry__in=reversed_by(on))
    if on is not None:
        events, posted = events.filter(on__lte=on), posted.filter(on__lte=on)
    events = events.exclude(Q(entry__isnull=False) & Q(entry__in=reversed_by(on)))
    found = events.aggregate(cost=Sum("cost"), taken=Sum("taken"))
    lost = posted.aggregate(lost=Sum("amount"))["lost"]
    return found["cost"] or ZERO, (found["taken"] or ZERO) + (lost or ZERO)


def with_cost(assets: QuerySet[FixedAsset]) -> QuerySet[FixedAsset]:
    """Assets with the sum of what they cost, asked for the rows shown only."""
    money = DecimalField(max_digits=19, decimal_places=4)
    events = AssetEvent.objects.filter(asset=OuterRef("pk")).order_by()
    standing = events.exclude(Q(entry__isnull=False) & Q(entry__in=reversed_by(None)))
    sums = standing.values("asset").annotate(total=Sum("cost")).values("total")
    return assets.annotate(
        cost=Coalesce(Subquery(sums, output_field=money), Value(0), output_field=money)
    )


def first_open_month(asset: FixedAsset) -> date:
    """The first month whose depreciation is not posted."""
    last = standing_depreciations(asset).aggregate(last=Max("month"))["last"]
    return later(last, 1) if last else month_of(asset.in_service_on)


def following_month(day: date) -> date:
    """The first day of the month after."""
    return later(month_of(day), 1)


def next_key(asset: FixedAsset) -> str:
    """The source key of the asset's next entry; held assets make it unique."""
    return f"asset:{asset.pk}:{AssetEvent.objects.filter(asset=asset).count() + 1}"


def account_of(role: str) -> Account:
    """The account that plays a role, or a refusal that says to give it to one."""
    found = Account.objects.filter(role=role).first()
    if found is None:
        raise Refused(no_account_for(role))
    return found


def accounts_of(asset_class: AssetClass, cost: Account | None = None) -> dict[str, Account]:
    """Where an asset of the class stands; refused where a class of old names what it may not."""
    found = {
        COST: cost or asset_class.asset_account or account_of("fixed_assets"),
        DEPRECIATION: asset_class.depreciation_account or account_of("depreciation_to_date"),
        EXPENSE: asset_class.expense_account or account_of("depreciation"),
    }
    problems = problems_of_accounts(dict(found))
    for use, sentence in problems.items():
        raise Refused(
            _("%(account)s of the class %(name)s: %(sentence)s")
            % {"account": found[use], "name": asset_class, "sentence": sentence},
            field="asset_class",
        )
    return found


def check_party(party: Party | None, account: Account | str | None, sentence: str) -> None:
    """Refuse, with the sentence, what is owed on the account by or to nobody."""
    if party is None and is_owed_on(account):
        raise Refused(sentence, field="party")


def check_money(**amounts: Decimal) -> None:
    """Refuse an amount with more digits or decimals than the books have."""
    currency, minor_unit = books_currency()
    for name, amount in amounts.items():
        if abs(amount) >= TOO_LARGE:
            raise Refused(_("This has more than 15 digits before the point."), field=name)
        if has_too_many_decimals(amount, minor_unit):
            raise Refused(
                _("%(amount)s has more decimals than %(currency)s has.")
                % {"amount": f"{amount.normalize():f}", "currency": currency},
                field=name,
            )


def check_entry_holds(entry: JournalEntry, cost: Decimal, asset: FixedAsset) -> None:
    """Refuse a cost the entry has not brought to the account, or that came to an asset already."""
    brought = entry.lines.filter(account=asset.asset_account_id).aggregate(sum=Sum("amount"))
    events = AssetEvent.objects.filter(entry=entry, taken_back_by=None)
    known = events.filter(asset__asset_account=asset.asset_account_id).aggregate(sum=Sum("cost"))
    left = (brought["sum"] or ZERO) - (known["sum"] or ZERO)
    if cost > left:
        raise Refused(
            _("%(entry)s has brought no more than %(left)s to %(account)s that is no asset yet.")
            % {"entry": entry, "left": in_books(left), "account": asset.asset_account},
            field="cost",
        )


def check_books_hold(event: AssetEvent) -> None:
    """Refuse an event of the register alone whose amounts the ledger has not, or has for others.

    Asked once the event is written: what the register then says more than the ledger is missing.
    """
    asset = event.asset
    sides = ((asset.asset_account, event.cost, 1), (asset.depreciation_account, event.taken, -1))
    for account, amount, sign in () if event.entry else sides:
        left = sign * not_in_register(account, on=event.on) if amount else ZERO
        if left < 0:
            raise Refused(
                _(
                    "The books have %(held)s on %(account)s that is of no asset yet, not"
                    " %(amount)s: enter the opening balances first, or say which account it is"
                    " posted against."
                )
                % {
                    "held": in_books(left + amount),
                    "account": account,
                    "amount": in_books(amount),
                },
                field="against",
            )
