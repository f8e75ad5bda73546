"""Reading CSV and XLSX files, and refusing what is none."""

import io
import tracemalloc
import zipfile
from datetime import date

import pytest
from openpyxl import Workbook

from backoffice.errors import Refused
from backoffice.tables import check_text, open_table


@pytest.fixture
def write(tmp_path):
    def written(content, name="list.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


def cells(path):
    return [(number, row) for number, row in open_table(path)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(write, delimiter):
    path = write(f"name{delimiter}city\nZoë{delimiter}Cork\n")

    assert cells(path) == [(2, ["Zoë", "Cork"])]


def test_a_byte_order_mark_is_no_part_of_the_first_heading(write):
    path = write(b"\xef\xbb\xbfname,city\nZo\xc3\xab,Cork\n")

    assert open_table(path).header == ["name", "city"]


def test_the_line_excel_names_its_delimiter_in_is_no_row(write):
    path = write("sep=;\nname;city\nAnn;Cork, Ireland\n")

    assert open_table(path).header == ["name", "city"]
    assert cells(path) == [(3, ["Ann", "Cork, Ireland"])]


def test_rows_are_numbered_as_in_a_spreadsheet_and_blank_ones_passed_over(write):
    path = write('name,city\n"Ann\nMary",Cork\n\n,\nBob\n')

    assert cells(path) == [(2, ["Ann\nMary", "Cork"]), (5, ["Bob", ""])]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("name\nAnn\nZoë\n".encode("latin-1"), "Row 3 is not UTF-8 text .byte 0xEB at place 3"),
        ("name\nAnn\n".encode("utf-16"), "UTF-16"),
        (b"name,city\nAnn,\x00\x01\x02", "Row 2 holds bytes that are no text"),
        (b"\x7fELF\x02\x01\x01\x00\x00\x00\x00", "Row 1 holds bytes that are no text"),
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "old Excel file"),
        (b"name,Name\nAnn,Bob\n", "Two columns are called “Name”"),
        (b"name,,city\nAnn,x,Cork\n", "Column 2 has no name"),
        (b"name,city\nAnn,Cork,Ireland\n", "Row 2 has 3 cells, the header only 2"),
        (b'name,city\nAnn,Cork\n"Bob,Cork\n', "Row 3 cannot be read"),
        (b"name\n" + b"x" * 2_000_000, "Row 2 is too long"),
        (b"PK\x03\x04 but no archive", "damaged"),
    ],
)
def test_what_is_no_table_is_refused_with_its_row(write, content, sentence):
    path = write(content)

    with pytest.raises(Refused, match=sentence):
        list(open_table(path))


def test_a_wrong_byte_at_the_end_is_found_before_a_row_is_used(write):
    path = write(b"name\n" + b"Ann\n" * 5000 + b"Zo\xeb\n")

    with pytest.raises(Refused, match="Row 5002 is not UTF-8"):
        check_text(path)


def test_a_file_over_the_limit_is_refused(write, settings):
    settings.LARGEST_IMPORT = 2 * 1024 * 1024
    path = write(b"name\n" + b"Ann\n" * 800_000)

    with pytest.raises(Refused, match=r"The file is 3 MB; the limit is 2 MB\. Split it"):
        open_table(path)


def spreadsheet(*rows):
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def test_a_spreadsheet_gives_its_values_as_text(write):
    path = write(
        spreadsheet(
            ["name", "paid", "on", "is new"],
            ["Zoë", 0.1 + 0.2, date(2026, 1, 31), True],
            [None, None, None, None],
            ["Bob", 1e-7, None, False],
        ),
        "list.xlsx",
    )

    assert cells(path) == [
        (2, ["Zoë", "0.3", "2026-01-31", "TRUE"]),
        (4, ["Bob", "0.0000001", "", "FALSE"]),
    ]


def test_an_archive_that_is_no_spreadsheet_is_refused(write):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("photo.jpg", b"x")

    with pytest.raises(Refused, match="zip archive, not a spreadsheet"):
        open_table(write(file.getvalue(), "photos.zip"))


def test_a_spreadsheet_that_unpacks_to_too_much_is_refused(write, settings):
    settings.LARGEST_IMPORT = 100_000
    file = io.BytesIO(spreadsheet(["name"], ["Ann"]))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/bomb.xml", b"0" * 2_000_000)

    with pytest.raises(Refused, match="unpacks to 2 MB"):
        open_table(write(file.getvalue(), "bomb.xlsx"))


def test_a_spreadsheet_with_a_broken_sheet_is_refused(write):
    file = io.BytesIO(spreadsheet(["name"], ["Ann"]))
    broken = io.BytesIO()
    with zipfile.ZipFile(file) as archive, zipfile.ZipFile(broken, "w") as copy:
        for name in archive.namelist():
            content = archive.read(name)
            copy.writestr(name, content[:-80] if "sheet1" in name else content)

    with pytest.raises(Refused, match="damaged"):
        list(open_table(write(broken.getvalue(), "broken.xlsx")))


def test_a_spreadsheet_that_declares_entities_is_refused(write):
    file = io.BytesIO(spreadsheet(["name"], ["Ann"]))
    laughing = io.BytesIO()
    with zipfile.ZipFile(file) as archive, zipfile.ZipFile(laughing, "w") as copy:
        for name in archive.namelist():
            content = archive.read(name)
            if "sheet1" in name:
                root = content.index(b"<worksheet")
                content = b'<!DOCTYPE x [<!ENTITY ha "ha">]>' + content[root:]
            copy.writestr(name, content)

    with pytest.raises(Refused, match="damaged"):
        list(open_table(write(laughing.getvalue(), "laughing.xlsx")))


def test_memory_does_not_grow_with_the_file(write):
    path = write(b"name,city\n" + b"Ann,Cork\n" * 200_000)

    tracemalloc.start()
    count = open_table(path).count()
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 200_000
    assert peak < 2_000_000
