"""Every page in each language, on a screen and a phone: nothing is wider than the window, and axe finds nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.audit.addresses import FRAMELESS, MATRIX, ONWARD
from tests.web.browser import overflow
from tracker.languages.known import LANGUAGES

pytestmark = pytest.mark.more

WIDTHS = (360, 1440)
ADDRESSES = [
    address
    for name, (address, look, _send) in MATRIX.items()
    if look != "-" and "{" not in address and name not in FRAMELESS | ONWARD
] + ["/states/USA/", "/admin/", "/admin/registry/contact/add/", "/admin/obligations/submission/"]


@pytest.mark.parametrize("code", [one.code for one in LANGUAGES])
def test_every_page_fits_and_is_sound(
    code: str, signed: Page, site: dict[str, Any], sound: Callable[[Page], None]
) -> None:
    signed.context.add_cookies([{"name": "language", "value": code, "url": site["url"]}])
    direction = "rtl" if code == "ar" else "ltr"
    wide = []
    for address in ADDRESSES:
        signed.goto(site["url"] + address)
        assert signed.locator("html").get_attribute("dir") == direction, address
        for width in WIDTHS:
            signed.set_viewport_size({"width": width, "height": 900})
            if (wider := overflow(signed)) > 0:
                wide.append(f"{address} at {width} px: {wider} px wider than the window")
        if code in ("ar", "zh"):  # the one from right to left, the one with the narrowest words
            sound(signed)
    assert not wide, "\n".join(wide)
