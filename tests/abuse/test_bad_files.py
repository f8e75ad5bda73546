"""Abuse of every import of the books: files that are no tables, cells that are no figures."""

import io
import zipfile
from uuid import uuid4

import pytest
from openpyxl import Workbook

from accounting.models import JournalEntry, StatementLine
from accounting.years import open_year_for
from backoffice.imports import importers
from backoffice.models import ImportRun
from tests.abuse.proof import browser_of
from tests.backoffice.importing import address, begin, upload
from tests.factories import staff
from tests.factories.accounting import A_DAY_IN_MAY
from tests.factories.documents import trading_books

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files_apart")]
KINDS = sorted(kind for kind, one in importers().items() if one.area.startswith("accounting"))


@pytest.fixture
def browser(db):
    trading_books()
    open_year_for(A_DAY_IN_MAY, by=None)
    return browser_of(staff("Owner"))


def spreadsheet(*cells) -> bytes:
    book, kept = Workbook(), io.BytesIO()
    for row in cells:
        book.active.append(row)
    book.save(kept)
    return kept.getvalue()


def bomb() -> bytes:
    """A spreadsheet of a few kilobytes that says it unpacks to 1.2 GB."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        for number in range(4):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", b"0" * 300_000)
    # What the archive says of its members is what is believed of them.
    return kept.getvalue().replace(
        (300_000).to_bytes(4, "little"), (300_000_000).to_bytes(4, "little")
    )


NO_TABLES = {
    "empty": b"",
    "blank": b" \n\r\n",
    "binary": bytes(range(256)) * 20,
    "null bytes": b"date,amount\n2026-01-01,\x00\n",
    "utf-16": "date;amount\n2026-01-01;5\n".encode("utf-16"),
    "latin-1": "däte;ämount\n2026-01-01;5\n".encode("latin-1"),
    "an open quotation mark": b'date,amount\n"2026-01-01,5\n',
    "a picture": b"\x89PNG\r\n\x1a\n" + b"\0" * 64,
    "an old spreadsheet": b"\xd0\xcf\x11\xe0" + b"\0" * 64,
    "an archive": b"PK\x03\x04" + b"\0" * 64,
    "half a spreadsheet": spreadsheet(["date"], ["2026-01-01"])[:900],
    "a bomb": bomb(),
    "half an XML": b'<?xml version="1.0"?><Document><BkToCstmrStmt><Stmt>',
    "100,000 columns": b",".join(b"c%d" % n for n in range(200_000)) + b"\n1\n",
    "a row without end": b"date,amount\n" + b"9" * 2_000_000,
    "one column twice": b"date,date\n1,2\n",
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_table_is_refused_in_words_and_not_kept(browser, kind):
    for what, content in NO_TABLES.items():
        answer = upload(browser, content, kind=kind, name="list.csv")
        if what in BROKEN_LATER and answer.status_code == 302:
            assert browser.get(answer.url).status_code in {200, 422}, what
            ImportRun.objects.all().delete()
        else:
            assert answer.status_code in {200, 422}, what
            assert not ImportRun.objects.exists(), what

    assert (JournalEntry.objects.count(), StatementLine.objects.count()) == (0, 0)


# What is only met further down is told on the page of the import.
BROKEN_LATER = {"an open quotation mark", "half an XML"}
NASTY = "=cmd|'/c calc'!A0<script>alert(1)</script>\u202e🧾'; drop table x --"
CELLS = (
    *("1.234,56", "1,234.56", "-0.00", "NaN", "Infinity", "1e30", "1" + "0" * 15, "0.00000001"),
    *("0001-01-01", "9999-12-31", "2026-02-30", "30.02.2026", NASTY, "-1", "", "9" * 5000),
)


@pytest.mark.parametrize("form", ["csv", "bom and semicolons", "xlsx"])
@pytest.mark.parametrize("kind", KINDS)
def test_cells_that_are_no_figures_are_told_of_and_nothing_breaks(browser, kind, form):
    """Every column holds every wrong value in turn; what is stored of it is escaped."""
    names = [column.name for column in importers()[kind].columns]
    table = [names] + [[cell] * len(names) for cell in CELLS]
    separator = ";" if form == "bom and semicolons" else ","
    text = "\n".join(separator.join(f'"{cell}"' for cell in row) for row in table)
    content = (
        spreadsheet(*table)
        if form == "xlsx"
        else text.encode("utf-8-sig" if form == "bom and semicolons" else "utf-8")
    )

    answer = upload(browser, content, kind=kind, name=f"list.{form[:4]}", key=uuid4())

    assert answer.status_code in {200, 302, 422}
    for run in ImportRun.objects.all():
        page = browser.get(address(run))
        tried = begin(browser, run, do="check")
        brought = begin(browser, run)
        again = browser.get(address(run))
        assert {one.status_code for one in (page, tried, brought, again)} <= {200, 302, 422}
        for one in (page, tried, brought, again):
            assert "<script>alert" not in one.content.decode()
