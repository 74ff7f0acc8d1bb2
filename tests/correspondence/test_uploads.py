"""What may be uploaded to the register: real files are taken, hostile ones refused with what to do."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from docx import Document
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from tests.correspondence.conftest import TODAY
from tracker.correspondence import files, uploads
from tracker.correspondence.models import FileContent, Paper
from tracker.correspondence.received import receive
from tracker.registry.models import Contact

CONTENT_TYPES = "[Content_Types].xml"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
ATTACHED = (
    '<Relationship Id="rId99" TargetMode="External" Target="http://example.org/a.dotm" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"/>'
)


# --- files as programs write them ------------------------------------------------------------------


def a_pdf(change: Callable[[PdfWriter], object] = lambda _writer: None) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    change(writer)
    return written(writer)


def written(writer: PdfWriter) -> bytes:
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def action(kind: str, **more: str) -> Callable[[PdfWriter], object]:
    """Adds an action that begins when the file is opened."""

    def add(writer: PdfWriter) -> None:
        entries = {"S": NameObject(kind)} | {name: TextStringObject(value) for name, value in more.items()}
        writer._root_object[NameObject("/OpenAction")] = writer._add_object(
            DictionaryObject({NameObject(f"/{name}"): value for name, value in entries.items()})
        )

    return add


def on_a_page(writer: PdfWriter) -> None:
    """An action of an annotation, inside lists and objects within objects."""
    run = DictionaryObject({NameObject("/S"): NameObject("/JavaScript")})
    note = DictionaryObject({NameObject("/AA"): DictionaryObject({NameObject("/E"): run})})
    writer.pages[0][NameObject("/Annots")] = ArrayObject([note])


def in_compressed_objects() -> bytes:
    """A PDF with a script inside a compressed stream of objects, where no search for bytes finds it."""
    inside = (
        b"1 0 2 33 3 81 <</Type/Catalog/Pages 2 0 R>>    " + b"<</Type/Pages/Kids[3 0 R]/Count 1>>".ljust(48)
    )
    inside += b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/AA<</O<</S/Java#53cript>>>>>>"
    packed = zlib.compress(inside)
    body = b"%PDF-1.5\n"
    at = len(body)
    body += b"4 0 obj <</Type/ObjStm/N 3/First 14/Filter/FlateDecode/Length %d>> stream\n" % len(packed)
    body += packed + b"\nendstream endobj\n"
    table = len(body)
    rows = [(0, 0, 255), (2, 4, 0), (2, 4, 1), (2, 4, 2), (1, at, 0), (1, table, 0)]
    packed = zlib.compress(b"".join(struct.pack(">BHB", *row) for row in rows))
    body += b"5 0 obj <</Type/XRef/Size 6/W[1 2 1]/Root 1 0 R/Filter/FlateDecode/Length %d>> stream\n" % len(
        packed
    )
    return body + packed + b"\nendstream endobj\nstartxref\n%d\n%%%%EOF\n" % table


def encrypted(writer: PdfWriter) -> None:
    writer.encrypt("secret", algorithm="RC4-128")


def a_docx() -> bytes:
    document = Document()
    document.add_paragraph("Dear Secretariat,")
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def a_zip(members: dict[str, bytes | str], *, first_is_stored: bool = False) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, content) in enumerate(members.items()):
            kind = zipfile.ZIP_STORED if first_is_stored and not number else zipfile.ZIP_DEFLATED
            archive.writestr(name, content, kind)
    return file.getvalue()


def docx_with(change: dict[str, Callable[[bytes], bytes]] | None = None, **more: bytes) -> bytes:
    """A DOCX with other content in some members, and further members; `__` in their names is a slash."""
    with zipfile.ZipFile(io.BytesIO(a_docx())) as archive:
        members: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
    for name, changed in (change or {}).items():
        before = members[name]
        assert isinstance(before, bytes)
        members[name] = changed(before)
        assert members[name] != before
    return a_zip(members | {name.replace("__", "/"): content for name, content in more.items()})


def replacing(old: str, new: str) -> Callable[[bytes], bytes]:
    return lambda content: content.replace(old.encode(), new.encode())


def with_field(code: str) -> bytes:
    """A DOCX with a field whose code is divided between two runs."""
    runs = f"<w:r><w:instrText>{code[:3]}</w:instrText></w:r><w:r><w:instrText>{code[3:]}</w:instrText></w:r>"
    return docx_with({"word/document.xml": replacing("<w:sectPr", f"<w:p>{runs}</w:p><w:sectPr")})


def an_odt(**more: bytes) -> bytes:
    members: dict[str, bytes | str] = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"/>',
        "Configurations2/": b"",
        "Thumbnails/thumbnail.png": a_png(),
    }
    members |= {name.replace("__", "/"): content for name, content in more.items()}
    return a_zip(members, first_is_stored=True)


def a_png() -> bytes:
    def piece(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    picture = piece(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + piece(b"IHDR", head) + picture + piece(b"IEND", b"")


JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xda\x00\x08\1\1\0\0?\0\xd2\xff\xd9"
TEXT = "Monsieur le Secrétaire,\r\n\tle rapport suit.\n".encode()


def a_lying_bomb() -> bytes:
    """Two million zeros, of which the directory says that they are ten."""
    data = bytearray(
        a_zip({CONTENT_TYPES: "<Types/>", "word/document.xml": "<a/>", "word/a.png": bytes(2_000_000)})
    )
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 10)
    return bytes(data)


GOOD = {
    "letter.pdf": (a_pdf, uploads.PDF),
    "LETTER.PDF": (a_pdf, uploads.PDF),
    "letter.docx": (a_docx, uploads.DOCX),
    "letter.odt": (an_odt, uploads.ODT),
    "scan.png": (a_png, uploads.PNG),
    "scan.jpeg": (lambda: JPEG, uploads.JPEG),
    "letter.txt": (lambda: TEXT, uploads.TEXT),
    "notes.txt": (lambda: b"\xef\xbb\xbf" + "Письмо".encode(), uploads.TEXT),
}


@pytest.mark.parametrize("name", GOOD)
def test_files_as_programs_write_them_are_taken(name: str) -> None:
    make, kind = GOOD[name]
    assert uploads.kind_of(name, make()) == kind


# --- refused ------------------------------------------------------------------------------------------

ACTS = "contains macros, scripts or other files. Print it to a PDF"
BROKEN = "is damaged. Open it, save it again"
KIND = "kind of file is not accepted. Upload a PDF, DOCX"
BOMB = "unpacks to far more than it shows"
NAMED = r"its name ends otherwise. Rename it so that it ends with .{}"
PAGE = "is a web page, a drawing or a program, not plain text"
OLD = "old word processors are not accepted. Save it as PDF or DOCX"

BAD: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "nothing": ("a.pdf", lambda: b"", "The file is empty"),
    # A wrong type under a right name.
    "a picture as PDF": ("a.pdf", a_png, NAMED.format("png")),
    "a PDF as text": ("a.txt", a_pdf, NAMED.format("pdf")),
    "a PDF as program": ("a.pdf.exe", a_pdf, NAMED.format("pdf")),
    "a program as PDF": ("a.pdf", lambda: b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff", KIND),
    "a web page as PDF": ("a.pdf", lambda: b"<!DOCTYPE html><script>1</script>", PAGE),
    "a web page as text": ("a.txt", lambda: b"Hello <ScRiPt>alert(1)</script>", PAGE),
    "a drawing with a script": ("a.png", lambda: b'<svg onload="alert(1)"/>', PAGE),
    "a drawing": ("a.svg", lambda: b'<?xml version="1.0"?><svg/>', PAGE),
    "a script": ("a.txt", lambda: b"#!/bin/sh\nrm -rf /\n", PAGE),
    "an old document": ("a.doc", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504), OLD),
    "an old document as DOCX": ("a.docx", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504), OLD),
    "rich text": ("a.txt", lambda: b"{\\rtf1\\object}", OLD),
    "text in another code": ("a.txt", lambda: "Письмо".encode("cp1251"), KIND),
    "text with controls": ("a.txt", lambda: b"a\x00b", KIND),
    "a workbook": ("a.docx", lambda: a_zip({CONTENT_TYPES: "<Types/>", "xl/workbook.xml": "<w/>"}), KIND),
    "a zip": ("a.zip", lambda: a_zip({"a.xml": "<a/>"}), KIND),
    # PDF.
    "a script in a PDF": ("a.pdf", lambda: a_pdf(action("/JavaScript", JS="app.alert(1)")), ACTS),
    "a script of an annotation": ("a.pdf", lambda: a_pdf(on_a_page), ACTS),
    "a script in compressed objects": ("a.pdf", in_compressed_objects, ACTS),
    "a program launched": ("a.pdf", lambda: a_pdf(action("/Launch", F="cmd.exe")), ACTS),
    "a form sent away": ("a.pdf", lambda: a_pdf(action("/SubmitForm", F="http://example.org")), ACTS),
    "a file in a PDF": ("a.pdf", lambda: a_pdf(lambda one: one.add_attachment("a.exe", b"MZ")), ACTS),
    "a PDF with a password": ("a.pdf", lambda: a_pdf(encrypted), "protected by a password"),
    "half a PDF": ("a.pdf", lambda: a_pdf()[:200], BROKEN),
    "a PDF by its beginning": ("a.pdf", lambda: b"%PDF-1.7\n%%EOF\n", BROKEN),
    "a PDF with a zip behind": ("a.pdf", lambda: a_pdf() + a_docx(), BROKEN),
    "a PDF with a page behind": ("a.pdf", lambda: a_pdf() + b"<script>1</script>", BROKEN),
    # DOCX and ODT.
    "macros by type": (
        "a.docx",
        lambda: docx_with(
            {CONTENT_TYPES: replacing(MAIN, "application/vnd.ms-word.document.macroEnabled.main+xml")}
        ),
        ACTS,
    ),
    "macros under another name": (
        "a.docm",
        lambda: docx_with(word__vbaProject=b"\xd0\xcf"),
        ACTS,
    ),
    "macros by file": ("a.docx", lambda: docx_with(**{"word__vbaProject.bin": b"\xd0\xcf"}), ACTS),
    "a control": ("a.docx", lambda: docx_with(**{"word__activeX__activeX1.xml": b"<a/>"}), ACTS),
    "another file inside": ("a.docx", lambda: docx_with(**{"word__embeddings__a.xml": b"<a/>"}), ACTS),
    "a page inside": ("a.docx", lambda: docx_with(**{"word__afchunk.mht": b"From:"}), ACTS),
    "a template elsewhere": (
        "a.docx",
        lambda: docx_with(
            {"word/_rels/document.xml.rels": replacing("</Relationships>", f"{ATTACHED}</Relationships>")}
        ),
        ACTS,
    ),
    "a field that runs": ("a.docx", lambda: with_field(' DDEAUTO c:\\\\cmd.exe "/k calc" '), ACTS),
    "a field that fetches": ("a.docx", lambda: with_field(' INCLUDEPICTURE "http://example.org/x" '), ACTS),
    "a script in a drawing inside": (
        "a.docx",
        lambda: docx_with(**{"word__media__a.svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'}),
        ACTS,
    ),
    "Basic in ODT": ("a.odt", lambda: an_odt(**{"Basic__Standard__Module1.xml": b"<a/>"}), ACTS),
    "Python in ODT": ("a.odt", lambda: an_odt(**{"Scripts__python__a.py": b"1"}), ACTS),
    "an event in ODT": (
        "a.odt",
        lambda: an_odt(
            **{"styles.xml": b'<a><event-listener xmlns="urn:oasis:names:tc:opendocument:xmlns:script:1.0"/></a>'}
        ),
        ACTS,
    ),
    "entities": (
        "a.docx",
        lambda: docx_with(**{"word__a.xml": b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><a>&c;</a>'}),
        BROKEN,
    ),
    "no XML": ("a.docx", lambda: docx_with(**{"word__a.xml": b"<a>"}), BROKEN),
    "a path out of the folder": ("a.docx", lambda: docx_with(**{"..__..__a.xml": b"<a/>"}), ACTS),
    "a page before a zip": ("a.docx", lambda: b"PK\x03\x04" + b"<html>" * 10 + a_docx(), BROKEN),
    "a page behind a zip": ("a.docx", lambda: a_docx() + b"<html>", BROKEN),
    "a zip that is cut off": ("a.docx", lambda: a_docx()[:-30], BROKEN),
    # Bombs.
    "a bomb of one member": ("a.docx", lambda: docx_with(**{"word__media__a.png": bytes(51_000_000)}), BOMB),
    "a bomb that says it is small": ("a.docx", a_lying_bomb, BROKEN),
    "a bomb of codes": ("a.docx", lambda: with_field("x " * 60_000), BOMB),
    "a bomb of many members": ("a.docx", lambda: a_zip({f"{n}.xml": "" for n in range(2001)}), BOMB),
    # Pictures.
    "half a PNG": ("a.png", lambda: a_png()[:-20], BROKEN),
    "a PNG with a zip behind": ("a.png", lambda: a_png() + a_docx(), BROKEN),
    "a PNG with a wrong sum": ("a.png", lambda: a_png().replace(b"IDAT", b"IDAX"), BROKEN),
    "a JPEG with a page behind": ("a.jpg", lambda: JPEG + b"<script>1</script>", BROKEN),
    "half a JPEG": ("a.jpg", lambda: JPEG[:12], BROKEN),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_hostile_and_broken_files_are_refused_with_what_to_do(case: str) -> None:
    name, make, message = BAD[case]
    with pytest.raises(uploads.Refused) as caught:
        uploads.kind_of(name, make())
    assert message in caught.value.messages[0]


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\ada\\letter.pdf", "letter.pdf"),
        ("let\x00ter\r\n\x1b.pdf", "letter.pdf"),
        ("letter\u202efdp.exe", "letterfdp.exe"),
        ("\u2066 .. letter .pdf. ", "letter.pdf"),
        ("note: “a/b”?.pdf", "b”-.pdf"),
        ("x" * 300 + ".pdf", "x" * 120 + ".pdf"),
        ("رسالة.pdf", "رسالة.pdf"),
        ("Re\u0301ponse.pdf", "Réponse.pdf"),
    ],
)
def test_names_lose_what_could_deceive_or_harm(given: str, clean: str) -> None:
    assert uploads.clean_name(given) == clean


@pytest.mark.parametrize("name", ["", ".pdf", "letter", "../", "\u202e.pdf"])
def test_a_file_without_name_or_ending_is_refused(name: str) -> None:
    with pytest.raises(uploads.Refused, match=r"such as letter\.pdf\. Rename it"):
        uploads.clean_name(name)


# --- filed --------------------------------------------------------------------------------------------


@pytest.fixture
def received(mission: Contact) -> Paper:
    return receive(mission.state, by="ada", on=TODAY, subject="Answer")


def test_an_uploaded_file_is_filed_with_its_step(received: Paper) -> None:
    row = files.accept(received, SimpleUploadedFile("Letter.pdf", a_pdf()), by="ada")
    assert (row.name, row.type, row.origin, row.added_by) == ("Letter.pdf", uploads.PDF, "uploaded", "ada")
    assert (bytes(row.content.data), row.size) == (a_pdf(), len(a_pdf()))
    assert [(step.what, step.note) for step in received.steps.all()] == [
        ("received", ""),
        ("filed", "Letter.pdf"),
    ]


def test_the_same_bytes_are_stored_once(received: Paper) -> None:
    for name in ("one.txt", "one.txt", "two.txt"):
        files.accept(received, SimpleUploadedFile(name, TEXT), by="ada")
    assert [row.name for row in received.files.all()] == ["one.txt", "two.txt"]
    assert FileContent.objects.count() == 1


class Large(UploadedFile):
    """A file of 100 MB that must not be read."""

    def __init__(self, size: int) -> None:
        super().__init__(name="letter.pdf", size=size)

    def read(self, *_all: Any) -> bytes:  # type: ignore[override]  # of the proxy around a file
        raise AssertionError("it was read")


def test_a_file_of_100_megabytes_is_refused_unread(received: Paper) -> None:
    with pytest.raises(files.Refused, match=r"larger than 10 MB\. Save it with smaller pictures"):
        files.accept(received, Large(100_000_000), by="ada")
    assert received.files.count() == 0


def test_a_file_that_says_it_is_small_is_read_up_to_the_bound(received: Paper) -> None:
    file = SimpleUploadedFile("letter.txt", b"a" * 10_000_001)
    file.size = 10
    with pytest.raises(files.Refused, match="larger than 10 MB"):
        files.accept(received, file, by="ada")


def test_a_refused_file_leaves_no_trace(received: Paper) -> None:
    with pytest.raises(files.Refused):
        files.accept(received, SimpleUploadedFile("a.pdf", b"<script>"), by="ada")
    assert (received.files.count(), FileContent.objects.count(), received.steps.count()) == (0, 0, 1)


def test_a_paper_has_fifty_files_at_most(received: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_FILES", 1)
    files.accept(received, SimpleUploadedFile("a.txt", TEXT), by="ada")
    with pytest.raises(files.Refused, match="has 1 files already"):
        files.accept(received, SimpleUploadedFile("b.txt", TEXT), by="ada")
