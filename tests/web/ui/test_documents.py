"""Documents as links: what counts as a UN symbol, and the target of the link."""

from __future__ import annotations

import pytest

from tracker.web.ui.documents import address_of, document


@pytest.mark.parametrize(
    ("symbol", "address"),
    [
        ("CRC/C/OPSC/USA/1", "https://undocs.org/en/CRC/C/OPSC/USA/1"),
        ("CRC/C/OPSC/USA/CO/3-4", "https://undocs.org/en/CRC/C/OPSC/USA/CO/3-4"),
        ("CRC/C/15/Add.270", "https://undocs.org/en/CRC/C/15/Add.270"),
        ("CRC/C/OPSC/NLD/CO/1/Corr.1", "https://undocs.org/en/CRC/C/OPSC/NLD/CO/1/Corr.1"),
        ("A/RES/54/263", "https://undocs.org/en/A/RES/54/263"),
        ("HRI/CORE/1/Add.6(Part II)", ""),  # no symbol has a space
        ("HRI/GEN/2/Rev.6", "https://undocs.org/en/HRI/GEN/2/Rev.6"),
        ("C.N.946.2002.TREATIES-5", ""),
        ("letter of 3 May 2009", ""),
        ("n/a", ""),
        ("N/A", ""),
        ("crc/c/opsc/usa/1", ""),
        ("CRC/C/OPSC/USA/", ""),
        ("CRC/C/../../admin", ""),
        ("https://example.org/CRC/C/1", ""),
        ("CRC/C/OPSC/USA/1\n", ""),
        ("", ""),
    ],
)
def test_what_looks_like_a_symbol_leads_to_the_look_up(symbol: str, address: str) -> None:
    assert address_of(symbol) == address


@pytest.mark.parametrize("link", ["https://example.org/a?b=1&c=2", "http://example.org/report.pdf"])
def test_a_recorded_link_counts_first(link: str) -> None:
    assert address_of("CRC/C/OPSC/USA/1", link) == link
    assert address_of("", link) == link


def test_only_an_address_of_the_web_is_followed() -> None:
    assert address_of("a letter", "javascript:alert(1)") == ""
    assert address_of("CRC/C/OPSC/USA/1", "ftp://example.org/x") == "https://undocs.org/en/CRC/C/OPSC/USA/1"


def test_a_document_is_shown_by_its_symbol_and_tells_the_other_site_nothing() -> None:
    assert document("CRC/C/OPSC/USA/1") == (
        '<a href="https://undocs.org/en/CRC/C/OPSC/USA/1"><bdi>CRC/C/OPSC/USA/1</bdi></a>'
    )
    assert document("", "https://example.org/?a=1&b") == (
        '<a href="https://example.org/?a=1&amp;b"><bdi>https://example.org/?a=1&amp;b</bdi></a>'
    )
    assert document("<i>a letter</i>") == "<bdi>&lt;i&gt;a letter&lt;/i&gt;</bdi>"
    assert document("") == "—"
