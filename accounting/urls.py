"""Addresses of the books."""

from django.urls import path

from accounting.views import bills, chart, claims, entry_form, invoices, journal, periods, reports
from accounting.views import (
    chart,
    entry_form,
    items,
    journal,
    periods,
    reports,
    tax_codes,
    tax_returns,
    terms,
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
    path("proof/", reports.proof, name="proof"),
    *journal.journal.urls,
    path("journal/<int:pk>/reverse/", journal.reverse_one, name="journalentry-reverse"),
    path("entries/new/", entry_form.add_entry, name="entrydraft-add"),
    path("entries/new/<uuid:key>/", entry_form.write_entry, name="entry-write"),
    path("drafts/<int:pk>/edit/", journal.open_draft, name="entrydraft-edit"),
    path("drafts/templates/", journal.templates, name="template-list"),
    *journal.drafts.urls,
    *invoices.invoices.urls,
    path("invoices/<int:pk>/paper/", invoices.paper, name="invoice-paper"),
    path("invoices/<int:pk>/send/", invoices.send, name="invoice-send"),
    *bills.bills.urls,
    *claims.claims.urls,
    path("expense-claims/<int:pk>/pay/", claims.pay, name="expenseclaim-pay"),
    *claims.expense_kinds.urls,
    path("customers/", terms.customers, name="customers"),
    path("suppliers/", terms.suppliers, name="suppliers"),
    *terms.party_terms.urls,
    *items.items.urls,
    path("tax-codes/start/", tax_codes.start, name="taxcode-start"),
    *tax_codes.tax_codes.urls,
    *tax_returns.tax_returns.urls,
    path("tax-returns/<int:pk>/lines/", tax_returns.lines, name="taxreturn-lines"),
    path(
        "tax-returns/<int:pk>/lines/export.<str:format>",
        tax_returns.lines_export,
        name="taxreturn-lines-export",
    ),
    path("fiscal-years/", periods.period_list, name="period-list"),
    path("fiscal-years/open/", periods.open_year, name="fiscalyear-open"),
    path("periods/<int:pk>/close/", periods.close_one, name="period-close"),
    path("periods/<int:pk>/reopen/", periods.reopen_one, name="period-reopen"),
]
