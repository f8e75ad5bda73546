"""Screens of the outbox: which letters wait, which are gone, and which need a decision."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from backoffice import outbox
from backoffice.files import record_within_reach
from backoffice.models import Letter
from backoffice.operations import operation
from backoffice.pages import Pages
from backoffice.views.pages import record_context

State = Letter.State
TONES = {
    State.WAITING: "info",
    State.CLAIMED: "info",
    State.SENT: "ok",
    State.FAILED: "bad",
    State.UNKNOWN: "warn",
    State.HELD: "mute",
}


def may_go_again(letter) -> bool:
    """Whether somebody may let it wait once more."""
    return letter.state in (State.HELD, State.FAILED, State.UNKNOWN)


@operation(
    "edit",
    Letter,
    label=_lazy("Send again"),
    icon="send",
    asks=_lazy("It leaves within a minute. One that has arrived before arrives twice."),
    when=may_go_again,
)
def send_again(request, letter):
    """Nothing is sent twice unless somebody says so."""
    outbox.send_again(letter, by=request.user)
    return _("The letter waits to be sent.")


@operation(
    "edit",
    Letter,
    label=_lazy("Mark as sent"),
    icon="check",
    asks=_lazy("You know that it arrived, or it need not go any more."),
    when=lambda letter: letter.state in (State.UNKNOWN, State.FAILED),
)
def mark_as_sent(request, letter):
    """Somebody has asked whether it arrived."""
    outbox.mark_sent(letter, by=request.user, at=timezone.now())
    return _("The letter counts as sent.")


@operation(
    "edit", Letter, label=_lazy("Hold"), icon="ban", when=lambda letter: letter.state == "waiting"
)
def hold(request, letter):
    """It stays until somebody sends it."""
    outbox.hold(letter, by=request.user)
    return _("The letter is held.")


def beside(request, letter) -> list:
    """The record it is about, for those who may open that, and the files that go with it."""
    boxes = []
    record = letter.label and record_within_reach(request.user, letter.label, letter.record_key)
    if record:
        kind = capfirst(record._meta.verbose_name)
        boxes.append((_("About"), [(str(record), kind, record.get_absolute_url())]))
    if letter.enclosures:
        enclosed = [(one["name"], one["media_type"], "") for one in letter.enclosures]
        boxes.append((_("Enclosed"), enclosed))
    return boxes


@require_safe
def letter_page(request: HttpRequest, pk: int, *, pages: Pages) -> HttpResponse:
    """A letter; its words are for who gets it, and what goes with it is not added afterwards."""
    letter = get_object_or_404(pages.rows(request.user), pk=pk)
    context = record_context(request, letter, pages) | {"files": None}
    return render(request, pages.template, context)


letters = Pages(
    model=Letter,
    columns=("subject", "recipients", "made_at"),
    more_columns=(
        "sent_at",
        "state",
        "attempts",
        "next_attempt_at",
        "error",
        "made_by",
        "message_id",
    ),
    facts=(
        *("recipients", "made_at", "made_by", "error", "attempts", "next_attempt_at"),
        *("sent_at", "is_secret", "message_id"),
    ),
    filters=("state", "is_secret", "made_by", "made_at"),
    search=("recipients", "subject", "message_id"),
    joined=("made_by",),
    hide_small=("made_at",),
    state=lambda letter: (Letter.State(letter.state).label, TONES[letter.state]),
    side=beside,
    record_view=letter_page,
    icon="mail",
    empty=_lazy("Letters of the office appear here as they are written: invitations, notices."),
)
