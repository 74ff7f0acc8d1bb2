"""No text outside the catalogue: with each text of it between ⟦ and ⟧, pages show nothing else but data.

The catalogue of the sources, and those of the packages, take the place of the French one.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.apps import apps
from django.test import Client

from tests.audit.addresses import ADMIN, FRAMELESS, MATRIX, MODELS, ONWARD, OPEN, PUBLIC
from tests.audit.test_addresses import model_of
from tests.web.pages import Element, read
from tools.messages import extracted
from tracker.consideration.models import GuidelineItem, Guidelines, ItemQuestion
from tracker.languages import cached
from tracker.languages.known import LANGUAGES
from tracker.obligations.models import SessionDeadline

pytestmark = [pytest.mark.more, pytest.mark.django_db]

SPOKEN = ("aria-label", "title", "placeholder", "alt", "label")
# What scripts say is in attributes of data; these two are for scripts alone.
FOR_SCRIPTS = ("data-key", "data-shortcuts")
QUOTED = ("script", "style", "code", "kbd", "pre", "bdi")
A_WORD = re.compile(r"[^\W\d_]{2,}")
# What belongs in no catalogue.
DATA = re.compile(
    "|".join(
        (
            # The letterhead, as the office writes it.
            r"the Secretariat of the Committee on the Rights of the Child|\bGeneva\b|OPSC/\{year\}/(?:IN/)?\{number\}",
            # Citations, in the language of the document; names and codes of States, treaties and documents.
            r"^.*(?:United Nations, Treaty Series|as depositary:|count published|fact sheet of|OHCHR, overdue).*$",
            r"\b(?:Norvège|Suède|Finlande|Danemark|Norway|Sweden|Finland|Denmark|NOR|SWE|FIN|DNK|SE|OPSC|CRC(?:/[\w/-]+)?)\b",
            # People, their addresses, and what they typed.
            r"\S+@\S+",
            r"\b(?:ada|sue|mary|grace|olga|viewer|editor|approver|administrator)\b",
            r"\bPermanent Mission\b|\bAmendment to article 12(?:, paragraph 2)?|\bI have moved\b|\bRe:",
            r"\bChange of address\b|\bProcess\b|\bHow it was prepared\b",
            r"\ba list\b|The report is due\.|The Government declares|\bDesk\b|Article 12 desk|: initial report\b",
            # Files, formats, headers of mail, time zones; each language's name for itself.
            r"\b[\w-]+\.(?:csv|ics|pdf)\b|\b(?:CSV|XLSX|JSON|PDF|DOCX|UTC|Message-ID)\b",
            "|".join(one.name for one in LANGUAGES),
            # Django's admin: permissions and roles as they are stored, its marks for yes and no.
            r"^.*\| Can (?:view|add|change|delete|confirm|initial) .*$",
            r"\bTrue\b|\bFalse\b|\b(?:Viewer|Editor|Approver|Administrator)\b",
        )
    ),
    re.MULTILINE,
)


def pseudo() -> Catalog:
    found = Catalog(locale="fr", domain="django")
    for text in [*packages(), *extracted()]:
        if text.id:
            one, *many = text.id if isinstance(text.id, tuple) else (text.id,)
            marked = (f"⟦{one}⟧", *([f"⟦{many[0]}⟧"] * 2)) if many else f"⟦{one}⟧"
            found.add(text.id, marked, context=text.context)
    found._num_plurals, found._plural_expr = 3, "(n > 1) ? 2 : 0"
    return found


def packages() -> Iterator[Any]:
    folders = [Path(django.__file__).parent / "conf", *(Path(app.path) for app in apps.get_app_configs())]
    for folder in folders:
        path = folder / "locale" / "fr" / "LC_MESSAGES" / "django.po"
        if path.exists():
            with path.open("rb") as file, contextlib.redirect_stdout(io.StringIO()):  # it warns of plurals
                yield from read_po(file, locale="fr")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("locale")
    made = found / "fr" / "LC_MESSAGES"
    made.mkdir(parents=True)
    with (made / "django.mo").open("wb") as file:
        write_mo(file, pseudo())
    return found


@functools.cache
def kept() -> list[Any]:
    """The caches of this process; also those that the tests spare the garbage collector."""
    gc.unfreeze()
    # Not isinstance, which would wake lazy objects.
    found = [one for one in gc.get_objects() if type(one) is functools._lru_cache_wrapper]
    gc.freeze()
    return [one for one in found if one.__module__.startswith("tracker.")]


def forget_texts() -> None:
    """Empties what this process keeps for each language."""
    cached.forget()
    for one in kept():
        one.cache_clear()


@pytest.fixture(autouse=True)
def marked(folder: Path, settings: Any) -> Iterator[None]:
    settings.LOCALE_PATHS = [folder]
    settings.PUBLIC_VIEW = True
    forget_texts()
    yield
    forget_texts()


def is_paper(element: Element) -> bool:
    """Whether it shows words of a paper, in a language of its own."""
    return element.name in ("article", "div", "textarea") and "lang" in element.attributes


def texts(element: Element) -> Iterator[str]:
    """What a person sees or hears of a page."""
    for child in element.children:
        if isinstance(child, str):
            yield child
        elif child.name not in QUOTED and not is_paper(child):
            for name, value in child.attributes.items():
                said = name.startswith("data-") and name not in FOR_SCRIPTS and " " in value
                if name in SPOKEN or said:
                    yield f"{value}\n"
            if child.name == "input" and child.attributes.get("type") in ("submit", "button"):
                yield child.attributes.get("value", "")
            yield from texts(child)
    yield "\n"


def outside(text: str) -> str:
    """The parts of a text that are not between the marks."""
    found, depth = [], 0
    for letter in text:
        depth += (letter == "⟦") - (letter == "⟧")
        found.append(letter if depth == 0 and letter != "⟧" else " ")
    return "".join(found)


# They show a catalogue as it is, and the thanks are in the language of the mail that was answered.
OF_TEXTS = {"texts", "text", "answer-thanks"}
ADDRESSES = [
    *(
        look
        for name, (look, who, _send) in MATRIX.items()
        if who != "-" and name not in FRAMELESS | ONWARD | OF_TEXTS
    ),
    *(look for name, look in OPEN.items() if name not in OF_TEXTS),
    *(look.replace("/public/", "/public/fr/", 1) for look in PUBLIC.values()),
    *(look for look, _who, _send in ADMIN.values()),
]


def unmarked(client: Client, address: str) -> list[str]:
    answer = client.get(address, headers={"accept": "text/html", "accept-language": "fr"})
    assert answer.status_code != 404
    if answer.status_code != 200 or "text/html" not in answer.headers["Content-Type"]:
        return []
    assert "⟦" in answer.content.decode()
    page = DATA.sub(" ", outside("".join(texts(read(answer)))))
    return [line.strip() for line in page.split("\n") if A_WORD.search(line)]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_says_nothing_that_no_catalogue_has(
    address: str, places: dict[str, Any], superuser: Client
) -> None:
    assert unmarked(superuser, address.format(**places)) == []


# What is edited in the admin is shown there as it is stored; other pages show the shipped words translated.
AS_STORED = (
    (SessionDeadline, "source"),
    (Guidelines, "title"),
    (GuidelineItem, "section"),
    (GuidelineItem, "asks"),
    (GuidelineItem, "anchor"),
    (ItemQuestion, "words"),
)


def stored() -> set[str]:
    texts = {text for model, field in AS_STORED for text in model.objects.values_list(field, flat=True)}
    return {line.strip() for text in texts for line in DATA.sub(" ", text).split("\n")}


@pytest.mark.parametrize("model", MODELS)
def test_a_page_of_the_admin_says_nothing_that_no_catalogue_has(
    model: str, rows: dict[type, Any], superuser: Client
) -> None:
    base, key = f"/admin/{model.replace('_', '/', 1)}/", rows[model_of(model)].pk
    for view in ("", "add/", f"{key}/change/", f"{key}/delete/", f"{key}/history/"):
        assert [line for line in unmarked(superuser, base + view) if line not in stored()] == []
