"""Payments: the list, and the forms by which money is received and paid."""

from __future__ import annotations

from typing import Any

from django.db.models import Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounting.allocations import Books, the_books
from accounting.facts import cash_accounts
from accounting.models import Account, Payment
from accounting.open_items import ROLES, OpenItem, open_items
from accounting.origins import REVERSAL, settled_with
from accounting.payment_forms import PartyForm, PaymentForm
from accounting.payments import record_payment
from accounting.payments import take_back as taken_back
from accounting.reach import for_whole_books
from accounting.settling import settle_each_other
from accounting.views.settling import settlements_shown
from backoffice.access import area, row_or_404, rows
from backoffice.messages import say
from backoffice.models import Currency, Party
from backoffice.money import rounded
from backoffice.operations import operation
from backoffice.pages import Pages
from backoffice.views.forms import form_page
from backoffice.views.pages import record_context

MOST_ITEMS = 200
TITLES = {"in": _lazy("Receive a payment"), "out": _lazy("Pay")}
ROUTES = {"in": "accounting:payment-receive", "out": "accounting:payment-pay"}


@operation(
    "edit",
    Payment,
    label=_lazy("Take back"),
    icon="history",
    asks=_lazy(
        "The payment is reversed now, and what it settled is open again."
        " A bank line it booked waits again as well."
    ),
    when=lambda payment: not payment.is_taken_back,
)
def take_back(request, payment):
    """A payment that was not one."""
    reversal = taken_back(payment, on=timezone.localdate(), by=request.user)
    return _("%(payment)s is taken back by %(entry)s.") % {"payment": payment, "entry": reversal}


@require_safe
def payment_page(request: HttpRequest, pk: int, *, pages: Pages) -> HttpResponse:
    """A payment, with what it settles."""
    payment = get_object_or_404(pages.rows(request.user), pk=pk)
    context = record_context(request, payment, pages)
    context |= settlements_shown(request, payment.entry)
    return render(request, pages.template, context)


class PaymentPages(Pages):
    """Payments are recorded by forms of their own and never edited."""

    def may_edit(self, user, record=None) -> bool:
        """What is posted stays as it is."""
        return False

    def offered(self, user, name):
        """Of the accounts those that hold money."""
        found = super().offered(user, name)
        return found.filter(pk__in=cash_accounts()) if name == "bank" else found


payments = PaymentPages(
    model=Payment,
    columns=("number", "on", "party", "direction", "reference", "amount", "currency", "bank"),
    more_columns=("method", "fee", "made_by"),
    facts=(
        "on",
        "party",
        "direction",
        "amount",
        "currency",
        "fee",
        "bank",
        "method",
        "reference",
        "entry",
        "made_by",
    ),
    filters=("direction", "party", "on", "bank", "method", "currency"),
    search=("party__name", "reference"),
    ordering=("-on",),
    joined=("party", "bank", "made_by", "entry"),
    annotate=lambda found: found.annotate(taken_back=Subquery(REVERSAL)),
    labels={"number": _lazy("number")},
    hide_small=("bank", "reference"),
    amount="amount",
    state=lambda payment: (_("Taken back"), "mute") if payment.taken_back else None,
    side=lambda request, payment: settled_by(request, payment),
    record_view=payment_page,
    template="accounting/payment_detail.html",
    icon="cash",
    empty=_lazy("Money received from customers and paid to suppliers is listed here."),
)


def settled_by(
    request: HttpRequest, payment: Payment
) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """The entry of the payment, and what it has settled."""
    entry = payment.entry
    rows_ = [(_("Entry"), entry.reference, entry.get_absolute_url())]
    if payment.is_taken_back:
        reversal = entry.reversed_by
        rows_.append((_("Taken back by"), reversal.reference, reversal.get_absolute_url()))
    rows_ += [
        (_("Settles"), str(record), record.get_absolute_url())
        for record in settled_with(entry, request.user)
    ]
    return [(_("In the books"), rows_)]


@area("accounting", "edit")
@for_whole_books
@require_safe
def choose_party(request: HttpRequest, direction: str) -> HttpResponse:
    """Whose money it is, asked first."""
    parties = rows(request.user, Party).filter(is_active=True).order_by("name", "pk")
    form = PartyForm(request.GET if "party" in request.GET else None, parties=parties)
    if form.is_bound and form.is_valid():
        return redirect(f"{ROUTES[direction]}-of", form.cleaned_data["party"].pk)
    context = {
        "title": TITLES[direction],
        "crumbs": [(payments.title, payments.url("list")), (TITLES[direction], None)],
        "form": form,
    }
    return render(request, "accounting/payment_party.html", context)


@area("accounting", "edit")
@for_whole_books
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest, pk: int, direction: str) -> HttpResponse:
    """The payment of one party, with its open items to tick."""
    party = row_or_404(request.user, Party, pk=pk)
    form = form_for(request, party, direction)
    return form_page(
        request,
        form,
        lambda: recorded(request, party, direction, form),
        template="accounting/payment_form.html",
        title=f"{TITLES[direction]}: {party}",
        crumbs=[(payments.title, payments.url("list")), (TITLES[direction], None)],
        party=party,
        direction=direction,
        submit_label=_("Record"),
        back=payments.url("list"),
    )


def form_for(request: HttpRequest, party: Party, direction: str) -> PaymentForm:
    """The form with the open items of the party, oldest first; one come from is ticked."""
    today = timezone.localdate()
    usual = "receivable" if direction == "in" else "payable"
    role = request.GET.get("role", usual)
    found = open_items(on=today, role=role if role in ROLES else usual, party=party)
    found = found.exclude(open_amount=0).select_related("entry__due", "account")
    items, books = list(found.order_by("due_on", "pk")[:MOST_ITEMS]), the_books()
    first = {"on": today, "method": "transfer", **first_bank(request)}
    return PaymentForm(
        request.POST or None,
        direction=direction,
        items=items,
        accounts=rows(request.user, Account).order_by("code"),
        currencies=rows(request.user, Currency),
        books=books,
        initial=first | come_from(request, party, items, books),
    )


def come_from(
    request: HttpRequest, party: Party, items: list[OpenItem], books: Books
) -> dict[str, Any]:
    """The item the person comes from, ticked, and the currency: its own, else the party's."""
    entry, terms = request.GET.get("entry", ""), getattr(party, "terms", None)
    asked = next((item for item in items if str(item.entry_id) == entry), None)
    if asked is None:
        return {"currency": terms.currency_id} if terms and terms.currency_id else {}
    places = books.minor_units[asked.item_currency]
    return {
        "currency": asked.item_currency,
        f"pick_{asked.pk}": True,
        f"amount_{asked.pk}": rounded(abs(asked.open_amount), places),
    }


def first_bank(request: HttpRequest) -> dict[str, Account]:
    """The bank account most payments go through."""
    account = rows(request.user, Account).filter(role=Account.Role.BANK).first()
    return {"bank": account} if account else {}


def recorded(request: HttpRequest, party: Party, direction: str, form: PaymentForm) -> str:
    """Record what the form says; where the payment is found, or what was settled without one."""
    asked, settles = form.cleaned_data, form.settles()
    if form.settles_alone(settles):
        made = settle_each_other(form.parts(settles), on=asked["on"], by=request.user)
        say(request, _("Settled without money."))
        return made[0].debit_line.entry.get_absolute_url()
    payment = record_payment(
        direction=direction,
        party=party,
        settles=settles,
        amount=form.amount_for(settles),
        fee=asked["fee"] or 0,
        by=request.user,
        source_key=f"form:{asked['key']}",
        **{name: asked[name] for name in FROM_FORM},
    )
    say(request, _("%(payment)s is recorded.") % {"payment": payment})
    return payment.get_absolute_url()


FROM_FORM = ("on", "bank", "currency", "base_amount", "method", "reference")


def party_url(direction: str, party_id: int) -> str:
    """Where a payment of the party is recorded."""
    return reverse(f"{ROUTES[direction]}-of", args=[party_id])
