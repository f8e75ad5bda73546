"""Screens of an import: choose a file, choose its columns, watch it come in."""

from uuid import UUID

from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from backoffice import import_runs
from backoffice.access import area, row_or_404
from backoffice.errors import Refused
from backoffice.import_forms import FileForm, MappingForm
from backoffice.imports import Importer, importers
from backoffice.jobs import is_worker_alive
from backoffice.messages import say
from backoffice.models import ImportRun
from backoffice.views.forms import add_refusal, form_page, try_to

STATES = {
    ImportRun.Status.MAPPING: "mute",
    ImportRun.Status.WAITING: "info",
    ImportRun.Status.RUNNING: "info",
    ImportRun.Status.DONE: "ok",
    ImportRun.Status.REFUSED: "bad",
    ImportRun.Status.STOPPED: "warn",
}


@area("signed_in")
def add(request: HttpRequest, kind: str) -> HttpResponse:
    """Choose a file."""
    importer = _importer_of(request, kind)
    options = _options_in(request.GET, importer)
    form = FileForm(request.POST or None, request.FILES or None, importer=importer)

    def save() -> str:
        run = _received(request, form, kind, options)
        return reverse("backoffice:import-detail", args=[run.key])

    return form_page(
        request,
        form,
        save,
        template="imports/add.html",
        title=_("Import: %(label)s") % {"label": importer.label},
        importer=importer,
        crumbs=[(_("Import"), ""), (importer.label, "")],
        submit_label=_("Go on"),
        back=reverse("backoffice:home"),
    )


def _received(request: HttpRequest, form: FileForm, kind: str, options: dict) -> ImportRun:
    """The run of the file that was chosen; what is wrong with the file is told at its field."""
    asked = form.cleaned_data
    try:
        return import_runs.receive(
            asked["file"], key=asked["key"], kind=kind, by=request.user, options=options
        )
    except Refused as refusal:
        raise Refused(str(refusal), field="file") from refusal


def _options_in(query: QueryDict, importer: type[Importer]) -> dict[str, str]:
    """What the address says of the file beforehand: whose account it is."""
    asked = {name: f for name, f in importer.option_fields().items() if name in query}
    try:
        return {name: field.clean(query[name]) for name, field in asked.items()}
    except ValidationError as error:
        raise BadRequest("; ".join(error.messages)) from error


@area("signed_in")
@require_safe
def detail(request: HttpRequest, key: UUID) -> HttpResponse:
    """The run: its columns and a preview before, its progress during, its result after."""
    run = row_or_404(request.user, ImportRun, key=key)
    if request.headers.get("HX-Request"):
        return _progress(request, run)
    form = _mapping_form(run, _importer_of(request, run.kind))
    return _drawn(request, run, form)


@area("signed_in")
@require_POST
def start(request: HttpRequest, key: UUID) -> HttpResponse:
    """Keep the columns; then look again, rehearse, or bring in."""
    run = row_or_404(request.user, ImportRun, "edit", key=key)
    form = _mapping_form(run, _importer_of(request, run.kind), request.POST)
    if form is None or not form.is_valid():
        return _drawn(request, run, form)
    import_runs.choose(run, mapping=form.mapping, options=form.options)
    what = request.POST.get("do", "preview")
    if what != "preview":
        begun = try_to(
            lambda: import_runs.start(run, is_rehearsal=what == "rehearse", by=request.user)
        )
        if isinstance(begun, Refused):
            add_refusal(form, begun)
            return _drawn(request, run, form)
    return redirect("backoffice:import-detail", run.key)


@area("signed_in")
@require_POST
def stop(request: HttpRequest, key: UUID) -> HttpResponse:
    """Ask the run to stop."""
    run = row_or_404(request.user, ImportRun, "edit", key=key)
    import_runs.stop(run)
    say(request, _("The import stops; nothing of it is kept."))
    return redirect("backoffice:import-detail", run.key)


@area("signed_in")
@require_safe
def failed(request: HttpRequest, key: UUID) -> FileResponse:
    """The rows that could not come in, to correct and bring in again."""
    run = row_or_404(request.user, ImportRun, key=key)
    _importer_of(request, run.kind)
    file = import_runs.failed_file(run)
    if not file.exists():
        raise Http404
    name = run.file_name.rpartition(".")[0] or run.file_name
    return FileResponse(
        file.open("rb"), as_attachment=True, filename=f"{name}-failed.csv", content_type="text/csv"
    )


def _importer_of(request: HttpRequest, kind: str) -> type[Importer]:
    """The importer, for somebody who may use it."""
    found = importers().get(kind)
    if found is None:
        raise Http404
    if not found.is_open_to(request.user):
        raise PermissionDenied
    return found


def _mapping_form(run: ImportRun, importer: type[Importer], posted=None) -> MappingForm | None:
    """The form, while the file is kept and may still be brought in."""
    if not import_runs.can_begin(run):
        return None
    try:
        table = import_runs.table_of(run)
    except Refused:
        return None
    return MappingForm(*([posted] if posted else []), run=run, importer=importer, table=table)


def _drawn(request: HttpRequest, run: ImportRun, form: MappingForm | None) -> HttpResponse:
    importer = importers()[run.kind]
    context = {
        **_standing(run),
        "form": form,
        "title": run.file_name,
        "importer": importer,
        "next_steps": _next_steps(run, importer),
        "crumbs": [
            (importer.label, reverse("backoffice:import-add", args=[run.kind])),
            (run.file_name, ""),
        ],
    }
    if form:
        context["labels"] = [
            (column.label, run.mapping[column.name])
            for column in importer.columns
            if run.mapping.get(column.name)
        ]
        shown = try_to(lambda: import_runs.preview(run, by=request.user))
        context["refusal" if isinstance(shown, Refused) else "preview"] = shown
    status = 422 if form and form.errors else 200
    return render(request, "imports/detail.html", context, status=status)


def _next_steps(run: ImportRun, importer: type[Importer]):
    """What is done with what came in."""
    if run.status != ImportRun.Status.DONE or run.is_rehearsal:
        return ()
    return importer.next_steps(run.result.get("subjects", ()))


def _progress(request: HttpRequest, run: ImportRun) -> HttpResponse:
    """The part of the page that is asked for every two seconds; the whole page at the end."""
    response = render(request, "imports/_progress.html", _standing(run))
    if run.ended_at:
        response.headers["HX-Refresh"] = "true"
    return response


def _standing(run: ImportRun) -> dict:
    """How far the run is, and what became of its rows."""
    labels = {column.name: column.label for column in importers()[run.kind].columns}
    counts, failures = run.result.get("counts", {}), run.result.get("failures", ())
    is_on_its_way = run.status in (ImportRun.Status.WAITING, ImportRun.Status.RUNNING)
    return {
        "run": run,
        "state_tone": STATES[run.status],
        "is_on_its_way": is_on_its_way,
        "percent": min(99, 100 * run.done // run.total) if run.total else 0,
        "has_worker": not is_on_its_way or is_worker_alive(),
        "counts": [(label, counts[word]) for word, label in _words().items() if word in counts],
        "failures": [{**f, "column": labels.get(f["column"], f["column"])} for f in failures],
    }


def _words() -> dict[str, str]:
    return {
        "read": _("Read"),
        "added": _("Added"),
        "there": _("There already"),
        "posted": _("Posted"),
        "already": _("In the books already"),
        "held": _("Good, not posted"),
        "refused": _("Refused"),
        "created": _("Added"),
        "updated": _("Changed"),
        "unchanged": _("Unchanged"),
        "failed": _("Failed"),
    }


import_urls = [
    path("imports/<slug:kind>/new/", add, name="import-add"),
    path("imports/<uuid:key>/", detail, name="import-detail"),
    path("imports/<uuid:key>/start/", start, name="import-start"),
    path("imports/<uuid:key>/stop/", stop, name="import-stop"),
    path("imports/<uuid:key>/failed.csv", failed, name="import-failed"),
]
