"""The models of reminders. Each module holds those that one part of the code writes."""

from tracker.reminders.models.attention import Bounce, ReceivedMessage, StaffTask
from tracker.reminders.models.calendar import CalendarEntry, CalendarToken
from tracker.reminders.models.digests import Digest, DigestOff, DigestState
from tracker.reminders.models.ledger import (
    ACCEPTED,
    COVERING_MOST,
    WAITING,
    Mail,
    OutboxAct,
    Reminder,
    ReminderRule,
    ReminderState,
    digest_of,
)
from tracker.reminders.models.pauses import Pause
from tracker.reminders.models.scans import Alarm, ClockAlarm, ScanRun
from tracker.reminders.models.servers import MailServer, SenderRefusal
