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


@admin.register(models.JournalEntry)
class JournalEntryAdmin(ReadAdmin):
    list_display = ("reference", "date", "text", "payee", "kind", "posted_by")
    fields = ("reference", "date", "kind", "text", "payee", "posted_by", "posted_at", "hash")
    filters = ("kind", "series")
    search_fields = ("text", "payee")
    date_hierarchy = "date"
    list_select_related = ("posted_by",)
    inlines = (LinesOfEntry,)


@admin.register(models.OwnAccount)
class OwnAccountAdmin(ReadAdmin):
    list_display = ("name", "account", "currency", "bank", "is_active")
    fields = list_display
    search_fields = ("name", "bank")
    list_select_related = ("account", "currency")


@admin.register(models.BankRule)
class BankRuleAdmin(ReadAdmin):
    list_display = ("name", "contains", "direction", "account", "is_active")
    fields = (*list_display, "amount_from", "amount_to", "own_account", "department", "party")
    search_fields = ("name", "contains")
    list_select_related = ("account",)


@admin.register(models.BankStatement)
class BankStatementAdmin(ReadAdmin):
    list_display = ("own_account", "number", "ends_on", "opening", "closing", "entry_count")
    fields = (*list_display, "starts_on", "entry_sum", "file_name", "imported_at", "imported_by")
    search_fields = ("number", "file_name")
    date_hierarchy = "ends_on"
    list_select_related = ("own_account",)


@admin.register(models.StatementLine)
class StatementLineAdmin(ReadAdmin):
    list_display = ("date", "amount", "text", "counterparty", "own_account")
    fields = (*list_display, "value_date", "reference", "bank_id", "is_reversal")
    search_fields = ("text", "counterparty", "reference")
    date_hierarchy = "date"
    list_select_related = ("own_account",)


@admin.register(models.EntryDraft)
class EntryDraftAdmin(ReadAdmin):
    list_display = ("text", "date", "kind", "made_by", "changed_at")
    fields = (*list_display, "template_name")
    filters = ("kind", "made_by")
    search_fields = ("text",)
    list_select_related = ("made_by",)
    inlines = (LinesOfDraft,)
