"""Abuse of the books, cases D01 to D05: what is posted balances, stays, and happens once.

The guards themselves are dropped one by one in `tests/accounting/test_guards.py`; here they are
tried from every door.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from decimal import Decimal
from threading import Event, Thread
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from accounting import years
from accounting.journal_import import JournalOptions, import_journal
from accounting.models import JournalEntry, JournalLine, Period
from accounting.posting import credit, debit, post
from backoffice import files
from backoffice.errors import Refused
from backoffice.models import Attachment
from tests.abuse.proof import browser_of
from tests.accounting.test_entry_form import RENT, written
from tests.backoffice.uploads import attach
from tests.factories import staff
from tests.factories.accounting import A_DAY_IN_MAY, raw_entry, raw_lines

WRONG = {
    "unbalanced": ({"account": "6000", "debit": "5"}, {"account": "1000", "credit": "4.99"}),
    "one line": ({"account": "6000", "debit": "5"},),
    "no line": (),
}
AMOUNTS = {"unbalanced": ("5", "-4.99"), "one line": ("5",), "no line": ()}
HEAD = ("entry", "date", "account", "amount")


@pytest.fixture
def bookkeeper(client, books):
    user = staff("Bookkeeper")
    client.force_login(user)
    return user


def raw_sql(books, amounts) -> None:
    """The same written by hand."""
    entry = raw_entry(books, line_count=max(len(amounts), 2))
    with connection.cursor() as cursor:
        for position, amount in enumerate(amounts, start=1):
            cursor.execute(
                "insert into accounting_journalline (entry_id, position, date, account_id,"
                " department_id, amount, text) values (%s, %s, %s, %s, %s, %s, '')",
                [entry.pk, position, entry.date, books.bank.pk, books.root.pk, amount],
            )


# --- D01 ------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", WRONG)
def test_the_form_posts_no_entry_that_is_none(client, bookkeeper, what):
    """D01"""
    address = reverse("accounting:entry-write", args=[uuid4()])

    answer = client.post(address, written(*WRONG[what]))

    assert answer.status_code == 200
    assert not JournalEntry.objects.exists()


@pytest.mark.parametrize("what", ["unbalanced", "one line"])
def test_an_import_posts_no_entry_that_is_none(books, what):
    """D01"""
    accounts = ("6000", "1000")
    rows = [
        (n, dict(zip(HEAD, ("1", "2024-05-15", account, amount), strict=True)))
        for n, (account, amount) in enumerate(zip(accounts, AMOUNTS[what], strict=False), start=2)
    ]

    outcome = import_journal(rows, by=None, options=JournalOptions())

    assert (outcome.posted, len(outcome.refused)) == (0, 1)
    assert not JournalEntry.objects.exists()


def test_the_admin_has_no_page_to_add_or_change_an_entry(books):
    """D01, D02"""
    entry, browser = books.sell(), browser_of(staff("Owner"))
    path = reverse("admin:accounting_journalentry_change", args=[entry.pk])

    added = browser.post("/admin/accounting/journalentry/add/", {"text": "Cooked"})
    changed = browser.post(path, {"text": "Cooked", "lines-0-amount": "9"})
    deleted = browser.post(path.replace("change", "delete"), {"post": "yes"})

    entry.refresh_from_db()
    assert {added.status_code, changed.status_code, deleted.status_code} <= {403, 404}
    assert (entry.text, JournalEntry.objects.count()) == ("Sale", 1)


@pytest.mark.parametrize("what", AMOUNTS)
@pytest.mark.parametrize("door", ["act", "bulk", "sql"])
def test_no_door_below_the_form_posts_an_entry_that_is_none(real_books, door, what):
    """D01"""
    amounts = [Decimal(amount) for amount in AMOUNTS[what]]
    accounts = (real_books.rent, real_books.bank)
    lines = list(zip(accounts, amounts, strict=False))

    def by_act():
        given = [debit(a, n) if n > 0 else credit(a, -n) for a, n in lines]
        post(on=A_DAY_IN_MAY, text="Cooked", lines=given, by=None)

    def by_bulk():
        raw_entry(real_books, *lines, line_count=max(len(lines), 2))

    doors = {"act": by_act, "bulk": by_bulk, "sql": lambda: raw_sql(real_books, amounts)}
    with pytest.raises((Refused, DatabaseError)), transaction.atomic():
        doors[door]()

    assert not JournalEntry.objects.exists()


# --- D02 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: JournalEntry.objects.filter(pk=entry.pk).update(text="cooked"),
        lambda entry: JournalEntry.objects.filter(pk=entry.pk).update(posted_at="2020-01-01T00Z"),
        lambda entry: JournalEntry.objects.filter(pk=entry.pk).delete(),
        lambda entry: JournalLine.objects.filter(entry=entry).update(amount=1),
        lambda entry: JournalLine.objects.filter(entry=entry).update(
            account=entry.lines.first().account_id
        ),
        lambda entry: JournalLine.objects.filter(entry=entry).delete(),
        lambda entry: entry.save(force_insert=False),
    ],
    ids=["text", "time", "delete", "amount", "account", "delete lines", "save"],
)
def test_what_is_posted_is_neither_edited_nor_deleted(real_books, change):
    """D02"""
    entry = real_books.sell()
    before = [list(m.objects.values().order_by("pk")) for m in (JournalEntry, JournalLine)]

    with pytest.raises(DatabaseError), transaction.atomic():
        change(JournalEntry.objects.get(pk=entry.pk))

    assert [list(m.objects.values().order_by("pk")) for m in (JournalEntry, JournalLine)] == before


def test_no_address_edits_or_takes_out_a_posted_entry(books):
    """D02: addresses that would, were they there, lead nowhere."""
    entry, browser = books.sell(), browser_of(staff("Owner"))

    for verb in ("edit", "delete", "unpost", "discard", "restore"):
        path = f"/accounting/journal/{entry.pk}/{verb}/"
        assert browser.post(path, {"text": "cooked"}).status_code == 404

    assert JournalEntry.objects.get().text == "Sale"


@pytest.mark.usefixtures("files_apart")
def test_what_proves_a_posted_entry_stays_with_it(books):
    """D02"""
    owner = staff("Owner")
    found = attach(books.sell(), owner)
    browser = browser_of(owner)

    browser.post(reverse("backoffice:file-remove", args=[found.key]))

    assert Attachment.objects.get().removed_at is None
    assert files.is_whole(found)
    for change in (
        lambda: Attachment.objects.all().delete(),
        lambda: Attachment.objects.update(name="x"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


# --- D03 ------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["the lines join", "the entry commits"])
@pytest.mark.parametrize("how_many", [1, 2])
def test_no_line_joins_an_entry_in_any_order(real_books, first, how_many):
    """D03: another connection adds to an entry before or after its own commits."""
    entered, may_commit, answers = Event(), Event(), []

    def enter():
        with transaction.atomic():
            entries.append(real_books.sell())
            entered.set()
            may_commit.wait(10)
        connection.close()

    def join():
        more = [(real_books.rent, 3), (real_books.bank, -3)][:how_many]
        try:
            with transaction.atomic():
                raw_lines(real_books, entries[0], *more, first=3)
        except DatabaseError as refusal:
            answers.append(refusal)
        connection.close()

    entries: list[JournalEntry] = []
    entering, joining = Thread(target=enter), Thread(target=join)
    entering.start()
    entered.wait(10)
    if first == "the entry commits":
        may_commit.set()
        entering.join()
    joining.start()
    joining.join(0.3)
    may_commit.set()
    for thread in (entering, joining):
        thread.join()

    assert len(answers) == 1
    assert JournalLine.objects.count() == 2
    assert sum(JournalLine.objects.values_list("amount", flat=True)) == 0


# --- D04 ------------------------------------------------------------------------------------


def close_until(books, month: int) -> None:
    for number in range(1, month + 1):
        years.close_period(books.period(number), by=books.user)


@pytest.mark.parametrize("door", ["form", "import", "act", "reverse", "sql"])
def test_nothing_enters_a_closed_period(real_books, door):
    """D04"""
    entry = real_books.sell()
    close_until(real_books, 5)
    browser = browser_of(staff("Bookkeeper"))
    rows = [("1", "2024-05-15", "6000", "5"), ("1", "2024-05-15", "1000", "-5")]
    back = reverse("accounting:journalentry-reverse", args=[entry.pk])
    doors = {
        "form": lambda: browser.post(
            reverse("accounting:entry-write", args=[uuid4()]), written(*RENT)
        ),
        "import": lambda: import_journal(
            [(n, dict(zip(HEAD, row, strict=True))) for n, row in enumerate(rows, start=2)],
            by=None,
            options=JournalOptions(),
        ),
        "act": real_books.sell,
        "reverse": lambda: browser.post(back, {"date": "2024-05-20"}),
        "sql": lambda: raw_entry(real_books, (real_books.rent, 5), (real_books.bank, -5)),
    }

    # A page says so in the page, an act and the database by refusing.
    with suppress(Refused, DatabaseError), transaction.atomic():
        doors[door]()

    assert JournalEntry.objects.count() == 1


def test_closing_waits_for_who_is_posting_by_the_form(real_books):
    """D04: either the entry is in the books when the period closes, or it is refused."""
    browser, address = (
        browser_of(staff("Bookkeeper")),
        reverse("accounting:entry-write", args=[uuid4()]),
    )
    close_until(real_books, 4)

    def click():
        try:
            return browser.post(address, written(*RENT)).status_code
        finally:
            connection.close()

    def close():
        try:
            years.close_period(real_books.period(5), by=None)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as hands:
        posting, closing = hands.submit(click), hands.submit(close)
        closing.result(), posting.result()

    period = Period.objects.get(starts_on=date(2024, 5, 1))
    late = JournalEntry.objects.filter(posted_at__gt=period.closed_at)
    assert not late.exists()
    assert JournalEntry.objects.count() == (posting.result() == 302)
