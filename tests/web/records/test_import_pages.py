"""Imports on their pages: uploaded, shown row by row, questions about names, saved or not; permissions."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests import factories
from tests.factories import day
from tests.web.conftest import TODAY, in_role
from tests.web.pages import Element, all_of, links, messages, one_of, problems, read, table, words
from tracker.changes import import_jobs
from tracker.languages.known import current, speaking
from tracker.obligations import sync
from tracker.obligations.imports.sheet import Limits
from tracker.obligations.models import Import, Obligation, Submission
from tracker.registry.models import Contact, State
from tracker.reminders.models import Reminder
from tracker.web import tasks

pytestmark = pytest.mark.django_db

TWO_REPORTS = (
    "state,kind,cycles,received_on,symbol\n"
    "Norway,initial,1,3 Jun 2005,CRC/C/OPSC/NOR/1\n"
    "NOR,periodic,4,2009-05-11,CRC/C/NOR/4\n"
)


@pytest.fixture
def norway() -> State:
    """A party to both treaties, whose initial report has been overdue since 18 January 2004."""
    state = factories.a_state("NOR")
    factories.joins(state, "CRC", "1991-01-08")
    factories.joins(state, on="2001-10-02")
    factories.derive(TODAY.isoformat(), state)
    return state


@pytest.fixture
def editor() -> Client:
    return in_role("Editor")


def hand_in(client: Client, text: str | bytes, name: str = "reports.csv", about: str = "submissions") -> str:
    """Uploads a file; returns the address of its page."""
    content = text.encode() if isinstance(text, str) else text
    answer = client.post("/imports/upload/", {"table": about, "file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 302, problems(read(answer))
    return str(answer.headers["Location"])


def act(client: Client, address: str, what: str, **more: str) -> Element:
    """Presses a button of a file's page; returns the next page."""
    return press(client, address, hidden(client, address), what, **more)


def hidden(client: Client, address: str) -> dict[str, str]:
    """What the forms of a file's page send along: the preview that they show, and the unknown names."""
    fields = all_of(read(client.get(address)), "input", type="hidden")
    return {one.attributes["name"]: one.attributes["value"] for one in fields}


def press(client: Client, address: str, fields: dict[str, str], what: str, **more: str) -> Element:
    """Presses a button of a page that may have been opened some time ago; returns the next page."""
    return read(client.post(f"{address}act/", {**fields, "do": what, **more}, follow=True))


def long_file() -> str:
    """More rows than are checked during the request."""
    rows = "".join(f"NOR,Person {at},person{at}@example.org\n" for at in range(600))
    return f"state,name,email\n{rows}"


def chips(page: Element) -> list[str]:
    return [words(one) for one in all_of(one_of(page, "nav", aria_label="Outcome"), "a")]


# --- what a person sees ------------------------------------------------------------------------------


def test_a_file_is_shown_row_by_row_before_anything_is_saved(norway: State, editor: Client) -> None:
    factories.receives(norway, "2005-06-04", symbol="CRC/C/OPSC/NOR/1")
    factories.derive(TODAY.isoformat(), norway)
    address = hand_in(editor, TWO_REPORTS)
    page = read(editor.get(address))
    assert words(one_of(page, "h1")) == "reports.csv"
    assert chips(page) == ["All: 2", "added: 1", "changed: 1"]
    assert table(page, "h-rows") == [
        [
            "2",
            "changed received on",
            "Norway",
            "initial",
            "1",
            "was 2005-06-04 now 3 Jun 2005",
            "CRC/C/OPSC/NOR/1",
        ],
        ["3", "added", "NOR", "periodic", "4", "2009-05-11", "CRC/C/NOR/4"],
    ]
    assert [words(one) for one in all_of(one_of(page, "section", aria_labelledby="h-effects"), "li")] == [
        "Next report under the CRC is no longer owed.",
        "Report 4 under the CRC is answered.",
    ]
    assert words(all_of(page, "button", value="save")[0]) == "Save 1 added and 1 changed rows"
    assert Submission.objects.get().received_on == day("2005-06-04")


def test_saving_writes_all_of_it_with_who_and_why(norway: State, editor: Client) -> None:
    address = hand_in(editor, TWO_REPORTS)
    page = act(editor, address, "save")
    assert messages(page) == ["reports.csv is saved: 2 added rows."]
    assert "Effects" in words(page)
    row = Import.objects.get()
    assert (row.state, row.saved_by.username, row.saved_at.date()) == ("saved", "rolf", TODAY)
    assert {(h.history_user.username, h.history_change_reason) for h in Submission.history.all()} == {
        ("rolf", f"reports.csv, import {row.pk}")
    }
    assert not sync.difference(TODAY)
    (listed,) = table(read(editor.get("/imports/")), "h-handed-in")
    assert listed[0].startswith("reports.csv")
    assert listed[1:4] == ["Submissions", "22 November 2026, 09:00", "rolf"]
    assert listed[4] == "saved: 2 added rows"


def test_a_saved_file_offers_nothing_to_save(norway: State, editor: Client) -> None:
    address = hand_in(editor, TWO_REPORTS)
    act(editor, address, "save")
    assert all_of(read(editor.get(address)), "button", value="save") == []
    again = read(editor.get(hand_in(editor, TWO_REPORTS)))
    assert "Nothing to save: every row is already recorded." in words(again)
    assert all_of(again, "button", value="save") == []
    assert messages(act(editor, address, "save")) == [
        "reports.csv: changed by someone else, or still being processed; the page shows its current state."
    ]
    assert Submission.objects.count() == 2


def test_a_refused_row_says_why_in_its_cell_and_keeps_the_whole_file_out(
    norway: State, editor: Client
) -> None:
    address = hand_in(editor, f"{TWO_REPORTS}NOR,periodic,3,03/04/2005,=cmd()\n")
    page = read(editor.get(address))
    assert table(page, "h-rows") == [
        [
            "4",
            "refused received on, symbol",
            "NOR",
            "periodic",
            "3",
            "03/04/2005 “03/04/2005” could be 3 April 2005 or 4 March 2005; write 2005-04-03.",
            "=cmd() This is a formula, not a value; enter its result.",
        ]
    ]
    assert chips(page) == ["All: 3", "added: 2", "refused: 1"]
    assert len(table(read(editor.get(f"{address}?outcome=all")), "h-rows")) == 3
    assert all_of(page, "button", value="save") == []
    act(editor, address, "save")
    assert not Submission.objects.exists()


def test_a_file_that_is_no_table_says_so(norway: State, editor: Client) -> None:
    page = read(editor.get(hand_in(editor, "country,report\nNorway,1\n", about="contacts")))
    assert [words(one) for one in all_of(page, "li", class_="problem")] == [
        "No column is read as “name”; choose it below.",
        "No column is read as “e-mail”; choose it below.",
    ]
    assert all_of(page, "button", value="save") == []


def test_a_header_alone_says_that_there_is_nothing(editor: Client) -> None:
    page = read(editor.get(hand_in(editor, "state,kind,cycles\n")))
    assert "The file has no rows; there is nothing to save." in words(page)


def test_pages_hold_a_hundred_rows(norway: State, editor: Client) -> None:
    rows = "".join(f"NOR,Person {at},p{at}@example.org\n" for at in range(250))
    address = hand_in(editor, f"state,name,email\n{rows}", about="contacts")
    assert len(table(read(editor.get(address)), "h-rows")) == 100
    last = read(editor.get(f"{address}?page=3"))
    assert [row[0] for row in table(last, "h-rows")][-1] == "251"
    assert links(one_of(last, "nav", class_="pages")) == {"Previous": "?page=2"}
    assert editor.get(f"{address}?outcome=nothing").status_code == 404


def test_effects_on_several_states_are_counted(norway: State, editor: Client, settings: Any) -> None:
    settings.PERIODIC_RULE = "treaty-calendar"
    State.objects.filter(pk="NOR").update(carried_records_from=day("2000-01-01"))
    factories.joins(factories.a_state("SWE"), on="2007-01-19")
    factories.a_contact(norway)
    factories.derive(TODAY.isoformat())
    address = hand_in(editor, f"{TWO_REPORTS}SWE,initial,1,2012-02-01,\n")
    told = [
        words(one)
        for one in all_of(one_of(read(editor.get(address)), "section", aria_labelledby="h-effects"), "li")
    ]
    assert told == [
        "5 new obligations: Norway.",
        "3 obligations are answered: Norway; Sweden.",
        "3 reports become overdue: Norway.",
        "3 reminders planned.",
    ]
    assert not Reminder.objects.exists()
    assert not Obligation.objects.exclude(answered_on=None).exists()


# --- States that are not known ---------------------------------------------------------------------


def test_an_unknown_state_is_asked_about(norway: State, editor: Client) -> None:
    factories.a_state("TUR", name="Türkiye")
    address = hand_in(editor, TWO_REPORTS.replace("Norway", "Norwey"))
    page = read(editor.get(address))
    (choice,) = [one for one in all_of(page, "select") if one.attributes["id"] == "state-0"]
    assert [words(one) for one in all_of(choice, "option")] == ["None of them", "Norway", "Norway", "Türkiye"]
    assert all("selected" not in one.attributes for one in all_of(choice, "option")), "nothing is guessed"
    page = act(editor, address, "choose", **{"state-0": "NOR"})
    assert chips(page) == ["All: 2", "added: 2"]
    assert "Norwey → Norway" in words(page)


@pytest.mark.parametrize("answer", ["", "XXX"])
def test_choosing_no_state_leaves_the_rows_refused(answer: str, norway: State, editor: Client) -> None:
    address = hand_in(editor, TWO_REPORTS.replace("Norway", "Norwey"))
    page = act(editor, address, "choose", **{"state-0": answer})
    assert messages(page) == ["Nothing has changed: answer a question, or choose another column."]
    assert Import.objects.get().state == "refused"


def test_a_name_that_another_has_chosen_since_shifts_no_answer(norway: State, editor: Client) -> None:
    factories.a_state("TUR", name="Türkiye")
    text = TWO_REPORTS.replace("Norway", "Norwey", 1).replace("NOR,", "Turkeyland,", 1)
    address = hand_in(editor, text)
    page = hidden(editor, address)
    names = [page["name-0"], page["name-1"]]
    press(editor, address, page, "choose", **{"state-0": "NOR"})
    press(editor, address, page, "choose", **{"state-1": "TUR"})
    assert Import.objects.get().chosen == {names[0]: "NOR", names[1]: "TUR"}
    press(editor, address, page, "choose", **{"state-0": "TUR"})
    assert Import.objects.get().chosen == {names[0]: "NOR", names[1]: "TUR"}, "no longer unknown"


def test_another_preview_than_the_page_showed_is_not_saved(norway: State, editor: Client) -> None:
    address = hand_in(editor, TWO_REPORTS)
    page = hidden(editor, address)
    factories.receives(norway, "2010-01-01")
    press(editor, address, page, "check")
    later = press(editor, address, page, "save")
    assert "changed by someone else" in messages(later)[0]
    assert Import.objects.get().state in Import.READY


# --- long files ------------------------------------------------------------------------------------


def test_a_long_file_is_checked_by_a_worker_and_its_progress_shown(norway: State, editor: Client) -> None:
    address = hand_in(editor, long_file(), "people.csv", "contacts")
    row = Import.objects.get()
    assert row.state == "waiting"
    waiting = editor.get(address)
    assert waiting.headers["Refresh"] == "2"
    assert "The file is waiting for a worker." in words(read(waiting))
    Import.objects.filter(pk=row.pk).update(state="checking", rows_done=500, rows_total=1200)
    page = read(editor.get(address))
    assert words(one_of(page, "label", for_="done")) == "500 of 1,200 rows checked."
    assert one_of(page, "progress").attributes | {"id": ""} == {"id": "", "value": "500", "max": "1200"}
    assert all_of(page, "button", value="save") == []
    Import.objects.filter(pk=row.pk).update(state="waiting")
    tasks.check_file(row.pk)
    done = editor.get(address)
    assert "Refresh" not in done.headers
    assert chips(read(done)) == ["All: 600", "added: 600"]
    act(editor, address, "save")
    assert Contact.objects.count() == 0, "a worker saves it"
    assert editor.get(address).headers["Refresh"] == "2"
    tasks.save_file(row.pk)
    assert Contact.objects.count() == 600
    assert "Saved on 22 November 2026" in words(read(editor.get(address)))


def test_progress_is_told_while_rows_are_read(
    norway: State, editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = hand_in(editor, long_file(), "people.csv", "contacts")
    seen: list[tuple[int, int]] = []
    check = import_jobs.check

    def looked(*args: Any, progress: Any, **kwargs: Any) -> Any:
        def both(done: int, total: int) -> None:
            progress(done, total)
            row = Import.objects.get()
            seen.append((row.rows_done, row.rows_total))

        return check(*args, progress=both, **kwargs)

    monkeypatch.setattr(import_jobs, "check", looked)
    tasks.check_file(int(address.split("/")[2]))
    assert seen == [(0, 600), (250, 600), (500, 600)]


def test_a_task_that_comes_twice_does_its_work_once(norway: State, editor: Client) -> None:
    hand_in(editor, long_file(), "people.csv", "contacts")
    row = Import.objects.get()
    tasks.check_file(row.pk)
    row.refresh_from_db()
    import_jobs.begin_saving(row, get_user_model().objects.get(username="rolf"), row.about["fingerprint"])
    tasks.save_file(row.pk)
    tasks.save_file(row.pk)
    tasks.check_file(row.pk)
    row.refresh_from_db()
    assert row.state == "saved"
    assert Contact.history.count() == 600


def test_what_somebody_else_has_finished_meanwhile_stays_as_it_is(
    norway: State, editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(editor, long_file(), "people.csv", "contacts")
    row = Import.objects.get()
    check = import_jobs.check

    def slow(*args: Any, **kwargs: Any) -> Any:
        found = check(*args, **kwargs)
        Import.objects.update(state="saved")
        return found

    monkeypatch.setattr(import_jobs, "check", slow)
    tasks.check_file(row.pk)
    row.refresh_from_db()
    assert (row.state, row.counts) == ("saved", {})


def test_a_file_that_no_worker_takes_up_says_so(norway: State, editor: Client, clock: Any) -> None:
    address = hand_in(editor, long_file(), "people.csv", "contacts")
    clock.shift(timedelta(minutes=3))
    page = read(editor.get(address))
    assert "No worker has started on this file yet; nothing was saved." in words(page)
    assert [words(one) for one in all_of(one_of(page, "main"), "button")] == ["Check again"]


def test_hundreds_of_unknown_names_are_counted_and_the_first_asked_about(
    norway: State, editor: Client
) -> None:
    rows = "".join(f"Atlantis {at},M,m{at}@example.org\n" for at in range(300))
    page = read(editor.get(hand_in(editor, f"state,name,email\n{rows}", about="contacts")))
    assert len(all_of(one_of(page, "section", aria_labelledby="h-unknown"), "select")) == 50
    assert "250 more names are not known; correct them in the file." in words(page)


def test_without_a_broker_a_long_file_is_checked_in_the_request(
    norway: State, editor: Client, settings: Any
) -> None:
    settings.CELERY_BROKER_URL = "redis+socket:///nowhere/broker.sock"
    hand_in(editor, long_file(), "people.csv", "contacts")
    assert Import.objects.get().state == "checked"


def test_work_whose_process_has_died_can_be_begun_again(norway: State, editor: Client, clock: Any) -> None:
    address = hand_in(editor, TWO_REPORTS)
    Import.objects.update(state="checking", touched_at=timezone.now())
    assert editor.get(address).headers["Refresh"] == "2"
    clock.shift(timedelta(minutes=3))
    page = read(editor.get(address))
    assert "Processing has stopped; nothing was saved." in words(page)
    assert table(read(editor.get("/imports/")), "h-handed-in")[0][4] == "stopped"
    page = act(editor, address, "check")
    assert chips(page) == ["All: 2", "added: 2"]


def test_a_fault_of_ours_is_told_and_leaves_nothing_behind(
    norway: State, editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_args: Any) -> None:
        raise RuntimeError("the power went")

    address = hand_in(editor, TWO_REPORTS)
    monkeypatch.setattr(sync, "apply", fails)
    page = act(editor, address, "save")
    assert "The server could not process this file; nothing was saved." in words(page)
    assert not Submission.objects.exists()
    monkeypatch.undo()
    act(editor, address, "check")
    act(editor, address, "save")
    assert Submission.objects.count() == 2


# --- records that change in the meantime --------------------------------------------------------------


def test_a_preview_that_is_no_longer_true_is_not_saved_but_shown_anew(norway: State, editor: Client) -> None:
    address = hand_in(editor, TWO_REPORTS)
    factories.receives(norway, "2005-06-09", symbol="CRC/C/OPSC/NOR/1")
    page = act(editor, address, "save")
    assert messages(page) == [
        (
            "reports.csv: nothing was saved, because the records have changed since the preview. Check the new "
            "preview, then save."
        )
    ]
    assert chips(page) == ["All: 2", "added: 1", "changed: 1"]
    assert Submission.objects.get().received_on == day("2005-06-09")
    assert messages(act(editor, address, "save")) == ["reports.csv is saved: 1 added and 1 changed rows."]
    assert Submission.objects.count() == 2


def test_facts_that_have_nothing_to_do_with_it_do_not_stop_it(norway: State, editor: Client) -> None:
    address = hand_in(editor, TWO_REPORTS)
    factories.a_contact(norway)
    assert messages(act(editor, address, "save")) == ["reports.csv is saved: 2 added rows."]


# --- invalid files ---------------------------------------------------------------------------------------


def test_a_file_that_is_too_large_is_refused_at_the_form(editor: Client, settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 1_000
    answer = editor.post(
        "/imports/upload/", {"table": "contacts", "file": SimpleUploadedFile("x.csv", b"x" * 1_001)}
    )
    assert problems(read(answer)) == ["The file is larger than 1000 bytes; split it into several files."]
    assert not Import.objects.exists()


def test_the_limits_come_from_the_settings(settings: Any) -> None:
    assert Limits.in_force() == Limits(5_000_000, 20_000, 30_000)
    settings.IMPORT_MAX_ROWS = 7
    assert Limits.in_force().rows == 7


def test_no_file_and_no_table_are_told(editor: Client) -> None:
    assert problems(read(editor.post("/imports/upload/", {}))) == [
        "This field is required.",
        "Choose a file, CSV or XLSX, or paste the rows.",
    ]
    answer = editor.post("/imports/upload/", {"table": "users", "file": SimpleUploadedFile("x.csv", b"x")})
    assert problems(read(answer)) == ["Select a valid choice. users is not one of the available choices."]


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\nb\0c.csv", "x" * 400 + ".csv"])
def test_any_name_of_a_file_is_kept_harmless(name: str, editor: Client) -> None:
    page = read(editor.get(hand_in(editor, "state,name,email\n", name, "contacts")))
    kept = Import.objects.get().file_name
    assert words(one_of(page, "h1")) == " ".join(kept.split())
    assert len(kept) <= 200
    assert kept.isprintable()
    assert "/" not in kept


def test_texts_of_a_file_are_shown_and_never_run(norway: State, editor: Client) -> None:
    address = hand_in(
        editor, "state,name,email\nNOR,<script>alert(1)</script>,x@example.org\n", about="contacts"
    )
    assert b"<script>" not in editor.get(address).content
    assert table(read(editor.get(address)), "h-rows")[0][3] == "<script>alert(1)</script>"


# --- who may -------------------------------------------------------------------------------------------


def test_a_viewer_exports_and_hands_nothing_in(norway: State) -> None:
    viewer = in_role("Viewer")
    page = read(viewer.get("/imports/"))
    assert all_of(page, "input", type="file") == []
    assert "you need permission to enter records" in words(page)
    assert viewer.get("/imports/export/actions.csv").status_code == 200
    upload = {"table": "submissions", "file": SimpleUploadedFile("x.csv", TWO_REPORTS.encode())}
    assert viewer.post("/imports/upload/", upload).status_code == 403


def test_a_file_is_seen_and_saved_only_by_who_may_enter_its_facts(norway: State, editor: Client) -> None:
    address = hand_in(editor, TWO_REPORTS)
    approver = in_role("Approver", "anna")
    assert approver.get(address).status_code == 403
    assert approver.post(f"{address}act/", {"do": "save"}).status_code == 403
    assert not Submission.objects.exists()


def test_rights_to_one_table_are_rights_to_its_files_alone(norway: State) -> None:
    from django.contrib.auth.models import Permission

    clerk = factories.an_officer("clerk")
    wanted = ("view_state", "view_contact", "add_contact", "change_contact")
    clerk.user_permissions.set(Permission.objects.filter(codename__in=wanted))
    client = Client()
    client.force_login(clerk)
    page = read(client.get("/imports/"))
    assert [words(one) for one in all_of(one_of(page, "select", id="id_table"), "option")] == ["Contacts"]
    assert client.get("/imports/export/contacts.csv").status_code == 200
    assert client.get("/imports/export/submissions.csv").status_code == 403
    assert client.get("/imports/template/submissions.csv").status_code == 403


def test_somebody_who_may_see_no_table_sees_no_imports() -> None:
    from django.contrib.auth.models import Permission

    guest = factories.an_officer("guest")
    guest.user_permissions.set(Permission.objects.filter(codename="view_state"))
    client = Client()
    client.force_login(guest)
    assert client.get("/imports/").status_code == 403


@pytest.mark.parametrize(
    "address",
    ["/imports/template/users.csv", "/imports/export/actions.pdf", "/imports/export/.csv", "/imports/99/"],
)
def test_what_there_is_not_is_no_page(address: str, staff: Client) -> None:
    assert staff.get(address).status_code == 404


def test_what_cannot_be_done_to_a_file_is_no_page(norway: State, editor: Client) -> None:
    address = hand_in(editor, TWO_REPORTS)
    assert editor.post(f"{address}act/", {"do": "delete"}).status_code == 404


# --- to download -------------------------------------------------------------------------------------------


def test_an_export_is_named_by_table_and_day_and_comes_in_again(norway: State, editor: Client) -> None:
    answer = editor.get("/imports/export/actions.xlsx")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="actions-2026-11-22.xlsx"'
    address = hand_in(editor, b"".join([answer.content]), "actions.xlsx", "actions")
    assert chips(read(editor.get(address))) == ["All: 2", "unchanged: 2"]


def test_a_template_names_the_columns(editor: Client) -> None:
    answer = editor.get("/imports/template/contacts.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="contacts-template.csv"'
    assert io.StringIO(answer.content.decode("utf-8-sig")).read().strip() == (
        "state,name,office,kind,salutation,email,language,copy,active,note"
    )


def test_the_page_explains_every_column(editor: Client) -> None:
    page = read(editor.get("/imports/"))
    explained = one_of(page, "div", aria_label="Submissions: the columns")
    assert [
        "cycles",
        "yes",
        "1 for the initial report; 3, or 3-4 for the third and fourth combined.",
        "3-4",
    ] in [
        [words(cell) for cell in row.children if isinstance(cell, Element)] for row in all_of(explained, "tr")
    ]


# --- the tables, and who may hand them in --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table_name", "label", "model"),
    [
        ("reviews", "Reviews of the Committee", "review"),
        ("printed-dates", "Due dates printed by the UN", "printeddate"),
    ],
)
def test_reviews_and_printed_dates_are_for_those_who_may_see_and_enter_them(
    table_name: str, label: str, model: str, norway: State
) -> None:
    from django.contrib.auth.models import Permission

    person = factories.an_officer("reader")
    client = Client()

    def may(*what: str) -> None:
        names = ["view_state", *(f"{one}_{model}" for one in what)]
        person.user_permissions.set(Permission.objects.filter(codename__in=names))
        client.force_login(get_user_model().objects.get(pk=person.pk))

    may("view")
    page = read(client.get("/imports/"))
    assert label in words(page)
    assert "you need permission to enter records" in words(page)
    assert client.get(f"/imports/export/{table_name}.csv").status_code == 200
    file = {"table": table_name, "file": SimpleUploadedFile("x.csv", b"")}
    assert client.post("/imports/upload/", file).status_code == 403
    may("view", "add", "change")
    page = read(client.get("/imports/"))
    assert [words(one) for one in all_of(one_of(page, "select", id="id_table"), "option")] == [label]


def test_a_review_and_the_next_date_close_what_is_behind_them(norway: State, staff: Client) -> None:
    factories.receives(norway, "2005-06-03", symbol="CRC/C/OPSC/NOR/1")
    factories.receives(
        norway, "2016-10-06", "periodic", "5-6", carried_by="CRC report", symbol="CRC/C/NOR/5-6"
    )
    factories.derive(TODAY.isoformat(), norway)
    address = hand_in(
        staff,
        "state,kind,cycles,document,adopted_on\nNOR,periodic,5-6,CRC/C/NOR/CO/5-6,2018-06-01\n",
        "reviews.csv",
        "reviews",
    )
    assert messages(act(staff, address, "save")) == ["reviews.csv is saved: 1 added row."]
    following = Obligation.objects.get(state=norway, cycle=0, ceases_on=None)
    assert (following.due_source, following.document) == ("treaty calendar", "CRC/C/NOR/CO/5-6")
    address = hand_in(
        staff,
        "state,kind,cycles,due_on,precision,document,decided_on\n"
        "NOR,periodic,7,2023,year,CRC/C/NOR/CO/5-6,2018-06-01\n",
        "dates.csv",
        "committee-dates",
    )
    act(staff, address, "save")
    stated = Obligation.objects.get(state=norway, cycle=7)
    assert (stated.due_on, stated.year_only, stated.document) == (day("2023-12-31"), True, "CRC/C/NOR/CO/5-6")


def test_a_doubt_stands_in_the_row_that_is_taken(editor: Client) -> None:
    factories.a_state("SWE")
    address = hand_in(
        editor,
        "state,treaty,kind,date\nSWE,OPSC,signature,2000-09-08\nSWE,OPSC,accession,2007-01-19\n",
        about="actions",
    )
    first, second = table(read(editor.get(address)), "h-rows")
    assert first[1] == "added"
    assert second[1] == (
        "added Please check: the State signed on 8 September 2000, and a State that has signed usually ratifies."
    )
    assert messages(act(editor, address, "save")) == ["reports.csv is saved: 2 added rows."]


def test_a_preview_of_an_earlier_release_still_opens(norway: State, editor: Client) -> None:
    address = hand_in(editor, TWO_REPORTS)
    row = Import.objects.get()
    row.preview = [one[:5] for one in row.preview]
    row.save(update_fields=["preview"])
    assert [cells[1] for cells in table(read(editor.get(address)), "h-rows")] == ["added", "added"]


# --- four eyes ---------------------------------------------------------------------------------------------


def test_dates_of_the_committee_are_said_to_await_a_second_person(
    norway: State, editor: Client, settings: Any
) -> None:
    settings.FOUR_EYES = True
    address = hand_in(
        editor,
        "state,kind,cycles,due_on,document,decided_on\nNOR,initial,1,2030-01-01,CRC/C/NOR/CO/7,2026-02-01\n",
        about="committee-dates",
    )
    page = read(editor.get(address))
    assert "Each of these dates takes effect once a second person has confirmed it." in words(page)
    act(editor, address, "save")
    assert factories.the_obligation(norway).due_on == day("2004-01-18")


def test_a_file_whose_effects_have_changed_since_its_preview_is_shown_again() -> None:
    norway = factories.a_state("NOR")
    factories.joins(norway, "CRC", "1991-01-08")
    factories.joins(norway, on="2001-10-02")
    factories.derive(TODAY.isoformat(), norway)
    editor = in_role("Editor")
    address = hand_in(
        editor, "state,kind,cycles,received_on,symbol\nNorway,initial,1,3 Jun 2005,CRC/C/OPSC/NOR/1\n"
    )
    fields = hidden(editor, address)
    norway.actions.filter(treaty="CRC").delete()
    factories.derive(TODAY.isoformat(), norway)
    press(editor, address, fields, "save")
    assert Import.objects.get().state == Import.State.STALE


def test_a_file_is_saved_as_it_was_shown_by_a_reader_of_another_language_too(
    norway: State, editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker compares the effects with those that the person saw, sentence by sentence."""

    def spoken(effects: Any, states: int) -> list[str]:
        return [current().code]

    monkeypatch.setattr(import_jobs, "sentences", spoken)
    editor.cookies["language"] = "fr"
    hand_in(editor, TWO_REPORTS)
    row = Import.objects.get()
    assert (row.language, row.about["told"]) == ("fr", ["fr"])
    with speaking("ru"):
        import_jobs.begin_saving(row, get_user_model().objects.get(username="rolf"), row.about["fingerprint"])
    row.refresh_from_db()
    assert row.state == "saved"
