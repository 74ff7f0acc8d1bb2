from django.db import migrations

# The kinds of bounces with which a mail did not arrive.
CAME_BACK = ("failed", "given up", "refused")


def mark(apps, schema_editor):
    """Marks the reminders in mails that came back before there was a word for it, with the words of the server."""
    reminders = apps.get_model("reminders", "Reminder")
    bounces = apps.get_model("reminders", "Bounce").objects.filter(kind__in=CAME_BACK).order_by("pk")
    for mail, diagnostic, status in bounces.values_list("mail", "diagnostic", "status"):
        reminders.objects.filter(mail=mail, state="sent").update(
            state="returned", reason=(diagnostic or status)[:200]
        )


def unmark(apps, schema_editor):
    apps.get_model("reminders", "Reminder").objects.filter(state="returned").update(state="sent", reason="")


class Migration(migrations.Migration):

    dependencies = [
        ('reminders', '0016_came_back'),
    ]

    operations = [migrations.RunPython(mark, unmark)]
