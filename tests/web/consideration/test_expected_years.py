"""The Committee's calendar of years: its list, the form for several States, and where the year is shown."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.factories import day
from tests.web.conftest import TODAY, in_role
from tests.web.pages import (
    all_of,
    column,
    links,
    messages,
    one_of,
    press_undo,
    problems,
    read,
    table,
    words,
)
from tracker.obligations.models import ExpectedYear, Obligation
from tracker.registry.models import State
from tracker.reminders.plan import plan

pytestmark = pytest.mark.django_db

YEARS, ADD = "/calendar/years/", "/calendar/years/add/"
EXPECTED = "expected in 2029 (calendar of 18 September 2026)"


@pytest.fixture
def norway() -> State:
    """Its next report under the CRC has a date to be communicated."""
    state = factories.a_state("NOR", region="WEOG")
    factories.joins(state, "CRC", "1991-01-08")
    factories.joins(state, on="2001-10-02")
    factories.receives(state, "2005-06-03")
    factories.decides(
        state, None, "2025-02-01", cycles="7", carried_by="CRC report", outcome="to be communicated"
    )
    factories.derive(TODAY.isoformat(), state)
    return state


@pytest.fixture
def benin() -> State:
    return factories.a_state("BEN", region="AFR")


def expects(
    state: State, year: int = 2029, on: str = "2026-09-18", document: str = "CRC/C/120/3"
) -> ExpectedYear:
    return ExpectedYear.objects.create(
        state=state,
        year=year,
        calendar="2027–2034",
        document=document,
        decided_on=day(on),
        confidence="document",
    )


# --- the list ---------------------------------------------------------------------------------------


def test_without_a_calendar_the_page_says_so_and_where_to_upload_one() -> None:
    page = read(in_role("Editor").get(YEARS))
    nothing = one_of(page, "div", **{"class": "nothing"})
    assert words(nothing) == (
        "No calendar of years by State is recorded here as published by 22 November 2026. Once the Committee has "
        "published one, upload it, or enter the years."
    )
    assert links(nothing) == {"upload it": "/imports/?table=expected-years", "enter the years": ADD}
    upload = read(in_role("Editor", "eva").get("/imports/?table=expected-years"))
    chosen = [one for one in all_of(upload, "option") if "selected" in one.attributes]
    assert "Years in the Committee’s calendar" in [words(one) for one in chosen]
    viewed = read(in_role("Viewer", "vera").get(YEARS))
    assert "an editor can upload it or enter the years" in words(
        one_of(viewed, "div", **{"class": "nothing"})
    )


def test_the_list_is_by_year_and_counts_the_states_of_each(
    norway: State, benin: State, staff: Client
) -> None:
    expects(norway)
    expects(benin, 2028)
    page = read(staff.get(YEARS))
    assert [row[:7] for row in table(page)] == [
        ["2028", "Benin BEN", "African States", "2027–2034", "CRC/C/120/3", "18 September 2026",
         "read in the document"],
        ["2029", "Norway NOR", "Western European and other States", "2027–2034", "CRC/C/120/3", "18 September 2026",
         "read in the document"],
    ]  # fmt: skip
    assert links(one_of(page, "ul", aria_label="States by year")) == {
        "2028: 1 State": "?year=2028",
        "2029: 1 State": "?year=2029",
    }
    assert column(read(staff.get(f"{YEARS}?year=2029")), 1) == ["Norway NOR"]
    assert column(read(staff.get(f"{YEARS}?region=AFR")), 1) == ["Benin BEN"]


def test_of_several_documents_the_latest_published_by_the_day_counts(norway: State, staff: Client) -> None:
    expects(norway, 2028, "2025-03-01", "CRC/C/110/3")
    expects(norway)

    def year(query: str = "") -> list[str]:
        return column(read(staff.get(f"{YEARS}{query}")), 0)

    assert year() == ["2029"]
    assert year("?as_of=2026-09-17") == ["2028"]
    assert year("?as_of=2025-02-28") == []


def test_a_file_of_the_list_has_its_rows(norway: State, staff: Client) -> None:
    expects(norway)
    assert staff.get(f"{YEARS}?_export=json").json() == [
        {
            "Year": 2029,
            "State": "Norway",
            "Alpha-3": "NOR",
            "Regional group": "Western European and other States",
            "Calendar": "2027–2034",
            "Document": "CRC/C/120/3",
            "Published on": "2026-09-18",
            "Confidence": "document",
        }
    ]


# --- where the year is shown ------------------------------------------------------------------------


def test_the_year_stands_beside_a_date_to_be_communicated(norway: State, staff: Client) -> None:
    expects(norway)

    def shown(address: str) -> bool:
        return EXPECTED in words(read(staff.get(address)))

    assert shown("/obligations/?status=to+be+communicated")
    assert shown("/states/NOR/")
    assert shown("/reports/dossier/NOR/")
    with override_settings(PUBLIC_VIEW=True):
        assert shown("/public/states/NOR/")
    assert not shown("/obligations/?status=to+be+communicated&as_of=2026-09-17")
    assert not shown("/states/NOR/?as_of=2026-09-17")
    (row,) = staff.get("/obligations/?status=to+be+communicated&_export=json").json()
    assert (row["Due"], row["Expected in"]) == (None, 2029)


def test_the_year_stands_beside_no_other_status(norway: State, staff: Client) -> None:
    factories.decides(
        norway, "2030-02-01", "2026-10-01", cycles="7", carried_by="CRC report", document="CRC/C/9"
    )
    factories.derive(TODAY.isoformat(), norway)
    expects(norway)
    assert "expected in" not in words(read(staff.get("/obligations/?state=NOR")))
    assert "expected in" not in words(read(staff.get("/states/NOR/")))


def test_the_page_of_the_state_says_that_the_year_is_no_due_date(norway: State) -> None:
    fact = expects(norway)
    editor = in_role("Editor")
    (note,) = [
        one
        for one in all_of(read(editor.get("/states/NOR/")), "p", class_="note")
        if "no due date" in words(one)
    ]
    assert words(note).startswith(
        "The calendar 2027–2034 of the Committee (CRC/C/120/3, 18 September 2026) expects the next report in 2029. "
        "This is no due date."
    )
    address = links(note)["Edit: the year 2029 of the calendar CRC/C/120/3"]
    assert address == f"/edit/expected-year/{fact.pk}/?next=%2Fstates%2FNOR%2F"
    assert editor.get(address).status_code == 200


def test_a_year_that_has_passed_makes_nothing_due_overdue_or_reminded(norway: State, staff: Client) -> None:
    factories.a_contact(norway)
    before = list(Obligation.objects.order_by("pk").values_list("cycle", "due_on", "due_source"))
    planned = len(plan(TODAY, today=TODAY).planned)
    expects(norway, 2024, "2023-01-10")
    factories.derive(TODAY.isoformat(), norway)
    assert list(Obligation.objects.order_by("pk").values_list("cycle", "due_on", "due_source")) == before
    assert len(plan(TODAY, today=TODAY).planned) == planned == 0
    assert column(read(staff.get("/obligations/?status=overdue")), 0) == []
    assert "date to be communicated" in words(read(staff.get("/obligations/?state=NOR")))


# --- entering years ---------------------------------------------------------------------------------

FORM = {"year": "2029", "calendar": "2027–2034", "document": "CRC/C/120/3", "decided_on": "2026-09-18"}


def test_one_year_is_given_to_several_states_and_undone_together(norway: State, benin: State) -> None:
    expects(benin, 2028, "2025-03-01", "CRC/C/110/3")
    editor = in_role("Editor")
    preview = editor.post(ADD, FORM | {"states": "Norway\nBEN", "step": "preview"})
    assert "2 States are expected in 2029: Benin; Norway." in words(read(preview))
    assert "Benin: 2029 replaces 2028 of CRC/C/110/3." in words(read(preview))
    assert ExpectedYear.objects.count() == 1
    seen = {"seen": one_of(read(preview), "input", name="seen").attributes["value"]}
    saved = editor.post(ADD, FORM | seen | {"states": "Norway\nBEN", "step": "save"}, follow=True)
    assert list(ExpectedYear.objects.order_by("pk").values_list("state_id", "year")) == [
        ("BEN", 2028),
        ("BEN", 2029),
        ("NOR", 2029),
    ]
    assert ExpectedYear.objects.get(state="NOR").history.get().history_user.username == "rolf"
    assert messages(read(saved))[0].startswith("2 States are expected in 2029: Benin; Norway.")
    press_undo(editor, saved)
    assert list(ExpectedYear.objects.values_list("state_id", "year")) == [("BEN", 2028)]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"year": "2025"}, ["The year is before the document. Check the two."]),
        ({"states": ""}, ["Enter the States, for example NOR, Benin."]),
    ],
)
def test_what_cannot_be_is_refused_in_words(changed: dict[str, str], said: list[str], norway: State) -> None:
    answer = in_role("Editor").post(ADD, FORM | {"states": "NOR", "step": "preview"} | changed)
    assert problems(read(answer)) == said


def test_unknown_states_and_those_with_a_year_of_the_document_are_named(norway: State, benin: State) -> None:
    expects(norway)
    editor = in_role("Editor")
    answer = editor.post(ADD, FORM | {"states": "NOR, Atlantis", "step": "preview"})
    assert problems(read(answer)) == [
        "“Atlantis” is not a recorded State. Enter its name or its alpha-3 code, for example NOR."
    ]
    again = editor.post(ADD, FORM | {"states": "NOR, BEN", "step": "preview"})
    assert problems(read(again)) == [
        "Norway: This document’s year for the State is recorded already; edit it there."
    ]
    assert ExpectedYear.objects.count() == 1


@override_settings(DESK_LIMITS=True)
def test_a_state_of_another_desk_is_left_out(norway: State, benin: State) -> None:
    benin.desk_officer = factories.an_officer("ben")
    benin.save()
    answer = in_role("Editor").post(ADD, FORM | {"states": "BEN", "step": "preview"})
    assert problems(read(answer)) == ["Benin is not on your desk; leave it out."]


def test_the_list_takes_as_many_queries_for_three_states_as_for_one(norway: State, staff: Client) -> None:
    taken = []
    staff.get(YEARS)  # which fills the cache of the footer
    for iso3 in ("NOR", "SWE", "FIN"):
        expects(State.objects.filter(pk=iso3).first() or factories.a_state(iso3, region="WEOG"))
        with CaptureQueriesContext(connection) as queries:
            staff.get(YEARS)
        taken.append(len(queries))
    assert len(set(taken)) == 1
    assert taken[0] <= 8
