"""Statements on screen: trial balance, ledger of an account, the proof."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.apps import apps
from django.urls import reverse

from accounting.posting import credit, debit
from backoffice.access import Level, Reach
from backoffice.models import Assignment, Grant, Role
from tests.factories import DepartmentFactory, RootDepartmentFactory, staff
from tests.factories.accounting import A_DAY_IN_MAY, AccountFactory


def page_of(client, name: str, *args, **query) -> str:
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def rows_of(response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode())))


def test_the_trial_balance_of_a_day_proves_itself(client, accountant, books):
    books.sell("100", on=date(2024, 3, 31))
    books.sell("50", on=date(2024, 4, 1))

    then = client.get(reverse("accounting:trial-balance"), {"on": "2024-03-31"})

    balance = then.context["balance"]
    assert (balance.debit, balance.credit) == (Decimal(100), Decimal(100))
    assert "Debits equal credits" in then.content.decode()


def test_each_figure_opens_the_lines_it_is_made_of(client, accountant, books):
    books.sell("100", on=date(2024, 3, 31))
    books.sell("50", on=date(2024, 4, 1))
    shown = client.get(
        reverse("accounting:trial-balance"), {"on": "2024-04-30", "compare": "2024-03-31"}
    )
    line = shown.context["sections"][0]["rows"][0]

    now, before = client.get(line["url"]), client.get(line["before_url"])

    assert now.context["page"].closing == line["row"].balance == Decimal(150)
    assert before.context["page"].closing == line["before"] == Decimal(100)


def test_the_trial_balance_of_a_department(client, accountant, books):
    quay = DepartmentFactory(name="Quay")
    bank, sales = debit(books.bank, 70), credit(books.sales, 70, department=quay)
    books.sell("70", lines=[bank, sales])

    asked = {"on": "2024-12-31", "department": quay.pk}
    shown = client.get(reverse("accounting:trial-balance"), asked)
    (line,) = shown.context["sections"][0]["rows"]

    assert (line["row"].code, line["row"].credit) == ("4000", Decimal(70))
    assert client.get(line["url"]).context["page"].closing == Decimal(-70)
    assert "need not balance" in shown.content.decode()


def test_the_trial_balance_as_a_file(client, accountant, books):
    books.sell("100")
    address = reverse("accounting:trial-balance-export", args=["csv"])

    _header, *rows = rows_of(client.get(address, {"on": "2024-12-31"}))

    assert rows == [
        ["1000", "Bank", "asset", "0.00", "100.00", "100.00", "0.00", "100.00"],
        ["4000", "Sales", "income", "0.00", "-100.00", "0.00", "100.00", "-100.00"],
    ]


def test_the_trial_balance_on_paper(client, accountant, books):
    books.sell("100")
    address = reverse("accounting:trial-balance-export", args=["pdf"])

    response = client.get(address, {"on": "2024-12-31"})

    assert response.content.startswith(b"%PDF")
    assert address in page_of(client, "accounting:trial-balance")


def test_a_statement_is_had_in_no_other_format(client, accountant, books):
    ledger = reverse("accounting:general-ledger-export", args=[books.bank.pk, "exe"])
    balance = reverse("accounting:trial-balance-export", args=["exe"])

    assert {client.get(ledger).status_code, client.get(balance).status_code} == {400}


@pytest.mark.parametrize(
    "query", [{"on": "yesterday"}, {"compare": "31.12."}, {"department": "999999"}]
)
def test_a_day_or_department_that_is_none_is_a_bad_request(client, accountant, query):
    assert client.get(reverse("accounting:trial-balance"), query).status_code == 400


def test_an_empty_trial_balance_says_what_to_do(client, accountant):
    assert "Nothing has moved" in page_of(client, "accounting:trial-balance")


def test_the_ledger_is_read_forwards_and_backwards(client, accountant, books):
    for n in range(1, 121):
        books.sell(str(n), on=date(2024, 1 + n % 12, 1))
    address = reverse("accounting:general-ledger", args=[books.bank.pk])

    first = client.get(address)
    pages = {str(label): url for _icon, label, url in first.context["beside"]}
    second = client.get(address + pages["Next page"])
    last = client.get(address + pages["Last page"])
    before = {str(label): url for _icon, label, url in last.context["beside"]}
    third = client.get(address + before["Previous page"])

    assert set(pages) == {"Next page", "Last page"}
    assert set(before) == {"First page", "Previous page"}
    assert second.context["page"].opening == first.context["page"].closing
    assert last.context["page"].closing == sum(range(1, 121))
    assert third.context["page"].closing == last.context["page"].opening


def test_the_ledger_of_some_days_begins_with_what_was_there(client, accountant, books):
    books.sell("100", on=date(2024, 1, 5))
    books.sell("50", on=date(2024, 2, 5))
    address = reverse("accounting:general-ledger", args=[books.bank.pk])

    page = client.get(address, {"from": "2024-02-01", "to": "2024-02-29"}).context["page"]

    assert (page.opening, page.closing, len(page.rows)) == (Decimal(100), Decimal(150), 1)


def test_the_form_of_the_ledger_asks_for_the_days_typed(client, accountant, books):
    for month in range(1, 13):
        for _n in range(10):
            books.sell("1", on=date(2024, month, 5))
    address = reverse("accounting:general-ledger", args=[books.bank.pk])
    names = [field.name for field in client.get(address).context["form"]]

    shown = client.get(address, dict(zip(names, ("2024-02-01", "2024-11-30"), strict=False)))
    pages = {str(label): url for _icon, label, url in shown.context["beside"]}
    last = client.get(address + pages["Last page"])

    assert (shown.context["page"].opening, len(shown.context["page"].rows)) == (10, 50)
    assert 'name="from" value="2024-02-01"' in last.content.decode()
    assert (last.context["page"].closing, len(last.context["page"].rows)) == (110, 50)


@pytest.mark.parametrize(
    "query", [{"after": "nonsense"}, {"from": "x"}, {"from": "2024-02-01", "to": "2024-01-01"}]
)
def test_a_place_that_is_none_is_a_bad_request(client, accountant, books, query):
    address = reverse("accounting:general-ledger", args=[books.bank.pk])

    assert client.get(address, query).status_code == 400


def test_the_ledger_as_a_file_holds_every_line(client, accountant, books):
    for _n in range(60):
        books.sell("1")
    address = reverse("accounting:general-ledger-export", args=[books.bank.pk, "csv"])

    _header, *rows = rows_of(client.get(address))

    assert len(rows) == 60
    assert rows[-1][-1] == "60.00"


def test_a_heading_leads_to_the_accounts_below(client, accountant, books):
    heading = AccountFactory(code="5000", name="Costs")
    AccountFactory(code="5010", name="Freight", parent=heading)

    assert "5010 Freight" in page_of(client, "accounting:general-ledger", heading.pk)


def test_statements_are_for_readers_of_the_whole_books(client, books):
    user, role = staff(), Role.objects.create(name="Own department")
    Grant.objects.create(role=role, area="accounting", level=Level.VIEW, reach=Reach.DEPARTMENT)
    Assignment.objects.create(
        user=user, role=role, department=RootDepartmentFactory(), starts_on=date(2020, 1, 1)
    )
    client.force_login(user)

    names = ("trial-balance", "chart", "proof")
    assert {client.get(reverse(f"accounting:{name}")).status_code for name in names} == {403}
    ledger = reverse("accounting:general-ledger", args=[books.bank.pk])
    assert client.get(ledger).status_code == 404


def test_the_proof_is_run_when_asked_for(client, accountant, books):
    books.sell()

    before, after = (client.get(reverse("accounting:proof"), q) for q in ({}, {"run": "1"}))

    assert "Not checked yet" in before.content.decode()
    assert after.context["all_hold"]
    assert len(after.context["findings"]) > 5
    parts = after.context["parts"]
    assert sum(len(found) for _title, _url, found in parts) == len(after.context["findings"])
    assert all(client.get(url).status_code == 200 for _title, url, _found in parts)


def test_each_screen_of_the_menu_answers(client, accountant, books):
    books.sell(on=A_DAY_IN_MAY)

    for screen in apps.get_app_config("accounting").screens:
        assert client.get(screen.url, follow=True).status_code == 200, screen.label
