"""The buttons on a record: each names an act, who may do it and when.

@operation("approve", PayRun)
def post(request, run):
    post_pay_run(run, by=request.user)
    return f"{run} posted."
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.text import capfirst

from backoffice.access import may

_registered: dict[type[models.Model], list[Operation]] = defaultdict(list)


@dataclass(frozen=True)
class Said:
    """What an operation answers when a sentence is not enough: where to go, how to undo."""

    text: str
    go_to: str = ""
    undo_url: str = ""


@dataclass(frozen=True)
class Operation:
    """A verb on a record."""

    verb: str
    label: str
    level: str
    model: type[models.Model]
    act: Callable[[Any, Any], str | Said]
    icon: str
    asks: str | Callable[[Any], str]
    is_primary: bool
    when: Callable[[Any], bool]

    def is_offered(self, user: Any, record: models.Model) -> bool:
        """Whether this person sees the button on this record."""
        return self.when(record) and may(user, type(record).access.area, self.level, record)

    def asked_of(self, record: models.Model) -> str:
        """What is said before it is done to this record; empty where nothing is asked."""
        return self.asks(record) if callable(self.asks) else self.asks


def operation(
    level: str,
    model: type[models.Model],
    *,
    label: str = "",
    icon: str = "check",
    asks: str | Callable[[Any], str] = "",
    primary: bool = False,
    when: Callable[[Any], bool] = lambda record: True,
) -> Callable:
    """Put the function on the records of the model, for people with this level there.

    It returns a sentence, or `Said`. What it raises as Refused is shown on the record. What it
    `asks` first may be a function of the record.
    """

    def register(act: Callable) -> Callable:
        verb = act.__name__.replace("_", "-")
        _registered[model].append(
            Operation(
                verb=verb,
                label=label or capfirst(verb.replace("-", " ")),
                level=level,
                model=model,
                act=act,
                icon=icon,
                asks=asks,
                is_primary=primary,
                when=when,
            )
        )
        return act

    return register


def operations_of(model: type[models.Model]) -> list[Operation]:
    """The operations on records of the model, in the order they were written."""
    return _registered[model]
