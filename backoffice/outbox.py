"""Letters leave through here: written in the commit of their cause, sent once by the worker.

    outbox.send(to=["tom@example.com"], subject=..., text=..., about=invoice, by=user)

The worker claims a letter, commits, sends it, commits. One whose worker died between the two
commits may have arrived: it is shown as unknown and waits for a person to decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Count, Model, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django.models import ProcrastinateWorker

from backoffice import audit, enclosures
from backoffice.enclosures import Enclosed, FileGone
from backoffice.errors import Refused
from backoffice.models import Letter, User
from backoffice.queueing import queue
from backoffice.smtp import MailServer, NotKnown, NotTaken, Unreachable

State = Letter.State
LETTERS_AT_ONCE = 500
MOST_ATTEMPTS = 14
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=4)
HEARTBEAT_IS_OLD = timedelta(minutes=2)
# A worker that lives and still has a letter after this long will not say any more how it went.
CLAIM_IS_OLD, CLAIM_IS_LOST = timedelta(minutes=2), timedelta(minutes=15)
DAYS_WORDS_ARE_KEPT, DAYS_LETTERS_ARE_KEPT = 7, 365


# --- writing --------------------------------------------------------------------------------


def send(
    *,
    to: Sequence[str],
    subject: str,
    text: str,
    html: str = "",
    about: Model | None = None,
    by: User | None = None,
    attachments: Sequence[Enclosed] = (),
    is_secret: bool = False,
) -> Letter:
    """Put one letter into the outbox; it leaves once the transaction is committed.

    `is_secret` is for letters that let somebody in: their words are gone once they are sent.
    """
    letter = written(
        to=to,
        subject=subject,
        text=text,
        html=html,
        about=about,
        by=by,
        attachments=attachments,
        is_secret=is_secret,
    )
    return send_all([letter])[0]


def written(
    *,
    to: Sequence[str],
    subject: str,
    text: str,
    html: str = "",
    about: Model | None = None,
    by: User | None = None,
    attachments: Sequence[Enclosed] = (),
    is_secret: bool = False,
) -> Letter:
    """A letter for `send_all`, not in the outbox yet. Raises Refused."""
    if "\n" in subject or "\r" in subject:
        raise Refused(_("A subject is one line."), field="subject")
    return Letter(
        recipients=", ".join(_checked(to)),
        subject=subject.strip()[:250],
        text=text,
        html=html,
        label=about._meta.label_lower if about else "",
        record_key=str(about.pk) if about else "",
        made_by=by,
        enclosures=[enclosures.kept(one) for one in attachments],
        is_secret=is_secret,
    )


def _checked(addresses: Sequence[str]) -> list[str]:
    if not addresses or isinstance(addresses, str):
        raise Refused(_("A letter goes to somebody."), field="to")
    for address in addresses:
        try:
            validate_email(address)
        except ValidationError:
            raise Refused(
                _("“%(address)s” is no e-mail address.") % {"address": address}, field="to"
            ) from None
    return list(addresses)


@transaction.atomic
def send_all(letters: Iterable[Letter]) -> list[Letter]:
    """Put many letters into the outbox under one job."""
    kept = Letter.objects.bulk_create(letters, batch_size=500)
    if kept:
        queue("outbox.send")
    return kept


# --- what people decide ---------------------------------------------------------------------


@transaction.atomic
def send_again(letter: Letter, *, by: User) -> None:
    """Let a letter wait again that was held, failed, or may not have arrived."""
    letter = _in_state(letter, State.HELD, State.FAILED, State.UNKNOWN)
    if not letter.text and letter.is_secret:
        raise Refused(_("Its words are not kept any more: make a new one."))
    audit.record("letter sent again", letter, by=by, was=letter.state)
    _settled(letter, State.WAITING, attempts=0, next_attempt_at=timezone.now(), error="")
    queue("outbox.send")


@transaction.atomic
def mark_sent(letter: Letter, *, by: User, at: datetime) -> None:
    """Somebody knows that the letter arrived."""
    letter = _in_state(letter, State.UNKNOWN, State.FAILED)
    audit.record("letter marked as sent", letter, by=by, was=letter.state)
    _settled(letter, State.SENT, sent_at=at, **_without_secrets(letter))


@transaction.atomic
def hold(letter: Letter, *, by: User) -> None:
    """Keep a waiting letter from going until somebody sends it."""
    letter = _in_state(letter, State.WAITING)
    audit.record("letter held", letter, by=by)
    _settled(letter, State.HELD)


def _in_state(letter: Letter, *states: str) -> Letter:
    letter = Letter.objects.select_for_update().get(pk=letter.pk)
    if letter.state not in states:
        raise Refused(
            _("This letter is %(state)s by now.") % {"state": letter.get_state_display()}
        )
    return letter


def _settled(letter: Letter, state: str, **facts: object) -> None:
    free = {"claim": None, "claimed_by": None, "claimed_at": None}
    Letter.objects.filter(pk=letter.pk).update(**{**free, "state": state, **facts})


def _without_secrets(letter: Letter) -> dict[str, str]:
    return {"text": "", "html": ""} if letter.is_secret else {}


# --- the job --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt, and whether to go on with the next letter."""

    state: str
    error: str = ""
    goes_on: bool = True


def deliver(*, worker: int | None, goes_on: Callable[[], bool] = lambda: True) -> int:
    """Send what is due over one connection; say how many letters were tried.

    Each letter is claimed and committed before it is sent; the commit that says how it went
    claims the next.
    """
    tried = 0
    with MailServer() as server:
        letter = _claimed(worker)
        while letter is not None:
            outcome = _attempt(letter, server)
            tried += 1
            is_more = outcome.goes_on and tried < LETTERS_AT_ONCE and goes_on()
            with transaction.atomic():
                _note(letter, outcome)
                letter = _claimed(worker) if is_more else None
    return tried


# One statement, so that a letter costs one commit; who finds it taken passes it by.
CLAIM = """
update backoffice_letter
   set state = 'claimed', attempts = attempts + 1,
       claim = gen_random_uuid(), claimed_by = %s, claimed_at = %s
 where id = (select id from backoffice_letter
              where state = 'waiting' and next_attempt_at <= %s
              order by next_attempt_at, id limit 1 for update skip locked)
returning *
"""


def _claimed(worker: int | None) -> Letter | None:
    """The next letter that is due, now this worker's."""
    now = timezone.now()
    return next(iter(Letter.objects.raw(CLAIM, [worker, now, now])), None)


def _attempt(letter: Letter, server: MailServer) -> Outcome:
    try:
        server.send(message_of(letter))
    except Unreachable as trouble:
        return Outcome(_state_after(letter), str(trouble), goes_on=False)
    except NotTaken as refusal:
        return Outcome(State.FAILED if refusal.for_good else _state_after(letter), str(refusal))
    except NotKnown as trouble:
        return Outcome(State.UNKNOWN, str(trouble))
    except (FileGone, ValueError) as mistake:
        return Outcome(State.FAILED, str(mistake))
    return Outcome(State.SENT)


def _state_after(letter: Letter) -> str:
    """Whether a letter that was not taken is tried another time."""
    return State.WAITING if letter.attempts < MOST_ATTEMPTS else State.FAILED


def _note(letter: Letter, outcome: Outcome) -> None:
    """Write down what came of a claim, unless somebody has decided otherwise meanwhile."""
    now = timezone.now()
    mine = Letter.objects.filter(pk=letter.pk, claim=letter.claim)
    facts: dict[str, object] = {"state": outcome.state, "error": outcome.error[:500]}
    if outcome.state == State.SENT:
        facts |= {"sent_at": now, **_without_secrets(letter)}
    elif outcome.state == State.WAITING:
        facts |= {"next_attempt_at": now + pause(letter.attempts), "claim": None}
    mine.update(**facts)
    if not outcome.goes_on:
        due = Letter.objects.filter(state=State.WAITING, next_attempt_at__lte=now)
        due.update(next_attempt_at=now + FIRST_PAUSE)


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts: one minute, two, four, up to four hours."""
    return min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE)


def message_of(letter: Letter) -> EmailMultiAlternatives:
    """The letter as the mail server gets it."""
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=letter.addresses,
        headers={"Message-ID": letter.message_id},
    )
    if letter.html:
        message.attach_alternative(letter.html, "text/html")
    for enclosed in letter.enclosures:
        message.attach(enclosed["name"], enclosures.read(enclosed), enclosed["media_type"])
    return message


def give_up_lost_claims(*, now: datetime) -> int:
    """Say of letters whose worker died that nobody knows; never send them again by ourselves."""
    alive = ProcrastinateWorker.objects.filter(last_heartbeat__gt=now - HEARTBEAT_IS_OLD)
    of_the_dead = Q(claimed_at__lt=now - CLAIM_IS_OLD) & ~Q(claimed_by__in=alive.values("pk"))
    lost = Letter.objects.filter(of_the_dead | Q(claimed_at__lt=now - CLAIM_IS_LOST))
    sentence = _("The worker stopped while it sent this letter: it may have arrived.")
    return lost.filter(state=State.CLAIMED).update(state=State.UNKNOWN, error=sentence)


def troubles(*, now: datetime, longest_wait: timedelta) -> dict[str, int]:
    """How many letters failed, may have arrived, or should have left so long ago."""
    late = Q(state=State.WAITING, next_attempt_at__lt=now - longest_wait)
    return Letter.objects.aggregate(
        failed=Count("pk", filter=Q(state=State.FAILED)),
        unknown=Count("pk", filter=Q(state=State.UNKNOWN)),
        late=Count("pk", filter=late),
    )


@transaction.atomic
def forget(*, now: datetime) -> None:
    """Remove the words of letters sent a week ago and of secrets as old, and letters of last year.

    Links that let somebody in have ended by then, sent or not.
    """
    week_ago = now - timedelta(days=DAYS_WORDS_ARE_KEPT)
    old = Q(state=State.SENT, sent_at__lt=week_ago) | Q(is_secret=True, made_at__lt=week_ago)
    worded = Letter.objects.exclude(text="", html="", enclosures=[])
    worded.filter(old).exclude(state=State.CLAIMED).update(text="", html="", enclosures=[])
    year_ago = now - timedelta(days=DAYS_LETTERS_ARE_KEPT)
    Letter.objects.filter(state=State.SENT, sent_at__lt=year_ago).delete()
    named = Letter.objects.exclude(enclosures=[]).values_list("enclosures", flat=True)
    stored = {one["stored_name"] for found in named.iterator() for one in found}
    enclosures.forget(but=stored, before=now - timedelta(days=1))
