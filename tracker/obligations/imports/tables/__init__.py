"""The tables that can be uploaded as a file, by the name that addresses and file names use."""

from tracker.obligations.imports.tables.base import ImportTable
from tracker.obligations.imports.tables.calendars import ExpectedYears
from tracker.obligations.imports.tables.registry import Actions, Contacts, Positions, Statements
from tracker.obligations.imports.tables.reports import (
    CommitteeDates,
    PrintedDates,
    Requests,
    Reviews,
    Submissions,
)
from tracker.obligations.imports.tables.sessions import Agenda, Sessions

__all__ = ["TABLES", "ImportTable"]

TABLES: dict[str, type[ImportTable]] = {
    table.name: table
    for table in (
        Actions,
        Submissions,
        Contacts,
        CommitteeDates,
        Reviews,
        PrintedDates,
        Requests,
        ExpectedYears,
        Statements,
        Positions,
        Sessions,
        Agenda,
    )
}
