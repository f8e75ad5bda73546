"""What tells numbers written by hand apart: their letters and digits, whatever stands between."""

import unicodedata
from typing import Any

from django.db import models


def mark_of(written: str) -> str:
    """The letters and digits of a text, in any script, without regard to case.

    "RE 2026-17" and "re2026/17" are one; "А-1" and "Б-1" are two. A text of neither letters nor
    digits is its own mark.
    """
    folded = unicodedata.normalize("NFKC", written).casefold()
    return "".join(sign for sign in folded if sign.isalnum()) or folded.strip()


class NumberMark(models.TextField):
    """The mark of another column, written whenever that is."""

    def __init__(self, *args: Any, of: str = "", **kwargs: Any) -> None:
        self.of = of
        super().__init__(*args, **{**kwargs, "editable": False})

    def deconstruct(self) -> tuple:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        return name, path, args, {**kwargs, "of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:  # noqa: FBT001 - Django's
        mark = mark_of(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, mark)
        return mark
