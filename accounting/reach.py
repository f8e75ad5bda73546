"""Statements are of the whole company: who reads only a department's lines reads none."""

from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied

from backoffice.access import Level, standing


def reads_whole_books(user: Any) -> bool:
    """Whether the person sees the books of the whole company."""
    return standing(user).right("accounting", Level.VIEW).everything


def departments_within(user: Any) -> frozenset[int] | None:
    """The departments whose lines the person reads; None for all."""
    right = standing(user).right("accounting", Level.VIEW)
    return None if right.everything else frozenset(right.departments)


def of_whole_books(view):
    """Let in only who reads the whole books."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not reads_whole_books(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
