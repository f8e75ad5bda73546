"""Choices in filters: all of a few, of very many only the one that is asked for."""

import pytest
from django import forms
from django.urls import reverse
from pytest_django.asserts import assertHTMLEqual

from backoffice import choices
from backoffice.choices import PlainSelect
from backoffice.models import Currency
from tests.factories import staff
from tests.factories.accounting import small_books
from tests.factories.backoffice import PartyFactory


class Form(forms.Form):
    size = forms.ChoiceField(choices=[("", "any"), ("s", "Small <&>"), ("l", "Large")])


class PlainForm(Form):
    size = forms.ChoiceField(choices=Form.base_fields["size"].choices, widget=PlainSelect)


@pytest.mark.parametrize("given", [{}, {"size": "s"}, {"size": "unknown"}])
def test_a_plain_choice_is_the_element_django_draws(given):
    plain, djangos = (str(form(given)["size"]) for form in (PlainForm, Form))

    assertHTMLEqual(plain, djangos)


@pytest.mark.django_db
def test_a_filter_offers_all_of_a_few_and_of_many_the_one_asked_for(client, monkeypatch):
    small_books()
    monkeypatch.setattr(choices, "MOST_CHOICES", 2)
    client.force_login(staff("Accountant"))
    PartyFactory(name="Ann")
    bob = PartyFactory(name="Bob")

    def offered(**query):
        page = client.get(reverse("accounting:invoice-list"), query)
        assert page.status_code == 200
        return [
            str(label) for _key, label in page.context["filter_form"]["party"].field.widget.choices
        ]

    few = offered()
    PartyFactory(name="Zoe")
    many, asked = offered(), offered(party=bob.pk)

    assert few == ["any", "Ann", "Bob"]
    assert many == ["any"]
    assert asked == ["any", "Bob"]
    assert client.get(reverse("accounting:invoice-list"), {"party": "x"}).status_code == 400


@pytest.mark.django_db
def test_a_filter_by_currency_offers_them_all_and_refuses_what_is_none(client):
    small_books()
    client.force_login(staff("Accountant"))
    address = reverse("accounting:invoice-list")

    page = client.get(address, {"currency": "CHF"})

    field = page.context["filter_form"]["currency"].field
    codes = list(Currency.objects.values_list("code", flat=True))
    assert [key for key, _label in field.widget.choices] == ["", *codes]
    assert page.context["chips"] == [("Currency", "CHF", "?")]
    assert client.get(address, {"currency": "XYZ"}).status_code == 400
