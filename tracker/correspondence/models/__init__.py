"""The register of papers, its rules and texts, the ledger of deliveries, and the confirmations of addresses."""

from tracker.correspondence.models.choices import (
    BY_DUE_DATE,
    ENTERED,
    GONE,
    MAY_GET_NOTES,
    TRUE_SINCE,
    TYPED,
    UNDISPATCHED,
    VOID,
    WITH_TEXT,
    Direction,
    Languages,
    Means,
    Occasion,
    PaperForm,
    PaperStatus,
)
from tracker.correspondence.models.dispatches import ABOUT_ADDRESSES, Confirmation, ConfirmationRule, Dispatch
from tracker.correspondence.models.papers import (
    FileContent,
    Paper,
    PaperFile,
    PaperRun,
    PaperStep,
    RegisterYear,
)
from tracker.correspondence.models.rules import Letterhead, PaperRule, PaperText
