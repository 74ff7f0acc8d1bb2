"""Every page calls States by their names in the reader's language, in the order of that language."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.audit.addresses import FRAMELESS, MATRIX, MODELS
from tests.depth import first
from tests.web.pages import all_of, one_of, read, words

pytestmark = pytest.mark.django_db

FRENCH = {"accept-language": "fr", "accept": "text/html"}
ENGLISH_NAMES = re.compile("Denmark|Finland(?!e)|Norway|Sweden")
# Mails and papers keep the words in which they went, and are previewed in their own language; the history of a State
# shows the recorded name itself.
AS_RECORDED = {
    *("mail", "reminder", "messages", "message", "task", "state-history", "dispatch", "paper", "edit-paper"),
}
# Their rows name the subjects of papers and mails.
WITH_SUBJECTS = {"correspondence", "state-correspondence"}


def in_french(client: Client, address: str) -> str:
    answer: Any = client.get(address, headers=FRENCH)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(body.decode())


@pytest.mark.more
def test_no_page_calls_a_state_by_its_english_name_in_french(
    places: dict[str, Any], superuser: Client
) -> None:
    pages = {name: address for name, (address, look, _send) in MATRIX.items() if look != "-"}
    pages |= {name: f"/admin/{name.replace('_', '/')}/" for name in MODELS}
    found = {}
    for name in pages.keys() - FRAMELESS - AS_RECORDED:
        page = in_french(superuser, pages[name].format(**places))
        if name in WITH_SUBJECTS:
            page = re.sub(r"<bdi>[^<]*\(OPSC\)</bdi>", "", page)
        found[name] = ENGLISH_NAMES.findall(re.sub(r"<small[^>]*helptext.*?</small>", "", page))
    assert {name: hits for name, hits in found.items() if hits} == {}
    assert len(found) > 80


def test_the_list_of_states_is_in_the_language_and_its_order(superuser: Client) -> None:
    def shown(**headers: str) -> list[str]:
        page = read(superuser.get("/states/", headers=headers))
        return [
            words(one)
            for one in all_of(page, "th", class_="state")
            if "col" not in one.attributes.get("scope", "")
        ]

    assert shown() == ["Denmark DNK", "Finland FIN", "Norway NOR", "Sweden SWE"]
    assert shown(**FRENCH) == ["Danemark DNK", "Finlande FIN", "Norvège NOR", "Suède SWE"]
    arabic = {"accept-language": "ar", "accept": "text/html"}
    assert shown(**arabic) == ["الدانمرك DNK", "السويد SWE", "فنلندا FIN", "النرويج NOR"]


def test_the_page_of_a_state_has_its_names_and_leads_to_its_neighbours(superuser: Client) -> None:
    page = read(superuser.get("/states/NOR/", headers={"accept-language": "zh-hans", "accept": "text/html"}))
    assert words(one_of(page, "h1")) == "挪威 NOR"
    assert "挪威王国" in words(one_of(page, "p", class_="formal"))
    before, after = (one_of(page, "a", rel=rel).attributes["href"] for rel in ("prev", "next"))
    assert (before, after) == ("/states/FIN/", "/states/SWE/")  # fen lan, nuo wei, rui dian


def test_a_file_keeps_the_english_names(superuser: Client) -> None:
    rows = list(csv.DictReader(io.StringIO(in_french(superuser, "/states/?_export=csv").lstrip("\ufeff"))))
    assert sorted(row["State"] for row in rows) == ["Denmark", "Finland", "Norway", "Sweden"]
    assert {row["State"] for row in json.loads(in_french(superuser, "/states/?_export=json"))} == {
        *("Denmark", "Finland", "Norway", "Sweden")
    }


def test_a_name_in_another_language_finds_the_state(superuser: Client) -> None:
    for text in ("Norvège", "Noruega", "Норвегия", "挪威", "النرويج", "Norway"):
        assert superuser.get("/search/", {"q": text, "go": ""}).headers["Location"] == "/states/NOR/"
        assert "/states/NOR/" in in_french(superuser, f"/states/?q={text}")
        assert ">NOR<" in superuser.get("/admin/registry/state/", {"q": text}).content.decode()


@pytest.mark.parametrize(
    "address", first(2, ["/", "/states/", "/states/NOR/", "/obligations/", "/late/", "/participation/"])
)
def test_another_language_takes_no_more_queries(address: str, superuser: Client) -> None:
    counted = []
    for headers in ({}, FRENCH):
        superuser.get(address, headers=headers)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            superuser.get(address, headers=headers)
        counted.append(len(queries))
    assert counted[1] <= counted[0]
