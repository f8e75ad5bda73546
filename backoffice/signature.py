"""Who is at work, and in which request: the trail signs every change with it.

    with acting(by=user, request="9f1c…"):
        ...

The connection tells the database when something is written (`backoffice.postgres`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any, NamedTuple


class Signature(NamedTuple):
    """The person's key, empty where a command works; the request, or the command's name."""

    actor: str = ""
    request: str = ""


NOBODY = Signature()
_at_work: ContextVar[Signature] = ContextVar("signature", default=NOBODY)


def signature() -> Signature:
    """Who is at work here and now."""
    return _at_work.get()


@contextmanager
def acting(*, by: int | None, request: str) -> Iterator[None]:
    """Sign what is written meanwhile: `by` is the person's key, None for a command."""
    before = _at_work.set(Signature("" if by is None else str(by), request[:64]))
    try:
        yield
    finally:
        _at_work.reset(before)


@contextmanager
def acting_as(person: Any) -> Iterator[None]:
    """Sign what an act writes with the person it is done by, wherever the act is called from."""
    with acting(by=person.pk, request=signature().request) if person else nullcontext():
        yield
