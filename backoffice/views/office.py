"""Screens of the office: company, departments, staff, roles, places."""

from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from backoffice import audit, forms, giving, granting, signing_in, staff
from backoffice.access import area, may, rows
from backoffice.functions import SETTINGS_SCREENS
from backoffice.messages import say
from backoffice.models import Company, Department, Role, Room, Site, User
from backoffice.operations import Said, operation
from backoffice.pages import Pages, Related, Rows
from backoffice.views.forms import form_page


def _open_state(record) -> tuple[str, str] | None:
    if not getattr(record, "function", ""):
        return None
    return (_("Open"), "ok") if record.is_open else (_("Closed"), "mute")


def _active_state(record) -> tuple[str, str] | None:
    return None if record.is_active else (_("Inactive"), "mute")


# --- Operations ---------------------------------------------------------------------------


@operation(
    "edit",
    User,
    label=_lazy("Invite"),
    icon="mail",
    primary=True,
    when=lambda user: user.is_active and user.email and not user.has_usable_password(),
)
def invite(request, user):
    """A letter with a link to choose a password."""
    signing_in.invite(user, by=request.user)
    return _("An invitation is on its way to %(address)s.") % {"address": user.email}


@operation(
    "edit",
    User,
    label=_lazy("End access"),
    icon="x",
    asks=_lazy("The person cannot sign in any more. The record and its history stay."),
    when=lambda user: user.is_active,
)
def deactivate(request, user):
    """Nobody is deleted: what they did stays theirs."""
    staff.deactivate(user, by=request.user)
    undo = reverse("backoffice:user-reactivate", args=[user.pk])
    return Said(_("%(name)s has no access any more.") % {"name": user}, undo_url=undo)


@operation(
    "edit", User, label=_lazy("Let in again"), icon="check", when=lambda user: not user.is_active
)
def reactivate(request, user):
    """The way back."""
    staff.reactivate(user, by=request.user)
    return _("%(name)s may sign in again.") % {"name": user}


# --- Declared pages -----------------------------------------------------------------------


@transaction.atomic
def save_recorded(form, *, by):
    """Save a record of the office and remember what was changed."""
    giving.check_record(form, by=by)
    saved = form.save()
    if form.changed_data:
        audit.record("saved", saved, by=by, fields=form.changed_data)
    return saved


departments = Pages(
    model=Department,
    form=forms.DepartmentForm,
    columns=("name", "code", "function", "manager", "parent", "people"),
    facts=("code", "function", "manager", "parent"),
    filters=("function", "parent", "is_open"),
    search=("name", "code", "manager__name"),
    ordering=("name",),
    joined=("manager", "parent"),
    annotate=lambda found: found.annotate(people=Count("staff")),
    labels={"people": _lazy("people")},
    hide_small=("code", "parent"),
    related=(
        Related("staff", ("name", "job_title", "email")),
        Related("children", ("name",), _lazy("parts")),
    ),
    state=_open_state,
    save=save_recorded,
    after=granting.ask_for_department,
    empty=_lazy("Departments say who works where, and who decides."),
)

people = Pages(
    model=User,
    form=forms.UserForm,
    columns=("name", "job_title", "department", "email"),
    more_columns=("phone", "is_active", "joined_at", "last_login", "invited_at"),
    facts=("email", "job_title", "department", "phone", "invited_at", "last_login", "joined_at"),
    filters=("department", "is_active"),
    search=("name", "email", "job_title"),
    joined=("department",),
    template="office/user_detail.html",
    hide_small=("email",),
    formsets=(Rows(_lazy("Roles"), forms.AssignmentRows, check=giving.check_assignments),),
    related=(
        Related("assignments", ("role", "department", "starts_on", "ends_on", "given_from")),
    ),
    state=_active_state,
    save=save_recorded,
    after=granting.ask_for_person,
    importer="staff",
    empty=_lazy("Everybody who works here, with or without a login."),
)

roles = Pages(
    model=Role,
    form=forms.RoleForm,
    columns=("name", "description", "given", "holders"),
    facts=("description", "given"),
    search=("name", "description"),
    annotate=lambda found: found.annotate(holders=Count("assignments")),
    labels={"holders": _lazy("held by")},
    hide_small=("given",),
    formsets=(
        Rows(
            _lazy("Rights"),
            forms.GrantRows,
            "office/_areas_of_role.html",
            check=giving.check_grants,
        ),
    ),
    related=(
        Related("grants", ("area", "level", "reach", "given_level")),
        Related("assignments", ("user", "department", "starts_on", "ends_on")),
    ),
    save=save_recorded,
    after=granting.ask_for_role,
    empty=_lazy("A role is a set of rights with a name."),
)

sites = Pages(
    model=Site,
    form=forms.SiteForm,
    columns=("name", "city", "country", "time_zone"),
    search=("name", "city"),
    facts=("street", "postcode", "city", "country", "time_zone"),
    related=(Related("rooms", ("name", "floor", "seats")),),
    empty=_lazy("The buildings and offices of the company."),
)

rooms = Pages(
    model=Room,
    form=forms.RoomForm,
    columns=("name", "site", "floor", "seats", "is_bookable"),
    filters=("site", "is_bookable"),
    search=("name", "site__name"),
    joined=("site",),
    empty=_lazy("Rooms can be booked and found by visitors."),
)


# --- Written pages ------------------------------------------------------------------------


@area("office", "view")
@require_safe
def settings_page(request: HttpRequest) -> HttpResponse:
    """What can be set up in the office, on one page."""
    offered = [s for s in SETTINGS_SCREENS if may(request.user, s.area, s.level)]
    context = {"title": _("Settings"), "settings_menu": offered}
    return render(request, "office/settings.html", context)


@area("office", "manage")
def company_page(request: HttpRequest) -> HttpResponse:
    """The company's own facts."""
    company = get_object_or_404(rows(request.user, Company))
    form = forms.CompanyForm(request.POST or None, instance=company)

    def save() -> str:
        save_recorded(form, by=request.user)
        say(request, _("The company's facts are saved."))
        return reverse("backoffice:settings")

    return form_page(
        request,
        form,
        save,
        title=_("Company"),
        back=reverse("backoffice:settings"),
        crumbs=[(_("Settings"), reverse("backoffice:settings")), (_("Company"), None)],
        template="office/company.html",
    )
