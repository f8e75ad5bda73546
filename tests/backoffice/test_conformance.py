"""Worked cases of others: told where they fail, counted at the end, exit 1 if any fails."""

import json
from decimal import Decimal

import pytest

from backoffice.conformance import FAILED, PASSED, compared, suites
from tests.accounting.bank_samples import BOOKS, camt, ntry, real_files
from tests.accounting.test_commands import refused, told

HEAD = "file,account,count,total,how,balances_or_tax_breakdown,kind,continuity\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "one.xml").write_text(camt(ntry("5.00"), closing="105.00"))
    return tmp_path


def key(folder, row):
    (folder / "EXPECTED.csv").write_text(HEAD + row)


def test_values_compare_as_numbers_and_not_as_text():
    assert compared("a", {"sum": Decimal("1.50")}, {"sum": Decimal("1.5")}).verdict == PASSED
    case = compared("a", {"sum": Decimal(1), "count": 2}, {"sum": Decimal(1), "count": 3})
    assert (case.verdict, case.expected, case.got) == (FAILED, {"count": 2}, {"count": 3})


def test_a_suite_is_known_by_its_function():
    assert "bank" in suites()


def test_a_folder_that_agrees_passes(folder):
    key(folder, "x/one.xml,GB,1 entries,5.00,,OPBD=100.00; CLBD=105.00,Stmt,continuous\n")

    assert told("conformance", "bank", str(folder)).strip() == "1 passed, 0 failed, 0 skipped"


def test_what_fails_is_told_with_expected_and_got(folder, capsys):
    key(folder, "x/one.xml,GB,2 entries,5.00,,OPBD=100.00; CLBD=105.00,Stmt,continuous\n")

    code, said = refused(capsys, "conformance", "bank", str(folder))

    assert (code, said) == (1, "1 cases of bank fail.")


def test_a_file_nobody_expects_and_a_kind_nobody_knows_are_skipped(folder):
    (folder / "two.xml").write_text(camt())
    key(folder, "x/one.xml,GB,1 lines,5.00,,,E-INVOICE,\n")

    facts = json.loads(told("conformance", "bank", str(folder), "--json"))

    assert (facts["passed"], facts["failed"], facts["skipped"]) == (0, 0, 2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nothing", "."), "There is no suite “nothing”. There are: bank"),
        (("bank", "no-such-folder"), "There is no no-such-folder."),
    ],
)
def test_bad_input_is_refused_with_a_sentence(capsys, words, said):
    code, sentence = refused(capsys, "conformance", *words)

    assert code == 2
    assert sentence.startswith(said)


def test_a_folder_without_a_key_is_refused(folder, capsys):
    code, said = refused(capsys, "conformance", "bank", str(folder))

    assert code == 2
    assert "There is no EXPECTED.csv" in said


@real_files
def test_every_real_bank_file_passes():
    said = told("conformance", "bank", str(BOOKS / "bank"))

    assert said.strip().endswith("0 failed, 1 skipped")  # the notes beside one file
