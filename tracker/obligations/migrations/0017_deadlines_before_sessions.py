"""How long before a session things are due, as far as public pages say; an Administrator edits them.

No document of the Committee that was read gives weeks. Two rows are counted from what a page says about the pre-sessional
working group (half a year before the session) and about replies; two are assumptions, and marked as from memory.
"""

from django.db import migrations

DEADLINES = (
    ("ngo issues", 35, "two months before the working group: OHCHR gives 1 December, 1 April and 1 August for the groups "
                       "of February, June and October under the simplified procedure; not read for others", "memory"),
    ("issues", 26, "working group normally six months before the session: crcreporting.childrightsconnect.org, "
                   "convention-on-the-rights-of-the-child-pre-session", "secondary"),
    ("replies", 9, "at least a couple of months before the session; the list of issues prints the day: "
                   "crcreporting.childrightsconnect.org, written-replies-additional-submissions", "secondary"),
    ("ngo dialogue", 4, "an assumption: no text was read", "memory"),
)  # fmt: skip


def add(apps, schema_editor):
    deadline = apps.get_model("obligations", "SessionDeadline")
    if not deadline.objects.exists():
        deadline.objects.bulk_create(
            deadline(what=what, weeks=weeks, source=source, confidence=confidence)
            for what, weeks, source, confidence in DEADLINES
        )


class Migration(migrations.Migration):
    dependencies = [("obligations", "0016_sessions")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
