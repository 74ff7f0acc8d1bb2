"""The tables of sessions, and of the States on their agenda."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _, gettext_lazy

from tracker.obligations.imports.cells import SHOWN, Cell, as_text, text_of
from tracker.obligations.imports.columns import Day, ImportColumn, Number, StateNameColumn, Word, YesNo
from tracker.obligations.imports.tables.base import NOTE, SOURCE, ImportTable, Key
from tracker.obligations.imports.tables.reports import TRUST
from tracker.obligations.models import (
    AgendaItem,
    AgendaPurpose,
    CommitteeSession,
    InformationRequest,
    Review,
    SessionKind,
    SessionStatus,
    Submission,
)
from tracker.obligations.queries.on_sessions import heard_at, observed_at


class Sessions(ImportTable):
    """Sessions of the Committee and of its working group."""

    name = "sessions"
    label = gettext_lazy("Sessions")
    one = gettext_lazy("session")
    model = CommitteeSession
    of_the_treaty = True

    kind = Word(gettext_lazy("session or pre-session; empty: session."), SessionKind.choices)
    number = Number(gettext_lazy("As the Committee counts."), required=True, example="94")
    status = Word(gettext_lazy("planned, held, cancelled or moved; empty: planned."), SessionStatus.choices)
    status_on = Day(gettext_lazy("Of a cancelled or moved session: the day on which that became known."))
    starts_on = Day(gettext_lazy("First day; empty if it is not known."), example="2023-09-04")
    ends_on = Day(gettext_lazy("Last day; empty if it is not known."), example="2023-09-22")
    moved_from = Day(gettext_lazy("Of a moved session: its first day before."))
    dialogues = Number(gettext_lazy("How many States can be considered."), example="8")
    document = ImportColumn(gettext_lazy("Symbol of the agenda."), example="CRC/C/94/1")
    source = SOURCE
    confidence = TRUST
    note = NOTE

    def recorded(self) -> QuerySet:
        return CommitteeSession.objects.order_by("kind", "number")

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        self._days = CommitteeSession.days_recorded()

    def key(self, fact: Any) -> Key:
        return fact.kind, fact.number

    def problems(self, fact: Any) -> dict[str, Any]:
        return fact.problems((), self.today, self._days.get(self.key(fact), ()))

    def problems_together(self, facts: Sequence[tuple[int, Any]]) -> dict[int, dict[str, Any]]:
        """Two sessions do not overlap: each is compared with those beside it. A report is on one session at a time."""
        together = self._found | {self.key(fact): fact for _row, fact in facts}
        beside = _beside(one for one in together.values() if one.status != SessionStatus.CANCELLED)
        elsewhere = CommitteeSession.reports_elsewhere(together.values())
        found = {
            row: fact.problems(beside.get(self.key(fact), ()), self.today, (), elsewhere.get(fact.pk))
            for row, fact in facts
        }
        return {row: problems for row, problems in found.items() if problems}


def _beside(sessions: Iterable[Any]) -> dict[Key, list[Any]]:
    """Of each session the earlier one that lasts longest, and the next one: it overlaps one of these, or none."""
    found: dict[Key, list[Any]] = defaultdict(list)
    longest: dict[str, Any] = {}
    before: dict[str, Any] = {}
    for one in sorted(sessions, key=lambda one: one.day):
        if (last := longest.get(one.kind)) is not None:
            found[one.kind, one.number].append(last)
            found[before[one.kind].kind, before[one.kind].number].append(one)
        if last is None or one.last_day > last.last_day:
            longest[one.kind] = one
        before[one.kind] = one
    return found


class SessionKindColumn(Word):
    """The column that says whether a session is the Committee's or its working group's."""

    def read(self, cell: Cell, model: Any) -> dict[str, Any]:
        return {"kind_named": self.known(as_text(cell)) or SessionKind.SESSION.value}

    def show(self, fact: Any) -> str:
        return str(fact.session.kind)


class SessionColumn(Number):
    """The column of the number of a session."""

    def read(self, cell: Cell, model: Any) -> dict[str, Any]:
        return {"number_named": super().read(cell, model)[self.name]}

    def show(self, fact: Any) -> str:
        return str(fact.session.number)


class NamedDocument(ImportColumn):
    """A column that names a recorded document by its symbol; the table looks it up once the State is known.

    Args:
        field: of the model.
        symbol: the field of the document that has its symbol.
    """

    def __init__(self, field: str, symbol: str, about: Any) -> None:
        super().__init__(about, fields=(field,))
        self.symbol = symbol

    def label(self, model: Any) -> str:
        return str(model._meta.get_field(self.fields[0]).verbose_name)

    def read(self, cell: Cell, model: Any) -> dict[str, Any]:
        return {f"{self.fields[0]}_named": as_text(cell)}

    def show(self, fact: Any) -> str:
        document = getattr(fact, self.fields[0])
        return "" if document is None else getattr(document, self.symbol)


class Agenda(ImportTable):
    """States on sessions, with the report, the list of issues and the observations.

    A report that is not named is the one whose dialogue or whose observations fall into the session; where it is not
    recorded, the observations alone are linked.
    """

    name = "agenda"
    label = gettext_lazy("States on sessions")
    one = gettext_lazy("State on the session")
    model = AgendaItem

    kind = SessionKindColumn(
        gettext_lazy("session or pre-session; empty: session."), SessionKind.choices, fields=("session",)
    )
    session = SessionColumn(
        gettext_lazy("Number of the session, which must be recorded."),
        required=True,
        fields=("session",),
        example="94",
    )
    state = StateNameColumn()
    purpose = Word(
        gettext_lazy("dialogue, issues (list of issues) or prior (to reporting); empty: dialogue."),
        AgendaPurpose.choices,
    )
    report = NamedDocument(
        "submission",
        "symbol",
        gettext_lazy("Symbol of the report; empty: the one considered at the session."),
    )
    without_report = YesNo(
        gettext_lazy("yes if the Committee decided to review the State without a report; empty: no."),
        empty=False,
    )
    decision = ImportColumn(gettext_lazy("Document of that decision."))
    decided_on = Day(gettext_lazy("Day on which it became known; empty if it is not known."))
    held_on = Day(gettext_lazy("First day of the dialogue, or day of the list of issues."))
    postponed_on = Day(gettext_lazy("Day on which the State was taken off the session."))
    list_of_issues = NamedDocument(
        "request", "document", gettext_lazy("Symbol of the list of issues, which must be recorded.")
    )
    observations = NamedDocument("review", "document", gettext_lazy("Symbol of the concluding observations."))
    rapporteurs = ImportColumn(gettext_lazy("Country rapporteurs, with commas between them."))
    source = SOURCE
    confidence = TRUST
    note = NOTE

    def recorded(self) -> QuerySet:
        rows = AgendaItem.objects.select_related("session", "submission", "request", "review")
        return rows.order_by("session__number", "session__kind", "state_id", "pk")

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        self._sessions = {(one.kind, one.number): one for one in CommitteeSession.objects.all()}
        self._documents = {
            "submission": _by_state(Submission.objects.order_by("-pk")),
            "review": _by_state(Review.objects.order_by("-pk")),
            "request": _by_state(InformationRequest.objects.order_by("-pk")),
        }

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        self._row = row
        super().before_import_row(row, **kwargs)

    def key(self, fact: Any) -> Key:
        return fact.session_id, fact.state_id, fact.purpose

    def settle(self, fact: Any) -> dict[str, Any]:
        kind, number = getattr(fact, "kind_named", SessionKind.SESSION.value), fact.number_named
        session = self._sessions.get((kind, number))
        if session is None:
            named = CommitteeSession(kind=kind, number=number)
            return {
                "session": _("This is not recorded: %(session)s. Add the session first.")
                % {"session": str(named)}
            }
        fact.session = session
        if errors := self._name_documents(fact):
            return errors
        known = self._found.get(self.key(fact))
        if known is None and not fact.without_report:
            return self._find_documents(fact)
        return {}

    def _name_documents(self, fact: Any) -> dict[str, Any]:
        """Looks up the documents that a row names; returns what is wrong, by column."""
        for column in (self.fields["report"], self.fields["list_of_issues"], self.fields["observations"]):
            (field,) = column.fields
            if not (named := getattr(fact, f"{field}_named", "")):
                continue
            documents = self._documents[field].get(fact.state_id, ())
            found = next((one for one in documents if getattr(one, column.symbol) == named), None)
            if found is None:
                return {
                    column.name: _("“%(text)s” is not recorded for this State; record it first.")
                    % {"text": named[:SHOWN]}
                }
            setattr(fact, field, found)
        return {}

    def _find_documents(self, fact: Any) -> dict[str, Any]:
        """Finds the report and the observations that a row does not name; returns what is wrong, by column."""
        if fact.purpose == AgendaPurpose.PRIOR_TO_REPORTING:
            return {}
        reports, reviews = (self._documents[name].get(fact.state_id, ()) for name in ("submission", "review"))
        if fact.submission is None and fact.purpose == AgendaPurpose.DIALOGUE:
            fact.submission = heard_at(fact.session, reports, reviews)
        if fact.review is None:
            fact.review = observed_at(fact.session, fact.submission, reviews)
        if fact.submission or fact.review:
            return {}
        return {
            "report": _(
                "No report and no observations of the State fall into %(session)s (%(first)s to %(last)s). Name the "
                "report by its symbol, or record it first."
            )
            % fact.session.in_days()
        }

    def different(self, one: Any, other: Any, row: Mapping[str, Any]) -> list[ImportColumn]:
        """An empty cell leaves the document that is recorded: the table has found it, or a person."""
        return [
            column
            for column in super().different(one, other, row)
            if not isinstance(column, NamedDocument) or text_of(row[column.name])
        ]

    def problems(self, fact: Any) -> dict[str, Any]:
        return _by_column(fact.problems(self.today))

    def problems_together(self, facts: Sequence[tuple[int, Any]]) -> dict[int, dict[str, Any]]:
        """A report is on one session for its dialogue: each item is compared with the others of its report."""
        of_report: dict[int, list[Any]] = defaultdict(list)
        for fact in (self._found | {self.key(fact): fact for _row, fact in facts}).values():
            of_report[fact.submission_id].append(fact)
        found = {}
        for row, fact in facts:
            others = (one for one in of_report[fact.submission_id] if self.key(one) != self.key(fact))
            if problems := _by_column(fact.on_another(others)):
                found[row] = problems
        return found


def _by_column(problems: Mapping[str, Any]) -> dict[str, Any]:
    return {COLUMNS_OF.get(name, name): message for name, message in problems.items()}


COLUMNS_OF = {"submission": "report", "review": "observations", "request": "list_of_issues"}


def _by_state(rows: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.state_id].append(row)
    return found
