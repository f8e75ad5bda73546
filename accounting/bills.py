"""Bills: entered by one, approved by another, then in the books. The door for all who buy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounting import documents
from accounting.guards import guards_speak
from accounting.models import Account, Bill, BillLine, JournalEntry, PartyTerms, TaxCode
from accounting.models.documents import DocumentLine
from accounting.open_items import set_due
from accounting.opening import bill_source, standing
from accounting.posting import Line, post, reverse_entry
from accounting.spending import check_lines_spend, told
from accounting.tax_record import record_tax
from backoffice import audit
from backoffice.approvals import approves, clear, is_approved, request_approval
from backoffice.errors import Refused
from backoffice.models import Approval, Currency, Department, Party, User
from backoffice.money import in_sentence

VERB = "bill"
USUAL_DAYS = 30
State = Bill.State


@dataclass(frozen=True)
class Bought:
    """A line of a bill another function enters: what, how much, as which cost.

    `account` is a role ("purchases") or an account; the amount is net of tax.
    """

    text: str
    amount: Decimal
    account: Account | str = "purchases"
    tax_code: TaxCode | None = None
    department: Department | None = None


def record_bill(
    *,
    supplier: Party,
    reference: str,
    on: date,
    lines: Sequence[Bought],
    by: User | None,
    source_key: str,
    due_on: date | None = None,
    currency: Currency | None = None,
    rate: Decimal | None = None,
    text: str = "",
) -> Bill:
    """A bill somebody else's work brings, waiting for approval; its source brings it once."""
    with guards_speak(), transaction.atomic():
        bill, is_new = Bill.objects.get_or_create(
            source_key=source_key,
            defaults={
                "party": supplier,
                "reference": reference,
                "date": on,
                "due_on": due_on,
                "currency": currency,
                "rate": rate,
                "text": text,
                "made_by": by,
            },
        )
        if is_new:
            BillLine.objects.bulk_create(
                bought_line(bill, place, line) for place, line in enumerate(lines, start=1)
            )
            submit(bill, by=by)
            bill.refresh_from_db()
        return bill


def bought_line(bill: Bill, place: int, line: Bought) -> BillLine:
    """The line as a bill keeps it."""
    account = line.account if isinstance(line.account, Account) else account_with(line.account)
    return BillLine(
        bill=bill,
        position=place,
        text=line.text,
        unit_price=line.amount,
        account=account,
        tax_code=line.tax_code,
        department=line.department,
    )


def account_with(role: str) -> Account:
    """The account that plays a role, or a refusal."""
    found = Account.objects.filter(role=role).first()
    if found is None:
        raise Refused(_("No account has the role “%(role)s”.") % {"role": role})
    return found


@transaction.atomic
def submit(bill: Bill, *, by: User | None) -> Approval:
    """Ask a second person to approve the bill as it stands."""
    stored = locked(bill)
    if stored.state not in (State.DRAFT, State.REFUSED):
        raise Refused(_("%(bill)s is %(state)s.") % words_of(stored))
    lines = documents.lines_of(stored)
    documents.check_lines(lines)
    found = documents.figures_of(stored, lines)
    documents.check_size(found)
    if found.own.gross < 0:
        raise Refused(_("This comes to less than nothing: enter it as a credit note."))
    check_taken_over(stored)
    warnings = check_lines_spend(ledger_lines(stored, lines, found), on=stored.date)
    stored.state = State.SUBMITTED
    documents.sum_up(stored, found.own)
    stored.save(update_fields=["state", *documents.SUMS])
    audit.record("bill submitted", stored, by=by)
    return request_approval(
        stored,
        VERB,
        by=by,
        area="accounting",
        level="approve",
        text=text_from(stored, lines, found),
        title=_("Bill %(reference)s from %(supplier)s: %(total)s")
        % {
            "reference": stored.reference,
            "supplier": stored.party,
            "total": in_sentence(found.own.gross, found.own_unit, stored.currency_id or ""),
        },
        url=stored.get_absolute_url(),
        detail=told(warnings),
    )


def check_taken_over(bill: Bill) -> None:
    """Refuse a bill that was open at the take-over and is in the books since."""
    known = standing(bill_source(bill.party, bill.reference))
    if known is not None and not bill.is_credit_note and not bill.duplicate_reason:
        raise Refused(
            _("%(bill)s is in the books already: %(entry)s brought it in as open.")
            % {"bill": bill, "entry": known},
            field="reference",
        )


def ledger_lines(bill: Bill, lines: list, found: documents.Figures) -> list[Line]:
    """What the bill will say in the books."""
    return documents.entry_lines(bill, lines, found, direction="purchase", control="payable")


def text_of(bill: Bill) -> str:
    """What is approved, word for word: any change of it needs a new approval."""
    lines = documents.lines_of(bill)
    return text_from(bill, lines, documents.figures_of(bill, lines))


def text_from(bill: Bill, lines: Sequence[DocumentLine], found: documents.Figures) -> str:
    """The same of a bill that is worked out already."""
    head = (
        bill.kind, bill.party_id, bill.reference, bill.date, bill.due_on, bill.tax_date,
        bill.currency_id, bill.rate, found.own.net, found.own.tax, found.own.gross,
    )  # fmt: skip
    body = [
        (line.text, line.exact_amount, line.account_id, line.department_id, line.tax_code_id)
        for line in lines
    ]
    return "\n".join("|".join(map(str, part)) for part in (head, *body))


def back_to_maker(bill: Bill, *, by: User) -> None:
    """The bill refused or withdrawn: whoever entered it puts it right, or leaves it."""
    Bill.objects.filter(pk=bill.pk, state=State.SUBMITTED).update(state=State.REFUSED)


@approves(VERB, Bill, text=text_of, undo=back_to_maker)
def post_bill(bill: Bill, *, approval: Approval, by: User, on: date) -> Bill:
    """The approved bill in the books; its supplier is owed from now on."""
    with guards_speak(), transaction.atomic():
        stored = locked(bill)
        if stored.state == State.POSTED:
            return stored
        if stored.state != State.SUBMITTED:
            raise Refused(_("%(bill)s is %(state)s.") % words_of(stored))
        lines = documents.lines_of(stored)
        found = documents.figures_of(stored, lines)
        if not is_approved(stored, VERB, text_from(stored, lines, found)):
            raise Refused(_("The bill was changed since it was submitted: look at it again."))
        terms = PartyTerms.objects.filter(party=stored.party).first()
        stored.due_on = stored.due_on or due_day(stored, terms)
        documents.keep(stored, found)
        stored.state, stored.posted_at = State.POSTED, timezone.now()
        stored.entry = entered(stored, lines, found, terms, by=by)
        stored.save()
        audit.record("bill posted", stored, by=by, total=str(stored.gross))
        return stored


def entered(
    bill: Bill,
    lines: list,
    found: documents.Figures,
    terms: PartyTerms | None,
    *,
    by: User,
) -> JournalEntry | None:
    """The entry of the bill with its tax and due day; None where it comes to nothing."""
    made = ledger_lines(bill, lines, found)
    if not made:
        return None
    check_lines_spend(made, on=bill.date)
    due_on = max(bill.due_on or bill.date, bill.date)
    entry = post(
        on=bill.date,
        text=f"{bill.reference} {bill.text}".strip()[:200],
        lines=made,
        by=by,
        source=bill,
        payee=bill.party.name[:120],
        due_on=due_on,
    )
    record_tax(
        entry,
        documents.taxes_of(bill, found),
        bill.taxed_on,
        direction="purchase",
        minor_unit=found.books_unit,
    )
    set_due(
        entry,
        due_on=due_on,
        reference=bill.reference,
        by=by,
        **documents.early_payment(bill, terms),
    )
    return entry


def due_day(bill: Bill, terms: PartyTerms | None) -> date:
    """When it is to be paid by what is agreed with the supplier; a credit note at once."""
    if bill.is_credit_note:
        return bill.date
    days = terms.supplier_days if terms and terms.supplier_days is not None else USUAL_DAYS
    return bill.date + timedelta(days=days)


def locked(bill: Bill) -> Bill:
    """The bill as it is stored, held until commit."""
    found = Bill.objects.select_for_update(of=("self",)).select_related("party", "currency")
    stored = found.filter(pk=bill.pk).first()
    if stored is None:
        raise Refused(_("This bill does not exist any more."))
    return stored


def words_of(bill: Bill) -> dict[str, str]:
    """The bill and its state, for a sentence."""
    return {"bill": str(bill), "state": bill.get_state_display()}


@transaction.atomic
def changed(bill: Bill, *, by: User | None) -> None:
    """Before an edit is saved: what waited for approval is a draft again, not summed up."""
    stored = locked(bill)
    if stored.state == State.POSTED:
        raise Refused(_("%(bill)s is in the books: enter a credit note.") % {"bill": stored})
    if stored.state == State.SUBMITTED:
        clear(stored, VERB, by=by, why=_("The bill was changed."))
    bill.state = State.DRAFT
    documents.sum_up(bill, None)
    Bill.objects.filter(pk=stored.pk).update(state=State.DRAFT, **dict.fromkeys(documents.SUMS))


@transaction.atomic
def discard(bill: Bill, *, by: User | None) -> None:
    """Throw away what was never in the books."""
    stored = locked(bill)
    if stored.state == State.POSTED:
        raise Refused(_("%(bill)s is in the books: enter a credit note.") % {"bill": stored})
    if stored.state == State.SUBMITTED:
        clear(stored, VERB, by=by, why=_("The bill was discarded."))
    audit.record("bill discarded", stored, by=by)
    stored.delete()


def take_back(bill: Bill, *, on: date, by: User | None, why: str = "") -> JournalEntry:
    """Reverse the bill, entered by mistake: what had settled it is open again."""
    with guards_speak(), transaction.atomic():
        stored = locked(bill)
        if stored.entry is None:
            raise Refused(_("%(bill)s is not in the books.") % {"bill": stored})
        if is_taken_back(stored):
            raise Refused(_("%(bill)s is taken back already.") % {"bill": stored})
        day = max(on, stored.entry.date) if stored.entry.period.is_closed else stored.entry.date
        reversal = reverse_entry(stored.entry, on=day, by=by, why=why)
        audit.record("bill taken back", stored, by=by, why=why)
        return reversal


def is_taken_back(bill: Bill) -> bool:
    """Whether the entry of the bill was reversed."""
    return JournalEntry.objects.filter(reverses=bill.entry_id).exists()
