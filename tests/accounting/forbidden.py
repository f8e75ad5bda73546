"""What nobody may do to the books, written straight into the tables past every act."""

from datetime import date
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from accounting.models import (
    Account,
    FiscalYear,
    JournalEntry,
    JournalLine,
    MonthlyBalance,
    Period,
    PeriodEvent,
)
from backoffice.models import Company, NumberSeries
from tests.accounting.forbidden_taxes import TAXES
from tests.factories.accounting import AccountFactory, raw_entry, raw_lines


def sale(books, amount="5", **facts):
    return raw_entry(books, (books.bank, amount), (books.sales, f"-{amount}"), **facts)


def post_into_a_closed_period(books):
    Period.objects.filter(pk=books.period(5).pk).update(closed_at=timezone.now())
    sale(books)


def post_into_another_period(books):
    sale(books, period=books.period(6))


def leave_a_gap(books):
    sale(books)
    sale(books, number=3)


def number_twice(books):
    sale(books)
    NumberSeries.objects.update(last_number=0, head="")
    sale(books, number=1, source_key="other")


def number_in_another_year(books):
    NumberSeries.objects.create(code="JE", year=2023)
    raw_entry(books, (books.bank, 5), (books.sales, -5), year=2023, number=1, previous_hash="")


def break_the_chain(books):
    sale(books)
    sale(books, number=2, previous_hash="f" * 64)


def post_a_source_twice(books):
    sale(books, source_key="invoice:1")
    sale(books, source_key="invoice:1")


def reverse_twice(books):
    entry = sale(books)
    sale(books, reverses=entry)
    sale(books, reverses=entry)


def post_without_lines(books):
    raw_entry(books, line_count=2)


def post_one_line(books):
    raw_entry(books, (books.bank, 0))


def be_out_of_balance(books):
    raw_entry(books, (books.bank, "5"), (books.sales, "-4.99"))


def be_out_in_its_currency(books):
    raw_entry(
        books,
        (books.dollars, 5, {"currency": books.usd, "currency_amount": Decimal(6)}),
        (books.sales, -5, {"currency": books.usd, "currency_amount": Decimal(-5)}),
    )


def add_a_line_later(books):
    entry = sale(books)
    raw_lines(books, entry, (books.bank, 3), (books.rent, -3), first=3)


def add_a_line_in_the_place_of_another(books):
    entry = sale(books)
    raw_lines(books, entry, (books.bank, 3), (books.rent, -3), first=1)


def have_fewer_lines_than_told(books):
    sale(books, line_count=3)


def date_a_line_otherwise(books):
    entry = raw_entry(
        books,
        (books.bank, 5, {"date": date(2024, 4, 1)}),
        (books.sales, -5),
    )
    assert entry.pk


def move_no_money(books):
    raw_entry(books, (books.bank, 5), (books.sales, -5), (books.rent, 0))


def name_a_currency_without_amount(books):
    raw_entry(books, (books.bank, 5, {"currency": books.usd}), (books.sales, -5))


def use_an_inactive_account(books):
    Account.objects.filter(pk=books.bank.pk).update(is_active=False)
    sale(books)


def use_a_heading(books):
    AccountFactory(parent=books.sales, kind="income")
    sale(books)


def be_too_fine(books):
    sale(books, "5.001")


def be_too_fine_in_its_currency(books):
    raw_entry(
        books,
        (books.dollars, 5, {"currency": books.usd, "currency_amount": Decimal("6.001")}),
        (books.sales, -5),
    )


def edit_an_entry(books):
    sale(books)
    assert JournalEntry.objects.update(text="cooked") == 1


def delete_an_entry(books):
    entry = sale(books)
    check_now()
    with connection.cursor() as cursor:
        cursor.execute("delete from accounting_journalline where entry_id = %s", [entry.pk])
        cursor.execute("delete from accounting_journalentry where id = %s", [entry.pk])


def edit_a_line(books):
    sale(books)
    assert JournalLine.objects.update(text="cooked") == 2


def check_now():
    """Let the guards that wait for the commit speak about what was done so far."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")


def delete_lines(books):
    entry = sale(books)
    check_now()
    with connection.cursor() as cursor:
        cursor.execute("delete from accounting_journalline where entry_id = %s", [entry.pk])


def write_a_balance(books):
    MonthlyBalance.objects.create(
        account=books.bank, department=books.root, month=date(2024, 5, 1), debit=9, credit=0
    )


def edit_a_balance(books):
    sale(books)
    assert MonthlyBalance.objects.update(debit=9) == 2


def delete_balances(books):
    sale(books)
    with connection.cursor() as cursor:
        cursor.execute("delete from accounting_monthlybalance")


def make_an_account_with_lines_a_heading(books):
    sale(books)
    AccountFactory(parent=books.sales, kind="income")


def mix_kinds_below_a_heading(books):
    AccountFactory(parent=books.rent, kind="asset")


def put_an_account_under_itself(books):
    below = AccountFactory(parent=books.rent)
    Account.objects.filter(pk=books.rent.pk).update(parent=below)


def put_an_account_right_under_itself(books):
    Account.objects.filter(pk=books.rent.pk).update(parent=books.rent)


def change_the_kind_of_an_account_with_lines(books):
    sale(books)
    Account.objects.filter(pk=books.bank.pk).update(kind="expense")


def change_the_currency_of_an_account_with_lines(books):
    sale(books)
    Account.objects.filter(pk=books.bank.pk).update(currency="USD")


def give_a_code_twice(books):
    AccountFactory(code="ab1")
    AccountFactory(code="AB1")


def give_a_role_twice(books):
    AccountFactory(role="bank")


def make_an_unknown_kind(books):
    AccountFactory(kind="treasure")


def leave_a_gap_between_years(books):
    FiscalYear.objects.create(name="x", starts_on=date(2025, 2, 1), ends_on=date(2025, 12, 31))


def make_a_year_too_long(books):
    FiscalYear.objects.create(name="x", starts_on=date(2025, 1, 1), ends_on=date(2026, 7, 1))


def let_years_overlap(books):
    FiscalYear.objects.create(name="x", starts_on=date(2024, 12, 1), ends_on=date(2025, 11, 30))


def end_a_year_before_it_starts(books):
    FiscalYear.objects.create(name="x", starts_on=date(2025, 1, 1), ends_on=date(2025, 1, 1))


def let_periods_overlap(books):
    Period.objects.create(
        fiscal_year=FiscalYear.objects.get(),
        starts_on=date(2024, 5, 10),
        ends_on=date(2024, 5, 20),
    )


def end_a_period_before_it_starts(books):
    Period.objects.filter(pk=books.period(5).pk).update(ends_on=date(2024, 4, 30))


def put_a_period_outside_its_year(books):
    Period.objects.create(
        fiscal_year=FiscalYear.objects.get(),
        starts_on=date(2025, 1, 1),
        ends_on=date(2025, 1, 31),
    )


def move_the_days_of_a_period_with_entries(books):
    sale(books)
    Period.objects.filter(pk=books.period(5).pk).update(ends_on=date(2024, 5, 10))


def delete_a_period_with_entries(books):
    sale(books)
    with connection.cursor() as cursor:
        cursor.execute("delete from accounting_period where id = %s", [books.period(5).pk])


def reopen_without_a_reason(books):
    PeriodEvent.objects.create(period=books.period(5), kind="reopened")


def change_the_currency_of_the_books(books):
    sale(books)
    Company.objects.update(currency="USD")


ENTRIES_FOLLOW = ("entries_follow",)
LINES_BALANCE = ("lines_balance",)
LINES_FIT = ("lines_fit",)
TREE = ("accounts_form_a_tree",)
PERIODS = ("periods_keep_their_days",)

# What is forbidden, the guards that stand in its way, and the name the refusal carries.
FORBIDDEN = [
    (post_into_a_closed_period, ENTRIES_FOLLOW, "entry_is_in_an_open_period"),
    (post_into_another_period, ENTRIES_FOLLOW, "entry_is_in_an_open_period"),
    (leave_a_gap, ENTRIES_FOLLOW, "entry_numbers_have_no_gap"),
    (break_the_chain, ENTRIES_FOLLOW, "entry_is_chained"),
    (number_twice, ("entry_number_is_unique",), "entry_number_is_unique"),
    (number_in_another_year, ("entry_is_numbered_in_its_year",), "entry_is_numbered_in_its_year"),
    (
        post_a_source_twice,
        ("source_is_posted_once",),
        "source_is_posted_once",
    ),
    (
        reverse_twice,
        ("accounting_journalentry_reverses_id_key",),
        "accounting_journalentry_reverses_id_key",
    ),
    (post_without_lines, ("entry_has_lines",), "entry_has_lines"),
    (
        post_one_line,
        ("entry_has_two_lines_or_more", "line_moves_money"),
        "entry_has_two_lines_or_more",
    ),
    (be_out_of_balance, LINES_BALANCE, "entry_balances"),
    (be_out_in_its_currency, LINES_BALANCE, "entry_balances"),
    (add_a_line_later, LINES_BALANCE, "entry_balances"),
    (have_fewer_lines_than_told, LINES_BALANCE, "entry_balances"),
    (date_a_line_otherwise, LINES_BALANCE, "entry_balances"),
    (add_a_line_in_the_place_of_another, ("line_has_its_position",), "line_has_its_position"),
    (move_no_money, ("line_moves_money",), "line_moves_money"),
    (
        name_a_currency_without_amount,
        ("line_has_currency_and_its_amount",),
        "line_has_currency_and_its_amount",
    ),
    (use_an_inactive_account, LINES_FIT, "line_is_on_an_open_leaf_account"),
    (use_a_heading, LINES_FIT, "line_is_on_an_open_leaf_account"),
    (be_too_fine, LINES_FIT, "line_is_rounded"),
    (be_too_fine_in_its_currency, LINES_FIT, "line_is_rounded"),
    (edit_an_entry, ("entries_are_final",), "journal_is_final"),
    (delete_an_entry, ("entries_are_final", "lines_are_final"), "journal_is_final"),
    (edit_a_line, ("lines_are_final",), "journal_is_final"),
    (delete_lines, ("lines_are_final",), "journal_is_final"),
    (write_a_balance, ("balances_follow",), "balances_follow_from_lines"),
    (edit_a_balance, ("balances_follow",), "balances_follow_from_lines"),
    (delete_balances, ("balances_follow",), "balances_follow_from_lines"),
    (make_an_account_with_lines_a_heading, TREE, "heading_has_no_lines"),
    (mix_kinds_below_a_heading, TREE, "account_is_of_its_headings_kind"),
    (put_an_account_under_itself, TREE, "accounts_form_a_tree"),
    (
        put_an_account_right_under_itself,
        (*TREE, "account_is_not_its_own_parent"),
        "accounts_form_a_tree",
    ),
    (change_the_kind_of_an_account_with_lines, TREE, "account_with_lines_keeps_its_kind"),
    (change_the_currency_of_an_account_with_lines, TREE, "account_with_lines_keeps_its_kind"),
    (give_a_code_twice, ("account_code_is_unique",), "account_code_is_unique"),
    (give_a_role_twice, ("account_role_is_held_once",), "account_role_is_held_once"),
    (make_an_unknown_kind, ("account_kind_is_known",), "account_kind_is_known"),
    (leave_a_gap_between_years, ("years_follow",), "fiscal_years_have_no_gap"),
    (make_a_year_too_long, ("years_follow",), "fiscal_years_have_no_gap"),
    (
        let_years_overlap,
        ("fiscal_years_do_not_overlap", "years_follow"),
        "fiscal_years_do_not_overlap",
    ),
    (
        end_a_year_before_it_starts,
        ("fiscal_year_ends_after_it_starts",),
        "fiscal_year_ends_after_it_starts",
    ),
    (let_periods_overlap, ("periods_do_not_overlap",), "periods_do_not_overlap"),
    (
        end_a_period_before_it_starts,
        ("period_ends_after_it_starts", *PERIODS, "periods_do_not_overlap"),
        "period_ends_after_it_starts",
    ),
    (put_a_period_outside_its_year, PERIODS, "period_is_within_its_year"),
    (delete_a_period_with_entries, PERIODS, "period_with_entries_keeps_its_days"),
    (move_the_days_of_a_period_with_entries, PERIODS, "period_with_entries_keeps_its_days"),
    (reopen_without_a_reason, ("reopening_gives_a_reason",), "reopening_gives_a_reason"),
    (
        change_the_currency_of_the_books,
        ("books_keep_their_currency",),
        "books_keep_their_currency",
    ),
    *TAXES,
]
