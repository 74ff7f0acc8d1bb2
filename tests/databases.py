"""Databases of a test's own, on either engine, with at least one row in every table."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connections, models
from django.db.utils import load_backend
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests import factories, migrated, services
from tracker import environment
from tracker.consideration.models import CheckedItem, Checklist, GuidelineItem, ItemQuestion
from tracker.correspondence import files, papers, received
from tracker.correspondence.models import (
    Confirmation,
    FileContent,
    Letterhead,
    Paper,
    PaperFile,
    PaperRule,
    PaperRun,
    PaperText,
)
from tracker.correspondence.text.subject import PaperSubject
from tracker.languages.models import ConfirmedText, Reader
from tracker.obligations import sync
from tracker.obligations.load import load_folder
from tracker.obligations.models import (
    Import,
    NonReceipt,
    Obligation,
    PrintedDate,
    SessionDeadline,
    Submission,
)
from tracker.ops.backups.archive import LEFT_OUT
from tracker.registry.models import RegionDesk, State
from tracker.registry.shipped import SHIPPED
from tracker.reminders import calendar, outbox, pauses
from tracker.reminders.models import (
    Alarm,
    Bounce,
    CalendarToken,
    ClockAlarm,
    Digest,
    DigestOff,
    Mail,
    MailServer,
    ReceivedMessage,
    Reminder,
    ScanRun,
    SenderRefusal,
    StaffTask,
)
from tracker.reminders.plan import plan
from tracker.web.models import ApiToken, ElsewhereAccount, Following, SavedView, SecurityEvent, Visit

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 9, 30, 15, 120_300, tzinfo=UTC)
# Characters that a format of lines and tabs could break on.
NASTY = "tab\t new\n line\r feed\f \\N \\. back\\slash \v\b “quoted” Ünïçødé 漢字 😀 \x7f ' \" \\t"
EVERY_BYTE = bytes(range(256)) * 3


class Database:
    """A database that can become Django's default.

    Attributes:
        name: its name on the server, or the path of its file.
    """

    def __init__(self, engine: str, name: str) -> None:
        self.engine, self.name = engine, name

    @property
    def url(self) -> str:
        if self.engine == "sqlite":
            return f"sqlite:///{self.name}"
        return os.environ["DATABASE_URL"].rsplit("/", 1)[0] + f"/{self.name}"

    @contextmanager
    def asked(self) -> Iterator[Any]:
        """Inside, it is the default database of this thread."""
        told = connections.configure_settings(
            {"default": environment.database.value("DATABASE_URL", self.url) | {"CONN_MAX_AGE": 0}}
        )["default"]
        before = connections["default"]
        connections["default"] = load_backend(told["ENGINE"]).DatabaseWrapper(told, "default")
        ContentType.objects.clear_cache()
        try:
            yield connections["default"]
        finally:
            connections["default"].close()
            connections["default"] = before
            ContentType.objects.clear_cache()


def made(engine: str, folder: Path, like: Database | None = None) -> Database:
    """A new database: empty, or a copy of another of its engine."""
    name = f"t{secrets.token_hex(6)}"
    if engine == "sqlite":
        path = folder / f"{name}.sqlite3"
        if like is not None:
            shutil.copyfile(like.name, path)
        return Database(engine, str(path))
    with server() as cursor:
        cursor.execute(f'CREATE DATABASE {name} TEMPLATE "{like.name if like else "template0"}"')
    return Database(engine, name)


def dropped(database: Database) -> None:
    if database.engine == "postgresql":
        with server() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {database.name} WITH (FORCE)")


@contextmanager
def server() -> Iterator[Any]:
    """A connection to the server itself."""
    url = os.environ["DATABASE_URL"].rsplit("/", 1)[0] + "/postgres"
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def made_migrated(engine: str, folder: Path) -> Database:
    """A new database with every migration applied."""
    if engine == "sqlite":
        copied = migrated.copy_file(folder)
        return Database(engine, str(copied.rename(folder / f"t{secrets.token_hex(6)}.sqlite3")))
    if services.is_migrated:
        return made(engine, folder, like=Database(engine, migrated.SPARE))
    database = made(engine, folder)
    migrated.migrate(database.url)
    return database


def rows(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table in a backup, as Django reads it."""
    with database.asked():
        return {
            model._meta.db_table: list(model._base_manager.order_by("pk").values_list())
            for model in models_kept()
        }


def models_kept() -> list[type[models.Model]]:
    found = apps.get_models(include_auto_created=True)
    return [model for model in found if model._meta.db_table not in LEFT_OUT]


def fill() -> None:
    """The shipped records, and at least one row in every other table; needs a clock at `NOW`."""
    load_folder(SHIPPED, today=TODAY, reason="loaded from the shipped data")
    norway, chile = State.objects.get(pk="NOR"), State.objects.get(pk="CHL")
    ada, ben = factories.an_officer("ada"), factories.an_officer("ben", first_name="Ben", last_name="Ünïçødé")
    ada.groups.set(Group.objects.all())
    ada.user_permissions.set(Permission.objects.order_by("pk")[:3])
    norway.desk_officer = ada
    norway.save()
    RegionDesk.objects.create(region="africa", officer=ben)
    for state, at in ((norway, "nor@example.org"), (chile, "chl@example.org")):
        factories.a_contact(state, at, name=f"Mission of {state.name}")
    factories.a_contact(chile, "planned@example.org", copy="cc")
    factories.asks(norway, due="2027-01-15", on="2026-09-10", note=NASTY)
    NonReceipt.objects.create(state=chile, not_received_by=date(2026, 1, 1), source="CRC/C/SR.1", note=NASTY)
    # Reminders are about dates that a document states; a number beyond all shipped ones is the next report.
    factories.decides(
        chile, "2027-03-01", "2026-01-30", cycles="10", carried_by="CRC report", document="CRC/C/CHL/CO/9"
    )
    factories.reviews(
        chile, "2026-01-30", cycles="9", carried_by="CRC report", document="CRC/C/CHL/CO/9", note=NASTY
    )
    PrintedDate.objects.create(
        state=chile, kind="periodic", first_cycle=10, last_cycle=10, carried_by="CRC report", printed="2027",
        printed_on=TODAY, note=NASTY,
    )  # fmt: skip
    factories.declares(norway, "objection", "2002-03-01", about=chile, text=NASTY)
    proposal = factories.proposes(
        norway, communicated_on="2025-02-01", adopted_on="2025-06-01", votes_for=90, votes_against=3, abstentions=0
    )  # fmt: skip
    factories.answers(proposal, chile, "2025-03-01")
    sync.synchronise(TODAY)
    calendar.synchronise(TODAY)
    plan(TODAY, today=TODAY)
    outbox.act("cancel", Reminder.objects.filter(recipient="chl@example.org"), by="ada", reason="by letter")
    sent = Reminder.objects.get(recipient="nor@example.org")
    mail = Mail.objects.create(
        recipient=sent.recipient,
        subject="Reports",
        text=NASTY,
        html="<p>–</p>",
        message_id="<1>",
        sent_on=TODAY,
    )
    Reminder.objects.filter(pk=sent.pk).update(state="sent", sent_at=NOW, sent_on=TODAY, mail=mail)
    pauses.pause(State.objects.get(pk="FRA"), until=date(2027, 5, 1), reason="elections", by=ada, on=TODAY)
    message = ReceivedMessage.objects.create(
        kind="returned",
        digest="m",
        sender=mail.recipient,
        subject=NASTY,
        text=NASTY,
        mail=mail,
        received_at=NOW,
    )
    bounce = Bounce.objects.create(
        message=message,
        kind="failed",
        mail=mail,
        recipient=mail.recipient,
        status="5.1.1",
        digest="d",
        received_at=NOW,
    )
    task = StaffTask.objects.create(kind="bounce", state=norway, cause="1", mail=mail, bounce=bounce)
    task.obligations.set(Obligation.objects.filter(state=norway)[:2])
    CalendarToken.renew(ada)
    ApiToken.renew(ada, "read")
    ElsewhereAccount.objects.create(user=ada, issuer="https://login.example.org", subject=NASTY)
    Digest.objects.create(officer=ada, week=date(2026, 11, 16), recipient=ada.email, state="sent")
    DigestOff.objects.create(user=ben)
    ScanRun.objects.create(started_at=NOW, finished_at=NOW, error=NASTY)
    ClockAlarm.objects.create(
        raised_at=NOW, last_scan_at=NOW, reason=NASTY, cleared_at=NOW, cleared_by="ada", outcome=NASTY
    )
    Alarm.objects.create(kind="dead", mailed_at=datetime(2026, 11, 22, tzinfo=UTC))
    MailServer.objects.create(use="sending", failing_since=NOW, failures=1, cause="other", error=NASTY)
    SenderRefusal.objects.create(server="mx.example.net", since=NOW, last_at=NOW)
    SavedView.objects.create(owner=ada, page="obligations", name="überfällig", query="status=overdue")
    Reader.objects.create(user=ada, language="zh")
    ConfirmedText.objects.create(
        language="zh", key="1" * 16, english=NASTY, forms=[NASTY], by="Ada", on=TODAY, note=NASTY
    )
    Following.objects.create(user=ada, region="WEOG")
    Following.objects.create(user=ada, state=norway)
    Visit.objects.update_or_create(user=ada, defaults={"seen_at": NOW, "before": NOW})
    SecurityEvent.objects.create(kind="signed_in", who="ada", address="2001:db8::1")
    Import.objects.create(
        table="submissions",
        file_name="täst.csv",
        content=b"\x00\xff\\x\n\t",
        uploaded_by=ada,
        about={"zz": 1, "b": [None, True, 12345678901234567890], "aaa": {"é": NASTY, "f": "\u2028 </ \x1f"}},
        preview=[{"longer": 1, "a": "x"}],
        counts={},
    )
    _write_papers(norway)
    _check_a_report(norway, ada)
    TOTPDevice.objects.create(user=ada, name="app", confirmed=True)
    StaticDevice.objects.create(user=ada, name="codes").token_set.create(token="abcdefgh")
    about = ContentType.objects.get_for_model(State)
    LogEntry.objects.create(
        user=ada, content_type=about, object_id="NOR", object_repr="Norway", action_flag=CHANGE
    )
    assert settings.REMINDERS_APPROVAL == "automatic"  # else no row of the ledger is only planned


def _check_a_report(state: State, by: Any) -> None:
    """A session with a State on it, a year of the calendar, and a checklist with one mark."""
    report = Submission.objects.filter(state=state, kind="initial").first()
    assert report is not None
    factories.on_the_agenda(state, submission=report, rapporteurs=NASTY)
    factories.expects(state, note=NASTY)
    deadline, _new = SessionDeadline.objects.get_or_create(what="issues", defaults={"weeks": 30})
    item = GuidelineItem.objects.get(code="A1")
    for row in (deadline, item.guidelines, item):
        row.save()  # for its history
    ItemQuestion.objects.create(item=item, language="zh", words=NASTY)
    checklist = Checklist.objects.create(
        submission=report, guidelines=item.guidelines, by=by, begun_on=TODAY, words=21_201
    )
    CheckedItem.objects.create(checklist=checklist, item=item, mark="partly", pages="12-14", note=NASTY)


def _write_papers(state: State) -> None:
    """A note that went by courier with its files, and a paper received; at least one row in every table of theirs."""
    contact = factories.a_contact(state, "mission@example.org", name=NASTY, kind="mission")
    PaperText.objects.create(part="letter.closing", language="zh", words=NASTY)
    for row in (PaperRule.objects.first(), Letterhead.get()):
        assert row is not None
        row.save()  # for its history
    run = PaperRun.objects.create(title=NASTY, words={"en": NASTY}, states=["NOR"], created_by="ada")
    new = papers.NewPaper(
        "circular", "note", contact, PaperSubject(state), typed={"en": NASTY}, title="Move", run=run
    )
    note = papers.draft(new, by="ada", day=TODAY)
    assert note is not None
    files.keep(note, "NOR.pdf", files.PDF, EVERY_BYTE, by="ada")
    Paper.objects.filter(pk=note.pk).update(status="initialled", initialled_by="ben")
    papers.dispatch(note, "courier", by="ben", day=TODAY, note=NASTY)
    received.receive(state, by="ada", on=TODAY, subject="Answer", summary=NASTY, answers=note)
    Confirmation.objects.create(contact=contact, email=contact.email, on=TODAY, how="phone", source=NASTY)
    assert (FileContent.objects.count(), PaperFile.objects.count()) == (1, 1)
