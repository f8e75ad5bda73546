"""Tax returns: what is on one, how its boxes come about, filing it for good."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounting.guards import guards_speak
from accounting.models import Account, FiledTaxLine, JournalLine, Period, TaxLine, TaxReturn
from accounting.posting import Line, credit, debit, post
from accounting.tax_layouts import LAYOUTS, Box
from backoffice import audit
from backoffice.errors import Refused
from backoffice.models import Company, User
from backoffice.money import ZERO

TAX_ROLES = (Account.Role.TAX_ON_SALES, Account.Role.TAX_ON_PURCHASES)


@dataclass(frozen=True)
class BoxFigure:
    """A box with its amount; `formula` says of which boxes it is the sum."""

    box: str
    label: str
    amount: Decimal
    formula: str = ""


@dataclass(frozen=True)
class CodeFigure:
    """What a tax code comes to on a return, in every box or none."""

    code_id: int
    code: str
    name: str
    base: Decimal
    tax: Decimal
    owed: Decimal
    deducted: Decimal
    count: int


# --- which lines ----------------------------------------------------------------------------


def lines_of(tax_return: TaxReturn, known: datetime | None = None) -> QuerySet[TaxLine]:
    """The taxes on the return: those filed with it, or all up to its end not filed before.

    Of a return not yet filed, what an earlier one still to be filed will take is left out, and,
    as known at a past moment, what was entered later. A filed return stays as it was filed.
    """
    if tax_return.is_filed:
        return TaxLine.objects.filter(filed__tax_return=tax_return)
    found = TaxLine.objects.filter(filed=None, tax_date__lte=tax_return.ends_on)
    found = found.filter(entry__posted_at__lte=known) if known else found
    earlier = earlier_drafts(tax_return).order_by("-ends_on").first()
    return found.filter(tax_date__gt=earlier.ends_on) if earlier else found


def earlier_drafts(tax_return: TaxReturn) -> QuerySet[TaxReturn]:
    """The returns of earlier periods that are still to be filed."""
    return TaxReturn.objects.filter(filed_at=None, ends_on__lt=tax_return.starts_on)


def corrections_of(tax_return: TaxReturn, known: datetime | None = None) -> QuerySet[TaxLine]:
    """What came too late for the return of its own day, or takes back what was filed."""
    filed = FiledTaxLine.objects.filter(line__entry=OuterRef("entry__reverses"))
    takes_back = Exists(filed.filter(tax_return__filed_at__lte=known) if known else filed)
    found = lines_of(tax_return, known).filter(Q(tax_date__lt=tax_return.starts_on) | takes_back)
    return found.select_related("entry", "code").order_by("tax_date", "pk")


def lines_without_code(
    tax_return: TaxReturn, known: datetime | None = None
) -> QuerySet[JournalLine]:
    """Lines on the tax accounts up to the end of the return that no tax code explains.

    A line and its reversal cancel, and the entries that settle returns are no tax.
    """
    entry = OuterRef("entry")
    found = JournalLine.objects.filter(
        account__role__in=TAX_ROLES, date__lte=tax_return.ends_on, entry__settles_tax_return=None
    ).exclude(Exists(TaxLine.objects.filter(entry=entry)))
    taken_back = Q(entry__reversed_by__date__lte=tax_return.ends_on)
    if known:
        found = found.filter(entry__posted_at__lte=known)
        taken_back &= Q(entry__reversed_by__posted_at__lte=known)
    gone = taken_back | Q(entry__reverses__isnull=False)
    return found.exclude(gone).select_related("entry", "account").order_by("date", "pk")


# --- the boxes ------------------------------------------------------------------------------


def sums_of(tax_return: TaxReturn, known: datetime | None = None) -> dict[str, Decimal]:
    """The amount of each box that lines name, asked for in one query."""
    groups = lines_of(tax_return, known).values_list("base_boxes", "tax_boxes", "input_boxes")
    found: dict[str, Decimal] = {}
    summed = groups.annotate(Sum("base"), Sum("tax"), Sum("deducted")).order_by("base_boxes")
    for base_boxes, tax_boxes, input_boxes, *amounts in summed:
        for boxes, amount in zip((base_boxes, tax_boxes, input_boxes), amounts, strict=True):
            for box in boxes.split():
                found[box] = found.get(box, ZERO) + amount
    return found


def figures_of(tax_return: TaxReturn, known: datetime | None = None) -> list[BoxFigure]:
    """Every box of the country's form, then any other box that codes name."""
    return arranged(sums_of(tax_return, known), LAYOUTS.get(tax_return.country, ()))


def arranged(sums: Mapping[str, Decimal], layout: Iterable[Box]) -> list[BoxFigure]:
    """The boxes in the order of the form, with those it adds up."""
    amounts, found = dict(sums), []
    for box in layout:
        if box.plus or box.minus:
            plus = sum((amounts.get(name, ZERO) for name in box.plus), ZERO)
            minus = sum((amounts.get(name, ZERO) for name in box.minus), ZERO)
            amounts[box.name] = plus - minus
        amount = amounts.get(box.name, ZERO)
        shown = amount.quantize(Decimal(1), ROUND_DOWN) if box.whole else amount
        found.append(BoxFigure(box.name, box.label, shown, formula_of(box)))
    known = {figure.box for figure in found}
    others = sorted(sums.keys() - known)
    return found + [BoxFigure(name, _("Box of your own"), sums[name]) for name in others]


def formula_of(box: Box) -> str:
    """How a box is added up, as people write it."""
    return " ".join([" + ".join(box.plus), *(f"− {name}" for name in box.minus)]).strip()


def codes_of(tax_return: TaxReturn, known: datetime | None = None) -> list[CodeFigure]:
    """What each tax code comes to: the return where no form is known, the proof where one is."""
    names = ("base", "tax", "owed", "deducted")
    summed = (
        lines_of(tax_return, known)
        .values_list("code_id", "code__code", "code__name")
        .annotate(*map(Sum, names), Count("pk"))
        .order_by("code__code")
    )
    return [CodeFigure(*row) for row in summed]


def weights_of(box: str, country: str) -> dict[str, int]:
    """The boxes lines name that a box is made of, each with its sign."""
    known = {found.name: found for found in LAYOUTS.get(country, ())}
    whole = known.get(box)
    if whole is None or not (whole.plus or whole.minus):
        return {box: 1}
    weights: dict[str, int] = {}
    for names, sign in ((whole.plus, 1), (whole.minus, -1)):
        for name in names:
            for part, weight in weights_of(name, country).items():
                weights[part] = weights.get(part, 0) + sign * weight
    return weights


def lines_in(tax_return: TaxReturn, box: str, known: datetime | None = None) -> QuerySet[TaxLine]:
    """The lines a box is made of, oldest first."""
    condition = Q(pk__in=[])
    for name in weights_of(box, tax_return.country):
        for boxes in ("base_boxes", "tax_boxes", "input_boxes"):
            # Between spaces, so that box 1 is not found in box 10.
            condition |= Q(**{f"{boxes}__regex": rf"(^| ){regex_of(name)}( |$)"})
    found = lines_of(tax_return, known).filter(condition)
    return found.select_related("entry", "code").order_by("tax_date", "pk")


def regex_of(name: str) -> str:
    """The name of a box as itself within a regular expression."""
    return "".join(letter if letter.isalnum() else f"\\{letter}" for letter in name)


def share_of(line: TaxLine, weights: Mapping[str, int]) -> Decimal:
    """What the line adds to a box that has these parts."""
    amount = ZERO
    for boxes, value in (
        (line.base_boxes, line.base),
        (line.tax_boxes, line.tax),
        (line.input_boxes, line.deducted),
    ):
        amount += sum(weights.get(name, 0) for name in boxes.split()) * value
    return amount


# --- opening and filing ---------------------------------------------------------------------


@transaction.atomic
def open_return(tax_return: TaxReturn, *, by: User | None) -> TaxReturn:
    """Keep the days of a return to be filed, in the form of the company's country."""
    company = Company.objects.first()
    tax_return.country = tax_return.country or (company.country if company else "")
    tax_return.save()
    audit.record("tax return opened", tax_return, by=by)
    return tax_return


def file_return(tax_return: TaxReturn, *, on: date, by: User | None) -> TaxReturn:
    """File the return for good: its lines stay on it, and what is owed leaves the tax accounts.

    The settlement is dated as the last day of the return, or on the day given once its period
    is closed.
    """
    with guards_speak(), transaction.atomic():
        this = TaxReturn.objects.select_for_update().get(pk=tax_return.pk)
        check_may_be_filed(this, on)
        lines = list(lines_of(this).order_by("pk"))
        FiledTaxLine.objects.bulk_create(FiledTaxLine(tax_return=this, line=x) for x in lines)
        owed = sum((line.owed for line in lines), ZERO)
        deducted = sum((line.deducted for line in lines), ZERO)
        moved = settlement(owed, deducted)
        if moved:
            this.entry = post(
                on=day_of_settlement(this, on),
                text=_("Tax return %(days)s") % {"days": this},
                lines=moved,
                by=by,
                source=this,
            )
        this.filed_at, this.filed_by = timezone.now(), by
        this.save(update_fields=["entry", "filed_at", "filed_by"])
        audit.record("tax return filed", this, by=by, lines=len(lines))
        return this


def check_may_be_filed(tax_return: TaxReturn, on: date) -> None:
    """Refuse what is filed already, not over yet, or comes before its turn."""
    if tax_return.is_filed:
        raise Refused(_("%(days)s is filed already.") % {"days": tax_return})
    if tax_return.ends_on >= on:
        raise Refused(
            _("The period lasts until %(day)s: file it afterwards.") % {"day": tax_return.ends_on}
        )
    earlier = earlier_drafts(tax_return).order_by("starts_on").first()
    if earlier:
        raise Refused(_("File %(days)s first.") % {"days": earlier})


def settlement(owed: Decimal, deducted: Decimal) -> list[Line]:
    """The lines that move what is owed and deducted to what is settled with the tax office."""
    due = owed - deducted
    lines = [
        debit("tax_on_sales", owed),
        credit("tax_on_purchases", deducted),
        credit("tax_settlement", due),
    ]
    return [line for line in lines if line.amount]


def day_of_settlement(tax_return: TaxReturn, on: date) -> date:
    """The last day of the return while its period is open, else the day it is filed."""
    last = tax_return.ends_on
    is_open = Period.objects.filter(starts_on__lte=last, ends_on__gte=last, closed_at=None)
    return last if is_open.exists() else on
