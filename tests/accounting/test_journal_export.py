"""The export: other people's programs accept it and reach our trial balance."""

import csv
import subprocess
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest

from accounting.export_names import for_beancount, for_hledger, names_for
from accounting.journal_export import export_journal
from accounting.models import Account
from accounting.posting import credit, debit
from accounting.statements import trial_balance
from backoffice.errors import Refused
from tests.accounting.others import (
    BEAN_CHECK,
    BEAN_QUERY,
    needs_beancount,
    needs_hledger,
    run,
)
from tests.factories.accounting import AccountFactory

AT_THE_END = date(2024, 12, 31)
# Amounts in dollars and what they are worth; their unit prices end nowhere.
WORTH = [
    tuple((Decimal(a), Decimal(b)) for a, b in pair)
    for pair in (
        (("25830.00", "28121.79"), ("8150.19", "8873.33")),
        (("333.33", "310.01"), ("1777.77", "1653.39")),
    )
]


def exported(to, **days):
    file = StringIO()
    export_journal(file, to=to, **days)
    return file.getvalue()


@pytest.fixture
def awkward(books):
    """Entries with everything another program could stumble over."""
    heading = AccountFactory(code="6", name="Assets", kind="asset")
    AccountFactory(code="61", name="US:BofA:Checking", kind="asset", parent=heading)
    spaced = AccountFactory(code="62", name="Büro;  (Miete) [x]", kind="expense")
    twins = [AccountFactory(code=code, name="petty  cash", kind="asset") for code in ("71", "72")]
    twin = AccountFactory(code="73", name="Petty cash", kind="asset")
    checking = Account.objects.get(code="61")
    hostile = 'He said "hi" \\ ; tag:x, date:2024-99 [2024-99-99] | = ! *\n\tand more'
    books.sell("1234567.89", text=hostile, payee='A|B; "C"\\')
    books.sell(
        text="",
        lines=[
            debit(spaced, Decimal("0.01"), text=hostile),
            debit(twins[0], 1),
            debit(twins[1], 2),
            debit(twin, 3),
            credit(checking, Decimal("6.01")),
        ],
    )
    in_dollars = {"currency": books.usd}
    books.sell(
        on=date(2024, 6, 1),
        lines=[
            debit(books.dollars, Decimal("92.10"), currency_amount=Decimal(100), **in_dollars),
            credit(books.bank, Decimal("92.10")),
        ],
    )
    books.sell(
        on=date(2024, 6, 30),
        lines=[
            debit(books.dollars, Decimal("1.17"), currency_amount=Decimal(0), **in_dollars),
            credit(books.sales, Decimal("1.17")),
        ],
    )
    books.sell(
        on=date(2024, 7, 1),
        lines=[
            debit(books.bank, Decimal("55.13")),
            credit(books.dollars, Decimal("55.13"), currency_amount=Decimal(-60), **in_dollars),
        ],
    )
    return books


def ours(spelled):
    names = names_for(spelled)
    rows = trial_balance(on=AT_THE_END).rows
    return {names[row.account_id]: row.balance for row in rows if row.balance}


@needs_hledger
def test_hledger_accepts_it_and_agrees(awkward, tmp_path):
    journal = tmp_path / "books.journal"
    journal.write_text(exported("hledger"), encoding="utf-8")

    run("hledger", "-f", journal, "check", "-s")
    options = ("-B", "--flat", "-N", "-O", "csv", "--layout=bare")
    _header, *rows = run("hledger", "-f", journal, "bal", *options)

    theirs = {name: Decimal(amount) for name, currency, amount in rows if currency == "EUR"}
    assert theirs == ours(for_hledger)
    assert "Assets:US:BofA:Checking" in theirs


@needs_hledger
def test_hledger_refuses_it_once_a_cent_is_changed(awkward, tmp_path):
    journal = tmp_path / "books.journal"
    journal.write_text(exported("hledger").replace("1234567.89", "1234567.88", 1))

    done = subprocess.run(["hledger", "-f", journal, "check", "-s"], capture_output=True)

    assert done.returncode != 0


@needs_beancount
def test_beancount_accepts_it_and_agrees(awkward, tmp_path):
    ledger = tmp_path / "books.beancount"
    ledger.write_text(exported("beancount"), encoding="utf-8")

    run(BEAN_CHECK, ledger)
    query = "select account, number(only('EUR', sum(weight))) group by account"
    _header, *rows = run(BEAN_QUERY, "-f", "csv", ledger, query)

    theirs = {name.strip(): Decimal(amount) for name, amount in rows}
    assert {name: amount for name, amount in theirs.items() if amount} == ours(for_beancount)
    assert "Assets:US:BofA:Checking" in theirs


@needs_beancount
def test_beancount_accepts_an_entry_that_is_foreign_in_every_line(books, tmp_path):
    ledger, in_dollars = tmp_path / "books.beancount", {"currency": books.usd}
    for one, other in WORTH:
        lines = [
            debit(books.dollars, one[1] + other[1], currency_amount=one[0] + other[0]),
            credit(books.sales, one[1], currency_amount=-one[0]),
            credit(books.sales, other[1], currency_amount=-other[0]),
        ]
        books.sell(on=date(2024, 6, 1), lines=[replace(line, **in_dollars) for line in lines])
    ledger.write_text(exported("beancount"), encoding="utf-8")

    run(BEAN_CHECK, ledger)


def test_the_csv_has_a_row_for_each_line(awkward):
    rows = list(csv.DictReader(StringIO(exported("csv", starts_on=date(2024, 6, 1)))))

    assert [row["entry"] for row in rows[::2]] == [
        "JE-2024-00003",
        "JE-2024-00004",
        "JE-2024-00005",
    ]
    assert rows[0] == {
        "entry": "JE-2024-00003",
        "date": "2024-06-01",
        "account": "1090",
        "amount": "100.00",
        "payee": "",
        "narration": "Sale",
        "currency": "USD",
        "base_weight": "92.10",
        "base_currency": "EUR",
        "department": awkward.root.code,
    }


def test_the_csv_names_an_account_by_its_path_where_an_import_could_make_it(awkward):
    named = {row["account"] for row in csv.DictReader(StringIO(exported("csv")))}

    assert {"Assets:US:BofA:Checking", "71", "72", "1000"} <= named


def test_only_the_days_asked_for_are_written(awkward):
    days = {"starts_on": date(2024, 6, 2), "ends_on": date(2024, 6, 30)}

    assert export_journal(StringIO(), to="hledger", **days) == 1
    assert "(JE-2024-00004)" in exported("hledger", **days)
    assert "(JE-2024-00005)" not in exported("hledger", **days)


def test_an_unknown_format_is_refused(books):
    with pytest.raises(Refused, match="There are: hledger, beancount, csv"):
        exported("ledger")


def test_empty_books_are_exported_too(books):
    assert "account Assets:Bank" in exported("hledger")
    assert "1970-01-01 open Assets:Bank" in exported("beancount")


def test_every_account_has_a_name_of_its_own(books):
    for code, name in (("a", "x y"), ("b", "x-y"), ("c", "X y-b"), ("d", "–"), ("e", "漢字")):
        AccountFactory(code=code, name=name, kind="asset")

    for spelled in (for_hledger, for_beancount):
        names = names_for(spelled)
        assert len(set(names.values())) == len(names) == Account.objects.count()
