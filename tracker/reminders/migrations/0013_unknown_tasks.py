from django.db import migrations, models

WIDER = "the new constraint allows all that the old one did, and one kind more"
JUDGED = {"remove_stafftask_task_names_its_cause": WIDER, "stafftask_task_names_its_cause": WIDER}


class Migration(migrations.Migration):

    dependencies = [
        ('obligations', '0012_plain_words'),
        ('registry', '0007_plain_words'),
        ('reminders', '0012_clock_alarms'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='stafftask',
            name='task_names_its_cause',
        ),
        migrations.AlterField(
            model_name='stafftask',
            name='kind',
            field=models.CharField(choices=[('answer', 'answer by link'), ('bounce', 'returned mail'), ('dead', 'reminder that failed permanently'), ('unknown', 'mail that may not have been sent')], max_length=8, verbose_name='kind'),
        ),
        migrations.AddConstraint(
            model_name='stafftask',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'answer'), ('mail__isnull', False), models.Q(('answer', ''), _negated=True)), models.Q(('answer', ''), ('bounce__isnull', False), ('kind', 'bounce'), ('mail__isnull', False)), models.Q(('answer', ''), ('kind__in', ('dead', 'unknown')), ('reminder__isnull', False)), _connector='OR'), name='task_names_its_cause'),
        ),
    ]
