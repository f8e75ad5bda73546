"""Abuse of the books: two at once, each on a connection of their own; exactly one succeeds.

That two settle one credit, pay one bill or post one run at once is tried in `tests/accounting`.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection

from accounting.accepting import accept
from accounting.assets import capitalise
from accounting.bills import changed, submit
from accounting.claims import pay_claims
from accounting.claims import submit as submit_claim
from accounting.closing import close
from accounting.disposals import dispose
from accounting.exchange import revaluation_of, revalue
from accounting.models import (
    Allocation,
    AssetEvent,
    Bill,
    ExchangeRate,
    ExpenseClaim,
    FixedAsset,
    JournalEntry,
    JournalLine,
    Match,
    PaymentRun,
    PaymentRunLine,
)
from accounting.payment_runs import change_line, propose_run
from accounting.posting import Line, post
from accounting.proposals import proposals_for
from accounting.reconciliation import undo
from accounting.settling import Part, settle_each_other, take_back_settlement
from backoffice.approvals import approve, refuse
from backoffice.errors import Refused
from tests.accounting.test_payment_runs import ON, OURS, UNTIL, supplier
from tests.factories import PartyFactory, staff
from tests.factories.accounting import small_books
from tests.factories.assets import an_asset, asset_class
from tests.factories.banking import a_line, a_statement, an_own_account
from tests.factories.documents import A_DAY, draft_bill, draft_claim, trading_books
from tests.factories.open_items import bill, control_accounts, invoice, receipt
from tests.factories.payment_runs import payer

LATER = date(2024, 5, 20)


def at_once(*acts) -> tuple[list, list[Refused]]:
    """What succeeded and what was refused of acts begun at the same moment."""
    start = Barrier(len(acts))

    def begin(act):
        start.wait(10)
        try:
            return act()
        except Refused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as hands:
        found = list(hands.map(begin, acts))
    refused = [one for one in found if isinstance(one, Refused)]
    return [one for one in found if not isinstance(one, Refused)], refused


def test_of_two_who_approve_one_bill_one_does(committed):
    books = trading_books()
    asked = submit(draft_bill(books, 100), by=books.clerk)
    others = [books.approver, staff("Accountant")]

    done, refused = at_once(*[lambda who=who: approve(asked, by=who, on=A_DAY) for who in others])

    assert (len(done), len(refused)) == (1, 1)
    assert "decided already" in str(refused[0])
    assert JournalEntry.objects.count() == 1


def test_a_bill_is_approved_or_refused_not_both(committed):
    books = trading_books()
    asked = submit(draft_bill(books, 100), by=books.clerk)

    done, refused = at_once(
        lambda: approve(asked, by=books.approver, on=A_DAY),
        lambda: refuse(asked, by=staff("Accountant"), on=A_DAY, why="Not ours"),
    )

    assert (len(done), len(refused)) == (1, 1)
    assert JournalEntry.objects.count() == (Bill.objects.get().state == "posted")


def test_a_bill_changed_while_it_is_approved_is_posted_as_it_was_or_not_at_all(committed):
    books = trading_books()
    draft = draft_bill(books, 100)
    asked = submit(draft, by=books.clerk)

    done, refused = at_once(
        lambda: approve(asked, by=books.approver, on=A_DAY),
        lambda: changed(draft, by=books.clerk),
    )

    assert (len(done), len(refused)) == (1, 1)
    assert Bill.objects.get().state in {"posted", "draft"}
    assert JournalEntry.objects.count() == (Bill.objects.get().state == "posted")


def bank_line(books, *, how_many=1):
    """Lines of one statement that each pay the one open invoice."""
    control_accounts()
    own, ann = an_own_account(books.bank), PartyFactory(name="Ann Archer Ltd")
    invoice(books, ann, "100", reference="INV-7", due_on=LATER)
    statement = a_statement(own, ends_on=LATER)
    facts = {"on": LATER, "counterparty": "Ann Archer Ltd", "reference": "INV-7"}
    return [a_line(statement, "100", position=n, **facts) for n in range(1, how_many + 1)]


def first_proposal(line) -> str:
    return proposals_for([line], line.own_account)[line.pk][0].key


def test_of_two_who_accept_one_bank_line_one_does(committed):
    books = small_books()
    (line,) = bank_line(books)
    key, before = first_proposal(line), JournalEntry.objects.count()

    done, refused = at_once(*[lambda: accept(line, key, by=books.user)] * 2)

    assert (len(done), len(refused)) == (1, 1)
    assert Match.objects.count() == 1
    assert JournalEntry.objects.count() == before + 1


def test_of_two_bank_lines_accepted_for_one_invoice_one_is(committed):
    books = small_books()
    lines = bank_line(books, how_many=2)
    keys = [first_proposal(line) for line in lines]

    done, refused = at_once(
        *[
            lambda line=line, key=key: accept(line, key, by=books.user)
            for line, key in zip(lines, keys, strict=True)
        ]
    )

    assert (len(done), len(refused)) == (1, 1)
    assert Match.objects.count() == 1


def test_of_two_who_undo_one_bank_line_one_does(committed):
    books = small_books()
    (line,) = bank_line(books)
    accept(line, first_proposal(line), by=books.user)
    before = JournalEntry.objects.count()

    done, refused = at_once(*[lambda: undo(line, on=LATER, by=books.user)] * 2)

    assert (len(done), len(refused)) == (1, 1)
    assert JournalEntry.objects.count() == before + 1


def test_of_two_who_use_one_credit_one_does(committed):
    books = small_books()
    control_accounts()
    ann = PartyFactory()
    given = receipt(books, ann, "100")
    owed = [invoice(books, ann, "100", due_on=LATER, reference=f"INV-{n}") for n in (1, 2)]

    done, refused = at_once(
        *[
            lambda line=line: settle_each_other(
                [Part(line, Decimal(100)), Part(given, Decimal(100))], on=LATER, by=books.user
            )
            for line in owed
        ]
    )

    assert (len(done), len(refused)) == (1, 1)
    assert Allocation.objects.count() == 1


def test_of_two_who_take_one_settlement_back_one_does(committed):
    books = small_books()
    control_accounts()
    ann = PartyFactory()
    parts = [Part(line(books, ann, "100"), Decimal(100)) for line in (receipt, invoice)]
    (made,) = settle_each_other(parts, on=LATER, by=books.user)

    done, refused = at_once(*[lambda: take_back_settlement(made, on=LATER, by=books.user)] * 2)

    assert (len(done), len(refused)) == (1, 1)
    assert Allocation.objects.filter(releases=made).count() == 1


def propose(books, by):
    facts = {"on": ON, "due_until": UNTIL, "bank": books.bank, "by": by}
    return propose_run(currency=books.company.currency, **facts, **OURS)


def test_of_two_runs_proposed_at_once_one_has_the_bills(committed):
    books = small_books()
    control_accounts()
    bill(books, supplier(), "100", due_on=UNTIL, reference="B-1")
    clerk = payer(books.user)

    done, refused = at_once(*[lambda: propose(books, clerk)] * 2)

    assert (len(done), len(refused)) == (1, 1)
    assert "Nothing in EUR is due" in str(refused[0])
    assert PaymentRunLine.objects.count() == 1


def test_a_bill_left_out_of_one_run_and_put_in_another_is_not_put_back(committed):
    books = small_books()
    control_accounts()
    bill(books, supplier(), "100", due_on=UNTIL, reference="B-1")
    facts = {"amount": Decimal(100), "discount": Decimal(0), "by": books.user}
    first = propose(books, payer(books.user)).lines.get()
    facts["bank_account"] = first.bank_account
    change_line(first, is_left_out=True, **facts)
    second = propose(books, payer(books.user)).lines.get()
    change_line(second, is_left_out=True, **facts)

    done, refused = at_once(
        *[
            lambda line=line: change_line(line, is_left_out=False, **facts)
            for line in (first, second)
        ]
    )

    assert (len(done), len(refused)) == (1, 1)
    assert "in another payment run" in str(refused[0])
    assert PaymentRunLine.objects.filter(is_left_out=False).count() == 1
    assert PaymentRun.objects.count() == 2


def test_of_two_who_pay_one_claim_one_does(committed):
    books = trading_books()
    claim = draft_claim(books.clerk, books, "12.30")
    approve(submit_claim(claim, on=A_DAY, by=books.clerk), by=books.approver, on=A_DAY)
    claim, bank = ExpenseClaim.objects.get(), books.account("bank")

    done, refused = at_once(
        *[lambda: pay_claims([claim], bank=bank, on=A_DAY, by=books.approver)] * 2
    )

    assert (len(done), len(refused)) == (1, 1)
    assert JournalEntry.objects.count() == 2


def test_of_two_who_dispose_of_one_asset_one_does(committed):
    asset = an_asset(small_books())

    done, refused = at_once(*[lambda: dispose(asset, on=LATER, by=None)] * 2)

    assert (len(done), len(refused)) == (1, 1)
    assert "nothing more happens to it" in str(refused[0])
    assert AssetEvent.objects.filter(kind="scrap").count() == 1


def test_what_came_by_one_line_of_a_bill_is_one_asset(committed):
    books = small_books()
    an_asset(books)
    made = asset_class()
    facts = {"name": "Press", "asset_class": made, "cost": Decimal(500), "by": books.user}
    facts |= {"acquired_on": LATER, "against": "bank", "source_key": "bill-line:1"}

    done, refused = at_once(*[lambda: capitalise(**facts)] * 2)

    assert (done[0], refused) == (done[1], [])
    assert FixedAsset.objects.filter(name="Press").count() == 1
    assert JournalLine.objects.filter(amount=500).count() == 1


def test_of_two_who_close_one_month_one_does(committed):
    books = small_books()
    month = books.period(1)

    done, refused = at_once(*[lambda: close(month, by=books.user)] * 2)

    assert (len(done), len(refused)) == (1, 1)
    assert "closed already" in str(refused[0])


@pytest.mark.parametrize("is_put_right", [False, True])
def test_of_two_who_revalue_at_once_one_posts(committed, is_put_right):
    books, on = trading_books(), date(2026, 3, 31)
    usd = {"currency": books.usd, "party": books.supplier, "currency_amount": Decimal(100)}
    lines = [Line("purchases", Decimal(90), **usd), Line("payable", Decimal(-90), **usd)]
    lines[1] = replace(lines[1], currency_amount=Decimal(-100))
    facts = {"on": on, "today": date(2026, 4, 1), "by": books.clerk}
    rate = ExchangeRate.objects.create(currency=books.usd, date=on, rate=Decimal("0.95"))
    post(on=A_DAY, text="Bill", lines=lines, by=books.clerk)
    if is_put_right:
        revalue(**facts)
        ExchangeRate.objects.filter(pk=rate.pk).update(rate=Decimal("0.98"))

    done, refused = at_once(*[lambda: revalue(**facts)] * 2)

    assert (len(set(done)), refused) == (1, [])
    entries = JournalEntry.objects.filter(source_key__startswith="revaluation:")
    assert entries.count() == 1 + is_put_right
    assert not revaluation_of(on).missing
