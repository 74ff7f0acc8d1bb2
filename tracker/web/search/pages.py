"""The pages of the product and its terms, as the search finds them: by any word, in nearly any spelling.

They are found in the language of the reader and in English.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from rapidfuzz import fuzz, process

from tracker.languages.known import ENGLISH, current, speaking
from tracker.languages.typed import figures
from tracker.registry.names import fold
from tracker.web.accounts.roles import READ
from tracker.web.help.purposes import PURPOSES
from tracker.web.help.terms import by_name
from tracker.web.search.hits import Hit, is_joined, is_part

SHORTEST_SIMILAR = 4  # letters; a shorter word is taken as it is
SIMILAR = 80  # of 100: "calender" is similar to "calendar"
ARABIC_ARTICLE = "ال"  # is written together with its word
BESIDE = 0.5  # how much less a word counts that is not in the name


@dataclass(frozen=True)
class PageEntry:
    """A page that the search offers.

    Attributes:
        name: of its address.
        words: by which it is found, beside its title.
        permissions: which a person needs to open it.
        query: what follows the address.
    """

    name: str
    title: Any
    words: Any
    permissions: tuple[str, ...] = (READ,)
    query: str = ""

    @property
    def address(self) -> str:
        return reverse(self.name) + self.query


PAGES = (
    PageEntry("home", _("Today"), _("start home overview map dashboard")),
    PageEntry("figures", _("Figures"), _("numbers counts timeliness by year")),
    PageEntry("follow", _("What you follow"), _("my desk choose regions states")),
    PageEntry("obligations", _("Obligations"), _("due dates overdue reports owed")),
    PageEntry("late", _("Late and non-reporting States"), _("overdue delay missing")),
    PageEntry("submissions", _("Submissions"), _("reports received symbols")),
    PageEntry("calendar", _("Calendar"), _("due dates month year")),
    PageEntry("calendar-feeds", _("Calendar feeds"), _("ics outlook subscribe")),
    PageEntry("states", _("States"), _("countries list parties")),
    PageEntry("sessions", _("Sessions"), _("committee calendar agenda dialogue working group")),
    PageEntry("coverage", _("Coverage"), _("guidelines gaps articles checklist matrix")),
    PageEntry(
        "queue", _("Forecast of the queue"), _("waiting backlog when considered likely session simulation")
    ),
    PageEntry("expected-years", _("Calendar of years"), _("eight-year predictable review cycle expected")),
    PageEntry("follow-up", _("Follow-up"), _("requests list of issues replies assessment adequate")),
    PageEntry("participation", _("Participation"), _("parties signatories ratifications")),
    PageEntry("pictures", _("Pictures"), _("charts graphs trends statistics")),
    PageEntry("amendments", _("Amendments"), _("treaty article 16 positions")),
    PageEntry("what-if", _("What if"), _("ratify accession try simulation")),
    PageEntry("record", _("Record"), _("enter add new submission report received")),
    PageEntry("imports", _("Import"), _("upload file spreadsheet excel csv xlsx")),
    PageEntry(
        "reconciliation",
        _("Depositary list"),
        _("reconciliation compare treaty collection ratifications"),
        ("registry.add_treatyaction", "registry.change_treatyaction"),
    ),
    PageEntry("to-confirm", _("Records to confirm"), _("uncertain without record")),
    PageEntry("days-to-confirm", _("Records with a weak source"), _("uncertain days to confirm")),
    PageEntry("dates-to-confirm", _("Dates that await a second person"), _("confirm four eyes")),
    PageEntry("reminders", _("Reminders"), _("mails sent outbox ledger approve")),
    PageEntry(
        "correspondence",
        _("Correspondence"),
        _("register notes verbales letters papers sent"),
        permissions=(READ, "correspondence.view_paper"),
    ),
    PageEntry(
        "write-paper",
        _("Write a paper"),
        _("note verbale letter draft"),
        permissions=(READ, "correspondence.add_paper"),
    ),
    PageEntry(
        "receive-paper",
        _("Enter a paper received"),
        _("incoming letter note answer upload"),
        permissions=(READ, "correspondence.add_paper"),
    ),
    PageEntry("forecast", _("Forecast of reminders"), _("next 90 days mails planned")),
    PageEntry("messages", _("Messages"), _("mailbox received answers inbox")),
    PageEntry("tasks", _("Tasks"), _("to do open answers returned mail bounces")),
    PageEntry("addresses", _("Mails about addresses"), _("confirm contacts requests changed approve")),
    PageEntry("unreachable", _("States we cannot reach"), _("contacts missing bounced unconfirmed missions")),
    PageEntry("clock", _("Clock"), _("alarm scan time")),
    PageEntry("digest", _("Weekly digest"), _("mail monday summary")),
    PageEntry(
        "annual-report",
        _("Figures for the annual report"),
        _("statistics median waiting time received considered period"),
    ),
    PageEntry("report-late", _("Report: late States"), _("pdf print document workbook")),
    PageEntry("report-participation", _("Report: participation"), _("pdf print workbook")),
    PageEntry("languages", _("Translations"), _("languages texts review confirm translate")),
    PageEntry("help", _("Help"), _("how to first steps guide")),
    PageEntry("terms", _("Terms"), _("glossary words meaning definitions")),
    PageEntry("help", _("Keyboard shortcuts"), _("keys"), query="#shortcuts"),
    PageEntry("help", _("Display"), _("dark colours contrast theme"), query="#display"),
    PageEntry("api", _("For programs"), _("api token json openapi")),
    PageEntry("own-password", _("Password"), _("change own account")),
    PageEntry("second-factor", _("Second factor"), _("code device recovery account")),
    PageEntry("security-log", _("Security log"), _("sign in roles users audit"), ("web.view_securityevent",)),
    PageEntry(
        "admin:reminders_reminderrule_changelist",
        _("Reminder rules"),
        _("stages when to write covering notes settings"),
        ("reminders.view_reminderrule", "is_staff"),
    ),
    PageEntry(
        "admin:registry_contact_changelist",
        _("Contacts"),
        _("addresses people missions e-mail"),
        ("registry.view_contact", "is_staff"),
    ),
    PageEntry("people", _("People"), _("users accounts roles desks colleagues"), ("auth.view_user",)),
    PageEntry("invite", _("Invite a person"), _("new user colleague add account"), ("auth.add_user",)),
    PageEntry("account", _("Your account"), _("own roles desks profile")),
)


# Other words by which people look for a term.
ALSO_CALLED = {
    "State": _("country nation"),
    "State party": _("member"),
    "LOIPR": _("list of issues prior to reporting"),
    "depositary notification": _("C.N. circular"),
    "obligation": _("duty"),
    "due date": _("deadline"),
    "report under the CRC": _("carried"),
    "review": _("concluding observations"),
    "trail": _("why this date reasons"),
    "to be confirmed": _("uncertain doubtful"),
    "contact": _("addressee"),
    "mail": _("letter"),
    "pause": _("snooze stop"),
    "returned mail": _("bounce"),
    "second person": _("four eyes"),
    "second factor": _("2fa code"),
}


def find_pages(text: str, user: Any) -> list[Hit]:
    """The pages that a text may mean and the user may open, the best first."""
    may = [page for page in PAGES if all(_has(user, permission) for permission in page.permissions)]
    return [
        Hit(str(page.title), page.address, "" if page.query else str(PURPOSES.get(page.name, "")))
        for page in _closest(may, text, lambda page: (str(page.title), str(page.words)))
    ]


def find_terms(text: str) -> list[Hit]:
    """The terms that a text may mean, each with its meaning, the best first."""
    return [
        Hit(term.label, term.address, term.says)
        for term in _closest(
            by_name().values(), text, lambda term: (term.label, str(ALSO_CALLED.get(term.name, "")))
        )
    ]


def _has(user: Any, permission: str) -> bool:
    return bool(user.is_staff if permission == "is_staff" else user.has_perm(permission))


def _closest(entries: Iterable[Any], text: str, words_of: Callable[[Any], tuple[str, str]]) -> list[Any]:
    """The entries that have each word of a text in their name or beside it, else those with similar words.

    The words are those of the active language and of English: both are what colleagues tell each other.
    """
    typed = fold(figures(text))
    if not is_part(typed):
        return []
    ranked: list[tuple[float, bool, int, int, Any]] = []
    for entry in entries:
        names, beside = zip(*(map(fold, words) for words in _in_both(words_of, entry)), strict=True)
        in_names, in_beside = (" ".join(words).split() for words in (names, beside))
        scores = [
            max(_closeness(word, in_names), _closeness(word, in_beside) - BESIDE) for word in typed.split()
        ]
        if min(scores) > 0:
            average = sum(scores) / len(scores)
            begins = any(name.startswith(typed) for name in names)
            ranked.append((-average, not begins, len(names[0]), len(ranked), entry))
    ranked.sort(key=lambda one: one[:-1])
    as_typed = [entry for average, *_rank, entry in ranked if -average >= 100 - BESIDE]
    return as_typed or [entry for *_rank, entry in ranked]


def _in_both(words_of: Callable[[Any], tuple[str, str]], entry: Any) -> Iterator[tuple[str, str]]:
    """The words of an entry in the active language and in English."""
    yield words_of(entry)
    if current() != ENGLISH:
        with speaking(ENGLISH.code):
            yield words_of(entry)


def _closeness(word: str, words: list[str]) -> float:
    """How similar a typed word is to the closest of some words, or to its beginning; of 100, and 0 for another word."""
    if any(_has_part(one, word) if is_part(word) else one == word for one in words):
        return 100
    if len(word) < SHORTEST_SIMILAR:
        return 0
    found = process.extractOne(word, words, scorer=fuzz.ratio, score_cutoff=SIMILAR)
    return found[1] if found else 0


def _has_part(one: str, word: str) -> bool:
    """Whether a word begins as another does; in Chinese anywhere, in Arabic behind the article too."""
    if is_joined(word):
        return word in one
    return one.removeprefix(ARABIC_ARTICLE).startswith(word.removeprefix(ARABIC_ARTICLE))
