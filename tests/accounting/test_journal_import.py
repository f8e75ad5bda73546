"""A journal from elsewhere: what comes in, what is refused and with which words."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounting.journal_import import import_journal
from accounting.journal_rows import JournalOptions
from accounting.models import Account, JournalEntry, JournalLine, Period
from accounting.years import open_year_for
from backoffice.errors import Refused
from tests.factories import CompanyFactory, DepartmentFactory, RootDepartmentFactory

pytestmark = pytest.mark.django_db

HEAD = "entry,date,account,amount"


@pytest.fixture(autouse=True)
def chart():
    CompanyFactory()
    RootDepartmentFactory()
    heading = Account.objects.create(code="1000", name="Assets", kind="asset")
    Account.objects.create(code="1100", name="Bank", kind="asset", parent=heading)
    Account.objects.create(code="4000", name="Sales", kind="income")
    Account.objects.create(code="6000", name="Rent", kind="expense")
    Account.objects.create(code="6900", name="Old", kind="expense", is_active=False)
    Account.objects.create(code="8050", name="Rounding", kind="expense")


def rows(text):
    """The rows of a small table, numbered as in a file."""
    header, *lines = [line.split(",") for line in text.strip().splitlines()]
    return [(n, dict(zip(header, line, strict=False))) for n, line in enumerate(lines, start=2)]


def bring_in(text, **options):
    return import_journal(rows(text), by=None, options=JournalOptions(**options))


def lines_of(entry):
    return [(line.account.name, line.amount) for line in entry.lines.select_related("account")]


def test_entries_are_posted_with_their_text_payee_and_department():
    sales = DepartmentFactory(code="SALES")

    outcome = bring_in(
        f"{HEAD},payee,narration,department\n"
        "a,2026-01-05,1100,100.00,Bluefin,Invoice 7,\n"
        "a,2026-01-05,Sales,-100,,,sales"
    )

    assert (outcome.read, outcome.posted, outcome.refused) == (1, 1, [])
    entry = JournalEntry.objects.get()
    assert (entry.date, entry.text, entry.payee) == (date(2026, 1, 5), "Invoice 7", "Bluefin")
    assert lines_of(entry) == [("Bank", Decimal(100)), ("Sales", Decimal(-100))]
    assert [line.department for line in entry.lines.all()] == [RootDepartmentFactory(), sales]


def test_an_account_is_found_by_code_or_by_its_name_after_its_headings():
    bring_in(f"{HEAD}\n1,2026-01-05,Assets:Bank,5\n1,2026-01-05,4000,-5")

    assert lines_of(JournalEntry.objects.get()) == [("Bank", Decimal(5)), ("Sales", Decimal(-5))]


def test_the_rows_of_an_entry_need_not_stand_together():
    outcome = bring_in(
        f"{HEAD}\n1,2026-01-05,1100,5\n2,2026-01-04,1100,7\n1,2026-01-05,4000,-5\n2,2026-01-04,4000,-7"
    )

    assert outcome.posted == 2
    assert list(JournalEntry.objects.order_by("number").values_list("date", flat=True)) == [
        date(2026, 1, 4),
        date(2026, 1, 5),
    ]


@pytest.mark.parametrize(
    ("second_row", "reason"),
    [
        ("1,2026-01-05,4000,-9.99", "Row 2: the entry does not balance, its rows sum to 0.01."),
        ("2,2026-01-05,4000,-10", "Row 2: an entry has two rows or more, this one stands alone."),
        ("1,2026-01-06,4000,-10", "Row 2: the rows of an entry have one date, here are several."),
        ("1,2026-01-05,4000,0.00", "Row 3: the amount is zero."),
        ("1,2026-01-05,4000,-10.001", "Row 3: -10.001 has more decimals than EUR has."),
        ("1,2026-01-05,4000,ten", "Row 3: “ten” is not a number."),
        ("1,2026-01-05,4000,1e3", "Row 3: “1e3” is not a number."),
        ("1,2026-01-05,4000,", "Row 3: “” is not a number."),
        ("1,2026-01-05,4000,-9999999999999999", "more than 15 digits before the point"),
        ("1,2026-02-30,4000,-10", "Row 3: “2026-02-30” is not a day"),
        ("1,05.01.2026,4000,-10", "Row 3: “05.01.2026” is not a day"),
        ("1,0026-01-05,4000,-10", "is no day of these books"),
        ("1,2026-01-05,9999,-10", "Row 3: there is no account 9999."),
        ("1,2026-01-05,1000,-10", "Row 3: 1000 is a heading: choose an account below it."),
        ("1,2026-01-05,6900,-10", "Row 3: the account 6900 is inactive."),
        ("1,2026-01-05,,-10", "Row 3: it names no account."),
        ("1,2026-01-05,4000,-10,Moon", "Row 3: there is no department “Moon”."),
        ("1,2026-01-05,4000,-10,,USD", "Row 3: it is in USD, the books are in EUR."),
        (f"1,2026-01-05,4000,-10,,,{'x' * 201}", "Row 3: its text is longer than 200"),
    ],
)
def test_a_bad_row_refuses_its_entry_with_row_and_sentence(second_row, reason):
    outcome = bring_in(
        f"{HEAD},department,currency,narration\n1,2026-01-05,1100,10\n{second_row}\n"
        "9,2026-01-05,1100,3\n9,2026-01-05,4000,-3"
    )

    assert reason in outcome.refused[0].reason
    assert outcome.posted == 0
    assert outcome.held == 1
    assert outcome.read == len(outcome.refused) + outcome.held
    assert not JournalEntry.objects.exists()
    assert not Period.objects.exists()


def test_a_row_without_an_entry_is_refused():
    outcome = bring_in(f"{HEAD}\n,2026-01-05,1100,10\n,2026-01-05,4000,-10")

    assert outcome.refused[0].reason == "Row 2: it does not say which entry it belongs to."
    assert set(outcome.refused_rows) == {2, 3}


def test_an_entry_in_a_closed_period_is_refused():
    open_year_for(date(2026, 1, 1), by=None)
    Period.objects.filter(starts_on="2026-01-01").update(closed_at=timezone.now())

    outcome = bring_in(
        f"{HEAD}\n1,2026-01-31,1100,5\n1,2026-01-31,4000,-5\n2,2026-02-01,1100,5\n2,2026-02-01,4000,-5",
        skip_refused=True,
    )

    assert [r.reason for r in outcome.refused] == ["Row 2: the period of 2026-01-31 is closed."]
    assert outcome.posted == 1


def test_a_day_far_from_all_others_is_refused_not_the_others():
    outcome = bring_in(
        f"{HEAD}\n1,2126-01-31,1100,5\n1,2126-01-31,4000,-5\n"
        "2,2026-02-01,1100,5\n2,2026-02-01,4000,-5\n3,2026-02-02,1100,5\n3,2026-02-02,4000,-5",
        skip_refused=True,
    )

    assert [r.entry for r in outcome.refused] == ["1"]
    assert "check the date" in outcome.refused[0].reason
    assert outcome.posted == 2


def test_the_good_entries_are_posted_when_told_to_skip_the_refused():
    outcome = bring_in(
        f"{HEAD}\n1,2026-01-05,1100,5\n1,2026-01-05,4000,-4\n2,2026-01-05,1100,5\n2,2026-01-05,4000,-5",
        skip_refused=True,
    )

    assert (outcome.read, outcome.posted, outcome.held, len(outcome.refused)) == (2, 1, 0, 1)


def test_the_same_entries_again_add_nothing_whatever_the_order_of_their_rows():
    text = f"{HEAD}\n1,2026-01-05,1100,5\n1,2026-01-05,4000,-5.00"
    bring_in(text)

    again = bring_in(f"{HEAD}\n1,2026-01-05,4000,-5\n1,2026-01-05,1100,5.0")

    assert (again.read, again.posted, again.already) == (1, 0, 1)
    assert JournalEntry.objects.count() == 1


def test_what_is_in_the_books_counts_as_such_even_if_its_account_is_closed_now():
    text = f"{HEAD}\n1,2026-01-05,1100,5\n1,2026-01-05,4000,-5"
    bring_in(text)
    Account.objects.filter(code="4000").update(is_active=False)

    assert bring_in(text).already == 1


def test_two_entries_that_say_the_same_are_two_entries():
    text = HEAD + "".join(f"\n{n},2026-01-05,1100,5\n{n},2026-01-05,4000,-5" for n in (1, 2))

    assert bring_in(text).posted == 2


def test_missing_accounts_are_created_flat_with_the_next_code_of_their_kind():
    outcome = bring_in(
        f"{HEAD}\n1,2026-01-05,Assets:Cash:Till,5\n1,2026-01-05,Income:Tips,-5\n"
        "2,2026-01-05,Expenses:Unused,5\n2,2026-01-05,Nowhere:Else,-5",
        create_accounts=True,
        skip_refused=True,
    )

    assert outcome.posted == 1
    made = Account.objects.filter(name__contains=":").values_list("code", "name", "kind", "parent")
    assert list(made) == [
        ("1101", "Assets:Cash:Till", "asset", None),
        ("4001", "Income:Tips", "income", None),
    ]
    assert "Nowhere:Else cannot be created" in outcome.refused[0].reason


def test_a_rehearsal_holds_everything_back():
    outcome = bring_in(
        f"{HEAD}\n1,2026-01-05,1100,5\n1,2026-01-05,Income:New,-5",
        is_rehearsal=True,
        create_accounts=True,
    )

    assert (outcome.held, outcome.posted) == (1, 0)
    assert not JournalEntry.objects.exists()
    assert not Account.objects.filter(name="Income:New").exists()


WORTH = f"{HEAD},currency,base_weight,base_currency"


def test_an_amount_in_another_currency_stays_beside_the_books_amount():
    bring_in(
        f"{WORTH}\n1,2026-01-05,1100,110.00,USD,100.00,EUR\n1,2026-01-05,4000,-100,EUR,-100,EUR"
    )

    line = JournalLine.objects.get(position=1)
    assert (line.amount, line.currency_id, line.currency_amount) == (100, "USD", 110)


def test_a_count_of_things_is_kept_in_the_text_of_the_line():
    bring_in(f"{WORTH}\n1,2026-01-05,1100,2.5,VTI,100.00,EUR\n1,2026-01-05,4000,-100,EUR,-100,EUR")

    line = JournalLine.objects.get(position=1)
    assert (line.amount, line.currency_id, line.text) == (100, None, "2.5 VTI")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,2026-01-05,1100,5,IRAUSD,5,IRAUSD", "it is in IRAUSD, the books are in EUR."),
        ("1,2026-01-05,1100,-5,USD,5,EUR", "one amount is a debit, the other a credit."),
        ("1,2026-01-05,1100,5.005,USD,5,EUR", "5.005 has more decimals than USD has."),
        ("1,2026-01-05,1100,6,EUR,5,EUR", "amount and base_weight are both in EUR and differ."),
        ("1,2026-01-05,1100,6,VTI,5.001,EUR", "5.001 has more decimals than EUR has."),
    ],
)
def test_what_a_row_is_worth_must_agree(row, reason):
    outcome = bring_in(f"{WORTH}\n{row}\n1,2026-01-05,4000,-5,EUR,-5,EUR")

    assert outcome.refused[0].reason == f"Row 2: {reason}"


def test_an_entry_out_in_its_one_foreign_currency_is_refused():
    outcome = bring_in(f"{WORTH}\n1,2026-01-05,1100,6,USD,5,EUR\n1,2026-01-05,4000,-7,USD,-5,EUR")

    assert outcome.refused[0].reason == "Row 2: the entry does not balance in its currency."


def test_rounding_is_a_line_people_see():
    outcome = bring_in(
        f"{HEAD}\n1,2026-01-05,1100,3.333\n1,2026-01-05,6000,3.333\n"
        "1,2026-01-05,8050,3.334\n1,2026-01-05,4000,-10",
        rounding_account="8050",
    )

    assert outcome.posted == 1
    last = JournalLine.objects.order_by("position").last()
    assert (last.account.code, last.amount, last.text) == ("8050", Decimal("0.01"), "Rounding")


def test_rounding_explains_no_more_than_it_rounded():
    outcome = bring_in(
        f"{HEAD}\n1,2026-01-05,1100,10.004\n1,2026-01-05,4000,-9.90\n"
        "2,2026-01-05,1100,10.00\n2,2026-01-05,4000,-9.99",
        rounding_account="8050",
    )

    assert [r.entry for r in outcome.refused] == ["1", "2"]
    assert "its rows sum to 0.104" in outcome.refused[0].reason


def test_what_rounds_to_nothing_is_refused():
    outcome = bring_in(
        f"{HEAD}\n1,2026-01-05,1100,0.004\n1,2026-01-05,4000,-0.004", rounding_account="8050"
    )

    assert outcome.refused[0].reason == "Row 2: the amount is zero."


@pytest.mark.parametrize("code", ["7777", "1000", "6900"])
def test_rounding_needs_an_account_that_takes_lines(code):
    with pytest.raises(Refused, match=code):
        bring_in(f"{HEAD}\n1,2026-01-05,1100,5", rounding_account=code)


def test_texts_of_single_rows_stay_with_their_lines():
    bring_in(
        f"{HEAD},payee,narration\n1,2026-01-05,1100,5,Ann,Rent and tea\n"
        "1,2026-01-05,6000,-4,Ann,Rent\n1,2026-01-05,4000,-1,Bob,Tea"
    )

    texts = JournalLine.objects.order_by("position").values_list("text", flat=True)
    assert list(texts) == ["", "Rent", "Tea · Bob"]


def test_who_listens_may_stop_it_and_nothing_is_left(monkeypatch):
    monkeypatch.setattr("accounting.staging.CHUNK", 2)
    heard = []

    def listen(done):
        heard.append(done)
        if done > 4:
            raise KeyboardInterrupt

    text = HEAD + "".join(f"\n{n},2026-01-05,1100,5\n{n},2026-01-05,4000,-5" for n in range(4))
    with pytest.raises(KeyboardInterrupt):
        import_journal(rows(text), by=None, options=JournalOptions(), progress=listen)

    assert heard == [2, 4, 6]
    assert not JournalEntry.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_class where relname like 'import_%%' and relpersistence = 't'"
        )
        assert cursor.fetchone() == (0,)


amounts = st.integers(-10_000, 10_000).filter(bool).map(lambda cents: Decimal(cents) / 100)
entries = st.lists(
    st.lists(
        st.tuples(st.sampled_from(["1100", "4000", "6000"]), amounts), min_size=1, max_size=4
    ),
    min_size=1,
    max_size=6,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(entries)
def test_exactly_the_balanced_entries_come_in(written):
    prefix = JournalEntry.objects.count()
    lines = [
        f"{prefix}-{n},2026-01-05,{account},{amount}"
        for n, entry in enumerate(written)
        for account, amount in entry
    ]

    outcome = bring_in("\n".join([HEAD, *lines]), skip_refused=True)

    balanced = [e for e in written if len(e) > 1 and sum(a for _account, a in e) == 0]
    assert outcome.posted + outcome.already == len(balanced)
    assert outcome.read == len(written)
    assert outcome.read == outcome.posted + outcome.already + outcome.held + len(outcome.refused)
