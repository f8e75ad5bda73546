"""What a file is, is found out by what it holds; what it cannot be is refused."""

import pytest

from accounting.bank_files import open_bank_file
from accounting.bank_files.opening import kind_of
from backoffice.errors import Refused
from tests.accounting.bank_samples import camt, mt940, ntry, ofx, read, stmttrn
from tests.accounting.test_commands import refused


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (camt(), "camt053"),
        (camt().partition("\n")[2], "camt053"),
        (mt940(""), "mt940"),
        (mt940("").replace("\n", "\r\n"), "mt940"),
        (ofx(""), "ofx"),
        ("Date,Amount\n2024-05-01,1\n", "csv"),
    ],
)
def test_the_kind_is_found_whatever_the_name(tmp_path, text, kind):
    (tmp_path / "download").write_text(text)

    assert kind_of(tmp_path / "download") == kind


def test_a_file_over_the_limit_is_refused_unread(tmp_path, settings):
    settings.LARGEST_IMPORT = 500 * 1024 * 1024
    path = tmp_path / "huge.xml"
    with path.open("wb") as file:  # sparse: it has the size, not the bytes
        file.write(camt().encode())
        file.truncate(settings.LARGEST_IMPORT + 1)

    with pytest.raises(Refused, match="the limit is 500 MB"):
        open_bank_file(path)


@pytest.mark.parametrize("bytes_", [b"", b"   \n", b"\x00\x01\x02" * 50, b"\x89PNG\r\n\x1a\n" * 9])
def test_what_is_no_bank_file_is_refused_with_a_sentence(tmp_path, bytes_):
    (tmp_path / "file").write_bytes(bytes_)

    with pytest.raises(Refused):
        read(tmp_path / "file")


@pytest.mark.parametrize("whole", [camt(ntry() * 3), mt940(":61:240515C5,00NTRF\n" * 3),
                                   ofx(stmttrn() * 3)])  # fmt: skip
def test_a_file_cut_anywhere_never_reads_as_a_whole(tmp_path, whole):
    path = tmp_path / "cut"
    body = whole.rstrip("\n-")
    for end in range(40, len(body) - 8, 37):
        path.write_text(body[:end])
        with pytest.raises(Refused):
            read(path)


def test_the_command_answers_bad_input_with_one_sentence_and_code_2(capsys, tmp_path):
    (tmp_path / "bad.xml").write_text(camt(ntry("NaN")))

    code, said = refused(capsys, "bank_read", str(tmp_path / "bad.xml"))

    assert code == 2
    assert said == "Line 4: “NaN” is no amount. Nothing of the file is taken."


def test_a_file_that_is_not_there_is_refused(capsys, tmp_path):
    code, said = refused(capsys, "bank_read", str(tmp_path / "none.xml"))

    assert code == 2
    assert "none.xml" in said
