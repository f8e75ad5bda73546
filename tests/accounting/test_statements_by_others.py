"""Other people's programs read our journal and reach our statements, to the cent."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounting.balance_sheet import balance_sheet
from accounting.export_names import for_beancount, for_hledger, names_for
from accounting.income_statement import income_statement
from tests.accounting.others import (
    BALANCES,
    BEAN_QUERY,
    RESULTS,
    journal_for,
    needs_beancount,
    needs_hledger,
    run,
)
from tests.factories.budgets import busy_books

A_DAY_AMONG_MANY = date(2024, 8, 17)


@pytest.fixture
def journal(books, tmp_path):
    """Two hundred entries at random for another program."""
    busy_books(books, entries=200)
    return lambda program: journal_for(program, tmp_path)


def signed(row, amount):
    """Our amount with debits positive, as the others write it."""
    return row.source.sign * amount


def our_balances(spelled):
    """Accounts of our balance sheet by the name others know them by, and our result."""
    names, sheet = names_for(spelled), balance_sheet(on=A_DAY_AMONG_MANY)
    leaves = [row for row in sheet.rows if row.name == "account" and row.style == "account"]
    ours = {names[row.source.accounts[0]]: signed(row, row.amounts[0]) for row in leaves}
    whole = {name: sheet.row(name.lower()).amounts[0] for name in BALANCES}
    return {name: a for name, a in ours.items() if a}, whole


def our_months(spelled):
    """Our income statement by month: the amounts of each account, with debits positive."""
    names = names_for(spelled)
    found = income_statement(first=date(2024, 1, 1), last=date(2024, 12, 31), by="month")
    return {
        (names[row.source.accounts[0]], month): signed(row, amount)
        for row in found.rows
        if row.name == "account" and row.style == "account"
        for month, amount in enumerate(row.amounts[:-1], start=1)
        if amount
    }


def check(theirs, ours, whole):
    """The same accounts with the same amounts, and the same sums of the kinds."""

    def total(*kinds):
        return sum((a for name, a in theirs.items() if name.split(":")[0] in kinds), Decimal(0))

    assert {n: a for n, a in theirs.items() if n.split(":")[0] in BALANCES} == ours
    assert total("Assets") == whole["Assets"]
    assert -total("Liabilities") == whole["Liabilities"]
    assert -total("Equity", *RESULTS) == whole["Equity"]


@needs_hledger
def test_hledger_agrees_with_the_balance_sheet(journal):
    until = A_DAY_AMONG_MANY + timedelta(days=1)
    options = ("-e", until, "-B", "--flat", "-N", "-O", "csv", "--layout=bare")

    _header, *rows = run("hledger", "-f", journal("hledger"), "bal", *options)

    theirs = {name: Decimal(amount) for name, _currency, amount in rows}
    check({n: a for n, a in theirs.items() if a}, *our_balances(for_hledger))


@needs_hledger
def test_hledger_agrees_with_the_income_statement_of_every_month(journal):
    words = ("bal", "^Income", "^Expenses", "-M", "-b", "2024-01-01", "-e", "2025-01-01")
    options = ("-B", "--flat", "-N", "-O", "csv", "--layout=bare")

    header, *rows = run("hledger", "-f", journal("hledger"), *words, *options)

    theirs = {
        (name, int(month.split("-")[1])): Decimal(amount)
        for name, _currency, *amounts in rows
        for month, amount in zip(header[2:], amounts, strict=True)
        if Decimal(amount)
    }
    assert theirs == our_months(for_hledger)
    assert len(theirs) > 12


@needs_beancount
def test_beancount_agrees_with_the_balance_sheet(journal):
    query = (
        "select account, number(only('EUR', sum(weight)))"
        f" where date <= {A_DAY_AMONG_MANY} group by account"
    )

    _header, *rows = run(BEAN_QUERY, "-f", "csv", journal("beancount"), query)

    theirs = {name.strip(): Decimal(amount) for name, amount in rows}
    check({n: a for n, a in theirs.items() if a}, *our_balances(for_beancount))


@needs_beancount
def test_beancount_agrees_with_the_income_statement_of_every_month(journal):
    query = (
        "select account, month, number(only('EUR', sum(weight))) where year = 2024"
        " and account ~ '^(Income|Expenses)' group by account, month"
    )

    _header, *rows = run(BEAN_QUERY, "-f", "csv", journal("beancount"), query)

    theirs = {(name.strip(), int(month)): Decimal(amount) for name, month, amount in rows}
    assert {key: amount for key, amount in theirs.items() if amount} == our_months(for_beancount)
