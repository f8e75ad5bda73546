"""The pages every declared model has."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import Model
from django.forms import ModelChoiceField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backoffice import audit, export_files, exports
from backoffice.access import area, may, row_or_404, rows
from backoffice.approvals import awaited
from backoffice.cells import FactWriter, Writer, field_of, ways_of_writing
from backoffice.constraints import at_their_fields
from backoffice.errors import Refused
from backoffice.listing import Listing
from backoffice.messages import say
from backoffice.models import Approval
from backoffice.once import led_to, once
from backoffice.operations import Operation, Said, operations_of
from backoffice.pages import Pages, Related, Rows, declared
from backoffice.saved_views import save_view
from backoffice.views.exports import export_later
from backoffice.views.files import files_box
from backoffice.views.forms import add_refusal, try_to, typed
from backoffice.views.trail import timeline_context


@require_safe
def list_page(request: HttpRequest, *, pages: Pages) -> HttpResponse:
    """The list; for HTMX only its table."""
    listing = Listing(request, pages)
    template = "pages/_table.html" if request.htmx.target == "table" else "pages/list.html"
    return render(request, template, listing.context())


@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest, format: str, *, pages: Pages) -> HttpResponse:
    """The list as it is filtered and sorted, in a file; a long one is written by a job."""
    if format not in exports.FORMATS:
        raise BadRequest("A list can be had as csv or xlsx.")
    names = pages.columns_of(request.GET)
    found = pages.found(request.user, request.GET)
    if found.order_by().values("pk")[: exports.MOST_AT_ONCE + 1].count() > exports.MOST_AT_ONCE:
        return export_later(request, format, pages)
    audit.record("exported", pages.title, by=request.user, format=format, columns=names)
    lines = export_files.lines_of(pages, found, names, ways_of_writing(request))
    return exports.response(pages.plural, format, [pages.label(name) for name in names], lines)


@require_safe
def record_page(request: HttpRequest, pk: int, *, pages: Pages) -> HttpResponse:
    """A record: its facts, what can be done with it, what belongs to it."""
    record = get_object_or_404(pages.rows(request.user), pk=pk)
    return render(request, pages.template, record_context(request, record, pages))


def record_context(request: HttpRequest, record, pages: Pages) -> dict:
    """Everything `pages/detail.html` draws."""
    offered = [o for o in operations_of(pages.model) if o.is_offered(request.user, record)]
    told = timeline_context(request, record, pages) if pages.has_timeline else {}
    return told | {
        "pages": pages,
        "record": record,
        "title": str(record),
        "crumbs": [*pages.trail, (str(record), None)],
        "state": pages.state(record),
        "facts": facts_of(request, record, pages),
        "operations": [
            {
                "url": pages.url(operation.verb, record.pk),
                "label": operation.label,
                "icon": operation.icon,
                "asks": operation.asked_of(record),
                "is_primary": operation.is_primary,
            }
            for operation in offered
        ],
        "edit_url": pages.url("edit", record.pk) if pages.may_edit(request.user, record) else None,
        "related": [
            related_rows(request, record, related)
            for related in pages.related
            if may(request.user, _model_of(record, related).access.area)
            or _model_of(record, related).access.everybody_reads
        ],
        "side": pages.side(request, record),
        "files": files_box(request, record) if pages.has_timeline else None,
        "awaited": rows(request.user, Approval) & awaited(record),
    }


def facts_of(request: HttpRequest, record, pages: Pages) -> list[tuple[str, str]]:
    """The record's facts with their labels."""
    names = pages.facts or pages.columns
    ways = ways_of_writing(request) | {"user": request.user}
    return [
        (
            pages.label(name),
            FactWriter(name, field_of(pages.model, name), **ways).for_people(record),
        )
        for name in names
    ]


def _model_of(record, related: Related) -> type[Model]:
    return getattr(record, related.name).model


def related_rows(request: HttpRequest, record, related) -> dict:
    """Rows that belong to the record, as far as this person may see them."""
    manager = getattr(record, related.name)
    model, ways = manager.model, ways_of_writing(request)
    joins = [n for n in related.columns if getattr(model._meta.get_field(n), "many_to_one", False)]
    found = rows(request.user, model).filter(pk__in=manager.values("pk"))
    found = found.select_related(*joins) if joins else found
    shown = [Writer(name, field_of(model, name), **ways) for name in related.columns]
    return {
        "title": related.title or model._meta.verbose_name_plural,
        "headers": [
            (model._meta.get_field(writer.name).verbose_name, writer.is_number) for writer in shown
        ],
        "rows": [
            (
                row.get_absolute_url() if hasattr(row, "get_absolute_url") else "",
                [(writer.for_people(row), writer.is_number) for writer in shown],
            )
            for row in found[: related.limit]
        ],
    }


def add_page(request: HttpRequest, *, pages: Pages) -> HttpResponse:
    """A new record."""
    return _form_page(request, pages, record=None)


def edit_page(request: HttpRequest, pk: int, *, pages: Pages) -> HttpResponse:
    """A record being changed."""
    record = row_or_404(request.user, pages.model, "edit", pk=pk)
    if not pages.may_edit(request.user, record):
        messages.error(request, _("%(record)s stays as it is.") % {"record": record})
        return redirect(record)
    return _form_page(request, pages, record=record)


def _form_page(request: HttpRequest, pages: Pages, *, record) -> HttpResponse:
    before = led_to(request)
    if before:
        return redirect(before)
    form = pages.form(request.POST or None, request.FILES or None, instance=record)
    _within_reach(request, form)
    parts = [part for part in pages.formsets if _may_edit_rows(request, part)]
    sent = (request.POST or None, request.FILES or None)
    formsets = [part.formset(*sent, instance=form.instance) for part in parts]
    for formset in formsets:
        for row in (*formset.forms, formset.empty_form):
            _within_reach(request, row)
    filled = list(zip(parts, formsets, strict=True))
    if request.method == "POST" and _is_valid(form, formsets):
        done = try_to(lambda: once(request, lambda: _saved(request, pages, form, filled)))
        if not isinstance(done, Refused):
            return redirect(done)
        add_refusal(form, done)
    return render(
        request,
        "pages/form.html",
        _form_context(pages, record, form, filled),
    )


def _may_edit_rows(request: HttpRequest, part: Rows) -> bool:
    """Rows of another area, such as bank accounts, are shown to those who may edit there."""
    return may(request.user, part.formset.model.access.area, "edit")


def _form_context(pages: Pages, record, form, parts) -> dict:
    name = pages.model._meta.verbose_name
    title = str(record) if record else _("New %(name)s") % {"name": name}
    back = record.get_absolute_url() if record else pages.url("list")
    crumbs = [*pages.trail, (str(record), back)] if record else pages.trail
    return {
        "form": form,
        "is_multipart": any(one.is_multipart() for one in (form, *(rows_ for _, rows_ in parts))),
        "formsets": [
            {"title": part.title, "formset": formset, "template": part.template}
            for part, formset in parts
        ],
        "title": title,
        "crumbs": [*crumbs, (_("Edit") if record else title, None)],
        "submit_label": _("Save"),
        "cancel_url": back,
    }


def _is_valid(form, formsets) -> bool:
    # All are asked, so that every mistake shows at once.
    valid = all([form.is_valid(), *(formset.is_valid() for formset in formsets)])
    for one in (form, *(row for formset in formsets for row in formset.forms)):
        at_their_fields(one)
    return valid


def _within_reach(request: HttpRequest, form) -> None:
    """Let every choice of another record come from what this person may see."""
    for field in form.fields.values():
        if isinstance(field, ModelChoiceField) and hasattr(field.queryset.model, "access"):
            allowed = rows(request.user, field.queryset.model)
            field.queryset = field.queryset.filter(pk__in=allowed.values("pk"))
            field.empty_label = "—" if field.empty_label else None


def _saved(request: HttpRequest, pages: Pages, form, parts) -> str:
    """Save and say so; where the record is found."""
    saved = pages.save(form, by=request.user) if pages.save else form.save()
    for part, formset in parts:
        if part.check:
            part.check(formset, by=request.user)
        formset.instance = saved
        formset.save()
    say(request, _("%(record)s saved.") % {"record": saved})
    if pages.after and pages.after(saved, by=request.user):
        messages.info(request, _("What takes two people waits for somebody else's approval."))
    return saved.get_absolute_url()


@require_POST
def operate(request: HttpRequest, pk: int, *, pages: Pages, operation: Operation) -> HttpResponse:
    """Do one operation on a record and say what happened."""
    record = row_or_404(request.user, pages.model, operation.level, pk=pk)
    before = led_to(request)
    if before:
        return redirect(before)
    try:
        return redirect(once(request, lambda: _operated(request, record, operation)))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(record)


def _operated(request: HttpRequest, record, operation: Operation) -> str:
    """Do it and say what happened; where to go."""
    if not operation.when(record):
        raise Refused(_("%(record)s does not allow that any more.") % {"record": record})
    said = operation.act(request, record)
    said = said if isinstance(said, Said) else Said(said)
    say(request, said.text, undo_url=said.undo_url)
    return said.go_to or record.get_absolute_url()


@area("signed_in")
@require_POST
def keep_view(request: HttpRequest) -> HttpResponse:
    """Save a list's view and go back to it."""
    list_name, query = typed(request, "list_name"), typed(request, "query")
    if list_name not in {pages.list_name for pages in declared}:
        raise BadRequest("There is no such list.")
    back = reverse(list_name) + "?" + query.lstrip("?")
    shared = bool(request.POST.get("shared"))
    try:
        view = save_view(
            list_name=list_name,
            name=typed(request, "name"),
            query=query.lstrip("?"),
            shared=shared,
            by=request.user,
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        say(request, _("View “%(view)s” saved.") % {"view": view})
    return redirect(back)


@area("signed_in")
@require_POST
def drop_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one of one's own views away."""
    from backoffice.models import SavedView

    view = row_or_404(request.user, SavedView, "edit", pk=pk)
    view.delete()
    say(request, _("View “%(view)s” removed.") % {"view": view})
    return redirect(reverse(view.list_name))
