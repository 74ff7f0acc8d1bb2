"""What States owe (Obligation), and the facts that answer it or change it."""

from tracker.obligations.models.choices import (
    REPORTS,
    TO_CONFIRM,
    AgendaPurpose,
    Assessment,
    CarriedBy,
    Document,
    Information,
    Kind,
    Precision,
    RequestDocument,
    SessionKind,
    SessionStatus,
    Source,
    Trust,
)
from tracker.obligations.models.committee_dates import CommitteeDate
from tracker.obligations.models.cycles import (
    MOST_CYCLES,
    MOST_YEARS_AHEAD,
    CyclesNamed,
    has_crc_series,
    one_series,
    series_on,
)
from tracker.obligations.models.expected_years import ExpectedYear
from tracker.obligations.models.imports import Import
from tracker.obligations.models.information_requests import InformationRequest, next_request_number
from tracker.obligations.models.non_receipts import NonReceipt
from tracker.obligations.models.obligations import Obligation, Span, Standing, report_label
from tracker.obligations.models.printed_dates import PrintedDate
from tracker.obligations.models.reviews import Review
from tracker.obligations.models.session_deadlines import BeforeSession, SessionDeadline
from tracker.obligations.models.sessions import AgendaItem, CommitteeSession
from tracker.obligations.models.submissions import Submission, facts_beside
from tracker.rules.facts import NEXT
