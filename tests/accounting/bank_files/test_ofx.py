"""OFX 1 and 2: leaves never closed, decimal commas, and what is refused."""

from datetime import date
from decimal import Decimal

import pytest

from backoffice.errors import Refused
from tests.accounting.bank_samples import amounts, ofx, read, stmttrn


@pytest.fixture
def reading(tmp_path):
    def reads(text, encoding="utf-8"):
        path = tmp_path / "file.ofx"
        path.write_bytes(text.encode(encoding))
        return read(path)

    return reads


def as_xml(sgml: str) -> str:
    """The same file as OFX 2, every leaf closed."""
    import re

    body = sgml.partition("<OFX>")[1] + sgml.partition("<OFX>")[2]
    leaf = re.compile(r"<([A-Z]+)>([^<\n]+)")
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<?OFX OFXHEADER="200" VERSION="211"?>\n'
    return head + leaf.sub(r"<\1>\2</\1>", body)


def test_both_versions_say_the_same(reading):
    sgml = ofx(stmttrn("-5.00") + stmttrn("12.50", "A2"), ledger="107.50")

    one, two = reading(sgml), reading(as_xml(sgml))

    assert amounts(one[0]) == amounts(two[0]) == [Decimal("-5.00"), Decimal("12.50")]
    assert [e.bank_id for e in two[0].entries] == ["A1", "A2"]
    assert (one[0].closing, one[0].opening, one[0].continuous) == (Decimal("107.50"), None, None)


@pytest.mark.parametrize(
    ("written", "amount"),
    [("-200,00", "-200.00"), ("+7", "7"), (".50", "0.50"), ("-0.00", "0.00"), ("12,5", "12.5")],
)
def test_amounts_have_a_point_or_a_comma(reading, written, amount):
    (statement,) = reading(ofx(stmttrn(written)))

    assert statement.entries[0].amount == Decimal(amount)
    assert not str(statement.entries[0].amount).startswith("-0.00")


def test_days_are_the_banks_whatever_the_hour(reading):
    (statement,) = reading(ofx(stmttrn(day="20240515235959.000[-5:EST]")))

    assert statement.entries[0].date == date(2024, 5, 15)


def test_names_and_words_are_told_apart_and_entities_read(reading):
    more = "<CHECKNUM>0012<NAME>Fish &amp; Chips<MEMO>Lunch &lt;team&gt;"

    (statement,) = reading(ofx(stmttrn(more=more)))
    (entry,) = statement.entries

    assert (entry.counterparty, entry.text, entry.reference) == (
        "Fish & Chips", "Lunch <team>", "12",
    )  # fmt: skip


def test_the_declared_letters_are_read(reading):
    (statement,) = reading(ofx(stmttrn(more="<NAME>Café")), "cp1252")

    assert statement.entries[0].counterparty == "Café"


def test_literal_sections_are_text(reading):
    sgml = ofx(stmttrn(more="<MEMO><![CDATA[a < b]]>"))

    assert reading(sgml)[0].entries[0].text == "a < b"


def test_an_entry_in_another_currency_is_flagged(reading):
    more = "<CURRENCY><CURRATE>1.1<CURSYM>USD</CURRENCY>"

    (statement,) = reading(ofx(stmttrn(more=more)))

    assert statement.entries[0].flags == ("other_currency",)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (ofx(stmttrn("NaN")), "“NaN” is no amount"),
        (ofx(stmttrn("1e5")), "is no amount"),
        (ofx(stmttrn("")), "is no amount"),
        (ofx(stmttrn("1.234,56")), "is no amount"),
        (ofx(stmttrn("1000000000000000")), "too large"),
        (ofx(stmttrn(day="20240230")), "is no day"),
        (ofx(stmttrn(day="")), "is no day"),
        (ofx(stmttrn())[:-60], "cut off"),
        (ofx(stmttrn()).replace("</STMTTRN>", "", 1), "closed but not open"),
        (ofx("").replace("<OFX>", "<!DOCTYPE x [<!ENTITY a 'b'>]><OFX>"), "document type"),
    ],
)
def test_a_damaged_file_is_refused_whole(reading, text, why):
    with pytest.raises(Refused) as refused:
        reading(text)

    assert why in str(refused.value)
    assert "Line" in str(refused.value) or "end of the file" in str(refused.value)
