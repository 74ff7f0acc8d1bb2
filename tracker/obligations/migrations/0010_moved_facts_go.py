from django.db import migrations, models

# The program of before is stopped for this upgrade (0008), and 0009 has moved what these columns held.
MOVED = "moved to facts of their own by 0009, while the program of before is stopped"
JUDGED = {
    "remove_historicalsubmission_concluding_observations": MOVED,
    "remove_historicalsubmission_printed_due": MOVED,
    "remove_submission_concluding_observations": MOVED,
    "remove_submission_printed_due": MOVED,
    "remove_informationrequest_request_kind_known": "comes back below without the kind that 0009 has moved",
    "informationrequest_request_kind_known": "0009 has moved the rows that it forbids",
}


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
