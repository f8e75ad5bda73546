"""Posting: what enters the books, what is refused, and that it happens once."""

from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounting.blocks import post_block
from accounting.entry_rules import PlainEntry, PlainLine, whole_books
from accounting.models import JournalEntry, JournalLine
from accounting.posting import Line, credit, debit, post, reverse_entry
from accounting.years import close_period
from backoffice.errors import Refused
from backoffice.models import NumberSeries
from tests.factories.accounting import A_DAY_IN_MAY, AccountFactory, balances
from tests.factories.backoffice import DepartmentFactory, PartyFactory


def at_once(*acts):
    """Run the acts in threads of their own that begin together; what each gave or raised."""
    start, results = Barrier(len(acts)), [None] * len(acts)

    def run(place, act):
        start.wait()
        try:
            results[place] = act()
        except Exception as error:  # noqa: BLE001 - handed to the test
            results[place] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_a_posted_entry_has_its_number_and_lines(books):
    party = PartyFactory()
    sales_team = DepartmentFactory()

    entry = post(
        on=A_DAY_IN_MAY,
        text="Consulting",
        payee="Bluefin",
        lines=[
            debit("bank", Decimal("119.00"), party=party),
            credit(books.sales, 119, department=sales_team, text="May"),
        ],
        by=books.user,
    )

    stored = JournalEntry.objects.get()
    assert stored.reference == entry.reference == "JE-2024-00001"
    assert (stored.text, stored.payee, stored.posted_by) == ("Consulting", "Bluefin", books.user)
    assert stored.period == books.period(5)
    assert list(stored.lines.values_list("account", "department", "party", "amount", "text")) == [
        (books.bank.pk, books.root.pk, party.pk, Decimal(119), ""),
        (books.sales.pk, sales_team.pk, None, Decimal(-119), "May"),
    ]


def test_what_post_gives_is_what_is_stored(books):
    entry = books.sell()

    stored = JournalEntry.objects.get()
    facts = [field.attname for field in JournalEntry._meta.concrete_fields]
    assert [getattr(entry, name) for name in facts] == [getattr(stored, name) for name in facts]


def test_numbers_count_up_in_each_series_and_calendar_year(books):
    first, second, other = books.sell(), books.sell(), books.sell(series="SI")

    assert [first.reference, second.reference, other.reference] == [
        "JE-2024-00001",
        "JE-2024-00002",
        "SI-2024-00001",
    ]


def test_posting_takes_seven_statements_or_fewer(real_books):
    real_books.sell()

    with CaptureQueriesContext(connection) as queries:
        real_books.sell()

    assert len(queries) <= 7


def test_the_same_source_is_posted_once(books):
    first = books.sell("100", source=books.rent)

    again = books.sell("250", source=books.rent)

    assert again == first
    assert first.source_key == f"accounting.account:{books.rent.pk}:normal"
    assert JournalEntry.objects.count() == 1


def test_a_source_may_have_an_entry_of_each_kind(books):
    normal = books.sell(source=books.rent)

    closing = books.sell(source=books.rent, kind="closing")

    assert closing != normal


LINES_REFUSED = {
    "An entry has two lines or more.": lambda b: [debit(b.bank, 5)],
    "Line 2 (4000 Sales): the amount is zero.": lambda b: [
        debit(b.bank, 5),
        Line(b.sales, Decimal(0)),
        credit(b.rent, 5),
    ],
    "The entry does not balance: debits are 0.10 EUR more than credits.": lambda b: [
        debit(b.bank, Decimal("5.10")),
        credit(b.sales, 5),
    ],
    "The entry does not balance: credits are 3.00 EUR more than debits.": lambda b: [
        debit(b.bank, 5),
        credit(b.sales, 8),
    ],
    "Line 1 (1000 Bank): 5.005 has more decimals than EUR has.": lambda b: [
        debit(b.bank, Decimal("5.005")),
        credit(b.sales, Decimal("5.005")),
    ],
    "Line 1 (1000 Bank): the amount is not a number.": lambda b: [
        debit(b.bank, Decimal("NaN")),
        credit(b.sales, 5),
    ],
    "Line 2 (4000 Sales): the amount is not a number.": lambda b: [
        debit(b.bank, 5),
        credit(b.sales, Decimal("Infinity")),
    ],
    "Line 1 (1000 Bank): the amount has more than 15 digits before the point.": lambda b: [
        debit(b.bank, 10**15),
        credit(b.sales, 10**15),
    ],
    "Line 1 (1000 Bank): it names USD, but no amount in it.": lambda b: [
        debit(b.bank, 5, currency=b.usd),
        credit(b.sales, 5),
    ],
    "Line 1 (1000 Bank): it has an amount in another currency, but not which.": lambda b: [
        debit(b.bank, 5, currency_amount=Decimal(6)),
        credit(b.sales, 5),
    ],
    "Line 1 (1000 Bank): one amount is a debit, the other a credit.": lambda b: [
        debit(b.bank, 5, currency=b.usd, currency_amount=Decimal(-6)),
        credit(b.sales, 5),
    ],
    "Line 1 (1000 Bank): 6.005 has more decimals than USD has.": lambda b: [
        debit(b.bank, 5, currency=b.usd, currency_amount=Decimal("6.005")),
        credit(b.sales, 5),
    ],
    "Line 1 (1000 Bank): the amount has more than 15 digits before the point. ": lambda b: [
        debit(b.bank, 5, currency=b.usd, currency_amount=Decimal("1E400")),
        credit(b.sales, 5),
    ],
    "The entry does not balance: debits are 1.00 USD more than credits.": lambda b: [
        debit(b.bank, 5, currency=b.usd, currency_amount=Decimal(6)),
        credit(b.sales, 5, currency=b.usd, currency_amount=Decimal(-5)),
    ],
    "Line 1 (1090 Dollars): the account is kept in USD; give the amount in it.": lambda b: [
        debit(b.dollars, 5),
        credit(b.sales, 5),
    ],
    "There is no role “treasure” an account could have.": lambda b: [
        debit("treasure", 5),
        credit(b.sales, 5),
    ],
    "No account has the role “wages”: give it to one in the chart of accounts.": lambda b: [
        debit("wages", 5),
        credit(b.sales, 5),
    ],
    "Line 1 (1000 Bank): its text holds a character that cannot be kept.": lambda b: [
        debit(b.bank, 5, text="a\0b"),
        credit(b.sales, 5),
    ],
}


@pytest.mark.parametrize(("sentence", "lines"), LINES_REFUSED.items())
def test_lines_that_are_wrong_are_refused_with_a_sentence(books, sentence, lines):
    with pytest.raises(Refused) as refusal:
        books.sell(lines=lines(books))

    assert str(refusal.value) == sentence.strip()
    assert not JournalEntry.objects.exists()


def test_binary_fractions_are_no_money(books):
    with pytest.raises(TypeError):
        debit(books.bank, 5.0)


def test_an_inactive_account_and_a_heading_take_no_lines(books):
    books.rent.is_active = False
    books.rent.save()
    AccountFactory(parent=books.sales, kind="income")

    with pytest.raises(Refused, match=r"Line 1 \(6000 Rent\): the account is inactive"):
        books.sell(lines=[debit(books.rent, 5), credit(books.bank, 5)])
    with pytest.raises(Refused, match=r"Line 2 \(4000 Sales\): this is a heading"):
        books.sell()


def test_a_day_without_a_year_or_in_a_closed_period_is_refused(books):
    for month in (1, 2):
        close_period(books.period(month), by=books.user)

    with pytest.raises(Refused, match="no period for 2031-01-01"):
        books.sell(on=date(2031, 1, 1))
    with pytest.raises(Refused, match="The period of 2024-02-10 is closed"):
        books.sell(on=date(2024, 2, 10))
    assert not JournalEntry.objects.exists()


def test_too_long_a_text_is_refused(books):
    with pytest.raises(Refused, match="longer than 200 characters"):
        books.sell(text="x" * 201)


def test_a_clock_that_is_behind_blocks_posting(books, monkeypatch):
    books.sell()
    behind = timezone.now() - timedelta(minutes=6)
    monkeypatch.setattr(timezone, "now", lambda: behind)

    with pytest.raises(Refused, match="Set the clock"):
        books.sell()


def test_the_first_day_of_a_year_opens_with_balances_only(books):
    new_year, mid_year = date(2024, 1, 1), date(2024, 5, 1)

    with pytest.raises(Refused, match=r"Line 2 \(4000 Sales\): income and expense accounts begin"):
        books.sell(kind="opening", on=new_year)

    assert books.sell(kind="opening", on=mid_year).kind == "opening"


def test_no_decimals_are_needed_where_the_currency_has_none(books):
    books.company.currency_id = "JPY"
    books.company.save()

    with pytest.raises(Refused, match=r"100\.5 has more decimals than JPY has"):
        books.sell("100.5")
    assert books.sell("100.00").number == 1


def test_a_line_in_another_currency_keeps_both_amounts(books):
    books.sell(
        lines=[
            debit(books.dollars, Decimal("92.10"), currency=books.usd, currency_amount=100),
            credit(books.bank, Decimal("92.10")),
        ]
    )

    line = JournalLine.objects.get(account=books.dollars)
    assert (line.amount, line.currency_id, line.currency_amount) == (Decimal("92.10"), "USD", 100)


def test_a_reversal_takes_an_entry_back_once(books):
    entry = books.sell("80")

    reversal = reverse_entry(entry, on=date(2024, 6, 1), by=books.user, why="twice invoiced")
    again = reverse_entry(entry, on=date(2024, 6, 2), by=books.user)

    assert again == reversal
    assert (reversal.reverses, reversal.number) == (entry, 2)
    assert reversal.text == "Reversal of JE-2024-00001: twice invoiced"
    assert set(balances().values()) == {Decimal(0)}


def test_a_reversal_is_not_dated_before_its_entry(books):
    with pytest.raises(Refused, match="not dated before its entry"):
        reverse_entry(books.sell(), on=date(2024, 5, 1), by=books.user)


def test_an_entry_has_one_reversal_whoever_makes_it(books):
    entry = books.sell()
    reverse_entry(entry, on=A_DAY_IN_MAY, by=books.user)

    with pytest.raises(Refused, match="reversed already"):
        books.sell(reverses=entry)


def test_a_refused_entry_leaves_no_gap(books):
    books.sell()
    with pytest.raises(Refused):
        books.sell("1.001")

    assert books.sell().number == 2


def test_eight_threads_with_one_key_post_one_entry(real_books):
    results = at_once(*[lambda: real_books.sell(source_key="invoice:7")] * 8)

    assert {entry.pk for entry in results} == {JournalEntry.objects.get().pk}


def test_eight_threads_posting_leave_no_gap(real_books):
    def post_some():
        for _time in range(12):
            real_books.sell("1")

    assert at_once(*[post_some] * 8) == [None] * 8

    numbers = JournalEntry.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, 97))
    assert NumberSeries.objects.get().last_number == 96
    assert balances() == {"1000": Decimal(96), "4000": Decimal(-96)}


def plain(books, key, amount="10", on=A_DAY_IN_MAY):
    lines = [
        PlainLine(books.bank.pk, books.root.pk, Decimal(amount)),
        PlainLine(books.sales.pk, books.root.pk, -Decimal(amount)),
    ]
    return PlainEntry(on, "Imported", key, lines)


def test_a_block_is_posted_like_single_entries(real_books):
    single = real_books.sell("10", text="Imported", source_key="one")

    block = post_block((plain(real_books, f"row:{n}") for n in range(2500)), by=real_books.user)

    assert (block.posted, block.already) == (2500, 0)
    assert NumberSeries.objects.get().last_number == 2501
    imported = JournalEntry.objects.get(number=2501)
    assert list(imported.lines.values_list("account", "amount")) == list(
        single.lines.values_list("account", "amount")
    )


def test_a_block_passes_over_what_is_in_the_journal(real_books):
    rows = [plain(real_books, "row:1"), plain(real_books, "row:2"), plain(real_books, "row:1")]
    post_block(rows[:1], by=None)

    block = post_block(rows, by=None)

    assert (block.posted, block.already) == (1, 2)


def test_a_block_is_posted_whole_or_not_at_all(real_books):
    wrong = plain(real_books, "wrong", "0.001")
    heard = []

    with pytest.raises(Refused, match="Entry “Imported” of 2024-05-15: Line 1"):
        post_block(
            (*(plain(real_books, f"row:{n}") for n in range(1500)), wrong),
            by=None,
            progress=heard.append,
        )

    assert heard == [1000]
    assert not JournalEntry.objects.exists()


def test_a_block_cannot_follow_books_that_changed_meanwhile(real_books):
    known = whole_books()
    for month in range(1, 6):
        close_period(real_books.period(month), by=None)

    with pytest.raises(Refused, match="closed"):
        post_block([plain(real_books, "row:1")], by=None, books=known)
