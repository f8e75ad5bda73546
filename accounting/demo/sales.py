"""What is sold: an invoice with its lines, now and then a credit note."""

from datetime import date
from decimal import Decimal

from accounting.demo import receipts
from accounting.demo.diary import Diary
from accounting.demo.partners import Partners
from accounting.demo.plan import Plan
from accounting.exchange import rate_on
from accounting.invoices import credit_note_for, issue
from accounting.models import Invoice, InvoiceLine, Item

FITTED_FROM = Decimal(7000)  # larger pieces are fitted by our own people
FITTING = Decimal("0.24")
WORK_ALONE = 35  # of a hundred smaller orders at home are work without goods
CREDITED = Decimal("0.04")


def sell(diary: Diary, day: date, plan: Plan, partners: Partners, kind: str, net: Decimal) -> None:
    """Issue an invoice, and see it paid some weeks later."""
    invoice = sell_in_vain(diary, day, plan, partners, kind, net)
    receipts.expect(diary, day, partners, invoice)


def sell_in_vain(
    diary: Diary, day: date, plan: Plan, partners: Partners, kind: str, net: Decimal
) -> Invoice:
    """Issue an invoice nobody will ever pay."""
    return issue(draft(diary, day, plan, partners, kind, net), by=diary.bookkeeper(day))


def draft(
    diary: Diary, day: date, plan: Plan, partners: Partners, kind: str, net: Decimal
) -> Invoice:
    """The draft of an invoice over so much, in the currency of the customer."""
    customer = diary.random.choice(diary.story.parties[kind])
    currency = partners.terms[customer.pk].currency
    if currency:
        net = net / rate_on(currency.pk, day) // 10 * 10
    lines = lines_of(diary, plan, partners, kind, net)
    invoice = Invoice.objects.create(
        party=customer,
        date=day,
        currency=currency,
        text=lines[0].text,
        order_reference=f"PO {diary.random.randint(1000, 9999)}",
        made_by=diary.bookkeeper(day),
    )
    for position, line in enumerate(lines, start=1):
        line.invoice, line.position = invoice, position
    InvoiceLine.objects.bulk_create(lines)
    return invoice


def lines_of(
    diary: Diary, plan: Plan, partners: Partners, kind: str, net: Decimal
) -> list[InvoiceLine]:
    """What is sold: goods, work, or both."""
    goods, work = diary.random.choice(partners.goods[kind]), partners.work[0]
    if net > FITTED_FROM * plan.money:
        services = net * FITTING // 10 * 10
        return [
            line_of(diary, goods, net - services, "workshop"),
            line_of(diary, work, services, "fitting"),
        ]
    if kind != "abroad" and diary.random.randrange(100) < WORK_ALONE:
        return [line_of(diary, diary.random.choice(partners.work), net, "fitting")]
    return [line_of(diary, goods, net, "workshop")]


def line_of(diary: Diary, item: Item, net: Decimal, department: str) -> InvoiceLine:
    """So many of the item, near its price, that they come to about so much."""
    quantity = max(net / item.price // 1, Decimal(1))
    return InvoiceLine(
        item=item,
        text=item.name,
        quantity=quantity,
        unit=item.unit,
        unit_price=(net / quantity).quantize(Decimal("0.01")),
        tax_code=item.sales_tax_code,
        department=diary.story.departments[department],
    )


def give_back(diary: Diary, day: date, invoice: Invoice) -> None:
    """Credit a little of an invoice: something was damaged on the way."""
    by = diary.bookkeeper(day)
    note = credit_note_for(invoice, on=day, by=by)
    first, *others = note.lines.order_by("position")
    for line in others:
        line.delete()
    first.unit_price = (first.quantity * first.unit_price * CREDITED).quantize(Decimal("0.01"))
    first.quantity, first.text = Decimal(1), f"Damaged on the way: {first.text}"
    first.save()
    note.text = f"Damage, {invoice.number}"
    note.save(update_fields=["text"])
    issue(note, by=by)
