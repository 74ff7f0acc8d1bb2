"""The choices of facts and obligations, with their labels."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from tracker.rules import facts as rules
from tracker.rules.due import DueSource
from tracker.rules.facts import Carrier, ReportKind, RequestKind


class Kind(models.TextChoices):
    """The kinds of obligation, as the rules name them."""

    INITIAL = ReportKind.INITIAL.value, _("initial")
    PERIODIC = ReportKind.PERIODIC.value, _("periodic")
    INFORMATION = ReportKind.INFORMATION.value, _("information")


class RequestDocument(models.TextChoices):
    """The kind of document in which the Committee requests further information."""

    LIST_OF_ISSUES = RequestKind.LIST_OF_ISSUES.value, _("list of issues")
    FOLLOW_UP = RequestKind.FOLLOW_UP.value, _("follow-up")
    OTHER = RequestKind.OTHER.value, _("other")


class Assessment(models.TextChoices):
    """What the Committee says of a reply."""

    ADEQUATE = "adequate", pgettext_lazy("a reply", "adequate")
    PARTLY = "partly", pgettext_lazy("a reply", "partly adequate")
    INADEQUATE = "inadequate", pgettext_lazy("a reply", "not adequate")


# For decisions and submissions; a reply to a request is entered with the request.
REPORTS = [kind for kind in Kind.choices if kind[0] != Kind.INFORMATION]


class CarriedBy(models.TextChoices):
    """Whether a report is the State's own or part of its report under the CRC."""

    OWN = Carrier.OWN.value, _("own")
    CRC_REPORT = Carrier.CRC_REPORT.value, _("report under the CRC")


class Source(models.TextChoices):
    """Where a due date comes from."""

    RULE = DueSource.RULE.value, pgettext_lazy("of the treaty", "rule")
    COMMITTEE = DueSource.COMMITTEE.value, _("committee")
    PRIOR_TO_REPORTING = DueSource.PRIOR_TO_REPORTING.value, _("list of issues prior to reporting")
    TO_BE_COMMUNICATED = DueSource.TO_BE_COMMUNICATED.value, _("to be communicated")
    TREATY_CALENDAR = DueSource.TREATY_CALENDAR.value, _("treaty calendar")


class Document(models.TextChoices):
    """The kind of document in which the Committee states a date."""

    OBSERVATIONS = rules.DocumentKind.OBSERVATIONS.value, _("concluding observations")
    PRIOR_TO_REPORTING = rules.DocumentKind.PRIOR_TO_REPORTING.value, _("list of issues prior to reporting")
    OTHER = rules.DocumentKind.OTHER.value, _("other decision")


class Precision(models.TextChoices):
    """How exactly a document prints a date; missing parts are filled in by us."""

    DAY = rules.DatePrecision.DAY.value, _("day")
    MONTH = rules.DatePrecision.MONTH.value, _("month")
    YEAR = rules.DatePrecision.YEAR.value, _("year")


class Trust(models.TextChoices):
    """Whether a shipped fact was read in its document."""

    DOCUMENT = "document", _("read in the document")
    SECONDARY = "secondary", _("read about it: to be confirmed")
    MEMORY = "memory", _("from memory: to be confirmed")


TO_CONFIRM = (Trust.SECONDARY.value, Trust.MEMORY.value)


class Information(models.TextChoices):
    """Whether a report under the CRC gives information on the OPSC."""

    YES = "yes", _("yes")
    NO = "no", _("no")
    NOT_LOOKED_AT = "not looked", _("not looked at")


class SessionKind(models.TextChoices):
    """What meets: the Committee, or its working group that prepares a session."""

    SESSION = "session", _("session")
    PRE_SESSIONAL = "pre-session", _("pre-sessional working group")


class SessionStatus(models.TextChoices):
    """Whether a session took place."""

    PLANNED = "planned", pgettext_lazy("a session", "planned")
    HELD = "held", pgettext_lazy("a session", "held")
    CANCELLED = "cancelled", pgettext_lazy("a session", "cancelled")
    MOVED = "moved", _("moved to other days")


class AgendaPurpose(models.TextChoices):
    """Why a State is on the agenda."""

    DIALOGUE = "dialogue", _("dialogue")
    LIST_OF_ISSUES = "issues", _("list of issues")
    PRIOR_TO_REPORTING = "prior", _("list of issues prior to reporting")
