"""What must tie out before a month is closed, each with where to look when it does not."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounting import checks
from accounting.ageing import ageing
from accounting.asset_ties import assets_tie, depreciation_is_posted
from accounting.bank_ties import bank_ties
from accounting.claims import owed_to_staff
from accounting.exchange import Revaluation, revaluation_of
from accounting.models import (
    Account,
    Bill,
    Deferral,
    EntryDraft,
    Invoice,
    JournalLine,
    Period,
    RecurringEntry,
)
from accounting.recurring import due, parts_due
from accounting.reporting import in_books
from accounting.tax_ties import returns_are_filed, taxes_tie
from backoffice.errors import Refused
from backoffice.functions import TieOut, all_functions
from backoffice.money import ZERO

EMPTY_AT_CLOSE = ("clearing", "suspense", "opening_receivables", "opening_payables")

HAVE_THEIR_OWN = ("assets", "bank")  # lines of the close, as of its last day


def tie_outs(period: Period) -> list[TieOut]:
    """Every check of the period: those of the books, then those of functions that post to them."""
    found = [*ledger_ties(period), *(check(period) for check in CHECKS), *bank_ties(period)]
    for function in all_functions():
        found += function.tie_outs(period.starts_on, period.ends_on)
    return found


# --- the ledger itself ------------------------------------------------------------------------


def ledger_ties(period: Period) -> list[TieOut]:
    """Entries and balances, numbers, chain: what is broken in each, worked out in one go.

    What has a line of its own is left to that.
    """
    broken: dict[str, list[str]] = {}
    for finding in checks.findings():
        if not finding.holds and finding.about not in HAVE_THEIR_OWN:
            name = finding.about if finding.about in ("numbers", "chain") else "books"
            broken.setdefault(name, []).append(f"{finding.check}: {finding.offender}")
    url = reverse("accounting:proof") + "?run=1"
    return [
        TieOut(name, title, name not in broken, "; ".join(broken.get(name, [])), url)
        for name, title in (
            ("books", _("Entries and balances")),
            ("numbers", _("Numbers have no gap")),
            ("chain", _("Chain of the journal and of closings")),
        )
    ]


def nothing_is_left_lying(period: Period) -> TieOut:
    """No draft is dated in the period: entry, invoice or bill."""
    within = (period.starts_on, period.ends_on)
    drafts = EntryDraft.objects.filter(template_name="", discarded_at=None, date__range=within)
    invoices = Invoice.objects.filter(number="", date__range=within)
    bills = Bill.objects.exclude(state=Bill.State.POSTED).filter(date__range=within)
    entries, written, entered = drafts.count(), invoices.count(), bills.count()
    left = [
        (words % {"count": count}, page)
        for count, words, page in (
            (entries, ngettext("%(count)s entry", "%(count)s entries", entries), "entrydraft"),
            (written, ngettext("%(count)s invoice", "%(count)s invoices", written), "invoice"),
            (entered, ngettext("%(count)s bill", "%(count)s bills", entered), "bill"),
        )
        if count
    ]
    detail = ", ".join(words for words, _page in left)
    listed = reverse(f"accounting:{left[0][1] if left else 'entrydraft'}-list")
    url = f"{listed}?date_after={period.starts_on}&date_before={period.ends_on}"
    return TieOut("drafts", _("Nothing dated here waits as a draft"), not left, detail, url)


# --- customers, suppliers, accounts that pass on ----------------------------------------------


def customers_tie(period: Period) -> TieOut:
    """What customers owe, item by item, is what the books say."""
    return ageing_ties(period, "receivable", _("Receivables by item"))


def suppliers_tie(period: Period) -> TieOut:
    """What we owe suppliers, likewise."""
    return ageing_ties(period, "payable", _("Payables by item"))


def ageing_ties(period: Period, role: str, title: str) -> TieOut:
    """Whether the items of a role add up to its account at the end of the period."""
    aged = ageing(on=period.ends_on, role=role)
    words = _("%(items)s by item, %(books)s in the books")
    detail = words % {"items": in_books(aged.total), "books": in_books(aged.control)}
    page = "accounting:aged-receivables" if role == "receivable" else "accounting:aged-payables"
    return TieOut(role, title, aged.ties, detail, f"{reverse(page)}?on={period.ends_on}")


def staff_tie(period: Period) -> TieOut:
    """What staff are owed, claim by claim, is what the books say."""
    claimed = owed_to_staff(on=period.ends_on)
    found = JournalLine.objects.filter(account__role="staff_claims", date__lte=period.ends_on)
    booked = -(found.aggregate(total=Sum("amount"))["total"] or ZERO)
    words = _("%(claims)s by claim, %(books)s in the books")
    detail = words % {"claims": in_books(claimed), "books": in_books(booked)}
    url = reverse("accounting:expenseclaim-list")
    return TieOut("staff", _("Owed to staff by claim"), claimed == booked, detail, url)


def accounts_that_pass_on_are_empty(period: Period) -> TieOut:
    """Money on the way, unexplained bank lines and items brought in have found their place."""
    sums = dict(
        JournalLine.objects.filter(account__role__in=EMPTY_AT_CLOSE, date__lte=period.ends_on)
        .order_by()
        .values("account")
        .annotate(total=Sum("amount"))
        .values_list("account", "total")
    )
    left = [a for a in Account.objects.filter(pk__in=sums).order_by("code") if sums[a.pk]]
    detail = ", ".join(f"{account}: {in_books(sums[account.pk])}" for account in left)
    url = (
        reverse("accounting:general-ledger", args=[left[0].pk])
        if left
        else reverse("accounting:chart")
    )
    return TieOut("clearing", _("Accounts that pass money on are empty"), not left, detail, url)


# --- what the month still needs ---------------------------------------------------------------


def foreign_items_are_revalued(period: Period) -> TieOut:
    """Foreign items and accounts stand at the rate of the last day."""
    title = _("Foreign items at the rate of the last day")
    url = f"{reverse('accounting:revaluation')}?on={period.ends_on}"
    try:
        found = revaluation_of(period.ends_on)
    except Refused as refusal:
        return TieOut("exchange", title, holds=False, detail=str(refusal), url=url)
    differing = found.differing
    return TieOut("exchange", title, not differing, out_by(found) if differing else "", url)


def out_by(found: Revaluation) -> str:
    """How much is not posted, beside what is."""
    if not found.entries:
        return in_books(found.differing)
    figures = (found.total, found.total_posted, found.differing)
    now, posted, differs = map(in_books, figures)
    words = _("%(now)s now, %(posted)s posted: %(differs)s differs")
    return words % {"now": now, "posted": posted, "differs": differs}


def recurring_entries_are_posted(period: Period) -> TieOut:
    """What recurs, and what was paid or received ahead, was posted up to the last day."""
    on = period.ends_on
    entries = RecurringEntry.objects.filter(is_active=True, starts_on__lte=on)
    recurring = [str(one) for one in entries.select_related("template") if due(one, on=on)]
    ahead = Deferral.objects.filter(stopped_on=None, first_month__lte=on)
    parts = [str(deferral) for deferral in ahead if parts_due(deferral, on=on)]
    page = "deferral" if parts and not recurring else "recurringentry"
    waiting = ", ".join([*recurring, *parts])[:200]
    title = _("Recurring entries and deferrals are posted")
    url = reverse(f"accounting:{page}-list")
    return TieOut("recurring", title, not waiting, waiting, url)


CHECKS: tuple[Callable[[Period], TieOut], ...] = (
    nothing_is_left_lying,
    customers_tie,
    suppliers_tie,
    staff_tie,
    taxes_tie,
    returns_are_filed,
    assets_tie,
    depreciation_is_posted,
    accounts_that_pass_on_are_empty,
    foreign_items_are_revalued,
    recurring_entries_are_posted,
)
