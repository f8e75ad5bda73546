"""Which files are taken, and what is left of them."""

import hashlib
import io
import zipfile

import pytest
from PIL import Image

from backoffice import file_kinds, files
from backoffice.errors import Refused
from backoffice.models import Attachment
from tests.backoffice.uploads import (
    DOCX,
    HTML,
    LETTER,
    PDF,
    SVG,
    XLSX,
    attach,
    everything_in,
    office_file,
    open_document,
    picture,
    stored,
)
from tests.factories import PartyFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files_apart")]
RTL, ZERO_WIDTH = "\u202e", "\u200b"

TAKEN = {
    "receipt.pdf": (PDF, "application/pdf"),
    "Bill of MAY.PDF": (PDF, "application/pdf"),
    "site.png": (picture(), "image/png"),
    "site.jpg": (picture("JPEG"), "image/jpeg"),
    "site.jpeg": (picture("JPEG"), "image/jpeg"),
    "site.webp": (picture("WEBP"), "image/webp"),
    "grey.png": (picture(mode="LA"), "image/png"),
    "few colours.png": (picture(mode="P"), "image/png"),
    "print.jpg": (picture("JPEG", mode="CMYK"), "image/jpeg"),
    "rows.csv": ("\ufeffname;città\n=1+1;x\n".encode(), "text/csv"),
    "old.csv": ("name;città\n".encode("cp1252"), "text/csv"),
    "note.txt": (b"Tea at four.\r\n", "text/plain"),
    "book.xlsx": (XLSX, f"{file_kinds._OPEN_XML}spreadsheetml.sheet"),
    "contract.docx": (DOCX, f"{file_kinds._OPEN_XML}wordprocessingml.document"),
    "letter.odt": (open_document(), file_kinds._ODT),
    "mail.eml": (LETTER, "message/rfc822"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_a_file_that_is_what_it_says_is_taken(name, files_apart):
    content, media_type = TAKEN[name]

    found = attach(PartyFactory(), UserFactory(), name, content)

    assert (found.name, found.media_type) == (name, media_type)
    assert found.size == len(stored(found))
    assert found.sha256 == hashlib.sha256(stored(found)).hexdigest()
    assert stored(found) == content or media_type.startswith("image/")
    path = files.path_of(found.stored_name)
    assert path.stat().st_mode & 0o777 == 0o600
    assert name.rpartition(".")[0] not in str(path)


def zip_in_front_of(content: bytes) -> bytes:
    """A PDF that is an archive as well, for a program that reads from the end."""
    written = io.BytesIO(content)
    with zipfile.ZipFile(written, "a") as found:
        found.writestr("evil.class", b"code")
    return written.getvalue()


REFUSED = {
    "svg": ("logo.svg", SVG),
    "html": ("page.html", HTML),
    "script": ("run.js", b"alert(1)"),
    "program": ("setup.exe", b"MZ\x90\x00"),
    "no ending": ("receipt", PDF),
    "only an ending": (".pdf", PDF),
    "two endings": ("receipt.pdf.html", HTML),
    "svg as png": ("logo.png", SVG),
    "svg as txt": ("logo.txt", SVG),
    "html as txt": ("page.txt", b"\xef\xbb\xbf \n<HTML><body onload=alert(1)>"),
    "html as csv": ("page.csv", HTML),
    "html as pdf": ("page.pdf", HTML),
    "html as eml": ("page.eml", HTML),
    "gif script as txt": ("a.txt", b"GIF89a/*...*/=alert(1)"),
    "pdf as txt": ("a.txt", PDF),
    "pdf as png": ("a.png", PDF),
    "png as pdf": ("a.pdf", picture()),
    "png as jpg": ("a.jpg", picture()),
    "program as pdf": ("a.pdf", b"MZ\x90\x00" + PDF),
    "script before a pdf": ("a.pdf", b"/*" + PDF + b"*/alert(1)"),
    "script after a pdf": ("a.pdf", PDF + b"*/alert(1)//"),
    "archive behind a pdf": ("a.pdf", zip_in_front_of(PDF) + b"%%EOF"),
    "archive as xlsx": ("a.xlsx", zip_in_front_of(b"")),
    "docx as xlsx": ("a.xlsx", DOCX),
    "macros": ("a.xlsx", office_file("xl/workbook.xml", "xl/vbaProject.bin")),
    "something before a docx": ("a.docx", b"<html>" + DOCX),
    "docx as odt": ("a.odt", DOCX),
    "cut docx": ("a.docx", DOCX[:60]),
    "controls in txt": ("a.txt", b"tea\x00tea"),
    "escape codes in txt": ("a.txt", b"\x1b]0;title\x07"),
    "cut png": ("a.png", picture(size=(300, 300))[:60]),
    "empty": ("a.pdf", b""),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_lies_is_refused_and_nothing_is_kept(case, files_apart):
    name, content = REFUSED[case]

    with pytest.raises(Refused):
        attach(PartyFactory(), UserFactory(), name, content)

    assert not Attachment.objects.exists()
    assert everything_in(files_apart) == []


def test_a_file_too_large_is_refused(monkeypatch, files_apart):
    monkeypatch.setattr(files, "LARGEST", 2 * files.MEGABYTE)
    too_large = PDF[:-6] + b" " * files.LARGEST + b"%%EOF"

    with pytest.raises(Refused, match="larger than 2 MB"):
        attach(PartyFactory(), UserFactory(), content=too_large)

    assert everything_in(files_apart) == []


@pytest.mark.parametrize("side", [1_200, 2_000])
def test_a_picture_that_unpacks_to_very_much_is_refused(monkeypatch, side):
    monkeypatch.setattr(file_kinds, "LARGEST_PIXELS", 1_000_000)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1_000_000)

    with pytest.raises(Refused, match="too many pixels"):
        attach(PartyFactory(), UserFactory(), "a.png", picture(size=(side, side)))


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (f"invoice{RTL}gpj.pdf", "invoicegpj.pdf"),
        (f"in{ZERO_WIDTH}voice\r\nX-Evil: 1.pdf", "invoiceX-Evil: 1.pdf"),
        ("..\\..\\etc\\passwd.pdf", "passwd.pdf"),
        ("a" * 300 + ".pdf", "a" * 117 + ".pdf"),
        ("  Ünïcode  “bill”.pdf ", "Ünïcode “bill”.pdf"),
    ],
)
def test_a_name_loses_what_does_not_show(sent, kept):
    assert file_kinds.whole_name(sent) == kept


def test_a_name_turned_around_hides_no_ending():
    with pytest.raises(Refused):
        attach(PartyFactory(), UserFactory(), f"invoice{RTL}fdp.exe", PDF)


def test_a_picture_loses_what_was_hidden_in_it():
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "secret place", 6  # a description; turned a quarter
    hidden = picture("JPEG", exif=exif, comment=b"secret word") + b"<script>alert(1)</script>"

    found = attach(PartyFactory(), UserFactory(), "site.jpg", hidden)

    assert b"secret" not in stored(found)
    assert b"script" not in stored(found)
    with Image.open(io.BytesIO(stored(found))) as drawn:
        assert drawn.size == (8, 12)
        assert not drawn.getexif()


def test_clear_parts_of_a_picture_stay_clear():
    found = attach(PartyFactory(), UserFactory(), "a.png", picture(mode="P", transparency=0))

    with Image.open(io.BytesIO(stored(found))) as drawn:
        assert drawn.convert("RGBA").getpixel((0, 0))[3] == 0


def test_where_the_row_is_refused_no_bytes_are_left(files_apart):
    nobody = UserFactory.build()

    with pytest.raises(ValueError, match="unsaved related object"):
        attach(PartyFactory(), nobody)

    assert everything_in(files_apart) == []
