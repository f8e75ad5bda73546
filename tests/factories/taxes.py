"""Tax codes, terms and items."""

from datetime import date
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from accounting.models import (
    Account,
    Item,
    JournalEntry,
    PartyTerms,
    TaxCode,
    TaxPart,
    TaxRate,
    TaxReturn,
)
from accounting.posting import Line, post
from accounting.tax_record import record_tax
from accounting.taxes import Taxable, tax_lines, totals
from tests.factories.accounting import A_DAY_IN_MAY, AccountFactory, SmallBooks
from tests.factories.backoffice import PartyFactory

LONG_AGO = date(2000, 1, 1)


class TaxCodeFactory(DjangoModelFactory):
    class Meta:
        model = TaxCode

    code = factory.Sequence("T{}".format)
    name = factory.Sequence("Tax {}".format)


class PartyTermsFactory(DjangoModelFactory):
    class Meta:
        model = PartyTerms

    party = factory.SubFactory(PartyFactory)
    is_customer = True
    vat_id = factory.Sequence("ZZ{:06}".format)


class ItemFactory(DjangoModelFactory):
    class Meta:
        model = Item

    code = factory.Sequence("A{:03}".format)
    name = factory.Sequence("Thing {}".format)
    price = Decimal("12.50")


def tax(percent, **facts) -> TaxCode:
    """A tax code with one rate, valid since long ago."""
    code = TaxCodeFactory(**facts)
    TaxRate.objects.create(code=code, starts_on=LONG_AGO, percent=Decimal(str(percent)))
    return code


def together(*parts: tuple[TaxCode, bool], **facts) -> TaxCode:
    """A code of several taxes; each part says whether it is on the taxes before it too."""
    whole = TaxCodeFactory(**{"kind": "compound"} | facts)
    for position, (part, on_tax) in enumerate(parts, start=1):
        TaxPart.objects.create(whole=whole, part=part, position=position, on_tax=on_tax)
    return whole


TAX_ACCOUNTS = {
    "tax_on_sales": ("2030", "liability"),
    "tax_on_purchases": ("1170", "asset"),
    "tax_settlement": ("2040", "liability"),
    "withholding_receivable": ("1145", "asset"),
    "withholding_payable": ("2045", "liability"),
    "purchases": ("5000", "expense"),
}


def tax_accounts() -> dict[str, Account]:
    """The accounts taxes stand on, by role."""
    return {
        role: AccountFactory(code=code, name=role, kind=kind, role=role)
        for role, (code, kind) in TAX_ACCOUNTS.items()
    }


def taxed(
    books: SmallBooks, net, code: TaxCode, *, on=A_DAY_IN_MAY, direction="sale", records=True
) -> JournalEntry:
    """A sale or purchase paid at once, with its tax as a document would enter it."""
    found = totals([Taxable(Decimal(str(net)), code)], on=on, minor_unit=2)
    sign = 1 if direction == "sale" else -1
    entry = post(
        on=on,
        text=f"{direction} {code.code}",
        lines=[
            Line(books.bank, sign * found.gross),
            Line("sales" if direction == "sale" else "purchases", -sign * found.net),
            *tax_lines(found, direction=direction, party=None),
        ],
        by=books.user,
    )
    if records:
        record_tax(entry, found, on, direction=direction)
    return entry


def a_return(starts_on=date(2024, 4, 1), ends_on=date(2024, 6, 30), country="GB") -> TaxReturn:
    """A return of the second quarter, not yet filed."""
    return TaxReturn.objects.create(starts_on=starts_on, ends_on=ends_on, country=country)
