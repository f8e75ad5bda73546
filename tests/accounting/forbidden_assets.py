"""What nobody may do to fixed assets, written straight into the tables past every act."""

from datetime import date
from decimal import Decimal

from django.db import connection

from accounting.assets import dispose, take_over
from accounting.depreciation_runs import depreciate
from accounting.models import AssetClass, AssetEvent, Depreciation, FixedAsset
from accounting.posting import reverse_entry
from tests.accounting.forbidden import sale
from tests.factories.assets import an_asset, asset_accounts, asset_class, opening_of_assets

MARCH = date(2024, 3, 1)


def event(asset, **facts):
    """An event written past the acts, likely in itself."""
    return AssetEvent.objects.create(
        **{
            "asset": asset,
            "kind": "change",
            "on": date(2024, 5, 15),
            "from_month": date(2024, 5, 1),
            "residual": 0,
            "life_months": 12,
        }
        | facts
    )


def part(books, asset, month=date(2024, 5, 1), amount=100, **facts):
    """A depreciation written past the acts, likely in itself."""
    entry = facts.pop("entry", None) or sale(books, source_key=f"part:{month}")
    return Depreciation.objects.create(
        **{"asset": asset, "month": month, "amount": amount, "entry": entry, "on": entry.date}
        | facts
    )


def run(books, month=MARCH):
    return depreciate(through=month, by=books.user)


def edit_an_event(books):
    an_asset(books)
    assert AssetEvent.objects.update(cost=5) == 1


def delete_an_event(books):
    an_asset(books)
    with connection.cursor() as cursor:
        cursor.execute("delete from accounting_assetevent")


def edit_a_depreciation(books):
    an_asset(books)
    run(books)
    assert Depreciation.objects.update(amount=5) == 3


def delete_a_depreciation(books):
    an_asset(books)
    run(books)
    with connection.cursor() as cursor:
        cursor.execute("delete from accounting_depreciation")


def change_what_an_asset_came_with(books):
    asset = an_asset(books)
    FixedAsset.objects.filter(pk=asset.pk).update(in_service_on=date(2024, 2, 1))


def call_an_asset_given_up(books):
    asset = an_asset(books)
    FixedAsset.objects.filter(pk=asset.pk).update(state="disposed")


def bring_an_asset_given_up(books):
    asset = an_asset(books)
    facts = FixedAsset.objects.filter(pk=asset.pk).values().get()
    FixedAsset.objects.create(**facts | {"id": None, "number": "X", "state": "disposed"})


def acquire_an_asset_twice(books):
    facts = {"kind": "acquired", "cost": 5}
    asset = an_asset(books)
    event(asset, **facts)


def change_what_never_came(books):
    asset = an_asset(books)
    facts = FixedAsset.objects.filter(pk=asset.pk).values().get()
    event(FixedAsset.objects.create(**facts | {"id": None, "number": "X"}))


def change_what_is_given_up(books):
    asset = an_asset(books)
    dispose(asset, on=date(2024, 5, 15), by=books.user)
    event(asset, from_month=date(2024, 6, 1))


def date_an_event_before_the_asset(books):
    event(an_asset(books), on=date(2023, 12, 31))


def change_a_posted_month(books):
    asset = an_asset(books)
    run(books)
    event(asset, from_month=MARCH)


def date_an_event_unlike_its_entry(books):
    asset = an_asset(books)
    event(asset, on=date(2024, 5, 16), entry=sale(books))


def give_up_before_the_last_depreciation(books):
    asset = an_asset(books)
    run(books)
    facts = {"kind": "sale", "cost": -1200, "taken": -300, "from_month": date(2024, 6, 1)}
    event(asset, entry=sale(books, date=date(2024, 3, 15)), on=date(2024, 3, 15), **facts)


def leave_something_of_what_is_sold(books):
    asset = an_asset(books)
    event(asset, kind="sale", cost=-1000, entry=sale(books))


def write_off_more_than_the_cost(books):
    asset = an_asset(books)
    event(asset, taken=1300, entry=sale(books))


def take_back_what_is_not_the_last(books):
    asset = taken_over(books)
    first = asset.events.get()
    event(asset)
    take_back(first)


def taken_over(books):
    asset_accounts()
    opening_of_assets(books, 1200, 0)
    return take_over(
        name="Press",
        asset_class=asset_class(),
        cost=Decimal(1200),
        taken=Decimal(0),
        acquired_on=date(2024, 1, 1),
        on=date(2024, 1, 1),
        by=books.user,
    )


def take_back(undone, **facts):
    return event(
        undone.asset,
        **{
            "kind": "taken_back",
            "takes_back": undone,
            "cost": -undone.cost,
            "taken": -undone.taken,
        }
        | facts,
    )


def depreciate_what_is_given_up(books):
    asset = an_asset(books)
    dispose(asset, on=date(2024, 4, 30), by=books.user)
    part(books, asset)


def depreciate_ahead(books):
    part(books, an_asset(books), month=date(2024, 6, 1))


def depreciate_before_use(books):
    part(books, an_asset(books, acquired_on=date(2024, 4, 3)), month=MARCH)


def date_a_depreciation_unlike_its_entry(books):
    part(books, an_asset(books), on=date(2024, 5, 20))


def depreciate_what_is_not_there(books):
    part(books, FixedAsset(pk=999_999))


def depreciate_a_month_twice(books):
    asset = an_asset(books)
    run(books)
    part(books, asset, month=MARCH)


def depreciate_more_than_the_cost(books):
    part(books, an_asset(books), amount=1201)


def take_nothing(books):
    part(books, an_asset(books), amount=0)


def reverse_a_run_before_a_later_one(books):
    an_asset(books)
    first = run(books).entries[0]
    reverse_entry(first, on=date(2024, 5, 15), by=books.user)


def reverse_a_run_of_what_is_given_up(books):
    asset = an_asset(books)
    entry = run(books, date(2024, 4, 1)).entries[-1]
    dispose(asset, on=date(2024, 4, 30), by=books.user)
    reverse_entry(entry, on=date(2024, 5, 15), by=books.user)


def reverse_the_purchase_of_what_is_depreciated(books):
    asset = an_asset(books)
    run(books)
    reverse_entry(asset.events.get().entry, on=date(2024, 5, 15), by=books.user)


def give_an_asset_the_number_of_another(books):
    asset = an_asset(books)
    facts = FixedAsset.objects.filter(pk=asset.pk).values().get()
    FixedAsset.objects.create(**facts | {"id": None})


def give_an_asset_the_source_of_another(books):
    asset = an_asset(books, source_key="bill:1")
    facts = FixedAsset.objects.filter(pk=asset.pk).values().get()
    FixedAsset.objects.create(**facts | {"id": None, "number": "X"})


def copied(books, **facts):
    asset = an_asset(books)
    known = FixedAsset.objects.filter(pk=asset.pk).values().get()
    return FixedAsset.objects.create(**known | {"id": None, "number": "X"} | facts)


def use_an_asset_before_it_came(books):
    copied(books, in_service_on=date(2023, 12, 31))


def give_a_straight_line_a_rate(books):
    copied(books, declining_rate=20)


def give_a_class_a_rate_for_a_straight_line(books):
    AssetClass.objects.create(name="Vans", declining_rate=20)


def decline_without_a_rate(books):
    copied(books, method="declining")


def give_a_class_no_rate_to_decline_by(books):
    AssetClass.objects.create(name="Vans", method="declining")


def keep_depreciation_of_a_class_with_its_cost(books):
    cost = asset_accounts()["fixed_assets"]
    AssetClass.objects.create(name="Vans", asset_account=cost, depreciation_account=cost)


def stand_on_an_account_of_something_else(books):
    copied(books, asset_account_id=books.sales.pk)


def take_depreciation_off_the_cost_itself(books):
    cost = asset_accounts()["fixed_assets"].pk
    copied(books, depreciation_account_id=cost)


def wear_out_as_income(books):
    copied(books, expense_account_id=books.sales.pk)


def give_a_class_no_life(books):
    AssetClass.objects.create(name="Vans", life_months=0)


def name_a_class_twice(books):
    AssetClass.objects.create(name="Vans")
    AssetClass.objects.create(name="vans")


def add_a_negative_cost(books):
    event(an_asset(books), kind="addition", cost=-5, entry=sale(books))


def leave_a_negative_residual_value(books):
    event(an_asset(books), residual=-1)


def change_from_the_middle_of_a_month(books):
    event(an_asset(books), from_month=date(2024, 5, 2))


EVENTS, PARTS, REVERSALS = ("asset_events_fit",), ("depreciations_fit",), ("asset_reversals_fit",)
ASSETS = ("assets_keep_their_terms",)
FINAL = "asset_history_is_final"

# What is forbidden, the guards that stand in its way, and the name the refusal carries.
FORBIDDEN_TO_ASSETS = [
    (edit_an_event, ("asset_events_are_final",), FINAL),
    (delete_an_event, ("asset_events_are_final",), FINAL),
    (edit_a_depreciation, ("depreciations_are_final",), FINAL),
    (delete_a_depreciation, ("depreciations_are_final",), FINAL),
    (change_what_an_asset_came_with, ASSETS, "asset_keeps_its_terms"),
    (call_an_asset_given_up, ASSETS, "asset_state_follows_from_events"),
    (stand_on_an_account_of_something_else, ASSETS, "asset_stands_on_its_accounts"),
    (take_depreciation_off_the_cost_itself, ASSETS, "asset_stands_on_its_accounts"),
    (wear_out_as_income, ASSETS, "asset_stands_on_its_accounts"),
    (bring_an_asset_given_up, ASSETS, "asset_state_follows_from_events"),
    (acquire_an_asset_twice, (*EVENTS, "asset_comes_once"), "asset_is_in_use"),
    (change_what_never_came, EVENTS, "asset_is_in_use"),
    (change_what_is_given_up, EVENTS, "asset_is_in_use"),
    (date_an_event_before_the_asset, EVENTS, "asset_events_follow_each_other"),
    (change_a_posted_month, EVENTS, "asset_events_follow_each_other"),
    (date_an_event_unlike_its_entry, EVENTS, "asset_event_has_the_day_of_its_entry"),
    (
        give_up_before_the_last_depreciation,
        EVENTS,
        "asset_is_given_up_after_its_depreciation",
    ),
    (leave_something_of_what_is_sold, EVENTS, "asset_keeps_some_value"),
    (write_off_more_than_the_cost, EVENTS, "asset_keeps_some_value"),
    (take_back_what_is_not_the_last, EVENTS, "asset_is_undone_from_its_end"),
    (depreciate_what_is_given_up, PARTS, "asset_is_in_use"),
    (depreciate_ahead, PARTS, "depreciation_is_in_its_time"),
    (depreciate_before_use, PARTS, "depreciation_is_in_its_time"),
    (date_a_depreciation_unlike_its_entry, PARTS, "depreciation_is_in_its_time"),
    (depreciate_what_is_not_there, PARTS, "depreciation_is_in_its_time"),
    (depreciate_a_month_twice, PARTS, "month_is_depreciated_once"),
    (depreciate_more_than_the_cost, PARTS, "asset_keeps_some_value"),
    (
        take_nothing,
        ("depreciation_takes_something_a_month",),
        "depreciation_takes_something_a_month",
    ),
    (reverse_a_run_before_a_later_one, REVERSALS, "asset_is_undone_from_its_end"),
    (reverse_a_run_of_what_is_given_up, REVERSALS, "asset_is_undone_from_its_end"),
    (reverse_the_purchase_of_what_is_depreciated, REVERSALS, "asset_is_undone_from_its_end"),
    (give_an_asset_the_number_of_another, ("asset_number_is_unique",), "asset_number_is_unique"),
    (give_an_asset_the_source_of_another, ("asset_has_one_source",), "asset_has_one_source"),
    (use_an_asset_before_it_came, ("asset_is_used_after_it_came",), "asset_is_used_after_it_came"),
    (give_a_straight_line_a_rate, ("asset_rate_goes_with_method",), "asset_rate_goes_with_method"),
    (
        give_a_class_a_rate_for_a_straight_line,
        ("asset_class_rate_goes_with_method",),
        "asset_class_rate_goes_with_method",
    ),
    (decline_without_a_rate, ("asset_rate_goes_with_method",), "asset_rate_goes_with_method"),
    (
        give_a_class_no_rate_to_decline_by,
        ("asset_class_rate_goes_with_method",),
        "asset_class_rate_goes_with_method",
    ),
    (
        keep_depreciation_of_a_class_with_its_cost,
        ("asset_class_keeps_depreciation_apart",),
        "asset_class_keeps_depreciation_apart",
    ),
    (give_a_class_no_life, ("asset_class_has_a_life",), "asset_class_has_a_life"),
    (name_a_class_twice, ("asset_class_name_is_unique",), "asset_class_name_is_unique"),
    (add_a_negative_cost, ("asset_event_has_its_signs",), "asset_event_has_its_signs"),
    (
        leave_a_negative_residual_value,
        ("asset_event_has_sound_terms",),
        "asset_event_has_sound_terms",
    ),
    (
        change_from_the_middle_of_a_month,
        ("asset_event_begins_a_month",),
        "asset_event_begins_a_month",
    ),
]
