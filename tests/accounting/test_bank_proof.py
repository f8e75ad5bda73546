"""What bank and books say of the same money, and what explains the difference."""

from datetime import date
from decimal import Decimal

import pytest
from django.apps import apps
from django.urls import reverse

from accounting import facts
from accounting.bank_proof import previous, proof_of, with_balances, with_gap
from accounting.bank_proof_paper import facts_of
from accounting.corrections import reverse_by_hand
from accounting.models import BankStatement, Match, OwnAccount
from accounting.posting import credit, debit
from tests.factories import staff
from tests.factories.accounting import AccountFactory
from tests.factories.banking import a_statement, an_own_account

MAY, JUNE = date(2024, 5, 31), date(2024, 6, 30)


@pytest.fixture
def bank(books):
    return an_own_account(books.bank)


def book(line, entry):
    journal_line = entry.lines.get(account=line.own_account.account)
    Match.objects.create(statement_line=line, journal_line=journal_line, amount=line.amount)


def test_bank_and_books_agree_when_both_sides_are_matched(books, bank):
    statement = a_statement(bank, "100", on=MAY)
    book(statement.lines.get(), books.sell("100", on=MAY))

    proof = proof_of(statement)

    assert (proof.bank, proof.books, proof.difference) == (100, 100, 0)
    assert proof.is_proved


def test_what_either_side_lacks_explains_the_difference(books, bank):
    statement = a_statement(bank, "100", "-7", on=MAY)
    book(statement.lines.get(amount=100), books.sell("100", on=MAY))
    books.sell("40", on=MAY)

    proof = proof_of(statement)

    assert (proof.bank, proof.books) == (93, 140)
    assert (proof.bank_only, proof.bank_only_count) == (-7, 1)
    assert (proof.books_only, proof.books_only_count) == (40, 1)
    assert proof.is_proved


@pytest.mark.parametrize(("times", "books_only"), [(1, 0), (2, 40), (3, 0), (4, 40)])
def test_an_entry_taken_back_again_and_again_counts_as_it_stands(books, bank, times, books_only):
    statement = a_statement(bank, "100", on=MAY)
    book(statement.lines.get(), books.sell("100", on=MAY))
    entry = books.sell("40", on=MAY)
    for _time in range(times):
        entry = reverse_by_hand(entry, on=MAY, by=books.user)

    proof = proof_of(statement)

    assert proof.books_only == books_only
    assert proof.is_proved


def test_money_on_its_way_over_the_day_is_on_its_way(books, bank):
    entry = books.sell("100", on=MAY)
    may, june = a_statement(bank, on=MAY), a_statement(bank, "100", on=JUNE)
    book(june.lines.get(), entry)

    assert (proof_of(may).books_only, proof_of(may).is_proved) == (100, True)
    assert (proof_of(june).books_only, proof_of(june).is_proved) == (0, True)


def test_an_opening_balance_stands_against_what_was_booked_before(books, bank):
    lines = [debit(books.bank, 500), credit(books.sales, 500)]
    books.sell("500", on=date(2024, 1, 31), lines=lines)
    statement = a_statement(bank, "5", opening="500", on=MAY)
    book(statement.lines.get(), books.sell("5", on=MAY))

    assert proof_of(statement).is_proved


def test_an_opening_balance_nobody_booked_is_unexplained(books, bank):
    statement = a_statement(bank, "5", opening="500", on=MAY)
    book(statement.lines.get(), books.sell("5", on=MAY))

    assert proof_of(statement).difference == 500


def test_an_account_in_another_currency_is_compared_in_its_own(books):
    own = an_own_account(books.dollars, currency_id="USD")
    statement = a_statement(own, "110", on=MAY)
    lines = [
        debit(books.dollars, 100, currency=books.usd, currency_amount=Decimal(110)),
        credit(books.sales, 100),
    ]
    book(statement.lines.get(), books.sell("100", on=MAY, lines=lines))

    proof = proof_of(statement)

    assert (proof.books, proof.is_proved) == (110, True)
    assert with_balances(OwnAccount.objects).get(pk=own.pk).in_books == 110


def test_statements_follow_each_other_and_gaps_are_shown(bank):
    first = a_statement(bank, "100", on=date(2024, 4, 30))
    second = a_statement(bank, "5", opening="90", on=MAY)
    third = a_statement(bank, opening="95", on=MAY)

    gaps = dict(with_gap(BankStatement.objects).values_list("pk", "gap"))

    assert gaps == {first.pk: None, second.pk: -10, third.pk: 0}
    assert previous(third) == second


def test_what_contradicts_itself_is_told(bank):
    statement = a_statement(bank, "5", closing=Decimal("7"), on=MAY)

    assert with_gap(BankStatement.objects).get(pk=statement.pk).unexplained == 2


def test_balances_in_two_currencies_prove_nothing(bank):
    statement = a_statement(bank, "5", closing=Decimal("-7"), is_comparable=False)

    assert statement.difference is None


def test_bank_accounts_show_both_balances_and_what_waits(books, bank):
    books.sell("40", on=MAY)
    a_statement(bank, "100", on=date(2024, 4, 30))
    a_statement(bank, "5", opening="100", on=MAY)

    own = with_balances(OwnAccount.objects).get()

    assert (own.in_books, own.at_bank, own.stated_on, own.to_book) == (40, 105, MAY, 2)


def test_lines_to_book_are_told_on_the_dashboard(books, bank):
    a_statement(bank, "100", "5", on=MAY)
    book(bank.lines.get(amount=100), books.sell("100", on=MAY))
    told = apps.get_app_config("accounting").attention(staff("Accountant"), on=MAY)

    assert "1 bank line to book" in [one.title for one in told]


def test_the_mirror_of_a_bank_account_is_cash(books):
    own = an_own_account(AccountFactory(kind="asset"))
    books.sell("40", on=MAY, lines=[debit(own.account, 40), credit(books.sales, 40)])

    assert own.account in facts.cash_accounts()
    assert facts.cash_on(MAY) == 40
    assert facts.cash_by_month(JUNE)[-1].balance == 40


# --- screens --------------------------------------------------------------------------------


def test_the_page_of_a_statement_shows_its_proof(books, bank, client):
    client.force_login(staff("Accountant"))
    statement = a_statement(bank, "100", on=MAY)
    book(statement.lines.get(), books.sell("100", on=MAY))

    page = client.get(statement.get_absolute_url()).content.decode()

    assert "Bank and books" in page
    assert "Agree" in page
    assert reverse("accounting:general-ledger", args=[books.bank.pk]) in page


def test_the_proof_is_had_on_paper(books, bank, client):
    client.force_login(staff("Accountant"))
    statement = a_statement(bank, "100", "-7", on=MAY)
    book(statement.lines.get(amount=100), books.sell("100", on=MAY))
    paper = reverse("accounting:bankstatement-paper", args=[statement.pk])

    answer = client.get(paper)

    assert paper in client.get(statement.get_absolute_url()).content.decode()
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


def test_the_paper_lists_what_is_left_of_each_line_and_their_sum(books, bank):
    statement = a_statement(bank, "-7", "-8", on=MAY)
    books.sell("40", on=MAY)

    told = facts_of(statement, most=1)

    _stated, proof, bank_only, books_only = told["tables"]
    assert [row[2] for row in bank_only["rows"]] == ["−7.00", "−8.00"]
    assert bank_only["rows"][1][1] == "Further lines"
    assert (bank_only["total"][2], books_only["total"][2]) == ("−15.00", "40.00")
    assert proof["total"][2] == "0.00"
    assert told["standing"] == "Bank and books agree."


def test_a_statement_that_contradicts_itself_is_never_called_proven(books, bank, client):
    client.force_login(staff("Accountant"))
    statement = a_statement(bank, "5", closing=Decimal("7"), on=MAY)

    page = client.get(statement.get_absolute_url()).content.decode()

    assert "do not add up" in page
    assert "Do not agree" in page


def test_a_line_shows_the_entries_it_is_booked_by(books, bank, client):
    client.force_login(staff("Accountant"))
    line = a_statement(bank, "100", on=MAY).lines.get()
    entry = books.sell("100", on=MAY)
    book(line, entry)

    page = client.get(line.get_absolute_url()).content.decode()

    assert entry.reference in page


@pytest.mark.parametrize(
    ("query", "count"), [("", 2), ("?is_booked=true", 1), ("?is_booked=false", 1)]
)
def test_lines_are_filtered_by_whether_they_are_booked(books, bank, client, query, count):
    client.force_login(staff("Accountant"))
    statement = a_statement(bank, "100", "5", on=MAY)
    book(statement.lines.get(amount=100), books.sell("100", on=MAY))

    listing = client.get(reverse("accounting:statementline-list") + query).context["page"]

    assert len(listing.rows) == count


def test_a_statement_is_taken_out_until_a_line_is_booked(books, bank, client):
    client.force_login(staff("Bookkeeper"))
    statement, kept = a_statement(bank, "5", on=MAY), a_statement(bank, "100", on=JUNE)
    book(kept.lines.get(), books.sell("100", on=JUNE))

    for one in (statement, kept):
        client.post(reverse("accounting:bankstatement-take-out", args=[one.pk]))

    assert list(BankStatement.objects.all()) == [kept]


def test_a_bank_account_is_added_with_its_iban_checked(books, client):
    client.force_login(staff("Bookkeeper"))
    asked = {"name": "Current", "account": books.bank.pk, "currency": "EUR", "is_active": "on"}

    wrong = client.post(reverse("accounting:ownaccount-add"), {**asked, "iban": "GB00BUKB1"})
    client.post(reverse("accounting:ownaccount-add"), {**asked, "iban": "GB33BUKB20201555555555"})

    assert "not a valid IBAN" in wrong.content.decode()
    assert OwnAccount.objects.get().iban == "GB33BUKB20201555555555"


def test_a_bank_account_mirrors_an_asset_in_its_currency(books, client):
    client.force_login(staff("Bookkeeper"))
    asked = {"name": "Current", "currency": "EUR", "is_active": "on"}
    add = reverse("accounting:ownaccount-add")

    for account in (books.rent, books.dollars):
        page = client.post(add, {**asked, "account": account.pk})
        assert page.status_code == 200

    assert not OwnAccount.objects.exists()
