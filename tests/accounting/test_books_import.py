"""`books_import`: a journal into the books by one command."""

import csv
import json
from collections import defaultdict
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db.models import Sum

from accounting.models import Account, JournalEntry, JournalLine
from tests.factories import CompanyFactory, RootDepartmentFactory

pytestmark = pytest.mark.django_db

EXAMPLE = Path(settings.BASE_DIR).parent / "shared/data/books/journals/beancount_example_lines.csv"
needs_example = pytest.mark.skipif(
    not EXAMPLE.exists(), reason="the example journal is not beside the project (../shared)"
)


@pytest.fixture(autouse=True)
def office():
    CompanyFactory(currency_id="USD", country="US")
    RootDepartmentFactory()


def books_import(path, *words):
    out, err = StringIO(), StringIO()
    try:
        call_command("books_import", str(path), *words, stdout=out, stderr=err)
        code = 0
    except SystemExit as end:
        code = end.code
    return code, out.getvalue(), err.getvalue()


@pytest.fixture
def journal(tmp_path):
    def written(text):
        path = tmp_path / "journal.csv"
        path.write_text(text)
        return path

    return written


GOOD = "1,2026-01-05,Assets:Cash,5\n1,2026-01-05,Income:Tea,-5\n"
BAD = "2,2026-01-05,Assets:Cash,5\n2,2026-01-05,Income:Tea,-4\n"
HEAD = "entry,date,account,amount\n"


def test_good_entries_are_posted_and_counted(journal):
    code, said, _err = books_import(journal(HEAD + GOOD), "--create-accounts", "--json")

    assert code == 0
    assert json.loads(said) == {"read": 1, "posted": 1, "already": 0, "held": 0, "refused": []}


def test_one_refusal_posts_nothing_and_exits_1(journal):
    code, said, complaint = books_import(journal(HEAD + GOOD + BAD), "--create-accounts", "--json")

    assert code == 1
    assert "nothing was posted" in complaint
    assert json.loads(said) == {
        "read": 2,
        "posted": 0,
        "already": 0,
        "held": 1,
        "refused": [
            {
                "entry": "2",
                "reason": "Row 4: the entry does not balance, its rows sum to 1.",
            }
        ],
    }
    assert not JournalEntry.objects.exists()
    assert not Account.objects.exists()


def test_a_refusal_may_be_skipped(journal):
    path = journal(HEAD + GOOD + BAD)

    code, said, _err = books_import(path, "--create-accounts", "--skip-refused")

    assert code == 0
    assert "refused  2: Row 4" in said
    assert "2 entries read: 1 posted" in said


def test_a_dry_run_posts_nothing(journal):
    code, said, _err = books_import(
        journal(HEAD + GOOD), "--create-accounts", "--dry-run", "--json"
    )

    assert (code, json.loads(said)["held"]) == (0, 1)
    assert not JournalEntry.objects.exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"entry,date,amount\n1,2026-01-05,5\n", "lacks a column for: account"),
        (b"", "is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "no text|not UTF-8"),
        ((HEAD + GOOD).encode() + b"2,2026-01-05,Caf\xe9,5\n", "Row 4 is not UTF-8"),
        ((HEAD + GOOD).encode("utf-16"), "UTF-16"),
        ((HEAD + GOOD).encode() + b"2,2026-01-05,A,5,6,7\n", "Row 4 has 6 cells"),
    ],
)
def test_a_file_that_is_no_journal_is_refused_and_nothing_stored(tmp_path, content, sentence):
    path = tmp_path / "journal.csv"
    path.write_bytes(content)

    code, said, complaint = books_import(path, "--create-accounts", "--skip-refused")

    assert code == 2
    assert any(part in complaint for part in sentence.split("|"))
    assert not said
    assert not JournalEntry.objects.exists()


def test_a_file_over_the_limit_is_refused(journal, settings):
    settings.LARGEST_IMPORT = 50

    code, _said, complaint = books_import(journal(HEAD + GOOD * 9))

    assert code == 2
    assert "Split it, for example by year" in complaint


def test_a_file_that_is_not_there_is_refused(tmp_path):
    code, _said, complaint = books_import(tmp_path / "nowhere.csv")

    assert code == 2
    assert "No such file" in complaint


def independent_reading():
    """What the example's entries wholly in cents of USD come to, read without our code."""
    entries, sums, count = defaultdict(list), defaultdict(Decimal), 0
    with EXAMPLE.open(newline="") as file:
        for row in csv.DictReader(file):
            entries[row["entry"]].append(row)
    for rows in entries.values():
        weights = [Decimal(row["base_weight"]) for row in rows]
        in_usd = all(row["base_currency"] == "USD" for row in rows)
        if in_usd and sum(weights) == 0 and all(w == w.quantize(Decimal("0.01")) for w in weights):
            count += 1
            for row, weight in zip(rows, weights, strict=True):
                sums[row["account"]] += weight
    return len(entries), count, dict(sums)


@needs_example
def test_the_three_year_journal_comes_in_to_the_cent():
    read, good, sums = independent_reading()

    code, said, _err = books_import(EXAMPLE, "--create-accounts", "--skip-refused", "--json")

    answer = json.loads(said)
    assert code == 0
    assert (answer["read"], answer["posted"]) == (read, good) == (1146, 883)
    assert len(answer["refused"]) == read - good
    assert all(refused["reason"].startswith("Row ") for refused in answer["refused"])
    found = JournalLine.objects.values_list("account__name").annotate(Sum("amount"))
    assert dict(found) == sums


@needs_example
def test_the_three_year_journal_comes_in_once():
    books_import(EXAMPLE, "--create-accounts", "--skip-refused")

    code, said, _err = books_import(EXAMPLE, "--create-accounts", "--skip-refused", "--json")

    answer = json.loads(said)
    assert (code, answer["posted"], answer["already"]) == (0, 0, 883)


@needs_example
def test_with_rounding_the_fine_amounts_come_in_too():
    rounding = Account.objects.create(code="5999", name="Rounding", kind="expense")

    code, said, _err = books_import(
        EXAMPLE, "--create-accounts", "--skip-refused", "--rounding-account", "5999", "--json"
    )

    answer = json.loads(said)
    assert code == 0
    assert answer["posted"] == 883 + 179
    assert all("the books are in USD" in refused["reason"] for refused in answer["refused"])
    assert JournalLine.objects.aggregate(Sum("amount"))["amount__sum"] == 0
    assert set(rounding.lines.values_list("text", flat=True)) <= {"Rounding"}
