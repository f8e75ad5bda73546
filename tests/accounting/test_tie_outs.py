"""The lines of a close: each says one thing, and is red for its own reason alone."""

from datetime import date, timedelta

import pytest

from accounting.claims import pay_claims, submit
from accounting.models import Period
from accounting.posting import credit, debit, post, reverse_entry
from accounting.tie_outs import ledger_ties, tie_outs
from backoffice.approvals import approve
from tests.accounting.test_checks import cook
from tests.accounting.test_guards import without
from tests.factories.accounting import small_books
from tests.factories.documents import A_DAY, draft_claim, trading_books


@pytest.fixture
def unguarded(committed):
    """Books with three entries, whose guards against change are off."""
    with without("entries_are_final", "lines_are_final", "balances_follow"):
        books = small_books()
        for day in (1, 2, 3):
            books.sell(on=date(2024, 1, day))
        yield books


@pytest.fixture
def trading(db):
    return trading_books()


def broken(books) -> dict[str, str]:
    return {tie.name: tie.detail for tie in ledger_ties(books.period(1)) if not tie.holds}


def test_books_as_they_were_kept_hold_in_every_line(books):
    books.sell()

    found = tie_outs(books.period(5))

    assert [tie.name for tie in found if not tie.holds] == []
    assert {tie.name for tie in found} >= {
        "books", "numbers", "chain", "receivable", "payable", "staff", "taxes", "returns",
        "assets", "depreciation", "clearing",
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


def test_what_staff_are_owed_ties_claim_by_claim(trading):
    claim = draft_claim(trading.clerk, trading, "12.30")
    approve(submit(claim, on=A_DAY, by=trading.clerk), by=trading.approver, on=A_DAY)
    claim.refresh_from_db()
    period = Period.objects.get(starts_on__lte=A_DAY, ends_on__gte=A_DAY)

    assert staff(period) == (True, "12.30 EUR by claim, 12.30 EUR in the books")

    bank, owed = trading.account("bank"), trading.account("staff_claims")
    lines = [debit(owed, 10), credit(bank, 10)]
    paid = post(on=A_DAY, text="Paid past the claim", lines=lines, by=trading.clerk)
    assert staff(period) == (False, "12.30 EUR by claim, 2.30 EUR in the books")

    reverse_entry(paid, on=A_DAY, by=trading.clerk)
    payment = pay_claims([claim], bank=bank, on=A_DAY, by=trading.clerk)
    assert staff(period) == (True, "0.00 EUR by claim, 0.00 EUR in the books")

    reverse_entry(payment, on=period.ends_on + timedelta(days=3), by=trading.clerk)
    later = Period.objects.get(starts_on=period.ends_on + timedelta(days=1))
    assert [staff(period)[0], staff(later)[0]] == [True, True]
    assert "12.30 EUR by claim" in staff(later)[1]


def test_a_claim_paid_anew_was_paid_before_as_well(trading):
    claim = draft_claim(trading.clerk, trading, "12.30")
    approve(submit(claim, on=A_DAY, by=trading.clerk), by=trading.approver, on=A_DAY)
    claim.refresh_from_db()
    march, april = (Period.objects.get(starts_on=date(2026, month, 1)) for month in (3, 4))
    facts = {"bank": trading.account("bank"), "by": trading.clerk}
    first = pay_claims([claim], on=A_DAY, **facts)

    reverse_entry(first, on=april.starts_on, by=trading.clerk)
    claim.refresh_from_db()
    pay_claims([claim], on=april.ends_on, **facts)

    nothing = (True, "0.00 EUR by claim, 0.00 EUR in the books")
    assert [staff(march), staff(april)] == [nothing, nothing]


def staff(period) -> tuple[bool, str]:
    (found,) = (tie for tie in tie_outs(period) if tie.name == "staff")
    return found.holds, found.detail
