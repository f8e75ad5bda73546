"""Tax codes, terms and items."""

from datetime import date
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from accounting.models import Item, PartyTerms, TaxCode, TaxPart, TaxRate
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
