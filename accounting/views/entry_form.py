"""Writing an entry: by keyboard, kept as a draft, posted once however often it is sent."""

from __future__ import annotations

from functools import cached_property
from uuid import UUID, uuid4

from babel.numbers import get_decimal_symbol
from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounting.corrections import template_of
from accounting.drafts import (
    entry_from_draft,
    is_held,
    post_draft,
    save_draft,
    stored_draft,
)
from accounting.entry_sheet import (
    MOST_LISTED,
    MOST_PARTIES_LISTED,
    WRITTEN,
    RowReader,
    WrittenRow,
    check_budget,
    check_rows,
    row_of,
    rows_written,
)
from accounting.forms import EntryForm
from accounting.models import DraftLine, EntryDraft, JournalEntry
from accounting.paths import account_names
from backoffice.access import area, may, rows
from backoffice.errors import Refused
from backoffice.messages import say
from backoffice.models import Party
from backoffice.money import ZERO
from backoffice.shell import company_of, locale_of
from backoffice.views.forms import add_refusal, try_to, typed

EMPTY_ROWS, FEWEST_ROWS = 2, 4
TEMPLATES_OFFERED = 8


@area("accounting", "edit")
@require_safe
def add_entry(request: HttpRequest) -> HttpResponse:
    """To an address of its own, so that going back and sending again is the same entry."""
    address = reverse("accounting:entry-write", args=[uuid4()])
    query = request.GET.urlencode()
    return redirect(f"{address}?{query}" if query else address)


@area("accounting", "edit")
def write_entry(request: HttpRequest, key: UUID) -> HttpResponse:
    """The form of the draft with this key; what is posted already is shown as its entry."""
    posted = entry_from_draft(key)
    if posted:
        return redirect(posted)
    sheet = EntrySheet(request, draft_with(request, key))
    if request.method == "POST":
        deed = DEEDS.get(request.POST.get("act", "save"))
        if deed is None:
            raise BadRequest("There is no such button.")
        done = try_to(lambda: deed(sheet))
        # Sent twice at the same moment: the other one has posted it meanwhile.
        posted = entry_from_draft(key) if isinstance(done, Refused) else None
        if posted or isinstance(done, str):
            return redirect(posted or done)
        if done:
            add_refusal(sheet.form, done)
    return render(request, "accounting/entry_form.html", sheet.context())


def draft_with(request: HttpRequest, key: UUID) -> EntryDraft:
    """The draft stored under the key, or a new one dated today."""
    stored = stored_draft(key)
    if stored:
        if not may(request.user, "accounting", "edit", stored):
            raise PermissionDenied
        return stored
    kind = request.GET.get("kind", "")
    known = kind if kind in JournalEntry.Kind.values else JournalEntry.Kind.NORMAL
    return EntryDraft(key=key, date=timezone.localdate(), kind=known, made_by=request.user)


class EntrySheet:
    """A draft on its form: its head, its rows as written, what is wrong with each."""

    def __init__(self, request: HttpRequest, draft: EntryDraft) -> None:
        self.request, self.draft = request, draft
        self.is_stored, self.is_template = bool(draft.pk), bool(draft.template_name)
        self.locale = locale_of(request)
        self.currency = company_of(request).currency
        self.form = EntryForm(request.POST or None, instance=draft)
        self.reader = RowReader(request.user, locale=self.locale)
        self.more_rows = 0

    @cached_property
    def rows(self) -> list[WrittenRow]:
        """The rows as they were sent, or as they are stored."""
        if self.request.method == "POST":
            return rows_written(self.request.POST)
        decimals = self.currency.minor_unit
        return [row_of(line, locale=self.locale, decimals=decimals) for line in self.lines]

    @cached_property
    def lines(self) -> list[DraftLine]:
        """The lines as far as the rows can be read; what cannot is said at its row."""
        if self.request.method == "POST":
            return [self.reader.line(row) for row in self.rows]
        if not self.is_stored:
            return []
        related = ("account", "department", "party", "currency")
        return list(self.draft.lines.select_related(*related).order_by("position"))

    def is_readable(self) -> bool:
        """Whether it can be kept as it is, finished or not."""
        # Both are asked, so that every mistake shows at once. Reading a line marks its row.
        is_valid = self.form.is_valid()
        read = list(zip(self.rows, self.lines, strict=True))
        return is_valid and not any(row.errors for row, _line in read)

    def is_complete(self) -> bool:
        """Whether every row may enter the books."""
        check_rows(self.rows, self.lines)
        return self.is_readable()

    def fits_the_budget(self) -> bool:
        """Whether no budget stops it; what one only warns of is said."""
        if self.draft.date is None or not is_held(self.draft):
            return True
        for sentence in check_budget(self.rows, self.lines, on=self.draft.date):
            messages.warning(self.request, sentence)
        return not any(row.errors for row in self.rows)

    def save(self) -> EntryDraft:
        """The draft, kept."""
        return save_draft(self.form.save(commit=False), by=self.request.user, lines=self.lines)

    @property
    def shown_rows(self) -> list[WrittenRow]:
        """The rows with some empty ones below; the cursor goes to what is wrong first."""
        wrong = next((row for row in self.rows if row.problems), None)
        if wrong:
            wrong.focus = next(name for name in WRITTEN if name in wrong.problems)
        missing = max(FEWEST_ROWS - len(self.rows), EMPTY_ROWS) + self.more_rows
        return [*self.rows, *(WrittenRow() for _n in range(missing))]

    def context(self) -> dict:
        """Everything the form draws."""
        user, draft = self.request.user, self.draft
        title = str(draft) if self.is_stored else _("New entry")
        amounts = [line.amount or ZERO for line in self.lines]
        page = "accounting:template-list" if self.is_template else "accounting:entrydraft-list"
        return {
            "sheet": self,
            "form": self.form,
            "title": title,
            "crumbs": [
                (_("Templates") if self.is_template else _("Drafts"), reverse(page)),
                (title, None),
            ],
            "draft": draft,
            "currency": self.currency,
            "decimal": get_decimal_symbol(self.locale),
            "empty_row": WrittenRow(),
            "accounts": self._accounts(),
            "departments": self.reader.departments.values(),
            "parties": rows(user, Party).filter(is_active=True)[:MOST_PARTIES_LISTED],
            "currencies": self.reader.currencies,
            "debits": sum((a for a in amounts if a > 0), ZERO),
            "credits": -sum((a for a in amounts if a < 0), ZERO),
            "difference": abs(sum(amounts, ZERO)),
            "templates": self._templates(),
        }

    def _accounts(self) -> list[tuple[str, str]]:
        """What the account search offers: the account, and the headings it stands under."""
        names = account_names()
        open_accounts = self.reader.accounts.open[:MOST_LISTED]
        return [
            (str(a), names[a.pk].removesuffix(a.name).replace(":", " › ").rstrip(" ›"))
            for a in open_accounts
        ]

    def _templates(self) -> list[EntryDraft]:
        if self.is_stored:
            return []
        found = rows(self.request.user, EntryDraft).filter(discarded_at=None)
        return list(found.exclude(template_name="").order_by("template_name")[:TEMPLATES_OFFERED])


# --- What the buttons do: each returns where to go, or nothing to stay on the form -----------


def keep(sheet: EntrySheet) -> str | None:
    """Keep the draft as it is; with the name of a template typed, keep that as well.

    Enter in the field of the name presses the first button of the form, which is this one.
    """
    if typed(sheet.request, "new_template"):
        return keep_as_template(sheet)
    if not sheet.is_readable():
        return None
    draft = sheet.save()
    say(sheet.request, _("“%(draft)s” saved.") % {"draft": draft})
    return reverse("accounting:entry-write", args=[draft.key])


def enter(sheet: EntrySheet) -> str | None:
    """Post the entry and show it."""
    entry = entered(sheet)
    return entry.get_absolute_url() if entry else None


def enter_and_go_on(sheet: EntrySheet) -> str | None:
    """Post the entry and begin the next one."""
    return reverse("accounting:entrydraft-add") if entered(sheet) else None


def entered(sheet: EntrySheet) -> JournalEntry | None:
    """The entry the draft has become."""
    if not (sheet.is_complete() and sheet.fits_the_budget()):
        return None
    entry = post_draft(sheet.save(), by=sheet.request.user)
    undo = reverse("accounting:journalentry-reverse-and-copy", args=[entry.pk])
    text = _("%(entry)s is posted.") % {"entry": entry}
    say(sheet.request, text, undo_url=undo, undo_label=_("Reverse and copy"))
    return entry


def keep_as_template(sheet: EntrySheet) -> str | None:
    """Keep the draft, and a template of it."""
    if not sheet.is_readable():
        return None
    draft = sheet.save()
    name = typed(sheet.request, "new_template") or draft.text
    template = template_of(draft, name=name, by=sheet.request.user)
    say(sheet.request, _("Template “%(name)s” saved.") % {"name": template})
    return reverse("accounting:entry-write", args=[draft.key])


def offer_more_rows(sheet: EntrySheet) -> None:
    """The same form with more empty rows, for browsers without JavaScript."""
    sheet.more_rows = FEWEST_ROWS
    sheet.form.is_valid()


DEEDS = {
    "save": keep,
    "post": enter,
    "next": enter_and_go_on,
    "template": keep_as_template,
    "more": offer_more_rows,
}
