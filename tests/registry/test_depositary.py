"""A participation list, read line by line and compared with the records."""

from __future__ import annotations

import csv
import time
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given, settings, strategies as st

from tests.depth import examples
from tracker.registry.depositary import (
    BadList,
    Listed,
    Proposal,
    ReadList,
    checked,
    compare,
    decoded,
    read_list,
)
from tracker.registry.models import TreatyAction
from tracker.registry.names import StateNames
from tracker.registry.shipped import SHIPPED

HEADING = "Participant\tSignature\tRatification, Accession(a), Succession(d)\n"


def shipped_names() -> StateNames:
    """The 197 shipped States."""
    with (SHIPPED / "participation.csv").open(encoding="utf-8", newline="") as lines:
        return StateNames((row["iso3"], None, row["name"]) for row in csv.DictReader(lines))


NAMES = shipped_names()


def read(text: str, treaty: str = "OPSC", chosen: dict[int, str] | None = None) -> ReadList:
    """The result of reading a text."""
    return read_list(checked(text), NAMES, treaty, chosen)


def days(text: str) -> list[str]:
    """The result of reading a text, in short form."""
    found = read(text)
    assert found.problems == []
    assert found.unclear == []
    return [f"{one.iso3} {one.kind} {one.day}" for one in found.listed]


def problems(found: ReadList) -> list[tuple[int, str]]:
    """Number and reason of the lines that were not understood."""
    return [(line.number, line.why) for line in found.problems]


# --- what the collection prints --------------------------------------------------------------


PRINTED = """STATUS AS AT : 22-11-2026 05:00:39 EDT
CHAPTER IV
HUMAN RIGHTS
11 . c Optional Protocol to the Convention on the Rights of the Child on the sale of children, child \
prostitution and child pornography
New York, 25 May 2000
Entry into force : 18 January 2002, in accordance with article 14(1).
Registration : 18 January 2002, No. 27531
Status : Signatories : 121. Parties : 178
Text : United Nations, Treaty Series , vol. 2171, p. 227; C.N.1031.2000.TREATIES-82 of 14 November 2000
Note : The Optional Protocol was adopted by resolution A/RES/54/263 of 25 May 2000.
Participant\tSignature\tRatification, Accession(a), Succession(d)
Afghanistan\t\t19 Sep 2002 a
Belgium 1\t 6 Sep 2000\t17 Mar 2006
Cameroon\t 5 Oct 2001\t
China 3,4\t 6 Sep 2000\t 3 Dec 2002
Denmark¹²\t 7 Sep 2000\t24 Jul 2003
Micronesia (Federated States of)\t 8 May 2002\t23 Apr 2012
Netherlands (Kingdom of the)  10\t 7 Sep 2000\t23 Aug 2005
Montenegro 6\t\t23 Oct 2006 d
Declarations and Reservations
Norway
12 May 2000"""

SAID = [
    "AFG accession 2002-09-19",
    "BEL signature 2000-09-06",
    "BEL ratification 2006-03-17",
    "CMR signature 2001-10-05",
    "CHN signature 2000-09-06",
    "CHN ratification 2002-12-03",
    "DNK signature 2000-09-07",
    "DNK ratification 2003-07-24",
    "FSM signature 2002-05-08",
    "FSM ratification 2012-04-23",
    "NLD signature 2000-09-07",
    "NLD ratification 2005-08-23",
    "MNE succession 2006-10-23",
]


def test_a_list_as_the_treaty_collection_prints_it_is_read() -> None:
    assert days(PRINTED) == SAID


def test_columns_that_have_collapsed_into_spaces_are_read_the_same() -> None:
    assert days(PRINTED.replace("\t", " ")) == SAID
    assert days(PRINTED.replace("\t", "          ")) == SAID


@pytest.mark.parametrize("delimiter", [",", ";", "|"])
def test_csv_is_read_the_same(delimiter: str) -> None:
    rows = [line.split("\t") for line in PRINTED.split("\n")[10:19]]
    quoted = "\n".join(delimiter.join(f'"{cell}"' if "," in cell else cell for cell in row) for row in rows)
    if delimiter == "|":
        quoted = quoted.replace('"', "")
    assert days(quoted) == SAID


def test_the_lines_around_the_table_are_counted_and_kept() -> None:
    found = read(PRINTED)
    assert [line.number for line in found.passed_over] == [*range(1, 12), 20, 21, 22]
    assert found.passed_over[-1].text == "12 May 2000"
    assert found.states == 8


# The page around the list, as it is copied from a browser: menus above, declarations and notes below.
MENU = "UNITED NATIONS\nTREATY COLLECTION\nHome\nDepositary\nStatus of Treaties\nSearch\n"
REST = (
    "\nTerritorial Application\nParticipant\tDate of receipt of the notification\tTerritories\n"
    "Netherlands (Kingdom of the)\t17 Oct 2006\tAruba\nEnd Note\n"
    "1. See also the Optional Protocol on the involvement of children in armed conflict.\n"
)
SPLIT = PRINTED.replace("Entry into force : 18", "Entry into force\n:\t18")


def test_a_whole_page_is_read_like_its_list() -> None:
    found = read(MENU + SPLIT + REST)
    assert days(MENU + SPLIT + REST) == SAID
    assert (found.problems, found.unclear, found.doubts) == ([], [], [])
    assert [line.text for line in found.passed_over][:4] == [
        "UNITED NATIONS",
        "TREATY COLLECTION",
        "Home",
        "Depositary",
    ]


def test_a_page_with_long_declarations_is_cut_behind_its_list() -> None:
    page = MENU + SPLIT + REST + "The Government declares …\n" * 20_000
    text = checked(page)
    assert text.split("\n")[-1] == "Declarations and Reservations"
    assert days(text) == SAID


def test_rows_above_a_repeated_heading_are_read() -> None:
    found = read(f"Sweden\t8 Sep 2000\t19 Jan 2007\n{HEADING}Norway\t13 Jun 2000\t2 Oct 2001")
    assert {one.iso3 for one in found.listed} == {"SWE", "NOR"}


def test_a_blank_line_says_nothing() -> None:
    assert days(f"\n\n{HEADING}\n  \t \nNorway\t13 Jun 2000\t2 Oct 2001\n\n") == [
        "NOR signature 2000-06-13",
        "NOR ratification 2001-10-02",
    ]


def test_a_list_without_heading_is_read_by_its_columns() -> None:
    assert days("Norway;13 Jun 2000;2 Oct 2001\nAfghanistan;;19 Sep 2002 a\nPeru;8 Sep 2000;") == [
        "NOR signature 2000-06-13",
        "NOR ratification 2001-10-02",
        "AFG accession 2002-09-19",
        "PER signature 2000-09-08",
    ]


def test_columns_in_another_order_are_read_by_their_heading() -> None:
    text = "Ratification, Accession(a);Code;State;Signature;EIF\n2001-10-02;578;Norway;2000-06-13;2002-01-18"
    assert days(text) == ["NOR ratification 2001-10-02", "NOR signature 2000-06-13"]
    assert read(text).unread_columns == ["Code", "EIF"]


def test_a_column_of_its_own_for_each_kind_says_the_kind() -> None:
    text = "State;Signature;Ratification;Accession\nAfghanistan;;;19 Sep 2002\nNorway;13/06/2000;2.10.2001;"
    assert read(text).problems[0].why.startswith("“2.10.2001” could be 2 October 2001 or 10 February 2001")
    assert days(text.replace("2.10.2001", "2001-10-02")) == [
        "AFG accession 2002-09-19",
        "NOR signature 2000-06-13",
        "NOR ratification 2001-10-02",
    ]


@pytest.mark.parametrize(
    ("line", "kind", "remark"),
    [
        ("Netherlands\t6 Jan 2000\t23 Aug 2005 A", "ratification", "Acceptance (A); recorded as a ratification."),
        ("Japan\t6 Jan 2000\t23 Aug 2005 AA", "ratification", "Approval (AA); recorded as a ratification."),
        ("Oman\t\t23 Aug 2005 c", "ratification", "Formal confirmation (c); recorded as a ratification."),
        ("Oman\t\t23 Aug 2005a", "accession", ""),
        ("Oman\t\t23 Aug 2005 a 4", "accession", ""),
        ("Oman\t\t23 Aug 2005 d", "succession", ""),
        ("Oman\t\t23 Aug 2005", "ratification", ""),
        ("Oman 23 Aug 2005 d", "succession", "“d” after the only date of the line: read as a succession."),
        ("Oman\t23 Aug 2005 d\t", "signature", "Succession to the signature (d); recorded as a signature."),
        ("Oman\t23 Aug 2005 a", "accession", ""),
    ],
)  # fmt: skip
def test_the_mark_says_the_kind_and_it_is_told_how_it_is_recorded(line: str, kind: str, remark: str) -> None:
    last = read(HEADING + line).listed[-1]
    assert (last.kind, last.remark) == (kind, remark)


FRENCH = """Participant\tSignature\tRatification, Adhésion(a), Succession(d)
Afghanistan\t\t19 sept 2002 a
Allemagne\t6 sept 2000\t15 juil 2009
Belgique\t6 sept 2000\t17 mars 2006
Bénin\t22 févr 2001\t31 janv 2005"""


@pytest.mark.parametrize(
    "text",
    [
        FRENCH,
        FRENCH.replace("\t", "  "),
        "CHAPITRE IV\nÉTAT AU : 22-11-2026\n"
        "Entrée en vigueur : 18 janvier 2002\n" + FRENCH + "\nDéclarations et réserves\nx",
    ],
)
def test_a_list_in_french_is_read(text: str) -> None:
    assert days(text) == [
        "AFG accession 2002-09-19",
        "DEU signature 2000-09-06",
        "DEU ratification 2009-07-15",
        "BEL signature 2000-09-06",
        "BEL ratification 2006-03-17",
        "BEN signature 2001-02-22",
        "BEN ratification 2005-01-31",
    ]


def test_a_list_in_spanish_is_read() -> None:
    text = "Estado;Firma;Ratificación, Adhesión(a), Sucesión(d)\nAlemania;6 sep 2000;15 de julio de 2009"
    assert days(text) == ["DEU signature 2000-09-06", "DEU ratification 2009-07-15"]


SAVED_PAGE = """<!DOCTYPE html><html><head><title>UNTC</title><script>var a = "<td>1 Jan 2001</td>";</script></head>
<body><div>Home</div><table><tr><td><a href="/">Menu</a></td></tr><tr><td>
<p>Optional Protocol to the Convention on the Rights of the Child on the sale of children</p>
<table><tr><th>Participant</th><th>Signature</th><th>Ratification, Accession(a), Succession(d)</th></tr>
<tr><td>Afghanistan</td><td>&nbsp;</td><td>19 Sep 2002 a</td></tr>
<tr><td>Argentina<sup>1</sup><td>\n 1 Apr 2002</td><td>25 Sep 2003</td></tr></table>
<p>Declarations and Reservations</p><table><tr><td>1.</td><td>Norway, 12 May 2000</td></tr></table>
</td></tr></table></body></html>"""


def test_a_page_that_a_browser_saved_is_read() -> None:
    assert days(SAVED_PAGE) == [
        "AFG accession 2002-09-19",
        "ARG signature 2002-04-01",
        "ARG ratification 2003-09-25",
    ]
    assert "Menu" not in checked(SAVED_PAGE)
    assert read(SAVED_PAGE.replace("sale of children", "involvement of children in armed conflict")).doubts


def test_what_a_saved_page_hides_is_not_read() -> None:
    row = "<tr><td>Norway</td><td></td><td>2 Oct 2001</td></tr>"
    for before, after in (("<!-- ", " -->"), ("<script>", "</script>"), ("<style>", "</style>")):
        assert len(days(SAVED_PAGE.replace("<p>Decl", f"{before}{row}{after}<p>Decl"))) == 3


@pytest.mark.parametrize("piece", ["<b>", "<!--", "</", "<a ", "<td>", "<script>", "&amp", "<table><tr>"])
def test_a_broken_page_is_read_in_no_time(piece: str) -> None:
    started = time.perf_counter()
    with suppress(BadList):
        checked("<td>" + piece * (500_000 // len(piece)))
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize("heading", ["iso3", "ISO 3166-1 alpha-3", "alpha-3", "code", "country_code"])
def test_a_list_keyed_by_code_is_read(heading: str) -> None:
    text = f"{heading},signature,ratification\nAFG,,19 Sep 2002 a\nARG,1 Apr 2002,25 Sep 2003"
    assert days(text) == [
        "AFG accession 2002-09-19",
        "ARG signature 2002-04-01",
        "ARG ratification 2003-09-25",
    ]


def test_days_with_a_midnight_are_read() -> None:
    text = "country,signature,ratification\nArgentina,2002-04-01T00:00:00Z,2003-09-25T00:00:00Z"
    assert days(text) == ["ARG signature 2002-04-01", "ARG ratification 2003-09-25"]


# --- names -----------------------------------------------------------------------------------


def test_a_state_spelled_otherwise_is_taken_and_told() -> None:
    found = read(f"{HEADING}Turkey\t8 Sep 2000\t19 Aug 2002\nSweden 4\t8 Sep 2000\t")
    assert [one.iso3 for one in found.listed] == ["TUR", "TUR", "SWE"]
    assert [(one.number, one.text, one.why) for one in found.otherwise] == [(2, "Turkey", "Türkiye")]


def test_an_unknown_name_is_asked_about_and_never_guessed() -> None:
    text = f"{HEADING}Norwey\t13 Jun 2000\t2 Oct 2001\nKorea\t\t2 Oct 2001 a"
    found = read(text)
    assert found.listed == []
    assert [(one.number, one.name, one.days, one.chosen) for one in found.unclear] == [
        (2, "Norwey", "13 Jun 2000 2 Oct 2001", ""),
        (3, "Korea", "2 Oct 2001 a", ""),
    ]
    assert [iso3 for iso3, _name in found.unclear[1].suggestions] == ["KOR", "PRK"]
    assert found.open == found.unclear


def test_an_answer_gives_the_line_to_a_state_or_leaves_it_out() -> None:
    text = f"{HEADING}Norwey\t13 Jun 2000\t\nKorea\t\t2 Oct 2001 a\nAtlantis\t\t2 Oct 2001 a"
    found = read(text, chosen={2: "NOR", 3: "-", 4: "XXX"})
    assert [f"{one.iso3} {one.kind}" for one in found.listed] == ["NOR signature"]
    assert [(one.number, one.chosen) for one in found.unclear] == [(2, "NOR"), (3, "-"), (4, "")]
    assert [one.number for one in found.open] == [4]


def test_an_answer_to_a_line_that_is_not_asked_about_changes_nothing() -> None:
    found = read(f"{HEADING}Norway\t13 Jun 2000\t", chosen={2: "SWE"})
    assert [one.iso3 for one in found.listed] == ["NOR"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("United Kingdom of Great\nBritain and Northern\nIreland 7 Sep 2000 20 Feb 2009", "GBR"),
        ("United Kingdom of Great Britain 7 Sep 2000 20 Feb 2009\nand Northern Ireland", "GBR"),
        ("Bolivia (Plurinational 7 Sep 2000 3 Jun 2003\nState of)", "BOL"),
        ("Democratic Republic of the\nCongo 7 Sep 2000 11 Nov 2001", "COD"),
        ("Guinea- 8 Sep 2000 1 Nov 2010\nBissau", "GNB"),
        ("Papua New\nGuinea 8 Sep 2000 1 Nov 2010", "PNG"),
    ],
)
def test_a_name_broken_over_lines_is_put_together(text: str, said: str) -> None:
    found = read(f"{HEADING}{text}\nSweden 8 Sep 2000 19 Jan 2007")
    assert [one.iso3 for one in found.listed] == [said, said, "SWE", "SWE"]
    assert found.problems == found.unclear == []


def test_a_name_that_may_begin_on_the_line_above_is_asked_about() -> None:
    found = read(f"{HEADING}Democratic\nCongo 8 Sep 2000 11 Nov 2001")
    assert found.listed == []
    assert [(one.number, one.name) for one in found.unclear] == [(3, "Democratic Congo")]
    assert found.unclear[0].suggestions == (("COG", "Congo"),)
    assert problems(found) == [(2, "This line has no date.")]


def test_a_state_alone_on_its_line_is_told_and_does_not_touch_the_next() -> None:
    found = read(f"{HEADING}Norway\nSweden\t8 Sep 2000\t")
    assert [one.iso3 for one in found.listed] == ["SWE"]
    assert problems(found) == [(2, "This line has no date.")]


# --- what is not understood ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("Norway\t31 Jun 2000\t", "“31 Jun 2000” is not a day; write it as 2003-01-23, 23 Jan 2003 or 23/01/2003."),
        ("Norway 31 Jun 2000", "“31 Jun 2000” is not a day; write it as 2003-01-23, 23 Jan 2003 or 23/01/2003."),
        ("Norway\t03/04/2005\t", "“03/04/2005” could be 3 April 2005 or 4 March 2005; write 2005-04-03."),
        ("Norway\tsome day\t", "“some day” is not a day; write it as 2003-01-23, 23 Jan 2003 or 23/01/2003."),
        ("Norway\t\t1 Jan 2003 s", "The mark “s” after the date is not known; the known marks are a, d, A, AA and c."),
        ("Norway\t1 Jan 2003 a\t1 Jan 2004", "The mark “a” is not possible after a signature."),
        ("Norway\t\t[1 Jan 2003]", "“[1 Jan 2003]” is in brackets (withdrawn or superseded), so it is not read."),
        ("Norway [1 Jan 2003]", "The date is in brackets (withdrawn or superseded), so it is not read."),
        ("Norway 1 Jan 2001 2 Feb 2002 3 Mar 2003",
         "This line has more than two dates; only signature and joining are read."),
        ("Norway 1 Jan 2001 extended 2 Feb 2002", "“extended” next to the date is not understood."),
        ("Norway\t1 Jan 2001\t2 Feb 2002\tx", "The line has 4 cells where the heading has 3."),
        ("Norway\t\t", "This line has no date."),
        ("some words", "This line has no date."),
    ],
)  # fmt: skip
def test_a_line_that_is_not_understood_is_told_with_its_number_and_why(line: str, why: str) -> None:
    found = read(f"{HEADING}Sweden\t8 Sep 2000\t\n{line}")
    assert problems(found) == [(3, why)]
    assert [one.iso3 for one in found.listed] == ["SWE"]


def test_one_day_without_mark_is_no_ratification_where_nothing_tells_so() -> None:
    found = read("Norway 13 Jun 2000\nAfghanistan 19 Sep 2002 a")
    assert [line.number for line in found.problems] == [1]
    assert found.problems[0].why == (
        "One date without a mark: it may be a signature or a ratification. Paste the list with its heading."
    )


def test_a_state_that_stands_there_twice_counts_once_or_not_at_all() -> None:
    again = read(f"{HEADING}Norway\t13 Jun 2000\t\nSweden\t\t1 Jan 2002 a\nNorway 4\t13 Jun 2000\t")
    assert [one.iso3 for one in again.listed] == ["NOR", "SWE"]
    assert problems(again) == [(4, "This line repeats line 2.")]
    otherwise = read(f"{HEADING}Norway\t13 Jun 2000\t\nSweden\t\t1 Jan 2002 a\nNorway\t14 Jun 2000\t")
    assert [one.iso3 for one in otherwise.listed] == ["SWE"]
    why = "Lines 2 and 4 contradict each other about the same State; neither is used."
    assert problems(otherwise) == [(2, why), (4, why)]


@pytest.mark.parametrize(
    ("title", "treaty", "doubt"),
    [
        ("Optional Protocol on the sale of children", "OPSC", None),
        ("Optional Protocol on the sale of children", "CRC", "the OPSC"),
        ("Convention on the Rights of the Child", "OPSC", "the CRC"),
        ("Convention on the Rights of the Child", "CRC", None),
        (
            "Optional Protocol on the involvement of children in armed conflict",
            "OPSC",
            "the Optional Protocol on the involvement of children in armed conflict",
        ),
    ],
)
def test_a_title_of_another_treaty_gives_rise_to_a_doubt(title: str, treaty: str, doubt: str | None) -> None:
    expected = [f"The title says that the list is of {doubt}. Check the treaty."] if doubt else []
    assert read(f"{title}\n{HEADING}Norway\t1 Jan 2001\t", treaty).doubts == expected


# --- what can be read at all -----------------------------------------------------------------


def test_a_list_that_is_too_large_is_refused_with_its_size() -> None:
    with pytest.raises(BadList, match=r"^The list has 201 kB; the limit is 200 kB\."):
        checked("é" * 100_001)
    with pytest.raises(BadList, match=r"^The list has 1001 lines; the limit is 1000\."):
        checked("x\r\n" * 1000 + "x")
    assert checked("x\r\n" * 1000) == "\n".join("x" * 1000)


@pytest.mark.parametrize("text", ["", " \n\t\n"])
def test_an_empty_list_is_refused(text: str) -> None:
    with pytest.raises(BadList, match="The list is empty"):
        checked(text)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_read_as_the_usual_programs_save_it(encoding: str) -> None:
    assert decoded("Côte d’Ivoire;;19 Sep 2002 a".encode(encoding)) == "Côte d’Ivoire;;19 Sep 2002 a"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"PK\x03\x04xl/", "This is a workbook; save it as CSV, or copy its cells and paste them."),
        (b"%PDF-1.7", "This is a PDF; copy the table from it and paste it."),
        (b"\x81\x00\x90", "This file is not text; save it as CSV (UTF-8), or copy the table and paste it."),
        (b"\xff\xfea", "This file is not text; save it as CSV (UTF-8), or copy the table and paste it."),
    ],
)
def test_a_file_that_is_no_text_is_refused(raw: bytes, why: str) -> None:
    with pytest.raises(BadList) as refused:
        decoded(raw)
    assert str(refused.value) == why


@given(st.binary(max_size=200))
def test_any_file_is_read_as_text_or_refused(raw: bytes) -> None:
    try:
        text = decoded(raw)
    except BadList:
        return
    assert "\0" not in text


PIECES = st.sampled_from(
    ["Norway", "Türkiye", "Korea", "19 Sep 2002", "2002-09-19", "31/02/2002", " a", " d", "\t", ";", ",", "|",
     '"', "\n", "[", "]", "1", "3,4", "¹", "Participant", "Signature", "Ratification", "State", "\0", "\x85",
     "Declarations", "Congo", "(", ")", "=cmd()", "\u202e", "\ufeff"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=40).map("".join)))
@settings(max_examples=examples(300), deadline=None)
def test_any_text_is_read_and_every_line_of_it_is_accounted_for(text: str) -> None:
    try:
        text = checked(text)
    except BadList:
        return
    found = read(text)
    seen = {one.line for one in found.listed}
    seen |= {one.number for one in (*found.problems, *found.unclear, *found.passed_over, *found.otherwise)}
    rows = {one.line for one in found.listed} | {one.number for one in (*found.problems, *found.unclear)}
    for number, line in enumerate(text.split("\n"), start=1):
        # A line of footnote marks alone says nothing.
        says_something = "".join(line.split()).strip("\ufeff¹²³⁰⁴⁵⁶⁷⁸⁹,")
        # A piece of a name that is broken over lines belongs to the line with its days.
        is_a_piece = any(abs(number - row) <= 3 for row in rows)
        assert number in seen or not says_something or is_a_piece


@pytest.mark.parametrize(
    "piece", ["1 ", "19 Sep 2002 ", "\t", '"', "(", ",", "¹ ", "19 Sep 2002\t", "- ", "A "]
)
def test_a_long_line_is_read_in_no_time(piece: str) -> None:
    line = piece * (190_000 // len(piece.encode()))
    started = time.perf_counter()
    found = read(f"Norway {line} x")
    assert time.perf_counter() - started < 5
    assert found.listed == []


# --- compared with the records ---------------------------------------------------------------


def action(pk: int, iso3: str, kind: str, day: str, confidence: str = "two-sources") -> TreatyAction:
    """A recorded action."""
    on = date.fromisoformat(day)
    return TreatyAction(
        pk=pk, state_id=iso3, treaty_id="OPSC", kind=kind, date=on, confidence=confidence, source="untc-2015"
    )


def test_a_list_is_told_apart_into_lacking_differing_agreed_and_not_listed() -> None:
    said = read(
        f"{HEADING}Norway\t13 Jun 2000\t2 Oct 2001\nSweden\t8 Sep 2000\t19 Jan 2007\nOman\t\t17 Sep 2004 a\n"
        "Samoa\t\t29 Apr 2016 a\nPeru\t\t31 Jun 2000 a"
    )
    found = compare(
        said,
        [
            action(1, "NOR", "signature", "2000-06-13"),
            action(2, "NOR", "ratification", "2001-10-03"),
            action(3, "SWE", "accession", "2007-01-19"),
            action(4, "OMN", "accession", "2004-09-17"),
            action(5, "WSM", "accession", "2016-04-29", "memory"),
            action(6, "FIN", "signature", "2000-09-07"),
            action(7, "PER", "ratification", "2002-05-08"),
            action(8, "NOR", "denunciation", "2010-03-01"),
        ],
        "OPSC",
    )
    assert [(one.listed.iso3, one.listed.kind) for one in found.lacking] == [("SWE", "signature")]
    assert [(one.listed.iso3, one.changes) for one in found.differing] == [
        ("NOR", ["date"]),
        ("SWE", ["kind"]),
    ]
    assert found.agreed == 3
    assert [one.listed.iso3 for one in found.unconfirmed] == ["WSM"]
    # Peru's line was not understood, so nothing is said of its ratification.
    assert [one.pk for one in found.unlisted] == [6]
    assert len(found.proposals) == 4


@pytest.mark.parametrize(
    ("listed", "lacking", "differing"),
    [
        pytest.param("1 Jun 2015 a", [], [], id="the last joining is recorded"),
        pytest.param("2 Jun 2015 a", [], ["2015-06-01"], id="the last joining differs"),
    ],
)
def test_a_list_prints_the_last_joining_of_a_state_that_left(listed, lacking, differing) -> None:
    recorded = [
        action(3, "NOR", "accession", "2015-06-01"),
        action(2, "NOR", "denunciation", "2010-03-01"),
        action(1, "NOR", "ratification", "2001-10-02"),
    ]
    found = compare(read(f"{HEADING}Norway\t\t{listed}"), recorded, "OPSC")
    assert [one.listed.iso3 for one in found.lacking] == lacking
    assert [one.action.date.isoformat() for one in found.differing if one.action] == differing
    assert found.unlisted == []


def test_a_joining_after_a_denunciation_is_another_one() -> None:
    recorded = [
        action(1, "NOR", "ratification", "2001-10-02"),
        action(2, "NOR", "denunciation", "2010-03-01"),
    ]
    found = compare(read(f"{HEADING}Norway\t\t1 Jun 2015 a"), recorded, "OPSC")
    assert [one.listed.day for one in found.lacking] == [date(2015, 6, 1)]
    assert found.differing == []


def test_a_key_changes_with_what_is_proposed_and_with_what_is_recorded() -> None:
    listed = Listed("NOR", "ratification", date(2001, 10, 2), 2)
    present = action(2, "NOR", "ratification", "2001-10-03")
    keys = {
        Proposal("OPSC", listed, present).key,
        Proposal("CRC", listed, present).key,
        Proposal("OPSC", listed, None).key,
        Proposal("OPSC", Listed("NOR", "accession", date(2001, 10, 2), 2), present).key,
        Proposal("OPSC", Listed("NOR", "ratification", date(2001, 10, 4), 2), present).key,
        Proposal("OPSC", listed, action(2, "NOR", "ratification", "2001-10-05")).key,
        Proposal("OPSC", listed, action(2, "NOR", "ratification", "2001-10-03", "memory")).key,
        Proposal("OPSC", listed, action(3, "NOR", "ratification", "2001-10-03")).key,
    }
    assert len(keys) == 8
    again = Proposal("OPSC", Listed("NOR", "ratification", date(2001, 10, 2), 7, "x"), present)
    assert again.key == Proposal("OPSC", listed, present).key


def test_a_fact_from_a_list_has_the_list_as_its_one_source_and_leaves_the_record_alone() -> None:
    present = action(2, "NOR", "accession", "2001-10-03", "memory")
    fact = Proposal("OPSC", Listed("NOR", "ratification", date(2001, 10, 2), 2), present).fact("UNTC, today")
    assert (fact.pk, fact.kind, fact.date, fact.source, fact.confidence) == (
        2,
        "ratification",
        date(2001, 10, 2),
        "UNTC, today",
        "one-source",
    )
    assert (present.kind, present.date, present.source) == ("accession", date(2001, 10, 3), "untc-2015")
