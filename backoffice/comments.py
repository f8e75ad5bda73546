"""What people say about a record, and whom they name in it."""

import re
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Model, Value
from django.db.models.functions import Length
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from backoffice.access import may, rows
from backoffice.errors import Refused
from backoffice.models import Comment, Notice, User
from backoffice.notices import notify

LONGEST = 4000
MOST_NAMED = 20
# A name begins after an @ that is not in the middle of a word, as it is in an address.
_NAMED = re.compile(r"(?<![\w.@])@(?=\w)")


@transaction.atomic
def comment_on(record: Model, text: str, *, by: User, key: UUID) -> Comment:
    """Keep what was said about the record; the same key again gets what was said first."""
    text = text.replace("\x00", "").strip()
    if not text:
        raise Refused(_("Write something first."))
    if len(text) > LONGEST:
        raise Refused(_("A comment has at most %(count)s characters.") % {"count": LONGEST})
    comment, is_new = Comment.objects.get_or_create(
        key=key,
        defaults={
            "label": record._meta.label_lower,
            "record_key": str(record.pk),
            "author": by,
            "text": text,
        },
    )
    about = (comment.label, comment.record_key, comment.author_id)
    if about != (record._meta.label_lower, str(record.pk), by.pk):
        raise Refused(_("This page was used for another comment: open it again."))
    if is_new:
        named = named_in(text)
        comment.mentions.set(named)
        _tell(comment, record, named)
    return comment


def _tell(comment: Comment, record: Any, named: list[User]) -> None:
    """Tell those it names, but for the author and those who may not open the record."""
    about = {"who": comment.author, "record": record}
    for person in {person.pk: person for person in named}.values():
        if person.pk != comment.author_id and _may_open(person, record):
            notify(
                person,
                kind=Notice.Kind.MENTION,
                title=_("%(who)s names you in a comment on %(record)s") % about,
                url=f"{record.get_absolute_url()}#timeline",
                about=record,
                by=comment.author,
                key=f"comment:{comment.pk}",
            )


def _may_open(person: User, record: Any) -> bool:
    """Whether this person may open the record's page; some names are read without it."""
    model = type(record)
    return may(person, model.access.area) and rows(person, model).filter(pk=record.pk).exists()


def named_in(text: str) -> list[User]:
    """The active people whose name follows an @ in the text."""
    named: list[User] = []
    for place in list(_NAMED.finditer(text))[:MOST_NAMED]:
        after = text[place.end() : place.end() + 120]
        people = User.objects.filter(is_active=True)
        meant = people.alias(after=Value(after)).filter(after__istartswith=F("name"))
        # "@Ann Lee" is Ann Lee, where there is an Ann as well.
        named += meant.order_by(Length("name").desc(), "pk")[:1]
    return named


def written(comment: Comment, addresses: dict[int, str]) -> SafeString:
    """The text with each person it names as a link, where the reader may follow it."""
    people = {f"@{person.name}".casefold(): person for person in comment.mentions.all()}
    if not people:
        return format_html("{}", comment.text)
    names = "|".join(re.escape(name) for name in sorted(people, key=len, reverse=True))
    parts = re.split(f"({names})", comment.text, flags=re.IGNORECASE)
    return format_html_join("", "{}", ((_part(part, people, addresses),) for part in parts))


def _part(part: str, people: dict[str, User], addresses: dict[int, str]) -> Any:
    person = people.get(part.casefold())
    if person is None:
        return part
    if person.pk not in addresses:
        return format_html("<b>{}</b>", part)
    return format_html('<a href="{}">{}</a>', addresses[person.pk], part)
