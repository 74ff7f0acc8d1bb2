"""The files of a folder of records, and which of their columns is which column of a table of the importer."""

from __future__ import annotations

# Of each file: the columns that it must have, and those that it may have.
FILES = {
    "participation.csv": (
        (
            "iso3 name opsc_signature opsc_action opsc_action_date opsc_entry_into_force crc_action crc_action_date "
            "crc_entry_into_force sources confidence note"
        ),
        # How far the day of the CRC action, or of its effect, is certain; "confidence" is for the OPSC.
        "crc_confidence",
    ),
    "records.csv": ("iso3 records_from evidence_on source note", "carried_records_from records_until"),
    "submissions.csv": (
        "iso3 kind cycles received_on considered_on symbol printed_due source note",
        "confidence",
    ),
    "reports_crc.csv": ("iso3 cycles received_on considered_on symbol printed_due source note", "confidence"),
    "committee_dates.csv": (
        "iso3 kind cycles due_on precision document paragraph decided_on source note",
        "confidence",
    ),
    "committee_dates_crc.csv": (
        "iso3 cycles due_on precision document paragraph decided_on source note",
        "confidence",
    ),
    "reviews_crc.csv": ("iso3 symbol adopted_on source note", "confidence"),
    "sessions.csv": (
        "kind number status status_on starts_on ends_on moved_from dialogues source note",
        "document confidence",
    ),
    "agenda.csv": (
        "iso3 kind session purpose held_on source note",
        "report decided_on postponed_on rapporteurs confidence",
    ),
    "states.csv": ("iso3 iso2 region source note", "language"),
}
ORIGIN = {"state": "iso3", "source": "source", "note": "note", "confidence": "confidence"}
REPORT = ORIGIN | {
    **{name: name for name in ("kind", "cycles", "received_on", "symbol")},
    "reviewed_on": "considered_on",
}
STATED = ORIGIN | {
    name: name for name in ("kind", "cycles", "due_on", "precision", "document", "paragraph", "decided_on")
}
SESSION = {name: name for names in FILES["sessions.csv"] for name in names.split()}
ON_AGENDA = ORIGIN | {
    name: name
    for name in (
        "kind",
        "session",
        "purpose",
        "report",
        "decided_on",
        "held_on",
        "postponed_on",
        "rapporteurs",
    )
}
RECORDS = {
    "iso3": "iso3",
    **{name: name for name in ("records_from", "carried_records_from", "records_until")},
    "records_evidence_on": "evidence_on",
    "records_source": "source",
    "records_note": "note",
}
