"""Addresses with an international domain: recorded in letters, and in punycode in mails."""

from __future__ import annotations

from django.utils.encoding import punycode
from django.utils.translation import gettext as _


def in_ascii(address: str) -> str:
    """The address as mail servers take it: info@münchen.example becomes info@xn--mnchen-3ya.example."""
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{punycode(domain)}"


def problem_of(address: str) -> str:
    """Why few or no mail servers take an address; empty if they do."""
    if not address.rpartition("@")[0].isascii():
        return _("Before the @ only letters without accents are possible.")
    try:
        in_ascii(address)
    except UnicodeError:
        return _("After the @ this is not the name of a mail server; a part of it may be too long.")
    return ""


def in_letters(address: str) -> str:
    """The address as people record it; the inverse of `in_ascii`, and for any other text the text itself."""
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{domain.encode('ascii').decode('idna')}"
    except UnicodeError:
        return address
