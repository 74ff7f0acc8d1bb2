"""Deadlines are counted from a session, as until now, or from the working group that prepares it."""

from django.db import migrations, models

JUDGED = {
    "sessiondeadline_session_deadline_once": "yesterday's program writes rows of sessions alone, each once",
}
KIND = {
    "choices": [("session", "session"), ("pre-session", "pre-sessional working group")],
    "db_default": "session",
    "default": "session",
    "help_text": "Whose first day it is counted from.",
    "max_length": 12,
    "verbose_name": "counted from",
}
WHAT = [
    ("issues", "list of issues adopted"),
    ("replies", "replies of the State"),
    ("ngo issues", "papers of NGOs for the list of issues"),
    ("ngo dialogue", "papers of NGOs for the dialogue"),
]


class Migration(migrations.Migration):
    dependencies = [("obligations", "0017_deadlines_before_sessions")]
    operations = [
        migrations.AddField("sessiondeadline", "kind", models.CharField(**KIND)),
        migrations.AddField("historicalsessiondeadline", "kind", models.CharField(**KIND)),
        migrations.AlterField(
            "sessiondeadline", "what", models.CharField(choices=WHAT, max_length=14, verbose_name="what")
        ),
        migrations.AlterField(
            "historicalsessiondeadline", "what", models.CharField(choices=WHAT, max_length=14, verbose_name="what")
        ),
        migrations.AddConstraint(
            "sessiondeadline",
            models.UniqueConstraint(
                fields=("what", "kind"),
                name="session_deadline_once",
                violation_error_message="These weeks are recorded already; edit them there.",
            ),
        ),
    ]
