"""`/queue/`: the forecast, its assumptions, what would change it, bad input, files."""

import csv
import io
import json

import pytest

from tests.factories import a_state, day, receives
from tests.web.pages import all_of, links, one_of, read, table, words
from tracker.obligations.models import AgendaItem, CommitteeSession

pytestmark = pytest.mark.django_db

CRC = {"kind": "periodic", "carried_by": "CRC report"}
STRICT = "least_months=0&spread_months=0&lost=0&unsure=0&others=0&arrivals=0&slots=1"


@pytest.fixture
def two():
    """Chile and Norway wait; a session is planned for January 2027."""
    norway, chile = a_state("NOR"), a_state("CHL")
    receives(norway, "2022-03-01")
    receives(chile, "2023-03-01")
    CommitteeSession.objects.create(
        number=101, starts_on=day("2027-01-11"), ends_on=day("2027-01-29"), dialogues=1
    )
    return norway, chile


def rows(staff, query=""):
    """The rows of a forecast in JSON."""
    answer = staff.get(f"/queue/?{STRICT}&{query}&_export=json")
    return json.loads(answer.getvalue())


def likely(staff, query="", column="Likely session"):
    return [(row["Alpha-3"], row[column]) for row in rows(staff, query)]


def test_the_page_shows_who_waits_and_when_each_is_likely_to_be_considered(staff, two):
    text = staff.get(f"/queue/?{STRICT}").content.decode()
    assert "2 reports of 2 States</a>, the longest first." in text
    assert "session 101, January 2027" in text
    assert "Jan 2027" in text
    assert "no decision of the Committee" in text
    assert likely(staff) == [("NOR", "2027-01-11"), ("CHL", "2027-05-15")]


def test_today_the_queue_and_the_annual_report_count_the_same_reports_and_list_them(staff, two):
    norway, _chile = two
    original = receives(norway, "2020-03-01", cycles="5-6", **CRC)
    receives(norway, "2020-06-01", cycles="5-6", revises=original, **CRC)
    original.withdrawn_on = day("2020-06-01")
    original.save()
    receives(a_state("SWE"), "2017-12-01")  # to be confirmed
    old = receives(a_state("FRA"), "2016-03-01")
    AgendaItem.objects.create(session=CommitteeSession.objects.get(), state=old.state, submission=old)
    waiting = "/submissions/?consideration=waiting&revisions=without"
    for as_of, said in (("", "4 reports of 3 States"), ("as_of=2022-12-31", "4 reports of 3 States")):
        listed = f"{waiting}&{as_of}".rstrip("&")
        for page in ("/", "/queue/"):
            found = links(all_of(read(staff.get(f"{page}?{as_of}")), "p", class_="says")[0])
            assert found[said] == listed
        annual = read(staff.get(f"/annual-report/?{as_of}"))
        assert f"{said} were waiting to be considered (" in words(annual)
        (total,) = all_of(one_of(annual, "section", aria_labelledby="h-ever"), "tfoot")
        (cell,) = [one for one in all_of(total, "a") if "consideration=waiting" in one.attributes["href"]]
        rows = [table(read(staff.get(address))) for address in (listed, cell.attributes["href"])]
        assert rows[0] == rows[1]
        assert (words(cell), len(rows[0]), len({row[0] for row in rows[0]})) == ("4", 4, 3)
    longer = words(read(staff.get("/queue/?confirm_after=9")))
    assert "received in the last 9 years or on a session: 5 reports of 4 States, the longest first." in longer


def test_a_state_asked_about_has_its_answer_on_top_and_the_page_of_its_report_leads_there(staff, two):
    norway, _chile = two
    text = staff.get(f"/queue/?{STRICT}&about=CHL").content.decode()
    assert "Chile: likely May 2027 (range: May 2027)." in text
    assert "(range: " not in staff.get("/queue/?about=XXX").content.decode()
    report = norway.submissions.get()
    for page in (f"/submissions/{report.pk}/", "/states/NOR/"):
        assert 'href="/queue/?about=NOR"' in staff.get(page).content.decode()
    report.reviewed_on = day("2024-05-13")
    report.save()
    assert "/queue/?about=NOR" not in staff.get(f"/submissions/{report.pk}/").content.decode()


@pytest.mark.parametrize(
    ("query", "then"),
    [
        ("cancel=101", [("NOR", "2027-05-15", 4), ("CHL", "2027-09-15", 4)]),
        ("longer=101&weeks=1", [("NOR", "2027-01-11", 0), ("CHL", "2027-01-11", -4)]),
        ("arrive=10", [("NOR", "2027-01-11", 0), ("CHL", "2027-05-15", 0)]),
    ],
)
def test_a_change_is_shown_beside_the_forecast_without_it(staff, two, query, then):
    found = rows(staff, query)
    assert [(row["Alpha-3"], row["Likely then"], row["Difference"]) for row in found] == then
    assert [row["Likely session"] for row in found] == ["2027-01-11", "2027-05-15"]
    text = staff.get(f"/queue/?{STRICT}&{query}").content.decode()
    assert "Nothing is saved." in text
    words = {4: "4 months later", 0: "no change", -4: "4 months earlier"}
    assert all(words[moved] in text for _state, _then, moved in then)


def test_a_state_on_the_agenda_is_considered_there(staff, two):
    _norway, chile = two
    session = CommitteeSession.objects.get()
    AgendaItem.objects.create(session=session, state=chile, submission=chile.submissions.get())
    assert likely(staff) == [("NOR", "2027-05-15"), ("CHL", "2027-01-11")]


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("slots=0", "Enter a whole number from 1 to 40."),
        ("slots=-3", "Enter a whole number from 1 to 40."),
        ("slots=99999999999999999999", "Enter a whole number from 1 to 40."),
        ("sessions=1.5", "Enter a whole number from 1 to 6."),
        ("others=many", "Enter a whole number from 0 to 300."),
        ("arrive=1000", "Enter a whole number from 0 to 200."),
        ("cancel=77", "Choose one of the sessions ahead."),
        ("weeks=2", "Choose the session that is to be longer."),
        ("cancel=101&longer=101", "This session is cancelled. Choose another one."),
    ],
)
def test_bad_numbers_are_refused_in_words_and_nothing_is_forecast(staff, two, query, error):
    answer = staff.get(f"/queue/?{query}")
    assert answer.status_code == 200
    text = answer.content.decode()
    assert error in text
    assert "Likely session" not in text
    assert error in staff.get(f"/queue/?{query}&_export=csv").content.decode()


def test_as_of_another_day_only_what_was_known_counts(staff, two):
    text = staff.get("/queue/?as_of=2022-12-31").content.decode()
    assert "Waiting to be considered on 31 December 2022:" in text
    assert "1 report of 1 State</a>" in text
    assert 'name="as_of" value="2022-12-31"' in text
    assert "Chile" not in text
    nobody = staff.get("/queue/?as_of=2021-12-31").content.decode()
    assert "No report recorded here waits for the Committee on that day." in nobody


def test_old_reports_are_listed_apart_and_a_receipt_that_is_not_recorded_is_said(staff):
    receives(a_state("NOR"), "2011-07-11")
    receives(a_state("CHL"), None, known_by="2025-12-04")
    text = staff.get("/queue/").content.decode()
    assert "Probably reviewed, to be confirmed" in text
    assert "initial report, 11 July 2011" in text
    assert "the day of receipt is not recorded" in text
    assert "by 4 December 2025" in text
    assert "Probably reviewed" not in staff.get("/queue/?confirm_after=20").content.decode()


def test_files_have_real_days_and_say_what_was_assumed(staff, two):
    answer = staff.get(f"/queue/?{STRICT}&_export=csv")
    assert answer["Content-Disposition"] == 'attachment; filename="queue-2026-11-22.csv"'
    content = answer.getvalue().decode("utf-8-sig")
    (first, *_rest) = csv.DictReader(io.StringIO(content))
    assert (first["State"], first["Waiting since"], first["Early"], first["Late"]) == (
        "Norway",
        "2022-03-01",
        "2027-01-11",
        "2027-01-11",
    )
    from openpyxl import load_workbook

    changed = staff.get(f"/queue/?{STRICT}&cancel=101&arrive=10&_export=xlsx")
    book = load_workbook(io.BytesIO(changed.getvalue()))
    lines = [row[0].value for row in book.active.iter_rows(max_row=3)]
    assert lines[2] == "Cancel a session: session 101, January 2027; Overdue reports that arrive now: 10"
    assert lines[0] == "Forecast of the queue as of 22 November 2026"
    assert "States considered in a session: 1" in lines[1]


def test_the_defaults_are_shown_in_the_fields_and_the_errors_of_the_past_below(staff, two):
    page = read(staff.get("/queue/"))
    fields = {one.attributes.get("name"): one.attributes for one in page if one.name == "input"}
    assert fields["slots"]["placeholder"] == "7"
    assert fields["others"]["placeholder"] == "39"
    assert fields["confirm_after"]["placeholder"] == "8"
    text = staff.get("/queue/").content.decode()
    assert "31 December 2019" in text
    assert "31 December 2023" in text


def test_a_long_queue_has_pages_and_its_file_all_rows(staff):
    for at in range(60):
        receives(a_state(f"Q{chr(65 + at // 26)}{chr(65 + at % 26)}"), f"2023-{1 + at % 12:02}-01")
    pages = [staff.get(f"/queue/?slots=1&arrive=10&page={page}").content.decode() for page in (1, 2)]
    assert [page.count('<th scope="row" class="state">') for page in pages] == [50, 10]
    assert "?slots=1&amp;arrive=10&amp;page=2" in pages[0]
    assert "Rows 51 to 60 of 60" in pages[1]
    assert max(map(len, pages)) < 100_000
    assert len(rows(staff)) == 60
