# See 0008: the program of before is stopped for this upgrade.
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('obligations', '0009_move_facts'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='informationrequest',
            name='request_kind_known',
        ),
        migrations.AddConstraint(
            model_name='informationrequest',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['list of issues', 'follow-up', 'other'])), name='request_kind_known'),
        ),
        migrations.RemoveField(
            model_name='historicalsubmission',
            name='concluding_observations',
        ),
        migrations.RemoveField(
            model_name='historicalsubmission',
            name='printed_due',
        ),
        migrations.RemoveField(
            model_name='submission',
            name='concluding_observations',
        ),
        migrations.RemoveField(
            model_name='submission',
            name='printed_due',
        ),
    ]
