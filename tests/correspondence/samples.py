"""One paper of each occasion and form about Denmark, without a database: for golden texts, pictures and the bench."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from tracker.correspondence.models import Letterhead, Occasion, PaperForm
from tracker.correspondence.text.subject import PaperSubject
from tracker.correspondence.text.writing import Addressee, Words, as_text, write
from tracker.obligations.models import (
    CommitteeDate,
    Document,
    InformationRequest,
    Obligation,
    RequestDocument,
    Review,
    Submission,
)
from tracker.registry.models import ContactKind, State

DAY = date(2026, 11, 30)
HEAD = Letterhead(
    name="the Secretariat of the Committee on the Rights of the Child",
    names={
        "ar": "أمانة لجنة حقوق الطفل",
        "zh": "儿童权利委员会秘书处",
        "fr": "le secrétariat du Comité des droits de l’enfant",
        "ru": "Секретариат Комитета по правам ребенка",
        "es": "la secretaría del Comité de los Derechos del Niño",
    },
    address="1 Example Street\n1200 Geneva\nSwitzerland\ncrc@example.org",
    signed_by="Zoë Okafor",
    title="Secretary of the Committee",
)
HOLY_SEE = State(iso3="VAT", name="Holy See")  # its mission is that of an observer
DENMARK = State(iso3="DNK", name="Denmark")
REPORT = {"state": DENMARK, "kind": "initial", "carried_by": "own"}
TO = {
    ContactKind.MISSION: Addressee(
        ContactKind.MISSION, "Permanent Mission of Denmark", "1 Lake Road, Geneva"
    ),
    ContactKind.MINISTRY: Addressee(ContactKind.MINISTRY, "Ministry of Social Affairs", "Copenhagen"),
    ContactKind.DIGNITARY: Addressee(
        ContactKind.DIGNITARY, "Mr. Lars Jensen", "Minister for Foreign Affairs"
    ),
    ContactKind.FOCAL_POINT: Addressee(ContactKind.FOCAL_POINT, "Ms. Ida Holm", ""),
}
DUE = {
    Occasion.AHEAD: date(2027, 5, 30),
    Occasion.DUE: DAY,
    Occasion.OVERDUE: date(2026, 10, 30),
    Occasion.LONG_OVERDUE: date(2025, 11, 10),
    Occasion.YEARS_OVERDUE: date(2017, 2, 10),
    Occasion.REVIEW_NOTICE: date(2017, 2, 10),
}


def subjects() -> dict[str, PaperSubject]:
    """What a paper of each occasion is about."""
    found = {
        str(occasion): PaperSubject(
            DENMARK,
            Obligation(state=DENMARK, kind="initial", carried_by="own", cycle=1, last_cycle=1, due_on=due),
            due,
            decision="CRC/C/103/2" if occasion == Occasion.REVIEW_NOTICE else "",
        )
        for occasion, due in DUE.items()
    }
    one = {"first_cycle": 1, "last_cycle": 1, **REPORT}
    following = {
        "state": DENMARK,
        "kind": "periodic",
        "first_cycle": 7,
        "last_cycle": 7,
        "carried_by": "CRC report",
    }
    facts: dict[str, dict[str, Any]] = {
        Occasion.RECEIPT: {
            "submission": Submission(**one, received_on=date(2026, 11, 20), symbol="CRC/C/OPSC/DNK/1")
        },
        Occasion.LIST_OF_ISSUES: {
            "request": InformationRequest(
                state=DENMARK,
                kind=RequestDocument.LIST_OF_ISSUES,
                document="CRC/C/OPSC/DNK/Q/1",
                issued_on=date(2026, 11, 2),
                due_on=date(2027, 2, 1),
            )
        },
        Occasion.PRIOR_TO_REPORTING: {
            "committee_date": CommitteeDate(
                **following,
                document_kind=Document.PRIOR_TO_REPORTING,
                document="CRC/C/DNK/QPR/7",
                decided_on=date(2026, 11, 2),
                due_on=date(2027, 11, 1),
            )
        },
        Occasion.OBSERVATIONS: {
            "review": Review(**one, document="CRC/C/OPSC/DNK/CO/1", adopted_on=date(2026, 9, 18))
        },
        Occasion.NEXT_DATE: {
            "committee_date": CommitteeDate(
                **following,
                document_kind=Document.OBSERVATIONS,
                document="CRC/C/DNK/CO/6",
                decided_on=date(2026, 9, 18),
                due_on=date(2031, 9, 1),
            )
        },
        Occasion.CIRCULAR: {},
    }
    return found | {str(occasion): PaperSubject(DENMARK, **fact) for occasion, fact in facts.items()}


def a_paper(
    codes: list[str],
    form: str,
    kind: str,
    occasion: str,
    subject: PaperSubject,
    reference: str = "OPSC/2026/0042",
    to: Addressee | None = None,
) -> list[dict[str, Any]]:
    """A paper as the register stores it."""
    typed = {"en": "{office} informs {state} that its offices will be closed on 1 January 2027."}
    title = "Offices closed" if occasion == Occasion.CIRCULAR else ""
    to = to or TO[ContactKind(kind)]
    written = write(codes, form, occasion, subject, to, reference, DAY, HEAD, Words({}), typed, {"en": title})
    return [one.as_dict() for one in written]


def papers_in(code: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Every occasion as note and as letter, the first as the other forms, a note to an observer; with what each is."""
    for number, (occasion, subject) in enumerate(subjects().items()):
        kinds = [(PaperForm.NOTE, ContactKind.MISSION), (PaperForm.LETTER, ContactKind.DIGNITARY)]
        if number == 0:
            kinds += [(PaperForm.NOTE, ContactKind.MINISTRY), (PaperForm.MAIL, ContactKind.FOCAL_POINT)]
        for form, kind in kinds:
            yield (
                f"{occasion}, {form} to a {kind}",
                a_paper([code], form, kind, occasion, subject),
            )
    mission = Addressee(ContactKind.MISSION, "Permanent Observer Mission of the Holy See", "Geneva")
    observer = a_paper(
        [code],
        PaperForm.NOTE,
        ContactKind.MISSION,
        Occasion.DUE,
        replace(subjects()[Occasion.DUE], state=HOLY_SEE),
        to=mission,
    )
    yield "due, note to an observer mission", observer


def golden(code: str) -> str:
    """All of them as text, as tools/book.py reads it."""
    return "\n".join(
        f"=== {what}\n\nSubject: {content[0]['subject']}\n\n{as_text(content)}"
        for what, content in papers_in(code)
    )
