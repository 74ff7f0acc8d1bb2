"""The as-of day of a request (`?as_of=2009-05-31`; today by default) and the facts known on it."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from tracker.languages.writing import in_words
from tracker.obligations.derive import horizon
from tracker.registry.models import TreatyAction
from tracker.registry.values import BadValue, written_day
from tracker.rules.entry_into_force import CRC_ADOPTED, TreatyCode
from tracker.rules.facts import Facts


def day_of(request: HttpRequest) -> date:
    """The as-of day of a page. For an invalid day a message is shown and today is used."""
    known: date | None = getattr(request, "as_of", None)
    if known is None:
        known = _read(request)
        request.as_of = known  # type: ignore[attr-defined]  # read once for page and frame
    return known


def facts_on(request: HttpRequest) -> dict[str, Facts]:
    """The treaty actions of each State up to the day of a request; read once per request."""
    known: dict[str, Facts] | None = getattr(request, "facts", None)
    if known is None:
        known = TreatyAction.objects.facts(until=day_of(request))
        request.facts = known  # type: ignore[attr-defined]  # as above
    return known


def values_without(request: HttpRequest, *names: str) -> list[tuple[str, str]]:
    """The query of a page without some names, for the hidden fields of a form."""
    return [(name, value) for name, values in request.GET.lists() if name not in names for value in values]


def _read(request: HttpRequest) -> date:
    today = timezone.localdate()
    raw = request.GET.get("as_of", "").strip()
    if not raw:
        return today
    try:
        day = written_day(raw, today)
    except BadValue as error:
        messages.error(request, _("As of: %(what)s Today is shown instead.") % {"what": error})
        return today
    if not CRC_ADOPTED <= day <= horizon(today):
        messages.error(
            request,
            _("As of: choose a day from %(first)s to %(last)s. Today is shown instead.")
            % {"first": in_words(CRC_ADOPTED), "last": in_words(horizon(today))},
        )
        return today
    return day


def opsc_on(request: HttpRequest) -> dict[str, Facts]:
    """The actions of each State on the OPSC up to the day of a request; read once per request."""
    known: dict[str, Facts] | None = getattr(request, "opsc", None)
    if known is None:
        known = TreatyAction.objects.facts(treaty=TreatyCode.OPSC, until=day_of(request))
        request.opsc = known  # type: ignore[attr-defined]  # as in day_of
    return known
