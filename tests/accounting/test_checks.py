"""The checks find what was changed behind the guards, and name the first offender."""

from datetime import date
from decimal import Decimal

import pytest

from accounting.checks import findings, rebuild_balances
from accounting.models import JournalEntry
from accounting.posting import credit, debit
from accounting.tax_returns import file_return
from accounting.years import close_period
from tests.accounting.test_guards import without
from tests.databases import owner_cursor
from tests.factories.accounting import small_books
from tests.factories.taxes import a_return, tax, tax_accounts, taxed


def broken():
    return {finding.check: finding.offender for finding in findings() if not finding.holds}


@pytest.fixture
def unguarded(committed):
    """Books with three entries, whose guards against change are off."""
    with without("entries_are_final", "lines_are_final", "balances_follow"):
        books = small_books()
        for day in (1, 2, 3):
            books.sell(on=date(2024, 1, day), payee="Bluefin")
        yield books


def cook(statement):
    with owner_cursor() as cursor:
        cursor.execute(statement)


def test_good_books_pass_every_check(books):
    books.sell(on=date(2024, 1, 2))
    close_period(books.period(1), by=books.user)
    books.sell()

    found = list(findings())

    assert len(found) > 10
    assert [finding for finding in found if not finding.holds] == []


CHAIN = "chain of the journal"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            "update accounting_journalentry set text = 'cooked' where number = 2",
            {CHAIN: "JE-2024-00002"},
        ),
        (
            "update accounting_journalline set text = 'cooked' where id ="
            " (select max(id) from accounting_journalline)",
            {CHAIN: "JE-2024-00003"},
        ),
        (
            "update accounting_journalentry set posted_at = posted_at - interval '1 s'"
            " where number = 1",
            {CHAIN: "JE-2024-00001"},
        ),
        (
            "update accounting_journalline l set amount = amount + 1 from"
            " accounting_journalentry e where e.id = entry_id and number = 2 and position = 1",
            {
                CHAIN: "JE-2024-00002",
                "each entry balances": "JE-2024-00002: 1.0000",
                "monthly balances follow from the lines": "1000 2024-01: 300.0000 / 301.0000",
            },
        ),
        (
            "delete from accounting_journalline l using accounting_journalentry e"
            " where e.id = entry_id and number = 3",
            {
                CHAIN: "JE-2024-00003",
                "each entry has its lines": "JE-2024-00003: 0 / 2",
                "monthly balances follow from the lines": "1000 2024-01: 300.0000 / 200.0000",
            },
        ),
        (
            "update accounting_monthlybalance set debit = debit + 1 where debit > 0",
            {"monthly balances follow from the lines": "1000 2024-01: 301.0000 / 300.0000"},
        ),
        (
            "update backoffice_numberseries set head = repeat('f', 64)",
            {"each series ends with its last entry": "JE-2024"},
        ),
        (
            "update accounting_journalentry set number = 5 where number = 3",
            {
                CHAIN: "JE-2024-00005",
                "numbers have no gap": "JE-2024-00005",
                "each series ends with its last entry": "JE-2024",
            },
        ),
        (
            "update accounting_journalentry set period_id ="
            " (select id from accounting_period where starts_on = '2024-05-01') where number = 1",
            {"each entry is in its period": "JE-2024-00001"},
        ),
        (
            "update accounting_period set closed_at = '2024-02-01' where starts_on = '2024-01-01'",
            {"nothing was posted after closing": "JE-2024-00001"},
        ),
        (
            "insert into accounting_periodevent (period_id, kind, at, why, head)"
            " select id, 'closed', now(), '', repeat('f', 64) from accounting_period"
            " where starts_on = '2024-01-01'",
            {"closings are in the chain": f"2024-01: {'f' * 64}"},
        ),
    ],
)
def test_what_is_cooked_is_found_and_named(unguarded, statement, expected):
    cook(statement)

    assert broken() == expected


def test_the_name_of_a_payee_may_be_erased(unguarded):
    cook("update accounting_journalentry set payee = ''")

    assert broken() == {}


def test_a_recomputed_hash_breaks_the_next_link(unguarded):
    cook("update accounting_journalentry set hash = repeat('a', 64) where number = 1")

    assert broken()[CHAIN] == "JE-2024-00001"


def test_a_foreign_account_at_zero_is_at_zero_in_the_books(books):
    def move(base, foreign):
        line = debit(books.dollars, base, currency=books.usd, currency_amount=Decimal(foreign))
        books.sell(lines=[line, credit(books.bank, base)])

    move(92, 100)
    move(-95, -100)

    assert broken() == {"foreign accounts at zero are at zero in the books": "1090: -3.0000"}
    move(3, 0)
    assert broken() == {}


def test_rebuilding_makes_balances_agree_again(unguarded):
    cook("update accounting_monthlybalance set debit = 9")

    rebuild_balances()

    assert broken() == {}
    assert JournalEntry.objects.count() == 3


def test_taxes_that_are_cooked_are_found_with_their_return(committed):
    with without("tax_lines_are_final"):
        books, _accounts = small_books(), tax_accounts()
        entry = taxed(books, 100, tax(20))
        filed = file_return(a_return(), on=date(2024, 7, 5), by=books.user)
        assert broken() == {}

        cook("update accounting_taxline set owed = 19")

        assert broken() == {
            "taxes match what is on the tax accounts": str(entry),
            "filed tax returns match their settlements": str(filed),
        }
