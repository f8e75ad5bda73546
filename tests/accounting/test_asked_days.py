"""Days no books can hold, asked of every statement: the page stays and says so at the field."""

import pytest
from django.urls import reverse

DAYS = ("9999-12-31", "0001-01-01", "yesterday")
PAGES = (
    ("trial-balance", "on"),
    ("trial-balance", "compare"),
    ("aged-receivables", "on"),
    ("aged-payables", "on"),
    ("receivables", "on"),
    ("payables", "on"),
    ("general-ledger", "from"),
    ("general-ledger", "to"),
    ("account-detail", "to"),
    ("asset-register", "on"),
    ("balance-sheet", "on"),
    ("income-statement", "from"),
    ("cash-flow", "to"),
)


def address(books, name: str) -> str:
    args = [books.bank.pk] if name in ("general-ledger", "account-detail") else []
    return reverse(f"accounting:{name}", args=args)


def answer_to(client, url: str, name: str, value: str) -> str:
    response = client.get(url, {name: value})
    (sentence,) = response.context["form"].errors[name]
    page = response.content.decode()
    assert response.status_code == 400
    assert f'role="alert">{sentence}' in page
    assert f'name="{name}" value="{value}"' in page
    return page


@pytest.mark.parametrize(("name", "field"), PAGES)
def test_a_day_no_books_can_hold_is_said_at_its_field(client, accountant, books, name, field):
    books.sell()

    for day in DAYS:
        answer_to(client, address(books, name), field, day)


@pytest.mark.parametrize("month", ["9999-12", "0001-01", "2024-13", "yesterday"])
def test_a_month_no_books_can_hold_is_said_at_its_field(client, accountant, books, month):
    page = answer_to(client, reverse("accounting:depreciation-run"), "month", month)

    assert "Nothing is left to post" not in page


@pytest.mark.parametrize(
    "name", ["trial-balance", "aged-receivables", "asset-register", "general-ledger"]
)
@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_no_file_is_made_of_such_a_day(client, accountant, books, name, format):
    args = [books.bank.pk, format] if name == "general-ledger" else [format]
    url = reverse(f"accounting:{name}-export", args=args)
    field = "to" if name == "general-ledger" else "on"

    response = client.get(url, {field: "9999-12-31"})

    assert response.status_code == 400
    assert response.content.decode() == "9999-12-31 is no day of these books."


def test_what_is_asked_for_beside_the_day_is_kept(client, accountant, books):
    url = address(books, "general-ledger")
    asked = {"to": "9999-12-31", "department": books.root.pk}

    page = client.get(url, asked).content.decode()

    assert f'<input type="hidden" name="department" value="{books.root.pk}">' in page
