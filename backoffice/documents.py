"""Documents on paper: a typst template and the facts it shows, as PDF."""

import json
from collections.abc import Mapping
from typing import Any

import typst
from django.conf import settings

TEMPLATES = settings.BASE_DIR / "templates" / "documents"


def pdf(template: str, facts: Mapping[str, Any]) -> bytes:
    """The document as PDF; the template reads the facts from sys.inputs, already translated."""
    return typst.compile(
        TEMPLATES / template,
        root=TEMPLATES,
        format="pdf",
        sys_inputs={"facts": json.dumps(facts, default=str)},
    )
