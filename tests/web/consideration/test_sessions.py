"""The pages of sessions: the list, a session with the States on it, and the forms that change them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests import factories
from tests.web.conftest import in_role
from tests.web.consideration.sessions import rows_of
from tests.web.pages import (
    all_of,
    fields_of,
    focus_of,
    messages,
    one_of,
    press_undo,
    read,
    table,
    version_shown,
    words,
)
from tracker.obligations.models import AgendaItem, CommitteeSession, InformationRequest
from tracker.registry.models import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def ahead() -> CommitteeSession:
    """Session 101, planned for January 2027."""
    return factories.a_session(101, "2027-01-11", "2027-01-29", status="planned", dialogues=8)


@pytest.fixture
def panama() -> State:
    state = factories.a_state("PAN", name="Panama", region="LAC")
    factories.joins(state, on="2001-02-09")
    return state


@pytest.fixture
def editor() -> Client:
    return in_role("Editor")


# --- a session ----------------------------------------------------------------------------------------


def due_on(page: Any) -> list[list[str]]:
    """What is due before a session, how many weeks before, the day and its status."""
    rows = all_of(one_of(page, "section", aria_labelledby="h-due"), "tr")[1:]
    return [[words(cell) for cell in all_of(row, "th") + all_of(row, "td")][:4] for row in rows]


def test_a_working_group_says_what_is_due_before_it_and_its_session_no_more(
    ahead: CommitteeSession, staff: Client
) -> None:
    group = factories.a_session(101, "2026-12-14", "2026-12-18", kind="pre-session", status="planned")

    def whats(on: str) -> list[str]:
        return [row[0] for row in due_on(read(staff.get(ahead.get_absolute_url(), {"as_of": on})))]

    page = read(staff.get(group.get_absolute_url()))
    assert due_on(page) == [["Papers of NGOs for the list of issues", "9", "12 October 2026", "past"]]
    assert "Preparessession 101 11 January 2027 · planned" in words(one_of(page, "dl", class_="facts"))
    assert whats("2026-11-22") == ["Replies of the State", "Papers of NGOs for the dialogue"]
    page = read(staff.get(ahead.get_absolute_url()))
    assert "Prepared bypre-sessional working group for session 101 14 December 2026 · planned" in words(
        one_of(page, "dl", class_="facts")
    )
    group.status, group.status_on = "cancelled", factories.day("2026-11-01")
    group.save()
    assert [len(whats(on)) for on in ("2026-10-31", "2026-11-01")] == [2, 4]


def test_a_session_says_what_is_due_before_it(ahead: CommitteeSession, staff: Client) -> None:
    page = read(staff.get(ahead.get_absolute_url()))
    assert due_on(page) == [
        ["Papers of NGOs for the list of issues", "35", "11 May 2026", "past"],
        ["List of issues adopted", "26", "13 July 2026", "past"],
        ["Replies of the State", "9", "9 November 2026", "past"],
        ["Papers of NGOs for the dialogue", "4", "14 December 2026", "to come"],
    ]
    assert "No State is recorded on this session." in words(page)


def test_a_list_of_issues_is_shown_from_its_day_with_its_replies(
    ahead: CommitteeSession, panama: State, staff: Client
) -> None:
    asked: InformationRequest = factories.asks(panama, "2026-11-09", "2026-07-13", received_on="2026-11-05")
    report = factories.receives(panama, "2019-06-05", symbol="CRC/C/OPSC/PAN/1")
    factories.on_the_agenda(
        panama, ahead, report, request=asked, decided_on="2026-06-01", rapporteurs="Ms. A, Mr. B"
    )

    def cells(on: str) -> list[str]:
        return rows_of(read(staff.get(ahead.get_absolute_url(), {"as_of": on})))["Panama PAN"]

    assert cells("2026-07-12")[2:4] == ["planned", "—"]
    assert cells("2026-07-13")[3] == "CRC/C/OPSC/PAN/Q/2replies due on 9 November 2026"
    assert cells("2026-11-05")[3:7] == [
        "CRC/C/OPSC/PAN/Q/2replies received on 5 November 2026", "—", "—", "Ms. A, Mr. B",
    ]  # fmt: skip


def test_a_session_moved_to_another_year_is_in_the_year_known_on_the_day(staff: Client) -> None:
    factories.a_session(
        100, "2026-01-12", "2026-01-30", status="moved", moved_from="2025-09-08", status_on="2025-08-01"
    )

    def found(year: int, on: str) -> bool:
        page = read(staff.get("/sessions/", {"year": year, "as_of": on}))
        return "Session 100" in words(one_of(page, "main"))

    assert (found(2025, "2025-07-31"), found(2026, "2025-07-31")) == (True, False)
    assert (found(2025, "2025-08-01"), found(2026, "2025-08-01")) == (False, True)
    # Its last day and its length before are not known.
    assert [table(read(staff.get("/sessions/", {"as_of": on})))[0][3:5] for on in ("2025-07-31", "2025-08-01")] == [
        ["—", "—"], ["30 January 2026", "3"],
    ]  # fmt: skip
    assert staff.get("/sessions/?as_of=2025-07-31&_export=json").json()[0]["Weeks"] is None


def test_what_is_recorded_of_a_report_is_shown_without_a_link_from_the_agenda(
    panama: State, staff: Client
) -> None:
    report = factories.receives(panama, "2019-06-05", symbol="CRC/C/OPSC/PAN/1")
    factories.asks(panama, "2023-05-01", "2023-02-01", document="CRC/C/PAN/Q/5-6")  # of the other series
    factories.asks(panama, "2019-04-01", "2019-02-01", document="CRC/C/OPSC/PAN/Q/0")  # before the receipt
    factories.asks(panama, "2024-04-01", "2024-02-09")
    factories.reviews(panama, "2018-06-01", "initial", "1", document="CRC/C/OPSC/PAN/CO/0")
    factories.reviews(panama, "2024-05-24", document="CRC/C/PAN/CO/5-6")
    factories.reviews(panama, "2024-05-24", "initial", "1", document="CRC/C/OPSC/PAN/CO/1")
    item = factories.on_the_agenda(panama, None, report)  # session 96, 6 to 24 May 2024

    def cells(on: str) -> list[str]:
        return rows_of(read(staff.get(item.session.get_absolute_url(), {"as_of": on})))["Panama PAN"]

    assert cells("2024-05-25")[3:5] == [
        "CRC/C/OPSC/PAN/Q/2replies due on 1 April 2024", "CRC/C/OPSC/PAN/CO/124 May 2024",
    ]  # fmt: skip
    assert cells("2024-05-23")[4] == "—"


def test_a_session_counts_the_states_that_are_on_it_and_names_itself_in_the_links_to_edit(
    panama: State, staff: Client
) -> None:
    held = factories.a_session()
    factories.on_the_agenda(panama, held)
    factories.on_the_agenda(factories.a_state("BHR", name="Bahrain"), held, postponed_on="2024-05-10")
    page = read(staff.get(held.get_absolute_url()))
    assert words(one_of(page, "p", class_="says")) == "Held from 6 May 2024 to 24 May 2024, with 1 State."
    assert "Edit: the place on the agenda of session 96" in [words(one) for one in all_of(page, "a")]
    (on,) = [one for one in all_of(page, "input") if one.attributes.get("name") == "on"]
    assert on.attributes["value"] == "2024-05-24"  # today is after its last day
    assert all_of(page, "section", aria_labelledby="h-due") == []  # it has ended


# --- adding and editing -------------------------------------------------------------------------------


def test_an_editor_adds_a_session(editor: Client) -> None:
    form = {"step": "save", "kind": "session", "number": "101", "status": "planned"}
    page = read(editor.post("/sessions/new/", form))
    assert "Enter the first or the last day." in words(page)
    answer = editor.post("/sessions/new/", form | {"starts_on": "11 Jan 2027", "ends_on": "29/1/2027"})
    session = CommitteeSession.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/sessions/{session.pk}/")
    page = editor.get(answer.headers["Location"])
    assert messages(read(page)) == ["Session 101 is saved. Undo"]
    assert (str(session.starts_on), str(session.ends_on)) == ("2027-01-11", "2027-01-29")
    assert session.history.get().history_user == get_user_model().objects.get(username="rolf")
    again = editor.post("/sessions/new/", form | {"starts_on": "2027-03-01"})
    assert "This session is recorded already; edit it there." in words(read(again))
    undone = press_undo(editor, page)
    assert "Undone: Session 101 is deleted." in " ".join(messages(read(undone)))
    assert not CommitteeSession.objects.exists()


def edited(client: Client, session: CommitteeSession, **values: str) -> tuple[Any, dict[str, str]]:
    """The preview of a change, and the form to save it with."""
    address = f"/sessions/{session.pk}/edit/"
    sent = fields_of(read(client.get(address))) | values
    preview = read(client.post(address, sent | {"step": "look"}))
    return preview, sent | fields_of(preview) | {"step": "save"}


def test_cancelling_a_session_names_the_states_that_wait_again(
    ahead: CommitteeSession, panama: State, editor: Client
) -> None:
    factories.on_the_agenda(panama, ahead, decided_on="2026-06-01")
    factories.on_the_agenda(factories.a_state("BHR", name="Bahrain"), ahead, decided_on="2026-06-01")
    preview, form = edited(
        editor, ahead, status="cancelled", status_on="2026-11-20", reason="a press release"
    )
    assert words(one_of(preview, "section", class_="effects")) == (
        "What will change 2 States wait again: Bahrain, Panama."
    )
    ahead.refresh_from_db()
    assert ahead.status == "planned"
    answer = editor.post(f"/sessions/{ahead.pk}/edit/", form, follow=True)
    ahead.refresh_from_db()
    assert (ahead.status, str(ahead.status_on)) == ("cancelled", "2026-11-20")
    last = ahead.history.latest()
    assert (last.history_user.username, last.history_change_reason) == ("rolf", "a press release")
    page = read(answer)
    (said,) = messages(page)
    assert said.startswith("“Status” of session 101 changed from planned to cancelled.")
    assert said.endswith("2 States wait again: Bahrain, Panama. Undo")
    assert words(one_of(page, "p", class_="says")) == (
        "Planned from 11 January 2027, cancelled; known on 20 November 2026. The States on it wait again."
    )
    assert rows_of(page)["Panama PAN"][2] == "session cancelled: waits again"
    day_before = read(editor.get(ahead.get_absolute_url(), {"as_of": "2026-11-19"}))
    assert rows_of(day_before)["Panama PAN"][2] == "planned"
    (undone,) = messages(read(press_undo(editor, answer)))
    assert undone.startswith("Undone: “Status” of session 101 changed from cancelled to planned.")
    assert "2 States are on the session again: Bahrain, Panama." in undone
    ahead.refresh_from_db()
    assert (ahead.status, ahead.status_on) == ("planned", None)


def test_moving_a_session_says_who_moves_with_it_and_a_change_of_nothing_is_not_saved(
    ahead: CommitteeSession, panama: State, editor: Client
) -> None:
    factories.on_the_agenda(panama, ahead, decided_on="2026-06-01")
    preview, _form = edited(
        editor, ahead, status="moved", status_on="2026-11-20", moved_from="2027-01-11", starts_on="2027-02-01",
        ends_on="2027-02-19",
    )  # fmt: skip
    assert words(one_of(preview, "section", class_="effects")) == (
        "What will change The first day moves from 11 January 2027 to 1 February 2027. "
        "1 State moves with it: Panama."
    )
    same, _form = edited(editor, ahead)
    assert "Nothing to save: you have changed no field." in words(same)


def test_the_admin_says_who_waits_again_and_an_earlier_version_is_restored(
    ahead: CommitteeSession, panama: State, editor: Client
) -> None:
    factories.on_the_agenda(panama, ahead, decided_on="2026-06-01")
    ahead.refresh_from_db()
    address = f"/admin/obligations/committeesession/{ahead.pk}/"
    (form,) = [
        fields
        for one in all_of(read(editor.get(f"{address}change/")), "form", method="post")
        if "version" in (fields := fields_of(one))
    ]
    off = form | {"status": "cancelled", "status_on": "2026-11-20"}
    assert "Enter a reason for the history" in words(read(editor.post(f"{address}change/", off)))
    answer = editor.post(f"{address}change/", off | {"reason": "a press release"}, follow=True)
    assert "Session 101: 1 State waits again: Panama." in messages(read(answer))
    history = read(editor.get(f"{address}history/"))
    assert "Status: planned → cancelled" in words(one_of(history, "table", id="change-history"))
    first = ahead.history.earliest().history_id
    restore = f"/history/session/{first}/restore/"
    preview = read(editor.get(restore))
    assert words(one_of(preview, "p", class_="back")) == "Session 101"
    assert words(one_of(preview, "section", class_="effects")) == (
        "What will change 1 State is on the session again: Panama."
    )
    (form,) = [fields_of(one) for one in all_of(one_of(preview, "main"), "form", method="post")]
    answer = editor.post(restore, form | {"step": "save", "reason": "it was an error"}, follow=True)
    assert messages(read(answer))[1:] == ["Session 101: 1 State is on the session again: Panama."]
    ahead.refresh_from_db()
    assert (ahead.status, ahead.status_on) == ("planned", None)


def test_a_session_that_would_leave_its_observations_outside_is_not_saved(
    panama: State, editor: Client
) -> None:
    held = factories.a_session()
    factories.reviews(panama, "2024-05-24", "initial", "1", session=96, carried_by="own")
    preview, _form = edited(editor, held, ends_on="2024-05-23")
    assert "CRC/C/PAN/CO/1 is recorded for 24 May 2024, which would be outside the session." in words(preview)
    assert all_of(preview, "section", class_="effects") == []


def test_the_forms_of_a_session_open_at_what_is_to_be_entered(
    ahead: CommitteeSession, editor: Client
) -> None:
    edit, add = f"/sessions/{ahead.pk}/edit/", f"/sessions/{ahead.pk}/add/"
    opened = {
        at: focus_of(read(editor.get(at)))
        for at in ("/sessions/new/", edit, f"{edit}?status=cancelled", f"{edit}?status=moved", add)
    }
    assert opened == {
        "/sessions/new/": ["number"],
        edit: ["starts_on"],
        f"{edit}?status=cancelled": ["status_on"],
        f"{edit}?status=moved": ["starts_on"],
        add: ["report"],
    }
    neither = {"step": "save", "purpose": "dialogue", "decided_on": "2026-11-20", "state": "Atlantis"}
    assert focus_of(read(editor.post(add, neither))) == ["state"]


def test_a_report_that_waits_is_put_on_a_session_and_taken_off_again_by_undo(
    ahead: CommitteeSession, panama: State, editor: Client
) -> None:
    report = factories.receives(panama, "2019-06-05", symbol="CRC/C/OPSC/PAN/1")
    address = f"/sessions/{ahead.pk}/add/"
    choices = [
        words(one) for one in all_of(one_of(read(editor.get(address)), "select", id="id_report"), "option")
    ]
    assert choices == ["—", "Panama: initial report, received on 5 June 2019"]
    form = {"step": "save", "purpose": "dialogue", "decided_on": "2026-11-20", "rapporteurs": "Ms. A"}
    assert "Choose the report, or enter the State below." in words(read(editor.post(address, form)))
    answer = editor.post(address, form | {"report": str(report.pk)}, follow=True)
    item = AgendaItem.objects.get()
    assert (item.state_id, item.submission, item.session, item.rapporteurs) == ("PAN", report, ahead, "Ms. A")
    assert "Panama is on session 101." in words(read(answer))
    press_undo(editor, answer)
    assert not AgendaItem.objects.exists()


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"state": "PAN"}, "Enter the document of the decision to review the State without a report."),
        (
            {"state": "PAN", "decision": "CRC/C/101/DEC", "decided_on": "2027-01-01"},
            "This day is in the future",
        ),
    ],
)
def test_a_state_without_a_report_needs_a_decision(
    form: dict[str, str], said: str, ahead: CommitteeSession, panama: State, editor: Client
) -> None:
    base = {"step": "save", "purpose": "dialogue", "decided_on": "2026-11-20"}
    assert said in words(read(editor.post(f"/sessions/{ahead.pk}/add/", base | form)))
    assert not AgendaItem.objects.exists()
    good = base | {"state": "PAN", "decision": "CRC/C/101/DEC"}
    editor.post(f"/sessions/{ahead.pk}/add/", good)
    assert AgendaItem.objects.get().without_report


def test_states_are_marked_as_held_or_postponed_together_and_this_is_undone(
    panama: State, editor: Client
) -> None:
    held = factories.a_session()
    bahrain = factories.a_state("BHR", name="Bahrain")
    items = {state.pk: factories.on_the_agenda(state, held) for state in (panama, bahrain)}
    address = f"/sessions/{held.pk}/act/"
    form = {"act": "held_on", "on": "10 May 2024", "pick": [one.pk for one in items.values()]}
    answer = editor.post(address, form, follow=True)
    assert messages(read(answer)) == ["Held on 10 May 2024: Panama, Bahrain. Undo"]
    assert {name: cells[2] for name, cells in rows_of(read(answer)).items()} == {
        "Bahrain BHR": "held on 10 May 2024", "Panama PAN": "held on 10 May 2024",
    }  # fmt: skip
    press_undo(editor, answer)
    assert not AgendaItem.objects.exclude(held_on=None).exists()
    answer = editor.post(address, form | {"act": "postponed_on", "pick": items["PAN"].pk}, follow=True)
    assert rows_of(read(answer))["Panama PAN"][2] == "postponed on 10 May 2024: waits again"
    assert rows_of(read(answer))["Bahrain BHR"][2] == "held"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"pick": ""}, "Nothing was saved: select at least one State."),
        (
            {"on": "30 May 2024"},
            "Nothing was saved. This day is outside session 96 (6 May 2024 to 24 May 2024).",
        ),
    ],
)
def test_a_day_that_cannot_be_is_refused_in_words(
    form: dict[str, str], said: str, panama: State, editor: Client
) -> None:
    item = factories.on_the_agenda(panama)
    sent = {"act": "held_on", "on": "2024-05-10", "pick": item.pk} | form
    answer = editor.post(f"/sessions/{item.session_id}/act/", sent, follow=True)
    assert said in " ".join(messages(read(answer)))
    item.refresh_from_db()
    assert item.held_on is None


# --- was it held? ---------------------------------------------------------------------------------------


@pytest.fixture
def ended() -> CommitteeSession:
    """Session 100, of which nobody has recorded whether it was held."""
    return factories.a_session(100, "2026-01-12", "2026-01-30", status="planned")


def asked(client: Client, session: CommitteeSession, on: str = "") -> tuple[bool, bool]:
    """Whether the list and the page of a session ask what became of it."""
    query = {"as_of": on} if on else {}
    pages = [client.get(address, query) for address in ("/sessions/", session.get_absolute_url())]
    in_list, on_page = ("Was it held?" in words(one_of(read(page), "main")) for page in pages)
    return in_list, on_page


def test_a_session_that_has_ended_asks_what_became_of_it(ended: CommitteeSession, editor: Client) -> None:
    known = {on: asked(editor, ended, on) for on in ("2026-01-30", "2026-01-31", "")}
    assert known == {"2026-01-30": (False, False), "2026-01-31": (True, True), "": (True, True)}
    listed = "/sessions/?outcome=open"
    page = read(editor.get(listed))
    links_of_row = [words(one) for one in all_of(one_of(page, "span", class_="acts"), "a")]
    assert links_of_row == ["Cancelled: session 100", "Moved: session 100"]
    (held,) = all_of(one_of(page, "span", class_="acts"), "button")
    answer = editor.post(held.attributes["formaction"], {"next": listed}, follow=True)
    assert messages(read(answer)) == ["Session 100 was held from 12 January 2026 to 30 January 2026. Undo"]
    assert answer.redirect_chain[-1][0] == listed
    assert asked(editor, ended) == (False, False)
    press_undo(editor, answer)
    assert asked(editor, ended) == (True, True)


def test_a_session_cancelled_or_moved_after_its_last_day_was_asked_about_until_then(
    ended: CommitteeSession, editor: Client
) -> None:
    factories.a_session(
        99, "2025-05-12", "2025-05-30", status="moved", moved_from="2025-01-13", status_on="2024-12-01"
    )
    assert asked(editor, ended)[0]
    ended.status, ended.status_on = "cancelled", factories.day("2026-03-01")
    ended.save()
    assert [asked(editor, ended, on)[1] for on in ("2026-02-28", "2026-03-01")] == [True, False]
    assert "It was held" not in words(read(editor.get(ended.get_absolute_url(), {"as_of": "2026-02-28"})))
    page = words(one_of(read(editor.get("/sessions/?outcome=open")), "main"))
    assert ("Session 99" in page, "Session 100" in page) == (True, False)


def test_the_link_fills_in_that_a_session_was_moved(ended: CommitteeSession, editor: Client) -> None:
    page = read(editor.get(f"/sessions/{ended.pk}/edit/?status=moved"))
    form = fields_of(one_of(one_of(page, "main"), "form"))
    assert (form["status"], form["moved_from"]) == ("moved", "2026-01-12")


def test_a_session_that_has_not_ended_or_is_settled_is_not_held_by_a_button(
    ahead: CommitteeSession, ended: CommitteeSession, editor: Client
) -> None:
    answer = editor.post(f"/sessions/{ahead.pk}/held/", follow=True)
    assert messages(read(answer)) == [
        "Nothing was saved. The session has not ended yet. Choose “planned” until it has."
    ]
    ended.status, ended.status_on = "cancelled", factories.day("2026-01-20")
    ended.save()
    answer = editor.post(f"/sessions/{ended.pk}/held/", follow=True)
    assert messages(read(answer)) == [
        "Nothing was saved: somebody else saved this record at the same moment."
    ]
    assert set(CommitteeSession.objects.values_list("number", "status")) == {
        (101, "planned"), (100, "cancelled"),
    }  # fmt: skip


def test_who_may_not_change_a_session_reads_the_question_alone(
    ended: CommitteeSession, editor: Client, settings: Any
) -> None:
    address = f"/sessions/{ended.pk}/held/"
    viewer = in_role("Viewer", "vera")
    assert viewer.post(address).status_code == 403
    settings.DESK_LIMITS = True
    assert editor.post(address).status_code == 403
    for who in (viewer, editor):
        page = one_of(read(who.get(ended.get_absolute_url())), "main")
        assert ("Was it held?" in words(page), "It was held" in words(page)) == (True, False)
        assert all_of(read(who.get("/sessions/")), "span", class_="acts") == []


# --- desks ---------------------------------------------------------------------------------------------


def test_an_officer_of_a_desk_puts_the_own_states_on_a_session_and_changes_none(
    ahead: CommitteeSession, panama: State, editor: Client, settings: Any
) -> None:
    settings.DESK_LIMITS = True
    bahrain = factories.a_state("BHR", name="Bahrain")
    factories.receives(bahrain, "2020-10-21")
    factories.receives(panama, "2019-06-05")
    panama.desk_officer = get_user_model().objects.get(username="rolf")
    panama.save()
    address = f"/sessions/{ahead.pk}/add/"
    page = read(editor.get(address))
    assert [words(one) for one in all_of(one_of(page, "select", id="id_report"), "option")] == [
        "—", "Panama: initial report, received on 5 June 2019",
    ]  # fmt: skip
    form = {"step": "save", "purpose": "dialogue", "decided_on": "2026-11-20", "decision": "CRC/C/101/DEC"}
    refused = editor.post(address, form | {"state": "BHR"} | version_shown(editor, address))
    assert (refused.status_code, AgendaItem.objects.exists()) == (403, False)
    assert editor.post(address, form | {"state": "PAN"}).status_code == 302
    other = factories.on_the_agenda(bahrain, ahead)
    act = f"/sessions/{ahead.pk}/act/"
    assert editor.post(act, {"act": "postponed_on", "on": "2026-11-20", "pick": other.pk}).status_code == 403
    for one in ("/sessions/new/", f"/sessions/{ahead.pk}/edit/"):
        assert [editor.get(one).status_code, editor.post(one).status_code] == [403, 403]
    assert "Edit, move or cancel the session" not in words(read(editor.get(ahead.get_absolute_url())))


def test_who_acts_on_an_old_page_changes_nothing(panama: State, editor: Client) -> None:
    held = factories.a_session()
    item = factories.on_the_agenda(panama, held, held_on="2024-05-10")
    page = read(editor.get(held.get_absolute_url()))
    assert rows_of(page)["Panama PAN"][-1] == "Edit: the place on the agenda of session 96"
    answer = editor.post(
        f"/sessions/{held.pk}/act/", {"act": "held_on", "on": "13 May 2024", "pick": item.pk}, follow=True
    )
    assert messages(read(answer)) == [
        "Nothing was saved: somebody else saved this record at the same moment."
    ]
    item.refresh_from_db()
    assert str(item.held_on) == "2024-05-10"


def test_an_editor_of_some_desks_changes_no_session(
    ahead: CommitteeSession, editor: Client, settings: Any
) -> None:
    settings.DESK_LIMITS = True
    admin = "/admin/obligations/committeesession"
    form = {"kind": "session", "number": "102", "status": "planned", "starts_on": "2027-05-10"}
    for address in (
        "/sessions/new/", f"/sessions/{ahead.pk}/edit/", f"{admin}/add/", f"{admin}/{ahead.pk}/change/",
        f"{admin}/{ahead.pk}/delete/",
    ):  # fmt: skip
        assert (address, editor.post(address, form | {"post": "yes"}).status_code) == (address, 403)
    assert list(CommitteeSession.objects.values_list("number", flat=True)) == [101]
