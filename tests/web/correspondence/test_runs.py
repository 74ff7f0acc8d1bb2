"""Papers to many States: the form with its preview, the run while it is drafted and after, its files."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from docx import Document
from pypdf import PdfReader

from tests import factories
from tests.web.conftest import TODAY, in_role
from tests.web.pages import all_of, fields_of, focus_of, links, messages, one_of, problems, read, table, words
from tracker.correspondence import papers, runs
from tracker.correspondence.models import Paper, PaperRun
from tracker.registry.models import Contact, State

pytestmark = pytest.mark.django_db

NEW = "/correspondence/runs/new/"
CIRCULAR = {
    "occasion": "circular",
    "to": "mission",
    "title": "Change of address",
    "which": "parties",
    "words_en": "The office of {state_name} will find us at a new address.",
    "words_fr": "Nous avons déménagé.",
}


@pytest.fixture
def world(db: None) -> None:
    """Norway and Iceland with a mission, Benin with a focal point alone; Fiji is no party."""
    for iso3, region, kind in (
        ("NOR", "WEOG", "mission"),
        ("ISL", "WEOG", "mission"),
        ("BEN", "AFR", "focal point"),
        ("FJI", "APG", "mission"),
    ):
        state = factories.a_state(iso3, region=region)
        if iso3 != "FJI":
            factories.joins(state, on="2012-12-23")
        factories.a_contact(state, f"{iso3.lower()}@example.org", name=f"Contact {iso3}", kind=kind)
    factories.derive(TODAY.isoformat())


def look(client: Client, **values: Any) -> Any:
    """The page with the preview."""
    return read(client.post(NEW, CIRCULAR | values | {"step": "look"}))


def previewed(page: Any) -> str:
    return words(one_of(page, "section", aria_labelledby="h-preview"))


def seen_in(page: Any) -> str:
    seen: str = fields_of(one_of(one_of(page, "main"), "form"))["seen"]
    return seen


def begun(client: Client, **values: Any) -> Any:
    """The answer to the form, sent after its preview."""
    seen = seen_in(look(client, **values))
    return client.post(NEW, CIRCULAR | values | {"step": "save", "seen": seen})


def a_run(client: Client, **values: Any) -> PaperRun:
    begun(client, **values)
    run = PaperRun.objects.latest("pk")
    runs.carry_on(run, day=TODAY)
    run.refresh_from_db()
    return run


# --- the form ---------------------------------------------------------------------------------------


def test_the_preview_shows_one_note_the_number_and_who_is_left_out_and_makes_nothing(
    world: None, staff: Client
) -> None:
    said = previewed(look(staff))
    assert "2 papers (note verbale), to 2 States." in said
    assert "1 State without a suitable address Benin (add a contact: Benin)" in said
    assert "Iceland: Change of address (OPSC)" in said
    assert "The office of Iceland will find us at a new address." in said
    assert not PaperRun.objects.exists()
    assert not Paper.objects.exists()


def test_a_run_is_begun_as_previewed_and_drafts_a_paper_for_each_state(world: None, staff: Client) -> None:
    answer = begun(staff)
    run = PaperRun.objects.get()
    assert answer["Location"] == f"/correspondence/runs/{run.pk}/"
    assert (run.states, run.left_out, run.form, run.created_by) == (
        ["BEN", "ISL", "NOR"],
        ["BEN"],
        "note",
        "ada",
    )
    assert run.words == {"en": CIRCULAR["words_en"], "fr": CIRCULAR["words_fr"]}
    assert runs.carry_on(run, day=TODAY) == 2
    assert list(Paper.objects.order_by("number").values_list("state", "reference")) == [
        ("ISL", "OPSC/2026/0001"),
        ("NOR", "OPSC/2026/0002"),
    ]


def test_a_circular_has_its_subject_in_each_language_of_its_recipients(world: None, staff: Client) -> None:
    Contact.objects.filter(state="ISL").update(language="fr")
    Contact.history.update(history_date=datetime(2020, 1, 1, tzinfo=UTC))
    said = previewed(look(staff))
    assert "Languages of these contacts: French, English." in said
    assert "Please check 2 recipients" in said
    assert "isl@example.org: Nobody has confirmed this address yet." in said
    run = a_run(staff, title_fr="Nouvelle adresse")
    assert run.titles == {"fr": "Nouvelle adresse"}
    paper = Paper.objects.get(state="ISL")
    assert paper.content[0]["subject"] == "Islande\N{NO-BREAK SPACE}: Nouvelle adresse (OPSC)"
    assert paper.subject == "Iceland: Change of address (OPSC)"


def test_a_second_click_begins_no_second_run(world: None, staff: Client) -> None:
    assert begun(staff)["Location"] == begun(staff)["Location"]
    begun(staff, title="Another")
    assert list(PaperRun.objects.order_by("pk").values_list("title", flat=True)) == [
        "Change of address",
        "Another",
    ]


def test_nothing_is_made_once_the_contacts_have_changed_since_the_preview(world: None, staff: Client) -> None:
    seen = seen_in(look(staff))
    factories.a_contact(State.objects.get(pk="BEN"), "new@example.org", kind="mission")
    page = read(staff.post(NEW, CIRCULAR | {"step": "save", "seen": seen}))
    assert problems(page) == [
        "Nothing was made: the form or the records have changed since the preview. Look at the new one."
    ]
    assert "3 papers (note verbale), to 3 States." in previewed(page)
    assert not PaperRun.objects.exists()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"title": ""}, "Enter what these papers are about."),
        ({"words_en": ""}, "Enter the words in English; States whose language is missing get these."),
        ({"words_fr": "Monsieur {nom}"}, "{nom} is not known here."),
        ({"title_fr": "{state_name}"}, "No names are filled in here: {state_name} would be printed."),
        ({"to": "other", "form": "note"}, "A note verbale goes to Permanent Missions and ministries only."),
        ({"which": "regions"}, "Choose at least one regional group."),
        ({"which": "chosen"}, "Name at least one State."),
        ({"which": "regions", "regions": "EES"}, "Choose at least one State."),
        ({"occasion": "receipt"}, "This occasion has come for none of these States. Choose others."),
        ({"occasion": "receipt", "to": "focal point"}, "No rule says that such contacts are written to"),
        ({"occasion": "review notice"}, "Select a valid choice."),  # each needs a decision of its own
    ],
)
def test_what_is_missing_or_cannot_be_is_said_beside_its_field(
    values: dict[str, str], said: str, world: None, staff: Client
) -> None:
    page = look(staff, **values)
    (problem,) = problems(page)
    assert said in problem
    assert not all_of(page, "section", aria_labelledby="h-preview")


@pytest.mark.parametrize(
    ("values", "states"),
    [
        ({"which": "regions", "regions": "WEOG"}, ["ISL", "NOR"]),
        ({"which": "chosen", "chosen": "Norway; Fiji"}, ["FJI", "NOR"]),
        ({"to": "focal point"}, ["BEN", "ISL", "NOR"]),
    ],
)
def test_the_states_are_parties_groups_or_named(
    values: dict[str, str], states: list[str], world: None, staff: Client
) -> None:
    begun(staff, **values)
    assert PaperRun.objects.get().states == states


def test_the_form_follows_from_the_contacts_unless_it_is_chosen(world: None, staff: Client) -> None:
    begun(staff, to="focal point")
    begun(staff, form="letter")
    assert list(PaperRun.objects.order_by("pk").values_list("form", flat=True)) == ["mail", "letter"]


def test_with_nobody_to_write_to_nothing_can_be_begun(world: None, staff: Client) -> None:
    page = look(staff, which="chosen", chosen="Benin")
    assert "None of these States has a suitable contact" in previewed(page)
    assert [words(one) for one in all_of(one_of(page, "main"), "button")] == ["Update preview"]


def test_an_occasion_that_has_come_has_the_words_of_its_rule(world: None, staff: Client) -> None:
    run = a_run(staff, occasion="years overdue", title="", words_en="", words_fr="")
    assert run.title == "report overdue for years, with the Committee’s rule"
    assert run.states == ["BEN", "ISL", "NOR"]
    assert set(Paper.objects.values_list("occasion", "state")) == {
        ("years overdue", "ISL"),
        ("years overdue", "NOR"),
    }


def test_an_officer_with_a_limited_desk_writes_to_the_own_states_alone(world: None, settings: Any) -> None:
    client = in_role("Editor")
    State.objects.filter(pk="NOR").update(desk_officer=factories.an_officer("olga"))
    settings.DESK_LIMITS = True
    State.objects.filter(pk__in=["ISL", "BEN"]).update(
        desk_officer=get_user_model().objects.get(username="rolf")
    )
    begun(client)
    assert PaperRun.objects.get().states == ["BEN", "ISL"]
    page = look(client, which="chosen", chosen="Norway")
    assert (problems(page), focus_of(page)) == (["Name only States on your desk."], ["chosen"])
    run = PaperRun.objects.create(title="All", states=["NOR"], created_by="olga")
    assert client.post(f"/correspondence/runs/{run.pk}/act/", {"do": "stop"}).status_code == 403


# --- the page of a run -----------------------------------------------------------------------------


def test_a_run_at_work_shows_its_progress_and_refreshes(world: None, staff: Client) -> None:
    begun(staff)
    run = PaperRun.objects.get()
    answer = staff.get(run.get_absolute_url())
    assert answer["Refresh"] == "2"
    said = words(one_of(read(answer), "main"))
    assert "Being drafted 0 of 2 papers drafted." in said


def test_a_run_is_stopped_and_goes_on(world: None, staff: Client) -> None:
    begun(staff)
    run = PaperRun.objects.get()
    act = f"{run.get_absolute_url()}act/"
    page = read(staff.post(act, {"do": "stop"}, follow=True))
    assert messages(page)[-1:] == ["The run is stopped. What is drafted stays in the register."]
    assert "Stopped 0 of 2 papers drafted." in words(one_of(page, "main"))
    assert runs.carry_on(run, day=TODAY) == 0
    page = read(staff.post(act, {"do": "continue"}, follow=True))
    assert messages(page) == ["The run goes on where it stopped."]
    assert runs.carry_on(run, day=TODAY) == 2
    assert staff.post(act, {"do": "nothing of the kind"}).status_code == 404


def test_a_finished_run_lists_its_papers_and_the_states_without_address(world: None, staff: Client) -> None:
    run = a_run(staff)
    answer = staff.get(run.get_absolute_url())
    assert "Refresh" not in answer
    page = read(answer)
    assert table(page, "h-papers") == [
        ["Iceland ISL", "OPSC/2026/0001", "Contact ISLisl@example.org", "English", "draft"],
        ["Norway NOR", "OPSC/2026/0002", "Contact NORnor@example.org", "English", "draft"],
    ]
    assert "draft: 2" in words(one_of(page, "section", aria_labelledby="h-papers"))
    left_out = one_of(one_of(page, "main"), "details", class_="aside")
    assert links(left_out)["add a contact: Benin"] == "/admin/registry/contact/add/?state=BEN"


def picked(form: Any) -> dict[str, Any]:
    """The data of a form with all the papers that it names."""
    return fields_of(form) | {"pick": [one.attributes["value"] for one in all_of(form, "input", name="pick")]}


def test_all_papers_are_initialled_then_dispatched_and_the_run_is_shown_again(
    world: None, staff: Client
) -> None:
    run = a_run(staff)

    def sent(button: str) -> Any:
        forms = all_of(read(staff.get(run.get_absolute_url())), "form", method="post")
        (form,) = [one for one in forms if words(one) == button]
        return staff.post("/correspondence/act/", picked(form), follow=True)

    answer = sent("Initial all 2 papers")
    assert answer.redirect_chain == [(run.get_absolute_url(), 302)]
    assert set(Paper.objects.values_list("status", flat=True)) == {"initialled"}
    form = one_of(one_of(read(sent("Dispatch all 2 papers …")), "main"), "form")
    how = {"means": "courier", "note": "bag 7", "step": "do"}
    answer = staff.post("/correspondence/act/", picked(form) | how, follow=True)
    assert answer.redirect_chain == [(run.get_absolute_url(), 302)]
    assert set(Paper.objects.values_list("status", "delivery_note")) == {("dispatched", "bag 7")}


def test_of_very_many_papers_the_first_are_initialled_at_once(
    world: None, staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = a_run(staff)
    monkeypatch.setattr("tracker.web.correspondence.runs.INITIALLED_AT_ONCE", 1)
    page = read(staff.get(run.get_absolute_url()))
    (form,) = [
        one for one in all_of(page, "form", method="post") if words(one) == "Initial the first 1 papers"
    ]
    assert len(picked(form)["pick"]) == 1


def test_who_may_not_initial_sees_no_such_button(world: None, staff: Client) -> None:
    run = a_run(staff)
    for role in ("Editor", "Viewer"):
        said = words(one_of(read(in_role(role, role.lower()).get(run.get_absolute_url())), "main"))
        assert "Initial all" not in said


def test_an_officer_with_a_limited_desk_initials_the_own_papers_alone(
    world: None, staff: Client, settings: Any
) -> None:
    run = a_run(staff)
    client = in_role("Approver")
    State.objects.filter(pk="NOR").update(desk_officer=get_user_model().objects.get(username="rolf"))
    settings.DESK_LIMITS = True
    assert "Initial 1 paper" in words(one_of(read(client.get(run.get_absolute_url())), "main"))


# --- files, and the list ---------------------------------------------------------------------------


def test_one_pdf_has_all_papers_in_the_order_of_their_numbers(world: None, staff: Client) -> None:
    run = a_run(staff)
    papers.cancel(Paper.objects.get(state="ISL"), by="ada", reason="not this one")
    papers.initial(Paper.objects.get(state="NOR"), by="bob")
    a_run(staff, which="chosen", chosen="Iceland")
    answer = staff.get(f"{run.get_absolute_url()}papers.pdf")
    assert answer["Content-Disposition"] == f'attachment; filename="run-{run.pk}.pdf"'
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    assert "OPSC/2026/0002" in text
    assert "(draft)" not in text
    assert "OPSC/2026/0001" not in text


def test_the_folder_has_a_document_for_each_paper_under_its_reference(world: None, staff: Client) -> None:
    run = a_run(staff)
    answer = staff.get(f"{run.get_absolute_url()}papers.zip")
    folder = zipfile.ZipFile(io.BytesIO(answer.content))
    assert folder.namelist() == ["OPSC-2026-0001.docx", "OPSC-2026-0002.docx"]
    text = "\n".join(one.text for one in Document(io.BytesIO(folder.read("OPSC-2026-0002.docx"))).paragraphs)
    assert "The office of Norway will find us at a new address." in text
    assert "OPSC/2026/0002 (draft)" in text


def test_a_run_without_papers_has_no_files(world: None, staff: Client) -> None:
    begun(staff)
    run = PaperRun.objects.get()
    for name in ("papers.pdf", "papers.zip"):
        assert staff.get(f"{run.get_absolute_url()}{name}").status_code == 404


def test_the_list_shows_each_run_with_its_progress(world: None, staff: Client) -> None:
    assert "No run yet. Write to many States at once" in words(
        one_of(read(staff.get("/correspondence/runs/")), "main")
    )
    a_run(staff)
    begun(staff, title="Second")
    assert table(read(staff.get("/correspondence/runs/"))) == [
        ["Second", "note to several States", "note verbale", "Permanent Mission", "22 November 2026", "ada", "0", "0",
         "being drafted"],
        ["Change of address", "note to several States", "note verbale", "Permanent Mission", "22 November 2026", "ada",
         "2", "0", "all drafted"],
    ]  # fmt: skip


def test_more_papers_take_no_more_queries(world: None, staff: Client) -> None:
    one, two = a_run(staff, which="chosen", chosen="Norway; Benin"), a_run(staff)
    staff.get(one.get_absolute_url())
    taken = []
    for run in (one, two):
        with CaptureQueriesContext(connection) as queries:
            staff.get(run.get_absolute_url())
        taken.append(len(queries))
    assert taken == [7, 7]
