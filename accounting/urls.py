"""Addresses of the books."""

from django.urls import path

from accounting.views import (
    budgets,
    chart,
    entry_form,
    evidence,
    journal,
    periods,
    reports,
    statements,
)

app_name = "accounting"

urlpatterns = [
    path("chart/", chart.chart, name="chart"),
    path("chart/start/<slug:name>/", chart.start_chart, name="chart-start"),
    *chart.accounts.urls,
    path("accounts/<int:pk>/ledger/", reports.ledger_page, name="general-ledger"),
    path(
        "accounts/<int:pk>/ledger/export.<str:format>",
        reports.ledger_export,
        name="general-ledger-export",
    ),
    path("trial-balance/", reports.trial_balance_page, name="trial-balance"),
    path(
        "trial-balance/export.<str:format>",
        reports.trial_balance_export,
        name="trial-balance-export",
    ),
    path("balance-sheet/", statements.balance_sheet_page, name="balance-sheet"),
    path(
        "balance-sheet/export.<str:format>",
        statements.balance_sheet_export,
        name="balance-sheet-export",
    ),
    path("income-statement/", statements.income_statement_page, name="income-statement"),
    path(
        "income-statement/export.<str:format>",
        statements.income_statement_export,
        name="income-statement-export",
    ),
    path("cash-flow/", statements.cash_flow_page, name="cash-flow"),
    path("cash-flow/export.<str:format>", statements.cash_flow_export, name="cash-flow-export"),
    path("changes/", statements.changes_page, name="changes"),
    path("lines/", evidence.evidence_page, name="evidence"),
    path("lines/export.<str:format>", evidence.evidence_export, name="evidence-export"),
    path("budget/", budgets.report_page, name="budget"),
    path("budget/export.<str:format>", budgets.report_export, name="budget-report-export"),
    path("budgets/copy/", budgets.copy_page, name="budget-copy"),
    path("budgets/<int:pk>/grid/", budgets.grid_page, name="budget-grid"),
    path("budgets/<int:pk>/grow/", budgets.grow_page, name="budget-grow"),
    *budgets.budgets.urls,
    *budgets.budget_lines.urls,
    path("proof/", reports.proof, name="proof"),
    *journal.journal.urls,
    path("journal/<int:pk>/reverse/", journal.reverse_one, name="journalentry-reverse"),
    path("entries/new/", entry_form.add_entry, name="entrydraft-add"),
    path("entries/new/<uuid:key>/", entry_form.write_entry, name="entry-write"),
    path("drafts/<int:pk>/edit/", journal.open_draft, name="entrydraft-edit"),
    path("drafts/templates/", journal.templates, name="template-list"),
    *journal.drafts.urls,
    path("fiscal-years/", periods.period_list, name="period-list"),
    path("fiscal-years/open/", periods.open_year, name="fiscalyear-open"),
    path("periods/<int:pk>/close/", periods.close_one, name="period-close"),
    path("periods/<int:pk>/reopen/", periods.reopen_one, name="period-reopen"),
]
