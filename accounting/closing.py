"""Closing a month with proof: every check green or waived with a reason, then locked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from accounting.models import Period, PeriodEvent, Waiver
from accounting.tie_outs import tie_outs
from accounting.years import close_period, head_of, reopen_period
from backoffice import audit
from backoffice.access import Level
from backoffice.approvals import (
    approves,
    awaited,
    decided_alone,
    digest_of,
    request_approval,
)
from backoffice.errors import Refused
from backoffice.functions import TieOut
from backoffice.models import Approval, Company, Department, Role, User

VERB = "reopen_period"
WORDS_OF_THE_CODE = "en"


@dataclass(frozen=True)
class Checked:
    """A check of a period, and the waiver that lets it pass, if there is one."""

    tie_out: TieOut
    waiver: Waiver | None

    @property
    def is_settled(self) -> bool:
        """Whether it holds or may pass."""
        return self.tie_out.holds or self.waiver is not None


def checklist(period: Period) -> list[Checked]:
    """Every check of the period with what was decided about it."""
    waived = {(w.check_name, w.found): w for w in period.waivers.select_related("by")}
    shown = tie_outs(period)
    plain = in_words_of_the_code(period, shown) if waived else shown
    return [
        Checked(found, waived.get((same.name, same.detail[:300])))
        for found, same in zip(shown, plain, strict=True)
    ]


def in_words_of_the_code(period: Period, shown: list[TieOut]) -> list[TieOut]:
    """The checks in the language of no reader: a waiver holds for whoever reads in which one."""
    if (get_language() or WORDS_OF_THE_CODE).partition("-")[0] == WORDS_OF_THE_CODE:
        return shown
    with override(None):
        return tie_outs(period)


@transaction.atomic
def waive(period: Period, name: str, *, why: str, by: User) -> Waiver:
    """Let a check pass as it stands now; another finding needs another waiver."""
    if not why.strip():
        raise Refused(_("Say why it may pass."), field="why")
    stored = Period.objects.select_for_update().get(pk=period.pk)
    if stored.is_closed:
        raise Refused(_("%(period)s is closed already.") % {"period": stored})
    with override(None):
        found = next((tie_out for tie_out in tie_outs(stored) if tie_out.name == name), None)
    if found is None:
        raise Refused(_("There is no such check."))
    if found.holds:
        raise Refused(_("This holds: there is nothing to waive."))
    facts = {"why": why.strip()[:300], "by": by}
    waiver, is_new = Waiver.objects.get_or_create(
        period=stored, check_name=name, found=found.detail[:300], defaults=facts
    )
    if is_new:
        audit.record("check waived", stored, by=by, check=found.title, why=why)
    return waiver


def close(period: Period, *, by: User | None) -> PeriodEvent:
    """The period closed, if every check holds or is waived; else a refusal that names them."""
    with transaction.atomic():
        stored = Period.objects.select_for_update().get(pk=period.pk)
        open_ones = (
            []
            if stored.is_closed
            else [checked.tie_out for checked in checklist(stored) if not checked.is_settled]
        )
        if open_ones:
            names = "; ".join(found.title for found in open_ones)
            raise Refused(_("Not yet settled: %(names)s.") % {"names": names})
        return close_period(stored, by=by)


def who_may_close() -> list[str]:
    """The roles that close periods, and who manages the department of the books."""
    grants = {"grants__area": "accounting.close", "grants__given_level__gte": Level.APPROVE}
    roles = Role.objects.filter(**grants).order_by("name").values_list("name", flat=True)
    books = Department.objects.filter(function="accounting").select_related("manager").first()
    return [*roles, str(books.manager)] if books and books.manager else list(roles)


# --- reopening takes two ----------------------------------------------------------------------


def text_of(period: Period) -> str:
    """What is approved: to reopen this period as it was closed."""
    return f"{period.starts_on}|{period.ends_on}|{period.closed_at}"


def ask_to_reopen(period: Period, *, by: User | None, why: str, on: date) -> Approval | None:
    """Ask a second person to reopen the period closed last; a command waits for nobody."""
    if not why.strip():
        raise Refused(_("Say why the period is reopened."), field="why")
    with transaction.atomic():
        stored = Period.objects.select_for_update().get(pk=period.pk)
        check_is_last_closed(stored)
        if by is None:
            reopen_period(stored, by=None, why=why)
            return None
        waiting = reopening_asked(stored)
        if waiting:
            raise Refused(
                _("%(who)s asked for this already: it waits for a second person.")
                % {"who": waiting.made_by}
            )
        return request_approval(
            stored,
            VERB,
            by=by,
            area="accounting.close",
            level="approve",
            text=text_of(stored),
            title=_("Reopen %(period)s") % {"period": stored},
            detail=[(_("Reason"), "", why.strip()[:200])],
        )


def reopening_asked(period: Period) -> Approval | None:
    """The request to reopen the period that waits for a second person, if there is one."""
    digest = digest_of(text_of(period))
    asked = awaited(period).filter(verb=VERB, digest=digest)
    return asked.select_related("made_by").first()


def check_is_last_closed(period: Period) -> None:
    """Refuse any other than the period closed last."""
    if not period.is_closed:
        raise Refused(_("%(period)s is open.") % {"period": period})
    later = Period.objects.filter(starts_on__gt=period.starts_on).exclude(closed_at=None).last()
    if later:
        raise Refused(
            _("%(later)s is closed: only the period closed last can be reopened.")
            % {"later": later}
        )


@approves(VERB, Period, text=text_of)
def reopen_approved(period: Period, *, approval: Approval, by: User, on: date) -> None:
    """The period open again, for the reason that was given."""
    why = approval.detail[0][2] if approval.detail else approval.title
    reopen_period(period, by=approval.made_by, why=why)


@dataclass(frozen=True)
class Logged:
    """A closing or reopening, and the approval that let it happen, if it took one."""

    event: PeriodEvent
    approval: Approval | None


def logged(events: Iterable[PeriodEvent]) -> list[Logged]:
    """The events, each reopening somebody asked for with who agreed to it."""
    shown = list(events)
    agreed = (
        Approval.objects.filter(
            label=Period._meta.label_lower,
            record_key__in={str(event.period_id) for event in shown},
            verb=VERB,
            state=Approval.State.APPROVED,
        )
        .select_related("approved_by", "alone_by")
        .order_by("-decided_at")
    )
    return [Logged(event, agreed_to(event, agreed)) for event in shown]


def agreed_to(event: PeriodEvent, agreed: Iterable[Approval]) -> Approval | None:
    """The approval an event followed from: the last one before it, newest first as given."""
    if event.kind != PeriodEvent.Kind.REOPENED or event.by is None:
        return None
    key = str(event.period_id)
    before = (
        approval
        for approval in agreed
        if approval.record_key == key and approval.decided_at and approval.decided_at <= event.at
    )
    return next(before, None)


# --- the report -------------------------------------------------------------------------------


def close_report(period: Period) -> dict[str, Any]:
    """The proof of a closing, for people and paper: checks, waivers, what one person decided."""
    company = Company.objects.first()
    closed = period.events.filter(kind=PeriodEvent.Kind.CLOSED).first()
    return {
        "company_name": company.name if company else "",
        "period": period,
        "checklist": checklist(period),
        "closed": closed,
        "head": closed.head if closed else head_of(period),
        "alone": list(
            decided_alone(period.starts_on, period.ends_on).select_related("alone_by")[:200]
        ),
        "made_at": timezone.now(),
    }
