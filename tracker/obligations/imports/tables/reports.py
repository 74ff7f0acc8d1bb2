"""The tables of reports, reviews, dates that the Committee or the UN states, and requests."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db import models
from django.db.models import F, Max, QuerySet
from django.utils.translation import gettext as _, gettext_lazy

from tracker.languages.typed import closed_figures
from tracker.obligations.derive import facts_of
from tracker.obligations.imports.cells import SHOWN, Cell, as_text, text_of
from tracker.obligations.imports.columns import (
    AskedIn,
    Cycles,
    Day,
    DayOrMonth,
    DueDate,
    ImportColumn,
    Number,
    PrintedDue,
    Revises,
    StateNameColumn,
    Word,
    YesNo,
)
from tracker.obligations.imports.tables.base import NOTE, SOURCE, ImportTable, Key
from tracker.obligations.models import (
    REPORTS,
    Assessment,
    CarriedBy,
    CommitteeDate,
    CommitteeSession,
    Document,
    Information,
    InformationRequest,
    Kind,
    Obligation,
    Precision,
    PrintedDate,
    RequestDocument,
    Review,
    SessionKind,
    Submission,
    Trust,
    series_on,
)
from tracker.obligations.second_person import four_eyes
from tracker.registry.models import Language
from tracker.registry.values import BadValue
from tracker.rules.coverage import MOST_WORDS
from tracker.rules.entry_into_force import OPSC_IN_FORCE
from tracker.rules.facts import Facts

PRIOR_TO_REPORTING = "/QPR/"  # is part of the symbols of lists of issues prior to reporting
TRUST = Word(
    gettext_lazy("How it was read: document, secondary (read about it), memory, or empty."),
    Trust.choices,
    example="document",
)

# --- what names cycles: submissions, reviews and dates -----------------------------------------------


class OfCycles(ImportTable):
    """What submissions, reviews, dates stated by the Committee and printed dates share."""

    state = StateNameColumn()
    kind = Word(gettext_lazy("initial or periodic."), REPORTS, required=True, example="periodic")
    cycles = Cycles(
        gettext_lazy("1 for the initial report; 3, or 3-4 for the third and fourth combined."),
        required=True,
        fields=("first_cycle", "last_cycle"),
        example="3-4",
    )
    carried_by = Word(
        gettext_lazy(
            "own or CRC report; empty: the CRC report for a periodic report of a State party to the CRC."
        ),
        CarriedBy.choices,
    )

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        self._facts = facts_of()

    def facts(self, state: str) -> Facts:
        """The recorded facts of a State."""
        return self._facts.get(state, Facts())

    def key(self, fact: Any) -> Key:
        return self.numbers_of(fact)

    @staticmethod
    def numbers_of(fact: Any) -> Key:
        """The State, and which of its reports a fact names."""
        return fact.state_id, fact.kind, fact.carried_by, fact.first_cycle, fact.last_cycle

    def settle(self, fact: Any) -> dict[str, Any]:
        if not fact.carried_by and (fact.kind != Kind.PERIODIC or fact.known_on()):
            fact.carried_by = series_on(self.facts(fact.state_id), fact.kind, fact.known_on())
        return {}

    def problems(self, fact: Any) -> dict[str, Any]:
        return fact.problems_of_cycles() or fact.problems(lambda: self.facts(fact.state_id), self.today)


class Submissions(OfCycles):
    """Reports received."""

    name = "submissions"
    label = gettext_lazy("Submissions")
    one = gettext_lazy("report")
    model = Submission
    constraints = (
        (
            "submission_reviewed_after_receipt",
            "reviewed_on",
            lambda s: s.received_on is None or s.reviewed_on is None or s.reviewed_on >= s.received_on,
        ),
    )

    received_on = Day(
        gettext_lazy("Date of receipt; empty if only the review is known."), example="2010-06-29"
    )
    reviewed_on = DayOrMonth(
        gettext_lazy("Day of the dialogue, or its month as 2018-05."),
        fields=("reviewed_on", "review_precision"),
        example="2018-05",
    )
    known_by = Day(gettext_lazy("Only if neither is known: the date of the source that mentions the report."))
    withdrawn_on = Day(gettext_lazy("Day on which the State withdrew the report; empty if it did not."))
    information = Word(
        gettext_lazy(
            "For a report under the CRC, whether it gives information on the OPSC: yes, no, not looked, or empty."
        ),
        Information.choices,
    )
    information_where = ImportColumn(gettext_lazy("Paragraphs or pages, if there is information."))
    symbol = ImportColumn(gettext_lazy("For example CRC/C/OPSC/USA/1."), example="CRC/C/OPSC/NOR/3-4")
    title = ImportColumn(gettext_lazy("As printed on the cover."))
    language = Word(gettext_lazy("ar, zh, en, fr, ru or es."), Language.choices, example="en")
    link = ImportColumn(gettext_lazy("Address of the document."))
    revises = Revises(
        gettext_lazy(
            "For a revision: symbol of the report that it supersedes, which must be recorded; "
            "“without symbol” if it has none."
        ),
        fields=("revises_named",),
    )
    source = SOURCE
    confidence = TRUST
    note = NOTE

    def recorded(self) -> QuerySet:
        return super().recorded().select_related("revises")

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        self._by_symbol: dict[Key, list[Any]] = defaultdict(list)
        for report in self._found.values():
            self._by_symbol[report.state_id, report.symbol].append(report)

    def key(self, fact: Any) -> Key:
        if fact.revises_id is not None:
            return (*super().key(fact), fact.revises_id, self._mark(fact))
        if fact.withdrawn_on is not None:
            return self._withdrawn_key(fact)
        return super().key(fact)

    def _withdrawn_key(self, fact: Any) -> Key:
        """Another report with the same numbers may have come since."""
        return (*super().key(fact), "withdrawn", self._mark(fact))

    @staticmethod
    def _mark(fact: Any) -> str:
        """Distinguishes reports with the same numbers."""
        return fact.symbol or str(fact.known_on())

    def match(self, fact: Any) -> Any:
        """The recorded report, also where the one was withdrawn by now and the other was not."""
        found = super().match(fact)
        if found is not None or fact.revises_id is not None:
            return found
        if fact.withdrawn_on is None:
            return self._found.get(self._withdrawn_key(fact))
        found = self._found.get(super().key(fact))
        return found if found is not None and self._mark(found) == self._mark(fact) else None

    def settle(self, fact: Any) -> dict[str, Any]:
        super().settle(fact)
        named = getattr(fact, "revises_named", "")
        if not named:
            return {}
        without = named.casefold() == Revises.WITHOUT_SYMBOL
        found = [
            report
            for report in self._by_symbol.get((fact.state_id, "" if without else named), [])
            if not without or (report.kind == fact.kind and report.cycles == fact.cycles)
        ]
        if not found:
            return {"revises": Submission._meta.get_field("revises").error_messages["invalid"]}
        if len(found) > 1:
            return {"revises": _("Several recorded reports of the State match; enter this revision by hand.")}
        fact.revises = found[0]
        return {}

    def problems(self, fact: Any) -> dict[str, Any]:
        return fact.problems_of_cycles() or fact.problems(
            lambda: self.facts(fact.state_id), self.today, fact.revises if fact.revises_id else None
        )

    def written_fields(self) -> list[str]:
        return [name for name in super().written_fields() if name != "revises_named"]


NEXT_OR_CYCLES = Cycles(
    gettext_lazy(
        "3, or 3-4 for the third and fourth combined; empty for a report under the CRC whose number is not known."
    ),
    required=True,
    may_be_empty=True,
    fields=("first_cycle", "last_cycle"),
    example="3-4",
)


class CommitteeDates(OfCycles):
    """Dates that the Committee states."""

    name = "committee-dates"
    label = gettext_lazy("Dates stated by the Committee")
    one = gettext_lazy("date")
    model = CommitteeDate
    constraints = (
        (
            "committee_date_after_entry_into_force",
            "due_on",
            lambda d: d.due_on is None or d.due_on > OPSC_IN_FORCE,
        ),
    )

    cycles = NEXT_OR_CYCLES
    due_on = DueDate(
        gettext_lazy(
            "The date stated, a year alone with the precision “year”, “to be communicated”, or “waived”."
        ),
        required=True,
        fields=("due_on", "outcome"),
        example="2016-01-23",
    )
    precision = Word(
        gettext_lazy("day, month or year, as the document prints it; empty: day."), Precision.choices
    )
    document = ImportColumn(
        gettext_lazy("Symbol of the document that states it; empty if it is not known."),
        required=True,
        may_be_empty=True,
        example="CRC/C/OPSC/NOR/CO/2",
    )
    document_kind = Word(
        gettext_lazy(
            "concluding observations, list of issues prior to reporting, or other decision; empty: as the symbol says."
        ),
        Document.choices,
    )
    paragraph = ImportColumn(gettext_lazy("Of that document."), example="47")
    decided_on = Day(
        gettext_lazy(
            "Day of adoption, or the close of the session; empty if it is not known and a date is stated."
        ),
        required=True,
        may_be_empty=True,
        example="2013-02-01",
    )
    source = SOURCE
    confidence = TRUST
    note = NOTE

    def recorded(self) -> QuerySet:
        return super().recorded().filter(corrects=None)

    def recorded_in_effect(self) -> QuerySet:
        return self.recorded().filter(awaits_confirmation=False)

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        waiting = CommitteeDate.objects.exclude(corrects=None) if four_eyes(self.by) else ()
        self._corrections = {fact.corrects_id: fact for fact in waiting}
        self._row: Mapping[str, Any] = {}

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        self._row = row
        super().before_import_row(row, **kwargs)

    def settle(self, fact: Any) -> dict[str, Any]:
        if PRIOR_TO_REPORTING in fact.document and not text_of(self._row.get("document_kind", "")):
            fact.document_kind = Document.PRIOR_TO_REPORTING.value
        return super().settle(fact)

    def key(self, fact: Any) -> Key:
        return (*super().key(fact), fact.document)

    def match(self, fact: Any) -> Any:
        """The recorded date or, where that one says something else, its correction that awaits confirmation."""
        found = super().match(fact)
        correction = self._corrections.get(found.pk) if found is not None else None
        return correction if correction and self.different(found, fact, self._row) else found

    def to_write(self, new: list[Any], changed: list[Any], by: Any) -> tuple[list[Any], list[Any]]:
        """Where a second person confirms, what is in effect stays as it is until then."""
        if not four_eyes(by):
            return new, changed
        corrections = []
        for fact in changed:
            if not fact.awaits_confirmation:
                correction = copy.copy(fact)
                correction.pk, correction.corrects_id = None, fact.pk
                correction._state = copy.copy(fact._state)
                correction._state.adding = True
                corrections.append(correction)
        waiting = [fact for fact in changed if fact.awaits_confirmation]
        for fact in (*new, *corrections, *waiting):
            fact.awaits_confirmation, fact.entered_by = True, by
        return [*new, *corrections], waiting

    def written_fields(self) -> list[str]:
        return [*super().written_fields(), "entered_by"]


# --- reviews, and what the United Nations printed ------------------------------------------------------


class Reviews(OfCycles):
    """Concluding observations of the Committee."""

    name = "reviews"
    label = gettext_lazy("Reviews of the Committee")
    one = gettext_lazy("review")
    model = Review

    cycles = NEXT_OR_CYCLES
    document = ImportColumn(
        gettext_lazy("Symbol of the concluding observations."), required=True, example="CRC/C/NOR/CO/5-6"
    )
    adopted_on = Day(
        gettext_lazy("Day of adoption, or the last day of the session."), required=True, example="2018-06-01"
    )
    session = Number(gettext_lazy("Number of the Committee's session."), example="78")
    without_report = YesNo(
        gettext_lazy(
            "yes if the Committee reviewed the State although it had received no report; empty: no."
        ),
        empty=False,
    )
    source = SOURCE
    confidence = TRUST
    note = NOTE

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        self._sessions = defaultdict(list)  # by number, and by the reviews on their agenda
        for session in CommitteeSession.objects.annotate(reviewed=F("agenda__review")):
            self._sessions["on agenda", session.reviewed].append(session)
            if session.kind == SessionKind.SESSION:
                self._sessions["number", session.number].append(session)

    def key(self, fact: Any) -> Key:
        return fact.state_id, fact.document

    def problems(self, fact: Any) -> dict[str, Any]:
        its = [*self._sessions.get(("number", fact.session), ())]
        its += self._sessions.get(("on agenda", fact.pk), ()) if fact.pk else ()
        return fact.problems_of_cycles() or fact.problems(lambda: self.facts(fact.state_id), self.today, its)


class PrintedDates(OfCycles):
    """Due dates as the United Nations prints them."""

    name = "printed-dates"
    label = gettext_lazy("Due dates printed by the UN")
    one = gettext_lazy("report")
    model = PrintedDate

    printed = PrintedDue(gettext_lazy("A year, or a day as 2015-09-26."), required=True, example="2010")
    document = ImportColumn(
        gettext_lazy("Document that prints it: a report's cover, or a list."), example="CRC/C/NOR/4"
    )
    printed_on = Day(
        gettext_lazy("Day of that document, or of receipt of that report."),
        required=True,
        example="2009-05-11",
    )
    source = SOURCE
    note = NOTE


# --- requests for further information ------------------------------------------------------------------


class WordCount(ImportColumn):
    """A column with a number of words, 9800 or 9,800, or nothing."""

    def read(self, cell: Cell, model: type[models.Model]) -> dict[str, Any]:
        text = as_text(cell)
        number = closed_figures(text)
        if text and not (number.isascii() and number.isdecimal() and 1 <= int(number) <= MOST_WORDS):
            raise BadValue(
                _("“%(text)s” is not a number of words; write for example 9,800.") % {"text": text[:SHOWN]}
            )
        return {self.name: int(number) if text else None}


class Requests(ImportTable):
    """Requests of the Committee for further information, and the replies to them."""

    name = "requests"
    label = gettext_lazy("Requests for further information")
    one = gettext_lazy("request")
    model = InformationRequest
    constraints = (("request_after_entry_into_force", "issued_on", lambda r: r.issued_on >= OPSC_IN_FORCE),)

    state = StateNameColumn()
    kind = AskedIn(
        gettext_lazy("list of issues, follow-up or other."),
        RequestDocument.choices,
        required=True,
        example="list of issues",
    )
    document = ImportColumn(
        gettext_lazy("Symbol of the document."), required=True, example="CRC/C/OPSC/NOR/Q/3-4"
    )
    issued_on = Day(gettext_lazy("Day of the document."), required=True, example="2012-07-10")
    due_on = Day(gettext_lazy("Day by which it asks for the reply."), required=True, example="2012-11-15")
    received_on = Day(gettext_lazy("Day on which the reply was received; empty until then."))
    assessment = Word(
        gettext_lazy("What the Committee finds of the reply: adequate, partly, inadequate, or empty."),
        Assessment.choices,
    )
    assessed_on = Day(gettext_lazy("Day of the document that assesses the reply."))
    assessment_words = ImportColumn(gettext_lazy("The Committee's words, with document and paragraph."))
    source = SOURCE
    note = NOTE
    reply_words = WordCount(gettext_lazy("Number of words of the reply."))

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        self._facts = facts_of()

    def key(self, fact: Any) -> Key:
        return fact.state_id, fact.kind, fact.document

    def problems(self, fact: Any) -> dict[str, Any]:
        return fact.problems(lambda: self._facts.get(fact.state_id, Facts()), self.today)

    def to_write(self, new: list[Any], changed: list[Any], by: Any) -> tuple[list[Any], list[Any]]:
        """Gives each new request the next number of its State."""
        last: dict[str, int] = defaultdict(int)
        for rows, number in (
            (InformationRequest.objects.all(), "number"),
            (Obligation.objects.filter(kind=Kind.INFORMATION), "cycle"),  # keeps those of withdrawn requests
        ):
            for state, most in rows.order_by().values_list("state_id").annotate(Max(number)):
                last[state] = max(last[state], most)
        for fact in new:
            last[fact.state_id] += 1
            fact.number = last[fact.state_id]
        return new, changed
