"""Officers limited to their desks: the admin, files, lists, and the functions below the pages; see `test_limits.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.exceptions import ImproperlyConfigured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from tests import factories
from tests.audit.addresses import MODELS
from tests.audit.test_limits import everything, limited, on_the_desk, refused, who
from tests.depth import first
from tests.web.conftest import in_role
from tests.web.pages import all_of, links, one_of, read, words
from tracker import changes, environment
from tracker.changes.versions import KINDS
from tracker.obligations.models import CommitteeDate, Import, NonReceipt, PrintedDate
from tracker.registry import limits
from tracker.registry.models import AmendmentPosition, Contact, RegionDesk, State, TreatyAction

__all__ = ["limited"]  # a fixture for every test

pytestmark = pytest.mark.django_db

# --- the admin ------------------------------------------------------------------------------------

# Models that belong to all States, and those that only an Administrator may change.
OF_ALL = {
    "registry_amendment",
    "registry_amendmentposition",
    "registry_regiondesk",
    "reminders_reminderrule",
    "correspondence_paperrule",
    "correspondence_papertext",
    "correspondence_letterhead",
    "correspondence_confirmationrule",
    "obligations_committeesession",
    "obligations_sessiondeadline",
    "consideration_guidelines",
    "consideration_guidelineitem",
    "consideration_itemquestion",
    "auth_user",
    "auth_group",
}
OF_ONE = {
    "registry_state", "registry_treatyaction", "registry_contact", "obligations_submission",
    "obligations_committeedate", "obligations_informationrequest", "obligations_nonreceipt", "obligations_review",
    "obligations_printeddate", "registry_statement", "obligations_agendaitem", "obligations_expectedyear",
}  # fmt: skip


def test_every_model_of_the_admin_has_been_decided_on() -> None:
    assert set(MODELS) == OF_ALL | OF_ONE, "do its rows belong to a State? Then OF_ONE above, else OF_ALL"


def test_every_table_about_a_state_has_been_decided_on() -> None:
    about = {
        model._meta.label
        for model in apps.get_models()
        for field in model._meta.fields
        if field.related_model is State and not model.__name__.startswith("Historical")
    }
    # Obligations and tasks are created by the tracker; pauses, tasks and papers are checked on their own pages. What a
    # user follows is the user's own, and changes nothing of the State.
    assert about - {kind.model._meta.label for kind in KINDS.values()} == {
        "correspondence.Paper",
        "obligations.Obligation",
        "reminders.Pause",
        "reminders.StaffTask",
        "web.Following",
    }


def a_row_of_each(state: State) -> dict[str, Any]:
    """A row of each model that is about one State and that no other row refers to."""
    return {
        "registry_state": state,
        "registry_treatyaction": factories.joins(state, on="2001-10-02"),
        "registry_statement": factories.declares(state),
        "registry_contact": factories.a_contact(state, f"{state.pk.lower()}@example.org"),
        "obligations_submission": factories.receives(state, "2005-06-03"),
        "obligations_committeedate": factories.decides(state),
        "obligations_informationrequest": factories.asks(state),
        "obligations_review": factories.reviews(state, carried_by="CRC report"),
        "obligations_printeddate": PrintedDate.objects.create(
            state=state, kind="initial", printed="2004", printed_on=factories.day("2005-06-03")
        ),
        "obligations_agendaitem": factories.on_the_agenda(state),
        "obligations_expectedyear": factories.expects(state),
        "obligations_nonreceipt": NonReceipt.objects.create(
            state=state, not_received_by=factories.day("2026-06-30"), source="a list"
        ),
    }


@pytest.mark.parametrize("model", first(3, sorted(OF_ONE)))
def test_the_admin_changes_the_rows_of_the_own_desk_alone(model: str) -> None:
    own, other = (a_row_of_each(factories.a_state(iso3))[model] for iso3 in ("NOR", "SWE"))
    officer = on_the_desk("Editor", "NOR")
    list_of = f"/admin/{model.replace('_', '/', 1)}/"
    before = everything()
    theirs = f"{list_of}{other.pk}/"
    assert officer.get(f"{theirs}change/").status_code == 200
    assert not all_of(read(officer.get(f"{theirs}change/")), "input", type="submit")
    assert refused(officer.post(f"{theirs}change/", {"name": "x"}))
    assert officer.post(f"{list_of}{own.pk}/change/", {}).status_code in (200, 302)
    if model != "registry_state":  # only an Administrator deletes one
        assert officer.get(f"{list_of}{own.pk}/delete/").status_code == 200
        assert refused(officer.get(f"{theirs}delete/"))
        assert refused(officer.post(f"{theirs}delete/", {"reason": "wrong"}))
        ticked = {"action": "delete_selected", "_selected_action": [own.pk, other.pk], "step": "save"}
        answer = officer.post(list_of, ticked | {"reason": "wrong"})
        assert refused(answer)
        assert links(one_of(read(answer), "main"))["Sweden"] == "/states/SWE/"
        assert "Norway" not in words(one_of(read(answer), "main"))
        said = (
            officer.post(f"{list_of}add/", {"state": "SWE", "reason": "new"}).context["adminform"].form.errors
        )
        assert said["state"] == ["Sweden has no desk officer; ask an Administrator."]
    assert everything() == before


def test_a_new_state_and_an_amendment_are_for_somebody_without_limits() -> None:
    norway = factories.a_state("NOR")
    amendment = factories.proposes(norway)
    officer = on_the_desk("Editor", "NOR")
    before = everything()
    for address in ("/admin/registry/state/add/", "/admin/registry/amendment/add/"):
        assert officer.get(address).status_code == 403
        assert "change data about all States" in officer.post(address, {}).content.decode()
    for act in ("change", "delete"):
        answer = officer.post(f"/admin/registry/amendment/{amendment.pk}/{act}/", {"reason": "x"})
        assert "change data about all States" in answer.content.decode()
    row = amendment.history.get().history_id
    assert officer.post(f"/history/amendment/{row}/restore/", {}).status_code == 403
    assert not {"Record a proposal"} & set(links(read(officer.get("/amendments/"))))
    assert everything() == before
    who("rolf").groups.add(Group.objects.get(name="Administrator"))
    assert "Record a proposal" in links(read(officer.get("/amendments/")))
    assert officer.get("/admin/registry/state/add/").status_code == 200


# --- forged keys ----------------------------------------------------------------------------------


def page_of(client: Client, iso3: str) -> dict[str, str]:
    """The form data of the admin's page of a State, unchanged."""
    page = read(client.get(f"/admin/registry/state/{iso3}/change/"))
    sent = {}
    for one in (one for kind in ("input", "select", "textarea") for one in all_of(page, kind)):
        name, ticked = one.attributes.get("name"), "checked" in one.attributes
        if name and (ticked or one.attributes.get("type") != "checkbox"):
            sent[name] = one.attributes.get("value", "on" if ticked else "")
    for one in all_of(page, "select"):
        chosen = [of for of in all_of(one, "option") if "selected" in of.attributes]
        sent[one.attributes["name"]] = chosen[0].attributes.get("value", "") if chosen else ""
    return sent


def test_a_row_of_another_state_is_not_changed_from_the_own_page() -> None:
    norway, sweden = factories.a_state("NOR", region="WEOG"), factories.a_state("SWE")
    ours, theirs = (factories.a_contact(one, f"{one.pk}@example.org") for one in (norway, sweden))
    officer = on_the_desk("Editor", "NOR")
    sent = page_of(officer, "NOR") | {"reason": "moved", "contacts-0-name": "Taken over"}
    assert sent["contacts-0-id"] == str(ours.pk)
    before = everything()
    for forged in (
        {"contacts-0-id": str(theirs.pk)},
        {"contacts-0-id": str(theirs.pk), "contacts-0-DELETE": "on"},
        {"contacts-0-state": "SWE"},
    ):
        officer.post("/admin/registry/state/NOR/change/", sent | forged)
        assert everything() == before
    officer.post("/admin/registry/state/NOR/change/", sent)
    assert Contact.objects.get(pk=ours.pk).name == "Taken over"


def test_a_fact_is_moved_neither_to_nor_from_another_desk() -> None:
    norway, sweden = factories.a_state("NOR"), factories.a_state("SWE")
    ours, theirs = factories.joins(norway), factories.joins(sweden)
    officer = on_the_desk("Editor", "NOR")
    form = {
        "treaty": "OPSC", "kind": "ratification", "date": "2002-12-23", "confidence": "two-sources", "reason": "x",
    }  # fmt: skip
    before = everything()
    answer = officer.post(f"/admin/registry/treatyaction/{ours.pk}/change/", form | {"state": "SWE"})
    assert answer.context["adminform"].form.errors["state"]
    assert refused(officer.post(f"/admin/registry/treatyaction/{theirs.pk}/change/", form | {"state": "NOR"}))
    assert everything() == before


# --- files and lists ------------------------------------------------------------------------------


def seen() -> dict[str, str]:
    """The preview of the last file, as its page sends it along."""
    return {"seen": Import.objects.latest("pk").about["fingerprint"]}


def test_a_file_with_a_row_of_another_desk_is_refused_whole() -> None:
    norway, sweden = factories.a_state("NOR"), factories.a_state("SWE")
    factories.a_contact(sweden, "there@example.org")
    officer = on_the_desk("Editor", "NOR")
    text = "state,name,email\nNOR,Permanent Mission,new@example.org\nSWE,{},there@example.org\n"

    def hand_in(name: str) -> str:
        file = SimpleUploadedFile("contacts.csv", text.format(name).encode())
        answer = officer.post("/imports/upload/", {"table": "contacts", "file": file})
        return str(answer.headers["Location"])

    address = hand_in("Somebody else")
    said = words(one_of(read(officer.get(address)), "main"))
    assert "This State is not on your desk; only its desk officer or an Administrator can import it." in said
    officer.post(f"{address}act/", {"do": "save"} | seen())
    assert not norway.contacts.exists()
    # Unchanged rows about other States are allowed.
    officer.post(f"{hand_in('Permanent Mission')}act/", {"do": "save"} | seen())
    assert norway.contacts.get().email == "new@example.org"


def test_a_file_that_another_handed_in_is_saved_by_whoever_may_save_all_of_it() -> None:
    factories.a_state("NOR")
    boss, officer = in_role("Editor", "boss"), on_the_desk("Editor", name="rolf")
    who("boss").groups.add(Group.objects.get(name="Administrator"))
    file = SimpleUploadedFile("contacts.csv", b"state,name,email\nNOR,Mission,new@example.org\n")
    address = boss.post("/imports/upload/", {"table": "contacts", "file": file}).headers["Location"]
    before = everything()
    answer = officer.post(f"{address}act/", {"do": "save"} | seen(), follow=True)
    assert "This State is not on your desk" in answer.content.decode()
    assert everything() == before


def test_a_depositary_list_is_recorded_for_the_own_desk_alone() -> None:
    factories.a_state("NOR")
    factories.a_state("SWE")
    officer = on_the_desk("Editor", "NOR")
    text = "Participant\tSignature\tRatification\nNorway\t\t2 Oct 2001\nSweden\t\t19 Jan 2007\n"
    form = {"treaty": "OPSC", "source": "UNTC", "list": text}
    page = read(officer.post("/reconciliation/", form))
    ticks = [box.attributes["value"] for box in all_of(page, "input", name="tick")]
    assert [key[:3] for key in ticks] == ["NOR"]
    assert "another desk" in words(page)
    forged = [ticks[0], ticks[0].replace("NOR", "SWE").replace("2001-10-02", "2007-01-19")]
    for step in ("look", "save"):
        assert refused(
            officer.post("/reconciliation/", form | {"compared": "", "step": step, "tick": forged})
        )
    assert not TreatyAction.objects.exists()
    sent = form | {"compared": "", "tick": ticks}
    preview = read(officer.post("/reconciliation/", sent | {"step": "look"}))
    seen = one_of(preview, "input", name="seen").attributes["value"]
    officer.post("/reconciliation/", sent | {"step": "save", "seen": seen})
    assert list(TreatyAction.objects.values_list("state", flat=True)) == ["NOR"]


# --- whose desk -----------------------------------------------------------------------------------


def test_a_region_stands_in_for_the_officer_of_its_states(settings: Any) -> None:
    for iso3, region in (("NOR", "WEOG"), ("SWE", "WEOG"), ("KEN", "AFR")):
        factories.a_state(iso3, region=region)
    in_role("Editor", "rolf")
    State.objects.filter(pk="NOR").update(desk_officer=factories.an_officer("ada"))
    RegionDesk.objects.create(region="WEOG", officer=who("rolf"))
    assert limits.changeable(who("rolf")) == {"NOR", "SWE"}
    assert limits.changeable(who("ada")) == {"NOR"}
    assert limits.changeable(factories.an_officer("root", is_superuser=True)) is None
    assert limits.changeable(None) is None
    in_role("Administrator", "boss")
    assert limits.changeable(who("boss")) is None
    settings.DESK_LIMITS = False
    assert limits.changeable(who("ada")) is None


def test_a_permission_is_asked_of_a_row() -> None:
    norway, sweden = factories.a_state("NOR"), factories.a_state("SWE")
    on_the_desk("Editor", "NOR")
    rolf = who("rolf")
    assert rolf.has_perm("registry.change_contact", factories.a_contact(norway))
    assert not rolf.has_perm("registry.change_contact", factories.a_contact(sweden))
    assert rolf.has_perm("registry.view_contact", factories.a_contact(sweden, "b@example.org"))
    assert not rolf.has_perm("registry.change_amendment", factories.proposes(norway))
    assert not rolf.has_perm("reminders.change_pause", norway)  # no editor has it


def test_the_page_of_refusal_says_who_may(settings: Any) -> None:
    settings.ADMINISTRATOR_EMAIL = "office@example.org"
    factories.a_state("NOR")
    factories.a_state("SWE", desk_officer=factories.an_officer("ada", first_name="Ada", last_name="Byron"))
    page = one_of(read(on_the_desk("Editor", "NOR").get("/states/SWE/record-submission/")), "main")
    assert words(page) == (
        "You do not have permission for this page This would change the record of a State that is not on your desk. "
        "Nothing was saved. Sweden: desk of Ada Byron Ask the desk officer, or ask an Administrator to assign the "
        "State to you. office@example.org Today"
    )


# --- below the pages ------------------------------------------------------------------------------


def test_the_door_refuses_every_kind_of_fact_of_another_desk() -> None:
    norway, sweden = factories.a_state("NOR"), factories.a_state("SWE")
    theirs = {
        **a_row_of_each(sweden),
        "registry_amendment": factories.proposes(norway),
        "session": factories.a_session(),
    }
    assert {type(fact) for fact in theirs.values()} >= {kind.model for kind in KINDS.values()} - {
        AmendmentPosition
    }
    theirs["registry_amendmentposition"] = factories.answers(
        theirs["registry_amendment"], norway, "2026-02-01"
    )
    on_the_desk("Editor", "NOR")
    rolf = who("rolf")
    before = everything()
    for fact in theirs.values():
        ways: list[Callable[[Any], Any]] = [
            lambda fact: changes.save([fact], by=rolf),
            lambda fact: changes.save([], delete=[fact], by=rolf),
            lambda fact: changes.delete([fact], by=rolf),
        ]
        for way in ways:
            with pytest.raises(limits.NotOnDesk), transaction.atomic():
                way(fact)
    with pytest.raises(limits.NotOnDesk):
        changes.save_new([theirs["registry_amendmentposition"]], by=rolf)
    moved = theirs["registry_contact"]
    moved.state = norway  # taken over
    with pytest.raises(limits.NotOnDesk):
        changes.save([moved], by=rolf)
    assert everything() == before
    changes.save([factories.a_contact(norway, "here@example.org")], by=rolf)
    changes.save([moved], by=None)  # by a command
    assert everything() != before


def test_a_date_moves_to_another_state_only_with_both_on_the_desk(settings: Any) -> None:
    norway, sweden = factories.a_state("NOR"), factories.a_state("SWE")
    for state in (norway, sweden):
        factories.joins(state)
    moved = factories.decides(norway, "2016-01-23", cycles="2-3")
    factories.derive("2026-11-22", norway, sweden)
    settings.DESK_LIMITS = False
    moved.state = sweden
    changes.save([moved], by=factories.an_officer("ada", is_superuser=True))
    settings.DESK_LIMITS = True
    waiting = CommitteeDate.objects.get(state="SWE")
    assert waiting.corrects.state_id == "NOR"
    anna = on_the_desk("Approver", "SWE", name="anna")
    with pytest.raises(limits.NotOnDesk):
        changes.confirm_date(waiting, by=who("anna"))
    page = anna.get(f"/to-confirm/dates/{waiting.pk}/")
    assert "Norway has no desk officer; ask an Administrator." in words(one_of(read(page), "main"))
    State.objects.update(desk_officer=who("anna"))
    (difference,) = changes.confirm_date(waiting, by=who("anna")).differences
    assert {one.obligation.state_id for one in difference.changed} == {
        "NOR",
        "SWE",
    }  # it left the former desk at once


def test_a_setting_that_is_neither_on_nor_off_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment.read("DESK_LIMITS", environment.flag, "off") is False
    monkeypatch.setenv("DESK_LIMITS", "some")
    with pytest.raises(ImproperlyConfigured, match="DESK_LIMITS is not understood; write on or off"):
        environment.read("DESK_LIMITS", environment.flag)
