"""The asset register at the end of a day, and the monthly depreciation run."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounting import jobs
from accounting.asset_forms import MonthForm, RegisterForm
from accounting.asset_register import PAGE, class_rows, register_rows, sums_of_rows, ties
from accounting.depreciation import later, month_end, month_of
from accounting.depreciation_runs import Due, due, take_back_run
from accounting.forms import ReverseForm
from accounting.models import Account, AssetClass, JournalEntry
from accounting.reach import for_whole_books, of_whole_books, writes_whole_books
from accounting.reporting import Wish
from accounting.views.asked import asked_page, refused_file
from accounting.views.reports import at_minor_unit, check_format, export_urls, paper
from backoffice import audit, exports
from backoffice.access import area, may, row_or_404, rows
from backoffice.errors import Refused
from backoffice.messages import say
from backoffice.models import Department
from backoffice.shell import company_of
from backoffice.views.forms import form_page

RUNS_SHOWN = 12


# --- Register ----------------------------------------------------------------------------------


@area("accounting")
@of_whole_books
@require_safe
def register_page(request: HttpRequest) -> HttpResponse:
    """What each asset cost and lost up to a day, and that it ties to the accounts."""
    form, asked = asked_of(request)
    context = {
        "title": _("Asset register"),
        "crumbs": [(_("Asset register"), None)],
        "form": form,
        "may_edit": may(request.user, "accounting", "edit"),
    }
    found = None if asked is None else register_shown(request, *asked)
    return asked_page(request, "accounting/asset_register.html", context, found)


def register_shown(request: HttpRequest, on: date, chosen: AssetClass | None) -> dict[str, Any]:
    """A page of the assets, the sums of their classes, and what they tie to."""
    number = page_asked(request)
    found = register_rows(on=on, asset_class=chosen, limit=PAGE + 1, offset=number * PAGE)
    classes = [row for row in class_rows(on=on) if chosen is None or row.pk == chosen.pk]
    cost, taken = sums_of_rows(classes)
    tied = ties(on=on)
    return {
        "on": on,
        "classes": classes,
        "assets": found[:PAGE],
        "cost": cost,
        "taken": taken,
        "book_value": cost - taken,
        "ties": tied,
        "is_proved": all(tie.holds for tie in tied),
        "previous": at_page(request, number - 1) if number else "",
        "next": at_page(request, number + 1) if len(found) > PAGE else "",
        "export_urls": export_urls("accounting:asset-register-export", request, more=("pdf",)),
    }


def asked_of(
    request: HttpRequest,
) -> tuple[RegisterForm, tuple[date, AssetClass | None] | None]:
    """The form with the day and the class it asks for, if it can be; today for no day."""
    today = timezone.localdate()
    given = {"on": today.isoformat(), **request.GET.dict()}
    form = RegisterForm(given, user=request.user)
    if not form.is_valid():
        return form, None
    return form, (form.cleaned_data["on"] or today, form.cleaned_data["asset_class"])


def page_asked(request: HttpRequest) -> int:
    """The number of the page, from nought; the first for anything else."""
    words = request.GET.get("page", "")
    is_number = words.isascii() and words.isdigit() and len(words) < 7
    return max(int(words) - 1, 0) if is_number else 0


def at_page(request: HttpRequest, number: int) -> str:
    """This address at another page."""
    query = request.GET.copy()
    query["page"] = str(number + 1)
    return f"?{query.urlencode()}"


@area("accounting")
@of_whole_books
@require_safe
def register_export(request: HttpRequest, format: str) -> HttpResponse:
    """The whole register in a file, or on paper."""
    form, asked = asked_of(request)
    if asked is None:
        return refused_file(form)
    on, chosen = asked
    audit.record("exported", _("Asset register"), by=request.user, format=format)
    if format == "pdf":
        return paper("asset_register", Wish(on=on), f"asset-register-{on}")
    check_format(format)
    header = [_("Number"), _("Asset"), _("Class"), _("Department"), _("Acquired"), _("Cost")]
    header += [_("Depreciation to date"), _("Book value")]
    lines = lines_of(on, chosen, company_of(request).currency.minor_unit)
    return exports.response(f"asset-register-{on}", format, header, lines)


def lines_of(on: date, chosen: AssetClass | None, minor_unit: int) -> Iterator[list[Any]]:
    """Every row of the register."""
    for row in register_rows(on=on, asset_class=chosen):
        amounts = at_minor_unit(minor_unit, row.cost, row.taken, row.book_value)
        facts = [row.number, row.name, row.class_name, row.department, row.acquired_on]
        yield [*facts, *amounts]


# --- Run ---------------------------------------------------------------------------------------


@area("accounting")
@of_whole_books
@require_safe
def run_page(request: HttpRequest) -> HttpResponse:
    """What a run would post up to a month, and the runs there were."""
    form = MonthForm(month_meant(request))
    entries = rows(request.user, JournalEntry).filter(source_key__startswith="depreciation:")
    context = {
        "title": _("Depreciation run"),
        "crumbs": [(_("Depreciation run"), None)],
        "form": form,
        "runs": entries.select_related("reversed_by", "posted_by").order_by("-pk")[:RUNS_SHOWN],
        "may_post": writes_whole_books(request.user),
        "under_way": jobs.runs_under_way(),
        "key": uuid4(),
    }
    found = run_shown(request, form.cleaned_data["month"]) if form.is_valid() else None
    return asked_page(request, "accounting/depreciation_run.html", context, found)


def month_meant(request: HttpRequest) -> dict[str, str]:
    """The month asked for; the one before this where none is named."""
    before = later(month_of(timezone.localdate()), -1)
    return {"month": request.GET.get("month") or f"{before:%Y-%m}"}


def run_shown(request: HttpRequest, through: date) -> dict[str, Any]:
    """What would be posted up to the month."""
    parts = due(through)
    return {
        "through": through,
        "is_ahead": month_end(through) > timezone.localdate(),
        "months": by_month(parts),
        "lines": by_account(request, parts),
        "amount": sum((part.amount for part in parts), Decimal(0)),
        "assets": len({part.asset.pk for part in parts}),
    }


def by_month(parts: list[Due]) -> list[tuple[date, int, Decimal]]:
    """How many parts of which sum each month has."""
    found: dict[date, list[Decimal]] = defaultdict(list)
    for part in parts:
        found[part.month].append(part.amount)
    return [(month, len(sums), sum(sums, Decimal(0))) for month, sums in sorted(found.items())]


def by_account(request: HttpRequest, parts: list[Due]) -> list[dict[str, Any]]:
    """The sums by expense account and department, by name."""
    sums: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for part in parts:
        sums[part.asset.expense_account, part.asset.department] += part.amount
    accounts = rows(request.user, Account).in_bulk({account for account, _d in sums})
    departments = rows(request.user, Department).in_bulk({d for _a, d in sums})
    found = [
        {"account": accounts.get(account), "department": departments.get(d), "amount": amount}
        for (account, d), amount in sums.items()
    ]
    return sorted(found, key=lambda line: (str(line["account"]), str(line["department"])))


@area("accounting", "edit")
@for_whole_books
@require_POST
def post_run(request: HttpRequest) -> HttpResponse:
    """Begin the run up to the month."""
    form = MonthForm(request.POST)
    if not form.is_valid():
        raise BadRequest("Say up to which month.")
    try:
        job = jobs.start_run(
            form.cleaned_data["month"], by=request.user, key=UUID(request.POST.get("key", ""))
        )
    except ValueError:
        raise BadRequest("This page is old: open it again.") from None
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("accounting:depreciation-run")
    return redirect(job)


@area("accounting", "edit")
@for_whole_books
def undo_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a month's depreciation back; its month is open again."""
    entry = row_or_404(request.user, JournalEntry, "edit", pk=pk)
    form = ReverseForm(request.POST or None, initial={"date": timezone.localdate()})
    back = reverse("accounting:depreciation-run")

    def save() -> str:
        asked = form.cleaned_data
        reversal = take_back_run(entry, on=asked["date"], by=request.user, why=asked["why"])
        text = _("%(entry)s is taken back by %(reversal)s.")
        say(request, text % {"entry": entry, "reversal": reversal})
        return back

    return form_page(
        request,
        form,
        save,
        title=_("Take back %(entry)s") % {"entry": entry},
        crumbs=[(_("Depreciation run"), back), (str(entry), entry.get_absolute_url())],
        note=_(
            "Its months are open again. The last run is taken back first; a reversal is dated"
            " as its entry while that period is open."
        ),
        submit_label=_("Take back"),
        back=back,
    )
