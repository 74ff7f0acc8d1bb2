"""Each fact is edited where it is shown: a preview first, a message with both values, and undone in one click."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.depth import first
from tests.web import committee
from tests.web.conftest import TODAY, in_role
from tests.web.pages import (
    Element,
    all_of,
    fields_of,
    links,
    messages,
    one_of,
    press_undo,
    problems,
    read,
    words,
)
from tracker.changes.versions import KINDS
from tracker.obligations.models import CommitteeDate, NonReceipt, Submission
from tracker.registry.models import Contact, State, TreatyAction
from tracker.reminders.models import Reminder
from tracker.reminders.plan import plan

pytestmark = pytest.mark.django_db

BACK = "/states/NOR/?as_of=2020-01-01"


@pytest.fixture
def norway() -> State:
    """Norway: party to both treaties, its initial report received late and reviewed."""
    state = factories.a_state("NOR")
    factories.joins(state, "CRC", "1991-01-08")
    factories.joins(state, on="2001-10-02", source="UN Treaty Collection")
    factories.receives(state, "2010-05-03", symbol="CRC/C/OPSC/NOR/1")
    factories.derive(TODAY.isoformat())
    return state


def form_of(page: Element) -> dict[str, Any]:
    return fields_of(one_of(page, "form", class_="record"))


def edited(client: Client, address: str, back: str = BACK, **values: Any) -> Any:
    """The response after opening a form from a page, changing fields in it, and saving what the preview shows."""
    sent = form_of(read(client.get(address, {"next": back}))) | values
    if "/contact/" not in address:
        page = read(client.post(address, sent | {"step": "look"}))
        assert problems(page) == []
        sent = form_of(page)
    return client.post(address, sent | {"step": "save"}, follow=True)


def of_norway(make: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[[], Any]:
    return lambda: make(State.objects.get(pk="NOR"), *args, **kwargs)


def unreceived(state: State) -> NonReceipt:
    factories.decides(
        state, "2025-06-01", "2020-02-01", cycles="7", carried_by="CRC report", document="CRC/C/NOR/CO/6"
    )
    factories.derive(TODAY.isoformat())
    return NonReceipt.objects.create(
        state=state,
        kind="periodic",
        cycle=7,
        carried_by="CRC report",
        not_received_by=factories.day("2026-01-01"),
        source="Letter",
    )


# Of each kind: the fact, what is typed, the message, and what is stored.
FACTS: dict[str, tuple[Callable[[], Any], dict[str, str], str, tuple[str, str]]] = {
    "submission": (
        Submission.objects.get,
        {"received_on": "5 May 2010"},
        "“Received on” of the submission CRC/C/OPSC/NOR/1 changed from 3 May 2010 to 5 May 2010.",
        ("received_on", "2010-05-05"),
    ),
    "treaty-action": (
        lambda: TreatyAction.objects.get(treaty="OPSC"),
        {"date": "2001-10-03"},
        "“Date” of the OPSC ratification changed from 2 October 2001 to 3 October 2001.",
        ("date", "2001-10-03"),
    ),
    "statement": (
        of_norway(factories.declares),
        {"note": "Withdrawn in part."},
        "“Note” of the OPSC declaration of 2 October 2001 changed from nothing to “Withdrawn in part.”",
        ("note", "Withdrawn in part."),
    ),
    "review": (
        of_norway(factories.reviews, "2018-06-01", "initial", "1", document="CRC/C/OPSC/NOR/CO/1"),
        {"adopted_on": "2018-06-08", "session": "78"},
        (
            "“Adopted on” of the review CRC/C/OPSC/NOR/CO/1 changed from 1 June 2018 to 8 June 2018. “Session” of the "
            "review CRC/C/OPSC/NOR/CO/1 changed from nothing to 78."
        ),
        ("session", "78"),
    ),
    "committee-date": (
        of_norway(factories.decides, "2030-01-23", "2025-02-01", cycles="8", carried_by="CRC report"),
        {"due_on": "2031"},
        (
            "“Due date” of the Committee’s date in CRC/C/OPSC/NOR/CO/1 for report 8 under the CRC changed from 23 "
            "January 2030 to 31 December 2031. “Printed as” of the Committee’s date in CRC/C/OPSC/NOR/CO/1 for report "
            "8 under the CRC changed from day to year."
        ),
        ("due_on", "2031-12-31"),
    ),
    "agenda-item": (
        of_norway(factories.on_the_agenda),
        {"rapporteurs": "Ms Lie"},
        "“Country rapporteurs” of the place on the agenda of session 96 changed from nothing to “Ms Lie”.",
        ("rapporteurs", "Ms Lie"),
    ),
    "expected-year": (
        of_norway(factories.expects),
        {"year": "2030"},
        "“Year” of the year 2030 of the calendar CRC/C/CAL/1 changed from 2029 to 2030.",
        ("year", "2030"),
    ),
    "request": (
        of_norway(factories.asks),
        {"received_on": "2012-11-20"},
        (
            "“Reply received on” of the request for further information CRC/C/OPSC/NOR/Q/2 changed from nothing to "
            "20 November 2012."
        ),
        ("received_on", "2012-11-20"),
    ),
    "non-receipt": (
        of_norway(unreceived),
        {"not_received_by": "2026-02-01"},
        (
            "“Not received by” of the confirmation of non-receipt of report 7 under the CRC changed from 1 January "
            "2026 to 1 February 2026."
        ),
        ("not_received_by", "2026-02-01"),
    ),
    "printed-date": (
        of_norway(committee.prints, "2004"),
        {"printed": "2005"},
        "“Due as printed by the UN” of the printed due date of the initial report changed from “2004” to “2005”.",
        ("printed", "2005"),
    ),
    "contact": (
        of_norway(factories.a_contact, "lie@example.org"),
        {"email": "berg@example.org"},
        "“E-mail” of the contact Permanent Mission changed from “lie@example.org” to “berg@example.org”.",
        ("email", "berg@example.org"),
    ),
}


# The next seven are for `make test-more`: the same form of the same page with the fields of another record.
@pytest.mark.parametrize("slug", first(4, FACTS))
def test_a_fact_is_edited_with_both_values_in_the_message_and_undone_in_one_click(
    slug: str, norway: State
) -> None:
    make, typed, said, (name, value) = FACTS[slug]
    fact, editor = make(), in_role("Editor")
    before = getattr(fact, name)
    address = f"/edit/{slug}/{fact.pk}/"
    reason = {} if slug == "contact" else {"reason": "a letter"}
    answer = edited(editor, address, **typed, **reason)
    assert answer.redirect_chain == [(BACK, 302)]
    assert messages(read(answer))[0] == f"Norway: {said} Undo"
    fact.refresh_from_db()
    assert str(getattr(fact, name)) == value
    undone = press_undo(editor, answer)
    assert undone.redirect_chain == [(BACK, 302)]
    assert messages(read(undone))[0].startswith("Undone: “")
    fact.refresh_from_db()
    assert getattr(fact, name) == before
    assert fact.history.first().history_change_reason == "Undone."
    assert fact.history.first().history_user.username == "rolf"


def test_every_kind_of_fact_of_a_state_has_a_form() -> None:
    assert set(FACTS) == KINDS.keys() - {"state", "amendment", "position", "session"}


def test_the_preview_shows_the_effects_and_saves_nothing(norway: State, staff: Client) -> None:
    report = Submission.objects.get()
    address = f"/edit/submission/{report.pk}/"
    sent = form_of(read(staff.get(address))) | {"first_cycle": "2", "last_cycle": "2", "kind": "periodic"}
    page = read(staff.post(address, sent | {"carried_by": "CRC report", "reason": "cover", "step": "look"}))
    effects = one_of(page, "section", aria_labelledby="h-effects")
    assert "Initial report is no longer answered." in words(effects)
    # The focus is at the result, and the next button saves.
    assert {"autofocus", "tabindex"} <= effects.attributes.keys()
    assert not [one for one in all_of(page, "input") if "autofocus" in one.attributes]
    assert words(all_of(one_of(page, "form", class_="record"), "button")[0]) == "Save"
    report.refresh_from_db()
    assert report.kind == "initial"


def test_reminders_cancelled_by_a_recording_are_planned_again_when_it_is_undone(norway: State) -> None:
    sweden = factories.a_state("SWE")
    factories.joins(sweden, on="2022-01-08")
    factories.a_contact(sweden, "swe@example.org")
    factories.derive(TODAY.isoformat())
    plan(TODAY)
    waiting = Reminder.objects.filter(obligation__state=sweden, state__in=("planned", "held"))
    assert waiting.count() == 1
    editor, address = in_role("Editor"), "/states/SWE/record-submission/"
    opened = form_of(read(editor.get(address)))
    page = read(editor.post(address, opened | {"received_on": "yesterday", "step": "look"}))
    answer = editor.post(address, form_of(page) | {"step": "save"}, follow=True)
    assert messages(read(answer)) == [
        "Recorded for Sweden: the submission CRC/C/OPSC/SWE/1. Undo",
        "Sweden: Initial report is answered. 1 reminder cancelled.",
    ]
    assert waiting.count() == 0
    undone = press_undo(editor, answer)
    assert messages(read(undone))[0].startswith(
        "Undone: The submission CRC/C/OPSC/SWE/1 is deleted. Initial report is no longer answered."
    )
    assert waiting.count() == 1
    assert not Submission.objects.filter(state=sweden).exists()


def test_the_only_report_that_is_due_is_selected(norway: State, staff: Client) -> None:
    sweden = factories.a_state("SWE")
    factories.joins(sweden, on="2022-01-08")
    factories.derive(TODAY.isoformat())
    page = read(staff.get("/states/SWE/record-submission/"))
    ticked = [one for one in all_of(page, "label") if any("checked" in of.attributes for of in one)]
    assert [words(one) for one in ticked] == ["Initial report, due 8 February 2024: overdue 2 years 9 months"]


def test_a_report_that_is_owed_no_longer_is_not_said_to_end_anew(norway: State) -> None:
    review = factories.reviews(norway, "2018-06-01", "initial", "1")
    factories.decides(norway, "2025-02-01", "2018-06-01", cycles="2", document=review.document)
    factories.derive(TODAY.isoformat())
    editor = in_role("Editor")
    answer = edited(editor, f"/edit/review/{review.pk}/", adopted_on="2018-06-08", reason="a letter")
    said = messages(read(answer))
    assert said[1] == "Norway: Next report under the CRC: owed until 8 June 2018, was 1 June 2018."
    assert messages(read(press_undo(editor, answer)))[0].endswith(
        "owed until 1 June 2018, was 8 June 2018. Redo"
    )


# --- what is refused ------------------------------------------------------------------------------


def test_a_date_is_changed_only_with_a_reason(norway: State, staff: Client) -> None:
    address = f"/edit/submission/{Submission.objects.get().pk}/"
    sent = form_of(read(staff.get(address))) | {"received_on": "2010-05-05", "step": "look"}
    page = read(staff.post(address, sent))
    assert problems(page) == ["Enter a reason for the history; this change needs one: received on."]
    assert "autofocus" in one_of(page, "input", name="reason").attributes


def test_an_error_is_shown_at_its_field(norway: State, staff: Client) -> None:
    address = f"/edit/submission/{Submission.objects.get().pk}/"
    sent = form_of(read(staff.get(address))) | {"received_on": "2030-05-05", "reason": "x", "step": "look"}
    page = read(staff.post(address, sent))
    assert len(problems(page)) == 1
    assert "autofocus" in one_of(page, "input", name="received_on").attributes


def test_a_form_without_a_change_saves_nothing(norway: State, staff: Client) -> None:
    contact = factories.a_contact(norway)
    answer = edited(staff, f"/edit/contact/{contact.pk}/")
    assert problems(read(answer)) == ["Nothing to save: you have changed no field."]
    assert contact.history.count() == 1


def test_what_the_button_could_undo_only_in_part_has_no_button(
    norway: State, staff: Client, monkeypatch: Any
) -> None:
    contact = factories.a_contact(norway)
    monkeypatch.setattr("tracker.web.ui.undo.MOST_TOGETHER", 0)
    answer = edited(staff, f"/edit/contact/{contact.pk}/", name="Ms Berg")
    assert messages(read(answer)) == [
        "Norway: “Name” of the contact Ms Berg changed from “Permanent Mission” to “Ms Berg”."
    ]


@pytest.mark.parametrize("back", first(2, ["https://example.org/", "//example.org/", "", "states"]))
def test_nobody_is_led_to_another_site(back: str, norway: State, staff: Client) -> None:
    contact = factories.a_contact(norway)
    answer = edited(staff, f"/edit/contact/{contact.pk}/", back=back, name="Ms Berg")
    assert answer.redirect_chain == [("/states/NOR/", 302)]
    assert press_undo(staff, answer).redirect_chain == [("/states/NOR/", 302)]


def test_a_list_leads_back_to_itself_by_what_the_browser_says(norway: State, staff: Client) -> None:
    report = Submission.objects.get()
    listed = "/submissions/?desk=all&state=NOR"
    address = links(one_of(read(staff.get(listed)), "main"))["Edit"]
    assert address == f"/edit/submission/{report.pk}/"
    form = one_of(read(staff.get(address, headers={"Referer": f"http://testserver{listed}"})), "main")
    assert one_of(form, "input", name="next").attributes["value"] == listed
    for elsewhere in ("https://example.org/submissions/", "http://testserver.example.org/", "x"):
        form = one_of(read(staff.get(address, headers={"Referer": elsewhere})), "main")
        assert one_of(form, "input", name="next").attributes["value"] == ""


@pytest.mark.parametrize("slug", ["state", "amendment", "position", "nothing"])
def test_what_has_a_page_of_its_own_is_not_edited_here(slug: str, staff: Client) -> None:
    assert staff.get(f"/edit/{slug}/1/").status_code == 404


def test_a_fact_of_another_desk_is_neither_offered_nor_edited(norway: State, settings: Any) -> None:
    settings.DESK_LIMITS = True
    editor, report = in_role("Editor"), Submission.objects.get()
    assert not [text for text in links(read(editor.get("/states/NOR/"))) if text.startswith("Edit")]
    answer = editor.get(f"/edit/submission/{report.pk}/")
    assert answer.status_code == 403
    assert "on your desk" in answer.content.decode()


def test_a_correction_of_a_date_in_effect_awaits_a_second_person_and_can_be_undone(
    norway: State, settings: Any
) -> None:
    settings.FOUR_EYES = True
    date = factories.decides(norway, "2030-01-23", "2025-02-01", cycles="8", carried_by="CRC report")
    editor = in_role("Editor")
    answer = edited(editor, f"/edit/committee-date/{date.pk}/", due_on="2031-01-23", reason="read again")
    said = messages(read(answer))
    assert said[0].endswith("changed from 23 January 2030 to 23 January 2031. Undo")
    assert "takes effect once a second person has confirmed it" in said[1]
    assert [str(one.due_on) for one in CommitteeDate.objects.order_by("pk")] == ["2030-01-23", "2031-01-23"]
    press_undo(editor, answer)
    assert CommitteeDate.objects.get() == date


# --- where it is offered --------------------------------------------------------------------------


@pytest.fixture
def with_all(norway: State) -> State:
    for make, *_rest in FACTS.values():
        make()
    factories.derive(TODAY.isoformat())
    return norway


def edits(client: Client, address: str) -> set[str]:
    """The facts whose forms a page links to."""
    main = one_of(read(client.get(address)), "main")
    return {
        to.split("/")[2] for text, to in links(main).items() if text.startswith("Edit") and "/edit/" in to
    }


def test_an_editor_finds_the_form_of_each_fact_where_it_is_shown(with_all: State) -> None:
    editor = in_role("Editor")
    assert edits(editor, "/states/NOR/") == FACTS.keys() - {"printed-date", "agenda-item", "expected-year"}
    assert edits(editor, "/states/NOR/history/") == FACTS.keys()
    assert edits(editor, "/submissions/") == {"submission"}
    initial = with_all.obligations.get(kind="initial")
    assert edits(editor, f"/obligations/{initial.pk}/why/") == {"submission", "treaty-action"}
    carried = with_all.obligations.get(cycle=8)
    assert edits(editor, f"/obligations/{carried.pk}/why/") == {"committee-date", "treaty-action"}
    asked = with_all.obligations.get(kind="information")
    assert edits(editor, f"/obligations/{asked.pk}/why/") == {"request", "treaty-action"}


def test_the_reasons_and_a_form_take_at_most_eight_queries(
    with_all: State, django_assert_max_num_queries: Any
) -> None:
    editor, owed = in_role("Editor"), with_all.obligations.get(cycle=8)
    for address in (f"/obligations/{owed.pk}/why/", f"/edit/submission/{Submission.objects.get().pk}/"):
        with django_assert_max_num_queries(8):
            assert editor.get(address).status_code == 200


def test_a_link_leads_back_to_the_page_as_it_was(with_all: State) -> None:
    found = links(one_of(read(in_role("Editor").get("/states/NOR/?as_of=2020-01-01")), "main"))
    key = Contact.objects.get().pk
    assert (
        found["Edit: the contact Permanent Mission"]
        == f"/edit/contact/{key}/?next=%2Fstates%2FNOR%2F%3Fas_of%3D2020-01-01"
    )


def test_a_viewer_and_an_approver_are_offered_no_form(with_all: State) -> None:
    for role in ("Viewer", "Approver"):
        person = in_role(role, role.lower())
        for address in ("/states/NOR/", "/states/NOR/history/", "/submissions/"):
            assert edits(person, address) == set()
