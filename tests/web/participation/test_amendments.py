"""The pages of amendments: numbers, lists, days, and entry in the admin."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tests.factories import answers, proposes
from tests.web.pages import all_of, in_two_steps, links, messages, one_of, read, table, version_shown, words
from tracker.registry.models import Amendment, AmendmentPosition, State

pytestmark = pytest.mark.django_db

DAYS = {
    "communicated_on": "2025-03-04",
    "conference_on": "2026-02-02",
    "adopted_on": "2026-02-06",
    "approved_on": "2026-10-20",
}
CODES = ("NOR", "SWE", "FIN", "DNK", "ISL", "EST")


@pytest.fixture
def six() -> list[State]:
    """Six States parties: two are one third, four are two thirds."""
    found = [factories.a_state(iso3) for iso3 in CODES]
    for state in found:
        factories.joins(state, on="2001-10-02")
    return found


def in_force(six: list[State]) -> Amendment:
    """Favoured by two, accepted by four; a fifth accepts later."""
    amendment = proposes(six[0], **DAYS, resolution="A/RES/81/1", document="C.N.12.2025", note="Dates.")
    for state, on in zip(six, ("2025-05-01", "2025-07-04", "2025-07-05"), strict=False):
        answers(amendment, state, on)
    for state, on in zip(six, ("2026-03-01",) * 4 + ("2026-11-02",), strict=False):
        answers(amendment, state, on, "accepts")
    return amendment


def says(page: Any, section: str) -> list[str]:
    return [words(one) for one in all_of(one_of(page, "section", aria_labelledby=section), "p")]


# --- the list -------------------------------------------------------------------------------------


def test_an_empty_list_says_what_to_do(staff: Client) -> None:
    page = read(staff.get("/amendments/"))
    box = one_of(page, "div", class_="nothing")
    assert "No proposal to amend the OPSC or the CRC is recorded up to 22 November 2026." in words(box)
    assert links(box) == {"record it": "/admin/registry/amendment/add/"}
    assert all_of(page, "table") == []


def test_the_list_says_where_each_stands(six: list[State], staff: Client) -> None:
    in_force(six)
    proposes(six[1], "2026-01-15", title="Another", communicated_on="2026-10-01")
    proposes(six[2], "2026-02-15", title="A third")
    assert table(read(staff.get("/amendments/"))) == [
        ["A third", "OPSC", "Finland", "15 February 2026", "proposed", "—", "—"],
        [
            "Another",
            "OPSC",
            "Sweden",
            "15 January 2026",
            "communicated",
            "0 of the 2 needed have favoured a conference; the last day is 1 February 2027.",
            "—",
        ],
        [
            "Amendment to article 12, paragraph 2",
            "OPSC",
            "Norway",
            "15 January 2025",
            "in force",
            (
                "2 of the 2 needed favoured a conference by 4 July 2025. 4 of the 4 needed had accepted the "
                "amendment on 20 October 2026."
            ),
            "5",
        ],
    ]


def test_the_list_knows_nothing_of_later_days(six: list[State], staff: Client) -> None:
    amendment = in_force(six)
    page = read(staff.get("/amendments/?as_of=2025-06-01"))
    ((title, *_, stands, numbers, bound),) = table(page)
    assert (title, stands, bound) == ("Amendment to article 12, paragraph 2", "communicated", "—")
    assert numbers == "1 of the 2 needed have favoured a conference; the last day is 4 July 2025."
    assert links(one_of(page, "table"))[title] == f"/amendments/{amendment.pk}/?as_of=2025-06-01"
    assert table(read(staff.get("/amendments/?as_of=2025-01-14"))) == []


# --- one amendment --------------------------------------------------------------------------------


def test_the_page_shows_thresholds_lists_and_for_whom_it_is_in_force(six: list[State], staff: Client) -> None:
    page = read(staff.get(f"/amendments/{in_force(six).pk}/"))
    assert says(page, "h-conference") == [
        "2 of the 2 needed favoured a conference by 4 July 2025.",
        "The number was reached on 4 July 2025.",
        "One third of the 6 States parties on the day of communication, 4 March 2025, is needed.",
    ]
    assert says(page, "h-accepting") == [
        "4 of the 4 needed had accepted the amendment on 20 October 2026.",
        "Two thirds of the 6 States parties on that day are needed.",
        "It entered into force on 20 October 2026, the first day with both the approval and enough acceptances.",
    ]
    assert table(page, "h-conference") == [
        ["Norway", "1 May 2025", "—"],
        ["Sweden", "4 July 2025", "—"],
        ["Finland", "5 July 2025not counted: after the four months", "—"],
    ]
    assert table(page, "h-bound") == [
        ["Denmark", "20 October 2026"],
        ["Finland", "20 October 2026"],
        ["Norway", "20 October 2026"],
        ["Sweden", "20 October 2026"],
        ["Iceland", "2 November 2026"],
    ]
    assert says(page, "h-bound") == [
        "5 States on 22 November 2026. The others remain bound by the treaty without the amendment."
    ]
    steps = [words(one) for one in all_of(one_of(page, "details", class_="trail"), "li")]
    assert steps[0].startswith("OPSC art. 16(1)")
    assert steps[0].endswith("Filed with the Secretary-General on 15 January 2025.")
    assert steps[-4].startswith("A/RES/81/1")


@pytest.mark.parametrize(
    ("as_of", "told"),
    [
        ("2025-02-01", "the proposal had been filed, but not yet communicated to the States parties"),
        ("2025-06-01", "They can favour a conference until 4 July 2025."),
        ("2025-07-04", "enough States parties had favoured a conference"),
        ("2026-02-02", "the conference had met; no adoption is recorded."),
        ("2026-02-06", "it awaited approval by the General Assembly."),
        ("2026-10-20", "the amendment was in force for the States parties that had accepted it."),
    ],
)
def test_the_page_speaks_of_the_day(six: list[State], as_of: str, told: str, staff: Client) -> None:
    page = read(staff.get(f"/amendments/{in_force(six).pk}/?as_of={as_of}"))
    assert told in words(one_of(page, "p", class_="says"))


def test_the_page_of_an_earlier_day_keeps_later_facts_to_itself(six: list[State], staff: Client) -> None:
    page = read(staff.get(f"/amendments/{in_force(six).pk}/?as_of=2025-06-01"))
    assert table(page, "h-conference") == [["Norway", "1 May 2025", "—"]]
    assert table(page, "h-accepting") == table(page, "h-bound") == []
    assert "A/RES/81/1" not in words(page)
    assert "2026" not in words(one_of(page, "main"))
    assert links(one_of(page, "main"))["Norway"] == "/states/NOR/?as_of=2025-06-01"


def test_a_day_before_the_proposal_is_told(six: list[State], staff: Client) -> None:
    page = read(staff.get(f"/amendments/{in_force(six).pk}/?as_of=2025-01-14"))
    assert words(one_of(page, "div", class_="nothing")) == (
        "On 14 January 2025 this amendment had not been proposed; it was filed on 15 January 2025."
    )


def test_a_lapse_and_the_other_count_are_told(six: list[State], staff: Client) -> None:
    for iso3 in ("LVA", "LTU"):
        factories.joins(factories.a_state(iso3), on="2025-06-01")
    amendment = proposes(six[0], communicated_on="2025-03-04")
    answers(amendment, six[1], "2025-05-01")
    page = read(staff.get(f"/amendments/{amendment.pk}/"))
    assert words(one_of(page, "p", class_="says")) == (
        "On 22 November 2026 the proposal had lapsed: by 4 July 2025 too few States parties had favoured a "
        "conference."
    )
    assert says(page, "h-conference") == [
        "1 of the 2 needed favoured a conference by 4 July 2025.",
        "One third of the 6 States parties on the day of communication, 4 March 2025, is needed.",
        (
            "On the last day, 4 July 2025, there were 8 States parties; one third of them is 3. The tracker "
            "counts by the day of communication."
        ),
    ]


def test_a_step_without_the_answers_before_it_asks_to_be_checked(six: list[State], staff: Client) -> None:
    amendment = proposes(six[0], communicated_on="2025-03-04", adopted_on="2026-02-06")
    page = read(staff.get(f"/amendments/{amendment.pk}/"))
    assert says(page, "h-conference")[-2:] == [
        "However, a later step is recorded. Check that all States that favoured a conference are entered.",
        "No State is recorded as favouring a conference.",
    ]
    assert says(page, "h-accepting")[0] == "0 of the 4 needed had accepted the amendment on 22 November 2026."


def test_a_state_that_has_left_is_listed_and_not_counted(six: list[State], staff: Client) -> None:
    amendment = in_force(six)
    factories.denounces(six[3], on="2025-11-10")
    page = read(staff.get(f"/amendments/{amendment.pk}/"))
    assert ["Denmark", "1 March 2026not counted: not a State party", "—"] in table(page, "h-accepting")
    assert "Denmark" not in [row[0] for row in table(page, "h-bound")]


def test_what_staff_enter_is_shown_as_text(six: list[State], staff: Client) -> None:
    amendment = proposes(six[0], title="<b>Article 12</b>", note="<script>alert(1)</script>")
    for address in ("/amendments/", f"/amendments/{amendment.pk}/"):
        html = staff.get(address).content.decode()
        assert "&lt;b&gt;Article 12&lt;/b&gt;" in html
        assert "<script>" not in html


@pytest.mark.parametrize(
    "address", ["/amendments/1/", "/amendments/99999999999999999999999/", "/amendments/x/"]
)
def test_an_amendment_that_is_not_there_gives_a_page_that_helps(address: str, staff: Client) -> None:
    answer = staff.get(address)
    assert answer.status_code == 404
    assert words(one_of(read(answer), "h1")) == "Page not found"


@pytest.mark.usefixtures("each_page_has_its_own_footer")
@pytest.mark.parametrize("address", ["/amendments/", "/amendments/{pk}/"])
def test_a_page_takes_as_many_queries_for_one_as_for_many(
    address: str, six: list[State], staff: Client
) -> None:
    taken = []
    for many in (1, 5):
        for number in range(many):
            amendment = proposes(six[0], title=f"Amendment {many} {number}", **DAYS)
            for state in six[:many]:
                answers(amendment, state, "2025-05-01")
                answers(amendment, state, "2026-05-01", "accepts")
        with CaptureQueriesContext(connection) as queries:
            assert staff.get(address.format(pk=amendment.pk)).status_code == 200
        taken.append(len(queries))
    assert taken[0] == taken[1] <= 11


# --- entered in the admin -------------------------------------------------------------------------


def entered(six: list[State], **changes: str) -> dict[str, str]:
    """The form data of an amendment, as a browser sends them."""
    return {
        "treaty": "OPSC",
        "title": "Amendment to article 12, paragraph 2",
        "proposed_by": six[0].pk,
        "proposed_on": "2025-01-15",
        "communicated_on": "2025-03-04",
        "reason": "C.N.12.2025",
    } | changes


def test_a_proposal_is_entered_with_who_and_why(six: list[State], staff: Client) -> None:
    answer = staff.post(reverse("admin:registry_amendment_add"), entered(six), follow=True)
    amendment = Amendment.objects.get()
    kept = amendment.history.get()
    assert (kept.history_user.username, kept.history_change_reason) == ("ada", "C.N.12.2025")
    assert "Undo" in messages(read(answer))[0]


def test_the_form_of_an_amendment_leads_to_its_positions(six: list[State], staff: Client) -> None:
    amendment = in_force(six)
    page = read(staff.get(reverse("admin:registry_amendment_change", args=[amendment.pk])))
    assert links(one_of(page, "form", id="amendment_form"))["8 positions"] == (
        f"/amendments/{amendment.pk}/positions/"
    )
    new = read(staff.get(reverse("admin:registry_amendment_add")))
    assert "Save the amendment first; then add positions on a separate page." in words(new)


def test_the_vote_and_the_recorded_day_are_entered_and_shown(six: list[State], staff: Client) -> None:
    amendment = in_force(six)
    address = reverse("admin:registry_amendment_change", args=[amendment.pk])
    days = DAYS | {"votes_for": "4", "votes_against": "1", "abstentions": "1", "in_force_on": "2026-11-01"}
    sent = entered(six, **days) | version_shown(staff, address)
    told = messages(read(staff.post(address, sent, follow=True)))
    assert told[0] == (
        "The depositary records 1 November 2026, but the acceptances recorded here give 20 October 2026. The "
        "depositary’s date prevails; check the dates of the acceptances."
    )
    page = read(staff.get(f"/amendments/{amendment.pk}/"))
    said = {
        words(all_of(one, "dt")[0]): words(all_of(one, "dd")[0])
        for one in all_of(page, "div")
        if all_of(one, "dt")
    }
    assert said["Vote of the conference"] == (
        "4 in favour, 1 against, 1 abstaining: a majority of the States parties present and voting (OPSC art. 16(1))."
    )
    assert said["In force from"] == f"1 November 2026{told[0]}"
    assert table(page, "h-bound")[0] == ["Denmark", "1 November 2026"]


def test_a_vote_without_a_majority_is_doubted_and_not_refused(six: list[State], staff: Client) -> None:
    days = DAYS | {"votes_for": "2", "votes_against": "2", "abstentions": "0"}
    answer = staff.post(reverse("admin:registry_amendment_add"), entered(six, **days), follow=True)
    doubt = "The adoption is recorded, but the vote was not a majority. Check the numbers and the date of adoption."
    assert doubt in messages(read(answer))
    page = read(staff.get(Amendment.objects.get().get_absolute_url()))
    assert doubt in words(page)


def test_what_cannot_be_is_told_on_its_field_and_nothing_is_saved(six: list[State], staff: Client) -> None:
    answer = staff.post(reverse("admin:registry_amendment_add"), entered(six, communicated_on="2025-01-14"))
    assert answer.status_code == 200
    assert [words(one) for one in all_of(read(answer), "ul", class_="errorlist")] == [
        "This is before the day of the previous step (15 January 2025)."
    ]
    assert not Amendment.objects.exists()


def test_an_amendment_entered_by_mistake_is_deleted_with_its_positions(
    six: list[State], staff: Client
) -> None:
    amendment = in_force(six)
    address = reverse("admin:registry_amendment_delete", args=[amendment.pk])
    answer = in_two_steps(staff, address, reason="by mistake")
    assert len(messages(read(answer))) == 1
    assert not AmendmentPosition.objects.exists()
    assert Amendment.history.latest().history_user.username == "ada"


def test_the_form_offers_the_optional_protocol_first(staff: Client) -> None:
    page = read(staff.get(reverse("admin:registry_amendment_add")))
    chosen = [
        one
        for one in all_of(one_of(page, "select", id="id_treaty"), "option")
        if "selected" in one.attributes
    ]
    assert [one.attributes["value"] for one in chosen] == ["OPSC"]
