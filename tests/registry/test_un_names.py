"""The names of States in six languages, their order, and what happens where one is missing."""

from __future__ import annotations

import csv

import pytest
from django.core.checks import Tags, run_checks
from django.db.models import QuerySet
from django.utils import translation

from tests import factories
from tracker.registry.models import Contact, State
from tracker.registry.names import RecognisedState, StateNames, Unknown, fold
from tracker.registry.shipped import SHIPPED
from tracker.registry.un_names import StateOrder, missing_names, names_of_states, un_names
from tracker.registry.values import unadorned

LANGUAGES = ("ar", "en", "es", "fr", "ru", "zh")


def shipped() -> list[dict[str, str]]:
    with (SHIPPED / "participation.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def names() -> StateNames:
    return StateNames((row["iso3"], None, row["name"]) for row in shipped())


def in_order(language: str) -> list[str]:
    return [name.short for name in un_names()[language].values()]


# --- the data -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shipped_state_has_a_name_and_a_place(language: str) -> None:
    known = un_names()[language]
    assert set(known) == {row["iso3"] for row in shipped()}
    assert [name.order for name in known.values()] == list(range(1, 198))
    assert all(name.short and name.m49 for name in known.values())
    assert {iso3 for iso3, name in known.items() if not name.formal} == {"CIV", "TUR"}


@pytest.mark.parametrize(
    ("language", "first", "together"),
    [
        ("en", "Afghanistan", ["Costa Rica", "Ivory Coast", "Croatia"]),  # recorded as Côte d'Ivoire
        ("fr", "Afghanistan", ["Djibouti", "Dominique", "Égypte", "El Salvador", "Émirats arabes unis"]),
        ("es", "Afganistán", ["Malawi", "Maldivas", "Malí", "Malta", "Marruecos"]),
        ("ru", "Австралия", ["Иордания", "Ирак", "Иран (Исламская Республика)", "Ирландия"]),
        ("zh", "阿尔巴尼亚", ["比利时", "秘鲁", "冰岛", "波兰"]),  # bi li shi, bi lu, bing dao, bo lan
        ("ar", "آيسلندا", ["بالاو", "البحرين", "البرازيل", "بربادوس", "البرتغال"]),  # without the article
    ],
)
def test_each_language_has_its_own_order(language: str, first: str, together: list[str]) -> None:
    found = in_order(language)
    assert found[0] == first
    at = found.index(together[0])
    assert found[at : at + len(together)] == together


def test_the_order_in_english_is_that_of_the_names_to_sort_by() -> None:
    by_sort_name = sorted(shipped(), key=lambda row: unadorned(row["name"]))
    assert list(un_names()["en"]) == [row["iso3"] for row in by_sort_name]


# --- found --------------------------------------------------------------------------------------------


def test_every_name_in_every_language_is_recognised(names: StateNames) -> None:
    lost = []
    for language, known in un_names().items():
        for iso3, name in known.items():
            for text in name.spellings:
                found = names.recognise(text)
                if not (isinstance(found, RecognisedState) and found.iso3 == iso3):
                    lost.append((language, iso3, text))
    assert lost == []


@pytest.mark.parametrize(
    ("text", "iso3"),
    [
        ("Allemagne", "DEU"),
        ("Allemagne (l')", "DEU"),
        ("l'Allemagne", "DEU"),
        ("Costa de Marfil", "CIV"),
        ("德国", "DEU"),
        ("المانيا", "DEU"),  # without the hamza
        ("조선", None),
        ("Estados Unidos", "USA"),
        ("ESPAÑA", "ESP"),
        ("espana", "ESP"),
        ("los Países Bajos", "NLD"),
        ("Corea", None),
        ("Corée", None),
    ],
)
def test_a_name_in_another_language_is_understood_or_asked_about(
    text: str, iso3: str | None, names: StateNames
) -> None:
    found = names.recognise(text)
    assert (found.iso3 if isinstance(found, RecognisedState) else None) == iso3


@pytest.mark.parametrize("text", ["Corea", "Corée"])
def test_for_an_ambiguous_name_both_states_are_offered(text: str, names: StateNames) -> None:
    found = names.recognise(text)
    assert isinstance(found, Unknown)
    assert {iso3 for iso3, _name in found.suggestions} == {"KOR", "PRK"}


def test_a_search_in_french_shows_french_names_and_understands_english_ones() -> None:
    with translation.override("fr"):
        names = StateNames((row["iso3"], None, row["name"]) for row in shipped())
    assert names.names["DEU"] == "Allemagne"
    assert names.search("allem") == {"DEU": ""}
    assert names.search("Germany") == {"DEU": "Germany"}
    assert names.recognise("Germany") == RecognisedState("DEU", "Allemagne", spelled_otherwise=False)
    assert names.recognise("Alemania") == RecognisedState("DEU", "Allemagne", spelled_otherwise=True)
    assert names.near("Allemagn") == (("DEU", "Allemagne"),)


def test_a_search_in_chinese_finds_parts_of_names() -> None:
    with translation.override("zh-hans"):
        names = StateNames((row["iso3"], None, row["name"]) for row in shipped())
    assert names.search("几内亚") == {"GIN": "", "GNB": "", "GNQ": "", "PNG": ""}
    assert fold("几内亚") == "几内亚"


# --- shown and ordered ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_state_is_called_as_recorded_in_english_and_by_its_own_name_in_other_languages() -> None:
    egypt = factories.a_state("EGY", name="Egypt")
    assert (egypt.shown_name, egypt.formal_name) == ("Egypt", "the Arab Republic of Egypt")
    with translation.override("fr"):
        assert (str(egypt), egypt.formal_name) == ("Égypte", "la République arabe d’Égypte")
    with translation.override("zh-hans"):
        assert egypt.shown_name == "埃及"
    with translation.override("de"):  # no language of ours
        assert egypt.shown_name == "Egypt"
    egypt.name = "Egypt (Arab Republic of)"  # the office's own wording
    assert egypt.shown_name == "Egypt (Arab Republic of)"


@pytest.mark.django_db
def test_states_and_what_refers_to_them_follow_the_order_of_the_language() -> None:
    for iso3, name in {"HRV": "Croatia", "EGY": "Egypt", "ESP": "Spain", "CIV": "Côte d'Ivoire"}.items():
        factories.a_contact(factories.a_state(iso3, name=name), f"{iso3.lower()}@example.org")
    factories.a_state("XAA", name="Atlantis")  # has no name in French

    def codes(rows: QuerySet[State]) -> list[str]:
        return list(rows.values_list("pk", flat=True))

    english = ["XAA", "CIV", "HRV", "EGY", "ESP"]
    french = ["CIV", "HRV", "EGY", "ESP", "XAA"]
    arabic = ["ESP", "HRV", "CIV", "EGY", "XAA"]
    for language, order in (("en", english), ("fr", french), ("ar", arabic)):
        with translation.override(language):
            assert codes(State.objects.all()) == order
            assert codes(State.objects.order_by(StateOrder().desc())) == order[::-1]
            assert [state.pk for state in sorted(State.objects.all(), key=lambda one: one.in_order)] == order
            written_to = Contact.objects.values_list("state_id", flat=True)
            assert list(written_to) == [iso3 for iso3 in order if iso3 != "XAA"]
            assert list(names_of_states(State.objects.all())) == order
    with translation.override("fr"):
        assert list(names_of_states(State.objects.all()).values()) == [
            *("Côte d’Ivoire", "Croatie", "Égypte", "Espagne", "Atlantis")
        ]


# --- what is missing -------------------------------------------------------------------------------------


def test_states_without_a_name_are_named_in_one_line() -> None:
    assert missing_names(["NOR", "EGY"]) == []
    (warning,) = missing_names(["NOR", "XAB", "XAA"])
    assert warning.msg.startswith(
        "un_names.csv has no name for XAA, XAB in ar, es, fr, ru, zh: the English name is shown. Add it to "
    )
    (warning,) = missing_names(["NOR", *(f"XA{letter}" for letter in "ABCDEFG")])
    assert "for XAA, XAB, XAC, XAD, XAE and 2 more States in ar" in warning.msg


@pytest.mark.django_db
def test_the_check_looks_at_the_recorded_states() -> None:
    def warnings() -> list[str]:
        found = run_checks(tags=[Tags.database], databases=["default"])
        return [one.msg for one in found if one.id == "tracker.W002"]

    factories.a_state("NOR")
    assert warnings() == []
    factories.a_state("XAA", name="Atlantis")
    (warning,) = warnings()
    assert "has no name for XAA in ar, es, fr, ru, zh" in warning
