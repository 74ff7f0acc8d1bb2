"""Access: a valid token of a user who can read, within the rate limit."""

from __future__ import annotations

import re
from collections.abc import Collection

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.debug import sensitive_variables

from tracker.web.accounts.roles import READ
from tracker.web.api.problems import ApiProblem
from tracker.web.models import ApiToken

BEARER = re.compile(r"Bearer +([A-Za-z0-9._~+/=-]+) *", re.IGNORECASE)  # RFC 6750
REALM = 'Bearer realm="Article 12 tracker"'
SECONDS = 60


@sensitive_variables("secret", "given")
def let_in(request: HttpRequest, scopes: Collection[str]) -> dict[str, str]:
    """Checks the token of a request, and counts the request.

    A session is ignored: a page may require more than the password, and the API could not ask for it.

    Args:
        scopes: the token scopes that give access.

    Returns:
        The headers with the rate limit.

    Raises:
        ApiProblem: 401 without a valid token, 403 if its scope does not suffice, 429 after too many requests.
    """
    given = request.headers.get("Authorization", "")
    if not given:
        raise ApiProblem(
            401,
            _("Send your token as “Authorization: Bearer …”; create one in the tracker at %(page)s.")
            % {"page": "/api/"},
            headers={"WWW-Authenticate": REALM},
        )
    found = BEARER.fullmatch(given)
    token = ApiToken.known(found[1]) if found else None
    # One response for every invalid token, so that guessing reveals nothing.
    if token is None or not token.user.has_perm(READ):
        raise ApiProblem(
            401,
            _(
                "This token is not valid: it was mistyped, renewed or disabled, or its owner’s account is "
                "deactivated or has no role. Its owner can create a new one in the tracker at %(page)s."
            )
            % {"page": "/api/"},
            headers={"WWW-Authenticate": f'{REALM}, error="invalid_token"'},
        )
    told = _counted(token)
    if token.scope not in scopes:
        raise ApiProblem(
            403,
            _(
                "This token gives access to the figures of a day only. For more, its owner can renew it at %(page)s."
            )
            % {"page": "/api/"},
            headers={
                "WWW-Authenticate": f'{REALM}, error="insufficient_scope", scope="{" ".join(scopes)}"',
                **told,
            },
        )
    return told


def _counted(token: ApiToken) -> dict[str, str]:
    """Counts a request; returns the headers of the IETF draft on rate limits."""
    now, most = timezone.now(), settings.API_REQUESTS_PER_MINUTE
    wait = SECONDS - now.second
    left = token.count(most, now)
    told = {
        "RateLimit-Policy": f'"minute";q={most};w={SECONDS}',
        "RateLimit": f'"minute";r={left or 0};t={wait}',
    }
    if left is None:
        raise ApiProblem(
            429,
            ngettext(
                "This token is limited to %(n)d request a minute. Wait %(wait)d seconds, then try again.",
                "This token is limited to %(n)d requests a minute. Wait %(wait)d seconds, then try again.",
                most,
            )
            % {"n": most, "wait": wait},
            headers={"Retry-After": str(wait), **told},
        )
    return told
