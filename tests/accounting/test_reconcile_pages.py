"""The reconciliation screen: what waits, what it may be, one press each, and back."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from accounting.models import BankRule, Match
from accounting.open_items import open_items
from accounting.reconciliation import Part, book_directly
from accounting.years import close_period
from tests.accounting.reconciling import LATER, act, bank, line_of, screen, waiting
from tests.factories import PartyFactory, staff
from tests.factories.accounting import AccountFactory, balances
from tests.factories.banking import a_line, a_statement
from tests.factories.open_items import invoice
from tests.factories.taxes import tax

assert bank  # used by name, as fixtures are
assert waiting


def test_the_first_line_that_waits_is_shown_with_its_evidence(client, bank, waiting):
    page = client.get(screen(bank)).content.decode()

    assert "INV-77" in page
    assert "full evidence" in page
    assert 'data-press="enter"' in page
    (item,) = open_items(on=LATER, role="receivable")
    assert f'value="items:{item.pk}"' in page  # keys are of items, not of lines


def test_one_press_accepts_and_goes_on_and_one_undoes(client, bank, waiting):
    following = line_of(bank, "-5")
    (proposal,) = client.get(screen(bank)).context["proposals"]

    answer = client.post(
        act("accept", waiting), {"key": proposal.key, "next": following.pk}, follow=True
    )

    assert answer.redirect_chain[-1][0] == screen(bank, f"?line={following.pk}")
    assert "PAY-2024-00001" in answer.content.decode()
    assert waiting.matches.count() == 1
    client.post(act("undo", waiting))
    assert not Match.objects.exists()
    assert balances()["1000"] == 0


def test_what_is_not_proposed_is_refused_with_a_sentence(client, bank, waiting):
    answer = client.post(act("accept", waiting), {"key": "items:1,2"}, follow=True)

    assert "not proposed any more" in answer.content.decode()
    assert not Match.objects.exists()


def test_all_with_full_evidence_are_accepted_by_one_button(client, bank, waiting):
    line_of(bank, "-5")

    answer = client.post(reverse("accounting:reconcile-full", args=[bank.pk]), follow=True)

    assert "1 line booked." in answer.content.decode()
    assert Match.objects.count() == 1


def test_one_line_that_cannot_be_booked_does_not_hold_up_the_others(client, books, bank):
    for number, day in ((77, date(2024, 4, 20)), (78, LATER)):
        party = PartyFactory(name=f"Ann Archer {number} Ltd")
        invoice(books, party, "100", on=day, due_on=day, reference=f"INV-{number}")
        facts = {"text": f"INV-{number}", "counterparty": party.name}
        a_line(a_statement(bank, starts_on=day, ends_on=day), "100", on=day, **facts)
    for month in (1, 2, 3, 4):
        close_period(books.period(month), by=books.user)

    answer = client.post(reverse("accounting:reconcile-full", args=[bank.pk]), follow=True)

    assert "1 line booked." in answer.content.decode()
    assert Match.objects.get().statement_line.date == LATER


def test_when_all_is_booked_it_says_so(client, books, bank):
    line = line_of(bank, "-5")
    book_directly(line, [Part(books.rent, Decimal(-5))], by=None)

    page = client.get(screen(bank)).content.decode()

    assert "Every bank line is booked" in page
    assert 'data-press="u"' in page


def test_the_cost_of_the_page_does_not_grow_with_its_lines(
    client, books, bank, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    line_of(bank, "-5")
    client.get(screen(bank))
    with CaptureQueriesContext(connection) as one:
        client.get(screen(bank))
    for n in range(10):
        line_of(bank, str(n + 1))

    with django_assert_num_queries(len(one)):
        client.get(screen(bank))


def test_a_booked_line_is_undone_on_its_own_page(client, books, bank):
    line = line_of(bank, "-5")
    book_directly(line, [Part(books.rent, Decimal(-5))], by=None)

    page = client.get(screen(bank, f"?line={line.pk}"), follow=True)

    assert page.redirect_chain == [(line.get_absolute_url(), 302)]
    assert act("undo", line) in page.content.decode()
    client.post(act("undo", line))
    page = client.get(line.get_absolute_url()).content.decode()
    assert act("undo", line) not in page
    assert screen(bank, f"?line={line.pk}") in page


def test_who_only_reads_is_not_offered_to_undo(client, books, bank):
    line = line_of(bank, "-5")
    book_directly(line, [Part(books.rent, Decimal(-5))], by=None)
    client.force_login(staff("Auditor"))

    assert act("undo", line) not in client.get(line.get_absolute_url()).content.decode()


def test_the_next_line_is_left_out_where_somebody_else_booked_it(client, books, bank, waiting):
    following = line_of(bank, "-5")
    (proposal,) = client.get(screen(bank)).context["proposals"]
    book_directly(following, [Part(books.rent, Decimal(-5))], by=None)

    answer = client.post(act("accept", waiting), {"key": proposal.key, "next": following.pk})

    assert answer.url == screen(bank)


@pytest.mark.parametrize("query", ["?line=0", "?line=x", "?line=999999", "?how=magic", "?party=x"])
def test_odd_addresses_show_the_first_line(client, bank, query):
    line_of(bank, "-5")

    assert client.get(screen(bank, query)).status_code == 200


def test_who_only_reads_may_not_reconcile(client, bank):
    line = line_of(bank, "-5")
    client.force_login(staff("Auditor"))

    assert client.get(screen(bank)).status_code == 403
    assert client.post(act("undo", line)).status_code == 403


# --- rules ----------------------------------------------------------------------------------


def a_rule(books, **facts):
    return {"name": "Rent", "contains": "rent", "direction": "any", "account": books.rent.pk,
            "is_active": "on"} | facts  # fmt: skip


def test_a_rule_is_tried_on_the_lines_there_are_before_it_is_saved(client, books, bank):
    other = AccountFactory(code="6500", kind="expense")
    line_of(bank, "-5", text="Rent May")
    booked = line_of(bank, "-6", text="Rent April")
    book_directly(booked, [Part(other, Decimal(-6))], by=None)
    line_of(bank, "-7", text="Paper")

    page = client.post(reverse("accounting:bankrule-add"), a_rule(books, do="try"))

    tried = page.context["tried"]
    assert (tried.count, tried.elsewhere, tried.looked_at) == (2, 1, 3)
    assert "booked elsewhere" in page.content.decode()
    assert not BankRule.objects.exists()


def test_a_rule_is_saved_and_counts_what_it_booked(client, books, bank):
    client.post(reverse("accounting:bankrule-add"), a_rule(books, do="save"))
    rule = BankRule.objects.get()
    line = line_of(bank, "-5", text="Rent")

    client.post(act("accept", line), {"key": f"rule:{rule.pk}"})

    listing = client.get(reverse("accounting:bankrule-list")).context["page"]
    assert [row.record.hits for row in listing.rows] == [1]


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"contains": ""}, "Say which lines"),
        ({"amount_from": "-5"}, "without its sign"),
        ({"amount_from": "5", "amount_to": "4"}, "comes second"),
        ({"account": ""}, "required"),
    ],
)
def test_a_rule_that_says_nothing_is_refused(client, books, bank, facts, why):
    page = client.post(reverse("accounting:bankrule-add"), a_rule(books, do="save", **facts))

    assert page.status_code == 422
    assert why in page.content.decode()


def test_amounts_in_the_wrong_order_are_refused_at_the_second(client, books, bank):
    rule = a_rule(books, do="save", amount_from="5", amount_to="4")

    page = client.post(reverse("accounting:bankrule-add"), rule)

    assert page.context["form"].errors == {"amount_to": ["The larger amount comes second."]}


def test_a_rule_refuses_a_tax_that_does_not_go_with_its_account(client, books, bank):
    code = tax(23, code="OUT", used_for="sale")
    said = {"name": "Rent", "contains": "rent", "direction": "any", "do": "save"}
    said |= {"account": books.rent.pk, "tax_code": code.pk}

    answer = client.post(reverse("accounting:bankrule-add"), said)

    assert answer.context["form"].errors.keys() == {"tax_code"}
