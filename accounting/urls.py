"""Addresses of the books."""

from django.urls import path

from accounting.views import bank, chart, entry_form, journal, periods, reports

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
    *bank.own_accounts.urls,
    *bank.statements.urls,
    *bank.lines.urls,
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
