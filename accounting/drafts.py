"""Drafts: entries being written, templates, copies. A draft becomes an entry once."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounting.allocations import settle_as_before
from accounting.guards import guards_speak
from accounting.models import DraftLine, EntryDraft, JournalEntry
from accounting.posting import Line, post
from accounting.spending import check_lines_spend
from backoffice.errors import Refused
from backoffice.models import User

LINE_FACTS = ("account", "department", "party", "amount", "currency", "currency_amount", "text")


def source_key(key: uuid.UUID) -> str:
    """The source key of the entry a draft becomes."""
    return f"draft:{key}"


def entry_from_draft(key: uuid.UUID) -> JournalEntry | None:
    """The entry a draft of this key has become, if it was posted."""
    return JournalEntry.objects.filter(source_key=source_key(key)).first()


def stored_draft(key: uuid.UUID) -> EntryDraft | None:
    """The draft kept under this key, if it was ever saved."""
    return EntryDraft.objects.filter(key=key).first()


@transaction.atomic
def save_draft(
    draft: EntryDraft, *, by: User, lines: Sequence[DraftLine] | None = None
) -> EntryDraft:
    """The draft with its lines as written so far; lines left out stay as they are.

    A draft of a known key replaces the one stored, so two tabs write the same draft.
    """
    posted = entry_from_draft(draft.key)
    if posted:
        raise Refused(_("This draft is already posted as %(entry)s.") % {"entry": posted})
    stored = EntryDraft.objects.select_for_update().filter(key=draft.key).first()
    if stored:
        draft.pk, draft.made_by, draft._state.adding = stored.pk, stored.made_by, False
        draft.corrects_id = stored.corrects_id
    else:
        draft.made_by = by
    draft.save()
    if lines is not None:
        draft.lines.all().delete()
        write_lines(draft, lines)
    return draft


def write_lines(draft: EntryDraft, lines: Sequence[DraftLine]) -> None:
    """Store the lines under the draft, numbered from one."""
    for position, line in enumerate(lines, start=1):
        line.pk, line.draft, line.position = None, draft, position
        line._state.adding = True
    DraftLine.objects.bulk_create(lines)


def post_draft(draft: EntryDraft, *, by: User) -> JournalEntry:
    """The entry the draft becomes. Posting it again, from wherever, gives the same entry.

    Refused where it spends more than a budget that stops has left.
    """
    with guards_speak(), transaction.atomic():
        stored = EntryDraft.objects.select_for_update().filter(key=draft.key).first()
        if stored is None:
            return posted_already(draft.key)
        check_may_be_posted(stored)
        lines = [
            finished(position, line) for position, line in enumerate(lines_of(stored), start=1)
        ]
        if is_held(stored):
            check_lines_spend(lines, on=day_of(stored))
        entry = post(
            on=day_of(stored),
            text=stored.text,
            lines=lines,
            by=by,
            source_key=source_key(stored.key),
            kind=stored.kind,
        )
        if stored.corrects:
            settle_as_before(stored.corrects, entry, on=entry.date, by=by)
        stored.delete()
        return entry


def is_held(draft: EntryDraft) -> bool:
    """Whether the budget is asked: opening and closing entries say what was before."""
    return draft.kind == JournalEntry.Kind.NORMAL


def posted_already(key: uuid.UUID) -> JournalEntry:
    """The entry of a draft that is gone, or a refusal."""
    entry = entry_from_draft(key)
    if entry is None:
        raise Refused(_("This draft does not exist any more."))
    return entry


def check_may_be_posted(draft: EntryDraft) -> None:
    """Refuse what is no entry to be."""
    if draft.template_name:
        raise Refused(
            _("“%(name)s” is a template: start an entry from it.") % {"name": draft.template_name}
        )
    if draft.discarded_at:
        raise Refused(_("This draft was discarded: restore it first."))


def day_of(draft: EntryDraft) -> date:
    """The day of the draft, or a refusal."""
    if draft.date is None:
        raise Refused(_("Give the entry its date."), field="date")
    return draft.date


def lines_of(draft: EntryDraft) -> Sequence[DraftLine]:
    """The lines of the draft, in order, with what they name."""
    return list(
        draft.lines.select_related("account", "department", "party", "currency").order_by(
            "position"
        )
    )


def finished(position: int, line: DraftLine) -> Line:
    """The line as it is posted, or a refusal that says what it lacks."""
    if line.account is None:
        raise Refused(_("Line %(line)s: choose an account.") % {"line": position}, field="lines")
    if line.amount is None:
        raise Refused(_("Line %(line)s: give an amount.") % {"line": position}, field="lines")
    return Line(**{name: getattr(line, name) for name in LINE_FACTS})


def discard_draft(draft: EntryDraft, *, by: User) -> None:
    """Put the draft away; it can be restored."""
    draft.discarded_at = timezone.now()
    draft.save(update_fields=["discarded_at"])


def restore_draft(draft: EntryDraft, *, by: User) -> None:
    """Take the draft back."""
    draft.discarded_at = None
    draft.save(update_fields=["discarded_at"])


@transaction.atomic
def draft_of(
    original: JournalEntry | EntryDraft,
    *,
    by: User,
    on: date | None = None,
    swapped: bool = False,
) -> EntryDraft:
    """A new draft with the lines of an entry, a template or another draft; sides swapped or not.

    Its date is the one given, or left open for the person to fill in.
    """
    draft = EntryDraft.objects.create(date=on, kind=original.kind, text=original.text, made_by=by)
    write_lines(
        draft, [copied(line, swapped=swapped) for line in original.lines.order_by("position")]
    )
    return draft


def copied(line: Any, *, swapped: bool) -> DraftLine:
    """A line for a draft with the facts of another one."""
    facts = {name: getattr(line, name) for name in ("text", "amount", "currency_amount")}
    if swapped:
        for name in ("amount", "currency_amount"):
            facts[name] = None if facts[name] is None else -facts[name]
    keys = {f"{name}_id": getattr(line, f"{name}_id") for name in ("account", "department")}
    keys |= {f"{name}_id": getattr(line, f"{name}_id") for name in ("party", "currency")}
    return DraftLine(**facts, **keys)
