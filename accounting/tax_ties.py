"""What must tie out of taxes before a month is closed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from accounting.depreciation import later, month_end, month_of
from accounting.models import Account, JournalLine, Period, TaxLine, TaxReturn
from accounting.reporting import in_books
from backoffice.functions import TieOut
from backoffice.money import ZERO

A_DAY = timedelta(days=1)
# What of a tax line stands on the account of a role, and with which sign.
PARTS = {
    Account.Role.TAX_ON_SALES: ("owed", -1),
    Account.Role.TAX_ON_PURCHASES: ("deducted", 1),
}


def taxes_tie(period: Period) -> TieOut:
    """What stands on each tax account is the tax of the lines not settled yet."""
    booked, expected = on_accounts(period.ends_on), of_lines(period.ends_on)
    off = [role for role in PARTS if booked[role] != expected[role]]
    detail = ", ".join(
        _("%(what)s: %(lines)s by the lines of returns, %(books)s in the books")
        % {
            "what": role.label,
            "lines": in_books(expected[role]),
            "books": in_books(booked[role]),
        }
        for role in off
    )
    title = _("Tax accounts and lines of the return")
    return TieOut("taxes", title, not off, detail, address_of(off, period))


def address_of(off: list[Account.Role], period: Period) -> str:
    """The ledger of the first account that differs, else the returns."""
    account = Account.objects.filter(role__in=off[:1]).order_by("code").first()
    if account is None:
        return reverse("accounting:taxreturn-list")
    return f"{reverse('accounting:general-ledger', args=[account.pk])}?to={period.ends_on}"


def on_accounts(on: date) -> dict[Account.Role, Decimal]:
    """The balance of each role of tax at the end of a day."""
    lines = JournalLine.objects.filter(account__role__in=PARTS, date__lte=on).order_by()
    found = dict(lines.values_list("account__role").annotate(Sum("amount")))
    return {role: found.get(role, ZERO) for role in PARTS}


def of_lines(on: date) -> dict[Account.Role, Decimal]:
    """The same by the lines of the returns: those no settlement up to the day took off."""
    lines = TaxLine.objects.filter(entry__date__lte=on).exclude(
        filed__tax_return__entry__date__lte=on
    )
    sums = lines.aggregate(owed=Sum("owed"), deducted=Sum("deducted"))
    return {role: ZERO + sign * (sums[name] or ZERO) for role, (name, sign) in PARTS.items()}


def returns_are_filed(period: Period) -> TieOut:
    """Every return of days before the period was filed; a return is due after its days."""
    late = TaxReturn.objects.filter(filed_at=None, ends_on__lt=period.starts_on)
    first = late.order_by("starts_on").first()
    title = _("Tax returns due are filed")
    if first:
        detail = _("%(days)s is not filed") % {"days": first}
        return TieOut("returns", title, holds=False, detail=detail, url=first.get_absolute_url())
    missing = missing_return(period)
    detail = _("no return from %(first)s to %(last)s") % missing if missing else ""
    return TieOut("returns", title, not missing, detail, reverse("accounting:taxreturn-list"))


def missing_return(period: Period) -> dict[str, date] | None:
    """The days of the return that should have followed the last one, if none was opened.

    It is as long as the one before, and due once it ended before the period begins.
    """
    known = TaxReturn.objects.filter(starts_on__lt=period.starts_on).order_by("-ends_on")
    newest = known.first()
    if newest is None:
        return None
    first = newest.ends_on + A_DAY
    begun = (newest.ends_on.year - newest.starts_on.year) * 12
    months = begun + newest.ends_on.month - newest.starts_on.month
    last = month_end(later(month_of(first), months))
    return {"first": first, "last": last} if last < period.starts_on else None
