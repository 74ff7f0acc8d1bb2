"""The draft list of issues: made of the gaps of a report, edited on the page, downloaded; words saved for all lists."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from docx import Document

from tests import factories
from tests.consideration.samples import checks
from tests.web.conftest import TODAY, a_paper, in_role
from tests.web.pages import Element, all_of, fields_of, links, messages, one_of, problems, read, words
from tracker.consideration.models import GuidelineItem, ItemQuestion
from tracker.obligations.models import InformationRequest, Submission
from tracker.web.consideration import draft_issues

pytestmark = pytest.mark.django_db

BUDGET = "Please provide information on the budget allocated to the implementation of the Protocol."
MEASURES = (
    "Please describe the measures that prohibit producing and disseminating material that advertises the offences "
    "covered by the Protocol."
)


@pytest.fixture
def report() -> Submission:
    """Panama's initial report, of which one item is absent and one partly covered."""
    panama = factories.a_state("PAN", region="GRULAC")
    report = factories.receives(panama, "2025-06-05", symbol="CRC/C/OPSC/PAN/1")
    checks(report, factories.an_officer("olga"), finished="2026-03-02", absent=["A9.5"], partly=["G4"])
    return report


def address(report: Submission, end: str = "/") -> str:
    return f"/submissions/{report.pk}/issues{end}"


def item(code: str) -> GuidelineItem:
    return GuidelineItem.objects.get(code=code)


def sent_by(page: Element) -> dict[str, Any]:
    """The form of the draft as a browser sends it."""
    return fields_of(next(one for one in all_of(page, "form", method="post") if all_of(one, "ol")))


def requests(answer: Any) -> list[str]:
    """The numbered paragraphs of an editable file."""
    document = Document(io.BytesIO(answer.content))
    return [one.text for one in document.paragraphs if one.style.name == "List Number"]


def test_each_gap_is_a_request_with_its_place(report: Submission, staff: Client) -> None:
    page = read(staff.get(address(report)))
    assert words(one_of(page, "p", class_="says")) == (
        "Initial report: 2 items are absent or partly covered, by the checklist of 2 March 2026. "
        "Select the requests, edit their words, and download the draft; it is not stored here."
    )
    assert [words(one) for one in all_of(page, "textarea")] == [
        BUDGET,
        MEASURES,
    ]
    assert [words(one) for one in all_of(page, "span", class_="tag")] == [
        "partly covered", "guidelines, section III", "absent", "art. 9(5)",
    ]  # fmt: skip


def test_the_file_of_a_link_has_all_gaps(report: Submission, staff: Client) -> None:
    answer = staff.get(address(report, ".docx"))
    assert answer["Content-Disposition"] == f'attachment; filename="issues-PAN-{report.pk}-draft.docx"'
    assert requests(answer) == [
        BUDGET.removesuffix(".") + " (guidelines, section III).",
        MEASURES.removesuffix(".") + " (art. 9(5)).",
    ]
    pdf = staff.get(address(report, ".pdf"))
    assert (pdf["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert staff.get(address(report, ".odt")).status_code == 404


def test_the_file_has_what_was_selected_and_typed(report: Submission, staff: Client) -> None:
    sent = sent_by(read(staff.get(address(report))))
    del sent[f"item{item('G4').pk}-ask"]
    sent[f"item{item('A9.5').pk}-words_en"] = "Is advertising banned?"
    assert requests(staff.post(address(report, ".docx"), sent)) == ["Is advertising banned? (art. 9(5))"]


def test_a_draft_in_two_languages_keeps_what_was_typed_in_the_first(
    report: Submission, staff: Client
) -> None:
    sent = sent_by(read(staff.get(address(report))))
    sent |= {f"item{item('A9.5').pk}-words_en": "Typed.", "language": ["en", "fr"], "step": "look"}
    page = read(staff.post(address(report), sent))
    shown = {one.attributes["name"]: words(one) for one in all_of(page, "textarea")}
    assert shown[f"item{item('A9.5').pk}-words_en"] == "Typed."
    assert len(shown) == 4
    both = requests(staff.post(address(report, ".docx"), sent_by(page) | {"language": ["en", "fr"]}))
    assert len(both) == 4
    assert "Typed (art. 9(5))." in both


def test_without_any_request_there_is_no_file(report: Submission, staff: Client) -> None:
    sent = {
        name: value for name, value in sent_by(read(staff.get(address(report)))).items() if "-ask" not in name
    }
    page = read(staff.post(address(report, ".docx"), sent))
    assert problems(page) == ["Select at least one request."]


def test_an_empty_request_is_no_request(report: Submission, staff: Client) -> None:
    sent = sent_by(read(staff.get(address(report)))) | {f"item{item('G4').pk}-words_en": " "}
    page = read(staff.post(address(report, ".pdf"), sent))
    assert problems(page) == ["Enter the request, or clear its box so that it is left out."]


def test_a_report_that_nobody_checked_has_no_draft_yet(report: Submission, staff: Client) -> None:
    page = read(staff.get(address(report) + "?as_of=2026-03-01"))
    assert "Nobody had finished a checklist of this report by 1 March 2026." in words(one_of(page, "main"))
    assert all_of(page, "textarea") == []
    assert staff.get(address(report, ".docx") + "?as_of=2026-03-01")["Content-Type"].startswith("text/html")


def test_a_report_that_covers_all_has_nothing_to_request(staff: Client) -> None:
    report = factories.receives(factories.a_state("BHR"), "2025-06-05")
    checks(report)
    said = words(one_of(read(staff.get(address(report))), "main"))
    assert "The checklist marks no item as absent or partly covered, so there is nothing to request." in said


# --- words for all lists --------------------------------------------------------------------------


def keep(client: Client, report: Submission, text: str, **more: Any) -> Any:
    key = item("G4").pk
    sent = sent_by(read(client.get(address(report)))) | {f"item{key}-words_en": text, "step": f"keep-{key}"}
    return client.post(address(report), sent | more)


def test_words_saved_for_all_lists_are_used_again_and_have_a_history(
    report: Submission, staff: Client
) -> None:
    page = read(keep(staff, report, "What is the budget?"))
    assert messages(page) == ["The words for G4 are saved for all lists."]
    assert "own words of the office" in [words(one) for one in all_of(page, "span", class_="tag")]
    assert words(all_of(read(staff.get(address(report))), "textarea")[0]) == "What is the budget?"
    (change,) = ItemQuestion.history.all()
    assert (change.language, change.history_user.get_username()) == ("en", "ada")


def test_the_usual_words_take_the_place_of_own_ones_again(report: Submission, staff: Client) -> None:
    keep(staff, report, "What is the budget?")
    page = read(keep(staff, report, ""))
    assert not ItemQuestion.objects.exists()
    assert words(all_of(page, "textarea")[0]) == BUDGET


def test_words_that_somebody_else_saved_meanwhile_are_not_overwritten(
    report: Submission, staff: Client
) -> None:
    key = item("G4").pk
    sent = sent_by(read(staff.get(address(report)))) | {f"item{key}-words_en": "Ours.", "step": f"keep-{key}"}
    stored = ItemQuestion.objects.create(item=item("G4"), language="en", words="Theirs.")
    page = read(staff.post(address(report), sent))
    assert ItemQuestion.objects.get().words == "Theirs."
    assert "saved this record after you opened the form" in problems(page)[0]
    (box,) = all_of(page, "section", class_="conflict")
    assert [words(cell) for cell in all_of(box, "td")] == ["Ours.", "Theirs."]
    radio = all_of(box, "input")[0].attributes
    again = sent_by(page) | {radio["name"]: radio["value"], "step": f"keep-{key}"}
    assert messages(read(staff.post(address(report), again))) == ["The words for G4 are saved for all lists."]
    stored.refresh_from_db()
    assert stored.words == "Ours."


def test_only_those_who_may_edit_questions_save_words(report: Submission) -> None:
    approver = in_role("Approver")
    assert keep(approver, report, "What is the budget?").status_code == 403
    assert "Save these words" not in words(read(approver.get(address(report))))
    assert keep(in_role("Editor", "erik"), report, "What is the budget?").status_code == 200


# --- from the draft to the replies ----------------------------------------------------------------


def test_the_list_is_recorded_in_a_form_that_is_filled_in(report: Submission) -> None:
    editor = in_role("Editor")
    found = links(one_of(read(editor.get(address(report))), "main"))
    form = read(editor.get(found["Record the list of issues"]))
    assert one_of(form, "input", name="state").attributes["value"].startswith("PAN")
    options = all_of(one_of(form, "select", name="kind"), "option")
    chosen = [words(one) for one in options if "selected" in one.attributes]
    assert chosen == ["list of issues"]
    assert found["Write the paper"] == "/correspondence/write/?state=PAN&occasion=issues"


def test_a_recorded_list_is_transmitted_by_a_paper(report: Submission) -> None:
    editor = in_role("Editor")
    factories.joins(report.state, on="2002-02-18")
    contact = factories.a_contact(report.state, kind="mission")
    InformationRequest.objects.create(
        state=report.state, document="CRC/C/OPSC/PAN/Q/1", issued_on=TODAY, due_on=TODAY.replace(year=2027)
    )
    page = read(editor.get(f"/correspondence/write/?state=PAN&occasion=issues&contact={contact.pk}"))
    assert "CRC/C/OPSC/PAN/Q/1" in words(one_of(page, "section", aria_labelledby="h-preview"))


def test_the_draft_is_attached_to_a_paper_that_is_not_dispatched(report: Submission) -> None:
    editor = in_role("Editor")
    paper = a_paper(factories.a_contact(report.state))
    sent = sent_by(read(editor.get(address(report)))) | {"step": "attach", "paper": str(paper.pk)}
    page = read(editor.post(address(report), sent, follow=True))
    assert messages(page) == [f"The draft is attached to {paper.reference}. Undo"]
    (file,) = paper.files.all()
    assert (file.name, file.added_by) == (f"issues-PAN-{report.pk}-draft.docx", "rolf")
    assert messages(read(editor.post(address(report), sent | {"paper": "0"}))) == [
        "Not attached: choose a paper that is not dispatched yet."
    ]


def test_words_of_a_machine_are_marked_and_not_attached_until_a_person_edits_them(
    report: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draft_issues, "by_machine", lambda code: {"Le budget ?"} if code == "fr" else set())
    ItemQuestion.objects.create(item=item("G4"), language="fr", words="Le budget ?")
    editor, paper = in_role("Editor"), a_paper(factories.a_contact(report.state))
    page = read(editor.get(address(report), {"language": "fr"}))
    assert [words(one) for one in all_of(page, "span", class_="tag")][3] == "machine translation, Français"
    sent = sent_by(page) | {"language": "fr", "step": "attach", "paper": str(paper.pk)}
    (said,) = messages(read(editor.post(address(report), sent)))
    assert said == (
        "Not attached: a machine translated the words of G4. No such words go to a State: edit them here, or have the "
        "translation confirmed."
    )
    assert not paper.files.exists()
    edited = sent | {f"item{item('G4').pk}-words_fr": "Quel est le budget ?"}
    assert messages(read(editor.post(address(report), edited, follow=True))) == [
        f"The draft is attached to {paper.reference}. Undo"
    ]


def test_a_viewer_cannot_attach_anything(report: Submission) -> None:
    paper = a_paper(factories.a_contact(report.state))
    viewer = in_role("Viewer")
    sent = sent_by(read(viewer.get(address(report)))) | {"step": "attach", "paper": str(paper.pk)}
    assert viewer.post(address(report), sent).status_code == 403
    assert not paper.files.exists()


def test_an_officer_attaches_it_to_papers_of_the_own_desk_alone(report: Submission, settings: Any) -> None:
    settings.DESK_LIMITS = True
    paper, editor = a_paper(factories.a_contact(report.state)), in_role("Editor")
    sent = sent_by(read(editor.get(address(report)))) | {"step": "attach", "paper": str(paper.pk)}
    assert editor.post(address(report), sent).status_code == 403
    assert not paper.files.exists()


def test_the_page_takes_seven_queries(
    report: Submission, staff: Client, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(7):
        staff.get(address(report))
