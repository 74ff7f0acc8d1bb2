"""Facts and their earlier versions in words, for the history, for restoring and for deleting.

A version is an object of the fact's own model; a row of the history gives one by its `instance`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from tracker.languages.writing import full_stop, in_words, with_semicolons
from tracker.obligations.models import (
    AgendaItem,
    CommitteeDate,
    CommitteeSession,
    ExpectedYear,
    InformationRequest,
    NonReceipt,
    PrintedDate,
    Review,
    Submission,
)
from tracker.obligations.wording import one_full_stop, quoted
from tracker.registry.models import (
    Amendment,
    AmendmentPosition,
    Contact,
    SortKey,
    State,
    Statement,
    TreatyAction,
)
from tracker.rules.facts import Carrier, ReportKind


@dataclass(frozen=True)
class FactKind:
    """A kind of fact.

    Attributes:
        slug: its name in addresses.
        about: the column that holds the State it is about; empty for one that is about no single State.
        derives: whether obligations are derived from it.
    """

    slug: str
    model: Any
    about: str = "state_id"
    derives: bool = True

    @property
    def label(self) -> str:
        """Several of them in words."""
        return str(capfirst(self.model._meta.verbose_name_plural))

    @property
    def key(self) -> str:
        """The column of the key, in the fact and in its history."""
        return str(self.model._meta.pk.attname)

    def state_of(self, version: Any) -> Any:
        """Alpha-3 of the State that a version, or a row of the history, is about; None for none."""
        return getattr(version, self.about) if self.about else None

    def lock(self, key: Any) -> None:
        """Locks a fact that is about no single State until the transaction ends; the others wait for their State."""
        if not self.about:
            self.model._default_manager.select_for_update().filter(pk=key).first()

    def permission(self, act: str) -> str:
        """The permission to add, change, delete or view one."""
        options = self.model._meta
        return f"{options.app_label}.{act}_{options.model_name}"

    def fields(self) -> list[Any]:
        """Its fields, without a key that is only a number, and one that follows from a name."""
        hidden = (models.AutoField, SortKey)
        return [one for one in self.model._meta.concrete_fields if not isinstance(one, hidden)]


KINDS: dict[str, FactKind] = {
    kind.slug: kind
    for kind in (
        FactKind("state", State, about="iso3"),
        FactKind("treaty-action", TreatyAction),
        FactKind("statement", Statement),
        FactKind("submission", Submission),
        FactKind("review", Review),
        FactKind("committee-date", CommitteeDate),
        FactKind("printed-date", PrintedDate),
        FactKind("request", InformationRequest),
        FactKind("non-receipt", NonReceipt),
        FactKind("session", CommitteeSession, about="", derives=False),
        FactKind("agenda-item", AgendaItem, derives=False),
        FactKind("expected-year", ExpectedYear, derives=False),
        FactKind("contact", Contact, derives=False),
        FactKind("amendment", Amendment, about="proposed_by_id", derives=False),
        FactKind("position", AmendmentPosition, derives=False),
    )
}


def kind_of(fact: Any) -> FactKind:
    """The kind of a fact, or of its model."""
    return next(
        kind for kind in KINDS.values() if kind.model._meta.concrete_model is fact._meta.concrete_model
    )


def stored_values(fact: Any) -> list[Any]:
    """The values of a fact in the database now, which it takes, so that a page shows no others.

    Raises:
        ObjectDoesNotExist: it is not recorded any more.
    """
    fact.refresh_from_db()
    return [getattr(fact, one.attname) for one in fact._meta.concrete_fields]


# --- names -----------------------------------------------------------------------------------


@dataclass
class FactNames:
    """The names of the things that facts point to, read in one query for each kind of thing."""

    by_model: dict[Any, dict[Any, str]] = field(default_factory=dict)

    @classmethod
    def read(cls, versions: Iterable[Any]) -> FactNames:
        """Reads the names of all that these versions point to; something deleted keeps its last name."""
        keys_of: dict[Any, set[Any]] = defaultdict(set)
        for version in versions:
            for one in version._meta.concrete_fields:
                if one.is_relation and (key := getattr(version, one.attname)) is not None:
                    keys_of[one.related_model].add(key)
        names = cls()
        for model, keys in keys_of.items():
            known = {key: _short(one) for key, one in model._default_manager.in_bulk(keys).items()}
            missing = keys - known.keys()
            if missing and hasattr(model, "history"):
                gone = model.history.filter(**{f"{model._meta.pk.attname}__in": missing})
                for row in gone.order_by("history_date", "history_id"):
                    known[row.instance.pk] = _("%(what)s (deleted)") % {"what": _short(row.instance)}
            names.by_model[model] = known
        return names

    def of(self, model: Any, key: Any) -> str:
        """The name of one thing."""
        known = self.by_model.get(model, {}).get(key)
        if known is not None:
            return known
        if model is get_user_model():
            return _("a deleted account")
        return _("number %(key)s, no longer recorded") % {"key": key}


def _short(thing: Any) -> str:
    """The name of something where a fact points to it."""
    if isinstance(thing, State):
        return thing.shown_name
    if isinstance(thing, Amendment):
        return quoted(thing.title)
    if isinstance(thing, Submission | CommitteeDate | Review | PrintedDate):
        return name_of(thing, FactNames())
    return str(thing)


def name_of(fact: Any, names: FactNames) -> str:
    """The name of a fact within a sentence, with its article: “the OPSC ratification”."""
    if isinstance(fact, State):
        return fact.shown_name
    if isinstance(fact, TreatyAction):
        return _("the %(treaty)s %(kind)s") % {"treaty": fact.treaty_id, "kind": fact.get_kind_display()}
    if isinstance(fact, Statement):
        return _("the %(treaty)s %(kind)s of %(day)s") % {
            "treaty": fact.treaty_id,
            "kind": fact.get_kind_display(),
            "day": in_words(fact.date),
        }
    if isinstance(fact, Contact):
        return _("the contact %(name)s") % {"name": fact.name}
    if isinstance(fact, CommitteeDate):
        report = _report(fact.kind, fact.cycles, fact.carried_by)
        if not fact.document:
            return _("the Committee’s date for %(report)s") % {"report": report}
        return _("the Committee’s date in %(document)s for %(report)s") % {
            "document": fact.document,
            "report": report,
        }
    if isinstance(fact, Review):
        return _("the review %(document)s") % {"document": fact.document}
    if isinstance(fact, CommitteeSession):
        return str(fact)
    if isinstance(fact, AgendaItem):
        read = CommitteeSession in names.by_model
        return _("the place on the agenda of %(session)s") % {
            "session": names.of(CommitteeSession, fact.session_id) if read else fact.session
        }
    if isinstance(fact, ExpectedYear):
        return _("the year %(year)d of the calendar %(document)s") % {
            "year": fact.year,
            "document": fact.document,
        }
    if isinstance(fact, PrintedDate):
        report = _report(fact.kind, fact.cycles, fact.carried_by)
        return _("the printed due date of %(report)s") % {"report": report}
    if isinstance(fact, InformationRequest):
        return _("the request for further information %(document)s") % {"document": fact.document}
    if isinstance(fact, NonReceipt):
        report = _report(fact.kind, str(fact.cycle), fact.carried_by)
        return _("the confirmation of non-receipt of %(report)s") % {"report": report}
    if isinstance(fact, Amendment):
        return _("the amendment “%(title)s”") % {"title": fact.title}
    if isinstance(fact, AmendmentPosition):
        return _("the position of %(state)s on the amendment %(amendment)s") % {
            "state": names.of(State, fact.state_id),
            "amendment": names.of(Amendment, fact.amendment_id),
        }
    if fact.symbol:
        return _("the submission %(symbol)s") % {"symbol": fact.symbol}
    report = _report(fact.kind, fact.cycles, fact.carried_by)
    return _("the submission of %(report)s") % {"report": report}


def _report(kind: str, cycles: str, carried_by: str) -> str:
    """The report or reports that a fact is about."""
    if kind == ReportKind.INITIAL:
        return _("the initial report")
    if carried_by == Carrier.CRC_REPORT:
        if not cycles:
            return _("the next report under the CRC")
        return _("report %(cycles)s under the CRC") % {"cycles": cycles}
    return _("periodic report %(cycles)s") % {"cycles": cycles}


# --- what they say ---------------------------------------------------------------------------


def value_of(version: Any, one: Any, names: FactNames) -> str:
    """The value of a field of a version: days and choices in words, other things by name."""
    raw = getattr(version, one.attname)
    if raw is None or raw == "":
        return _("nothing")
    if one.is_relation:
        return names.of(one.related_model, raw)
    if one.choices:
        return str(dict(one.flatchoices).get(raw, raw))
    if isinstance(raw, bool):
        return _("yes") if raw else _("no")
    if isinstance(raw, date):
        return in_words(raw)
    return quoted(raw) if isinstance(raw, str) else str(raw)


def label_of(one: Any) -> str:
    """The name of a field as it begins a sentence."""
    return str(capfirst(one.verbose_name))


def said_by(version: Any, names: FactNames, *, of: str = "") -> list[tuple[str, str]]:
    """The fields of a version with their values; empty fields are left out.

    Args:
        of: alpha-3 of a State that need not be named, because the page is about it.
    """
    kind = kind_of(version)
    return [
        (label_of(one), value_of(version, one, names))
        for one in kind.fields()
        if (value := getattr(version, one.attname)) not in (None, "")
        and not (one.is_relation and one.attname == kind.about and value == of)
    ]


def in_one_sentence(version: Any, names: FactNames, *, of: str = "") -> str:
    """The fields of a version: “Treaty: OPSC; Kind: ratification; Date: 23 December 2002.”"""
    said = (
        _("%(field)s: %(value)s") % {"field": label, "value": value}
        for label, value in said_by(version, names, of=of)
    )
    return one_full_stop(with_semicolons(said) + full_stop())


def differing(version: Any, before: Any) -> list[Any]:
    """The fields in which two versions differ."""
    return [
        one
        for one in kind_of(version).fields()
        if getattr(version, one.attname) != getattr(before, one.attname)
    ]


def differences(version: Any, before: Any, names: FactNames) -> list[str]:
    """The changes between two versions: “Received on” of the submission X changed from 3 May 2010 to 5 May 2010."""
    what = name_of(version, names)
    return [
        one_full_stop(
            _("“%(field)s” of %(what)s changed from %(before)s to %(now)s.")
            % {
                "field": label_of(one),
                "what": what,
                "before": value_of(before, one, names),
                "now": value_of(version, one, names),
            }
        )
        for one in differing(version, before)
    ]


# --- the history -----------------------------------------------------------------------------

CREATED, CHANGED, REMOVED = "+", "~", "-"


def last_version(model: Any, key: Any) -> Any:
    """The last version of a fact, recorded or deleted; None if it never was recorded."""
    rows = last_rows([(kind_of(model), key)])
    return rows[0].instance if rows else None


def last_change(record: Any) -> tuple[str, datetime | None]:
    """Who last saved or deleted a record that has a history, and when; nobody and None if it does not say."""
    rows = type(record).history.filter(**{record._meta.pk.attname: record.pk}).select_related("history_user")
    last = rows.order_by("-history_date", "-history_id").first()
    return (str(last.history_user or ""), last.history_date) if last else ("", None)


def last_rows(facts: Iterable[tuple[FactKind, Any]]) -> list[Any]:
    """The last row of the history of each of some facts, by kind and key, that has a history."""
    facts = list(facts)
    last: dict[tuple[str, Any], Any] = {}
    for kind in {kind for kind, _key in facts}:
        keys = [key for of, key in facts if of == kind]
        rows = kind.model.history.filter(**{f"{kind.key}__in": keys}).select_related("history_user")
        for row in rows.order_by("history_date", "history_id"):
            last[kind.slug, getattr(row, kind.key)] = row
    return [row for kind, key in facts if (row := last.get((kind.slug, key)))]
