"""Payment runs on screen: proposed, changed, approved, sent to the bank, posted."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounting.bank_orders import bank_file
from accounting.models import Account, OwnAccount, PaymentRun
from accounting.payment_runs import (
    LIVE,
    change_line,
    drop_run,
    open_amounts,
    post_run,
    propose_run,
    submit_run,
    total_of,
)
from accounting.reach import for_whole_company, pays_for_whole_company
from accounting.run_forms import ProposeRunForm, RateForm, RunLinesForm, held_words
from backoffice import audit
from backoffice.access import area, may, row_or_404, rows
from backoffice.bank_details import payable
from backoffice.encrypted_fields import whole
from backoffice.errors import Refused
from backoffice.messages import say
from backoffice.models import BankAccount, Company, Currency
from backoffice.operations import operation
from backoffice.pages import Pages
from backoffice.views.forms import form_page
from backoffice.views.pages import record_context

TONES = {"draft": "mute", "waiting": "warn", "approved": "info", "posted": "ok", "dropped": "mute"}


@operation(
    "edit",
    PaymentRun,
    label=_lazy("Ask for approval"),
    primary=True,
    when=lambda run: run.state == PaymentRun.State.DRAFT,
)
def submit(request, run):
    """A second person decides."""
    submit_run(run, by=request.user)
    return _("%(run)s waits for somebody else to approve it.") % {"run": run}


@operation(
    "edit",
    PaymentRun,
    label=_lazy("Drop"),
    icon="trash",
    asks=_lazy("Nothing is paid by this run; its bills can be proposed again."),
    when=lambda run: run.state in LIVE,
)
def drop(request, run):
    """The run is given up."""
    drop_run(run, by=request.user)
    return _("%(run)s is dropped.") % {"run": run}


@require_safe
def run_page(request: HttpRequest, pk: int, *, pages: Pages) -> HttpResponse:
    """The run with its bills, and what comes next."""
    run = get_object_or_404(pages.rows(request.user), pk=pk)
    lines = list(run.lines.select_related("party", "bank_account", "payment"))
    approved = payable({line.bank_account for line in lines if line.bank_account})
    context = record_context(request, run, pages) | {
        "run": run,
        "lines": [(line, held_words(line, approved)) for line in lines],
        "total": total_of(run),
        "may_change": run.state in LIVE and may(request.user, "accounting.pay", "edit"),
        "may_pay": run.state == "approved" and may(request.user, "accounting.pay", "edit"),
        "has_file": run.state in ("approved", "posted"),
    }
    return render(request, "accounting/paymentrun_detail.html", context)


class RunPages(Pages):
    """Runs are proposed by a form of their own; their bills are changed on another page."""

    def may_edit(self, user, record=None) -> bool:
        """Whether this person may begin a run."""
        return record is None and pays_for_whole_company(user)


runs = RunPages(
    model=PaymentRun,
    columns=("on", "bank", "currency", "due_until", "made_by"),
    more_columns=("state",),
    facts=("on", "due_until", "bank", "currency", "holder", "iban", "bic", "made_by"),
    filters=("state", "on", "currency"),
    ordering=("-on",),
    joined=("bank", "made_by"),
    state=lambda run: (PaymentRun.State(run.state).label.capitalize(), TONES[run.state]),
    record_view=run_page,
    icon="receipt-2",
    empty=_lazy(
        "Bills that are due are paid together: proposed, approved by a second person, paid."
    ),
)


@area("accounting.pay", "edit")
@for_whole_company
def propose(request: HttpRequest) -> HttpResponse:
    """Ask until when and from where, and propose the run."""
    user, today = request.user, timezone.localdate()
    company = Company.objects.get()
    bank = rows(user, Account).filter(role=Account.Role.BANK).first()
    form = ProposeRunForm(
        request.POST or None,
        accounts=rows(user, Account).order_by("code"),
        currencies=rows(user, Currency),
        kept=rows(user, OwnAccount),
        initial={
            "on": today,
            "due_until": today + timedelta(days=7),
            "bank": bank,
            "currency": company.currency_id,
            "holder": company.legal_name or company.name,
            **bank_of_ours(request, bank),
        },
    )
    return form_page(
        request,
        form,
        lambda: propose_run(by=user, **form.cleaned_data).get_absolute_url(),
        title=_("New payment run"),
        crumbs=[*runs.trail, (_("New payment run"), None)],
        note=_("Bills due until the day, and those whose discount would be lost, are proposed."),
        submit_label=_("Propose"),
        back=runs.url("list"),
    )


def bank_of_ours(request: HttpRequest, bank: Account | None) -> dict[str, str]:
    """IBAN and BIC as the last run from the account had them; none where they are kept with it."""
    if bank is None or rows(request.user, OwnAccount).filter(account=bank).exists():
        return {}
    last = rows(request.user, PaymentRun).filter(bank=bank).order_by("-pk").first()
    return {"iban": whole(last.iban), "bic": last.bic} if last else {}


@area("accounting.pay", "edit")
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave bills out, pay a part, or pay to another account."""
    run = row_or_404(request.user, PaymentRun, "edit", pk=pk)
    lines = list(run.lines.select_related("run__currency", "party", "bank_account"))
    accounts = list(
        rows(request.user, BankAccount).filter(party__in={line.party_id for line in lines})
    )
    form = RunLinesForm(
        request.POST or None,
        lines=lines,
        accounts=accounts,
        payable=payable(accounts),
        open_amounts=open_amounts(lines),
    )

    def save() -> str:
        known = {account.pk: account for account in accounts}
        for line in lines:
            asked = form.asked_of(line)
            account = known.get(asked.pop("account"))
            change_line(line, bank_account=account, by=request.user, **asked)
        return run.get_absolute_url()

    return form_page(
        request,
        form,
        save,
        template="accounting/paymentrun_lines.html",
        title=_("Bills of %(run)s") % {"run": run},
        crumbs=[*runs.trail, (str(run), run.get_absolute_url()), (_("Bills"), None)],
        run=run,
        back=run.get_absolute_url(),
    )


@area("accounting.pay", "edit")
def post(request: HttpRequest, pk: int) -> HttpResponse:
    """Post the payments of an approved run."""
    run = row_or_404(request.user, PaymentRun, "edit", pk=pk)
    form = RateForm(request.POST or None, initial={"on": run.on})

    def save() -> str:
        payments = post_run(run, by=request.user, **form.cleaned_data)
        said = ngettext(
            "%(count)s payment is posted.", "%(count)s payments are posted.", len(payments)
        )
        say(request, said % {"count": len(payments)})
        return run.get_absolute_url()

    return form_page(
        request,
        form,
        save,
        title=_("Post %(run)s") % {"run": run},
        crumbs=[*runs.trail, (str(run), run.get_absolute_url()), (_("Post"), None)],
        note=_("Each supplier is paid by one payment, which settles its bills."),
        submit_label=_("Post"),
        back=run.get_absolute_url(),
    )


@area("accounting.pay", "edit")
@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """The file for the bank."""
    run = row_or_404(request.user, PaymentRun, "edit", pk=pk)
    try:
        name, order = bank_file(run)
    except Refused as refusal:
        return HttpResponse(str(refusal), status=409, content_type="text/plain; charset=utf-8")
    audit.record("bank file written", run, by=request.user)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    kind = "application/xml" if name.endswith(".xml") else "text/csv"
    return HttpResponse(order, content_type=kind, headers=headers)
