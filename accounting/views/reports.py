"""Statements on screen: the trial balance, the ledger of an account, the proof of the books."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounting import checks
from accounting.chart_tree import KIND_TITLES
from accounting.forms import DayForm, SpanForm
from accounting.models import Account
from accounting.paths import account_names
from accounting.reach import of_whole_books
from accounting.reporting import Wish
from accounting.reports import document_of, report, titles_of_parts
from accounting.statements import (
    BalanceRow,
    Key,
    LedgerPage,
    TrialBalance,
    general_ledger,
    trial_balance,
    whole_ledger,
)
from accounting.trial_balance import OfYear, of_year
from backoffice import audit, documents, exports, money
from backoffice.access import area, may, row_or_404, rows
from backoffice.errors import Refused
from backoffice.functions import Finding
from backoffice.models import Department
from backoffice.money import ZERO
from backoffice.pages import Pages
from backoffice.shell import company_of
from backoffice.views.trail import timeline_context

# --- Trial balance --------------------------------------------------------------------------


@area("accounting")
@require_safe
@of_whole_books
def trial_balance_page(request: HttpRequest) -> HttpResponse:
    """Every account's balance at the end of a day, and the proof that both sides are equal."""
    form, asked = asked_of(request)
    balance = trial_balance(on=asked["on"], department=asked["department"])
    compared = asked["compare"] and trial_balance(
        on=asked["compare"], department=asked["department"]
    )
    year = of_year(balance, department=asked["department"])
    context = {
        "title": _("Trial balance"),
        "crumbs": [(_("Trial balance"), None)],
        "form": form,
        "balance": balance,
        "compared": compared,
        "year": year,
        "sums": year.sums(balance.rows),
        "width": 5 + year.has_closing + bool(compared),
        "sections": sections_of(balance, compared, asked, year),
        "export_urls": export_urls("accounting:trial-balance-export", request, more=("pdf",)),
        "is_proved": balance.debit == balance.credit,
    }
    return render(request, "accounting/trial_balance.html", context)


def asked_of(request: HttpRequest) -> tuple[DayForm, dict[str, Any]]:
    """The form and what it asks for; today, where no day is given."""
    departments = rows(request.user, Department).order_by("name")
    given = {"on": timezone.localdate().isoformat(), **request.GET.dict()}
    form = DayForm(given, departments=departments)
    if not form.is_valid():
        raise BadRequest("; ".join(e for errors in form.errors.values() for e in errors))
    return form, {**form.cleaned_data, "on": form.cleaned_data["on"] or timezone.localdate()}


def ledger_url(account_id: int, asked: dict[str, Any], last: date | None) -> str:
    """The account's ledger up to the day, whose closing balance is the figure."""
    if not last:
        return ""
    query = {"to": last.isoformat()}
    if asked["department"]:
        query["department"] = asked["department"].pk
    return reverse("accounting:general-ledger", args=[account_id]) + f"?{urlencode(query)}"


def lines_url(account_id: int, asked: dict[str, Any], year: OfYear, closing: str) -> str:
    """The lines of the year without closing entries, or only these."""
    query = {"accounts": account_id, "from": year.starts_on.isoformat()}
    query |= {"to": asked["on"].isoformat(), "closing": closing}
    if asked["department"]:
        query["department"] = asked["department"].pk
    return f"{reverse('accounting:evidence')}?{urlencode(query)}"


def sections_of(
    balance: TrialBalance, compared: TrialBalance | None, asked: dict[str, Any], year: OfYear
) -> list[dict[str, Any]]:
    """The rows by kind, each with the balance of the other day, and the sums of the kind."""
    before = {row.account_id: row for row in compared.rows} if compared else {}
    now = {row.account_id: row for row in balance.rows}
    joined = [now.get(pk) or nothing_left(before[pk]) for pk in {**before, **now}]
    order = list(Account.Kind)
    joined.sort(key=lambda row: (order.index(Account.Kind(row.kind)), row.code))
    return [
        section(Account.Kind(kind), list(found), before, asked, year)
        for kind, found in groupby(joined, key=lambda row: row.kind)
    ]


def nothing_left(row: BalanceRow) -> BalanceRow:
    """The account as it stands when nothing is on it any more."""
    return replace(row, balance=ZERO)


def section(
    kind: Account.Kind,
    found: list[BalanceRow],
    before: dict[int, BalanceRow],
    asked: dict,
    year: OfYear,
) -> dict[str, Any]:
    """The accounts of a kind."""
    return {
        "title": KIND_TITLES[kind],
        "debit": sum((row.debit for row in found), ZERO),
        "credit": sum((row.credit for row in found), ZERO),
        "sums": year.sums(row for row in found if row.account_id in year.parts),
        "rows": [
            {
                "row": row,
                "headings": row.name.split(":")[:-1],
                "name": row.name.split(":")[-1],
                "parts": year.parts.get(row.account_id),
                "url": ledger_url(row.account_id, asked, asked["on"]),
                "opening_url": ledger_url(row.account_id, asked, year.before),
                "moved_url": lines_url(row.account_id, asked, year, "without"),
                "closing_url": lines_url(row.account_id, asked, year, "only"),
                "before": before[row.account_id].balance if row.account_id in before else ZERO,
                "before_url": ledger_url(row.account_id, asked, asked["compare"]),
            }
            for row in found
        ],
    }


@area("accounting")
@require_safe
@of_whole_books
def trial_balance_export(request: HttpRequest, format: str) -> HttpResponse:
    """The trial balance in a file, or on paper."""
    _form, asked = asked_of(request)
    if format != "pdf":
        check_format(format)
    audit.record("exported", _("Trial balance"), by=request.user, format=format)
    if format == "pdf":
        wish = Wish(on=asked["on"], department=asked["department"])
        return paper("trial_balance", wish, f"trial-balance-{wish.on}")
    found = trial_balance(on=asked["on"], department=asked["department"])
    year = of_year(found, department=asked["department"])
    header = [_("Code"), _("Account"), _("Kind"), *titles_of_parts(year)]
    header += [_("Debit"), _("Credit"), _("Balance")]
    lines = [
        [r.code, r.name, r.kind, *at_minor_unit(found.minor_unit, *amounts_of(r, year))]
        for r in found.rows
    ]
    return exports.response(f"trial-balance-{found.on}", format, header, lines)


def amounts_of(row: BalanceRow, year: OfYear) -> list[Any]:
    """The figures of an account, those of closing entries where the year has any."""
    parts = year.parts[row.account_id]
    closing = [parts.closing] if year.has_closing else []
    return [parts.opening, parts.moved, *closing, row.debit, row.credit, row.balance]


def paper(name: str, wish: Wish, file_name: str) -> HttpResponse:
    """The report as PDF to download."""
    document = documents.pdf(*document_of(report(name, wish), name))
    headers = {"Content-Disposition": f'attachment; filename="{file_name}.pdf"'}
    return HttpResponse(document, content_type="application/pdf", headers=headers)


def at_minor_unit(minor_unit: int, *amounts: Any) -> list[Any]:
    """The amounts at the decimals of the books."""
    return [money.rounded(amount, minor_unit) for amount in amounts]


def check_format(name: str) -> None:
    """Only the formats a statement can be written in."""
    if name not in exports.FORMATS:
        raise BadRequest("A statement can be had as csv or xlsx.")


def export_urls(
    name: str, request: HttpRequest, *args: Any, more: tuple[str, ...] = ()
) -> list[tuple[str, str]]:
    """The files this statement can be had as, with what is asked for here."""
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return [
        (kind.upper(), reverse(name, args=[*args, kind]) + query)
        for kind in (*exports.FORMATS, *more)
    ]


# --- General ledger -------------------------------------------------------------------------


@area("accounting")
@require_safe
def ledger_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The lines of an account with the balance after each."""
    return account_ledger(request, row_or_404(request.user, Account, pk=pk))


@require_safe
def account_page(request: HttpRequest, pk: int, *, pages: Pages) -> HttpResponse:
    """An account is what is written on it: its record is its ledger."""
    account = row_or_404(request.user, Account, pk=pk)
    return account_ledger(request, account, timeline_context(request, account, pages))


def account_ledger(
    request: HttpRequest, account: Account, told: dict | None = None
) -> HttpResponse:
    """A page of the ledger, with the way to the pages beside it."""
    form, choice = span_of(request)
    try:
        page = general_ledger(account, **choice, **place_asked(request))
    except Refused as refusal:
        raise BadRequest(str(refusal)) from refusal
    below = list(rows(request.user, Account).filter(parent=account).order_by("code"))
    editable = may(request.user, "accounting", "edit", account)
    chart = (_("Chart of accounts"), reverse("accounting:chart"))
    context = (told or {}) | {
        "title": str(account),
        "crumbs": [chart, (str(account), None)],
        "account": account,
        "path": account_names()[account.pk].split(":")[:-1],
        "state": None if account.is_active else (_("Inactive"), "mute"),
        "form": form,
        "department": choice["department"],
        "page": page,
        "below": below,
        "beside": beside(request, page),
        "edit_url": reverse("accounting:account-edit", args=[account.pk]) if editable else None,
        "export_urls": export_urls("accounting:general-ledger-export", request, account.pk),
    }
    return render(request, "accounting/general_ledger.html", context)


def span_of(request: HttpRequest) -> tuple[SpanForm, dict[str, Any]]:
    """The days and the department that are asked for."""
    form = SpanForm(request.GET)
    if not form.is_valid():
        raise BadRequest("; ".join(e for errors in form.errors.values() for e in errors))
    department = None
    if request.GET.get("department"):
        asked = request.GET["department"]
        is_key = asked.isdecimal() and len(asked) < 19
        lookup = {"pk": asked} if is_key else {"code": asked.replace("\x00", "")}
        department = row_or_404(request.user, Department, **lookup)
    first, last = form.cleaned_data["from"], form.cleaned_data["to"]
    return form, {"starts_on": first, "ends_on": last, "department": department}


def place_asked(request: HttpRequest) -> dict[str, Any]:
    """Where in the ledger to read: after a line, before one, or at the end."""
    for name in ("after", "before"):
        if request.GET.get(name):
            return {name: Key.read(request.GET[name])}
    return {"last": "last" in request.GET}


def beside(request: HttpRequest, page: LedgerPage) -> list[tuple[str, str, str]]:
    """The pages one can go to: icon, name, address."""

    def at(**place: Any) -> str:
        query = request.GET.copy()
        for name in ("after", "before", "last"):
            query.pop(name, None)
        query.update({name: str(value) for name, value in place.items()})
        return f"?{query.urlencode()}"

    found = []
    if page.has_previous:
        found += [
            ("chevrons-left", _("First page"), at()),
            ("chevron-left", _("Previous page"), at(before=page.first_key)),
        ]
    if page.has_next:
        found += [
            ("chevron-right", _("Next page"), at(after=page.last_key)),
            ("chevrons-right", _("Last page"), at(last=1)),
        ]
    return found


@area("accounting")
@require_safe
@of_whole_books
def ledger_export(request: HttpRequest, pk: int, format: str) -> HttpResponse:
    """All lines of an account between two days in a file."""
    check_format(format)
    account = row_or_404(request.user, Account, pk=pk)
    _form, choice = span_of(request)
    audit.record("exported", account, by=request.user, format=format)
    header = [_("Date"), _("Entry"), _("Text"), _("Payee"), _("Department")]
    header += [_("Debit"), _("Credit"), _("Balance")]
    minor_unit = company_of(request).currency.minor_unit
    lines = lines_of(account, choice, minor_unit)
    return exports.response(f"ledger-{account.code}", format, header, lines)


def lines_of(account: Account, choice: dict, minor_unit: int) -> Iterator[list[Any]]:
    """Every line, read a page at a time."""
    for page in whole_ledger(account, **choice):
        for row in page.rows:
            amounts = at_minor_unit(minor_unit, row.debit, row.credit, row.balance)
            yield [row.date, row.reference, row.text, row.payee, row.department, *amounts]


# --- Proof ----------------------------------------------------------------------------------


@area("accounting")
@require_safe
@of_whole_books
def proof(request: HttpRequest) -> HttpResponse:
    """Are my books right? Everything that must hold, recomputed when asked."""
    found = list(checks.findings()) if "run" in request.GET else None
    context = {
        "title": _("Are my books right?"),
        "crumbs": [(_("Are my books right?"), None)],
        "findings": found,
        "parts": parts_of(found or []),
        "all_hold": found is not None and all(finding.holds for finding in found),
        "checked_at": timezone.now(),
    }
    return render(request, "accounting/proof.html", context)


def parts_of(found: list[Finding]) -> list[tuple[str, str, list[Finding]]]:
    """The findings by what they are about, each part with where its records are."""
    parts = {
        "books": (_("Entries and balances"), "accounting:journalentry-list"),
        "numbers": (_("Numbers"), "accounting:journalentry-list"),
        "chain": (_("Chain"), "accounting:period-list"),
        "items": (_("Receivables and payables"), "accounting:aged-receivables"),
        "taxes": (_("Taxes"), "accounting:taxreturn-list"),
        "assets": (_("Fixed assets"), "accounting:asset-register"),
        "bank": (_("Bank"), "accounting:bankstatement-list"),
    }
    groups: dict[str, list[Finding]] = {name: [] for name in parts}
    for finding in found:
        about = "assets" if finding.about == "register" else finding.about
        groups[about or "books"].append(finding)
    return [(title, reverse(page), groups[name]) for name, (title, page) in parts.items()]
