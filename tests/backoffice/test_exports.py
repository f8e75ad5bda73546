"""Rows on their way out."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from backoffice import exports

HEADER = ["Name", "Amount", "On"]
ROWS = [["Zoë", Decimal("-5.10"), date(2026, 1, 31)], ["=1+1", 7, None]]


def content_of(response):
    try:
        return b"".join(response.streaming_content)
    finally:
        for closer in response._resource_closers:
            closer()


def test_a_list_becomes_csv():
    response = exports.response("parties", "csv", HEADER, iter(ROWS))

    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="parties.csv"'
    found = list(csv.reader(io.StringIO(content_of(response).decode())))
    assert found == [HEADER, ["Zoë", "-5.10", "2026-01-31"], ["'=1+1", "7", ""]]


def test_a_list_becomes_a_spreadsheet_whose_numbers_are_numbers():
    response = exports.response("parties", "xlsx", HEADER, iter(ROWS))

    assert 'filename="parties.xlsx"' in response.headers["Content-Disposition"]
    sheet = load_workbook(io.BytesIO(content_of(response))).active
    found = list(sheet.iter_rows(values_only=True))
    assert found[0] == tuple(HEADER)
    assert found[1][:2] == ("Zoë", -5.1)
    assert found[1][2].date() == date(2026, 1, 31)
    assert found[2][0] == "'=1+1"
    assert sheet["A3"].data_type == "s"


@pytest.mark.parametrize("text", ["=cmd", "+1", "-1", "@x", "\tx", "\rx"])
def test_no_text_is_run_as_a_formula(text):
    assert exports.safe(text) == f"'{text}"


def test_other_text_stays_as_it_is():
    assert exports.safe("a=b") == "a=b"


def test_csv_is_written_while_the_rows_are_read():
    read = []

    def rows():
        for number in range(1000):
            read.append(number)
            yield [number]

    first = next(iter(exports.csv_pieces(["n"], rows())))

    assert first.startswith("n\r\n0\r\n")
    assert len(read) < 500


def test_an_instant_is_written_as_the_clock_where_the_reader_is(settings):
    settings.TIME_ZONE = "UTC"
    file = io.StringIO()

    count = exports.write_csv(file, ["at"], [[datetime(2026, 1, 1, 12, tzinfo=UTC)]])

    assert count == 1
    assert file.getvalue() == "at\r\n2026-01-01 12:00:00\r\n"


def test_a_control_character_does_not_stop_a_spreadsheet():
    file = io.BytesIO()

    exports.write_xlsx(file, ["note"], [["a\x0bb"]])

    assert load_workbook(file).active["A2"].value == "ab"
