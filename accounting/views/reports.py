"""Statements on screen: the trial balance, the proof of the books."""

from __future__ import annotations

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
from accounting.forms import DayForm
from accounting.models import Account
from accounting.reach import of_whole_books
from accounting.reporting import Wish
from accounting.reports import document_of, report, titles_of_parts
from accounting.statements import (
    BalanceRow,
    TrialBalance,
    trial_balance,
)
from accounting.trial_balance import OfYear, of_year
from accounting.views.asked import asked_page, refused_file
from backoffice import audit, documents, exports, money
from backoffice.access import area, rows
from backoffice.functions import Finding
from backoffice.models import Department
from backoffice.money import ZERO

# --- Trial balance --------------------------------------------------------------------------


@area("accounting")
@require_safe
@of_whole_books
def trial_balance_page(request: HttpRequest) -> HttpResponse:
    """Every account's balance at the end of a day, and the proof that both sides are equal."""
    form, asked = asked_of(request)
    context = {
        "title": _("Trial balance"),
        "crumbs": [(_("Trial balance"), None)],
        "form": form,
    }
    found = None if asked is None else drawn(request, asked)
    return asked_page(request, "accounting/trial_balance.html", context, found)


def drawn(request: HttpRequest, asked: dict[str, Any]) -> dict[str, Any]:
    """What the page shows of the day asked for."""
    which = {"department": asked["department"], "as_known": asked["as_known"]}
    balance = trial_balance(on=asked["on"], **which)
    compared = asked["compare"] and trial_balance(on=asked["compare"], **which)
    year = of_year(balance, **which)
    return {
        "balance": balance,
        "as_known": asked["as_known"],
        "compared": compared,
        "year": year,
        "sums": year.sums(balance.rows),
        "width": 5 + year.has_closing + bool(compared),
        "sections": sections_of(balance, compared, asked, year),
        "export_urls": export_urls("accounting:trial-balance-export", request, more=("pdf",)),
        "is_proved": balance.debit == balance.credit,
    }


def asked_of(request: HttpRequest) -> tuple[DayForm, dict[str, Any] | None]:
    """The form and what it asks for, if it can be; today, where no day is given."""
    departments = rows(request.user, Department).order_by("name")
    given = {"on": timezone.localdate().isoformat(), **request.GET.dict()}
    form = DayForm(given, departments=departments)
    if not form.is_valid():
        return form, None
    on = form.cleaned_data["on"] or timezone.localdate()
    return form, {**form.cleaned_data, "on": on, "as_known": form.as_known}


def ledger_url(account_id: int, asked: dict[str, Any], last: date | None) -> str:
    """The account's ledger up to the day, whose closing balance is the figure."""
    if not last:
        return ""
    query = {"to": last.isoformat()}
    if asked["department"]:
        query["department"] = asked["department"].pk
    if asked["known"]:
        query["known"] = asked["known"].isoformat()
    return reverse("accounting:general-ledger", args=[account_id]) + f"?{urlencode(query)}"


def lines_url(account_id: int, asked: dict[str, Any], year: OfYear, closing: str) -> str:
    """The lines of the year without closing entries, or only these."""
    query = {"accounts": account_id, "from": year.starts_on.isoformat()}
    query |= {"to": asked["on"].isoformat(), "closing": closing}
    if asked["department"]:
        query["department"] = asked["department"].pk
    if asked["as_known"]:
        query["known"] = asked["as_known"].isoformat()
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
    form, asked = asked_of(request)
    if asked is None:
        return refused_file(form)
    if format != "pdf":
        check_format(format)
    audit.record("exported", _("Trial balance"), by=request.user, format=format)
    if format == "pdf":
        wish = Wish(on=asked["on"], department=asked["department"], as_known=asked["as_known"])
        return paper("trial_balance", wish, f"trial-balance-{wish.on}")
    which = {"department": asked["department"], "as_known": asked["as_known"]}
    found = trial_balance(on=asked["on"], **which)
    year = of_year(found, **which)
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
