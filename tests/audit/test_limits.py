"""Officers limited to their desks: what each page lets them change, of their own States and of others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client, override_settings

from tests import factories
from tests.audit.addresses import MATRIX, ROLES
from tests.consideration.samples import checks
from tests.depth import first
from tests.web.conftest import MORNING, TODAY, in_role
from tests.web.pages import all_of, links, one_of, read, version_shown, words
from tracker.changes.versions import KINDS
from tracker.consideration.models import Checklist
from tracker.obligations.models import Obligation, Submission
from tracker.registry.models import Contact, State
from tracker.reminders import outbox
from tracker.reminders.models import Bounce, Mail, OutboxAct, Pause, Reminder, StaffTask
from tracker.reminders.plan import plan

pytestmark = pytest.mark.django_db

# Everything that users change: none of it may differ after a refusal.
WRITTEN = (
    *(kind.model for kind in KINDS.values()),
    *(Pause, Reminder, OutboxAct, StaffTask, Mail, Obligation, Checklist),
)


@pytest.fixture(autouse=True)
def limited(settings: Any) -> None:
    settings.DESK_LIMITS = True
    settings.FOUR_EYES = True
    settings.REMINDERS_APPROVAL = "required"


def on_the_desk(role: str, *states: str, name: str = "rolf") -> Client:
    """A user with a role who is the desk officer of some States."""
    client = in_role(role, name)
    State.objects.filter(pk__in=states).update(desk_officer=who(name))
    return client


def who(name: str) -> Any:
    return get_user_model().objects.get(username=name)


def everything() -> dict[str, list[Any]]:
    """All rows that users change, with their values."""
    return {model._meta.label: list(model._default_manager.order_by("pk").values()) for model in WRITTEN}


def refused(answer: Any) -> bool:
    """Whether the response says that the State is on another desk."""
    return answer.status_code == 403 and "on your desk" in answer.content.decode()


# --- the matrix -----------------------------------------------------------------------------------


def a_world(iso3: str) -> dict[str, Any]:
    """A State with one of each object that users act on: the keys."""
    state = factories.a_state(iso3, region="WEOG", records_from="2015-01-01")
    opsc = factories.joins(state, on="2009-01-23", confidence="memory")
    contact = factories.a_contact(state, f"{iso3.lower()}@example.org")
    dated = factories.decides(state, "2029-01-23", "2026-02-01", cycles="5", precision="year")
    factories.derive(TODAY.isoformat(), state)
    plan(TODAY)
    waiting = factories.decides(
        state, "2034-01-23", "2026-02-01", cycles="6", awaits_confirmation=True,
        entered_by=factories.an_officer(f"clerk-{iso3}"),
    )  # fmt: skip
    contact.office = "Legal affairs"
    contact.save()
    version = contact.history.earliest()
    owed = Obligation.objects.filter(state=state).order_by("computed_on")
    reminder = Reminder.objects.filter(obligation__state=state).earliest("pk")
    mail = Mail.objects.create(
        recipient=contact.email,
        subject="s",
        text="…/answer/…",
        html="",
        message_id=f"<{iso3}>",
        sent_on=TODAY,
    )
    task = {"state": state, "mail": mail, "kind": "answer", "answer": "wrong"}
    return {
        "state": iso3,
        "contact": contact.pk,
        "version": version.history_id,
        "obligation": reminder.obligation_id,
        "unrecorded": owed.get(kind="initial").pk,
        "open": owed.exclude(kind="initial").latest("computed_on").pk,
        "reminder": reminder.pk,
        "mail": mail.pk,
        "task": StaffTask.objects.create(cause="1", **task).pk,
        "settled": StaffTask.objects.create(
            cause="2", settled_at=f"{TODAY}T08:00Z", settled_by="ada", outcome="done", **task
        ).pk,
        "pause": Pause.objects.create(
            obligation=owed.latest("computed_on"), made_on=TODAY, until="2026-12-24", reason="Elections"
        ).pk,
        "action": opsc.pk,
        "date": dated.pk,
        "waiting": waiting.pk,
        "submission": factories.receives(state, "2016-03-01", kind="periodic", cycles="2", carried_by="own").pk,
        "review": factories.reviews(
            state, "2018-06-01", cycles="2", carried_by="own", confidence="memory"
        ).pk,
    }  # fmt: skip


def approved(keys: dict[str, Any]) -> None:
    Reminder.objects.filter(pk=keys["reminder"]).update(state="held")
    outbox.act("approve", Reminder.objects.filter(pk=keys["reminder"]), by="officer-A")


def held(keys: dict[str, Any]) -> None:
    approved(keys)
    outbox.act("hold", Reminder.objects.filter(pk=keys["reminder"]), by="officer-A")


def checked_by_two(keys: dict[str, Any]) -> None:
    report = Submission.objects.get(pk=keys["submission"])
    for name in ("first", "second"):
        checks(report, factories.an_officer(f"{name}-{keys['state']}"))


PAUSE = {"until": "2026-12-24", "reason": "Elections"}
STATED = {
    "reports": "{open}", "outcome": "date", "due_on": "2031-01-23", "document_kind": "other decision",
    "document": "CRC/C/1", "decided_on": "2026-02-03",
}  # fmt: skip
SOURCE = {"source": "C.N.1"}
# For each address that changes something of one State: its form, and the preparation that it needs.
OF_A_STATE: dict[str, tuple[dict[str, str], Callable[[dict[str, Any]], None] | None]] = {
    "restore": ({"reason": "typed wrongly"}, None),
    "edit": (
        SOURCE
        | {
            "kind": "periodic",
            "first_cycle": "2",
            "last_cycle": "2",
            "carried_by": "own",
            "reason": "a letter",
        }
        | {"document": "CRC/C/OPSC/CO/2", "adopted_on": "2018-06-01"},
        None,
    ),
    "record-submission": (
        {"reports": "{open}", "received_on": "2026-11-02", "title": "Report", "symbol": "CRC/C/OPSC/1"},
        None,
    ),
    "record-date": (STATED, None),
    "record-review": (
        {
            "document": "CRC/C/OPSC/CO/1",
            "adopted_on": "2026-02-04",
            "report": "without",
            "series": "initial",
            "next_is": "not stated",
        },
        None,
    ),
    "record-prior-to-reporting": (
        {"numbers": "4", "due_on": "2031", "document": "CRC/C/QPR/4", "decided_on": "2026-02-03"},
        None,
    ),
    "record-withdrawal": (
        {"submission": "{submission}", "withdrawn_on": "2026-02-03", "source": "note verbale"},
        None,
    ),
    "record-deposit": ({"treaty": "CRC", "kind": "ratification", "date": "1991-01-08"}, None),
    "pause-state": (PAUSE, None),
    "pause-report": (PAUSE, None),
    "end-pause": ({}, None),
    "approve-reminders": ({"pick": "{reminder}"}, None),
    "undo-approval": ({"keys": "{reminder}"}, approved),
    "outbox-act": ({"act": "cancel", "pick": "{reminder}", "reason": "asked", "step": "do"}, None),
    "outbox-undo": ({"keys": "{reminder}"}, held),
    "covering": ({"covering": "With our thanks."}, None),
    "close-answers": ({}, None),
    "task": ({"outcome": "asked the mission"}, None),
    "reopen-tasks": ({"keys": "{settled}"}, None),
    "confirm-non-receipt": (SOURCE | {"pick": "{unrecorded}", "not_received_by": "2026-11-20"}, None),
    "settle-action": (SOURCE | {"date": "2009-01-24", "confidence": "one-source"}, None),
    "settle-fact": (SOURCE, None),
    "settle-date": (SOURCE | {"due_on": "2029-01-24", "document": "CRC/C/2"}, None),
    "second-look": ({}, None),
    "check-report": ({"words": "31,800"}, None),
    "compare-checklists": ({}, checked_by_two),
}
# Each has its own test: below, in tests/web/reminders that of the clock, of tasks together and of another contact, in
# tests/web/ui that of undoing, in tests/web/correspondence those of papers and addresses; test_sessions.py has that
# of States on sessions.
OF_MANY = {
    "reconciliation", "import-upload", "import-act", "keep-records", "clock", "settle-tasks", "another-contact", "undo",
    "act-on-papers", "undo-papers", "paper-act", "edit-paper", "attach-files", "write-paper", "receive-paper",
    "new-run", "run-act", "add-expected-years", "add-to-session", "act-on-agenda",
    "address-act", "confirm-contact", "undo-confirmation", "directory",
}  # fmt: skip
# Belongs to the treaty, or to all States of a session (test_positions.py, test_sessions.py).
OF_THE_TREATY = {"positions", "new-session", "edit-session", "session-held"}
# Numbers of papers are of all States.
OF_THE_REGISTER = {"last-numbers"}
# Drafts are not stored, and words for lists of issues are of all States; only attaching a file is about one
# (tests/web/consideration/test_draft_issues.py).
OF_ALL_LISTS = {"draft-issues", "draft-issues-file"}
# Translations are of all States.
OF_LANGUAGES = {"text", "confirm-texts", "undo-texts", "upload-texts"}
# About a person, not about a State.
OF_ONESELF = {
    "invite", "person", "person-act",  # about an account; only people without limits have the permission
    "follow", "calendar-feeds", "save-view", "keep-columns", "view-on-today", "delete-view", "digest", "help", "api",
    "second-factor", "own-password", "second-administrator", "second-step", "logout",
}  # fmt: skip


def test_every_changing_address_has_been_decided_on() -> None:
    changing = {name for name, (_address, _look, send) in MATRIX.items() if send != "-"}
    of_all = {*OF_THE_TREATY, *OF_THE_REGISTER, *OF_ALL_LISTS, *OF_LANGUAGES, *OF_ONESELF}
    decided = {*OF_A_STATE, *OF_MANY, *of_all}
    assert changing == decided, "is it about one State, many, or none? Add it to one of the lists above"


def addressed(name: str, keys: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """The address and the form for a State."""
    pattern = MATRIX[name][0].replace("/NOR/", f"/{keys['state']}/").replace("treaty-action", "contact")
    return pattern.format(**keys), {key: text.format(**keys) for key, text in OF_A_STATE[name][0].items()}


def send(client: Client, name: str, keys: dict[str, Any]) -> Any:
    """Sends a form for a State; if it has a preview, also the second step."""
    address, form = addressed(name, keys)
    if name == "outbox-act":
        return client.post(address, form)
    form |= version_shown(client, address.removesuffix("covering/"))
    answer: Any = client.post(address, form | {"step": "look"})
    steps = (answer.context or {}).get("steps")
    if steps is None or steps.effects is None:
        return answer
    return client.post(address, form | {"step": "save", "seen": steps.mark})


def changes(client: Client, name: str, keys: dict[str, Any]) -> tuple[bool, Any]:
    """Whether a request writes something, and its response; rolled back at once."""
    with transaction.atomic():
        prepare = OF_A_STATE[name][1]
        if prepare:
            prepare(keys)
        before = everything()
        answer = send(client, name, keys)
        changed = everything() != before
        transaction.set_rollback(True)
    return changed, answer


@pytest.fixture(scope="module")
def worlds(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[dict[str, Any]]]:
    """Norway and Sweden, created once for all addresses; each attempt is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(REMINDERS_APPROVAL="required"), time_machine.travel(MORNING):
            made = [a_world("NOR"), a_world("SWE")]
        yield made
        transaction.set_rollback(True)


@pytest.mark.parametrize("name", first(4, OF_A_STATE))
def test_an_officer_changes_the_own_state_and_no_other(name: str, worlds: list[dict[str, Any]]) -> None:
    own, other = worlds
    _address, look, send_it = MATRIX[name]
    may = "A" if name == "second-look" else send_it  # there only an approver's answer counts
    for letter in may:  # what the other roles may not do, no desk lets them (test_addresses.py)
        officer = on_the_desk(ROLES[letter], "NOR", name=f"officer-{letter}")
        assert changes(officer, name, own)[0]
        assert_refused(changes(officer, name, other), "Sweden")
    if look not in ("-", "VEAD"):  # the form itself is not shown either
        assert refused(officer.get(addressed(name, other)[0]))
    who(f"officer-{letter}").groups.add(Group.objects.get(name="Administrator"))
    assert changes(officer, name, other)[0]  # so only the desk was the reason for the refusal


def test_without_a_desk_nothing_is_changed_and_without_limits_everything(
    worlds: list[dict[str, Any]], settings: Any
) -> None:
    nobody = in_role("Editor", "nobody")
    for name in ("task", "record-deposit"):
        settings.DESK_LIMITS = True
        assert_refused(changes(nobody, name, worlds[0]), "Norway")
        settings.DESK_LIMITS = False
        assert changes(nobody, name, worlds[0])[0]


def assert_refused(outcome: tuple[bool, Any], country: str) -> None:
    """Nothing was written, and the page names the desk officer."""
    written, answer = outcome
    assert not written
    assert refused(answer)
    assert country in words(one_of(read(answer), "main"))


def test_an_officer_takes_over_the_records_of_the_own_states(worlds: list[dict[str, Any]]) -> None:
    State.objects.filter(pk__in=("NOR", "SWE")).update(records_until="2025-12-04")
    officer = on_the_desk("Editor", "NOR")
    address, form = (
        "/to-confirm/keep-records/",
        {"reason": "registry checked", "carried_from": "", "step": "look"},
    )
    answer = officer.post(address, form | {"whose": "named", "named": "Norway, Sweden"})
    assert answer.context["steps"].form.errors["named"] == ["Sweden is not on your desk; leave it out."]
    answer = officer.post(address, form | {"whose": "all", "named": ""})
    assert answer.context["steps"].form.cleaned_data["states"] == ["NOR"]


# --- several rows at once, and what pages offer -----------------------------------------------------


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("/reminders/act/", {"act": "cancel", "reason": "asked", "step": "do"}),
        ("/reminders/act/", {"act": "cancel"}),
        ("/reminders/approve/", {}),
        ("/reminders/approve/undo/", {}),
        ("/reminders/act/undo/", {}),
    ],
)
def test_one_foreign_row_keeps_all_of_them_back(
    address: str, form: dict[str, str], worlds: list[dict[str, Any]]
) -> None:
    officer = on_the_desk("Approver", "NOR")
    keys = [str(one["reminder"]) for one in worlds]
    before = everything()
    answer = officer.post(address, form | {"pick": keys, "keys": ",".join(keys)})
    assert refused(answer)
    assert words(one_of(read(answer), "main")).count("Sweden") == 1
    assert "Norway" not in words(one_of(read(answer), "main"))
    assert everything() == before


def test_all_that_wait_are_all_of_the_own_desk(worlds: list[dict[str, Any]]) -> None:
    officer = on_the_desk("Approver", "NOR")
    rows = Reminder.objects.filter(state="held")
    assert {row.obligation.state_id for row in rows} == {"NOR", "SWE"}
    page = read(officer.get("/reminders/", {"desk": "all"}))
    theirs = {str(row.pk) for row in rows if row.obligation.state_id == "NOR"}
    assert f"Approve all {len(theirs)} on your desk" in words(page)
    ticks = {box.attributes["value"] for box in all_of(page, "input", name="pick")}
    assert ticks == theirs
    shown = one_of(page, "input", name="shown").attributes["value"]
    officer.post("/reminders/approve/", {"all": "1", "shown": shown})
    assert {row.obligation.state_id for row in rows.all()} == {"SWE"}


def test_non_receipts_and_tasks_of_two_desks_are_refused_whole(worlds: list[dict[str, Any]]) -> None:
    officer = on_the_desk("Editor", "NOR")
    before = everything()
    form = {
        "pick": [one["unrecorded"] for one in worlds],
        "not_received_by": "2026-11-20",
        "source": "a list",
    }
    for step in ("look", "save"):
        assert refused(officer.post("/to-confirm/non-receipt/", form | {"step": step}))
    keys = ",".join(str(one["settled"]) for one in worlds)
    assert refused(officer.post("/tasks/reopen/", {"keys": keys}))
    assert everything() == before


@pytest.mark.more
@pytest.mark.parametrize("role", ["Editor", "Approver"])
def test_pages_of_another_desk_are_read_and_offer_nothing(role: str, worlds: list[dict[str, Any]]) -> None:
    own, other = worlds
    officer = on_the_desk(role, "NOR")
    for address in (
        "/states/{state}/", "/states/{state}/history/", "/reminders/{reminder}/", "/tasks/{task}/",
        "/reminders/mail/{mail}/", "/to-confirm/dates/{waiting}/",
    ):  # fmt: skip
        offered = [acts_on(officer, address.format(**keys), keys) for keys in (own, other)]
        assert not offered[1], address
        if not ((role == "Approver" and "history" in address) or (role == "Editor" and "waiting" in address)):
            assert offered[0] or "{reminder}" in address, address
    for address in ("/to-confirm/?desk=all", "/to-confirm/days/"):
        found = acts_on(officer, address, {})
        assert all("SWE" not in one for one in found)


def acts_on(client: Client, address: str, keys: dict[str, Any]) -> list[str]:
    """The links and forms in the main part of a page that change something."""
    answer = client.get(address)
    assert answer.status_code == 200
    main = one_of(read(answer), "main")
    forms = [
        one.attributes.get("action", address) for one in all_of(main, "form") if one.attributes.get("method")
    ]
    changing = ("/record-", "/edit/", "/restore/", "/pause/", "/admin/", "/settle")
    return [*forms, *(to for to in links(main).values() if any(part in to for part in changing))]


def test_what_is_settled_or_worded_together_takes_whoever_may_do_all_of_it(
    worlds: list[dict[str, Any]], settings: Any
) -> None:
    officer = on_the_desk("Approver", "NOR")
    mail = Mail.objects.get(pk=worlds[0]["mail"])
    back = Bounce.objects.create(
        kind="failed", mail=mail, recipient="both@example.org", digest="1", received_at=f"{TODAY}T08:00Z"
    )
    both = [
        StaffTask.objects.create(
            kind="bounce", cause=str(back.pk), state_id=one["state"], bounce=back, mail=mail
        )
        for one in worlds
    ]
    # They go in one mail.
    Contact.objects.update(email="both@example.org")
    Reminder.objects.update(recipient="both@example.org", state="planned")
    reminders = [Reminder.objects.filter(pk=one["reminder"]) for one in worlds]
    mail.reminders.set([*reminders[0], *reminders[1]])
    before = everything()
    task, reminder = f"/tasks/{both[0].pk}/", f"/reminders/{worlds[0]['reminder']}/"
    assert "An administrator can settle them together" in words(read(officer.get(task)))
    assert refused(officer.post(task, {"outcome": "done"}))
    assert not all_of(one_of(read(officer.get(reminder)), "main"), "textarea")
    assert refused(officer.post(f"{reminder}covering/", {"covering": "With our thanks."}))
    assert refused(officer.post(f"{mail.get_absolute_url()}close-answers/"))
    assert everything() == before
    settings.DESK_LIMITS = False
    keys = one_of(read(officer.get(task)), "input", name="keys").attributes["value"]
    officer.post(task, {"outcome": "done", "keys": keys})
    assert not StaffTask.objects.filter(kind="bounce", settled_at=None).exists()
