"""Tax on the lines of a document: computed once, per rate on the sum, rounded once.

The rules are those of EN 16931: the tax of each category and rate is the rounded product of
its sum and rate (BR-CO-17), and the gross amount is net and tax added, never worked out anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounting.models import Account, TaxCode, TaxPart, TaxRate
from accounting.posting import Line
from accounting.tax_sums import (
    HUNDRED,
    NO_TAX,
    Part,
    Parts,
    Taxable,
    TaxRow,
    Totals,
    added_up,
    code_key,
    computed,
    deducted,
    is_reverse_charge,
    is_withheld,
    split,
)
from backoffice.errors import Refused
from backoffice.models import Currency, Department, Party
from backoffice.money import ZERO, rounded

__all__ = [
    "TaxRow", "Taxable", "Totals", "in_books", "line_net", "spread", "tax_lines", "totals",
]  # fmt: skip


# --- the amounts that are taxed -------------------------------------------------------------


def line_net(
    quantity: Decimal, price: Decimal, discount_percent: Decimal = ZERO, *, minor_unit: int
) -> Decimal:
    """The net amount of a line, rounded before any tax is worked out of it."""
    return rounded(quantity * price * (1 - discount_percent / HUNDRED), minor_unit)


def spread(amount: Decimal, over: Sequence[Taxable], *, minor_unit: int) -> list[Taxable]:
    """A charge, or a discount as a negative amount, split over the codes of the lines.

    In proportion to what each code's lines come to; the largest takes the remainder.
    """
    bases: dict[int | None, Decimal] = defaultdict(lambda: ZERO)
    codes = {code_key(line.code): line.code for line in over}
    for line in over:
        bases[code_key(line.code)] += line.amount
    if not bases:
        return [Taxable(amount)]
    shares = split(amount, list(bases.values()), minor_unit)
    found = zip(bases, shares, strict=True)
    return [Taxable(share, codes[key]) for key, share in found if share]


# --- rates ----------------------------------------------------------------------------------


def parts_on(codes: Iterable[TaxCode | None], on: date) -> Parts:
    """The taxes of each code and their rates on a day, in one query unless one is made of others.

    Refuses a code that has no rate on the day.
    """
    named = {code.pk: code for code in codes if code is not None}
    if not named:
        return {None: [NO_TAX]}
    dated = TaxRate.objects.order_by().filter(
        Q(ends_on=None) | Q(ends_on__gte=on), starts_on__lte=on
    )
    alone = dated.exclude(Exists(TaxPart.objects.filter(whole=OuterRef("code"))))
    rates = dict(alone.filter(code__in=named).values_list("code", "percent"))
    made_of: dict[int, list[TaxPart]] = defaultdict(list)
    if wholes := named.keys() - rates.keys():
        together = TaxPart.objects.filter(whole__in=wholes).select_related("part")
        for part in together.order_by("position"):
            made_of[part.whole_id].append(part)
        parts = [part.part_id for found in made_of.values() for part in found]
        rates |= dict(dated.filter(code__in=parts).values_list("code", "percent"))

    def taxes_of(code: TaxCode) -> list[Part]:
        found = made_of.get(code.pk)
        if not found:
            return [Part(code, rate_of(code, rates, on))]
        return [Part(p.part, rate_of(p.part, rates, on), p.on_tax) for p in found]

    return {None: [NO_TAX], **{pk: taxes_of(code) for pk, code in named.items()}}


def rate_of(code: TaxCode, rates: Mapping[int, Decimal], on: date) -> Decimal:
    """The rate of the code, or a refusal that says which day has none."""
    if code.pk not in rates:
        raise Refused(
            _("The tax code %(code)s has no rate on %(day)s: give it one.")
            % {"code": code.code, "day": on},
            field="tax_code",
        )
    return rates[code.pk]


# --- the totals ------------------------------------------------------------------------


def totals(
    lines: Sequence[Taxable],
    *,
    on: date,
    mode: str = "document",
    price_included: bool = False,
    minor_unit: int,
) -> Totals:
    """What the lines come to with the tax of the day.

    Mode "line" rounds the tax of every line by itself: only for documents brought in from a
    program that did so.
    """
    if mode not in ("document", "line"):
        raise ValueError(f"There is no way {mode!r} to compute tax.")
    parts = parts_on((line.code for line in lines), on)
    together = [lines] if mode == "document" else [[line] for line in lines]
    return added_up(
        computed(some, parts, price_included=price_included, minor_unit=minor_unit)
        for some in together
    )


# --- the ledger -----------------------------------------------------------------------------


def in_books(found: Totals, rate: Decimal, *, minor_unit: int) -> Totals:
    """The totals in the currency of the books at a rate, each amount rounded once."""
    rows = [
        replace(
            row,
            base=rounded(row.base * rate, minor_unit),
            tax=rounded(row.tax * rate, minor_unit),
        )
        for row in found.rows
    ]
    nets = [rounded(net * rate, minor_unit) for net in found.nets]
    net, tax = sum(nets, ZERO), sum((row.added for row in rows), ZERO)
    return Totals(net, tax, net + tax, rows, nets)


def tax_lines(
    found: Totals,
    *,
    direction: str,
    party: Party | None,
    minor_unit: int = 2,
    cost: Account | str = "purchases",
    department: Department | None = None,
    foreign: tuple[Totals, Currency] | None = None,
) -> list[Line]:
    """The ledger lines of the taxes, in the currency of the books.

    On a sale they sum to minus the tax, on a purchase to the tax. What is not deductible is
    debited to `cost`. `foreign` are the same totals in the document's own currency.
    """
    lines: list[Line] = []
    originals = foreign[0].rows if foreign else found.rows
    places = foreign[1].minor_unit if foreign else minor_unit
    for row, original in zip(found.rows, originals, strict=True):
        amounts = effects(row, direction, minor_unit, cost)
        own = effects(original, direction, places, cost)
        for (account, amount), (_account, in_currency) in zip(amounts, own, strict=True):
            if amount:
                line = Line(account, amount, party=party, text=row.code.code if row.code else "")
                if account == cost:
                    line = replace(line, department=department)
                if foreign:
                    line = replace(line, currency=foreign[1], currency_amount=in_currency)
                lines.append(line)
    return lines


def effects(
    row: TaxRow, direction: str, minor_unit: int, cost: Account | str
) -> list[tuple[Account | str, Decimal]]:
    """The accounts a tax moves and by how much, debits positive."""
    if direction not in ("sale", "purchase"):
        raise ValueError(f"There is no direction {direction!r}.")
    is_sale = direction == "sale"
    if is_withheld(row.code):
        account = "withholding_receivable" if is_sale else "withholding_payable"
        return [(account, -row.tax if is_sale else row.tax)]
    if is_sale:
        # Under the reverse charge the customer owes the tax, and we owe none.
        return [] if is_reverse_charge(row.code) else [("tax_on_sales", -row.tax)]
    back = deducted(row, minor_unit)
    found: list[tuple[Account | str, Decimal]] = [
        ("tax_on_purchases", back),
        (cost, row.tax - back),
    ]
    if is_reverse_charge(row.code):
        found.append(("tax_on_sales", -row.tax))
    return found
