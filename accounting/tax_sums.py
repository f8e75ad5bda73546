"""The arithmetic of tax: what is given is known, nothing is read, each amount is rounded once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import NamedTuple

from accounting.models import TaxCode
from backoffice.money import ZERO, rounded

HUNDRED = Decimal(100)
OUTSIDE = TaxCode.Category.OUTSIDE


@dataclass(frozen=True)
class Taxable:
    """An amount to tax, rounded already: net, or gross where prices include the tax.

    `code` is None for what no tax has to do with.
    """

    amount: Decimal
    code: TaxCode | None = None


@dataclass(frozen=True)
class TaxRow:
    """One tax of a document: on how much, at which rate, how much.

    What is withheld is negative. `base` and `tax` are in the document's currency.
    """

    code: TaxCode | None
    rate: Decimal
    base: Decimal
    tax: Decimal

    @property
    def category(self) -> str:
        """The category of EN 16931."""
        return self.code.category if self.code else OUTSIDE

    @property
    def added(self) -> Decimal:
        """What it adds to the total: nothing where the buyer owes the tax itself."""
        return ZERO if is_reverse_charge(self.code) else self.tax


@dataclass(frozen=True)
class Totals:
    """What a document comes to. `nets` are the net amounts of its lines, in their order."""

    net: Decimal
    tax: Decimal
    gross: Decimal
    rows: list[TaxRow] = field(default_factory=list)
    nets: list[Decimal] = field(default_factory=list)

    def by_group(self) -> dict[tuple[str, Decimal], tuple[Decimal, Decimal]]:
        """Base and tax of each category and rate, as an electronic invoice states them."""
        found: dict[tuple[str, Decimal], tuple[Decimal, Decimal]] = {}
        for row in self.rows:
            base, tax = found.get((row.category, row.rate), (ZERO, ZERO))
            found[row.category, row.rate] = (base + row.base, tax + row.added)
        return found


class Part(NamedTuple):
    """One tax of a code on a day; `on_tax` builds on the taxes before it too."""

    code: TaxCode | None
    rate: Decimal
    on_tax: bool = False

    @property
    def signed_rate(self) -> Decimal:
        """The rate as a fraction, negative where it is withheld."""
        sign = -1 if is_withheld(self.code) else 1
        return sign * self.rate / HUNDRED


# The taxes of each code there is in a document, in their order; of no code, none.
Parts = Mapping[int | None, Sequence[Part]]
NO_TAX = Part(None, ZERO)


def is_withheld(code: TaxCode | None) -> bool:
    """Whether the tax is taken off the payment."""
    return code is not None and code.kind == TaxCode.Kind.WITHHOLDING


def is_reverse_charge(code: TaxCode | None) -> bool:
    """Whether the buyer owes the tax."""
    return code is not None and code.kind == TaxCode.Kind.REVERSE_CHARGE


def deducted(row: TaxRow, minor_unit: int) -> Decimal:
    """What of the tax on a purchase comes back; the rest is part of the cost."""
    if row.code is None or is_withheld(row.code):
        return ZERO
    return rounded(row.tax * row.code.deductible_percent / HUNDRED, minor_unit)


def split(amount: Decimal, weights: Sequence[Decimal], minor_unit: int) -> list[Decimal]:
    """The amount in rounded parts by weight, the largest taking what rounding leaves."""
    whole = sum(weights, ZERO)
    parts = [rounded(amount * w / whole, minor_unit) if whole else ZERO for w in weights]
    largest = max(range(len(weights)), key=lambda place: abs(weights[place]))
    parts[largest] += amount - sum(parts, ZERO)
    return parts


# --- the computation ------------------------------------------------------------------------


def added_up(found: Iterable[Totals]) -> Totals:
    """Several totals as one, each tax once."""
    net, tax, nets = ZERO, ZERO, list[Decimal]()
    rows: dict[tuple[int | None, Decimal], TaxRow] = {}
    for one in found:
        net, tax, nets = net + one.net, tax + one.tax, nets + one.nets
        for row in one.rows:
            known = rows.get((code_key(row.code), row.rate))
            rows[code_key(row.code), row.rate] = (
                replace(known, base=known.base + row.base, tax=known.tax + row.tax)
                if known
                else row
            )
    return Totals(net, tax, net + tax, list(rows.values()), nets)


def computed(
    lines: Sequence[Taxable], parts: Parts, *, price_included: bool, minor_unit: int
) -> Totals:
    """The totals of lines whose taxes are known; nothing is read."""
    nets = [line.amount for line in lines]
    if price_included:
        nets = nets_within(lines, parts, minor_unit)
    bases: dict[int | None, Decimal] = defaultdict(lambda: ZERO)
    for line, net in zip(lines, nets, strict=True):
        bases[code_key(line.code)] += net
    taxes = taxes_on(bases, parts, minor_unit)
    if price_included:
        taxes = settled(taxes, lines, bases, parts)
    rows = [
        TaxRow(part.code, part.rate, base, tax)
        for (_key, _place, part), (base, tax) in taxes.items()
    ]
    net, tax = sum(nets, ZERO), sum((row.added for row in rows), ZERO)
    return Totals(net, tax, net + tax, rows, nets)


class Tax(NamedTuple):
    """A tax in a document: of which code, at which place among its parts."""

    key: int | None
    place: int
    part: Part


Taxes = dict[Tax, tuple[Decimal, Decimal]]


def taxes_on(bases: Mapping[int | None, Decimal], parts: Parts, minor_unit: int) -> Taxes:
    """Base and tax of every tax: first those on the net amounts, then those on other taxes."""
    wanted = [Tax(key, place, part) for key in bases for place, part in enumerate(parts[key])]
    groups: dict[tuple[str, Decimal], list[Tax]] = defaultdict(list)
    for tax in wanted:
        if not tax.part.on_tax:
            groups[category_of(tax.part), tax.part.signed_rate].append(tax)
    found: Taxes = {}
    for (_category, rate), members in groups.items():
        on = [bases[tax.key] for tax in members]
        # The group is rounded once; where several codes share it, they share that amount.
        shares = split(rounded(sum(on, ZERO) * rate, minor_unit), on, minor_unit)
        found |= dict(zip(members, zip(on, shares, strict=True), strict=True))
    for tax in wanted:
        if tax.part.on_tax:
            before = (found[other][1] for other in wanted if comes_before(other, tax))
            base = bases[tax.key] + sum(before, ZERO)
            found[tax] = (base, rounded(base * tax.part.signed_rate, minor_unit))
    return {tax: found[tax] for tax in wanted}


def category_of(part: Part) -> str:
    """The category a tax is grouped by; what the buyer owes stays apart."""
    category = part.code.category if part.code else OUTSIDE
    return f"{category} owed by the buyer" if is_reverse_charge(part.code) else category


def comes_before(other: Tax, tax: Tax) -> bool:
    """Whether the other tax is an earlier part of the same code."""
    return other.key == tax.key and other.place < tax.place


def code_key(code: TaxCode | None) -> int | None:
    """What tells codes apart."""
    return code.pk if code is not None else None


# --- prices that include the tax ------------------------------------------------------------


def factors(parts: Sequence[Part]) -> list[Decimal]:
    """What each tax takes of a net amount of 1, where the price includes it; else 0."""
    found: list[Decimal] = []
    for part in parts:
        included = not is_withheld(part.code) and not is_reverse_charge(part.code)
        on = 1 + sum(found, ZERO) if part.on_tax else Decimal(1)
        found.append(on * part.rate / HUNDRED if included else ZERO)
    return found


def included_taxes(gross: Decimal, parts: Sequence[Part], minor_unit: int) -> list[Decimal]:
    """The taxes within a gross amount: round(gross x rate / (100 + rate)) for a single one."""
    each = factors(parts)
    whole = 1 + sum(each, ZERO)
    return [rounded(gross * factor / whole, minor_unit) for factor in each]


def nets_within(lines: Sequence[Taxable], parts: Parts, minor_unit: int) -> list[Decimal]:
    """The net amounts of lines whose prices include the tax, which the sum of a group rules."""
    nets = [ZERO] * len(lines)
    for places in grouped(lines, parts).values():
        amounts = [lines[place].amount for place in places]
        gross = sum(amounts, ZERO)
        taxes = included_taxes(gross, parts[code_key(lines[places[0]].code)], minor_unit)
        shares = split(gross - sum(taxes, ZERO), amounts, minor_unit)
        for place, share in zip(places, shares, strict=True):
            nets[place] = share
    return nets


def grouped(lines: Sequence[Taxable], parts: Parts) -> dict[tuple, list[int]]:
    """The places of the lines that are taxed alike: the same categories at the same rates."""
    found: dict[tuple, list[int]] = defaultdict(list)
    for place, line in enumerate(lines):
        taxes = parts[code_key(line.code)]
        alike = tuple((category_of(p), p.signed_rate, p.on_tax) for p in taxes)
        found[alike].append(place)
    return found


def settled(
    taxes: Taxes,
    lines: Sequence[Taxable],
    bases: Mapping[int | None, Decimal],
    parts: Parts,
) -> Taxes:
    """The taxes, those within the prices being gross less net: the price is what was agreed."""
    gross: dict[int | None, Decimal] = defaultdict(lambda: ZERO)
    for line in lines:
        gross[code_key(line.code)] += line.amount
    found = dict(taxes)
    for key in bases:
        inside = [
            (tax, factor)
            for tax, factor in zip(
                (t for t in taxes if t.key == key), factors(parts[key]), strict=True
            )
            if factor
        ]
        if inside:
            due = gross[key] - bases[key] - sum((found[tax][1] for tax, _f in inside), ZERO)
            last = max(inside, key=lambda pair: pair[1])[0]
            base, tax = found[last]
            found[last] = (base, tax + due)
    return found
