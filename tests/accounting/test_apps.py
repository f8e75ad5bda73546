"""What the books tell the dashboard, and to whom."""

from datetime import date
from decimal import Decimal

import pytest
from django.apps import apps
from django.urls import reverse

from accounting import facts
from accounting.models import Account, EntryDraft, FiscalYear
from accounting.posting import credit, debit
from tests.factories import staff
from tests.factories.accounting import AccountFactory

TODAY = date(2024, 6, 20)


@pytest.fixture
def accounting():
    return apps.get_app_config("accounting")


@pytest.fixture
def traded(books):
    """A sale in January, one in June, rent in June, a sale still to come."""
    AccountFactory(code="1010", name="Cash", kind="asset", role="cash")
    books.sell("1000", on=date(2024, 1, 10))
    books.sell("300", on=date(2024, 6, 1), lines=[debit("cash", 300), credit("sales", 300)])
    rent = [debit(books.rent, 120), credit(books.bank, 120)]
    books.sell("120", on=date(2024, 6, 5), lines=rent)
    books.sell("999", on=date(2024, 6, 25))
    return books


def test_cash_is_what_bank_and_cash_hold_at_the_end_of_the_day(traded):
    assert facts.cash_on(date(2024, 1, 9)) == 0
    assert facts.cash_on(TODAY) == Decimal(1180)
    assert facts.cash_on(date(2024, 6, 25)) == Decimal(2179)


def test_cash_by_month_carries_the_balance_on(traded):
    months = {m.first_day: m for m in facts.cash_by_month(TODAY)}

    assert next(iter(months)) == date(2023, 7, 1)
    assert months[date(2024, 1, 1)].money_in == Decimal(1000)
    assert months[date(2024, 5, 1)].balance == Decimal(1000)
    june = months[date(2024, 6, 1)]
    assert (june.money_in, june.money_out, june.balance) == (1299, 120, 2179)


def test_cash_before_the_twelve_months_is_in_their_balance(books):
    books.sell("10", on=date(2024, 1, 1))

    months = facts.cash_by_month(date(2025, 6, 1))

    assert {month.balance for month in months} == {Decimal(10)}


def test_the_result_is_income_less_expenses(traded):
    assert facts.result_of(TODAY) == Decimal(300 - 120 + 999)
    assert facts.results(TODAY)[-1] == Decimal(1179)
    assert facts.results(TODAY)[-6] == Decimal(1000)
    assert len(facts.results(TODAY)) == 12


def test_the_figures_open_what_they_are_made_of(accounting, traded):
    bank, *_owed, result = accounting.figures(staff("Accountant"), on=TODAY)

    assert (bank.value, result.value) == ("€1,180", "€1,179")
    assert bank.url == reverse("accounting:trial-balance")


def test_a_single_bank_account_is_opened_directly(accounting, books):
    bank, *_others = accounting.figures(staff("Accountant"), on=TODAY)

    assert bank.url == reverse("accounting:general-ledger", args=[books.bank.pk])


def test_without_a_bank_account_the_dashboard_says_so(accounting, traded, client):
    Account.objects.filter(role__in=("bank", "cash")).update(role="")
    user = staff("Accountant")
    client.force_login(user)

    bank, *_others = accounting.figures(user, on=TODAY)

    assert (bank.value, bank.url) == ("–", reverse("accounting:chart"))
    assert "there is no cash to show" in client.get(reverse("backoffice:home")).content.decode()


def test_a_large_figure_is_shortened():
    from accounting.panels import short

    ways = {"currency": "EUR", "locale": "en_IE"}
    assert short(Decimal("-1234567.89"), **ways) == "−€1.2M"
    assert short(Decimal("-1234.56"), **ways) == "−€1,235"


def test_the_trend_has_a_point_for_each_month(accounting, traded):
    assert len(accounting.trend(staff("Accountant"), on=TODAY)) == 12


def test_an_office_that_never_posted_has_no_trend_and_no_panels(accounting, books):
    user = staff("Accountant")

    assert accounting.trend(user, on=TODAY) == []
    assert list(accounting.panels(user, on=TODAY)) == []
    assert list(accounting.attention(user, on=TODAY)) == []


def test_an_office_without_accounts_is_asked_for_a_chart(accounting, books):
    Account.objects.all().delete()

    (waiting,) = accounting.attention(staff("Bookkeeper"), on=TODAY)

    assert waiting.url == reverse("accounting:chart")
    assert list(accounting.attention(staff("Auditor"), on=TODAY)) == []


def test_months_to_close_count_from_the_first_entry(accounting, traded):
    (waiting,) = accounting.attention(staff("Accountant"), on=TODAY)

    assert waiting.title == "5 months to close"
    assert waiting.detail == "Oldest open month: January 2024"


def test_drafts_wait_but_templates_and_discarded_ones_do_not(accounting, books):
    user = staff("Accountant")
    EntryDraft.objects.create(text="Rent", made_by=user)
    EntryDraft.objects.create(text="Rent", template_name="Rent", made_by=user)
    EntryDraft.objects.create(text="Rent", made_by=user, discarded_at="2024-05-01T00:00Z")

    (waiting,) = accounting.attention(user, on=TODAY)

    assert (accounting.waiting(user), waiting.title) == (1, "1 draft to post")


@pytest.mark.parametrize("roles", [(), ("Receptionist",)])
def test_nobody_else_sees_anything_of_the_books(accounting, traded, client, roles):
    user = staff(*roles)
    client.force_login(user)

    hooks = (accounting.figures, accounting.attention, accounting.panels, accounting.trend)
    assert [list(hook(user, on=TODAY)) for hook in hooks] == [[], [], [], []]
    assert accounting.waiting(user) == 0
    assert "JE-2024" not in client.get(reverse("backoffice:home")).content.decode()


def test_the_dashboard_shows_cash_and_the_latest_entries(accounting, traded, client):
    client.force_login(staff("Accountant"))

    page = client.get(reverse("backoffice:home")).content.decode()

    assert "Cash, last twelve months" in page
    assert "JE-2024-00004" in page


def test_setting_up_opens_the_year_of_the_day_once(accounting, books):
    for _n in range(2):
        accounting.set_up(books.company, on=date(2025, 3, 3))

    assert FiscalYear.objects.count() == 2


def test_the_checks_of_the_books_are_offered_to_verify(accounting, traded):
    assert all(finding.holds for finding in accounting.checks())
