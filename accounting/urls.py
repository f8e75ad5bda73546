"""Addresses of the books."""

from django.urls import path

from accounting.views import (
    bank,
    chart,
    entry_form,
    journal,
    owed,
    payments,
    periods,
    reconcile,
    reports,
    rules,
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
    *bank.own_accounts.urls,
    *bank.statements.urls,
    *bank.lines.urls,
    *rules.rules.urls,
    path("bank-rules/new/", rules.write_rule, name="bankrule-add"),
    path("bank-rules/<int:pk>/edit/", rules.write_rule, name="bankrule-edit"),
    path("bank-accounts/<int:pk>/reconcile/", reconcile.reconcile, name="reconcile"),
    path(
        "bank-accounts/<int:pk>/reconcile/all/", reconcile.accept_full, name="reconcile-full"
    ),
    path("bank-lines/<int:pk>/accept/", reconcile.accept_one, name="reconcile-accept"),
    path(
        "bank-lines/<int:pk>/split/", reconcile.book_one, {"how": "split"}, name="reconcile-split"
    ),
    path(
        "bank-lines/<int:pk>/payment/",
        reconcile.book_one,
        {"how": "payment"},
        name="reconcile-payment",
    ),
    path(
        "bank-lines/<int:pk>/transfer/",
        reconcile.book_one,
        {"how": "transfer"},
        name="reconcile-transfer",
    ),
    path("bank-lines/<int:pk>/undo/", reconcile.undo_one, name="reconcile-undo"),
    *journal.journal.urls,
    path("journal/<int:pk>/reverse/", journal.reverse_one, name="journalentry-reverse"),
    path("entries/new/", entry_form.add_entry, name="entrydraft-add"),
    path("entries/new/<uuid:key>/", entry_form.write_entry, name="entry-write"),
    path("drafts/<int:pk>/edit/", journal.open_draft, name="entrydraft-edit"),
    path("drafts/templates/", journal.templates, name="template-list"),
    *journal.drafts.urls,
    path("receivables/", owed.items_page, {"role": "receivable"}, name="receivables"),
    path("payables/", owed.items_page, {"role": "payable"}, name="payables"),
    path("receivables/aged/", owed.ageing_page, {"role": "receivable"}, name="aged-receivables"),
    path("payables/aged/", owed.ageing_page, {"role": "payable"}, name="aged-payables"),
    path(
        "receivables/aged/export.<str:format>",
        owed.ageing_export,
        {"role": "receivable"},
        name="aged-receivables-export",
    ),
    path(
        "payables/aged/export.<str:format>",
        owed.ageing_export,
        {"role": "payable"},
        name="aged-payables-export",
    ),
    path("payments/receive/", payments.choose_party, {"direction": "in"}, name="payment-receive"),
    path("payments/pay/", payments.choose_party, {"direction": "out"}, name="payment-pay"),
    path(
        "payments/receive/<int:pk>/",
        payments.record,
        {"direction": "in"},
        name="payment-receive-of",
    ),
    path("payments/pay/<int:pk>/", payments.record, {"direction": "out"}, name="payment-pay-of"),
    *payments.payments.urls,
    path("fiscal-years/", periods.period_list, name="period-list"),
    path("fiscal-years/open/", periods.open_year, name="fiscalyear-open"),
    path("periods/<int:pk>/close/", periods.close_one, name="period-close"),
    path("periods/<int:pk>/reopen/", periods.reopen_one, name="period-reopen"),
]
