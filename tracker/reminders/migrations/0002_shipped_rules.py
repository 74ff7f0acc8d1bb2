"""The rules that a new installation starts with: 12, 6, 3 and 1 months before, on the day, 1, 3, 6
and 12 months after, then every year. From the day after the due date the desk officer is told too."""

from django.db import migrations

# months, repeats every so many months, audience
RULES = (
    (-12, 0, "contacts"),
    (-6, 0, "contacts"),
    (-3, 0, "contacts"),
    (-1, 0, "contacts"),
    (0, 0, "contacts"),
    (1, 0, "both"),
    (3, 0, "both"),
    (6, 0, "both"),
    (12, 0, "both"),
    (24, 12, "both"),
)


def add(apps, schema_editor):
    rule = apps.get_model("reminders", "ReminderRule")
    for months, repeats, audience in RULES:
        rule.objects.get_or_create(
            months=months, days=0, kind="", defaults={"repeats": repeats, "audience": audience}
        )


class Migration(migrations.Migration):
    dependencies = [("reminders", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
