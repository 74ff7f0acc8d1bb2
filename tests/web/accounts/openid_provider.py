"""A provider of OpenID Connect on this machine, which follows the rules unless a test tells it not to.

It asks for no password: every visitor is `person`. It checks the PKCE challenge against its verifier, gives a token
only to its client with its secret, once for each code, and signs with a key that it publishes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jws
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "tracker", "the-secret-of-the-tracker"
LIFETIME = 300  # seconds
GREETING = (
    """<!doctype html><html lang="en"><title>Ministry</title><h1>Ministry</h1><a href="%s">I am Ada</a>"""
)
# Made once: finding primes takes longer than a test.
KEYS = [RSAKey.generate_key(2048, {"kid": name}) for name in ("first", "second")]


class OpenIdProvider:
    """The behaviour of the provider, and the requests that it received.

    Attributes:
        person: claims about the person who signs in.
        says: claims that replace true ones; None omits one.
        about: claims about the person that only the userinfo address returns.
        metadata: entries that replace true ones in its metadata; None omits one.
        signs: "key", "none", "broken" (a signature of something else), "secret" (with the client's) or "stranger".
        key: which of the keys it signs with and publishes.
        error: what it returns instead of a code.
        answers: if False, each address returns 503.
        greets: whether it shows a page before it redirects back.
        asked: the requested addresses, without their parameters.
    """

    def __init__(self, name: str) -> None:
        self.person: dict[str, Any] = {"sub": "ada-7", "email": "ada@example.org", "email_verified": True}
        self.says: dict[str, Any] = {}
        self.about: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.signs, self.key, self.error, self.answers, self.greets = "key", 0, "", True, False
        self.asked: list[str] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        self.issuer = f"http://{name}:{self.server.server_port}"

    def configuration(self) -> dict[str, Any]:
        told = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/about",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        }
        return {name: value for name, value in (told | self.metadata).items() if value is not None}

    def authorize(self, asked: dict[str, str]) -> str:
        """The address to which the person is redirected."""
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert {"openid", "email"} == set(asked["scope"].split())
        assert len(asked["state"]) >= 20
        assert len(asked["nonce"]) >= 20
        if self.error:
            answer = {"error": self.error, "error_description": "<b>no</b>", "state": asked["state"]}
        else:
            code = secrets.token_urlsafe(16)
            self.codes[code] = asked
            answer = {"code": code, "state": asked["state"]}
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    def token(self, sent: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """The response to a code."""
        name, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        if (unquote(name), unquote(secret)) != (CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(sent.get("code", ""), None)
        verifier = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        if not asked or asked["code_challenge"] != challenge or asked["redirect_uri"] != sent["redirect_uri"]:
            return 400, {"error": "invalid_grant", "error_description": "no such code"}
        now = int(time.time())
        standard = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + LIFETIME,
            "nonce": asked["nonce"],
        }
        claims = {k: v for k, v in (standard | self.person | self.says).items() if v is not None}
        return 200, {
            "access_token": "at",
            "token_type": "Bearer",
            "expires_in": 60,
            "id_token": self.signed(claims),
        }

    def signed(self, claims: dict[str, Any]) -> str:
        text = json.dumps(claims).encode()
        if self.signs == "none":
            parts = (json.dumps({"alg": "none"}).encode(), text, b"")
            return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
        if self.signs == "secret":
            return jws.serialize_compact({"alg": "HS256", "kid": "first"}, text, OctKey.import_key(SECRET))
        key = KEYS[1 - self.key] if self.signs == "stranger" else KEYS[self.key]
        token = jws.serialize_compact({"alg": "RS256", "kid": KEYS[self.key].kid}, text, key)
        if self.signs == "broken":
            head, _, signature = token.split(".")
            other = (
                base64.urlsafe_b64encode(json.dumps(claims | {"sub": "root"}).encode()).rstrip(b"=").decode()
            )
            token = f"{head}.{other}.{signature}"
        return token


def handler_of(provider: OpenIdProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            provider.asked.append(url.path)
            if not provider.answers:
                self.answer(503, {})
            elif url.path == "/authorize":
                asked = {name: values[0] for name, values in parse_qs(url.query).items()}
                back = provider.authorize(asked)
                if provider.greets:
                    self.send(200, "text/html", GREETING % escape(back))
                else:
                    self.send(302, "text/plain", "", {"Location": back})
            elif url.path == "/favicon.ico":
                self.send(200, "image/svg+xml", "")
            elif url.path == "/keys":
                self.answer(200, {"keys": [KEYS[provider.key].as_dict(private=False)]})
            elif url.path == "/about":
                self.answer(200, provider.person | provider.about)
            else:
                assert url.path == "/.well-known/openid-configuration"
                self.answer(200, provider.configuration())

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            assert self.path == "/token"
            sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            one_each = {name: values[0] for name, values in sent.items()}
            if provider.answers:
                self.answer(*provider.token(one_each, self.headers["Authorization"] or ""))
            else:
                self.answer(503, {})

        def answer(self, status: int, told: dict[str, Any]) -> None:
            self.send(status, "application/json", json.dumps(told))

        def send(self, status: int, kind: str, text: str, headers: dict[str, str] | None = None) -> None:
            body = text.encode()
            more = {"Content-Type": kind, "Content-Length": str(len(body))}
            self.send_response(status)
            for name, value in (more | (headers or {})).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Logs nothing."""

    return Handler


@contextmanager
def running(name: str = "127.0.0.1") -> Iterator[OpenIdProvider]:
    """A provider that runs until the end of the block, under a name of this machine."""
    provider = OpenIdProvider(name)
    thread = threading.Thread(target=provider.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield provider
    provider.server.shutdown()
    provider.server.server_close()
    thread.join(10)
