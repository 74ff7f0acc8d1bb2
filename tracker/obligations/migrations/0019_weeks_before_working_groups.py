"""How long before a working group papers of NGOs are due: the assumption of migration 17, counted from where its source does.

An office that has changed these weeks goes on counting from the session.
"""

from django.db import migrations

SOURCE = (
    "two months before the working group: OHCHR gives 1 December, 1 April and 1 August for the groups of February, June "
    "and October under the simplified procedure; not read for others"
)


def add(apps, schema_editor):
    deadline = apps.get_model("obligations", "SessionDeadline")
    unchanged = deadline.objects.filter(kind="session", what="ngo issues", weeks=35)
    if unchanged.exists() and not deadline.objects.filter(kind="pre-session").exists():
        deadline.objects.create(
            kind="pre-session", what="ngo issues", weeks=9, source=SOURCE, confidence="memory"
        )


class Migration(migrations.Migration):
    dependencies = [("obligations", "0018_deadlines_of_working_groups")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
