"""Comparison with a depositary list, step by step: questions, comparison, preview, saving."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings, strategies as st

from tests import factories
from tests.depth import examples
from tests.web.conftest import in_role
from tests.web.pages import Element, all_of, links, messages, one_of, problems, read, table, words
from tracker.obligations.models import Obligation
from tracker.registry.models import TreatyAction

pytestmark = pytest.mark.django_db

SOURCE = "UN Treaty Collection, chapter IV.11.c, status as at 22 November 2026"
HEADING = "Participant\tSignature\tRatification, Accession(a), Succession(d)"


def send(client: Client, text: str, **more: Any) -> Any:
    """Sends a list to the page."""
    return client.post("/reconciliation/", {"treaty": "OPSC", "source": SOURCE, "list": text} | more)


def rows(page: Element, heading: str) -> list[list[str]]:
    """The cells of one section's table, without the column of checkboxes."""
    return (
        [row[1:] for row in table(page, heading)] if all_of(page, "section", aria_labelledby=heading) else []
    )


def ticks(page: Element) -> dict[str, bool]:
    """The checkboxes by their labels, and whether they are selected."""
    boxes = all_of(page, "input", type="checkbox", name="tick")
    return {box.attributes["aria-label"]: "checked" in box.attributes for box in boxes}


def keys(page: Element, *labels: str) -> list[str]:
    """The values that the page would send for these checkboxes."""
    boxes = all_of(page, "input", type="checkbox", name="tick")
    found = {box.attributes["aria-label"]: box.attributes["value"] for box in boxes}
    return [found[label] for label in labels]


def hidden(page: Element, name: str) -> str:
    """A hidden value of the page's first form that has it."""
    return all_of(page, "input", type="hidden", name=name)[0].attributes["value"]


def carried(page: Element) -> str:
    """The list as the page's hidden field carries it."""
    return "".join(str(child) for child in all_of(page, "textarea", name="list")[0].children).removeprefix(
        "\n"
    )


def go_on(client: Client, page: Element, step: str, ticked: list[str], **more: Any) -> Any:
    """The next step from the comparison, or back to it."""
    said = {"compared": hidden(page, "compared"), "tick": ticked, "step": step}
    return send(client, carried(page), **(said | more))


@pytest.fixture
def few() -> None:
    """Norway with a day that differs, Sweden that agrees, Samoa to be confirmed, Finland not on the list."""
    norway, sweden, samoa, finland, denmark = (
        factories.a_state(code) for code in ("NOR", "SWE", "WSM", "FIN", "DNK")
    )
    factories.signs(norway, on="2000-06-13", source="untc-2015")
    factories.joins(norway, on="2002-10-02", source="untc-2015", confidence="two-sources")
    factories.signs(sweden, on="2000-09-08")
    factories.joins(sweden, on="2007-01-19")
    factories.joins(samoa, on="2016-04-29", kind="accession", confidence="memory", source="memory")
    factories.signs(finland, on="2000-09-07", source="untc-2015")
    for state in (norway, denmark):
        factories.joins(state, "CRC", "1991-01-08")  # so that no periodic reports follow from the OPSC alone
    factories.derive("2026-11-22")


FEW = f"""{HEADING}
Norway\t13 Jun 2000\t2 Oct 2001
Sweden 4\t8 Sep 2000\t19 Jan 2007
Samoa\t\t29 Apr 2016 a
Denmark\t7 Sep 2000\t24 Jul 2003"""


# --- asking ----------------------------------------------------------------------------------


def test_the_page_asks_for_a_list_a_treaty_and_a_name_for_it(staff: Client) -> None:
    page = read(staff.get("/reconciliation/"))
    assert words(one_of(page, "h1")) == "Depositary list"
    treaty = one_of(page, "select", name="treaty")
    assert [words(option) for option in all_of(treaty, "option")] == ["OPSC", "CRC"]
    assert [words(option) for option in all_of(treaty, "option") if "selected" in option.attributes] == [
        "OPSC"
    ]


def test_what_is_missing_is_said_at_its_field(staff: Client) -> None:
    page = read(send(staff, "", source=""))
    assert problems(page) == [
        "Enter where the list was published, and the day of its status.",
        "The list is empty; paste the table of participants, its heading included.",
    ]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"treaty": "OPAC"}, "Choose OPSC or CRC."),
        ({"file": SimpleUploadedFile("a.csv", b"Norway;;2 Oct 2001")}, "Paste the list or choose a file, not both."),
        ({"list": "", "file": SimpleUploadedFile("a.xlsx", b"PK\x03\x04")},
         "This is a workbook; save it as CSV, or copy its cells and paste them."),
        ({"list": "", "file": SimpleUploadedFile("a.csv", b"x" * 2_000_001)},
         "The list has 2001 kB; the limit is 2000 kB. Paste only the table of participants."),
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_taken_is_refused_in_words(
    fields: dict[str, Any], problem: str, staff: Client
) -> None:
    answer = send(staff, "Norway\t\t2 Oct 2001", **fields)
    assert answer.status_code == 200
    assert problems(read(answer)) == [problem]


def test_a_file_is_read_like_a_pasted_list(few: None, staff: Client) -> None:
    file = SimpleUploadedFile("list.csv", "Denmark;7 Sep 2000;24 Jul 2003\nCôte;;".encode("cp1252"))
    page = read(send(staff, "", file=file))
    assert rows(page, "h-lacking") == [
        ["Denmark", "signature, 7 September 2000", "1"],
        ["Denmark", "ratification, 24 July 2003", "1"],
    ]
    assert carried(page) == "Denmark;7 Sep 2000;24 Jul 2003\nCôte;;"


# --- comparing -------------------------------------------------------------------------------


def test_a_list_is_shown_as_lacking_differing_to_confirm_and_not_listed(few: None, staff: Client) -> None:
    page = read(send(staff, FEW))
    assert rows(page, "h-lacking") == [
        ["Denmark", "signature, 7 September 2000", "5"],
        ["Denmark", "ratification, 24 July 2003", "5"],
    ]
    assert rows(page, "h-differing") == [
        ["Norway", "ratification, 2 October 2002", "ratification, 2 October 2001", "day", "2"]
    ]
    assert rows(page, "h-unconfirmed") == [["Samoa", "accession, 29 April 2016", "4"]]
    assert table(page, "h-unlisted") == [["Finland", "signature, 7 September 2000", "untc-2015"]]
    record = TreatyAction.objects.get(state="FIN")
    assert links(one_of(page, "section", aria_labelledby="h-unlisted")) == {
        "signature, 7 September 2000": f"/edit/treaty-action/{record.pk}/"
    }
    assert "4 days agree with the records." in words(one_of(page, "p", class_="says", role="status"))


OTHER_PROTOCOL = (
    'Participant,Signature,"Ratification, Accession(a), Succession(d)"\n'
    "Norway,13 Jun 2000,23 Sep 2003\nDenmark,7 Sep 2000,27 Aug 2002\nSamoa,,29 Apr 2016 a\n"
    "Sweden,8 Sep 2000,20 Feb 2003\n"
)


def test_a_list_of_another_protocol_without_a_title_is_doubted_by_its_days_of_joining(
    few: None, staff: Client
) -> None:
    """Most States signed both protocols on one day, so the signatures agree."""
    page = read(send(staff, OTHER_PROTOCOL))
    assert [words(one) for one in all_of(page, "p", class_="warning")] == [
        "Most days differ from the records: check that the list is of the chosen treaty.",
        "Nothing is selected, because the list may be of another treaty.",
    ]
    assert ticks(page) == {
        "Denmark: signature, 7 September 2000": False,
        "Denmark: ratification, 27 August 2002": False,
        "Norway: ratification, 23 September 2003": False,
        "Samoa: accession, 29 April 2016": False,
        "Sweden: ratification, 20 February 2003": False,
    }
    assert "Selected by default" not in words(page)


def test_only_what_contradicts_nothing_is_ticked_from_the_start(few: None, staff: Client) -> None:
    assert ticks(read(send(staff, FEW))) == {
        "Denmark: signature, 7 September 2000": True,
        "Denmark: ratification, 24 July 2003": True,
        "Norway: ratification, 2 October 2001": False,
        "Samoa: accession, 29 April 2016": True,
    }


def test_lines_that_are_not_understood_are_shown_with_number_and_reason(few: None, staff: Client) -> None:
    page = read(send(staff, FEW.replace("13 Jun 2000", "31 Jun 2000")))
    assert table(page, "h-problems") == [
        [
            "2",
            "Norway 31 Jun 2000 2 Oct 2001",
            "“31 Jun 2000” is not a day; write it as 2003-01-23, 23 Jan 2003 or 23/01/2003.",
        ]
    ]
    assert rows(page, "h-differing") == []
    assert [row[0] for row in table(page, "h-unlisted")] == ["Finland"]


# --- names -----------------------------------------------------------------------------------


def test_an_unknown_name_is_asked_about_and_taken_as_it_is_answered(few: None, staff: Client) -> None:
    asked = read(send(staff, FEW.replace("Denmark", "Denmarck")))
    assert rows(asked, "h-lacking") == []
    choice = one_of(asked, "select", name="name-5")
    assert [words(option) for option in all_of(choice, "option")] == [
        "not chosen yet", "Denmark", "leave out", "Denmark", "Finland", "Norway", "Samoa", "Sweden",
    ]  # fmt: skip
    assert words(one_of(asked, "label", for_="name-5")) == "Line 5: “Denmarck”"
    named = read(go_on(staff, asked, "compare", [], **{"name-5": "DNK"}))
    assert [row[0] for row in rows(named, "h-lacking")] == ["Denmark", "Denmark"]
    chosen = [one for one in all_of(named, "option", value="DNK") if "selected" in one.attributes]
    assert len(chosen) == 1
    # Rows added by the answer are selected by default; rows deselected before stay so.
    assert ticks(named) == {
        "Denmark: signature, 7 September 2000": True,
        "Denmark: ratification, 24 July 2003": True,
        "Norway: ratification, 2 October 2001": False,
        "Samoa: accession, 29 April 2016": False,
    }


def test_an_answer_given_on_the_way_to_the_next_step_is_compared_first(few: None, staff: Client) -> None:
    asked = read(send(staff, FEW.replace("Denmark", "Denmarck")))
    answer = go_on(staff, asked, "look", keys(asked, "Samoa: accession, 29 April 2016"), **{"name-5": "DNK"})
    page = read(answer)
    assert words(one_of(page, "h1")) == "Comparison with the depositary list"
    assert ticks(page)["Denmark: ratification, 24 July 2003"]
    assert ticks(page)["Samoa: accession, 29 April 2016"]


# --- preview ---------------------------------------------------------------------------------


ALL = (
    "Denmark: signature, 7 September 2000",
    "Denmark: ratification, 24 July 2003",
    "Norway: ratification, 2 October 2001",
    "Samoa: accession, 29 April 2016",
)


def test_what_follows_is_shown_for_each_state_and_nothing_is_saved(few: None, staff: Client) -> None:
    before = list(TreatyAction.objects.order_by("pk").values())
    dues = list(Obligation.objects.order_by("pk").values_list("pk", "due_on", "expected"))
    page = read(send(staff, FEW))
    page = read(go_on(staff, page, "look", keys(page, *ALL)))
    assert words(one_of(page, "h1")) == "Depositary list: preview"
    assert table(page, "h-states") == [
        ["Denmark", "—", "signature, 7 September 2000", ""],
        ["Denmark", "—", "ratification, 24 July 2003", "Initial report due 24 August 2005."],
        [
            "Norway",
            "ratification, 2 October 2002",
            "ratification, 2 October 2001",
            "Initial report now due 18 January 2004, was 2 November 2004.",
        ],
        [
            "Samoa",
            "accession, 29 April 2016, to be confirmed",
            "accession, 29 April 2016",
            "No date changes.",
        ],
    ]
    assert list(TreatyAction.objects.order_by("pk").values()) == before
    assert list(Obligation.objects.order_by("pk").values_list("pk", "due_on", "expected")) == dues
    assert TreatyAction.history.filter(history_change_reason__isnull=False).count() == 0


def test_what_the_records_refuse_is_told_beside_its_row_and_left_out(few: None, staff: Client) -> None:
    text = f"{HEADING}\nFinland\t7 Sep 2000\t1 Jan 2030\nDenmark\t\t24 Jul 1999"
    page = read(send(staff, text))
    page = read(
        go_on(staff, page, "look",
              keys(page, "Finland: ratification, 1 January 2030", "Denmark: ratification, 24 July 1999"))
    )  # fmt: skip
    assert table(page, "h-refused") == [
        [
            "Denmark",
            "ratification, 24 July 1999",
            "The OPSC was adopted on 25 May 2000; enter a day from then on.",
        ],
        [
            "Finland",
            "ratification, 1 January 2030",
            "This day is in the future; enter an action once it has happened.",
        ],
    ]
    assert all_of(page, "button", value="save") == []


def test_what_is_refused_does_not_keep_the_rest_from_being_recorded(few: None, staff: Client) -> None:
    text = f"{HEADING}\nFinland\t8 Sep 2000\t1 Jan 2030"
    page = read(send(staff, text))
    page = read(
        go_on(staff, page, "look",
              keys(page, "Finland: ratification, 1 January 2030", "Finland: signature, 8 September 2000"))
    )  # fmt: skip
    assert [row[1] for row in table(page, "h-refused")] == ["ratification, 1 January 2030"]
    assert [row[2] for row in table(page, "h-states")] == ["signature, 8 September 2000"]


@pytest.mark.parametrize(
    ("signed", "joined", "line"),
    [
        ("2001-03-01", "2002-05-01", "Norway\t1 Jun 2003\t1 Jul 2004"),  # both later
        ("2003-06-01", "2004-07-01", "Norway\t1 Mar 2001\t1 May 2002"),  # both earlier
    ],
)
def test_signature_and_joining_move_together(signed: str, joined: str, line: str, staff: Client) -> None:
    norway = factories.a_state("NOR")
    factories.signs(norway, on=signed)
    factories.joins(norway, on=joined)
    page = read(send(staff, f"{HEADING}\n{line}"))
    page = read(go_on(staff, page, "look", keys(page, *ticks(page))))
    assert rows(page, "h-refused") == []
    assert len(table(page, "h-states")) == 2


def test_an_accession_gives_way_to_the_signature_and_ratification_of_the_list(staff: Client) -> None:
    norway = factories.a_state("NOR")
    factories.joins(norway, on="2001-10-02", kind="accession")
    page = read(send(staff, f"{HEADING}\nNorway\t13 Jun 2000\t2 Oct 2001"))
    page = read(go_on(staff, page, "look", keys(page, *ticks(page))))
    save(staff, page)
    assert list(TreatyAction.objects.order_by("date").values_list("kind", flat=True)) == [
        "signature",
        "ratification",
    ]


def test_a_recorded_effective_date_that_stays_is_told(staff: Client) -> None:
    factories.joins(factories.a_state("NOR"), on="2002-10-01", effective_on="2002-11-02")
    page = read(send(staff, f"{HEADING}\nNorway\t\t2 Oct 2002"))
    page = read(go_on(staff, page, "look", keys(page, *ticks(page))))
    assert "The recorded effective date, 2 November 2002, is kept; check it." in words(page)


def test_nothing_ticked_leads_back_with_a_sentence(few: None, staff: Client) -> None:
    page = read(send(staff, FEW))
    page = read(go_on(staff, page, "look", []))
    assert messages(page) == ["Select at least one action to record."]
    assert words(one_of(page, "h1")) == "Comparison with the depositary list"


def test_the_way_back_keeps_the_ticks(few: None, staff: Client) -> None:
    page = read(send(staff, FEW))
    label = "Norway: ratification, 2 October 2001"
    page = read(go_on(staff, page, "look", keys(page, label)))
    sent = [box.attributes["value"] for box in all_of(page, "input", type="hidden", name="tick")]
    assert len(sent) == 2  # in the form that saves and in the one that leads back
    page = read(go_on(staff, page, "compare", sent))
    assert [one for one, ticked in ticks(page).items() if ticked] == [label]


# --- saving ----------------------------------------------------------------------------------


def save(client: Client, page: Element) -> Any:
    """Presses the button of the last step."""
    form = next(one for one in all_of(page, "form") if all_of(one, "button", value="save"))
    named = {
        box.attributes["name"]: box.attributes["value"]
        for box in all_of(form, "input", type="hidden")
        if box.attributes["name"].startswith("name-")
    }
    sent = [box.attributes["value"] for box in all_of(form, "input", type="hidden", name="tick")]
    seen = one_of(form, "input", name="seen").attributes["value"]
    return go_on(client, page, "save", sent, seen=seen, **named)


def test_what_is_ticked_is_recorded_with_the_list_as_source_and_reason(few: None, staff: Client) -> None:
    page = read(send(staff, FEW))
    answer = save(staff, read(go_on(staff, page, "look", keys(page, *ALL))))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/reconciliation/")
    told = read(staff.get("/reconciliation/"))
    assert messages(told)[0] == f"4 treaty actions recorded from “{SOURCE}”. Denmark, Norway, Samoa"
    assert links(one_of(told, "ul", class_="messages"))["Denmark"] == "/states/DNK/"
    norway = TreatyAction.objects.get(state="NOR", treaty="OPSC", kind="ratification")
    assert (str(norway.date), norway.source, norway.confidence) == ("2001-10-02", SOURCE, "one-source")
    samoa = TreatyAction.objects.get(state="WSM")
    assert (samoa.confidence, samoa.to_be_confirmed, samoa.source) == ("one-source", False, SOURCE)
    assert TreatyAction.objects.filter(state="DNK", source=SOURCE).count() == 2
    latest = norway.history.latest()
    assert (latest.history_user.username, latest.history_change_reason) == (
        "ada",
        f"Depositary list: {SOURCE}",
    )
    assert str(factories.the_obligation(norway.state).due_on) == "2004-01-18"
    assert (
        str(factories.the_obligation(TreatyAction.objects.filter(state="DNK")[0].state).due_on)
        == "2005-08-24"
    )


def test_a_tick_whose_record_has_changed_meanwhile_is_refused(few: None, staff: Client) -> None:
    page = read(send(staff, FEW))
    page = read(go_on(staff, page, "look", keys(page, *ALL)))
    TreatyAction.objects.filter(state="NOR", treaty="OPSC", kind="ratification").update(date="2002-10-03")
    answer = save(staff, page)
    assert answer.status_code == 200
    told = "Nothing was saved: the records of Norway have changed since the comparison. Check the new comparison."
    assert messages(read(answer)) == [told]
    assert not TreatyAction.objects.filter(source=SOURCE).exists()
    assert rows(read(answer), "h-differing")[0][1] == "ratification, 3 October 2002"


def test_a_tick_that_the_page_never_offered_is_refused(few: None, staff: Client) -> None:
    page = read(send(staff, FEW))
    for forged in ("SWE:OPSC:accession:2001-01-01:none", "x", "", ":", "DNK"):
        answer = go_on(staff, page, "save", [forged, *keys(page, ALL[0])])
        assert answer.status_code == 200
        assert "Nothing was saved" in messages(read(answer))[0]
    assert not TreatyAction.objects.filter(source=SOURCE).exists()


def test_all_is_recorded_or_nothing(few: None, staff: Client) -> None:
    text = f"{FEW}\nFinland\t7 Sep 2000\t1 Jan 2030"
    page = read(send(staff, text))
    answer = go_on(staff, page, "save", keys(page, *ALL, "Finland: ratification, 1 January 2030"))
    assert problems(read(answer))[-1] == (
        "Nothing was saved: the form or the records have changed since the preview. Check the new preview, then save."
    )
    assert table(read(answer), "h-refused")[0][2] == (
        "This day is in the future; enter an action once it has happened."
    )
    assert not TreatyAction.objects.filter(source=SOURCE).exists()
    assert TreatyAction.objects.get(state="NOR", treaty="OPSC", kind="ratification").history.count() == 1


def test_nothing_is_saved_before_the_comparison_was_shown(few: None, staff: Client) -> None:
    page = read(send(staff, FEW))
    answer = send(staff, FEW, step="save", tick=keys(page, *ALL))
    assert words(one_of(read(answer), "h1")) == "Comparison with the depositary list"
    assert not TreatyAction.objects.filter(source=SOURCE).exists()


# --- who may ---------------------------------------------------------------------------------


def test_who_may_not_enter_actions_is_let_in_nowhere(few: None) -> None:
    client = in_role("Administrator")
    assert client.get("/reconciliation/").status_code == 403
    assert send(client, FEW).status_code == 403
    assert "/reconciliation/" not in links(read(client.get("/participation/"))).values()


@pytest.mark.parametrize("missing", ["add_treatyaction", "change_treatyaction"])
def test_both_rights_are_needed(missing: str, few: None) -> None:
    client = in_role("Editor")
    Group.objects.get(name="Editor").permissions.remove(Permission.objects.get(codename=missing))
    assert client.get("/reconciliation/").status_code == 403


def test_an_editor_finds_the_page_from_participation(few: None) -> None:
    client = in_role("Editor")
    assert links(read(client.get("/participation/")))["Compare with a depositary list"] == "/reconciliation/"
    assert client.get("/reconciliation/").status_code == 200
    assert client.put("/reconciliation/").status_code == 405


# --- anything --------------------------------------------------------------------------------


PIECES = st.sampled_from(
    ["Norway", "Korea", "Guinea", "13 Jun 2000", "2 Oct 2001 a", "31/02/2003", "2003-13-01", "\t", ";", "\n", "\r",
     '"', "<script>", "</textarea>", "{{ x }}", "%s", "¹", "Participant", "Signature", "\0", "\x1b", "=cmd()",
     "Norw\u0430y", "\u202e", "\u2028", "Declarations", "[", "1 ", "12345678901234567890"]
)  # fmt: skip


@given(
    text=st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=30).map("".join)),
    name=st.sampled_from(["", "NOR", "-", "XXX"]),
    step=st.sampled_from(["", "compare", "look", "save"]),
    tick=st.lists(st.one_of(st.text(max_size=30), st.just("NOR:OPSC:signature:2000-06-13:none")), max_size=2),
    compared=st.sampled_from([None, "", "1="]),
)
@settings(
    max_examples=examples(120), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_text_gives_a_page(
    text: str, name: str, step: str, tick: list[str], compared: str | None, few: None, staff: Client
) -> None:
    more = {} if compared is None else {"compared": compared}
    answer = send(
        staff, text, step=step, tick=tick, **{"name-1": name, "name-x": name, "name-²": name}, **more
    )
    if answer.status_code == 302:
        return
    assert answer.status_code == 200
    assert len(all_of(read(answer), "h1")) == 1
