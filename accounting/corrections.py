"""What follows from an entry: its reversal with a corrected copy, a template of it."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from accounting.drafts import draft_of
from accounting.models import EntryDraft, JournalEntry
from accounting.origins import owner_of
from accounting.posting import reverse_entry
from backoffice.errors import Refused
from backoffice.models import User


@transaction.atomic
def reverse_by_hand(
    entry: JournalEntry, *, on: date, by: User | None, why: str = ""
) -> JournalEntry:
    """The entry that takes back one made by hand: what belongs to a record goes by its own act."""
    if JournalEntry.objects.filter(reverses=entry).exists():
        raise Refused(_("%(entry)s is reversed already.") % {"entry": entry})
    check_by_hand(entry)
    return reverse_entry(entry, on=on, by=by, why=why)


def check_by_hand(entry: JournalEntry) -> None:
    """Refuse to reverse an entry on which something else stands, with the way it is undone."""
    owner = owner_of(entry)
    if owner:
        raise Refused(owner.said_of(entry))


@transaction.atomic
def reverse_and_copy(entry: JournalEntry, *, on: date, by: User) -> EntryDraft:
    """Take the entry back and return its copy as a draft, to be put right and posted.

    What had settled the entry settles the copy once that is posted, as far as it fits.

    Both are dated as the entry is while its period is open, else on the day given.
    """
    # One at a time: whoever comes second finds the reversal and gets no second copy.
    entry = (
        JournalEntry.objects.select_for_update(of=("self",), no_key=True)
        .select_related("period")
        .get(pk=entry.pk)
    )
    if JournalEntry.objects.filter(reverses=entry).exists():
        raise Refused(_("%(entry)s is reversed already.") % {"entry": entry})
    check_by_hand(entry)
    day = max(on, entry.date) if entry.period.is_closed else entry.date
    reverse_entry(entry, on=day, by=by)
    draft = draft_of(entry, by=by, on=day)
    draft.corrects = entry
    draft.save(update_fields=["corrects"])
    return draft


@transaction.atomic
def template_of(original: JournalEntry | EntryDraft, *, name: str, by: User) -> EntryDraft:
    """A template with the lines of an entry or a draft."""
    if not name.strip():
        raise Refused(_("Give the template a name."), field="template_name")
    template = draft_of(original, by=by)
    template.template_name = name.strip()[:60]
    template.save(update_fields=["template_name"])
    return template
