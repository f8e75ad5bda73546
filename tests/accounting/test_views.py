"""The books on screen: the chart of accounts and the journal."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounting.corrections import reverse_and_copy
from accounting.models import Account, EntryDraft, JournalEntry
from accounting.years import close_period
from tests.factories import staff
from tests.factories.accounting import AccountFactory


def page_of(client, name: str, *args, **query) -> str:
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200
    return response.content.decode()


# --- Chart ----------------------------------------------------------------------------------


def test_the_chart_sums_accounts_under_their_headings(client, accountant, books):
    current = AccountFactory(code="0900", name="Current assets", kind="asset")
    Account.objects.filter(pk=books.bank.pk).update(parent=current)
    books.sell("100", on=date(2024, 1, 3))

    response = client.get(reverse("accounting:chart"))

    assets, income = (section for section in response.context["sections"] if section.balance)
    assert [(str(row.account), row.depth, row.balance) for row in assets.rows[:2]] == [
        ("0900 Current assets", 0, Decimal(100)),
        ("1000 Bank", 1, Decimal(100)),
    ]
    assert (str(income.title), income.balance) == ("Income", Decimal(100))


def test_the_chart_finds_accounts_with_their_headings(client, accountant, books):
    heading = AccountFactory(code="5000", name="Costs")
    AccountFactory(code="5010", name="Freight", parent=heading)

    response = client.get(reverse("accounting:chart"), {"q": "freight"})

    found = [str(row.account) for section in response.context["sections"] for row in section.rows]
    assert found == ["5000 Costs", "5010 Freight"]
    assert "Nothing matches" in page_of(client, "accounting:chart", q="zebra")


def test_an_office_without_accounts_starts_from_a_chart(client, accountant):
    Account.objects.all().delete()

    shown = page_of(client, "accounting:chart")
    started = client.post(reverse("accounting:chart-start", args=["us"]), follow=True)

    assert "Start from this chart" in shown
    assert Account.objects.filter(role="bank").exists()
    assert "Checking account" in started.content.decode()


def test_who_only_reads_starts_no_chart(client, books):
    client.force_login(staff("Auditor"))

    assert client.post(reverse("accounting:chart-start", args=["us"])).status_code == 403


@pytest.mark.parametrize(
    ("sent", "field", "sentence"),
    [
        ({"code": "1000"}, "code", "with this code already"),
        ({"role": "bank"}, "role", "Another account has this role"),
        ({"parent": "1000"}, "parent", "cannot become a heading"),
        ({"parent": "4100"}, "kind", "of another kind: income"),
    ],
)
def test_the_account_form_refuses_what_the_guards_refuse(
    client, accountant, books, sent, field, sentence
):
    AccountFactory(code="4100", name="Other income", kind="income")
    books.sell()
    if "parent" in sent:
        sent = sent | {"parent": Account.objects.get(code=sent["parent"]).pk}
    new = {"code": "1010", "name": "Savings", "kind": "asset", "is_active": "on"} | sent

    response = client.post(reverse("accounting:account-add"), new)

    assert sentence in " ".join(response.context["form"].errors[field])
    assert not Account.objects.filter(name="Savings").exists()


def test_an_account_with_lines_keeps_its_kind(client, accountant, books):
    books.sell()
    facts = {"code": "1000", "name": "Main bank", "kind": "expense", "is_active": "on"}

    refused = client.post(reverse("accounting:account-edit", args=[books.bank.pk]), facts)
    facts |= {"kind": "asset", "role": "bank"}
    client.post(reverse("accounting:account-edit", args=[books.bank.pk]), facts)

    assert "its kind and currency stay" in refused.content.decode()
    books.bank.refresh_from_db()
    assert books.bank.name == "Main bank"


def test_an_account_cannot_stand_under_itself(client, accountant, books):
    heading = AccountFactory(code="5000", name="Costs")
    below = AccountFactory(code="5010", name="Freight", parent=heading)
    facts = {"code": "5000", "name": "Costs", "kind": "expense", "parent": below.pk}

    response = client.post(reverse("accounting:account-edit", args=[heading.pk]), facts)

    assert "cannot stand under itself" in response.content.decode()


# --- Journal --------------------------------------------------------------------------------


def test_the_journal_finds_an_entry_by_its_number_text_or_payee(client, accountant, books):
    entries = [books.sell(text=f"Sale {n}", payee=f"Customer {n}") for n in range(3)]

    def found(words):
        listing = client.get(reverse("accounting:journalentry-list"), {"q": words})
        return [row.record for row in listing.context["page"].rows]

    assert found(entries[1].reference) == [entries[1]]
    assert found(entries[1].reference.lower()) == [entries[1]]
    assert found("sale 2") == [entries[2]]
    assert found("Customer 0") == [entries[0]]


def test_the_journal_shows_what_each_entry_moved(client, accountant, books):
    books.sell("1234.5")

    response = client.get(reverse("accounting:journalentry-list"))

    assert "1,234.50" in response.content.decode()
    assert "amount" not in response.context["pages"].sortable


def test_counting_the_journal_sums_no_lines(client, accountant, books):
    books.sell()

    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("accounting:journalentry-list"))

    counts = [q["sql"] for q in queries if "COUNT(*)" in q["sql"] and "journalentry" in q["sql"]]
    assert counts
    assert not any("journalline" in sql for sql in counts)


def test_an_entry_shows_its_lines_its_seal_and_its_reversal(client, accountant, books):
    entry = books.sell("42")
    reverse_url = reverse("accounting:journalentry-reverse", args=[entry.pk])

    asked = client.get(reverse_url)
    client.post(reverse_url, {"date": "2024-05-20", "why": "wrong customer"})
    shown = page_of(client, "accounting:journalentry-detail", entry.pk)
    reversal = JournalEntry.objects.get(reverses=entry)
    other = page_of(client, "accounting:journalentry-detail", reversal.pk)

    assert asked.context["form"].initial["date"]
    assert reversal.date == date(2024, 5, 20)
    assert "wrong customer" in reversal.text
    assert all(words in shown for words in (entry.hash, "42.00", f"Taken back by {reversal}"))
    assert f"Takes back {entry}" in other
    assert entry.hash in other


def test_an_entry_is_reversed_once(client, accountant, books):
    entry = books.sell()
    address = reverse("accounting:journalentry-reverse", args=[entry.pk])

    client.post(address, {"date": "2024-05-20"})
    again = client.post(address, {"date": "2024-05-21"})

    assert "is reversed already" in again.content.decode()
    assert JournalEntry.objects.count() == 2


def test_a_reversal_before_its_entry_is_refused_at_the_date(client, accountant, books):
    entry = books.sell()
    address = reverse("accounting:journalentry-reverse", args=[entry.pk])

    response = client.post(address, {"date": "2024-05-01"})

    assert response.context["form"].errors["date"]


def test_reverse_and_copy_opens_the_copy_to_be_corrected(client, accountant, books):
    entry = books.sell("42")
    address = reverse("accounting:journalentry-reverse-and-copy", args=[entry.pk])

    response = client.post(address, follow=True)
    client.post(address)

    draft = EntryDraft.objects.get()
    assert JournalEntry.objects.get(reverses=entry).date == entry.date
    assert draft.date == entry.date
    assert 'value="42.00"' in response.content.decode()


def test_a_copy_out_of_a_closed_period_is_dated_today(books):
    entry = books.sell("42")
    for month in range(1, 6):
        close_period(books.period(month), by=books.user)

    draft = reverse_and_copy(JournalEntry.objects.get(), on=date(2024, 6, 3), by=books.user)

    assert draft.date == date(2024, 6, 3)
    assert JournalEntry.objects.get(reverses=entry).date == date(2024, 6, 3)


@pytest.mark.parametrize("verb", ["duplicate", "save-as-template"])
def test_an_entry_can_be_begun_again(client, accountant, books, verb):
    entry = books.sell(text="Rent of the quay")

    client.post(reverse(f"accounting:journalentry-{verb}", args=[entry.pk]))

    draft = EntryDraft.objects.get()
    assert [line.amount for line in draft.lines.all()] == [Decimal(100), Decimal(-100)]
    assert bool(draft.template_name) is (verb == "save-as-template")


@pytest.mark.parametrize("verb", ["reverse-and-copy", "duplicate", "save-as-template", "reverse"])
def test_who_only_reads_corrects_nothing(client, books, verb):
    entry = books.sell()
    client.force_login(staff("Auditor"))

    answer = client.post(reverse(f"accounting:journalentry-{verb}", args=[entry.pk]))

    assert answer.status_code == 403
    assert JournalEntry.objects.count() == 1
    assert verb.replace("-", " ") not in page_of(
        client, "accounting:journalentry-detail", entry.pk
    )
