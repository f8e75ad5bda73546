"""The timeline of a record with what is said about it, and the trail of the whole office."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_POST, require_safe

from backoffice.cells import ways_of_writing
from backoffice.comments import comment_on
from backoffice.differences import Teller, reads_all
from backoffice.errors import Refused
from backoffice.models import Change
from backoffice.pages import Pages
from backoffice.timeline import page_number, timeline_of


def timeline_context(request: HttpRequest, record, pages: Pages, *, page: int = 1) -> dict:
    """Everything `pages/_timeline.html` draws."""
    ways = ways_of_writing(request)
    return {
        "record": record,
        "pages": pages,
        "timeline": timeline_of(record, reader=request.user, page=page, **ways),
        "timeline_url": pages.url("timeline", record.pk),
        "comment_url": pages.url("comment", record.pk),
        "comment_key": uuid4(),
    }


@require_safe
def timeline(request: HttpRequest, pk: int, *, pages: Pages) -> HttpResponse:
    """A page of the timeline; for HTMX only its moments."""
    record = get_object_or_404(pages.rows(request.user), pk=pk)
    page = page_number(request.GET.get("page"))
    context = timeline_context(request, record, pages, page=page) | {
        "title": record,
        "crumbs": [
            *pages.trail,
            (str(record), pages.url("detail", record.pk)),
            (_("Activity"), None),
        ],
    }
    template = "pages/_moments.html" if request.htmx else "pages/timeline.html"
    return render(request, template, context)


@require_POST
def comment(request: HttpRequest, pk: int, *, pages: Pages) -> HttpResponse:
    """Say something about the record."""
    record = get_object_or_404(pages.rows(request.user), pk=pk)
    try:
        key = UUID(request.POST.get("key", ""))
    except ValueError as mistake:
        raise BadRequest("The form has lost its key.") from mistake
    refused, text = "", request.POST.get("text", "")
    try:
        comment_on(record, text, by=request.user, key=key)
    except Refused as refusal:
        refused = str(refusal)
    if request.htmx:
        context = timeline_context(request, record, pages)
        context |= {"refused": refused, "text": text if refused else ""}
        return render(request, "pages/_timeline.html", context)
    if refused:
        messages.error(request, refused)
    return redirect(pages.url("detail", record.pk) + "#timeline")


@require_safe
def change_page(request: HttpRequest, pk: int, *, pages: Pages) -> HttpResponse:
    """A change; what the values were is for those who may see all such records."""
    from backoffice.views.pages import record_context

    change = get_object_or_404(pages.rows(request.user), pk=pk)
    context = record_context(request, change, pages)
    if reads_all(request.user, change.model):
        teller = Teller(request.user, [change], **ways_of_writing(request))
        context["differences"] = teller.differences(change)
    return render(request, "office/change.html", context)


changes = Pages(
    model=Change,
    columns=("table_name", "operation", "record_key", "fields", "actor", "at"),
    more_columns=("request",),
    facts=("at", "actor", "table_name", "record_key", "operation", "fields", "request"),
    filters=("actor", "table_name", "operation", "at"),
    search=("record_key", "request"),
    ordering=("-pk",),
    joined=("actor",),
    labels={"fields": _lazy("fields"), "at": _lazy("when")},
    hide_small=("record_key", "fields"),
    record_view=change_page,
    has_timeline=False,
    icon="history",
    empty=_lazy("Every change of a record is written down here by the database."),
)
