"""Bundles and their parts: seen by whoever sees the whole, a part also by whoever has its case."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from bihuan.kernel.cases.security import follows_case
from bihuan.kernel.identity.row_security import EVERYTHING, guarded


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('cases', '0007_open_state'),
    ]

    operations = [
        migrations.CreateModel(
            name='Bundle',
            fields=[
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='bundle', serialize=False, to='cases.case')),
                ('begun_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'bundles_bundle',
            },
        ),
        migrations.CreateModel(
            name='Part',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.PositiveSmallIntegerField()),
                ('code', models.CharField(max_length=40)),
                ('label', models.CharField(max_length=200)),
                ('label_en', models.CharField(blank=True, max_length=200)),
                ('days', models.PositiveSmallIntegerField()),
                ('after', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                ('opened_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, max_length=6)),
                ('bundle', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='bundles.bundle')),
                ('case', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bundle_part', to='cases.case')),
            ],
            options={
                'db_table': 'bundles_part',
                'constraints': [models.UniqueConstraint(fields=('bundle', 'code'), name='bundles_part_once'), models.CheckConstraint(condition=models.Q(models.Q(('case', None), ('ended_at', None), ('opened_at', None), ('outcome', '')), models.Q(('case__isnull', False), ('ended_at', None), ('opened_at__isnull', False), ('outcome', '')), models.Q(('case__isnull', False), ('ended_at__isnull', False), ('opened_at__isnull', False), ('outcome__in', ('done', 'failed'))), _connector='OR'), name='bundles_part_in_order')],
            },
        ),
        follows_case("bundles_bundle"),
        guarded(
            "bundles_part",
            f"{EVERYTHING} or exists (select 1 from cases_case c where c.id = bundle_id or c.id = case_id)",
        ),
    ]
