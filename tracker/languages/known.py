"""The languages in which the tracker speaks. A further one is a folder in `locale/` and a line here.

The codes are those of ISO 639-1, as contacts and States have them. Django names Chinese by its script, and would
silently show English for `zh`; only this module knows the difference.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from django.conf import global_settings
from django.utils.translation import get_language, override

Said = TypeVar("Said")

LOCALE = Path(__file__).resolve().parents[2] / "locale"


@dataclass(frozen=True, slots=True)
class Locale:
    """A language.

    Attributes:
        code: ISO 639-1, as in the database and in addresses.
        name: its name in itself.
        django: the code that Django and HTML use.
        thousands: what stands between the thousands of a number, as the United Nations write it.
        space: what stands between two sentences.
    """

    code: str
    name: str
    django: str = ""
    thousands: str = ","
    space: str = " "

    @property
    def in_django(self) -> str:
        """The code that Django and HTML use."""
        return self.django or self.code

    @property
    def direction(self) -> str:
        """Which way it is written, as HTML has it: "rtl" or "ltr"."""
        script = self.in_django.partition("-")[0]
        return "rtl" if script in global_settings.LANGUAGES_BIDI else "ltr"

    @property
    def folder(self) -> Path:
        """Where its catalogue is; the script has a capital in names of folders: zh_Hans."""
        language, _hyphen, script = self.in_django.partition("-")
        return LOCALE / (f"{language}_{script.capitalize()}" if script else language) / "LC_MESSAGES"


ENGLISH = Locale("en", "English")
# In the order in which the United Nations list their languages on their pages.
LANGUAGES = (
    Locale("ar", "العربية"),
    Locale("zh", "中文", "zh-hans", space=""),
    ENGLISH,
    Locale("fr", "Français", thousands="\N{NARROW NO-BREAK SPACE}"),
    Locale("ru", "Русский", thousands="\N{NO-BREAK SPACE}"),
    Locale("es", "Español", thousands="\N{NO-BREAK SPACE}"),
)


def find(code: str) -> Locale | None:
    """The language with a code of ours; None if there is none."""
    return next((one for one in LANGUAGES if one.code == code), None)


def by_code(code: str) -> Locale:
    """The language with a code of ours; English if there is none."""
    return find(code) or ENGLISH


def by_django_code(code: str) -> Locale:
    """The language with a code of Django's; English if there is none."""
    return next((one for one in LANGUAGES if one.in_django == code), ENGLISH)


def current() -> Locale:
    """The language that is active in this thread; English if none is, or another."""
    return by_django_code((get_language() or "").lower())


def speaking(code: str) -> AbstractContextManager[None]:
    """Makes a language active within a `with` block."""
    return override(by_code(code).in_django)


def in_each(say: Callable[[], Said]) -> list[Said]:
    """What a function returns in each language, in their order."""
    found = []
    for language in LANGUAGES:
        with speaking(language.code):
            found.append(say())
    return found
