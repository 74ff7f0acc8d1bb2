"""The addresses of reminders, mails, messages and tasks."""

from django.urls import path

from tracker.web.reminders import (
    answer_by_link,
    clock,
    digest,
    forecast,
    ledger,
    mails,
    outbox,
    pauses,
    received,
    tasks,
)

urlpatterns = [
    path("states/<str:iso3>/pause/", pauses.pause_state, name="pause-state"),
    path("obligations/<int:pk>/pause/", pauses.pause_report, name="pause-report"),
    path("pauses/<int:pk>/end/", pauses.end_pause, name="end-pause"),
    path("reminders/", ledger.ReminderList.as_view(), name="reminders"),
    path("reminders/approve/", ledger.approve_reminders, name="approve-reminders"),
    path("reminders/approve/undo/", ledger.undo_approval, name="undo-approval"),
    path("reminders/forecast/", forecast.ForecastList.as_view(), name="forecast"),
    path("reminders/clock/", clock.clock_page, name="clock"),
    path("reminders/act/", outbox.act_upon, name="outbox-act"),
    path("reminders/act/undo/", outbox.undo_hold, name="outbox-undo"),
    path("reminders/<int:pk>/", outbox.reminder_page, name="reminder"),
    path("reminders/<int:pk>/html/", outbox.reminder_html, name="reminder-html"),
    path("reminders/<int:pk>/calendar.ics", outbox.reminder_calendar, name="reminder-calendar"),
    path("reminders/<int:pk>/covering/", outbox.cover, name="covering"),
    path("reminders/<int:pk>/another/", outbox.to_another, name="another-contact"),
    path("reminders/mail/<int:pk>/", mails.mail_page, name="mail"),
    path("reminders/mail/<int:pk>/html/", mails.mail_html, name="mail-html"),
    path("reminders/mail/<int:pk>/calendar.ics", mails.mail_calendar, name="mail-calendar"),
    path("reminders/mail/<int:pk>/close-answers/", tasks.close_answers, name="close-answers"),
    path("messages/", received.MessageList.as_view(), name="messages"),
    path("messages/<int:pk>/", received.message_page, name="message"),
    path("tasks/", tasks.TaskList.as_view(), name="tasks"),
    path("tasks/<int:pk>/", tasks.task_page, name="task"),
    path("tasks/settle/", tasks.settle_selected, name="settle-tasks"),
    path("tasks/reopen/", tasks.reopen, name="reopen-tasks"),
    path("answer/thanks/", answer_by_link.thanks, name="answer-thanks"),
    path("answer/<str:token>/", answer_by_link.answer_page, name="answer"),
    path("digest/", digest.digest_page, name="digest"),
    path("digest/html/", digest.digest_html, name="digest-html"),
    path("digest/off/", digest.switch_off, name="digest-off"),
]
