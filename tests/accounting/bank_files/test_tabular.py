"""Tables of bank lines: how they are written is found out and shown."""

from datetime import date
from decimal import Decimal

import pytest
from openpyxl import Workbook

from accounting.bank_files import open_bank_file
from backoffice.errors import Refused
from tests.accounting.bank_samples import amounts, read


@pytest.fixture
def table(tmp_path):
    def written(text, encoding="utf-8"):
        path = tmp_path / "bank.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return written


def test_a_german_table_is_understood(table):
    path = table(
        "Buchungstag;Wertstellung;Verwendungszweck;Betrag;Saldo\n"
        "31.05.2024;31.05.2024;Miete;-1.234,56;1.000,00\n"
        "30.05.2024;30.05.2024;Gehalt;2.000,00;2.234,56\n"
    )

    layout = open_bank_file(path).layout
    (statement,) = read(path)

    assert (layout.delimiter, layout.date_format, layout.decimal_comma) == (";", "dmy", True)
    assert layout.newest_first
    assert amounts(statement) == [Decimal("-1234.56"), Decimal("2000.00")]
    assert (statement.opening, statement.closing) == (Decimal("234.56"), Decimal("1000.00"))
    assert statement.continuous is True


def test_money_in_and_out_in_two_columns(table):
    path = table(
        "Date,Description,Paid out,Paid in,Balance\n"
        '01 May 2024,Rent,500.00,,500.00\n02 May 2024,Sale,,"1,250.00","1,750.00"\n'
    )

    (statement,) = read(path)

    assert amounts(statement) == [Decimal("-500.00"), Decimal("1250.00")]
    assert statement.continuous is True
    assert statement.entries[0].date == date(2024, 5, 1)


def test_a_mark_decides_the_sign_whatever_is_printed(table):
    path = table("Date,Text,Amount,D/C\n2024-05-01,a,5.00,D\n2024-05-02,b,-7.00,C\n")

    assert amounts(read(path)[0]) == [Decimal("-5.00"), Decimal("7.00")]


@pytest.mark.parametrize(
    ("days", "order"),
    [
        (("2024-05-13", "2024-05-14"), "ymd"),
        (("13/05/2024", "01/06/2024"), "dmy"),
        (("05/13/2024", "06/01/2024"), "mdy"),
        (("01.02.2024", "02.02.2024"), "dmy"),
        (("01/02/2024", "01/03/2024"), "mdy"),  # two days apart, not a month
        (("13.05.24", "14.05.24"), "dmy"),
    ],
)
def test_the_order_of_days_is_found_out(table, days, order):
    path = table("Date,Text,Amount\n" + "".join(f"{day},x,1.00\n" for day in days))

    assert open_bank_file(path).layout.date_format == order


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("1234.56", "1234.56"),
        ('"1,234.56"', "1234.56"),
        ("(12.50)", "-12.50"),
        ("12.50-", "-12.50"),
        ("EUR 12.50", "12.50"),
        ("12.50 EUR", "12.50"),
        ("$12.50", "12.50"),
        ("-0.00", "0.00"),
        ("−3.00", "-3.00"),
    ],
)
def test_amounts_as_people_write_them(table, written, amount):
    (statement,) = read(table(f"Date,Text,Amount\n2024-05-01,x,{written}\n"))

    assert str(statement.entries[0].amount) == amount


def test_a_mark_of_the_encoding_and_a_line_that_names_the_delimiter_are_no_trouble(table):
    path = table("sep=;\nDate;Text;Amount\n2024-05-01;Zürich;1,50\n", "utf-8-sig")

    assert read(path)[0].entries[0].text == "Zürich"


def test_a_spreadsheet_is_read_like_a_table(tmp_path):
    book = Workbook()
    book.active.append(["Date", "Description", "Amount", "Balance"])
    book.active.append([date(2024, 5, 1), "Sale", 12.5, 112.5])
    book.save(tmp_path / "bank.xlsx")

    found = open_bank_file(tmp_path / "bank.xlsx")
    (statement,) = read(tmp_path / "bank.xlsx")

    assert found.format == "xlsx"
    assert (statement.opening, statement.sum) == (Decimal("100.0"), Decimal("12.5"))


def test_several_currencies_in_a_column_are_not_the_accounts(table):
    path = table("Date,Text,Currency,Amount\n2024-05-01,a,USD,1.00\n2024-05-02,b,EUR,2.00\n")

    assert read(path)[0].currency == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Date,Text,Amount\n2024-05-01,x,NaN\n", "Row 2: “NaN” is not a number"),
        ("Date,Text,Amount\n2024-05-01,x,\n", "Row 2"),
        ("Date,Text,Amount\nsoon,x,1.00\n", "Row 2: “soon” is not a day"),
        ("Date,Text,Amount\n2024-05-01,x,1000000000000000\n", "too large"),
        ('Date,Text,Amount\n2024-05-01,a,"1.234,56"\n2024-05-01,b,"1,234.56"\n', "only one"),
        ("Who,What\nAnn,1\n", "No column of the file holds days"),
        ("Date,What\n2024-05-01,1\n", "No column of the file holds amounts"),
        ("Date,Text,Amount,D/C\n2024-05-01,x,1.00,C\n2024-05-01,x,1.00,\n", "neither debit nor"),
        ('Date,Text,Amount\n2024-05-01,"x,1.00\n', "quotation mark"),
    ],
)
def test_a_bad_row_refuses_the_whole_file_with_its_place(table, text, why):
    with pytest.raises(Refused) as refused:
        read(table(text))

    assert why in str(refused.value)


def test_another_encoding_than_utf_8_is_refused_and_never_garbled(table):
    with pytest.raises(Refused, match="UTF-8"):
        read(table("Date,Text,Amount\n2024-05-01,Zürich,1.00\n", "cp1252"))
