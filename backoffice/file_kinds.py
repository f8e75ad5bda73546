"""The kinds of file that are taken: what they are called, what they look like inside.

A file is taken when its extension and its bytes say the same. What the browser claims it to be
counts for nothing.
"""

from __future__ import annotations

import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from backoffice.errors import Refused

LARGEST_PIXELS = 50_000_000
LONGEST_NAME = 120
TAIL = 1024
# Pillow warns of a picture that unpacks to very much; here that is a refusal.
Image.MAX_IMAGE_PIXELS = LARGEST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)

Check = Callable[[BinaryIO], bool]
_MARKUP = re.compile(rb"\s*<(!doctype|\?xml|html|head|body|svg|script|!--)", re.IGNORECASE)
_HEADER = re.compile(rb"(From .+\r?\n)?[!-9;-~]+:[^\x00]*\r?\n", re.DOTALL)
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_OTHER_KINDS = (b"%PDF", b"GIF8", b"{\\rtf")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Kind:
    """A kind of file: the type it is served as, and whether bytes are of it."""

    media_type: str
    agrees: Check
    picture: str = ""  # Pillow's name of it: such a file is drawn anew


def whole_name(written: str) -> str:
    """The name without folders, controls and signs that turn the direction of writing."""
    name = unicodedata.normalize("NFC", written.replace("\\", "/").rsplit("/", 1)[-1])
    shown = "".join(
        c for c in name if unicodedata.category(c)[0] != "C" and c not in "\u2028\u2029"
    )
    stem, dot, extension = " ".join(shown.split()).strip(". ").rpartition(".")
    if not (stem and dot):
        raise Refused(_("“%(name)s” has no ending that says what it is.") % {"name": shown[:60]})
    return f"{stem[: LONGEST_NAME - len(extension)].rstrip()}.{extension}"


def kind_of(name: str, content: BinaryIO) -> Kind:
    """What the file is, where its name and its bytes agree."""
    kind = KINDS.get(name.rpartition(".")[2].lower())
    if kind is None:
        allowed = ", ".join(sorted(KINDS))
        raise Refused(
            _("“%(name)s” is of a kind that is not taken. These are: %(allowed)s.")
            % {"name": name, "allowed": allowed}
        )
    content.seek(0)
    if not kind.agrees(content):
        raise Refused(_("“%(name)s” is not what its name says it is.") % {"name": name})
    content.seek(0)
    return kind


def drawn_anew(content: BinaryIO, picture: str, name: str) -> bytes:
    """The picture and nothing else: no place, no camera, nothing behind its last byte."""
    try:
        with Image.open(content, formats=[picture]) as found:
            if found.width * found.height > LARGEST_PIXELS:
                raise Refused(_("“%(name)s” has too many pixels.") % {"name": name})
            upright = ImageOps.exif_transpose(found)
            if upright.mode in ("P", "PA", "CMYK", "RGB"):
                is_clear = upright.mode != "CMYK" and upright.has_transparency_data
                upright = upright.convert("RGBA" if is_clear else "RGB")
            # Colours are carried over, nothing else the file came with is.
            plain = Image.new(upright.mode, upright.size)
            plain.paste(upright)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as bomb:
        raise Refused(_("“%(name)s” has too many pixels.") % {"name": name}) from bomb
    except (OSError, SyntaxError, ValueError) as broken:
        raise Refused(_("“%(name)s” is damaged.") % {"name": name}) from broken
    written = io.BytesIO()
    plain.save(written, picture, quality=90)
    return written.getvalue()


# --- what the bytes say ---------------------------------------------------------------------


def _begins(*beginnings: bytes) -> Check:
    def agrees(content: BinaryIO) -> bool:
        return content.read(16).startswith(beginnings)

    return agrees


def _is_webp(content: BinaryIO) -> bool:
    start = content.read(16)
    return start[:4] == b"RIFF" and start[8:12] == b"WEBP"


def _is_pdf(content: BinaryIO) -> bool:
    """A PDF from its first byte to its last, and not an archive or a script as well."""
    start = content.read(TAIL)
    size = content.seek(0, io.SEEK_END)
    content.seek(max(0, size - TAIL))
    tail = content.read().rstrip(b"\x00\t\n\x0c\r ")
    return (
        re.match(rb"%PDF-[12]\.[0-9]\s", start) is not None
        and tail.endswith(b"%%EOF")
        and not zipfile.is_zipfile(content)
    )


def _is_text(content: BinaryIO) -> bool:
    """Words in UTF-8 or an older Western encoding; no controls, no page of a browser."""
    text = content.read().removeprefix(_BYTE_ORDER_MARK)
    is_other = text.startswith(_OTHER_KINDS) or _MARKUP.match(text)
    return not is_other and not _CONTROLS.search(text)


def _is_letter(content: BinaryIO) -> bool:
    """A letter as it was sent: header lines, a blank one, its text."""
    text = content.read()
    head = re.split(rb"\r?\n\r?\n", text, maxsplit=1)[0]
    names = {line.partition(b":")[0].lower() for line in head.splitlines()}
    return (
        b"\x00" not in text
        and _HEADER.match(head + b"\n") is not None
        and b"from" in names
        and bool(names & {b"date", b"subject", b"to", b"message-id"})
    )


def _office_file(part: str, main: str) -> Check:
    """A zip from its first byte, with the parts of this kind of document and no macros."""

    def agrees(content: BinaryIO) -> bool:
        if content.read(4) != b"PK\x03\x04":
            return False
        try:
            with zipfile.ZipFile(content) as archive:
                names = set(archive.namelist())
                kind = archive.read(part)[:TAIL] if part == "mimetype" else b""
        except (zipfile.BadZipFile, KeyError, OSError, RuntimeError, ValueError):
            return False
        has_macros = any(name.lower().endswith("vbaproject.bin") for name in names)
        is_it = kind == main.encode() if kind else {part, main} <= names
        return is_it and not has_macros

    return agrees


_TYPES = "[Content_Types].xml"
_OPEN_XML = "application/vnd.openxmlformats-officedocument."
_ODT = "application/vnd.oasis.opendocument.text"
_JPEG = Kind("image/jpeg", _begins(b"\xff\xd8\xff"), "JPEG")
KINDS = {
    "pdf": Kind("application/pdf", _is_pdf),
    "png": Kind("image/png", _begins(b"\x89PNG\r\n\x1a\n"), "PNG"),
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "webp": Kind("image/webp", _is_webp, "WEBP"),
    "csv": Kind("text/csv", _is_text),
    "txt": Kind("text/plain", _is_text),
    "xlsx": Kind(f"{_OPEN_XML}spreadsheetml.sheet", _office_file(_TYPES, "xl/workbook.xml")),
    "docx": Kind(
        f"{_OPEN_XML}wordprocessingml.document", _office_file(_TYPES, "word/document.xml")
    ),
    "odt": Kind(_ODT, _office_file("mimetype", _ODT)),
    "eml": Kind("message/rfc822", _is_letter),
}
