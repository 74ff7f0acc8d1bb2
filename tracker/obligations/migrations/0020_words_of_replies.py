import django.core.validators
from django.db import migrations, models

JUDGED = {"informationrequest_request_words_of_a_reply": "an older program leaves the number empty"}


class Migration(migrations.Migration):

    dependencies = [
        ('obligations', '0019_weeks_before_working_groups'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicalinformationrequest',
            name='reply_words',
            field=models.PositiveIntegerField(blank=True, help_text='Number of words of the reply; empty if nobody has counted them.', null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='words of the reply'),
        ),
        migrations.AddField(
            model_name='informationrequest',
            name='reply_words',
            field=models.PositiveIntegerField(blank=True, help_text='Number of words of the reply; empty if nobody has counted them.', null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='words of the reply'),
        ),
        migrations.AddConstraint(
            model_name='informationrequest',
            constraint=models.CheckConstraint(condition=models.Q(('reply_words', None), ('received_on__isnull', False), _connector='OR'), name='request_words_of_a_reply', violation_error_message='Enter the day on which the reply was received.'),
        ),
    ]
