"""The lines of a close: each says one thing, and is red for its own reason alone."""

from datetime import date

import pytest

from accounting.tie_outs import ledger_ties, tie_outs
from tests.accounting.test_checks import cook
from tests.accounting.test_guards import without
from tests.factories.accounting import small_books


@pytest.fixture
def unguarded(committed):
    """Books with three entries, whose guards against change are off."""
    with without("entries_are_final", "lines_are_final", "balances_follow"):
        books = small_books()
        for day in (1, 2, 3):
            books.sell(on=date(2024, 1, day))
        yield books


def broken(books) -> dict[str, str]:
    return {tie.name: tie.detail for tie in ledger_ties(books.period(1)) if not tie.holds}


def test_books_as_they_were_kept_hold_in_every_line(books):
    books.sell()

    found = tie_outs(books.period(5))

    assert [tie.name for tie in found if not tie.holds] == []
    assert {tie.name for tie in found} >= {
        "books", "numbers", "chain", "receivable", "payable", "taxes", "returns", "assets",
        "depreciation", "clearing",
    }  # fmt: skip
    assert len({tie.name for tie in found}) == len(found)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            "update accounting_monthlybalance set debit = debit + 1 where debit > 0",
            {"books": "monthly balances follow from the lines: 1000 2024-01: 301.0000 / 300.0000"},
        ),
        (
            "update accounting_journalentry set text = 'cooked' where number = 2",
            {"chain": "chain of the journal: JE-2024-00002"},
        ),
        (
            "update backoffice_numberseries set last_number = 9",
            {"numbers": "each series ends with its last entry: JE-2024"},
        ),
    ],
    ids=["books", "chain", "numbers"],
)
def test_what_is_cooked_shows_in_the_line_it_belongs_to(unguarded, statement, expected):
    cook(statement)

    assert broken(unguarded) == expected
