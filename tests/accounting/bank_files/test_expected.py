"""Every real bank file says what an independent reading found in it."""

import json
import re
from decimal import Decimal

import pytest

from tests.accounting.bank_samples import BOOKS, expected, read, real_files
from tests.accounting.test_commands import told

ROWS = expected()
rows = pytest.mark.parametrize("row", ROWS, ids=[f"{r['file']}:{r['account']}" for r in ROWS])
pytestmark = real_files


def statements_for(row):
    found = read(BOOKS.parent / row["file"])
    if row["kind"] == "OFX":
        return [statement for statement in found if statement.account == row["account"]]
    return found


@rows
def test_count_and_sum_are_those_expected(row):
    found = statements_for(row)

    count = int(re.match(r"\d+", row["count"])[0])
    assert sum(statement.count for statement in found) == count
    assert sum(statement.sum for statement in found) == Decimal(row["total"])
    details = re.search(r"(\d+) TxDtls", row["count"])
    if details:
        assert len(found) == 1


@rows
def test_continuity_is_that_expected(row):
    verdicts = {statement.continuous for statement in statements_for(row)}

    if row["file"].endswith("camt053_v8.xml"):  # opens in EUR, closes in SEK
        assert verdicts == {None}
    elif row["continuity"] == "continuous":
        assert verdicts == {True}
    elif row["continuity"].startswith("NOT"):
        assert verdicts == {False}
    else:
        assert verdicts == {None}


@rows
def test_balances_are_those_expected(row):
    found, told_as = statements_for(row), row["balances_or_tax_breakdown"]
    opening = re.search(r"OPBD=([\d.-]+)", told_as)
    closing = re.search(r"(?:CLBD|ledger)=([\d.,-]+)", told_as)
    moved = re.search(r"^([\d.-]+) [+-]?([\d.-]+) -> ([\d.-]+)", told_as)

    if opening:
        assert found[0].opening == Decimal(opening[1])
    if closing:
        assert found[0].closing == Decimal(closing[1].replace(",", "."))
    if moved:
        assert (found[0].opening, found[0].closing) == (Decimal(moved[1]), Decimal(moved[3]))
    assert opening or closing or moved or told_as == "no balances"


def test_mt940_with_26_statements_is_read_statement_by_statement():
    found = read(BOOKS / "bank/mt940_sepa.sta")

    assert len(found) == 26
    assert found[0].opening == Decimal("-1234718.36")
    reversal = found[0].entries[5]
    assert (reversal.amount, reversal.is_reversal) == (Decimal("-204.88"), True)
    assert found[1].entries[0].counterparty_account == "DE42100100100043921105"
    assert found[1].entries[0].reference == "EndToEndIdTFNR2000400001"


def test_the_batch_of_camt_keeps_its_details_and_its_sign():
    (statement,) = read(BOOKS / "bank/camt053_oca.xml")
    batch = statement.entries[1]

    assert (batch.amount, batch.is_reversal) == (Decimal("-664.05"), True)
    assert [detail.amount for detail in batch.details] == [Decimal("-564.05"), Decimal("-100.00")]


def test_a_detail_in_another_currency_leaves_its_entry_one_line():
    (statement,) = read(BOOKS / "bank/camt053_v8.xml")
    (entry,) = statement.entries

    assert entry.details == ()
    assert entry.flags == ("details_differ",)
    assert entry.bank_id == "AAAASESS-FP-CN_98765/01"
    assert statement.difference == Decimal("-54.00")


@rows
def test_the_command_answers_with_the_documented_shape(row):
    facts = json.loads(told("bank_read", str(BOOKS.parent / row["file"]), "--json"))

    for statement in facts["statements"]:
        wanted = {"account", "currency", "opening", "closing", "entries", "sum", "continuous"}
        assert wanted | {"difference"} <= statement.keys()
        for entry in statement["entries"]:
            assert {"date", "amount", "reference", "text", "counterparty", "bank_id"} <= set(entry)
            assert re.fullmatch(r"-?\d+\.\d{2}", entry["amount"])
