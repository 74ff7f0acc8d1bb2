"""The tables that can be handed in as a file: their columns, what tells a row from another, what cannot be.

Each is a resource of django-import-export. Rows are held against what is recorded in a number of queries
that does not depend on how many there are; what `clean` of a model or a constraint of the database would
refuse is refused here, in the same words.
"""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import Max, Min, Model, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from import_export import resources
from import_export.instance_loaders import BaseInstanceLoader
from import_export.results import RowResult

from tracker.obligations.actions import four_eyes
from tracker.obligations.derive import facts_of
from tracker.obligations.imports.columns import (
    AmendmentColumn,
    AnotherState,
    AskedIn,
    Column,
    Cycles,
    Day,
    DayOrMonth,
    DueDate,
    Number,
    PrintedDue,
    Revises,
    StateColumn,
    Word,
    Words,
    YesNo,
)
from tracker.obligations.imports.files import SHOWN, as_text, text_of
from tracker.obligations.load import PRIOR_TO_REPORTING
from tracker.obligations.models import (
    REPORTS,
    CarriedBy,
    CommitteeDate,
    Document,
    Information,
    InformationRequest,
    Kind,
    Obligation,
    Precision,
    PrintedDate,
    RequestDocument,
    Review,
    Submission,
    Trust,
    series_on,
)
from tracker.registry.csvfile import BadValue
from tracker.registry.load import slot
from tracker.registry.models import (
    Amendment,
    AmendmentPosition,
    Confidence,
    Contact,
    Language,
    State,
    Statement,
    TreatyAction,
    is_party_by,
    order_problem,
)
from tracker.registry.names import StateNames
from tracker.rules.dates import in_words
from tracker.rules.entry_into_force import JOINING, OPSC_IN_FORCE, ActionKind, TreatyCode
from tracker.rules.facts import Facts

Key = tuple[Any, ...]
# Which column speaks of a field, where they are called otherwise.
COLUMN_OF = {
    "first_cycle": "cycles",
    "last_cycle": "cycles",
    "outcome": "due_on",
    "review_precision": "reviewed_on",
    "treaty_id": "treaty",
    "about_id": "about",
    "state_id": "state",
}
SOURCE = Column("source", _lazy("Where it was read."), example="tbinternet.ohchr.org")
NOTE = Column("note", _lazy("Anything that should be kept with it."))
TRUST = Word(
    "confidence",
    _lazy("How it was read: document, secondary (read about it), memory, or empty."),
    Trust.choices,
    example="document",
)
Constraint = tuple[str, str, Callable[[Any], bool]]


class Table(resources.Resource):
    """A table of facts that comes in and goes out as a file.

    Args:
        names: the spellings of the States.
        chosen: what a person has chosen for spellings that are unknown.
        today: the day of the check.
        by: who hands the file in; None for a command.
        progress: told the number of rows done, now and then.
    """

    name: ClassVar[str]
    label: ClassVar[Words]
    one: ClassVar[Words]
    model: ClassVar[type[Model]]
    # Constraints that `problems` of the model does not know: name, column, whether a fact keeps it.
    constraints: ClassVar[Sequence[Constraint]] = ()
    # Whether its rows are a treaty's and not one State's; the limits of desks then keep it to administrators.
    of_the_treaty: ClassVar[bool] = False
    EVERY = 250  # rows between two reports of progress

    class Meta:
        use_transactions = False  # nothing is written here
        skip_diff = True  # compared by column, below
        store_instance = True
        report_skipped = True
        instance_loader_class = BaseInstanceLoader  # never asked: all that is recorded is read at once

    def __init__(
        self,
        names: StateNames | None = None,
        chosen: Mapping[str, str] | None = None,
        today: date | None = None,
        by: Any = None,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        super().__init__()
        self.state: StateColumn = self.fields["state"]
        self.state.names = names or StateNames(())
        self.state.chosen = dict(chosen or {})
        self.today, self.by, self.progress = today or date.min, by, progress
        self.numbers: list[int] = []
        self.changes: dict[int, dict[str, tuple[str, str]]] = {}  # before and after by column, by row
        self._found: dict[Key, Any] = {}
        self._first_row: dict[Key, int] = {}

    @classmethod
    def columns(cls) -> list[Column]:
        """All columns, in the order of the file."""
        return list(cls.fields.values())

    @classmethod
    def rights(cls, *what: str) -> list[str]:
        """The permissions for something done to the table: add, change, view."""
        options = cls.model._meta
        return [f"{options.app_label}.{one}_{options.model_name}" for one in what]

    def recorded(self) -> QuerySet:
        """What is recorded, in the order of an export."""
        return self.model._default_manager.order_by("state_id", "pk")

    def recorded_in_effect(self) -> QuerySet:
        """What an export holds of it."""
        return self.recorded()

    # --- what tells rows apart ---

    def key(self, fact: Any) -> Key:
        """What a fact is about; a row with the key of a recorded fact changes it."""
        raise NotImplementedError  # each table has its own

    def settle(self, fact: Any) -> dict[str, Any]:
        """Fills in what the file may leave open; gives what is wrong with it, by column."""
        return {}

    def match(self, fact: Any) -> Any:
        """The recorded fact that a row is about, or None."""
        return self._found.get(self.key(fact))

    def problems(self, fact: Any) -> dict[str, Any]:
        """What is wrong with a fact by itself, by field."""
        return {}

    def beside_each_other(self, facts: Sequence[tuple[int, Any]]) -> dict[int, dict[str, Any]]:
        """What is wrong with rows beside the others of the file and what is recorded: by row and column.

        Args:
            facts: number and fact of each row that adds or changes something.
        """
        return {}

    def doubts(self, facts: Sequence[tuple[int, Any]]) -> dict[int, Any]:
        """What to look at in rows that are taken all the same, by row."""
        return {}

    # --- as django-import-export asks ---

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        self._found = {self.key(fact): fact for fact in self.recorded()}

    def import_row(self, row: dict[str, Any], instance_loader: Any, **kwargs: Any) -> RowResult:
        number = kwargs["row_number"]
        result = super().import_row(row, instance_loader, **kwargs)
        if result.errors:
            raise result.errors[0].error  # no fault of the file
        if self.progress and number % self.EVERY == 0:
            self.progress(number)
        return result

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        """Reads the row into a new fact, whatever is wrong with it."""
        self._number = self.numbers[kwargs["row_number"] - 1]
        self._fact: Any = self.model()
        super().import_instance(self._fact, row, **kwargs)
        if errors := self.settle(self._fact):
            raise ValidationError(errors)

    def get_or_init_instance(self, instance_loader: Any, row: dict[str, Any]) -> tuple[Any, bool]:
        found = self.match(self._fact)
        key = ("recorded", found.pk) if found is not None else self.key(self._fact)
        if (first := self._first_row.setdefault(key, self._number)) != self._number:
            told = _("Row %(row)d is about the same %(what)s; keep one of the two.")
            raise ValidationError({"state": told % {"row": first, "what": self.one}})
        return (self._fact, True) if found is None else (found, False)

    def import_instance(self, instance: Any, row: dict[str, Any], **kwargs: Any) -> None:
        """Takes over what the row says otherwise than the recorded fact."""
        if instance is self._fact:
            return
        if different := self.different(instance, self._fact, row):
            self.changes[self._number] = {
                column.name: (column.shown(instance), column.shown(self._fact)) for column in different
            }
            for column in different:
                for name in column.fields:
                    setattr(instance, name, getattr(self._fact, name))

    def different(self, one: Any, other: Any, row: Mapping[str, Any]) -> list[Column]:
        """The columns of a file in which two facts do not show the same."""
        return [
            column
            for column in self.fields.values()
            if column.name in row and column.shown(one) != column.shown(other)
        ]

    def skip_row(self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None) -> bool:
        return instance is not self._fact and self._number not in self.changes

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        errors = {COLUMN_OF.get(name, name): told for name, told in self.problems(instance).items()}
        for name, column, holds in self.constraints:
            if column not in errors and not holds(instance):
                errors[column] = _message_of(self.model, name)
        if errors:
            raise ValidationError({name: str(told) for name, told in errors.items()})

    def save_instance(self, instance: Any, is_create: bool, row: Any, **kwargs: Any) -> None:
        """Nothing yet: what is to be written is written as a whole."""

    # --- writing ---

    def to_write(self, new: list[Any], changed: list[Any], by: Any) -> tuple[list[Any], list[Any]]:
        """What has to be created and updated so that these facts are recorded."""
        return new, changed

    def written_fields(self) -> list[str]:
        """The fields that a file can change."""
        return [
            name for column in self.columns() for name in column.fields if name not in ("state_id", "state")
        ]


def _message_of(model: type[Model], constraint: str) -> str:
    """What a constraint says where it is not kept."""
    found = next(one for one in model._meta.constraints if one.name == constraint)
    return str(found.violation_error_message)


# --- treaty actions --------------------------------------------------------------------------------


class Actions(Table):
    """Signatures, ratifications, accessions, successions and denunciations."""

    name = "actions"
    label = _lazy("Treaty actions")
    one = _lazy("treaty action")
    model = TreatyAction
    constraints = (
        (
            "action_effective_after_deposit",
            "effective_on",
            lambda a: (
                a.effective_on is None
                or a.kind == ActionKind.SUCCESSION
                or (a.effective_on >= a.date and a.kind != ActionKind.SIGNATURE)
            ),
        ),
    )

    state = StateColumn()
    treaty = Word(
        "treaty",
        _lazy("OPSC or CRC."),
        [(code.value, code.value) for code in TreatyCode],
        required=True,
        fields=("treaty_id",),
        example="OPSC",
    )
    kind = Word(
        "kind",
        _lazy("signature, ratification, accession, succession or denunciation."),
        TreatyAction.Kind.choices,
        required=True,
        example="ratification",
    )
    on = Day(
        "date",
        _lazy("Day of signature, of deposit, or of receipt of the notification."),
        required=True,
        example="2001-10-02",
    )
    effective_on = Day("effective_on", _lazy("Only if the depositary records it; else it is computed."))
    reference = Column("reference", _lazy("Depositary notification, C.N. number."))
    source = SOURCE
    confidence = Word("confidence", _lazy("two-sources, one-source, memory, or empty."), Confidence.choices)
    note = NOTE

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Notes first when States joined and left: an action is known by the period that it belongs to."""
        # By State, treaty and whether it is a denunciation. Both the recorded days and those of the file, so that a
        # day which the file corrects belongs to the period of the recorded one.
        self._turns: dict[Key, set[date]] = defaultdict(set)
        for action in TreatyAction.objects.exclude(kind=ActionKind.SIGNATURE):
            self._note_turn(action.state_id, action.treaty_id, action.kind, action.date)
        for row in dataset.dict:
            try:
                values: dict[str, Any] = {}
                for name in ("treaty", "kind", "on"):
                    column = self.fields[name]
                    values |= column.read(row[column.name], self.model)
                state = self.state.known(as_text(row["state"]))
            except BadValue:
                continue  # told when the row is read
            if values["date"]:
                self._note_turn(state, values["treaty_id"], values["kind"], values["date"])
        super().before_import(dataset, **kwargs)

    def _note_turn(self, state: str, treaty: str, kind: str, on: date) -> None:
        if kind != ActionKind.SIGNATURE:
            self._turns[state, treaty, kind == ActionKind.DENUNCIATION].add(on)

    def key(self, fact: Any) -> Key:
        """By the period: how often the State had left before it joined, or had joined before it left."""
        period = 0
        if fact.date and fact.kind == ActionKind.DENUNCIATION:
            period = sum(on <= fact.date for on in self._turns[fact.state_id, fact.treaty_id, False])
        elif fact.date and fact.kind in JOINING:
            period = sum(on < fact.date for on in self._turns[fact.state_id, fact.treaty_id, True])
        return fact.state_id, fact.treaty_id, slot(fact.kind), period

    def problems(self, fact: Any) -> dict[str, Any]:
        return fact.problems(None, self.today)  # the others are looked at together, below

    def beside_each_other(self, facts: Sequence[tuple[int, Any]]) -> dict[int, dict[str, Any]]:
        by_treaty = self._by_treaty(facts)
        found: dict[int, dict[str, Any]] = {}
        for row, fact in facts:
            others = [one.as_rule() for one in by_treaty[fact.state_id, fact.treaty_id] if one is not fact]
            if message := order_problem(others, fact.as_rule()):
                found[row] = {"date": message}
        return found

    def doubts(self, facts: Sequence[tuple[int, Any]]) -> dict[int, Any]:
        """An accession after a signature: States that have signed ratify, but the depositary's word counts."""
        by_treaty = self._by_treaty(facts)
        found: dict[int, Any] = {}
        for row, fact in facts:
            beside = by_treaty[fact.state_id, fact.treaty_id]
            signed = next((one for one in beside if one.kind == ActionKind.SIGNATURE), None)
            if signed is not None and fact.kind == ActionKind.ACCESSION:
                found[row] = _("the State signed on %(day)s, and a State that signed usually ratifies.") % {
                    "day": in_words(signed.date)
                }
        return found

    def _by_treaty(self, facts: Sequence[tuple[int, Any]]) -> dict[Key, list[Any]]:
        """All actions as they would be recorded, by State and treaty."""
        together = dict(self._found) | {self.key(fact): fact for _row, fact in facts}
        found: dict[Key, list[Any]] = defaultdict(list)
        for fact in together.values():
            found[fact.state_id, fact.treaty_id].append(fact)
        return found


# --- declarations, reservations, objections ----------------------------------------------------------


class Statements(Table):
    """Declarations, reservations, objections and territorial applications."""

    name = "statements"
    label = _lazy("Declarations, reservations and objections")
    one = _lazy("statement")
    model = Statement

    state = StateColumn()
    treaty = Word(
        "treaty",
        _lazy("OPSC or CRC."),
        [(code.value, code.value) for code in TreatyCode],
        required=True,
        fields=("treaty_id",),
        example="OPSC",
    )
    kind = Word(
        "kind",
        _lazy("declaration, reservation, objection or territorial application."),
        Statement.Kind.choices,
        required=True,
        example="declaration",
    )
    on = Day(
        "date",
        _lazy("Day of the signature or deposit with which it was made, or of receipt of the notification."),
        required=True,
        example="2001-10-02",
    )
    about = AnotherState(
        "about",
        _lazy("Only for an objection: the State whose declaration or reservation it answers."),
        fields=("about_id",),
    )
    text = Column("text", _lazy("As the depositary published it."), required=True, example="The Government …")
    source = Column("source", _lazy("Where the text was read."), required=True, example="C.N.123.2001")
    withdrawn_on = Day("withdrawn_on", _lazy("Day on which the depositary received the withdrawal."))
    withdrawal_source = Column("withdrawal_source", _lazy("Where the withdrawal was read."))
    note = NOTE

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["about"].states = self.state

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        first = TreatyAction.objects.order_by().values_list("state_id", "treaty_id").annotate(Min("date"))
        self._acted = {(state, treaty): on for state, treaty, on in first}

    def key(self, fact: Any) -> Key:
        return fact.state_id, fact.treaty_id, fact.kind, fact.date, fact.about_id

    def problems(self, fact: Any) -> dict[str, Any]:
        first = self._acted.get((fact.state_id, fact.treaty_id))
        return fact.problems(lambda: first is not None and first <= fact.date, self.today)


# --- positions on amendments -------------------------------------------------------------------------


class Positions(Table):
    """What States said to amendments: that they favour a conference, or accept."""

    name = "positions"
    label = _lazy("Positions on amendments")
    one = _lazy("position")
    model = AmendmentPosition
    of_the_treaty = True

    amendment = AmendmentColumn(
        "amendment",
        _lazy("Title of the amendment, or its number: 3 for the one at /amendments/3/."),
        required=True,
        fields=("amendment_named",),
        example="Amendment to article 12, paragraph 2",
    )
    state = StateColumn()
    kind = Word(
        "kind",
        _lazy("favours, for a conference; accepts, for the amendment."),
        AmendmentPosition.Kind.choices,
        required=True,
        example="favours",
    )
    on = Day(
        "date",
        _lazy("Day on which the answer was received, or the acceptance deposited."),
        required=True,
        example="2025-05-01",
    )
    source = Column("source", _lazy("Note verbale, or depositary notification."), example="C.N.12.2025")

    def recorded(self) -> QuerySet:
        return (
            AmendmentPosition.objects.select_related("amendment", "state")
            .order_by("amendment_id", "kind", "state_id", "pk")
        )  # fmt: skip

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        self._states = State.objects.in_bulk()
        self._amendments = Amendment.objects.in_bulk()
        self._by_title: dict[str, list[Amendment]] = defaultdict(list)
        for one in self._amendments.values():
            self._by_title[one.title.strip().casefold()].append(one)
        self._actions: dict[str, list[Any]] = defaultdict(list)
        for action in TreatyAction.objects.order_by("pk"):
            self._actions[action.state_id].append(action.as_rule())

    def key(self, fact: Any) -> Key:
        return fact.amendment_id, fact.state_id, fact.kind

    def settle(self, fact: Any) -> dict[str, Any]:
        named = fact.amendment_named
        number = re.fullmatch(r"([0-9]{1,18})(:.*)?", named, re.DOTALL)
        if number:
            found = [one for one in [self._amendments.get(int(number[1]))] if one]
        else:
            found = self._by_title.get(named.casefold(), [])
        if not found:
            return {
                "amendment": _("“%(text)s” is no amendment that is recorded. Write its title or its number.")
                % {"text": named[:SHOWN]}
            }
        if len(found) > 1:
            return {
                "amendment": _("Several amendments have this title. Write the number of the one you mean.")
            }
        fact.amendment, fact.state = found[0], self._states[fact.state_id]
        return {}

    def problems(self, fact: Any) -> dict[str, Any]:
        actions, treaty = self._actions.get(fact.state_id, ()), fact.amendment.treaty_id
        return fact.problems(lambda: is_party_by(actions, treaty, fact.date), self.today)

    def written_fields(self) -> list[str]:
        return [name for name in super().written_fields() if name != "amendment_named"]


# --- contacts --------------------------------------------------------------------------------------


class Contacts(Table):
    """Who is written to for a State."""

    name = "contacts"
    label = _lazy("Contacts")
    one = _lazy("contact")
    model = Contact

    state = StateColumn()
    person = Column("name", _lazy("Person or office."), required=True, example="Permanent Mission")
    office = Column("office", _lazy("For example: Permanent Mission in Geneva."))
    email = Column("email", _lazy("E-mail address."), required=True, example="mission@example.org")
    language = Word(
        "language",
        _lazy("ar, zh, en, fr, ru or es; empty: that of the State."),
        Language.choices,
        example="en",
    )
    copy = Word("copy", _lazy("to or cc; empty: to."), Contact.Copy.choices, example="to")
    active = YesNo(
        "active",
        _lazy("yes or no; empty: yes. Only active contacts are written to."),
        empty=True,
        example="yes",
    )
    note = NOTE

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        self._folded = {(state, email.casefold()): fact for (state, email), fact in self._found.items()}

    def key(self, fact: Any) -> Key:
        return fact.state_id, fact.email

    def match(self, fact: Any) -> Any:
        return super().match(fact) or self._folded.get((fact.state_id, fact.email.casefold()))


# --- what names cycles: submissions, reviews and dates -----------------------------------------------


class OfCycles(Table):
    """What submissions, reviews, dates of the Committee and printed dates share."""

    state = StateColumn()
    kind = Word("kind", _lazy("initial or periodic."), REPORTS, required=True, example="periodic")
    cycles = Cycles(
        "cycles",
        _lazy("1 for the initial report; 3, or 3-4 for the third and fourth combined."),
        required=True,
        fields=("first_cycle", "last_cycle"),
        example="3-4",
    )
    carried_by = Word(
        "carried_by",
        _lazy("own or CRC report; empty: the CRC report for a periodic report of a State party to the CRC."),
        CarriedBy.choices,
    )

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        self._facts = facts_of()

    def facts(self, state: str) -> Facts:
        """What is recorded of a State."""
        return self._facts.get(state, Facts())

    def key(self, fact: Any) -> Key:
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
    label = _lazy("Submissions")
    one = _lazy("report")
    model = Submission
    constraints = (
        (
            "submission_reviewed_after_receipt",
            "reviewed_on",
            lambda s: s.received_on is None or s.reviewed_on is None or s.reviewed_on >= s.received_on,
        ),
    )

    received_on = Day(
        "received_on", _lazy("Date of receipt; empty if only the review is known."), example="2010-06-29"
    )
    reviewed_on = DayOrMonth(
        "reviewed_on",
        _lazy("Day of the dialogue, or its month as 2018-05."),
        fields=("reviewed_on", "review_precision"),
        example="2018-05",
    )
    known_by = Day(
        "known_by", _lazy("Only if neither is known: the day of the source that knows the report.")
    )
    withdrawn_on = Day(
        "withdrawn_on", _lazy("Day on which the State withdrew the report; empty if it did not.")
    )
    information = Word(
        "information",
        _lazy(
            "For a report under the CRC, whether it gives information on the OPSC: yes, no, not looked, or empty."
        ),
        Information.choices,
    )
    information_where = Column("information_where", _lazy("Paragraphs or pages, if there is information."))
    symbol = Column("symbol", _lazy("For example CRC/C/OPSC/USA/1."), example="CRC/C/OPSC/NOR/3-4")
    title = Column("title", _lazy("As printed on the cover."))
    language = Word("language", _lazy("ar, zh, en, fr, ru or es."), Language.choices, example="en")
    link = Column("link", _lazy("Address of the document."))
    revises = Revises(
        "revises",
        _lazy("For a revision: symbol of the report that it supersedes, which must be recorded; “without symbol” if "
              "it has none."),
        fields=("revises_named",),
    )  # fmt: skip
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
        """What tells reports with the same numbers apart."""
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
            return {
                "revises": _("Several reports of the State are recorded so; enter this revision by hand.")
            }
        fact.revises = found[0]
        return {}

    def problems(self, fact: Any) -> dict[str, Any]:
        return fact.problems_of_cycles() or fact.problems(
            lambda: self.facts(fact.state_id), self.today, fact.revises if fact.revises_id else None
        )

    def written_fields(self) -> list[str]:
        return [name for name in super().written_fields() if name != "revises_named"]


NEXT_OR_CYCLES = Cycles(
    "cycles",
    _lazy(
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
    label = _lazy("Dates stated by the Committee")
    one = _lazy("date")
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
        "due_on",
        _lazy("The date stated, a year alone with the precision “year”, “to be communicated”, or “waived”."),
        required=True,
        fields=("due_on", "outcome"),
        example="2016-01-23",
    )
    precision = Word(
        "precision", _lazy("day, month or year, as the document prints it; empty: day."), Precision.choices
    )
    document = Column(
        "document",
        _lazy("Symbol of the document that states it; empty if it is not known."),
        required=True,
        may_be_empty=True,
        example="CRC/C/OPSC/NOR/CO/2",
    )
    document_kind = Word(
        "document_kind",
        _lazy(
            "concluding observations, list of issues prior to reporting, or other decision; empty: as the symbol says."
        ),
        Document.choices,
    )
    paragraph = Column("paragraph", _lazy("Of that document."), example="47")
    decided_on = Day(
        "decided_on",
        _lazy("Day of adoption, or the close of the session; empty if it is not known and a date is stated."),
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
    label = _lazy("Reviews of the Committee")
    one = _lazy("review")
    model = Review

    cycles = NEXT_OR_CYCLES
    document = Column(
        "document",
        _lazy("Symbol of the concluding observations."),
        required=True,
        example="CRC/C/NOR/CO/5-6",
    )
    adopted_on = Day(
        "adopted_on",
        _lazy("Day of adoption, or the last day of the session."),
        required=True,
        example="2018-06-01",
    )
    session = Number("session", _lazy("Number of the Committee's session."), example="78")
    without_report = YesNo(
        "without_report",
        _lazy("yes if the Committee reviewed the State although no report had come; empty: no."),
        empty=False,
    )
    source = SOURCE
    confidence = TRUST
    note = NOTE

    def key(self, fact: Any) -> Key:
        return fact.state_id, fact.document


class PrintedDates(OfCycles):
    """Due dates as the United Nations prints them."""

    name = "printed-dates"
    label = _lazy("Due dates printed by the UN")
    one = _lazy("report")
    model = PrintedDate

    printed = PrintedDue("printed", _lazy("A year, or a day as 2015-09-26."), required=True, example="2010")
    document = Column(
        "document", _lazy("That prints it: a report's cover, or a list."), example="CRC/C/NOR/4"
    )
    printed_on = Day(
        "printed_on",
        _lazy("Day of that document, or of receipt of that report."),
        required=True,
        example="2009-05-11",
    )
    source = SOURCE
    note = NOTE


# --- requests for further information ------------------------------------------------------------------


class Requests(Table):
    """Requests of the Committee for further information, and the replies to them."""

    name = "requests"
    label = _lazy("Requests for further information")
    one = _lazy("request")
    model = InformationRequest
    constraints = (("request_after_entry_into_force", "issued_on", lambda r: r.issued_on >= OPSC_IN_FORCE),)

    state = StateColumn()
    kind = AskedIn(
        "kind",
        _lazy("list of issues, follow-up or other."),
        RequestDocument.choices,
        required=True,
        example="list of issues",
    )
    document = Column(
        "document", _lazy("Symbol of the document."), required=True, example="CRC/C/OPSC/NOR/Q/3-4"
    )
    issued_on = Day("issued_on", _lazy("Day of the document."), required=True, example="2012-07-10")
    due_on = Day("due_on", _lazy("Day by which it asks for the reply."), required=True, example="2012-11-15")
    received_on = Day("received_on", _lazy("Day on which the reply was received; empty until then."))
    source = SOURCE
    note = NOTE

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


TABLES: dict[str, type[Table]] = {
    table.name: table
    for table in (
        Actions,
        Submissions,
        Contacts,
        CommitteeDates,
        Reviews,
        PrintedDates,
        Requests,
        Statements,
        Positions,
    )
}
