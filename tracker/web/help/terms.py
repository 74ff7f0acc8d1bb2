"""The terms of the product: the glossary page and the definitions at the words.

`docs/concepts.md` has the same texts, with the names in code and the words to avoid; a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _


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
        return f"{said[:1].upper()}{said[1:]}."

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
        _("States and treaties"),
        (
            Term(
                _("State"),
                _("named as the United Nations names it, identified by its ISO 3166 alpha-3 code; capital S"),
            ),
            Term(_("OPSC, CRC"), _("the Optional Protocol, the Convention; spelled out once a page")),
            Term(
                _("treaty action"),
                _(
                    "what a State did to a treaty on a day: signature, ratification, accession, "
                    "succession, denunciation"
                ),
            ),
            Term(
                _("deposit"),
                _(
                    "the day on which the depositary received the instrument; from it the State counts as"
                    " a State party"
                ),
            ),
            Term(_("State party"), _("has ratified, acceded or succeeded, and has not left")),
            Term(_("signatory"), _("has signed; owes nothing unless it is a State party too")),
            Term(_("entry into force"), _("the day from which a State's duties run")),
            Term(
                _("participation"),
                _(
                    "a period from entry into force until a denunciation takes effect; a State may leave "
                    "and join again"
                ),
            ),
            Term(
                _("statement"),
                _("declaration, reservation, objection or territorial application; changes no due date"),
            ),
            Term(_("amendment"), _("a proposed change of the OPSC (art. 16)")),
            Term(
                _("position"),
                _("a State party favours a conference on an amendment, or accepts the amendment"),
            ),
            Term(_("depositary notification"), _("the circular of the depositary, with its C.N. number")),
        ),
    ),
    (
        _("Reports and dates"),
        (
            Term(
                _("obligation"),
                _(
                    "one thing that a State owes: a report, or a reply to a request; calculated from the "
                    "records, never entered"
                ),
            ),
            Term(_("initial report"), _("due two years after entry into force (art. 12(1)); cycle 1")),
            Term(_("periodic report"), _("a later report (art. 12(2))")),
            Term(
                _("own report"),
                _(
                    "a report under the OPSC itself: every initial report, and periodic reports of States"
                    " that are not party to the CRC"
                ),
            ),
            Term(
                _("report under the CRC"),
                _(
                    "a periodic report under CRC art. 44 that carries the information on the OPSC; in "
                    "short: carried report"
                ),
            ),
            Term(_("cycle"), _("the number of a report; the Committee numbers reports under the CRC")),
            Term(_("combined report"), _('one report for several cycles ("third and fourth")')),
            Term(
                _("request for further information"),
                _("what the Committee asks for beyond the reports (art. 12(3))"),
            ),
            Term(_("due date"), _("the day by which a report is expected; it can be a year alone")),
            Term(_("computed date"), _("the due date that the rules give without any document")),
            Term(
                _("printed due date"),
                _("the date that the United Nations printed, shown beside ours where they differ"),
            ),
            Term(
                _("date stated by the Committee"),
                _(
                    'a due date in a document of the Committee; replaces the computed one. It may be "to '
                    'be communicated"'
                ),
            ),
            Term(
                _("LOIPR"),
                _(
                    "list of issues prior to reporting: it asks for the next report itself, so its date "
                    "is that report's due date"
                ),
            ),
            Term(
                _("list of issues (LOI)"),
                _("questions on a report received; a request for further information"),
            ),
            Term(
                _("review"),
                _(
                    'concluding observations on a report: symbol, day of adoption, session. Also "review '
                    'without a report"'
                ),
            ),
            Term(
                _("trail"),
                _(
                    "the steps that explain a due date, each with article or document and one sentence; "
                    'on pages "Why this date"'
                ),
            ),
            Term(
                _("treaty calendar"),
                _("the due dates that CRC art. 44(1)(b) alone would give; for information only"),
            ),
        ),
    ),
    (
        _("What is received and recorded"),
        (
            Term(
                _("record"),
                _(
                    "one entered fact with its source: treaty action, submission, review, date of the "
                    "Committee, request …"
                ),
            ),
            Term(_("submission"), _("a report received: date of receipt, symbol, the cycles it answers")),
            Term(
                _("date of receipt"),
                _("the first day on which the report was received; a revision does not move it"),
            ),
            Term(_("revision, withdrawal"), _("a later version of a submission; its end by the State")),
            Term(
                _("confirmation of non-receipt"),
                _("a source of a day says that a report had not been received by then"),
            ),
            Term(
                _("complete from"),
                _("the day from which the office's records of a State are complete, for each series"),
            ),
            Term(
                _("to be confirmed"),
                _("a record is used and marked, but rests on a weak source; page Records to confirm"),
            ),
            Term(_("source"), _("the document or site where a record was read")),
            Term(_("version"), _("a former state of a record, with who changed it, when and why")),
            Term(
                _("import"),
                _("a file of records that is uploaded, checked row by row, then saved as a whole"),
            ),
            Term(
                _("as-of day"),
                _("the day that a page or command asks about; only records dated up to it count"),
            ),
        ),
    ),
    (
        _("Status"),
        (
            Term(_("not yet due"), _("the due date is more than 12 months away")),
            Term(_("due within 12 months"), _("the due date is at most 12 months away")),
            Term(_("overdue"), _("from the day after the due date (of a year alone: after the year)")),
            Term(_("received on time"), _("received on or before the due date")),
            Term(_("received late"), _("received after the due date, so many days late")),
            Term(
                _("received, date unknown"),
                _("received, but the date of receipt or the due date is not recorded"),
            ),
            Term(_("to be communicated"), _("the Committee will communicate the due date; never overdue")),
            Term(
                _("date not recorded"),
                _("no document with a due date is recorded here; never overdue, never in a mail"),
            ),
            Term(
                _("no record"),
                _("the report fell due while the office's records were not complete; never overdue"),
            ),
            Term(_("waived"), _("the Committee asks for no report, or reviewed the State without one")),
        ),
    ),
    (
        _("Reminders"),
        (
            Term(
                _("reminder rule"),
                _(
                    "how long before or after the due date to write, about which reports, to whom, with "
                    "which covering note"
                ),
            ),
            Term(
                _("reminder"),
                _("one entry of the ledger: obligation, rule and occurrence, recipient, due date"),
            ),
            Term(_("stage"), _('the point in time that a reminder stands for: "6 months before"')),
            Term(
                _("ledger"),
                _("all reminders, planned and sent; an entry is unique, so nobody is written to twice"),
            ),
            Term(_("outbox"), _("the reminders that wait")),
            Term(
                _("mail"),
                _("one message to one recipient about all reports that are due for it; stored as sent"),
            ),
            Term(
                _("approve, hold, cancel, send again"),
                _("what a person does with waiting reminders; with who, when and why"),
            ),
            Term(
                _("covering note"),
                _("a text that a person puts before one mail, or a rule before all mails of a stage"),
            ),
            Term(
                _("alarm about the clock"),
                _(
                    "a scan was far from the one before, so a clock may be wrong; while it is open, new "
                    "reminders are held and nothing is sent"
                ),
            ),
            Term(
                _("void"),
                _("make a reminder that a wrong clock planned count as never planned; its mail is kept"),
            ),
            Term(_("pause"), _("no reminders until a day, with a reason, for one report or a whole State")),
            Term(_("forecast"), _("the reminders of the next months if nothing else happens")),
            Term(_("scan"), _("the hourly run of the worker: plan, then send")),
            Term(_("weekly digest"), _("a mail to each desk officer every Monday")),
            Term(
                _("returned mail"),
                _("a mail server reports that a mail was not delivered; its reminder came back"),
            ),
            Term(
                _("message"),
                _(
                    "whatever came into the mailbox of the sender: answers of people and programs, returned mail"
                ),
            ),
            Term(
                _("answer by link"),
                _(
                    "what a recipient says on the page that a mail links to; creates a task, changes no record"
                ),
            ),
            Term(_("task"), _("something that a person has to look at, settled with an outcome")),
            Term(_("proof of notice"), _("the list of mails that mail servers accepted for a State")),
        ),
    ),
    (
        _("People"),
        (
            Term(_("contact"), _("a person or office of a State that gets mail")),
            Term(
                _("desk, desk officer"),
                _("the States assigned to a person: named on the State, else on its regional group"),
            ),
            Term(_("role"), _("Viewer, Editor, Approver, Administrator; a person may have several")),
            Term(
                _("second person"),
                _("confirms a date stated by the Committee before it takes effect (FOUR_EYES)"),
            ),
            Term(_("second Administrator"), _("confirms roles before they take effect (FOUR_EYES)")),
            Term(
                _("limits of desks"),
                _("Editors and Approvers change only the States on their desks (DESK_LIMITS)"),
            ),
            Term(
                _("second factor"),
                _("a code from the person's own device after the password, or a recovery code"),
            ),
            Term(_("lock-out"), _("the pause after too many wrong passwords")),
            Term(_("security log"), _("who signed in, and who changed roles and users")),
        ),
    ),
    (
        _("Pages and data"),
        (
            Term(_("saved view"), _("a list as a person saved it: filters, order, columns, perhaps a day")),
            Term(
                _("My desk"),
                _(
                    "the States assigned to a person, and those the person chose to follow, which changes no desk "
                    "officer"
                ),
            ),
            Term(
                _("visit"),
                _(
                    "a person's time in the tracker, with breaks of less than four hours; Today shows what is new "
                    "since the one before"
                ),
            ),
            Term(_("calendar feed"), _("due dates for a person's own calendar, at a secret address")),
            Term(
                _("report (as document)"),
                _(
                    "late States, participation, proof of notice, or the dossier of a State, as page, workbook and PDF"
                ),
            ),
            Term(
                _("note"),
                _(
                    "one page (and PDF) to hand over: what a State owes, on what ground, what came last; without "
                    "contacts and working notes"
                ),
            ),
            Term(
                _("register of sources"),
                _("the full citation of each short name of a source"),
            ),
            Term(_("preview"), _("what will change, shown before anything is saved")),
            Term(
                _("public view"), _("participation, late States and due dates for everybody, under /public/")
            ),
            Term(_("token"), _("opens the API, or a calendar feed, for one person's programs")),
        ),
    ),
)
