"""A file on its way in: received, its columns chosen, brought in by a job, looked back at."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice import audit
from backoffice.errors import Refused
from backoffice.exports import write_csv
from backoffice.imports import (
    Failure,
    Importer,
    Outcome,
    check_mapping,
    failed_rows,
    guess,
    importer_of,
    mapped,
)
from backoffice.models import AuditEvent, ImportRun, Notice, User
from backoffice.notices import notify
from backoffice.queueing import queue
from backoffice.signature import acting
from backoffice.tables import Table, check_size

PREVIEWED = 20
FAILURES_SHOWN = 200
SECONDS_BETWEEN_REPORTS = 1.0
Status = ImportRun.Status


class Stopped(Exception):  # noqa: N818 - it reads as a statement
    """The person asked to stop: nothing is brought in."""


# --- the file -------------------------------------------------------------------------------


def folder_of(key: UUID | str) -> Path:
    """Where the file of a run and the rows that failed are kept."""
    return Path(settings.FILES_DIR) / "imports" / str(key)


def receive(
    upload: UploadedFile,
    *,
    key: UUID,
    kind: str,
    by: User,
    options: Mapping[str, str] | None = None,
) -> ImportRun:
    """Keep an uploaded table; the same key again gets the run it got the first time.

    `options` are known beforehand: the account whose page the file was brought to.
    """
    importer = importer_of(kind)
    known = ImportRun.objects.filter(key=key, made_by=by, kind=kind).first()
    if known:
        return known
    check_size(upload.size or 0)
    table = _kept(upload, folder_of(key), importer)
    usual = importer.usual(table)
    if usual is None:
        usual = (_usual_mapping(importer, table, by=by), _usual_options(kind, by=by))
    run, _is_new = ImportRun.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "file_name": table.name[:200],
            "made_by": by,
            "mapping": usual[0],
            "options": {**usual[1], **(options or {})},
        },
    )
    if run.made_by_id != by.pk or run.kind != kind:
        raise Refused(_("This page was used for another file: open it again."))
    return run


def _kept(upload: UploadedFile, folder: Path, importer: type[Importer]) -> Table:
    """The table in the upload, written where nobody else reads."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = folder / f"{uuid4()}.part"
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            for piece in upload.chunks():
                file.write(piece)
        importer.open(part, upload.name or "")
        importer.check_bytes(part)
        part.replace(folder / "file")
    finally:
        part.unlink(missing_ok=True)
        if not (folder / "file").exists():
            folder.rmdir()
    return importer.open(folder / "file", upload.name or "")


def table_of(run: ImportRun) -> Table:
    """The table of a run; refused once its file is removed."""
    path = folder_of(run.key) / "file"
    if not path.exists():
        raise Refused(_("The file is no longer kept: choose it again."))
    return importer_of(run.kind).open(path, run.file_name)


def failed_file(run: ImportRun) -> Path:
    """Where the rows that could not come in are."""
    return folder_of(run.key) / "failed.csv"


def forget_files(*, before: datetime) -> int:
    """Remove the files of runs that ended or were left before then; say of how many."""
    count = 0
    folders = Path(settings.FILES_DIR) / "imports"
    for folder in folders.iterdir() if folders.exists() else ():
        run = ImportRun.objects.filter(key=folder.name).first()
        last = (run.ended_at or run.made_at) if run else _changed_at(folder)
        is_on_its_way = run and run.status in (Status.WAITING, Status.RUNNING)
        if last < before and not is_on_its_way:
            shutil.rmtree(folder)
            count += 1
    return count


def _changed_at(folder: Path) -> datetime:
    return datetime.fromtimestamp(folder.stat().st_mtime, tz=timezone.get_current_timezone())


# --- its columns ----------------------------------------------------------------------------


def _usual_mapping(importer: type[Importer], table: Table, *, by: User) -> dict[str, str]:
    """The person's last choice for this kind, where it fits the file; else the likely one."""
    last = _last_run(importer.kind, by=by)
    if last and last.mapping and set(last.mapping.values()) <= set(table.header):
        return last.mapping
    return guess(importer, table.header)


def _usual_options(kind: str, *, by: User) -> dict[str, Any]:
    last = _last_run(kind, by=by)
    return last.options if last else {}


def _last_run(kind: str, *, by: User) -> ImportRun | None:
    chosen = ImportRun.objects.filter(kind=kind, made_by=by).exclude(status=Status.MAPPING)
    return chosen.order_by("-pk").first()


def choose(run: ImportRun, *, mapping: Mapping[str, str], options: Mapping[str, Any]) -> None:
    """Keep which column is which, unless the file is on its way already."""
    run.mapping = {name: heading for name, heading in mapping.items() if heading}
    run.options = dict(options)
    _may_begin(run).update(mapping=run.mapping, options=run.options)


def preview(run: ImportRun, *, by: User) -> list[tuple[int, list[tuple[str, str]], str]]:
    """The first rows: number, cells with what is wrong with each, what is wrong with the row."""
    importer = importer_of(run.kind)(run.options, by=by)
    table = table_of(run)
    mapping = check_mapping(importer_of(run.kind), run.mapping, table.header)
    shown = []
    for number, row in mapped(table, mapping):
        problems = importer.check(number, row)
        cells = [(text, problems.pop(name, "")) for name, text in row.items()]
        shown.append((number, cells, " ".join(problems.values())))
        if len(shown) == PREVIEWED:
            break
    return shown


# --- begin and stop -------------------------------------------------------------------------


def _may_begin(run: ImportRun):
    """The run, where it is not on its way and has not come in."""
    found = ImportRun.objects.filter(pk=run.pk).exclude(
        status__in=(Status.WAITING, Status.RUNNING)
    )
    return found.exclude(status=Status.DONE, is_rehearsal=False)


def can_begin(run: ImportRun) -> bool:
    """Whether the columns may still be chosen and the file brought in."""
    return _may_begin(run).exists()


@transaction.atomic
def start(run: ImportRun, *, is_rehearsal: bool, by: User) -> bool:
    """Queue the run; says False where it was begun already, as by a second click."""
    importer = importer_of(run.kind)
    if not importer.is_open_to(by):
        raise Refused(_("You may not bring in %(label)s.") % {"label": importer.label})
    table = table_of(run)
    check_mapping(importer, run.mapping, table.header)
    # The database waits for who begins it at the same time, and then finds nothing to begin.
    begun = _may_begin(run).update(
        status=Status.WAITING,
        is_rehearsal=is_rehearsal,
        done=0,
        total=0,
        result={},
        stop_asked=False,
        ended_at=None,
    )
    if begun:
        queue("imports.run", key=str(run.key))
    return bool(begun)


def stop(run: ImportRun) -> None:
    """Ask a run to stop; one that waits ends at once."""
    waiting = ImportRun.objects.filter(pk=run.pk, status=Status.WAITING)
    if not waiting.update(status=Status.STOPPED, stop_asked=True, ended_at=timezone.now()):
        ImportRun.objects.filter(pk=run.pk, status=Status.RUNNING).update(stop_asked=True)


# --- the job --------------------------------------------------------------------------------


def bring_in(key: str) -> None:
    """Do what a queued run says; a run that a lost worker began is done again from the start."""
    run = ImportRun.objects.select_related("made_by").get(key=key)
    with acting(by=run.made_by_id, request="imports.run"):
        _bring_in(run)


def _bring_in(run: ImportRun) -> None:
    found = ImportRun.objects.filter(pk=run.pk, status__in=(Status.WAITING, Status.RUNNING))
    if not found.update(status=Status.RUNNING):
        return
    if not _is_still_open(run):
        return
    try:
        with transaction.atomic():
            if not _is_mine(run):
                return
            outcome = _brought_in(run)
            end(
                run,
                Status.DONE if outcome.is_kept or run.is_rehearsal else Status.REFUSED,
                outcome,
            )
    except Stopped:
        end(run, Status.STOPPED, Outcome(sentence=_("Stopped: nothing was brought in.")))
    except Refused as refusal:
        end(run, Status.REFUSED, Outcome(sentence=str(refusal)))
    except Exception:
        end(run, Status.REFUSED, Outcome(sentence=_("A fault: nothing was brought in.")))
        raise


@transaction.atomic
def _is_still_open(run: ImportRun) -> bool:
    """Whether the person may still bring these in; else the run ends, and the trail says so."""
    importer = importer_of(run.kind)
    if importer.is_open_to(run.made_by):
        return True
    sentence = _("%(name)s may not bring in %(label)s any more.")
    sentence %= {"name": run.made_by, "label": importer.label}
    audit.record(AuditEvent.TURNED_AWAY, run.kind, by=run.made_by, job="imports.run")
    end(run, Status.REFUSED, Outcome(sentence=sentence))
    return False


def _is_mine(run: ImportRun) -> bool:
    """Whether no other worker is doing this run; held until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(hashtext('import run'), %s)", [run.pk])
        return cursor.fetchone()[0]


def _brought_in(run: ImportRun) -> Outcome:
    importer = importer_of(run.kind)
    table = table_of(run)
    mapping = check_mapping(importer, run.mapping, table.header)
    with reporting(run, total=table.count() * importer.passes) as report:
        outcome = importer(run.options, by=run.made_by).bring_in_table(
            table, mapping, is_rehearsal=run.is_rehearsal, progress=report
        )
    if outcome.failed_rows:
        header, rows = failed_rows(table, outcome.failed_rows)
        with failed_file(run).open("w", encoding="utf-8", newline="") as file:
            failed_file(run).chmod(0o600)
            write_csv(file, header, rows)
    return outcome


@transaction.atomic
def end(run: ImportRun, status: str, outcome: Outcome) -> None:
    """Write down how a run ended."""
    result = {
        "counts": outcome.counts,
        "sentence": outcome.sentence,
        "notes": outcome.notes,
        "subjects": outcome.subjects,
        "failures": [_written(failure) for failure in outcome.failures[:FAILURES_SHOWN]],
        "failure_count": len(outcome.failures),
        "has_failed_rows": bool(outcome.failed_rows),
    }
    ImportRun.objects.filter(pk=run.pk).update(
        status=status, result=result, ended_at=timezone.now()
    )
    if status != Status.STOPPED:
        is_done = status == Status.DONE
        notify(
            run.made_by,
            kind=Notice.Kind.JOB_DONE if is_done else Notice.Kind.JOB_FAILED,
            title=(_("Done: import of %(file)s") if is_done else _("Failed: import of %(file)s"))
            % {"file": run.file_name},
            url=reverse("backoffice:import-detail", args=[run.key]),
        )


def _written(failure: Failure) -> dict[str, Any]:
    return {"row": failure.row, "column": failure.column, "sentence": failure.sentence}


@contextmanager
def reporting(run: ImportRun, *, total: int) -> Iterator[Any]:
    """Tells how far the run is, and hears that it should stop, while its work is uncommitted.

    Over a connection of its own: what the import's transaction writes, nobody else sees yet.
    """
    beside = connection.copy()
    told_at = time.monotonic() - SECONDS_BETWEEN_REPORTS

    def report(done: int) -> None:
        nonlocal told_at
        if time.monotonic() - told_at < SECONDS_BETWEEN_REPORTS:
            return
        told_at = time.monotonic()
        with beside.cursor() as cursor:
            cursor.execute(
                "update backoffice_importrun set done = %s, total = %s where id = %s"
                " returning stop_asked",
                [done, total, run.pk],
            )
            found = cursor.fetchone()
        if found and found[0]:
            raise Stopped

    try:
        yield report
    finally:
        beside.close()
