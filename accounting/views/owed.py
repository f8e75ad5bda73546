"""What customers owe and what we owe: open items, ageing."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from accounting.ageing import BUCKETS, NAMES, ageing, within_bucket
from accounting.models import Account
from accounting.open_items import OpenItem, open_items
from accounting.payment_forms import OwedFilterForm
from accounting.reach import of_whole_books
from accounting.reporting import Wish
from accounting.views.reports import at_minor_unit, check_format, export_urls, paper
from backoffice import audit, exports
from backoffice.access import area, may, rows
from backoffice.models import Party
from backoffice.money import ZERO

LONGEST_KEY = 18  # digits
PAGE_SIZE = 50
TITLES = {"receivable": _lazy("Receivables"), "payable": _lazy("Payables")}
AGED = {"receivable": "aged_receivables", "payable": "aged_payables"}
LISTS = {"receivable": "accounting:receivables", "payable": "accounting:payables"}
AGED_PAGES = {"receivable": "accounting:aged-receivables", "payable": "accounting:aged-payables"}
PAY_PAGES = {"receivable": "accounting:payment-receive", "payable": "accounting:payment-pay"}


@area("accounting")
@require_safe
@of_whole_books
def items_page(request: HttpRequest, role: str) -> HttpResponse:
    """The open items of a day, those due first, with the sum of what is shown."""
    form, asked = asked_of(request)
    found = items_asked(request, role, asked)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    sign = -1 if role == "payable" else 1
    context = {
        "title": TITLES[role],
        "crumbs": [(TITLES[role], None)],
        "role": role,
        "form": form,
        "on": asked["on"],
        "party": asked["party"],
        "page": page,
        "items": [row_of(item, sign, asked["on"]) for item in page],
        "total": sign * (found.aggregate(total=Sum("open_base"))["total"] or ZERO),
        "is_filtered": bool(asked["q"] or asked["due"] or asked["party"]),
        "ageing_url": reverse(AGED_PAGES[role]) + f"?on={asked['on']}",
        "pay_url": reverse(PAY_PAGES[role]) if may(request.user, "accounting", "edit") else "",
        "ledger_url": ledger_of(request, role, asked["on"]),
    }
    return render(request, "accounting/open_items.html", context)


def asked_of(request: HttpRequest) -> tuple[OwedFilterForm, dict[str, Any]]:
    """The form and what it asks for; today, where no day is given."""
    given = {"on": timezone.localdate().isoformat(), **request.GET.dict()}
    dues = [(name, label) for name, label, _first in BUCKETS]
    form = OwedFilterForm(given, dues=dues)
    if not form.is_valid():
        raise BadRequest("; ".join(e for errors in form.errors.values() for e in errors))
    asked = {**form.cleaned_data, "on": form.cleaned_data["on"] or timezone.localdate()}
    party = request.GET.get("party", "")
    is_key = party.isdecimal() and len(party) <= LONGEST_KEY
    known = rows(request.user, Party).filter(pk=party) if is_key else ()
    return form, {**asked, "party": known[0] if known else None}


def items_asked(request: HttpRequest, role: str, asked: dict[str, Any]) -> QuerySet[OpenItem]:
    """The open items that are asked for, those due first."""
    found = open_items(on=asked["on"], role=role, party=asked["party"])
    if asked["q"]:
        word = asked["q"].replace("\x00", "")
        found = found.filter(Q(party__name__icontains=word) | Q(reference__icontains=word))
    if asked["due"] == "overdue":
        found = found.filter(due_on__lt=asked["on"])
    elif asked["due"]:
        found = found.filter(within_bucket(asked["due"], asked["on"]))
    if "without_party" in request.GET:
        found = found.filter(party=None)
    return found.select_related("party", "entry").order_by("due_on", "pk")


def row_of(item: OpenItem, sign: int, on: date) -> dict[str, Any]:
    """An item as the list draws it; a credit is negative."""
    late = (on - item.due_on).days
    is_credit = sign * (item.open_amount or item.open_base) < 0
    return {
        "item": item,
        "amount": sign * item.open_amount,
        "base": sign * item.open_base,
        "late": late if late > 0 and not is_credit else 0,
        "is_credit": is_credit,
    }


def ledger_of(request: HttpRequest, role: str, on: date) -> str:
    """The ledger of the control account up to the day."""
    account = rows(request.user, Account).filter(role=role).first()
    if account is None:
        return ""
    return reverse("accounting:general-ledger", args=[account.pk]) + f"?to={on}"


@area("accounting")
@require_safe
@of_whole_books
def ageing_page(request: HttpRequest, role: str) -> HttpResponse:
    """What is open by party and lateness; each figure opens the items it is made of."""
    _form, asked = asked_of(request)
    aged = ageing(on=asked["on"], role=role)
    context = {
        "title": report_title(role),
        "crumbs": [(TITLES[role], reverse(LISTS[role])), (report_title(role), None)],
        "aged": aged,
        "buckets": [label for _name, label, _first in BUCKETS],
        "rows": [
            {
                "name": row.name,
                "cells": [
                    (amount, items_url(role, aged.on, row.party_id, name))
                    for name, amount in zip(NAMES, row.amounts, strict=True)
                ],
                "total": row.total,
                "url": items_url(role, aged.on, row.party_id),
            }
            for row in aged.rows
        ],
        "sums": [
            (amount, reverse(LISTS[role]) + "?" + urlencode({"on": aged.on, "due": name}))
            for name, amount in zip(NAMES, aged.amounts, strict=False)
        ],
        "list_url": reverse(LISTS[role]) + f"?on={aged.on}",
        "ledger_url": ledger_of(request, role, aged.on),
        "export_urls": export_urls(f"{AGED_PAGES[role]}-export", request, more=("pdf",)),
    }
    return render(request, "accounting/ageing.html", context)


def report_title(role: str) -> str:
    """What the ageing is called."""
    return _("Aged receivables") if role == "receivable" else _("Aged payables")


def items_url(role: str, on: date, party_id: int | None, bucket: str = "") -> str:
    """The items a figure is made of."""
    query: dict[str, Any] = {"on": on, "due": bucket}
    query |= {"party": party_id} if party_id else {"without_party": 1}
    return reverse(LISTS[role]) + "?" + urlencode({k: v for k, v in query.items() if v})


@area("accounting")
@require_safe
@of_whole_books
def ageing_export(request: HttpRequest, role: str, format: str) -> HttpResponse:
    """The ageing in a file, or on paper."""
    _form, asked = asked_of(request)
    audit.record("exported", report_title(role), by=request.user, format=format)
    name = f"{AGED[role].replace('_', '-')}-{asked['on']}"
    if format == "pdf":
        return paper(AGED[role], Wish(on=asked["on"]), name)
    check_format(format)
    aged = ageing(on=asked["on"], role=role)
    header = [_("Party"), *(label for _n, label, _f in BUCKETS), _("Total")]
    lines = [
        [row.name, *at_minor_unit(aged.minor_unit, *row.amounts, row.total)] for row in aged.rows
    ]
    return exports.response(name, format, header, lines)
