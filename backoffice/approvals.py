"""A second person says yes or no: one mechanism for everything that takes two.

    request_approval(bill, "bill", by=clerk, area="accounting", level="approve",
                     text=text_of(bill), title=_("Bill 17"))

    @approves("bill", Bill, text=text_of)
    def take_up(bill, *, approval, by, on): ...

The act runs in the transaction of the approval; what it refuses takes the approval back.
See docs/approvals.md.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice import audit
from backoffice.access import AREAS, SIGNED_IN, Level, standing
from backoffice.delegations import absent_for
from backoffice.errors import Refused
from backoffice.models import Approval, Company, Department, User
from backoffice.trail import PARTS

State = Approval.State
LIVE = (State.WAITING, State.APPROVED)
WAITING_KINDS = """SELECT area, level, department_id, made_by_id, count(*)
  from backoffice_approval where state = %s group by 1, 2, 3, 4
"""


@dataclass(frozen=True)
class Act:
    """What is done with a record of the model once a second person has agreed."""

    do: Callable[..., None]
    text: Callable[[Any], str]
    undo: Callable[..., None] | None


_acts: dict[tuple[str, str], Act] = {}


def approves(
    verb: str,
    model: type[Model],
    *,
    text: Callable[[Any], str],
    undo: Callable[..., None] | None = None,
) -> Callable:
    """Run the function, `do(record, *, approval, by, on)`, when such a request is approved.

    `text(record)` is the canonical text now: an approval of any other is refused.
    `undo(record, *, by)` runs when the request is refused or withdrawn.
    """

    def register(do: Callable[..., None]) -> Callable[..., None]:
        _acts[model._meta.label_lower, verb] = Act(do, text, undo)
        return do

    return register


def digest_of(text: str) -> str:
    """The SHA-256 of a canonical text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


# --- Asking ---------------------------------------------------------------------------------


@transaction.atomic
def request_approval(
    record: Model,
    verb: str,
    *,
    by: User | None,
    area: str,
    level: int | str,
    text: str,
    title: str,
    url: str = "",
    detail: Iterable[tuple[str, str, str]] = (),
    department: Department | None = None,
) -> Approval:
    """Let this wait for a second person; asked again for the same text it is one request.

    `detail` says in words what changes: label, before, after. A command (`by=None`) waits for
    nobody, and that is on record. An earlier approval of the record counts no more.
    """
    if area not in AREAS:
        raise ValueError(f"There is no area {area!r}.")
    _locked(record)
    digest = digest_of(text)
    live = list(_of(record, verb).filter(state__in=LIVE))
    waiting = [found for found in live if found.state == State.WAITING and found.digest == digest]
    if waiting and by is not None:
        return waiting[0]
    if live:
        clear(record, verb, by=by, why=_("It was changed."))
    settled = {} if by else {"state": State.APPROVED, "decided_at": timezone.now()}
    approval = Approval.objects.create(
        label=record._meta.label_lower,
        record_key=str(record.pk),
        verb=verb,
        area=area,
        level=Level[level.upper()] if isinstance(level, str) else level,
        department=department,
        digest=digest,
        title=title[:200],
        url=url,
        detail=[[str(word) for word in row] for row in detail],
        made_by=by,
        **settled,
    )
    asked = "approval_asked" if by else "approval_waived"
    audit.record(asked, _subject(record), by=by, what=title)
    return approval


# --- Deciding -------------------------------------------------------------------------------


@transaction.atomic
def approve(
    approval: Approval, *, by: User, on: date, why: str = "", alone: bool = False
) -> Approval:
    """Agree, and do what waited for it; of several at once one wins.

    `alone` is for the maker in a one-person office, who has just shown the password again.
    Raises Refused, also where what waited can no more be done; nothing is decided then.
    """
    record = _record_of(approval)
    if record is None:
        raise Refused(_("What this is about is gone."))
    if not Approval.objects.filter(pk=approval.pk, state=State.WAITING).exists():
        # Who waited for the record hears that, not that it has changed by being approved.
        raise Refused(_("This has been decided already."))
    act = _acts.get((approval.label, approval.verb))
    if act and digest_of(act.text(record)) != approval.digest:
        raise Refused(_("It was changed after this was asked: it has to be asked anew."))
    if alone:
        _check_alone(approval, by=by, on=on, why=why)
        who: dict[str, Any] = {"alone_by": by}
    else:
        who = {"approved_by": by, "for_whom": _in_place_of(approval, by=by, on=on)}
    decided = _decide(approval, State.APPROVED, on=on, why=why, **who)
    audit.record("approved", _subject(record), by=by, what=approval.title, why=why)
    if act:
        act.do(record, approval=decided, by=by, on=on)
    return decided


@transaction.atomic
def refuse(approval: Approval, *, by: User, on: date, why: str) -> Approval:
    """Say no, with a reason the maker can read."""
    if not why.strip():
        raise Refused(_("Say why."), field="why")
    record = _record_of(approval)
    for_whom = _in_place_of(approval, by=by, on=on)
    decided = _decide(
        approval, State.REFUSED, on=on, why=why.strip(), refused_by=by, for_whom=for_whom
    )
    _undo(approval, record, by=by)
    audit.record("refused", _subject(record) or str(approval), by=by, what=approval.title, why=why)
    return decided


@transaction.atomic
def withdraw(approval: Approval, *, by: User) -> Approval:
    """Take one's own request back while it waits."""
    if approval.made_by_id != by.pk:
        raise Refused(_("Only who asked can withdraw it."))
    record = _record_of(approval)
    if not _end(Approval.objects.filter(pk=approval.pk, state=State.WAITING), by, "", "withdrawn"):
        raise Refused(_("This has been decided already."))
    _undo(approval, record, by=by)
    audit.record("withdrawn", _subject(record) or str(approval), by=by, what=approval.title)
    approval.refresh_from_db()
    return approval


@transaction.atomic
def clear(record: Model, verb: str, *, by: User | None, why: str) -> int:
    """End what waits or was approved for the record, because it was changed; how many ended."""
    found = _of(record, verb).filter(state__in=LIVE)
    ended = _end(found, by, why, State.CLEARED)
    if ended:
        audit.record("approval_cleared", _subject(record), by=by, verb=verb, why=why)
    return ended


# --- Asking about ---------------------------------------------------------------------------


def approval_of(record: Model, verb: str, text: str) -> Approval | None:
    """The approval of the record as this text says it is; None while there is none."""
    return _of(record, verb).filter(state=State.APPROVED, digest=digest_of(text)).first()


def is_approved(record: Model, verb: str, text: str) -> bool:
    """Whether the record is approved as this text says it is."""
    return _of(record, verb).filter(state=State.APPROVED, digest=digest_of(text)).exists()


def awaited(record: Model) -> QuerySet[Approval]:
    """What waits for a second person about this record; nothing is asked where nothing can."""
    label = record._meta.label_lower
    if not any(about == label for about, _verb in _acts):
        return Approval.objects.none()
    return Approval.objects.filter(label=label, record_key=str(record.pk), state=State.WAITING)


def waiting_for(user: User, *, on: date) -> QuerySet[Approval]:
    """What this person may decide on the day, for somebody who is away as well."""
    if not user.is_active:
        return Approval.objects.none()
    return Approval.objects.filter(_may_decide(user, on), state=State.WAITING)


def count_waiting_for(user: User, *, on: date) -> int:
    """How much this person may decide on the day: every page says it, so by kinds in one query."""
    if not user.is_active:
        return 0
    deciders = [user, *absent_for(user, on=on)]
    stands = [(one.pk, standing(one, on=on)) for one in deciders]

    def is_reached(area: str, level: int, department: int | None, made_by: int | None) -> bool:
        if made_by == user.pk or area not in AREAS or level not in Level.values[1:]:
            return False
        rights = (stood.right(area, level) for pk, stood in stands if pk != made_by)
        return any(right.everything or department in right.departments for right in rights)

    with connection.cursor() as cursor:
        cursor.execute(WAITING_KINDS, [State.WAITING])
        return sum(count for *kind, count in cursor.fetchall() if is_reached(*kind))


def decided_alone(first: date, last: date) -> QuerySet[Approval]:
    """What makers approved themselves from the first to the last day."""
    found = Approval.objects.filter(alone_by__isnull=False, decided_on__range=(first, last))
    return found.select_related("alone_by").order_by("decided_on", "pk")


def reached(user: User, level: int) -> Q:
    """Beyond their own: what people may decide and, to read, what they did; auditors read all."""
    on = timezone.localdate()
    found = _may_decide(user, on) & Q(state=State.WAITING)
    if level > Level.VIEW:
        return found
    if standing(user).right("audit", Level.VIEW).everything:
        return Q(pk__isnull=False)
    if standing(user).right(SIGNED_IN, Level.VIEW).own:
        found |= Q(approved_by=user) | Q(refused_by=user)
    return found


def _may_decide(user: User, on: date) -> Q:
    """What the person may decide, made by somebody else, and what those away might have."""
    within = _decidable_by(user, on)
    for absent in absent_for(user, on=on):
        within |= _decidable_by(absent, on) & ~Q(made_by=absent)
    return within & ~Q(made_by=user)


def _decidable_by(user: User, on: date) -> Q:
    """What the person's own rights reach, whoever made it."""
    # Every page counts what waits: as few conditions as there are kinds of reach, None being all.
    stands = standing(user, on=on)
    areas: dict[tuple[int, frozenset[int] | None], list[str]] = defaultdict(list)
    for level, name in product(Level.values[1:], AREAS):
        right = stands.right(name, level)
        if right.everything or right.departments:
            where = None if right.everything else frozenset(right.departments)
            areas[level, where].append(name)
    levels: dict[tuple[frozenset[int] | None, tuple[str, ...]], list[int]] = defaultdict(list)
    for (level, where), names in areas.items():
        levels[where, tuple(names)].append(level)
    within = Q(pk__in=[])
    for (where, reached_areas), at in levels.items():
        there = Q() if where is None else Q(department__in=where)
        within |= Q(area__in=reached_areas, level__in=at) & there
    return within


def _reaches(user: User, approval: Approval, on: date) -> bool:
    """Whether the person's own rights reach this one request: `_decidable_by` without a query."""
    if approval.area not in AREAS or approval.level not in Level.values[1:]:
        return False
    right = standing(user, on=on).right(approval.area, approval.level)
    return right.everything or approval.department_id in right.departments


def _in_place_of(approval: Approval, *, by: User, on: date) -> User | None:
    """For whom this person decides; None for themselves. Raises Refused."""
    if approval.made_by_id == by.pk:
        raise Refused(_("You made this: somebody else decides about it."))
    if by.is_active and _reaches(by, approval, on):
        return None
    for absent in absent_for(by, on=on) if by.is_active else ():
        if approval.made_by_id != absent.pk and _reaches(absent, approval, on):
            return absent
    raise Refused(_("Deciding this takes a right you do not have."))


def _check_alone(approval: Approval, *, by: User, on: date, why: str) -> None:
    """Refuse that the maker approves, save in an office that works alone, for a reason."""
    if not Company.objects.filter(works_alone=True).exists():
        raise Refused(_("In this office somebody else approves what you made."))
    if approval.made_by_id != by.pk:
        raise Refused(_("You did not make this: approve it as a second person."))
    if not by.is_active or not _reaches(by, approval, on):
        raise Refused(_("Deciding this takes a right you do not have."))
    if not why.strip():
        raise Refused(_("Say why."), field="why")


# --- Keeping --------------------------------------------------------------------------------


def _of(record: Model, verb: str) -> QuerySet[Approval]:
    key = {"label": record._meta.label_lower, "record_key": str(record.pk)}
    return Approval.objects.filter(verb=verb, **key).order_by("-pk")


def _locked(record: Model) -> Model | None:
    """The record as it is now, held; always before its approvals, so that nobody waits twice."""
    return type(record)._base_manager.select_for_update(of=("self",)).filter(pk=record.pk).first()


def _record_of(approval: Approval) -> Any:
    model = apps.get_model(approval.label)
    return _locked(model(pk=approval.record_key))


def _decide(approval: Approval, state: str, *, on: date, why: str, **who: Any) -> Approval:
    won = Approval.objects.filter(pk=approval.pk, state=State.WAITING).update(
        state=state, decided_at=timezone.now(), decided_on=on, why=why.strip()[:400], **who
    )
    if not won:
        raise Refused(_("This has been decided already."))
    return Approval.objects.get(pk=approval.pk)


def _end(found: QuerySet[Approval], by: User | None, why: str, state: str) -> int:
    return found.update(state=state, ended_by=by, ended_at=timezone.now(), ended_why=why[:400])


def _undo(approval: Approval, record: Model | None, *, by: User) -> None:
    act = _acts.get((approval.label, approval.verb))
    if act and act.undo and record and digest_of(act.text(record)) == approval.digest:
        act.undo(record, by=by)


def _subject(record: Model | None) -> Any:
    """The record whose timeline tells of it: a part's whole."""
    if record is None or record._meta.db_table not in PARTS:
        return record
    column, _table = PARTS[record._meta.db_table]
    return getattr(record, column.removesuffix("_id"))
