"""The page of a paper: what it shows to whom, and each act on it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests import factories
from tests.web.conftest import TODAY, a_paper, in_role
from tests.web.pages import all_of, messages, one_of, press_undo, problems, read, words
from tracker.correspondence import files, papers, received, rendering
from tracker.correspondence.models import Paper
from tracker.correspondence.papers import NewPaper
from tracker.correspondence.text.subject import PaperSubject
from tracker.registry.models import Contact, State
from tracker.web.correspondence.acts import mark_of

pytestmark = pytest.mark.django_db


def act(client: Client, paper: Paper, what: str, **values: Any) -> Any:
    paper.refresh_from_db()
    sent = {"act": what, "seen": mark_of(paper)} | values
    return client.post(f"/correspondence/{paper.pk}/act/", sent, follow=True)


def buttons(client: Client, paper: Paper) -> list[str]:
    main = one_of(read(client.get(paper.get_absolute_url())), "main")
    return [words(one) for one in all_of(main, "button")]


def status(paper: Paper) -> str:
    return Paper.objects.get(pk=paper.pk).status


def test_a_draft_shows_its_text_and_why_it_was_written(note: Paper, staff: Client) -> None:
    page = read(staff.get(note.get_absolute_url()))
    text = one_of(page, "article", class_="paper")
    assert text.attributes["lang"] == "en"
    assert "presents its compliments to the Permanent Mission of the Kingdom of Denmark" in words(text)
    assert "Reference: OPSC/2026/0001" in words(text)
    assert "initial report, due 10 February 2017 · Why this date" in words(page)
    assert words(one_of(page, "ol", class_="way")) == "drafted the program, 22 November 2026, 09:00 UTC"


def test_a_paper_goes_its_way_by_its_buttons(note: Paper, staff: Client) -> None:
    assert buttons(staff, note) == ["Initial", "Rewrite from the records", "Attach", "Cancel the paper"]
    answer = act(staff, note, "initial")
    assert messages(read(answer)) == ["OPSC/2026/0001 is initialled. It can be dispatched. Undo"]
    answer = act(staff, note, "dispatch", means="hand", on="", note="to Ms Berg")
    assert messages(read(answer)) == ["OPSC/2026/0001 is dispatched."]
    assert "by hand, 22 November 2026: to Ms Berg" in words(read(answer))
    act(staff, note, "acknowledge", on="2026-11-22", note="stamped copy")
    assert status(note) == "acknowledged"
    assert buttons(staff, note) == ["Attach"]


def test_initials_and_cancellations_are_undone_by_the_person_alone(note: Paper, staff: Client) -> None:
    answer = act(staff, note, "cancel", reason="written by telephone")
    assert "Cancelled: written by telephone" in words(read(answer))
    assert "1 paper was left unchanged" in messages(read(press_undo(in_role("Editor"), answer)))[0]
    assert status(note) == "cancelled"
    assert messages(read(press_undo(staff, answer))) == ["1 paper is a draft again."]


def test_a_cancellation_needs_a_reason(note: Paper, staff: Client) -> None:
    assert problems(read(act(staff, note, "cancel", reason=" "))) == [
        "Enter a reason. It stays in the register."
    ]
    assert status(note) == "draft"


def test_nothing_is_initialled_that_the_person_has_not_seen(note: Paper, staff: Client) -> None:
    seen = mark_of(note)
    papers.edit(note, {"en": ["Other words."]}, by="bob", seen=note.changed_at)
    answer = staff.post(f"/correspondence/{note.pk}/act/", {"act": "initial", "seen": seen}, follow=True)
    assert "Somebody has changed this paper since you opened it." in messages(read(answer))[0]
    assert status(note) == "draft"


def test_changed_records_are_said_on_top_and_the_paper_is_rewritten(
    note: Paper, mission: Contact, staff: Client
) -> None:
    factories.decides(mission.state, "2018-01-01", kind="initial", cycles="1")
    factories.derive(str(TODAY))
    page = read(staff.get(note.get_absolute_url()))
    assert words(one_of(page, "div", class_="outdated")) == (
        "The records have changed since this paper was written. Rewrite it from the records, or cancel it; it can "
        "be neither initialled nor dispatched as it is."
    )
    assert buttons(staff, note) == ["Rewrite from the records", "Attach", "Cancel the paper"]
    assert "The records have changed" in messages(read(act(staff, note, "initial")))[0]
    answer = act(staff, note, "rewrite")
    assert messages(read(answer)) == ["OPSC/2026/0001 is rewritten from the records."]
    assert "Due date: 1 January 2018." in words(one_of(read(answer), "article", class_="paper"))


def test_a_notice_of_review_says_who_must_act_next(mission: Contact) -> None:
    report = factories.the_obligation(mission.state)
    subject = PaperSubject(mission.state, report, report.due_on)
    notice = papers.draft(NewPaper("review notice", "note", mission, subject), by="ada", day=TODAY)
    assert notice is not None
    first, second = in_role("Approver", "ann"), in_role("Approver", "ben")
    page = words(read(first.get(notice.get_absolute_url())))
    assert "Enter the document of the decision; then two approvers initial this notice." in page
    act(first, notice, "decide", decision="CRC/C/103/2")
    said = messages(read(act(first, notice, "initial")))
    assert said == ["OPSC/2026/0001 has its first initials. Someone else must initial it too. Undo"]
    assert "You initialled this notice. Someone else must initial it too." in words(
        read(first.get(notice.get_absolute_url()))
    )
    assert "Initial" not in buttons(first, notice)
    edit = second.get(f"/correspondence/{notice.pk}/edit/", follow=True)
    assert messages(read(edit)) == ["Only drafts can be edited. Return the paper to draft first."]
    assert "ann initialled this notice. A second approver must initial it too." in words(
        read(second.get(notice.get_absolute_url()))
    )
    act(second, notice, "initial")
    assert status(notice) == "initialled"


def test_a_role_has_the_buttons_of_its_permissions(note: Paper) -> None:
    viewer, editor = in_role("Viewer", "vera"), in_role("Editor", "ed")
    assert buttons(viewer, note) == []
    assert buttons(editor, note) == ["Rewrite from the records", "Attach", "Cancel the paper"]
    papers.initial(note, by="bob")
    assert buttons(editor, note) == ["Attach"]
    assert messages(read(act(editor, note, "cancel", reason="mine"))) == [
        "Nothing was done: this paper does not allow it any more."
    ]
    assert status(note) == "initialled"
    assert buttons(in_role("Approver", "ann"), note) == [
        "Return to draft",
        "Dispatch",
        "Attach",
        "Cancel the paper",
    ]


def test_a_paper_of_another_desk_is_read_and_not_touched(note: Paper, settings: Any) -> None:
    settings.DESK_LIMITS = True
    officer = in_role("Approver")
    assert buttons(officer, note) == []
    assert act(officer, note, "initial").status_code == 403
    assert officer.get(f"/correspondence/{note.pk}/edit/").status_code == 403
    assert officer.post(f"/correspondence/{note.pk}/attach/").status_code == 403
    sent = {"act": "initial", "pick": f"{note.pk}@{mark_of(note)}"}
    assert officer.post("/correspondence/act/", sent).status_code == 403
    assert officer.post("/correspondence/undo/", {"keys": str(note.pk)}).status_code == 403
    for address in ("/correspondence/write/?state=DNK", "/correspondence/receive/?state=DNK"):
        assert problems(read(officer.get(address))) == ["Denmark has no desk officer; ask an Administrator."]
    State.objects.filter(pk="DNK").update(desk_officer=factories.an_officer("olaf"))
    assert status(note) == "draft"


def test_the_pdf_of_a_draft_is_made_and_that_of_an_initialled_paper_is_the_filed_one(
    note: Paper, staff: Client
) -> None:
    answer = staff.get(f"/correspondence/{note.pk}/paper.pdf")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="OPSC-2026-0001.draft.pdf"'
    assert answer.content[:5] == b"%PDF-"
    papers.initial(note, by="bob")
    filed = note.files.get()
    # A PDF of other words, filed before the same words were initialled again.
    files.keep(note, filed.name, files.PDF, b"other words", by="")
    assert staff.get(f"/correspondence/{note.pk}/paper.pdf").headers["Location"] == filed.get_absolute_url()


# --- editing ---------------------------------------------------------------------------------------------


def test_words_are_previewed_and_saved(mission: Contact, staff: Client) -> None:
    paper = a_paper(mission, form="note")
    address = f"/correspondence/{paper.pk}/edit/"
    sent = {"seen": mark_of(paper), "words_en": "One.\n\nTwo\nlines."}
    page = read(staff.post(address, sent | {"step": "look"}))
    assert "One. Two lines. The Secretariat" in words(one_of(page, "article", class_="paper"))
    assert Paper.objects.get().content[0]["paragraphs"][1] == "The office has moved."
    answer = staff.post(address, sent | {"step": "save"}, follow=True)
    assert messages(read(answer)) == ["OPSC/2026/0001 is saved."]
    assert Paper.objects.get().content[0]["paragraphs"] == ["One.", "Two lines."]


def test_words_typed_beside_a_change_of_another_person_are_kept_and_asked_about(
    mission: Contact, staff: Client
) -> None:
    paper = a_paper(mission, form="note")
    sent = {"seen": mark_of(paper), "words_en": "Mine.", "step": "save"}
    papers.edit(paper, {"en": ["Theirs."]}, by="bob", seen=paper.changed_at)
    page = read(staff.post(f"/correspondence/{paper.pk}/edit/", sent))
    assert Paper.objects.get().content[0]["paragraphs"] == ["Theirs."]
    assert words(one_of(page, "textarea", name="words_en")) == "Mine."
    assert "Theirs." in words(one_of(page, "article", class_="paper"))
    again = one_of(page, "input", name="seen").attributes["value"]
    staff.post(f"/correspondence/{paper.pk}/edit/", sent | {"seen": again})
    assert Paper.objects.get().content[0]["paragraphs"] == ["Mine."]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("  ", "Enter the words of the paper."),
        ("a\x07b", "The words contain control characters; type them again as plain text."),
    ],
)
def test_words_that_cannot_be_printed_are_refused(
    typed: str, said: str, mission: Contact, staff: Client
) -> None:
    paper = a_paper(mission, form="note")
    sent = {"seen": mark_of(paper), "words_en": typed, "step": "save"}
    assert problems(read(staff.post(f"/correspondence/{paper.pk}/edit/", sent))) == [said]


def test_a_paper_that_is_initialled_is_not_edited(note: Paper, staff: Client) -> None:
    papers.initial(note, by="bob")
    answer = staff.get(f"/correspondence/{note.pk}/edit/", follow=True)
    assert messages(read(answer)) == ["Only drafts can be edited. Return the paper to draft first."]


@pytest.mark.parametrize("seen", ["", "yesterday", "2026-13-45T00:00"])
def test_a_form_without_its_version_saves_nothing(seen: str, mission: Contact, staff: Client) -> None:
    paper = a_paper(mission, form="note")
    sent = {"seen": seen, "words_en": "Mine.", "step": "save"}
    assert staff.post(f"/correspondence/{paper.pk}/edit/", sent).status_code == 200
    assert Paper.objects.get().content[0]["paragraphs"][1] == "The office has moved."


# --- files -----------------------------------------------------------------------------------------------


def test_a_stamped_copy_is_attached_and_recorded(note: Paper, staff: Client) -> None:
    address = f"/correspondence/{note.pk}/attach/"
    copy = SimpleUploadedFile("stamped.pdf", rendering.pdf_of([note.content]))
    page = read(staff.post(address, {"uploads": copy}, follow=True))
    assert messages(page) == ["1 file attached."]
    assert note.files.get().name == "stamped.pdf"
    assert note.steps.last().what == "filed"


def test_one_refused_file_keeps_all_of_them_out(note: Paper, staff: Client) -> None:
    copy = SimpleUploadedFile("stamped.pdf", rendering.pdf_of([note.content]))
    page = read(
        staff.post(
            f"/correspondence/{note.pk}/attach/",
            {"uploads": [copy, SimpleUploadedFile("x.pdf", b"<script>")]},
        )
    )
    assert len(problems(page)) == 1
    assert not note.files.exists()
    assert problems(read(staff.post(f"/correspondence/{note.pk}/attach/"))) == ["Choose at least one file."]


def test_a_paper_received_has_no_text_of_ours_to_print(mission: Contact, staff: Client) -> None:
    paper = received.receive(mission.state, by="ada", on=TODAY, subject="Our report")
    assert [staff.get(f"/correspondence/{paper.pk}/paper.{end}").status_code for end in ("pdf", "docx")] == [
        404,
        404,
    ]
