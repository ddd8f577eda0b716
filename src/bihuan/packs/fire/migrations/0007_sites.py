"""Sites, their people and what happens on them; a site is seen by the unit that keeps it and by its contractor."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from bihuan.kernel.identity.row_security import EVERYTHING, UNITS, guarded

SEEN = f"{EVERYTHING} or unit_id = {UNITS} or contractor_unit_id = {UNITS}"


def _with_site(table):
    return guarded(table, f"{EVERYTHING} or exists (select 1 from fire_site s where s.id = {table}.site_id)")


class Migration(migrations.Migration):

    dependencies = [
        ('fire', '0006_stages_security'),
        ('identity', '0003_unit_versions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Site',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('kind', models.CharField(max_length=12)),
                ('contractor', models.CharField(max_length=120)),
                ('supervision', models.CharField(blank=True, max_length=120)),
                ('zone', models.CharField(max_length=40)),
                ('place', models.CharField(max_length=120)),
                ('permit', models.CharField(max_length=40, unique=True)),
                ('area', models.DecimalField(decimal_places=2, max_digits=12, null=True, validators=[django.core.validators.MinValueValidator(0)])),
                ('permitted_on', models.DateField()),
                ('started_on', models.DateField(null=True)),
                ('accepted_on', models.DateField(null=True)),
                ('joined_on', models.DateField(null=True)),
                ('stage', models.CharField(max_length=12)),
                ('entered_at', models.DateTimeField()),
                ('key', models.CharField(max_length=64, unique=True)),
                ('contractor_unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.unit')),
                ('project', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sites', to='fire.project')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.unit')),
            ],
            options={
                'db_table': 'fire_site',
            },
        ),
        migrations.CreateModel(
            name='Accident',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('grade', models.CharField(max_length=12)),
                ('deaths', models.PositiveSmallIntegerField()),
                ('injured', models.PositiveSmallIntegerField()),
                ('words', models.CharField(max_length=400)),
                ('recorded_at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='accidents', to='fire.site')),
            ],
            options={
                'db_table': 'fire_accident',
            },
        ),
        migrations.CreateModel(
            name='SiteEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=12)),
                ('on', models.DateField()),
                ('note', models.CharField(blank=True, max_length=200)),
                ('recorded_at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='fire.site')),
            ],
            options={
                'db_table': 'fire_site_event',
            },
        ),
        migrations.CreateModel(
            name='SiteInspection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=12)),
                ('at', models.DateTimeField()),
                ('results', models.JSONField()),
                ('note', models.CharField(blank=True, max_length=400)),
                ('key', models.CharField(max_length=64, unique=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='inspections', to='fire.site')),
            ],
            options={
                'db_table': 'fire_site_inspection',
            },
        ),
        migrations.CreateModel(
            name='Worker',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(blank=True, max_length=60)),
                ('id_number', models.CharField(blank=True, max_length=18)),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('trade', models.CharField(max_length=16)),
                ('team', models.CharField(blank=True, max_length=60)),
                ('certificate', models.CharField(blank=True, max_length=40)),
                ('certificate_until', models.DateField(null=True)),
                ('enrolled_at', models.DateTimeField()),
                ('left_at', models.DateTimeField(null=True)),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='workers', to='fire.site')),
            ],
            options={
                'db_table': 'fire_worker',
            },
        ),
        migrations.CreateModel(
            name='Attendance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('entered_at', models.DateTimeField()),
                ('left_at', models.DateTimeField(null=True)),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='fire.site')),
                ('worker', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attendances', to='fire.worker')),
            ],
            options={
                'db_table': 'fire_attendance',
            },
        ),
        migrations.AddIndex(
            model_name='site',
            index=models.Index(fields=['unit', '-id'], name='fire_site_unit'),
        ),
        migrations.AddConstraint(
            model_name='site',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('started_on', None), ('started_on__gte', models.F('permitted_on')), _connector='OR'), models.Q(('accepted_on', None), ('accepted_on__gte', models.F('started_on')), _connector='OR')), name='fire_site_days'),
        ),
        migrations.AddConstraint(
            model_name='worker',
            constraint=models.UniqueConstraint(condition=models.Q(('left_at', None)), fields=('site', 'digest'), name='fire_worker_once'),
        ),
        migrations.AddIndex(
            model_name='attendance',
            index=models.Index(fields=['site', 'entered_at'], name='fire_attendance_day'),
        ),
        migrations.AddConstraint(
            model_name='attendance',
            constraint=models.UniqueConstraint(condition=models.Q(('left_at', None)), fields=('worker',), name='fire_attendance_once'),
        ),
        migrations.AddConstraint(
            model_name='attendance',
            constraint=models.CheckConstraint(condition=models.Q(('left_at', None), ('left_at__gte', models.F('entered_at')), _connector='OR'), name='fire_attendance_order'),
        ),
        guarded("fire_site", SEEN),
        *(
            _with_site(f"fire_{name}")
            for name in ("site_event", "worker", "attendance", "site_inspection", "accident")
        ),
    ]
