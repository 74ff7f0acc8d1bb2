"""Imported files: the effect of each row, a file is saved as a whole, and unchanged exports change nothing."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook, load_workbook

from tests import factories
from tests.depth import first
from tests.factories import day
from tracker.obligations import sync
from tracker.obligations.imports.cells import neutral, plain
from tracker.obligations.imports.check import CheckedFile, RecordsChanged, RowOutcome, check, save
from tracker.obligations.imports.export import export, template
from tracker.obligations.imports.sheet import UnreadableFile
from tracker.obligations.imports.tables import TABLES
from tracker.obligations.models import (
    CommitteeDate,
    InformationRequest,
    Obligation,
    PrintedDate,
    Review,
    Submission,
)
from tracker.registry.bulk import write
from tracker.registry.models import AmendmentPosition, Contact, State, Statement, TreatyAction

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(TODAY, tick=False):
        yield


def looked_at(table: str, text: str, **more: Any) -> CheckedFile:
    return check(table, f"{table}.csv", text.encode(), today=TODAY, **more)


def outcomes(checked: CheckedFile) -> list[str]:
    return [row.outcome.value for row in checked.rows]


def why(checked: CheckedFile) -> list[str]:
    return [str(problem) for problem in checked.problems]


def saved(checked: CheckedFile, by: Any = None, reason: str = "list.csv, import 7") -> Any:
    return save(checked, by=by, reason=reason, today=TODAY)


def workbook(*rows: list[Any], title: str = "Sheet1") -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# --- files as spreadsheets really save them -----------------------------------------------------------


def test_plain_csv_in_windows_1252_is_read_and_this_is_said(norway: State) -> None:
    factories.a_state("CIV")
    content = "state;name;email\nCôte d’Ivoire;José;j@example.org\n".encode("cp1252")
    checked = check("contacts", "x.csv", content, today=TODAY)
    assert (
        checked.note == "The file is not UTF-8; it was read as Windows-1252. Check the letters with accents."
    )
    assert [(row.fact.state_id, row.fact.name) for row in checked.rows] == [("CIV", "José")]
    assert check("contacts", "x.csv", content.decode("cp1252").encode(), today=TODAY).note == ""


def test_empty_lines_above_the_headings_are_ignored(norway: State) -> None:
    checked = looked_at("contacts", "\n\n;;\nstate;name;email\nNOR;A;a@example.org\nXX;A;b@example.org\n")
    assert outcomes(checked) == ["added", "refused"]
    assert why(checked)[0].startswith("Row 6, column state:")
    rows = workbook([], ["state", "name", "email"], ["NOR", "A", "a@example.org"])
    assert outcomes(check("contacts", "x.xlsx", rows, today=TODAY)) == ["added"]


def test_an_address_with_an_accent_before_the_at_is_refused_and_behind_it_taken(norway: State) -> None:
    checked = looked_at(
        "contacts", "state,name,email\nNOR,A,info@münchen.example\nNOR,B,me\u017f@example.org\n"
    )
    assert outcomes(checked) == ["added", "refused"]
    assert why(checked) == ["Row 3, column email: Before the @ only letters without accents are possible."]


def test_an_address_that_no_mail_server_takes_is_refused(norway: State) -> None:
    checked = looked_at("contacts", f"state,name,email\nNOR,A,info@{'ü' * 60}.example\n")
    assert why(checked) == [
        "Row 2, column email: After the @ this is not the name of a mail server; a part of it may be too long."
    ]


def test_an_address_in_other_capitals_is_the_same_address(norway: State) -> None:
    checked = looked_at("contacts", "state,name,email\nNOR,A,Anna@Example.org\nNOR,B,anna@example.org\n")
    assert outcomes(checked) == ["added", "refused"]
    assert why(checked) == ["Row 3, column state: Row 2 is about the same contact; keep one of the two."]
    Contact.objects.create(state=norway, name="A", email="Anna@Example.org")
    assert outcomes(looked_at("contacts", "state,name,email\nNOR,A,anna@example.org\n")) == ["changed"]
    with pytest.raises(ValidationError, match="This State has a contact with this address already"):
        Contact(state=norway, name="B", email="anna@example.org").full_clean()


# --- added, changed, unchanged, refused: each table ------------------------------------------------


def test_actions_are_added_changed_left_and_refused(norway: State) -> None:
    factories.a_state("SWE")
    factories.a_state("FIN")
    checked = looked_at(
        "actions",
        "state,treaty,kind,date,note\n"
        "NOR,OPSC,ratification,2 Oct 2001,\n"
        "NOR,CRC,ratification,09/01/1991,\n"
        "SWE,OPSC,signature,2000-09-08,at the Millennium Summit\n"
        "SWE,OPSC,accession,2007-01-19,\n"
        "FIN,OPSC,accession,25/05/1999,\n",
    )
    assert why(checked)[0].startswith(
        "Row 3, column date: “09/01/1991” could be 9 January 1991 or 1 September 1991"
    )
    assert why(checked)[1:] == [
        "Row 6, column date: The OPSC was adopted on 25 May 2000; enter a day from then on.",
    ]
    assert outcomes(checked) == ["unchanged", "refused", "added", "added", "refused"]
    right = looked_at(
        "actions", "state,treaty,kind,date\nNOR,CRC,accession,1991-01-09\nSWE,OPSC,signature,2000-09-08\n"
    )
    assert outcomes(right) == ["changed", "added"]
    assert right.rows[0].before == {"kind": "ratification", "date": "1991-01-08"}


def test_submissions_are_added_changed_left_and_refused(norway: State) -> None:
    factories.receives(norway, "2005-06-03", symbol="CRC/C/OPSC/NOR/1")
    factories.receives(norway, "2009-05-11", "periodic", "4", carried_by="CRC report")
    checked = looked_at(
        "submissions",
        "state,kind,cycles,received_on,reviewed_on,symbol\n"
        "Norway,initial,1,2005-06-03,2006-05,CRC/C/OPSC/NOR/1\n"
        "NOR,periodic,4,2009-05-11,,\n"
        "NOR,periodic,5-6,3 May 2016,2018-05-23,CRC/C/NOR/5-6\n"
        "NOR,periodic,7,2031-01-01,,\n"
        "NOR,initial,1,2005-06-03,,\n",
    )
    assert outcomes(checked) == ["changed", "unchanged", "added", "refused", "refused"]
    assert checked.rows[0].before == {"reviewed_on": ""}
    assert why(checked) == [
        "Row 5, column received_on: This day is in the future; enter the report once it is received.",
        "Row 6, column state: Row 2 is about the same report; keep one of the two.",
    ]


def test_an_empty_kind_or_form_of_address_leaves_what_is_recorded(norway: State) -> None:
    factories.a_contact(norway, "lie@example.org", name="Lie", kind="dignitary", salutation="Madam,")
    heading = "state,name,email,kind,salutation\n"
    assert outcomes(looked_at("contacts", f"{heading}NOR,Lie,lie@example.org,,\n")) == ["unchanged"]
    checked = looked_at("contacts", f"{heading}NOR,Lie,lie@example.org,Permanent Mission,\n")
    assert [(row.outcome.value, row.before) for row in checked.rows] == [("changed", {"kind": "dignitary"})]


def test_shared_addresses_and_similar_contacts_are_doubted(norway: State) -> None:
    factories.a_contact(norway, "mission@example.org", name="Permanent Mission", kind="mission")
    factories.a_contact(factories.a_state("ISL"), "north@example.org", name="Embassy")
    checked = looked_at(
        "contacts",
        "state,name,email,kind\nNOR,Permanent Missions,new@example.org,ministry\nNOR,Office,north@example.org,\n",
    )
    assert [row.doubt for row in checked.rows] == [
        (
            "the State has a similar contact with another address, Permanent Mission <mission@example.org>; if the "
            "address has changed, edit that contact instead."
        ),
        "this address belongs to a contact of another State too: Iceland.",
    ]


def test_contacts_are_added_changed_left_and_refused(norway: State) -> None:
    factories.a_contact(norway, "mission@example.org", name="Mission")
    factories.a_contact(norway, "ministry@example.org", name="Ministry")
    checked = looked_at(
        "contacts",
        "state,name,email,language,copy,active\n"
        "NOR,Mission,mission@example.org,,to,yes\n"
        "NOR,Ministry,MINISTRY@example.org,French,cc,no\n"
        "NOR,Ombudsman,ombud@example.org,,,\n"
        "NOR,Nobody,nobody at example,xx,bcc,perhaps\n",
    )
    assert outcomes(checked) == ["unchanged", "changed", "added", "refused"]
    assert checked.rows[1].before == {
        "email": "ministry@example.org",
        "language": "",
        "copy": "to",
        "active": "yes",
    }
    assert why(checked) == [
        "Row 5, column email: Enter a valid email address.",
        "Row 5, column language: “xx” is not known; write one of: ar, zh, en, fr, ru, es.",
        "Row 5, column copy: “bcc” is not known; write one of: to, cc.",
        "Row 5, column active: “perhaps” is not known; write yes or no.",
    ]


def test_dates_of_the_committee_are_added_changed_left_and_refused(norway: State) -> None:
    for cycles in ("5", "6"):
        factories.decides(
            norway, "2018-09-07", cycles=cycles, document="CRC/C/NOR/CO/4", carried_by="CRC report"
        )
    checked = looked_at(
        "committee-dates",
        "state,kind,cycles,due_on,document,decided_on\n"
        "NOR,periodic,5,2018-09-07,CRC/C/NOR/CO/4,2013-02-01\n"
        "NOR,periodic,6,to be communicated,CRC/C/NOR/CO/4,2013-02-01\n"
        "NOR,periodic,7,waived,CRC/C/NOR/CO/5-6,2018-06-01\n"
        "NOR,periodic,8,2018-05-31,CRC/C/NOR/CO/5-6,2018-06-01\n"
        "NOR,periodic,9,soon,,\n",
    )
    assert outcomes(checked) == ["unchanged", "changed", "added", "refused", "refused"]
    assert checked.rows[1].before == {"due_on": "2018-09-07"}
    assert why(checked) == [
        "Row 5, column due_on: The due date must be after the decision (1 June 2018).",
        "Row 6, column due_on: “soon” is not a day; write it as 2003-01-23, 23 Jan 2003 or 23/01/2003.",
    ]


def test_a_date_of_the_committee_may_be_a_year_or_lack_its_number_or_its_day(norway: State) -> None:
    factories.receives(norway, "2016-10-06", "periodic", "5-6", carried_by="CRC report")
    header = "state,kind,cycles,carried_by,due_on,precision,document,decided_on\n"
    checked = looked_at(
        "committee-dates",
        f"{header}NOR,periodic,7,CRC report,2023,year,CRC/C/NOR/QPR/7,\n"
        "NOR,periodic,,CRC report,to be communicated,,,2025-05-30\n",
    )
    assert (outcomes(checked), why(checked)) == (["added", "added"], [])
    saved(checked)
    year, following = CommitteeDate.objects.order_by("-first_cycle")
    assert (year.due_on, year.precision, year.decided_on) == (day("2023-12-31"), "year", None)
    assert year.document_kind == "list of issues prior to reporting"
    assert (following.cycles, following.outcome, following.document) == ("", "to be communicated", "")
    refused = looked_at(
        "committee-dates",
        f"{header}NOR,periodic,7,CRC report,2023,,CRC/C/NOR/X,2020-02-01\n"
        "NOR,periodic,,CRC report,2023-07-01,,CRC/C/NOR/X,2020-02-01\n"
        "NOR,periodic,,own,to be communicated,,CRC/C/NOR/X,2020-02-01\n"
        "NOR,periodic,7,CRC report,to be communicated,,CRC/C/NOR/X,\n"
        "NOR,periodic,5-6,CRC report,2018-01-01,,CRC/C/NOR/X,2017-01-01\n",
    )
    assert why(refused) == [
        "Row 2, column due_on: This is a year alone: write “year” in the column “precision”, or enter a day.",
        "Row 3, column cycles: Enter the number of the report.",
        "Row 4, column cycles: Enter the number of the report.",
        "Row 5, column decided_on: Enter the day of the document, or the due date that it states.",
        (
            "Row 6, column cycles: Reports 5 to 6 were received by 6 October 2016, before this "
            "decision. Enter the number of the next report."
        ),
    ]


def test_reviews_are_added_changed_left_and_refused(norway: State) -> None:
    factories.receives(norway, "2016-10-06", "periodic", "5-6", carried_by="CRC report")
    recorded = Review.objects.create(
        state=norway,
        first_cycle=4,
        last_cycle=4,
        carried_by="CRC report",
        document="CRC/C/NOR/CO/4",
        adopted_on="2010-01-29",
    )
    header = "state,kind,cycles,document,adopted_on,session,without_report,confidence\n"
    checked = looked_at(
        "reviews",
        f"{header}NOR,periodic,4,CRC/C/NOR/CO/4,2010-01-29,,,\n"
        "NOR,periodic,5-6,CRC/C/NOR/CO/5-6,1 Jun 2018,78,no,document\n"
        "NOR,periodic,,CRC/C/NOR/CO/7,2025-05-30,,,secondary\n"
        "NOR,periodic,8,CRC/C/NOR/CO/8,2026-01-30,,yes,\n",
    )
    assert (outcomes(checked), why(checked)) == (["unchanged", "added", "added", "added"], [])
    saved(checked)
    assert list(
        Review.objects.exclude(pk=recorded.pk).values_list(
            "first_cycle", "session", "without_report", "confidence"
        )
    ) == [(5, 78, False, "document"), (0, None, False, "secondary"), (8, None, True, "")]
    changed = looked_at("reviews", f"{header}NOR,periodic,4,CRC/C/NOR/CO/4,2010-01-28,53,,\n")
    assert changed.rows[0].before == {"adopted_on": "2010-01-29", "session": ""}
    refused = looked_at(
        "reviews",
        f"{header}NOR,periodic,5-6,CRC/C/NOR/CO/5,2016-10-05,,,\n"
        "NOR,periodic,5-6,CRC/C/NOR/CO/6,2018-06-01,,yes,\n"
        "NOR,periodic,8,CRC/C/NOR/CO/9,2026-11-23,none,maybe,hearsay\n"
        "NOR,periodic,,CRC/C/NOR/CO/10,2026-11-23,,,\n",
    )
    assert why(refused) == [
        (
            "Row 2, column adopted_on: The report was received on 6 October 2016, after this review. "
            "Check the two days, or select “without a report”."
        ),
        (
            "Row 3, column without_report: The report was received on 6 October 2016, before this "
            "review. Clear “without a report”, or correct the number."
        ),
        "Row 4, column session: “none” is not a number; write for example 94.",
        "Row 4, column without_report: “maybe” is not known; write yes or no.",
        "Row 4, column confidence: “hearsay” is not known; write one of: document, secondary, memory.",
        "Row 5, column adopted_on: This day is in the future; enter the review once it is adopted.",
    ]


def test_printed_due_dates_are_added_changed_left_and_refused(norway: State) -> None:
    header = "state,kind,cycles,printed,document,printed_on\n"
    first = looked_at(
        "printed-dates",
        f"{header}NOR,initial,1,2004,CRC/C/OPSC/NOR/1,2005-06-03\n"
        "NOR,periodic,4,2008-02-06,CRC/C/NOR/4,2009-05-11\n",
    )
    assert (outcomes(first), why(first)) == (["added", "added"], [])
    saved(first)
    assert list(PrintedDate.objects.values_list("kind", "carried_by", "printed")) == [
        ("initial", "own", "2004"),
        ("periodic", "CRC report", "2008-02-06"),
    ]
    checked = looked_at(
        "printed-dates",
        f"{header}NOR,initial,1,2004,CRC/C/OPSC/NOR/1,2005-06-03\n"
        "NOR,periodic,4,2008,CRC/C/NOR/4,2009-05-11\n"
        "NOR,periodic,5,08,,2009-05-11\n"
        "NOR,periodic,6,2008-02-30,,2009-05-11\n"
        "NOR,periodic,7,2008,,2026-11-23\n",
    )
    assert outcomes(checked) == ["unchanged", "changed", "refused", "refused", "refused"]
    assert checked.rows[1].before == {"printed": "2008-02-06"}
    assert why(checked) == [
        "Row 4, column printed: “08” is neither a year nor a day; write 2007 or 2015-09-26.",
        "Row 5, column printed: “2008-02-30” is neither a year nor a day; write 2007 or 2015-09-26.",
        "Row 6, column printed_on: This day is in the future; enter the date once it is printed.",
    ]


def test_a_list_of_issues_prior_to_reporting_is_no_request(norway: State) -> None:
    checked = looked_at(
        "requests",
        "state,kind,document,issued_on,due_on\n"
        "NOR,list of issues prior to reporting,CRC/C/NOR/QPR/7,2020-02-10,2023-07-01\n",
    )
    assert why(checked) == [
        (
            "Row 2, column kind: A list of issues prior to reporting states the date of the report that it asks for; "
            "enter it among the dates stated by the Committee."
        )
    ]


def test_statements_are_added_changed_left_and_refused(norway: State) -> None:
    sweden = factories.a_state("SWE")
    factories.declares(norway, text="One.", source="C.N.1")
    factories.declares(norway, "objection", "2002-05-01", about=sweden, text="Two.", source="C.N.2")
    checked = looked_at(
        "statements",
        "state,treaty,kind,date,about,text,source,withdrawn_on,withdrawal_source\n"
        "NOR,OPSC,declaration,2001-10-02,,One.,C.N.1,,\n"
        "Norway,OPSC,objection,2002-05-01,Sweden,Two.,C.N.2,2010-03-01,C.N.3\n"
        "NOR,CRC,reservation,1991-01-08,,Three.,C.N.4,,\n"
        "NOR,OPSC,objection,2003-05-01,Norwey,Six.,C.N.7,,\n"
        "NOR,OPSC,reservation,2000-05-24,,,C.N.8,2000-01-01,\n"
        "NOR,OPSC,reservation,2001-10-02,,Seven.,,2026-11-23,C.N.9\n"
        "SWE,OPSC,declaration,2007-01-19,,Four.,C.N.5,,\n",
    )
    assert outcomes(checked) == ["unchanged", "changed", "added", *["refused"] * 4]
    assert checked.rows[1].before == {"withdrawn_on": "", "withdrawal_source": ""}
    assert why(checked) == [
        (
            "Row 5, column about: “Norwey” is not the name of a State that is recorded here; choose the State above, "
            "or correct it."
        ),
        "Row 6, column text: The cell is empty; fill it in.",
        "Row 7, column source: The cell is empty; fill it in.",
        (
            "Row 8, column date: By this day the State had neither signed nor joined the OPSC. Check the State and the "
            "day, or enter its treaty action first."
        ),
    ]
    assert checked.unknown == [{"text": "Norwey", "rows": 1, "near": [("NOR", "Norway")]}]
    assert Statement.objects.count() == 2


def test_statements_are_saved_with_who_and_why_and_come_out_as_they_went_in(norway: State) -> None:
    factories.a_state("SWE")
    saved(
        looked_at(
            "statements",
            "state,treaty,kind,date,about,text,source,note\n"
            'NOR,OPSC,declaration,2001-10-02,,"One,\nand more.",C.N.1,\n'
            "NOR,OPSC,objection,2002-05-01,SWE,Two.,C.N.2,partly\n",
        )
    )
    assert list(Statement.objects.order_by("date").values_list("text", "about", "note")) == [
        ("One,\nand more.", None, ""),
        ("Two.", "SWE", "partly"),
    ]
    assert Statement.history.latest().history_change_reason == "list.csv, import 7"
    for form in ("csv", "xlsx"):
        again = check("statements", f"x.{form}", export("statements", form), today=TODAY)
        assert outcomes(again) == ["unchanged", "unchanged"]


def test_positions_are_added_changed_left_and_refused(norway: State) -> None:
    somalia = factories.a_state("SOM")
    factories.signs(somalia, on="2005-05-09")
    amendment = factories.proposes(norway, communicated_on="2025-03-04", adopted_on="2026-02-06")
    for title in ("Twice", "twice"):
        factories.proposes(norway, title=title, communicated_on="2025-03-04")
    factories.answers(amendment, norway, "2025-05-01")
    sweden = factories.a_state("SWE")
    factories.joins(sweden, on="2007-01-19")
    factories.answers(amendment, sweden, "2025-05-01")
    named = f"{amendment.pk}: {amendment.title}"
    checked = looked_at(
        "positions",
        "amendment,state,kind,date,source\n"
        f'"{amendment.title}",NOR,favours a conference,2025-05-01,\n'
        f"{amendment.pk},SWE,favours,2025-05-02,C.N.1\n"
        f'"{named}",NOR,accepts,2026-03-01,C.N.2\n'
        f"{amendment.pk},Somalia,accepts,2026-03-01,\n"
        f"{amendment.pk},FIN,accepts,2026-03-01,\n"
        "Twice,NOR,favours,2025-05-01,\n"
        "999999,NOR,favours,2025-05-01,\n"
        "Nothing like it,NOR,favours,2025-05-01,\n"
        f"{amendment.pk},NOR,opposes,2026-11-23,\n"
        f"{amendment.pk},NOR,accepts,2026-11-23,\n",
    )
    assert outcomes(checked) == ["unchanged", "changed", "added", *["refused"] * 7]
    assert checked.rows[1].before == {"date": "2025-05-01", "source": ""}
    assert why(checked) == [
        (
            "Row 5, column date: Somalia was not a party to the OPSC on this day. Check the State and the day, or "
            "enter its ratification, accession or succession first."
        ),
        (
            "Row 6, column state: “FIN” is not the name of a State that is recorded here; choose the State above, or "
            "correct it."
        ),
        "Row 7, column amendment: Several amendments have this title. Write the number of the one you mean.",
        "Row 8, column amendment: “999999” is not a recorded amendment. Write its title or its number.",
        "Row 9, column amendment: “Nothing like it” is not a recorded amendment. Write its title or its number.",
        "Row 10, column kind: “opposes” is not known; write one of: favours, accepts.",
        "Row 11, column state: Row 4 is about the same position; keep one of the two.",
    ]
    assert AmendmentPosition.objects.count() == 2


def test_positions_are_saved_with_who_and_why_and_come_out_as_they_went_in(norway: State) -> None:
    amendment = factories.proposes(norway, communicated_on="2025-03-04")
    text = f"amendment,state,kind,date,source\n{amendment.pk},NOR,favours,2025-05-01,C.N.2\n"
    assert saved(looked_at("positions", text)) is None
    position = AmendmentPosition.objects.get()
    assert (position.state_id, position.kind, position.source) == ("NOR", "favours", "C.N.2")
    assert position.history.get().history_change_reason == "list.csv, import 7"
    saved(looked_at("positions", text.replace("2025-05-01", "2025-05-02")))
    assert AmendmentPosition.objects.get().date == date(2025, 5, 2)
    for form in ("csv", "xlsx"):
        again = check("positions", f"x.{form}", export("positions", form), today=TODAY)
        assert outcomes(again) == ["unchanged"]


def test_requests_are_added_changed_left_and_refused(norway: State) -> None:
    factories.asks(norway, document="CRC/C/OPSC/NOR/Q/1")
    factories.asks(norway, document="CRC/C/OPSC/NOR/Q/2")
    checked = looked_at(
        "requests",
        "state,kind,document,issued_on,due_on,received_on\n"
        "NOR,list of issues,CRC/C/OPSC/NOR/Q/1,2012-07-10,2012-11-15,\n"
        "NOR,list of issues,CRC/C/OPSC/NOR/Q/2,2012-07-10,2012-11-15,2012-11-01\n"
        "NOR,follow-up,CRC/C/OPSC/NOR/F/1,2014-01-10,2015-01-10,\n"
        "NOR,follow-up,CRC/C/OPSC/NOR/F/2,2014-01-10,2013-01-10,\n",
    )
    assert outcomes(checked) == ["unchanged", "changed", "added", "refused"]
    assert why(checked) == [
        "Row 5, column due_on: The reply must be due after the day of the document (10 January 2014)."
    ]
    right = looked_at(
        "requests",
        "state,kind,document,issued_on,due_on\nNOR,follow-up,F/1,2014-01-10,2015-01-10\nNOR,other,F/2,2014-01-10,2015-01-10\n",
    )
    saved(right)
    assert list(InformationRequest.objects.values_list("document", "number")) == [
        ("CRC/C/OPSC/NOR/Q/1", 1),
        ("CRC/C/OPSC/NOR/Q/2", 2),
        ("F/1", 3),
        ("F/2", 4),
    ]


def test_what_is_known_of_a_report_beside_its_days_comes_in_and_goes_out(norway: State) -> None:
    header = "state,kind,cycles,known_by,information,information_where,confidence,symbol\n"
    checked = looked_at(
        "submissions",
        f"{header}NOR,periodic,4,2010-01-29,yes,paras. 210-244,secondary,CRC/C/NOR/4\n"
        "NOR,periodic,5-6,2018-06-01,not looked at,,,CRC/C/NOR/5-6\n",
    )
    assert (outcomes(checked), why(checked)) == (["added", "added"], [])
    saved(checked)
    report = Submission.objects.get(symbol="CRC/C/NOR/4")
    assert (report.received_on, report.known_by, report.information) == (None, day("2010-01-29"), "yes")
    assert (report.information_where, report.confidence) == ("paras. 210-244", "secondary")
    assert Submission.objects.get(symbol="CRC/C/NOR/5-6").information == "not looked"
    refused = looked_at(
        "submissions",
        f"{header}NOR,periodic,3,2010-01-29,no,paras. 1-2,,\nNOR,periodic,2,,perhaps,,hearsay,\n",
    )
    assert why(refused) == [
        "Row 2, column information: Choose “yes” to enter where the information is.",
        "Row 3, column information: “perhaps” is not known; write one of: yes, no, not looked.",
        "Row 3, column confidence: “hearsay” is not known; write one of: document, secondary, memory.",
    ]


def test_a_withdrawn_report_is_told_from_the_one_that_came_instead(norway: State) -> None:
    factories.receives(norway, "2005-06-03", symbol="CRC/C/OPSC/NOR/1")
    header = "state,kind,cycles,received_on,withdrawn_on,symbol\n"
    first, second = (
        "NOR,initial,1,2005-06-03,2006-02-01,CRC/C/OPSC/NOR/1\n",
        "NOR,initial,1,2007-03-04,,CRC/C/OPSC/NOR/1/New\n",
    )
    withdrawn = looked_at("submissions", header + first)
    assert outcomes(withdrawn) == ["changed"]
    saved(withdrawn)
    anew = looked_at("submissions", header + second)
    assert outcomes(anew) == ["added"]
    saved(anew)
    assert outcomes(looked_at("submissions", header + first + second)) == ["unchanged", "unchanged"]
    # Without the column a withdrawal does not change; an empty cell clears it.
    old = "state,kind,cycles,received_on,symbol\nNOR,initial,1,2007-03-04,CRC/C/OPSC/NOR/1/New\n"
    assert outcomes(looked_at("submissions", old)) == ["unchanged"]
    early = looked_at("submissions", f"{header}NOR,initial,1,2007-03-04,2007-03-03,CRC/C/OPSC/NOR/1/New\n")
    assert why(early) == [
        "Row 2, column withdrawn_on: A report is withdrawn after its receipt; check the two days."
    ]
    for form in ("csv", "xlsx"):
        again = check("submissions", f"all.{form}", export("submissions", form), today=TODAY)
        assert again.counts["unchanged"] == 2 == len(again.rows)


def test_a_withdrawal_is_taken_back_by_an_empty_cell(norway: State) -> None:
    factories.receives(norway, "2005-06-03", symbol="CRC/C/OPSC/NOR/1", withdrawn_on="2006-02-01")
    checked = looked_at(
        "submissions",
        "state,kind,cycles,received_on,withdrawn_on,symbol\nNOR,initial,1,2005-06-03,,CRC/C/OPSC/NOR/1\n",
    )
    assert checked.rows[0].before == {"withdrawn_on": "2006-02-01"}
    saved(checked)
    assert Submission.objects.get().withdrawn_on is None


# --- saving ----------------------------------------------------------------------------------------

TWO_REPORTS = (
    "state,kind,cycles,received_on,symbol\n"
    "NOR,initial,1,2005-06-03,CRC/C/OPSC/NOR/1\n"
    "NOR,periodic,4,2009-05-11,CRC/C/NOR/4\n"
)


def test_a_file_is_saved_with_who_and_why_and_what_follows(norway: State) -> None:
    factories.derive("2026-11-22", norway)
    ada = factories.an_officer("ada")
    found = saved(looked_at("submissions", TWO_REPORTS), by=ada)
    assert {(s.symbol, s.carried_by, s.received_on) for s in Submission.objects.all()} == {
        ("CRC/C/OPSC/NOR/1", "own", day("2005-06-03")),
        ("CRC/C/NOR/4", "CRC report", day("2009-05-11")),
    }
    assert [
        (h.history_type, h.history_user, h.history_change_reason) for h in Submission.history.order_by("pk")
    ] == [("+", ada, "list.csv, import 7")] * 2
    assert factories.the_obligation(norway).received_on == day("2005-06-03")
    assert found.missing, "the periodic reports begin with the initial one"
    assert not sync.difference(TODAY), "all that follows is there already"


def test_a_change_is_kept_beside_what_stood_before(norway: State) -> None:
    report = factories.receives(norway, "2005-06-03", note="by post")
    checked = looked_at(
        "submissions", "state,kind,cycles,received_on,symbol\nNOR,initial,1,2005-06-04,CRC/C/OPSC/NOR/1\n"
    )
    saved(checked, by=factories.an_officer("ada"))
    report.refresh_from_db()
    assert (report.received_on, report.symbol, report.note) == (
        day("2005-06-04"),
        "CRC/C/OPSC/NOR/1",
        "by post",
    )
    now, before = report.history.all()
    assert (now.history_type, now.received_on, before.received_on) == (
        "~",
        day("2005-06-04"),
        day("2005-06-03"),
    )
    assert now.history_change_reason == "list.csv, import 7"


def test_a_file_that_was_saved_comes_in_again_without_effect(norway: State) -> None:
    saved(looked_at("submissions", TWO_REPORTS))
    again = looked_at("submissions", TWO_REPORTS)
    assert again.counts == {"added": 0, "changed": 0, "unchanged": 2, "refused": 0}
    assert not again.changes_something


def test_the_states_of_a_file_are_synchronised_once_however_many_rows(norway: State) -> None:
    for iso3 in ("SWE", "DNK", "FIN"):
        factories.joins(factories.a_state(iso3), on="2001-10-02")
    factories.derive("2026-11-22")
    taken = []
    for states in (("SWE",), ("DNK", "FIN")):
        rows = "".join(f"{one},initial,1,2005-06-03\n" for one in states)
        checked = looked_at("submissions", f"state,kind,cycles,received_on\n{rows}")
        with CaptureQueriesContext(connection) as queries:
            saved(checked)
        taken.append(len(queries))
    assert taken[0] == taken[1]
    assert factories.the_obligation(State.objects.get(pk="FIN")).answered_on == day("2005-06-03")


def test_nothing_is_saved_if_somebody_has_recorded_something_meanwhile(norway: State) -> None:
    checked = looked_at("submissions", TWO_REPORTS)
    factories.a_contact(norway)
    with pytest.raises(RecordsChanged):
        saved(checked)
    assert not Submission.objects.exists()


def test_a_fault_in_the_middle_leaves_nothing_behind(norway: State, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_all: Any) -> None:
        raise RuntimeError("the power went")

    checked = looked_at("submissions", TWO_REPORTS)
    monkeypatch.setattr(sync, "apply", fails)
    with pytest.raises(RuntimeError):
        saved(checked)
    assert not Submission.objects.exists()
    assert not Submission.history.exists()


def test_what_a_check_lets_through_the_database_takes(norway: State) -> None:
    kinds = ("signature", "ratification", "accession", "succession", "denunciation")
    dates = ("1999-01-01", "2000-05-25", "2002-03-01", "2026-11-23")
    factories.a_state("SWE")
    tried = 0
    for kind in kinds:
        for on in dates:
            for effective in ("", "2001-01-01", "2009-01-01"):
                checked = looked_at(
                    "actions", f"state,treaty,kind,date,effective_on\nSWE,OPSC,{kind},{on},{effective}\n"
                )
                fact = checked.rows[0].fact or TreatyAction(
                    state_id="SWE",
                    treaty_id="OPSC",
                    kind=kind,
                    date=day(on),
                    effective_on=day(effective) if effective else None,
                )
                with transaction.atomic():
                    if checked.is_refused:
                        assert not _is_clean(fact), (kind, on, effective)
                    else:
                        assert _is_clean(fact), (kind, on, effective)
                        saved(checked)
                        tried += 1
                    transaction.set_rollback(True)
    assert tried > 10


# Of each table: the values of each column, all of which are tried with all others.
TRIED: dict[str, dict[str, tuple[str, ...]]] = {
    "committee-dates": {
        "kind": ("initial", "periodic"),
        "cycles": ("", "1-2"),
        "carried_by": ("own", "CRC report"),
        "due_on": ("2002-01-18", "2016-01-23", "to be communicated", "waived"),
        "document": ("CRC/C/NOR/CO/3",),
        "decided_on": ("", "1999-01-01", "2005-06-03"),
    },
    "submissions": {
        "kind": ("initial", "periodic"),
        "cycles": ("1-2", "4"),
        "carried_by": ("own", "CRC report"),
        "received_on": ("", "1990-09-01", "2005-06-03"),
        "reviewed_on": ("", "2004-01-01"),
        "known_by": ("", "2007-01-01"),
        "withdrawn_on": ("", "2005-06-02"),
    },
    "reviews": {
        "kind": ("initial", "periodic"),
        "cycles": ("", "1-2", "4"),
        "carried_by": ("own", "CRC report"),
        "document": ("CRC/C/NOR/CO/3",),
        "adopted_on": ("1990-09-01", "2002-01-18", "2010-01-29"),
        "without_report": ("", "yes"),
    },
    "printed-dates": {
        "kind": ("initial", "periodic"),
        "cycles": ("1", "4"),
        "carried_by": ("own", "CRC report"),
        "printed": ("2004", "2004-02-30"),
        "printed_on": ("1999-01-01", "2026-11-23"),
    },
}


@pytest.mark.parametrize("table", first(1, TRIED))
def test_the_database_takes_what_a_check_of_these_tables_lets_through(table: str, norway: State) -> None:
    columns = TRIED[table]
    rows = list(itertools.product(*columns.values()))
    factories.receives(norway, "2009-05-11", "periodic", "4", carried_by="CRC report")
    header = ",".join(("state", *columns))
    taken = 0
    for cells in rows:
        checked = looked_at(table, f"{header}\n{','.join(('NOR', *cells))}\n")
        if not checked.is_refused:
            taken += 1
            with transaction.atomic():
                write(
                    checked.table.model,
                    [row.fact for row in checked.rows if row.outcome == "added"],
                    [],
                    (),
                    "",
                )
                transaction.set_rollback(True)
    assert 1 < taken < len(rows)


def _is_clean(fact: Any) -> bool:
    from django.core.exceptions import ValidationError

    try:
        fact.full_clean()
    except (ValidationError, IntegrityError):
        return False
    return True


# --- together ----------------------------------------------------------------------------------------


def test_actions_of_a_file_are_held_against_each_other() -> None:
    factories.a_state("SWE")
    rows = (
        "SWE,OPSC,denunciation,2010-01-01\nSWE,OPSC,ratification,2007-01-19\nSWE,OPSC,signature,2000-09-08\n"
    )
    assert outcomes(looked_at("actions", f"state,treaty,kind,date\n{rows}")) == ["added"] * 3
    alone = looked_at("actions", "state,treaty,kind,date\nSWE,OPSC,denunciation,2010-01-01\n")
    assert why(alone) == [
        (
            "Row 2, column date: Only a State party can denounce the treaty; enter its ratification, accession or "
            "succession first."
        )
    ]


JOINED_LEFT_JOINED = (
    "NOR,OPSC,ratification,2001-10-02\nNOR,OPSC,denunciation,2010-03-01\nNOR,OPSC,accession,2015-06-01\n"
)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_state_may_join_leave_and_join_again_in_one_file(order: tuple[int, ...]) -> None:
    factories.a_state("NOR")
    rows = JOINED_LEFT_JOINED.splitlines(keepends=True)
    text = "state,treaty,kind,date\n" + "".join(rows[at] for at in order)
    checked = looked_at("actions", text)
    assert (outcomes(checked), why(checked)) == (["added"] * 3, [])
    saved(checked)
    assert outcomes(looked_at("actions", text)) == ["unchanged"] * 3


@pytest.mark.parametrize(
    ("row", "before"),
    [
        ("NOR,OPSC,ratification,2001-11-02", {"date": "2001-10-02"}),
        ("NOR,OPSC,accession,2001-10-02", {"kind": "ratification"}),
        ("NOR,OPSC,denunciation,2010-04-01", {"date": "2010-03-01"}),
        ("NOR,OPSC,denunciation,2010-02-01", {"date": "2010-03-01"}),
        ("NOR,OPSC,accession,2016-06-01", {"date": "2015-06-01"}),
        ("NOR,OPSC,ratification,2014-06-01", {"kind": "accession", "date": "2015-06-01"}),
    ],
)
def test_a_corrected_day_changes_the_action_of_its_period(row: str, before: dict[str, str]) -> None:
    factories.a_state("NOR")
    header = "state,treaty,kind,date\n"
    saved(looked_at("actions", header + JOINED_LEFT_JOINED))
    checked = looked_at("actions", f"{header}{row}\n")
    assert (outcomes(checked), why(checked)) == (["changed"], [])
    assert checked.rows[0].before == before
    saved(checked)
    assert TreatyAction.objects.count() == 3


def test_memberships_that_overlap_are_refused_at_their_row(norway: State) -> None:
    header = "state,treaty,kind,date\n"
    assert why(
        looked_at("actions", f"{header}NOR,OPSC,denunciation,2010-03-01\nNOR,OPSC,accession,2011-02-28\n")
    ) == [
        (
            "Row 2, column date: The State joined again on 28 February 2011, before this denunciation takes effect on "
            "1 March 2011; check the days."
        ),
        (
            "Row 3, column date: The State's denunciation takes effect on 1 March 2011; it can join again from that "
            "day on."
        ),
    ]


def test_two_joinings_without_a_denunciation_are_one_in_a_file() -> None:
    factories.a_state("NOR")
    checked = looked_at(
        "actions", "state,treaty,kind,date\nNOR,OPSC,ratification,2001-10-02\nNOR,OPSC,accession,2015-06-01\n"
    )
    assert why(checked) == [
        "Row 3, column state: Row 2 is about the same treaty action; keep one of the two."
    ]


def test_an_accession_after_a_signature_is_taken_with_a_doubt(norway: State) -> None:
    factories.a_state("SWE")
    text = "state,treaty,kind,date\nSWE,OPSC,signature,2000-09-08\nSWE,OPSC,accession,2007-01-19\n"
    checked = looked_at("actions", text)
    assert (outcomes(checked), why(checked)) == (["added", "added"], [])
    assert [row.doubt for row in checked.rows] == [
        "",
        "the State signed on 8 September 2000, and a State that has signed usually ratifies.",
    ]
    saved(checked)
    assert [row.doubt for row in looked_at("actions", text).rows] == ["", ""]


def test_an_unknown_state_of_an_action_is_counted_once_a_row() -> None:
    checked = looked_at("actions", "state,treaty,kind,date\nNorwey,OPSC,ratification,2001-10-02\n")
    assert checked.unknown == [{"text": "Norwey", "rows": 1, "near": []}]


def test_a_revision_names_the_report_that_it_supersedes(norway: State) -> None:
    first = factories.receives(norway, "2005-06-03", symbol="CRC/C/OPSC/NOR/1")
    header = "state,kind,cycles,received_on,symbol,revises\n"
    row = "NOR,initial,1,2006-01-10,CRC/C/OPSC/NOR/1/Rev.1,{}\n"
    assert why(looked_at("submissions", header + row.format("CRC/C/OPSC/NOR/9"))) == [
        "Row 2, column revises: The report that this one revises is not recorded; enter that one first."
    ]
    checked = looked_at("submissions", header + row.format("CRC/C/OPSC/NOR/1"))
    assert outcomes(checked) == ["added"]
    saved(checked)
    assert Submission.objects.get(revises=first).received_on == day("2006-01-10")
    for form in ("csv", "xlsx"):
        again = check("submissions", f"all.{form}", export("submissions", form), today=TODAY)
        assert again.counts["unchanged"] == 2 == len(again.rows)


# --- a second person -----------------------------------------------------------------------------------


def test_a_date_of_the_committee_awaits_a_second_person(norway: State, settings: Any) -> None:
    settings.FOUR_EYES = True
    ada = factories.an_officer("ada")
    kept = factories.decides(
        norway, "2018-09-07", cycles="5", document="CRC/C/NOR/CO/4", carried_by="CRC report"
    )
    text = (
        "state,kind,cycles,due_on,document,decided_on\n"
        "NOR,periodic,5,2019-09-07,CRC/C/NOR/CO/4,2013-02-01\n"
        "NOR,periodic,6,2020-09-07,CRC/C/NOR/CO/4,2013-02-01\n"
    )
    saved(looked_at("committee-dates", text, by=ada), by=ada)
    kept.refresh_from_db()
    assert (kept.due_on, kept.awaits_confirmation) == (day("2018-09-07"), False)
    assert {
        (d.first_cycle, d.due_on, d.corrects_id, d.entered_by)
        for d in CommitteeDate.objects.filter(awaits_confirmation=True)
    } == {(5, day("2019-09-07"), kept.pk, ada), (6, day("2020-09-07"), None, ada)}
    again = looked_at("committee-dates", text, by=ada)
    assert outcomes(again) == ["unchanged", "unchanged"]
    later = looked_at("committee-dates", text.replace("2019-09-07", "2021-09-07"), by=ada)
    assert outcomes(later) == ["changed", "unchanged"]
    saved(later, by=ada)
    assert CommitteeDate.objects.get(corrects=kept).due_on == day("2021-09-07")


def test_what_awaits_a_second_person_is_not_exported(norway: State) -> None:
    factories.decides(norway, carried_by="CRC report", awaits_confirmation=True)
    assert len(export("committee-dates", "csv").splitlines()) == 1


# --- exports and templates -----------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize(
    "text",
    ["=cmd()", "'=1", "a\nb", "Côte d’Ivoire, “x”"],
)
def test_a_text_that_a_spreadsheet_would_run_goes_out_harmless_and_comes_back(
    text: str, form: str, norway: State
) -> None:
    factories.a_contact(norway, note=text)
    data = export("contacts", form)
    if form == "xlsx":
        cells = [cell for row in load_workbook(io.BytesIO(data))["contacts"].iter_rows() for cell in row]
        assert not any(cell.data_type == "f" for cell in cells)
        assert not any(str(cell.value or "").startswith(("=", "+", "-", "@")) for cell in cells)
    else:
        assert not any(
            line.rpartition(",")[2].startswith(("=", "+", "-", "@")) for line in data.decode().splitlines()
        )
    checked = check("contacts", f"all.{form}", data, today=TODAY)
    assert outcomes(checked) == ["unchanged"]
    Contact.objects.all().delete()
    saved(check("contacts", f"all.{form}", data, today=TODAY))
    assert Contact.objects.get().note == text


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\tx", "\rx", "'=1", "''@", "'x", "", "x=1", "'"])
def test_making_harmless_is_undone_exactly(text: str) -> None:
    harmless = neutral(text)
    assert plain(harmless) == text
    assert not harmless.startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("table", TABLES)
def test_a_template_is_an_empty_file_that_is_understood(table: str, form: str) -> None:
    checked = check(table, f"x.{form}", template(table, form), today=TODAY)
    assert checked.rows == []
    assert checked.columns == [column.name for column in TABLES[table].columns()]
    assert checked.note == ""


def test_the_workbook_to_fill_in_explains_its_columns_and_leaves_cycles_alone() -> None:
    book = load_workbook(io.BytesIO(template("submissions", "xlsx")))
    assert book.sheetnames == ["submissions", "Columns"]
    explained = {row[0]: row[1:] for row in book["Columns"].iter_rows(min_row=2, values_only=True)}
    assert explained["cycles"] == (
        "yes",
        "1 for the initial report; 3, or 3-4 for the third and fourth combined.",
        "3-4",
    )
    assert book["submissions"].column_dimensions["C"].number_format == "@"
    for sheet in book:
        assert (sheet.page_setup.orientation, sheet.print_title_rows) == ("landscape", "$1:$1")
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet["A1"].alignment.wrap_text


@pytest.mark.parametrize("table", TABLES)
def test_the_examples_in_a_template_are_taken(table: str, norway: State) -> None:
    columns = [column for column in TABLES[table].columns() if column.example]
    header, row = ([getattr(column, name) for column in columns] for name in ("name", "example"))
    if table in ("submissions", "committee-dates", "reviews"):
        header, row = [*header, "carried_by"], [*row, "CRC report"]
    TreatyAction.objects.filter(treaty="OPSC", kind="ratification").update(date="2001-10-03")
    factories.signs(norway, on="2000-06-13")
    factories.proposes(norway, communicated_on="2025-03-04")
    if table == "agenda":
        factories.a_session(94, "2023-09-04", "2023-09-22")
        factories.receives(
            norway, "2021-06-01", "periodic", "7", carried_by="CRC report", reviewed_on="2023-09-12"
        )
    checked = check(table, "x.xlsx", workbook(header, row), today=TODAY)
    assert why(checked) == []
    assert outcomes(checked) == ["changed" if table == "actions" else "added"]


# --- States ----------------------------------------------------------------------------------------------


def test_a_state_in_another_spelling_is_shown_as_understood() -> None:
    for iso3, name in (
        ("TUR", "Türkiye"),
        ("CIV", "Côte d'Ivoire"),
        ("FSM", "Micronesia (Federated States of)"),
    ):
        factories.joins(factories.a_state(iso3, name=name), on="2001-10-02")
    checked = looked_at(
        "submissions",
        "state,kind,cycles,received_on\n"
        "Turkey,initial,1,2005-06-03\nIvory Coast,initial,1,2005-06-03\nFSM,initial,1,2005-06-03\n",
    )
    assert outcomes(checked) == ["added"] * 3
    assert checked.understood == {"Turkey": "Türkiye", "Ivory Coast": "Côte d'Ivoire"}
    assert checked.states == {"TUR", "CIV", "FSM"}


def test_an_unknown_state_is_asked_about_and_never_guessed(norway: State) -> None:
    text = "state,kind,cycles,received_on\nNorwey,initial,1,2005-06-03\nNorwey,periodic,4,2009-05-11\n"
    checked = looked_at("submissions", text)
    assert checked.unknown == [{"text": "Norwey", "rows": 2, "near": [("NOR", "Norway")]}]
    assert outcomes(checked) == ["refused", "refused"]
    told = looked_at("submissions", text, chosen={"Norwey": "NOR"})
    assert outcomes(told) == ["added", "added"]
    assert (told.unknown, told.understood) == ([], {"Norwey": "Norway"})


# --- the columns of a file ---------------------------------------------------------------------------------


def test_a_column_that_is_left_out_stays_as_recorded_and_an_empty_cell_empties(norway: State) -> None:
    factories.a_contact(norway, "mission@example.org", name="Mission", office="Geneva", note="since 2001")
    checked = looked_at("contacts", "state,name,email,office\nNOR,Mission,mission@example.org,\n")
    assert checked.rows[0].before == {"office": "Geneva"}
    saved(checked)
    contact = Contact.objects.get()
    assert (contact.office, contact.note) == ("", "since 2001")


def test_real_dates_and_numbers_of_a_workbook_are_taken_as_such(norway: State) -> None:
    data = workbook(
        ["State", "Kind", "Cycles", "Received on", "Reviewed on", "Note"],
        ["NOR", "initial", 1, date(2005, 6, 3), date(2006, 5, 23), 2004],
    )
    (row,) = check("submissions", "x.xlsx", data, today=TODAY).rows
    assert row.why == {}
    assert (row.fact.received_on, row.fact.reviewed_on, row.fact.note) == (
        day("2005-06-03"), day("2006-05-23"), "2004",
    )  # fmt: skip


def test_the_number_of_a_day_is_refused_with_the_day_it_would_be(norway: State) -> None:
    data = workbook(["state", "kind", "cycles", "received_on"], ["NOR", "initial", 1, 38506])
    assert why(check("submissions", "x.xlsx", data, today=TODAY)) == [
        (
            "Row 2, column received_on: “38506” is how spreadsheets store 3 June 2005; format the cell "
            "as a date, or write 2005-06-03."
        )
    ]


def test_cycles_that_a_spreadsheet_made_a_date_of_are_refused(norway: State) -> None:
    data = workbook(
        ["state", "kind", "cycles", "received_on"], ["NOR", "periodic", date(2026, 4, 3), date(2009, 5, 11)]
    )
    assert why(check("submissions", "x.xlsx", data, today=TODAY)) == [
        (
            "Row 2, column cycles: The spreadsheet turned the cycles into a date (3 April 2026); format the column as "
            "text and enter them again, for example 3-4."
        )
    ]


def test_the_sheet_of_the_tables_name_is_read_and_the_others_are_named() -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["notes"])
    book.create_sheet("Contacts").append(["state", "name", "email"])
    out = io.BytesIO()
    book.save(out)
    assert check("contacts", "x.xlsx", out.getvalue(), today=TODAY).note == (
        "The sheet “Contacts” was read; the sheet “Sheet” was not."
    )


@pytest.mark.parametrize("mark", [";", "\t"])
def test_what_other_spreadsheets_separate_by_is_understood(mark: str, norway: State) -> None:
    checked = looked_at("submissions", mark.join(("state", "kind", "cycles", "received_on")) + "\n"
                        + mark.join(("Norway", "initial", "1", "2005-06-03")))  # fmt: skip
    assert outcomes(checked) == ["added"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "The file is empty; its first row names the columns."),
        ("state,name,e-mail\n", "Row 1, column C: Unknown column “e-mail”."),
        ("state,name\n", "Row 1, column email: The column is missing."),
        ("state,name,email,Name\n", "Row 1, column D: The column “name” appears twice; keep one of the two."),
        ("state,,email\n", "Row 1, column B: The column has no name; the first row names the columns."),
    ],
)  # fmt: skip
def test_a_file_that_is_no_such_table_is_refused_as_a_whole(text: str, told: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        looked_at("contacts", text)
    assert [str(problem) for problem in caught.value.problems] == [
        told,
        "The columns are: state, name, office, kind, salutation, email, language, copy, active, note.",
    ]


def test_a_quotation_mark_that_is_never_closed_is_named_by_its_row() -> None:
    with pytest.raises(UnreadableFile) as caught:
        looked_at("contacts", 'state,name,email\nNOR,M,m@example.org\nNOR,"Mission,x@example.org\n')
    assert str(caught.value) == (
        "Row 3, column A: A quotation mark is not closed or is in the wrong place; the file may be cut short. Save "
        "it as CSV again."
    )


def test_the_plain_calendar_counts_own_reports_for_every_state(norway: State, settings: Any) -> None:
    settings.PERIODIC_RULE = "plain"
    saved(looked_at("submissions", TWO_REPORTS.replace("periodic,4", "periodic,2")))
    assert set(Submission.objects.values_list("carried_by", flat=True)) == {"own"}
    assert Obligation.objects.filter(state=norway, answered_on__isnull=False).count() == 2


def test_outcomes_are_the_four_that_the_page_knows() -> None:
    assert list(RowOutcome) == ["added", "changed", "unchanged", "refused"]
