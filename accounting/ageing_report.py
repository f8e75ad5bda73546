"""What is open by age, as a report."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.ageing import ageing
from accounting.lateness import BUCKETS, NAMES
from accounting.reporting import Report, Wish, details_of, instant_of, unless_zero
from backoffice.errors import Refused
from backoffice.money import as_text

TITLES = {
    "receivable": gettext_lazy("Aged receivables"),
    "payable": gettext_lazy("Aged payables"),
}


def report_of_ageing(role: str, wish: Wish) -> Report:
    """What is open at the end of a day, by party and lateness."""
    if wish.starts_on or wish.ends_on or wish.account or wish.department:
        raise Refused(_("Ageing takes a day (on) and as-known."))
    aged = ageing(on=wish.on, role=role, as_known=wish.as_known)

    def texts(amounts: Sequence[Decimal]) -> list[str]:
        return [as_text(amount, aged.minor_unit) for amount in amounts]

    control = f"{aged.account.code}" if aged.account else ""
    balance = as_text(aged.control, aged.minor_unit)
    proof = (
        _("ties to %(account)s: %(balance)s ✔")
        if aged.ties
        else _("does not tie to %(account)s: %(balance)s")
    )
    return Report(
        title=str(TITLES[role]),
        details=[
            *details_of(wish, aged.currency, _("at the end of %(day)s") % {"day": wish.on}),
            proof % {"account": control, "balance": balance},
        ],
        header=(_("Party"), *(str(label) for _n, label, _f in BUCKETS), _("Total")),
        rows=[
            (row.name, *map(unless_zero, texts(row.amounts)), *texts([row.total]))
            for row in aged.rows
        ],
        total=(_("Total"), *texts(aged.amounts), *texts([aged.total])),
        facts={
            "on": wish.on.isoformat(),
            "as_known": instant_of(wish),
            "currency": aged.currency,
            "account": control,
            "control": balance,
            "ties": aged.ties,
            "rows": [
                {"party": row.name}
                | dict(zip(NAMES, texts(row.amounts), strict=True))
                | {"total": as_text(row.total, aged.minor_unit)}
                for row in aged.rows
            ],
            "total": as_text(aged.total, aged.minor_unit),
        },
        amounts=frozenset(range(1, len(BUCKETS) + 2)),
    )
