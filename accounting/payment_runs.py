"""Payment runs: what is due is proposed, approved by a second person, paid and posted once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from accounting.allocations import locked, the_books
from accounting.models import Account, Payment, PaymentRun, PaymentRunLine
from accounting.open_items import OpenItem, lines_with_open, open_items
from accounting.payments import Settle, record_payment
from backoffice import audit
from backoffice.approvals import approves, clear, is_approved, request_approval
from backoffice.bank_details import details_text, payable
from backoffice.encrypted_fields import whole
from backoffice.errors import Refused
from backoffice.models import Approval, BankAccount, Currency, Party, User
from backoffice.money import ZERO, in_sentence, rounded

VERB = "payment_run"
State = PaymentRun.State
LIVE = (State.DRAFT, State.WAITING, State.APPROVED)


@dataclass(frozen=True)
class Transfer:
    """What one party is paid in a run: one transfer for its bills."""

    number: int
    party: Party
    account: BankAccount
    lines: list[PaymentRunLine]

    @property
    def amount(self) -> Decimal:
        """All of it."""
        return sum((line.amount for line in self.lines), ZERO)

    @property
    def references(self) -> str:
        """The bills it pays, as the supplier knows them."""
        return ", ".join(line.reference for line in self.lines)[:140]


# --- Proposing ----------------------------------------------------------------------------------


@transaction.atomic
def propose_run(
    *,
    on: date,
    due_until: date,
    bank: Account,
    holder: str,
    by: User,
    currency: Currency,
    iban: str = "",
    bic: str = "",
) -> PaymentRun:
    """A run with the bills due until the day, and those whose discount would be lost.

    Whom money may not go to yet is in it, left out.
    """
    if on > due_until:
        raise Refused(_("Give the payment day or a later one."), field="due_until")
    # Whoever proposes the same bills at the same moment waits here, then finds them taken.
    locked(*due_items(on, due_until, currency))
    items = due_items(on, due_until, currency)
    if not items:
        raise Refused(
            _("Nothing in %(currency)s is due until %(day)s.")
            % {"currency": currency.pk, "day": due_until},
            field="due_until",
        )
    run = PaymentRun.objects.create(
        on=on,
        due_until=due_until,
        bank=bank,
        holder=holder[:70],
        iban=iban,
        bic=bic,
        currency=currency,
        made_by=by,
    )
    accounts = accounts_of(items, currency)
    approved = payable(accounts.values())
    PaymentRunLine.objects.bulk_create(
        proposed(run, item, accounts.get(item.party_id), approved) for item in items
    )
    audit.record("payment run proposed", run, by=by)
    return run


def due_items(on: date, due_until: date, currency: Currency) -> list[OpenItem]:
    """The bills to pay, in no other run under way."""
    soon = Q(due_on__lte=due_until)
    soon |= Q(entry__due__discount_until__range=(on, due_until))
    found = open_items(on=on, role="payable").filter(
        soon, open_amount__lt=0, item_currency=currency.pk, party__isnull=False
    )
    found = found.exclude(pk__in=taken().values("item"))
    return list(
        found.select_related("party", "entry__due").order_by("party__name", "due_on", "pk")
    )


def taken() -> QuerySet[PaymentRunLine]:
    """What runs under way pay."""
    return PaymentRunLine.objects.filter(run__state__in=LIVE, is_left_out=False)


def accounts_of(items: Iterable[OpenItem], currency: Currency) -> dict[int | None, BankAccount]:
    """Where each party is paid: its account in the currency, else one of no currency."""
    parties = {item.party_id for item in items}
    found: dict[int | None, BankAccount] = {}
    accounts = BankAccount.objects.filter(
        Q(currency=currency) | Q(currency=None), party__in=parties
    )
    approved = payable(accounts)
    for account in sorted(
        accounts, key=lambda a: (a.pk not in approved, a.currency_id is None, a.pk)
    ):
        found.setdefault(account.party_id, account)
    return found


def proposed(
    run: PaymentRun, item: OpenItem, account: BankAccount | None, approved: set[int]
) -> PaymentRunLine:
    """A line that pays all of an item, less the discount that may be taken."""
    due, left = getattr(item.entry, "due", None), -item.open_amount
    discount = ZERO
    if due and due.discount_until and due.discount_until >= run.on:
        discount = rounded(left * due.discount_percent / 100, run.currency.minor_unit)
    return PaymentRunLine(
        run=run,
        item=item,
        party_id=item.party_id,
        bank_account=account,
        reference=item.reference,
        due_on=item.due_on,
        amount=left - discount,
        discount=discount,
        is_left_out=account is None or account.pk not in approved,
    )


# --- Changing -----------------------------------------------------------------------------------


@transaction.atomic
def change_line(
    line: PaymentRunLine,
    *,
    amount: Decimal,
    discount: Decimal,
    is_left_out: bool,
    bank_account: BankAccount | None,
    by: User,
) -> None:
    """Pay more or less, elsewhere, or not in this run; what was approved is approved no more."""
    run = held(line.run)
    if bank_account and bank_account.party_id != line.party_id:
        raise Refused(_("This is not an account of %(party)s.") % {"party": line.party})
    if amount <= 0 or discount < 0:
        raise Refused(_("Pay more than nothing, or leave it out."), field="amount")
    facts = {"amount": amount, "discount": discount, "is_left_out": is_left_out}
    facts["bank_account"] = bank_account
    if all(getattr(line, name) == value for name, value in facts.items()):
        return
    if not is_left_out:
        check_is_free(line)
    back_to_draft(run, by=by)
    for name, value in facts.items():
        setattr(line, name, value)
    line.save(update_fields=list(facts))


def check_is_free(line: PaymentRunLine) -> None:
    """Refuse to pay what another run under way pays; the item is held until commit."""
    locked(line.item)
    other = taken().exclude(run=line.run_id).filter(item=line.item_id).first()
    if other:
        raise Refused(
            _("%(item)s is in another payment run: %(run)s.")
            % {"item": line.reference, "run": other.run}
        )


def back_to_draft(run: PaymentRun, *, by: User | None) -> None:
    """Let the run be changed again; an approval of it counts no more."""
    if run.state not in LIVE:
        raise Refused(
            _("This run is %(state)s and stays as it was.") % {"state": run.get_state_display()}
        )
    if run.state != State.DRAFT:
        clear(run, VERB, by=by, why=_("It was changed."))
        set_state(run, State.DRAFT)


@transaction.atomic
def drop_run(run: PaymentRun, *, by: User) -> None:
    """Give the run up; its bills can be proposed again."""
    run = held(run)
    back_to_draft(run, by=by)
    set_state(run, State.DROPPED)
    audit.record("payment run dropped", run, by=by)


def held(run: PaymentRun) -> PaymentRun:
    """The run as it is now, held until commit."""
    return PaymentRun.objects.select_for_update(of=("self",)).get(pk=run.pk)


def set_state(run: PaymentRun, state: str) -> None:
    """The run in its new state."""
    run.state = state
    run.save(update_fields=["state"])


# --- Approving ----------------------------------------------------------------------------------


@transaction.atomic
def submit_run(run: PaymentRun, *, by: User) -> Approval:
    """Ask a second person; nothing goes to bank details nobody has approved."""
    run = held(run)
    if run.state not in (State.DRAFT, State.WAITING):
        raise Refused(_("This run is %(state)s.") % {"state": run.get_state_display()})
    check_payable(run)
    total = in_sentence(total_of(run), run.currency.minor_unit, run.currency_id)
    approval = request_approval(
        run,
        VERB,
        by=by,
        area="accounting.pay",
        level="approve",
        text=text_of_run(run),
        title=_("%(run)s: %(amount)s") % {"run": run, "amount": total},
        url=run.get_absolute_url(),
        detail=[
            (
                f"{line.party.name}, {line.reference}",
                "",
                in_sentence(line.amount, run.currency.minor_unit, run.currency_id),
            )
            for line in lines_to_pay(run)
        ],
    )
    set_state(run, State.WAITING)
    return approval


def lines_to_pay(run: PaymentRun) -> list[PaymentRunLine]:
    """The lines not left out."""
    # Items by themselves: of a journal that has just grown the database knows too little to join.
    lines = run.lines.filter(is_left_out=False).prefetch_related("item__entry")
    lines = lines.select_related("party", "bank_account")
    return list(lines.order_by("party__name", "party_id", "bank_account_id", "due_on", "pk"))


def total_of(run: PaymentRun) -> Decimal:
    """What leaves the bank."""
    return run.lines.filter(is_left_out=False).aggregate(total=Sum("amount"))["total"] or ZERO


def check_payable(run: PaymentRun) -> None:
    """Refuse a run with nothing in it, or with money for bank details not approved."""
    lines = lines_to_pay(run)
    if not lines:
        raise Refused(_("Every bill is left out: there is nothing to pay."))
    approved = payable({line.bank_account for line in lines if line.bank_account})
    for line in lines:
        if line.bank_account_id not in approved:
            raise Refused(held_why(line) % {"party": line.party, "item": line.reference})
    check_still_owed(run)


def held_why(line: PaymentRunLine) -> str:
    """Why the bill cannot be paid, with places for the party and the item."""
    if line.bank_account_id is None:
        return _("%(party)s has no bank details: leave %(item)s out until then.")
    return _("The bank details of %(party)s are not approved: leave %(item)s out until then.")


def check_still_owed(run: PaymentRun) -> None:
    """Refuse to pay more of a bill than is left of it, whatever day it was settled on."""
    lines = lines_to_pay(run)
    left = open_amounts(lines)
    for line in lines:
        if line.amount + line.discount > left[line.item_id]:
            raise Refused(
                _("Only %(left)s of %(item)s are left to settle.")
                % {
                    "left": in_sentence(left[line.item_id], run.currency.minor_unit),
                    "item": line.reference,
                }
            )


def open_amounts(lines: Iterable[PaymentRunLine]) -> dict[int, Decimal]:
    """What is left of each bill, whatever day it was settled on, by the key of its item."""
    found = lines_with_open(on=date.max).filter(pk__in=[line.item_id for line in lines])
    return {key: -amount for key, amount in found.values_list("pk", "open_amount")}


def text_of_run(run: PaymentRun) -> str:
    """What is approved: from where, and each line with where its money goes."""
    head = f"{run.on} {run.bank_id} {run.holder} {whole(run.iban)} {run.bic} {run.currency_id}"
    lines = [
        f"{line.item_id} {line.party_id} {details_text(line.bank_account)}"
        f" {line.reference} {line.amount:f} {line.discount:f}"
        for line in lines_to_pay(run)
        if line.bank_account
    ]
    return "\n".join([head, *lines])


def undone(run: PaymentRun, *, by: User) -> None:
    """Refused or withdrawn: the run can be changed."""
    if run.state == State.WAITING:
        set_state(run, State.DRAFT)


@approves(VERB, PaymentRun, text=text_of_run, undo=undone)
def take_approval(run: PaymentRun, *, approval: Approval, by: User, on: date) -> None:
    """The run may be paid."""
    check_payable(run)
    set_state(run, State.APPROVED)


def check_approved(run: PaymentRun) -> None:
    """Refuse a run that is not approved as it stands."""
    was_approved = run.state in (State.APPROVED, State.POSTED)
    if not was_approved or not is_approved(run, VERB, text_of_run(run)):
        raise Refused(_("This run is not approved as it stands: ask for approval again."))


# --- Paying -------------------------------------------------------------------------------------


def transfers(run: PaymentRun) -> list[Transfer]:
    """One transfer for each party and account."""
    grouped = groupby(lines_to_pay(run), key=lambda line: (line.party, line.bank_account))
    return [
        Transfer(number, party, account, list(lines))
        for number, ((party, account), lines) in enumerate(grouped, start=1)
        if account
    ]


@transaction.atomic
def post_run(run: PaymentRun, *, on: date, by: User, rate: Decimal | None = None) -> list[Payment]:
    """Post the payments of an approved run, once, whoever presses how often.

    `rate` is what one unit of the run's currency is worth in the books, where they differ.
    """
    run = held(run)
    if run.state == State.POSTED:
        return list(Payment.objects.filter(run_lines__run=run).distinct().order_by("pk"))
    check_approved(run)
    books = the_books()
    is_foreign = run.currency_id != books.currency
    if is_foreign and (rate is None or rate <= 0):
        raise Refused(
            _("Say what one %(foreign)s is worth in %(books)s.")
            % {"foreign": run.currency_id, "books": books.currency},
            field="rate",
        )
    # All of them before the first is in the journal: the same order everywhere.
    locked(*(line.item for line in lines_to_pay(run)))
    payments = []
    for transfer in transfers(run):
        worth = rounded(transfer.amount * (rate or 1), books.minor_units[books.currency])
        payment = record_payment(
            direction="out",
            party=transfer.party,
            bank=run.bank,
            amount=transfer.amount,
            on=on,
            by=by,
            source_key=f"payment_run:{run.pk}:{transfer.account.pk}",
            currency=run.currency,
            base_amount=worth if is_foreign else None,
            settles=[Settle(line.item, line.amount, line.discount) for line in transfer.lines],
            reference=transfer.references,
        )
        keys = [line.pk for line in transfer.lines]
        PaymentRunLine.objects.filter(pk__in=keys).update(payment=payment)
        payments.append(payment)
    set_state(run, State.POSTED)
    audit.record("payment run posted", run, by=by)
    return payments
