"""Customers and suppliers: their tax numbers, their lists."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounting.models import PartyTerms
from accounting.vat_ids import checked_vat_id
from backoffice.errors import Refused
from tests.factories import PartyFactory
from tests.factories.taxes import PartyTermsFactory, tax

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("written", "country", "kept"),
    [
        ("DE 136 695 976", "", "DE136695976"),
        ("136695976", "DE", "136695976"),
        ("gb 980.7806.84", "", "GB980780684"),
        ("FR 40 303 265 045", "", "FR40303265045"),
        ("EL 094259216", "", "EL094259216"),
        ("CHE-107.787.577 IVA", "", "CHE107787577IVA"),
        ("12-3456789", "US", "123456789"),
        ("", "DE", ""),
    ],
)
def test_a_tax_number_is_kept_without_what_people_write_between(written, country, kept):
    assert checked_vat_id(written, country=country) == kept


@pytest.mark.parametrize(
    ("written", "country"), [("DE136695977", ""), ("136695977", "DE"), ("FR1", ""), ("GB1", "")]
)
def test_a_tax_number_its_country_would_not_give_is_refused(written, country):
    with pytest.raises(Refused, match="check its digits"):
        checked_vat_id(written, country=country)


def test_the_country_of_the_address_says_how_to_check():
    party = PartyFactory()
    party.addresses.create(street="1 Kai", city="Kiel", country="DE")
    terms = PartyTermsFactory.build(party=party, vat_id="136695977")

    with pytest.raises(ValidationError, match="not a valid tax number of DE"):
        terms.full_clean()


def test_customers_and_suppliers_have_lists_of_their_own(client, accountant):
    PartyTermsFactory(party__name="Buyer")
    PartyTermsFactory(party__name="Seller", is_customer=False, is_supplier=True)

    buyers = client.get(reverse("accounting:customers"), follow=True).content.decode()
    sellers = client.get(reverse("accounting:suppliers"), follow=True).content.decode()

    assert "Buyer" in buyers
    assert "Seller" not in buyers
    assert "Seller" in sellers
    assert "Buyer" not in sellers


def test_terms_are_entered_and_a_wrong_number_is_refused_at_its_field(client, accountant):
    party, code = PartyFactory(), tax(20, used_for="sale")
    facts = {"party": party.pk, "is_customer": "on", "vat_id": "DE136695977"}
    facts |= {"customer_days": "30", "sales_tax_code": code.pk}

    page = client.post(reverse("accounting:partyterms-add"), facts)
    assert page.context["form"].errors["vat_id"]
    client.post(reverse("accounting:partyterms-add"), facts | {"vat_id": "DE136695976"})

    terms = PartyTerms.objects.get(party=party)
    assert (terms.customer_days, terms.vat_id, terms.sales_tax_code) == (30, "DE136695976", code)


def test_a_code_for_purchases_is_not_offered_for_sales(client, accountant):
    code = tax(20, used_for="purchase")

    page = client.get(reverse("accounting:partyterms-add"))

    fields = page.context["form"].fields
    assert code not in fields["sales_tax_code"].queryset
    assert code in fields["purchase_tax_code"].queryset
