"""Small words for templates: icons, money, days, states, addresses."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache, partial
from html import escape
from typing import TYPE_CHECKING
from uuid import uuid4

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from backoffice import money as amounts
from backoffice import once
from backoffice.cells import written_day
from backoffice.shell import company_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from backoffice.functions import ScreenGroup
    from backoffice.listing import FigureRow, Row

register = template.Library()

PICK = (
    '<td class="pick"><input class="form-check-input js-only" type="checkbox" data-pick'
    ' data-amount="{}" aria-label="{}"></td>'
)
TONES = {"ok", "warn", "bad", "info", "mute"}


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """A picture of the sprite, without a name of its own: the word beside it says it."""
    return _drawn(str(name), size)


@cache
def _drawn(name: str, size: str) -> SafeString:
    return format_html(
        '<svg class="ic{}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        f" ic-{size}" if size else "",
        static("icons.svg"),
        name,
    )


@register.simple_tag
def sent_key() -> SafeString:
    """What a form is known by when it is sent a second time."""
    return format_html('<input type="hidden" name="{}" value="{}">', once.FIELD, uuid4())


@register.simple_tag
def state(label: str, tone: str = "mute") -> SafeString:
    """A status: a word with a dot, so that it is never colour alone."""
    if tone not in TONES:
        raise ValueError(f"A state is {', '.join(sorted(TONES))}; not {tone!r}.")
    return _state_drawn(str(label), tone)


@lru_cache(maxsize=1024)
def _state_drawn(label: str, tone: str) -> SafeString:
    return format_html('<span class="state s-{}">{}</span>', tone, label)


@register.filter("money")
def money_in(amount: Decimal | None, locale: str) -> str:
    """The amount in a locale's form with two decimals; nothing for None."""
    if amount is None:
        return ""
    return amounts.for_people(amount, locale=locale)


@register.simple_tag(takes_context=True)
def money(context: template.Context, amount: Decimal | None, currency: str = "") -> str:
    """The amount as the reader writes it, at the decimals of its currency.

    The currency itself is shown where it is named, as it is when it is not the company's.
    """
    if amount is None:
        return ""
    decimals = _decimals(context, currency)
    shown = amounts.for_people(
        amount, locale=_locale(context), currency=currency, decimals=decimals
    )
    return format_html('<span class="num">{}</span>', shown)


@register.simple_tag(takes_context=True)
def figure(context: template.Context, amount: Decimal | None, url: str = "") -> str:
    """An amount in a column of amounts, opening what it is made of; nothing for nothing."""
    if not amount:
        return ""
    shown = amounts.for_people(amount, locale=_locale(context), decimals=_decimals(context, ""))
    return format_html('<a href="{}">{}</a>', url, shown) if url else shown


@register.simple_tag(takes_context=True)
def figure_rows(context: template.Context, rows: Iterable[FigureRow]) -> SafeString:
    """The rows of a table of figures, put together at once: a page has hundreds of cells."""
    write = partial(amounts.for_people, locale=_locale(context), decimals=_decimals(context, ""))
    return SafeString("".join([_figure_row_drawn(row, write) for row in rows]))


def _figure_row_drawn(row: FigureRow, write: Callable[[Decimal], str]) -> str:
    url = escape(row.url)
    cells = "".join(
        [
            f'<td class="r" data-label="{escape(label)}">'
            + (f'<a href="{escape(opens)}">{write(amount)}</a></td>' if amount else "</td>")
            for label, amount, opens in row.cells
        ]
    )
    return (
        f'<tr><td class="c-name"><a href="{url}">{escape(row.name)}</a></td>{cells}'
        f'<td class="r c-total"><a href="{url}">{write(row.total)}</a></td></tr>'
    )


@register.simple_tag(takes_context=True)
def number(context: template.Context, amount: Decimal | None, currency: str | None = None) -> str:
    """A number as the reader writes it, without zeros at its end; nothing for None.

    With a currency (empty: the company's) it is a price, and has its decimals at least.
    """
    if amount is None:
        return ""
    least = 0 if currency is None else _decimals(context, currency)
    pattern = f"#,##0.{'0' * least}{'#' * (10 - least)}"
    return format_decimal(amount, format=pattern, locale=_locale(context)).replace("-", "−", 1)


@register.simple_tag(takes_context=True)
def day(context: template.Context, on: date | None) -> str:
    """A day as the reader writes it; nothing for None."""
    if on is None:
        return ""
    return _day_drawn(on.isoformat(), written_day(on, _locale(context)))


@lru_cache(maxsize=4096)
def _day_drawn(machine: str, words: str) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', machine, words)


@register.simple_tag(takes_context=True)
def long_day(context: template.Context, on: date) -> str:
    """A day with the name of its weekday."""
    return format_date(on, "full", locale=_locale(context))


@register.simple_tag(takes_context=True)
def instant(context: template.Context, at: datetime | None) -> str:
    """A moment in the reader's zone and form; nothing for None."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    return format_html(
        '<time datetime="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        format_datetime(local, "medium", locale=_locale(context)),
    )


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changed: object) -> str:
    """This address with some parameters changed; None takes one out.

    Whatever is changed, reading starts again at the first page.
    """
    asked = context["request"].GET.copy()
    asked.pop("page", None)
    for name, value in changed.items():
        asked.pop(name, None)
        if value is not None:
            asked[name] = str(value)
    return "?" + asked.urlencode(safe=",")


@register.simple_tag(takes_context=True)
def menu_lines(context: template.Context, group: ScreenGroup) -> SafeString:
    """The lines of the menu under one heading: a page has dozens, and a loop costs more."""
    mark = current(context, group.here) if group.here else SafeString("")
    return format_html_join(
        "",
        '<a href="{}" {}>{}</a>',
        (
            (screen.url, mark if screen.url == group.here else SafeString(""), screen.label)
            for screen in group.screens
        ),
    )


@register.simple_tag
def list_rows(rows: list[Row], *, picked: object) -> SafeString:
    """The rows of a list, each with a box to select it by where that is asked for.

    A page has fifty with six cells each: as a template they were most of what a list cost.
    """
    return SafeString("\n".join([_row_drawn(row, picked=picked) for row in rows]))


def _row_drawn(row: Row, *, picked: object) -> str:
    first, *others = row.cells
    box = PICK.format(plain(row.amount), escape(row.select_label)) if picked else ""
    link = f'<a href="{escape(row.url)}">{escape(str(first.text or row.record))}</a>'
    return (
        f'<tr data-row>{box}<td class="{first.css}">{link}</td>'
        + "".join([f'<td class="{cell.css}">{escape(cell.text)}</td>' for cell in others])
        + f'<td class="stands">{state(*row.state) if row.state else ""}</td></tr>'
    )


@register.simple_tag(takes_context=True)
def current(context: template.Context, url: str) -> str:
    """The mark of a menu line: `page` where it leads here, `true` where it leads above here."""
    path = context["request"].path
    if path == url:
        return SafeString('aria-current="page"')
    return SafeString('aria-current="true"' if path.startswith(url) else "")


@register.filter
def one(pages) -> str:
    """What one record of a list is called."""
    return pages.model._meta.verbose_name


@register.filter
def plain(amount: Decimal | None) -> str:
    """The number with a point, no grouping, no exponent, and no zeros at its end."""
    if amount is None:
        return ""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@register.filter
def ends(field) -> list[tuple[str, str, str]]:
    """The two ends of a filter for a range of days: word, parameter, value; else nothing."""
    suffixes = getattr(field.field.widget, "suffixes", ())
    if tuple(suffixes) != ("after", "before"):
        return []
    names = [f"{field.html_name}_{suffix}" for suffix in suffixes]
    words = (_("from"), _("to"))
    return [(w, n, field.form.data.get(n, "")) for w, n in zip(words, names, strict=True)]


@register.filter
def lettered(menu: list) -> list[tuple]:
    """Each entry of the menu with the letter that leads there after G, no letter twice."""
    taken, found = {"h", "i"}, []  # home and inbox
    for entry in menu:
        letters = (letter for letter in str(entry.function.verbose_name).lower())
        own = next((x for x in letters if x.isalpha() and x not in taken), "")
        taken.add(own)
        found.append((entry, own))
    return found


@register.simple_tag(takes_context=True)
def panel(context: template.Context, template_name: str, facts: dict) -> SafeString:
    """A panel of the dashboard, drawn by its own template from its own facts."""
    with context.push(**facts):
        return context.template.engine.get_template(template_name).render(context)


def _locale(context: template.Context) -> str:
    return str(context.get("locale") or "en")


def _decimals(context: template.Context, currency: str) -> int:
    if currency:
        return _minor_units().get(currency, 2)
    request = context.get("request")
    company = context.get("company") or (company_of(request) if request else None)
    return company.currency.minor_unit if company else 2


@cache
def _minor_units() -> dict[str, int]:
    # ISO 4217 changes with a release of ours, so once a process is enough.
    return amounts.minor_units()
