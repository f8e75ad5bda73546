"""Tax returns: what is on them, filing, corrections, and what no code explains."""

import json
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounting.checks import findings
from accounting.models import FiledTaxLine, TaxCode, TaxLine, TaxReturn
from accounting.posting import credit, debit, post, reverse_entry
from accounting.tax_codes import load_tax_codes
from accounting.tax_layouts import LAYOUTS
from accounting.tax_record import record_tax
from accounting.tax_returns import (
    codes_of,
    corrections_of,
    figures_of,
    file_return,
    lines_in,
    lines_of,
    lines_without_code,
    share_of,
    weights_of,
)
from accounting.taxes import Taxable, totals
from accounting.years import close_period
from backoffice.errors import Refused
from tests.factories import staff
from tests.factories.accounting import A_DAY_IN_MAY, balances
from tests.factories.taxes import a_return, tax, tax_accounts, taxed

pytestmark = pytest.mark.django_db

AFTER = date(2024, 7, 5)


@pytest.fixture
def accounts(books):
    return tax_accounts()


def gb(code):
    if not TaxCode.objects.filter(code=code).exists():
        load_tax_codes("GB", by=None)
    return TaxCode.objects.get(code=code)


def boxes(tax_return):
    return {figure.box: figure.amount for figure in figures_of(tax_return) if figure.amount}


def holding():
    return {finding.check: finding.holds for finding in findings()}


# --- recording ------------------------------------------------------------------------------


def test_the_taxes_of_an_entry_are_written_once(books, accounts):
    code = tax(20, base_boxes="6", tax_boxes="1")
    entry = taxed(books, 100, code)
    found = totals([Taxable(Decimal(100), code)], on=A_DAY_IN_MAY, minor_unit=2)

    again = record_tax(entry, found, A_DAY_IN_MAY, direction="sale")

    (line,) = TaxLine.objects.all()
    assert again == [line]
    assert (line.base, line.tax, line.owed, line.deducted, line.rate) == (100, 20, 20, 0, 20)
    assert (line.base_boxes, line.tax_boxes, line.tax_date) == ("6", "1", A_DAY_IN_MAY)


def test_taxes_that_differ_from_the_entry_are_refused(books, accounts):
    code = tax(20)
    entry = taxed(books, 100, code, records=False)
    found = totals([Taxable(Decimal(90), code)], on=A_DAY_IN_MAY, minor_unit=2)

    with pytest.raises(Refused, match="differ from what the entry has"):
        record_tax(entry, found, A_DAY_IN_MAY, direction="sale")


def test_a_reversal_takes_the_taxes_back_on_its_own_day(books, accounts):
    entry = taxed(books, 100, tax(20))

    reversal = reverse_entry(entry, on=date(2024, 7, 1), by=books.user)
    reverse_entry(entry, on=date(2024, 7, 1), by=books.user)

    (line,) = reversal.tax_lines.all()
    assert (line.base, line.tax, line.owed, line.tax_date) == (-100, -20, -20, date(2024, 7, 1))


# --- the boxes ------------------------------------------------------------------------------


def test_the_nine_boxes_of_the_british_return(books, accounts):
    taxed(books, "1000.50", gb("S20"))
    taxed(books, 300, gb("S0"))
    taxed(books, 400, gb("P20"), direction="purchase")
    taxed(books, 50, gb("P20N"), direction="purchase")
    taxed(books, 200, gb("PRC"), direction="purchase")

    assert boxes(a_return()) == {
        "1": Decimal("240.10"),
        "3": Decimal("240.10"),
        "4": Decimal("120.00"),
        "5": Decimal("120.10"),
        "6": Decimal(1500),
        "7": Decimal(650),
    }


def test_the_kennzahlen_of_the_german_return(books, accounts):
    load_tax_codes("DE", by=None)
    code = TaxCode.objects.get
    taxed(books, 1000, code(code="U19"))
    taxed(books, 100, code(code="U7"))
    taxed(books, 200, code(code="V19"), direction="purchase")
    taxed(books, 300, code(code="E19"), direction="purchase")
    taxed(books, 50, code(code="R19EU"), direction="purchase")

    assert boxes(a_return(country="DE")) == {
        "81": 1000, "81-tax": 190, "86": 100, "86-tax": 7, "89": 300, "89-tax": 57,
        "46": 50, "47": Decimal("9.50"), "66": 38, "61": 57, "67": Decimal("9.50"), "83": 159,
    }  # fmt: skip


def test_the_lines_of_the_french_return(books, accounts):
    load_tax_codes("FR", by=None)
    code = TaxCode.objects.get
    taxed(books, 1000, code(code="V20"))
    taxed(books, 100, code(code="A20"), direction="purchase")
    taxed(books, 200, code(code="AIC"), direction="purchase")

    assert boxes(a_return(country="FR")) == {
        "A1": 1000, "B2": 200, "08": 1200, "08-tax": 240, "16": 240, "17": 40, "20": 60,
        "23": 60, "28": 180,
    }  # fmt: skip


@pytest.mark.parametrize("country", LAYOUTS)
def test_every_box_a_shipped_code_names_is_on_the_form(country):
    load_tax_codes(country, by=None)
    known = {box.name for box in LAYOUTS[country] if not box.plus}

    for code in TaxCode.objects.all():
        named = f"{code.base_boxes} {code.tax_boxes} {code.input_boxes}".split()
        assert set(named) <= known, code


def test_without_a_form_the_return_is_by_code(books, accounts):
    taxed(books, 100, tax(6, code="SALES"))

    found = a_return(country="US")

    assert figures_of(found) == []
    assert [(code.code, code.base, code.tax, code.count) for code in codes_of(found)] == [
        ("SALES", 100, 6, 1)
    ]


def test_a_box_no_form_knows_is_shown_at_the_end(books, accounts):
    taxed(books, 100, tax(20, tax_boxes="1", base_boxes="X9"))

    assert figures_of(a_return())[-1].box == "X9"


@pytest.mark.parametrize("box", ["1", "3", "4", "5", "7"])
def test_a_box_is_the_sum_of_its_lines(books, accounts, box):
    taxed(books, 1000, gb("S20"))
    taxed(books, 400, gb("P20"), direction="purchase")
    taxed(books, 200, gb("PRC"), direction="purchase")
    found = a_return()

    weights = weights_of(box, "GB")
    total = sum(share_of(line, weights) for line in lines_in(found, box))

    assert total == boxes(found)[box]


def test_box_1_is_not_found_in_box_10(books, accounts):
    taxed(books, 100, tax(20, tax_boxes="10"))
    found = a_return()

    assert not lines_in(found, "1")
    assert len(lines_in(found, "10")) == 1
    assert not lines_in(found, ".0")


def test_the_boxes_cost_one_query_however_many_lines(books, accounts, django_assert_num_queries):
    for _n in range(3):
        taxed(books, 100, gb("S20"))
    found = a_return()

    with django_assert_num_queries(2):  # earlier returns, the sums
        figures_of(found)


# --- filing ---------------------------------------------------------------------------------


def test_filing_settles_what_is_owed_and_locks_the_lines(books, accounts):
    taxed(books, 1000, gb("S20"))
    taxed(books, 400, gb("P20"), direction="purchase")
    found = a_return()
    before = boxes(found)

    filed = file_return(found, on=AFTER, by=books.user)

    assert filed.is_filed
    assert filed.entry.date == date(2024, 6, 30)
    assert (balances()["2030"], balances()["1170"], balances()["2040"]) == (0, 0, -120)
    assert lines_of(filed).count() == FiledTaxLine.objects.count() == 2
    assert boxes(filed) == before
    assert not lines_without_code(filed)
    assert all(holding().values())


def test_a_settlement_is_dated_when_filed_once_its_period_is_closed(books, accounts):
    taxed(books, 100, gb("S20"))
    for month in range(1, 7):
        close_period(books.period(month), by=books.user)

    assert file_return(a_return(), on=AFTER, by=books.user).entry.date == AFTER


def test_a_return_without_tax_is_filed_without_an_entry(books, accounts):
    assert file_return(a_return(), on=AFTER, by=books.user).entry is None


def test_what_comes_late_goes_on_the_next_return_and_is_listed(books, accounts):
    first = taxed(books, 100, gb("S20"))
    filed = file_return(a_return(), on=AFTER, by=books.user)
    late = taxed(books, 50, gb("S20"))
    reversal = reverse_entry(first, on=date(2024, 7, 10), by=books.user)
    usual = taxed(books, 1000, gb("S20"), on=date(2024, 8, 1))

    following = a_return(date(2024, 7, 1), date(2024, 9, 30))

    assert boxes(filed)["1"] == 20
    assert {line.entry for line in lines_of(following)} == {late, reversal, usual}
    assert [line.entry for line in corrections_of(following)] == [late, reversal]
    assert boxes(following)["1"] == 10 - 20 + 200


def test_a_line_is_on_one_return_only(books, accounts):
    taxed(books, 100, gb("S20"))
    filed = file_return(a_return(), on=AFTER, by=books.user)
    following = a_return(date(2024, 7, 1), date(2024, 9, 30))

    with pytest.raises(IntegrityError), transaction.atomic():
        FiledTaxLine.objects.create(tax_return=following, line=filed.filed_lines.get().line)


def test_two_returns_to_be_filed_share_no_line(books, accounts):
    taxed(books, 100, gb("S20"))
    taxed(books, 10, gb("S20"), on=date(2024, 8, 1))
    first, second = a_return(), a_return(date(2024, 7, 1), date(2024, 9, 30))

    assert (boxes(first)["1"], boxes(second)["1"]) == (20, 2)
    with pytest.raises(Refused, match="File 2024-04-01 – 2024-06-30 first"):
        file_return(second, on=date(2024, 10, 1), by=books.user)


def test_a_return_is_filed_once_and_not_before_its_end(books, accounts):
    taxed(books, 100, gb("S20"))
    found = a_return()

    with pytest.raises(Refused, match="lasts until 2024-06-30"):
        file_return(found, on=date(2024, 6, 30), by=books.user)
    file_return(found, on=AFTER, by=books.user)
    with pytest.raises(Refused, match="filed already"):
        file_return(found, on=AFTER, by=books.user)


# --- what no code explains ------------------------------------------------------------------


def by_hand(books, amount, on=A_DAY_IN_MAY):
    lines = [debit(books.bank, amount), credit("tax_on_sales", amount)]
    return post(on=on, text="By hand", lines=lines, by=books.user)


def test_what_is_entered_by_hand_on_tax_accounts_is_shown_until_reversed(books, accounts):
    entry = by_hand(books, 33)
    found = a_return()

    assert [line.entry for line in lines_without_code(found)] == [entry]
    assert boxes(found) == {}
    filed = file_return(found, on=AFTER, by=books.user)
    following = a_return(date(2024, 7, 1), date(2024, 9, 30))
    assert [line.entry for line in lines_without_code(following)] == [entry]
    assert filed.entry is None

    reverse_entry(entry, on=date(2024, 7, 10), by=books.user)

    assert not lines_without_code(following)


# --- screens and reports --------------------------------------------------------------------


def test_the_page_leads_from_every_box_to_its_lines(client, accountant, books, accounts):
    entry = taxed(books, 1000, gb("S20"))
    by_hand(books, 33)
    found = a_return()

    page = client.get(found.get_absolute_url()).content.decode()
    lines = reverse("accounting:taxreturn-lines", args=[found.pk])
    assert f"{lines}?box=5" in page
    assert "By hand" in page

    shown = client.get(f"{lines}?box=5").content.decode()
    assert str(entry) in shown
    assert "200.00" in shown
    code = client.get(f"{lines}?code={gb('S20').pk}").content.decode()
    assert str(entry) in code
    assert "Nothing in this box" in client.get(f"{lines}?box=9").content.decode()
    assert client.get(lines).status_code == 400
    assert client.get(f"{lines}?code=x").status_code == 400


@pytest.mark.parametrize("figure", ["base", "tax", "owed", "deducted"])
def test_each_figure_of_a_code_opens_its_lines(client, accountant, books, accounts, figure):
    for net, code in ((1000, "S20"), (500, "S20"), (400, "P20")):
        taxed(books, net, gb(code), direction="sale" if code == "S20" else "purchase")
    found = a_return()
    page = client.get(found.get_absolute_url()).content.decode()
    lines = reverse("accounting:taxreturn-lines", args=[found.pk])

    for code in codes_of(found):
        asked = f"{lines}?code={code.code_id}&of={figure}"
        assert client.get(asked).context["total"] == getattr(code, figure)
        assert asked.replace("&", "&amp;") in page
    assert client.get(f"{lines}?code={gb('S20').pk}&of=pk").status_code == 400


def test_the_lines_of_a_box_can_be_had_as_a_file(client, accountant, books, accounts):
    taxed(books, 1000, gb("S20"))
    found = a_return()
    url = reverse("accounting:taxreturn-lines-export", args=[found.pk, "csv"])

    text = b"".join(client.get(f"{url}?box=6").streaming_content).decode()

    assert text.splitlines()[1].endswith("S20,1000.00,200.00,1000.00")
    assert client.get(url.replace("csv", "exe") + "?box=6").status_code == 400


def test_a_return_is_opened_and_filed_on_its_page(client, accountant, books, accounts):
    taxed(books, 1000, gb("S20"))
    facts = {"starts_on": "2024-04-01", "ends_on": "2024-06-30"}

    client.post(reverse("accounting:taxreturn-add"), facts)
    found = TaxReturn.objects.get()
    assert found.country == books.company.country
    client.post(reverse("accounting:taxreturn-file", args=[found.pk]))

    found.refresh_from_db()
    assert found.is_filed
    edit = reverse("accounting:taxreturn-edit", args=[found.pk])
    assert edit not in client.get(found.get_absolute_url()).content.decode()
    page = client.post(edit, facts | {"ends_on": "2024-06-29"}, follow=True)
    assert "stays as it is" in page.content.decode()


def test_returns_that_overlap_are_refused_in_the_form(client, accountant):
    a_return()

    page = client.post(
        reverse("accounting:taxreturn-add"), {"starts_on": "2024-06-30", "ends_on": "2024-09-30"}
    )

    assert "This overlaps another return." in page.content.decode()


def test_who_keeps_no_books_sees_no_return(client, books):
    client.force_login(staff("Receptionist"))

    assert client.get(a_return().get_absolute_url()).status_code == 403


def test_the_report_gives_the_boxes_to_a_program(books, accounts):
    books.company.country = "GB"
    books.company.save()
    taxed(books, 1000, gb("S20"))
    by_hand(books, 33)

    asked = ["tax_return", "--from", "2024-04-01", "--to", "2024-06-30"]
    call_command("report", *asked, "--json", stdout=(out := StringIO()))
    call_command("report", *asked, stdout=(text := StringIO()))

    found = json.loads(out.getvalue())
    assert (found["boxes"]["1"], found["boxes"]["6"]) == ("200.00", "1000.00")
    assert found["without_code"] == "-33.00"
    assert found["codes"][0]["code"] == "S20"
    assert "VAT due on sales" in text.getvalue()
