"""Machines, vans and computers: taken over, bought, worn out month by month, scrapped."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from accounting.assets import capitalise, dispose, take_over
from accounting.demo import purchases
from accounting.demo.days import later, month_end, working_day
from accounting.demo.diary import Diary, cents
from accounting.demo.partners import Partners
from accounting.demo.plan import Plan
from accounting.depreciation_runs import depreciate
from accounting.models import AssetClass, Bill, FixedAsset
from backoffice.money import ZERO

# What each kind is called, where its cost stands, how many months it lasts.
CLASSES = (
    ("Machines", "fixed_assets", 120),
    ("Vans", "vehicles", 84),
    ("Computers", "computers", 60),
)


class Owned(NamedTuple):
    """What the company owned before its books began: its cost then, its age in months."""

    name: str
    account: str
    department: str
    cost: int
    age: int


OWNED = (
    Owned("Computer-controlled router", "fixed_assets", "workshop", 64000, 31),
    Owned("Sliding table saw", "fixed_assets", "workshop", 42000, 58),
    Owned("Spray booth", "fixed_assets", "workshop", 31000, 47),
    Owned("Planer and thicknesser", "fixed_assets", "workshop", 21000, 92),
    Owned("Van, long wheelbase", "vehicles", "fitting", 31000, 18),
    Owned("Van with roof rack", "vehicles", "fitting", 26000, 43),
    Owned("Small van", "vehicles", "sales", 17000, 55),
    Owned("Drawing workstations", "computers", "workshop", 19000, 16),
    Owned("Office computers", "computers", "it_assets", 12000, 33),
)
BOUGHT = {
    4: ("Edge bander", 13800),
    13: ("Panel saw", 17500),
    22: ("Spindle moulder", 9600),
    31: ("Wide belt sander", 15200),
    40: ("Dust extraction", 18900),
    49: ("Dovetailing machine", 11400),
}
# The panel saw replaces the old one.
SCRAPPED = {14: "Planer and thicknesser"}
AFTER = 1  # the order of things done at the end of a day


def cost_of(owned: Owned, plan: Plan) -> Decimal:
    """What it cost a company of this size."""
    return plan.scaled(owned.cost) // 100 * 100


def taken_of(owned: Owned, plan: Plan) -> Decimal:
    """What it had lost before the books began."""
    life = next(months for _name, account, months in CLASSES if account == owned.account)
    return cents(cost_of(owned, plan) * owned.age / life)


def enter_in_register(diary: Diary, plan: Plan) -> None:
    """Take over what the opening balances hold already."""
    classes = {
        account: AssetClass.objects.create(
            name=name, asset_account=diary.accounts[account], life_months=months
        )
        for name, account, months in CLASSES
    }
    day = diary.story.begins_on
    for owned in OWNED:
        take_over(
            name=owned.name,
            asset_class=classes[owned.account],
            cost=cost_of(owned, plan),
            taken=taken_of(owned, plan),
            acquired_on=later(day, -owned.age),
            on=day,
            by=diary.bookkeeper(day),
            department=diary.story.departments[owned.department],
        )


def begin_month(diary: Diary, plan: Plan, partners: Partners, month: date) -> None:
    """Put what happens to machines in the month into the diary."""
    number = diary.story.months - plan.months_to_go(month)
    if number in BOUGHT:
        name, price = BOUGHT[number]
        bill = purchases.ToCome(
            diary.story.parties["tools"][1],
            "fixed_assets",
            "workshop",
            plan.scaled(price) // 10 * 10,
            name,
            then=put_in_service,
        )
        diary.at(working_day(month.replace(day=17)), purchases.enter, partners, bill)
    if number in SCRAPPED:
        diary.at(working_day(month.replace(day=9)), scrap, SCRAPPED[number])
    diary.at(month_end(month), wear_out, order=AFTER)


def put_in_service(diary: Diary, bill: Bill) -> None:
    """The machine of a bill enters the register."""
    capitalise(
        name=bill.text,
        asset_class=AssetClass.objects.get(name=CLASSES[0][0]),
        cost=bill.net or ZERO,
        acquired_on=bill.date,
        by=bill.made_by,
        entry=bill.entry,
        department=diary.story.departments["workshop"],
        party=bill.party,
    )


def scrap(diary: Diary, day: date, name: str) -> None:
    """Nobody wants the old machine any more."""
    asset = FixedAsset.objects.get(name=name)
    dispose(asset, on=day, by=diary.bookkeeper(day), why="Beyond repair")


def wear_out(diary: Diary, day: date) -> None:
    """The depreciation of the month."""
    depreciate(through=day, by=diary.bookkeeper(day))
