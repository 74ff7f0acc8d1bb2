"""The page of a paper: what it shows to whom, and each act on it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests import factories
from tests.web.conftest import TODAY, a_paper, in_role
from tests.web.pages import all_of, focus_of, messages, one_of, press_undo, problems, read, words
from tracker.correspondence import files, papers, received, rendering
from tracker.correspondence.checks import attached_to
from tracker.correspondence.models import Paper
from tracker.correspondence.papers import NewPaper
from tracker.correspondence.text.subject import PaperSubject
from tracker.registry.models import Contact, State
from tracker.reminders.models import Pause
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
    assert buttons(staff, note) == ["Attach", "Take back"]
    again = {"act": "dispatch", "seen": mark_of(note), "means": "hand"}
    assert messages(read(staff.post(f"/correspondence/{note.pk}/act/", again, follow=True))) == [
        "Nothing was done. OPSC/2026/0001 was dispatched on 22 November 2026, and its receipt is confirmed."
    ]


def test_an_acknowledgement_of_the_wrong_paper_is_undone_at_once_or_taken_back_later(
    note: Paper, staff: Client
) -> None:
    papers.dispatch(papers.initial(note, by="bob"), "hand", by="bob", day=TODAY)
    answer = act(staff, note, "acknowledge", on="2026-11-22", note="stamped copy")
    assert messages(read(answer)) == ["The receipt of OPSC/2026/0001 is recorded. Undo"]
    assert messages(read(press_undo(staff, answer))) == ["Undone: OPSC/2026/0001 (acknowledged)."]
    assert status(note) == "dispatched"
    # The same button a second time undoes nothing more.
    assert "1 paper was left unchanged" in messages(read(press_undo(staff, answer)))[0]
    act(staff, note, "acknowledge", on="2026-11-22", note="stamped copy")
    assert problems(read(act(staff, note, "unconfirm", reason=" "))) == [
        "Enter a reason. It stays in the register."
    ]
    answer = act(staff, note, "unconfirm", reason="it was OPSC/2026/0007")
    assert messages(read(answer)) == ["The acknowledgement of OPSC/2026/0001 is taken back. Undo"]
    note.refresh_from_db()
    assert (note.status, note.acknowledged_on, note.acknowledged_note) == ("dispatched", None, "")
    step = note.steps.last()
    assert step is not None
    assert (step.what, step.note) == (
        "unconfirmed",
        "acknowledged on: 2026-11-22; how: stamped copy; it was OPSC/2026/0007",
    )
    press_undo(staff, answer)
    note.refresh_from_db()
    assert (note.status, note.acknowledged_on, note.acknowledged_note) == (
        "acknowledged",
        TODAY,
        "stamped copy",
    )


def test_initials_and_cancellations_are_undone_by_the_person_alone(note: Paper, staff: Client) -> None:
    answer = act(staff, note, "cancel", reason="written by telephone")
    assert "Cancelled: written by telephone" in words(read(answer))
    assert "1 paper was left unchanged" in messages(read(press_undo(in_role("Editor"), answer)))[0]
    assert status(note) == "cancelled"
    assert messages(read(press_undo(staff, answer))) == ["1 paper is a draft again."]


def test_a_step_is_undone_within_ten_minutes(note: Paper, staff: Client) -> None:
    answer = act(staff, note, "cancel", reason="written by telephone")
    at, last = datetime.now(UTC), note.steps.filter(what="cancelled")
    last.update(at=at - timedelta(minutes=10, seconds=1))
    assert "1 paper was left unchanged" in messages(read(press_undo(staff, answer)))[0]
    assert status(note) == "cancelled"
    last.update(at=at - timedelta(minutes=9))
    press_undo(staff, answer)
    assert status(note) == "draft"


def test_undoing_initials_needs_the_role_that_gives_them(note: Paper) -> None:
    editor = in_role("Editor", "ed")
    papers.initial(note, by="ed")  # an approver then
    sent = {"keys": str(note.steps.get(what="initialled").pk)}
    page = read(editor.post("/correspondence/undo/", sent, follow=True))
    assert "1 paper was left unchanged" in messages(page)[0]
    assert status(note) == "initialled"


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
    step = note.steps.get()
    assert officer.post("/correspondence/undo/", {"keys": str(step.pk)}).status_code == 403
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
        (
            "To {state_name}",
            "No names are filled in here: {state_name} would be printed. Write the words themselves.",
        ),
    ],
)
def test_words_that_cannot_be_printed_are_refused(
    typed: str, said: str, mission: Contact, staff: Client
) -> None:
    paper = a_paper(mission, form="note")
    sent = {"seen": mark_of(paper), "words_en": typed, "step": "save"}
    page = read(staff.post(f"/correspondence/{paper.pk}/edit/", sent))
    assert (problems(page), focus_of(page)) == ([said], ["words_en"])


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
    assert messages(page) == ["1 file attached. Undo"]
    assert note.files.get().name == "stamped.pdf"
    assert note.steps.last().what == "filed"


def attached(client: Client, paper: Paper, name: str = "wrong.pdf") -> Any:
    copy = SimpleUploadedFile(name, rendering.pdf_of([paper.content]))
    return client.post(f"/correspondence/{paper.pk}/attach/", {"uploads": copy}, follow=True)


def shown_files(client: Client, paper: Paper) -> str:
    return words(
        one_of(read(client.get(paper.get_absolute_url())), "section", aria_labelledby="h-files")
    ).split(" Attach files")[0]


def test_a_wrong_file_is_taken_off_before_the_dispatch_and_never_sent(note: Paper, staff: Client) -> None:
    answer = attached(staff, note)
    assert messages(read(press_undo(staff, answer))) == ["Undone: OPSC/2026/0001 (file attached)."]
    assert shown_files(staff, note) == "Files No files yet. The PDF is filed with the last initials."
    attached(staff, note)
    file = note.files.get()  # the same bytes under the same name are one row
    answer = act(staff, note, "remove", file=[file.pk], reason="of Norway")
    assert messages(read(answer)) == ["The files are removed from OPSC/2026/0001. Undo"]
    assert staff.get(file.get_absolute_url()).status_code == 404
    assert not attached_to(note).exists()
    assert note.steps.last().note == "wrong.pdf: of Norway"
    press_undo(staff, answer)
    assert staff.get(file.get_absolute_url()).status_code == 200


def test_undoing_an_attachment_leaves_the_file_that_somebody_attached_again(
    note: Paper, staff: Client
) -> None:
    first = attached(staff, note)
    file, bea = note.files.get(), in_role("Approver", "bea")
    act(bea, note, "remove", file=[file.pk], reason="of Norway")
    attached(bea, note)
    assert "1 paper was left unchanged" in messages(read(press_undo(staff, first)))[0]
    assert bea.get(file.get_absolute_url()).status_code == 200


def test_a_file_of_a_dispatched_paper_stays_and_is_marked(note: Paper, staff: Client) -> None:
    undo = attached(staff, note)
    papers.dispatch(papers.initial(note, by="bob"), "hand", by="bob", day=TODAY)
    assert "1 paper was left unchanged" in messages(read(press_undo(staff, undo)))[0]
    file = note.files.get(origin="uploaded")
    # Attached a second time it is the same file, which may have gone with the mail: undoing does not take it off.
    assert "1 paper was left unchanged" in messages(read(press_undo(staff, attached(staff, note))))[0]
    assert staff.get(file.get_absolute_url()).status_code == 200
    answer = act(staff, note, "remove", file=[file.pk], reason="of Norway")
    assert messages(read(answer)) == ["The files of OPSC/2026/0001 are marked as attached by mistake. Undo"]
    assert "attached by mistake: of Norway" in shown_files(staff, note)
    assert staff.get(file.get_absolute_url()).status_code == 200
    attached(staff, note)
    assert "attached by mistake" not in shown_files(staff, note)
    made = note.files.get(origin="made")
    assert problems(read(act(staff, note, "remove", file=[made.pk], reason="x"))) == [
        f"Select a valid choice. {made.pk} is not one of the available choices."
    ]


def test_what_to_check_is_said_before_the_dispatch_and_forbids_nothing(note: Paper, staff: Client) -> None:
    Contact.history.update(history_date=datetime(2020, 1, 1, tzinfo=UTC))
    report = note.obligation
    assert report is not None
    Pause.objects.create(obligation=report, made_on=TODAY, until=date(2027, 3, 1), reason="elections")
    page = read(staff.get(note.get_absolute_url()))
    assert not all_of(page, "div", role="note")
    papers.initial(note, by="bob")
    doubts = [
        "mission.dnk@example.org: Nobody has confirmed this address yet.",
        "Reminders about this report are paused until 1 March 2027: elections",
    ]
    page = read(staff.get(note.get_absolute_url()))
    assert [words(one) for one in all_of(one_of(page, "div", role="note"), "li")] == doubts
    sent = {"act": "dispatch", "pick": f"{note.pk}@{mark_of(Paper.objects.get())}"}
    page = read(staff.post("/correspondence/act/", sent))
    assert [words(one) for one in all_of(page, "small", class_="differs")] == doubts
    act(staff, note, "dispatch", means="hand")
    assert status(note) == "dispatched"


def test_one_refused_file_keeps_all_of_them_out(note: Paper, staff: Client) -> None:
    copy = SimpleUploadedFile("stamped.pdf", rendering.pdf_of([note.content]))
    page = read(
        staff.post(
            f"/correspondence/{note.pk}/attach/",
            {"uploads": [copy, SimpleUploadedFile("x.pdf", b"<script>")]},
        )
    )
    (problem,) = problems(page)
    assert problem == (
        "x.pdf: This is a web page, a drawing or a program, not plain text. Print it to a PDF, and upload that."
    )
    assert focus_of(page) == ["uploads"]
    assert not note.files.exists()
    assert problems(read(staff.post(f"/correspondence/{note.pk}/attach/"))) == ["Choose at least one file."]


def test_a_refused_act_opens_the_page_at_its_first_error(note: Paper, staff: Client) -> None:
    assert focus_of(read(staff.get(note.get_absolute_url()))) == []
    assert focus_of(read(act(staff, note, "cancel", reason=" "))) == ["reason"]
    papers.initial(note, by="bob")
    assert focus_of(read(act(staff, note, "dispatch", means="hand", on="2027-01-01"))) == ["on"]


def test_a_paper_received_has_no_text_of_ours_to_print(mission: Contact, staff: Client) -> None:
    paper = received.receive(mission.state, by="ada", on=TODAY, subject="Our report")
    assert [staff.get(f"/correspondence/{paper.pk}/paper.{end}").status_code for end in ("pdf", "docx")] == [
        404,
        404,
    ]
