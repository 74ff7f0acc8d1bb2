"""Checklists that were reopened stay as rows of their own, so that an earlier day still knows them.

The two constraints become wider, and the program of yesterday writes no replaced rows: nobody is disturbed.
"""

from django.db import migrations, models

WIDER = "the two that take their place forbid less: nothing of what yesterday's program writes"
JUDGED = {
    "remove_checklist_checklist_once_per_person": WIDER,
    "remove_checklist_checklist_agreed_once": WIDER,
    "checklist_checklist_in_use_once_per_person": WIDER,
    "checklist_checklist_in_use_agreed_once": WIDER,
    "checklist_checklist_replaced_once_finished": "yesterday's program replaces none",
}


class Migration(migrations.Migration):

    dependencies = [("consideration", "0002_shipped_guidelines")]

    operations = [
        migrations.RemoveConstraint(
            model_name='checklist',
            name='checklist_once_per_person',
        ),
        migrations.RemoveConstraint(
            model_name='checklist',
            name='checklist_agreed_once',
        ),
        migrations.AddField(
            model_name='checklist',
            name='replaced_on',
            field=models.DateField(blank=True, help_text='From this day on it no longer counts.', null=True, verbose_name='replaced on'),
        ),
        migrations.AddField(
            model_name='historicalchecklist',
            name='replaced_on',
            field=models.DateField(blank=True, help_text='From this day on it no longer counts.', null=True, verbose_name='replaced on'),
        ),
        migrations.AddConstraint(
            model_name='checklist',
            constraint=models.UniqueConstraint(condition=models.Q(('agreed', False), ('replaced_on', None)), fields=('submission', 'by'), name='checklist_in_use_once_per_person'),
        ),
        migrations.AddConstraint(
            model_name='checklist',
            constraint=models.UniqueConstraint(condition=models.Q(('agreed', True), ('replaced_on', None)), fields=('submission',), name='checklist_in_use_agreed_once'),
        ),
        migrations.AddConstraint(
            model_name='checklist',
            constraint=models.CheckConstraint(condition=models.Q(('replaced_on', None), models.Q(('finished_on__isnull', False), ('replaced_on__gt', models.F('finished_on'))), _connector='OR'), name='checklist_replaced_once_finished'),
        ),
    ]
