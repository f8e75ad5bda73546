"""Entries that come by themselves: recurring ones, and parts of what was paid ahead."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from accounting.drafts import finished, lines_of
from accounting.guards import guards_speak
from accounting.models import Deferral, EntryDraft, JournalEntry, RecurringEntry
from accounting.posting import Line, post, reverse_entry
from accounting.years import open_year_for
from backoffice import audit
from backoffice.errors import Refused
from backoffice.models import Company, User
from backoffice.money import ZERO, rounded


def month_later(day: date, months: int) -> date:
    """The same day so many months later; shorter months take their last."""
    month = day.year * 12 + day.month - 1 + months
    year, number = month // 12, month % 12 + 1
    return date(year, number, min(day.day, monthrange(year, number)[1]))


def month_end(day: date) -> date:
    """The last day of the month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


# --- recurring entries ------------------------------------------------------------------------


def occurrences(recurring: RecurringEntry, *, until: date) -> Iterator[date]:
    """The days it comes, up to the day."""
    last = min(until, recurring.ends_on) if recurring.ends_on else until
    times = 0
    while (day := month_later(recurring.starts_on, times)) <= last:
        yield day
        times += recurring.every_months


def key_of(recurring: RecurringEntry, day: date) -> str:
    """What keeps an occurrence from being posted twice."""
    return f"recurring:{recurring.pk}:{day}"


def due(recurring: RecurringEntry, *, on: date) -> list[date]:
    """The days up to this one it should have been posted on and was not."""
    days = list(occurrences(recurring, until=on))
    keys = {key_of(recurring, day): day for day in days}
    posted = JournalEntry.objects.filter(source_key__in=keys).values_list("source_key", flat=True)
    return [day for key, day in keys.items() if key not in set(posted)]


def post_occurrence(recurring: RecurringEntry, day: date, *, by: User | None) -> JournalEntry:
    """The entry of one occurrence, with its reversal on the first of the next month if so set."""
    with guards_speak(), transaction.atomic():
        entry = post(
            on=day,
            text=f"{recurring.template.text or recurring} {day:%Y-%m}"[:200],
            lines=template_lines(recurring.template),
            by=by,
            source_key=key_of(recurring, day),
        )
        if (
            recurring.reverses_next_month
            and not JournalEntry.objects.filter(reverses=entry).exists()
        ):
            open_year_for(back_on(day), by=by)
            reverse_entry(entry, on=back_on(day), by=by)
        return entry


def back_on(day: date) -> date:
    """The day an entry of that day is taken back on, if it is: the first of the next month."""
    return month_end(day) + timedelta(days=1)


def template_lines(template: EntryDraft) -> list[Line]:
    """The lines of the template as they are posted, or a refusal that says what they lack."""
    lines = [finished(place, line) for place, line in enumerate(lines_of(template), start=1)]
    if not lines:
        raise Refused(_("The template “%(name)s” has no lines.") % {"name": template})
    return lines


def check_template(template: EntryDraft) -> None:
    """Refuse a template that could not be posted by itself."""
    try:
        lines = template_lines(template)
    except Refused as refusal:
        raise Refused(str(refusal), field="template") from None
    if sum((line.amount for line in lines), ZERO):
        raise Refused(
            _("Its debits and credits differ: nobody would balance it."), field="template"
        )


def amount_of(template: EntryDraft) -> Decimal:
    """What one entry of the template moves: the sum of its debits as they are now."""
    debits = template.lines.filter(amount__gt=0)
    return debits.aggregate(total=Sum("amount"))["total"] or ZERO


def post_due(*, on: date, by: User | None) -> tuple[list[JournalEntry], list[str]]:
    """What was posted of all that is due, and a sentence for each that could not be."""
    posted: list[JournalEntry] = []
    refused: list[str] = []
    active = RecurringEntry.objects.filter(is_active=True).select_related("template")
    for recurring in active.order_by("pk"):
        for day in due(recurring, on=on):
            try:
                posted.append(post_occurrence(recurring, day, by=by))
            except Refused as refusal:
                refused.append(f"{recurring}, {day}: {refusal}")
                break
    for deferral in Deferral.objects.filter(stopped_on=None).order_by("pk"):
        try:
            posted += release_due(deferral, on=on, by=by)
        except Refused as refusal:
            refused.append(f"{deferral}: {refusal}")
    return posted, refused


# --- amounts paid or received ahead -----------------------------------------------------------


def parts_of(deferral: Deferral) -> list[tuple[date, Decimal]]:
    """The last day of each month with its part; equal rounded parts, the last the remainder.

    Where rounding up has used up a small amount before the end, nothing is left for the rest.
    """
    unit = Company.objects.select_related("currency").get().currency.minor_unit
    equal = rounded(deferral.amount / deferral.months, unit)
    parts = [
        max(min(equal, deferral.amount - place * equal), ZERO)
        for place in range(deferral.months - 1)
    ]
    last = deferral.amount - sum(parts, ZERO)
    first = deferral.first_month.replace(day=1)
    return [
        (month_end(month_later(first, place)), part) for place, part in enumerate([*parts, last])
    ]


def release_key(deferral: Deferral, day: date) -> str:
    """What keeps a month from being released twice."""
    return f"deferral:{deferral.pk}:{day:%Y-%m}"


def released(deferral: Deferral) -> dict[str, JournalEntry]:
    """The entries of the months released so far, by their source."""
    keys = [release_key(deferral, day) for day, _part in parts_of(deferral)]
    found = JournalEntry.objects.filter(source_key__in=keys)
    return {entry.source_key: entry for entry in found}


def parts_due(deferral: Deferral, *, on: date) -> list[tuple[date, Decimal]]:
    """The months up to this day that should have been released and were not."""
    if deferral.stopped_on:
        return []
    done = released(deferral)
    return [
        (day, part)
        for day, part in parts_of(deferral)
        if day <= on and part and release_key(deferral, day) not in done
    ]


@transaction.atomic
def release_due(deferral: Deferral, *, on: date, by: User | None) -> list[JournalEntry]:
    """The months that ended by the day, entered as cost or income."""
    due_parts = parts_due(deferral, on=on)
    return [release_month(deferral, day, part, by=by) for day, part in due_parts]


def release_month(
    deferral: Deferral, day: date, part: Decimal, *, by: User | None
) -> JournalEntry:
    """One month of it in the books."""
    sign = 1 if deferral.kind == Deferral.Kind.PREPAID else -1
    with guards_speak():
        return post(
            on=day,
            text=f"{deferral.text}, {day:%Y-%m}"[:200],
            lines=[
                Line(deferral.account, sign * part, department=deferral.department),
                Line(deferral.kind, -sign * part),
            ],
            by=by,
            source_key=release_key(deferral, day),
        )


@transaction.atomic
def stop(deferral: Deferral, *, on: date, by: User) -> None:
    """Release no more from now on; what is left stays on its account to be dealt with."""
    deferral.stopped_on = on
    deferral.save(update_fields=["stopped_on"])
    audit.record("deferral stopped", deferral, by=by, on=str(on))
