"""Rights that take two: the database gives them once a second person has agreed.

Which rights these are, and what of them is given meanwhile, is decided by the database alone
(`guard_rights` in its migrations); here a second person is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from babel import Locale
from babel.dates import format_date
from django.conf import settings
from django.db import transaction
from django.db.models import Model
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from backoffice import outbox
from backoffice.access import AREAS, Level, Reach
from backoffice.approvals import approves, digest_of, request_approval
from backoffice.errors import Refused
from backoffice.models import Approval, Assignment, Company, Department, Grant, Role, User
from backoffice.owners import owners

VERBS: dict[type[Model], str] = {Grant: "grant", Assignment: "assign", Department: "appoint"}


# --- The canonical texts, letter for letter as the database writes them ----------------------


def grant_text(grant: Grant) -> str:
    """What a right of a role says."""
    return f"{grant.role_id}:{grant.area}:{grant.level}:{grant.reach}"


def assignment_text(held: Assignment) -> str:
    """What an assignment says."""
    days = f"{held.starts_on:%Y-%m-%d}:{held.ends_on or ''}"
    return f"{held.user_id}:{held.role_id}:{held.department_id}:{days}"


def appointment_text(department: Department) -> str:
    """Who is to manage which department."""
    return f"{department.pk}:{department.function}:{department.manager_id}"


TEXTS: dict[type[Model], Callable[[Any], str]] = {
    Grant: grant_text,
    Assignment: assignment_text,
    Department: appointment_text,
}


# --- Asking ---------------------------------------------------------------------------------


@transaction.atomic
def ask_for_role(role: Role, *, by: User | None) -> list[Approval]:
    """Ask a second person for the rights of the role that wait."""
    return ask(*role.grants.select_related("role"), by=by)


@transaction.atomic
def ask_for_person(user: User, *, by: User | None) -> list[Approval]:
    """Ask a second person for the roles of somebody that wait."""
    return ask(*user.assignments.select_related("user", "role", "department"), by=by)


@transaction.atomic
def ask_for_department(department: Department, *, by: User | None) -> list[Approval]:
    """Ask a second person for the department's manager where that waits."""
    department.refresh_from_db(fields=["manager_waits"])
    return ask(department, by=by)


@transaction.atomic
def ask(*records: Grant | Assignment | Department, by: User | None) -> list[Approval]:
    """Ask for those that wait and were not asked for yet; the owners get a letter."""
    if by is None:
        return []
    asked = [_request(r, by=by) for r in records if r.waits and not _is_asked(r)]
    if asked:
        _tell_owners(asked, by=by)
    return asked


def _is_asked(record: Model) -> bool:
    found = Approval.objects.filter(
        label=record._meta.label_lower,
        record_key=str(record.pk),
        state=Approval.State.WAITING,
        digest=digest_of(TEXTS[type(record)](record)),
    )
    return found.exists()


def _request(record: Grant | Assignment | Department, *, by: User) -> Approval:
    told: dict[type[Model], Callable[[Any], tuple]] = {
        Grant: _told_of_grant,
        Assignment: _told_of_assignment,
        Department: _told_of_manager,
    }
    title, whole, detail = told[type(record)](record)
    return request_approval(
        record,
        VERBS[type(record)],
        by=by,
        area="office",
        level="manage",
        text=TEXTS[type(record)](record),
        title=title,
        url=whole.get_absolute_url(),
        detail=detail,
    )


def _told_of_grant(grant: Grant) -> tuple:
    title = _("Rights of the role %(role)s: %(area)s") % {
        "role": grant.role,
        "area": AREAS[grant.area],
    }
    before = _in_words(grant.given_level, grant.given_reach)
    after = _in_words(grant.level, grant.reach)
    return title, grant.role, [(AREAS[grant.area], before, after)]


def _told_of_assignment(held: Assignment) -> tuple:
    title = _("%(name)s: role %(role)s") % {"name": held.user, "role": held.role}
    rights = held.role.grants.all()
    return (
        title,
        held.user,
        [
            (_("Department"), "", str(held.department)),
            (_("From"), _day(held.given_from), _day(held.starts_on)),
            (_("To"), _day(held.given_until), _day(held.ends_on) or _("until further notice")),
            *((AREAS[r.area], "", _in_words(r.level, r.reach)) for r in rights),
        ],
    )


def _told_of_manager(department: Department) -> tuple:
    title = _("%(name)s manages %(department)s") % {
        "name": department.manager,
        "department": department,
    }
    manages = _in_words(Level.MANAGE, Reach.ALL)
    areas = [n for n in AREAS if department.function and n.split(".")[0] == department.function]
    rows = [(AREAS[name], "", manages) for name in areas]
    return title, department, [(_("Manager"), "", str(department.manager)), *rows]


def _day(day: date | None) -> str:
    company = Company.objects.first()
    language = company.language if company else "en"
    return format_date(day, "medium", locale=Locale.parse(language, sep="-")) if day else ""


def _in_words(level: int, reach: str) -> str:
    if level == Level.NONE:
        return str(Level.NONE.label)
    return f"{Level(level).label}, {Reach(reach).label}"


def _tell_owners(asked: list[Approval], *, by: User) -> None:
    """A letter to every owner: who wants to give which rights."""
    addresses = [owner.email for owner in owners() if owner.email]
    company = Company.objects.first()
    context = {"asked": asked, "by": by, "company": company, "base_url": settings.BASE_URL}
    text = render_to_string("office/rights_asked.txt", context)
    for address in addresses:
        outbox.send(to=[address], subject=_("Rights wait for approval"), text=text, by=by)


# --- Giving ---------------------------------------------------------------------------------


def _give(record: Grant | Assignment | Department, **_decision) -> None:
    # The database sees the approval and gives what is asked.
    record.save()
    record.refresh_from_db()
    if record.waits:
        raise Refused(_("It was changed after this was asked: it has to be asked anew."))


def _take_back_grant(grant: Grant, *, by: User) -> None:
    if grant.given_level == Level.NONE:
        grant.delete()
        return
    grant.level, grant.reach = grant.given_level, grant.given_reach
    grant.save(update_fields=["level", "reach"])


def _take_back_assignment(held: Assignment, *, by: User) -> None:
    if held.given_from is None:
        held.delete()
        return
    held.starts_on, held.ends_on = held.given_from, held.given_until
    held.save(update_fields=["starts_on", "ends_on"])


def _take_back_appointment(department: Department, *, by: User) -> None:
    department.manager = None
    department.save(update_fields=["manager"])


approves("grant", Grant, text=grant_text, undo=_take_back_grant)(_give)
approves("assign", Assignment, text=assignment_text, undo=_take_back_assignment)(_give)
approves("appoint", Department, text=appointment_text, undo=_take_back_appointment)(_give)
