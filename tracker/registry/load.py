"""Loads States and treaty actions from CSV files: compares, says what would change, writes as a whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pycountry
from django.db import models
from simple_history.utils import bulk_create_with_history, get_history_manager_for_model

from tracker.registry.csvfile import Problems, Row, one_of, read_table
from tracker.registry.models import (
    ADOPTED,
    Confidence,
    Region,
    State,
    TreatyAction,
    latest_effect,
    order_problem,
)
from tracker.rules.dates import in_words
from tracker.rules.entry_into_force import JOINING, ActionKind, TreatyCode

SHIPPED = Path(__file__).parent / "data"

STATES = ("iso3", "iso2", "region", "source", "note")
RECORDS = ("iso3", "records_from", "evidence_on", "source", "note")
RECORDS_OPTIONAL = ("carried_records_from", "records_until")
PARTICIPATION = (
    "iso3",
    "name",
    "opsc_signature",
    "opsc_action",
    "opsc_action_date",
    "opsc_entry_into_force",
    "crc_action",
    "crc_action_date",
    "crc_entry_into_force",
    "sources",
    "confidence",
    "note",
)
# How far the day of the CRC action, or of its effect, is certain; "confidence" speaks of the OPSC.
PARTICIPATION_OPTIONAL = ("crc_confidence",)
# The file marks an entry into force of the CRC that was computed, not recorded.
COMPUTED_TAG = "crc-eif-derived"


@dataclass(frozen=True)
class Tally:
    """What loading did, or would do, to one table."""

    table: str
    added: int
    changed: int
    unchanged: int


def upsert(
    model: type[models.Model],
    wanted: Mapping[Any, dict[str, Any]],
    present: Mapping[Any, Any],
    reason: str,
    *,
    add_only: bool = False,
) -> Tally:
    """Creates and updates rows so that they carry the wanted values, with history and reason.

    Args:
        wanted: values of the fields by key.
        present: the existing rows by the same key; those that are not wanted stay as they are.
        add_only: whether all existing rows stay as they are.
    """
    new, changed, fields = [], [], set()
    for key, values in wanted.items():
        row = present.get(key)
        if row is None:
            new.append(model(**values))
            continue
        different = [name for name, value in values.items() if getattr(row, name) != value]
        if different and not add_only:
            for name in different:
                setattr(row, name, values[name])
            changed.append(row)
            fields.update(different)
    write(model, new, changed, fields, reason)
    name = str(model._meta.verbose_name_plural)
    return Tally(name, len(new), len(changed), len(wanted) - len(new) - len(changed))


def write(
    model: type[models.Model],
    new: Sequence[Any],
    changed: Sequence[Any],
    fields: Iterable[str],
    reason: str,
    by: Any = None,
) -> None:
    """Creates and updates rows set by set, each with its history.

    Args:
        fields: the names of those that may differ in the changed rows.
        reason, by: why, and which user; kept in the history.
    """
    kept = {"default_change_reason": reason, "default_user": by}
    if new:
        bulk_create_with_history(new, model, batch_size=500, **kept)
    if changed:
        # An upsert of rows that are there: a tenth of the time that bulk_update takes with its CASE for each row.
        model._default_manager.bulk_create(
            changed,
            update_conflicts=True,
            unique_fields=[model._meta.pk.name],
            update_fields=sorted(fields),
            batch_size=500,
        )
        get_history_manager_for_model(model).bulk_history_create(changed, batch_size=500, update=True, **kept)


def load(
    folder: Path, problems: Problems, reason: str, today: date, *, add_only: bool = False
) -> list[Tally]:
    """Loads participation.csv, records.csv and, for region and alpha-2, states.csv.

    The caller has opened a transaction and rolls it back if a problem was noted. A folder without
    states.csv takes the shipped one. Files that are not there are passed over.

    Args:
        add_only: whether what is recorded stays as it is; of records.csv then only States that are new count.
    """
    participation = table(folder, "participation.csv", PARTICIPATION, problems, PARTICIPATION_OPTIONAL)
    states = _states(folder, participation, problems)
    problems.check()
    before = State.objects.in_bulk()
    tallies = [upsert(State, states, before, reason, add_only=add_only)] if participation else []
    present = _present_actions()
    actions = _actions(participation, present, problems, today)
    problems.check()
    if participation:
        tallies.append(upsert(TreatyAction, actions, present, reason, add_only=add_only))
    recorded = State.objects.in_bulk()
    records = _records(folder, recorded, problems)
    problems.check()
    if records:
        if add_only:
            records = {iso3: values for iso3, values in records.items() if iso3 not in before}
        tally = upsert(State, records, recorded, reason)
        tallies.append(Tally("records", 0, tally.changed, tally.unchanged))
    return tallies


def table(
    folder: Path, name: str, columns: Sequence[str], problems: Problems, optional: Sequence[str] = ()
) -> list[Row]:
    """The rows of a file of the folder; none where there is no such file."""
    path = folder / name
    return read_table(path, columns, problems, optional) if path.exists() else []


def named_once(rows: Iterable[Row], problems: Problems, *names: str) -> None:
    """Notes rows that name again what an earlier row named (by these columns)."""
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        key = tuple(row[name] for name in names)
        if key in seen:
            problems.add(
                row, names[0], f"{' '.join(key)} stands in row {seen[key]} already; keep one of the two."
            )
        else:
            seen[key] = row.number


def known_state(row: Row, known: set[str], problems: Problems) -> bool:
    """Whether the row's State is recorded; noted as a problem if not."""
    if row["iso3"] not in known:
        problems.add(
            row, "iso3", f"“{row['iso3']}” is not the alpha-3 code of a State that is recorded here."
        )
        return False
    return True


def _states(folder: Path, participation: list[Row], problems: Problems) -> dict[str, dict[str, Any]]:
    path = folder if (folder / "states.csv").exists() else SHIPPED
    details = {}
    for row in table(path, "states.csv", STATES, problems):
        details[row["iso3"]] = {
            "iso2": row["iso2"] or None,
            "region": row.read("region", one_of(Region.values), ""),
        }
    named_once(participation, problems, "iso3")
    named_once(participation, problems, "name")
    wanted: dict[str, dict[str, Any]] = {}
    for row in participation:
        iso3 = row["iso3"]
        country = pycountry.countries.get(alpha_3=iso3) if iso3.isupper() else None
        if country is None:
            problems.add(row, "iso3", f"“{iso3}” is not an alpha-3 code of ISO 3166, for example NOR.")
            continue
        if not row["name"]:
            problems.add(row, "name", "the State has no name; enter it as the United Nations names it.")
        wanted[iso3] = {"iso3": iso3, "name": row.text("name", 120), "iso2": country.alpha_2} | details.get(
            iso3, {}
        )
    return wanted


def slot(kind: str) -> str:
    """What a State has one of in a period of participation: a signature, a joining, a denunciation."""
    return "joining" if kind in JOINING else kind


def _present_actions() -> dict[tuple[str, str, str], TreatyAction]:
    """The first action of each slot, which the file speaks of."""
    rows = TreatyAction.objects.order_by("-date", "-pk")
    return {(a.state_id, a.treaty_id, slot(a.kind)): a for a in rows}


def _actions(
    participation: list[Row],
    present: Mapping[tuple[str, str, str], TreatyAction],
    problems: Problems,
    today: date,
) -> dict[tuple[str, str, str], dict[str, Any]]:
    """The wanted values by State, treaty and slot.

    Args:
        present: the actions that are recorded; those that the file does not speak of stay beside it.
    """
    wanted: dict[tuple[str, str, str], dict[str, Any]] = {}
    every: dict[tuple[str, str], list[TreatyAction]] = defaultdict(list)
    for action in TreatyAction.objects.order_by("pk"):
        every[action.state_id, action.treaty_id].append(action)
    for row in participation:
        shared = {
            "source": row.text("sources", 200),
            "confidence": row.read("confidence", one_of(Confidence.values), ""),
            "note": row["note"],
        }
        for treaty, prefix in ((TreatyCode.OPSC.value, "opsc"), (TreatyCode.CRC.value, "crc")):
            signed = row.day("opsc_signature") if prefix == "opsc" else None
            if signed:
                _check_day(row, "opsc_signature", treaty, signed, today, problems)
                wanted[row["iso3"], treaty, ActionKind.SIGNATURE] = _action(
                    row, treaty, "signature", signed
                ) | {
                    **shared,
                    # The file's confidence and note speak of the day of joining, where there is one.
                    "confidence": "",
                    "note": "" if row["opsc_action"] else row["note"],
                }
            kind = row.read(f"{prefix}_action", one_of([k.value for k in JOINING]), "")
            day = row.day(f"{prefix}_action_date")
            recorded = row.day(f"{prefix}_entry_into_force")
            if kind and not row[f"{prefix}_action_date"]:
                problems.add(row, f"{prefix}_action_date", f"the {kind} has no date.")
            if not row[f"{prefix}_action"] and (day or recorded):
                problems.add(row, f"{prefix}_action", "there is a date, but no action; say which it was.")
            if kind and day:
                _check_day(row, f"{prefix}_action_date", treaty, day, today, problems)
                if prefix == "crc":
                    confidence = one_of(Confidence.values)
                    weak = row.read("crc_confidence", confidence, "") if row.has("crc_confidence") else ""
                    shared = {**shared, "confidence": weak}
                    if COMPUTED_TAG in row["sources"].split(";"):
                        recorded = None
                if recorded and recorded < day and kind != ActionKind.SUCCESSION:
                    problems.add(
                        row,
                        f"{prefix}_entry_into_force",
                        f"{recorded} lies before the {kind} of {day}; a treaty enters into force after it.",
                    )
                if recorded and recorded > latest_effect(day):
                    problems.add(
                        row,
                        f"{prefix}_entry_into_force",
                        f"{recorded} lies more than two years after the {kind} of {day}; check the year.",
                    )
                wanted[row["iso3"], treaty, "joining"] = _action(row, treaty, kind, day) | {
                    **shared,
                    "effective_on": recorded,
                }
            if signed or (kind and day):
                _check_together(row, treaty, prefix, wanted, every, present, problems)
    return wanted


def _check_together(
    row: Row,
    treaty: str,
    prefix: str,
    wanted: Mapping[tuple[str, str, str], dict[str, Any]],
    every: Mapping[tuple[str, str], Sequence[TreatyAction]],
    present: Mapping[tuple[str, str, str], TreatyAction],
    problems: Problems,
) -> None:
    """Whether the row's actions can stand together, and beside those that are recorded and stay."""
    named = {
        one: wanted[row["iso3"], treaty, one]
        for one in (ActionKind.SIGNATURE, "joining")
        if (row["iso3"], treaty, one) in wanted
    }
    replaced = {present[key].pk for one in named if (key := (row["iso3"], treaty, one)) in present}
    others = [a.as_rule() for a in every.get((row["iso3"], treaty), ()) if a.pk not in replaced]
    new = {one: TreatyAction(**values).as_rule() for one, values in named.items()}
    for one, column in (("joining", f"{prefix}_action_date"), (ActionKind.SIGNATURE, "opsc_signature")):
        if one in new:
            beside = [*others, *(action for other, action in new.items() if other != one)]
            if message := order_problem(beside, new[one]):
                problems.add(row, column, str(message))
                return


def _action(row: Row, treaty: str, kind: str, day: date) -> dict[str, Any]:
    return {"state_id": row["iso3"], "treaty_id": treaty, "kind": kind, "date": day}


def _check_day(row: Row, name: str, treaty: str, day: date, today: date, problems: Problems) -> None:
    if day < ADOPTED[treaty]:
        problems.add(
            row, name, f"{day} lies before the adoption of the {treaty} ({in_words(ADOPTED[treaty])})."
        )
    elif day > today:
        problems.add(row, name, f"{day} lies in the future.")


def _records(folder: Path, present: Mapping[str, State], problems: Problems) -> dict[str, dict[str, Any]]:
    """The wanted values by State.

    Args:
        present: the States that are recorded; what the file does not speak of stays as it is.
    """
    rows = table(folder, "records.csv", RECORDS, problems, RECORDS_OPTIONAL)
    named_once(rows, problems, "iso3")
    wanted: dict[str, dict[str, Any]] = {}
    for row in rows:
        if not known_state(row, set(present), problems):
            continue
        days = {name: row.day(name) for name in ("records_from", *RECORDS_OPTIONAL) if row.has(name)}
        until = days.get("records_until", present[row["iso3"]].records_until)
        for name in ("records_from", "carried_records_from"):
            since = days.get(name, getattr(present[row["iso3"]], name))
            if since and until and until < since:
                column = "records_until" if row.has("records_until") else "records_from"
                told = f"the records begin on {since} and end on {until}; empty records_until if they go on."
                problems.add(row, column, told)
                break
        wanted[row["iso3"]] = {
            **days,
            "records_evidence_on": row.day("evidence_on"),
            "records_source": row.text("source", 200),
            "records_note": row["note"],
        }
    return wanted
