"""What each page is for, for the help that a page links to; by the name of the page's address."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PURPOSES: dict[str, str | Promise] = {
    "home": _(
        "Today shows what is new since your last visit, what to do first, and the status of every State. Each figure "
        "leads to the list that it counts. The slider shows the same for any month end since 2002."
    ),
    "figures": _(
        "Reports by year, status and lateness, participation, and what the UN counted on some days beside our figures."
    ),
    "follow": _("Choose the regional groups and States that your lists show first. No desk officer changes."),
    "obligations": _(
        "All that States owe: reports and replies, with due date and status. Filter by status, State, region or desk, "
        "sort by a heading, choose columns, save the list as a view, or export it."
    ),
    "why": _("Each step of a due date, with the article or document that it rests on."),
    "submissions": _(
        "All reports received, with date of receipt, symbol and the obligations that they answer."
    ),
    "report-life": _(
        "How far a report has come, from its receipt to the next date: what was done, what is next, who has that step "
        "and since when. Enter each step from here."
    ),
    "check-report": _(
        "What a report covers: mark each item of the guidelines as covered, partly covered, absent or not applicable, "
        "with pages and a note, by keys alone if you like. Save as often as you want; finish it, and it counts."
    ),
    "compare-checklists": _(
        "Two people’s checklists of a report side by side: choose one of the marks where they differ, and save the "
        "agreed checklist."
    ),
    "search": _(
        "Finds States, documents, contacts, pages, terms and mails by a part of their name, in nearly any spelling. "
        "All dates count, whatever the as-of day."
    ),
    "states": _("All States with their participation and status. Search by any spelling of a name."),
    "state": _(
        "Three lines say what is awaited and why, what came last, and what would end it; below is all that is "
        "recorded about the State: what it owes, what was received, contacts, reminders and pauses. "
        "Record or correct it from here."
    ),
    "state-history": _(
        "Every change of the records of a State: who, when, why, before and after. Restore a version."
    ),
    "state-correspondence": _(
        "Everything that passed between the office and a State, newest first: notes and letters, reminders, answers, "
        "returned mail, with the files. Filter it, write from here, record what came in; the proof of notice prints it."
    ),
    "restore": _(
        "An earlier version of a record beside the present one; saving makes it the present one again."
    ),
    "edit": _(
        "Corrects a record where you saw it: change a field, look at the effects, save. The last change can be undone "
        "for ten minutes."
    ),
    "correspondence": _(
        "The register of all papers, sent and received: notes verbales, letters and mails. See what waits to be "
        "initialled, dispatched or answered; write a paper, or enter one that came in."
    ),
    "runs": _("Papers to many States at once, with the progress of each run."),
    "new-run": _(
        "Write to many States at once: a circular, or what is due on an occasion. See one paper, and which States "
        "have no suitable address, before anything is made."
    ),
    "run": _(
        "The papers of a run: stop it, let it go on, initial and dispatch all, print them as one PDF, or take them as "
        "a folder of documents."
    ),
    "paper": _(
        "A paper as it reads, why it was written, its files and its delivery, and each step with its person and time."
    ),
    "edit-paper": _("Change the words of a draft, with the paper as it reads beside them."),
    "write-paper": _(
        "Write a paper to a State: choose the occasion and the recipient; the form and the words follow from them."
    ),
    "receive-paper": _("Enter a paper that came in, with its files, and say which of our papers it answers."),
    "last-numbers": _(
        "After a restore: enter the last numbers that were used, and see which numbers were skipped."
    ),
    "addresses": _(
        "The mails that ask contacts to confirm their data, or tell them that an address was changed. Approve, hold or "
        "cancel them."
    ),
    "dispatch": _("One of these mails: its preview or its text, and what can be done about it."),
    "unreachable": _("States without an address at which we reach them, with the reason and what to do."),
    "directory": _(
        "Confirm the addresses that an imported directory has, and see which contacts are no longer in it."
    ),
    "confirm-contact": _(
        "Enter that somebody has confirmed the data of a contact by telephone, in writing or by a directory."
    ),
    "record": _(
        "Choose what to record: a report received, a deposit, a review, a date of the Committee, a withdrawal."
    ),
    "record-submission": _(
        "Record that a report was received. The preview shows what changes before you save."
    ),
    "record-date": _(
        "Record a due date that a document of the Committee states. It replaces the computed date."
    ),
    "record-review": _("Record concluding observations, with the next due date if they state one."),
    "record-prior-to-reporting": _(
        "Record a list of issues prior to reporting: it asks for the next report by a day."
    ),
    "record-withdrawal": _("Record that a State has withdrawn a report. The report stays in the history."),
    "record-deposit": _("Record a signature, ratification, accession, succession or denunciation."),
    "pause-state": _("Pause all reminders to a State until a day, with a reason."),
    "pause-report": _("Pause the reminders about one report until a day, with a reason."),
    "reminders": _(
        "All reminders, planned and sent. Approve, hold, cancel or send again; open one to read its mail."
    ),
    "reminder": _("One reminder: its mail, what happened to it and when, and what you can do."),
    "another-contact": _("Send a mail that did not arrive to another contact of the State."),
    "forecast": _("The reminders of the next months if nothing else happens."),
    "clock": _("An alarm: the clock of the server may be wrong. Nothing is sent until a person closes it."),
    "mail": _("One mail as it was sent, with the answer of the mail server."),
    "messages": _("What came into the mailbox of the sender: answers, automatic answers, returned mail."),
    "message": _("One message, and what became of it."),
    "tasks": _("What a person has to look at: answers, returned mail, mails that may not have gone."),
    "task": _("One task. Settle it with an outcome; it can be opened again."),
    "report-proof": _(
        "The correspondence with a State in print, as proof of notice: every paper and mail with its delivery data."
    ),
    "sessions": _(
        "The sessions of the Committee and of its working group: planned, held, cancelled or moved, with their days "
        "and the number of States on each."
    ),
    "coverage": _(
        "What each report covers of the guidelines, by article of the Protocol: covered, partly covered, absent or not "
        "applicable. Filter by the mark of an article; files have a column for each item."
    ),
    "draft-issues": _(
        "A draft list of issues from what a report leaves out. Select the requests, edit their words in each language, "
        "and download the draft. Words can be saved for all lists."
    ),
    "queue": _(
        "In which session each State that waits is likely to be considered, with a range: an estimate. Compare it with "
        "a session cancelled, a session longer, or overdue reports that arrive."
    ),
    "expected-years": _(
        "The year in which the Committee’s calendar expects the report of each State. It stands beside “date to be "
        "communicated” and is no due date. Filter by year or region, enter years, or upload a calendar."
    ),
    "add-expected-years": _(
        "Enter one year of the Committee’s calendar for one State or several, with its document."
    ),
    "follow-up": _(
        "The Committee’s requests for further information: what was answered on time, late or not, and how the "
        "Committee finds the replies, by region and year."
    ),
    "session": _(
        "A session with the States on it, their reports, lists of issues and observations, and what is due before it. "
        "Put States on it, edit them, move or cancel the session."
    ),
    "new-session": _("Add a session of the Committee, or of its pre-sessional working group."),
    "edit-session": _(
        "Correct, move or cancel a session; the States that wait again are named before you save."
    ),
    "add-to-session": _("Put a State on a session, for a report that waits or without one."),
    "participation": _(
        "Signatures, ratifications, accessions and denunciations of the OPSC, counted as the UN counts."
    ),
    "amendments": _("Proposed changes of the OPSC, and how many States parties favour or accept them."),
    "amendment": _("One amendment: positions of States, majorities, and entry into force."),
    "positions": _("Enter or paste the positions of States on an amendment."),
    "reconciliation": _(
        "Compare the records with the depositary's list: paste the list, then choose what to record."
    ),
    "imports": _("Upload a file of records. Each row is checked and shown before anything is saved."),
    "import": _("One file: what each row would do, and what is wrong. Saving is all or nothing."),
    "late": _("States whose reports are overdue, longest first, as a list to send or print."),
    "annual-report": _(
        "Reports received, considered and waiting in any period, and the time from receipt to dialogue, with sentences "
        "ready to copy."
    ),
    "report-late": _("Late and non-reporting States as a document: page, workbook and PDF."),
    "report-participation": _("Participation in the OPSC as a document: page, workbook and PDF."),
    "report-dossier": _("All about a State as a document: page, workbook and PDF."),
    "report-note": _(
        "One page about a State to hand over: what it owes, on what ground, and what came last."
    ),
    "pictures": _("The records in pictures, each above the table with the same numbers."),
    "picture-parties": _(
        "How many States had joined by the end of each year, by kind of instrument, and how many had signed."
    ),
    "picture-initial-reports": _(
        "A mark for each State: when it joined, and how many years passed until its initial report came."
    ),
    "picture-lateness": _(
        "A bar for each State, from the day its initial report was due to the day it came."
    ),
    "picture-regions": _(
        "What became of the reports that fell due in each year, group beside group on one scale."
    ),
    "picture-ahead": _("How many reports fall due in each month ahead, with the list of each month."),
    "calendar": _("Due dates by month or year."),
    "calendar-feeds": _("Secret addresses with which your own calendar reads the due dates."),
    "what-if": _("What would change if a State deposited, reported or denounced. Nothing is saved."),
    "to-confirm": _(
        "Reports without record: enter the report, or confirm from a source that none was received."
    ),
    "days-to-confirm": _("Records that rest on a weak source. Confirm each from a document, or correct it."),
    "settle-action": _("Confirm the day of a treaty action from its source."),
    "settle-date": _("Confirm a due date of the Committee from its document."),
    "settle-fact": _("Confirm a record from its document."),
    "settle-state": _("What is open about one State."),
    "keep-records": _(
        "State from which day on your office has every report received. Reports due later can be overdue."
    ),
    "dates-to-confirm": _("Dates that one person entered and a second person confirms."),
    "second-look": _("Confirm a date that another person entered, or leave it."),
    "digest": _("The weekly mail about your desk: read it here, turn it off or on."),
    "help": _("Shortcuts, display, terms, the tour, and the first steps."),
    "terms": _("The words of the product and what they mean."),
    "languages": _(
        "How many texts of each language people have confirmed, and in which language mails to States go therefore."
    ),
    "texts": _(
        "The texts of a language beside the English. Confirm those that are right, correct the others; download the "
        "catalogue for a translator, and upload it again."
    ),
    "text": _(
        "One text with its English, the terms of the glossary and its history. Correct or confirm it, or go back to "
        "the catalogue."
    ),
    "upload-texts": _(
        "Upload a catalogue that a translator has edited. Each difference is shown before anything is saved."
    ),
    "api": _("How programs read the records, and your token for it."),
    "second-factor": _("A code from your own device, entered after the password."),
    "own-password": _("Change your password."),
    "security-log": _("Who signed in, and who changed accounts and roles."),
    "account": _("What you may do, your desk, and whom to ask for more."),
    "people": _("Everybody with an account. Invite a person, or open one to change role and desk."),
    "invite": _("Make an account with role and desk; the person gets a mail to set a password."),
    "person": _(
        "One account: role, desk, second factor. Send a link for a new password, or take away access."
    ),
    "second-administrator": _("Confirm roles that another Administrator asks for."),
}
