"""The lists on the shipped data: queries, sorting, pages, filters, and invalid values for them."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db.models import Exists, Subquery
from django.db.models.functions import Coalesce
from django.test import Client, RequestFactory
from django.urls import resolve
from django_tables2.utils import Accessor

from tests import factories
from tests.audit.test_queries import QUERIES
from tests.depth import first
from tests.web.pages import all_of, column, links, one_of, problems, read, table, words
from tracker.obligations.models import Obligation, Submission
from tracker.registry.models import State
from tracker.web.consideration import matrix
from tracker.web.obligations import obligation_list, submissions
from tracker.web.records import to_confirm
from tracker.web.reminders import ledger
from tracker.web.states import state_list

pytestmark = pytest.mark.django_db

LISTS = {
    "/obligations/": (obligation_list.ObligationTable, obligation_list.ObligationFilter),
    "/submissions/": (submissions.SubmissionTable, submissions.SubmissionFilter),
    "/coverage/": (matrix.CoverageTable, matrix.CoverageFilter),
    "/states/": (state_list.StateTable, state_list.StateFilter),
    "/reminders/": (ledger.ReminderTable, ledger.ReminderFilter),
}
UNKNOWN_STATE = "“XXX” is not a recorded State. Enter its name or its alpha-3 code, for example NOR."
NO_DAY = "“%s” is not a day; write it as 2003-01-23, 23 Jan 2003 or 23/01/2003."
CHOICE = "Select a valid choice. %s is not one of the available choices."
BRITAIN = "United Kingdom of Great Britain and Northern Ireland GBR"
# The first of them as “North Korea”.
NORTHERN = ["Democratic People's Republic of Korea PRK", "North Macedonia MKD", "Norway NOR", BRITAIN]
SORTABLE = [
    (address, name)
    for address, (table_class, _) in LISTS.items()
    for name, column in table_class.base_columns.items()
    if column.orderable is not False and name != "pick"
]


# The few States of `QUERIES` have no such rows, and an empty page is counted but not read.
WITH_ROWS = QUERIES | {
    address: QUERIES[address] + 1 for address in ("/reminders/?per_page=1000", "/late/?per_page=1000")
}
for sessions in ("/sessions/?per_page=1000", "/sessions/?per_page=1000&as_of=2025-05-31"):
    WITH_ROWS[sessions] += 1  # only a list with rows is read
for without_papers in (
    "/correspondence/?per_page=1000",
    "/reminders/proof/NOR/",
    "/states/NOR/correspondence/?per_page=1000",
):
    WITH_ROWS[without_papers] -= 1
WITH_ROWS["/states/NOR/"] -= 2  # no report is ahead about which a reminder could go
for of_norway in ("/states/NOR/", "/reports/dossier/NOR/", "/reports/note/NOR/"):
    WITH_ROWS[of_norway] += 1  # the year in which a report is expected, as its date is to be communicated


# The lists of many rows, and in `make test-more` the other pages; `QUERIES` counts all of them with few rows.
@pytest.mark.parametrize(
    "address", first(10, sorted(WITH_ROWS, key=lambda one: urlsplit(one).path not in LISTS))
)
def test_a_page_of_all_rows_takes_as_many_queries(
    address: str, shipped: None, ledger: None, staff: Client, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(WITH_ROWS[address]):
        assert staff.get(address).status_code == 200


def test_all_obligations_take_at_most_eight_queries(
    shipped: None, staff: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(8):
        assert len(table(read(staff.get("/obligations/?per_page=1000")))) == 364


def test_an_export_takes_no_query_for_a_row(
    shipped: None, staff: Client, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(6):
        assert len(staff.get("/obligations/?_export=json").json()) == 364


@pytest.mark.parametrize("address", [*LISTS, "/late/"])
def test_a_page_of_200_rows_weighs_at_most_100_kb(
    address: str, shipped: None, ledger: None, staff: Client
) -> None:
    # Each row of the submissions leads to two documents, a page and a form, and says what the report waits for; each of
    # the coverage has fourteen marks.
    most = {"/submissions/": 146_000, "/coverage/": 131_000}.get(address, 100_000)
    weight = len(staff.get(f"{address}?per_page=200").content)
    assert weight <= most, "too heavy: offer the new column with visible=False, or write less in each row"


# --- sorting --------------------------------------------------------------------------------------


# Enough rows for several pages, and no more.
SOME = {
    "/obligations/": {"region": "EES"},
    "/submissions/": {},
    "/coverage/": {},
    "/states/": {"region": "AFR"},
    "/reminders/": {},
}


@pytest.mark.parametrize(("address", "name"), SORTABLE)
def test_every_column_sorts_both_ways_and_no_page_repeats_a_row(
    address: str, name: str, shipped: None, ledger: None, rf: RequestFactory
) -> None:
    officer = factories.an_officer("ada", is_superuser=True)

    def found(sort: str) -> tuple[list[Any], list[Any], list[Any]]:
        """The keys of rows with a value in the column, of those without, and of the second page, without the page."""
        request = rf.get(address, {"per_page": 25, "sort": sort, "page": 2} | SOME[address])
        request.user, request.resolver_match = officer, resolve(address)
        shown = request.resolver_match.func(request).context_data["table"]
        rows, second = list(shown.data), [row.record for row in shown.page.object_list]
        value = Accessor(shown.columns[name].order_by[0].bare)
        has = [value.resolve(row, quiet=True) not in (None, "") for row in rows]
        assert has == sorted(has, reverse=True)  # rows without a value come last, both ways
        filled, empty, page = rows[: sum(has)], rows[sum(has) :], second
        return tuple([getattr(row, "pk", row) for row in some] for some in (filled, empty, page))

    (up, up_empty, second_page), (down, down_empty, _) = found(name), found(f"-{name}")
    assert (up, up_empty) == (down[::-1], down_empty[::-1])
    everything = [*up, *up_empty]
    assert len(set(map(str, everything))) == len(everything)
    # A page that is too far is the last one.
    assert second_page == (everything[25:50] or everything)


@pytest.mark.parametrize(
    ("address", "name", "heading"),
    [
        ("/obligations/", "due", "Due"),
        ("/submissions/", "received_on", "Report"),  # by receipt or review, so that no row is without a day
        ("/states/", "state", "State"),
        ("/reminders/", "due_on", "Due"),
    ],
)
def test_the_order_is_that_of_page_and_file(
    address: str, name: str, heading: str, shipped: None, ledger: None, staff: Client
) -> None:
    query = {"per_page": 25} | SOME[address]
    up = staff.get(address, query | {"sort": name, "_export": "json"}).json()
    down = staff.get(address, query | {"sort": f"-{name}", "_export": "json"}).json()
    second_page = read(staff.get(address, query | {"sort": name, "page": 2}))
    filled = sum(row[heading] is not None for row in up)
    assert [*up[:filled][::-1], *up[filled:][::-1]] == down
    states = column(second_page, 1 if address == "/reminders/" else 0)
    # A page that is too far is the last one.
    assert [state[:-4] for state in states] == [row["State"] for row in up[25:50] or up]


def test_the_header_says_how_the_rows_stand(shipped: None, staff: Client) -> None:
    page = read(staff.get("/obligations/?sort=-due"))
    (sorted_by,) = all_of(page, "th", aria_sort="descending")
    assert words(sorted_by) == "Due, sorted descending; reverse order"
    assert all_of(sorted_by, "a")[0].attributes["href"] == "?sort=due"


def test_an_unknown_column_sorts_nothing(shipped: None, staff: Client) -> None:
    def states(sort: str) -> list[str]:
        return column(read(staff.get("/obligations/", {"sort": sort, "per_page": 25})), 0)

    usual = states("due")
    for nonsense in ("xyz", "", "-", "trail", "state__iso3", "due;drop", "\0"):
        assert states(nonsense) == usual


# --- pages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("per_page", "rows"), first(6, [
    ("25", 25), ("1000", 178), ("7", 25), ("-3", 25), ("abc", 50), ("\0", 50),
    ("100", 100), ("0", 25), ("99999999", 178), ("", 50), ("1e9", 50), ("²", 50),
]))  # fmt: skip
def test_any_page_size_gives_one_on_offer(per_page: str, rows: int, shipped: None, staff: Client) -> None:
    assert len(table(read(staff.get("/obligations/", {"kind": "initial", "per_page": per_page})))) == rows


@pytest.mark.parametrize("address", first(1, LISTS))
@pytest.mark.parametrize("number", ["99999999999999999999999", "-1", "\0"])
def test_a_page_that_is_not_there_gives_one_that_is(
    address: str, number: str, shipped: None, ledger: None, staff: Client
) -> None:
    assert len(table(read(staff.get(address, {"page": number, "per_page": 25})))) > 0


def test_the_last_page_is_shown_for_one_too_far(shipped: None, staff: Client) -> None:
    page = read(staff.get("/obligations/?page=99999"))
    here = one_of(one_of(page, "nav", aria_label="Pages"), "a", aria_current="page")
    assert words(here) == "Page 8"
    assert len(table(page)) == 14


def test_turning_pages_keeps_day_filters_and_order(shipped: None, staff: Client) -> None:
    query = "as_of=2009-05-31&kind=initial&sort=-due&per_page=25"
    page = read(staff.get(f"/obligations/?{query}"))
    forward = links(one_of(page, "nav", aria_label="Pages"))["Next"]
    assert parse_qs(urlsplit(forward).query) == parse_qs(f"{query}&page=2")
    assert (
        table(read(staff.get(f"/obligations/{forward}")))
        == table(read(staff.get(f"/obligations/?{query}&per_page=1000")))[25:50]
    )


# --- filters --------------------------------------------------------------------------------------


def choices() -> list[Any]:
    """Every choice of every filter that has a list of them; desks are people, and have tests of their own.

    The first of each filter is for `make test`, the others are for `make test-more`.
    """
    return [
        pytest.param(address, name, str(value), marks=[pytest.mark.more] if at else [])
        for address, (_, filterset) in LISTS.items()
        for name, one in filterset.base_filters.items()
        if "choices" in one.extra and name != "desk"
        for at, (value, _) in enumerate(_listed(one.extra["choices"]))
    ]


def _listed(offered: Any) -> list[tuple[str, str]]:
    return list(getattr(offered, "choices", offered))


@pytest.mark.parametrize(("address", "name", "value"), choices())
def test_every_choice_of_every_filter_is_answered(
    address: str, name: str, value: str, shipped: None, ledger: None, staff: Client
) -> None:
    answer = staff.get(address, {name: value, "per_page": 25})
    page = read(answer)
    assert answer.status_code == 200
    assert problems(page) == []
    assert len(all_of(page, "ul", aria_label="Filters in use")) == 1


def test_each_filter_keeps_what_it_names(shipped: None, staff: Client) -> None:
    def found(query: str) -> list[list[str]]:
        return table(read(staff.get(f"/obligations/?per_page=1000&{query}")))

    assert {row[0] for row in found("state=NOR")} == {"Norway NOR"}
    assert {row[1] for row in found("kind=initial")} == {"initial report"}
    assert len(found("kind=initial")) == 178
    assert {row[3] for row in found("status=no+record")} == {"no record"}
    assert [row[0] for row in found("band=over_10")] == ["Malaysia MYS", "Indonesia IDN"]
    assert [row[2] for row in found("due_from=2014-05-12&due_until=2014-10-24&status=overdue")] == [
        "12 May 2014",
        "24 October 2014",
    ]
    eastern = set(State.objects.filter(region="EES").values_list("pk", flat=True))
    assert {row[0].split()[-1] for row in found("region=EES")} == eastern
    assert {row[1].endswith(" under the CRC") for row in found("carried_by=CRC+report")} == {True}
    assert len(found("status=date+not+recorded")) == 39
    assert {row[1] for row in found("status=date+not+recorded")} == {"next report under the CRC"}
    awaiting = found("review=awaiting")
    assert len(awaiting) == 11
    assert all("awaiting review since " in row[3] for row in awaiting)
    assert {"BFA", "IRN", "KAZ", "SLV"} <= {row[0][-3:] for row in awaiting}


def test_the_list_of_the_dates_that_the_united_nations_print_otherwise(shipped: None, staff: Client) -> None:
    def found(value: str, query: str = "") -> list[dict[str, str]]:
        rows: list[dict[str, str]] = staff.get(f"/obligations/?printed={value}{query}&_export=json").json()
        return rows

    differs, same, none = found("differs"), found("same"), found("none")
    # Denmark is printed 2004 where the rule gives 24 August 2005.
    (denmark,) = (row for row in differs if row["Alpha-3"] == "DNK")
    assert (denmark["Due"], denmark["Due date printed by the UN"]) == ("2005-08-24", "2004")
    assert len(differs) == 8
    # Of Italy's date the year 2017 alone is recorded; a day that is printed in that year is no other date.
    (italy,) = (row for row in same if not row["Due"].startswith(row["Due date printed by the UN"]))
    assert (italy["Alpha-3"], italy["Due"], italy["Year alone is printed"]) == ("ITA", "2017-12-31", "yes")
    assert italy["Due date printed by the UN"] == "2017-04-04"
    assert all(not row["Due"].startswith(row["Due date printed by the UN"]) for row in differs)
    assert {row["The UN prints another date"] for row in differs} == {"yes"}
    assert {row["The UN prints another date"] for row in [*same, *none]} == {""}
    assert {row["Due date printed by the UN"] for row in none} == {None}
    # On an earlier day only what had been printed by then counts.
    assert len(found("differs", "&as_of=2009-05-31")) < len(differs)
    page = read(staff.get("/obligations/?printed=differs&state=DNK"))
    assert [row[2] for row in table(page)] == ["24 August 2005the UN prints 2004"]


def test_a_row_shows_what_was_known_on_its_day(shipped: None, staff: Client) -> None:
    def of_iran(day: str) -> list[list[str]]:
        page = read(staff.get(f"/obligations/?state=IRN&carried_by=CRC+report&as_of={day}"))
        return [row[1:6] for row in table(page)]

    assert of_iran("2022-06-30") == [
        ["reports 5-6 under the CRC", "2021treaty calendar: 12 August 2021", "no record", "—",
         "committeeCRC/C/IRN/CO/3-4"],
    ]  # fmt: skip
    assert of_iran("2023-10-31") == [
        ["reports 5-6 under the CRC", "2021treaty calendar: 12 August 2021",
         "received, 1 year 10 months lateawaiting review since 31 October 2023", "31 October 2023",
         "committeeCRC/C/IRN/CO/3-4"],
    ]  # fmt: skip


def test_a_date_not_recorded_shows_the_last_observations_in_its_row(shipped: None, staff: Client) -> None:
    page = read(staff.get("/obligations/?state=GAB&kind=periodic"))
    assert [row[1:6] for row in table(page)] == [
        ["next report under the CRC", "not recordedtreaty calendar: 11 March 2021", "date not recorded", "—",
         "last observations: CRC/C/GAB/CO/2, 3 June 2016"],
    ]  # fmt: skip


def test_what_has_no_date_comes_last(shipped: None, staff: Client) -> None:
    due = column(read(staff.get("/obligations/?per_page=1000")), 2)
    undated = [one.startswith(("none yet", "not recorded")) for one in due]
    assert undated == sorted(undated)


def test_the_filters_work_together(shipped: None, staff: Client) -> None:
    page = read(staff.get("/obligations/?region=APS&status=overdue&kind=initial"))
    assert column(page, 0) == ["Malaysia MYS", "Indonesia IDN"]
    assert words(one_of(page, "p", class_="says")) == (
        "2 reports under article 12, status on 22 November 2026."
    )


@pytest.mark.parametrize(("text", "states"), [
    ("NOR", NORTHERN),
    ("ivory c", ["Côte d'Ivoire CIV"]),
    ("nothing like it", []),
])  # fmt: skip
def test_text_is_sought_in_every_spelling_and_code(
    text: str, states: list[str], shipped: None, staff: Client
) -> None:
    found = set(column(read(staff.get("/obligations/", {"q": text})), 0))
    assert sorted(found) == states
    assert column(read(staff.get("/states/", {"q": text})), 0) == states


def test_every_list_knows_the_other_spellings(shipped: None, ledger: None, staff: Client) -> None:
    reminded = column(read(staff.get("/obligations/?q=Turkey")), 0)
    assert set(reminded) == {"Türkiye TUR"}
    assert set(column(read(staff.get("/to-confirm/?q=swaziland")), 1)) == {"Eswatini SWZ"}


@pytest.mark.parametrize(("text", "told"), [
    ("ivory c", ["“Ivory Coast” is Côte d'Ivoire."]),
    ("czech r", ["“Czech Republic” is Czechia."]),
    ("ci", ["“CI” is Côte d'Ivoire."]),
    ("uk", [f"“UK” is {BRITAIN[:-4]}."]),
    ("ivoire", []),
    ("CIV", []),
    ("kingdom of", []),  # so many States that the table shows it better
])  # fmt: skip
def test_it_is_told_which_state_another_spelling_means(
    text: str, told: list[str], shipped: None, staff: Client
) -> None:
    page = read(staff.get("/states/", {"q": text}))
    assert len(table(page)) > 0
    assert [words(one) for one in all_of(page, "p", class_="note")] == told


@pytest.mark.parametrize(("text", "leads_to"), [
    ("NOR", "/states/NOR/"),
    (" nor ", "/states/NOR/"),
    ("Cote d'Ivoire", "/states/CIV/"),
    ("Ivory Coast", "/states/CIV/"),
    ("UK", "/states/GBR/"),
    ("Niger", "/states/NER/"),
    ("Nige", "/states/?q=Nige"),
    ("Korea", "/states/?q=Korea"),
    ("no", "/states/?q=no"),  # a word as well as a code: only NO is Norway
    ("\0", "/states/?q=%00"),
    ("", "/states/?q="),
])  # fmt: skip
def test_a_search_of_states_leads_to_the_one_that_is_named_in_full(
    text: str, leads_to: str, shipped: None, staff: Client
) -> None:
    answer = staff.get("/states/", {"q": text, "go": "1"})
    assert (answer.status_code, answer.headers["Location"]) == (302, leads_to)


def test_a_search_of_states_keeps_the_day(shipped: None, staff: Client) -> None:
    answer = staff.get("/states/?q=Norway&go=1&as_of=2009-05-31")
    assert answer.headers["Location"] == "/states/NOR/?as_of=2009-05-31"


@pytest.mark.parametrize("as_of", ["2026-11-22", "2012-12-31"])
def test_reports_received_stand_in_both_lists_alike(as_of: str, shipped: None, staff: Client) -> None:
    def initial(address: str) -> dict[str, tuple[Any, ...]]:
        rows = staff.get(f"{address}?as_of={as_of}&kind=initial&_export=json").json()
        told = ("Due", "Received", "Status", "Days late")
        return {row["Alpha-3"]: tuple(row[name] for name in told) for row in rows}

    received, owed = initial("/submissions/"), initial("/obligations/")
    assert len(received) == {"2026-11-22": 117, "2012-12-31": 78}[as_of]
    assert received == {state: owed[state] for state in received}


def test_a_symbol_finds_what_the_report_answers(shipped: None, staff: Client) -> None:
    page = read(staff.get("/obligations/?q=CRC/C/OPSC/USA/3-4"))
    assert [row[:2] for row in table(page)] == [
        ["United States of America USA", "periodic report 3"],
        ["United States of America USA", "periodic report 4"],
    ]


@pytest.mark.parametrize(("address", "query", "field", "message"), [
    ("/obligations/", "state=XXX", "State:", UNKNOWN_STATE),
    ("/obligations/", "status=late", "Status:", CHOICE % "late"),
    ("/obligations/", "region=Europe", "Regional group:", CHOICE % "Europe"),
    ("/obligations/", "due_from=2009-02-30", "Due from:", NO_DAY % "2009-02-30"),
    ("/obligations/", "due_until=soon", "Due until:", NO_DAY % "soon"),
    ("/obligations/", "q=%00", "Text:", "Null characters are not allowed."),
    ("/submissions/", "state=XXX", "State:", UNKNOWN_STATE),
    ("/submissions/", "received_from=2009-02-30", "Received from:", NO_DAY % "2009-02-30"),
    ("/submissions/", "language=de", "Language:", CHOICE % "de"),
    ("/states/", "participation=maybe", "Participation:", CHOICE % "maybe"),
    ("/reminders/", "state=gone", "Status:", CHOICE % "gone"),
    ("/reminders/", "of=XXX", "State:", UNKNOWN_STATE),
])  # fmt: skip
def test_a_filter_that_cannot_be_is_told_at_its_field(
    address: str, query: str, field: str, message: str, shipped: None, ledger: None, staff: Client
) -> None:
    answer = staff.get(f"{address}?{query}")
    page = read(answer)
    fields = {
        words(all_of(one, label)[0]): problems(one)
        for name, label, css in (("div", "label", "field"), ("fieldset", "legend", "several"))
        for one in all_of(page, name, class_=css)
        if problems(one)
    }
    assert answer.status_code == 200
    assert fields == {field: [message]}
    assert table(page) == []


def test_a_chip_removes_its_filter_and_keeps_the_rest(shipped: None, staff: Client) -> None:
    query = "as_of=2025-05-31&sort=-due&kind=initial&region=APS&status=overdue"
    chips = links(one_of(read(staff.get(f"/obligations/?{query}&page=1")), "ul", aria_label="Filters in use"))
    assert list(chips) == [
        "Overdue ×, remove this filter",
        "initial ×, remove this filter",
        "Asia-Pacific States ×, remove this filter",
    ]
    without_kind = chips["initial ×, remove this filter"]
    assert parse_qs(without_kind[1:]) == {
        "as_of": ["2025-05-31"], "sort": ["-due"], "region": ["APS"], "status": ["overdue"],
    }  # fmt: skip


def sentence(page: Any) -> str:
    """The filters in use, without the words that remove each."""
    return words(one_of(page, "ul", aria_label="Filters in use")).replace(" ×, remove this filter", "")


@pytest.mark.parametrize(("address", "query", "said"), [
    ("/obligations/", "state=NOR&due_from=2009-05-31&band=under_1",
     "Overdue for under 1 year, due from 31 May 2009, of Norway."),
    ("/obligations/", "desk=all&region=AFR&overdue_over=5&q=ben",
     "Overdue for more than 5 years, with “ben” in the text, in African States."),
    ("/obligations/", "status=overdue&status=no+record&status=waived&overdue_up_to=1&state=NOR&state=Finland;fra",
     "Overdue, no record or waived, overdue for at most 1 year, of Norway, Finland or France."),
    ("/states/", "standing=overdue&participation=party&participation=waiting&due_until=2027-01-31",
     "State party or signatory, not a party, with the worst status overdue, with a report due until 31 January 2027."),
    ("/reminders/", "state=sent&sent_from=2026-11-01&region=WEOG&of=NOR",
     "Sent, sent from 1 November 2026, of Norway, in Western European and other States."),
    ("/submissions/", "language=en&language=fr&receipt=unknown&received_until=2009-12-31",
     "Received until 31 December 2009, with the date of receipt unknown, in the language English or French."),
])  # fmt: skip
def test_the_filters_read_as_a_sentence(
    address: str, query: str, said: str, shipped: None, ledger: None, staff: Client
) -> None:
    assert sentence(read(staff.get(f"{address}?{query}"))) == said


def test_one_of_several_values_can_be_removed(shipped: None, staff: Client) -> None:
    page = read(staff.get("/obligations/?status=overdue&status=no+record&state=Norway;FIN"))
    removing = links(one_of(page, "ul", aria_label="Filters in use"))
    assert removing == {
        "Overdue ×, remove this filter": "?state=Norway%3BFIN&status=no+record",
        "no record ×, remove this filter": "?state=Norway%3BFIN&status=overdue",
        "Norway ×, remove this filter": "?status=overdue&status=no+record&state=FIN",
        "Finland ×, remove this filter": "?status=overdue&status=no+record&state=NOR",
    }


def test_several_values_give_the_rows_of_each(shipped: None, ledger: None, staff: Client) -> None:
    def found(address: str, query: str) -> list[Any]:
        rows: list[Any] = staff.get(f"{address}&_export=json&{query}").json()
        return rows

    for address, name, one, other in (
        ("/obligations/?desk=all", "status", "overdue", "no record"),
        ("/obligations/?desk=all", "kind", "initial", "periodic"),
        ("/obligations/?as_of=2024-10-24", "band", "from_5_to_10", "over_10"),
        ("/late/?as_of=2024-10-24", "band", "from_5_to_10", "over_10"),
        ("/submissions/?desk=all", "kind", "initial", "periodic"),
        ("/states/?desk=all", "region", "AFR", "WEOG"),
        ("/states/?desk=all", "standing", "overdue", "outside"),
        ("/states/?desk=all", "participation", "party", "outside"),
    ):
        alone = found(address, f"{name}={one}"), found(address, f"{name}={other}")
        both = found(address, f"{name}={one}&{name}={other}")
        assert all(alone), (address, name)
        assert sorted(map(str, both)) == sorted(map(str, alone[0] + alone[1])), (address, name)


def test_a_range_of_time_overdue(shipped: None, staff: Client) -> None:
    def found(day: str, query: str) -> list[tuple[str, str]]:
        late, listed = (
            staff.get(f"{address}?as_of={day}&sort=due&_export=json&{query}").json()
            for address in ("/late/", "/obligations/")
        )
        assert [row["Alpha-3"] for row in late] == [row["Alpha-3"] for row in listed]
        return [(row["Alpha-3"], row["Due"]) for row in listed]

    malaysia, indonesia = ("MYS", "2014-05-12"), ("IDN", "2014-10-24")
    assert found("2019-05-12", "overdue_over=5") == []  # exactly five years is not more
    assert found("2019-05-13", "overdue_over=5") == [malaysia]
    assert found("2019-05-13", "overdue_up_to=5") == [indonesia]
    assert found("2019-05-13", "overdue_over=4&overdue_up_to=5") == [indonesia]
    assert found("2019-05-13", "overdue_over=0") == [malaysia, indonesia]


def test_states_with_one_report_that_has_all_that_is_asked(shipped: None, staff: Client) -> None:
    def states(query: str) -> set[str]:
        return {row["Alpha-3"] for row in staff.get(f"/states/?_export=json&{query}").json()}

    assert states("overdue_over=5") == {"MYS", "IDN"}
    assert states("overdue_over=5&due_from=2014-06-01&due_until=2014-12-31") == {"IDN"}
    assert states("as_of=2014-05-12&due_from=2014-05-12&due_until=2014-05-12") == {"MYS"}
    assert states("as_of=2014-05-12&due_from=2014-05-13&due_until=2014-05-31") == {"FSM"}
    assert states("overdue_over=5&due_from=2026-11-22") == set()


@pytest.mark.parametrize(("query", "message"), [
    ("overdue_over=-1", "Ensure this value is greater than or equal to 0."),
    ("overdue_over=five", "Enter a whole number."),
    ("overdue_up_to=100", "Ensure this value is less than or equal to 99."),
])  # fmt: skip
def test_years_that_cannot_be_are_told(query: str, message: str, shipped: None, staff: Client) -> None:
    page = read(staff.get(f"/obligations/?{query}"))
    assert problems(one_of(page, "details", data_key="filter")) == [message]
    assert table(page) == []


def test_clearing_the_filters_keeps_the_day(shipped: None, staff: Client) -> None:
    page = read(staff.get("/obligations/?as_of=2009-05-31&kind=initial"))
    assert links(one_of(page, "details", data_key="filter"))["Clear all"] == "?as_of=2009-05-31"
    assert (
        links(one_of(read(staff.get("/obligations/?kind=initial")), "details", data_key="filter"))[
            "Clear all"
        ]
        == "?"
    )


def test_another_day_keeps_the_filters(shipped: None, staff: Client) -> None:
    form = one_of(read(staff.get("/obligations/?kind=initial&sort=-due&page=2")), "form", class_="as-of")
    hidden = {one.attributes["name"]: one.attributes["value"] for one in all_of(form, "input", type="hidden")}
    assert hidden == {"kind": "initial", "sort": "-due"}


def test_the_list_of_states_as_of_a_day(shipped: None, staff: Client) -> None:
    page = read(staff.get("/states/?q=NOR&as_of=2001-12-31"))
    norway = next(row for row in table(page) if row[0] == "Norway NOR")
    assert norway[:5] == [
        "Norway NOR",
        "Western European and other States",
        "ratification",
        "2 October 2001",
        "18 January 2002",
    ]


def test_what_threads_copy_at_the_same_time_holds_no_template() -> None:
    for with_boxes in (ledger.ReminderTable, to_confirm.RecordsToConfirm.table_class):
        kept = vars(with_boxes.base_columns["pick"]).values()
        assert not [one for one in kept if hasattr(one, "render") and hasattr(one, "template")]


@pytest.mark.parametrize("day", first(1, [date(2026, 11, 22), date(2012, 12, 31)]))
def test_both_ways_of_asking_which_report_answers_what_say_the_same(day: date, shipped: None) -> None:
    owed = Obligation.objects.as_of(day, bands=False, statuses=False)
    known = Submission.objects.annotate(known=Coalesce("received_on", "reviewed_on", "known_by")).filter(
        known__lte=day, withdrawn_on=None
    )
    pairs = 0
    for report in known:
        mine = Submission.objects.filter(pk=report.pk)
        answered = owed.filter(Exists(mine.answering(day))).values_list("pk", flat=True)
        owing = owed.answered_by_outer().values("pk")[:1]
        assert bool(answered) == bool(mine.annotate(one=Subquery(owing)).get().one)
        pairs += len(answered)
    assert pairs > 50
