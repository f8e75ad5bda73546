"""The close report on paper."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounting.closing import Checked, close_report
from accounting.models import Period, PeriodEvent
from backoffice.documents import pdf


def close_paper_of(period: Period) -> bytes:
    """The proof of a closing as PDF, in the words of the report template."""
    found = close_report(period)
    closed = found["closed"]
    details = [
        found["company_name"],
        _("from %(first)s to %(last)s") % {"first": period.starts_on, "last": period.ends_on},
        closed_words(closed) if closed else _("open"),
    ]
    alone = [
        (str(a.decided_on), a.title, _("decided alone by %(who)s: %(why)s") % words_of(a))
        for a in found["alone"]
    ]
    return pdf(
        "report.typ",
        {
            "title": _("Close of %(period)s") % {"period": period},
            "details": details,
            "header": [_("Check"), _("Found"), _("Standing")],
            "rows": [*(row_of(checked) for checked in found["checklist"]), *alone],
            "total": [_("Head of the chain"), found["head"], ""],
            "amounts": [],
            "widest": 1,
            "language": (get_language() or "en").split("-")[0],
        },
    )


def closed_words(closed: PeriodEvent) -> str:
    """When it was closed, and by whom where a person did it."""
    at = f"{closed.at:%Y-%m-%d %H:%M}"
    if closed.by is None:
        return _("closed %(at)s") % {"at": at}
    return _("closed %(at)s by %(who)s") % {"at": at, "who": closed.by}


def row_of(checked: Checked) -> tuple[str, str, str]:
    """A check as the report says it."""
    tie_out, waiver = checked.tie_out, checked.waiver
    if tie_out.holds:
        standing = _("holds")
    elif waiver:
        standing = _("waived by %(who)s: %(why)s") % {"who": waiver.by, "why": waiver.why}
    else:
        standing = _("does not hold")
    return (tie_out.title, tie_out.detail, standing)


def words_of(approval) -> dict[str, str]:
    """Who decided alone, and why."""
    return {"who": str(approval.alone_by), "why": approval.why}
