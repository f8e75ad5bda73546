"""Lists too long for one answer: written by a job, fetched from its page."""

from uuid import UUID, uuid4

from django.core.exceptions import BadRequest
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from backoffice import audit, export_files, exports, under_way
from backoffice.access import area, may, row_or_404
from backoffice.cells import ways_of_writing
from backoffice.models import Job
from backoffice.pages import Pages


def export_later(request: HttpRequest, format: str, pages: Pages) -> HttpResponse:
    """Ask whether a job shall write the list; then begin it."""
    if request.method != "POST":
        most = f"{exports.MOST_AT_ONCE:,}"
        context = {
            "title": pages.title,
            "crumbs": [*pages.trail, (_("Export"), None)],
            "question": _("This list has more than %(most)s rows.") % {"most": most},
            "consequences": _("It is written in the background; your inbox says when it is done."),
            "submit_label": _("Write the file"),
            "cancel_url": f"{pages.url('list')}?{request.GET.urlencode()}",
            "key": uuid4(),
        }
        return render(request, "pages/confirm.html", context)
    job = under_way.start(
        export_files.TASK,
        title=_("Export: %(list)s (%(format)s)") % {"list": pages.title, "format": format.upper()},
        by=request.user,
        area=pages.area,
        key=_key_in(request),
        list_name=pages.list_name,
        format=format,
        query=request.GET.urlencode(),
        ways=ways_of_writing(request),
    )
    return redirect(job)


def _key_in(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError as mistake:
        raise BadRequest("The form has lost its key.") from mistake


@area("signed_in")
@require_safe
def export_file(request: HttpRequest, key: UUID) -> HttpResponse:
    """The file of a long list, for who asked for it and still may see the list."""
    job = row_or_404(request.user, Job, key=key, kind=export_files.TASK, state=Job.State.DONE)
    is_own = job.made_by_id == request.user.pk and not request.user.seen_by
    if not (is_own and may(request.user, job.area, job.level)):
        raise Http404
    try:
        file = export_files.path_of(job).open("rb")
    except FileNotFoundError:
        raise Http404(_("The file is no longer kept.")) from None
    audit.record("export fetched", job, by=request.user)
    return FileResponse(
        file,
        as_attachment=True,
        filename=export_files.name_of(job),
        content_type=exports.FORMATS[job.arguments["format"]],
    )


export_urls = [path("jobs/<uuid:key>/file/", export_file, name="export-file")]
