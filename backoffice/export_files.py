"""Long lists on their way out: written by a job, kept for a week for who asked alone."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice import audit, exports
from backoffice.cells import Writer
from backoffice.errors import Refused
from backoffice.models import Job
from backoffice.pages import Pages, declared
from backoffice.under_way import Work

TASK = "exports.write"
DAYS_KEPT = 7


def folder() -> Path:
    """Where the files lie."""
    return Path(settings.FILES_DIR) / "exports"


def path_of(job: Job) -> Path:
    """Where the file of an export is, or will be."""
    return folder() / f"{job.key}.{_format_of(job)}"


def name_of(job: Job) -> str:
    """What the file is called by who fetches it."""
    return f"{_pages_of(job.arguments['list_name']).plural}.{_format_of(job)}"


def _format_of(job: Job) -> str:
    return next(format for format in exports.FORMATS if format == job.arguments.get("format"))


def _pages_of(list_name: str) -> Pages:
    import_module(settings.ROOT_URLCONF)  # reading the addresses declares the lists
    found = next((pages for pages in declared if pages.list_name == list_name), None)
    if found is None:
        raise Refused(_("There is no such list."))
    return found


def lines_of(pages: Pages, found: Any, names: Sequence[str], ways: dict) -> Iterator[list[Any]]:
    """The rows as they are written into a file, read a few at a time."""
    written = [Writer(name, pages.fields.get(name), **ways) for name in names]
    for record in pages.drawn(found, names).iterator(chunk_size=2000):
        yield [writer.for_file(record) for writer in written]


def write(work: Work, *, list_name: str, format: str, query: str, ways: dict) -> None:
    """Write the list as its maker sees it now, and say where to fetch it."""
    pages, asked = _pages_of(list_name), QueryDict(query)
    names = pages.columns_of(asked)
    found = pages.found(work.by, asked)
    audit.record("exported", pages.title, by=work.by, format=format, columns=names)
    lines = _counted(work, lines_of(pages, found, names, ways), total=found.count())
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    path = path_of(work.job)
    draft = path.with_suffix(f".{work.job.run}.part")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            exports.write(file, format, [pages.label(name) for name in names], lines)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    work.result_url = reverse("backoffice:export-file", args=[work.job.key])
    work.sentence = _("The file is kept for seven days.")


def _counted(work: Work, lines: Iterator[list[Any]], *, total: int) -> Iterator[list[Any]]:
    for done, line in enumerate(lines, start=1):
        yield line
        work.report(done, max(total, done))


def forget(*, now: datetime) -> int:
    """Remove the files a week old; say how many."""
    count, oldest = 0, (now - timedelta(days=DAYS_KEPT)).timestamp()
    for file in folder().iterdir() if folder().exists() else ():
        if file.stat().st_mtime < oldest:
            file.unlink()
            count += 1
    return count
