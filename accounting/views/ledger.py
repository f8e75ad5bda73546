"""The ledger of an account on screen and in files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounting.forms import SpanForm
from accounting.models import Account
from accounting.paths import account_names
from accounting.reach import of_whole_books
from accounting.statements import Key, LedgerPage, general_ledger, whole_ledger
from accounting.views.asked import asked_page, refused_file
from accounting.views.reports import at_minor_unit, check_format, export_urls
from backoffice import audit, exports
from backoffice.access import area, may, row_or_404, rows
from backoffice.errors import Refused
from backoffice.models import Department
from backoffice.pages import Pages
from backoffice.shell import company_of
from backoffice.views.trail import timeline_context


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
    form, department = SpanForm(request.GET), department_of(request)
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
        "department": department,
        "kept": [("department", department.pk)] if department else [],
        "below": below,
        "edit_url": reverse("accounting:account-edit", args=[account.pk]) if editable else None,
    }
    found = None
    if form.is_valid():
        page = page_asked(request, account, choice_of(form, department))
        found = {
            "page": page,
            "as_known": form.as_known,
            "beside": beside(request, page),
            "export_urls": export_urls("accounting:general-ledger-export", request, account.pk),
        }
    return asked_page(request, "accounting/general_ledger.html", context, found)


def department_of(request: HttpRequest) -> Department | None:
    """The department asked for by its key or its code; 404 where it is out of reach."""
    asked = request.GET.get("department", "")
    if not asked:
        return None
    is_key = asked.isdecimal() and len(asked) < 19
    lookup = {"pk": asked} if is_key else {"code": asked.replace("\x00", "")}
    return row_or_404(request.user, Department, **lookup)


def choice_of(form: SpanForm, department: Department | None) -> dict[str, Any]:
    """The days, the department and the moment of knowledge that are asked for."""
    asked = form.cleaned_data
    return {
        "starts_on": asked["from"],
        "ends_on": asked["to"],
        "department": department,
        "as_known": form.as_known,
    }


def page_asked(request: HttpRequest, account: Account, choice: dict[str, Any]) -> LedgerPage:
    """The page of the ledger at the place asked for; a bad request for what is no place."""
    try:
        return general_ledger(account, **choice, **place_asked(request))
    except Refused as refusal:
        raise BadRequest(str(refusal)) from refusal


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
def ledger_export(request: HttpRequest, pk: int, format: str) -> HttpResponseBase:
    """All lines of an account between two days in a file."""
    check_format(format)
    account = row_or_404(request.user, Account, pk=pk)
    form = SpanForm(request.GET)
    if not form.is_valid():
        return refused_file(form)
    choice = choice_of(form, department_of(request))
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
