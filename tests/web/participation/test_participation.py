"""Participation: the small table of counts, the regional groups, signatories that have not ratified."""

from __future__ import annotations

import pytest
from django.test import Client

from tests import factories
from tests.web.pages import all_of, links, one_of, read, table, words

pytestmark = pytest.mark.django_db


def counts(staff: Client, address: str = "/participation/") -> dict[str, int]:
    """The small table of counts."""
    section = one_of(read(staff.get(address)), "section", aria_labelledby="h-counts")
    found = {}
    for row in all_of(section, "tr"):
        name, count = (words(cell) for cell in row if cell.name in ("th", "td"))
        found[name] = int(count)
    return found


def test_a_party_that_has_left_is_counted_by_its_signature_alone(staff: Client) -> None:
    norway, sweden = factories.a_state("NOR"), factories.a_state("SWE")
    factories.signs(norway, on="2000-06-13")
    factories.joins(norway, on="2001-10-02")
    factories.denounces(norway, on="2010-03-01")
    factories.joins(sweden, on="2007-01-19", kind="accession")
    assert counts(staff) == {
        "Signatures": 1,
        "States parties": 1,
        "of these by ratification": 0,
        "of these by accession": 1,
        "of these by succession": 0,
        "Signatories that are not parties": 1,
    }
    assert counts(staff, "/participation/?as_of=2011-02-28")["of these by ratification"] == 1


@pytest.mark.parametrize(
    ("as_of", "signatures", "parties"),
    [("2009-05-31", None, 131), ("2019-12-31", 121, 176), ("2022-12-31", None, 178)],
)
def test_the_counts_are_those_that_the_united_nations_printed(
    as_of: str, signatures: int | None, parties: int, shipped: None, staff: Client
) -> None:
    found = counts(staff, f"/participation/?as_of={as_of}")
    assert found["States parties"] == parties
    assert signatures in (None, found["Signatures"])
    assert sum(count for name, count in found.items() if name.startswith("of these by")) == parties


def test_the_counts_lead_to_the_states_they_count(shipped: None, staff: Client) -> None:
    for name, count in counts(staff).items():
        if name.startswith("of these"):
            continue
        page = read(staff.get("/participation/"))
        address = links(one_of(page, "section", aria_labelledby="h-counts"))[name]
        assert len(staff.get(f"{address}&_export=json").json()) == count


def test_signatories_that_have_not_ratified_are_listed_longest_first(shipped: None, staff: Client) -> None:
    page = read(staff.get("/participation/"))
    rows = table(page, "waiting")
    assert len(rows) == counts(staff)["Signatories that are not parties"]
    assert all(len(row) == 3 for row in rows)


def test_the_page_leads_to_amendments_and_late_states_on_the_same_day(staff: Client) -> None:
    found = links(one_of(read(staff.get("/participation/?as_of=2009-05-31")), "main"))
    assert found["Amendments to the treaty"] == "/amendments/?as_of=2009-05-31"
    assert found["Late and non-reporting States"] == "/late/?as_of=2009-05-31"
