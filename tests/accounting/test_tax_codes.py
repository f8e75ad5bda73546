"""Tax codes: those shipped, those from a file, and their pages."""

from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from accounting.charts import load_chart
from accounting.models import TaxCode
from accounting.tax_code_import import Rate, rates_in
from accounting.tax_codes import COUNTRIES, load_tax_codes, names_of
from accounting.taxes import Taxable, totals
from backoffice.errors import Refused
from tests.factories import CompanyFactory
from tests.factories.taxes import tax

pytestmark = pytest.mark.django_db


def rate_of(code, day):
    code = TaxCode.objects.get(code=code)
    return totals([Taxable(Decimal(1000), code)], on=day, minor_unit=2).rows[0].rate


@pytest.mark.parametrize("country", COUNTRIES)
def test_the_codes_of_a_country_come_with_rates_and_sources(country):
    outcome = load_tax_codes(country, by=None)

    assert outcome.counts["failed"] == 0
    assert outcome.counts["created"] == TaxCode.objects.count() >= 6
    for code in TaxCode.objects.all():
        assert code.source
        assert rate_of(code.code, date(2026, 11, 25)) is not None


@pytest.mark.parametrize(
    ("country", "code", "day", "rate"),
    [
        ("GB", "S20", date(2008, 12, 1), "15"),
        ("GB", "S20", date(2011, 1, 3), "17.5"),
        ("GB", "S20", date(2011, 1, 4), "20"),
        ("GB", "S5", date(2024, 1, 1), "5"),
        ("DE", "U19", date(2020, 6, 30), "19"),
        ("DE", "U19", date(2020, 7, 1), "16"),
        ("DE", "U7", date(2020, 12, 31), "5"),
        ("DE", "U19", date(2021, 1, 1), "19"),
        ("FR", "V20", date(2013, 12, 31), "19.6"),
        ("FR", "V10", date(2014, 1, 1), "10"),
        ("FR", "V5", date(2024, 1, 1), "5.5"),
        ("FR", "V2", date(2024, 1, 1), "2.1"),
    ],
)
def test_a_country_had_its_rate_on_the_day(country, code, day, rate):
    load_tax_codes(country, by=None)

    assert rate_of(code, day) == Decimal(rate)


def test_loading_codes_again_keeps_what_people_changed():
    load_tax_codes("GB", by=None)
    TaxCode.objects.filter(code="S20").update(name="Ours")

    outcome = load_tax_codes("GB", by=None)

    assert outcome.counts["created"] == outcome.counts["updated"] == 0
    assert TaxCode.objects.get(code="S20").name == "Ours"


def test_a_chart_brings_the_codes_of_the_companys_country():
    CompanyFactory(country="FR")

    load_chart("international", by=None)

    assert TaxCode.objects.filter(code="V20").exists()


def test_a_chart_adds_no_codes_where_there_are_some():
    CompanyFactory(country="FR")
    tax(21, code="OURS")

    load_chart("international", by=None)

    assert list(TaxCode.objects.values_list("code", flat=True)) == ["OURS"]


def test_an_unknown_country_is_refused():
    with pytest.raises(Refused, match="There are: GB, DE, FR, US"):
        load_tax_codes("XX", by=None)


def test_a_rate_lasts_until_the_next_begins():
    assert rates_in("2021-01-01 19; 2020-07-01 16; 2007-01-01..2020-06-30 19 %") == [
        Rate(date(2007, 1, 1), date(2020, 6, 30), Decimal(19)),
        Rate(date(2020, 7, 1), date(2020, 12, 31), Decimal(16)),
        Rate(date(2021, 1, 1), None, Decimal(19)),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2021-01-01", "is no rate"),
        ("2021-13-01 19", "not a day"),
        ("2021-01-01 1001", "no percentage"),
        ("2021-01-01 5.1234567", "no percentage"),
        ("2021-01-02..2021-01-01 5", "before the first"),
        ("2021-01-01 5; 2021-01-01 6", "Two rates are valid"),
        ("2021-01-01..2022-01-01 5; 2021-06-01 6", "Two rates are valid"),
    ],
)
def test_rates_that_make_no_sense_are_refused(text, said):
    with pytest.raises(Refused, match=said):
        rates_in(text)


def test_codes_come_from_a_file_whatever_the_order_of_their_parts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # what fails is handed back there
    file = tmp_path / "codes.csv"
    file.write_text(
        "Code,Name,Kind,Rates,Parts\nQC,Quebec,compound,,GST; +QST\n"
        "GST,Federal,standard,1991-01-01 7; 2008-01-01 5,\nQST,Provincial,standard,2000-01-01 7,\n"
        "BAD,Bad,thing,,\nWORSE,Worse,compound,,NONE\n"
    )

    call_command("import_list", "tax_codes", str(file), stdout=(out := StringIO()))

    assert "3 created, 0 updated, 0 unchanged, 2 failed." in out.getvalue()
    parts = TaxCode.objects.get(code="QC").parts.order_by("position")
    assert [(part.part.code, part.on_tax) for part in parts] == [("GST", False), ("QST", True)]
    call_command("import_list", "tax_codes", str(file), stdout=(out := StringIO()))
    assert "0 created, 0 updated, 3 unchanged, 2 failed." in out.getvalue()


# --- pages ----------------------------------------------------------------------------------


def rows_of(*rates, initial=0):
    """The rates and parts of the form, as a browser sends them."""
    fields = {"rates-TOTAL_FORMS": len(rates), "rates-INITIAL_FORMS": initial}
    fields |= {"parts-TOTAL_FORMS": 0, "parts-INITIAL_FORMS": 0}
    for place, rate in enumerate(rates):
        fields |= {f"rates-{place}-{name}": value for name, value in rate.items()}
    return fields


CODE = {
    "code": "N1", "name": "New", "kind": "standard", "used_for": "sale", "category": "S",
    "deductible_percent": "100", "is_active": "on",
}  # fmt: skip


def test_a_code_is_added_with_its_rates(client, accountant):
    rates = [
        {"percent": "19", "starts_on": "2020-01-01", "ends_on": "2020-12-31"},
        {"percent": "20.25", "starts_on": "2021-01-01"},
    ]

    client.post(reverse("accounting:taxcode-add"), CODE | rows_of(*rates))

    code = TaxCode.objects.get(code="N1")
    assert [rate.percent for rate in code.rates.all()] == [Decimal("20.25"), 19]


def test_rates_that_overlap_are_refused_at_their_row(client, accountant):
    rates = [
        {"percent": "19", "starts_on": "2020-01-01"},
        {"percent": "20", "starts_on": "2021-01-01"},
    ]

    page = client.post(reverse("accounting:taxcode-add"), CODE | rows_of(*rates))

    assert "End this before the next rate begins." in page.content.decode()
    assert not TaxCode.objects.exists()


def test_a_new_rate_ends_the_old_one_in_one_go(client, accountant):
    code = tax(19, code="N1")
    old = code.rates.get()
    rates = [
        {"id": old.pk, "percent": "19", "starts_on": "2000-01-01", "ends_on": "2023-12-31"},
        {"percent": "21", "starts_on": "2024-01-01"},
    ]

    client.post(
        reverse("accounting:taxcode-edit", args=[code.pk]), CODE | rows_of(*rates, initial=1)
    )

    assert [rate.percent for rate in code.rates.all()] == [21, 19]


@pytest.mark.parametrize(
    ("kind", "sentence"), [("standard", "Give it a rate"), ("compound", "together have parts")]
)
def test_a_code_nothing_can_be_taxed_with_is_refused(client, accountant, kind, sentence):
    page = client.post(reverse("accounting:taxcode-add"), CODE | rows_of() | {"kind": kind})

    assert sentence in page.content.decode()
    assert not TaxCode.objects.exists()


def test_a_code_there_is_already_and_a_negative_rate_are_refused_at_their_fields(
    client, accountant
):
    tax(19, code="n1")

    page = client.post(
        reverse("accounting:taxcode-add"),
        CODE | rows_of({"percent": "-1", "starts_on": "2020-01-01"}),
    )

    assert page.context["form"].errors.keys() == {"code"}
    (row,) = page.context["formsets"][0]["formset"].forms
    assert row.errors.keys() == {"percent"}


def test_an_empty_list_leads_to_codes_to_start_from(client, accountant):
    start = reverse("accounting:taxcode-start")

    assert start in client.get(reverse("accounting:taxcode-list")).content.decode()
    assert "<code>U19</code>" in client.get(start).content.decode()
    client.post(start, {"country": "DE"})

    assert TaxCode.objects.filter(code="U19").exists()
    assert start not in client.get(reverse("accounting:taxcode-list")).content.decode()
    assert client.post(start, {"country": "XX"}).status_code == 400


@pytest.mark.parametrize("country", sorted(COUNTRIES))
def test_the_names_of_codes_may_be_read_by_customers(country):
    assert not [name for _code, name in names_of(country) if "enter" in name or "sample" in name]


def test_a_rate_is_shown_with_all_its_decimals(client, accountant):
    code = tax("9.975")

    page = client.get(code.get_absolute_url()).content.decode()
    form = client.get(reverse("accounting:taxcode-edit", args=[code.pk])).content.decode()

    assert ">9.975<" in page.replace(" ", "")
    assert 'value="9.975"' in form
