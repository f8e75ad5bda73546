"""Files as people and attackers upload them."""

import io
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from backoffice import files
from backoffice.models import Attachment
from tests.factories import CompanyFactory

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
LETTER = b"From: a@example.com\r\nTo: b@example.com\r\nSubject: Tea\r\n\r\nAt four.\r\n"
SVG = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
)
HTML = b"<!doctype html><script>alert(1)</script>"


@pytest.fixture
def files_apart(db, settings, tmp_path) -> Path:
    """The files of a test lie in a folder of its own."""
    settings.FILES_DIR = tmp_path / "files"
    CompanyFactory()
    return settings.FILES_DIR


def upload(name: str, content: bytes, media_type: str = "application/octet-stream"):
    """What a browser sends; it may claim any type."""
    return SimpleUploadedFile(name, content, media_type)


def office_file(main: str, *more: str) -> bytes:
    """An Office Open XML document whose main part is this."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as found:
        for name in ("[Content_Types].xml", main, *more):
            found.writestr(name, "<xml/>")
    return written.getvalue()


def open_document() -> bytes:
    """A text of LibreOffice."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as found:
        found.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        found.writestr("content.xml", "<xml/>")
    return written.getvalue()


def picture(format: str = "PNG", size=(12, 8), mode: str = "RGB", **facts) -> bytes:
    """A small picture."""
    written = io.BytesIO()
    Image.new(mode, size, "green" if mode != "P" else 0).save(written, format, **facts)
    return written.getvalue()


XLSX = office_file("xl/workbook.xml")
DOCX = office_file("word/document.xml")


def attach(record, by, name: str = "receipt.pdf", content: bytes = PDF) -> Attachment:
    """A file put to the record."""
    return files.attach(record, upload(name, content), by=by)


def stored(attachment: Attachment) -> bytes:
    """The bytes that lie there."""
    return files.path_of(attachment.stored_name).read_bytes()


def everything_in(folder: Path) -> list[Path]:
    """All files below a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]
