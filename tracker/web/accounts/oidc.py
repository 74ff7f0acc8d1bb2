"""Signing in with an organisation's account, after OpenID Connect: who somebody is there, and who that is here.

Authlib speaks with the provider (authorization code with PKCE, state and nonce) and verifies what it says. No
account is made and no role is given by what a provider says; see docs/decisions/0025-sign-in-elsewhere.md.
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

from tracker.environment import Provider
from tracker.web.models import ElsewhereAccount

logger = logging.getLogger(__name__)
User: Any = get_user_model()

TIMEOUT = 5  # seconds that the provider has for each answer
KNOWN_FOR = 3600  # seconds for which its addresses are not asked for again
GIVEN_UP_FOR = 30  # seconds in which it is not asked again once it has not answered
FINISHED_WITHIN = 600  # seconds from leaving for the provider to coming back
NAME = "elsewhere"  # under which the library keeps what is under way in the session
UNDER_WAY = f"_state_{NAME}_"
KNOWN, GIVEN_UP = "elsewhere-provider", "elsewhere-given-up"
LONGEST = ElsewhereAccount._meta.get_field("subject").max_length or 0

# With a key that the provider publishes: never unsigned, and never with a secret that two share.
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
# By which a provider says that several factors were shown: in "amr" (RFC 8176), or as "acr".
SEVERAL_METHODS = "mfa"
SEVERAL_CLASSES = (
    "https://refeds.org/profile/mfa",
    "http://schemas.openid.net/pape/policies/2007/06/multi-factor",
)


class Why(Enum):
    """Why nobody was signed in."""

    STALE = "not under way in this browser"
    DECLINED = "declined by the provider"
    UNREACHABLE = "no answer from the provider"
    NOT_BELIEVED = "an answer that does not hold"
    NOBODY = "nobody here"


class Stopped(Exception):
    """Nobody was signed in.

    Attributes:
        why: the reason, for the person.
        detail: the reason, for the log; no token, code or secret, and no line break.
        onward: where the person wanted to go.
    """

    def __init__(self, why: Why, detail: str = "", onward: str = "") -> None:
        super().__init__(why.value, detail)
        self.why, self.detail, self.onward = why, detail, onward


@dataclass(frozen=True)
class Recognised:
    """Whom the provider names.

    Attributes:
        subject: by what the provider names the person for good.
        address: the e-mail address, if the provider has verified that it is the person's.
        several_factors: whether it says that several factors were shown.
        onward: where the person wanted to go when leaving.
    """

    subject: str
    address: str
    several_factors: bool
    onward: str


def leave(request: HttpRequest, back: str, onward: str) -> str:
    """Begins to sign in elsewhere.

    Args:
        back: our address to which the provider sends the person back.
        onward: where to go then; an address of ours.

    Returns:
        The provider's address to go to.

    Raises:
        Stopped: the provider does not answer, or not as one.
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
    """Reads what the provider sent the person back with, and asks it who that is. It can be done once.

    Raises:
        Stopped: nothing is under way, the provider declined, does not answer, or what it says does not hold.
    """
    kept = request.session.get(f"{UNDER_WAY}{request.GET.get('state', '')}", {}).get("data")
    if not kept or time.time() - kept["began"] > FINISHED_WITHIN:
        raise Stopped(Why.STALE)
    onward = kept["onward"]
    if request.GET.get("error") or not request.GET.get("code"):
        _forget_what_is_under_way(request)
        declined = request.GET.get("error") in ("access_denied", "login_required", "interaction_required")
        raise Stopped(Why.DECLINED if declined else Why.NOT_BELIEVED, "error instead of a code", onward)
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
    """The one account here that is theirs.

    Returns:
        The account, and whether it has been linked to the organisation's only now.

    Raises:
        Stopped: there is none that may sign in.
    """

    def nobody(reason: str) -> Stopped:
        return Stopped(Why.NOBODY, f"{reason}: {told.subject}", told.onward)

    issuer = _known_as().issuer
    linked = _linked(told.subject)
    if linked is not None:
        if not linked.user.is_active:
            raise nobody("account switched off")
        return linked.user, False
    if not told.address:
        raise nobody("no verified e-mail address")
    people = [
        person
        for person in User.objects.filter(email__iexact=told.address, is_active=True)
        if _plain(person.email) == _plain(told.address)  # to a database, more letters are alike
    ]
    if len(people) != 1:
        raise nobody(
            "several accounts with this e-mail address" if people else "no account with this e-mail address"
        )
    (person,) = people
    try:
        # Whoever is given the address of somebody who has left is not that person.
        with transaction.atomic():
            ElsewhereAccount.objects.create(user=person, issuer=issuer, subject=told.subject)
    except IntegrityError:
        raise nobody("account linked to another subject") from None
    return person, True


# --- the provider ---------------------------------------------------------------------------------


def _ask(request: HttpRequest, onward: str) -> Recognised:
    """Exchanges the code for what the provider says, and verifies it."""
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
        raise ValueError("no subject that could be kept")
    several = SEVERAL_METHODS in (claims.get("amr") or ()) or claims.get("acr") in SEVERAL_CLASSES
    if "email" not in claims and client.server_metadata.get("userinfo_endpoint") and _linked(subject) is None:
        more = client.userinfo(token=token)
        if more.get("sub") != subject:
            raise ValueError("the answer is about somebody else")
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
        raise RuntimeError("no provider is set, and its pages were asked for")
    return settings.OIDC


def _client() -> Any:
    """The library's client, which knows the provider's addresses; its keys are fetched for each sign-in."""
    known = cache.get(KNOWN)
    if known is None or known["issuer"] != _known_as().issuer:
        if cache.get(GIVEN_UP):
            raise Stopped(Why.UNREACHABLE)
        try:
            known = _discover()
        except _wrong() as error:
            cache.set(GIVEN_UP, True, GIVEN_UP_FOR)
            raise Stopped(Why.UNREACHABLE, _named(error)) from None
        cache.set(KNOWN, known, KNOWN_FOR)
    return _new_client(**known, _loaded_at=time.time())


def _new_client(**options: Any) -> Any:
    # Loaded where somebody signs in so, and not by every process that starts.
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
            "leeway": 0,  # for access tokens: some are good for a minute, and are used at once
            "token_endpoint_auth_method": options.pop("way_to_tell_the_secret", None),
        },
        **options,
    )


def _discover() -> dict[str, Any]:
    """What the provider says of itself at its own well-known address."""
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
    """All that the library raises where a provider is away, or says what none should."""
    from authlib.common.errors import AuthlibBaseError
    from joserfc.errors import JoseError

    # OSError: requests' own are of that kind.
    malformed = (ValueError, TypeError, LookupError, AttributeError, RuntimeError, ArithmeticError)
    return (AuthlibBaseError, JoseError, OSError, *malformed)


def _failed(error: Exception, onward: str) -> Stopped:
    away = isinstance(error, OSError)
    return Stopped(Why.UNREACHABLE if away else Why.NOT_BELIEVED, _named(error), onward)


def _named(error: Exception) -> str:
    """What went wrong, as far as it can be told: messages hold addresses, and what strangers wrote."""
    said = getattr(error, "error", "")
    claim = getattr(error, "claim", "")
    parts = [
        type(error).__name__,
        *(ascii(part).strip("'")[:60] for part in (said, claim) if part and isinstance(part, str)),
    ]
    logger.warning("Sign-in with an organisation's account failed: %s", ", ".join(parts))
    return ", ".join(parts)


def _forget_what_is_under_way(request: HttpRequest) -> None:
    """One at a time: nobody fills a session by leaving again and again."""
    # A session cannot be iterated over by itself.
    for key in [key for key in request.session.keys() if key.startswith(UNDER_WAY)]:  # noqa: SIM118
        del request.session[key]
