"""MT940: marks, dates, texts, and what is refused."""

from datetime import date
from decimal import Decimal

import pytest

from backoffice.errors import Refused
from tests.accounting.bank_samples import amounts, mt940, read


@pytest.fixture
def reading(tmp_path):
    def reads(text, encoding="utf-8"):
        path = tmp_path / "file.sta"
        path.write_bytes(text.encode(encoding))
        return read(path)

    return reads


def entry_of(reading, line, text=""):
    (statement,) = reading(mt940(f":61:{line}\n" + (f":86:{text}\n" if text else "")))
    (entry,) = statement.entries
    return entry


@pytest.mark.parametrize(
    ("mark", "amount", "is_reversal"),
    [
        ("C", "5.00", False),
        ("D", "-5.00", False),
        ("CR", "5.00", False),  # credit, and the R of EUR
        ("DR", "-5.00", False),
        ("RC", "-5.00", True),
        ("RD", "5.00", True),
        ("RCR", "-5.00", True),
        ("RDR", "5.00", True),
    ],
)
def test_the_mark_is_read_before_the_letter_of_funds(reading, mark, amount, is_reversal):
    entry = entry_of(reading, f"2405150515{mark}5,00NTRFNONREF")

    assert (entry.amount, entry.is_reversal) == (Decimal(amount), is_reversal)


@pytest.mark.parametrize(
    ("line", "booked", "value", "flags"),
    [
        ("2402300301D5,NTRF", date(2024, 3, 1), date(2024, 2, 29), ("value_date_clamped",)),
        ("2302300228D5,NTRF", date(2023, 2, 28), date(2023, 2, 28), ("value_date_clamped",)),
        ("2412310102D5,NTRF", date(2025, 1, 2), date(2024, 12, 31), ()),
        ("2501021231D5,NTRF", date(2024, 12, 31), date(2025, 1, 2), ()),
        ("240515D5,NTRF", date(2024, 5, 15), date(2024, 5, 15), ()),
        ("2402290229D5,NTRF", date(2024, 2, 29), date(2024, 2, 29), ()),
    ],
)
def test_days_are_set_right_and_flagged(reading, line, booked, value, flags):
    entry = entry_of(reading, line)

    assert (entry.date, entry.value_date, entry.flags) == (booked, value, flags)


def test_references_of_payer_and_bank_are_told_apart(reading):
    entry = entry_of(reading, "240515C5,00NTRFINV-17//B4711\nmore words")

    assert (entry.reference, entry.bank_id, entry.text) == ("INV-17", "B4711", "more words")


def test_the_german_text_is_taken_apart(reading):
    text = (
        "166?00GUTSCHRIFT?20EREF+E-17?21SVWZ+Rechnung 4?227 vom Mai?30DEUTDEFF\n"
        "?31DE89370400440532013000?32Anna Be?33rger"
    )

    entry = entry_of(reading, "240515C5,00NTRFNONREF", text)

    assert (entry.reference, entry.text) == ("E-17", "Rechnung 47 vom Mai")
    assert entry.counterparty == "Anna Berger"
    assert entry.counterparty_account == "DE89370400440532013000"


def test_the_dutch_text_is_taken_apart(reading):
    text = (
        "/TRTP/SEPA OVERBOEKING/IBAN/NL69ABNA0522123643/BIC/ABNANL2A\n"
        "/NAME/3rd party Media/REMI/Invoice 17/EREF/115"
    )

    entry = entry_of(reading, "240515C5,00NTRFNONREF", text)

    assert (entry.reference, entry.text) == ("115", "Invoice 17")
    assert entry.counterparty == "3rd party Media"
    assert entry.counterparty_account == "NL69ABNA0522123643"


def test_a_text_after_the_closing_balance_belongs_to_no_entry(reading):
    text = mt940(":61:240515C5,00NTRF\n:86:Rent\n").replace("-\n", ":86:D000004\n-\n")

    (statement,) = reading(text)

    assert statement.entries[0].text == "Rent"


def test_frames_of_swift_and_of_banks_are_passed_over(reading):
    body = mt940(":61:240515C5,00NTRF\n", closing="C240531EUR105,00")
    swift = "{1:F01BANK}{2:I940}{4:\n" + body.replace("-\n", "-}\n")
    bank = "0000 01INGBNL2AXXXX00001\n940 00\n" + body.replace("-\n", "-XXX\n")

    for framed in (swift, bank, body.replace("\n", "\r\n")):
        (statement,) = reading(framed)
        assert (statement.continuous, statement.sum) == (True, Decimal("5.00"))


def test_old_letters_are_read(reading):
    text = mt940(":61:240515C5,00NTRF\n:86:Zürich\n")

    assert reading(text, "cp1252")[0].entries[0].text == "Zürich"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (mt940(":61:rubbish\n"), "Line 5 (:61:): this entry cannot be read"),
        (mt940(":61:241315C5,00NTRF\n"), "is no day"),
        (mt940("", opening="X240430EUR1,00"), "this balance cannot be read"),
        (mt940("").replace(":62F", ":64"), "it is cut off"),
        (mt940("").partition(":62F")[0], "it is cut off"),
        (mt940("").replace(":60F", ":65"), "has no opening balance"),
        (mt940(":61:240515C1000000000000000,00NTRF\n"), "too large"),
    ],
)
def test_a_damaged_file_is_refused_whole(reading, text, why):
    with pytest.raises(Refused) as refused:
        reading(text)

    assert why in str(refused.value)


def test_all_entries_are_counted(reading):
    lines = ":61:240515C5,00NTRF\n:61:240516D2,50NTRF\n:86:Paper\n"

    (statement,) = reading(mt940(lines, closing="C240531EUR102,50"))

    assert amounts(statement) == [Decimal("5.00"), Decimal("-2.50")]
    assert statement.continuous is True
