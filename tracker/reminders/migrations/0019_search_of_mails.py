from django.db import migrations, models

from tracker.registry.migrating import AddIndexInUse


class Migration(migrations.Migration):

    atomic = False  # the index is built while others write

    dependencies = [
        ('reminders', '0018_mail_servers'),
    ]

    operations = [
        AddIndexInUse(
            model_name='mail',
            index=models.Index(fields=['id', 'subject', 'recipient'], name='mail_search'),
        ),
    ]
