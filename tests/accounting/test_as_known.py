"""As known on a past day a statement is what it was that day, whatever came later."""

import json
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings

from accounting.ageing import ageing
from accounting.allocations import allocate, release
from accounting.models import Account
from accounting.open_items import open_items
from accounting.open_pages import Asked, open_page
from accounting.open_sums import Part
from accounting.posting import credit, debit, reverse_entry
from accounting.statements import trial_balance, whole_ledger
from accounting.tax_returns import (
    codes_of,
    corrections_of,
    figures_of,
    file_return,
    lines_without_code,
)
from accounting.trial_balance import of_year
from tests.accounting.test_ageing_machine import (
    FIRST,
    ROLES,
    books_of_two_parties,
    do,
    steps,
)
from tests.factories.backoffice import PartyFactory
from tests.factories.open_items import control_accounts, invoice, receipt
from tests.factories.taxes import a_return, tax, tax_accounts, taxed

YEAR_END = date(2024, 12, 31)


# --- Whatever happens later ------------------------------------------------------------------


def told(day, known):
    """What the statements say of a day, of now or as known at a moment."""
    balance = trial_balance(on=day, as_known=known)
    found = [balance.rows, of_year(balance, as_known=known)]
    for role in ROLES:
        account = Account.objects.get(role=role)
        aged = ageing(on=day, role=role, as_known=known)
        assert aged.ties, (day, known, aged)
        first = ageing(on=day, role=role, as_known=known, part=Part(most=1))
        assert (first.amounts, first.rows) == (aged.amounts, aged.rows[:1])
        page = open_page(Asked(account, day, as_known=known), most=500)
        items = open_items(on=day, role=role, as_known=known).order_by("due_on", "pk")
        assert [item.pk for item in page.items] == [item.pk for item in items]
        found += [aged, page.items, page.total]
        for choice in ({}, {"starts_on": day - timedelta(60)}):
            pages = whole_ledger(account, size=3, ends_on=day, as_known=known, **choice)
            found.append([(page.opening, page.rows) for page in pages])
    return found


@pytest.mark.django_db
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=steps)
def test_as_known_is_what_the_statements_said_then(db, steps):
    with transaction.atomic():
        books = books_of_two_parties()
        days = {FIRST + timedelta(days=step[1]) for step in steps[-2:]} | {YEAR_END}
        said = []
        for number, step in enumerate(steps):
            do(books, number, *step)
            said.append((timezone.now(), {day: told(day, None) for day in days}))
        for known, then in said:
            assert {day: told(day, known) for day in days} == then
        transaction.set_rollback(True)


# --- On screen, in files, on the command line -------------------------------------------------


@pytest.fixture
def late(books):
    """An invoice partly paid; later come another and the release of what was paid."""
    control_accounts()
    customer, before = PartyFactory(name="Quay & Sons"), timezone.now() - timedelta(days=40)
    with pytest.MonkeyPatch.context() as then:
        then.setattr(timezone, "now", lambda: before)
        owed = invoice(books, customer, "100", on=date(2024, 3, 1))
        paid = receipt(books, customer, "40", on=date(2024, 3, 5))
        settled = allocate(owed, paid, Decimal(40), on=date(2024, 3, 5), by=None)
    invoice(books, customer, "7", on=date(2024, 3, 2))
    release(settled, on=date(2024, 3, 6), by=None)
    return {"known": timezone.localdate(before, ZoneInfo(books.company.time_zone)).isoformat()}


def amounts_of(client, name, *args, **query):
    response = client.get(reverse(f"accounting:{name}", args=args), query)
    assert response.status_code == 200
    return response.context


def test_the_trial_balance_as_known_and_what_its_figures_open(client, accountant, books, late):
    shown = amounts_of(client, "trial-balance", on="2024-12-31", compare="2024-03-31", **late)
    now = amounts_of(client, "trial-balance", on="2024-12-31")

    rows = [row for section in shown["sections"] for row in section["rows"]]
    debtors = next(row for row in rows if row["row"].code == "1130")
    assert (debtors["row"].balance, debtors["before"]) == (60, 60)
    assert debtors["parts"].moved == 60
    assert client.get(debtors["url"]).context["page"].closing == 60
    assert client.get(debtors["before_url"]).context["page"].closing == 60
    assert client.get(debtors["moved_url"]).context["page"].total == 60
    assert now["balance"].debit == 107


def test_the_ledger_as_known(client, accountant, books, late):
    account = Account.objects.get(role="receivable")

    shown = amounts_of(client, "general-ledger", account.pk, **late)
    later = amounts_of(client, "general-ledger", account.pk, **{"from": "2024-03-03"} | late)

    assert [row.balance for row in shown["page"].rows] == [100, 60]
    assert (later["page"].opening, later["page"].closing) == (100, 60)
    assert (
        'name="known" value="' + late["known"]
        in client.get(
            reverse("accounting:general-ledger", args=[account.pk]), late
        ).content.decode()
    )


def test_the_ageing_as_known_and_what_its_figures_open(client, accountant, books, late):
    shown = amounts_of(client, "aged-receivables", on="2024-12-31", **late)
    (row,) = shown["rows"]
    items = client.get(row.url).context

    assert (shown["aged"].total, shown["aged"].control, shown["aged"].ties) == (60, 60, True)
    assert (items["total"], [line["amount"] for line in items["items"]]) == (60, [60])
    assert client.get(shown["ledger_url"]).context["page"].closing == 60
    assert client.get(items["ledger_url"]).context["page"].closing == 60
    assert client.get(items["ageing_url"]).context["aged"].total == 60
    now = amounts_of(client, "receivables", on="2024-12-31")
    assert sorted(line["amount"] for line in now["items"]) == [-40, 7, 100]


@pytest.mark.parametrize("name", ["trial-balance", "aged-receivables", "general-ledger"])
def test_a_file_holds_what_was_known(client, accountant, books, late, name):
    account = Account.objects.get(role="receivable")
    args = [account.pk, "csv"] if name == "general-ledger" else ["csv"]
    url = reverse(f"accounting:{name}-export", args=args)

    then, now = (
        b"".join(client.get(url, query).streaming_content).decode() for query in (late, {})
    )

    assert ("7.00" in now, "7.00" in then) == (True, False)


@pytest.mark.parametrize(
    "name", ["trial_balance", "general_ledger", "aged_receivables", "balance_sheet"]
)
def test_a_report_tells_what_was_known(books, late, name):
    words = ["--account", "1130"] if name == "general_ledger" else []
    output = StringIO()

    call_command("report", name, *words, "--as-known", late["known"], "--json", stdout=output)

    facts = json.loads(output.getvalue())
    assert facts["as_known"].startswith(late["known"])
    assert "7.00" not in output.getvalue()


def test_asked_for_nothing_the_queries_stay_those_of_the_months_kept(client, accountant, books):
    control_accounts()
    account = Account.objects.get(role="receivable")
    pages = [("trial-balance", []), ("aged-receivables", []), ("general-ledger", [account.pk])]

    with CaptureQueriesContext(connection) as queries:
        for name, args in pages:
            client.get(reverse(f"accounting:{name}", args=args))

    assert "posted_at <=" not in " ".join(query["sql"] for query in queries)


# --- Tax returns -----------------------------------------------------------------------------


def figures(found, known=None):
    corrections = [line.pk for line in corrections_of(found, known)]
    without = [line.pk for line in lines_without_code(found, known)]
    return figures_of(found, known), codes_of(found, known), corrections, without


def test_the_figures_of_a_draft_return_as_known(books):
    tax_accounts()
    code = tax(20, base_boxes="6", tax_boxes="1")
    found, said = a_return(), []

    def note():
        said.append((timezone.now(), figures(found)))

    note()
    first = taxed(books, 100, code)
    note()
    taxed(books, 50, code, on=date(2024, 3, 1))
    note()
    reverse_entry(first, on=date(2024, 6, 1), by=books.user)
    note()
    lines = [debit(books.bank, 33), credit("tax_on_sales", 33)]
    by_hand = books.sell(lines=lines)
    note()
    reverse_entry(by_hand, on=date(2024, 6, 2), by=books.user)
    note()

    assert [figures(found, known) for known, _then in said] == [then for _known, then in said]
    assert len({str(then) for _known, then in said}) == 5


def test_a_filed_return_stays_as_it_was_filed(client, accountant, books):
    tax_accounts()
    code = tax(20, base_boxes="6", tax_boxes="1")
    before = timezone.now()
    taxed(books, 100, code)
    filed = file_return(a_return(), on=date(2024, 7, 5), by=books.user)

    page = client.get(filed.get_absolute_url(), {"known": "2020-01-01"})

    assert [f.amount for f in figures_of(filed, before)] == [f.amount for f in figures_of(filed)]
    assert "form" not in page.context or 'name="known"' not in page.content.decode()
    assert page.context["as_known"] is None


def test_a_draft_return_on_screen_as_known(client, accountant, books):
    tax_accounts()
    taxed(books, 100, tax(20, base_boxes="6", tax_boxes="1"))
    url = a_return().get_absolute_url()

    then, now = client.get(url, {"known": "2020-01-01"}), client.get(url)
    wrong = client.get(url, {"known": "9999-12-31"})

    assert (then.context["codes"], len(now.context["codes"])) == ([], 1)
    line = f"{then.context['lines_url']}box=1"
    assert client.get(line).context["total"] == 0
    assert client.get(f"{now.context['lines_url']}box=1").context["total"] == 20
    assert wrong.status_code == 400
    assert "is no day of these books" in wrong.content.decode()
