"""The pages of the product and its terms, as the search finds them: by any word, in nearly any spelling.

They are found in the language of the reader and in English.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy
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
    PageEntry("home", gettext_lazy("Today"), gettext_lazy("start home overview map dashboard")),
    PageEntry("figures", gettext_lazy("Figures"), gettext_lazy("numbers counts timeliness by year")),
    PageEntry("follow", gettext_lazy("What you follow"), gettext_lazy("my desk choose regions states")),
    PageEntry("obligations", gettext_lazy("Obligations"), gettext_lazy("due dates overdue reports owed")),
    PageEntry("late", gettext_lazy("Late and non-reporting States"), gettext_lazy("overdue delay missing")),
    PageEntry("submissions", gettext_lazy("Submissions"), gettext_lazy("reports received symbols")),
    PageEntry("calendar", gettext_lazy("Calendar"), gettext_lazy("due dates month year")),
    PageEntry("calendar-feeds", gettext_lazy("Calendar feeds"), gettext_lazy("ics outlook subscribe")),
    PageEntry("states", gettext_lazy("States"), gettext_lazy("countries list parties")),
    PageEntry(
        "sessions",
        gettext_lazy("Sessions"),
        gettext_lazy("committee calendar agenda dialogue working group"),
    ),
    PageEntry(
        "coverage", gettext_lazy("Coverage"), gettext_lazy("guidelines gaps articles checklist matrix")
    ),
    PageEntry(
        "queue",
        gettext_lazy("Forecast of the queue"),
        gettext_lazy("waiting backlog when considered likely session simulation"),
    ),
    PageEntry(
        "expected-years",
        gettext_lazy("Calendar of years"),
        gettext_lazy("eight-year predictable review cycle expected"),
    ),
    PageEntry(
        "follow-up",
        gettext_lazy("Follow-up"),
        gettext_lazy("requests list of issues replies assessment adequate"),
    ),
    PageEntry(
        "participation", gettext_lazy("Participation"), gettext_lazy("parties signatories ratifications")
    ),
    PageEntry("pictures", gettext_lazy("Pictures"), gettext_lazy("charts graphs trends statistics")),
    PageEntry("amendments", gettext_lazy("Amendments"), gettext_lazy("treaty article 16 positions")),
    PageEntry("what-if", gettext_lazy("What if"), gettext_lazy("ratify accession try simulation")),
    PageEntry("record", gettext_lazy("Record"), gettext_lazy("enter add new submission report received")),
    PageEntry("imports", gettext_lazy("Import"), gettext_lazy("upload file spreadsheet excel csv xlsx")),
    PageEntry(
        "reconciliation",
        gettext_lazy("Depositary list"),
        gettext_lazy("reconciliation compare treaty collection ratifications"),
        ("registry.add_treatyaction", "registry.change_treatyaction"),
    ),
    PageEntry("to-confirm", gettext_lazy("Records to confirm"), gettext_lazy("uncertain without record")),
    PageEntry(
        "days-to-confirm",
        gettext_lazy("Records with a weak source"),
        gettext_lazy("uncertain days to confirm"),
    ),
    PageEntry(
        "dates-to-confirm",
        gettext_lazy("Dates that await a second person"),
        gettext_lazy("confirm four eyes"),
    ),
    PageEntry("reminders", gettext_lazy("Reminders"), gettext_lazy("mails sent outbox ledger approve")),
    PageEntry(
        "correspondence",
        gettext_lazy("Correspondence"),
        gettext_lazy("register notes verbales letters papers sent"),
        permissions=(READ, "correspondence.view_paper"),
    ),
    PageEntry(
        "write-paper",
        gettext_lazy("Write a paper"),
        gettext_lazy("note verbale letter draft"),
        permissions=(READ, "correspondence.add_paper"),
    ),
    PageEntry(
        "receive-paper",
        gettext_lazy("Enter a paper received"),
        gettext_lazy("incoming letter note answer upload"),
        permissions=(READ, "correspondence.add_paper"),
    ),
    PageEntry("forecast", gettext_lazy("Forecast of reminders"), gettext_lazy("next 90 days mails planned")),
    PageEntry("messages", gettext_lazy("Messages"), gettext_lazy("mailbox received answers inbox")),
    PageEntry("tasks", gettext_lazy("Tasks"), gettext_lazy("to do open answers returned mail bounces")),
    PageEntry(
        "addresses",
        gettext_lazy("Mails about addresses"),
        gettext_lazy("confirm contacts requests changed approve"),
    ),
    PageEntry(
        "unreachable",
        gettext_lazy("States we cannot reach"),
        gettext_lazy("contacts missing bounced unconfirmed missions"),
    ),
    PageEntry("clock", gettext_lazy("Clock"), gettext_lazy("alarm scan time")),
    PageEntry("digest", gettext_lazy("Weekly digest"), gettext_lazy("mail monday summary")),
    PageEntry(
        "annual-report",
        gettext_lazy("Figures for the annual report"),
        gettext_lazy("statistics median waiting time received considered period"),
    ),
    PageEntry(
        "report-late", gettext_lazy("Report: late States"), gettext_lazy("pdf print document workbook")
    ),
    PageEntry(
        "report-participation", gettext_lazy("Report: participation"), gettext_lazy("pdf print workbook")
    ),
    PageEntry(
        "languages", gettext_lazy("Translations"), gettext_lazy("languages texts review confirm translate")
    ),
    PageEntry("help", gettext_lazy("Help"), gettext_lazy("how to first steps guide")),
    PageEntry("terms", gettext_lazy("Terms"), gettext_lazy("glossary words meaning definitions")),
    PageEntry("help", gettext_lazy("Keyboard shortcuts"), gettext_lazy("keys"), query="#shortcuts"),
    PageEntry("help", gettext_lazy("Display"), gettext_lazy("dark colours contrast theme"), query="#display"),
    PageEntry("api", gettext_lazy("For programs"), gettext_lazy("api token json openapi")),
    PageEntry("own-password", gettext_lazy("Password"), gettext_lazy("change own account")),
    PageEntry("second-factor", gettext_lazy("Second factor"), gettext_lazy("code device recovery account")),
    PageEntry(
        "security-log",
        gettext_lazy("Security log"),
        gettext_lazy("sign in roles users audit"),
        ("web.view_securityevent",),
    ),
    PageEntry(
        "admin:reminders_reminderrule_changelist",
        gettext_lazy("Reminder rules"),
        gettext_lazy("stages when to write covering notes settings"),
        ("reminders.view_reminderrule", "is_staff"),
    ),
    PageEntry(
        "admin:registry_contact_changelist",
        gettext_lazy("Contacts"),
        gettext_lazy("addresses people missions e-mail"),
        ("registry.view_contact", "is_staff"),
    ),
    PageEntry(
        "people",
        gettext_lazy("People"),
        gettext_lazy("users accounts roles desks colleagues"),
        ("auth.view_user",),
    ),
    PageEntry(
        "invite",
        gettext_lazy("Invite a person"),
        gettext_lazy("new user colleague add account"),
        ("auth.add_user",),
    ),
    PageEntry("account", gettext_lazy("Your account"), gettext_lazy("own roles desks profile")),
)


# Other words by which people look for a term.
ALSO_CALLED = {
    "State": gettext_lazy("country nation"),
    "State party": gettext_lazy("member"),
    "LOIPR": gettext_lazy("list of issues prior to reporting"),
    "depositary notification": gettext_lazy("C.N. circular"),
    "obligation": gettext_lazy("duty"),
    "due date": gettext_lazy("deadline"),
    "report under the CRC": gettext_lazy("carried"),
    "review": gettext_lazy("concluding observations"),
    "trail": gettext_lazy("why this date reasons"),
    "to be confirmed": gettext_lazy("uncertain doubtful"),
    "contact": gettext_lazy("addressee"),
    "mail": gettext_lazy("letter"),
    "pause": gettext_lazy("snooze stop"),
    "returned mail": gettext_lazy("bounce"),
    "second person": gettext_lazy("four eyes"),
    "second factor": gettext_lazy("2fa code"),
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
