"""The catalogues: current, complete where States and the public read, sound, and true to the glossary."""

from __future__ import annotations

import re
import time
import unicodedata

import pytest

from tools import messages as tool
from tracker.languages.catalogues import (
    FILE,
    Scope,
    catalogue,
    english_of,
    forms_of,
    messages,
    origin_of,
    scope_of,
    translated,
)
from tracker.languages.checks import check_texts, forms_of_django
from tracker.languages.faults import isolated
from tracker.languages.glossary import GlossaryTerm, terms_in
from tracker.languages.known import Locale, by_code
from tracker.languages.texts import ShownText, texts_of

LANGUAGES = [pytest.param(one, id=one.code) for one in translated()]


@pytest.fixture(scope="module")
def extracted() -> set[tuple[str, tuple[str, str]]]:
    return {(one.context or "", english_of(one)) for one in tool.extracted() if one.id}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_the_texts_of_the_sources(
    language: Locale, extracted: set[tuple[str, tuple[str, str]]]
) -> None:
    found = {(one.context or "", english_of(one)) for one in messages(language)}
    assert sorted(extracted - found) == [], "run make messages"
    assert sorted(found - extracted) == [], "run make messages"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_states_and_the_public_read_is_translated_and_says_where_it_comes_from(language: Locale) -> None:
    ours = [one for one in messages(language) if scope_of(one) != Scope.STAFF]
    missing = [one.id for one in ours if one.fuzzy or not all(forms_of(one))]
    assert missing == [], f"translate them in {language.folder / FILE}; docs/languages.md says how"
    said = {one.id: [note for note in one.user_comments if note.startswith("origin: ")] for one in ours}
    unsaid = [text for text, notes in said.items() if len(notes) != 1]
    assert unsaid == [], f"write a line “# origin: written” above them in {language.folder / FILE}"
    assert {origin_of(one)[0].value for one in ours} <= {"certified", "UN document", "person", "written"}


def test_no_translation_has_a_fault_and_finding_out_takes_less_than_two_seconds() -> None:
    catalogue.cache_clear()
    begun = time.process_time()
    assert check_texts(None) == []
    assert time.process_time() - begun < 2  # half of it where nothing else runs


@pytest.mark.parametrize(("code", "count"), [("ar", 6), ("zh", 1), ("fr", 3), ("ru", 4), ("es", 3)])
def test_plural_forms_are_as_many_as_those_of_django(code: str, count: int) -> None:
    assert (catalogue(by_code(code)).num_plurals, forms_of_django(by_code(code))) == (count, count)


def test_words_that_are_filled_into_arabic_are_isolated() -> None:
    found = [
        form
        for text in texts_of(by_code("ar")).values()
        for form in text.catalogued
        if form != isolated(form, text.context)
    ]
    assert found == []


# --- the glossary -----------------------------------------------------------------------------------

# Terms that the English uses in another sense, or that a sentence takes apart.
NOT_COMPARED = {
    "state": "“states” and “stated” are verbs too",
    "due_date": "columns and sentences have shorter forms, as the glossary says itself",
    "overdue": "an adjective in the glossary, a verb or a span of time in sentences",
    "submission": "the act in the glossary, the report received in the product",
    "report.under_crc": "its words stand apart in sentences",
    "treaty.short": "the full title is said instead, or the title without its first word",
    "depositary_notification": "the glossary has its number beside it",
    "denunciation": "a verb in sentences",
}
# Texts in which a term is not the one of the glossary, by their beginnings, each with the languages and the reason.
EXCEPTIONS = {
    "Source of the due date: rule, committee or list of": (
        "ar zh fr ru es",
        "values that programs read stay English",
    ),
    "We have the honour to remind you of the following report of the State party under": (
        "zh",
        "the party is named before",
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_terms_of_the_field_are_those_of_the_glossary(language: Locale) -> None:
    found = [
        f"{text.english[:70]} | {term.english} = {term.translations[language.code]} | {text.forms[-1][:90]}"
        for text in texts_of(language).values()
        if text.scope != Scope.STAFF and not text.is_missing
        if not any(
            text.english.startswith(start) and language.code in codes
            for start, (codes, _why) in EXCEPTIONS.items()
        )
        for term in terms_in(f"{text.english} {text.plural}")
        if term.key not in NOT_COMPARED and term.source.startswith(("A", "B"))
        if not uses(text, term, language.code)
    ]
    assert found == []


def uses(text: ShownText, term: GlossaryTerm, code: str) -> bool:
    """Whether a translation has the words of a term, in any case, gender or number: their beginnings are compared."""
    words = bare(" ".join(text.forms))
    return any(
        all(one in words for one in beginnings(way, code)) for way in term.translations[code].split(" / ")
    )


def beginnings(term: str, code: str) -> list[str]:
    plain = bare(re.sub(r"[(（].*?[)）]", "", term))
    if code == "zh":
        return [plain.removeprefix("各").strip(" ，：《》")]
    words = [re.sub("^(?:ال|لل)", "", word) for word in re.findall(r"\w+", plain) if len(word) > 3]
    return [word[: max(3, len(word) * 6 // 10)] for word in words]


def bare(text: str) -> str:
    """In lower case, without accents; the broken plural of the Arabic word for a report as its singular."""
    plain = unicodedata.normalize(
        "NFKD", text.casefold().replace("تقارير", "تقرير").replace("تقريران", "تقرير")
    )
    return "".join(one for one in plain if not unicodedata.combining(one))
