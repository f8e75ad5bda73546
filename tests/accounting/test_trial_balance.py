"""Each balance in its parts, closing entries apart, the year after opening at nothing."""

import csv
import io
import json
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from accounting.models import Account
from accounting.posting import credit, debit
from accounting.statements import trial_balance
from accounting.trial_balance import of_year
from accounting.years import open_year_for
from tests.factories import DepartmentFactory
from tests.factories.accounting import AccountFactory

LAST, NEXT = date(2024, 12, 31), date(2025, 3, 31)


@pytest.fixture
def capital(books):
    open_year_for(NEXT, by=books.user)
    return AccountFactory(code="3000", name="Capital", kind="equity")


def close_the_year(books, capital, amount="100"):
    lines = [debit(books.sales, Decimal(amount)), credit(capital, Decimal(amount))]
    return books.sell(on=LAST, kind="closing", text="Close", lines=lines)


def parts_on(day, **facts):
    balance = trial_balance(on=day, department=facts.get("department"))
    year = of_year(balance, **facts)
    codes = dict(Account.objects.values_list("pk", "code"))
    return {
        codes[pk]: (part.opening, part.moved, part.closing) for pk, part in year.parts.items()
    }, year


def test_a_balance_is_what_was_brought_forward_and_what_moved(books, capital):
    books.sell("100")
    books.sell("30", on=NEXT)

    found, year = parts_on(NEXT)

    assert found == {"1000": (100, 30, 0), "4000": (-100, -30, 0)}
    assert (year.starts_on, year.has_closing) == (date(2025, 1, 1), False)
    assert year.carries_results


def test_closing_entries_stand_apart_from_what_moved(books, capital):
    books.sell("100")
    close_the_year(books, capital)

    found, year = parts_on(LAST)

    assert found == {"1000": (0, 100, 0), "3000": (0, 0, -100), "4000": (0, -100, 100)}
    assert year.has_closing


def test_after_a_closing_entry_results_open_at_nothing(books, capital):
    books.sell("100")
    close_the_year(books, capital)
    books.sell("30", on=NEXT)

    found, year = parts_on(NEXT)

    assert found == {"1000": (100, 30, 0), "3000": (-100, 0, 0), "4000": (0, -30, 0)}
    assert not year.has_closing
    assert not year.carries_results


def test_the_parts_of_a_department_are_its_own(books, capital):
    quay = DepartmentFactory(name="Quay")
    lines = [debit(books.bank, 70), credit(books.sales, 70, department=quay)]
    books.sell("70", lines=lines)

    found, _year = parts_on(LAST, department=quay)

    assert found == {"4000": (0, -70, 0)}


def test_the_page_has_a_column_of_closing_entries_only_where_there_are_any(
    client, accountant, books, capital
):
    books.sell("100")
    address = reverse("accounting:trial-balance")

    before = client.get(address, {"on": LAST.isoformat()}).content.decode()
    close_the_year(books, capital)
    after = client.get(address, {"on": LAST.isoformat()})

    assert "Closing entries" not in before
    assert "Closing entries" in after.content.decode()
    rows = [row for section in after.context["sections"] for row in section["rows"]]
    sales = next(row for row in rows if row["row"].code == "4000")
    for name, amount in (("moved_url", -100), ("closing_url", 100)):
        assert client.get(sales[name]).context["page"].total == amount
    assert client.get(sales["opening_url"]).context["page"].closing == 0


def test_a_year_nobody_closed_is_told_on_the_page(client, accountant, books, capital):
    books.sell("100")
    asked = {"on": NEXT.isoformat()}

    page = client.get(reverse("accounting:trial-balance"), asked).content.decode()

    assert "still hold earlier years" in page


def test_the_file_and_the_command_set_them_apart(client, accountant, books, capital):
    books.sell("100")
    close_the_year(books, capital)
    address = reverse("accounting:trial-balance-export", args=["csv"])
    out = StringIO()

    answer = client.get(address, {"on": LAST.isoformat()})
    call_command("report", "trial_balance", "--on", LAST.isoformat(), "--json", stdout=out)

    file = b"".join(answer.streaming_content).decode()
    header, *rows = csv.reader(io.StringIO(file))
    assert header[3:] == ["Opening", "Moved", "Closing entries", "Debit", "Credit", "Balance"]
    assert rows[-1][3:] == ["0.00", "-100.00", "100.00", "0.00", "0.00", "0.00"]
    told = json.loads(out.getvalue())["rows"][-1]
    assert (told["moved"], told["closing"], told["balance"]) == ("-100.00", "100.00", "0.00")
