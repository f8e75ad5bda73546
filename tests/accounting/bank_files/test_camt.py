"""CAMT.053: signs, details, balances, and what is refused."""

from decimal import Decimal

import pytest

from backoffice.errors import Refused
from tests.accounting.bank_samples import amounts, camt, ntry, read, tx


@pytest.fixture
def reading(tmp_path):
    def reads(text, encoding="utf-8"):
        path = tmp_path / "file.xml"
        path.write_bytes(text.encode(encoding))
        return read(path)

    return reads


def refusal(reading, text):
    with pytest.raises(Refused) as refused:
        reading(text)
    return str(refused.value)


def test_the_sign_is_that_of_the_indicator_and_a_reversal_flips_nothing(reading):
    reversal = "<RvslInd>true</RvslInd>"

    (statement,) = reading(camt(ntry("5.00", "CRDT", reversal) + ntry("7.00", "DBIT", reversal)))

    assert amounts(statement) == [Decimal("5.00"), Decimal("-7.00")]
    assert all(entry.is_reversal for entry in statement.entries)


@pytest.mark.parametrize("version", ["02", "04", "06", "08", "13"])
def test_every_version_is_read(reading, version):
    (statement,) = reading(camt(ntry("5.00"), closing="105.00", version=version))

    assert statement.continuous is True
    assert (statement.account, statement.number) == ("GB33BUKB20201555555555", "7")


def test_details_that_sum_to_their_entry_are_kept(reading):
    parts = tx("10.00", "Invoice 1", "Ann", "DE1", "E1") + tx("2.50", "Invoice 2", "Bob", "DE2")

    (statement,) = reading(camt(ntry("12.50", details=parts)))
    (entry,) = statement.entries

    assert [(d.amount, d.counterparty, d.reference) for d in entry.details] == [
        (Decimal("10.00"), "Ann", "E1"),
        (Decimal("2.50"), "Bob", ""),
    ]
    assert entry.text == "Invoice 1 Invoice 2"
    assert entry.flags == ()


def test_details_that_do_not_sum_leave_one_flagged_line(reading):
    parts = tx("10.00", "Invoice 1") + tx("2.00", "Invoice 2")

    (statement,) = reading(camt(ntry("12.50", details=parts)))
    (entry,) = statement.entries

    assert (entry.amount, entry.details, entry.flags) == (
        Decimal("12.50"), (), ("details_differ",),
    )  # fmt: skip


def test_a_detail_may_go_against_its_entry(reading):
    parts = tx("15.00", side="CRDT") + tx("2.50", side="DBIT")

    (statement,) = reading(camt(ntry("12.50", details=parts)))

    assert [d.amount for d in statement.entries[0].details] == [Decimal("15.00"), Decimal("-2.50")]


def test_one_detail_without_amount_is_all_of_its_entry(reading):
    (statement,) = reading(camt(ntry("12.50", details=tx(text="Rent", name="Ann", iban="DE1"))))
    (entry,) = statement.entries

    assert entry.details[0].amount == Decimal("12.50")
    assert (entry.text, entry.counterparty, entry.counterparty_account) == ("Rent", "Ann", "DE1")


def test_entries_not_booked_are_left_out_and_counted(reading):
    pending = ntry("9.00").replace("<Sts>BOOK</Sts>", "<Sts><Cd>PDNG</Cd></Sts>")

    (statement,) = reading(camt(ntry("5.00") + pending, closing="105.00"))

    assert (statement.count, statement.pending, statement.continuous) == (1, 1, True)


def test_a_break_in_continuity_is_shown_and_never_hidden(reading):
    (statement,) = reading(camt(ntry("5.00"), closing="100.00"))

    assert (statement.continuous, statement.difference) == (False, Decimal("-5.00"))


def test_another_encoding_is_read_as_it_declares(reading):
    text = camt(ntry(details=tx(text="Café Zürich"))).replace("UTF-8", "ISO-8859-1")

    (statement,) = reading(text, "latin-1")

    assert statement.entries[0].text == "Café Zürich"


BOMB = '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("doctype", [BOMB, OUTSIDE, "<!DOCTYPE d>"])
def test_document_types_and_entities_are_refused(reading, doctype):
    whole = camt(ntry(details=tx(text="&b;" if "b " in doctype else "x")))

    said = refusal(reading, whole.replace("?>\n", f"?>\n{doctype}", 1))

    assert "document type or entities" in said
    assert said.startswith("Line 2")


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("NaN", "is no amount"),
        ("Infinity", "is no amount"),
        ("1e3", "is no amount"),
        ("1.234,56", "is no amount"),
        ("-5.00", "has a sign of its own"),
        ("1000000000000000", "too large"),
        ("1.23456", "too many decimals"),
    ],
)
def test_an_amount_that_is_none_is_refused_with_its_line(reading, bad, why):
    said = refusal(reading, camt(ntry("5.00") + ntry(bad)))

    assert why in said
    assert said.startswith("Line 5:")


def test_minus_nothing_is_nothing(reading):
    (statement,) = reading(camt(ntry("0.00", "DBIT")))

    assert str(statement.entries[0].amount) == "0.00"


def test_a_file_cut_off_is_refused_whole(reading):
    whole = camt(ntry("5.00") * 3)

    assert "the XML is damaged" in refusal(reading, whole[: len(whole) - 40])


def test_another_message_is_refused(reading):
    report = camt().replace("BkToCstmrStmt", "BkToCstmrAcctRpt").replace("Stmt>", "Rpt>")

    assert "no statement (CAMT.053)" in refusal(reading, report)
    assert "holds no statement" in refusal(reading, "<Document></Document>")


def test_a_day_that_is_none_is_refused(reading):
    assert "is no day" in refusal(reading, camt(ntry(day="2024-02-30")))
