"""Expense claims: written by anybody, approved by another, paid back once."""

import re
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounting.claims import owed_to_staff, pay_claims, submit
from accounting.models import ExpenseClaim, ExpenseKind
from accounting.posting import reverse_entry
from backoffice.access import rows
from backoffice.approvals import approve
from backoffice.errors import Refused
from tests.factories.backoffice import staff
from tests.factories.documents import A_DAY, draft_claim, moved, trading_books

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(db):
    return trading_books()


@pytest.fixture
def joiner(books):
    return staff(name="Jo Joiner")


def test_everybody_finds_the_claims_in_the_menu_and_nothing_else_of_the_books(joiner, client):
    client.force_login(joiner)

    page = client.get(reverse("accounting:expenseclaim-list")).content.decode()
    front = client.get("/accounting/")

    assert screens_in(page) == ["/accounting/expense-claims/"]
    assert front.status_code == 200
    assert not front.context["figures"]
    assert not front.context["attention"]


def screens_in(page: str) -> list[str]:
    """What the menu offers of the books."""
    side = page.partition('id="side"')[2].partition("</nav>")[0]
    return re.findall(r'href="(/accounting/[^"]+)"', side)


def test_an_approved_claim_is_owed_to_its_claimant_with_the_tax_within(books, joiner):
    claim = draft_claim(joiner, books, "61.50", "24.60")

    approve(submit(claim, on=A_DAY, by=joiner), by=books.approver, on=A_DAY)

    claim.refresh_from_db()
    assert (claim.state, claim.number, claim.amount) == (
        "posted",
        "EXP-2026-00001",
        Decimal("86.10"),
    )
    assert moved(claim.entry) == {
        "7090": Decimal("70.00"),
        "tax_on_purchases": Decimal("16.10"),
        "staff_claims": Decimal("-86.10"),
    }


def test_it_is_paid_once(books, joiner):
    claim = draft_claim(joiner, books, "61.50")
    approve(submit(claim, on=A_DAY, by=joiner), by=books.approver, on=A_DAY)
    claim.refresh_from_db()

    entry = pay_claims([claim], bank=books.account("bank"), on=A_DAY, by=books.clerk)

    assert moved(entry) == {"staff_claims": Decimal("61.50"), "bank": Decimal("-61.50")}
    assert owed_to_staff(on=A_DAY) == 0
    with pytest.raises(Refused, match="paid"):
        pay_claims([claim], bank=books.account("bank"), on=A_DAY, by=books.clerk)


def test_a_claim_whose_payment_was_taken_back_is_owed_and_paid_again(books, joiner, client):
    claim = draft_claim(joiner, books, "61.50")
    approve(submit(claim, on=A_DAY, by=joiner), by=books.approver, on=A_DAY)
    claim.refresh_from_db()
    ways = {"bank": books.account("bank"), "on": A_DAY, "by": books.clerk}
    first = pay_claims([claim], **ways)

    reverse_entry(first, on=A_DAY, by=books.clerk)

    assert owed_to_staff(on=A_DAY) == Decimal("61.50")
    client.force_login(books.approver)
    assert "To be paid" in client.get(claim.get_absolute_url()).content.decode()
    again = pay_claims([claim], **ways)
    assert again != first
    assert owed_to_staff(on=A_DAY) == 0


def test_a_reversed_claim_is_owed_to_nobody(books, joiner, client):
    claim = draft_claim(joiner, books, "61.50")
    approve(submit(claim, on=A_DAY, by=joiner), by=books.approver, on=A_DAY)
    claim.refresh_from_db()

    reverse_entry(claim.entry, on=A_DAY, by=books.clerk)

    assert owed_to_staff(on=A_DAY) == 0
    client.force_login(books.approver)
    assert "Reversed" in client.get(claim.get_absolute_url()).content.decode()
    with pytest.raises(Refused, match="reversed"):
        pay_claims([claim], bank=books.account("bank"), on=A_DAY, by=books.clerk)


def test_nobody_approves_their_own_whoever_submitted_it(books):
    claim = draft_claim(books.approver, books, "61.50")

    with pytest.raises(Refused, match="your own"):
        approve(submit(claim, on=A_DAY, by=books.clerk), by=books.approver, on=A_DAY)


def test_everybody_sees_their_own_and_the_books_see_all(books, joiner):
    own, other = draft_claim(joiner, books, 5), draft_claim(staff(), books, 6)

    assert list(rows(joiner, ExpenseClaim)) == [own]
    assert set(rows(books.clerk, ExpenseClaim)) == {own, other}


def test_a_claim_is_written_and_submitted_from_a_phone(books, joiner, client):
    draft_claim(books.clerk, books, 1)
    kind = ExpenseClaim.objects.get().receipts.get().kind
    client.force_login(joiner)

    client.post(
        reverse("accounting:expenseclaim-add"),
        {"text": "Fair", "receipts-TOTAL_FORMS": "1", "receipts-INITIAL_FORMS": "0"}
        | {"receipts-0-date": "2026-03-10", "receipts-0-kind": kind.pk}
        | {"receipts-0-amount": "12.30"},
    )
    claim = rows(joiner, ExpenseClaim).get()
    client.post(reverse("accounting:expenseclaim-submit", args=[claim.pk]))

    claim.refresh_from_db()
    assert (claim.claimant, claim.state, claim.amount) == (joiner, "submitted", Decimal("12.30"))


def test_a_stranger_s_claim_is_not_there(books, joiner, client):
    claim = draft_claim(staff(), books, 5)
    client.force_login(joiner)

    answers = [
        client.get(claim.get_absolute_url()),
        client.post(reverse("accounting:expenseclaim-submit", args=[claim.pk])),
        client.get(reverse("accounting:expenseclaim-edit", args=[claim.pk])),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_a_claim_without_receipts_is_refused(books, joiner):
    with pytest.raises(Refused, match="receipt"):
        submit(draft_claim(joiner, books), on=A_DAY, by=joiner)


# --- Receipts ---------------------------------------------------------------------------------


def written_claim(**receipt):
    """A claim with one receipt as the form sends it."""
    facts = {"date": "2026-03-10", "amount": "12.34", "text": "", "no_receipt": ""} | receipt
    return {
        "text": "Fair",
        "receipts-TOTAL_FORMS": "1",
        "receipts-INITIAL_FORMS": "0",
    } | {f"receipts-0-{name}": value for name, value in facts.items()}


@pytest.fixture
def demanding(books):
    return ExpenseKind.objects.create(name="Taxi", account=books.account("purchases"))


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("amount", "12.345", "EUR has 2 decimals"),
        ("amount", "-0.00", "more than zero"),
        ("date", "2079-01-01", "still to come"),
    ],
)
def test_what_a_receipt_cannot_be_is_said_at_its_field(
    books, joiner, client, demanding, name, value, sentence
):
    client.force_login(joiner)

    page = client.post(
        reverse("accounting:expenseclaim-add"),
        written_claim(kind=demanding.pk, **{name: value}),
    )

    (row,) = page.context["formsets"][0]["formset"].forms
    assert sentence in str(row.errors[name])
    assert not ExpenseClaim.objects.exists()


def test_a_photo_is_put_to_the_claim_with_its_receipt(books, joiner, client, demanding):
    client.force_login(joiner)
    add = reverse("accounting:expenseclaim-add")
    photo = SimpleUploadedFile("taxi.pdf", b"%PDF-1.4\ntaxi\n%%EOF\n", "application/pdf")
    bare = client.post(add, written_claim(kind=demanding.pk))
    shown = client.post(add, written_claim(kind=demanding.pk, photo_file=photo))
    assert (bare.status_code, shown.status_code) == (302, 302), shown.context["form"].errors
    without, claim = ExpenseClaim.objects.order_by("pk")

    with pytest.raises(Refused, match="Receipt 1: add its photo"):
        submit(without, on=A_DAY, by=joiner)
    submit(claim, on=A_DAY, by=joiner)

    assert without.amount == Decimal("12.34")  # a draft says what it comes to
    assert claim.receipts.get().photo.name == "taxi.pdf"
    assert "multipart/form-data" in client.get(add).content.decode()


def test_a_reason_stands_for_a_receipt_and_is_read_by_who_approves(books, joiner, demanding):
    claim = draft_claim(joiner, books, "1248.6")
    claim.receipts.update(kind=demanding, no_receipt="Lost on the ferry")

    asked = submit(claim, on=A_DAY, by=joiner)

    assert "1,248.60 EUR – no receipt: Lost on the ferry" in str(asked.detail)


def test_a_claim_links_only_to_what_its_reader_may_open(books, joiner, client):
    claim = draft_claim(joiner, books, "61.50")
    approve(submit(claim, on=A_DAY, by=joiner), by=books.approver, on=A_DAY)
    claim.refresh_from_db()
    paid = pay_claims([claim], bank=books.account("bank"), on=A_DAY, by=books.clerk)
    links = [f'href="{one.get_absolute_url()}"' for one in (joiner, paid)]

    client.force_login(joiner)
    own = client.get(claim.get_absolute_url()).content.decode()
    client.force_login(staff("Owner"))
    theirs = client.get(claim.get_absolute_url()).content.decode()

    assert [link in own for link in links] == [False, False]
    assert [link in theirs for link in links] == [True, True]
    assert str(paid) in own
