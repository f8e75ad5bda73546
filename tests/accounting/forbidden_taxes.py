"""What nobody may do to taxes, terms and items, written straight into the tables."""

from datetime import date

from django.utils import timezone

from accounting.models import FiledTaxLine, TaxCode, TaxLine, TaxPart, TaxRate, TaxReturn
from tests.factories.taxes import (
    LONG_AGO,
    ItemFactory,
    PartyTermsFactory,
    TaxCodeFactory,
    a_return,
    tax,
    tax_accounts,
    taxed,
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


def a_tax_line(books):
    tax_accounts()
    return taxed(books, 100, tax(20)).tax_lines.get()


def another(line, **facts):
    """A line written as this one is, but for some facts."""
    line.pk = None
    for name, value in facts.items():
        setattr(line, name, value)
    TaxLine.objects.bulk_create([line])


def declare_less_tax_than_was_booked(books):
    tax_accounts()
    entry = taxed(books, 100, code := tax(20), records=False)
    facts = {"code": code, "rate": 20, "base": 95, "tax": 19, "owed": 19}
    TaxLine.objects.bulk_create(
        [TaxLine(entry=entry, position=1, tax_date=entry.date, direction="sale", **facts)]
    )


def withhold_what_was_not_booked(books):
    code, entry = tax(20, kind="withholding"), books.sell()
    facts = {"code": code, "rate": 20, "base": 100, "tax": -20}
    TaxLine.objects.bulk_create(
        [TaxLine(entry=entry, position=1, tax_date=entry.date, direction="sale", **facts)]
    )


def add_a_base_to_an_entry_later(books):
    another(a_tax_line(books), position=2, tax=0, owed=0, base=1000)


def put_a_tax_in_the_place_of_another(books):
    another(a_tax_line(books))


def give_a_tax_no_direction(books):
    entry = books.sell()
    TaxLine.objects.bulk_create(
        [TaxLine(entry=entry, position=1, tax_date=entry.date, direction="up", code=tax(0),
                 rate=0, base=1, tax=0)]
    )  # fmt: skip


def move_a_tax_to_another_day(books):
    TaxLine.objects.filter(pk=a_tax_line(books).pk).update(tax_date=date(2024, 9, 1))


def delete_a_tax(books):
    TaxLine.objects.filter(pk=a_tax_line(books).pk)._raw_delete("default")


def filed(books):
    line, found = a_tax_line(books), a_return()
    FiledTaxLine.objects.bulk_create([FiledTaxLine(tax_return=found, line=line)])
    TaxReturn.objects.filter(pk=found.pk).update(filed_at=timezone.now())
    return found


def change_a_filed_return(books):
    TaxReturn.objects.filter(pk=filed(books).pk).update(ends_on=date(2024, 6, 29))


def delete_a_filed_return(books):
    found = a_return()
    TaxReturn.objects.filter(pk=found.pk).update(filed_at=timezone.now())
    TaxReturn.objects.filter(pk=found.pk).delete()


def add_a_line_to_a_filed_return(books):
    found = filed(books)
    line = taxed(books, 5, TaxCode.objects.get()).tax_lines.get()
    FiledTaxLine.objects.bulk_create([FiledTaxLine(tax_return=found, line=line)])


def take_a_line_off_a_filed_return(books):
    filed(books)
    FiledTaxLine.objects.all()._raw_delete("default")


def file_a_tax_of_a_later_day(books):
    early = a_return(date(2024, 1, 1), date(2024, 3, 31))
    FiledTaxLine.objects.bulk_create([FiledTaxLine(tax_return=early, line=a_tax_line(books))])


def let_returns_overlap(books):
    a_return()
    a_return(date(2024, 6, 30), date(2024, 9, 30))


def end_a_return_before_it_starts(books):
    a_return(date(2024, 6, 30), date(2024, 6, 29))


def change_the_kind_of_a_code_with_lines(books):
    TaxCode.objects.filter(pk=a_tax_line(books).code_id).update(kind="exempt")


PARTS = ("tax_parts_are_plain",)
MATCH = ("tax_lines_match",)

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
    (declare_less_tax_than_was_booked, MATCH, "tax_lines_match_the_entry"),
    (withhold_what_was_not_booked, MATCH, "tax_lines_match_the_entry"),
    (add_a_base_to_an_entry_later, MATCH, "tax_lines_match_the_entry"),
    (
        put_a_tax_in_the_place_of_another,
        ("tax_line_has_its_position", *MATCH),
        "tax_line_has_its_position",
    ),
    (give_a_tax_no_direction, ("tax_line_has_a_direction",), "tax_line_has_a_direction"),
    (move_a_tax_to_another_day, ("tax_lines_are_final",), "tax_lines_are_final"),
    (delete_a_tax, ("tax_lines_are_final",), "tax_lines_are_final"),
    (change_a_filed_return, ("filed_return_is_final",), "filed_return_is_final"),
    (delete_a_filed_return, ("filed_return_is_final",), "filed_return_is_final"),
    (add_a_line_to_a_filed_return, ("filed_lines_fit",), "filed_return_is_final"),
    (take_a_line_off_a_filed_return, ("filed_lines_stay",), "filed_return_is_final"),
    (file_a_tax_of_a_later_day, ("filed_lines_fit",), "tax_line_is_of_the_return"),
    (let_returns_overlap, ("tax_returns_do_not_overlap",), "tax_returns_do_not_overlap"),
    (
        end_a_return_before_it_starts,
        ("tax_return_ends_after_it_starts", "tax_returns_do_not_overlap"),
        "tax_return_ends_after_it_starts",
    ),
    (
        change_the_kind_of_a_code_with_lines,
        ("used_tax_codes_stay",),
        "tax_code_with_lines_keeps_its_kind",
    ),
]
