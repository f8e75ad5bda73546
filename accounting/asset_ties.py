"""What must tie out of fixed assets before a month is closed."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounting.asset_register import ties
from accounting.depreciation_runs import due
from accounting.models import Period
from accounting.reporting import in_books
from backoffice.functions import TieOut
from backoffice.money import ZERO


def assets_tie(period: Period) -> TieOut:
    """What the register says of each account of assets is what the books say."""
    off = [tie for tie in ties(on=period.ends_on) if not tie.holds]
    detail = ", ".join(
        _("%(account)s: %(register)s in the register, %(books)s in the books")
        % {
            "account": tie.account,
            "register": in_books(tie.register),
            "books": in_books(tie.ledger),
        }
        for tie in off
    )
    url = f"{reverse('accounting:asset-register')}?on={period.ends_on}"
    return TieOut("assets", _("Asset register and ledger"), not off, detail, url)


def depreciation_is_posted(period: Period) -> TieOut:
    """Every part of depreciation up to the month is in the books."""
    parts = due(period.ends_on)
    detail = ""
    if parts:
        words = ngettext("%(count)s part, %(amount)s", "%(count)s parts, %(amount)s", len(parts))
        amount = in_books(sum((part.amount for part in parts), ZERO))
        detail = words % {"count": len(parts), "amount": amount}
    url = f"{reverse('accounting:depreciation-run')}?month={period.ends_on:%Y-%m}"
    return TieOut("depreciation", _("Depreciation is posted"), not parts, detail, url)
