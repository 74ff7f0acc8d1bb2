"""A browser whose address is one of the many on loopback."""

from __future__ import annotations

import re
from functools import partial
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import urllib3

from rehearsal.servers import HOST, SITE

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
ORIGIN = f"https://{SITE}"


class Client:
    """Sends requests to nginx over TLS and verifies its certificate; keeps cookies, follows no redirects."""

    def __init__(self, port: int, authority: Path, address: str = HOST, patience: float = 30) -> None:
        trust = {"ca_certs": str(authority), "server_hostname": SITE, "assert_hostname": SITE}
        ways = {
            "maxsize": 1,
            "source_address": (address, 0),
            "retries": False,
            "timeout": urllib3.Timeout(patience),
        }
        self.open: Any = partial(urllib3.HTTPSConnectionPool, HOST, port, **(trust | ways))
        self.pool = self.open()
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> Any:
        """Sends one request, and never retries it."""
        sent = {"Host": SITE, "Accept": "text/html", "Origin": ORIGIN, "Referer": f"{ORIGIN}/"}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.pool.request(method, path, headers=sent | (headers or {}), redirect=False, **more)
        for line in answer.headers.getlist("Set-Cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return answer

    def get(self, path: str, **headers: str) -> Any:
        return self.ask(
            "GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )

    def post(
        self, path: str, fields: dict[str, Any], *, page: str, headers: dict[str, str] | None = None
    ) -> Any:
        """Sends a form with the CSRF token of its page."""
        token = TOKEN.search(text(self.get(page)))
        assert token is not None, f"{page} has no form"
        return self.ask("POST", path, fields={"csrfmiddlewaretoken": token[1], **fields}, headers=headers)

    def sign_in(self, name: str, password: str, **headers: str) -> Any:
        fields = {"username": name, "password": password, "next": "/"}
        return self.post(
            "/login/",
            fields,
            page="/login/",
            headers={key.replace("_", "-"): value for key, value in headers.items()},
        )

    def hang_up(self) -> None:
        """Closes the connection; the next request opens a new one."""
        self.pool.close()
        self.pool = self.open()


def text(answer: Any) -> str:
    return str(answer.data.decode())


def place(answer: Any) -> str:
    """The address to which a response redirects, without the host name."""
    return urlsplit(answer.headers.get("Location", "")).path
