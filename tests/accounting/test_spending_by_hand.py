"""Entries written by hand are held against the budget; what already happened is not."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse

from accounting.asset_history import sums_of
from accounting.budgets import put_in_force
from accounting.depreciation_runs import depreciate
from accounting.drafts import draft_of, post_draft
from accounting.importers import JournalImporter
from accounting.models import EntryDraft, FiscalYear, JournalEntry, RecurringEntry
from accounting.posting import credit, debit, post, reverse_entry
from accounting.recurring import post_due
from backoffice.errors import Refused
from tests.accounting.test_entry_form import errors_in, written
from tests.factories import DepartmentFactory, staff
from tests.factories.accounting import A_DAY_IN_MAY
from tests.factories.assets import an_asset
from tests.factories.budgets import BudgetFactory, plan

BEYOND = "600.00 EUR is more than"
RENT = ({"account": "6000", "debit": "600"}, {"account": "1000", "credit": "600"})


@pytest.fixture
def clerk(client, books):
    user = staff("Bookkeeper")
    client.force_login(user)
    return user


@pytest.fixture
def address():
    return reverse("accounting:entry-write", args=[uuid4()])


def planned(books, overspending, amount=500, account=None, department=None):
    year = FiscalYear.objects.get(starts_on__lte=A_DAY_IN_MAY, ends_on__gte=A_DAY_IN_MAY)
    budget = BudgetFactory(fiscal_year=year, overspending=overspending)
    plan(budget, department or books.root, account or books.rent, amount)
    put_in_force(budget, by=books.user)
    return budget


def rent_of(books, amount=600):
    """A draft that spends so much on rent."""
    lines = [debit(books.rent, amount), credit("bank", amount)]
    entry = post(on=A_DAY_IN_MAY, text="Rent", lines=lines, by=books.user)
    draft = draft_of(entry, by=books.user, on=A_DAY_IN_MAY)
    reverse_entry(entry, on=A_DAY_IN_MAY, by=books.user)
    return draft


@pytest.mark.parametrize("act", ["post", "next"])
def test_a_budget_that_stops_refuses_the_entry_at_its_line(client, clerk, books, address, act):
    planned(books, "stop")

    answer = client.post(address, written(*RENT, act=act))

    spent, paid = errors_in(answer)
    assert BEYOND in spent[0]
    assert paid == []
    assert answer.context["sheet"].rows[0].problems.keys() == {"debit"}
    assert not JournalEntry.objects.exists()


def test_a_budget_that_warns_says_so_and_posts(client, clerk, books, address):
    planned(books, "warn")

    page = client.post(address, written(*RENT), follow=True)

    assert BEYOND in page.content.decode()
    assert JournalEntry.objects.count() == 1


def test_what_the_budget_has_room_for_is_posted_without_a_word(client, clerk, books, address):
    planned(books, "stop", 600)

    page = client.post(address, written(*RENT), follow=True)

    assert "more than" not in page.content.decode()
    assert JournalEntry.objects.count() == 1


def test_the_lines_that_spend_together_are_the_ones_that_are_marked(client, clerk, books, address):
    quay, dock = DepartmentFactory(name="Quay", parent=books.root), DepartmentFactory(name="Dock")
    planned(books, "stop", department=quay)
    lines = [
        {"account": "6000", "debit": "300", "department": str(quay.pk)},
        {"account": "6000", "debit": "900", "department": str(dock.pk)},
        {"account": "6000", "debit": "300", "department": str(quay.pk)},
        {"account": "1000", "credit": "1500"},
    ]

    answer = client.post(address, written(*lines))

    assert [bool(said) for said in errors_in(answer)] == [True, False, True, False]


def test_a_draft_kept_before_is_stopped_when_it_is_posted(books):
    draft = rent_of(books)
    planned(books, "stop")

    with pytest.raises(Refused, match=r"more than .* has left"):
        post_draft(draft, by=books.user)

    assert EntryDraft.objects.filter(pk=draft.pk).exists()


def test_a_draft_may_be_kept_beyond_the_budget(client, clerk, books, address):
    planned(books, "stop")

    client.post(address, written(*RENT, act="save"))

    assert EntryDraft.objects.count() == 1


def test_what_was_spent_before_the_correction_does_not_count_twice(books):
    planned(books, "stop", 600)
    lines = [debit(books.rent, 600), credit("bank", 600)]
    entry = post(on=A_DAY_IN_MAY, text="Rent", lines=lines, by=books.user)
    draft = draft_of(entry, by=books.user, on=A_DAY_IN_MAY)
    reverse_entry(entry, on=A_DAY_IN_MAY, by=books.user)

    assert post_draft(draft, by=books.user).lines.count() == 2


def test_an_import_says_what_happened_and_is_not_stopped(books, clerk):
    planned(books, "stop")
    cells = {"entry": "1", "date": "2024-05-15", "narration": "Rent"}
    rows = [
        (2, cells | {"account": "6000", "amount": "600"}),
        (3, cells | {"account": "1000", "amount": "-600"}),
    ]

    assert JournalImporter({}, by=clerk).bring_in(rows).counts["posted"] == 1


def test_depreciation_and_reversals_are_not_stopped(books):
    asset = an_asset(books)
    entry = books.sell(lines=[credit(books.rent, 600), debit("bank", 600)])
    planned(books, "stop", 1, account=asset.expense_account)
    planned(books, "stop", 1)

    depreciate(through=date(2024, 3, 1), by=books.user)
    reverse_entry(entry, on=A_DAY_IN_MAY, by=books.user)

    assert sums_of(asset)[1] == Decimal(300)


def test_what_the_night_posts_is_not_stopped(books):
    template = rent_of(books)
    template.template_name = "Rent"
    template.save()
    RecurringEntry.objects.create(template=template, starts_on=A_DAY_IN_MAY)
    planned(books, "stop", 1)

    posted, refused = post_due(on=A_DAY_IN_MAY, by=None)

    assert (len(posted), refused) == (1, [])
