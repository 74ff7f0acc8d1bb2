"""The pages and terms that the search offers."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests.audit.addresses import MATRIX, MODELS, ROLES
from tests.web.conftest import in_role
from tests.web.pages import all_of, read, words
from tests.web.search.test_search import found
from tracker.languages.known import speaking
from tracker.web.help.terms import by_name
from tracker.web.search.pages import ALSO_CALLED, PAGES, find_pages, find_terms

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("tasks", "Tasks"),
        ("import", "Import"),
        ("late", "Late and non-reporting States"),
        ("calender", "Calendar"),
        ("upload excel", "Import"),
        ("outbox", "Reminders"),
        ("timeliness", "Figures"),
        ("my desk", "What you follow"),
        ("remindr rule", "Reminder rules"),
    ],
)
def test_a_page_is_found_by_its_words_in_nearly_any_spelling(text: str, first: str, staff: Client) -> None:
    pages = next(titles for label, titles in found(staff, text).items() if label.startswith("Pages"))
    assert pages[0].startswith(first)


@pytest.mark.parametrize("letter", ROLES)
def test_a_page_is_offered_to_those_who_may_open_it(letter: str) -> None:
    in_role(ROLES[letter], "rolf")
    user = get_user_model().objects.get(username="rolf")
    offered = [hit.address for page in PAGES for hit in find_pages(str(page.title), user)]
    for page in PAGES:
        model = page.name.removeprefix("admin:").removesuffix("_changelist")
        may_open = MATRIX[page.name][1] if page.name in MATRIX else MODELS[model][0]
        assert (page.address in offered) == (letter in may_open), str(page.title)


def test_a_page_is_called_as_its_heading(keys: dict[str, int], staff: Client) -> None:
    otherwise = {"Calendar", "Report: late States", "Report: participation", "Keyboard shortcuts", "Display"}
    for page in PAGES:
        if str(page.title) not in otherwise and not page.name.startswith("admin:"):
            heading = all_of(read(staff.get(page.address)), "h1")[0]
            assert words(heading) == str(page.title)


def test_a_page_is_shown_with_its_purpose(staff: Client) -> None:
    assert found(staff, "what if")["Pages 1"] == [
        "What if What would change if a State deposited, reported or denounced. Nothing is saved."
    ]


def test_a_term_is_found_with_its_meaning_also_by_other_words(staff: Client) -> None:
    due_date = "due date The day by which a report is expected; it can be a year alone."
    assert found(staff, "deadline") == {"Terms 1": [due_date]}
    (combined,) = find_terms("combned report")
    assert (combined.title, combined.address) == ("combined report", "/help/terms/#combined-report")
    assert find_terms("list of issues prior")[0].title == "LOIPR"
    assert ALSO_CALLED.keys() <= by_name().keys()
    assert [name for name in by_name() if name not in [hit.title for hit in find_terms(name)]] == []


# --- in the language of the reader, and in English ---------------------------------------------------


@pytest.mark.parametrize(
    ("code", "text", "page", "term"),
    [
        ("fr", "rapport", "Soumissions", "rapport initial"),
        ("es", "atrasado", "Obligaciones", "atrasado"),
        ("ru", "просроч", "Обязательства", "просрочено"),
        ("zh", "逾期", "义务", "逾期"),
        ("ar", "متأخر", "الالتزامات", "متأخر"),
        ("ar", "متاخره", "الالتزامات", ""),
        ("ar", "التقارير", "الالتزامات", ""),
        ("ru", "upload", "Импорт", ""),
        ("zh", "overdue", "义务", "逾期"),
        ("ru", "импорт excel", "Импорт", ""),
    ],
)
def test_pages_and_terms_are_found_in_the_language_of_the_reader_and_in_english(
    code: str, text: str, page: str, term: str, staff: Client
) -> None:
    user = get_user_model().objects.get()
    with speaking(code):
        assert page in [hit.title for hit in find_pages(text, user)]
        assert not term or term in [hit.title for hit in find_terms(text)]


def test_two_chinese_characters_are_a_word_and_words_of_other_languages_are_not_found_inside_others() -> None:
    with speaking("zh"):
        assert "逾期收到" in [hit.title for hit in find_terms("收到")]
        assert find_terms("ue") == []
    with speaking("ru"):
        assert find_terms("рочен") == []
