"""The Committee's requests for further information: what became of them, and the statistics."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.factories import day
from tests.web.conftest import TODAY, a_world, in_role
from tests.web.pages import all_of, fields_of, links, one_of, problems, read, table, words
from tracker.consideration.coverage import length_in_words
from tracker.obligations.models import InformationRequest

pytestmark = pytest.mark.django_db

PAGE = "/follow-up/"
WORDS = "“Some measures were taken”, CRC/C/62/3, para. 9"


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Requests to Norway answered on time and late, to Benin overdue and not due, to Fiji without record."""
    yield from a_world(django_db_blocker, make_world)


def make_world() -> None:
    norway = factories.a_state("NOR", region="WEOG")
    benin = factories.a_state("BEN", region="AFR")
    fiji = factories.a_state("FJI", region="APS", records_from="2025-12-04")
    for state in (norway, benin, fiji):
        factories.joins(state, on="2001-10-02" if state == norway else "2005-01-31")
    factories.asks(
        norway, "2012-11-15", "2012-07-10", "follow-up", document="F/1", received_on="2012-11-01",
        assessment="partly", assessed_on="2013-02-01", assessment_words=WORDS,
    )  # fmt: skip
    factories.asks(norway, "2014-11-15", "2014-07-10", document="Q/2", received_on="2014-11-25")
    factories.asks(benin, "2014-09-01", "2014-03-01", document="Q/1")
    factories.asks(benin, "2027-03-01", "2026-09-01", "other", document="O/1")
    factories.asks(fiji, "2014-10-01", "2014-04-01", document="Q/1")
    factories.derive(TODAY.isoformat(), norway, benin, fiji)


def replies(page: Any) -> list[tuple[str, str, str]]:
    """State, document and status of each row."""
    rows = table(page, "h-requests") if all_of(page, "section", aria_labelledby="h-requests") else []
    return [(row[0], row[2], row[6]) for row in rows]


def counts(page: Any, heading: str) -> dict[str, dict[str, str]]:
    """The figures of a table of the statistics that are not zero: by the row and the column."""
    (found,) = [
        one for one in all_of(page, "table") if [words(c) for c in all_of(one, "caption")] == [heading]
    ]
    names = [words(one) for one in all_of(all_of(found, "thead")[0], "th")][1:]
    rows = [*all_of(all_of(found, "tbody")[0], "tr"), *all_of(all_of(found, "tfoot")[0], "tr")]
    return {
        words(one_of(row, "th")): {
            name: words(cell)
            for name, cell in zip(names, all_of(row, "td"), strict=True)
            if words(cell) != "—"
        }
        for row in rows
    }


# --- nothing yet: first, because the world stays for the rest of the module --------------------------


def test_without_requests_the_page_says_how_to_record_one(db: None) -> None:
    nothing = one_of(read(in_role("Editor").get(PAGE)), "div", class_="nothing")
    assert words(nothing).startswith("No request for further information is recorded as issued by")
    assert links(nothing) == {
        "Record a request": "/admin/obligations/informationrequest/add/",
        "upload a file of requests": "/imports/?table=requests",
    }
    viewed = one_of(read(in_role("Viewer", "vera").get(PAGE)), "div", class_="nothing")
    assert links(viewed) == {}


# --- the list ---------------------------------------------------------------------------------------


def test_each_request_shows_its_reply_as_known_on_the_day(world: None, staff: Client) -> None:
    assert replies(read(staff.get(PAGE))) == [
        ("Benin BEN", "O/1", "due in 3 months"),
        ("Norway NOR", "Q/2", "received, 10 days late"),
        ("Fiji FJI", "Q/1", "no record"),
        ("Benin BEN", "Q/1", "overdue 12 years 2 months"),
        ("Norway NOR", "F/1", "received on time"),
    ]


def test_as_of_an_earlier_day_what_came_later_is_not_known(world: None, staff: Client) -> None:
    page = read(staff.get(f"{PAGE}?as_of=2012-10-31"))
    assert replies(page) == [("Norway NOR", "F/1", "due in 15 days")]
    assert table(page, "h-requests")[0][5] == "—"
    assert WORDS not in words(page)
    assert "partly adequate" not in words(one_of(page, "section", aria_labelledby="h-requests"))
    assert WORDS in words(read(staff.get(f"{PAGE}?as_of=2013-02-01")))
    assert replies(read(staff.get(f"{PAGE}?as_of=2012-07-09"))) == []


def test_a_state_whose_records_are_not_complete_is_not_called_overdue(world: None, staff: Client) -> None:
    assert [row[0] for row in replies(read(staff.get(f"{PAGE}?reply=overdue")))] == ["Benin BEN"]
    assert [row[0] for row in replies(read(staff.get(f"{PAGE}?reply=no+record")))] == ["Fiji FJI"]


@pytest.mark.parametrize(
    ("query", "documents"),
    [
        ("kind=follow-up", ["F/1"]),
        ("region=AFR", ["O/1", "Q/1"]),
        ("year=2014", ["Q/2", "Q/1", "Q/1"]),
        ("reply=late&reply=on+time", ["Q/2", "F/1"]),
        ("reply=not+due", ["O/1"]),
        ("assessment=partly", ["F/1"]),
        ("assessment=none", ["Q/2"]),
        ("q=benin", ["O/1", "Q/1"]),
    ],
)
def test_the_list_is_filtered(query: str, documents: list[str], world: None, staff: Client) -> None:
    assert [row[1] for row in replies(read(staff.get(f"{PAGE}?{query}")))] == documents


def test_a_file_has_the_days_late_and_the_assessment(world: None, staff: Client) -> None:
    rows = {row["Document"]: row for row in staff.get(f"{PAGE}?state=NOR&_export=json").json()}
    assert (rows["Q/2"]["Reply"], rows["Q/2"]["Days late"]) == ("late", 10)
    assert rows["F/1"] == {
        "State": "Norway",
        "Alpha-3": "NOR",
        "Kind": "follow-up",
        "Document": "F/1",
        "Issued": "2012-07-10",
        "Reply due": "2012-11-15",
        "Reply received": "2012-11-01",
        "Words of the reply": None,
        "Reply": "on time",
        "Days late": 0,
        "Assessment": "partly",
        "Assessed on": "2013-02-01",
        "In the Committee’s words": WORDS,
    }


# --- the statistics ---------------------------------------------------------------------------------


def test_the_statistics_are_by_region_and_by_year_of_issue(world: None, staff: Client) -> None:
    page = read(staff.get(PAGE))
    assert words(one_of(page, "p", class_="says")) == (
        "By 22 November 2026 the Committee had sent 5 requests for further information that are recorded here. "
        "2 replies were received, 1 of them late. 1 reply is overdue. The Committee’s assessment of 1 reply is "
        "recorded. The figures count only requests recorded here."
    )
    assert counts(page, "Regional group") == {
        "African States": {"Requests": "2", "None, overdue": "1", "None yet, not due": "1"},
        "Asia-Pacific States": {"Requests": "1", "No record": "1"},
        "Western European and other States": {
            "Requests": "2",
            "Received on time": "1",
            "Received late": "1",
            "Partly adequate": "1",
        },
        "All": {
            "Requests": "5",
            "Received on time": "1",
            "Received late": "1",
            "None, overdue": "1",
            "None yet, not due": "1",
            "No record": "1",
            "Partly adequate": "1",
        },
    }
    years = counts(page, "Year")
    assert list(years) == [*map(str, range(2012, 2027)), "All"]  # without gaps
    assert years["2013"] == {}
    assert years["2014"] == {"Requests": "3", "Received late": "1", "None, overdue": "1", "No record": "1"}


def test_each_figure_leads_to_the_list_that_it_counts(world: None, staff: Client) -> None:
    page = read(staff.get(PAGE))
    (regions,) = [one for one in all_of(page, "table") if "Regional group" in words(all_of(one, "thead")[0])][
        :1
    ]
    for cell in all_of(regions, "td"):
        for one in all_of(cell, "a"):
            address = one.attributes["href"].split("#")[0]
            assert len(replies(read(staff.get(f"{PAGE}{address}")))) == int(words(one))


def test_the_picture_says_what_each_column_counts(world: None, staff: Client) -> None:
    picture = all_of(one_of(read(staff.get(PAGE)), "section", aria_labelledby="h-picture"), "svg")[-1]
    assert [words(one) for one in all_of(picture, "title")] == [
        "2012: 1 request",
        "2014: 3 requests",
        "2026: 1 request",
    ]


def test_the_page_takes_as_many_queries_for_one_request_as_for_five(world: None) -> None:
    viewer = in_role("Viewer")
    viewer.get(PAGE)  # which fills the cache of the footer
    taken = []
    for query in ("?year=2012", ""):
        with CaptureQueriesContext(connection) as queries:
            viewer.get(f"{PAGE}{query}")
        taken.append(len(queries))
    assert taken[0] == taken[1] <= 8


# --- the assessment ---------------------------------------------------------------------------------


def test_an_editor_enters_the_assessment_and_the_history_keeps_it(world: None) -> None:
    request = InformationRequest.objects.get(document="Q/2")
    address = f"/edit/request/{request.pk}/"
    editor = in_role("Editor")
    form = fields_of(one_of(read(editor.get(address)), "form", class_="record"))
    form |= {"reason": "CRC/C/70/2", "step": "preview"}
    early = editor.post(address, form | {"assessment": "adequate", "assessed_on": "2014-11-24"})
    assert problems(read(early)) == ["The Committee assesses a reply after its receipt; check the two days."]
    form |= {"assessment": "adequate", "assessed_on": "2015-02-06", "assessment_words": "para. 4"}
    preview = read(editor.post(address, form))
    seen = one_of(preview, "input", name="seen").attributes["value"]
    editor.post(address, form | {"step": "save", "seen": seen})
    request.refresh_from_db()
    assert (request.assessment, request.assessed_on) == ("adequate", day("2015-02-06"))
    assert "adequate" in words(read(editor.get("/states/NOR/history/")))
    shown = "adequate (6 February 2015, para. 4)"
    assert shown in words(read(editor.get("/states/NOR/")))
    assert shown in words(read(editor.get("/reports/dossier/NOR/")))
    assert shown not in words(read(editor.get("/states/NOR/?as_of=2015-02-05")))


# --- the words of a reply ---------------------------------------------------------------------------


def test_the_words_of_a_reply_stand_beside_the_limit_from_its_receipt_on(world: None) -> None:
    request = InformationRequest.objects.get(document="Q/2")
    report = factories.receives(request.state, "2012-01-05")
    editor = in_role("Editor")
    address = f"/edit/request/{request.pk}/"
    form = fields_of(one_of(read(editor.get(address)), "form", class_="record"))
    form |= {"reason": "counted", "step": "preview", "reply_words": "12,000"}
    empty = editor.post(address, form | {"received_on": ""})
    assert problems(read(empty)) == ["Enter the day on which the reply was received."]
    seen = one_of(read(editor.post(address, form)), "input", name="seen").attributes["value"]
    editor.post(address, form | {"step": "save", "seen": seen})
    said = "12,000 words, 1,300 above the limit"
    life = f"/submissions/{report.pk}/"
    replies_step = all_of(one_of(read(editor.get(life)), "ol", class_="life"), "li")[3]
    assert words(replies_step) == f"Replies 25 November 2014 {said} Q/2"
    assert f"25 November 2014{said}" in words(read(editor.get(f"{PAGE}?year=2014")))
    assert "12,000" not in words(read(editor.get(f"{PAGE}?as_of=2014-11-24")))
    assert "12,000" not in words(read(editor.get(f"{life}?as_of=2014-11-24")))
    assert "12000" in editor.get("/states/NOR/history/").content.decode()
    rows = csv.DictReader(io.StringIO(editor.get(f"{PAGE}?_export=csv").content.decode("utf-8-sig")))
    assert [row["Words of the reply"] for row in rows if row["Document"] == "Q/2"] == ["12000"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"reply_words": 9_800}, "9,800 of 10,700 words"),
        (
            {"reply_words": 9_800, "kind": "follow-up"},
            "9,800 words",
        ),  # the limit is that of replies to a list
        ({"reply_words": 9_800, "received_on": "2014-04-08"}, "9,800 words"),  # before there was a limit
        ({}, ""),
    ],
)
def test_only_replies_to_lists_of_issues_have_a_limit(fields: dict[str, Any], said: str) -> None:
    given = {"received_on": "2014-11-25", "kind": "list of issues"} | fields
    asked = factories.asks(factories.a_state("SWE"), "2014-11-15", "2014-03-10", **given)
    assert length_in_words(asked.reply_words, asked.word_limit) == said
