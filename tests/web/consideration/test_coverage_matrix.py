"""The matrix of reports and articles: its marks, filters, files, and the days on which it knows what."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client
from openpyxl import load_workbook

from tests import factories
from tests.consideration.samples import checks
from tests.web.conftest import TODAY
from tests.web.pages import links, one_of, read, table, words
from tracker.consideration.coverage import coverages_of
from tracker.consideration.models import GuidelineItem
from tracker.obligations.models import Submission

pytestmark = pytest.mark.django_db

THE_LIST = "/coverage/"


@pytest.fixture
def reports() -> dict[str, Submission]:
    """Two reports that were checked, one with gaps, and one that nobody has checked."""
    panama = factories.a_state("PAN", region="GRULAC")
    norway = factories.a_state("NOR", region="WEOG")
    chad = factories.a_state("TCD", region="AFR")
    made = {
        "PAN": factories.receives(panama, "2025-06-05"),
        "NOR": factories.receives(norway, "2025-09-01", symbol="CRC/C/OPSC/NOR/1"),
        "TCD": factories.receives(chad, "2025-10-01"),
    }
    olga = factories.an_officer("olga")
    absent, partly = ["A9.4", "A5", "D1", "D2", "D3", "D4"], ["A1"]
    checks(made["PAN"], olga, finished="2026-03-02", absent=absent, partly=partly, not_applicable=["A11"])
    checks(made["NOR"], olga, finished="2026-04-02")
    return made


def rows(client: Client, query: str = "") -> list[list[str]]:
    return table(read(client.get(f"{THE_LIST}?{query}")))


def states(client: Client, query: str) -> list[str]:
    return [row[0][-3:] for row in rows(client, query)]


def test_each_article_has_its_marks_summed_up(reports: dict[str, Submission], staff: Client) -> None:
    covered, dash = "✓ covered", ["·"] * 14
    assert rows(staff) == [
        ["Norway NOR", "initial report", "1 September 2025", "2 April 2026", "40 of 40", *[covered] * 14],
        ["Panama PAN", "initial report", "5 June 2025", "2 March 2026", "32 of 39", covered, "✗ absent", covered,
         "◐ partly covered", *[covered] * 3, "✗ absent", *[covered] * 3, "◐ 4/5 partly covered", covered,
         "– not applicable"],
        ["Chad TCD", "initial report", "1 October 2025", "not checked", "—", *dash],
    ]  # fmt: skip


def test_an_item_without_a_mark_is_counted_as_in_the_coverage(staff: Client) -> None:
    report = factories.receives(factories.a_state("PAN"), "2025-06-05")
    checks(report, factories.an_officer("olga"), absent=["A9.4"], unmarked=["A5", "A9.3", "D1"])
    (row,) = rows(staff)
    assert (row[4], row[6], row[12], row[16]) == (
        "36 of 40",
        "· 3/4 not checked",
        "· not checked",
        "◐ 3/5 partly covered",
    )
    assert coverages_of([report.pk], TODAY)[report.pk].in_words() == (
        "36 of 40 items covered; missing A9.4; not checked D1, A5, A9.3"
    )
    assert states(staff, "article=article_9&mark=partly") == ["PAN"]
    assert states(staff, "mark=absent") == []
    (line,) = csv.DictReader(io.StringIO(staff.get(f"{THE_LIST}?_export=csv").content.decode("utf-8-sig")))
    assert (line["A5"], line["A9.3"], line["A9.4"], line["Art. 5"]) == (
        "not checked", "not checked", "absent", "not checked",
    )  # fmt: skip


def test_an_earlier_day_knows_no_later_checklist(reports: dict[str, Submission], staff: Client) -> None:
    found = [row[:5] for row in rows(staff, "as_of=2026-03-31&sort=state")]
    assert found == [
        ["Chad TCD", "initial report", "1 October 2025", "not checked", "—"],
        ["Norway NOR", "initial report", "1 September 2025", "not checked", "—"],
        ["Panama PAN", "initial report", "5 June 2025", "2 March 2026", "32 of 39"],
    ]
    assert states(staff, "as_of=2025-08-31") == ["PAN"]


def test_the_first_checklist_finished_counts_until_two_people_agree(
    reports: dict[str, Submission], staff: Client
) -> None:
    checks(reports["TCD"], factories.an_officer("bob"), finished="2026-05-03", absent=["A5"])
    checks(reports["TCD"], factories.an_officer("eve"), finished="2026-05-02", absent=["A4.1-3", "A5"])
    checks(reports["TCD"], factories.an_officer("ines"), finished="2026-06-01", agreed=True)
    found = [rows(staff, f"state=Chad&as_of={day}")[0][3:5] for day in ("2026-05-31", "2026-06-01")]
    assert found == [["2 May 2026", "38 of 40"], ["1 June 2026", "40 of 40"]]


def test_a_row_leads_to_the_report_and_its_draft(reports: dict[str, Submission], staff: Client) -> None:
    found = links(one_of(read(staff.get(f"{THE_LIST}?as_of=2026-03-31&state=PAN")), "table"))
    key = reports["PAN"].pk
    assert found["initial report"] == f"/submissions/{key}/?as_of=2026-03-31"
    assert found["32 of 39"] == f"/submissions/{key}/issues/?as_of=2026-03-31"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("checked=yes", ["NOR", "PAN"]),
        ("checked=no", ["TCD"]),
        ("article=article_5&mark=absent", ["PAN"]),
        ("article=article_9&mark=absent", []),
        ("article=article_9&mark=partly", ["PAN"]),
        ("article=article_4&article=article_5&mark=absent", ["PAN"]),
        ("mark=absent", ["PAN"]),
        ("article=data", ["NOR", "PAN"]),
        ("article=article_11&mark=covered", ["NOR"]),
        ("region=AFR&region=GRULAC", ["PAN", "TCD"]),
        ("received_from=2025-09-01", ["NOR", "TCD"]),
        ("received_until=2025-09-01", ["NOR", "PAN"]),
        ("kind=periodic", []),
        ("q=norwegen", []),
        ("q=OPSC/NOR", ["NOR"]),
        ("state=Chad", ["TCD"]),
    ],
)
def test_filters(query: str, expected: list[str], reports: dict[str, Submission], staff: Client) -> None:
    assert states(staff, query) == expected


def test_filters_are_said_in_a_sentence(reports: dict[str, Submission], staff: Client) -> None:
    page = read(staff.get(f"{THE_LIST}?article=article_9&mark=absent&mark=partly&checked=yes"))
    chosen = words(one_of(page, "ul", class_="chosen")).replace(" ×, remove this filter", "")
    assert chosen == "Checked, marked absent or partly covered, in Art. 9."


def test_fewest_gaps_first_and_last(reports: dict[str, Submission], staff: Client) -> None:
    assert states(staff, "sort=covered") == ["NOR", "PAN", "TCD"]
    assert states(staff, "sort=-covered") == ["PAN", "NOR", "TCD"]


# --- files ----------------------------------------------------------------------------------------


def test_a_file_has_a_column_for_each_item(reports: dict[str, Submission], staff: Client) -> None:
    norway, panama, chad = staff.get(f"{THE_LIST}?_export=json").json()
    assert list(panama)[6:8] == ["Covered", "Process"]
    assert list(panama)[20:22] == ["Art. 11", "P1"]
    assert len(panama) == 7 + 14 + 40
    assert {name: panama[name] for name in ("P1", "A1", "A9.4", "A11", "Art. 9", "Covered", "Checked")} == {
        "P1": "covered", "A1": "partly", "A9.4": "absent", "A11": "not applicable", "Art. 9": "partly",
        "Covered": "32 of 39", "Checked": "2026-03-02",
    }  # fmt: skip
    assert (norway["A9.4"], chad["A9.4"], chad["Art. 9"], chad["Checked"]) == (
        "covered", "not checked", "not checked", None,
    )  # fmt: skip


def test_csv_and_workbook_have_the_same_columns(reports: dict[str, Submission], staff: Client) -> None:
    text = staff.get(f"{THE_LIST}?_export=csv").content.decode("utf-8-sig")
    head = next(csv.reader(io.StringIO(text)))
    assert (len(head), head[-1]) == (61, "A11")
    sheet = load_workbook(io.BytesIO(staff.get(f"{THE_LIST}?_export=xlsx").content)).active
    rows = {row[0]: row for row in sheet.iter_rows(values_only=True)}
    chad = dict(zip(rows["State"], rows["Chad"], strict=True))
    assert len(chad) == 59  # without alpha-3 and symbol, which are for programs
    assert (chad["Art. 9"], chad["A9.4"]) == ("not checked", "not checked")


def test_without_reports_the_page_says_how_to_begin(staff: Client) -> None:
    said = words(one_of(read(staff.get(THE_LIST)), "div", class_="nothing"))
    assert said == (
        "No report is recorded as received by 22 November 2026. Once one is recorded, mark its checklist; "
        "it is shown here when the checklist is finished."
    )


def test_a_mark_of_an_item_that_does_not_apply_any_more_counts_nowhere(
    reports: dict[str, Submission], staff: Client
) -> None:
    GuidelineItem.objects.filter(code="A9.4").update(applies_to="periodic")
    report = reports["PAN"]
    assert rows(staff, "state=PAN")[0][4] == "32 of 38"
    assert coverages_of([report.pk], TODAY)[report.pk].in_words().startswith("32 of 38 items covered")
    draft = words(read(staff.get(f"/submissions/{report.pk}/issues/")))
    assert ("art. 9(4)" in draft, "art. 5" in draft) == (False, True)
