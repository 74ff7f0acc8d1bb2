"""The terms of the review of a report: each with its meaning, as they are written in English."""

from django.utils.translation import gettext_noop

REVIEWS = (
    (
        gettext_noop("session"),
        gettext_noop(
            "a meeting of the Committee over some weeks; planned, held, cancelled, or moved to other days"
        ),
    ),
    (
        gettext_noop("pre-sessional working group"),
        gettext_noop(
            "members of the Committee who meet some months before a session, adopt lists of issues and prepare its "
            "dialogues"
        ),
    ),
    (
        gettext_noop("agenda"),
        gettext_noop(
            "the States on a session, each with its purpose: dialogue, list of issues, or list of issues prior to "
            "reporting"
        ),
    ),
    (
        gettext_noop("dialogue"),
        gettext_noop("the Committee considers a report with the State; concluding observations follow"),
    ),
    (
        gettext_noop("country rapporteur"),
        gettext_noop("a member of the Committee who prepares the dialogue with a State"),
    ),
    (
        gettext_noop("guidelines"),
        gettext_noop(
            "what the Committee asks a report to contain; a report is checked against the version in force at its "
            "receipt"
        ),
    ),
    (
        gettext_noop("checklist"),
        gettext_noop(
            "the marks of one person for the items of the guidelines: covered, partly covered, absent or not "
            "applicable"
        ),
    ),
    (
        gettext_noop("agreed checklist"),
        gettext_noop(
            "what two people settle on after they compared their checklists; it counts before the others"
        ),
    ),
    (
        gettext_noop("coverage"),
        gettext_noop(
            "how many of the items that apply a report covers, by the finished checklist that counts; without one "
            'the report is "not checked"'
        ),
    ),
    (
        gettext_noop("waiting to be considered"),
        gettext_noop(
            "a report was received in the last eight years and not withdrawn, and the Committee has not considered "
            "the State since under either treaty; or its dialogue is on a session ahead. Today, Queue and Annual "
            "report count the same reports; a revision is not another report"
        ),
    ),
    (
        gettext_noop("awaiting review"),
        gettext_noop(
            "of a report under the CRC: it was received, and no later one is due before the Committee sets its date "
            "in the review. It is said of obligations, so it is not the number of reports that wait to be considered"
        ),
    ),
    (
        gettext_noop("review not recorded"),
        gettext_noop(
            "a later review of the State or the age of the report shows that its own review is missing here; it "
            "waits for nobody"
        ),
    ),
    (
        gettext_noop("queue"),
        gettext_noop("the States with reports that wait to be considered, longest first"),
    ),
    (
        gettext_noop("forecast of the queue"),
        gettext_noop(
            "in which session each State of the queue is likely to be considered, with a range; an estimate, not a "
            "decision of the Committee"
        ),
    ),
    (
        gettext_noop("calendar of years"),
        gettext_noop(
            'in which year a calendar of the Committee expects the report of a State; it stands beside "date to be '
            'communicated", gives no due date, and the latest document published by a day counts'
        ),
    ),
    (
        gettext_noop("assessment"),
        gettext_noop("what the Committee finds of the reply to a request, in its own words; page Follow-up"),
    ),
)
