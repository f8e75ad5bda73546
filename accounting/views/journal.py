"""The journal, its entries, drafts and templates."""

import re
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from accounting.corrections import reverse_and_copy as corrected
from accounting.corrections import reverse_by_hand, template_of
from accounting.drafts import discard_draft, draft_of, restore_draft
from accounting.facts import entries_with, is_entry, with_amount, with_draft_amount
from accounting.forms import ReverseForm
from accounting.models import EntryDraft, JournalEntry, JournalLine
from accounting.origins import Owner, owner_of, records_of
from backoffice.access import area, may, row_or_404, rows
from backoffice.messages import say
from backoffice.operations import Said, operation
from backoffice.pages import Pages, Related
from backoffice.reading import number_meant
from backoffice.views.forms import form_page
from backoffice.views.pages import record_context

MOST_LINES_SHOWN = 500
_REFERENCE = re.compile(r"([A-Z]{1,10})-([0-9]{4})-([0-9]{1,9})", re.IGNORECASE).fullmatch


class JournalPages(Pages):
    """The journal: an entry is found by its number at once, and by the words it holds."""

    def matches(self, word: str) -> Q:
        """Where a word may stand; the number of an entry is looked up in its own index.

        The number of an invoice or claim reads the same and stands in the text of entries.
        """
        reference = _REFERENCE(word)
        if reference:
            series, year, number = reference.groups()
            named = {"series": series.upper(), "year": int(year), "number": int(number)}
            if is_entry(**named):
                return Q(**named)
        found, amount = super().matches(word), number_meant(word)
        return found if amount is None else found | Q(pk__in=entries_with(amount))

    def url(self, page: str, *args) -> str:
        """The address of one of its pages; an entry begins as a draft."""
        return write_url() if page == "add" else super().url(page, *args)

    def may_edit(self, user, record=None) -> bool:
        """Whether this person may enter something new; what is entered stays."""
        return record is None and may(user, self.area, "edit")

    @cached_property
    def sortable(self) -> set[str]:
        """Not the amount: it is summed for the rows of a page, never for the whole journal."""
        return super().sortable - {"amount"}


class DraftPages(Pages):
    """Drafts have a form of their own."""

    def url(self, page: str, *args) -> str:
        """The address of one of its pages."""
        return write_url() if page == "add" else super().url(page, *args)

    def may_edit(self, user, record=None) -> bool:
        """Whether this person may write drafts."""
        return may(user, self.area, "edit", record)


def write_url() -> str:
    """Where a new entry is written."""
    return reverse("accounting:entrydraft-add")


def is_reversed(entry: JournalEntry) -> bool:
    """Whether another entry takes this one back."""
    return getattr(entry, "reversed_by", None) is not None


def owner(entry: Any) -> Owner | None:
    """The record the entry stands and falls with; looked up once for a page."""
    if not hasattr(entry, "_owner"):
        entry._owner = owner_of(entry)
    return entry._owner


def standing_of(entry: JournalEntry) -> tuple[str, str] | None:
    """What became of the entry, in a word."""
    if is_reversed(entry):
        return (_("Reversed"), "mute")
    if entry.reverses_id:
        return (_("Reversal"), "info")
    if entry.kind != JournalEntry.Kind.NORMAL:
        return (JournalEntry.Kind(entry.kind).label.capitalize(), "info")
    return None


def brought_in_by(request, entry: JournalEntry) -> list:
    """The invoice, bill, claim, payment or return the entry is of."""
    record = records_of([entry.pk], request.user).get(entry.pk)
    if record is None:
        return []
    kind = capfirst(record._meta.verbose_name)
    return [(_("Belongs to"), [(kind, str(record), record.get_absolute_url())])]


# --- Operations ---------------------------------------------------------------------------


@operation(
    "edit",
    JournalEntry,
    label=_lazy("Reverse and copy"),
    icon="refresh",
    asks=_lazy("The entry is taken back now, and a copy opens for you to put right and post."),
    when=lambda entry: not (is_reversed(entry) or entry.reverses_id or owner(entry)),
)
def reverse_and_copy(request, entry):
    """A mistake put right in one step."""
    draft = corrected(entry, on=timezone.localdate(), by=request.user)
    said = _("%(entry)s is reversed. Correct this copy and post it.") % {"entry": entry}
    return Said(said, go_to=draft.get_absolute_url())


@operation("edit", JournalEntry, label=_lazy("Duplicate"), icon="plus")
def duplicate(request, entry):
    """The same lines again, dated today."""
    draft = draft_of(entry, by=request.user, on=timezone.localdate())
    said = _("A copy of %(entry)s, not yet posted.") % {"entry": entry}
    return Said(said, go_to=draft.get_absolute_url())


@operation("edit", JournalEntry, label=_lazy("Save as template"), icon="bookmark")
def save_as_template(request, entry):
    """Lines to start other entries from."""
    template = template_of(entry, name=entry.text or str(entry), by=request.user)
    return Said(
        _("Template “%(name)s” saved.") % {"name": template},
        go_to=reverse("accounting:template-list"),
        undo_url=reverse("accounting:entrydraft-discard", args=[template.pk]),
    )


@operation(
    "edit", EntryDraft, label=_lazy("Start an entry"), when=lambda draft: draft.template_name
)
def start(request, template):
    """A new draft with the lines of the template, dated today."""
    draft = draft_of(template, by=request.user, on=timezone.localdate())
    said = _("Started from “%(name)s”.") % {"name": template}
    return Said(said, go_to=draft.get_absolute_url())


@operation(
    "edit", EntryDraft, label=_lazy("Discard"), icon="trash", when=lambda d: not d.discarded_at
)
def discard(request, draft):
    """Put away, with a way back."""
    discard_draft(draft, by=request.user)
    page = "accounting:template-list" if draft.template_name else "accounting:entrydraft-list"
    return Said(
        _("“%(draft)s” discarded.") % {"draft": draft},
        go_to=reverse(page),
        undo_url=reverse("accounting:entrydraft-restore", args=[draft.pk]),
    )


@operation(
    "edit", EntryDraft, label=_lazy("Restore"), icon="history", when=lambda d: d.discarded_at
)
def restore(request, draft):
    """The way back."""
    restore_draft(draft, by=request.user)
    return _("“%(draft)s” is back.") % {"draft": draft}


# --- Pages --------------------------------------------------------------------------------


@require_safe
def entry_page(request: HttpRequest, pk: int, *, pages: Pages) -> HttpResponse:
    """An entry with its lines, what it reverses, and its place in the chain."""
    entry = get_object_or_404(pages.rows(request.user), pk=pk)
    lines = rows(request.user, JournalLine).filter(entry=entry)
    lines = lines.select_related("account", "department", "party").order_by("position")
    may_edit = may(request.user, "accounting", "edit")
    instead = may_edit and not is_reversed(entry) and owner(entry)
    context = record_context(request, entry, pages) | {
        "lines": lines[:MOST_LINES_SHOWN],
        "reversed_by": getattr(entry, "reversed_by", None),
        "instead": instead and instead.said_of(entry),
        "may_reverse": may_edit and not is_reversed(entry) and not instead,
    }
    return render(request, "accounting/journalentry_detail.html", context)


journal = JournalPages(
    model=JournalEntry,
    columns=("reference", "date", "text", "payee", "amount", "posted_by"),
    more_columns=("kind", "series", "year", "number", "line_count", "posted_at"),
    facts=("date", "kind", "payee", "posted_by", "posted_at"),
    filters=("kind", "date", "series"),
    search=("text", "payee"),
    ordering=("-date",),
    joined=("posted_by", "reversed_by"),
    annotate=with_amount,
    labels={
        "reference": _lazy("number"),
        "amount": _lazy("amount"),
        "number": _lazy("running number"),
    },
    hide_small=("payee", "posted_by"),
    amount="amount",
    state=standing_of,
    side=brought_in_by,
    importer="journal",
    record_view=entry_page,
    icon="receipt-2",
    empty=_lazy("Everything that happened to the money is entered here, and stays as it is."),
)


def waiting_drafts(drafts):
    """Drafts still to be posted, each with its amount."""
    return with_draft_amount(drafts.filter(template_name="", discarded_at=None))


drafts = DraftPages(
    model=EntryDraft,
    columns=("text", "date", "amount", "made_by", "changed_at"),
    more_columns=("kind",),
    facts=("date", "kind", "made_by", "changed_at"),
    filters=("kind", "date", "made_by"),
    search=("text",),
    ordering=("-changed_at",),
    joined=("made_by",),
    annotate=waiting_drafts,
    labels={"amount": _lazy("amount")},
    hide_small=("changed_at",),
    amount="amount",
    related=(Related("lines", ("account", "department", "party", "amount", "text")),),
    icon="pencil",
    empty=_lazy("An entry saved before it is finished waits here until it is posted."),
)


@area("accounting")
@require_safe
def templates(request: HttpRequest) -> HttpResponse:
    """Entries kept to start others from."""
    found = rows(request.user, EntryDraft).filter(discarded_at=None).exclude(template_name="")
    context = {
        "title": _("Templates"),
        "crumbs": [(_("Templates"), None)],
        "templates": found.select_related("made_by").order_by("template_name"),
        "may_edit": may(request.user, "accounting", "edit"),
    }
    return render(request, "accounting/templates.html", context)


@area("accounting", "edit")
def reverse_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the day and take the entry back."""
    entry = row_or_404(request.user, JournalEntry, "edit", pk=pk)
    form = ReverseForm(request.POST or None, initial={"date": timezone.localdate()})

    def save() -> str:
        return take_back(request, entry, form)

    return form_page(
        request,
        form,
        save,
        title=_("Reverse %(entry)s") % {"entry": entry},
        crumbs=[(journal.title, journal.url("list")), (str(entry), entry.get_absolute_url())],
        note=_("A new entry with the sides swapped takes it back; both stay in the journal."),
        submit_label=_("Reverse"),
        back=entry.get_absolute_url(),
    )


def take_back(request: HttpRequest, entry: JournalEntry, form: ReverseForm) -> str:
    """Reverse the entry as the form says; where its reversal is found."""
    asked = form.cleaned_data
    reversal = reverse_by_hand(entry, on=asked["date"], by=request.user, why=asked["why"])
    say(
        request,
        _("%(entry)s is reversed by %(reversal)s.") % {"entry": entry, "reversal": reversal},
    )
    return reversal.get_absolute_url()


@area("accounting")
@require_safe
def open_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """To the form for who may write; to the record for who may read."""
    draft = row_or_404(request.user, EntryDraft, pk=pk)
    if may(request.user, "accounting", "edit"):
        return redirect("accounting:entry-write", draft.key)
    return redirect("accounting:entrydraft-detail", pk)
