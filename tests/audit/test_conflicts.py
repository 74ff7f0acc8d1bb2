"""Nobody overwrites unseen what somebody else has saved: every form of a stored record, in the admin and on the pages.

A new table of the admin and a new address that takes a form fail until they are entered here.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db.models import F
from django.test import Client

from tests import factories
from tests.audit.addresses import MATRIX
from tests.depth import first
from tests.web.pages import Element, all_of, fields_of, one_of, read, words
from tracker import changes
from tracker.changes import FactRefused
from tracker.changes.versions import KINDS
from tracker.consideration.models import GuidelineItem, ItemQuestion
from tracker.correspondence.models import ConfirmationRule, Letterhead, PaperRule, PaperText
from tracker.obligations.models import CommitteeDate, CommitteeSession, NonReceipt, Review, SessionDeadline
from tracker.registry.models import Amendment, AmendmentPosition, Contact, RegionDesk, State, TreatyAction
from tracker.reminders.models import Reminder, ReminderRule

pytestmark = pytest.mark.django_db

MODELS = list(admin.site._registry)
# A text that two people change; of most facts it is the note.
TEXT = {
    State: "records_note",
    AmendmentPosition: "source",
    RegionDesk: "region",
    ReminderRule: "wording",
    Group: "name",
    PaperRule: "languages",
    PaperText: "words",
    Letterhead: "place",
    ConfirmationRule: "months",
    SessionDeadline: "weeks",
    GuidelineItem: "asks",
    ItemQuestion: "words",
    get_user_model(): "first_name",
}
THEIRS, OURS = "Changed by a colleague", "Typed by ourselves"
CHOICES: dict[type, tuple[str, str]] = {
    RegionDesk: ("WEOG", "EES"),
    PaperRule: ("both", "english"),
    ConfirmationRule: ("6", "24"),
    SessionDeadline: ("20", "24"),
}
IN_WORDS = {
    "WEOG": "Western European and other States",
    "EES": "Eastern European States",
    "both": "the language of the contact, then English",
    "english": "English only",
}


def texts(model: type) -> tuple[str, str, str]:
    """The field that two people change, with the two values."""
    if model in CHOICES:
        return (TEXT[model], *CHOICES[model])
    return TEXT.get(model, "note"), THEIRS, OURS


def address_of(row: Any, act: str) -> str:
    options = row._meta
    return f"/admin/{options.app_label}/{options.model_name}/{row.pk}/{act}/"


def form_of(page: Element) -> dict[str, Any]:
    """The data of the first form of a page that shows a record."""
    forms = [fields_of(one) for one in all_of(page, "form", method="post")]
    return next(fields for fields in forms if {"version", "seen"} & fields.keys())


def conflicts(page: Element) -> list[list[str]]:
    """The rows of the comparison: field, in this form, stored now."""
    boxes = all_of(page, "section", class_="conflict")
    return [
        [words(cell) for cell in row if cell.name in ("th", "td")]
        for box in boxes
        for row in all_of(all_of(box, "tbody")[0], "tr")
    ]


def choice(page: Element, which: str) -> dict[str, str]:
    """The answer to the question which version to save."""
    (box,) = all_of(page, "section", class_="conflict")
    (radio,) = [one for one in all_of(box, "input") if one.attributes["value"].startswith(which)]
    return {radio.attributes["name"]: radio.attributes["value"]}


@pytest.fixture(autouse=True)
def every_row_can_be_saved(rows: dict[type, Any]) -> None:
    """The world has its rows as they were created, without what they follow from."""
    Amendment.objects.update(communicated_on=F("proposed_on"))
    NonReceipt.objects.update(kind="periodic", cycle=2)  # the initial report was received
    factories.derive("2026-11-22", State.objects.get(pk="DNK"))


# --- the admin ------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", first(6, MODELS), ids=lambda model: model._meta.label_lower)
def test_a_form_of_the_admin_saves_only_what_it_showed(
    model: type, rows: dict[type, Any], superuser: Client
) -> None:
    row, (name, theirs, ours) = rows[model], texts(model)
    address, stored = address_of(row, "change"), model._default_manager.filter(pk=row.pk)  # type: ignore[attr-defined]
    sent = form_of(read(superuser.get(address))) | {name: ours, "reason": "a letter"}
    stored.update(**{name: theirs})
    answer = superuser.post(address, sent)
    assert str(stored.values_list(name, flat=True)[0]) == theirs
    page = read(answer)
    (found,) = conflicts(page)
    assert found[1:] == [IN_WORDS.get(ours, ours), IN_WORDS.get(theirs, theirs)]
    kept = form_of(page)
    assert kept[name] == ours
    # Without an answer to the question it is asked again.
    assert conflicts(read(superuser.post(address, kept))) == [found]
    superuser.post(address, kept | choice(page, "stored"))
    assert str(stored.values_list(name, flat=True)[0]) == theirs
    saved = superuser.post(address, kept | choice(page, "typed"))
    assert saved.status_code == 302, saved.context["adminform"].form.errors
    assert str(stored.values_list(name, flat=True)[0]) == ours


@pytest.mark.parametrize(
    "model",
    first(6, [model for model in MODELS if model not in (get_user_model(), Letterhead)]),
    ids=lambda model: model._meta.label_lower,
)
def test_a_row_that_changed_since_its_page_was_opened_is_not_deleted(
    model: type, rows: dict[type, Any], superuser: Client
) -> None:
    row, (name, theirs, _ours) = rows[model], texts(model)
    address, stored = address_of(row, "delete"), model._default_manager.filter(pk=row.pk)  # type: ignore[attr-defined]
    sent = form_of(read(superuser.get(address))) | {"reason": "twice", "step": "save"}
    stored.update(**{name: theirs})
    again = superuser.post(address, sent, follow=True)
    assert stored.exists()
    superuser.post(address, form_of(read(again)) | {"reason": "twice", "step": "save"})
    assert not stored.exists()


def test_a_user_is_not_taken_for_changed_by_signing_in(rows: dict[type, Any], superuser: Client) -> None:
    grace = rows[get_user_model()]
    sent = form_of(read(superuser.get(address_of(grace, "change")))) | {"last_name": "Hopper"}
    Client().force_login(grace)
    superuser.post(address_of(grace, "change"), sent)
    grace.refresh_from_db()
    assert (grace.last_name, grace.last_login is None) == ("Hopper", False)


def test_roles_given_meanwhile_are_not_taken_away(rows: dict[type, Any], superuser: Client) -> None:
    grace = rows[get_user_model()]
    sent = form_of(read(superuser.get(address_of(grace, "change")))) | {"last_name": "Hopper"}
    grace.groups.add(Group.objects.get(name="Approver"))
    page = read(superuser.post(address_of(grace, "change"), sent))
    assert ["Roles", "nothing", "Approver"] in conflicts(page)
    assert grace.groups.exists()


# --- rows on the page of a State --------------------------------------------------------------------

PAGE = "/admin/registry/state/DNK/change/"
INLINES = {one.model: one for one in admin.site._registry[State].inlines}


@pytest.fixture
def sent(rows: dict[type, Any], superuser: Client) -> dict[str, Any]:
    """Denmark's page with a new note, as the browser sends it."""
    shown = form_of(read(superuser.get(PAGE)))
    assert {f"{prefix(model)}-0-version" for model in INLINES} <= set(shown)
    return shown | {"records_note": OURS, "reason": "a letter"}


def prefix(model: Any) -> str:
    return str(model._meta.get_field("state").remote_field.get_accessor_name())


def note() -> str:
    return State.objects.get(pk="DNK").records_note


# All are rows of one kind; most are left to `make test-more`.
IN_SHORT = {Contact, TreatyAction}
ROWS = [pytest.param(model, marks=[] if model in IN_SHORT else pytest.mark.more) for model in INLINES]


@pytest.mark.parametrize("model", ROWS, ids=lambda model: model._meta.model_name)
def test_a_row_of_a_page_is_saved_only_as_it_was_shown(
    model: Any, rows: dict[type, Any], sent: dict[str, Any], superuser: Client
) -> None:
    name = "name" if model is Contact else "source"
    stored, field = model.objects.filter(pk=rows[model].pk), f"{prefix(model)}-0-{name}"
    stored.update(**{name: THEIRS})
    for typed in ({field: OURS}, {f"{prefix(model)}-0-DELETE": "on"}):
        page = read(superuser.post(PAGE, sent | typed))
        assert (stored.get().serializable_value(name), note()) == (THEIRS, "")
        assert [row[2] for row in conflicts(page)] == [THEIRS]
    superuser.post(PAGE, form_of(page) | choice(page, "stored"))
    assert (stored.get().serializable_value(name), note()) == (THEIRS, OURS)


def deleted(contacts: Any) -> None:
    contacts.delete()


def moved(contacts: Any) -> None:
    contacts.update(state="SWE")


@pytest.mark.parametrize("away", [deleted, moved])
def test_a_row_that_is_gone_stays_away(
    away: Any, rows: dict[type, Any], sent: dict[str, Any], superuser: Client
) -> None:
    away(Contact.objects.filter(pk=rows[Contact].pk))
    page = read(superuser.post(PAGE, sent | {"contacts-0-name": OURS}))
    assert note() == ""
    assert "deleted or moved this record after you opened the form" in words(one_of(page, "main"))
    superuser.post(PAGE, form_of(page) | choice(page, "stored"))
    assert (note(), Contact.objects.filter(state="DNK").exists()) == (OURS, False)


# --- the pages ------------------------------------------------------------------------------------

# Forms that show the values of a stored record: its model and key, the text that two people change, what else is typed.
OF_RECORDS: dict[str, tuple[type, str, str, dict[str, str]]] = {
    "settle-action": (TreatyAction, "action", "source", {"confidence": "one-source"}),
    "settle-date": (CommitteeDate, "date", "source", {}),
    "edit": (Review, "review", "source", {}),
    "edit-session": (CommitteeSession, "session", "source", {}),
    "settle-fact": (Review, "review", "source", {}),
    "covering": (Reminder, "reminder", "covering", {}),
    "second-look": (CommitteeDate, "waiting", "source", {}),
    "restore": (TreatyAction, "version", "source", {"reason": "a letter"}),
}
# These show the stored values on the page, and take a reason at most.
REASON_ONLY = {"second-look", "restore"}
# Forms that show no stored values that they would overwrite.
OTHERS = {
    # They add records, under the lock of their State or amendment.
    *("record-submission", "record-date", "record-review", "record-prior-to-reporting", "record-deposit"),
    *("pause-state", "pause-report", "positions", "confirm-non-receipt", "import-upload"),
    *("new-session", "add-to-session", "add-expected-years"),
    # They set what the form does not show, in the record as it is stored: the day of withdrawal, the end of a pause or
    # of the records, the outcome of a task or a session, the link of a mail.
    *("act-on-agenda", "session-held"),
    *("record-withdrawal", "keep-records", "end-pause", "task", "reopen-tasks", "close-answers"),
    # They act on what was selected, and leave out what has changed.
    *("approve-reminders", "undo-approval", "outbox-act", "outbox-undo", "reconciliation", "import-act"),
    *("clock", "settle-tasks", "address-act"),
    # They add a confirmation, or delete the one that the person has just added.
    *("confirm-contact", "undo-confirmation", "directory"),
    # It undoes the person's own last change, if nobody has changed the record since.
    *("undo", "undo-papers"),
    # Each sends back the version of the papers that it shows, or adds one (tests/web/correspondence).
    *("new-run", "run-act", "act-on-papers", "paper-act", "edit-paper", "attach-files", "write-paper", "receive-paper"),
    # They are entered once, under the lock of the year.
    "last-numbers",
    # It adds a row, under the lock of the one that did not arrive.
    "another-contact",
    # Drafts are not stored; the words saved for all lists send back their version (test_draft_issues.py).
    *("draft-issues", "draft-issues-file"),
    # Each sends back the version of the checklists that it shows (tests/web/consideration/test_check_report.py).
    *("check-report", "compare-checklists"),
    # They belong to the person alone.
    *("follow", "calendar-feeds", "save-view", "keep-columns", "view-on-today", "delete-view", "digest", "help", "api"),
    *("own-password", "second-factor", "second-step", "logout"),
    # It adds the roles that its signed address names, if the person still lacks them.
    "second-administrator",
    # Each sends back the versions of the texts that it shows (tests/web/languages/test_desk.py).
    *("text", "confirm-texts", "undo-texts", "upload-texts"),
    # They add an account, or change it as it is stored: a link, access, a second factor.
    *("invite", "person-act"),
    # The account's version is compared (tests/web/people/test_people.py).
    "person",
}  # fmt: skip


def test_every_address_that_takes_a_form_has_been_decided_on() -> None:
    changing = {name for name, (_address, _look, send) in MATRIX.items() if send != "-"}
    decided = OF_RECORDS.keys() | OTHERS
    assert changing == decided, (
        "does its form show stored values? Then OF_RECORDS above, else OTHERS, and why"
    )
    assert not OF_RECORDS.keys() & OTHERS


@pytest.mark.parametrize("name", OF_RECORDS)
def test_a_page_saves_only_what_it_showed(name: str, places: dict[str, Any], superuser: Client) -> None:
    model, key, field, typed = OF_RECORDS[name]
    address, pk = MATRIX[name][0].format(**places), places[key]
    if name == "restore":
        pk = TreatyAction.history.get(history_id=pk).id
    stored = model._default_manager.filter(pk=pk)  # type: ignore[attr-defined]
    stored.update(**{field: "As it was"})
    sent = form_of(read(superuser.get(address.removesuffix("covering/")))) | typed
    if name not in REASON_ONLY:
        sent |= {field: OURS}
        sent |= (
            fields_of(read(superuser.post(address, sent | {"step": "look"}))) if name != "covering" else {}
        )
    stored.update(**{field: THEIRS})
    before = stored.values().get()
    page = read(superuser.post(address, sent | {"step": "save"}))
    assert stored.values().get() == before
    if name in REASON_ONLY:
        assert THEIRS in words(one_of(page, "main"))
        superuser.post(address, form_of(page) | typed | {"step": "save"})
        assert stored.values().get() != before
    else:
        assert [OURS, THEIRS] in [row[1:] for row in conflicts(page)]


@pytest.mark.parametrize("name", sorted(OF_RECORDS.keys() - {"covering", "restore"}))
def test_what_is_deleted_at_this_moment_is_missed_in_words(
    name: str, places: dict[str, Any], superuser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, key, _field, typed = OF_RECORDS[name]
    address = MATRIX[name][0].format(**places)
    sent = form_of(read(superuser.get(address))) | {"source": OURS, "step": "look"} | typed
    stored = model._default_manager.filter(pk=places[key])  # type: ignore[attr-defined]
    monkeypatch.setattr(changes, "lock", lambda _states: stored.delete())
    said = words(one_of(read(superuser.post(address, sent)), "main"))
    assert "Nothing was saved: somebody else has deleted this record meanwhile." in said


def test_a_deleted_fact_is_neither_saved_nor_deleted_again(rows: dict[type, Any]) -> None:
    for kind in KINDS.values():
        fact = rows[kind.model] if kind.model is not State else factories.a_state("ISL")
        kind.model.objects.filter(pk=fact.pk).delete()
        for act in (lambda: changes.save([fact], by=None), lambda: changes.delete([fact], by=None)):  # noqa: B023
            with pytest.raises(FactRefused, match="Somebody else has deleted this record meanwhile"):
                act()
        assert not kind.model.objects.filter(pk=fact.pk).exists()
