"""The terms of the product: the glossary page and the definitions at the words.

`docs/concepts.md` has the same texts, with the names in code and the words to avoid; a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext, gettext_noop

from tracker.languages.writing import full_stop
from tracker.web.help.terms_of_papers import CORRESPONDENCE
from tracker.web.help.terms_of_reviews import REVIEWS


@dataclass(frozen=True)
class Term:
    """A term and its meaning, as they are written in English.

    Attributes:
        name: also the name by which `{% term %}` finds it.
    """

    name: str
    meaning: str

    @property
    def label(self) -> str:
        """The term in the language of the page."""
        return gettext(self.name)

    @property
    def says(self) -> str:
        """Its meaning in the language of the page, as a sentence."""
        said = gettext(self.meaning)
        return f"{said[:1].upper()}{said[1:]}{full_stop()}"

    @property
    def slug(self) -> str:
        """Its anchor on the glossary page; the same in all languages."""
        return slugify(self.name)

    @property
    def address(self) -> str:
        """Its place on the glossary page."""
        return f"{reverse('terms')}#{self.slug}"


@cache
def by_name() -> dict[str, Term]:
    """All terms, by their names."""
    return {term.name: term for _group, terms in TERMS for term in terms}


TERMS: tuple[tuple[str, tuple[Term, ...]], ...] = (
    (
        gettext_noop("States and treaties"),
        (
            Term(
                gettext_noop("State"),
                gettext_noop(
                    "named as the United Nations names it, identified by its ISO 3166 alpha-3 code; capital S"
                ),
            ),
            Term(
                gettext_noop("OPSC, CRC"),
                gettext_noop("the Optional Protocol, the Convention; spelled out once a page"),
            ),
            Term(
                gettext_noop("treaty action"),
                gettext_noop(
                    "what a State did to a treaty on a day: signature, ratification, accession, "
                    "succession, denunciation"
                ),
            ),
            Term(
                gettext_noop("deposit"),
                gettext_noop(
                    "the day on which the depositary received the instrument; from it the State counts as"
                    " a State party"
                ),
            ),
            Term(
                gettext_noop("State party"),
                gettext_noop("has ratified, acceded or succeeded, and has not left"),
            ),
            Term(
                gettext_noop("signatory"),
                gettext_noop("has signed; owes nothing unless it is a State party too"),
            ),
            Term(gettext_noop("entry into force"), gettext_noop("the day from which a State's duties run")),
            Term(
                gettext_noop("participation"),
                gettext_noop(
                    "a period from entry into force until a denunciation takes effect; a State may leave "
                    "and join again"
                ),
            ),
            Term(
                gettext_noop("statement"),
                gettext_noop(
                    "declaration, reservation, objection or territorial application; changes no due date"
                ),
            ),
            Term(gettext_noop("amendment"), gettext_noop("a proposed change of the OPSC (art. 16)")),
            Term(
                gettext_noop("position"),
                gettext_noop("a State party favours a conference on an amendment, or accepts the amendment"),
            ),
            Term(
                gettext_noop("depositary notification"),
                gettext_noop("the circular of the depositary, with its C.N. number"),
            ),
        ),
    ),
    (
        gettext_noop("Reports and dates"),
        (
            Term(
                gettext_noop("obligation"),
                gettext_noop(
                    "one thing that a State owes: a report, or a reply to a request; calculated from the "
                    "records, never entered"
                ),
            ),
            Term(
                gettext_noop("initial report"),
                gettext_noop("due two years after entry into force (art. 12(1)); cycle 1"),
            ),
            Term(gettext_noop("periodic report"), gettext_noop("a later report (art. 12(2))")),
            Term(
                gettext_noop("own report"),
                gettext_noop(
                    "a report under the OPSC itself: every initial report, and periodic reports of States"
                    " that are not party to the CRC"
                ),
            ),
            Term(
                gettext_noop("report under the CRC"),
                gettext_noop(
                    "a periodic report under CRC art. 44 that carries the information on the OPSC; in "
                    "short: carried report"
                ),
            ),
            Term(
                gettext_noop("cycle"),
                gettext_noop("the number of a report; the Committee numbers reports under the CRC"),
            ),
            Term(
                gettext_noop("combined report"),
                gettext_noop('one report for several cycles ("third and fourth")'),
            ),
            Term(
                gettext_noop("request for further information"),
                gettext_noop("what the Committee asks for beyond the reports (art. 12(3))"),
            ),
            Term(
                gettext_noop("due date"),
                gettext_noop("the day by which a report is expected; it can be a year alone"),
            ),
            Term(
                gettext_noop("computed date"),
                gettext_noop("the due date that the rules give without any document"),
            ),
            Term(
                gettext_noop("printed due date"),
                gettext_noop("the date that the United Nations printed, shown beside ours where they differ"),
            ),
            Term(
                gettext_noop("date stated by the Committee"),
                gettext_noop(
                    'a due date in a document of the Committee; replaces the computed one. It may be "to '
                    'be communicated"'
                ),
            ),
            Term(
                gettext_noop("LOIPR"),
                gettext_noop(
                    "list of issues prior to reporting: it asks for the next report itself, so its date "
                    "is that report's due date"
                ),
            ),
            Term(
                gettext_noop("list of issues (LOI)"),
                gettext_noop("questions on a report received; a request for further information"),
            ),
            Term(
                gettext_noop("review"),
                gettext_noop(
                    'concluding observations on a report: symbol, day of adoption, session. Also "review '
                    'without a report"'
                ),
            ),
            Term(
                gettext_noop("trail"),
                gettext_noop(
                    "the steps that explain a due date, each with article or document and one sentence; "
                    'on pages "Why this date"'
                ),
            ),
            Term(
                gettext_noop("treaty calendar"),
                gettext_noop("the due dates that CRC art. 44(1)(b) alone would give; for information only"),
            ),
        ),
    ),
    (
        gettext_noop("What is received and recorded"),
        (
            Term(
                gettext_noop("record"),
                gettext_noop(
                    "one entered fact with its source: treaty action, submission, review, date of the "
                    "Committee, request …"
                ),
            ),
            Term(
                gettext_noop("submission"),
                gettext_noop("a report received: date of receipt, symbol, the cycles it answers"),
            ),
            Term(
                gettext_noop("date of receipt"),
                gettext_noop("the first day on which the report was received; a revision does not move it"),
            ),
            Term(
                gettext_noop("revision, withdrawal"),
                gettext_noop("a later version of a submission; its end by the State"),
            ),
            Term(
                gettext_noop("confirmation of non-receipt"),
                gettext_noop("a source of a day says that a report had not been received by then"),
            ),
            Term(
                gettext_noop("complete from"),
                gettext_noop(
                    "the day from which the office's records of a State are complete, for each series"
                ),
            ),
            Term(
                gettext_noop("to be confirmed"),
                gettext_noop(
                    "a record is used and marked, but rests on a weak source; page Records to confirm"
                ),
            ),
            Term(gettext_noop("source"), gettext_noop("the document or site where a record was read")),
            Term(
                gettext_noop("version"),
                gettext_noop("a former state of a record, with who changed it, when and why"),
            ),
            Term(
                gettext_noop("import"),
                gettext_noop("a file of records that is uploaded, checked row by row, then saved as a whole"),
            ),
            Term(
                gettext_noop("as-of day"),
                gettext_noop("the day that a page or command asks about; only records dated up to it count"),
            ),
        ),
    ),
    (
        gettext_noop("Status"),
        (
            Term(gettext_noop("not yet due"), gettext_noop("the due date is more than 12 months away")),
            Term(
                gettext_noop("due within 12 months"), gettext_noop("the due date is at most 12 months away")
            ),
            Term(
                gettext_noop("overdue"),
                gettext_noop("from the day after the due date (of a year alone: after the year)"),
            ),
            Term(gettext_noop("received on time"), gettext_noop("received on or before the due date")),
            Term(
                gettext_noop("received late"), gettext_noop("received after the due date, so many days late")
            ),
            Term(
                gettext_noop("received, date unknown"),
                gettext_noop("received, but the date of receipt or the due date is not recorded"),
            ),
            Term(
                gettext_noop("to be communicated"),
                gettext_noop("the Committee will communicate the due date; never overdue"),
            ),
            Term(
                gettext_noop("date not recorded"),
                gettext_noop("no document with a due date is recorded here; never overdue, never in a mail"),
            ),
            Term(
                gettext_noop("no record"),
                gettext_noop(
                    "the report fell due while the office's records were not complete; never overdue"
                ),
            ),
            Term(
                gettext_noop("waived"),
                gettext_noop("the Committee asks for no report, or reviewed the State without one"),
            ),
        ),
    ),
    (
        gettext_noop("Reminders"),
        (
            Term(
                gettext_noop("reminder rule"),
                gettext_noop(
                    "how long before or after the due date to write, about which reports, to whom, with "
                    "which covering note"
                ),
            ),
            Term(
                gettext_noop("reminder"),
                gettext_noop("one entry of the ledger: obligation, rule and occurrence, recipient, due date"),
            ),
            Term(
                gettext_noop("stage"),
                gettext_noop('the point in time that a reminder stands for: "6 months before"'),
            ),
            Term(
                gettext_noop("ledger"),
                gettext_noop(
                    "all reminders, planned and sent; an entry is unique, so nobody is written to twice"
                ),
            ),
            Term(gettext_noop("outbox"), gettext_noop("the reminders that wait")),
            Term(
                gettext_noop("mail"),
                gettext_noop(
                    "one message to one recipient about all reports that are due for it; stored as sent"
                ),
            ),
            Term(
                gettext_noop("approve, hold, cancel, send again"),
                gettext_noop("what a person does with waiting reminders; with who, when and why"),
            ),
            Term(
                gettext_noop("covering note"),
                gettext_noop(
                    "a text that a person puts before one mail, or a rule before all mails of a stage"
                ),
            ),
            Term(
                gettext_noop("alarm about the clock"),
                gettext_noop(
                    "a scan was far from the one before, so a clock may be wrong; while it is open, new "
                    "reminders are held and nothing is sent"
                ),
            ),
            Term(
                gettext_noop("void"),
                gettext_noop(
                    "make a reminder that a wrong clock planned count as never planned; its mail is kept"
                ),
            ),
            Term(
                gettext_noop("pause"),
                gettext_noop("no reminders until a day, with a reason, for one report or a whole State"),
            ),
            Term(
                gettext_noop("forecast"),
                gettext_noop("the reminders of the next months if nothing else happens"),
            ),
            Term(gettext_noop("scan"), gettext_noop("the hourly run of the worker: plan, then send")),
            Term(gettext_noop("weekly digest"), gettext_noop("a mail to each desk officer every Monday")),
            Term(
                gettext_noop("returned mail"),
                gettext_noop("a mail server reports that a mail was not delivered; its reminder came back"),
            ),
            Term(
                gettext_noop("message"),
                gettext_noop(
                    "whatever came into the mailbox of the sender: answers of people and programs, returned mail"
                ),
            ),
            Term(
                gettext_noop("answer by link"),
                gettext_noop(
                    "what a recipient says on the page that a mail links to; creates a task, changes no record"
                ),
            ),
            Term(
                gettext_noop("task"),
                gettext_noop("something that a person has to look at, settled with an outcome"),
            ),
            Term(
                gettext_noop("proof of notice"),
                gettext_noop(
                    "the correspondence with a State in print: each paper and mail with its delivery data"
                ),
            ),
        ),
    ),
    (gettext_noop("Review of reports"), tuple(Term(*words) for words in REVIEWS)),
    (gettext_noop("Correspondence"), tuple(Term(*words) for words in CORRESPONDENCE)),
    (
        gettext_noop("People"),
        (
            Term(gettext_noop("contact"), gettext_noop("a person or office of a State that gets mail")),
            Term(
                gettext_noop("desk, desk officer"),
                gettext_noop(
                    "the States assigned to a person: named on the State, else on its regional group"
                ),
            ),
            Term(
                gettext_noop("role"),
                gettext_noop("Viewer, Editor, Approver, Administrator; a person may have several"),
            ),
            Term(
                gettext_noop("second person"),
                gettext_noop("confirms a date stated by the Committee before it takes effect (FOUR_EYES)"),
            ),
            Term(
                gettext_noop("second Administrator"),
                gettext_noop("confirms roles before they take effect (FOUR_EYES)"),
            ),
            Term(
                gettext_noop("limits of desks"),
                gettext_noop("Editors and Approvers change only the States on their desks (DESK_LIMITS)"),
            ),
            Term(
                gettext_noop("second factor"),
                gettext_noop("a code from the person's own device after the password, or a recovery code"),
            ),
            Term(gettext_noop("lock-out"), gettext_noop("the pause after too many wrong passwords")),
            Term(
                gettext_noop("security log"), gettext_noop("who signed in, and who changed roles and users")
            ),
        ),
    ),
    (
        gettext_noop("Pages and data"),
        (
            Term(
                gettext_noop("saved view"),
                gettext_noop("a list as a person saved it: filters, order, columns, perhaps a day"),
            ),
            Term(
                gettext_noop("My desk"),
                gettext_noop(
                    "the States assigned to a person, and those the person chose to follow, which changes no desk "
                    "officer"
                ),
            ),
            Term(
                gettext_noop("visit"),
                gettext_noop(
                    "a person's time in the tracker, with breaks of less than four hours; Today shows what is new "
                    "since the one before"
                ),
            ),
            Term(
                gettext_noop("calendar feed"),
                gettext_noop("due dates for a person's own calendar, at a secret address"),
            ),
            Term(
                gettext_noop("report (as document)"),
                gettext_noop(
                    "late States, participation, proof of notice, or the dossier of a State, as page, workbook and PDF"
                ),
            ),
            Term(
                gettext_noop("note"),
                gettext_noop(
                    "one page (and PDF) to hand over: what a State owes, on what ground, what came last; without "
                    "contacts and working notes"
                ),
            ),
            Term(
                gettext_noop("register of sources"),
                gettext_noop("the full citation of each short name of a source"),
            ),
            Term(gettext_noop("preview"), gettext_noop("what will change, shown before anything is saved")),
            Term(
                gettext_noop("public view"),
                gettext_noop("participation, late States and due dates for everybody, under /public/"),
            ),
            Term(
                gettext_noop("token"),
                gettext_noop("opens the API, or a calendar feed, for one person's programs"),
            ),
        ),
    ),
)
