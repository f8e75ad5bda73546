"""Budgets: their list, the grid they are typed in, and what became of them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounting.budget_grid import Grid, grid_of
from accounting.budgets import (
    budget_from_actuals,
    copy_budget,
    grow_budget,
    others_in_force,
    put_in_force,
    take_back,
    write_cells,
)
from accounting.models import Budget, BudgetLine, FiscalYear
from accounting.reach import accounts_kept_back, for_whole_books, writes_whole_books
from accounting.statement_charts import budget_chart, key_of
from accounting.statement_forms import BudgetForm, CopyForm, GrowForm
from accounting.statement_reports import needed_budget
from accounting.views.downloads import file_urls
from accounting.views.statements import drawn, shown, statement_export, wished
from backoffice.access import Level, area, row_or_404, rows, standing
from backoffice.errors import Refused
from backoffice.messages import say
from backoffice.models import Department
from backoffice.operations import operation
from backoffice.pages import Pages
from backoffice.shell import company_of
from backoffice.views.forms import form_page, try_to


class BudgetPages(Pages):
    """Budgets are the whole company's: who writes only one department's lines makes none."""

    def may_edit(self, user: Any, record: Any = None) -> bool:
        """Whether this person may make budgets and change their names."""
        return writes_whole_books(user)


def state_of(budget: Budget) -> tuple[str, str]:
    """Whether it is in force, in a word."""
    word = Budget.State(budget.state).label.capitalize()
    return (word, "ok" if budget.is_in_force else "mute")


def what_it_replaces(budget: Budget) -> str:
    """What putting it in force does, and which budget becomes a draft by it."""
    said = _("Spending is held against it from now on.")
    for other in others_in_force(budget):
        said += " " + _("“%(budget)s”, in force until now, becomes a draft.") % {"budget": other}
    return said


@operation(
    "approve",
    Budget,
    label=_lazy("Put in force"),
    icon="check",
    asks=what_it_replaces,
    when=lambda budget: not budget.is_in_force,
    primary=True,
)
def put(request, budget):
    """From now on spending is held against it."""
    replaced = [str(other) for other in others_in_force(budget)]
    put_in_force(budget, by=request.user)
    said = _("%(budget)s is in force.") % {"budget": budget}
    for other in replaced:
        said += " " + _("%(budget)s is a draft again.") % {"budget": other}
    return said


@operation(
    "approve",
    Budget,
    label=_lazy("Take back"),
    icon="refresh",
    when=lambda budget: budget.is_in_force,
)
def back(request, budget):
    """A draft again, to be changed."""
    take_back(budget, by=request.user)
    return _("%(budget)s is a draft again.") % {"budget": budget}


def side_of(request: HttpRequest, budget: Budget) -> list[tuple[str, list]]:
    """Where each department's plan is typed, and what has become of it."""
    user = request.user
    report = f"{reverse('accounting:budget')}?{urlencode({'budget': budget.pk})}"
    rows_of = [(_("Budget against actual"), "", report)]
    if budgets.may_edit(user):
        copy = f"{reverse('accounting:budget-copy')}?{urlencode({'source': budget.pk})}"
        rows_of.append((_("Copy it"), "", copy))
    if budgets.may_edit(user) and not budget.is_in_force:
        rows_of.append((_("Grow it by percent"), "", budgets.url("grow", budget.pk)))
    plans = [
        (str(department), "", grid_url(budget, department))
        for department in departments_to_plan(user, "view")
    ]
    return [(_("Plans of departments"), plans), (_("This budget"), rows_of)]


def grid_url(budget: Budget, department: Department) -> str:
    """Where the department's plan is typed."""
    return f"{budgets.url('grid', budget.pk)}?{urlencode({'department': department.pk})}"


def save_budget(form: BudgetForm, *, by: Any) -> Budget:
    """Save it, for those who make budgets."""
    if not budgets.may_edit(by):
        raise PermissionDenied
    return form.save()


budgets = BudgetPages(
    model=Budget,
    form=BudgetForm,
    columns=("name", "fiscal_year", "overspending"),
    more_columns=("state",),
    facts=("name", "fiscal_year", "overspending"),
    filters=("fiscal_year", "state"),
    search=("name",),
    ordering=("-fiscal_year__starts_on", "name"),
    joined=("fiscal_year",),
    state=state_of,
    side=side_of,
    save=save_budget,
    importer="budget",
    icon="chart-bar",
    empty=_lazy("What each department means to earn and spend, account by account."),
)
budget_lines = Pages(
    model=BudgetLine,
    columns=("account", "department", "month", "amount", "budget"),
    filters=("budget", "account", "department", "month"),
    ordering=("account__code", "month"),
    joined=("account", "department", "budget__fiscal_year"),
    amount="amount",
    icon="chart-bar",
    has_timeline=False,
    empty=_lazy("Nothing is planned yet: open a budget and type its amounts."),
)


def departments_to_plan(user: Any, level: str) -> list[Department]:
    """The departments whose plans this person reads or writes."""
    right = standing(user).right("accounting", Level[level.upper()])
    found = rows(user, Department).order_by("name")
    return list(found if right.everything else found.filter(pk__in=right.departments))


# --- The grid --------------------------------------------------------------------------------


@area("accounting")
def grid_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Twelve months of a department, account by account: read, or typed and saved."""
    budget = row_or_404(request.user, Budget, pk=pk)
    department = department_asked(request)
    writable = department in departments_to_plan(request.user, "edit") and not budget.is_in_force
    grid = read_grid(request, budget, department)
    said = ""
    if request.method == "POST":
        if not writable:
            raise PermissionDenied
        said = (
            saved(request, grid)
            if grid.is_valid
            else _("Some amounts cannot be saved: their rows say why.")
        )
        if not said:
            return redirect(request.get_full_path())
    context = {
        "title": _("%(budget)s: %(department)s") % {"budget": budget, "department": department},
        "crumbs": [*budgets.trail, (str(budget), budget.get_absolute_url()), (_("Grid"), None)],
        "grid": grid,
        "department": department,
        "departments": departments_to_plan(request.user, "view"),
        "is_writable": writable,
        "refusal": said,
        "pages": range(1, grid.pages + 1) if grid.pages > 1 else (),
    }
    return render(request, "accounting/budget_grid.html", context)


def department_asked(request: HttpRequest) -> Department:
    """The department of the grid: the one asked for, else the first one reads; else 404."""
    found = departments_to_plan(request.user, "view")
    asked = request.GET.get("department", "")
    if not asked:
        if not found:
            raise Http404
        return next((d for d in found if d.parent_id is None), found[0])
    for department in found:
        if str(department.pk) == asked:
            return department
    raise Http404


def read_grid(request: HttpRequest, budget: Budget, department: Department) -> Grid:
    """The grid as stored, or as it was just typed."""
    page = request.GET.get("page", "1")
    if not page.isdecimal() or len(page) > 4:
        raise BadRequest("There is no such page.")
    return grid_of(
        budget,
        department,
        unit=company_of(request).currency.minor_unit,
        page=int(page),
        typed=request.POST.dict() if request.method == "POST" else None,
        without=accounts_kept_back(request.user),
    )


def saved(request: HttpRequest, grid: Grid) -> str:
    """Save what was typed and say so; else the sentence why not."""
    done = try_to(lambda: write_cells(grid.budget, grid.cells, by=request.user))
    if isinstance(done, Refused):
        return str(done)
    changed = ngettext("%(count)s amount changed.", "%(count)s amounts changed.", done)
    words = {"budget": grid.budget, "changed": changed % {"count": done}}
    say(request, _("%(budget)s saved. %(changed)s") % words)
    return ""


# --- From what there is ------------------------------------------------------------------------


@area("accounting", "edit")
@for_whole_books
def copy_page(request: HttpRequest) -> HttpResponse:
    """A new draft from another budget, or from what happened in a year."""
    form = CopyForm(
        request.POST or None,
        initial={"source": f"budget-{request.GET.get('source', '')}"},
        budgets=rows(request.user, Budget),
        years=rows(request.user, FiscalYear).order_by("-starts_on"),
    )

    def save() -> str:
        made = started(request, form)
        say(request, _("%(budget)s is there, as a draft.") % {"budget": made})
        return made.get_absolute_url()

    return form_page(
        request,
        form,
        save,
        title=_("Start a budget from what there is"),
        crumbs=[*budgets.trail, (_("Copy"), None)],
        note=_("Each month takes the amounts of the same month; grown by as much as you say."),
        submit_label=_("Make the draft"),
        back=budgets.url("list"),
    )


def started(request: HttpRequest, form: CopyForm) -> Budget:
    """The draft the form asks for."""
    asked = form.cleaned_data
    how = {
        "to": asked["to"],
        "name": asked["name"],
        "percent": asked["percent"] or 0,
        "by": request.user,
    }
    if asked["source"] in form.years:
        return budget_from_actuals(form.years[asked["source"]], **how)
    return copy_budget(form.budgets[asked["source"]], **how)


@area("accounting", "edit")
@for_whole_books
def grow_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Raise or lower every amount of a draft."""
    budget = row_or_404(request.user, Budget, pk=pk)
    form = GrowForm(request.POST or None)

    def save() -> str:
        count = grow_budget(budget, form.cleaned_data["percent"], by=request.user)
        said = ngettext("%(count)s amount changed.", "%(count)s amounts changed.", count)
        say(request, said % {"count": count})
        return budget.get_absolute_url()

    return form_page(
        request,
        form,
        save,
        title=_("Grow %(budget)s") % {"budget": budget},
        crumbs=[*budgets.trail, (str(budget), budget.get_absolute_url()), (_("Grow"), None)],
        submit_label=_("Grow"),
        back=budget.get_absolute_url(),
    )


# --- Budget against actual -----------------------------------------------------------------------


@area("accounting")
@require_safe
def report_page(request: HttpRequest) -> HttpResponse:
    """What was planned and what happened, in the departments the reader reaches."""
    form, wish = wished(request, "budget", budgets=choices(request))
    found = drawn(form, "budget", wish) if wish else None
    context: dict[str, Any] = {
        "title": _("Budget against actual"),
        "crumbs": [(_("Budget against actual"), None)],
        "form": form,
        "name": "budget",
        "list_url": budgets.url("list"),
        "has_any": rows(request.user, Budget).exists(),
    }
    if wish and found:
        budget = wish.budget or needed_budget(wish.on)
        context |= shown(found, wish) | {
            "chart": budget_chart(budget, request.user, wish),
            "chart_key": key_of("budget"),
            "export_urls": file_urls(request, "accounting:budget-report-export"),
        }
    return render(request, "accounting/budget_report.html", context)


@area("accounting")
@require_safe
def report_export(request: HttpRequest, format: str) -> HttpResponseBase:
    """Budget against actual in a file, or on paper."""
    return statement_export(request, "budget", format, budgets=choices(request))


def choices(request: HttpRequest) -> Any:
    """The budgets to choose from."""
    return rows(request.user, Budget)
