"""Receivables, payables, ageing and payments on screen."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounting import open_pages
from accounting.models import Payment
from accounting.open_items import open_items
from accounting.panels import owed
from accounting.payments import record_payment
from accounting.views import owed as owed_views
from accounting.years import open_year_for
from backoffice.access import Level, Reach
from backoffice.models import Grant, Role
from tests.factories import staff
from tests.factories.accounting import A_DAY_IN_MAY, AccountFactory
from tests.factories.backoffice import PartyFactory
from tests.factories.banking import an_own_account
from tests.factories.open_items import bill, control_accounts, invoice, receipt

KEY = "7f0ad2ad-cf4e-4a43-b0b2-14f4ba2f6e1d"


@pytest.fixture(autouse=True)
def accounts(books):
    open_year_for(timezone.localdate(), by=None)
    return control_accounts()


def page(client, name, *args, **query):
    response = client.get(reverse(f"accounting:{name}", args=args), query)
    assert response.status_code == 200
    return response


def test_open_items_are_listed_with_what_is_late(client, accountant, books):
    invoice(books, PartyFactory(name="Zoe"), "10", due_on=A_DAY_IN_MAY, reference="R-1")
    receipt(books, PartyFactory(name="Ann"), "7")

    response = page(client, "receivables", on="2024-05-17")

    shown = response.content.decode()
    assert "Zoe" in shown
    assert "2 days late" in shown
    assert "Credit" in shown
    assert response.context["total"] == 3


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"due": "overdue"}, ["Old"]),
        ({"due": "current"}, ["New"]),
        ({"due": "1-30"}, ["Old"]),
        ({"q": "new"}, ["New"]),
        ({"q": "R-OLD"}, ["Old"]),
        ({"q": "nobody"}, []),
    ],
)
def test_open_items_are_filtered(client, accountant, books, query, names):
    for name, due_on in (("Old", date(2024, 5, 20)), ("New", date(2024, 6, 20))):
        invoice(books, PartyFactory(name=name), "10", due_on=due_on, reference=f"R-{name}")

    response = page(client, "receivables", on="2024-06-10", **query)

    assert [row["item"].party for row in response.context["items"]] == names


@pytest.mark.parametrize("many", [2, 20])
def test_the_list_takes_the_same_queries_however_long_it_is(
    client, accountant, books, many, django_assert_max_num_queries
):
    for _n in range(many):
        bill(books, PartyFactory(), "10")

    with django_assert_max_num_queries(22):
        page(client, "payables")


def test_each_figure_of_the_ageing_opens_the_items_it_is_made_of(client, accountant, books):
    customer = PartyFactory()
    for days, amount in ((0, "1"), (10, "2"), (40, "4"), (70, "8"), (100, "16")):
        due_on = date(2024, 12, 31) - timedelta(days=days)
        invoice(books, customer, amount, due_on=due_on, reference="x")

    response = page(client, "aged-receivables", on="2024-12-31")

    (row,) = response.context["rows"]
    for figures in (row, *response.context["sums"]):
        for _label, amount, url in [*figures.cells, ("", figures.total, figures.url)]:
            assert client.get(url).context["total"] == amount
    assert "ties to" in response.content.decode()


def test_the_ageing_is_read_in_pages_with_the_sums_of_all(client, accountant, books, monkeypatch):
    monkeypatch.setattr(owed_views, "PAGE_SIZE", 2)
    for name, amount in (("Ann", "1"), ("Bob", "4"), ("Zoe", "2")):
        invoice(books, PartyFactory(name=name), amount)

    first = page(client, "aged-receivables", on="2024-12-31")
    second = page(client, "aged-receivables", on="2024-12-31", page=2)
    largest = page(client, "aged-receivables", on="2024-12-31", by="amount")
    beyond = page(client, "aged-receivables", on="2024-12-31", page=9)
    found = page(client, "aged-receivables", on="2024-12-31", q="zO")
    whole = page(client, "aged-receivables-export", "csv", on="2024-12-31", page=2)

    assert [row.name for row in first.context["rows"]] == ["Ann", "Bob"]
    assert [row.name for row in second.context["rows"]] == ["Zoe"]
    assert [row.name for row in largest.context["rows"]] == ["Bob", "Zoe"]
    assert [row.name for row in beyond.context["rows"]] == ["Ann", "Bob"]
    assert first.context["aged"].total == second.context["aged"].total == 7
    assert (found.context["aged"].total, len(found.context["rows"])) == (2, 1)
    assert whole.getvalue().decode().count("\n") == 4


def test_the_list_is_read_in_pages_and_counted_where_it_is_short(
    client, accountant, books, monkeypatch
):
    monkeypatch.setattr(owed_views, "PAGE_SIZE", 2)
    monkeypatch.setattr(open_pages, "STEPS", (3,))
    for day in (1, 2, 3, 4, 5):
        due_on = date(2024, 6, day)
        invoice(books, PartyFactory(), str(day), due_on=due_on, reference=f"R-{day}")

    read = [page(client, "receivables", on="2024-12-31", page=n) for n in (1, 2, 3, 4)]

    shown = [[row["item"].reference for row in one.context["items"]] for one in read]
    assert shown == [["R-1", "R-2"], ["R-3", "R-4"], ["R-5"], ["R-1", "R-2"]]
    assert [one.context["page"].count for one in read] == [None, 5, 5, None]
    assert {one.context["total"] for one in read} == {15}
    assert [bool(one.context["page"].following) for one in read] == [True, True, False, True]


def test_what_has_no_party_is_opened_too(client, accountant, books, accounts):
    from tests.factories.accounting import raw_entry

    raw_entry(books, (accounts["payable"], -5), (books.rent, 5))

    response = page(client, "aged-payables", on="2024-12-31")

    assert client.get(response.context["rows"][0].url).context["total"] == 5


def test_a_sum_over_parties_found_by_a_word_opens_their_items_alone(client, accountant, books):
    """A reference may hold the word as well; the sums of the ageing look at names."""
    invoice(books, PartyFactory(name="Oak Ltd"), "10", reference="R-1")
    invoice(books, PartyFactory(name="Elm Ltd"), "5", due_on=A_DAY_IN_MAY, reference="OAK-7")

    aged = page(client, "aged-receivables", on="2024-12-31", q="oak").context
    opened = client.get(aged["sums"][0].url).context

    assert aged["aged"].total == 10
    assert opened["total"] == 10


def test_the_file_holds_the_parties_that_were_asked_for(client, accountant, books):
    invoice(books, PartyFactory(name="Oak Ltd"), "10")
    invoice(books, PartyFactory(name="Elm Ltd"), "5")

    url = reverse("accounting:aged-receivables-export", args=["csv"])
    answer = client.get(url, {"on": "2024-12-31", "q": "oak"})
    text = b"".join(answer.streaming_content).decode()

    assert "Oak Ltd" in text
    assert "Elm Ltd" not in text


@pytest.mark.parametrize("format", ["csv", "xlsx", "pdf"])
def test_the_ageing_can_be_had_as_a_file(client, accountant, books, format):
    invoice(books, PartyFactory(name="Zoe"), "10")

    response = page(client, "aged-receivables-export", format, on="2024-12-31")

    assert response.getvalue()
    response.close()
    assert f"aged-receivables-2024-12-31.{format}" in response["Content-Disposition"]


@pytest.mark.parametrize("name", ["receivables", "aged-payables"])
def test_a_bad_day_is_a_bad_request(client, accountant, name):
    assert client.get(reverse(f"accounting:{name}"), {"on": "soon"}).status_code == 400


@pytest.mark.parametrize("name", ["receivables", "aged-payables"])
def test_who_sees_no_books_sees_nothing_of_it(client, books, name):
    client.force_login(staff("Receptionist"))

    assert client.get(reverse(f"accounting:{name}")).status_code == 403


# --- Payments -----------------------------------------------------------------------------------


def send(client, direction, party, **fields):
    name = {"in": "payment-receive-of", "out": "payment-pay-of"}[direction]
    return client.post(
        reverse(f"accounting:{name}", args=[party.pk]),
        {"on": "2024-06-03", "method": "transfer", "currency": "EUR", "key": KEY} | fields,
    )


def left(role="receivable"):
    return [item.open_amount for item in open_items(on=date(2024, 12, 31), role=role)]


def test_a_ticked_invoice_is_paid_whole(client, accountant, books):
    customer = PartyFactory()
    owed = invoice(books, customer, "120")
    asked = {"bank": books.bank.pk, f"pick_{owed.pk}": "on"}

    first = send(client, "in", customer, **asked)
    again = send(client, "in", customer, **asked)

    payment = Payment.objects.get()
    assert first.url == payment.get_absolute_url()
    assert payment.amount == 120
    assert left() == []
    assert again.status_code in (200, 302)


def test_a_part_with_discount_and_what_is_over_as_credit(client, accountant, books):
    supplier = PartyFactory()
    owed = bill(books, supplier, "100")

    send(
        client,
        "out",
        supplier,
        bank=books.bank.pk,
        amount="120",
        **{f"amount_{owed.pk}": "98", f"discount_{owed.pk}": "2"},
    )

    assert left("payable") == [Decimal(22)]


def test_a_discount_alone_settles_the_rest_by_money(client, accountant, books):
    supplier = PartyFactory()
    owed = bill(books, supplier, "100")

    send(client, "out", supplier, bank=books.bank.pk, **{f"discount_{owed.pk}": "2"})

    assert Payment.objects.get().amount == 98
    assert left("payable") == []


def test_what_is_wrong_is_said_and_nothing_is_stored(client, accountant, books):
    customer = PartyFactory()
    owed = invoice(books, customer, "100")

    nothing = send(client, "in", customer, bank=books.bank.pk)
    more = send(client, "in", customer, bank=books.bank.pk, **{f"amount_{owed.pk}": "101"})

    assert "Give the amount, or tick what is paid." in nothing.content.decode()
    assert "Only 100.00 of" in more.content.decode()
    assert not Payment.objects.exists()


def test_the_form_offers_discounts_and_credits(client, accountant, books):
    from accounting.open_items import set_due

    supplier, today = PartyFactory(), timezone.localdate()
    entry = bill(books, supplier, "100").entry
    set_due(
        entry,
        due_on=today,
        reference="B-1",
        discount_until=today,
        discount_percent=Decimal(2),
        by=None,
    )
    bill(books, supplier, "-30")

    response = page(client, "payment-pay-of", supplier.pk)

    rows = list(response.context["form"].item_rows)
    assert {(row.open_amount, row.discount, row.is_credit) for row in rows} == {
        (100, 2, False),
        (30, 0, True),
    }


def test_the_party_is_asked_first(client, accountant, books):
    customer = PartyFactory()

    assert "Continue" in page(client, "payment-receive").content.decode()
    response = client.get(reverse("accounting:payment-receive"), {"party": customer.pk})

    assert response.url == reverse("accounting:payment-receive-of", args=[customer.pk])


def test_a_payment_is_taken_back_on_its_page(client, accountant, books):
    payment = record_payment(
        direction="in",
        party=PartyFactory(),
        bank=books.bank,
        amount=Decimal(5),
        on=A_DAY_IN_MAY,
        by=books.user,
        source_key="x",
    )

    client.post(reverse("accounting:payment-take-back", args=[payment.pk]))

    assert "Taken back" in page(client, "payment-detail", payment.pk).content.decode()
    assert not open_items(on=timezone.localdate()).exists()


# --- On the dashboard and the page of the party --------------------------------------------------


def test_the_dashboard_says_what_is_late_and_what_is_due(client, accountant, books):
    invoice(books, PartyFactory(), "100", due_on=A_DAY_IN_MAY, reference="R-1")
    invoice(books, PartyFactory(), "20", due_on=date(2024, 7, 1), reference="R-2")
    bill(books, PartyFactory(), "30", due_on=date(2024, 6, 5), reference="B-1")

    found = list(owed(accountant, on=date(2024, 6, 1)))

    assert next((one.title, one.detail) for one in found) == (
        "€100 is overdue",
        "Of €120 owed to us",
    )
    assert found[1].title == "€30 of bills due"


def test_a_party_shows_what_it_owes_to_who_reads_the_books(client, books):
    party = PartyFactory()
    line = invoice(books, party, "100", due_on=A_DAY_IN_MAY, reference="R-1")
    url = party.get_absolute_url()

    client.force_login(staff("Accountant"))
    shown = client.get(url).content.decode()
    client.force_login(staff("Receptionist"))
    hidden = client.get(url).content.decode()

    assert "Owed to us" in shown
    assert line.entry.get_absolute_url() in shown
    assert "Owed to us" not in hidden


@pytest.mark.parametrize("direction", ["receive", "pay"])
def test_who_writes_in_one_department_alone_sees_nothing_of_a_payment(client, books, direction):
    role = Role.objects.create(name="Writes in one department")
    for area, reach in (("accounting", Reach.DEPARTMENT), ("directory", Reach.ALL)):
        Grant.objects.create(role=role, area=area, level=Level.EDIT, reach=reach)
    client.force_login(staff(role.name))
    customer = PartyFactory()
    invoice(books, customer, "777")

    of_party = client.get(reverse(f"accounting:payment-{direction}-of", args=[customer.pk]))
    assert of_party.status_code == 403
    assert client.get(reverse(f"accounting:payment-{direction}")).status_code == 403


def test_the_account_of_a_bank_is_offered_and_no_other_account(client, accountant, books):
    """It may have neither a role nor a currency of its own."""
    held = an_own_account().account
    other = AccountFactory(kind="asset")

    customer = PartyFactory()
    form = page(client, "payment-receive-of", customer.pk).context["form"]
    listed = page(client, "payment-list").context["filter_form"]

    assert held in form.fields["bank"].queryset
    assert other not in form.fields["bank"].queryset
    assert held.pk in dict(listed.fields["bank"].widget.choices)
    assert other.pk not in dict(listed.fields["bank"].widget.choices)
