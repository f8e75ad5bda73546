"""Other people's worked cases, run through the real code: each function brings its suites."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from backoffice.errors import Refused
from backoffice.functions import all_functions

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


@dataclass(frozen=True)
class Case:
    """A worked case: passed, failed with what was expected and got, or skipped with why."""

    name: str
    verdict: str
    expected: Any = None
    got: Any = None


@dataclass(frozen=True)
class Suite:
    """Cases of one kind: `run` is given the file or folder, and the folder of tables or None."""

    name: str
    purpose: Any
    run: Callable[[Path, Path | None], Iterable[Case]]


def compared(name: str, expected: dict[str, Any], got: dict[str, Any]) -> Case:
    """The case, passed where every expected value is there; Decimals compare by their value."""
    wrong = {key: value for key, value in expected.items() if got.get(key) != value}
    if not wrong:
        return Case(name, PASSED)
    return Case(name, FAILED, wrong, {key: got.get(key) for key in wrong})


def suites() -> dict[str, Suite]:
    """Every suite there is, by name."""
    return {suite.name: suite for function in all_functions() for suite in function.suites()}


def suite_of(name: str) -> Suite:
    """The suite of a name, or a refusal that names those there are."""
    known = suites()
    if name not in known:
        raise Refused(
            _("There is no suite “%(name)s”. There are: %(names)s.")
            % {"name": name, "names": ", ".join(sorted(known))}
        )
    return known[name]
