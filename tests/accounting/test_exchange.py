"""Rates of exchange, revaluation and its reversal."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db.models import Q, Sum
from django.urls import reverse
from django.utils import timezone

from accounting.allocations import allocate
from accounting.exchange import foreign_items, rate_on, revalue
from accounting.models import Account, ExchangeRate, JournalEntry, Period
from accounting.open_items import open_items
from accounting.posting import Line, post
from accounting.rate_import import ExchangeRateImporter
from accounting.tie_outs import foreign_items_are_revalued
from backoffice.errors import Refused
from tests.factories.documents import moved, trading_books

pytestmark = pytest.mark.django_db
MONTH_END = date(2026, 3, 31)
NEXT_DAY = date(2026, 4, 1)
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "books" / "tables"


@pytest.fixture
def books(db):
    return trading_books()


def rate(books, value, on=MONTH_END):
    return ExchangeRate.objects.create(currency=books.usd, date=on, rate=Decimal(value))


def owe(books, own, base, on=date(2026, 3, 2)):
    """A bill of so many dollars, at so much in the books."""
    own, base = Decimal(own), Decimal(base)
    facts = {"currency": books.usd, "party": books.supplier}
    entry = post(
        on=on,
        text="Bill",
        lines=[
            Line("purchases", base, currency_amount=own, **facts),
            Line("payable", -base, currency_amount=-own, **facts),
        ],
        by=books.clerk,
    )
    return entry.lines.get(account__role="payable")


def pay(books, own, base, on=date(2026, 3, 20)):
    own, base = Decimal(own), Decimal(base)
    facts = {"currency": books.usd, "party": books.supplier}
    entry = post(
        on=on,
        text="Payment",
        lines=[
            Line("payable", base, currency_amount=own, **facts),
            Line("bank", -base, currency_amount=-own, **facts),
        ],
        by=books.clerk,
    )
    return entry.lines.get(account__role="payable")


def test_the_last_rate_of_the_week_counts(books):
    rate(books, "0.90", date(2026, 3, 27))

    assert rate_on("USD", date(2026, 3, 29)) == Decimal("0.90")


@pytest.mark.parametrize("days", [-1, 8])
def test_a_missing_rate_is_never_one(books, days):
    rate(books, "0.90")

    with pytest.raises(Refused, match="no rate of USD"):
        rate_on("USD", MONTH_END + timedelta(days=days))


def test_only_what_is_open_is_revalued(books):
    """Row F01 of the worked cases: 42.00 on the open 60, not 70.00."""
    bill = owe(books, 100, 500)
    allocate(pay(books, 40, 200), bill, Decimal(40), on=date(2026, 3, 20), by=books.clerk)
    rate(books, "4.30")

    entry = revalue(on=MONTH_END, today=NEXT_DAY, by=books.clerk)

    assert moved(entry) == {"revaluation": Decimal("42.00"), "exchange_unrealised": Decimal(-42)}


def test_revaluation_is_taken_back_the_next_day_and_nothing_stays(books):
    """Row F02: 177.51 revalued and reversed, 102.82 realised, nothing left open."""
    bill = owe(books, "388", "36623.32")
    rate(books, "93.9325")
    entry = revalue(on=MONTH_END, today=NEXT_DAY, by=books.clerk)
    payment = pay(books, "388", "36520.50", on=date(2026, 4, 15))

    settled = allocate(payment, bill, Decimal(388), on=date(2026, 4, 15), by=books.clerk)

    assert moved(entry)["revaluation"] == Decimal("177.51")
    assert entry.reversed_by.date == date(2026, 4, 1)
    assert moved(settled.exchange_entry)["exchange"] == Decimal("-102.82")
    assert not open_items(on=date(2026, 4, 30), role="payable").exists()


def test_the_control_account_still_ties_while_revalued(books):
    owe(books, 100, 500)
    rate(books, "4.30")
    revalue(on=MONTH_END, today=NEXT_DAY, by=books.clerk)

    found = open_items(on=MONTH_END, role="payable")

    assert [(item.open_amount, item.open_base) for item in found] == [
        (Decimal(-100), Decimal(-500))
    ]


def test_a_foreign_bank_account_is_revalued_too(books):
    account = books.account("clearing")
    account.currency = books.usd
    account.save()
    post(
        on=date(2026, 3, 2),
        text="Dollars bought",
        lines=[
            Line("clearing", Decimal(90), currency=books.usd, currency_amount=Decimal(100)),
            Line("bank", Decimal(-90)),
        ],
        by=books.clerk,
    )
    rate(books, "0.95")

    found = foreign_items(MONTH_END)

    assert [(item.account.role, item.difference) for item in found] == [
        ("clearing", Decimal("5.00"))
    ]


def test_a_control_account_kept_in_a_foreign_currency_is_revalued_once(books):
    rate(books, "0.95")
    Account.objects.filter(role="payable").update(currency=books.usd)
    owe(books, 100, 90)

    assert [item.difference for item in foreign_items(MONTH_END)] == [Decimal(-5)]


def test_again_is_the_same_entry(books):
    owe(books, 100, 500)
    rate(books, "4.30")

    first, second = (revalue(on=MONTH_END, today=NEXT_DAY, by=books.clerk) for _n in range(2))

    assert first == second
    assert JournalEntry.objects.filter(reverses=first).count() == 1


@pytest.mark.parametrize("days", [0, -1, -20])
def test_a_day_that_goes_on_is_not_posted(books, days):
    owe(books, 100, 500)
    rate(books, "4.30")

    with pytest.raises(Refused, match="has not ended: it can be posted from 2026-04-01"):
        revalue(on=MONTH_END, today=MONTH_END + timedelta(days=days), by=books.clerk)

    assert JournalEntry.objects.count() == 1


def check_of_march() -> tuple[bool, str]:
    found = foreign_items_are_revalued(Period.objects.get(ends_on=MONTH_END))
    return found.holds, found.detail


@pytest.fixture
def paid_since(books):
    """A revaluation of a bill of which a part is then paid before its day."""
    bill = owe(books, 100, 500)
    rate(books, "4.30")
    revalue(on=MONTH_END, today=NEXT_DAY, by=books.clerk)
    allocate(pay(books, 40, 200), bill, Decimal(40), on=date(2026, 3, 20), by=books.clerk)
    return books


def test_the_close_says_that_a_posted_revaluation_is_out(paid_since):
    assert check_of_march() == (
        False,
        "42.00 EUR now, 70.00 EUR posted: 28.00 EUR differs",
    )


def test_what_differs_is_posted_and_the_close_holds(paid_since):
    entry = revalue(on=MONTH_END, today=NEXT_DAY, by=paid_since.clerk)

    assert moved(entry) == {"revaluation": Decimal(-28), "exchange_unrealised": Decimal(28)}
    assert {line.text.split(maxsplit=1)[-1] for line in entry.lines.all()} == {
        "-100 USD @ 4.3",
        "-60 USD @ 4.3",
    }
    assert (entry.date, entry.reversed_by.date) == (MONTH_END, NEXT_DAY)
    assert check_of_march() == (True, "")


def test_it_is_put_right_once_however_often_it_is_asked(paid_since):
    first, second = (revalue(on=MONTH_END, today=NEXT_DAY, by=paid_since.clerk) for _n in range(2))

    assert first == second
    assert JournalEntry.objects.filter(source_key__startswith="revaluation:").count() == 2


def test_a_rate_that_is_corrected_is_put_right_again(paid_since):
    revalue(on=MONTH_END, today=NEXT_DAY, by=paid_since.clerk)
    ExchangeRate.objects.update(rate=Decimal(5))

    entry = revalue(on=MONTH_END, today=NEXT_DAY, by=paid_since.clerk)

    assert moved(entry)["revaluation"] == Decimal(-42)
    assert entry.source_key == "revaluation:2026-03-31:3"
    assert not Account.objects.get(role="revaluation").lines.aggregate(
        left=Sum("amount", filter=Q(date__lte=MONTH_END))
    )["left"]


def test_another_name_of_an_item_is_no_difference(books):
    account = books.account("clearing")
    Account.objects.filter(pk=account.pk).update(currency=books.usd)
    post(
        on=date(2026, 3, 2),
        text="Dollars bought",
        lines=[
            Line(account, Decimal(90), currency=books.usd, currency_amount=Decimal(100)),
            Line("bank", Decimal(-90)),
        ],
        by=books.clerk,
    )
    rate(books, "0.95")
    revalue(on=MONTH_END, today=NEXT_DAY, by=books.clerk)

    Account.objects.filter(pk=account.pk).update(name="Dollars on the way")

    assert check_of_march() == (True, "")


def test_the_page_offers_to_put_it_right(paid_since, client):
    address = reverse("accounting:revaluation")
    client.force_login(paid_since.clerk)

    before = client.get(f"{address}?on=2026-03-31").content.decode()
    client.post(address, {"on": "2026-03-31"})
    after = client.get(f"{address}?on=2026-03-31").content.decode()

    assert "Post what differs" in before
    assert "the books are out" in before
    assert "Post what differs" not in after
    assert check_of_march() == (True, "")


def test_the_page_of_a_day_that_goes_on_warns_and_offers_nothing(books, client):
    today = timezone.localdate()
    ExchangeRate.objects.create(currency=books.usd, date=today, rate=Decimal("4.30"))
    owe(books, 100, 500)
    client.force_login(books.clerk)
    address = reverse("accounting:revaluation")

    looked = client.get(f"{address}?on={today}").content.decode()
    asked = client.post(address, {"on": str(today)}).content.decode()

    assert "This day is not over" in looked
    assert "take back the next day</button>" not in looked
    assert "has not ended" in asked
    assert JournalEntry.objects.count() == 1


def test_without_a_rate_nothing_is_posted(books, client):
    owe(books, 100, 500)
    client.force_login(books.clerk)

    answer = client.post(reverse("accounting:revaluation"), {"on": "2026-03-31"})

    assert "There is no rate of USD" in answer.content.decode()
    assert JournalEntry.objects.count() == 1


def test_it_is_looked_at_then_posted_in_the_browser(books, client):
    owe(books, 100, 500)
    rate(books, "4.30")
    client.force_login(books.clerk)

    looked = client.get(reverse("accounting:revaluation") + "?on=2026-03-31")
    client.post(reverse("accounting:revaluation"), {"on": "2026-03-31"})

    assert [item.difference for item in looked.context["found"].items] == [Decimal("70.00")]
    assert JournalEntry.objects.filter(source_key="revaluation:2026-03-31").exists()


def test_the_worked_cases_are_those_tested_here():
    table = SHARED / "fx.csv"
    if not table.exists():
        pytest.skip("the worked cases (../shared/data) are not here")
    text = table.read_text()

    for figure in ("42.00 THB", "revaluation 177.51", "102.82 gain", "realised gain 20.00 EUR"):
        assert figure in text


def test_rates_come_in_from_a_file_once(books):
    rows = [
        (2, {"date": "2026-03-31", "currency": "USD", "rate": "0.9142", "source": "ECB"}),
        (3, {"date": "2026-03-31", "currency": "GBP", "rate": "1.1551", "source": "ECB"}),
        (4, {"date": "2026-03-32", "currency": "GBP", "rate": "1.1551", "source": ""}),
        (5, {"date": "2026-03-30", "currency": "GBP", "rate": "0", "source": ""}),
    ]

    first = ExchangeRateImporter({}, by=books.clerk).bring_in(rows)
    second = ExchangeRateImporter({}, by=books.clerk).bring_in(rows)

    assert (first.counts["created"], first.counts["failed"]) == (2, 2)
    assert (second.counts["unchanged"], second.counts["failed"]) == (2, 2)
    assert rate_on("USD", MONTH_END) == Decimal("0.9142")


@pytest.mark.parametrize(
    ("cells", "options", "column", "why"),
    [
        ({"date": "9999-12-31"}, {}, "date", "no day of these books"),
        ({"date": "31.03.2026"}, {}, "date", "not a day written as"),
        ({"rate": "1.234,56"}, {}, "rate", "no clear rate"),
        ({"rate": "0,914"}, {}, "rate", "no clear rate"),
        ({"rate": "0.914"}, {"decimal_comma": True}, "rate", "no clear rate"),
        ({"currency": "EUR"}, {}, "currency", "kept in this currency"),
    ],
)
def test_a_rate_that_is_none_is_told_of_at_its_cell(books, cells, options, column, why):
    row = {"date": "2026-03-31", "currency": "USD", "rate": "0.9142"} | cells
    importer = ExchangeRateImporter(options, by=books.clerk)

    seen = importer.check(2, row)
    outcome = ExchangeRateImporter(options, by=books.clerk).bring_in([(2, row)], is_rehearsal=True)

    assert why in seen[column]
    assert [failure.column for failure in outcome.failures] == [column]
    assert outcome.counts["created"] == 0


def test_a_rate_is_read_with_the_comma_and_the_days_of_its_file(books):
    row = {"date": "31.03.2026", "currency": "USD", "rate": "0,914"}
    options = {"decimal_comma": True, "date_format": "dmy"}

    outcome = ExchangeRateImporter(options, by=books.clerk).bring_in([(2, row)])

    assert outcome.counts["created"] == 1
    assert rate_on("USD", MONTH_END) == Decimal("0.914")


@pytest.mark.parametrize(
    ("facts", "field", "why"),
    [
        ({"currency": "EUR"}, "currency", "kept in this currency"),
        ({"rate": "0"}, "rate", "more than zero"),
        ({"rate": "-1"}, "rate", "more than zero"),
        ({"date": "2026-03-31"}, "date", "a rate on that day already"),
    ],
)
def test_a_rate_refused_on_its_form_says_why_at_its_field(books, client, facts, field, why):
    rate(books, "0.9")
    client.force_login(books.clerk)
    said = {"currency": "USD", "date": "2026-03-30", "rate": "0.84", "source": ""} | facts

    answer = client.post(reverse("accounting:exchangerate-add"), said)

    assert why in answer.context["form"].errors[field][0]
