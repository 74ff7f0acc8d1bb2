"""The page of a report's checklist, and the comparison of two."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.test import Client

from tests import factories
from tests.consideration.samples import checks, the_guidelines
from tests.factories import a_state, an_officer, receives
from tests.web.conftest import in_role
from tests.web.pages import all_of, fields_of, links, one_of, read, words
from tracker import changes
from tracker.consideration.models import Checklist, GuidelineItem, Guidelines
from tracker.obligations.models import Submission

pytestmark = pytest.mark.django_db


@pytest.fixture
def report() -> Submission:
    return receives(a_state("NOR"), "2026-01-15", symbol="CRC/C/OPSC/NOR/1")


@pytest.fixture
def ed() -> Client:
    """An Editor, who marks."""
    return in_role("Editor", "ed")


def who(name: str) -> Any:
    return get_user_model().objects.get(username=name)


def address_of(report: Submission, page: str = "check") -> str:
    return f"/submissions/{report.pk}/{page}/"


def main_of(client: Client, address: str) -> Any:
    return one_of(read(client.get(address)), "main")


def form_on(client: Client, report: Submission) -> dict[str, Any]:
    """The fields of the checklist as the page shows them."""
    return fields_of(one_of(read(client.get(address_of(report))), "form", class_="checklist"))


def marks(**by_code: str) -> dict[str, str]:
    """Fields for marks, by the code of the item with _ for a dot."""
    keys = {one.code.replace(".", "_"): one.pk for one in GuidelineItem.objects.all()}
    return {f"mark_{keys[code]}": mark for code, mark in by_code.items()}


def all_marked(mark: str = "covered") -> dict[str, str]:
    return {f"mark_{one.pk}": mark for one in the_guidelines().items.all()}


# --- marking --------------------------------------------------------------------------------------------


def test_the_page_lists_all_items_with_where_each_is_taken_from(report: Submission, ed: Client) -> None:
    main = main_of(ed, address_of(report))
    assert len(all_of(main, "div", class_="item")) == 40
    assert "Norway, initial report (CRC/C/OPSC/NOR/1), received 15 January 2026." in words(main)
    assert "A9.4 Compensation without discrimination art. 9(4) · text of the Protocol" in words(main)
    assert "G4 Budget III; III.E · from memory: to be confirmed" in words(main)
    assert "At most 31,800 words by General Assembly resolution 68/268, paragraph 16." in words(main)
    assert "0 of 40 marked" in words(main)


def test_marks_are_saved_without_finishing_and_shown_again(report: Submission, ed: Client) -> None:
    form = form_on(ed, report) | marks(A5="absent", P1="covered") | {"words": "34 200", "step": "save"}
    answer = ed.post(address_of(report), form, follow=True)
    main = one_of(read(answer), "main")
    assert "Saved: 2 of 40 items marked." in words(main)
    assert "34,200 words, 2,400 above the limit." in words(main)
    checklist = Checklist.objects.get()
    assert (checklist.by, checklist.finished_on, checklist.words) == (who("ed"), None, 34_200)
    shown = form_on(ed, report)
    assert {name: shown.get(name) for name in marks(A5="", P1="")} == marks(A5="absent", P1="covered")
    assert checklist.history.latest("history_id").history_user == who("ed")


def test_it_is_finished_once_every_item_has_a_mark(report: Submission, ed: Client) -> None:
    form = form_on(ed, report) | all_marked() | marks(A5="") | {"step": "finish"}
    main = one_of(read(ed.post(address_of(report), form, follow=True)), "main")
    assert "Saved, but not finished: 1 item has no mark: A5." in words(main)
    assert "39 of 40 marked" in words(main)
    form = form_on(ed, report) | marks(A5="absent") | {"step": "finish"}
    main = one_of(read(ed.post(address_of(report), form, follow=True)), "main")
    assert "The checklist is finished and counts from today on." in words(main)
    assert "ed finished a checklist on 22 November 2026. Shown below." in words(main)
    assert "39 of 40 items covered; missing A5." in words(main)


def test_a_finished_checklist_is_reopened_or_deleted(report: Submission, ed: Client) -> None:
    checklist = checks(report, who("ed"))
    ed.post(address_of(report), {"step": "reopen", "checklist": checklist.pk})
    assert "40 of 40 marked" in words(main_of(ed, address_of(report)))
    # The days before still know it as it was; the days before it was finished, that it was begun.
    before = words(main_of(ed, f"{address_of(report)}?as_of=2026-03-02"))
    assert "ed finished a checklist on 2 March 2026. Shown below." in before
    assert "40 of 40 items covered." in before
    assert "it is not finished" not in before
    life = f"/submissions/{report.pk}/"
    assert "Checked 2 March 2026" in words(read(ed.get(f"{life}?as_of=2026-11-21")))
    assert "Checked 2 March 2026" not in words(read(ed.get(life)))
    begun = words(main_of(in_role("Viewer", "vera"), f"{address_of(report)}?as_of=2026-03-01"))
    assert begun.count("ed began a checklist on 1 March 2026; it is not finished.") == 1
    ed.post(address_of(report), {"step": "delete", "checklist": checklist.pk})
    assert not Checklist.objects.exists()


def test_what_was_typed_is_kept_where_it_is_refused(report: Submission, ed: Client) -> None:
    (name,) = marks(A5="")
    wrong = {
        name.replace("mark", "note"): "see p. 4",
        name.replace("mark", "pages"): "1" * 61,
        "words": "many",
    }
    main = one_of(read(ed.post(address_of(report), form_on(ed, report) | wrong)), "main")
    assert "Not saved. Correct the fields marked below." in words(main)
    assert "Ensure this value has at most 60 characters (it has 61)." in words(main)
    assert "Enter the number of words in figures, for example 31,800." in words(main)
    right = wrong | {name.replace("mark", "pages"): "1", "words": ""}
    main = one_of(read(ed.post(address_of(report), form_on(ed, report) | right)), "main")
    assert "Choose a mark for each item with pages or a note: A5." in words(main)
    assert words(one_of(main, "textarea", name=name.replace("mark", "note"))) == "see p. 4"
    assert not Checklist.objects.exists()


def test_a_second_window_does_not_overwrite_the_first(report: Submission, ed: Client) -> None:
    checks(report, who("ed"), finished=None)
    seen = form_on(ed, report)
    ed.post(address_of(report), seen | marks(A5="partly"))
    page = read(ed.post(address_of(report), seen | marks(A5="absent")))
    (box,) = all_of(page, "section", class_="conflict")
    assert words(one_of(box, "tbody")) == "A5: markabsentpartly covered"
    assert Checklist.objects.get().marks.get(item__code="A5").mark == "partly"
    again = fields_of(one_of(page, "form", class_="checklist"))
    typed = next(
        one.attributes for one in all_of(box, "input") if one.attributes["value"].startswith("typed")
    )
    ed.post(address_of(report), again | {typed["name"]: typed["value"]})
    assert Checklist.objects.get().marks.get(item__code="A5").mark == "absent"


def test_a_form_of_another_version_is_refused(report: Submission, ed: Client) -> None:
    seen = form_on(ed, report)
    Guidelines.objects.create(
        treaty_id="OPSC", document="CRC/C/OPSC/3", title="New", valid_from=factories.day("2026-01-10")
    )
    main = one_of(read(ed.post(address_of(report), seen | marks(A5="absent"))), "main")
    assert "This checklist is of CRC/C/OPSC/2, but CRC/C/OPSC/3 was in force" in words(main)
    assert not Checklist.objects.exists()
    assert (
        ed.post(address_of(report), seen | {"guidelines": "\x00"}).status_code == 302
    )  # as if it were left out


def test_a_checklist_of_another_version_is_said_and_can_be_deleted(report: Submission, ed: Client) -> None:
    checklist = checks(report, who("ed"), finished=None)
    Guidelines.objects.create(
        treaty_id="OPSC", document="CRC/C/OPSC/3", title="New", valid_from=factories.day("2026-01-10")
    )
    main = main_of(ed, address_of(report))
    assert "Begin again with that version." in words(main)
    assert fields_of(all_of(main, "form")[0])["checklist"] == str(checklist.pk)


def test_a_report_from_before_the_guidelines_says_why_it_has_no_checklist(ed: Client) -> None:
    report = receives(a_state("NOR"), "2004-05-03")
    main = main_of(ed, address_of(report))
    assert "No guidelines are recorded that were in force on 3 May 2004" in words(main)
    assert not all_of(main, "form")


# --- who sees what --------------------------------------------------------------------------------------


def test_who_is_marking_does_not_see_the_marks_of_others(report: Submission, ed: Client) -> None:
    theirs = checks(report, an_officer("bob"), absent=["A5"])
    mine = checks(report, who("ed"), finished=None)
    for address in (address_of(report), f"{address_of(report)}?show={theirs.pk}"):
        said = words(main_of(ed, address))
        assert "bob finished a checklist on 2 March 2026." in said
        assert "Finish your own checklist to see those of others" in said
        assert "missing A5" not in said
        assert "Read it" not in said
    answer = ed.get(address_of(report, "compare"), follow=True)
    assert "Finish your own checklist first" in words(one_of(read(answer), "main"))
    mine.finished_on = factories.day("2026-03-03")
    mine.save()
    assert "missing A5" in words(main_of(ed, f"{address_of(report)}?show={theirs.pk}"))


def test_who_has_not_begun_may_read_those_of_others_on_request(report: Submission, ed: Client) -> None:
    theirs = checks(report, an_officer("bob"), absent=["A5"])
    said = words(main_of(ed, address_of(report)))
    assert "0 of 40 marked" in said
    assert "missing A5" not in said
    assert "39 of 40 items covered; missing A5." in words(
        main_of(ed, f"{address_of(report)}?show={theirs.pk}")
    )


def test_a_viewer_reads_the_checklist_that_counts_and_marks_none(report: Submission) -> None:
    viewer = in_role("Viewer", "vera")
    assert "nobody had finished a checklist" in words(main_of(viewer, address_of(report)))
    checks(report, an_officer("bob"), absent=["A5"], words=34_200)
    main = main_of(viewer, address_of(report))
    assert "39 of 40 items covered; missing A5." in words(main)
    assert "34,200 words, 2,400 above the limit." in words(main)
    assert not all_of(main, "form")
    assert viewer.post(address_of(report), {"step": "save"}).status_code == 403


def test_on_an_earlier_day_the_checklist_was_not_known(report: Submission, ed: Client) -> None:
    checks(report, who("ed"), finished="2026-03-02", absent=["A5"])
    said = words(main_of(ed, f"{address_of(report)}?as_of=2026-03-01"))
    assert "missing A5" not in said
    assert "missing A5" in words(main_of(ed, f"{address_of(report)}?as_of=2026-03-02"))


# --- two people -----------------------------------------------------------------------------------------


@pytest.fixture
def two(report: Submission, ed: Client) -> tuple[Checklist, Checklist]:
    return (
        checks(report, who("ed"), finished="2026-03-01", absent=["A5"], words=30_000),
        checks(report, an_officer("bob"), partly=["D1"], words=29_000),
    )


def test_two_checklists_are_compared_where_they_differ(
    report: Submission, ed: Client, two: tuple[Checklist, Checklist]
) -> None:
    main = main_of(ed, address_of(report, "compare"))
    assert "They differ in 2 of 40 items." in words(main)
    rows = all_of(one_of(main, "tbody"), "tr")
    assert [words(all_of(row, "th")[0]) for row in rows] == ["D1", "A5", "Length"]
    assert [words(cell) for cell in all_of(rows[1], "td")][1:] == ["absent", "covered"]
    every = main_of(ed, f"{address_of(report, 'compare')}?items=all")
    assert len(all_of(one_of(every, "tbody"), "tr")) == 41


def test_the_agreed_checklist_is_saved_by_who_settled_it(
    report: Submission, ed: Client, two: tuple[Checklist, Checklist]
) -> None:
    page, (mine, theirs) = address_of(report, "compare"), two
    keys = {one.code: f"item_{one.pk}" for one in GuidelineItem.objects.filter(code__in=("A5", "D1"))}
    sent = {"version": fields_of(all_of(main_of(ed, page), "form")[0])["version"], keys["A5"]: str(mine.pk)}
    main = one_of(read(ed.post(page, sent)), "main")
    assert "Choose one of the marks for each of these items: D1." in words(main)
    sent |= {keys["D1"]: str(theirs.pk), "words": str(theirs.pk)}
    main = one_of(read(ed.post(page, sent, follow=True)), "main")
    assert "Agreed on 22 November 2026, settled by ed. It counts. Shown below." in words(main)
    assert "38 of 40 items covered; missing A5; partly covered D1." in words(main)
    assert Checklist.objects.get(agreed=True).words == 29_000
    assert "There is an agreed checklist, which counts." in words(main_of(ed, page))


def test_nothing_is_agreed_if_a_checklist_has_changed_meanwhile(
    report: Submission, ed: Client, two: tuple[Checklist, Checklist]
) -> None:
    page = address_of(report, "compare")
    version = fields_of(all_of(main_of(ed, page), "form")[0])["version"]
    two[1].marks.filter(item__code="A1").update(mark="absent")
    main = one_of(read(ed.post(page, {"version": version})), "main")
    assert "Not saved: a checklist has changed since you opened this page." in words(main)
    assert not Checklist.objects.filter(agreed=True).exists()


def test_one_checklist_alone_is_not_compared(report: Submission, ed: Client) -> None:
    checks(report, who("ed"))
    said = words(main_of(ed, address_of(report, "compare")))
    assert "Two people have to finish a checklist before they can be compared." in said


# --- elsewhere ------------------------------------------------------------------------------------------


def test_the_dossier_says_what_a_report_covers(report: Submission, ed: Client) -> None:
    codes = ["P1", "P2", "P3", "P4", "P5", "D1", "D2", "D3"]
    checks(report, who("ed"), absent=codes, words=34_200)
    said = words(main_of(ed, "/reports/dossier/NOR/"))
    assert "32 of 40 items covered; missing P1, P2, P3, P4, P5, D1, D2, D3" in said
    assert "34,200 words, 2,400 above the limit" in said
    assert "What the reports cover" not in words(main_of(ed, "/reports/dossier/NOR/?as_of=2026-03-01"))


def test_a_report_with_a_checklist_is_not_deleted_and_the_reason_is_said(report: Submission) -> None:
    checks(report, an_officer("bob"))
    with pytest.raises(ValidationError) as error:
        changes.delete([report], by=an_officer("ada"))
    assert error.value.messages == [
        "The submission CRC/C/OPSC/NOR/1 cannot be deleted, because other records refer to it: checklists."
    ]


def test_the_pages_take_few_queries(
    report: Submission, two: tuple[Checklist, Checklist], ed: Client, django_assert_max_num_queries: Any
) -> None:
    for address in (address_of(report), address_of(report, "compare")):
        with django_assert_max_num_queries(8):
            ed.get(address)
    two[0].finished_on = None
    two[0].save()
    with django_assert_max_num_queries(8):
        answer = ed.get(address_of(report))
    assert len(answer.content) < 100_000


def test_the_pages_of_the_report_and_of_its_state_say_what_it_covers(report: Submission, ed: Client) -> None:
    checks(report, who("ed"), absent=["A5"], words=34_200)
    main = main_of(ed, f"/submissions/{report.pk}/")
    assert "39 of 40 items covered; missing A5" in words(main)
    assert links(main)["Checklist"] == address_of(report)
    main = main_of(ed, "/states/NOR/")
    assert "39 of 40 items covered; missing A5. Checklist" in words(main)
    assert "missing A5" not in words(main_of(ed, "/states/NOR/?as_of=2026-03-01"))
