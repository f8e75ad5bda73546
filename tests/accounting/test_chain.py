"""The chain: what the hash covers, and that it can be recomputed from what is stored."""

import json
from hashlib import sha256

import pytest

from accounting.blocks import post_block
from accounting.chain import canonical_text, link
from accounting.models import JournalEntry
from accounting.posting import credit, debit
from backoffice.models import NumberSeries
from tests.accounting.test_posting import plain


def stored_text(entry):
    entry = JournalEntry.objects.get(pk=entry.pk)
    return canonical_text(entry, entry.lines.order_by("position"))


def test_the_canonical_text_is_the_documented_one(books):
    entry = books.sell("5", source_key="k", payee="Bluefin", text='A "b" – ü')

    assert json.loads(stored_text(entry)) == [
        "v1",
        "JE",
        2024,
        1,
        "2024-05-15",
        "normal",
        'A "b" – ü',
        "k",
        None,
        entry.posted_at.isoformat(timespec="microseconds"),
        books.user.pk,
        [
            [1, books.bank.pk, books.root.pk, None, "5.0000", None, None, ""],
            [2, books.sales.pk, books.root.pk, None, "-5.0000", None, None, ""],
        ],
    ]
    assert "\n" not in stored_text(entry)


def test_each_entry_names_the_hash_of_the_one_before(books):
    first, second = books.sell(), books.sell()

    assert first.previous_hash == ""
    assert first.hash == sha256(stored_text(first).encode()).hexdigest()
    assert second.previous_hash == first.hash
    assert second.hash == link(first.hash, stored_text(second))
    assert NumberSeries.objects.get().head == second.hash


def test_the_hash_of_an_imported_entry_is_made_the_same_way(real_books):
    post_block([plain(real_books, "a"), plain(real_books, "b")], by=real_books.user)

    first, second = JournalEntry.objects.order_by("number")
    assert second.hash == link(first.hash, stored_text(second))


@pytest.mark.parametrize(
    "change", ["number", "text", "source_key", "posted_by_id", "kind", "reverses_id", "series"]
)
def test_the_hash_covers_each_fact(books, change):
    entry = books.sell()
    before = canonical_text(entry, entry.lines.all())

    setattr(entry, change, 99)

    assert canonical_text(entry, entry.lines.all()) != before


def test_the_hash_leaves_out_the_payee(books):
    entry = books.sell(payee="Somebody")

    entry.payee = ""

    assert stored_text(entry) == canonical_text(entry, entry.lines.order_by("position"))


def test_an_amount_in_another_currency_is_covered(books):
    entry = books.sell(
        lines=[
            debit(books.dollars, 5, currency=books.usd, currency_amount=6, text="tip"),
            credit(books.bank, 5),
        ]
    )

    first_line = json.loads(stored_text(entry))[-1][0]
    assert first_line[4:] == ["5.0000", "USD", "6.0000", "tip"]
