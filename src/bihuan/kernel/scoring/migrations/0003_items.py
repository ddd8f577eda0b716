import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from bihuan.kernel.identity.row_security import EVERYTHING, UNITS, guarded


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0002_security'),
        ('identity', '0003_unit_versions'),
        ('scoring', '0002_decisions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Read',
            fields=[
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='cases.case')),
                ('seq', models.PositiveIntegerField()),
            ],
            options={
                'db_table': 'scoring_read',
            },
        ),
        migrations.CreateModel(
            name='Month',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pack', models.CharField(max_length=30)),
                ('month', models.DateField()),
                ('closed_at', models.DateTimeField()),
                ('ranked', models.JSONField()),
            ],
            options={
                'db_table': 'scoring_month',
                'constraints': [models.UniqueConstraint(fields=('pack', 'month'), name='scoring_month_once')],
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('exclusion', '剔除'), ('naming', '公开曝光')], max_length=12)),
                ('pack', models.CharField(max_length=30)),
                ('category', models.CharField(max_length=20)),
                ('words', models.CharField(max_length=1000)),
                ('asked_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('granted', models.BooleanField(null=True)),
                ('remark', models.CharField(blank=True, max_length=300)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.case')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.unit')),
            ],
            options={
                'db_table': 'scoring_decision',
                'constraints': [models.UniqueConstraint(condition=models.Q(('kind', 'exclusion'), models.Q(('granted', False), _negated=True)), fields=('case',), name='scoring_exclusion_once'), models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('asked_by')), _negated=True), _connector='OR'), name='scoring_decided_by_another')],
            },
        ),
        migrations.CreateModel(
            name='Item',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.IntegerField()),
                ('pack', models.CharField(max_length=30)),
                ('measure', models.CharField(max_length=16)),
                ('matter', models.CharField(blank=True, max_length=40)),
                ('at', models.DateTimeField()),
                ('outcome', models.CharField(max_length=4)),
                ('why', models.CharField(blank=True, max_length=12)),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.case')),
                ('place', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.unit')),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.unit')),
            ],
            options={
                'db_table': 'scoring_item',
                'indexes': [models.Index(fields=['pack', 'at'], name='scoring_item_at')],
                'constraints': [models.UniqueConstraint(fields=('case', 'seq', 'measure'), name='scoring_item_once', nulls_distinct=False)],
            },
        ),
        guarded("scoring_item", f"{EVERYTHING} or unit_id = {UNITS}"),
        guarded("scoring_read", EVERYTHING),
        guarded("scoring_month", EVERYTHING),
        guarded("scoring_decision", f"{EVERYTHING} or unit_id = {UNITS}"),
    ]
