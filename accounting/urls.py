"""Addresses of the books."""

from django.urls import path

from accounting.views import asset_register, assets, chart, entry_form, journal, periods, reports

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
    *assets.asset_classes.urls,
    path("fixed-assets/<int:pk>/add-to/", assets.add_to_one, name="fixedasset-add-to"),
    path("fixed-assets/<int:pk>/change/", assets.change_one, name="fixedasset-change"),
    path("fixed-assets/<int:pk>/dispose/", assets.dispose_one, name="fixedasset-dispose"),
    *assets.fixed_assets.urls,
    path("asset-register/", asset_register.register_page, name="asset-register"),
    path(
        "asset-register/export.<str:format>",
        asset_register.register_export,
        name="asset-register-export",
    ),
    path("depreciation/", asset_register.run_page, name="depreciation-run"),
    path("depreciation/post/", asset_register.post_run, name="depreciation-post"),
    path("depreciation/<int:pk>/take-back/", asset_register.undo_run, name="depreciation-undo"),
    path("fiscal-years/", periods.period_list, name="period-list"),
    path("fiscal-years/open/", periods.open_year, name="fiscalyear-open"),
    path("periods/<int:pk>/close/", periods.close_one, name="period-close"),
    path("periods/<int:pk>/reopen/", periods.reopen_one, name="period-reopen"),
]
