"""Statements are of the whole company: who reads only a department's lines reads none."""

from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied

from accounting.models.accounts import accounts_of_pay
from backoffice.access import Level, standing


def reads_whole_books(user: Any) -> bool:
    """Whether the person sees the books of the whole company."""
    return standing(user).right("accounting", Level.VIEW).everything


def departments_within(user: Any) -> frozenset[int] | None:
    """The departments whose lines the person reads; None for all."""
    right = standing(user).right("accounting", Level.VIEW)
    return None if right.everything else frozenset(right.departments)


def accounts_kept_back(user: Any) -> frozenset[int]:
    """The accounts whose figures are not shown: of pay, to who does not read the whole books."""
    if reads_whole_books(user):
        return frozenset()
    return frozenset(accounts_of_pay().values_list("pk", flat=True))


def writes_whole_books(user: Any) -> bool:
    """Whether the person writes in the books of the whole company."""
    return standing(user).right("accounting", Level.EDIT).everything


def pays_for_whole_company(user: Any) -> bool:
    """Whether the person pays what the whole company owes."""
    return standing(user).right("accounting.pay", Level.EDIT).everything


def of_whole_books(view):
    """Let in only who reads the whole books."""
    return let_in(view, reads_whole_books)


def for_whole_books(view):
    """Let in only who writes in the whole books."""
    return let_in(view, writes_whole_books)


def for_whole_company(view):
    """Let in only who pays for the whole company."""
    return let_in(view, pays_for_whole_company)


def let_in(view, who):
    """The view, for those of whom it is so."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not who(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
