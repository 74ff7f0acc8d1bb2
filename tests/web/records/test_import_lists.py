"""The list that an office has, from its upload to the records: one upload, questions answered on the page, saved."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from tests import factories
from tests.factories import day
from tests.obligations.lists import STATES, as_workbook, reports_received
from tests.web.conftest import in_role
from tests.web.pages import Element, all_of, messages, one_of, problems, read, table, words
from tests.web.records.test_import_pages import act, chips, hidden, press
from tracker.obligations.models import Import, Submission
from tracker.registry.models import Contact

pytestmark = pytest.mark.django_db
AMBIGUOUS = ("3/6/2005",) * 12


def join(states: Sequence[tuple[str, str, str]]) -> None:
    """Makes States of the list parties to the OPSC, since 2001."""
    for iso3, name, _written in states:
        factories.joins(factories.a_state(iso3, name=name), on="2001-10-02")


@pytest.fixture
def parties() -> None:
    join(STATES[:4])


@pytest.fixture
def editor() -> Client:
    return in_role("Editor")


def upload(
    client: Client,
    rows: list[list[Any]],
    name: str = "OPSC - reports received.xlsx",
    kind: str = "submissions",
) -> str:
    """Uploads a workbook; returns the address of its page."""
    file = SimpleUploadedFile(name, as_workbook(rows))
    answer = client.post("/imports/upload/", {"table": kind, "file": file})
    assert answer.status_code == 302, problems(read(answer))
    return str(answer.headers["Location"])


def said_of(page: Element, name: str) -> str:
    """What a select field says now."""
    options = all_of(one_of(page, "select", name=name), "option")
    return next((one.attributes["value"] for one in options if "selected" in one.attributes), "")


def left_out(page: Element) -> list[list[str]]:
    return table(page, "h-left-out")


def test_the_list_of_an_office_is_saved_after_one_upload(editor: Client) -> None:
    join(STATES)
    address = upload(editor, reports_received(12))
    page = read(editor.get(address))
    assert chips(page) == ["All: 12", "added: 12"]
    assert {name: said_of(page, f"column-{name}") for name in "ABCDEF"} == {
        "A": "", "B": "state", "C": "report", "D": "received_on", "E": "symbol", "F": "",
    }  # fmt: skip
    assert said_of(page, "header") == "4"
    assert left_out(page) == [
        ["1", "OPSC - reports received", "Above the headings."],
        ["2", "Status as of 22 November 2026", "Above the headings."],
        ["18", "Total · =COUNTA(D5:D17)", "A total."],
        ["19", "Source: https://tbinternet.example.org", "Only one cell is filled: a title or a note."],
    ]
    page = act(editor, address, "save")
    assert messages(page) == ["OPSC - reports received.xlsx is saved: 12 added rows."]
    received = dict(Submission.objects.values_list("state_id", "received_on"))
    assert (len(received), received["NOR"], received["SWE"]) == (12, day("2005-06-03"), day("2006-01-23"))
    assert set(Submission.objects.values_list("kind", "first_cycle", "last_cycle")) == {("initial", 1, 1)}


def test_the_order_of_day_and_month_is_asked_once_where_nothing_proves_it(
    parties: None, editor: Client
) -> None:
    address = upload(editor, reports_received(4, days=AMBIGUOUS))
    page = read(editor.get(address))
    question = one_of(page, "fieldset", id="order")
    assert words(question) == (
        "Date received: what comes first in 3/6/2005? The day comes first: 3 June 2005 "
        "The month comes first: 6 March 2005"
    )
    assert chips(page) == ["All: 4", "refused: 4"]
    assert "“3/6/2005” could be 3 June 2005 or 6 March 2005" in words(page)
    page = act(editor, address, "choose", order="month")
    assert chips(page) == ["All: 4", "added: 4"]
    act(editor, address, "save")
    assert set(Submission.objects.values_list("received_on", flat=True)) == {day("2005-03-06")}


def test_refused_rows_are_left_out_and_stay_named_in_the_history_of_the_import(
    parties: None, editor: Client
) -> None:
    rows = reports_received(4)
    rows[4][3], rows[7][1] = "31/2/2005", "Atlantis"
    address = upload(editor, rows)
    page = read(editor.get(address))
    assert chips(page) == ["All: 4", "added: 2", "refused: 2"]
    assert [row[1] for row in table(page, "h-rows")] == ["refused received on", "refused State"]
    page = act(editor, address, "leave-out-refused")
    assert chips(page) == ["All: 2", "added: 2"]
    act(editor, address, "save")
    page = read(editor.get(address))
    assert [row[0] for row in left_out(page) if row[2] == "Left out by hand."] == ["5", "8"]
    assert all_of(page, "button", value="take-in") == []
    assert table(read(editor.get("/imports/")), "h-handed-in")[0][4] == (
        "saved: 2 added rows; 6 lines not read"
    )


def test_selected_rows_are_left_out_and_taken_in_again(parties: None, editor: Client) -> None:
    address = upload(editor, reports_received(4))
    assert chips(act(editor, address, "leave-out", row=["5", "6", "999", "x"])) == ["All: 2", "added: 2"]
    page = act(editor, address, "take-in", row=["6", "10"])
    assert chips(page) == ["All: 4", "added: 3", "refused: 1"]  # the total is no State
    assert [row[0] for row in left_out(page)] == ["1", "2", "5", "11"]
    assert messages(act(editor, address, "leave-out")) == ["Select at least one row to leave out."]
    assert messages(act(editor, address, "take-in", row="1")) == ["Select at least one row to take in again."]


def test_a_preview_from_before_a_row_was_left_out_is_not_saved(parties: None, editor: Client) -> None:
    address = upload(editor, reports_received(4))
    seen = hidden(editor, address)
    act(editor, address, "leave-out", row="5")
    assert "changed by someone else" in messages(press(editor, address, seen, "save"))[0]
    assert not Submission.objects.exists()


def test_an_unknown_name_is_chosen_from_close_ones_the_best_first(parties: None, editor: Client) -> None:
    rows = reports_received(4)
    rows[7][1] = "Republic of Lebanan"
    address = upload(editor, rows)
    page = read(editor.get(address))
    perhaps = one_of(page, "optgroup", label="Perhaps")
    assert words(all_of(perhaps, "option")[0]) == "Lebanon"
    assert chips(act(editor, address, "choose", **{"state-0": "LBN"})) == ["All: 4", "added: 4"]
    assert chips(read(editor.get(upload(editor, rows, "next.xlsx")))) == [
        "All: 4",
        "added: 4",
    ]  # known by now


def test_a_chosen_state_can_be_changed_and_the_preview_from_before_is_not_saved(
    parties: None, editor: Client
) -> None:
    rows = reports_received(4)
    rows[7][1] = "Republic of Lebanan"
    address = upload(editor, rows)
    act(editor, address, "choose", **{"state-0": "LBN"})
    seen = hidden(editor, address)
    other = in_role("Editor", "else")
    page = act(other, address, "choose", **{"state-0": "NOR"})
    assert said_of(page, "state-0") == "NOR"
    assert chips(page) == ["All: 4", "added: 3", "refused: 1"]  # twice the same State
    join(STATES[4:5])
    page = act(other, address, "choose", **{"state-0": "BEL"})
    assert chips(page) == ["All: 4", "added: 4"]
    assert "changed by someone else" in messages(press(editor, address, seen, "save"))[0]
    assert not Submission.objects.exists()
    again = upload(editor, rows, "next.xlsx")
    assert said_of(read(editor.get(again)), "state-0") == "BEL"  # as in the last file, and it can be changed
    assert chips(act(editor, again, "choose", **{"state-0": "LBN"})) == ["All: 4", "added: 4"]
    act(editor, again, "save")
    assert {*Submission.objects.values_list("state_id", flat=True)} == {"NOR", "SWE", "LBN", "AUT"}


def test_an_empty_cell_of_a_list_that_clears_a_record_is_doubted(parties: None, editor: Client) -> None:
    rows = reports_received(4)
    act(editor, upload(editor, rows), "save")
    rows[4][4] = ""
    page = read(editor.get(upload(editor, rows)))
    assert chips(page) == ["All: 4", "changed: 1", "unchanged: 3"]
    assert "Please check: The empty cells clear what is recorded: symbol." in words(page)


def test_what_is_hidden_in_a_workbook_is_said_and_a_hidden_sheet_is_not_read(
    parties: None, editor: Client
) -> None:
    book = load_workbook(io.BytesIO(as_workbook(reports_received(4))))
    book["Sheet1"].row_dimensions[6].hidden = True
    book["Sheet1"].title = "List"
    old = book.create_sheet("submissions", 0)
    old.append(["state", "kind", "cycles", "received_on"])
    old.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    file = SimpleUploadedFile("x.xlsx", out.getvalue())
    page = read(editor.post("/imports/upload/", {"table": "submissions", "file": file}, follow=True))
    assert chips(page) == ["All: 4", "added: 4"]
    assert "The workbook has hidden rows or columns; they are read too." in words(page)


def test_what_is_chosen_once_is_chosen_again_for_the_next_file_of_this_person(
    parties: None, editor: Client
) -> None:
    def rows(on: str) -> list[list[Any]]:
        return [["Our list"], ["Who", "When", "What", "More"], ["Norway", on, "initial", "2005-01-01"]]

    address = upload(editor, rows("2005-06-03"))
    page = read(editor.get(address))
    assert said_of(page, "column-B") == ""
    page = act(editor, address, "choose", **{"column-B": "received_on", "column-C": "report"})
    assert "The columns are read as you chose" in words(page)
    act(editor, address, "save")
    page = read(editor.get(upload(editor, rows("2005-06-04"), "next.xlsx")))
    assert said_of(page, "column-B") == "received_on"
    assert "The columns are read as in your last file with these headings." in words(page)
    assert chips(page) == ["All: 1", "changed: 1"]
    other = in_role("Editor", "else")
    assert said_of(read(other.get(upload(other, rows("2005-06-04")))), "column-B") == ""


def test_another_row_can_have_the_headings(parties: None, editor: Client) -> None:
    rows = [
        ["State", "Report", "Received"],
        ["Country", "Report no.", "Date received"],
        ["Norway", "1", "2005-06-03"],
    ]
    address = upload(editor, rows)
    page = read(editor.get(address))
    assert (said_of(page, "header"), chips(page)) == ("1", ["All: 2", "added: 1", "refused: 1"])
    page = act(editor, address, "choose", header="2", **{"column-A": "note"})  # columns of other headings
    assert (said_of(page, "header"), said_of(page, "column-A"), chips(page)) == (
        "2",
        "state",
        ["All: 1", "added: 1"],
    )


def test_what_cannot_be_answered_changes_nothing(parties: None, editor: Client) -> None:
    address = upload(editor, reports_received(4))
    before = Import.objects.values("about", "layout", "counts").get()
    answers = {"header": "99", "sheet": "Other", "order": "year", "column-Z": "state", "all-kind": "x"}
    for answer in (answers, {"header": "x"}):
        page = act(editor, address, "choose", **answer)
        assert messages(page) == ["Nothing has changed: answer a question, or choose another column."]
    assert Import.objects.values("about", "layout", "counts").get() == before


def test_a_column_that_does_not_exist_is_left_out(parties: None, editor: Client) -> None:
    address = upload(editor, reports_received(4))
    page = act(editor, address, "choose", **{"column-E": "password"})
    assert (said_of(page, "column-E"), chips(page)) == ("", ["All: 4", "added: 4"])


def test_required_columns_that_are_missing_are_asked_for(parties: None, editor: Client) -> None:
    address = upload(editor, [["State", "Received"], ["Norway", "2005-06-03"]])
    page = read(editor.get(address))
    assert [words(one) for one in all_of(page, "li", class_="problem")] == [
        "No column is read as “kind”; choose it below.",
        "No column is read as “cycles”; choose it below.",
    ]
    page = act(editor, address, "choose", **{"all-kind": "initial"})
    assert chips(page) == ["All: 1", "added: 1"]


def test_rows_can_be_pasted(parties: None, editor: Client) -> None:
    text = "Our contacts\n\nCountry\tName\tE-mail address\nNorway\tAnna\tanna@example.org\nTotal\t1\t\n"
    answer = editor.post("/imports/upload/", {"table": "contacts", "text": text}, follow=True)
    page = read(answer)
    assert words(one_of(page, "h1")) == "pasted rows"
    assert chips(page) == ["All: 1", "added: 1"]
    act(editor, answer.redirect_chain[-1][0], "save")
    assert Contact.objects.get().email == "anna@example.org"
    assert said_of(read(editor.get("/imports/")), "table") == "contacts"  # as the last time
    both = {"table": "contacts", "text": text, "file": SimpleUploadedFile("x.csv", b"a,b")}
    assert problems(read(editor.post("/imports/upload/", both))) == [
        "Choose a file or paste the rows, not both."
    ]


def test_pasted_rows_have_the_limits_of_a_file(editor: Client, settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 100
    page = read(editor.post("/imports/upload/", {"table": "contacts", "text": "x" * 101}))
    assert problems(page) == ["The file is larger than 100 bytes; split it into several files."]
    assert not Import.objects.exists()


def test_an_import_of_an_earlier_release_still_opens(parties: None, editor: Client) -> None:
    address = upload(editor, reports_received(4))
    row = Import.objects.get()
    row.layout, row.about = None, {name: value for name, value in row.about.items() if name != "reading"}
    row.save(update_fields=["layout", "about"])
    page = read(editor.get(address))
    assert chips(page) == ["All: 4", "added: 4"]
    assert chips(act(editor, address, "leave-out", row="5")) == ["All: 3", "added: 3"]


# --- the kind of its rows -------------------------------------------------------------------------


def test_a_file_uploaded_as_another_kind_of_rows_is_read_as_its_own(parties: None, editor: Client) -> None:
    address = upload(editor, reports_received(4), kind="actions")
    page = read(editor.get(address))
    refused = [words(one) for one in all_of(page, "li", class_="problem")]
    assert refused == [
        "No column is read as “kind”; choose it below.",
        "No column is read as “date”; choose it below.",
    ]
    assert said_of(page, "table") == "submissions"
    assert "The file has all columns of this kind." in words(one_of(page, "main"))
    page = act(editor, address, "read-as", table="submissions")
    assert chips(page) == ["All: 4", "added: 4"]
    assert Import.objects.get().table == "submissions"


def test_no_kind_is_proposed_for_a_file_that_has_the_columns_of_none(parties: None, editor: Client) -> None:
    page = read(editor.get(upload(editor, [["State", "Colour"], ["Norway", "red"]], kind="actions")))
    assert said_of(page, "table") == "actions"
    assert "The file has all columns of this kind." not in words(one_of(page, "main"))


@pytest.mark.parametrize("kind", ["", "states", "reminder-rules"])
def test_rows_of_a_kind_that_nobody_uploads_are_refused(kind: str, parties: None, editor: Client) -> None:
    address = upload(editor, reports_received(4), kind="actions")
    assert editor.post(f"{address}act/", {"do": "read-as", "table": kind}).status_code == 403
    assert Import.objects.get().table == "actions"


def test_only_a_refused_file_is_read_as_another_kind(parties: None, editor: Client) -> None:
    address = upload(editor, reports_received(4))
    page = act(editor, address, "read-as", table="actions")
    assert "changed by someone else" in messages(page)[0]
    assert Import.objects.get().table == "submissions"
