"""The reconciliation screen: bank lines on the left, what each may be on the right."""

from collections.abc import Callable

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounting.accepting import accept, accept_all
from accounting.bank_proof import balance_in_books, last_booked, newest_close, waiting_lines
from accounting.models import Account, JournalLine, OwnAccount, StatementLine, TaxCode
from accounting.open_items import open_items
from accounting.proposals import Proposal, proposals_for
from accounting.reach import of_whole_books
from accounting.reconciliation import book_directly, book_payment, book_transfer, undo
from accounting.reconciliation_forms import (
    SettleForm,
    SplitForm,
    TransferForm,
    WhoForm,
    initial_of,
    leaf_accounts,
)
from backoffice.access import area, row_or_404, rows
from backoffice.errors import Refused
from backoffice.messages import say
from backoffice.models import Department, Party
from backoffice.views.forms import add_refusal, try_to

LINES_SHOWN, ITEMS_SHOWN = 50, 200
WAYS = ("split", "payment", "transfer")


@area("accounting", "edit")
@require_safe
@of_whole_books
def reconcile(request: HttpRequest, pk: int) -> HttpResponse:
    """The lines that wait, and for the chosen one its proposals or a form; a booked one's page."""
    own = account_of(request, pk)
    booked = asked_for(request, own).filter(matches__isnull=False).first()
    if booked:
        return redirect(booked)
    waiting = waiting_lines(rows(request.user, StatementLine, "edit"), own)
    lines = list(waiting[:LINES_SHOWN])
    line = chosen(request, own, lines)
    how = request.GET.get("how", "")
    if line and how == "payment" and "party" not in request.GET:
        party = party_proposed(request, line)
        if party:
            return redirect(f"{screen(line)}?line={line.pk}&how=payment&party={party}")
    form = form_for(request, line, how) if line and how in WAYS else None
    return drawn(request, own, lines, line, how=how, form=form)


def drawn(request: HttpRequest, own, lines, line, *, how="", form=None) -> HttpResponse:
    """The page."""
    asked = lines if line is None or line in lines else [*lines, line]
    found = proposals_for(asked, own)
    at = lines.index(line) if line in lines else -1
    context = {
        "title": _("Reconcile"),
        "crumbs": [(_("Bank accounts"), reverse("accounting:ownaccount-list")),
                   (str(own), own.get_absolute_url()), (_("Reconcile"), None)],
        "own": own,
        "rows": [(one, (found[one.pk] or [None])[0]) for one in lines],
        "line": line,
        "proposals": found[line.pk] if line else [],
        "next": lines[at + 1] if 0 <= at < len(lines) - 1 else None,
        "before": lines[at - 1] if at > 0 else None,
        "how": how,
        "form": form,
        "who": WhoForm(request.GET or None, parties=parties_of(request)) if how == "payment"
        else None,
        "full": sum(1 for one in lines if any(p.evidence.is_full for p in found[one.pk])),
        "count": waiting_lines(rows(request.user, StatementLine), own).count(),
        "booked": last_booked(rows(request.user, StatementLine), own),
        "in_books": balance_in_books(own, on=timezone.localdate()),
        "statement": newest_close(own),
    }  # fmt: skip
    status = 422 if form is not None and form.is_bound and form.errors else 200
    return render(request, "accounting/reconcile.html", context, status=status)


def account_of(request: HttpRequest, pk: int) -> OwnAccount:
    """The bank account, within the person's reach."""
    found = rows(request.user, OwnAccount).select_related("account", "currency")
    return get_object_or_404(found, pk=pk)


def asked_for(request: HttpRequest, own: OwnAccount) -> QuerySet[StatementLine]:
    """The line the address names, if it names one of the account."""
    key = request.GET.get("line", "")
    found = rows(request.user, StatementLine)
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        return found.none()
    return found.filter(own_account=own, pk=int(key))


def chosen(request: HttpRequest, own: OwnAccount, lines: list) -> StatementLine | None:
    """The line asked for, or the first that waits."""
    found = asked_for(request, own).select_related("own_account__account", "own_account__currency")
    return found.first() or (lines[0] if lines else None)


def parties_of(request: HttpRequest):
    """Whose payment it may be."""
    return rows(request.user, Party).filter(is_active=True).order_by("name", "pk")


def form_for(request: HttpRequest, line: StatementLine, how: str, posted=None):
    """The form of one way to book a line by hand; None before a party is chosen."""
    if how == "split":
        return SplitForm(
            posted,
            line=line,
            accounts=leaf_accounts(rows(request.user, Account)).exclude(
                pk=line.own_account.account_id
            ),
            departments=rows(request.user, Department).order_by("name"),
            parties=parties_of(request),
            tax_codes=rows(request.user, TaxCode).filter(is_active=True).order_by("code"),
        )
    if how == "transfer":
        others = rows(request.user, OwnAccount).filter(is_active=True)
        return TransferForm(posted, accounts=others.exclude(pk=line.own_account_id))
    who = WhoForm(request.GET, parties=parties_of(request))
    if not who.is_valid():
        return None
    party = who.cleaned_data["party"]
    proposal = settling_proposed(line, party.pk) if posted is None else None
    ticked = initial_of(proposal) if proposal else {}
    return SettleForm(posted, line=line, items=items_of(line, party), initial=ticked)


def settling_proposed(line: StatementLine, party: int | None = None) -> Proposal | None:
    """The strongest proposal that settles open items, of the party where one is named."""
    settling = (p for p in proposals_for([line], line.own_account)[line.pk] if p.settles)
    return next((p for p in settling if party in (None, p.settles[0].item.party_id)), None)


def party_proposed(request: HttpRequest, line: StatementLine) -> int | None:
    """Whose payment the line is by its strongest proposal, where it may be chosen here."""
    proposal = settling_proposed(line)
    key = proposal.settles[0].item.party_id if proposal else None
    return key if parties_of(request).filter(pk=key).exists() else None


def items_of(line: StatementLine, party: Party) -> list[JournalLine]:
    """The open items a line of the party could settle, oldest first, and the credit to use up."""
    found: list[JournalLine] = []
    for role in ("receivable", "payable"):
        items = open_items(on=line.date, role=role, party=party).exclude(open_amount=0)
        items = items.filter(item_currency=line.own_account.currency_id)
        of_role = list(
            items.select_related("entry", "account").order_by("due_on", "pk")[:ITEMS_SHOWN]
        )
        if any((item.open_amount > 0) == (line.amount > 0) for item in of_role):
            found += of_role
    return found


# --- what is done -------------------------------------------------------------------------


@area("accounting", "edit")
@of_whole_books
@require_POST
def accept_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept a proposal."""
    line = line_of(request, pk)
    key = request.POST.get("key", "")
    return done(request, line, lambda: accept(line, key, by=request.user))


@area("accounting", "edit")
@of_whole_books
@require_POST
def accept_full(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept every line with full evidence."""
    own = account_of(request, pk)
    booked = try_to(lambda: accept_all(own, by=request.user))
    if isinstance(booked, Refused):
        messages.error(request, str(booked))
    else:
        text = ngettext("%(n)s line booked.", "%(n)s lines booked.", booked) % {"n": booked}
        say(request, text)
    return redirect("accounting:reconcile", own.pk)


@area("accounting", "edit")
@of_whole_books
@require_POST
def book_one(request: HttpRequest, pk: int, how: str) -> HttpResponse:
    """Book a line by hand, as its form says."""
    line = line_of(request, pk)
    form = form_for(request, line, how, request.POST)
    if form is None:
        return redirect(f"{screen(line)}?line={line.pk}&how={how}")
    if form.is_valid():
        said = try_to(lambda: ACTS[how](request, line, form))
        if not isinstance(said, Refused):
            return told(request, line, said)
        add_refusal(form, said)
    lines = list(waiting_lines(rows(request.user, StatementLine), line.own_account)[:LINES_SHOWN])
    return drawn(request, line.own_account, lines, line, how=how, form=form)


@area("accounting", "edit")
@of_whole_books
@require_POST
def undo_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a booking back and show the line again."""
    line = line_of(request, pk)

    def act() -> str:
        undo(line, on=timezone.localdate(), by=request.user)
        return _("“%(line)s” is open again.") % {"line": line}

    said = try_to(act)
    if isinstance(said, Refused):
        messages.error(request, str(said))
        return redirect(screen(line))
    say(request, said)
    return redirect(f"{screen(line)}?line={line.pk}")


def line_of(request: HttpRequest, pk: int) -> StatementLine:
    """The line, within the person's reach."""
    return row_or_404(request.user, StatementLine, "edit", pk=pk)


def screen(line: StatementLine) -> str:
    """The address of the screen the line is on."""
    return reverse("accounting:reconcile", args=[line.own_account_id])


def done(request: HttpRequest, line: StatementLine, act: Callable[[], str]) -> HttpResponse:
    """Do it and go on to the next line, or say why not."""
    said = try_to(act)
    if isinstance(said, Refused):
        messages.error(request, str(said))
        return redirect(f"{screen(line)}?line={line.pk}")
    return told(request, line, said)


def told(request: HttpRequest, line: StatementLine, said: str) -> HttpResponse:
    """Say what was done, with the way back, and go on to the line that was next."""
    say(request, said, undo_url=reverse("accounting:reconcile-undo", args=[line.pk]))
    waiting = waiting_lines(rows(request.user, StatementLine), line.own_account)
    key = request.POST.get("next", "")
    known = key.isascii() and key.isdigit() and len(key) < 19
    following = waiting.filter(pk=int(key)).exists() if known else False
    return redirect(f"{screen(line)}?line={key}" if following else screen(line))


def split(request: HttpRequest, line: StatementLine, form: SplitForm) -> str:
    """Book it where the form says it belongs."""
    asked = form.cleaned_data
    entry = book_directly(
        line,
        form.parts(),
        text=asked["text"],
        base_amount=asked.get("base_amount"),
        by=request.user,
    )
    return _("Booked by %(entry)s.") % {"entry": entry}


def payment(request: HttpRequest, line: StatementLine, form: SettleForm) -> str:
    """Book it as a payment of the party."""
    asked = form.cleaned_data
    party = row_or_404(request.user, Party, pk=request.GET["party"])
    made = book_payment(
        line,
        party=party,
        settles=form.settles(),
        fee=asked["fee"] or 0,
        base_amount=asked.get("base_amount"),
        by=request.user,
    )
    return _("Booked as the payment %(payment)s.") % {"payment": made}


def transfer(request: HttpRequest, line: StatementLine, form: TransferForm) -> str:
    """Book it as money between two accounts of ours."""
    entry = book_transfer(line, form.cleaned_data["other"], by=request.user)
    return _("Booked as a transfer by %(entry)s.") % {"entry": entry}


ACTS = {"split": split, "payment": payment, "transfer": transfer}
