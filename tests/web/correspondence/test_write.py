"""Writing papers: from the State to the draft; and entering papers that came in."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests import factories
from tests.web.conftest import TODAY, in_role
from tests.web.pages import (
    all_of,
    fields_of,
    focus_of,
    links,
    messages,
    one_of,
    press_undo,
    problems,
    read,
    words,
)
from tracker.correspondence import papers, rendering
from tracker.correspondence.models import Paper, RegisterYear
from tracker.correspondence.possible import possible_papers
from tracker.registry.models import Contact, ContactKind

pytestmark = pytest.mark.django_db

WRITE, RECEIVE = "/correspondence/write/", "/correspondence/receive/"


def occasions(mission: Contact) -> list[str]:
    return [one.occasion for one in possible_papers(mission.state, TODAY)]


def test_a_report_overdue_for_years_allows_each_occasion_that_has_come(mission: Contact) -> None:
    assert occasions(mission) == [
        "due",
        "overdue",
        "long overdue",
        "years overdue",
        "review notice",
        "other",
    ]


def test_a_report_ahead_allows_only_the_notice_ahead(mission: Contact) -> None:
    factories.decides(mission.state, "2027-03-01", kind="initial", cycles="1")
    factories.derive(str(TODAY))
    assert occasions(mission) == ["ahead", "next date", "other"]


def test_a_report_received_is_acknowledged_and_no_longer_asked_for(mission: Contact) -> None:
    factories.receives(mission.state, "2020-11-20")
    factories.derive(str(TODAY))
    assert occasions(mission) == ["receipt", "other"]


def test_the_state_is_asked_for_first(staff: Client, mission: Contact) -> None:
    assert [words(one) for one in all_of(one_of(read(staff.get(WRITE)), "main"), "button")] == ["Continue"]
    assert problems(read(staff.get(f"{WRITE}?state=Atlantis")))[0].startswith(
        "“Atlantis” is not a recorded State."
    )


def test_an_address_with_all_choices_shows_the_paper(mission: Contact, staff: Client) -> None:
    page = read(staff.get(f"{WRITE}?state=DNK&occasion=overdue&contact={mission.pk}"))
    assert "presents its compliments" in words(one_of(page, "article", class_="paper"))
    assert not Paper.objects.exists()
    assert not RegisterYear.objects.exists()


def test_a_choice_that_is_missing_is_named_once_it_was_asked_for(mission: Contact, staff: Client) -> None:
    assert problems(read(staff.get(f"{WRITE}?state=DNK"))) == []
    both = ["Choose the occasion of the paper.", "Choose to whom you write."]
    assert problems(read(staff.get(f"{WRITE}?state=DNK&about=&contact="))) == both
    of_ones_own = f"{WRITE}?state=DNK&about=other%7Cstate:DNK&contact="
    assert problems(read(staff.get(of_ones_own))) == both[1:]


def test_papers_about_the_same_report_are_named_unless_cancelled(
    note: Paper, mission: Contact, staff: Client
) -> None:
    address = f"{WRITE}?state=DNK&occasion=overdue&contact={mission.pk}"
    named = "Already in the register about this report: OPSC/2026/0001 (draft)"
    assert named in words(read(staff.get(address)))
    papers.cancel(note, by="bob", reason="twice")
    assert "Already in the register" not in words(read(staff.get(address)))


def test_a_paper_is_saved_as_a_draft_once(mission: Contact, staff: Client) -> None:
    about = next(one.key for one in possible_papers(mission.state, TODAY) if one.occasion == "overdue")
    sent = {"state": "DNK", "about": about, "contact": str(mission.pk), "step": "save"}
    assert messages(read(staff.post(WRITE, sent, follow=True))) == [
        "OPSC/2026/0001 is in the register as a draft."
    ]
    assert messages(read(staff.post(WRITE, sent, follow=True))) == ["This paper is in the register already."]
    papers.cancel(Paper.objects.get(), by="bob", reason="twice")
    assert messages(read(staff.post(WRITE, sent, follow=True))) == [
        "This paper is in the register and was cancelled. Undo its cancellation to use it."
    ]


def test_a_second_click_writes_no_second_paper(mission: Contact, staff: Client) -> None:
    sent = {"state": "DNK", "about": "other|state:DNK", "contact": str(mission.pk), "step": "save"}
    for title in ("Move", "Move", "Another"):
        staff.post(WRITE, sent | {"title": title, "words_en": "We moved."})
    assert Paper.objects.count() == 2


def test_a_second_click_enters_no_second_paper_received(mission: Contact, staff: Client) -> None:
    for subject in ("Our report", "Our report", "Another"):
        staff.post("/correspondence/receive/", received(subject=subject))
    assert sorted(Paper.objects.values_list("reference", "subject")) == [
        ("OPSC/2026/IN/0001", "Our report"),
        ("OPSC/2026/IN/0002", "Another"),
    ]


def test_words_of_ones_own_are_asked_for_in_the_language_of_the_contact_too(
    mission: Contact, staff: Client
) -> None:
    mission.language = "fr"
    mission.save()
    address = f"{WRITE}?state=DNK&occasion=other&contact={mission.pk}"
    page = read(staff.get(address))
    assert [one.attributes["name"] for one in all_of(page, "textarea")] == ["words_fr", "words_en"]
    assert (problems(page), focus_of(page)) == ([], ["title"])
    sent = {"state": "DNK", "about": "other|state:DNK", "contact": str(mission.pk), "step": "save"}
    assert problems(read(staff.post(WRITE, sent))) == [
        "Enter what the paper is about.",
        "Enter the words of the paper, at least in English.",
    ]
    wrong = {"title": "To {state_name}", "words_en": "Dear {sate}", "words_fr": "{"}
    assert problems(read(staff.post(WRITE, sent | wrong))) == [
        "No names are filled in here: {state_name} would be printed. Write the words themselves.",
        "Braces are for names of facts only. Use one of: {office}, {state}, {state_name}, {reference}, {name}.",
        "{sate} is not known here. Use one of: {office}, {state}, {state_name}, {reference}, {name}.",
    ]
    assert not Paper.objects.exists()
    staff.post(WRITE, sent | {"title": "Move", "words_en": "We moved.", "words_fr": "Nous avons déménagé."})
    assert "Nous avons déménagé." in Paper.objects.get().content[0]["paragraphs"]


def test_an_organization_gets_plain_mail_and_never_a_note(mission: Contact, staff: Client) -> None:
    factories.a_contact(mission.state, "ngo@example.org", name="An alliance", kind=ContactKind.OTHER)
    page = read(staff.get(f"{WRITE}?state=DNK"))
    options = [words(one) for one in all_of(one_of(page, "select", name="contact"), "option")]
    assert options[1:] == [
        "plain mail: An alliance, ngo@example.org",
        "note verbale: Permanent Mission of Denmark, mission.dnk@example.org",
    ]


def test_a_state_without_a_contact_says_so(mission: Contact, staff: Client) -> None:
    Contact.objects.all().delete()
    page = read(staff.get(f"{WRITE}?state=DNK"))
    assert "Denmark has no active contact. A paper needs one. Add a contact" in words(page)


# --- received --------------------------------------------------------------------------------------------


def received(**more: Any) -> dict[str, Any]:
    usual = {"state": "DNK", "on": "2026-11-20", "subject": "Our report", "form": "note", "step": "save"}
    return usual | more


@pytest.fixture
def gone(note: Paper) -> Paper:
    return papers.dispatch(papers.initial(note, by="bob"), "hand", by="bob", day=TODAY)


def test_a_paper_received_is_entered_with_its_file_and_answers_ours(gone: Paper, staff: Client) -> None:
    assert links(one_of(read(staff.get(gone.get_absolute_url())), "main"))["Record an answer"] == (
        f"/correspondence/receive/?answers={gone.pk}"
    )
    sent = received(
        on="2026-11-22",
        answers=str(gone.pk),
        acknowledges="on",
        their_reference="NV 12",
        uploads=SimpleUploadedFile("answer.pdf", rendering.pdf_of([gone.content])),
    )
    page = read(staff.post(RECEIVE, sent, follow=True))
    assert messages(page) == ["OPSC/2026/IN/0001 is in the register. Undo"]
    paper = Paper.objects.get(direction="in")
    assert (paper.answers, paper.their_reference, paper.files.get().name) == (gone, "NV 12", "answer.pdf")
    gone.refresh_from_db()
    assert (gone.status, str(gone.acknowledged_on)) == ("acknowledged", "2026-11-22")
    assert links(one_of(page, "main"))["Record it as a report received"] == (
        "/states/DNK/record-submission/?received_on=2026-11-22&symbol="
        "&note=Received+with+OPSC%2F2026%2FIN%2F0001%2C+NV+12."
    )


def test_a_file_that_is_refused_keeps_what_was_typed_and_draws_no_number(
    mission: Contact, staff: Client
) -> None:
    sent = received(
        on="2026-11-22", summary="They ask for time.", uploads=SimpleUploadedFile("answer.pdf", b"<script>")
    )
    page = read(staff.post(RECEIVE, sent))
    assert len(problems(page)) == 1
    assert words(one_of(page, "textarea", name="summary")) == "They ask for time."
    assert not Paper.objects.exists()
    assert not RegisterYear.objects.filter(last__gt=0).exists()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"on": "2026-11-23"}, "This day is in the future. Enter the day on which it happened."),
        ({"subject": ""}, "Enter what it is about, in a few words."),
        ({"acknowledges": "on"}, "Choose the paper whose receipt it confirms."),
    ],
)
def test_an_entry_that_lacks_something_says_what(
    more: dict[str, str], said: str, mission: Contact, staff: Client
) -> None:
    assert problems(read(staff.post(RECEIVE, received(**more)))) == [said]


def test_an_editor_enters_papers_and_leaves_acknowledging_to_approvers(gone: Paper) -> None:
    editor = in_role("Editor")
    page = read(editor.get(f"{RECEIVE}?answers={gone.pk}"))
    assert not all_of(page, "input", name="acknowledges")
    editor.post(RECEIVE, received(answers=str(gone.pk), acknowledges="on"))
    gone.refresh_from_db()
    assert (gone.status, gone.answered_by.count()) == ("dispatched", 1)


@pytest.fixture
def entered(mission: Contact, staff: Client) -> Paper:
    """A paper that was entered with errors."""
    staff.post(RECEIVE, received(subject="Our raport", name="Permanent Mission"))
    return Paper.objects.get(direction="in")


def test_what_was_entered_of_a_paper_is_corrected_and_the_history_says_what_it_was(
    entered: Paper, gone: Paper
) -> None:
    editor = in_role("Editor", "eve")
    address = links(one_of(read(editor.get(entered.get_absolute_url())), "main"))["Edit"]
    form = fields_of(one_of(read(editor.get(address)), "form", class_="halves"))
    assert (form["subject"], form["on"], form["name"]) == ("Our raport", "2026-11-20", "Permanent Mission")
    new = {"subject": "Our report", "on": "2026-11-19", "answers": str(gone.pk)}
    answer = editor.post(address, form | new, follow=True)
    assert messages(read(answer)) == ["OPSC/2026/IN/0001 is saved. Undo"]
    paper = Paper.objects.get(pk=entered.pk)
    assert (paper.reference, paper.subject, str(paper.received_on), str(paper.dated)) == (
        "OPSC/2026/IN/0001", "Our report", "2026-11-19", "2026-11-19",
    )  # fmt: skip
    assert (paper.answers, paper.occasion, paper.name) == (gone, "years overdue", "Permanent Mission")
    step = paper.steps.last()
    assert (step.what, step.by) == ("corrected", "eve")
    assert set(step.note.split("; ")) == {
        "received on: 2026-11-20", "subject: Our raport", "answers: nothing",
    }  # fmt: skip
    editor.post(address, fields_of(one_of(read(editor.get(address)), "form", class_="halves")))
    assert paper.steps.count() == 2  # without a change there is no step


def test_a_correction_does_not_overwrite_that_of_somebody_else(entered: Paper, staff: Client) -> None:
    address = f"/correspondence/{entered.pk}/edit/"
    form = fields_of(one_of(read(staff.get(address)), "form", class_="halves"))
    staff.post(address, form | {"summary": "They ask for time."})
    page = read(staff.post(address, form | {"subject": "Mine"}))
    assert problems(page) == [
        "Somebody has changed this paper since you opened it. Look at it again, then repeat."
    ]
    assert Paper.objects.get(pk=entered.pk).subject == "Our raport"
    assert in_role("Viewer", "vera").get(address).status_code == 403


# --- entered by mistake ------------------------------------------------------------------------------------


@pytest.fixture
def confirming(gone: Paper, staff: Client) -> Any:
    """The answer to entering a paper that confirms the receipt of ours."""
    sent = received(on="2026-11-22", answers=str(gone.pk), acknowledges="on")
    return staff.post(RECEIVE, sent, follow=True)


def test_an_entry_is_undone_with_the_receipt_that_it_confirms(
    confirming: Any, gone: Paper, staff: Client
) -> None:
    said = "OPSC/2026/IN/0001 is withdrawn. It keeps its number."
    assert messages(read(press_undo(staff, confirming))) == [said]
    paper = Paper.objects.get(direction="in")
    gone.refresh_from_db()
    assert (paper.status, paper.cancelled_because, gone.status) == (
        "withdrawn",
        "entered by mistake",
        "dispatched",
    )
    # The same entry again is another paper, and the number is not given out twice.
    staff.post(RECEIVE, received(on="2026-11-22", answers=str(gone.pk), acknowledges="on"))
    assert Paper.objects.get(status="received").reference == "OPSC/2026/IN/0002"


def test_an_entry_is_withdrawn_later_with_a_reason_and_reinstated(
    confirming: Any, gone: Paper, staff: Client
) -> None:
    paper = Paper.objects.get(direction="in")
    at = f"/correspondence/{paper.pk}/act/"
    editor = in_role("Editor")
    sent = {"act": "withdraw", "seen": paper.changed_at.isoformat(), "reason": "it was sent to Norway"}
    assert "Nothing was done" in messages(read(editor.post(at, sent, follow=True)))[0]
    answer = staff.post(at, sent, follow=True)
    assert messages(read(answer)) == ["OPSC/2026/IN/0001 is withdrawn. It keeps its number. Undo"]
    assert "Withdrawn: it was sent to Norway" in words(read(answer))
    gone.refresh_from_db()
    assert gone.status == "dispatched"
    assert "Answered by" not in words(read(staff.get(gone.get_absolute_url())))
    assert "OPSC/2026/IN/0001" not in words(read(staff.get("/states/DNK/correspondence/")))
    press_undo(staff, answer)
    gone.refresh_from_db()
    assert (gone.status, gone.acknowledged_note) == ("acknowledged", "OPSC/2026/IN/0001")
    paper.refresh_from_db()
    staff.post(at, sent | {"seen": paper.changed_at.isoformat()})
    paper.refresh_from_db()
    staff.post(at, {"act": "reinstate", "seen": paper.changed_at.isoformat()})
    paper.refresh_from_db()
    assert (paper.status, paper.cancelled_because) == ("received", "")


def act(client: Client, paper: Paper, name: str) -> Any:
    paper.refresh_from_db()
    sent = {"act": name, "seen": paper.changed_at.isoformat(), "reason": "by mistake"}
    return client.post(f"/correspondence/{paper.pk}/act/", sent, follow=True)


def correct(client: Client, paper: Paper, **new: str) -> Any:
    address = f"/correspondence/{paper.pk}/edit/"
    form = fields_of(one_of(read(client.get(address)), "form", class_="halves"))
    return client.post(address, form | new, follow=True)


def statuses() -> dict[str, str]:
    return dict(Paper.objects.values_list("direction", "status"))


def test_undoing_a_withdrawal_after_another_one_confirms_nothing(
    confirming: Any, gone: Paper, staff: Client
) -> None:
    paper, bea = Paper.objects.get(direction="in"), in_role("Approver", "bea")
    withdrawn = act(staff, paper, "withdraw")
    act(bea, paper, "reinstate")
    act(bea, paper, "withdraw")
    (said,) = messages(read(press_undo(staff, withdrawn)))
    assert said == "2 papers were left unchanged: they have been changed since."
    assert statuses() == {"in": "withdrawn", "out": "dispatched"}


def test_an_entry_that_has_come_to_confirm_a_receipt_is_not_undone_alone(gone: Paper, staff: Client) -> None:
    entry = staff.post(RECEIVE, received(on="2026-11-22", answers=str(gone.pk)), follow=True)
    correct(staff, Paper.objects.get(direction="in"), acknowledges="on")
    press_undo(staff, entry)
    assert statuses() == {"in": "received", "out": "acknowledged"}


def test_a_withdrawn_paper_is_not_corrected_and_confirms_nothing(gone: Paper, staff: Client) -> None:
    staff.post(RECEIVE, received(on="2026-11-22", answers=str(gone.pk)), follow=True)
    paper = Paper.objects.get(direction="in")
    act(staff, paper, "withdraw")
    page = read(correct(staff, paper, acknowledges="on"))
    assert problems(page) == ["OPSC/2026/IN/0001 is withdrawn."]
    assert statuses() == {"in": "withdrawn", "out": "dispatched"}


def test_undoing_a_move_to_another_state_after_a_correction_there_confirms_nothing(
    confirming: Any, gone: Paper, staff: Client
) -> None:
    factories.a_state("NOR")
    paper = Paper.objects.get(direction="in")
    moved = correct(staff, paper, state="NOR", reason="it is Norway's")
    correct(in_role("Approver", "bea"), paper, summary="They ask for time.")
    press_undo(staff, moved)
    paper.refresh_from_db()
    assert (paper.state_id, statuses()) == ("NOR", {"in": "received", "out": "dispatched"})


def test_an_entry_for_the_wrong_state_is_moved_with_a_reason_and_undone(
    confirming: Any, gone: Paper, staff: Client
) -> None:
    factories.a_state("NOR")
    paper = Paper.objects.get(direction="in")
    address = f"/correspondence/{paper.pk}/edit/"
    form = fields_of(one_of(read(staff.get(address)), "form", class_="halves"))
    assert (form["state"], form["acknowledges"]) == ("DNK - Denmark", "on")
    moved = form | {"state": "Norway"}
    assert problems(read(staff.post(address, moved))) == ["Enter why the paper belongs to another State."]
    answer = staff.post(address, moved | {"reason": "signed by Norway"}, follow=True)
    assert messages(read(answer)) == ["OPSC/2026/IN/0001 is saved. Undo"]
    paper.refresh_from_db()
    gone.refresh_from_db()
    assert (paper.state_id, paper.answers, paper.occasion, paper.reference) == (
        "NOR", None, "other", "OPSC/2026/IN/0001",
    )  # fmt: skip
    assert gone.status == "dispatched"
    assert set(paper.steps.last().note.split("; ")) == {
        "State: Denmark", "answers: OPSC/2026/0001", "signed by Norway",
    }  # fmt: skip
    press_undo(staff, answer)
    paper.refresh_from_db()
    gone.refresh_from_db()
    assert (paper.state_id, paper.answers, paper.occasion, gone.status) == (
        "DNK", gone, "years overdue", "acknowledged",
    )  # fmt: skip


def test_an_editor_corrects_no_day_on_which_a_receipt_was_confirmed(
    confirming: Any, gone: Paper, staff: Client
) -> None:
    address = f"/correspondence/{Paper.objects.get(direction='in').pk}/edit/"
    editor = in_role("Editor")
    form = fields_of(one_of(read(editor.get(address)), "form", class_="halves"))
    assert problems(read(editor.post(address, form | {"on": "2026-11-21"}))) == [
        "An approver has to correct this: the receipt of OPSC/2026/0001 is confirmed by this paper."
    ]
    editor.post(address, form | {"summary": "They thank us."})
    Paper.objects.filter(pk=gone.pk).update(dispatched_on="2026-11-20")
    form = fields_of(one_of(read(staff.get(address)), "form", class_="halves"))
    staff.post(address, form | {"on": "2026-11-21"})
    gone.refresh_from_db()
    assert (gone.status, str(gone.acknowledged_on)) == ("acknowledged", "2026-11-21")
