"""What may be uploaded to the register: a few kinds of file, known by their bytes, with nothing in them that acts.

Nothing is ever opened here as its reader would open it: zips are read member by member up to a bound, and a PDF is
parsed for the names of its actions alone.
"""

from __future__ import annotations

import io
import re
import time
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from typing import Any
from xml.parsers import expat

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker.languages.typesetting import without_controls

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"
PNG, JPEG, TEXT = "image/png", "image/jpeg", "text/plain"
ENDINGS = {
    PDF: ("pdf",),
    DOCX: ("docx",),
    ODT: ("odt",),
    PNG: ("png",),
    JPEG: ("jpg", "jpeg"),
    TEXT: ("txt",),
}
LARGEST = settings.PAPER_MAX_BYTES
LONGEST_NAME = 120  # characters before the ending
MOST_UNPACKED = 5 * LARGEST  # bytes of all that a zip holds
MOST_MEMBERS = 2000  # files in a zip
MOST_OBJECTS = 50_000  # of a PDF
DEEPEST = 50  # objects of a PDF in one another
SECONDS = 5  # of looking into one file
PIECE = 1 << 16
LONGEST_CODES = 100_000  # characters of all fields of a part
LARGEST_PART = 5_000_000  # bytes of a part of a DOCX that is read as XML

# Names in a PDF that run a program, open a file or an address by themselves, or carry another file.
ACTING = frozenset(
    (
        "/JS",
        "/JavaScript",
        "/Launch",
        "/EF",
        "/EmbeddedFile",
        "/EmbeddedFiles",
        "/RichMedia",
        "/XFA",
        "/ImportData",
        "/SubmitForm",
        "/GoToE",
        "/GoToR",
        "/Rendition",
    )
)
_NOT_IN_A_NAME = re.compile(r'[<>:"|?*/\\]')
# What a word processor itself writes into its files, beside folders. A part of another kind could be opened by itself.
PARTS = frozenset(
    (
        "xml",
        "rels",
        "rdf",
        "svg",
        "png",
        "jpg",
        "jpeg",
        "gif",
        "bmp",
        "tif",
        "tiff",
        "emf",
        "wmf",
        "ttf",
        "odttf",
    )
)
WITHOUT_ENDING = frozenset(("mimetype", "layout-cache"))
READ_AS_XML = frozenset(("xml", "rels", "rdf", "svg"))
# Codes of fields that fetch or run something.
_ACTIVE_FIELD = re.compile(r"(?:^|\s)(?:DDE(?:AUTO)?|QUOTE|INCLUDE\w+|IMPORT)\s", re.IGNORECASE)
# The beginning of a web page, a drawing or a program.
_ACTIVE_TEXT = re.compile(rb"<(?:script|html|svg|iframe|!doctype|\?xml|\?php)|^#!", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_JPEG_WITHOUT_LENGTH = frozenset((0x01, *range(0xD0, 0xD8)))


class Refused(ValidationError):
    """A file that is not accepted; the message says why and what to do."""


def kind_of(name: str, data: bytes) -> str:
    """The type of a file by its content; its name has to agree.

    Args:
        name: as `clean_name` returns it.

    Raises:
        Refused: it is none of the kinds, or not safe, or its name says something else.
    """
    if not data:
        raise Refused(_("The file is empty. Choose another one."))
    check = next((check for begins, check in _CHECKS if data.startswith(begins)), _check_text)
    found = check(data)
    if _ending(name) not in ENDINGS[found]:
        raise Refused(
            _(
                "By its content this is a %(kind)s file, but its name ends otherwise. Rename it so that it ends "
                "with .%(ending)s, or upload the right file."
            )
            % {"kind": ENDINGS[found][0].upper(), "ending": ENDINGS[found][0]}
        )
    return found


def clean_name(name: str) -> str:
    """A name without folders, controls, marks of direction, and characters that a computer does not allow.

    Raises:
        Refused: nothing is left of it.
    """
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    plain = "".join(sign for sign in without_controls(name) if unicodedata.category(sign)[0] != "C")
    plain = " ".join(_NOT_IN_A_NAME.sub("-", plain).split()).strip(". ")
    stem, dot, ending = plain.rpartition(".")
    if not dot or not stem.strip(". "):
        raise Refused(
            _("The file has no name with an ending, such as letter.pdf. Rename it, and upload it again.")
        )
    return f"{stem[:LONGEST_NAME].rstrip()}.{ending[:10]}"


# --- kinds ---------------------------------------------------------------------------------------------


def _broken() -> Refused:
    return Refused(_("The file is damaged. Open it, save it again, and upload that."))


def _acts() -> Refused:
    return Refused(
        _(
            "The file contains macros, scripts or other files. Print it to a PDF, or save it without them, and upload "
            "that."
        )
    )


def _too_much() -> Refused:
    return Refused(_("The file unpacks to far more than it shows. Print it to a PDF, and upload that."))


def _check_pdf(data: bytes) -> str:
    """Refuses a PDF that is protected, damaged, has something behind its end, or acts."""
    from pypdf import PdfReader  # only here: it takes a tenth of a second of every start
    from pypdf.generic import IndirectObject, NameObject

    def acts(found: Any, depth: int = 0) -> bool:
        """Whether an object has a name that acts; what it refers to is an object of its own."""
        if depth > DEEPEST or time.monotonic() > ends:
            raise _too_much()
        if isinstance(found, dict):
            # As stored: what it refers to is not fetched.
            return any(str(key) in ACTING or acts(value, depth + 1) for key, value in dict.items(found))
        if isinstance(found, list):
            return any(acts(one, depth + 1) for one in list.__iter__(found))
        return isinstance(found, NameObject) and str(found) in ACTING

    if data[-1024:].rpartition(b"%%EOF")[2].strip(b"\0\t\n\r\f ") or b"%%EOF" not in data[-1024:]:
        raise _broken()
    ends = time.monotonic() + SECONDS
    try:
        reader: Any = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted:
            raise Refused(
                _("The PDF is protected by a password. Print it to a PDF without one, and upload that.")
            )
        numbers = {(number, one) for one, numbers in reader.xref.items() for number in numbers}
        numbers |= {(number, 0) for number in reader.xref_objStm}
        if len(numbers) > MOST_OBJECTS:
            raise _too_much()
        everything = (reader.get_object(IndirectObject(*one, reader)) for one in numbers)
        if acts(reader.trailer) or any(acts(one) for one in everything):
            raise _acts()
        if not len(reader.pages):
            raise _broken()
    except Refused:
        raise
    except Exception:  # noqa: BLE001 - pypdf raises many kinds of error for a broken file
        raise _broken() from None
    return PDF


def _unknown() -> Refused:
    return Refused(
        _("This kind of file is not accepted. Upload a PDF, DOCX, ODT, PNG, JPEG or plain text file.")
    )


def _check_zip(data: bytes) -> str:
    """Refuses a DOCX or ODT that has something before or behind it, unpacks to too much, or acts."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS or sum(one.file_size for one in members) > MOST_UNPACKED:
                raise _too_much()
            # The end of the directory is that of the file, and the first member is at its beginning: no second file.
            is_alone = data[-22:-18] == b"PK\x05\x06" and min(one.header_offset for one in members) == 0
            names = [one.filename for one in members]
            if not is_alone or len(set(names)) != len(names) or any(one.flag_bits & 1 for one in members):
                raise _broken()
            if any(_is_active_member(name) for name in names):
                raise _acts()
            left, ends = MOST_UNPACKED, time.monotonic() + SECONDS
            for one in members:
                left -= _read_member(archive, one, left, ends)
            return _kind_of(archive, names)
    except Refused:
        raise
    except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, OSError, EOFError, RuntimeError):
        raise _broken() from None


def _kind_of(archive: zipfile.ZipFile, names: list[str]) -> str:
    if "[Content_Types].xml" in names and "word/document.xml" in names:
        return DOCX
    if names[:1] == ["mimetype"] and archive.read("mimetype") == ODT.encode():
        return ODT
    raise _unknown()


def _is_active_member(name: str) -> bool:
    """Whether a member is a macro, a control, or another file; or would be written outside its folder."""
    lower = name.lower()
    if lower.startswith(("/", "basic/", "scripts/", "object ")) or "\\" in name or ".." in lower.split("/"):
        return True
    if any(part in lower for part in ("vbadata", "activex", "embeddings/")):
        return True
    last = lower.rpartition("/")[2]
    return bool(last) and last not in WITHOUT_ENDING and _ending(lower) not in PARTS


def _ending(name: str) -> str:
    return name.lower().rpartition("/")[2].rpartition(".")[2]


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int, ends: float) -> int:
    """Unpacks a member in pieces, which proves its length and checksum; XML is read for what acts."""
    read = 0
    parser = _ActiveXml() if _ending(member.filename) in READ_AS_XML else None
    with archive.open(member) as stream:
        while piece := stream.read(PIECE):
            read += len(piece)
            if read > most or time.monotonic() > ends:
                raise _too_much()
            if parser:
                parser.feed(piece)
    if parser and read:
        parser.close()
    return read


class _ActiveXml:
    """Reads XML and refuses document types, types of files with macros, scripts, and links to other files.

    A link that a reader follows (a hyperlink) stays.
    """

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._document_type
        self.parser.CharacterDataHandler = self._text
        self.fed, self.in_code, self.codes = 0, False, ""

    def feed(self, piece: bytes) -> None:
        self.fed += len(piece)
        try:
            self.parser.Parse(piece, False)
        except expat.ExpatError:
            raise _broken() from None
        if self.fed - max(self.parser.CurrentByteIndex, 0) > LARGEST_PART:
            raise _too_much()

    def close(self) -> None:
        try:
            self.parser.Parse(b"", True)
        except expat.ExpatError:
            raise _broken() from None
        if _ACTIVE_FIELD.search(self.codes):
            raise _acts()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _space, tag = name.rpartition(" ")
        kind = attributes.get("ContentType", "").lower()
        if "macroenabled" in kind or "vba" in kind or "activex" in kind or "oleobject" in kind:
            raise _acts()
        is_outside = attributes.get("TargetMode", "").lower() == "external"
        if tag == "Relationship" and is_outside and not attributes.get("Type", "").endswith("/hyperlink"):
            raise _acts()
        if (tag == "script" and not space.endswith(":office:1.0")) or space.endswith(":script:1.0"):
            raise _acts()
        self.in_code = tag == "instrText"  # a code may be divided among several of them
        if tag == "fldSimple":
            self.codes += "".join(
                f" {value} " for name, value in attributes.items() if name.endswith(" instr")
            )

    def _text(self, text: str) -> None:
        if self.in_code:
            self.codes += text
            if len(self.codes) > LONGEST_CODES:
                raise _too_much()

    def _end(self, _name: str) -> None:
        self.in_code = False

    def _document_type(self, *_all: Any) -> None:
        raise _broken()  # no word processor writes one, and entities can be bombs


def _check_png(data: bytes) -> str:
    """Walks the pieces of a PNG: the last one ends the file."""
    at = 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4])
        name, end = data[at + 4 : at + 8], at + 12 + length
        if end > len(data) or zlib.crc32(data[at + 4 : end - 4]) != int.from_bytes(data[end - 4 : end]):
            break
        if name == b"IEND" and end == len(data):
            return PNG
        at = end
    raise _broken()


def _check_jpeg(data: bytes) -> str:
    """Walks the segments of a JPEG up to its picture, which ends the file."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xDA and data.rstrip(b"\0").endswith(b"\xff\xd9"):
            return JPEG
        at += 2 if marker in _JPEG_WITHOUT_LENGTH else 2 + int.from_bytes(data[at + 2 : at + 4])
    raise _broken()


def _check_text(data: bytes) -> str:
    """Refuses what is no text in UTF-8, or would act in a browser."""
    try:
        text = data.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError:
        raise _unknown() from None
    if _CONTROLS.search(text):
        raise _unknown()
    if _ACTIVE_TEXT.search(data):
        raise Refused(
            _(
                "This is a web page, a drawing or a program, not plain text. Print it to a PDF, and upload that."
            )
        )
    return TEXT


def _refuse_old(_data: bytes) -> str:
    raise Refused(
        _("Files of old word processors are not accepted. Save it as PDF or DOCX, and upload that.")
    )


_CHECKS: tuple[tuple[bytes, Callable[[bytes], str]], ...] = (
    (b"%PDF-", _check_pdf),
    (b"PK\x03\x04", _check_zip),
    (b"\x89PNG\r\n\x1a\n", _check_png),
    (b"\xff\xd8\xff", _check_jpeg),
    (b"\xd0\xcf\x11\xe0", _refuse_old),
    (b"{\\rtf", _refuse_old),
)
