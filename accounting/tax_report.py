"""The tax return as a report."""

from dataclasses import replace

from django.db.models import Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounting.models import TaxReturn
from accounting.reporting import Report, Wish, books_currency, days_of, details_of, instant_of
from accounting.tax_returns import codes_of, figures_of, lines_without_code
from backoffice.errors import Refused
from backoffice.models import Company
from backoffice.money import ZERO, as_text


def report_of_tax_return(wish: Wish) -> Report:
    """The boxes of the tax return of some days, as filed where it is."""
    if wish.account or wish.department or not wish.starts_on:
        raise Refused(_("The tax return takes its first day (from) and its last day (to)."))
    company = Company.objects.first()
    currency, unit = books_currency()
    days = {"starts_on": wish.starts_on, "ends_on": wish.ends_on or wish.on}
    asked = TaxReturn(**days, country=company.country if company else "")
    found = TaxReturn.objects.filter(**days).first() or asked
    # What is filed stays as it was filed.
    wish = replace(wish, as_known=None) if found.is_filed else wish
    known = wish.as_known
    without = lines_without_code(found, known).aggregate(total=Coalesce(Sum("amount"), ZERO))[
        "total"
    ]
    rows = [
        (figure.box, figure.label, as_text(figure.amount, unit))
        for figure in figures_of(found, known)
    ]
    codes = codes_of(found, known)
    by_code = [
        (code.code, f"{code.name}: {word}", as_text(amount, unit))
        for code in codes
        for word, amount in ((_("net"), code.base), (_("tax"), code.tax))
    ]
    state = _("filed") if found.is_filed else _("draft")
    return Report(
        title=_("Tax return"),
        details=[*details_of(wish, currency, days_of(days)), state],
        header=(_("Box"), _("What"), _("Amount")),
        rows=[*rows, *by_code],
        total=("", _("On tax accounts without a code"), as_text(without, unit)),
        facts={
            "from": days["starts_on"].isoformat(),
            "to": days["ends_on"].isoformat(),
            "as_known": instant_of(wish),
            "country": found.country,
            "currency": currency,
            "is_filed": found.is_filed,
            "boxes": {box: amount for box, _label, amount in rows},
            "codes": [
                {
                    "code": code.code,
                    "base": as_text(code.base, unit),
                    "tax": as_text(code.tax, unit),
                    "owed": as_text(code.owed, unit),
                    "deducted": as_text(code.deducted, unit),
                }
                for code in codes
            ],
            "without_code": as_text(without, unit),
        },
        amounts=frozenset({2}),
    )
