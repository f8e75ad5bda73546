"""Tax returns: their boxes, the lines of each, filing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from accounting.forms import KnownForm
from accounting.models import TaxLine, TaxReturn
from accounting.tax_forms import TaxReturnForm
from accounting.tax_returns import (
    codes_of,
    corrections_of,
    figures_of,
    file_return,
    lines_in,
    lines_of,
    lines_without_code,
    open_return,
    share_of,
    weights_of,
)
from accounting.views.asked import asked_page
from backoffice import audit, exports, money
from backoffice.access import area, row_or_404
from backoffice.choices import LONGEST_KEY
from backoffice.operations import operation
from backoffice.pages import Pages
from backoffice.shell import company_of
from backoffice.views.pages import record_context

MOST_SHOWN = 200


@operation(
    "approve",
    TaxReturn,
    label=_lazy("File"),
    icon="lock",
    asks=_lazy(
        "The lines on it are locked for good and what is owed is entered as due to the tax"
        " office. Later corrections go on the next return. Send it to the tax office first."
    ),
    primary=True,
    when=lambda tax_return: not tax_return.is_filed,
)
def file(request, tax_return):
    """For good."""
    file_return(tax_return, on=timezone.localdate(), by=request.user)
    return _("%(days)s is filed.") % {"days": tax_return}


@require_safe
def return_page(request: HttpRequest, pk: int, *, pages: Pages) -> HttpResponse:
    """A return with its boxes, its codes, its corrections, and what no code explains."""
    found = get_object_or_404(pages.rows(request.user), pk=pk)
    context = record_context(request, found, pages)
    form = KnownForm({} if found.is_filed else request.GET)
    if not found.is_filed:
        context["form"] = form
    shown = figures_shown(found, form) if form.is_valid() else None
    return asked_page(request, "accounting/taxreturn_detail.html", context, shown)


def figures_shown(found: TaxReturn, form: KnownForm) -> dict[str, Any]:
    """What the return comes to, today or as known on the day asked for."""
    known, at = form.as_known, form.cleaned_data["known"]
    address = reverse("accounting:taxreturn-lines", args=[found.pk])
    return {
        "figures": figures_of(found, known),
        "codes": codes_of(found, known),
        "corrections": corrections_of(found, known)[:MOST_SHOWN],
        "without_code": lines_without_code(found, known)[:MOST_SHOWN],
        "lines_url": f"{address}?known={at}&" if at else f"{address}?",
        "as_known": known,
    }


class TaxReturnPages(Pages):
    """The pages of tax returns; a filed one is changed no more."""

    def may_edit(self, user, record=None) -> bool:
        """Whether this person may open a return, or change the days of this one."""
        return not (record and record.is_filed) and super().may_edit(user, record)


def save_return(form, *, by) -> TaxReturn:
    """Keep the days of the return."""
    return open_return(form.save(commit=False), by=by)


tax_returns = TaxReturnPages(
    model=TaxReturn,
    form=TaxReturnForm,
    columns=("period", "filed_at", "filed_by", "entry"),
    more_columns=("starts_on", "ends_on", "country"),
    facts=("starts_on", "ends_on", "country", "filed_at", "filed_by", "entry"),
    filters=("starts_on",),
    ordering=("-starts_on",),
    joined=("filed_by", "entry"),
    hide_small=("filed_by",),
    state=lambda found: (_("Filed"), "ok") if found.is_filed else (_("Draft"), "info"),
    save=save_return,
    record_view=return_page,
    icon="report",
    empty=_lazy("Open the period you tell the tax office about; its boxes fill themselves."),
)


# --- what a figure is made of ---------------------------------------------------------------


# The figures of a code, by the words of an address.
OF_A_CODE = {
    "base": _lazy("net"),
    "tax": _lazy("tax"),
    "owed": _lazy("owed"),
    "deducted": _lazy("deducted"),
}


def asked_lines(
    request: HttpRequest, tax_return: TaxReturn
) -> tuple[str, QuerySet[TaxLine], Callable[[TaxLine], Decimal]]:
    """What is asked for, its lines, and what each of them adds to it."""
    box, code = request.GET.get("box", "")[:20], request.GET.get("code", "")
    form = KnownForm(request.GET)
    if not form.is_valid():
        raise BadRequest("That was known on no day of these books.")
    known = form.as_known
    if box:
        weights = weights_of(box, tax_return.country)
        title = _("Box %(box)s") % {"box": box}
        return title, lines_in(tax_return, box, known), lambda line: share_of(line, weights)
    figure = request.GET.get("of", "tax")
    if not code.isdecimal() or len(code) > LONGEST_KEY or figure not in OF_A_CODE:
        raise BadRequest("A box or a figure of a code is asked for.")
    found = lines_of(tax_return, known).filter(code=int(code)).select_related("entry", "code")
    name = next((str(line.code) for line in found[:1]), code)
    title = _("%(code)s, %(figure)s") % {"code": name, "figure": OF_A_CODE[figure]}
    return title, found.order_by("tax_date", "pk"), attrgetter(figure)


@area("accounting")
@require_safe
def lines(request: HttpRequest, pk: int) -> HttpResponse:
    """The lines a figure of the return is made of, and their sum."""
    found = row_or_404(request.user, TaxReturn, pk=pk)
    title, asked, share = asked_lines(request, found)
    shares = [(line, share(line)) for line in asked[:MOST_SHOWN]]
    export = reverse("accounting:taxreturn-lines-export", args=[pk, "csv"])
    context = {
        "title": title,
        "crumbs": [*tax_returns.trail, (str(found), found.get_absolute_url()), (title, None)],
        "tax_return": found,
        "shares": shares,
        "total": sum((amount for _line, amount in shares), money.ZERO),
        "is_whole": len(shares) < MOST_SHOWN,
        "export_url": f"{export}?{request.GET.urlencode()}",
    }
    return render(request, "accounting/taxreturn_lines.html", context)


@area("accounting")
@require_safe
def lines_export(request: HttpRequest, pk: int, format: str) -> HttpResponse:
    """All those lines in a file."""
    if format not in exports.FORMATS:
        raise BadRequest("Lines can be had as csv or xlsx.")
    found = row_or_404(request.user, TaxReturn, pk=pk)
    title, asked, share = asked_lines(request, found)
    audit.record("exported", found, by=request.user, format=format, lines=title)
    header = [_("Tax date"), _("Entry"), _("Text"), _("Code"), _("Net"), _("Tax"), _("Amount")]
    unit = company_of(request).currency.minor_unit
    return exports.response(f"tax-{found.ends_on}", format, header, cells(asked, share, unit))


def cells(
    asked: QuerySet[TaxLine], share: Callable[[TaxLine], Decimal], unit: int
) -> Iterator[list[Any]]:
    """The cells of each line."""
    for line in asked.iterator(chunk_size=2000):
        amounts = (line.base, line.tax, share(line))
        written = [money.rounded(amount, unit) for amount in amounts]
        yield [line.tax_date, line.entry.reference, line.entry.text, line.code.code, *written]
