"""Thousands of malformed files: each is read, or refused in words, by row and column.

Most tests run reader and columns without a database; a few hundred files are imported completely. The result may be a
sheet, a refusal of the file, or a refusal by cell: never another exception, and never a row that is saved without the
others.
"""

from __future__ import annotations

import csv
import io
import re
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import product
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings, strategies as st

from tests import factories
from tests.depth import examples, first
from tests.obligations.lists import as_workbook
from tracker.obligations.imports.cells import NoValue
from tracker.obligations.imports.check import RowOutcome, check, save
from tracker.obligations.imports.files import read
from tracker.obligations.imports.sheet import Limits, Sheet, TooLong, UnreadableFile
from tracker.obligations.imports.tables import TABLES
from tracker.obligations.models import CommitteeDate, InformationRequest, Submission
from tracker.registry.models import Contact, TreatyAction
from tracker.registry.names import StateNames
from tracker.registry.values import BadValue

TODAY = date(2026, 11, 22)
SMALL = Limits(size=200_000, rows=40, cell=2_000)
NAMES = StateNames(
    [("NOR", "NO", "Norway"), ("USA", "US", "United States of America"), ("CIV", "CI", "Côte d'Ivoire")]
)
PLACED = re.compile(r"Row [0-9]+, column [^:]+: .+", re.DOTALL)


def hostile(most: int) -> settings:
    """The number of generated files in `make test-more`; an eighth of them in `make test`."""
    return settings(
        max_examples=examples(most),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )


# --- what hostile cells hold -------------------------------------------------------------------------

formulas = st.sampled_from(
    ["=cmd()", "=1+1", '=HYPERLINK("http://example.org")', "=cmd|' /C calc'!A0", "+1+cmd|' /C calc'!A0", "@SUM(1)",
     "-2+3", "\t=1", "\r=1", "'=1", " =1", "＝1"]
)  # fmt: skip
days = st.one_of(
    st.sampled_from(
        ["31/02/2003", "2003-13-01", "2003-02-29", "03/04/2005", "13/13/2003", "0000-00-00", "9999-99-99", "38506",
         "38506.5", "-1", "1e400", "2003-01-23T00:00", "yesterday", "٢٠٠٣-٠١-٢٣", "2003–01–23", "23 Janvier 2003",
         "1900-02-29", "0001-01-01", "9999-12-31", "2018-05", "2018-13", "2018"]
    ),
    st.dates().map(lambda on: on.strftime("%d/%m/%Y")),
    st.dates().map(lambda on: on.strftime("%m-%d-%Y")),
    st.integers(-10, 4_000_000).map(str),
)  # fmt: skip
states = st.sampled_from(
    ["NOR", "Norway", "nor", "Nоrway", "Ｎorway", "Norway\u200b", "N\u0335orway",
     "Côte d’Ivoire", "Ivory Coast", "XXX", "",
     "Norway Norway", "NOR;USA", "Νορ", "USA\u202e"]
)  # fmt: skip
texts = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["\0", "a\0b", "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"), "x" * 2_001,
                     '"', ",", "\n", "\r\n", "\u2028", "initial", "periodic", "1", "3-4", "4-3", "999", "0", "-1", "１",
                     "OPSC", "CRC", "ratification", "signature", "own", "CRC report", "to be communicated", "yes",
                     "mission@example.org", "http://example.org", "javascript:alert(1)", "<script>", "{{ 7 }}"]),
)  # fmt: skip
cells = st.one_of(states, days, formulas, texts)


@st.composite
def tables(draw: Callable[..., Any]) -> tuple[str, list[list[str]]]:
    """A table whose header is nearly right, with rows of any cells and lengths."""
    name = draw(st.sampled_from(sorted(TABLES)))
    columns = [column.name for column in TABLES[name].columns()]
    header = list(columns)
    change = draw(st.sampled_from(["", "", "", "", "twice", "unknown", "missing", "empty", "shuffled"]))
    if change == "twice":
        header.append(draw(st.sampled_from(columns)))
    elif change == "unknown":
        header.append(draw(texts))
    elif change == "missing":
        header.remove(draw(st.sampled_from(columns)))
    elif change == "empty":
        header = []
    elif change == "shuffled":
        header = draw(st.permutations(columns))
    rows = []
    for _ in range(draw(st.integers(0, 6))):
        row = [draw(states), *(draw(cells) for _ in header[1:])]
        more = draw(st.sampled_from([0, 0, 0, 0, -2, 3]))
        rows.append(row[:more] if more < 0 else [*row, *(draw(texts) for _ in range(more))])
    return name, [header, *rows]


def as_csv(rows: list[list[str]], mark: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=mark).writerows(rows)
    return out.getvalue()


def read_and_understood(table: str, name: str, content: bytes, limits: Limits = SMALL) -> list[str]:
    """The problems of a file, in sentences; empty if every cell is understood."""
    columns = TABLES[table].columns()
    known = {column.name: column for column in columns}
    try:
        sheet = read(name, content, table, list(known), [c.name for c in columns if c.required], limits)
    except UnreadableFile as error:
        return [str(problem) for problem in error.problems]
    assert isinstance(sheet, Sheet)
    resource = TABLES[table](NAMES, {}, TODAY)
    told = []
    for line in sheet.lines:
        assert len(line.cells) == len(sheet.columns)
        if line.problem:
            told.append(str(line.problem))
            continue
        for column, cell in zip(sheet.columns, line.cells, strict=True):
            field = next(one for one in resource.fields.values() if one.name == column)
            try:
                values = field.read(cell, resource.model)
            except BadValue as error:
                told.append(f"Row {line.number}, column {column}: {error}")
            else:
                assert not isinstance(cell, NoValue)
                assert not any("\0" in value for value in values.values() if isinstance(value, str))
    return told


def assert_placed(told: list[str]) -> None:
    """Each problem names its row and column; a file that is no table at all has none."""
    for one in told:
        assert PLACED.fullmatch(one) or "Row" not in one, one
        # Outside what it quotes, for a file may say “None” itself.
        assert not re.search(r"Traceback|Error\(|<class|None\b", re.sub("“[^”]*”", "“…”", one)), one


# --- files without a database -----------------------------------------------------------------------------


@hostile(500)
@given(tables(), st.sampled_from([",", ";", "\t"]))
def test_any_table_is_understood_or_refused_by_row_and_column(
    table: tuple[str, list[list[str]]], mark: str
) -> None:
    name, rows = table
    told = read_and_understood(name, "x.csv", as_csv(rows, mark).encode("utf-8", "replace"))
    assert_placed(told)


@hostile(300)
@given(
    tables(),
    st.sampled_from(
        ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1251", "shift_jis", "cp037"]
    ),
    st.binary(max_size=3),
)
def test_any_encoding_is_read_or_refused(
    table: tuple[str, list[list[str]]], encoding: str, before: bytes
) -> None:
    name, rows = table
    content = as_csv(rows).encode(encoding, "replace")
    assert_placed(read_and_understood(name, "x.csv", content))
    assert_placed(read_and_understood(name, "x.csv", before + content))


@hostile(300)
@given(tables(), st.data())
def test_a_file_that_is_cut_or_stirred_is_refused_or_read(
    table: tuple[str, list[list[str]]], data: Any
) -> None:
    name, rows = table
    content = bytearray(as_csv(rows).encode("utf-8", "replace"))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content)))
        content[at:at] = data.draw(
            st.sampled_from([b"\0", b'"', b"\n", b"\r", b",", b"\xff", b"\xc3", b"\xef\xbb\xbf"])
        )
    assert_placed(
        read_and_understood(name, "x.csv", bytes(content[: data.draw(st.integers(0, len(content)))]))
    )


@hostile(300)
@given(st.binary(max_size=300), st.sampled_from(["x.csv", "x.xlsx", "x.xlsm", "x", "x.xls", "x.CSV"]))
def test_any_bytes_at_all_are_refused_or_read(content: bytes, name: str) -> None:
    for start in (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"state,name,email\n"):
        assert_placed(read_and_understood("contacts", name, start + content))


# --- workbooks ---------------------------------------------------------------------------------------------

MORNING = datetime.fromisoformat("2005-06-03 09:00")  # as a workbook has it, without a time zone

values = st.one_of(
    cells.map(lambda text: re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]", "", text)),
    st.dates(min_value=date(1901, 1, 1)),
    st.datetimes(min_value=MORNING.replace(year=1901), max_value=MORNING.replace(year=9000)),
    st.times(),
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=9)),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.none(),
    st.sampled_from(["#REF!", "#DIV/0!", "#N/A"]),
)


@hostile(250)
@given(st.sampled_from(sorted(TABLES)), st.lists(st.lists(values, max_size=16), max_size=3))
def test_any_workbook_is_understood_or_refused_by_row_and_column(table: str, rows: list[list[Any]]) -> None:
    header = [column.name for column in TABLES[table].columns()]
    assert_placed(read_and_understood(table, "x.xlsx", as_workbook([header, *rows])))


@pytest.fixture(scope="module")
def sound() -> bytes:
    return as_workbook([["state", "name", "email"], ["NOR", "Mission", "mission@example.org"]])


@hostile(300)
@given(data=st.data())
def test_a_damaged_workbook_is_refused_or_read(data: Any, sound: bytes) -> None:
    content = bytearray(sound)
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    assert_placed(
        read_and_understood("contacts", "x.xlsx", bytes(content[: data.draw(st.integers(1, len(content)))]))
    )


@hostile(250)
@given(data=st.data())
def test_a_workbook_with_a_damaged_part_is_refused_or_read(data: Any, sound: bytes) -> None:
    parts = {
        name: zipfile.ZipFile(io.BytesIO(sound)).read(name)
        for name in zipfile.ZipFile(io.BytesIO(sound)).namelist()
    }
    name = data.draw(st.sampled_from(sorted(parts)))
    part = bytearray(parts[name])
    at = data.draw(st.integers(0, len(part)))
    part[at : at + data.draw(st.integers(0, 40))] = data.draw(
        st.sampled_from(
            [b"", b"<", b"</c>", b"&x;", b'r="XFD1048576"', b"<!DOCTYPE x>", b"\0", b"<v>9999</v>", b'="-1"']
        )
    )
    parts[name] = bytes(part)
    assert_placed(read_and_understood("contacts", "x.xlsx", packed(parts)))


def packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


SHEET = "xl/worksheets/sheet1.xml"
HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>state</t></is></c></row>'


def sheet_of(body: str) -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return (
        f'<?xml version="1.0"?><worksheet xmlns="{space}"><sheetData>{body}</sheetData></worksheet>'.encode()
    )


def memory_of(work: Callable[[], Any]) -> tuple[Any, int]:
    """The result of a function, and the most bytes that it used."""
    tracemalloc.start()
    try:
        return work(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_bomb_is_refused_before_it_is_unpacked(sound: bytes) -> None:
    bomb = packed(parts_of(sound) | {SHEET: sheet_of(" " * 60_000_000)})
    assert len(bomb) < SMALL.size
    told, taken = memory_of(lambda: read_and_understood("contacts", "x.xlsx", bomb))
    assert told == ["The workbook unpacks to more than 2 MB; save only the table as a new workbook."]
    assert taken < 5_000_000


def test_a_bomb_that_lies_about_its_size_is_refused(sound: bytes) -> None:
    big = sheet_of("<row/>" * 1_000_000)
    bomb = packed(parts_of(sound) | {SHEET: big})
    lying = bomb.replace(
        struct.pack("<LL", zlib.crc32(big), len(zlib.compress(big)))[:4], struct.pack("<L", 0)
    )
    lying = lying.replace(struct.pack("<L", len(big)), struct.pack("<L", 1000))
    told, taken = memory_of(lambda: read_and_understood("contacts", "x.xlsx", lying))
    assert told == [
        "The file cannot be read as a workbook; open it in a spreadsheet and save it as XLSX again."
    ]
    assert taken < 5_000_000


@pytest.mark.parametrize("row", ["<c/>" * 400_000, "<x/>" * 400_000, "<is><t>a</t></is>" * 100_000])
def test_a_row_with_more_tags_than_a_table_can_have_is_refused(row: str, sound: bytes) -> None:
    bomb = packed(parts_of(sound) | {SHEET: sheet_of(f"{HEADER}<row>{row}</row>")})
    told, taken = memory_of(lambda: read_and_understood("contacts", "x.xlsx", bomb))
    assert told == ["The workbook unpacks to more than 2 MB; save only the table as a new workbook."]
    assert taken < 20_000_000


@pytest.mark.parametrize("long", ['<row a="{}"/>', "<!--{}-->", "<?x {}?>"])
def test_a_single_tag_that_never_ends_is_refused_before_it_is_read_again_and_again(
    long: str, sound: bytes
) -> None:
    part = sheet_of(HEADER + long.format("x" * 1_500_000))
    told, taken = memory_of(
        lambda: read_and_understood("contacts", "x.xlsx", packed(parts_of(sound) | {SHEET: part}))
    )
    assert told == [
        "The file cannot be read as a workbook; open it in a spreadsheet and save it as XLSX again."
    ]
    assert taken < 5_000_000


def test_rows_of_empty_cells_that_reach_the_last_column_are_refused(sound: bytes) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"/><c r="XFD{n}"/></row>' for n in range(2, 40))
    told = read_and_understood(
        "contacts", "x.xlsx", packed(parts_of(sound) | {SHEET: sheet_of(HEADER + rows)})
    )
    assert told == [
        "The rows reach too far to the right, though most cells are empty; delete the columns behind the table."
    ]


def test_more_empty_rows_than_a_table_can_have_are_refused_before_they_are_read(sound: bytes) -> None:
    part = sheet_of(HEADER + "<row/>" * 5_000)
    told = read_and_understood("contacts", "x.xlsx", packed(parts_of(sound) | {SHEET: part}))
    assert told == [
        "Row 5001, column A: The sheet has more than 40 rows; delete the empty rows, or split it."
    ]


def test_all_cells_together_have_a_limit_as_many_can_share_one_long_text() -> None:
    rows = [["state", "name", "email"], *[["NOR", "x" * 2_000, "m@example.org"]] * 39]
    small = Limits(size=15_000, rows=40, cell=2_000)
    with pytest.raises(UnreadableFile, match="The cells contain more than 60000 bytes of text"):
        read("x.xlsx", as_workbook(rows), "contacts", rows[0], rows[0], small)
    assert len(read("x.xlsx", as_workbook(rows[:20]), "contacts", rows[0], rows[0], small).lines) == 19


def test_reading_ends_when_its_time_is_over(sound: bytes) -> None:
    rows = [["state", "name", "email"], ["NOR", "M", "m@example.org"]]
    for name, content in (("x.xlsx", as_workbook(rows)), ("x.csv", as_csv(rows).encode())):
        with pytest.raises(TooLong, match="The file takes too long to read"):
            read(name, content, "contacts", rows[0], rows[0], replace(SMALL, seconds=0))


def test_entities_that_multiply_are_refused(sound: bytes) -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    for code in ("utf-8", "utf-16"):
        part = (
            f'<?xml version="1.0" encoding="{code}"?>{" " * 70_000}{laughs}<worksheet>&b;</worksheet>'.encode(
                code
            )
        )
        told = read_and_understood("contacts", "x.xlsx", packed(parts_of(sound) | {SHEET: part}))
        assert told == [
            "The file cannot be read as a workbook; open it in a spreadsheet and save it as XLSX again."
        ]


def test_a_row_in_the_millionth_place_is_refused_by_its_row(sound: bytes) -> None:
    header = "".join(f'<c r="{at}1" t="inlineStr"><is><t>{name}</t></is></c>' for at, name in
                     zip("ABC", ("state", "name", "email"), strict=True))  # fmt: skip
    far = f'<row r="1">{header}</row><row r="1048576"><c r="A1048576"><v>1</v></c></row>'
    told = read_and_understood("contacts", "x.xlsx", packed(parts_of(sound) | {SHEET: sheet_of(far)}))
    assert told == ["Row 181, column A: The sheet has more than 40 rows; delete the empty rows, or split it."]


def test_a_cell_in_the_last_column_is_refused_by_its_column(sound: bytes) -> None:
    told = read_and_understood(
        "contacts",
        "x.xlsx",
        as_workbook([["state", "name", "email"], ["NOR", "M", "m@example.org", *[""] * 600, "x"]]),
    )
    assert told == ["Row 2, column CW: The row has more than 100 columns; delete the cells beyond them."]
    told = read_and_understood("contacts", "x.csv", b"state,name,email\nNOR,M,m@example.org,,,x\n")
    assert told == [
        (
            "Row 2, column F: There is a cell beyond the last column, email; a comma in a text is perhaps not "
            "quoted."
        )
    ]


def test_a_hundred_thousand_columns_are_refused_at_once() -> None:
    for content in (b"," * 100_000, b"state,name,email\n" + b"," * 100_000 + b"x"):
        (told,) = read_and_understood("contacts", "x.csv", content)
        assert told.endswith("column CW: The row has more than 100 columns; delete the cells beyond them.")


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"xl/vbaProject.bin": b"x"}, "x.xlsx"),
        ({"xl/externalLinks/externalLink1.xml": b"<x/>"}, "x.xlsx"),
        ({"xl/embeddings/oleObject1.bin": b"x"}, "x.xlsx"),
        ({}, "x.xlsm"),
    ],
)
def test_macros_and_links_to_other_files_are_refused(more: dict[str, bytes], name: str, sound: bytes) -> None:
    assert read_and_understood("contacts", name, packed(parts_of(sound) | more)) == [
        "The workbook contains macros, embedded objects or links to other files; save only the table as XLSX."
    ]


def test_a_workbook_with_a_password_says_so(sound: bytes) -> None:
    locked = bytearray(sound)
    at = locked.find(b"PK\x01\x02")
    while at >= 0:
        locked[at + 8] |= 1
        at = locked.find(b"PK\x01\x02", at + 1)
    assert read_and_understood("contacts", "x.xlsx", bytes(locked)) == [
        "The workbook has a password; save it without one."
    ]
    assert read_and_understood("contacts", "x.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 99) == [
        "This is an old .xls workbook, or one with a password; save it as XLSX without a password."
    ]


def test_limits_are_told_with_their_number() -> None:
    header = "state,name,email\n"
    assert read_and_understood("contacts", "x.csv", header.encode() + b"x" * 200_000) == [
        "The file is larger than 200000 bytes; split it into several files."
    ]
    assert read_and_understood("contacts", "x.csv", (header + "NOR,M,m@example.org\n" * 41).encode()) == [
        "Row 42, column state: The file has more than 40 rows; split it into several files."
    ]
    assert read_and_understood("contacts", "x.csv", f"{header}NOR,{'M' * 2001},m@example.org\n".encode()) == [
        "Row 2, column name: The text has 2001 characters; the limit is 2000."
    ]
    huge = Limits(size=20_000_000, rows=40, cell=2_000)
    assert read_and_understood("contacts", "x.csv", f"{header}NOR,{'M' * 10_000_000},m\n".encode(), huge) == [
        "Row 2, column A: A cell is longer than 2000 characters, or its quotation mark is never closed."
    ]


def test_bytes_that_are_no_utf_8_are_named_by_row_and_column() -> None:
    content = "state,name,email\nNOR,Büro,m@example.org\nCIV,Bureau de la C\udcf4te,c@example.org\n".encode(
        "utf-8", "surrogateescape"
    )
    assert read_and_understood("contacts", "x.csv", content) == [
        "Row 3, column B: The file is not UTF-8 from here on; save it as “CSV UTF-8”, or as XLSX."
    ]


# --- whole imports, with a database ------------------------------------------------------------------------


@pytest.fixture
def norway(db: None, time_machine: Any) -> None:
    time_machine.move_to(TODAY, tick=False)
    state = factories.a_state("NOR")
    factories.joins(state, "CRC", "1991-01-08")
    factories.joins(state, on="2001-10-02")
    factories.receives(state, "2005-06-03")
    factories.a_contact(state)


def recorded() -> list[int]:
    return [
        model.objects.count()
        for model in (TreatyAction, Submission, Contact, CommitteeDate, InformationRequest)
    ]


@hostile(250)
@given(table=tables())
def test_a_file_is_written_whole_or_not_at_all(table: tuple[str, list[list[str]]], norway: None) -> None:
    name, rows = table
    before = recorded()
    try:
        checked = check(name, "x.csv", as_csv(rows).encode("utf-8", "replace"), today=TODAY)
    except UnreadableFile as error:
        assert_placed([str(problem) for problem in error.problems])
        return
    assert_placed([str(problem) for problem in checked.problems])
    assert {row.outcome for row in checked.rows if row.why} <= {RowOutcome.REFUSED}
    assert all(row.why for row in checked.rows if row.outcome == RowOutcome.REFUSED)
    assert recorded() == before, "checking writes nothing"


REPORTS = [
    ("initial", "1"),
    ("initial", "2"),
    ("periodic", "2"),
    ("periodic", "4"),
    ("periodic", "5-6"),
    ("periodic", "99"),
]
RECEIVED = ["", "2000-05-24", "2002-01-17", "2002-01-18", "2010-02-28", "2026-11-22", "2026-11-23"]
REVIEWED = ["", "2001-05-31", "2012-05-31", "2026-11-30", "2026-12-01"]


@pytest.mark.more
@pytest.mark.parametrize("carried_by", first(1, ["", "own", "CRC report"]))
def test_a_report_is_let_through_exactly_if_the_form_would_take_it(carried_by: str, norway: None) -> None:
    Submission.objects.all().delete()
    taken = 0
    for (kind, cycles), received, reviewed in product(REPORTS, RECEIVED, REVIEWED):
        header = ["state", "kind", "cycles", "carried_by", "received_on", "reviewed_on"]
        row = ["NOR", kind, cycles, carried_by, received, reviewed]
        checked = check("submissions", "x.csv", as_csv([header, row]).encode(), today=TODAY)
        first, _, last = cycles.partition("-")
        report = Submission(
            state_id="NOR",
            kind=kind,
            first_cycle=int(first),
            last_cycle=int(last or first),
            carried_by=carried_by,
            received_on=date.fromisoformat(received) if received else None,
            reviewed_on=date.fromisoformat(reviewed) if reviewed else None,
        )
        assert checked.is_refused == (not is_taken(report)), row
        if not checked.is_refused:
            taken += 1
            with transaction.atomic():
                save(checked, by=None, reason="x.csv", today=TODAY)
                assert Submission.objects.get().carried_by == report.carried_by
                transaction.set_rollback(True)
    assert taken >= 10


def is_taken(report: Submission) -> bool:
    """Whether the form would accept a report."""
    try:
        report.full_clean()
    except ValidationError:
        return False
    return True


def test_times_of_day_and_durations_are_no_days() -> None:
    times = (MORNING, time(14), timedelta(days=1, hours=2))
    rows = [["state", "kind", "cycles", "received_on"], *(["NOR", "initial", 1, one] for one in times)]
    told = read_and_understood("submissions", "x.xlsx", as_workbook(rows))
    assert told[0] == "Row 2, column received_on: This is a date with a time; enter the date alone."
    assert len(told) == 3
