"""Files of records: put there, read, removed."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from backoffice import audit, files
from backoffice.access import Level, area
from backoffice.errors import Refused
from backoffice.messages import say
from backoffice.once import key_sent

MOST_AT_ONCE = 20
# A browser that shows a file against its instructions gives it no script, no form, no origin.
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


def files_box(request: HttpRequest, record) -> dict:
    """What `pages/_files.html` draws: one query, however many files there are."""
    return {
        "may_add": files.may_attach(request.user, record),
        "add_url": reverse("backoffice:file-add", args=[record._meta.label_lower, record.pk]),
        "endings": files.ENDINGS,
        "largest": files.LARGEST,
        "megabytes": files.LARGEST // files.MEGABYTE,
        "rows": [
            {"file": found, "may_remove": files.may_remove(request.user, found, record)}
            for found in files.files_of(record)
        ],
    }


@area("signed_in")
@require_POST
def add(request: HttpRequest, *, label: str, key: str) -> HttpResponse:
    """Put one or several files to a record; each that is refused says why."""
    record = files.record_within_reach(request.user, label, key, Level.EDIT)
    if record is None:
        raise Http404
    uploads = request.FILES.getlist("files")
    if not uploads:
        messages.error(request, _("Choose a file first."))
    for upload in uploads[MOST_AT_ONCE:]:
        messages.error(request, _("%(file)s: too many at once.") % {"file": upload.name})
    taken = [_taken(request, record, upload) for upload in uploads[:MOST_AT_ONCE]].count(True)
    if taken:
        say(request, ngettext("%(n)d file added.", "%(n)d files added.", taken) % {"n": taken})
    return redirect(record.get_absolute_url() + "#files")


def _taken(request: HttpRequest, record, upload) -> bool:
    try:
        files.attach(record, upload, by=request.user, key=key_sent(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return False
    return True


@area("signed_in")
@require_GET
def read(request: HttpRequest, key: str) -> FileResponse:
    """The file, to be saved; for those who reach its record, and written in the trail."""
    attachment, record = _found(request, key)
    if attachment.removed_at:
        raise Http404
    if not files.is_whole(attachment):
        messages.error(
            request, _("%(file)s is not what was uploaded, or is gone.") % {"file": attachment}
        )
        return redirect(record)
    audit.record("file read", record, by=request.user, file=attachment.name)
    response = FileResponse(
        files.path_of(attachment.stored_name).open("rb"),
        as_attachment=True,
        filename=attachment.name,
        content_type=attachment.media_type,
    )
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@area("signed_in")
@require_POST
def remove(request: HttpRequest, key: str) -> HttpResponse:
    """Take a file away, with a way back."""
    attachment, record = _found(request, key)
    try:
        files.remove(attachment, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        undo = reverse("backoffice:file-restore", args=[attachment.key])
        say(request, _("%(file)s removed.") % {"file": attachment}, undo_url=undo)
    return redirect(record.get_absolute_url() + "#files")


@area("signed_in")
@require_POST
def restore(request: HttpRequest, key: str) -> HttpResponse:
    """The way back."""
    attachment, record = _found(request, key)
    try:
        files.restore(attachment, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        say(request, _("%(file)s is back.") % {"file": attachment})
    return redirect(record.get_absolute_url() + "#files")


def _found(request: HttpRequest, key: str):
    """The file and its record, or 404 where the record is out of this person's reach."""
    attachment = files.file_of(key)
    record = attachment and files.record_of(attachment, request.user)
    if record is None:
        raise Http404
    return attachment, record


file_urls = [
    path("files/<uuid:key>/", read, name="file"),
    path("files/<uuid:key>/remove/", remove, name="file-remove"),
    path("files/<uuid:key>/restore/", restore, name="file-restore"),
    path("files/<str:label>/<str:key>/add/", add, name="file-add"),
]
