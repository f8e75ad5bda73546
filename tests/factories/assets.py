"""Fixed assets, made by the product's own acts in the small books."""

from datetime import date
from decimal import Decimal
from itertools import count

from accounting.assets import capitalise
from accounting.models import Account, AssetClass, FixedAsset
from accounting.posting import credit, debit
from accounting.years import open_year_for
from tests.factories.accounting import AccountFactory, SmallBooks
from tests.factories.backoffice import UserFactory

_numbers = count(1)
ROLES = {
    "fixed_assets": ("1500", "Machines", "asset"),
    "depreciation_to_date": ("1590", "Depreciation to date", "asset"),
    "depreciation": ("6500", "Depreciation", "expense"),
    "asset_disposal": ("6600", "Gain or loss on assets", "expense"),
}


def asset_accounts(*, years: tuple[int, ...] = (2024,)) -> dict[str, Account]:
    """An account for each role assets post to, and the years they live through."""
    for year in years:
        open_year_for(date(year, 1, 1), by=None)
    return {
        role: Account.objects.filter(role=role).first()
        or AccountFactory(code=code, name=name, kind=kind, role=role)
        for role, (code, name, kind) in ROLES.items()
    }


def opening_of_assets(books: SmallBooks, cost: int, taken: int, on=date(2024, 1, 1)) -> None:
    """What the books before had of assets, as the opening balances bring it in."""
    lines = [debit("fixed_assets", cost), credit(books.sales, cost - taken)]
    if taken:
        lines.append(credit("depreciation_to_date", taken))
    books.sell(on=on, lines=lines)


def asset_class(**facts) -> AssetClass:
    return AssetClass.objects.create(
        **{"name": f"Machines {next(_numbers)}", "life_months": 12} | facts
    )


def an_asset(books: SmallBooks | None, **facts) -> FixedAsset:
    """A machine of 1,200 for a year, bought in January 2024 from the bank."""
    asset_accounts()
    known = {
        "name": f"Lathe {next(_numbers)}",
        "cost": Decimal(1200),
        "acquired_on": date(2024, 1, 1),
        "against": "bank",
        "by": getattr(books, "user", None) or UserFactory(),
    }
    if "asset_class" not in facts:
        known["asset_class"] = asset_class()
    return capitalise(**known | facts)
