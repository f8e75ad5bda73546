"""Balance sheet, income statement and cash flow on screen, in files and on paper."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounting.balance_sheet import balance_sheet, year_starts
from accounting.income_statement import income_statement
from accounting.late_entries import MOST_SHOWN, Between, late_entries
from accounting.movements import Span
from accounting.reach import accounts_kept_back, departments_within, of_whole_books
from accounting.reporting import Wish, details_of, end_of
from accounting.statement_charts import chart_of, key_of
from accounting.statement_forms import ChangesForm, StatementForm
from accounting.statement_reports import (
    days_in_words,
    header_of,
    main_column,
    paper_of,
    statement_of,
)
from accounting.statement_rows import Row, Statement, books, rows_that_move
from accounting.views.asked import asked_page, refused_file
from accounting.years import EARLIEST, LATEST
from backoffice import audit, documents, exports
from backoffice.access import area, rows
from backoffice.errors import Refused
from backoffice.models import Department
from backoffice.money import rounded


@area("accounting")
@require_safe
@of_whole_books
def balance_sheet_page(request: HttpRequest) -> HttpResponse:
    """What is owned, owed and left at the end of a day."""
    return statement_page(request, "balance_sheet")


@area("accounting")
@require_safe
def income_statement_page(request: HttpRequest) -> HttpResponse:
    """What was earned and spent: of all, or of the departments the reader reaches."""
    return statement_page(request, "income_statement")


@area("accounting")
@require_safe
@of_whole_books
def cash_flow_page(request: HttpRequest) -> HttpResponse:
    """Where cash came from and went to."""
    return statement_page(request, "cash_flow")


@area("accounting")
@require_safe
@of_whole_books
def balance_sheet_export(request: HttpRequest, format: str) -> HttpResponseBase:
    """The balance sheet in a file, or on paper."""
    return statement_export(request, "balance_sheet", format)


@area("accounting")
@require_safe
def income_statement_export(request: HttpRequest, format: str) -> HttpResponseBase:
    """The income statement in a file, or on paper."""
    return statement_export(request, "income_statement", format)


@area("accounting")
@require_safe
@of_whole_books
def cash_flow_export(request: HttpRequest, format: str) -> HttpResponseBase:
    """The cash flow statement in a file, or on paper."""
    return statement_export(request, "cash_flow", format)


def statement_page(request: HttpRequest, name: str) -> HttpResponse:
    """A statement with its form, its chart and a link behind every figure."""
    form, wish = wished(request, name)
    found = drawn(form, name, wish) if wish else None
    title = {
        "balance_sheet": _("Balance sheet"),
        "income_statement": _("Income statement"),
        "cash_flow": _("Cash flow"),
    }[name]
    context = {"title": title, "crumbs": [(title, None)], "form": form, "name": name}
    shown_too = None
    if wish and found:
        shown_too = shown(found, wish) | {
            "chart": chart_of(name, wish, request.user),
            "chart_key": key_of(name),
            "export_urls": file_urls(request, f"accounting:{dashed(name)}-export"),
            "changes_url": changes_url(name, wish) if wish.within is None else "",
        }
    return asked_page(request, "accounting/statement.html", context, shown_too)


def dashed(name: str) -> str:
    """The name as it stands in addresses."""
    return name.replace("_", "-")


def wished(request: HttpRequest, name: str, **more: Any) -> tuple[StatementForm, Wish | None]:
    """The form, and what it asks for; nothing where it cannot be asked for."""
    within = departments_within(request.user)
    found = rows(request.user, Department).order_by("name")
    found = found if within is None else found.filter(pk__in=within)
    has_departments = name in ("income_statement", "budget")
    query = with_defaults(name, request.GET.dict())
    form = StatementForm(query, name=name, departments=found if has_departments else None, **more)
    if not form.is_valid():
        return form, None
    asked, today = form.cleaned_data, timezone.localdate()
    wish = Wish(
        on=asked.get("on") or asked.get("to") or today,
        starts_on=asked.get("from"),
        ends_on=asked.get("to"),
        department=asked.get("department"),
        as_known=form.as_known,
        by=asked.get("by") or "",
        compare=asked.get("compare") or "",
        budget=asked.get("budget"),
        within=within,
        without=accounts_kept_back(request.user),
    )
    return form, wish


def with_defaults(name: str, query: dict[str, str]) -> dict[str, str]:
    """What is asked for, with the days that are meant where none are named."""
    today = timezone.localdate()
    if name in ("balance_sheet", "budget"):
        return {**query, "on": query.get("on") or today.isoformat()}
    last = query.get("to") or today.isoformat()
    first = query.get("from") or first_of_year(last)
    return {**query, "from": first, "to": last}


def first_of_year(last: str) -> str:
    """The first day of the fiscal year a day lies in; nothing for what is no day."""
    try:
        day = date.fromisoformat(last)
    except ValueError:
        return ""
    if not EARLIEST <= day.year <= LATEST:
        return ""
    return year_starts([day], books()[2])[0].isoformat()


def drawn(form: StatementForm, name: str, wish: Wish) -> Statement | None:
    """The statement; where it is refused, the form says why."""
    try:
        return statement_of(name, wish)
    except Refused as refusal:
        field = {"last": "to"}.get(refusal.field or "", refusal.field)
        form.add_error(field if field in form.fields else None, str(refusal))
        return None


def shown(found: Statement, wish: Wish) -> dict[str, Any]:
    """What the table of a statement draws."""
    return {
        "statement": found,
        "span": found.columns[main_column(found)].span,
        "as_known": wish.as_known,
        "department": wish.department,
        "lines": [{"row": row, "cells": list(cells_of(found, row, wish))} for row in found.rows],
    }


def cells_of(found: Statement, row: Row, wish: Wish) -> Iterable[tuple[Any, str]]:
    """Each amount of a row with the address of the lines that sum to it."""
    for at, amount in enumerate(row.amounts):
        span, plan = found.span_of(row, at), found.columns[at].plan
        if plan and found.budget:
            yield amount, plan_url(row, plan, found.budget)
        else:
            yield amount, evidence_url(row, span, wish) if span else ""


def plan_url(row: Row, plan: Span, budget: int) -> str:
    """Where the lines of the budget behind a planned amount are listed."""
    source, inside = row.source, plan.departments
    if row.style != "account" or source is None or (inside is not None and len(inside) > 1):
        return ""
    asked = {
        "budget": budget,
        "account": source.accounts[0],
        "month_after": plan.first.isoformat() if plan.first else "",
        "month_before": plan.last.isoformat(),
        **({"department": next(iter(inside))} if inside else {}),
    }
    return f"{reverse('accounting:budgetline-list')}?{urlencode(asked)}"


def evidence_url(row: Row, span: Span, wish: Wish) -> str:
    """Where the lines behind a figure are."""
    source = row.source
    if source is None:
        return ""
    asked = {
        "accounts": ",".join(map(str, source.accounts)),
        "kinds": ",".join(source.kinds),
        "from": span.first.isoformat() if span.first else "",
        "to": span.last.isoformat(),
        **departments_asked(span, wish),
        "known": span.known.isoformat() if span.known else "",
        "since": span.since.isoformat() if span.since else "",
        "closing": source.closing,
        "flow": source.flow,
        "sign": "-1" if source.sign < 0 else "",
    }
    if not (source.accounts or source.kinds):
        return ""
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{reverse('accounting:evidence')}?{query}"


def departments_asked(span: Span, wish: Wish) -> dict[str, Any]:
    """The department of the figure: the one asked for, or the one of its column."""
    if span.departments is not None and len(span.departments) == 1 and wish.by == "department":
        (own,) = span.departments
        return {"department": own, "own": 1}
    return {"department": wish.department.pk} if wish.department else {}


def file_urls(request: HttpRequest, name: str) -> list[tuple[str, str]]:
    """The files this statement can be had as, with what is asked for here."""
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return [
        (kind.upper(), reverse(name, args=[kind]) + query) for kind in (*exports.FORMATS, "pdf")
    ]


def statement_export(
    request: HttpRequest, name: str, format: str, **more: Any
) -> HttpResponseBase:
    """A statement in a file, or on paper."""
    form, wish = wished(request, name, **more)
    found = drawn(form, name, wish) if wish else None
    if found is None or wish is None or format not in (*exports.FORMATS, "pdf"):
        return refused_file(form, _("A statement can be had as csv, xlsx or pdf."))
    audit.record("exported", found.title, by=request.user, format=format)
    file_name = f"{dashed(name)}-{wish.on}"
    if format == "pdf":
        return as_paper(found, wish, file_name)
    return exports.response(file_name, format, header_of(found), lines_of(found))


def lines_of(found: Statement) -> Iterable[list[Any]]:
    """The rows of a statement, set in, with their amounts as numbers."""
    for row in found.rows:
        amounts = [rounded(amount, found.minor_unit) for amount in row.amounts]
        yield [row.code, "  " * row.depth + row.label, *amounts]


def as_paper(found: Statement, wish: Wish, file_name: str) -> HttpResponse:
    """The statement as PDF to download, with the heads of the chain."""
    details = details_of(wish, found.currency, days_in_words(found))
    document = documents.pdf("statement.typ", paper_of(found, details, wish.as_known))
    headers = {"Content-Disposition": f'attachment; filename="{file_name}.pdf"'}
    return HttpResponse(document, content_type="application/pdf", headers=headers)


# --- What changed since? ---------------------------------------------------------------------


def changes_url(name: str, wish: Wish) -> str:
    """Where the same statement is compared with what was known before."""
    if name == "cash_flow":
        return ""
    asked = {"statement": name, "to": (wish.ends_on or wish.on).isoformat()}
    if wish.starts_on:
        asked["from"] = wish.starts_on.isoformat()
    return f"{reverse('accounting:changes')}?{urlencode(asked)}"


@area("accounting")
@require_safe
@of_whole_books
def changes_page(request: HttpRequest) -> HttpResponse:
    """What changed since? The late entries that moved each line of a statement."""
    is_asked = "since" in request.GET
    form = ChangesForm(request.GET if is_asked else None)
    context = {
        "title": _("What changed since?"),
        "crumbs": [(_("What changed since?"), None)],
        "form": form if is_asked else ChangesForm(first_question(request)),
        "is_asked": is_asked,
    }
    if is_asked and form.is_valid():
        context |= changes(form.cleaned_data)
    return render(request, "accounting/changes.html", context)


def first_question(request: HttpRequest) -> dict[str, Any]:
    """What stands in the form before anything is asked: the end of the month before."""
    before = timezone.localdate().replace(day=1)
    return {"statement": "balance_sheet", "since": before.isoformat(), **request.GET.dict()}


def changes(asked: dict[str, Any]) -> dict[str, Any]:
    """The statement before and after, the rows that changed, and the entries between."""
    last = asked["to"] or timezone.localdate()
    since, known = end_of(asked["since"]), asked["known"] and end_of(asked["known"])
    wish = Wish(on=last, as_known=known or None)
    if asked["statement"] == "balance_sheet":
        between = Between(since, known or timezone.now(), last)
        found = balance_sheet(on=last, known=known or None, since=since)
    else:
        first = asked["from"] or last.replace(month=1, day=1)
        between = Between(since, known or timezone.now(), last, first)
        found = income_statement(first=first, last=last, known=known or None, since=since)
    entries = late_entries(between)
    changed = replace(found, rows=rows_that_move(found.rows, 2))
    return shown(changed, wish) | {
        "has_changed": any(row.amounts[2] for row in found.rows),
        "entries": entries[:MOST_SHOWN],
        "count": entries.order_by().count(),
    }
