"""Which functions the office performs, by which department, under whom."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from backoffice import audit, giving, granting
from backoffice.errors import Refused
from backoffice.functions import all_functions
from backoffice.models import Company, Department, User
from backoffice.signature import acting_as


def root_department() -> Department:
    """The company as a department; every other is part of it."""
    return Department.objects.get(parent=None)


@transaction.atomic
def open_function(function: str, *, on: date, by: User | None) -> Department:
    """Perform a function: its department opens (or is made) and what it needs is set up."""
    department = Department.objects.select_for_update().filter(function=function).first()
    if department is None:
        department = Department.objects.create(
            name=_free_name(str(Department.Function(function).label)),
            code=_free_code(function.partition("_")[0].upper()),
            function=function,
            parent=root_department(),
        )
    department.is_open = True
    department.save(update_fields=["is_open"])
    company = Company.objects.get()
    config = next(config for config in all_functions() if config.label == function)
    config.set_up(company, on=on)
    audit.record("function_opened", department, by=by)
    return department


@transaction.atomic
def close_function(function: str, *, by: User) -> Department:
    """Perform a function no longer: it disappears from menu, rights and search, losing nothing."""
    department = Department.objects.select_for_update().get(function=function)
    department.is_open = False
    department.save(update_fields=["is_open"])
    audit.record("function_closed", department, by=by)
    return department


@transaction.atomic
def appoint_manager(department: Department, manager: User | None, *, by: User | None) -> None:
    """Put somebody on the staff in charge of a department.

    Where that brings guarded rights it waits for a second person, who is asked.
    """
    if manager and not manager.is_active:
        raise Refused(
            _("%(name)s is not active and cannot manage a department.") % {"name": manager},
            field="manager",
        )
    if by:
        giving.check_appointment(by, department, manager)
    department.manager = manager
    with acting_as(by):
        department.save(update_fields=["manager"])
    granting.ask_for_department(department, by=by)
    audit.record("manager_appointed", department, by=by, manager=str(manager or ""))


def _free_name(wanted: str) -> str:
    taken = Department.objects.filter(name__iexact=wanted).exists()
    return _("%(name)s department") % {"name": wanted} if taken else wanted


def _free_code(wanted: str) -> str:
    taken = {code.upper() for code in Department.objects.values_list("code", flat=True)}
    return next(
        code for code in (wanted, *(f"{wanted}{n}" for n in range(2, 100))) if code not in taken
    )
