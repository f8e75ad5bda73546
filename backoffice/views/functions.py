"""Choosing what the office does, and each function's own front page."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from backoffice import departments
from backoffice.access import area, may, rows, standing
from backoffice.errors import Refused
from backoffice.forms import ManagerForm
from backoffice.functions import FunctionConfig, all_functions, functions_for, grouped
from backoffice.messages import say
from backoffice.models import Department, User


@area("office", "manage")
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """The six functions as cards: open or closed, by which department, under whom."""
    context = {
        "title": _("Choose functions"),
        "crumbs": [(_("Settings"), reverse("backoffice:settings")), (_("Functions"), None)],
        "cards": function_cards(request),
    }
    return render(request, "office/functions.html", context)


def function_cards(request: HttpRequest) -> list[dict]:
    """Each function with its department and a form for its manager."""
    performed = {
        d.function: d
        for d in rows(request.user, Department).exclude(function="").select_related("manager")
    }
    people = rows(request.user, User).filter(is_active=True)
    return [
        {
            "function": function,
            "department": performed.get(function.label),
            "is_open": function.label in performed and performed[function.label].is_open,
            "form": _manager_form(performed.get(function.label), people),
        }
        for function in all_functions()
    ]


def _manager_form(department: Department | None, people) -> ManagerForm:
    manager = department.manager_id if department else None
    return ManagerForm(initial={"manager": manager}, staff=people, auto_id=False)


@area("office", "manage")
@require_POST
def open_one(request: HttpRequest, function: str) -> HttpResponse:
    """Perform this function from now on."""
    department = departments.open_function(
        _known(function).label, on=timezone.localdate(), by=request.user
    )
    undo = reverse("backoffice:function-close", args=[function])
    say(request, _("%(name)s is open.") % {"name": department}, undo_url=undo)
    return redirect(_back(request))


@area("office", "manage")
@require_POST
def close_one(request: HttpRequest, function: str) -> HttpResponse:
    """Perform this function no longer; nothing is lost."""
    try:
        department = departments.close_function(_known(function).label, by=request.user)
    except Department.DoesNotExist:
        raise Http404 from None
    undo = reverse("backoffice:function-open", args=[function])
    text = _("%(name)s is closed. Its records are kept and come back when it is opened again.")
    say(request, text % {"name": department}, undo_url=undo)
    return redirect(_back(request))


@area("office", "manage")
@require_POST
def appoint(request: HttpRequest, function: str) -> HttpResponse:
    """Name the manager of the function's department."""
    department = rows(request.user, Department).filter(function=_known(function).label).first()
    form = ManagerForm(request.POST, staff=rows(request.user, User).filter(is_active=True))
    if department is None or not form.is_valid():
        raise Http404
    try:
        departments.appoint_manager(department, form.cleaned_data["manager"], by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        manager = form.cleaned_data["manager"] or _("nobody")
        sentence = _("%(department)s is managed by %(manager)s.")
        if department.manager_waits:
            sentence = _("%(manager)s manages %(department)s once somebody else approves it.")
        say(request, sentence % {"department": department, "manager": manager})
    return redirect(_back(request))


def _known(function: str) -> FunctionConfig:
    for config in all_functions():
        if config.label == function:
            return config
    raise Http404


def _back(request: HttpRequest) -> str:
    # The set-up shows the same cards.
    if request.POST.get("from") == "set-up":
        return reverse("backoffice:set-up", args=["functions"])
    return reverse("backoffice:functions")


@area("signed_in")
@require_safe
def function_home(request: HttpRequest, function: str) -> HttpResponse:
    """A function's front page: its figures, its screens, who works there."""
    config = _known(function)
    entered = {f.label: screens for f, screens in functions_for(request.user)}
    if function not in standing(request.user).open_functions:
        raise Http404
    if function not in entered:
        raise PermissionDenied
    department = rows(request.user, Department).select_related("manager").get(function=function)
    on = timezone.localdate()
    context = {
        "function": config,
        "title": config.verbose_name,
        "crumbs": [(config.verbose_name, None)],
        "groups": grouped(entered[function], request.path),
        "department": department,
        "staff": rows(request.user, User).filter(department=department, is_active=True)[:12],
        "figures": list(config.figures(request.user, on=on)),
        "attention": list(config.attention(request.user, on=on)),
        "may_manage": may(request.user, "office", "manage"),
    }
    return render(request, "office/function.html", context)
