from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reminders', '0011_plain_words'),
    ]

    operations = [
        migrations.CreateModel(
            name='ClockAlarm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('raised_at', models.DateTimeField(verbose_name='raised by the scan of')),
                ('last_scan_at', models.DateTimeField(verbose_name='scan before it')),
                ('reason', models.CharField(help_text='Recorded with each reminder that the alarm holds.', max_length=200, verbose_name='reason')),
                ('cleared_at', models.DateTimeField(null=True, verbose_name='closed at')),
                ('cleared_by', models.CharField(blank=True, max_length=150, verbose_name='closed by')),
                ('outcome', models.CharField(blank=True, max_length=200, verbose_name='outcome')),
            ],
            options={
                'verbose_name': 'clock alarm',
                'verbose_name_plural': 'clock alarms',
                'ordering': ('-pk',),
            },
        ),
        migrations.AddField(
            model_name='reminder',
            name='voided',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, help_text='How often it was planned under a wrong clock and voided; part of the key of its mail.', verbose_name='voided'),
        ),
        migrations.AlterField(
            model_name='outboxact',
            name='what',
            field=models.CharField(choices=[('approve', 'approved'), ('hold', 'held'), ('cancel', 'cancelled'), ('resend', 'planned again'), ('covering', 'covering note changed'), ('void', 'voided')], max_length=8, verbose_name='act'),
        ),
    ]
