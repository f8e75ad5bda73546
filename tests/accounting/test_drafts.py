"""Drafts become an entry once, whatever people click; templates stay."""

from datetime import date
from decimal import Decimal

import pytest

from accounting.drafts import (
    discard_draft,
    draft_of,
    entry_from_draft,
    post_draft,
    restore_draft,
    save_draft,
)
from accounting.models import DraftLine, EntryDraft, JournalEntry
from backoffice.errors import Refused
from tests.accounting.test_posting import at_once
from tests.factories.accounting import A_DAY_IN_MAY, balances


def draft_lines(books, amount="40"):
    return [
        DraftLine(account=books.rent, amount=Decimal(amount), text="May"),
        DraftLine(account=books.bank, amount=-Decimal(amount)),
    ]


def written(books, **facts):
    draft = EntryDraft(**{"date": A_DAY_IN_MAY, "text": "Rent"} | facts)
    return save_draft(draft, by=books.user, lines=draft_lines(books))


def facts_of(record):
    names = ("account", "department", "party", "amount", "currency", "currency_amount", "text")
    return list(record.lines.order_by("position").values_list(*names))


def test_a_draft_is_posted_and_gone(books):
    draft = written(books)

    entry = post_draft(draft, by=books.user)

    assert (entry.text, entry.date, entry.source_key) == (
        "Rent",
        A_DAY_IN_MAY,
        f"draft:{draft.key}",
    )
    assert balances() == {"6000": 40, "1000": -40}
    assert not EntryDraft.objects.exists()


def test_posting_again_gives_the_same_entry(books):
    draft, same_in_another_tab = written(books), EntryDraft.objects.get()
    entry = post_draft(draft, by=books.user)

    assert post_draft(same_in_another_tab, by=books.user) == entry
    assert entry_from_draft(draft.key) == entry
    assert JournalEntry.objects.count() == 1


def test_a_double_click_posts_once(real_books):
    draft = written(real_books)

    entries = at_once(*[lambda: post_draft(draft, by=real_books.user)] * 4)

    assert {entry.pk for entry in entries} == {JournalEntry.objects.get().pk}


def test_saving_what_is_posted_is_refused(books):
    draft = written(books)
    post_draft(draft, by=books.user)

    with pytest.raises(Refused, match="already posted as JE-2024-00001"):
        save_draft(EntryDraft(key=draft.key), by=books.user, lines=draft_lines(books, "50"))


def test_two_tabs_write_the_same_draft(books):
    draft = written(books)

    save_draft(
        EntryDraft(key=draft.key, date=A_DAY_IN_MAY, text="Rent, corrected"),
        by=books.user,
        lines=draft_lines(books, "41"),
    )

    stored = EntryDraft.objects.get()
    assert (stored.text, stored.made_by) == ("Rent, corrected", books.user)
    assert [line.amount for line in stored.lines.all()] == [41, -41]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"date": None}, "Give the entry its date."),
        ({"template_name": "Rent"}, "“Rent” is a template: start an entry from it."),
    ],
)
def test_what_is_no_entry_yet_is_refused(books, change, sentence):
    draft = written(books, **change)

    with pytest.raises(Refused) as refusal:
        post_draft(draft, by=books.user)

    assert str(refusal.value) == sentence
    assert EntryDraft.objects.exists()


@pytest.mark.parametrize(
    ("line", "sentence"),
    [({"amount": None}, "Line 1: give an amount."), ({"account": None}, "Line 1: choose")],
)
def test_a_line_half_written_is_refused(books, line, sentence):
    draft = written(books)
    draft.lines.filter(position=1).update(**line)

    with pytest.raises(Refused, match=sentence):
        post_draft(draft, by=books.user)


def test_an_unbalanced_draft_stays_a_draft(books):
    draft = written(books)
    draft.lines.filter(position=1).update(amount=1)

    with pytest.raises(Refused, match=r"credits are 39\.00 EUR more"):
        post_draft(draft, by=books.user)

    assert EntryDraft.objects.get() == draft


def test_a_discarded_draft_is_posted_only_once_restored(books):
    draft = written(books)
    discard_draft(draft, by=books.user)

    with pytest.raises(Refused, match="discarded: restore it first"):
        post_draft(draft, by=books.user)

    restore_draft(draft, by=books.user)
    assert post_draft(draft, by=books.user).number == 1


def test_a_draft_nobody_knows_is_refused(books):
    with pytest.raises(Refused, match="does not exist any more"):
        post_draft(EntryDraft(), by=books.user)


def test_a_template_starts_any_number_of_entries(books):
    template = written(books, template_name="Rent")

    for month in (5, 6):
        post_draft(draft_of(template, by=books.user, on=date(2024, month, 1)), by=books.user)

    assert JournalEntry.objects.count() == 2
    assert EntryDraft.objects.get() == template


def test_a_copy_of_an_entry_has_its_lines(books):
    entry = books.sell()

    copy = draft_of(entry, by=books.user)

    assert facts_of(copy) == facts_of(entry)
    assert (copy.date, copy.text, copy.template_name) == (None, "Sale", "")


def test_a_copy_may_have_its_sides_swapped(books):
    copy = draft_of(books.sell("12"), by=books.user, swapped=True)

    assert [line.amount for line in copy.lines.order_by("position")] == [-12, 12]
