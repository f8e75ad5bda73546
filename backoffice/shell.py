"""What stands around every page: the company, the menu, the way the reader writes numbers."""

from dataclasses import dataclass

from babel import Locale, UnknownLocaleError
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from backoffice import approvals
from backoffice.access import may
from backoffice.functions import (
    OFFICE_SCREENS,
    FunctionConfig,
    Screen,
    ScreenGroup,
    functions_for,
    grouped,
)
from backoffice.models import Company
from backoffice.notices import count_waiting_for


@dataclass
class MenuEntry:
    """A function in the side bar with the screens this person may open."""

    function: FunctionConfig
    groups: list[ScreenGroup]
    waiting: int
    is_current: bool


def company_of(request) -> Company | None:
    """The company, read once a request; None before it is set up."""
    if not hasattr(request, "_company"):
        request._company = Company.objects.select_related("currency").first()
    return request._company


def locale_of(request) -> str:
    """The locale numbers and dates are written in: the reader's language or the company's."""
    company, user = company_of(request), request.user
    wanted = (user.is_authenticated and user.language) or (company and company.language) or "en"
    try:
        return str(Locale.parse(wanted, sep="-"))
    except (UnknownLocaleError, ValueError):
        return "en"


def menu_of(request) -> list[MenuEntry]:
    """The side bar: what is closed or out of reach is not there."""
    if not request.user.is_authenticated:
        return []
    match = request.resolver_match
    namespace = match.kwargs.get("function", match.namespace) if match else ""
    shown = request.GET.get("function", namespace)
    entries = []
    for function, screens in functions_for(request.user):
        is_current = function.label == shown
        groups = grouped(screens, request.path) if is_current else []
        waiting = function.waiting(request.user)
        entries.append(MenuEntry(function, groups, waiting, is_current))
    return entries


def office_menu_of(request) -> list[Screen]:
    """Directory and settings, for those who may see them."""
    user = request.user
    return [s for s in OFFICE_SCREENS if may(user, s.area, s.level)]


def unread_of(request) -> int:
    """How many notices wait in the reader's inbox."""
    if not request.user.is_authenticated:
        return 0
    return count_waiting_for(request.user)


def approvals_waiting(request) -> int:
    """How much waits for this person's decision, counted once a request."""
    if not request.user.is_authenticated:
        return 0
    if not hasattr(request, "_approvals_waiting"):
        request._approvals_waiting = approvals.count_waiting_for(
            request.user, on=timezone.localdate()
        )
    return request._approvals_waiting


def shell(request) -> dict:
    """Context of every template."""
    if not hasattr(request, "user"):
        return {}
    return {
        "company": SimpleLazyObject(lambda: company_of(request)),
        "locale": SimpleLazyObject(lambda: locale_of(request)),
        "menu": SimpleLazyObject(lambda: menu_of(request)),
        "approvals_waiting": SimpleLazyObject(lambda: approvals_waiting(request)),
        "office_menu": SimpleLazyObject(lambda: office_menu_of(request)),
        "unread": SimpleLazyObject(lambda: unread_of(request)),
    }
