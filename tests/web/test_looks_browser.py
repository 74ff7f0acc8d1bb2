"""A fault in one look alone is found by the checks of all looks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.depth import first
from tests.web.browser import LOOKS

PAGE = """<!doctype html><html lang="en"><head><title>Looked at</title><style>
body { margin: 0; padding: 1rem; background: white; color: black; font: 16px sans-serif; }
button { padding: 1rem; margin: 1rem; }
.hidden { display: none; }
%s
</style></head>
<body><main><h1>Looked at</h1><p>Some words.</p>
<button>One</button><button>Two</button><button class="hidden"></button>
</main></body></html>"""
DARK = "@media (prefers-color-scheme: dark)"
NARROW = "@media (max-width: 40rem)"
# The fault, and its message.
WRONG = {
    "words in the dark that nobody can read": (
        f"{DARK} {{ p {{ color: #ddd; }} }}",
        "in dark, ltr, 1440 px\ncolor-contrast",
    ),
    "words on a phone, in the dark, from right to left": (
        f"{DARK} {{ {NARROW} {{ [dir=rtl] p {{ color: #ddd; }} }} }}",
        "in dark, rtl, 360 px\ncolor-contrast",
    ),
    "targets on a phone too small to hit": (
        f"{NARROW} {{ button {{ padding: 0; margin: 0; border: 0; height: 9px; font-size: 6px; }} }}",
        "in light, ltr, 360 px\ntarget-size",
    ),
    "a button on a phone that says nothing": (
        f"{NARROW} {{ .hidden {{ display: inline; }} }}",
        "in light, ltr, 360 px\nbutton-name",
    ),
    "a page wider than the window from right to left": (
        "[dir=rtl] p { margin-inline-end: -200px; }",
        "in light, rtl, 1440 px: 184 px wider than the window",
    ),
    "something that moves": (
        f"{DARK} {{ p {{ transition: color 9s; color: #111; }} }}",
        "in dark, ltr, 1440 px: something still moves",
    ),
}


def test_a_page_without_fault_is_sound(page: Page, sound_in_every_look: Callable[..., None]) -> None:
    page.set_content(PAGE % "")
    sound_in_every_look(page, LOOKS)


@pytest.mark.parametrize("what", first(3, WRONG))
def test_what_is_wrong_in_one_look_is_found_there(
    what: str, page: Page, sound_in_every_look: Callable[..., None]
) -> None:
    style, said = WRONG[what]
    page.set_content(PAGE % style)
    with pytest.raises(AssertionError) as raised:
        sound_in_every_look(page, LOOKS)
    assert said in str(raised.value)
