"""The lines behind a figure, as a page and as a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounting.chart_tree import KIND_TITLES
from accounting.evidence import Question, all_evidence, evidence, question
from accounting.facts import departments_below
from accounting.models import Account
from accounting.movements import Span
from accounting.reach import accounts_kept_back, departments_within
from accounting.statement_forms import EvidenceForm
from accounting.statement_rows import Chart, Source
from accounting.statements import Key
from backoffice import audit, exports
from backoffice.access import area, rows
from backoffice.errors import Refused
from backoffice.models import Department
from backoffice.money import rounded
from backoffice.shell import company_of


@area("accounting")
@require_safe
def evidence_page(request: HttpRequest) -> HttpResponse:
    """A page of the lines, with the figure they sum to."""
    asked, titles = asked_of(request)
    try:
        after = Key.read(request.GET["after"]) if request.GET.get("after") else None
    except Refused as refusal:
        raise BadRequest(str(refusal)) from refusal
    page = evidence(asked, after=after)
    context = {
        "title": _("Lines behind a figure"),
        "crumbs": [(_("Lines behind a figure"), None)],
        "page": page,
        "is_first": after is None,
        "is_whole": departments_within(request.user) is None,
        "next_url": with_(request, after=page.last_key) if page.has_next else "",
        "first_url": with_(request) if after else "",
        "export_urls": [
            (kind.upper(), reverse("accounting:evidence-export", args=[kind]) + with_(request))
            for kind in exports.FORMATS
        ],
        **titles,
    }
    return render(request, "accounting/evidence.html", context)


@area("accounting")
@require_safe
def evidence_export(request: HttpRequest, format: str) -> HttpResponseBase:
    """All lines behind a figure in a file."""
    if format not in exports.FORMATS:
        raise BadRequest("Lines can be had as csv or xlsx.")
    asked, _titles = asked_of(request)
    audit.record("exported", _("Lines behind a figure"), by=request.user, format=format)
    header = [_("Date"), _("Entry"), _("Account"), _("Text"), _("Payee"), _("Department")]
    header += [_("Amount"), _("Sum")]
    unit = company_of(request).currency.minor_unit
    return exports.response("lines", format, header, lines_of(asked, unit))


def lines_of(asked: Question, unit: int) -> Iterator[list[Any]]:
    """Every line, read a page at a time."""
    for row in all_evidence(asked):
        facts = [row.date, row.reference, row.account, row.text, row.payee, row.department]
        yield [*facts, rounded(row.amount, unit), rounded(row.running, unit)]


def asked_of(request: HttpRequest) -> tuple[Question, dict[str, Any]]:
    """The question the address asks, as far as the reader reaches, and what it is called."""
    form = EvidenceForm(request.GET, departments=rows(request.user, Department))
    if not form.is_valid():
        raise BadRequest("; ".join(e for errors in form.errors.values() for e in errors))
    asked = form.cleaned_data
    chart = Chart.read()
    if not set(asked["accounts"]) <= chart.accounts.keys():
        raise Http404
    source = Source(
        accounts=asked["accounts"],
        kinds=asked["kinds"],
        closing=asked["closing"],
        flow=asked["flow"],
        sign=-1 if asked["sign"] == "-1" else 1,
    )
    span = Span(
        asked["last"],
        asked["first"],
        departments_asked(request, asked),
        asked["known"],
        asked["since"],
        accounts_kept_back(request.user),
    )
    found = question(source, span, chart)
    if not found.accounts and (source.accounts or source.kinds):
        raise Http404
    return found, titles_of(asked, source, span, chart)


def departments_asked(request: HttpRequest, asked: dict[str, Any]) -> frozenset[int] | None:
    """The departments asked for that the reader reaches; 404 where that is none of them."""
    within, department = departments_within(request.user), asked["department"]
    if department is None:
        return within
    wanted = frozenset({department.pk}) if asked["own"] else departments_below(department)
    found = wanted if within is None else wanted & within
    if not found:
        raise Http404
    return found


def titles_of(asked: dict[str, Any], source: Source, span: Span, chart: Chart) -> dict[str, Any]:
    """What the figure is called: its accounts, its days, its department."""
    first = source.accounts[:3]
    more = len(source.accounts) - len(first)
    names = [str(KIND_TITLES[Account.Kind(kind)]) for kind in source.kinds]
    names += [str(chart.accounts[pk]) for pk in first]
    names += [_("%(count)s more") % {"count": more}] if more else []
    return {
        "names": names,
        "account": source.accounts[0] if len(source.accounts) == 1 and not source.kinds else None,
        "span": span,
        "source": source,
        "department": asked["department"],
    }


def with_(request: HttpRequest, **place: Any) -> str:
    """This address at another place."""
    query = request.GET.copy()
    query.pop("after", None)
    query.update({name: str(value) for name, value in place.items()})
    return f"?{query.urlencode()}"
