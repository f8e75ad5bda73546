"""What nobody may do to invoices, bills and claims, and to what comes again."""

from datetime import date
from decimal import Decimal

from django.utils import timezone

from accounting.models import (
    Bill,
    BillLine,
    Deferral,
    EntryDraft,
    ExchangeRate,
    ExpenseClaim,
    ExpenseKind,
    Invoice,
    InvoiceLine,
    Receipt,
    RecurringEntry,
    Waiver,
)
from tests.factories.accounting import A_DAY_IN_MAY
from tests.factories.backoffice import PartyFactory


def invoice(**facts) -> Invoice:
    return Invoice.objects.create(**{"party": PartyFactory(), "date": A_DAY_IN_MAY} | facts)


def issued(**facts) -> Invoice:
    """An invoice with a number, a line and its sums."""
    draft = invoice()
    InvoiceLine.objects.create(invoice=draft, text="Bench", unit_price=100)
    sums = {"net": 100, "tax": 23, "gross": 123, "number": "INV-1", "issued_at": timezone.now()}
    Invoice.objects.filter(pk=draft.pk).update(**sums | facts)
    return draft


def bill(**facts) -> Bill:
    return Bill.objects.create(
        **{"party": PartyFactory(), "date": A_DAY_IN_MAY, "reference": "R-1"} | facts
    )


def posted(**facts) -> Bill:
    """A bill in the books, with a line and its sums."""
    draft = bill()
    BillLine.objects.create(bill=draft, text="Oak", unit_price=100)
    sums = {"net": 100, "tax": 23, "gross": 123, "state": "posted", "posted_at": timezone.now()}
    Bill.objects.filter(pk=draft.pk).update(**sums | facts)
    return draft


def claim(books, **facts) -> ExpenseClaim:
    return ExpenseClaim.objects.create(claimant=books.user, text="Fair", **facts)


def receipt(books, of: ExpenseClaim, amount="5") -> Receipt:
    kind, _made = ExpenseKind.objects.get_or_create(name="Train", account=books.rent)
    return Receipt.objects.create(claim=of, date=A_DAY_IN_MAY, kind=kind, amount=amount)


def claimed(books) -> ExpenseClaim:
    """A claim in the books with a receipt."""
    made = claim(books)
    receipt(books, made)
    ExpenseClaim.objects.filter(pk=made.pk).update(state="posted", entry=books.sell())
    return made


def recurring(books, **facts) -> RecurringEntry:
    template = EntryDraft.objects.create(template_name="Rent", made_by=books.user)
    return RecurringEntry.objects.create(
        **{"template": template, "starts_on": A_DAY_IN_MAY} | facts
    )


def deferral(books, **facts) -> Deferral:
    usual = {"kind": "prepaid", "text": "Insurance", "amount": 500, "account": books.rent}
    return Deferral.objects.create(**usual | {"first_month": A_DAY_IN_MAY, "months": 12} | facts)


def change_an_issued_invoice(books):
    Invoice.objects.filter(pk=issued().pk).update(due_on=date(2030, 1, 1))


def delete_an_issued_invoice(books):
    made = issued()
    InvoiceLine.objects.filter(invoice=made)._raw_delete(using="default")
    Invoice.objects.filter(pk=made.pk)._raw_delete(using="default")


def change_a_line_of_an_issued_invoice(books):
    issued().lines.update(unit_price=1)


def change_a_posted_bill(books):
    Bill.objects.filter(pk=posted().pk).update(reference="R-2")


def add_a_line_to_a_posted_bill(books):
    BillLine.objects.create(bill=posted(), text="More", unit_price=5)


def change_a_claim_in_the_books(books):
    ExpenseClaim.objects.filter(pk=claimed(books).pk).update(amount=Decimal(5000))


def change_a_receipt_in_the_books(books):
    claimed(books).receipts.update(amount=5000)


def value_an_invoice_at_nothing(books):
    invoice(currency=books.usd, rate=0)


def value_an_invoice_in_no_currency(books):
    invoice(rate=2)


def number_an_invoice_that_is_not_issued(books):
    invoice(number="INV-1")


def sum_an_invoice_wrongly(books):
    issued(gross=124)


def credit_with_an_invoice(books):
    invoice(credits=issued())


def sell_none_of_something(books):
    InvoiceLine.objects.create(invoice=invoice(), text="Air", unit_price=1, quantity=0)


def give_more_than_everything_off(books):
    InvoiceLine.objects.create(invoice=invoice(), unit_price=1, discount_percent=101)


def value_a_bill_at_nothing(books):
    bill(currency=books.usd, rate=0)


def value_a_bill_in_no_currency(books):
    bill(rate=2)


def post_a_bill_without_sums(books):
    posted(gross=None)


def sum_a_bill_wrongly(books):
    posted(gross=124)


def buy_none_of_something(books):
    BillLine.objects.create(bill=bill(), text="Air", unit_price=1, quantity=0)


def get_more_than_everything_off(books):
    BillLine.objects.create(bill=bill(), unit_price=1, discount_percent=101)


def post_a_claim_without_an_entry(books):
    claim(books, state="posted")


def pay_a_claim_without_a_payment(books):
    ExpenseClaim.objects.filter(pk=claimed(books).pk).update(state="paid")


def claim_less_than_nothing(books):
    receipt(books, claim(books), "-5")


def exchange_for_nothing(books):
    ExchangeRate.objects.create(currency=books.usd, date=A_DAY_IN_MAY, rate=0)


def come_again_every_no_months(books):
    recurring(books, every_months=0)


def end_before_it_starts(books):
    recurring(books, ends_on=date(2024, 5, 1))


def spread_nothing(books):
    deferral(books, amount=0)


def spread_over_no_months(books):
    deferral(books, months=0)


def let_pass_without_a_reason(books):
    Waiver.objects.create(period=books.period(1), check_name="books", found="x", why="")


FORBIDDEN_TO_DOCUMENTS = [
    (act, (guard,), name)
    for act, guard, name in (
        (change_an_issued_invoice, "invoice_is_final", "document_is_final"),
        (change_a_line_of_an_issued_invoice, "invoice_line_is_final", "document_is_final"),
        (change_a_posted_bill, "bill_is_final", "document_is_final"),
        (add_a_line_to_a_posted_bill, "bill_line_is_final", "document_is_final"),
        (change_a_claim_in_the_books, "claim_is_final", "document_is_final"),
        (change_a_receipt_in_the_books, "receipt_is_final", "document_is_final"),
        *(
            (act, guard, guard)
            for act, guard in (
                (value_an_invoice_at_nothing, "invoice_rate_is_positive"),
                (value_an_invoice_in_no_currency, "invoice_rate_has_a_currency"),
                (number_an_invoice_that_is_not_issued, "invoice_is_numbered_when_issued"),
                (sum_an_invoice_wrongly, "invoice_is_net_and_tax"),
                (credit_with_an_invoice, "only_a_credit_note_credits"),
                (sell_none_of_something, "invoiceline_has_a_quantity"),
                (give_more_than_everything_off, "invoiceline_discount_is_a_percentage"),
                (value_a_bill_at_nothing, "bill_rate_is_positive"),
                (value_a_bill_in_no_currency, "bill_rate_has_a_currency"),
                (post_a_bill_without_sums, "bill_in_the_books_has_its_sums"),
                (sum_a_bill_wrongly, "bill_is_net_and_tax"),
                (buy_none_of_something, "billline_has_a_quantity"),
                (get_more_than_everything_off, "billline_discount_is_a_percentage"),
                (post_a_claim_without_an_entry, "claim_in_the_books_has_its_entry"),
                (pay_a_claim_without_a_payment, "paid_claim_has_its_payment"),
                (claim_less_than_nothing, "receipt_is_of_money_spent"),
                (exchange_for_nothing, "exchange_rate_is_positive"),
                (come_again_every_no_months, "recurring_entry_comes_again"),
                (end_before_it_starts, "recurring_entry_ends_after_it_starts"),
                (spread_nothing, "deferral_is_of_money"),
                (spread_over_no_months, "deferral_has_months"),
                (let_pass_without_a_reason, "waiver_gives_a_reason"),
            )
        ),
    )
] + [
    (delete_an_issued_invoice, ("invoice_is_final", "invoice_line_is_final"), "document_is_final")
]
