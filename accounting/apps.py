"""What the books tell the office."""

from collections.abc import Iterable
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounting.screens import SCREENS
from backoffice.functions import Attention, Figure, Finding, FunctionConfig, Screen

MOST_OVER_BUDGET = 3
# What makes sense to who reads some departments only.
OF_DEPARTMENTS = (
    "accounting:budget",
    "accounting:income-statement",
    "accounting:expenseclaim-list",
    "accounting:fixedasset-list",
)


class AccountingConfig(FunctionConfig):
    name = "accounting"
    verbose_name = _("Accounting")
    icon = "receipt-2"
    hue = "acc"
    purpose = _("The books, always current and provably right.")
    screens = SCREENS

    def screens_for(self, user) -> list[Screen]:
        """The menu; who reads the figures of departments alone finds these there."""
        from accounting.reach import reads_whole_books

        found = super().screens_for(user)
        if reads_whole_books(user):
            return found
        return [screen for screen in found if screen.url_name in OF_DEPARTMENTS]

    def importers(self):
        """What the books take in from tables and files."""
        from accounting.asset_importer import FixedAssetImporter
        from accounting.bank_importer import BankImporter
        from accounting.budget_importer import BudgetImporter
        from accounting.importers import AccountImporter, JournalImporter
        from accounting.opening_importers import (
            OpenBillImporter,
            OpeningBalanceImporter,
            OpenInvoiceImporter,
        )
        from accounting.rate_import import ExchangeRateImporter
        from accounting.tax_code_import import TaxCodeImporter
        from accounting.trade_importers import ItemImporter, PartyTermsImporter

        return (
            AccountImporter,
            JournalImporter,
            OpeningBalanceImporter,
            OpenInvoiceImporter,
            OpenBillImporter,
            TaxCodeImporter,
            ItemImporter,
            PartyTermsImporter,
            ExchangeRateImporter,
            FixedAssetImporter,
            BankImporter,
            BudgetImporter,
        )

    def waiting(self, user) -> int:
        """Drafts to finish."""
        from accounting.facts import drafts_waiting
        from accounting.reach import reads_whole_books

        return drafts_waiting().count() if reads_whole_books(user) else 0

    def attention(self, user, *, on: date) -> Iterable[Attention]:
        """No chart, books out of order; what is late, to be booked, to be closed, over budget."""
        from accounting.reach import reads_whole_books

        if not reads_whole_books(user):
            yield from _over_budget(user, on)
            return
        yield from _no_chart(user)
        yield from _out_of_order()
        from accounting.panels import owed

        yield from owed(user, on=on)
        yield from _bank_lines(user)
        yield from _drafts(self.waiting(user))
        yield from _months_to_close(user, on)
        yield from _depreciation(user, on)
        yield from _over_budget(user, on)

    def about_party(self, user, party, *, on: date) -> Iterable[tuple[str, list]]:
        """What is open of the party, its documents and payments, and its terms."""
        from accounting.party_boxes import about_party

        return about_party(user, party, on=on)

    def figures(self, user, *, on: date) -> Iterable[Figure]:
        """The money there is, what is owed, and what the month has brought so far."""
        from accounting.panels import figures

        return figures(user, on=on)

    def trend(self, user, *, on: date) -> list[float]:
        """The results of twelve months."""
        from accounting.facts import results
        from accounting.reach import reads_whole_books

        found = results(on) if reads_whole_books(user) else []
        # A line is drawn from these; no figure is.
        return [float(result) for result in found] if any(found) else []

    def panels(self, user, *, on: date) -> Iterable[tuple[str, dict]]:
        """Cash month by month, and what was entered last."""
        from accounting.panels import panels

        return panels(user, on=on)

    def checks(self) -> Iterable[Finding]:
        """Everything that must hold in the books."""
        from accounting.checks import findings

        return findings()

    def suites(self):
        """Bank files with an answer key."""
        from accounting.conformance import bank_cases
        from backoffice.conformance import Suite

        return (Suite("bank", _("bank files against EXPECTED.csv"), bank_cases),)

    def rebuild(self) -> None:
        """Make the monthly balances anew from the lines."""
        from accounting.checks import rebuild_balances

        rebuild_balances()

    def set_up(self, company, *, on: date) -> None:
        """Open the fiscal year the day is in."""
        from accounting.years import open_year_for

        open_year_for(on, by=None)

    def demo(self, story) -> None:
        """Years of books for the demo company."""
        from accounting.demo import keep_books

        keep_books(story)


def _no_chart(user) -> Iterable[Attention]:
    from accounting.models import Account
    from backoffice.access import may

    if may(user, "accounting", "edit") and not Account.objects.exists():
        yield Attention(
            _now("Choose a chart of accounts"),
            _now("The books need accounts to post to"),
            reverse("accounting:chart"),
            icon="receipt-2",
            tone="info",
        )


def _out_of_order() -> Iterable[Attention]:
    from accounting.facts import is_in_balance

    if not is_in_balance():
        yield Attention(
            _now("The books do not balance"),
            _now("See which check fails"),
            reverse("accounting:proof") + "?run=1",
            tone="bad",
        )


def _drafts(count: int) -> Iterable[Attention]:
    if count:
        yield Attention(
            ngettext("%(count)s draft to post", "%(count)s drafts to post", count)
            % {"count": count},
            _now("Entries begun and not finished"),
            reverse("accounting:entrydraft-list"),
            icon="pencil",
            tone="info",
        )


def _bank_lines(user) -> Iterable[Attention]:
    from accounting.bank_proof import accounts_waiting
    from backoffice.access import may

    if not may(user, "accounting.pay"):
        return
    for own in accounts_waiting():
        yield Attention(
            ngettext("%(count)s bank line to book", "%(count)s bank lines to book", own.to_book)
            % {"count": own.to_book},
            str(own),
            reverse("accounting:reconcile", args=[own.pk]),
            icon="building-bank",
            tone="info",
        )


def _months_to_close(user, on: date) -> Iterable[Attention]:
    from accounting.facts import periods_to_close
    from accounting.panels import month_name

    waiting = periods_to_close(on)
    if len(waiting) > 1:
        yield Attention(
            _now("%(count)s months to close") % {"count": len(waiting)},
            _now("Oldest open month: %(month)s")
            % {"month": month_name(user, waiting[0].starts_on)},
            reverse("accounting:period-list"),
            icon="calendar",
        )


def _depreciation(user, on: date) -> Iterable[Attention]:
    from accounting.depreciation import later, month_of
    from accounting.depreciation_runs import is_behind
    from accounting.panels import month_name

    month = later(month_of(on), -1)
    if is_behind(month):
        yield Attention(
            _now("Depreciation of %(month)s is not posted yet")
            % {"month": month_name(user, month)},
            _now("See what a run would post"),
            f"{reverse('accounting:depreciation-run')}?month={month:%Y-%m}",
            icon="calendar",
            tone="info",
        )


def _over_budget(user, on: date) -> Iterable[Attention]:
    from accounting.facts import over_budget
    from accounting.reach import departments_within
    from backoffice.access import may

    if not may(user, "accounting"):
        return
    found = over_budget(on, departments_within(user))
    for one in found[:MOST_OVER_BUDGET]:
        yield Attention(
            _now("%(department)s is over budget") % {"department": one.department},
            _now("%(percent)s %% of the plan of the year so far is spent")
            % {"percent": round(100 * one.spent / one.planned) if one.planned > 0 else "–"},
            reverse("accounting:budget") + f"?department={one.department.pk}",
            icon="chart-bar",
        )
