"""The tables of States, what they did and said, and their contacts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from django.db.models import Min, QuerySet
from django.utils.translation import gettext as _, gettext_lazy

from tracker.languages.writing import in_words, with_commas
from tracker.obligations.imports.cells import SHOWN, as_text, text_of
from tracker.obligations.imports.columns import (
    AmendmentColumn,
    AnotherState,
    Day,
    ImportColumn,
    StateNameColumn,
    Word,
    YesNo,
)
from tracker.obligations.imports.tables.base import NOTE, SOURCE, ImportTable, Key
from tracker.registry.models import (
    Amendment,
    AmendmentPosition,
    Confidence,
    Contact,
    ContactKind,
    Language,
    Region,
    State,
    Statement,
    TreatyAction,
    order_problem,
)
from tracker.registry.values import BadValue
from tracker.rules.entry_into_force import JOINING, ActionKind, TreatyCode
from tracker.rules.facts import Facts

TREATY = Word(
    gettext_lazy("OPSC or CRC."),
    [(code.value, code.value) for code in TreatyCode],
    required=True,
    fields=("treaty_id",),
    example="OPSC",
)

# --- States ------------------------------------------------------------------------------------------


class States(ImportTable):
    """The States themselves. Loaded from a folder; nobody uploads them."""

    name = "states"
    label = gettext_lazy("States")
    one = gettext_lazy("State")
    model = State
    constraints = (
        (
            "state_records_from_before_until",
            "records_until",
            lambda s: _in_order(s.records_from, s.records_until),
        ),
        (
            "state_carried_records_from_before_until",
            "records_until",
            lambda s: _in_order(s.carried_records_from, s.records_until),
        ),
    )

    code = ImportColumn(gettext_lazy("Alpha-3 code."), name="iso3", required=True)
    called = ImportColumn(gettext_lazy("As the United Nations name the State."), name="name")
    iso2 = ImportColumn(gettext_lazy("Alpha-2 code."))
    region = Word(gettext_lazy("UN regional group."), Region.choices)
    language = Word(gettext_lazy("Language of correspondence: ar, zh, en, fr, ru or es."), Language.choices)
    language_is_proposed = YesNo(
        gettext_lazy("Whether the language is to be confirmed: yes or no."), empty=False
    )
    records_from = Day(gettext_lazy("Day from which the records are complete."))
    carried_records_from = Day(
        gettext_lazy("Day from which the records of reports under the CRC are complete.")
    )
    records_until = Day(gettext_lazy("Last day for which the records are complete."))
    evidence_on = Day(gettext_lazy("Date of the document that proves it."), name="records_evidence_on")
    records_source = ImportColumn(gettext_lazy("Where it was read."))
    records_note = ImportColumn(gettext_lazy("Remarks."))

    def recorded(self) -> QuerySet:
        return State.objects.order_by("pk")

    def key(self, fact: Any) -> Key:
        return (fact.iso3,)

    def problems_together(self, facts: Sequence[tuple[int, Any]]) -> dict[int, dict[str, Any]]:
        """Two States do not have one name."""
        together = self._found | {self.key(fact): fact for _row, fact in facts}
        named: dict[str, list[str]] = defaultdict(list)
        for state in together.values():
            named[state.name].append(state.iso3)
        return {
            row: {
                "name": _("%(first)s and %(second)s have the same name; correct one of the two.")
                % {"first": named[fact.name][0], "second": named[fact.name][1]}
            }
            for row, fact in facts
            if len(named[fact.name]) > 1
        }

    def written_fields(self) -> list[str]:
        return [name for name in super().written_fields() if name != "iso3"]


def _in_order(since: date | None, until: date | None) -> bool:
    """Whether a period does not end before it begins; an open end is in order."""
    return since is None or until is None or since <= until


# --- treaty actions --------------------------------------------------------------------------------


class Actions(ImportTable):
    """Signatures, ratifications, accessions, successions and denunciations."""

    name = "actions"
    label = gettext_lazy("Treaty actions")
    one = gettext_lazy("treaty action")
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

    state = StateNameColumn()
    treaty = TREATY
    kind = Word(
        gettext_lazy("signature, ratification, accession, succession or denunciation."),
        TreatyAction.Kind.choices,
        required=True,
        example="ratification",
    )
    on = Day(
        gettext_lazy("Day of signature, of deposit, or of receipt of the notification."),
        name="date",
        required=True,
        example="2001-10-02",
    )
    effective_on = Day(gettext_lazy("Only if the depositary records it; else it is computed."))
    reference = ImportColumn(gettext_lazy("Depositary notification, C.N. number."))
    source = SOURCE
    confidence = Word(gettext_lazy("two-sources, one-source, memory, or empty."), Confidence.choices)
    note = NOTE

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Collects first when States joined and left: an action is identified by its period."""
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
                continue  # reported when the row is read
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
        return fact.state_id, fact.treaty_id, "joining" if fact.kind in JOINING else fact.kind, period

    def problems(self, fact: Any) -> dict[str, Any]:
        return fact.problems(None, self.today)  # the others are looked at together, below

    def problems_together(self, facts: Sequence[tuple[int, Any]]) -> dict[int, dict[str, Any]]:
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
                found[row] = _(
                    "the State signed on %(day)s, and a State that has signed usually ratifies."
                ) % {"day": in_words(signed.date)}
        return found

    def _by_treaty(self, facts: Sequence[tuple[int, Any]]) -> dict[Key, list[Any]]:
        """All actions as they would be recorded, by State and treaty."""
        together = dict(self._found) | {self.key(fact): fact for _row, fact in facts}
        found: dict[Key, list[Any]] = defaultdict(list)
        for fact in together.values():
            found[fact.state_id, fact.treaty_id].append(fact)
        return found


# --- declarations, reservations, objections ----------------------------------------------------------


class Statements(ImportTable):
    """Declarations, reservations, objections and territorial applications."""

    name = "statements"
    label = gettext_lazy("Declarations, reservations and objections")
    one = gettext_lazy("statement")
    model = Statement

    state = StateNameColumn()
    treaty = TREATY
    kind = Word(
        gettext_lazy("declaration, reservation, objection or territorial application."),
        Statement.Kind.choices,
        required=True,
        example="declaration",
    )
    on = Day(
        gettext_lazy(
            "Day of the signature or deposit with which it was made, or of receipt of the notification."
        ),
        name="date",
        required=True,
        example="2001-10-02",
    )
    about = AnotherState(
        gettext_lazy("Only for an objection: the State whose declaration or reservation it answers."),
        fields=("about_id",),
    )
    text = ImportColumn(
        gettext_lazy("As the depositary published it."), required=True, example="The Government …"
    )
    source = ImportColumn(gettext_lazy("Where the text was read."), required=True, example="C.N.123.2001")
    withdrawn_on = Day(gettext_lazy("Day on which the depositary received the withdrawal."))
    withdrawal_source = ImportColumn(gettext_lazy("Where the withdrawal was read."))
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


class Positions(ImportTable):
    """Positions of States on amendments: in favour of a conference, or acceptance."""

    name = "positions"
    label = gettext_lazy("Positions on amendments")
    one = gettext_lazy("position")
    model = AmendmentPosition
    of_the_treaty = True

    amendment = AmendmentColumn(
        gettext_lazy("Title of the amendment, or its number: 3 for the one at /amendments/3/."),
        required=True,
        fields=("amendment_named",),
        example="Amendment to article 12, paragraph 2",
    )
    state = StateNameColumn()
    kind = Word(
        gettext_lazy("favours, for a conference; accepts, for the amendment."),
        AmendmentPosition.Kind.choices,
        required=True,
        example="favours",
    )
    on = Day(
        gettext_lazy("Day on which the position was received, or the acceptance deposited."),
        name="date",
        required=True,
        example="2025-05-01",
    )
    source = ImportColumn(gettext_lazy("Note verbale, or depositary notification."), example="C.N.12.2025")

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
                "amendment": _("“%(text)s” is not a recorded amendment. Write its title or its number.")
                % {"text": named[:SHOWN]}
            }
        if len(found) > 1:
            return {
                "amendment": _("Several amendments have this title. Write the number of the one you mean.")
            }
        fact.amendment, fact.state = found[0], self._states[fact.state_id]
        return {}

    def problems(self, fact: Any) -> dict[str, Any]:
        facts, treaty = Facts(tuple(self._actions.get(fact.state_id, ()))), fact.amendment.treaty_id
        return fact.problems(lambda: facts.is_party(treaty, fact.date), self.today)

    def written_fields(self) -> list[str]:
        return [name for name in super().written_fields() if name != "amendment_named"]


# --- contacts --------------------------------------------------------------------------------------


LEFT_IF_EMPTY = ("kind", "salutation")
ALIKE = 0.85  # how much of two names is the same, from 0 to 1, if they may mean one office


class Contacts(ImportTable):
    """The people to whom mail for a State goes."""

    name = "contacts"
    label = gettext_lazy("Contacts")
    one = gettext_lazy("contact")
    model = Contact

    state = StateNameColumn()
    person = ImportColumn(
        gettext_lazy("Person or office."), name="name", required=True, example="Permanent Mission"
    )
    office = ImportColumn(gettext_lazy("For example: Permanent Mission in Geneva."))
    kind = Word(
        gettext_lazy(
            "mission, ministry, dignitary, focal point or other; empty: as recorded, else focal point."
        ),
        ContactKind.choices,
        example="mission",
    )
    salutation = ImportColumn(
        gettext_lazy("Form of address of a letter, in its language; empty: as recorded.")
    )
    email = ImportColumn(gettext_lazy("E-mail address."), required=True, example="mission@example.org")
    language = Word(
        gettext_lazy("ar, zh, en, fr, ru or es; empty: that of the State."), Language.choices, example="en"
    )
    copy = Word(gettext_lazy("to or cc; empty: to."), Contact.Copy.choices, example="to")
    active = YesNo(
        gettext_lazy("yes or no; empty: yes. Only active contacts are written to."), empty=True, example="yes"
    )
    note = NOTE

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        recorded = list(self.recorded().select_related("state"))
        self._exactly = {(fact.state_id, fact.email): fact for fact in recorded}
        self._of_state: dict[str, list[Any]] = defaultdict(list)
        self._of_address: dict[str, list[Any]] = defaultdict(list)
        for fact in recorded:
            self._of_state[fact.state_id].append(fact)
            self._of_address[fact.email.casefold()].append(fact)

    def key(self, fact: Any) -> Key:
        return fact.state_id, fact.email.casefold()

    def different(self, one: Any, other: Any, row: Mapping[str, Any]) -> list[ImportColumn]:
        """An empty kind or form of address leaves what is recorded: many directories name none."""
        found = super().different(one, other, row)
        return [column for column in found if column.name not in LEFT_IF_EMPTY or text_of(row[column.name])]

    def doubts(self, facts: Sequence[tuple[int, Any]]) -> dict[int, Any]:
        """An address of another State, and a new contact much like a recorded one of its State."""
        in_file: dict[str, set[str]] = defaultdict(set)
        for _row, fact in facts:
            in_file[fact.email.casefold()].add(fact.state_id)
        names = self.state.names.names
        found: dict[int, Any] = {}
        for row, fact in facts:
            address = fact.email.casefold()
            others = {one.state_id for one in self._of_address[address]} | in_file[address]
            said = []
            if others - {fact.state_id}:
                shared = with_commas(sorted(names.get(one, one) for one in others - {fact.state_id}))
                said.append(
                    _("this address belongs to a contact of another State too: %(states)s.")
                    % {"states": shared}
                )
            if fact.pk is None and (like := self._alike(fact)) is not None:
                said.append(
                    _(
                        "the State has a similar contact with another address, %(contact)s; if the address has "
                        "changed, edit that contact instead."
                    )
                    % {"contact": f"{like.name} <{like.email}>"}
                )
            if said:
                found[row] = " ".join(said)
        return found

    def _alike(self, fact: Any) -> Any:
        """An active contact of the State with nearly the same name, or another Permanent Mission."""
        for one in self._of_state[fact.state_id]:
            ratio = SequenceMatcher(None, one.name.casefold(), fact.name.casefold()).ratio()
            if one.active and (fact.kind == one.kind == ContactKind.MISSION or ratio >= ALIKE):
                return one
        return None

    def problems(self, fact: Any) -> dict[str, Any]:
        return fact.problems()

    def match(self, fact: Any) -> Any:
        return self._exactly.get((fact.state_id, fact.email)) or super().match(fact)
