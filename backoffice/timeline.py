"""The timeline of a record: changes, acts and comments in one stream, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Model, Q, QuerySet, Value
from django.db.models.fields.json import KT
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice import comments
from backoffice.access import rows
from backoffice.differences import Difference, Teller, label_of, reads_all
from backoffice.models import AuditEvent, Change, Comment, User
from backoffice.models.trail import models_by_table
from backoffice.trail import PARTS

MOMENTS_AT_ONCE = 20

# Acts whose changes say the same.
TOLD_BY_CHANGES = ("saved", "account saved", "asset saved", "assigned", "manager_appointed")
ACTS = {
    "deactivated": gettext_lazy("ended the access"),
    "reactivated": gettext_lazy("gave access again"),
    "one_time_link": gettext_lazy("made a one-time link to sign in with"),
    "signed_in_by_link": gettext_lazy("signed in with a one-time link"),
    "function_opened": gettext_lazy("opened the function"),
    "function_closed": gettext_lazy("closed the function"),
    "letter sent again": gettext_lazy("let it be sent again"),
    "letter marked as sent": gettext_lazy("marked it as sent"),
    "letter held": gettext_lazy("held it"),
    "approval_asked": gettext_lazy("asked for approval"),
    "approval_waived": gettext_lazy("did as a command what otherwise takes two"),
    "approved": gettext_lazy("approved"),
    "refused": gettext_lazy("refused"),
    "withdrawn": gettext_lazy("withdrew the request"),
    "approval_cleared": gettext_lazy("ended an approval"),
    "delegated": gettext_lazy("said who decides on days away"),
    "delegation_ended": gettext_lazy("ended a delegation"),
    "works_alone": gettext_lazy("said that one person works alone here"),
    "works_together": gettext_lazy("said that several work here again"),
    "asset capitalised": gettext_lazy("entered it as a fixed asset"),
    "asset changed": gettext_lazy("changed its cost, value or life"),
    "asset disposed": gettext_lazy("gave it up, or a part of it"),
    "asset act taken back": gettext_lazy("took the last act on it back"),
    "account saved": gettext_lazy("saved the account"),
    "accounts created": gettext_lazy("made accounts"),
    "asset saved": gettext_lazy("put its words right"),
    "balances taken over": gettext_lazy("took balances over"),
    "bank account added": gettext_lazy("added the bank account"),
    "bank account saved": gettext_lazy("saved the bank account"),
    "bank file written": gettext_lazy("took out the file for the bank"),
    "bank line undone": gettext_lazy("opened the bank line again"),
    "bank line booked": gettext_lazy("booked the bank line"),
    "bank line booked as a payment": gettext_lazy("booked the bank line as a payment"),
    "bank line matched": gettext_lazy("matched the bank line with the books"),
    "bank rule saved": gettext_lazy("saved the rule"),
    "bill discarded": gettext_lazy("discarded the bill"),
    "bill posted": gettext_lazy("put the bill in the books"),
    "bill submitted": gettext_lazy("submitted the bill"),
    "bill taken back": gettext_lazy("took the bill back"),
    "budget made": gettext_lazy("made the budget"),
    "budget put in force": gettext_lazy("put the budget in force"),
    "budget taken back": gettext_lazy("took the budget back"),
    "budget written": gettext_lazy("wrote in the budget"),
    "chart loaded": gettext_lazy("loaded a chart of accounts"),
    "check waived": gettext_lazy("let a check pass"),
    "claim paid": gettext_lazy("paid the claim back"),
    "claim payment taken back": gettext_lazy("took the claim's payment back"),
    "claim posted": gettext_lazy("put the claim in the books"),
    "claim submitted": gettext_lazy("submitted the claim"),
    "claim taken back": gettext_lazy("took the claim back"),
    "credit used": gettext_lazy("used credit for it"),
    "deferral stopped": gettext_lazy("stopped the deferral"),
    "depreciation posted": gettext_lazy("posted depreciation"),
    "depreciation taken back": gettext_lazy("took depreciation back"),
    "draft discarded": gettext_lazy("discarded the draft"),
    "due date changed": gettext_lazy("changed when it is due"),
    "due date set": gettext_lazy("said when it is due"),
    "fiscal year opened": gettext_lazy("opened the fiscal year"),
    "foreign items revalued": gettext_lazy("revalued foreign items"),
    "invoice issued": gettext_lazy("issued the invoice"),
    "invoice sent": gettext_lazy("sent the invoice"),
    "journal imported": gettext_lazy("brought in a journal"),
    "payment recorded": gettext_lazy("recorded the payment"),
    "payment run dropped": gettext_lazy("dropped the run"),
    "payment run posted": gettext_lazy("posted the payments"),
    "payment run proposed": gettext_lazy("proposed the run"),
    "payment taken back": gettext_lazy("took the payment back"),
    "period closed": gettext_lazy("closed the period"),
    "period reopened": gettext_lazy("reopened the period"),
    "reminder sent": gettext_lazy("sent a reminder"),
    "settlement released": gettext_lazy("released what it settled"),
    "statement taken out": gettext_lazy("took a statement out"),
    "statements brought in": gettext_lazy("brought in statements"),
    "tax codes loaded": gettext_lazy("loaded tax codes"),
    "tax return filed": gettext_lazy("filed the return"),
    "tax return opened": gettext_lazy("opened the return"),
    "exported": gettext_lazy("took it out in a file"),
    "introduced": gettext_lazy("gave a name and an address"),
    "file attached": gettext_lazy("added a file"),
    "file read": gettext_lazy("read a file"),
    "file removed": gettext_lazy("removed a file"),
    "file restored": gettext_lazy("brought a file back"),
}
ICONS = {"insert": "plus", "update": "pencil", "delete": "trash"}


@dataclass(frozen=True)
class Moment:
    """One thing that happened: when, who, what."""

    at: datetime
    who: str
    says: str
    icon: str
    differences: list[Difference] = field(default_factory=list)
    comment: str = ""
    initials: str = ""


@dataclass(frozen=True)
class Timeline:
    """A page of a record's moments, and the number of the page of older ones."""

    moments: list[Moment]
    older: int | None


def timeline_of(
    record: Model, *, reader: User, locale: str, decimals: int, page: int = 1
) -> Timeline:
    """What happened to the record, as far as this person may know."""
    start = (page - 1) * MOMENTS_AT_ONCE
    found = list(_stream(record, reader)[start : start + MOMENTS_AT_ONCE + 1])
    shown = found[:MOMENTS_AT_ONCE]
    told = _told(shown, record, reader, locale=locale, decimals=decimals)
    moments = [told[kind, pk] for kind, pk, _at in shown]
    return Timeline(moments, page + 1 if len(found) > MOMENTS_AT_ONCE else None)


def _stream(record: Model, reader: User) -> QuerySet:
    """Kind, key and instant of all there is to tell."""
    label, key = record._meta.label_lower, str(record.pk)
    parts = _changes_of(record, reader)
    acts = AuditEvent.objects.alias(about=KT("detail__record")).filter(about=f"{label}:{key}")
    said = Comment.objects.filter(label=label, record_key=key)
    streams = (
        _keys("change", parts),
        _keys("act", acts.exclude(action__in=TOLD_BY_CHANGES)),
        _keys("comment", said),
    )
    return streams[0].union(*streams[1:], all=True).order_by("-at", "-pk")


def _keys(kind: str, found: QuerySet) -> QuerySet:
    return found.order_by().annotate(kind=Value(kind)).values_list("kind", "pk", "at")


def _changes_of(record: Model, reader: User) -> QuerySet:
    """Changes of the record and of its parts; not of parts in an area closed to the reader."""
    table, key = record._meta.db_table, str(record.pk)
    known = models_by_table()
    open_parts = [
        part
        for part, (_column, whole) in PARTS.items()
        if whole == table and reads_all(reader, known.get(part))
    ]
    return Change.objects.filter(
        Q(table_name=table, record_key=key)
        | Q(whole_table=table, whole_key=key, table_name__in=open_parts)
    )


def _told(
    shown: Iterable[tuple], record: Model, reader: User, *, locale: str, decimals: int
) -> dict[tuple[str, int], Moment]:
    """The moments of a page by kind and key; one query for each kind, whatever they are."""
    keys: dict[str, list[int]] = {"change": [], "act": [], "comment": []}
    for kind, pk, _at in shown:
        keys[kind].append(pk)
    changes = list(Change.objects.filter(pk__in=keys["change"]).select_related("actor"))
    teller = Teller(reader, changes, locale=locale, decimals=decimals)
    acts = AuditEvent.objects.filter(pk__in=keys["act"]).select_related("actor")
    said = Comment.objects.filter(pk__in=keys["comment"]).select_related("author")
    return {
        **{("change", change.pk): _change(change, record, teller) for change in changes},
        **{("act", act.pk): _act(act) for act in acts},
        **dict(_comments(said.prefetch_related("mentions"), reader)),
    }


def _change(change: Change, record: Model, teller: Teller) -> Moment:
    is_part = change.table_name != record._meta.db_table
    differences = teller.differences(change)
    if is_part:
        column = PARTS[change.table_name][0]
        whole = label_of(change.model, column)
        differences = [d for d in differences if d.label.casefold() != whole.casefold()]
    elif change.operation != Change.Operation.UPDATE:
        differences = []  # its facts stand above
    return Moment(
        at=change.at,
        who=_who(change.actor, change.request),
        says=_sentence(change, is_part=is_part),
        icon=ICONS[change.operation],
        differences=differences,
    )


def _sentence(change: Change, *, is_part: bool) -> str:
    thing = change.model._meta.verbose_name if change.model else change.table_name
    sentences = {
        ("insert", False): _("created this"),
        ("update", False): _("changed this"),
        ("delete", False): _("deleted this"),
        ("insert", True): _("added: %(thing)s"),
        ("update", True): _("changed: %(thing)s"),
        ("delete", True): _("removed: %(thing)s"),
    }
    return sentences[change.operation, is_part] % {"thing": thing}


def _who(actor: User | None, request: str) -> str:
    if actor is not None:
        return actor.name
    return _("The command %(name)s") % {"name": request} if request else _("The office")


def _act(act: AuditEvent) -> Moment:
    says = str(ACTS.get(act.action, act.action.replace("_", " ")))
    more = act.detail.get("why") or act.detail.get("what") or act.detail.get("file")
    if more:
        says = f"{says}: {more}"
    return Moment(at=act.at, who=_who(act.actor, ""), says=says, icon="flag")


def _comments(said: QuerySet, reader: User) -> Iterator[tuple]:
    comments_found = list(said)
    named = {person.pk for comment in comments_found for person in comment.mentions.all()}
    reached = rows(reader, User).filter(pk__in=named)
    addresses = {person.pk: person.get_absolute_url() for person in reached}
    for comment in comments_found:
        yield (
            ("comment", comment.pk),
            Moment(
                at=comment.at,
                who=comment.author.name,
                says="",
                icon="message",
                comment=comments.written(comment, addresses),
                initials=comment.author.initials,
            ),
        )


def page_number(asked: Any) -> int:
    """The page asked for; the first where that is no number."""
    text = str(asked or "")
    return max(int(text), 1) if text.isdecimal() and len(text) < 5 else 1
