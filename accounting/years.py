"""Fiscal years and periods: opening, closing, reopening."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounting.guards import guards_speak
from accounting.models import FiscalYear, Period, PeriodEvent
from backoffice import audit
from backoffice.errors import Refused
from backoffice.models import Company, NumberSeries, User

EARLIEST, LATEST = 1900, 2199
MOST_YEARS_AT_ONCE = 30
A_DAY = timedelta(days=1)


def is_day_of_books(day: date) -> bool:
    """Whether books may have this day; days far off are slips, and cannot be reckoned with."""
    return EARLIEST <= day.year <= LATEST


def no_day_of_books(day: date) -> str:
    """The sentence about a day no books have."""
    return _("%(day)s is no day of these books.") % {"day": day}


def open_year_for(day: date, *, by: User | None) -> FiscalYear:
    """The fiscal year of the day, opened with all between it and the years there are."""
    found = year_of(day)
    if found:
        return found
    with guards_speak(), transaction.atomic():
        # One at a time, so that two who need the same year do not both make it.
        company = Company.objects.select_for_update(no_key=True).first()
        if company is None:
            raise Refused(_("Set up the company first: it says when its year starts."))
        found = year_of(day)
        return found or open_years_up_to(day, company.fiscal_year_starts_in, by=by)


def year_of(day: date) -> FiscalYear | None:
    """The fiscal year the day lies in, if it is open."""
    return FiscalYear.objects.filter(starts_on__lte=day, ends_on__gte=day).first()


def open_years_up_to(day: date, first_month: int, *, by: User | None) -> FiscalYear:
    """Make the missing years between the day and those there are, with a period a month."""
    spans = missing_years(day, first_month)
    taken = set(FiscalYear.objects.values_list("name", flat=True))
    years = FiscalYear.objects.bulk_create(
        FiscalYear(name=name_of(start, end, taken), starts_on=start, ends_on=end)
        for start, end in spans
    )
    Period.objects.bulk_create(
        Period(fiscal_year=year, starts_on=start, ends_on=end)
        for year in years
        for start, end in months(year.starts_on, year.ends_on)
    )
    for year in years:
        audit.record("fiscal year opened", year, by=by)
    return next(year for year in years if year.starts_on <= day <= year.ends_on)


def missing_years(day: date, first_month: int) -> list[tuple[date, date]]:
    """First and last days of the years to open, oldest first, without gap or overlap."""
    if not is_day_of_books(day):
        raise Refused(no_day_of_books(day), field="date")
    oldest = FiscalYear.objects.order_by("starts_on").first()
    newest = FiscalYear.objects.order_by("-ends_on").first()
    if oldest is None or newest is None:
        start = year_start(day, first_month)
        return [(start, year_start(start, first_month, later=1) - A_DAY)]
    if (
        abs(day - oldest.starts_on)
        > timedelta(days=366 * MOST_YEARS_AT_ONCE)
        < abs(day - newest.ends_on)
    ):
        raise Refused(
            _("%(day)s is more than %(years)s years away from the books: check the date.")
            % {"day": day, "years": MOST_YEARS_AT_ONCE},
            field="date",
        )
    if day < oldest.starts_on:
        return years_before(oldest.starts_on, day, first_month)
    return years_after(newest.ends_on, day, first_month)


def years_before(known: date, day: date, first_month: int) -> list[tuple[date, date]]:
    """The years from the day up to the first known one; refused once a period is closed."""
    if Period.objects.filter(closed_at__isnull=False).exists():
        raise Refused(
            _(
                "The books begin on %(known)s and have closed periods:"
                " nothing can be entered before them."
            )
            % {"known": known},
            field="date",
        )
    spans = []
    while day < known:
        start = year_start(known - A_DAY, first_month)
        spans.append((start, known - A_DAY))
        known = start
    return spans[::-1]


def years_after(known: date, day: date, first_month: int) -> list[tuple[date, date]]:
    """The years from the last known one up to the day."""
    spans = []
    while known < day:
        start = known + A_DAY
        known = year_start(start, first_month, later=1) - A_DAY
        spans.append((start, known))
    return spans


def year_start(day: date, first_month: int, *, later: int = 0) -> date:
    """The first day of the fiscal year the day lies in, or of one so many years later."""
    year = day.year if day.month >= first_month else day.year - 1
    return date(year + later, first_month, 1)


def months(start: date, end: date) -> Iterator[tuple[date, date]]:
    """First and last days of the months from start to end."""
    while start <= end:
        last = min(start.replace(day=monthrange(start.year, start.month)[1]), end)
        yield start, last
        start = last + A_DAY


def name_of(start: date, end: date, taken: set[str]) -> str:
    """What people call the year: 2024, 2024/25, or its months if that name is taken."""
    name = f"{start.year}" if start.year == end.year else f"{start.year}/{end.year % 100:02}"
    if name in taken:
        name = f"{start:%Y-%m} – {end:%Y-%m}"
    taken.add(name)
    return name


def close_period(period: Period, *, by: User | None) -> PeriodEvent:
    """Close a period for good order: earlier ones first. Waits for entries being posted."""
    with guards_speak(), transaction.atomic():
        until_then = list(
            Period.objects.select_for_update()
            .filter(starts_on__lte=period.starts_on)
            .order_by("starts_on")
        )
        this = until_then[-1]
        if this.is_closed:
            raise Refused(_("%(period)s is closed already.") % {"period": this})
        still_open = next(p for p in until_then if not p.is_closed)
        if still_open != this:
            raise Refused(
                _("%(earlier)s is still open: periods are closed in their order.")
                % {"earlier": still_open}
            )
        this.closed_at = timezone.now()
        this.save(update_fields=["closed_at"])
        period.closed_at = this.closed_at
        audit.record("period closed", this, by=by)
        return PeriodEvent.objects.create(
            period=this, kind=PeriodEvent.Kind.CLOSED, by=by, head=head_of(this)
        )


def head_of(period: Period) -> str:
    """The head of the journal's chain in the calendar year of the period."""
    series = NumberSeries.objects.filter(code="JE", year=period.ends_on.year).first()
    return series.head if series else ""


def reopen_period(period: Period, *, by: User | None, why: str) -> PeriodEvent:
    """Reopen the period closed last, for a reason that is kept."""
    if not why.strip():
        raise Refused(_("Say why the period is reopened."), field="why")
    with guards_speak(), transaction.atomic():
        from_then = list(
            Period.objects.select_for_update()
            .filter(starts_on__gte=period.starts_on)
            .order_by("starts_on")
        )
        this = from_then[0]
        if not this.is_closed:
            raise Refused(_("%(period)s is open.") % {"period": this})
        later = next((p for p in reversed(from_then) if p.is_closed), this)
        if later != this:
            raise Refused(
                _("%(later)s is closed: only the period closed last can be reopened.")
                % {"later": later}
            )
        this.closed_at = None
        this.save(update_fields=["closed_at"])
        period.closed_at = None
        audit.record("period reopened", this, by=by, why=why)
        return PeriodEvent.objects.create(
            period=this,
            kind=PeriodEvent.Kind.REOPENED,
            by=by,
            why=why.strip()[:200],
            head=head_of(this),
        )


def period_named(month: str) -> Period:
    """The period that begins in a month written as YYYY-MM."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise Refused(
            _("“%(month)s” is not a month: write it as 2024-05.") % {"month": month}
        ) from None
    period = Period.objects.filter(
        starts_on__year=first.year, starts_on__month=first.month
    ).first()
    if period is None:
        raise Refused(_("There is no period %(month)s in the books.") % {"month": month})
    return period
