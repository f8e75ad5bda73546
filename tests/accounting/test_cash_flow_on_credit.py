"""What is bought or sold on credit stands in the cash flow when it is paid, as what it was for."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from django.db.models import Sum
from django.utils import timezone

from accounting.allocations import allocate, release
from accounting.cash_flow import cash_flow
from accounting.disposals import dispose
from accounting.models import Account
from accounting.open_items import open_items
from accounting.payments import Settle, record_payment
from accounting.posting import Line, credit, debit
from tests.accounting.test_cash_flow import amount, lines_tie, rows_below, sections
from tests.factories import PartyFactory
from tests.factories.accounting import AccountFactory
from tests.factories.assets import an_asset
from tests.factories.open_items import control_accounts
from tests.factories.taxes import tax_accounts

APRIL, MAY, JULY = date(2024, 4, 2), date(2024, 5, 20), date(2024, 7, 20)
YEAR = (date(2024, 1, 1), date(2024, 12, 31))


@pytest.fixture
def yard(books):
    """Books with machines, their wear, taxes, and a neighbour who buys and sells."""
    tax_accounts()
    control_accounts()
    things = AccountFactory(code="1800", kind="asset")
    books.machines = AccountFactory(code="1810", kind="asset", parent=things, role="fixed_assets")
    books.worn = AccountFactory(
        code="1890", kind="asset", parent=things, role="depreciation_to_date"
    )
    books.gain = AccountFactory(code="7500", kind="income", role="asset_disposal")
    books.neighbour = PartyFactory()
    return books


def by_role(role):
    return Account.objects.get(role=role)


def on_account(books, role, owed, *others, on):
    """The open line of an entry, after the other lines it comes with."""
    lines = [Line(role, Decimal(owed), party=books.neighbour), *others]
    return books.sell(on=on, lines=lines).lines.get(account__role=role)


def a_bill(books, on=APRIL):
    """A machine of 1000 and cables of 200, with tax."""
    tax = by_role("tax_on_purchases")
    others = [debit(books.machines, 1000), debit(books.rent, 200), debit(tax, 240)]
    return on_account(books, "payable", -1440, *others, on=on)


def paid(books, bill, much, on):
    """Money to the supplier, and what it settles."""
    money = on_account(books, "payable", much, credit(books.bank, much), on=on)
    return allocate(money, bill, Decimal(much), on=on, by=None)


def by_bank(books, direction, much, settles, **facts):
    """A payment in May, with what it settles."""
    record_payment(
        **{"direction": direction, "party": books.neighbour, "bank": books.bank, "on": MAY}
        | {"amount": Decimal(much), "settles": settles, "by": None, "source_key": "test:1"}
        | facts
    )


def told(first, last, **known):
    """Operating and investing of the days, told alike from either side."""
    found = cash_flow(first=first, last=last, **known)
    assert found.holds
    assert sections(found, "direct") == sections(found, "indirect")
    assert lines_tie(found)
    return [amount(found, f"direct_{part}") for part in ("operating", "investing")]


@pytest.mark.parametrize(
    ("first", "last", "operating", "investing"),
    [
        (date(2024, 4, 1), date(2024, 4, 30), 0, 0),
        (date(2024, 5, 1), date(2024, 5, 31), "-152.78", "-347.22"),
        (date(2024, 7, 1), date(2024, 7, 31), "-287.22", "-652.78"),
        (*YEAR, -440, -1000),
    ],
)
def test_what_pays_for_a_machine_is_investing(yard, first, last, operating, investing):
    bill = a_bill(yard)
    paid(yard, bill, 500, MAY)
    paid(yard, bill, 940, JULY)

    assert told(first, last) == [Decimal(operating), Decimal(investing)]


def test_each_stands_on_its_account(yard):
    paid(yard, a_bill(yard), 1440, MAY)

    found = cash_flow(first=MAY, last=MAY)

    assert rows_below(found, "direct_investing") == {"1810": -1000}
    assert rows_below(found, "direct_operating") == {"2010": -440}
    assert rows_below(found, "indirect_operating") == {"": 0, "2010": -440}


def test_a_machine_sold_on_credit_is_investing_when_the_money_comes(yard):
    others = [
        debit(yard.worn, 4500),
        credit(yard.machines, 5000),
        credit(yard.gain, 500),
        credit(by_role("tax_on_sales"), 200),
    ]
    sold = on_account(yard, "receivable", 1200, *others, on=APRIL)
    money = on_account(yard, "receivable", -600, debit(yard.bank, 600), on=MAY)
    allocate(sold, money, Decimal(600), on=MAY, by=None)

    assert told(*YEAR) == [100, 500]


def test_a_machine_sold_by_an_invoice_with_tax_is_investing_but_for_the_tax(books):
    tax_accounts()
    control_accounts()
    machine, books.neighbour = an_asset(books), PartyFactory()  # 1200, worn by 100 a month
    gain, vat = by_role("asset_disposal"), by_role("tax_on_sales")
    sold = on_account(books, "receivable", 1080, credit(gain, 900), credit(vat, 180), on=MAY)
    facts = {"on": MAY, "by": books.user}
    dispose(machine, proceeds=Decimal(900), proceeds_account="asset_disposal", **facts)
    money = on_account(books, "receivable", -1080, debit(books.bank, 1080), on=JULY)
    allocate(sold, money, Decimal(1080), on=JULY, by=None)

    assert told(JULY, JULY) == [180, 900]
    assert told(*YEAR) == [180, 900 - 1200]
    assert gain.lines.aggregate(loss=Sum("amount"))["loss"] < 0  # it was worth less than 900


def test_a_discount_on_a_machine_is_no_money(yard):
    bill = on_account(yard, "payable", -1000, debit(yard.machines, 1000), on=APRIL)
    settles = [Settle(bill, Decimal(980), discount=Decimal(20))]
    by_bank(yard, "out", 980, settles, fee=Decimal(3))

    assert told(MAY, MAY) == [-3, -980]


def test_what_a_buyer_never_pays_for_a_machine_is_no_money(yard):
    sale = [credit(yard.gain, 1000), credit(by_role("tax_on_sales"), 250)]
    sold = on_account(yard, "receivable", 1250, *sale, on=APRIL)
    by_bank(yard, "in", 250, [Settle(sold, Decimal(250), write_off=Decimal(1000))])

    assert told(MAY, MAY) == [50, 200]
    found = cash_flow(first=MAY, last=MAY)
    assert rows_below(found, "direct_operating") == {"1130": 250, "6900": -200}


def test_what_was_paid_at_once_and_what_later_add_up(yard):
    others = [debit(yard.machines, 1000), credit(yard.bank, 400)]
    rest = on_account(yard, "payable", -600, *others, on=APRIL)
    paid(yard, rest, 600, MAY)

    assert told(APRIL, APRIL) == [0, -400]
    assert told(MAY, MAY) == [0, -600]


def test_money_back_for_a_machine_is_investing(yard):
    tax = by_role("tax_on_purchases")
    others = [credit(yard.machines, 500), credit(tax, 100)]
    note = on_account(yard, "payable", 600, *others, on=APRIL)
    money = on_account(yard, "payable", -600, debit(yard.bank, 600), on=MAY)
    allocate(note, money, Decimal(600), on=MAY, by=None)

    assert told(MAY, MAY) == [100, 500]


def test_what_settles_nothing_any_more_is_operating(yard):
    settled = paid(yard, a_bill(yard), 1440, MAY)
    release(settled, on=JULY, by=None)

    assert told(MAY, MAY) == [-440, -1000]
    assert told(*YEAR) == [-1440, 0]


def test_as_known_before_it_was_settled_it_is_operating(yard):
    bill = a_bill(yard)
    money = on_account(yard, "payable", 1440, credit(yard.bank, 1440), on=MAY)
    known = timezone.now()
    allocate(money, bill, Decimal(1440), on=MAY, by=None)

    assert told(MAY, MAY, known=known) == [-1440, 0]
    assert told(MAY, MAY) == [-440, -1000]


def test_whatever_is_bought_sold_and_settled_both_ways_tie(yard):
    chance = Random(11)
    kinds = [yard.machines, yard.rent, yard.worn, yard.gain, by_role("tax_on_purchases")]
    for _time in range(60):
        on = YEAR[0] + timedelta(days=chance.randrange(366))
        role, side = chance.choice([("payable", -1), ("receivable", 1)])
        much = Decimal(chance.randrange(1, 99_999)).scaleb(-2) * side
        if chance.random() < 0.5:
            on_account(yard, role, -much, Line(yard.bank, much), on=on)
            continue
        part = Decimal(chance.randrange(1, 99_999)).scaleb(-2) * chance.choice([1, -1])
        one, other = chance.sample(kinds, 2)
        on_account(yard, role, much, Line(one, part), Line(other, -much - part), on=on)
    settlements = 0
    for role in ("payable", "receivable"):
        found = list(open_items(on=YEAR[1], role=role))
        owed, owing = ([i for i in found if (i.amount > 0) is side] for side in (True, False))
        for one, other in zip(owed, owing, strict=False):
            least = min(abs(one.amount), abs(other.amount))
            settled = allocate(one, other, least, on=max(one.date, other.date), by=None)
            if chance.random() < 0.2:
                release(settled, on=YEAR[1], by=None)
            settlements += 1
    assert settlements > 10

    for _time in range(12):
        first = YEAR[0] + timedelta(days=chance.randrange(366))
        told(first, min(first + timedelta(days=chance.randrange(200)), YEAR[1]))
