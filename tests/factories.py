"""Small helpers that create records, so that a test shows what it is about.

Days are ISO text. None of these derives anything: call `derive(on)` for the obligations.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pycountry
from django.contrib.auth import get_user_model

from tracker.obligations import sync
from tracker.obligations.actions import save_facts
from tracker.obligations.models import (
    AgendaItem,
    CommitteeDate,
    CommitteeSession,
    ExpectedYear,
    InformationRequest,
    Obligation,
    Review,
    Submission,
)
from tracker.registry.models import Amendment, AmendmentPosition, Contact, State, Statement, TreatyAction


def withdraw_fact(fact: Any, *, by: Any = None, reason: str = "", on: date | None = None) -> sync.Difference:
    """Deletes a fact, as the pages do."""
    return save_facts([], delete=[fact], by=by, reason=reason, on=on)


def day(text: str) -> date:
    """2003-01-23 as a date."""
    return date.fromisoformat(text)


def a_state(iso3: str = "NOR", **fields: Any) -> State:
    """A State under its ISO name, whose records are complete unless `records_from` says otherwise."""
    country = pycountry.countries.get(alpha_3=iso3)
    names = {"iso2": country.alpha_2, "name": country.name} if country else {"name": iso3}
    return State.objects.create(iso3=iso3, **_days(names | fields))


def signs(state: State, treaty: str = "OPSC", on: str = "2000-09-06", **fields: Any) -> TreatyAction:
    """A signature."""
    return joins(state, treaty, on, "signature", **fields)


def joins(
    state: State, treaty: str = "OPSC", on: str = "2002-12-23", kind: str = "ratification", **fields: Any
) -> TreatyAction:
    """A ratification, accession or succession; `effective_on` is what the depositary records."""
    return TreatyAction.objects.create(
        state=state, treaty_id=treaty, kind=kind, date=day(on), **_days(fields)
    )


def denounces(state: State, treaty: str = "OPSC", on: str = "2010-03-01", **fields: Any) -> TreatyAction:
    """A denunciation received on a day."""
    return joins(state, treaty, on, "denunciation", **fields)


def receives(
    state: State, on: str | None = "2007-05-10", kind: str = "initial", cycles: str = "1", **fields: Any
) -> Submission:
    """A report received from a State; for "receipt unknown" pass on=None and `reviewed_on`."""
    return Submission.objects.create(
        state=state, received_on=day(on) if on else None, kind=kind, **_cycles(cycles), **_days(fields)
    )


def decides(
    state: State,
    due: str | None = "2016-01-23",
    on: str = "2013-02-01",
    kind: str = "periodic",
    cycles: str = "3-4",
    **fields: Any,
) -> CommitteeDate:
    """A date that the Committee states; with due=None pass the `outcome`."""
    return CommitteeDate.objects.create(
        state=state,
        due_on=day(due) if due else None,
        decided_on=day(on),
        kind=kind,
        **_cycles(cycles),
        **({"document": f"CRC/C/OPSC/{state.pk}/CO/1"} | _days(fields)),
    )


def reviews(
    state: State, on: str = "2018-06-01", kind: str = "periodic", cycles: str = "5-6", **fields: Any
) -> Review:
    """Concluding observations; cycles "0" where the number of the report under the CRC is not known."""
    return Review.objects.create(
        state=state,
        adopted_on=day(on),
        kind=kind,
        **_cycles(cycles),
        **({"document": f"CRC/C/{state.pk}/CO/{cycles}"} | _days(fields)),
    )


def a_session(
    number: int = 96, on: str = "2024-05-06", until: str = "2024-05-24", **fields: Any
) -> CommitteeSession:
    """A session of the Committee; held unless another status is given."""
    values = {"status": "held"} | _days(fields)
    return CommitteeSession.objects.get_or_create(
        kind=values.pop("kind", "session"),
        number=number,
        defaults={"starts_on": day(on), "ends_on": day(until)} | values,
    )[0]


def on_the_agenda(
    state: State, session: CommitteeSession | None = None, submission: Submission | None = None, **fields: Any
) -> AgendaItem:
    """A State on a session; without a report, the Committee has decided to review it without one."""
    without = {} if submission else {"without_report": True, "decision": "CRC/C/96/DEC"}
    return AgendaItem.objects.create(
        state=state, session=session or a_session(), submission=submission, **(without | _days(fields))
    )


def expects(
    state: State, year: int = 2029, on: str = "2026-06-01", document: str = "CRC/C/CAL/1", **fields: Any
) -> ExpectedYear:
    """A year of the Committee's calendar."""
    return ExpectedYear.objects.create(
        state=state, year=year, calendar="2027-2034", document=document, decided_on=day(on), **fields
    )


def asks(
    state: State, due: str = "2012-11-15", on: str = "2012-07-10", kind: str = "list of issues", **fields: Any
) -> InformationRequest:
    """A request of the Committee for further information; `received_on` is the day of the reply."""
    return InformationRequest.objects.create(
        state=state,
        kind=kind,
        issued_on=day(on),
        due_on=day(due),
        **({"document": f"CRC/C/OPSC/{state.pk}/Q/2"} | _days(fields)),
    )


def proposes(state: State, on: str = "2025-01-15", treaty: str = "OPSC", **fields: Any) -> Amendment:
    """A proposal to amend a treaty; further days by their names."""
    return Amendment.objects.create(
        treaty_id=treaty,
        proposed_by=state,
        proposed_on=day(on),
        **({"title": "Amendment to article 12, paragraph 2"} | _days(fields)),
    )


def answers(amendment: Amendment, state: State, on: str, kind: str = "favours") -> AmendmentPosition:
    """A State favours a conference, or accepts."""
    return AmendmentPosition.objects.create(amendment=amendment, state=state, kind=kind, date=day(on))


def declares(
    state: State, kind: str = "declaration", on: str = "2001-10-02", treaty: str = "OPSC", **fields: Any
) -> Statement:
    """A declaration, reservation, objection or territorial application; an objection needs `about`."""
    return Statement.objects.create(
        state=state,
        kind=kind,
        treaty_id=treaty,
        date=day(on),
        **({"text": "The Government declares …", "source": "C.N.1.2001"} | _days(fields)),
    )


def a_contact(state: State, email: str = "mission@example.org", **fields: Any) -> Contact:
    """Somebody to write to, with no more than a name and an address."""
    return Contact.objects.create(state=state, email=email, **({"name": "Permanent Mission"} | fields))


def an_officer(username: str = "ada", **fields: Any) -> Any:
    """A user of the tracker, for example a State's desk officer."""
    return get_user_model().objects.create_user(
        username, **({"email": f"{username}@example.org", "is_staff": True} | fields)
    )


def derive(on: str, *states: State) -> sync.Difference:
    """Derives the obligations from the records of a day; without States, those of all."""
    return sync.synchronise(day(on), [state.pk for state in states] or None)


def the_obligation(state: State, cycle: int = 1, carried_by: str = "own") -> Obligation:
    """The one report that a State owes with this cycle and series (cycle 1 of the own series: the initial)."""
    reports = Obligation.objects.exclude(kind="information")
    return reports.get(state=state, cycle=cycle, carried_by=carried_by)


def the_request(state: State, number: int = 1) -> Obligation:
    """The obligation that answers one of the Committee's requests for further information."""
    return Obligation.objects.get(state=state, kind="information", cycle=number)


def _cycles(text: str) -> dict[str, int]:
    first, _, last = text.partition("-")
    return {"first_cycle": int(first), "last_cycle": int(last or first)}


def _days(fields: dict[str, Any]) -> dict[str, Any]:
    """Fields named …_on and records_from may be given as text."""
    return {
        name: day(value)
        if isinstance(value, str)
        and (name.endswith("_on") or "records_from" in name or name == "records_until")
        else value
        for name, value in fields.items()
    }
