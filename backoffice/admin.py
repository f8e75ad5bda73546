"""The office's records in the Django admin.

Rights, access and appointments change on the office's own pages, where their rules are kept;
here they are read.
"""

from django.contrib import admin

from backoffice import forms, granting, models
from backoffice.admin_site import ReadAdmin, ReadInline, ScopedAdmin, ScopedInline


class GrantsOfRole(ReadInline):
    model = models.Grant
    fields = ("area", "level", "reach", "given_level", "given_reach")


class AssignmentsOfRole(ReadInline):
    model = models.Assignment
    fields = ("user", "department", "starts_on", "ends_on")


class AssignmentsOfPerson(ReadInline):
    model = models.Assignment
    fields = ("role", "department", "starts_on", "ends_on")


class AddressesOfParty(ScopedInline):
    model = models.Address
    form = forms.AddressForm


class PhonesOfParty(ScopedInline):
    model = models.Phone
    fields = ("label", "number")


class EmailsOfParty(ScopedInline):
    model = models.Email
    fields = ("label", "address")


@admin.register(models.Company)
class CompanyAdmin(ScopedAdmin):
    form = forms.CompanyForm
    changes_at = "manage"
    list_display = ("name", "legal_name", "country", "currency")

    def has_add_permission(self, request, obj=None) -> bool:
        return False


@admin.register(models.Department)
class DepartmentAdmin(ScopedAdmin):
    form = forms.DepartmentForm
    list_display = ("name", "code", "function", "manager", "parent", "is_open")
    filters = ("function", "is_open", "parent")
    search_fields = ("name", "code", "manager__name")
    autocomplete_fields = ("manager", "parent")
    list_select_related = ("manager", "parent")

    def save_model(self, request, obj, form, change) -> None:
        super().save_model(request, obj, form, change)
        granting.ask_for_department(obj, by=request.user)


@admin.register(models.User)
class PersonAdmin(ScopedAdmin):
    form = forms.UserForm
    list_display = ("name", "email", "job_title", "department", "is_active")
    filters = ("department", "is_active")
    search_fields = ("name", "email", "job_title")
    autocomplete_fields = ("department",)
    list_select_related = ("department",)
    inlines = (AssignmentsOfPerson,)


@admin.register(models.Role)
class RoleAdmin(ScopedAdmin):
    form = forms.RoleForm
    list_display = ("name", "description", "given")
    filters = ("given",)
    search_fields = ("name", "description")
    inlines = (GrantsOfRole, AssignmentsOfRole)


@admin.register(models.Assignment)
class AssignmentAdmin(ReadAdmin):
    list_display = ("user", "role", "department", "starts_on", "ends_on")
    fields = list_display
    filters = ("role", "department")
    search_fields = ("user__name", "role__name")
    list_select_related = ("user", "role", "department")


@admin.register(models.Site)
class SiteAdmin(ScopedAdmin):
    form = forms.SiteForm
    list_display = ("name", "city", "country", "time_zone")
    filters = ("country",)
    search_fields = ("name", "city")


@admin.register(models.Room)
class RoomAdmin(ScopedAdmin):
    form = forms.RoomForm
    list_display = ("name", "site", "floor", "seats", "is_bookable")
    filters = ("site", "is_bookable")
    search_fields = ("name", "site__name")
    autocomplete_fields = ("site",)
    list_select_related = ("site",)


@admin.register(models.Party)
class PartyAdmin(ScopedAdmin):
    form = forms.PartyForm
    list_display = ("name", "kind", "works_for", "is_active")
    filters = ("kind", "is_active")
    search_fields = ("name", "legal_name", "emails__address")
    autocomplete_fields = ("works_for",)
    list_select_related = ("works_for",)
    inlines = (AddressesOfParty, PhonesOfParty, EmailsOfParty)


@admin.register(models.Currency)
class CurrencyAdmin(ReadAdmin):
    list_display = ("code", "minor_unit")
    fields = list_display
    search_fields = ("code",)


@admin.register(models.AuditEvent)
class AuditEventAdmin(ReadAdmin):
    list_display = ("at", "actor", "action", "subject")
    fields = (*list_display, "detail")
    filters = ("action",)
    search_fields = ("action", "subject", "actor__name")
    date_hierarchy = "at"
    list_select_related = ("actor",)


@admin.register(models.Approval)
class ApprovalAdmin(ReadAdmin):
    list_display = ("title", "state", "made_by", "made_at", "approved_by", "decided_at")
    fields = (
        *("title", "state", "label", "record_key", "verb", "area", "level", "department"),
        *("digest", "detail", "made_by", "made_at", "approved_by", "alone_by", "refused_by"),
        *("for_whom", "decided_at", "decided_on", "why", "ended_by", "ended_at", "ended_why"),
    )
    filters = ("state", "area", "made_by")
    search_fields = ("title",)
    date_hierarchy = "made_at"
    list_select_related = ("made_by", "approved_by")
