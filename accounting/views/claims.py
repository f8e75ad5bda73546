"""Expense claims: everybody's own, and all of them for those who keep the books."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods

from accounting import claims as acts
from accounting.document_forms import (
    ExpenseClaimForm,
    ExpenseKindForm,
    PayClaimForm,
    ReceiptRows,
    photographed_by,
)
from accounting.facts import cash_accounts
from accounting.forms import ReverseForm
from accounting.models import Account, ExpenseClaim, ExpenseKind
from accounting.reach import (
    for_whole_books,
    for_whole_company,
    pays_for_whole_company,
    writes_whole_books,
)
from accounting.views.documents import warn
from backoffice.access import area, may, row_or_404, rows
from backoffice.messages import say
from backoffice.operations import operation
from backoffice.pages import Pages, Related, Rows
from backoffice.views.forms import form_page

TONES = {"draft": "warn", "submitted": "info", "posted": "info", "paid": "ok", "refused": "bad"}


class ClaimPages(Pages):
    """A claim is changed by whoever made it, until it is in the books."""

    def may_edit(self, user, record=None) -> bool:
        """Whether this person may write a claim, or change this one."""
        if record is None:
            return super().may_edit(user)
        return record.claimant_id == user.pk and record.is_open_to_change


@operation(
    "edit",
    ExpenseClaim,
    label=_lazy("Submit"),
    icon="check",
    primary=True,
    when=lambda claim: claim.state in ("draft", "refused"),
)
def submit(request, claim):
    """Ask for the money."""
    warn(request, acts.submit(claim, on=timezone.localdate(), by=request.user))
    return _("%(claim)s waits for approval.") % {"claim": claim}


@area("accounting.pay", "edit")
def pay(request: HttpRequest, pk: int) -> HttpResponse:
    """A claim paid back."""
    claim = row_or_404(request.user, ExpenseClaim, pk=pk)
    banks = rows(request.user, Account).filter(pk__in=cash_accounts())
    form = PayClaimForm(request.POST or None, banks=banks, initial={"on": timezone.localdate()})

    def paid() -> str:
        acts.pay_claims([claim], by=request.user, **form.cleaned_data)
        say(request, _("%(claim)s is paid.") % {"claim": claim})
        return claim.get_absolute_url()

    crumbs = [*claims.trail, (str(claim), claim.get_absolute_url()), (_("Pay"), None)]
    title = _("Pay %(claim)s back") % {"claim": claim}
    back = claim.get_absolute_url()
    return form_page(
        request, form, paid, title=title, crumbs=crumbs, submit_label=_("Pay"), back=back
    )


@area("accounting", "edit")
@for_whole_books
@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """A claim in the books that was a mistake."""
    note = _("Its entry is reversed: nobody is owed it any more.")
    return taken_back(request, pk, acts.take_back, _("Take %(claim)s back"), note)


@area("accounting.pay", "edit")
@for_whole_company
@require_http_methods(["GET", "HEAD", "POST"])
def take_payment_back(request: HttpRequest, pk: int) -> HttpResponse:
    """A payment that did not happen."""
    note = _("The payment is reversed; all claims it paid are owed again.")
    title = _("Take the payment of %(claim)s back")
    return taken_back(request, pk, acts.take_payment_back, title, note)


def taken_back(request: HttpRequest, pk: int, act: Callable, title: str, note: str):
    """Ask for the day and the reason, and do it."""
    claim = row_or_404(request.user, ExpenseClaim, pk=pk)
    form = ReverseForm(request.POST or None, initial={"date": timezone.localdate()})
    back = claim.get_absolute_url()

    def save() -> str:
        asked = form.cleaned_data
        entry = act(claim, on=asked["date"], by=request.user, why=asked["why"])
        say(request, _("Taken back by %(entry)s.") % {"entry": entry})
        return back

    crumbs = [*claims.trail, (str(claim), back), (_("Take back"), None)]
    words = {"title": title % {"claim": claim}, "note": note, "submit_label": _("Take back")}
    return form_page(request, form, save, crumbs=crumbs, back=back, **words)


def save_claim(form, *, by):
    """A claim written or changed; a change takes it back from who was to approve it."""
    if form.instance.pk is None:
        form.instance.claimant = by
        return form.save()
    acts.changed(form.instance, by=by)
    form.instance.state = ExpenseClaim.State.DRAFT
    return form.save()


def state_of(claim) -> tuple:
    """Its state in words, as the books have it: what was reversed there is no longer so."""
    if claim.is_reversed:
        return _("Reversed"), "mute"
    state = "posted" if claim.is_owed else claim.state
    return ExpenseClaim.State(state).label.capitalize(), TONES[state]


def deeds_for(request, claim) -> list:
    """The ways to pay it, or to take it or its payment back, for those who may."""
    pays = pays_for_whole_company(request.user)
    offered = [
        (claim.is_owed and may(request.user, "accounting.pay", "edit"), _("Pay back"), "pay"),
        (claim.is_owed and writes_whole_books(request.user), _("Take back"), "take-back"),
        (claim.is_paid and pays, _("Take the payment back"), "unpay"),
    ]
    found = [
        (label, "", reverse(f"accounting:expenseclaim-{page}", args=[claim.pk]))
        for is_offered, label, page in offered
        if is_offered
    ]
    return [(_("To do"), found)] if found else []


claims = ClaimPages(
    model=ExpenseClaim,
    form=ExpenseClaimForm,
    columns=("text", "claimant", "made_at", "amount"),
    more_columns=("number", "state"),
    facts=("number", "claimant", "amount", "made_at", "payment"),
    filters=("state", "claimant", "made_at"),
    search=("text", "number", "claimant__name"),
    ordering=("-made_at",),
    joined=("claimant", "entry__reversed_by", "payment__reversed_by"),
    hide_small=("made_at",),
    amount="amount",
    formsets=(Rows(_lazy("Receipts"), ReceiptRows, check=photographed_by),),
    related=(Related("receipts", ("date", "kind", "text", "amount", "no_receipt")),),
    state=state_of,
    save=save_claim,
    after=acts.sum_up,
    side=deeds_for,
    icon="receipt-2",
    empty=_lazy("You paid for the company? Write it here, add a photo of the receipt, submit."),
)

expense_kinds = Pages(
    model=ExpenseKind,
    form=ExpenseKindForm,
    columns=("name", "account", "tax_code", "needs_receipt", "is_active"),
    filters=("is_active",),
    search=("name",),
    joined=("account", "tax_code"),
    empty=_lazy("What staff may claim for, each with the account it is entered on."),
)
