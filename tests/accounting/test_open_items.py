"""What is open at any day, and when it is due."""

from datetime import date
from decimal import Decimal

import pytest

from accounting.models import DueDate
from accounting.open_items import open_items, set_due
from accounting.open_pages import Asked, open_page
from accounting.posting import credit, debit, post
from backoffice.errors import Refused
from backoffice.models import AuditEvent, NumberSeries
from tests.factories.accounting import A_DAY_IN_MAY
from tests.factories.backoffice import PartyFactory
from tests.factories.open_items import bill, control_accounts, invoice

JUNE = date(2024, 6, 30)


@pytest.fixture(autouse=True)
def accounts(books):
    return control_accounts()


def test_an_invoice_is_open_until_it_is_settled(books):
    customer = PartyFactory()
    line = invoice(books, customer, "120", reference="R-1", due_on=date(2024, 6, 14))

    (item,) = open_items(on=JUNE, role="receivable")

    assert item == line
    assert (item.open_amount, item.open_base) == (Decimal(120), Decimal(120))
    assert (item.due_on, item.reference) == (date(2024, 6, 14), "R-1")
    assert item.item_currency == "EUR"


def test_a_bill_is_open_on_the_credit_side(books):
    bill(books, PartyFactory(), "80")

    (item,) = open_items(on=JUNE, role="payable")

    assert item.open_amount == Decimal(-80)


def test_an_item_without_due_date_is_due_when_entered_and_known_by_its_entry(books):
    line = invoice(books, PartyFactory(), "120")

    (item,) = open_items(on=JUNE)

    assert item.due_on == A_DAY_IN_MAY
    assert item.reference == line.entry.reference


def test_a_number_of_six_digits_is_not_cut(books):
    NumberSeries.objects.create(code="JE", year=A_DAY_IN_MAY.year, last_number=123455)

    owed = invoice(books, PartyFactory(), "10")

    (item,) = open_items(on=A_DAY_IN_MAY)
    assert item.reference == owed.entry.reference == "JE-2024-123456"
    asked = Asked(owed.account, A_DAY_IN_MAY, word="JE-2024-123456")
    assert [item.pk for item in open_page(asked, most=5).items] == [owed.pk]


def test_items_of_one_party_are_asked_for_in_one_query(books, django_assert_num_queries):
    ours, theirs = PartyFactory(), PartyFactory()
    invoice(books, ours, "5")
    invoice(books, theirs, "6")

    with django_assert_num_queries(1):
        found = list(open_items(on=JUNE, party=ours).select_related("party", "entry__due"))
        names = [item.party.name for item in found]

    assert names == [ours.name]


def test_nothing_is_open_before_it_was_entered(books):
    invoice(books, PartyFactory(), "5")

    assert not open_items(on=date(2024, 5, 14))


def test_items_as_known_leave_out_what_was_posted_later(books):
    before = invoice(books, PartyFactory(), "5").entry.posted_at
    invoice(books, PartyFactory(), "6")

    assert [item.open_amount for item in open_items(on=JUNE, as_known=before)] == [Decimal(5)]


@pytest.mark.parametrize("role", ["receivable", "payable"])
def test_a_line_on_what_is_owed_says_whose_it_is(books, role):
    with pytest.raises(Refused, match="say whose it is"):
        post(on=A_DAY_IN_MAY, text="", by=None, lines=[debit(role, 5), credit("sales", 5)])


def test_a_due_date_set_again_is_put_right_and_both_are_written_down(books):
    entry = invoice(books, PartyFactory(), "5").entry

    set_due(entry, due_on=date(2024, 6, 1), reference=" R-1 ", by=books.user)
    set_due(entry, due_on=date(2024, 6, 2), reference="R-2", by=books.user)

    due = DueDate.objects.get()
    assert (due.due_on, due.reference) == (date(2024, 6, 2), "R-2")
    told = AuditEvent.objects.order_by("pk").values_list("action", flat=True)
    assert list(told)[-2:] == ["due date set", "due date changed"]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"due_on": date(2024, 5, 14)}, "due_on"),
        ({"discount_percent": Decimal(2)}, "discount_until"),
        ({"discount_percent": Decimal(100), "discount_until": JUNE}, "discount_percent"),
    ],
)
def test_terms_that_cannot_be_meant_are_refused(books, facts, field):
    entry = invoice(books, PartyFactory(), "5").entry

    with pytest.raises(Refused) as refusal:
        set_due(entry, **{"due_on": JUNE, "reference": "", "by": None} | facts)

    assert refusal.value.field == field
    assert not DueDate.objects.exists()
