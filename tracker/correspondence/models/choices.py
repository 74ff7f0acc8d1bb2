"""Codes that the tables of correspondence share."""

from django.db import models
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from tracker.registry.models import ContactKind


class PaperForm(models.TextChoices):
    """The form in which a paper is written."""

    NOTE = "note", _("note verbale")
    LETTER = "letter", _("letter")
    MAIL = "mail", _("plain mail")


class Occasion(models.TextChoices):
    """The reason for a paper."""

    AHEAD = "ahead", _("before the due date")
    DUE = "due", _("report due")
    OVERDUE = "overdue", _("report overdue")
    LONG_OVERDUE = "long overdue", _("report overdue for a year")
    YEARS_OVERDUE = "years overdue", _("report overdue for years, with the Committee’s rule")
    REVIEW_NOTICE = "review notice", _("notice of a review without a report")
    RECEIPT = "receipt", _("acknowledgement of receipt")
    LIST_OF_ISSUES = "issues", _("transmission of a list of issues")
    PRIOR_TO_REPORTING = "prior", _("transmission of a list of issues prior to reporting")
    OBSERVATIONS = "observations", _("transmission of concluding observations")
    NEXT_DATE = "next date", _("date of the next report")
    CIRCULAR = "circular", _("note to several States")
    OTHER = "other", _("other")


# Written so many months before or after the due date of a report.
BY_DUE_DATE = (
    Occasion.AHEAD,
    Occasion.DUE,
    Occasion.OVERDUE,
    Occasion.LONG_OVERDUE,
    Occasion.YEARS_OVERDUE,
)
# So many months after the due date the words of an occasion are true; those of the first one only before it.
TRUE_SINCE = {
    Occasion.DUE: 0,
    Occasion.OVERDUE: 1,
    Occasion.LONG_OVERDUE: 12,
    Occasion.YEARS_OVERDUE: 60,
    Occasion.REVIEW_NOTICE: 0,
}
# Their words are typed for each; the others have theirs in the register of texts.
TYPED = (Occasion.CIRCULAR, Occasion.OTHER)
WITH_TEXT = tuple(one for one in Occasion if one not in TYPED)
# A note verbale passes between governments and international organizations alone.
MAY_GET_NOTES = (ContactKind.MISSION, ContactKind.MINISTRY)


class Direction(models.TextChoices):
    """Whether the office wrote a paper or received it."""

    OUT = "out", pgettext_lazy("a paper", "sent")
    IN = "in", pgettext_lazy("a paper", "received")


class PaperStatus(models.TextChoices):
    """How far a paper has come."""

    DRAFT = "draft", _("draft")
    INITIALLED = "initialled", _("initialled")
    DISPATCHED = "dispatched", _("dispatched")
    ACKNOWLEDGED = "acknowledged", _("acknowledged")
    CANCELLED = "cancelled", pgettext_lazy("a paper", "cancelled")
    RECEIVED = "received", pgettext_lazy("a paper", "received")
    WITHDRAWN = "withdrawn", pgettext_lazy("a paper", "withdrawn")


UNDISPATCHED = (PaperStatus.DRAFT, PaperStatus.INITIALLED)
GONE = (PaperStatus.DISPATCHED, PaperStatus.ACKNOWLEDGED)
# They keep their numbers, and are no part of the exchange with a State.
VOID = (PaperStatus.CANCELLED, PaperStatus.WITHDRAWN)
# Of papers that came in.
ENTERED = (PaperStatus.RECEIVED, PaperStatus.WITHDRAWN)


class Means(models.TextChoices):
    """How a paper is delivered."""

    MAIL = "mail", pgettext_lazy("a way of delivery", "e-mail")
    COURIER = "courier", _("courier")
    HAND = "hand", _("by hand")


class Languages(models.TextChoices):
    """In which languages papers of a rule are written."""

    AUTOMATIC = "automatic", _("as mail to the State")
    BOTH = "both", _("the language of the contact, then English")
    ENGLISH = "english", _("English only")
