"""The register of papers: what it lists, and acts on several papers at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.web.conftest import TODAY, a_paper, in_role
from tests.web.pages import all_of, links, messages, one_of, press_undo, read, table, words
from tracker.correspondence import papers, received
from tracker.correspondence.models import Dispatch, Paper
from tracker.registry.models import Contact, ContactKind
from tracker.web.correspondence.acts import mark_of
from tracker.web.correspondence.register import PaperTable

pytestmark = pytest.mark.django_db

LIST, ACT = "/correspondence/", "/correspondence/act/"


def picked(*rows: Paper) -> list[str]:
    return [f"{row.pk}@{mark_of(row)}" for row in rows]


def listed(client: Client, query: str = "") -> list[str]:
    """The references in the list."""
    page = read(client.get(LIST + query))
    return [words(one) for one in all_of(page, "td", class_="what") if "OPSC/" in words(one)]


def test_a_paper_stands_in_the_register_with_what_is_known_of_it(note: Paper, staff: Client) -> None:
    page = read(staff.get(LIST))
    assert words(one_of(page, "th", scope="row")) == "Denmark DNK"
    (row,) = table(page)
    assert row[2:] == [
        "OPSC/2026/0001",
        "report overdue for years, with the Committee’s rule",
        "note verbale",
        "Permanent Mission of Denmarkmission.dnk@example.org",
        "22 November 2026",
        "draft",
        "—",
    ]


def test_an_empty_register_says_what_fills_it(staff: Client) -> None:
    said = words(one_of(read(staff.get(LIST)), "div", class_="nothing"))
    assert said == (
        "No papers yet. The tracker drafts what is due by its rules every hour; people initial and dispatch it. "
        "Write a paper"
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=moved", ["OPSC/2026/0002"]),
        ("?q=Ministère", ["OPSC/2026/0003"]),
        ("?q=0001", ["OPSC/2026/0001"]),
        ("?q=Denmark&form=letter", ["OPSC/2026/0003"]),
        ("?occasion=other&language=en", ["OPSC/2026/0003", "OPSC/2026/0002"]),
        ("?year=2025", []),
        ("?year=2026&status=draft&direction=out", ["OPSC/2026/0003", "OPSC/2026/0002", "OPSC/2026/0001"]),
    ],
)
def test_papers_are_found(query: str, found: list[str], note: Paper, mission: Contact, staff: Client) -> None:
    a_paper(mission, form="note")
    minister = factories.a_contact(mission.state, "minister@example.org", kind=ContactKind.DIGNITARY)
    a_paper(minister, form="letter", typed={"en": "The Ministère has a new address."})
    assert listed(staff, query) == found


def test_a_year_that_is_none_is_refused(staff: Client) -> None:
    assert "Write the year as 2026." in words(read(staff.get(f"{LIST}?year=MMXXVI")))


def test_only_what_asks_for_an_answer_and_has_none_waits(
    note: Paper, mission: Contact, staff: Client
) -> None:
    for paper in (note, a_paper(mission, form="note")):
        papers.dispatch(papers.initial(paper, by="bob"), "hand", by="bob", day=TODAY)
    assert listed(staff, "?answer=waiting") == ["OPSC/2026/0002", "OPSC/2026/0001"]
    received.receive(mission.state, by="ada", on=TODAY, subject="Our answer", answers=note)
    assert listed(staff, "?answer=waiting") == ["OPSC/2026/0002"]
    assert listed(staff, "?answer=answered") == ["OPSC/2026/0001"]
    assert links(one_of(read(staff.get(LIST)), "ul", aria_label="What waits")) == {
        "Waiting for an answer (1)": "/correspondence/?answer=waiting",
    }


def test_a_file_has_codes_and_the_address(note: Paper, staff: Client) -> None:
    (row,) = staff.get(f"{LIST}?_export=json").json()
    assert (row["Reference"], row["Status"], row["E-mail"]) == (
        "OPSC/2026/0001",
        "draft",
        "mission.dnk@example.org",
    )


def test_several_drafts_are_initialled_at_once_and_taken_back(
    note: Paper, mission: Contact, staff: Client
) -> None:
    other = a_paper(mission, form="note")
    answer = staff.post(ACT, {"act": "initial", "pick": picked(note, other)}, follow=True)
    assert messages(read(answer)) == ["2 papers initialled: Denmark. Undo"]
    assert [row.status for row in Paper.objects.all()] == ["initialled", "initialled"]
    assert messages(read(press_undo(staff, answer))) == ["2 papers are drafts again."]
    assert [row.status for row in Paper.objects.all()] == ["draft", "draft"]


def test_a_paper_that_is_refused_keeps_no_other_back(note: Paper, mission: Contact, staff: Client) -> None:
    other = a_paper(mission, form="note")
    pick = picked(note, other)
    papers.edit(other, {"en": ["Other words."]}, by="bob", seen=other.changed_at)
    answer = staff.post(ACT, {"act": "initial", "pick": pick}, follow=True)
    assert messages(read(answer)) == [
        "1 paper initialled: Denmark. Undo",
        (
            "1 paper was left unchanged (OPSC/2026/0002). Somebody has changed this paper since you opened it. "
            "Look at it again, then repeat."
        ),
    ]
    assert Paper.objects.get(pk=other.pk).status == "draft"


def test_several_papers_are_dispatched_in_one_way(note: Paper, mission: Contact, staff: Client) -> None:
    other = a_paper(mission, form="note")
    first = papers.initial(note, by="bob")
    sent: dict[str, Any] = {"act": "dispatch", "pick": picked(first, other)}
    page = read(staff.post(ACT, sent))
    assert words(one_of(page, "h1")) == "Dispatch 1 paper?"
    assert "1 selected paper is not included OPSC/2026/0002 is a draft and not initialled." in words(page)
    answer = staff.post(
        ACT, sent | {"step": "do", "means": "courier", "on": "2026-11-22", "note": "7"}, follow=True
    )
    assert messages(read(answer))[0] == "1 paper dispatched: Denmark."
    gone = Dispatch.objects.get()
    assert (gone.paper_id, gone.means, str(gone.planned_on)) == (first.pk, "courier", "2026-11-22")
    assert messages(read(staff.post(ACT, sent | {"pick": picked(first)}, follow=True))) == [
        "Nothing was done. OPSC/2026/0001 was dispatched on 22 November 2026."
    ]


def test_a_dispatch_in_the_future_is_refused(note: Paper, staff: Client) -> None:
    first = papers.initial(note, by="bob")
    sent = {"act": "dispatch", "pick": picked(first), "step": "do", "means": "hand", "on": "2026-11-23"}
    assert "This day is in the future." in words(read(staff.post(ACT, sent)))
    assert not Dispatch.objects.exists()


def test_nothing_selected_is_said(staff: Client) -> None:
    answer = staff.post(ACT, {"act": "initial"}, follow=True)
    assert messages(read(answer)) == ["Nothing was done. Select at least one paper."]


def test_an_editor_may_select_nothing_to_initial(note: Paper) -> None:
    editor = in_role("Editor")
    assert not all_of(read(editor.get(LIST)), "input", name="pick")
    assert not all_of(read(editor.get(LIST)), "form", id="act")
    assert editor.post(ACT, {"act": "initial", "pick": picked(note)}).status_code == 403


def test_the_list_is_sorted_by_each_heading_both_ways(note: Paper, mission: Contact, staff: Client) -> None:
    second = a_paper(mission, form="note")
    names = [name for name, column in PaperTable.base_columns.items() if column.orderable is not False]
    assert len(names) == 15
    for name in names:
        assert len(listed(staff, f"?sort={name}&column=reference&column={name}")) == 2, name
    assert listed(staff, "?sort=reference") == [note.reference, second.reference]
    assert listed(staff, "?sort=-reference") == [second.reference, note.reference]
