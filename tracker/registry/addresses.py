"""Addresses with an international domain: recorded in letters, and in punycode in mails."""

from __future__ import annotations

from django.utils.encoding import punycode


def in_ascii(address: str) -> str:
    """The address as mail servers take it: info@münchen.example becomes info@xn--mnchen-3ya.example."""
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{punycode(domain)}"


def in_letters(address: str) -> str:
    """The address as people record it; the inverse of `in_ascii`, and for any other text the text itself."""
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{domain.encode('ascii').decode('idna')}"
    except UnicodeError:
        return address
