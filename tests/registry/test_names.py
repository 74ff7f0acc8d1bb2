"""How States are recognised by the spellings of lists and people, without guessing."""

from __future__ import annotations

import csv

import pytest

from tests import factories
from tracker.registry.names import (
    SPELLINGS,
    RecognisedState,
    StateNames,
    Unknown,
    former_states,
    in_other_languages,
    keys,
    spellings,
)
from tracker.registry.shipped import SHIPPED


def rows_of(file: str) -> list[dict[str, str]]:
    """The rows of a shipped file."""
    with (SHIPPED / file).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def names() -> StateNames:
    """The 197 shipped States."""
    iso2 = {row["iso3"]: row["iso2"] for row in rows_of("states.csv")}
    return StateNames((row["iso3"], iso2[row["iso3"]], row["name"]) for row in rows_of("participation.csv"))


def code(names: StateNames, text: str) -> str:
    """Alpha-3 of the recognised State."""
    found = names.recognise(text)
    assert isinstance(found, RecognisedState), text
    return found.iso3


def test_every_shipped_name_and_code_is_recognised_as_it_stands(names: StateNames) -> None:
    rows = rows_of("participation.csv")
    assert len(rows) == 197
    for row in rows:
        recorded = RecognisedState(row["iso3"], row["name"], spelled_otherwise=False)
        assert names.recognise(row["name"]) == recorded
        assert names.recognise(row["iso3"]) == recorded
    for row in rows_of("states.csv"):
        assert code(names, row["iso2"]) == row["iso3"]


@pytest.mark.parametrize(
    ("text", "iso3"),
    [
        ("Turkey", "TUR"),
        ("TÜRKİYE", "TUR"),
        ("Turkiye", "TUR"),
        ("Ivory Coast", "CIV"),
        ("Cote d`Ivoire", "CIV"),
        ("Holy See (Vatican City State)", "VAT"),
        ("Federated States of Micronesia", "FSM"),
        ("Micronesia, Federated States of", "FSM"),
        ("Plurinational State of Bolivia", "BOL"),
        ("Islamic Republic of Iran", "IRN"),
        ("Iran, Islamic Rep. of", "IRN"),
        ("Bolivarian Republic of Venezuela", "VEN"),
        ("Kingdom of the Netherlands", "NLD"),
        ("Netherlands (Kingdom of the)  10", "NLD"),
        ("Korea, Republic of", "KOR"),
        ("Democratic People’s Republic of Korea", "PRK"),
        ("Viet-Nam", "VNM"),
        ("RUSSIAN FEDERATION", "RUS"),
        ("Tanzania, United Republic of", "TZA"),
        ("Lao People’s Democratic Republic", "LAO"),
        ("Palestine, State of", "PSE"),
        ("Republic of the Congo", "COG"),
        ("Dem. Rep. of the Congo", "COD"),
        ("DRC", "COD"),
        ("Timor Leste", "TLS"),
        ("Bahamas (The)", "BHS"),
        ("Gambia, The", "GMB"),
        ("Guinea ", "GIN"),
        ("Guinea Bissau", "GNB"),
        ("Guinea, Equatorial", "GNQ"),
        ("Sao Tomé and Príncipe", "STP"),
        ("Saint  Vincent and\u00a0the Grenadines", "VCT"),
        ("Kingdom of Norway", "NOR"),
        ("China 3,4", "CHN"),
        ("Denmark¹²", "DNK"),
        ("Denmark1", "DNK"),
        ("Serbia [4]", "SRB"),
        ("Sweden *", "SWE"),
        ("Corée du Sud", "KOR"),
        ("turkıye", "TUR"),
    ],
)
def test_a_usual_spelling_is_recognised(text: str, iso3: str, names: StateNames) -> None:
    assert code(names, text) == iso3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "3,4",
        "()",
        "Korea",
        "Sudan and South Sudan",
        "Norw\u0430y",  # a Cyrillic letter
        "N\u039fR",  # a Greek letter
        "Norwey",
        "no",
        "and",
        "Czechoslovakia",
        "Serbia and Montenegro",
        "Yugoslavia",
        "Republic",
        "Republic of China",
        "United",
        "Virgin Islands",
        "Bolivia (Plurinational",
        "European Union",
        "Norway\0",
        "N" * 1_000_000,
    ],
)
def test_what_is_not_a_spelling_of_one_state_is_unknown(text: str, names: StateNames) -> None:
    found = names.recognise(text)
    assert isinstance(found, Unknown)
    assert found.text == text
    assert len(found.suggestions) <= 4 or "formerly" in found.suggestions[-1][1]


def test_a_near_name_is_offered_but_not_taken(names: StateNames) -> None:
    def offered(text: str) -> list[str]:
        found = names.recognise(text)
        assert isinstance(found, Unknown)
        return [iso3 for iso3, _name in found.suggestions]

    assert offered("Norwey") == ["NOR"]
    assert offered("Norw\u0430y") == ["NOR"]
    assert offered("nor") == ["NOR"]
    assert offered("Korea") == ["KOR", "PRK"]
    assert offered("Bolivia (Plurinational") == ["BOL"]
    assert offered("Atlantis") == []
    assert offered("N" * 1_000_000) == []


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Republic of Lebanon 4", "LBN"),
        ("Kingdom of Lebanon", "LBN"),  # not Lesotho, for "Kingdom of L"
        ("Islamic Republic of Lebanon", "LBN"),
        ("Kyrgystan", "KGZ"),
        ("Holland", "NLD"),
        ("malay", "MYS"),
        ("Ivory Cost", "CIV"),
        ("Great Britain", "GBR"),
        ("Untied Kingdom", "GBR"),
        ("Phillipines", "PHL"),
        ("kasachstan", "KAZ"),
        ("Marroc", "MAR"),  # near to a name in another language
        ("Lybia", "LBY"),
        ("Nigera", "NGA"),
        ("Democratic Republic of Korea", "PRK"),
        ("Democratic Congo", "COD"),
    ],
)
def test_the_closest_name_is_offered_first(text: str, first: str, names: StateNames) -> None:
    assert names.near(text)[0] == (first, names.names[first])
    assert len(names.near(text, most=1)) == 1


@pytest.mark.parametrize("text", ["", "Republic", "Total", "Date received", "overdue", "report", "the", "ab"])
def test_a_text_that_is_no_name_is_close_to_none(text: str, names: StateNames) -> None:
    assert names.near(text) == ()


def test_for_a_former_state_its_successors_are_offered_first_with_the_former_name(names: StateNames) -> None:
    def offered(text: str) -> list[str]:
        found = names.recognise(text)
        assert isinstance(found, Unknown)
        return [f"{iso3} {name}" for iso3, name in found.suggestions]

    assert offered("Serbia and Montenegro") == ["SRB Serbia (formerly Serbia and Montenegro)"]
    assert offered("CZECHOSLOVAKIA 4") == [
        "CZE Czechia (formerly Czechoslovakia)",
        "SVK Slovakia (formerly Czechoslovakia)",
    ]
    assert {iso3 for _name, successors in former_states().values() for iso3 in successors} <= set(names.names)


def test_no_name_in_another_language_names_two_states_or_another_one_than_in_english(
    names: StateNames,
) -> None:
    known = in_other_languages()
    assert [key for key, states in known.items() if len(states & set(names.names)) > 1] == []
    assert [key for key in former_states() if key in known] == []
    for iso3 in names.names:
        for key in {*spellings()[iso3], *keys(names.names[iso3])} & set(known):
            assert known[key] == {iso3}


@pytest.mark.parametrize(
    ("text", "otherwise"),
    [
        ("Türkiye", False),
        ("TUR", False),
        ("Türkiye 4", False),
        ("Turkey", True),
        ("TR", True),
        ("türkiye", True),
        ("Côte d’Ivoire", False),
        ("Cote d'Ivoire", True),
    ],
)
def test_it_is_told_where_a_state_is_spelled_otherwise(text: str, otherwise: bool, names: StateNames) -> None:
    found = names.recognise(text)
    assert isinstance(found, RecognisedState)
    assert found.spelled_otherwise is otherwise


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Cote d'Ivoire", {"CIV": ""}),
        ("civ", {"CIV": ""}),
        ("ivory c", {"CIV": "Ivory Coast"}),
        ("CI", {"CIV": "CI", "LCA": "", "STP": ""}),
        ("ie", {"IRL": "IE", "LIE": "", "SLE": "", "VNM": ""}),
        ("Burma", {"MMR": "Burma"}),
        ("Swazi", {"SWZ": "Swaziland"}),
        ("Rep. of Korea", {"KOR": "", "PRK": ""}),
        ("Turkey", {"TUR": "Turkey"}),
        ("UK", {"UKR": "", "GBR": "UK"}),
        ("U.K.", {"GBR": "U.K."}),
        ("Guinea Bissau", {"GNB": ""}),
        ("St. Lucia", {"LCA": ""}),
        ("Niger", {"NER": "", "NGA": ""}),
        ("coast", {"CIV": "Ivory Coast"}),
        ("Allemagne", {"DEU": "Allemagne"}),  # a whole name in another language
        ("Allemag", {}),
        ("oast", {}),  # of other spellings only whole words are begun
        ("kong", {}),
        ("", {}),
        ("\u0301", {}),
        ("Atlantis", {}),
        ("N" * 1_000_000, {}),
    ],
)
def test_a_search_finds_every_state_that_a_text_may_mean(
    text: str, found: dict[str, str], names: StateNames
) -> None:
    assert names.search(text) == found


def test_a_search_finds_every_shipped_state_by_each_of_its_spellings(names: StateNames) -> None:
    for iso3, name in names.names.items():
        assert all(names.search(text).get(iso3) == "" for text in (name, name.lower(), iso3))
        assert [text for text in spellings()[iso3] if iso3 not in names.search(text)] == []


@pytest.mark.parametrize(
    ("text", "iso3"),
    [
        ("NOR", "NOR"),
        ("nor", "NOR"),
        ("NO", "NOR"),
        ("norway", "NOR"),
        ("Ivory Coast", "CIV"),
        ("Niger", "NER"),
        ("no", None),
        ("Nige", None),
        ("Korea", None),
        ("", None),
    ],
)
def test_only_a_code_or_a_whole_name_is_one_state_in_full(
    text: str, iso3: str | None, names: StateNames
) -> None:
    assert names.in_full(text) == iso3


def test_no_spelling_names_two_states(names: StateNames) -> None:
    of: dict[str, set[str]] = {}
    for iso3 in names.names:
        for key in {*spellings()[iso3], *keys(names.names[iso3])}:
            of.setdefault(key, set()).add(iso3)
    assert [key for key, states in of.items() if len(states) > 1] == []
    assert len(of) > 450


def test_every_line_of_the_list_names_a_shipped_state_and_none_stands_there_twice(names: StateNames) -> None:
    with SPELLINGS.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["iso3"] for row in rows} <= set(names.names)
    assert len({row["alias"] for row in rows}) == len(rows) > 100
    assert all(code(names, row["alias"]) == row["iso3"] for row in rows)


def test_the_name_that_the_office_records_counts_before_all_others() -> None:
    names = StateNames([("COG", "CG", "Republic of Korea"), ("KOR", "KR", "Korea")])
    assert code(names, "Republic of Korea") == "COG"
    assert code(names, "South Korea") == "KOR"


def test_two_states_of_one_recorded_spelling_are_ambiguous() -> None:
    found = StateNames([("COG", None, "Congo"), ("COD", None, "CONGO")]).recognise("Congo")
    assert isinstance(found, Unknown)
    assert found.suggestions == (("COD", "CONGO"), ("COG", "Congo"))


def test_a_spelling_of_a_state_that_is_not_recorded_is_unknown() -> None:
    assert isinstance(StateNames([("NOR", "NO", "Norway")]).recognise("Sweden"), Unknown)


@pytest.mark.django_db
def test_the_recorded_states_are_looked_up_once(django_assert_num_queries: object) -> None:
    factories.a_state("NOR")
    factories.a_state("SWE")
    with django_assert_num_queries(1):  # type: ignore[operator]
        names = StateNames.recorded()
        assert code(names, "Kingdom of Norway") == "NOR"
        assert code(names, "SE") == "SWE"
