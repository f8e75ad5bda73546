"""What nobody may do to what was settled, written straight into the tables past every act."""

from datetime import date
from decimal import Decimal

from django.db import connection

from accounting.models import (
    Account,
    Allocation,
    DueDate,
    JournalLine,
    Payment,
    PaymentRun,
    PaymentRunLine,
    RemindedItem,
    Reminder,
    ReminderLevel,
)
from accounting.posting import credit, debit, post
from tests.accounting.forbidden import sale
from tests.factories.accounting import A_DAY_IN_MAY, raw_entry
from tests.factories.backoffice import PartyFactory
from tests.factories.open_items import control_accounts, invoice, receipt

LATER = date(2024, 6, 1)


def pair(books, amount="5", **facts):
    """A debit and a credit of one customer."""
    control_accounts()
    customer = PartyFactory()
    return invoice(books, customer, amount, **facts), receipt(books, customer, amount)


def settle(debit, credit, amount="5", **facts):
    amount = Decimal(amount)
    return Allocation.objects.create(
        **{"debit_line": debit, "credit_line": credit, "amount": amount}
        | {"debit_base": amount, "credit_base": amount, "on": LATER}
        | facts
    )


def say_when_it_is_due(books):
    control_accounts()
    invoice(books, PartyFactory(), "5", due_on=LATER)


def change_when_it_is_due(books):
    control_accounts()
    line = invoice(books, PartyFactory(), "5", due_on=A_DAY_IN_MAY)
    DueDate.objects.filter(entry=line.entry_id).update(due_on=LATER)


def become_what_is_owed(books):
    """An account whose lines were owed by nobody until now."""
    lines = [debit(books.bank, 5), credit(books.sales, 5)]
    post(on=LATER, text="Sold", lines=lines, by=books.user)
    Account.objects.filter(pk=books.bank.pk).update(role="receivable")


def owe_on_no_day(books):
    owed = control_accounts()["receivable"]
    raw_entry(books, (owed, 5, {"party": PartyFactory(), "due_on": None}), (books.sales, -5))


def be_due_though_nobody_owes(books):
    raw_entry(books, (books.bank, 5, {"due_on": LATER}), (books.sales, -5))


def say_of_a_line_when_it_is_due(books):
    control_accounts()
    line = invoice(books, PartyFactory(), "5")
    JournalLine.objects.filter(pk=line.pk).update(due_on=LATER)


def settle_two_parties(books):
    control_accounts()
    settle(invoice(books, PartyFactory(), "5"), receipt(books, PartyFactory(), "5"))


def settle_a_credit_as_a_debit(books):
    debit, credit = pair(books)
    settle(credit, debit)


def settle_before_it_was_entered(books):
    settle(*pair(books), on=date(2024, 5, 14))


def settle_more_than_there_is(books):
    settle(*pair(books), "5.01")


def settle_more_than_there_was_on_a_day(books):
    debit, credit = pair(books)
    settled = settle(debit, credit)
    release(settled, on=date(2024, 7, 1))
    settle(debit, credit)


def leave_a_rest_in_the_books(books):
    settle(*pair(books), debit_base=4)


def settle_nothing(books):
    settle(*pair(books), "0")


def settle_a_line_by_itself(books):
    control_accounts()
    line = invoice(books, PartyFactory(), "5")
    settle(line, line)


def release(settled, **facts):
    return settle(
        settled.debit_line,
        settled.credit_line,
        **{"amount": -settled.amount, "releases": settled} | facts,
    )


def release_a_part(books):
    release(settle(*pair(books)), amount="-4")


def release_before_it_was_settled(books):
    release(settle(*pair(books), on=LATER), on=A_DAY_IN_MAY)


def release_twice(books):
    debit, credit = pair(books)
    first = settle(debit, credit, "2", on=A_DAY_IN_MAY)
    settle(debit, credit, "2")
    release(first)
    release(first)


def edit_an_allocation(books):
    settle(*pair(books))
    assert Allocation.objects.update(on=date(2024, 6, 2)) == 1


def delete_an_allocation(books):
    settle(*pair(books))
    with connection.cursor() as cursor:
        cursor.execute("delete from accounting_allocation")


def promise_a_discount_without_a_day(books):
    DueDate.objects.create(entry=sale(books), due_on=LATER, discount_percent=2)


def promise_nothing_as_discount(books):
    DueDate.objects.create(
        entry=sale(books), due_on=LATER, discount_percent=0, discount_until=LATER
    )


def pay(books, **facts):
    entry = sale(books)
    return Payment.objects.create(
        **{"year": 2024, "running_number": 1, "direction": "in", "party": PartyFactory()}
        | {"bank": books.bank, "on": LATER, "amount": 5, "currency_id": "EUR"}
        | {"entry": entry, "source_key": f"raw:{entry.pk}"}
        | facts
    )


def pay_nothing(books):
    pay(books, amount=0)


def number_a_payment_twice(books):
    pay(books)
    pay(books)


def edit_a_payment(books):
    pay(books)
    assert Payment.objects.update(amount=6) == 1


def delete_a_payment(books):
    pay(books)
    with connection.cursor() as cursor:
        cursor.execute("delete from accounting_payment")


def run_of(books, state="draft"):
    """A run with one line."""
    control_accounts()
    line = invoice(books, PartyFactory(), "5")
    run = PaymentRun.objects.create(
        on=LATER,
        due_until=LATER,
        bank=books.bank,
        holder="We",
        currency_id="EUR",
        made_by=books.user,
    )
    facts = {"run": run, "item": line, "party": line.party, "due_on": LATER, "reference": "B"}
    PaymentRunLine.objects.create(**facts, amount=5)
    PaymentRun.objects.filter(pk=run.pk).update(state=state)
    return run, facts


def change_a_run_that_waits(books):
    run_of(books, "waiting")
    PaymentRunLine.objects.update(amount=6)


def add_to_an_approved_run(books):
    _run, facts = run_of(books, "approved")
    facts["item"] = invoice(books, facts["party"], "7")
    PaymentRunLine.objects.create(**facts, amount=7)


def take_from_a_posted_run(books):
    run_of(books, "posted")
    PaymentRunLine.objects.all().delete()


def pay_an_item_twice_in_a_run(books):
    _run, facts = run_of(books)
    PaymentRunLine.objects.create(**facts, amount=5)


def pay_nothing_in_a_run(books):
    run_of(books)
    PaymentRunLine.objects.update(amount=0)


def leave_a_run_in_an_unknown_state(books):
    run_of(books, "lost")


def begin_at_level_zero(books):
    ReminderLevel.objects.create(level=0, days_overdue=1, subject="x", text="x")


def say_a_level_twice(books):
    for _n in range(2):
        ReminderLevel.objects.create(level=1, days_overdue=1, subject="x", text="x")


def remind_twice_at_a_level(books):
    control_accounts()
    line = invoice(books, PartyFactory(), "5")
    for _n in range(2):
        reminder = Reminder.objects.create(party=line.party, level=1, on=LATER)
        RemindedItem.objects.create(
            reminder=reminder, item=line, level=1, due_on=LATER, open_amount=5
        )


FIT = ("allocations_fit",)
FINAL = ("allocations_are_final",)
PAID = ("payments_are_final",)
RUNS = ("payment_runs_keep_their_lines",)

FORBIDDEN_SETTLING = [
    (owe_on_no_day, ("owed_lines_are_due",), "owed_line_is_due"),
    (be_due_though_nobody_owes, ("owed_lines_are_due",), "owed_line_is_due"),
    (say_of_a_line_when_it_is_due, ("due_days_follow",), "journal_is_final"),
    (settle_two_parties, FIT, "allocation_joins_two_sides"),
    (settle_a_credit_as_a_debit, FIT, "allocation_joins_two_sides"),
    (settle_before_it_was_entered, FIT, "allocation_follows_its_lines"),
    (settle_more_than_there_is, FIT, "allocation_fits_its_lines"),
    (settle_more_than_there_was_on_a_day, FIT, "allocation_fits_its_lines"),
    (leave_a_rest_in_the_books, FIT, "allocation_clears_the_books"),
    (settle_nothing, ("allocation_moves_money",), "allocation_moves_money"),
    (
        settle_a_line_by_itself,
        (*FIT, "allocation_joins_two_lines"),
        "allocation_joins_two_sides",
    ),
    (release_a_part, FIT, "allocation_is_released_as_it_was_made"),
    (release_before_it_was_settled, FIT, "allocation_is_released_as_it_was_made"),
    (
        release_twice,
        ("accounting_allocation_releases_id_key", *FIT),
        "accounting_allocation_releases_id_key",
    ),
    (edit_an_allocation, FINAL, "allocations_are_final"),
    (delete_an_allocation, FINAL, "allocations_are_final"),
    (promise_a_discount_without_a_day, ("discount_has_its_day",), "discount_has_its_day"),
    (pay_nothing, ("payment_moves_money",), "payment_moves_money"),
    (number_a_payment_twice, ("payment_number_is_unique",), "payment_number_is_unique"),
    (edit_a_payment, PAID, "payments_are_final"),
    (delete_a_payment, PAID, "payments_are_final"),
    (change_a_run_that_waits, RUNS, "payment_run_keeps_its_lines"),
    (add_to_an_approved_run, RUNS, "payment_run_keeps_its_lines"),
    (take_from_a_posted_run, RUNS, "payment_run_keeps_its_lines"),
    (pay_an_item_twice_in_a_run, ("run_pays_an_item_once",), "run_pays_an_item_once"),
    (pay_nothing_in_a_run, ("run_line_moves_money",), "run_line_moves_money"),
    (
        leave_a_run_in_an_unknown_state,
        ("payment_run_state_is_known",),
        "payment_run_state_is_known",
    ),
    (begin_at_level_zero, ("reminder_level_is_a_step",), "reminder_level_is_a_step"),
    (say_a_level_twice, ("reminder_level_is_unique",), "reminder_level_is_unique"),
    (
        remind_twice_at_a_level,
        ("item_is_reminded_of_once_a_level",),
        "item_is_reminded_of_once_a_level",
    ),
    (promise_nothing_as_discount, ("discount_is_a_part",), "discount_is_a_part"),
]
