"""The books in the Django admin. What is posted is read here, never changed."""

from django.contrib import admin

from accounting import models
from accounting.asset_forms import AssetClassForm
from accounting.document_forms import ExpenseKindForm
from accounting.forms import AccountForm
from accounting.tax_forms import ItemForm, PartyTermsForm, TaxCodeForm
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


class LinesOfInvoice(ReadInline):
    model = models.InvoiceLine
    fields = ("position", "item", "text", "quantity", "unit_price", "account", "tax_code")


class LinesOfBill(ReadInline):
    model = models.BillLine
    fields = ("position", "item", "text", "quantity", "unit_price", "account", "tax_code")


@admin.register(models.Invoice)
class InvoiceAdmin(ReadAdmin):
    list_display = ("number", "party", "date", "due_on", "gross", "kind")
    fields = (*list_display, "net", "tax", "currency", "text", "issued_at", "sent_at")
    filters = ("kind", "currency")
    search_fields = ("number", "party__name", "text")
    date_hierarchy = "date"
    list_select_related = ("party", "currency")
    inlines = (LinesOfInvoice,)


@admin.register(models.Bill)
class BillAdmin(ReadAdmin):
    list_display = ("reference", "party", "date", "due_on", "gross", "state")
    fields = (*list_display, "net", "tax", "currency", "text", "made_by", "posted_at")
    filters = ("state", "kind", "currency")
    search_fields = ("reference", "party__name", "text")
    date_hierarchy = "date"
    list_select_related = ("party", "currency")
    inlines = (LinesOfBill,)


@admin.register(models.ExpenseKind)
class ExpenseKindAdmin(ScopedAdmin):
    form = ExpenseKindForm
    list_display = ("name", "account", "tax_code", "is_active")
    filters = ("is_active",)
    search_fields = ("name",)
    autocomplete_fields = ("account",)
    list_select_related = ("account", "tax_code")


class RatesOfCode(ReadInline):
    model = models.TaxRate
    fields = ("starts_on", "ends_on", "percent")


class PartsOfCode(ReadInline):
    model = models.TaxPart
    fk_name = "whole"
    fields = ("position", "part", "on_tax")


@admin.register(models.TaxCode)
class TaxCodeAdmin(ScopedAdmin):
    form = TaxCodeForm
    list_display = ("code", "name", "kind", "used_for", "category", "is_active")
    filters = ("kind", "used_for", "category", "is_active")
    search_fields = ("code", "name")
    inlines = (RatesOfCode, PartsOfCode)


@admin.register(models.PartyTerms)
class PartyTermsAdmin(ScopedAdmin):
    form = PartyTermsForm
    list_display = ("party", "vat_id", "is_customer", "is_supplier", "currency")
    filters = ("is_customer", "is_supplier")
    search_fields = ("party__name", "vat_id")
    autocomplete_fields = ("party",)
    list_select_related = ("party", "currency")


@admin.register(models.Item)
class ItemAdmin(ScopedAdmin):
    form = ItemForm
    list_display = ("code", "name", "unit", "price", "is_active")
    filters = ("unit", "is_active")
    search_fields = ("code", "name")


@admin.register(models.TaxReturn)
class TaxReturnAdmin(ReadAdmin):
    list_display = ("starts_on", "ends_on", "country", "filed_at", "filed_by")
    fields = (*list_display, "entry")
    list_select_related = ("filed_by",)


class EventsOfAsset(ReadInline):
    model = models.AssetEvent
    fields = ("kind", "on", "cost", "taken", "residual", "life_months", "entry", "by")


@admin.register(models.AssetClass)
class AssetClassAdmin(ScopedAdmin):
    form = AssetClassForm
    list_display = ("name", "method", "life_months", "is_active")
    filters = ("method", "is_active")
    search_fields = ("name",)


@admin.register(models.FixedAsset)
class FixedAssetAdmin(ReadAdmin):
    list_display = ("number", "name", "asset_class", "acquired_on", "department", "state")
    fields = (*list_display, "in_service_on", "method", "party", "serial_number", "tag")
    filters = ("asset_class", "state", "department")
    search_fields = ("number", "name", "serial_number", "tag")
    list_select_related = ("asset_class", "department")
    inlines = (EventsOfAsset,)
