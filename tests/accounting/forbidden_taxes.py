"""What nobody may do to taxes, terms and items, written straight into the tables."""

from datetime import date

from accounting.models import TaxPart, TaxRate
from tests.factories.taxes import (
    LONG_AGO,
    ItemFactory,
    PartyTermsFactory,
    TaxCodeFactory,
    tax,
    together,
)


def name_a_tax_code_twice(books):
    TaxCodeFactory(code="S20")
    TaxCodeFactory(code="s20")


def deduct_more_than_the_tax(books):
    TaxCodeFactory(deductible_percent=101)


def reverse_the_charge_both_ways(books):
    TaxCodeFactory(kind="reverse_charge", used_for="both")


def let_rates_overlap(books):
    TaxRate.objects.create(code=tax(20), starts_on=date(2024, 1, 1), percent=21)


def end_a_rate_before_it_starts(books):
    TaxRate.objects.create(
        code=TaxCodeFactory(), starts_on=date(2024, 1, 2), ends_on=date(2024, 1, 1), percent=5
    )


def charge_a_negative_rate(books):
    TaxRate.objects.create(code=TaxCodeFactory(), starts_on=LONG_AGO, percent=-1)


def make_a_tax_of_itself(books):
    code = tax(5)
    TaxPart.objects.create(whole=code, part=code, position=1)


def make_a_tax_of_one_with_parts(books):
    together((together((tax(5), False)), False))


def give_parts_to_a_part(books):
    part = tax(5)
    together((part, False))
    TaxPart.objects.create(whole=part, part=tax(3), position=1)


def put_two_parts_in_one_place(books):
    TaxPart.objects.create(whole=together((tax(5), False)), part=tax(3), position=1)


def put_a_part_twice(books):
    part = tax(5)
    TaxPart.objects.create(whole=together((part, False)), part=part, position=2)


def agree_terms_with_neither(books):
    PartyTermsFactory(is_customer=False)


def promise_a_discount_without_days(books):
    PartyTermsFactory(discount_percent=2)


def promise_more_than_everything(books):
    PartyTermsFactory(discount_percent=101, discount_days=10)


def name_an_item_twice(books):
    ItemFactory(code="X1")
    ItemFactory(code="x1")


def sell_below_nothing(books):
    ItemFactory(price=-1)


PARTS = ("tax_parts_are_plain",)

TAXES = [
    (name_a_tax_code_twice, ("tax_code_is_unique",), "tax_code_is_unique"),
    (
        deduct_more_than_the_tax,
        ("tax_is_deductible_in_part_or_whole",),
        "tax_is_deductible_in_part_or_whole",
    ),
    (
        reverse_the_charge_both_ways,
        ("reverse_charge_has_one_direction",),
        "reverse_charge_has_one_direction",
    ),
    (let_rates_overlap, ("tax_rates_do_not_overlap",), "tax_rates_do_not_overlap"),
    (
        end_a_rate_before_it_starts,
        ("tax_rate_ends_after_it_starts", "tax_rates_do_not_overlap"),
        "tax_rate_ends_after_it_starts",
    ),
    (charge_a_negative_rate, ("tax_rate_is_not_negative",), "tax_rate_is_not_negative"),
    (make_a_tax_of_itself, PARTS, "tax_parts_are_plain"),
    (make_a_tax_of_one_with_parts, PARTS, "tax_parts_are_plain"),
    (give_parts_to_a_part, PARTS, "tax_parts_are_plain"),
    (put_two_parts_in_one_place, ("tax_parts_have_an_order",), "tax_parts_have_an_order"),
    (put_a_part_twice, ("tax_part_is_there_once",), "tax_part_is_there_once"),
    (
        agree_terms_with_neither,
        ("terms_are_of_customer_or_supplier",),
        "terms_are_of_customer_or_supplier",
    ),
    (
        promise_a_discount_without_days,
        ("discount_has_days_and_percent",),
        "discount_has_days_and_percent",
    ),
    (promise_more_than_everything, ("discount_is_a_percentage",), "discount_is_a_percentage"),
    (name_an_item_twice, ("item_code_is_unique",), "item_code_is_unique"),
    (sell_below_nothing, ("item_price_is_not_negative",), "item_price_is_not_negative"),
]
