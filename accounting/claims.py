"""Expense claims: what staff paid, approved by another, owed to them, paid back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from accounting.guards import guards_speak
from accounting.models import Account, ExpenseClaim, JournalEntry, JournalLine, Receipt
from accounting.posting import Line, credit, debit, post, reverse_entry
from accounting.spending import check_lines_spend, told
from accounting.tax_record import record_tax
from accounting.tax_sums import Taxable, Totals, added_up
from accounting.taxes import tax_lines, totals
from backoffice import audit
from backoffice.approvals import approves, clear, is_approved, request_approval
from backoffice.errors import Refused
from backoffice.files import files_of
from backoffice.models import Approval, Company, Currency, User
from backoffice.money import ZERO, has_too_many_decimals, in_sentence
from backoffice.numbering import reference

VERB = "expense_claim"
OF_PAYMENT = "claims:"  # how the source of a payment begins
State = ExpenseClaim.State


@transaction.atomic
def submit(claim: ExpenseClaim, *, on: date, by: User) -> Approval:
    """Ask for the money back: a second person looks at the receipts."""
    stored = locked(claim)
    if stored.state not in (State.DRAFT, State.REFUSED):
        raise Refused(_("%(claim)s is %(state)s.") % words_of(stored))
    receipts = receipts_of(stored)
    check_receipts(receipts, on=on)
    check_proofs(stored, receipts)
    warnings = beyond_budget(costs_of(stored, receipts)[0], on=on)
    stored.number = stored.number or reference("EXP", on=on)
    stored.amount = sum((receipt.amount for receipt in receipts), ZERO)
    stored.state = State.SUBMITTED
    stored.save(update_fields=["number", "amount", "state"])
    audit.record("claim submitted", stored, by=by, amount=str(stored.amount))
    unit = Company.objects.select_related("currency").get().currency
    return request_approval(
        stored,
        VERB,
        by=by,
        area="accounting",
        level="approve",
        text=text_of(stored),
        title=_("%(number)s of %(who)s: %(amount)s")
        % {
            "number": stored.number,
            "who": stored.claimant,
            "amount": in_sentence(stored.amount, unit.minor_unit, unit.code),
        },
        url=stored.get_absolute_url(),
        detail=[(str(receipt.kind), "", said_of(receipt, unit)) for receipt in receipts]
        + told(warnings),
    )


def said_of(receipt: Receipt, unit: Currency) -> str:
    """A receipt as whoever approves reads it."""
    said = f"{receipt.date}: {in_sentence(receipt.amount, unit.minor_unit, unit.code)}"
    if not receipt.no_receipt:
        return said
    return said + " – " + _("no receipt: %(why)s") % {"why": receipt.no_receipt}


def beyond_budget(lines: Sequence[Line], *, on: date) -> list[str]:
    """That it is more than the budget has left, or the refusal of it: without its figures.

    Who claims may not read the budget; who approves may.
    """
    sentence = _("This is more than the budget has left for it.")
    try:
        found = check_lines_spend(lines, on=on)
    except Refused:
        raise Refused(sentence) from None
    return [sentence] if found else []


def locked(claim: ExpenseClaim) -> ExpenseClaim:
    """The claim as it is stored, held until commit."""
    found = ExpenseClaim.objects.select_for_update(of=("self",)).select_related("claimant")
    stored = found.filter(pk=claim.pk).first()
    if stored is None:
        raise Refused(_("This claim does not exist any more."))
    return stored


def receipts_of(claim: ExpenseClaim) -> list[Receipt]:
    """The receipts of the claim with where they are entered."""
    found = claim.receipts.select_related("kind__account", "kind__tax_code")
    return list(found.order_by("date", "pk"))


def check_receipts(receipts: Sequence[Receipt], *, on: date) -> None:
    """Refuse a claim without receipts, or with one that cannot be."""
    if not receipts:
        raise Refused(_("Add at least one receipt."))
    unit = Company.objects.select_related("currency").get().currency
    for place, receipt in enumerate(receipts, start=1):
        if receipt.date > on:
            raise Refused(_("Receipt %(place)s is dated after today.") % {"place": place})
        if has_too_many_decimals(receipt.amount, unit.minor_unit):
            raise Refused(
                _("Receipt %(place)s: %(currency)s has %(count)s decimals.")
                % {"place": place, "currency": unit.code, "count": unit.minor_unit}
            )


def check_proofs(claim: ExpenseClaim, receipts: Sequence[Receipt]) -> None:
    """Refuse a line without a photo or a reason, unless a file put to the claim may show it."""
    bare = [
        place
        for place, receipt in enumerate(receipts, start=1)
        if receipt.kind.needs_receipt and not receipt.photo_id and not receipt.no_receipt
    ]
    shown = [receipt.photo_id for receipt in receipts if receipt.photo_id]
    if bare and not files_of(claim).exclude(pk__in=shown).exists():
        raise Refused(
            _(
                "Receipt %(place)s: add its photo, by Edit or below, or say by Edit why there is"
                " none."
            )
            % {"place": bare[0]}
        )


def words_of(claim: ExpenseClaim) -> dict[str, str]:
    """The claim and its state, for a sentence."""
    return {"claim": str(claim), "state": claim.get_state_display()}


def text_of(claim: ExpenseClaim) -> str:
    """What is approved, word for word."""
    rows = [
        (
            r.date,
            r.kind_id,
            r.text,
            r.amount.normalize(),
            *([r.no_receipt] if r.no_receipt else ()),
        )
        for r in receipts_of(claim)
    ]
    return "\n".join("|".join(map(str, row)) for row in ((claim.claimant_id,), *rows))


def back_to_claimant(claim: ExpenseClaim, *, by: User) -> None:
    """The claim refused or withdrawn: its claimant may put it right."""
    found = ExpenseClaim.objects.filter(pk=claim.pk, state=State.SUBMITTED)
    found.update(state=State.REFUSED)


@approves(VERB, ExpenseClaim, text=text_of, undo=back_to_claimant)
def post_claim(claim: ExpenseClaim, *, approval: Approval, by: User, on: date) -> ExpenseClaim:
    """The approved claim in the books: its claimant is owed from now on."""
    with guards_speak(), transaction.atomic():
        stored = locked(claim)
        if stored.state != State.SUBMITTED:
            raise Refused(_("%(claim)s is %(state)s.") % words_of(stored))
        if stored.claimant_id == by.pk and approval.alone_by_id != by.pk:
            raise Refused(_("It is your own claim: somebody else approves it."))
        if not is_approved(stored, VERB, text_of(stored)):
            raise Refused(_("The claim was changed since it was submitted: look at it again."))
        stored.entry = entered(stored, receipts_of(stored), on=on, by=by)
        stored.state = State.POSTED
        stored.save(update_fields=["entry", "state"])
        audit.record("claim posted", stored, by=by, amount=str(stored.amount))
        return stored


def entered(
    claim: ExpenseClaim, receipts: Sequence[Receipt], *, on: date, by: User
) -> JournalEntry:
    """The entry of the claim: each cost, the tax within it, and what is owed to the claimant."""
    lines, taxed = costs_of(claim, receipts)
    check_lines_spend(lines, on=on)
    owed = sum((line.amount for line in lines), ZERO)
    entry = post(
        on=on,
        text=f"{claim.number} {claim.text}"[:200],
        lines=[*lines, credit("staff_claims", owed)],
        by=by,
        source=claim,
        payee=claim.claimant.name[:120],
    )
    record_tax(entry, added_up(taxed), on, direction="purchase", minor_unit=minor_unit_of_books())
    return entry


def costs_of(claim: ExpenseClaim, receipts: Sequence[Receipt]) -> tuple[list[Line], list[Totals]]:
    """The ledger lines of the costs and the tax within them, and that tax worked out."""
    unit = minor_unit_of_books()
    lines: list[Line] = []
    taxed: list[Totals] = []
    for day, some in by_day(receipts).items():
        taxable = [Taxable(receipt.amount, receipt.kind.tax_code) for receipt in some]
        found = totals(taxable, on=day, price_included=True, minor_unit=unit)
        for receipt, net in zip(some, found.nets, strict=True):
            text = f"{receipt.date:%Y-%m-%d} {receipt}"[:200]
            department = claim.claimant.department
            lines.append(debit(receipt.kind.account, net, department=department, text=text))
        lines += tax_lines(
            found,
            direction="purchase",
            party=None,
            minor_unit=unit,
            cost=some[0].kind.account,
            department=claim.claimant.department,
        )
        taxed.append(found)
    return lines, taxed


def minor_unit_of_books() -> int:
    """The decimals of the books' currency."""
    return Company.objects.select_related("currency").get().currency.minor_unit


def by_day(receipts: Sequence[Receipt]) -> dict[date, list[Receipt]]:
    """The receipts by the day that decides their rate of tax."""
    found: dict[date, list[Receipt]] = defaultdict(list)
    for receipt in receipts:
        found[receipt.date].append(receipt)
    return found


def pay_claims(
    claims: Sequence[ExpenseClaim], *, bank: Account, on: date, by: User | None
) -> JournalEntry:
    """One payment to one claimant for several claims; each is paid once."""
    with guards_speak(), transaction.atomic():
        keys = sorted(claim.pk for claim in claims)
        asked = ExpenseClaim.objects.filter(pk__in=keys).order_by("pk")
        # Held first: whoever waited would be told of a payment as it was before.
        list(asked.select_for_update().values_list("pk"))
        found = list(
            asked.select_related("claimant", "entry__reversed_by", "payment__reversed_by")
        )
        check_payable(found, on=on)
        amount = sum((claim.amount or ZERO for claim in found), ZERO)
        numbers = ", ".join(claim.number for claim in found)
        entry = post(
            on=on,
            text=_("Expenses paid back: %(numbers)s")[:60] % {"numbers": numbers[:130]},
            lines=[debit("staff_claims", amount), credit(bank, amount)],
            by=by,
            source_key=source_of(found),
            payee=found[0].claimant.name[:120],
        )
        ExpenseClaim.objects.filter(pk__in=keys).update(state=State.PAID, payment=entry)
        for claim in found:
            audit.record("claim paid", claim, by=by, entry=entry.reference)
        return entry


def source_of(claims: Sequence[ExpenseClaim]) -> str:
    """What keeps claims from being paid twice; another, where a payment was taken back."""
    keys = [f"{claim.pk}.{claim.payment_id or 0}".removesuffix(".0") for claim in claims]
    return OF_PAYMENT + ",".join(keys)[:110]


def check_payable(claims: Sequence[ExpenseClaim], *, on: date) -> None:
    """Refuse claims that are not owed, or not to one person."""
    if not claims:
        raise Refused(_("Choose at least one claim."))
    if len({claim.claimant_id for claim in claims}) > 1:
        raise Refused(_("These are of several people: pay each by themselves."))
    for claim in claims:
        if claim.is_reversed:
            raise Refused(_("%(claim)s was reversed.") % {"claim": claim})
        if not claim.is_owed:
            raise Refused(_("%(claim)s is %(state)s.") % words_of(claim))
        if claim.entry and on < claim.entry.date:
            raise Refused(_("It is not paid before it was approved."), field="on")


def owed_to_staff(*, on: date) -> Decimal:
    """What of the claims in the books was not paid at the end of the day."""
    claims = ExpenseClaim.objects.filter(entry__date__lte=on)
    # A claim knows its last payment alone; one that stood on the day and was taken back since,
    # the books know.
    payments = JournalLine.objects.filter(
        account__role="staff_claims", date__lte=on, entry__source_key__startswith=OF_PAYMENT
    )
    booked, paid = (
        found.exclude(entry__reversed_by__date__lte=on).aggregate(total=Sum("amount"))["total"]
        for found in (claims, payments)
    )
    return (booked or ZERO) - (paid or ZERO)


@transaction.atomic
def changed(claim: ExpenseClaim, *, by: User) -> None:
    """After an edit: what waited for approval is a draft again."""
    stored = locked(claim)
    if not stored.is_open_to_change:
        raise Refused(_("%(claim)s is %(state)s: it stays as it is.") % words_of(stored))
    if stored.state == State.SUBMITTED:
        clear(stored, VERB, by=by, why=_("The claim was changed."))
    ExpenseClaim.objects.filter(pk=stored.pk).update(state=State.DRAFT)


def sum_up(claim: ExpenseClaim, *, by: User) -> None:
    """A claim being written says what it comes to so far."""
    amount = claim.receipts.aggregate(total=Sum("amount"))["total"] or ZERO
    ExpenseClaim.objects.filter(pk=claim.pk).update(amount=amount)


def take_back(claim: ExpenseClaim, *, on: date, by: User | None, why: str = "") -> JournalEntry:
    """Reverse a claim that was posted by mistake: nobody is owed it any more."""
    with guards_speak(), transaction.atomic():
        stored = locked(claim)
        if not stored.is_owed or stored.entry is None:
            raise Refused(_("%(claim)s is %(state)s.") % words_of(stored))
        reversal = reverse_entry(stored.entry, on=max(on, stored.entry.date), by=by, why=why)
        audit.record("claim taken back", stored, by=by, why=why)
        return reversal


def take_payment_back(
    claim: ExpenseClaim, *, on: date, by: User | None, why: str = ""
) -> JournalEntry:
    """Reverse the payment of the claim: it and those paid with it are owed again."""
    with guards_speak(), transaction.atomic():
        stored = locked(claim)
        if stored.payment is None or not stored.is_paid:
            raise Refused(_("%(claim)s is %(state)s.") % words_of(stored))
        reversal = reverse_entry(stored.payment, on=max(on, stored.payment.date), by=by, why=why)
        audit.record("claim payment taken back", stored, by=by, why=why)
        return reversal
