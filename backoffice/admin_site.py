"""The Django admin on the office's rights: one sign-in, `rows()` and `may()` everywhere."""

from __future__ import annotations

from functools import update_wrapper
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.filters import RelatedFieldListFilter
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import IntegrityError, models, transaction
from django.db.models.constants import LOOKUP_SEP
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import URLPattern
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from backoffice import audit, exports, giving
from backoffice.access import area, may, rows
from backoffice.errors import Refused
from backoffice.refusals import refusal_of

# What the filters and the calendar above a list add to a field's name.
FILTER_STEPS = {"exact", "isnull", "year", "month", "day", "gte", "lt"}


class OfficeAdmin(admin.AdminSite):
    """The site. Its own sign-in, password pages and shortcuts past the rights are not there."""

    site_header = site_title = _("Admin")
    index_title = _("Records by function")
    site_url = "/"
    final_catch_all_view = False
    closed = frozenset({"password_change", "password_change_done", "view_on_site"})

    def get_urls(self) -> list:
        """The site's addresses without those closed; each says who may enter."""
        found = [
            page for page in super().get_urls() if getattr(page, "name", "") not in self.closed
        ]
        for page in found:
            if isinstance(page, URLPattern):
                page.callback = area("public" if page.name == "login" else "signed_in")(
                    _own(page.callback)
                )
        return found

    def register(self, model_or_iterable, admin_class=None, **options) -> None:
        """Take in what stands on the office's rights; other packages' pages stay out."""
        if admin_class is not None and issubclass(admin_class, Scoped):
            super().register(model_or_iterable, admin_class, **options)

    def login(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        """The office has one sign-in; this leads there."""
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(resolve_url("admin:index"))

    def logout(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        """And one way out."""
        return redirect("account_logout")

    def admin_view(self, view, *args, **kwargs):
        """Somebody signed in who has no business here is refused, not asked to sign in."""
        inner = super().admin_view(view, *args, **kwargs)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            return inner(request, *args, **kwargs)

        return update_wrapper(guarded, inner)


def _own(view):
    """The view in a wrapper of its own, for bound methods take no declaration."""

    def called(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, *args, **kwargs)

    return update_wrapper(called, view)


def _check_key(asked: str) -> None:
    if asked and not (asked.isascii() and asked.isdecimal() and len(asked) < 19):
        raise BadRequest("This is no record's key.")


class RelatedWithinReach(RelatedFieldListFilter):
    """A filter by another record, naming only those the reader may see."""

    def field_choices(self, field, request, model_admin):
        """The choices within reach."""
        within = {"pk__in": rows(request.user, field.remote_field.model).values("pk")}
        ordering = self.field_admin_ordering(field, request, model_admin)
        return field.get_choices(include_blank=False, ordering=ordering, limit_choices_to=within)


class Scoped:
    """Rights of a model or of rows below it, from `rows()` and `may()` alone."""

    model: type[models.Model]
    changes_at = "edit"
    is_read_only = False
    is_deletable = False

    def get_queryset(self, request: HttpRequest):
        """The rows within reach."""
        found = rows(request.user, self.model)
        return found.order_by(*self.get_ordering(request)) if self.get_ordering(request) else found

    def has_view_permission(self, request: HttpRequest, obj=None) -> bool:
        return self._may(request, "view", obj)

    def has_add_permission(self, request: HttpRequest, obj=None) -> bool:
        return not self.is_read_only and self._may(request, self.changes_at)

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return not self.is_read_only and self._may(request, self.changes_at, obj)

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return self.is_deletable and self._may(request, "manage", obj)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """Every choice of another record is within reach."""
        kwargs["queryset"] = rows(request.user, db_field.remote_field.model)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def _may(self, request: HttpRequest, level: str, obj=None) -> bool:
        # What everybody reads in a form's choices is still no list for everybody.
        declared = self.model.access.area
        row = obj if isinstance(obj, self.model) else None
        return may(request.user, declared) and may(request.user, declared, level, row)


class ScopedInline(Scoped, admin.TabularInline):
    """Rows of a record, changed with it."""

    extra = 0
    show_change_link = False


class ReadInline(ScopedInline):
    """Rows of a record, to read."""

    is_read_only = True
    can_delete = False

    def get_readonly_fields(self, request, obj=None):
        """All of them."""
        return self.fields


class ScopedAdmin(Scoped, admin.ModelAdmin):
    """A model in the admin, as far as the reader's rights go."""

    list_per_page = 50
    show_full_result_count = False
    actions = ("export_csv", "export_xlsx")
    filters: ClassVar[tuple[str, ...]] = ()

    def get_urls(self) -> list:
        """The addresses the model has a use for, each declared."""
        levels = {"changelist": "view", "history": "view", "change": "view"}
        if not self.is_read_only:
            levels["add"] = self.changes_at
        if self.is_deletable:
            levels["delete"] = "manage"
        found = []
        for page in super().get_urls():
            level = levels.get((page.name or "").rpartition("_")[2])
            if level:
                page.callback = area(self.model.access.area, level)(page.callback)
                found.append(page)
        return found

    def get_list_filter(self, request: HttpRequest) -> list:
        """The filters; those by another record name what is within reach."""
        return [
            (name, RelatedWithinReach) if self.model._meta.get_field(name).is_relation else name
            for name in self.filters
        ]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Rows are found by the declared filters and by nothing beyond them."""
        name, *steps = lookup.split(LOOKUP_SEP)
        if name not in {*self.filters, self.date_hierarchy}:
            return False
        found = self.model._meta.get_field(name)
        key = {found.target_field.name} if found.is_relation else set()
        return set(steps) <= FILTER_STEPS | key

    def get_actions(self, request: HttpRequest) -> dict:
        """The exports; nothing is deleted by the dozen."""
        return {n: a for n, a in super().get_actions(request).items() if n != "delete_selected"}

    def get_object(self, request: HttpRequest, object_id: str, from_field=None):
        """The row, or 404 where there is none within reach."""
        # A key in words, of a currency, is asked of the database as it is written.
        readable = object_id.replace("\x00", "")
        found = super().get_object(request, readable, from_field)
        if found is None:
            raise Http404
        return found

    def view_on_site(self, obj: models.Model) -> str | None:
        """The record's page in the office."""
        return obj.get_absolute_url() if hasattr(obj, "get_absolute_url") else None

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form; what the database refuses is told, and nothing is half done."""
        for name in self.autocomplete_fields:
            # The widget draws the choice again and cannot read what is no key.
            _check_key(request.POST.get(name, ""))
            _check_key(request.GET.get(name, ""))
        try:
            with transaction.atomic():
                return super().changeform_view(request, *args, **kwargs)
        except Refused as refusal:
            messages.error(request, str(refusal))
        except IntegrityError as broken:
            messages.error(request, str(refusal_of(broken)))
        return redirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj, form, change) -> None:
        """Save, and remember which facts were changed."""
        giving.check_record(form, by=request.user)
        super().save_model(request, obj, form, change)
        if form.changed_data:
            audit.record("saved", obj, by=request.user, fields=form.changed_data)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The list, asked for with text the database can hold."""
        if any("\x00" in value for values in request.GET.lists() for value in values[1]):
            raise BadRequest("A null byte is no text.")
        return super().changelist_view(request, *args, **kwargs)

    @admin.action(description=_("Export as CSV"), permissions=["view"])
    def export_csv(self, request: HttpRequest, queryset):
        """The rows chosen, in a file."""
        return self._exported(request, queryset, "csv")

    @admin.action(description=_("Export as spreadsheet"), permissions=["view"])
    def export_xlsx(self, request: HttpRequest, queryset):
        """The same for a spreadsheet."""
        return self._exported(request, queryset, "xlsx")

    def _exported(self, request: HttpRequest, queryset, format: str):
        shown = [name for name in self.list_display if name != "__str__"]
        header = [capfirst(admin.utils.label_for_field(name, self.model, self)) for name in shown]
        lines = [[self._word(name, record) for name in shown] for record in queryset]
        subject = str(self.model._meta.verbose_name_plural)
        audit.record("exported", subject, by=request.user, rows=len(lines), format=format)
        return exports.response(self.model._meta.model_name, format, header, lines)

    def _word(self, name: str, record: models.Model):
        shown = getattr(record, f"get_{name}_display", None)
        value = shown() if shown else getattr(record, name)
        return str(value) if isinstance(value, models.Model) else value


class ReadAdmin(ScopedAdmin):
    """A model to look through; it changes only by the office's own acts."""

    is_read_only = True
