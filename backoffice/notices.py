"""Tells people what concerns them: in their inbox, and by e-mail as each of them likes it.

notices.notify(user, kind="approval", title=..., url=..., about=pay_run, by=by)
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model, QuerySet
from django.template.loader import render_to_string
from django.utils.translation import ngettext

from backoffice import outbox
from backoffice.locality import at_home_with, local
from backoffice.models import Company, Digest, MailPreference, Notice, User

How = MailPreference.How
MOST_IN_A_DIGEST = 100


@transaction.atomic
def notify(
    user: User,
    *,
    kind: str,
    title: str,
    url: str,
    about: Model | None = None,
    by: User | None = None,
    key: str = "",
) -> Notice | None:
    """Tell somebody, in the transaction of the cause; None where they left or were told before.

    `url` is a page of the office; `key` says what the notice is, so that it is given once.
    """
    if not user.is_active:
        return None
    how = mail_preference_of(user).how(kind)
    told = {
        "kind": kind,
        "title": title[:200],
        "url": url,
        "label": about._meta.label_lower if about else "",
        "record_key": str(about.pk) if about else "",
        "by": by,
        "for_digest": how == How.DAILY,
    }
    if key:
        notice, is_new = Notice.objects.get_or_create(user=user, key=key, defaults=told)
    else:
        notice, is_new = Notice.objects.create(user=user, **told), True
    if not is_new:
        return None
    if how == How.AT_ONCE and user.email:
        _send_at_once(notice)
    return notice


def _send_at_once(notice: Notice) -> None:
    company = Company.objects.first()
    with at_home_with(notice.user, company):
        context = {"notice": notice, "company": company, "base_url": settings.BASE_URL}
        outbox.send(
            to=[str(notice.user.email)],
            subject=_one_line(notice.title),
            text=render_to_string("office/notice.txt", context),
            about=notice,
            by=notice.by,
        )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def mail_preference_of(user: User) -> MailPreference:
    """How each kind reaches the person by e-mail; not kept yet where nothing was chosen."""
    return MailPreference.objects.filter(user=user).first() or MailPreference(user=user)


# --- the inbox ------------------------------------------------------------------------------


def waiting_for(found: QuerySet[Notice]) -> QuerySet[Notice]:
    """Those nobody has marked as done."""
    return found.filter(done_at=None)


def count_waiting_for(user: User) -> int:
    """How many of the person's notices nobody has marked as done; every page says it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) from backoffice_notice where user_id = %s and done_at is null",
            [user.pk],
        )
        return cursor.fetchone()[0]


def mark_done(found: QuerySet[Notice], *, at: datetime) -> int:
    """Mark these notices as done; say how many were not."""
    return waiting_for(found).update(done_at=at, for_digest=False)


def settle(about: Model, *, at: datetime, kinds: Sequence[str] = ()) -> int:
    """Mark as done, for everybody, what was told of a record: its approval is given, say."""
    found = Notice.objects.filter(label=about._meta.label_lower, record_key=str(about.pk))
    return mark_done(found.filter(kind__in=kinds) if kinds else found, at=at)


# --- the daily summary ----------------------------------------------------------------------


def send_digests(*, now: datetime) -> int:
    """Send everybody whose hour has come what was new by then; say to how many.

    Safe to do again: a summary goes out once a day, and each notice into one of them.
    """
    company = Company.objects.first()
    waiting = Notice.objects.filter(for_digest=True).values("user")
    people = User.objects.filter(pk__in=waiting, is_active=True).order_by("pk")
    return sum(
        _send_digest(person, on_the_clock=local(now, person, company), company=company)
        for person in people.select_related("mail_preference")
    )


@transaction.atomic
def _send_digest(person: User, *, on_the_clock: datetime, company: Company | None) -> bool:
    preference = getattr(person, "mail_preference", None) or MailPreference()
    hour = on_the_clock.replace(hour=preference.digest_hour, minute=0, second=0, microsecond=0)
    if on_the_clock < hour or not person.email:
        return False
    found = Notice.objects.filter(user=person, for_digest=True, made_at__lt=hour)
    told = list(found.select_for_update().order_by("pk"))
    if not told:
        return False
    _digest, is_new = Digest.objects.get_or_create(user=person, on=on_the_clock.date())
    if not is_new:
        return False
    found.filter(pk__in=[notice.pk for notice in told]).update(for_digest=False)
    context = {
        "user": person,
        "company": company,
        "base_url": settings.BASE_URL,
        "notices": told[:MOST_IN_A_DIGEST],
        "more": max(len(told) - MOST_IN_A_DIGEST, 0),
    }
    with at_home_with(person, company):
        subject = ngettext("%(n)d new notice", "%(n)d new notices", len(told)) % {"n": len(told)}
        text = render_to_string("office/digest.txt", context)
        outbox.send(to=[person.email], subject=subject, text=text)
    return True
