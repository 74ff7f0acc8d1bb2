"""Runs: papers to many States, drafted by workers, stopped and going on."""

from __future__ import annotations

from datetime import date

import pytest

from tests import factories
from tests.correspondence.conftest import TODAY
from tracker.correspondence import due, papers, runs
from tracker.correspondence.checks import NotPossible
from tracker.correspondence.models import Occasion, Paper, PaperRun
from tracker.registry.models import Contact, ContactKind, State

pytestmark = pytest.mark.django_db

WORDS = {"en": "The office of {state_name} will find us at a new address."}


def missions(*codes: str) -> None:
    """States, each with a Permanent Mission."""
    for code in codes:
        factories.a_contact(
            factories.a_state(code),
            f"mission.{code.lower()}@example.org",
            name=f"Permanent Mission {code}",
            kind=ContactKind.MISSION,
        )


def a_run(*codes: str, **more: object) -> PaperRun:
    named = {"by": "ada", "title": "Change of address", "words": WORDS, "day": TODAY} | more
    return runs.begin(runs.prepare(states=codes, **named))  # type: ignore[arg-type]  # fields of a run


def references() -> list[str]:
    return list(Paper.objects.order_by("pk").values_list("reference", flat=True))


def test_a_circular_goes_to_each_mission_in_the_order_of_the_states() -> None:
    missions("NOR", "ISL")
    run = a_run("ISL", "NOR")
    assert runs.progress(run) == (0, 2)
    assert runs.carry_on(run, day=TODAY) == 2
    assert list(Paper.objects.order_by("pk").values_list("reference", "state", "run", "subject")) == [
        ("OPSC/2026/0001", "ISL", run.pk, "Iceland: Change of address (OPSC)"),
        ("OPSC/2026/0002", "NOR", run.pk, "Norway: Change of address (OPSC)"),
    ]
    assert Paper.objects.get(state="NOR").content[0]["paragraphs"][1] == (
        "The office of Norway will find us at a new address."
    )


def test_states_without_a_suitable_address_are_listed_and_no_note_goes_to_others() -> None:
    missions("NOR")
    factories.a_contact(factories.a_state("ISL"), "ngo@example.org", kind=ContactKind.OTHER)
    gone = factories.a_contact(factories.a_state("DNK"), "old@example.org", kind=ContactKind.MISSION)
    Contact.objects.filter(pk=gone.pk).update(active=False)
    run = a_run("DNK", "ISL", "NOR")
    runs.carry_on(run, day=TODAY)
    assert run.left_out == ["DNK", "ISL"]
    assert list(Paper.objects.values_list("state", flat=True)) == ["NOR"]


def test_a_finished_run_is_finished_for_good() -> None:
    missions("NOR", "ISL")
    run = a_run("NOR")
    runs.carry_on(run, day=TODAY)
    run.refresh_from_db()
    assert run.finished_at is not None
    assert runs.progress(run) == (1, 1)
    assert runs.carry_on(run, day=TODAY) == 0
    assert not runs.unfinished().exists()


def test_a_run_stops_between_two_papers_and_goes_on_without_doubling(monkeypatch: pytest.MonkeyPatch) -> None:
    missions("NOR", "ISL", "DNK")
    run = a_run("DNK", "ISL", "NOR")
    draft = papers.draft

    def then_stop(*args: object, **kwargs: object) -> Paper | None:
        made = draft(*args, **kwargs)  # type: ignore[arg-type]  # passed on
        runs.stop(run)
        return made

    monkeypatch.setattr(papers, "draft", then_stop)
    assert runs.carry_on(run, day=TODAY) == 1
    monkeypatch.undo()
    assert runs.carry_on(run, day=TODAY) == 0
    assert runs.progress(run) == (1, 3)
    runs.resume(run)
    assert runs.carry_on(run, day=TODAY) == 2
    assert references() == ["OPSC/2026/0001", "OPSC/2026/0002", "OPSC/2026/0003"]


def test_a_run_of_an_occasion_takes_in_the_drafts_that_are_there(mission: Contact) -> None:
    (paper,) = due.draft_due(TODAY)
    run = a_run("DNK", occasion=Occasion.YEARS_OVERDUE, words={})
    assert runs.carry_on(run, day=TODAY) == 0
    paper.refresh_from_db()
    assert paper.run == run
    assert runs.progress(run) == (1, 1)


def test_a_run_of_an_occasion_drafts_what_the_scan_then_finds(mission: Contact) -> None:
    run = a_run("DNK", occasion=Occasion.YEARS_OVERDUE, words={})
    assert runs.carry_on(run, day=TODAY) == 1
    assert due.draft_due(TODAY) == []
    assert Paper.objects.get().run == run


def test_an_occasion_that_has_passed_is_not_written_about_again(mission: Contact) -> None:
    with pytest.raises(NotPossible, match="has come for none of these States"):
        a_run("DNK", occasion=Occasion.OVERDUE, words={})


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": " "}, "Enter what these papers are about"),
        ({"words": {"fr": "Bonjour."}}, "Enter the words in English"),
        ({"words": {"en": "Dear {ambassador}"}}, "{ambassador} is not known here"),
        ({"to": "other"}, "Permanent Missions and ministries only"),
        ({"states": ["XXX"]}, "Choose at least one State"),
    ],
)
def test_a_run_that_cannot_be_is_refused_with_the_reason(wrong: dict[str, object], said: str) -> None:
    missions("NOR")
    values = {"by": "ada", "title": "Move", "words": WORDS, "states": ["NOR"], "day": TODAY} | wrong
    with pytest.raises(NotPossible, match=said.replace("{", r"\{")):
        runs.begin(runs.prepare(**values))  # type: ignore[arg-type]  # some are wrong
    assert not PaperRun.objects.exists()


def test_the_paper_of_a_run_has_the_day_on_which_it_was_drafted() -> None:
    missions("NOR")
    runs.carry_on(a_run("NOR"), day=date(2027, 1, 4))
    assert references() == ["OPSC/2027/0001"]
    assert State.objects.count() == 1
