"""Sign-in with an organisation's account (OpenID Connect).

Authlib talks to the provider (authorization code with PKCE, state and nonce) and verifies its answers. The provider's
answer never creates an account or grants a role; see docs/decisions/0025-sign-in-elsewhere.md.
"""

from __future__ import annotations

import logging
import time
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_noop

from tracker.environment import Provider
from tracker.registry.stored import StoredText
from tracker.web.models import ElsewhereAccount

logger = logging.getLogger(__name__)
User: Any = get_user_model()

TIMEOUT = 5  # seconds for each answer of the provider
KNOWN_FOR = 3600  # seconds that the provider's addresses are cached
GIVEN_UP_FOR = 30  # seconds without a new attempt after the provider did not answer
FINISHED_WITHIN = 600  # seconds from leaving for the provider to coming back
NAME = "elsewhere"  # prefix of the library's keys in the session
UNDER_WAY = f"_state_{NAME}_"
KNOWN, GIVEN_UP = "elsewhere-provider", "elsewhere-given-up"
LONGEST = ElsewhereAccount._meta.get_field("subject").max_length or 0

# Only signatures with a published key: never unsigned, never with a shared secret.
SIGNED_WITH = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)
ADDRESSES = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
# How a provider says that several factors were used: in "amr" (RFC 8176) or as "acr".
SEVERAL_METHODS = "mfa"
SEVERAL_CLASSES = (
    "https://refeds.org/profile/mfa",
    "http://schemas.openid.net/pape/policies/2007/06/multi-factor",
)


# For the security log.
DEACTIVATED = StoredText(gettext_noop("account deactivated: %(subject)s"))
NOT_VERIFIED = StoredText(gettext_noop("no verified e-mail address: %(subject)s"))
SEVERAL = StoredText(gettext_noop("several accounts with this e-mail address: %(subject)s"))
NONE = StoredText(gettext_noop("no account with this e-mail address: %(subject)s"))
LINKED_OTHERWISE = StoredText(gettext_noop("account linked to another subject: %(subject)s"))
NO_CODE = StoredText(gettext_noop("error instead of a code"))


class Refusal(Enum):
    """Why nobody was signed in."""

    STALE = "not under way in this browser"
    DECLINED = "declined by the provider"
    UNREACHABLE = "no answer from the provider"
    NOT_BELIEVED = "an invalid answer"
    NOBODY = "no account here"


class Stopped(Exception):
    """Nobody was signed in.

    Attributes:
        why: the reason, for the person.
        detail: the reason, for the log; without token, code, secret or line break.
        onward: the page that the person wanted.
    """

    def __init__(self, why: Refusal, detail: str = "", onward: str = "") -> None:
        super().__init__(why.value, detail)
        self.why, self.detail, self.onward = why, detail, onward


@dataclass(frozen=True)
class Recognised:
    """The person that the provider names.

    Attributes:
        subject: the provider's permanent identifier of the person.
        address: the e-mail address, if the provider has verified it; else empty.
        several_factors: whether the person used several factors at the provider.
        onward: the page that the person wanted before leaving.
    """

    subject: str
    address: str
    several_factors: bool
    onward: str


def leave(request: HttpRequest, back: str, onward: str) -> str:
    """Starts a sign-in with the provider.

    Args:
        back: our address to which the provider sends the person back.
        onward: the page of ours to show after that.

    Returns:
        The address of the provider's sign-in page.

    Raises:
        Stopped: the provider does not answer, or its answer is invalid.
    """
    try:
        client = _client()
        asked = client.create_authorization_url(back)
    except _wrong() as error:
        raise _failed(error, onward) from None
    _forget_what_is_under_way(request)
    client.save_authorize_data(request, redirect_uri=back, onward=onward, began=time.time(), **asked)
    return str(asked["url"])


def come_back(request: HttpRequest) -> Recognised:
    """Completes a sign-in: exchanges the provider's code for the person's identity. It works once.

    Raises:
        Stopped: no sign-in is under way, or the provider declined, did not answer, or answered invalidly.
    """
    kept = request.session.get(f"{UNDER_WAY}{request.GET.get('state', '')}", {}).get("data")
    if not kept or time.time() - kept["began"] > FINISHED_WITHIN:
        raise Stopped(Refusal.STALE)
    onward = kept["onward"]
    if request.GET.get("error") or not request.GET.get("code"):
        _forget_what_is_under_way(request)
        declined = request.GET.get("error") in ("access_denied", "login_required", "interaction_required")
        raise Stopped(Refusal.DECLINED if declined else Refusal.NOT_BELIEVED, NO_CODE(), onward)
    try:
        return _ask(request, onward)
    except Stopped as stopped:
        stopped.onward = onward
        raise
    except _wrong() as error:
        raise _failed(error, onward) from None
    finally:
        _forget_what_is_under_way(request)


def person_here(told: Recognised) -> tuple[Any, bool]:
    """The account that belongs to the recognised person.

    Returns:
        The account, and whether it was linked just now.

    Raises:
        Stopped: no account may sign in.
    """

    def nobody(reason: StoredText) -> Stopped:
        return Stopped(Refusal.NOBODY, reason(subject=told.subject), told.onward)

    issuer = _known_as().issuer
    linked = _linked(told.subject)
    if linked is not None:
        if not linked.user.is_active:
            raise nobody(DEACTIVATED)
        return linked.user, False
    if not told.address:
        raise nobody(NOT_VERIFIED)
    people = [
        person
        for person in User.objects.filter(email__iexact=told.address, is_active=True)
        if _plain(person.email) == _plain(told.address)  # a database may treat more letters as equal
    ]
    if len(people) != 1:
        raise nobody(SEVERAL if people else NONE)
    (person,) = people
    try:
        # An address can pass to another person; the link to the first one must stay.
        with transaction.atomic():
            ElsewhereAccount.objects.create(user=person, issuer=issuer, subject=told.subject)
    except IntegrityError:
        raise nobody(LINKED_OTHERWISE) from None
    return person, True


# --- the provider ---------------------------------------------------------------------------------


def _ask(request: HttpRequest, onward: str) -> Recognised:
    """Exchanges the code for the person's claims and verifies them."""
    client = _client()
    token = client.authorize_access_token(
        request,
        claims_options={
            "iss": {"essential": True, "value": _known_as().issuer},
            "aud": {"essential": True, "value": _known_as().client_id},
            "nonce": {"essential": True},
        },
    )
    claims = token.get("userinfo")
    if not claims:
        raise ValueError("no ID token")
    subject = claims["sub"]
    if not subject.isprintable() or not 1 <= len(subject) <= LONGEST:
        raise ValueError("no subject that can be stored")
    several = SEVERAL_METHODS in (claims.get("amr") or ()) or claims.get("acr") in SEVERAL_CLASSES
    if "email" not in claims and client.server_metadata.get("userinfo_endpoint") and _linked(subject) is None:
        more = client.userinfo(token=token)
        if more.get("sub") != subject:
            raise ValueError("the answer is about another person")
        claims = more
    return Recognised(subject, _verified_address(claims), several, onward)


def _verified_address(claims: Mapping[str, Any]) -> str:
    address = claims.get("email")
    return address if claims.get("email_verified") is True and isinstance(address, str) else ""


def _linked(subject: str) -> ElsewhereAccount | None:
    known = ElsewhereAccount.objects.select_related("user")
    return known.filter(issuer=_known_as().issuer, subject=subject).first()


def _plain(address: str) -> str:
    return unicodedata.normalize("NFKC", address).casefold()


def _known_as() -> Provider:
    if settings.OIDC is None:
        raise RuntimeError("no provider is set, but its pages were requested")
    return settings.OIDC


def _client() -> Any:
    """The library's client with the provider's addresses; the keys are fetched for each sign-in."""
    known = cache.get(KNOWN)
    if known is None or known["issuer"] != _known_as().issuer:
        if cache.get(GIVEN_UP):
            raise Stopped(Refusal.UNREACHABLE)
        try:
            known = _discover()
        except _wrong() as error:
            cache.set(GIVEN_UP, True, GIVEN_UP_FOR)
            raise Stopped(Refusal.UNREACHABLE, _named(error)) from None
        cache.set(KNOWN, known, KNOWN_FOR)
    return _new_client(**known, _loaded_at=time.time())


def _new_client(**options: Any) -> Any:
    # Imported here, so that other processes start faster.
    from authlib.integrations.django_client import DjangoIntegration, DjangoOAuth2App

    return DjangoOAuth2App(
        DjangoIntegration(NAME),
        name=NAME,
        client_id=_known_as().client_id,
        client_secret=_known_as().client_secret,
        client_kwargs={
            "scope": "openid email",
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT,
            "leeway": 0,  # some access tokens are valid for a minute only, and are used at once
            "token_endpoint_auth_method": options.pop("way_to_tell_the_secret", None),
        },
        **options,
    )


def _discover() -> dict[str, Any]:
    """Reads the provider's metadata from its well-known address."""
    issuer = _known_as().issuer
    where = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    told = _new_client(server_metadata_url=where).load_server_metadata()
    if told["issuer"] != issuer:
        logger.error(
            "OIDC_ISSUER is %s, but the provider calls itself %s", issuer, ascii(told["issuer"])[:200]
        )
        raise ValueError("another issuer")
    found = {name: str(told[name]) for name in ADDRESSES if told.get(name)}
    scheme = urlsplit(issuer).scheme
    if any(urlsplit(address).scheme not in ("https", scheme) for address in found.values()):
        raise ValueError("an address without TLS")
    if not found.keys() >= set(ADDRESSES[:3]):
        raise ValueError("an address is missing")
    signed = told.get("id_token_signing_alg_values_supported") or SIGNED_WITH
    ways = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return found | {
        "issuer": issuer,
        "id_token_signing_alg_values_supported": [name for name in SIGNED_WITH if name in signed]
        or SIGNED_WITH,
        "way_to_tell_the_secret": (
            "client_secret_basic" if "client_secret_basic" in ways else "client_secret_post"
        ),
    }


def _wrong() -> tuple[type[Exception], ...]:
    """All exceptions of the library for a provider that is away or answers invalidly."""
    from authlib.common.errors import AuthlibBaseError
    from joserfc.errors import JoseError

    # The exceptions of requests are OSErrors.
    malformed = (ValueError, TypeError, LookupError, AttributeError, RuntimeError, ArithmeticError)
    return (AuthlibBaseError, JoseError, OSError, *malformed)


def _failed(error: Exception, onward: str) -> Stopped:
    away = isinstance(error, OSError)
    return Stopped(Refusal.UNREACHABLE if away else Refusal.NOT_BELIEVED, _named(error), onward)


def _named(error: Exception) -> str:
    """The error for the log, without the message: that may contain addresses and text from strangers."""
    said = getattr(error, "error", "")
    claim = getattr(error, "claim", "")
    parts = [
        type(error).__name__,
        *(ascii(part).strip("'")[:60] for part in (said, claim) if part and isinstance(part, str)),
    ]
    logger.warning("Sign-in with an organisation's account failed: %s", ", ".join(parts))
    return ", ".join(parts)


def _forget_what_is_under_way(request: HttpRequest) -> None:
    """Keeps one sign-in at a time, so that repeated attempts do not fill the session."""
    # A session has no iterator.
    for key in [key for key in request.session.keys() if key.startswith(UNDER_WAY)]:  # noqa: SIM118
        del request.session[key]
