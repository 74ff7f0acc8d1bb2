"""Generated facts of one State, for Hypothesis: everything that the database would accept, likely or not."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st

from tracker.rules.dates import add_years
from tracker.rules.entry_into_force import JOINING, ActionFact
from tracker.rules.facts import NEXT, DecisionFact, Facts, NonReceiptFact, ReportFact, RequestFact, ReviewFact

OWN, CRC = "own", "CRC report"
UNTIL = date(2036, 11, 22)
# Few days, so that several facts fall on the same one.
DAYS = st.one_of(
    st.integers(0, 30).map(lambda months: date(2003 + months // 2, 1 + 6 * (months % 2), 15)),
    st.dates(date(2002, 1, 18), date(2026, 11, 22)),
)
SERIES = st.sampled_from([OWN, CRC, CRC])
DOCUMENTS = st.sampled_from(["CO/2", "CO/3", "CO/4", "LOIPR/5", ""])


@st.composite
def periods(draw, treaty: str, first: st.SearchStrategy[date]) -> list[ActionFact]:
    """Joining, perhaps leaving, perhaps joining again, and so on."""
    joined = draw(first)
    kind = draw(st.sampled_from(JOINING))
    found = [ActionFact(treaty, kind, joined, draw(st.none() | st.just(joined + timedelta(days=31))))]
    for _ in range(draw(st.integers(0, 1) | st.integers(0, 3))):
        last = found[-1]
        after = timedelta(days=draw(st.integers(0, 4000)))
        if last.kind == "denunciation":
            found.append(ActionFact(treaty, "accession", add_years(last.day, 1) + after))
        else:
            found.append(ActionFact(treaty, "denunciation", last.day + after))
    return found


@st.composite
def actions(draw) -> tuple[ActionFact, ...]:
    found = draw(periods("OPSC", st.dates(date(2000, 5, 25), date(2020, 12, 31))))
    if draw(st.integers(0, 3)):
        found += draw(periods("CRC", st.dates(date(1989, 11, 20), date(2020, 12, 31))))
    if draw(st.booleans()):
        found.append(ActionFact("OPSC", "signature", date(2000, 5, 25)))
    return tuple(found)


@st.composite
def cycles(draw, series: str, *, unnumbered: bool = False) -> tuple[int, int]:
    if unnumbered and series == CRC and draw(st.booleans()):
        return NEXT, NEXT
    first = draw(st.integers(2 if series == OWN else 1, 6))
    return first, first + draw(st.sampled_from([0, 0, 1, 2]))


@st.composite
def decisions(draw) -> tuple[DecisionFact, ...]:
    found: dict[tuple, DecisionFact] = {}
    for _ in range(draw(st.integers(0, 5))):
        series, on = draw(SERIES), draw(DAYS)
        outcome = draw(st.sampled_from(["date", "date", "to be communicated", "waived"]))
        first, last = draw(cycles(series, unnumbered=outcome == "to be communicated"))
        due, precision = None, "day"
        if outcome == "date":
            due = on + timedelta(days=draw(st.integers(1, 4000)))
            precision = draw(st.sampled_from(["day", "day", "month", "year"]))
            if precision == "year" and draw(st.booleans()):
                due = date(due.year, 12, 31)
        kind = "periodic"
        if series == OWN and draw(st.integers(0, 3)) == 0:
            kind, first, last = "initial", 1, draw(st.sampled_from([1, 1, 2]))
        document = draw(DOCUMENTS)
        source = "list of issues prior to reporting" if document == "LOIPR/5" else "concluding observations"
        decided_on = None if due and draw(st.integers(0, 4)) == 0 else on
        one = DecisionFact(kind, first, last, series, outcome, due, document, decided_on, precision, source)
        found[kind, series, first, last, document] = one
    return tuple(found.values())


@st.composite
def reports(draw) -> tuple[ReportFact, ...]:
    found = []
    if draw(st.integers(0, 4)):
        found.append(draw(report(OWN, "initial", (1, draw(st.sampled_from([1, 1, 1, 2]))))))
    for _ in range(draw(st.integers(0, 4))):
        series = draw(SERIES)
        found.append(draw(report(series, "periodic", draw(cycles(series)))))
    return tuple(found)


@st.composite
def report(draw, series: str, kind: str, numbers: tuple[int, int]) -> ReportFact:
    on, later = sorted((draw(DAYS), draw(DAYS)))
    how = draw(st.integers(0, 4))
    received, reviewed, known = {
        0: (None, later, None),
        1: (None, None, on),
        2: (on, later, None),
    }.get(how, (on, None, None))
    withdrawn = later if draw(st.integers(0, 4)) == 0 else None
    return ReportFact(kind, *numbers, series, received, reviewed, withdrawn, known)


@st.composite
def reviews(draw) -> tuple[ReviewFact, ...]:
    found: dict[str, ReviewFact] = {}
    for _ in range(draw(st.integers(0, 4))):
        series = draw(st.sampled_from([CRC, CRC, CRC, OWN]))
        first, last = draw(cycles(series, unnumbered=True))
        document = draw(DOCUMENTS.filter(bool))
        without = draw(st.integers(0, 3)) == 0
        found[document] = ReviewFact("periodic", first, last, series, document, draw(DAYS), without)
    return tuple(found.values())


@st.composite
def requests(draw) -> tuple[RequestFact, ...]:
    found = []
    for number in range(1, 1 + draw(st.integers(0, 2))):
        issued, received = sorted((draw(DAYS), draw(DAYS)))
        due = issued + timedelta(days=draw(st.integers(1, 400)))
        answered = received if draw(st.booleans()) else None
        found.append(RequestFact("list of issues", number, f"Q/{number}", issued, due, answered))
    return tuple(found)


@st.composite
def non_receipts(draw) -> tuple[NonReceiptFact, ...]:
    found: dict[tuple, NonReceiptFact] = {}
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        series = draw(SERIES)
        cycle = draw(st.integers(1 if series == OWN else 0, 6))
        kind = "initial" if (series, cycle) == (OWN, 1) else "periodic"
        found[kind, series, cycle] = NonReceiptFact(kind, cycle, series, draw(DAYS))
    return tuple(found.values())


ANY_FACTS = st.builds(Facts, actions(), decisions(), reports(), requests(), non_receipts(), reviews())
