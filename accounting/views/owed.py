"""What customers owe and what we owe: open items, ageing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounting.ageing import AgedParty, Ageing, ageing
from accounting.forms import AskedForm
from accounting.lateness import BUCKETS, NAMES, days_of_bucket
from accounting.models import Account
from accounting.open_pages import Asked, OpenLine, OpenPage, open_page
from accounting.open_sums import BY_NAME, Part
from accounting.payment_forms import AgeingFilterForm, OwedFilterForm
from accounting.reach import of_whole_books
from accounting.reporting import Wish
from accounting.views.asked import asked_page, refused_file
from accounting.views.reports import at_minor_unit, check_format, export_urls, paper
from backoffice import audit, exports
from backoffice.access import area, may, rows
from backoffice.choices import LONGEST_KEY
from backoffice.listing import FigureRow, page_number
from backoffice.models import Party
from backoffice.money import ZERO

PAGE_SIZE = 50
TITLES = {"receivable": _lazy("Receivables"), "payable": _lazy("Payables")}
AGED = {"receivable": "aged_receivables", "payable": "aged_payables"}
LISTS = {"receivable": "accounting:receivables", "payable": "accounting:payables"}
AGED_PAGES = {"receivable": "accounting:aged-receivables", "payable": "accounting:aged-payables"}
PAY_PAGES = {"receivable": "accounting:payment-receive", "payable": "accounting:payment-pay"}


@dataclass(frozen=True)
class SomePage:
    """A page of a list with its pager; `count` is None where nobody counted."""

    number: int
    shown: int
    count: int | None
    more: bool = False

    @property
    def first_index(self) -> int:
        return (self.number - 1) * PAGE_SIZE + 1

    @property
    def last_index(self) -> int:
        return self.first_index + self.shown - 1

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def following(self) -> int | None:
        return self.number + 1 if self.more or self.last_index < (self.count or 0) else None


@area("accounting")
@require_safe
@of_whole_books
def items_page(request: HttpRequest, role: str) -> HttpResponse:
    """The open items of a day, those due first, with the sum of all that are asked for."""
    form = OwedFilterForm(request.GET, dues=[(name, label) for name, label, _first in BUCKETS])
    asked, party = asked_in(form), party_of(request)
    context = {
        "title": TITLES[role],
        "crumbs": [(TITLES[role], None)],
        "role": role,
        "form": form,
        "party": party,
        "kept": [("party", party.pk)] if party else [],
        "pay_url": reverse(PAY_PAGES[role]) if may(request.user, "accounting", "edit") else "",
    }
    found = None if asked is None else items_shown(request, role, asked, party)
    return asked_page(request, "accounting/open_items.html", context, found)


def items_shown(
    request: HttpRequest, role: str, asked: dict[str, Any], party: Party | None
) -> dict[str, Any]:
    """The items asked for, a page of them, and what all of them come to."""
    on, known = asked["on"], asked["known"]
    account = rows(request.user, Account).filter(role=role).first()
    number, found = found_of(request, account, asked, party)
    sign = -1 if role == "payable" else 1
    is_filtered = bool(asked["q"] or asked["named"] or asked["due"] or party)
    return {
        "on": on,
        "as_known": asked["as_known"],
        "asked_url": "?" + days_in_url(on, known),
        "page": SomePage(number, len(found.items), found.count, found.has_next),
        "items": [row_of(item, sign, on) for item in found.items],
        "total": sign * found.total,
        "is_filtered": is_filtered,
        "all_url": "?" + days_in_url(on, known) if is_filtered else "",
        "ageing_url": reverse(AGED_PAGES[role]) + "?" + days_in_url(on, known),
        "ledger_url": ledger_of(account, on, known),
    }


def asked_in(form: AskedForm) -> dict[str, Any] | None:
    """What a form asks for, if it can be; today, where no day is given."""
    if not form.is_valid():
        return None
    asked = form.cleaned_data
    on = asked["on"] or timezone.localdate()
    return {**asked, "on": on, "as_known": form.as_known}


def days_in_url(on: date, known: date | None) -> str:
    """The day asked for in an address, and the day it was known on."""
    return urlencode({"on": on} | ({"known": known} if known else {}))


def party_of(request: HttpRequest) -> Party | None:
    """The party asked for, if it is within reach."""
    party = request.GET.get("party", "")
    is_key = party.isdecimal() and len(party) <= LONGEST_KEY
    return rows(request.user, Party).filter(pk=party).first() if is_key else None


def found_of(
    request: HttpRequest, account: Account | None, asked: dict[str, Any], party: Party | None
) -> tuple[int, OpenPage]:
    """The page asked for with its number; the first where there is none so far on."""
    if account is None:
        return 1, OpenPage(items=[], has_next=False, count=0, total=ZERO)
    first, last = days_asked(asked["due"], asked["on"])
    wanted = Asked(
        account=account,
        on=asked["on"],
        first=first,
        last=last,
        party=party,
        without_party="without_party" in request.GET,
        word=asked["q"],
        party_word=asked["named"],
        as_known=asked["as_known"],
    )
    number = page_number(request.GET)
    found = open_page(wanted, most=PAGE_SIZE, after=(number - 1) * PAGE_SIZE)
    if number == 1 or found.items:
        return number, found
    return 1, open_page(wanted, most=PAGE_SIZE)


def days_asked(due: str, on: date) -> tuple[date | None, date | None]:
    """The first and the last day the items asked for are due; None for no end."""
    if due == "overdue":
        return None, on - timedelta(days=1)
    return days_of_bucket(due, on) if due else (None, None)


def row_of(item: OpenLine, sign: int, on: date) -> dict[str, Any]:
    """An item as the list draws it; a credit is negative."""
    late = (on - item.due_on).days
    is_credit = sign * (item.amount or item.base) < 0
    return {
        "item": item,
        "url": reverse("accounting:journalentry-detail", args=[item.entry_id]),
        "amount": sign * item.amount,
        "base": sign * item.base,
        "state": (_("Credit"), "info") if is_credit else late_state(late),
    }


def late_state(days: int) -> tuple[str, str] | None:
    """How late it is, in words."""
    if days <= 0:
        return None
    return ngettext("%(days)s day late", "%(days)s days late", days) % {"days": days}, "bad"


def ledger_of(account: Account | None, on: date, known: date | None) -> str:
    """The ledger of the control account up to the day."""
    if account is None:
        return ""
    query = urlencode({"to": on} | ({"known": known} if known else {}))
    return reverse("accounting:general-ledger", args=[account.pk]) + f"?{query}"


@area("accounting")
@require_safe
@of_whole_books
def ageing_page(request: HttpRequest, role: str) -> HttpResponse:
    """What is open by party and lateness; each figure opens the items it is made of."""
    form = AgeingFilterForm({"by": BY_NAME, **request.GET.dict()})
    asked, title = asked_in(form), report_title(role)
    context = {
        "title": title,
        "crumbs": [(TITLES[role], reverse(LISTS[role])), (title, None)],
        "form": form,
    }
    found = None if asked is None else ageing_shown(request, role, asked)
    return asked_page(request, "accounting/ageing.html", context, found)


def ageing_shown(request: HttpRequest, role: str, asked: dict[str, Any]) -> dict[str, Any]:
    """A page of the parties, and the sums of all of them."""
    on, word, number = asked["on"], asked["q"], page_number(request.GET)
    part = Part(word, asked["by"] or BY_NAME, PAGE_SIZE, (number - 1) * PAGE_SIZE)
    which: dict[str, Any] = {"on": on, "role": role, "as_known": asked["as_known"]}
    aged = ageing(**which, part=part)
    if number > 1 and not aged.rows:
        number, aged = 1, ageing(**which, part=replace(part, after=0))
    items = items_url(role, on, known=asked["known"])
    labels = [str(label) for _name, label, _first in BUCKETS]
    return {
        "aged": aged,
        "word": word,
        "as_known": asked["as_known"],
        "all_url": "?" + days_in_url(on, asked["known"]) if word else "",
        "buckets": labels,
        "rows": [drawn_party(row, items, labels) for row in aged.rows],
        "sums": [
            drawn(_("Total"), items_url(role, on, known=asked["known"], named=word), aged, labels)
        ],
        "page": SomePage(number, len(aged.rows), None, aged.has_next),
        "ledger_url": ledger_of(aged.account, on, asked["known"]),
        "export_urls": export_urls(f"{AGED_PAGES[role]}-export", request, more=("pdf",)),
    }


def drawn_party(row: AgedParty, items: str, labels: list[str]) -> FigureRow:
    """A party as the ageing draws it."""
    whose = f"party={row.party_id}" if row.party_id else "without_party=1"
    return drawn(row.name, f"{items}&{whose}", row, labels)


def drawn(name: str, url: str, aged: AgedParty | Ageing, labels: list[str]) -> FigureRow:
    """A row of the ageing, each figure with the address of its items."""
    cells = [
        (label, amount, f"{url}&due={bucket}")
        for bucket, label, amount in zip(NAMES, labels, aged.amounts, strict=True)
    ]
    return FigureRow(name, url, cells, aged.total)


def report_title(role: str) -> str:
    """What the ageing is called."""
    return _("Aged receivables") if role == "receivable" else _("Aged payables")


def items_url(role: str, on: date, **asked: Any) -> str:
    """The items a figure is made of."""
    query = {"on": on} | {name: value for name, value in asked.items() if value}
    return reverse(LISTS[role]) + "?" + urlencode(query)


@area("accounting")
@require_safe
@of_whole_books
def ageing_export(request: HttpRequest, role: str, format: str) -> HttpResponse:
    """The ageing in a file, or on paper."""
    form = AgeingFilterForm(request.GET)
    asked = asked_in(form)
    if asked is None:
        return refused_file(form)
    part = Part(asked["q"], asked["by"] or BY_NAME)
    audit.record("exported", report_title(role), by=request.user, format=format)
    name = f"{AGED[role].replace('_', '-')}-{asked['on']}"
    if format == "pdf":
        return paper(AGED[role], Wish(on=asked["on"], as_known=asked["as_known"]), name)
    check_format(format)
    aged = ageing(on=asked["on"], role=role, part=part, as_known=asked["as_known"])
    header = [_("Party"), *(label for _n, label, _f in BUCKETS), _("Total")]
    lines = [
        [row.name, *at_minor_unit(aged.minor_unit, *row.amounts, row.total)] for row in aged.rows
    ]
    return exports.response(name, format, header, lines)
