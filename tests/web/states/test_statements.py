"""Declarations, reservations and objections on the pages: State, dossier, participation, form, history, restoring."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.web.conftest import in_role
from tests.web.pages import all_of, in_two_steps, links, messages, one_of, read, table, version_shown, words
from tracker.obligations.models import Obligation
from tracker.registry.models import State, Statement

pytestmark = pytest.mark.django_db

ADD = "/admin/registry/statement/add/"


@pytest.fixture
def norway() -> State:
    state = factories.a_state("NOR", region="WEOG")
    factories.joins(state, on="2001-10-02")
    return state


@pytest.fixture
def recorded(norway: State) -> State:
    """A declaration, a reservation withdrawn in 2010, and an objection of Sweden to it."""
    sweden = factories.a_state("SWE", region="WEOG")
    factories.joins(sweden, on="2007-01-19")
    factories.declares(norway, text="Norway declares.", source="C.N.1")
    factories.declares(
        norway, "reservation", text="Norway reserves.", source="C.N.2", note="In part.",
        withdrawn_on="2010-03-01", withdrawal_source="C.N.4",
    )  # fmt: skip
    factories.declares(
        sweden, "objection", "2007-05-01", about=norway, text="Sweden objects.", source="C.N.3"
    )
    return norway


def form(**changes: str) -> dict[str, str]:
    return {
        "state": "NOR", "treaty": "OPSC", "kind": "declaration", "date": "2001-10-02", "text": "Norway declares.",
        "source": "C.N.1",
    } | changes  # fmt: skip


# --- where they are shown -------------------------------------------------------------------------


def test_a_state_without_any_says_so_and_leads_editors_to_the_form(norway: State) -> None:
    section = one_of(read(in_role("Editor").get("/states/NOR/")), "section", id="statements")
    assert words(section) == (
        "Declarations, reservations and objections None is recorded. Record a declaration, reservation or objection"
    )
    assert list(links(section).values()) == [f"{ADD}?state=NOR&next=/states/NOR/"]
    viewer = one_of(read(in_role("Viewer", "vera").get("/states/NOR/")), "section", id="statements")
    assert links(viewer) == {}


def test_the_page_of_a_state_shows_its_own_and_the_objections_to_them(recorded: State) -> None:
    page = read(in_role("Viewer").get("/states/NOR/"))
    assert table(page, "h-statements") == [
        ["OPSC", "declaration", "2 October 2001", "Norway declares.", "C.N.1", "—"],
        [
            "OPSC",
            "reservation",
            "2 October 2001withdrawn 1 March 2010",
            "Norway reserves.",
            "C.N.2Withdrawal: C.N.4",
            "In part.",
        ],
        [
            "OPSC",
            "Sweden: objection to the statement of Norway",
            "1 May 2007",
            "Sweden objects.",
            "C.N.3",
            "—",
        ],
    ]
    assert table(read(in_role("Viewer", "vera").get("/states/SWE/")), "h-statements")[0][1] == (
        "objection to the statement of Norway"
    )


def test_the_page_of_a_state_knows_nothing_of_later_days(recorded: State, staff: Client) -> None:
    page = read(staff.get("/states/NOR/?as_of=2005-01-01"))
    assert [row[1:3] for row in table(page, "h-statements")] == [
        ["declaration", "2 October 2001"],
        ["reservation", "2 October 2001"],
    ]
    assert "C.N.4" not in words(one_of(page, "section", id="statements"))


def test_editors_find_the_form_of_each_on_the_page_of_the_state(recorded: State) -> None:
    page = read(in_role("Editor").get("/states/NOR/"))
    edits = [one for one in all_of(one_of(page, "section", id="statements"), "a") if "Edit" in words(one)]
    assert [one.attributes["href"] for one in edits] == [
        f"/edit/statement/{pk}/?next=%2Fstates%2FNOR%2F"
        for pk in Statement.objects.order_by("date", "pk").values_list("pk", flat=True)
    ]


def test_a_long_text_is_folded_and_shown_as_text(norway: State, staff: Client) -> None:
    factories.declares(norway, text="<script>alert(1)</script> " + "words " * 60)
    section = one_of(read(staff.get("/states/NOR/")), "section", id="statements")
    assert len(all_of(section, "details")) == 1
    assert all_of(section, "script") == []


@pytest.mark.parametrize("form_of", ["", ".pdf", ".xlsx"])
def test_the_dossier_holds_them_with_text_and_source(recorded: State, form_of: str, staff: Client) -> None:
    answer = staff.get(f"/reports/dossier/NOR{form_of or '/'}")
    assert answer.status_code == 200
    if not form_of:
        page = read(answer)
        heading = "Declarations, reservations and objections"
        (section,) = [one for one in all_of(page, "section") if heading in words(all_of(one, "h2")[0])]
        assert words(section).endswith(
            "OPSC reservation 2 October 2001 1 March 2010 Norway reserves. C.N.2; C.N.4; In part. "
            "OPSC Sweden: objection to the statement of Norway 1 May 2007 — Sweden objects. C.N.3"
        )


def test_participation_counts_what_is_in_effect_and_lists_all(recorded: State, staff: Client) -> None:
    page = read(staff.get("/participation/"))
    section = one_of(page, "section", aria_labelledby="statements")
    assert table(page, "statements") == [
        ["declaration", "1", "0"],
        ["reservation", "0", "0"],
        ["objection", "1", "0"],
        ["territorial application", "0", "0"],
        ["Norway", "OPSC", "declaration", "2 October 2001"],
        ["Norway", "OPSC", "reservation", "2 October 2001withdrawn 1 March 2010"],
        ["Sweden", "OPSC", "objection to the statement of Norway", "1 May 2007"],
    ]
    assert links(section)["Norway"] == "/states/NOR/#statements"
    early = read(staff.get("/participation/?as_of=2005-01-01"))
    assert table(early, "statements")[:2] == [["declaration", "1", "0"], ["reservation", "1", "0"]]
    assert [row[2] for row in table(early, "statements")[4:]] == ["declaration", "reservation"]
    assert "withdrawn" not in words(one_of(early, "section", aria_labelledby="statements"))


def test_participation_without_any_says_so(norway: State, staff: Client) -> None:
    section = one_of(read(staff.get("/participation/")), "section", aria_labelledby="statements")
    assert words(section) == (
        "Declarations, reservations and objections None is recorded up to 22 November 2026. Record one on the page "
        "of its State, or upload a file."
    )
    assert links(section) == {"upload a file": "/imports/?table=statements"}


@pytest.mark.usefixtures("each_page_has_its_own_footer")
@pytest.mark.parametrize("address", ["/states/NOR/", "/reports/dossier/NOR/", "/participation/"])
def test_a_page_takes_as_many_queries_for_many_as_for_one(
    address: str, recorded: State, staff: Client
) -> None:
    taken = []
    for many in (1, 6):
        for number in range(many):
            other = factories.a_state("ABCDEFG"[many] + "XYZUVW"[number] * 2)
            factories.signs(other, on="2005-01-01")
            factories.declares(other, "objection", "2008-01-01", about=recorded)
        with CaptureQueriesContext(connection) as queries:
            assert staff.get(address).status_code == 200
        taken.append(len(queries))
    assert taken[0] == taken[1]


# --- how they are entered -------------------------------------------------------------------------


def test_an_editor_records_one_with_who_and_why_and_no_date_moves(norway: State) -> None:
    factories.derive("2026-11-22", norway)
    before = list(Obligation.objects.order_by("pk").values())
    page = read(in_role("Editor").post(ADD, form(reason="C.N.1 of 2001"), follow=True))
    assert "Undo" in messages(page)[0]
    kept = Statement.history.get()
    assert (kept.history_user.username, kept.history_change_reason) == ("rolf", "C.N.1 of 2001")
    assert list(Obligation.objects.order_by("pk").values()) == before


def test_the_form_begins_with_the_state_and_the_protocol(norway: State, staff: Client) -> None:
    page = read(staff.get(f"{ADD}?state=NOR"))
    assert one_of(page, "input", id="id_state").attributes["value"] == "NOR - Norway"
    options = all_of(one_of(page, "select", id="id_treaty"), "option")
    assert [one.attributes["value"] for one in options if "selected" in one.attributes] == ["OPSC"]


def test_what_cannot_be_is_told_at_its_field(norway: State, staff: Client) -> None:
    answer = staff.post(ADD, form(kind="objection"))
    assert answer.context["adminform"].form.errors == {
        "about": ["Enter the State whose declaration or reservation this objection answers."]
    }
    assert not Statement.objects.exists()


def test_an_editor_limited_to_a_desk_records_those_of_its_states(recorded: State, settings: Any) -> None:
    settings.DESK_LIMITS = True
    editor = in_role("Editor")
    State.objects.filter(pk="SWE").update(desk_officer=_user("rolf"))
    told = editor.post(ADD, form(kind="reservation", date="2002-01-01")).context["adminform"].form.errors
    assert list(told) == ["state"]
    objection = form(state="SWE", kind="objection", about="NOR", date="2008-01-01", reason="C.N.9")
    assert editor.post(ADD, objection).status_code == 302
    section = one_of(read(editor.get("/states/NOR/")), "section", id="statements")
    assert [words(one) for one in all_of(section, "a") if "Edit" in words(one)] == [
        "Edit: the OPSC objection of 1 May 2007",
        "Edit: the OPSC objection of 1 January 2008",
    ]


def _user(name: str) -> Any:
    from django.contrib.auth import get_user_model

    return get_user_model().objects.get(username=name)


# --- history --------------------------------------------------------------------------------------


def test_a_statement_stands_in_the_history_and_is_restored(norway: State, staff: Client) -> None:
    staff.post(ADD, form(reason="first"))
    statement = Statement.objects.get()
    address = f"/admin/registry/statement/{statement.pk}/"
    corrected = form(date="2001-10-03", reason="as printed")
    staff.post(f"{address}change/", corrected | version_shown(staff, f"{address}change/"))
    page = words(one_of(read(staff.get("/states/NOR/history/")), "main"))
    assert "The OPSC declaration of 2 October 2001 was entered" in page
    assert (
        "“Date” of the OPSC declaration of 3 October 2001 changed from 2 October 2001 to 3 October 2001."
        in page
    )
    first = Statement.history.order_by("history_id")[0].history_id
    restore = f"/history/statement/{first}/restore/"
    in_two_steps(staff, restore, reason="it was right")
    assert Statement.objects.get().date.isoformat() == "2001-10-02"
    in_two_steps(staff, f"{address}delete/", reason="another State")
    assert not Statement.objects.exists()
    assert "The OPSC declaration of 2 October 2001 was deleted" in words(
        one_of(read(staff.get("/states/NOR/history/?kind=statement")), "main")
    )
