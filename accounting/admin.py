"""The books in the Django admin. What is posted is read here, never changed."""

from django.contrib import admin

from accounting import models
from accounting.forms import AccountForm
from backoffice.admin_site import ReadAdmin, ReadInline, ScopedAdmin


class LinesOfEntry(ReadInline):
    model = models.JournalLine
    fields = ("position", "account", "department", "party", "debit", "credit", "text")
    ordering = ("position",)


class LinesOfDraft(ReadInline):
    model = models.DraftLine
    fields = ("position", "account", "department", "party", "amount", "text")
    ordering = ("position",)


class ClosingsOfPeriod(ReadInline):
    model = models.PeriodEvent
    fields = ("kind", "at", "by", "why")


@admin.register(models.Account)
class AccountAdmin(ScopedAdmin):
    form = AccountForm
    list_display = ("code", "name", "kind", "role", "parent", "currency", "is_active")
    filters = ("kind", "is_active", "currency")
    search_fields = ("code", "name")
    autocomplete_fields = ("parent",)
    list_select_related = ("parent", "currency")


@admin.register(models.FiscalYear)
class FiscalYearAdmin(ReadAdmin):
    list_display = ("name", "starts_on", "ends_on")
    fields = list_display
    search_fields = ("name",)


@admin.register(models.Period)
class PeriodAdmin(ReadAdmin):
    list_display = ("fiscal_year", "starts_on", "ends_on", "closed_at")
    fields = list_display
    filters = ("fiscal_year",)
    list_select_related = ("fiscal_year",)
    inlines = (ClosingsOfPeriod,)


class LinesOfBudget(ReadInline):
    model = models.BudgetLine
    fields = ("department", "account", "month", "amount")
    ordering = ("department", "account", "month")


@admin.register(models.Budget)
class BudgetAdmin(ReadAdmin):
    list_display = ("name", "fiscal_year", "state", "overspending")
    fields = list_display
    filters = ("fiscal_year", "state")
    search_fields = ("name",)
    list_select_related = ("fiscal_year",)
    inlines = (LinesOfBudget,)


@admin.register(models.JournalEntry)
class JournalEntryAdmin(ReadAdmin):
    list_display = ("reference", "date", "text", "payee", "kind", "posted_by")
    fields = ("reference", "date", "kind", "text", "payee", "posted_by", "posted_at", "hash")
    filters = ("kind", "series")
    search_fields = ("text", "payee")
    date_hierarchy = "date"
    list_select_related = ("posted_by",)
    inlines = (LinesOfEntry,)


@admin.register(models.EntryDraft)
class EntryDraftAdmin(ReadAdmin):
    list_display = ("text", "date", "kind", "made_by", "changed_at")
    fields = (*list_display, "template_name")
    filters = ("kind", "made_by")
    search_fields = ("text",)
    list_select_related = ("made_by",)
    inlines = (LinesOfDraft,)
