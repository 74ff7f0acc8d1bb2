"""The page of an amendment's positions: one or many added at once, permissions, and errors at the field."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.factories import answers, proposes
from tests.web.conftest import in_role
from tests.web.pages import (
    all_of,
    in_two_steps,
    messages,
    one_of,
    press_undo,
    problems,
    read,
    table,
    version_shown,
    words,
)
from tracker.obligations.models import Import
from tracker.registry.models import Amendment, AmendmentPosition, State
from tracker.rules.entry_into_force import JOINING

pytestmark = pytest.mark.django_db

DAYS = {"communicated_on": "2025-03-04", "adopted_on": "2026-02-06"}


@pytest.fixture
def amendment() -> Amendment:
    """Proposed by Norway; Norway, Sweden and Finland are parties, Somalia only signed."""
    for iso3 in ("NOR", "SWE", "FIN"):
        factories.joins(factories.a_state(iso3), on="2001-10-02")
    factories.signs(factories.a_state("SOM"), on="2005-05-09")
    return proposes(State.objects.get(pk="NOR"), **DAYS)


def page_of(amendment: Amendment) -> str:
    return f"/amendments/{amendment.pk}/positions/"


def sent(**changes: str) -> dict[str, str]:
    return {"kind": "favours", "date": "2025-05-01", "source": "C.N.12.2025", "states": "NOR"} | changes


def recorded() -> list[tuple[str, str, str]]:
    rows = AmendmentPosition.objects.order_by("kind", "state")
    return [(row.kind, row.state_id, row.date.isoformat()) for row in rows]


def test_an_empty_list_says_what_to_do(amendment: Amendment) -> None:
    page = read(in_role("Viewer").get(page_of(amendment)))
    main = words(one_of(page, "main"))
    assert "0 positions are recorded up to 22 November 2026." in main
    assert "None is recorded. Editors can enter positions here or upload a file." in main
    assert all_of(page, "form", class_="record") == []


def test_one_position_is_added_with_who_and_can_be_undone(amendment: Amendment) -> None:
    editor = in_role("Editor")
    answer = editor.post(page_of(amendment), sent(states="Norway"), follow=True)
    page = read(answer)
    assert messages(page) == ["1 position saved: Norway. Undo"]
    position = AmendmentPosition.objects.get()
    assert recorded() == [("favours", "NOR", "2025-05-01")]
    assert position.source == "C.N.12.2025"
    assert position.history.get().history_user.username == "rolf"
    assert table(page, "h-favours") == [
        ["Norway", "1 May 2025", "C.N.12.2025", "Edit: Norway · Delete: Norway"]
    ]
    assert press_undo(editor, answer).redirect_chain == [(page_of(amendment), 302)]
    assert recorded() == []


@pytest.mark.parametrize(
    "named",
    ["nor\nSweden\r\n FIN - Finland ,\n\nNOR", "Norway; Sweden; FIN"],
)
def test_several_states_are_named_as_people_write_them(
    amendment: Amendment, named: str, staff: Client
) -> None:
    staff.post(page_of(amendment), sent(states=named))
    assert recorded() == [(("favours"), iso3, "2025-05-01") for iso3 in ("FIN", "NOR", "SWE")]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"states": ""}, "Enter at least one State by name or alpha-3 code."),
        (
            {"states": "NOR\nSomalia"},
            (
                "Not parties to the OPSC on this date: Somalia. Remove them, correct the date, or first enter the "
                "ratification, accession or succession."
            ),
        ),
        (
            {"states": "NOR\nNorwey"},
            (
                "“Norwey” is not a recorded State. Did you mean one of these: Norway (NOR)? Enter its code."
            ),
        ),
        ({"states": "NOR\n" * 501}, "Enter at most 500 States at once, or upload a file."),
        (
            {"date": "2025-03-03"},
            "States favour a conference from the day on which the proposal is communicated to them.",
        ),
        (
            {"states": "NOR\nSWE"},
            "This position is already recorded for: Sweden. Remove them here, or edit them below.",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_saved(
    amendment: Amendment, changes: dict[str, str], told: str, staff: Client
) -> None:
    answers(amendment, State.objects.get(pk="SWE"), "2025-04-01")
    answer = staff.post(page_of(amendment), sent(**changes))
    assert answer.status_code == 200
    assert told in problems(read(answer))
    assert recorded() == [("favours", "SWE", "2025-04-01")]


def test_a_day_before_the_adoption_suggests_a_conference_and_after_it_acceptance(staff: Client) -> None:
    norway = factories.a_state("NOR")
    for days, chosen in (({"communicated_on": "2025-03-04"}, "favours"), (DAYS, "accepts")):
        page = read(staff.get(page_of(proposes(norway, **days))))
        options = all_of(one_of(page, "select", id="id_kind"), "option")
        assert [one.attributes["value"] for one in options if "selected" in one.attributes] == [chosen]


def test_only_an_editor_adds_positions(amendment: Amendment) -> None:
    somebody = in_role("Approver")
    assert somebody.get(page_of(amendment)).status_code == 200
    assert somebody.post(page_of(amendment), sent()).status_code == 403
    assert recorded() == []


def test_an_editor_limited_to_a_desk_adds_none(amendment: Amendment, settings: Any) -> None:
    settings.DESK_LIMITS = True
    editor = in_role("Editor")
    page = read(editor.get(page_of(amendment)))
    assert all_of(page, "form", class_="record") == []
    answer = editor.post(page_of(amendment), sent())
    assert answer.status_code == 403
    assert "change data about all States" in answer.content.decode()
    text = f"amendment,state,kind,date\n{amendment.pk},NOR,favours,2025-05-01\n"
    file = SimpleUploadedFile("positions.csv", text.encode())
    editor.post("/imports/upload/", {"table": "positions", "file": file})
    assert Import.objects.get().preview[0][4] == {
        "state": "This concerns all States; only an Administrator who may enter records can import it."
    }
    assert recorded() == []


def test_the_page_speaks_of_the_day(amendment: Amendment, staff: Client) -> None:
    for iso3, on in (("NOR", "2025-05-01"), ("SWE", "2025-07-04")):
        answers(amendment, State.objects.get(pk=iso3), on)
    page = read(staff.get(f"{page_of(amendment)}?as_of=2025-06-01"))
    assert [row[0] for row in table(page, "h-favours")] == ["Norway"]
    assert "1 position is recorded up to 1 June 2025." in words(page)


def test_a_position_is_edited_and_deleted_with_who_and_why(amendment: Amendment) -> None:
    editor = in_role("Editor")
    position = answers(amendment, State.objects.get(pk="NOR"), "2025-05-01")
    address = f"/admin/registry/amendmentposition/{position.pk}/"
    new = {"amendment": str(amendment.pk), "state": "NOR", "kind": "favours", "date": "2025-05-02"}
    new |= version_shown(editor, f"{address}change/")
    assert editor.post(f"{address}change/", new).context["adminform"].form.errors == {
        "reason": ["Enter a reason for the history; this change needs one: date."]
    }
    editor.post(f"{address}change/", new | {"reason": "note verbale of 2 May"})
    assert recorded() == [("favours", "NOR", "2025-05-02")]
    in_two_steps(editor, f"{address}delete/", reason="it was another amendment")
    assert recorded() == []
    assert list(
        AmendmentPosition.history.order_by("history_id").values_list("history_type", "history_change_reason")
    ) == [("+", None), ("~", "note verbale of 2 May"), ("-", "it was another amendment")]


# --- 178 positions --------------------------------------------------------------------------------


@pytest.fixture
def large(shipped: None) -> tuple[Amendment, list[str]]:
    """An amendment to the OPSC, and the names of its 178 States parties."""
    parties = State.objects.filter(actions__treaty="OPSC", actions__kind__in=JOINING).order_by("pk")
    return proposes(parties[0], **DAYS), [state.name for state in parties]


def test_178_positions_are_saved_through_the_page_and_edited_after(
    large: tuple[Amendment, list[str]], staff: Client
) -> None:
    amendment, names = large
    assert len(names) == 178
    page = read(staff.post(page_of(amendment), sent(states="\n".join(names)), follow=True))
    assert amendment.positions.count() == 178
    assert messages(page)[0].startswith("178 positions saved: Afghanistan; Angola; Albania; and 175 more")
    assert len(table(page, "h-favours")) == 178
    assert AmendmentPosition.history.filter(history_user__username="ada").count() == 178
    accepted = sent(kind="accepts", date="2026-05-01", states="\n".join(names))
    staff.post(page_of(amendment), accepted)
    assert amendment.positions.count() == 356
    form = {
        "treaty": "OPSC", "title": "Amended", "proposed_by": amendment.proposed_by_id, "proposed_on": "2025-01-15",
        "communicated_on": "2025-03-04", "adopted_on": "2026-02-06",
    }  # fmt: skip
    address = f"/admin/registry/amendment/{amendment.pk}/change/"
    answer = staff.post(address, form | version_shown(staff, address))
    assert answer.status_code == 302
    assert Amendment.objects.get().title == "Amended"


def test_178_positions_are_undone_in_one_step(large: tuple[Amendment, list[str]], staff: Client) -> None:
    amendment, names = large
    staff.post(page_of(amendment), sent(states="\n".join(names)))
    ticked = list(amendment.positions.values_list("pk", flat=True))
    form = {
        "action": "delete_selected",
        "_selected_action": ticked,
        "reason": "wrong amendment",
    }
    preview = read(staff.post("/admin/registry/amendmentposition/", form))
    seen = one_of(preview, "input", name="seen").attributes["value"]
    saving = form | {"step": "save", "seen": seen}
    assert staff.post("/admin/registry/amendmentposition/", saving).status_code == 302
    assert not amendment.positions.exists()


def test_178_positions_are_saved_from_a_file(large: tuple[Amendment, list[str]], staff: Client) -> None:
    amendment, names = large
    rows = "".join(f'"{amendment.title}","{name}",accepts,2026-05-01,C.N.1\n' for name in names)
    file = SimpleUploadedFile("answers.csv", f"amendment,state,kind,date,source\n{rows}".encode())
    assert amendment.positions.count() == 0
    address = staff.post("/imports/upload/", {"table": "positions", "file": file}).headers["Location"]
    staff.post(f"{address}act/", {"do": "save", "seen": Import.objects.get().about["fingerprint"]})
    assert Import.objects.get().state == "saved"
    assert amendment.positions.count() == 178
    kept = AmendmentPosition.history.first()
    assert (kept.history_user.username, kept.history_change_reason) == (
        "ada",
        f"answers.csv, import {Import.objects.get().pk}",
    )


def test_the_page_takes_as_many_queries_for_many_as_for_few(
    large: tuple[Amendment, list[str]], staff: Client
) -> None:
    amendment, names = large
    taken = []
    for some in (names[:2], names[2:]):
        with CaptureQueriesContext(connection) as saving:
            staff.post(page_of(amendment), sent(states="\n".join(some)))
        with CaptureQueriesContext(connection) as showing:
            staff.get(page_of(amendment))
        taken.append((len(saving), len(showing)))
    assert taken[0] == taken[1]
    assert taken[0][1] <= 7


def test_the_page_of_imports_begins_with_the_table_that_is_linked(staff: Client) -> None:
    page = read(staff.get("/imports/?table=positions"))
    options = all_of(one_of(page, "select", id="id_table"), "option")
    assert [one.attributes["value"] for one in options if "selected" in one.attributes] == ["positions"]
