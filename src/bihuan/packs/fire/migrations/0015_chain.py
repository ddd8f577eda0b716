"""Hazards, visits, questions, blockages and methods: seen with their case or their project; a method is there for all."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from bihuan.kernel.cases.security import follows_case
from bihuan.kernel.identity.row_security import EVERYTHING, guarded


def _with_project(table):
    return guarded(table, f"{EVERYTHING} or exists (select 1 from fire_project p where p.id = {table}.project_id)")


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0007_open_state'),
        ('fire', '0014_evaluations_security'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Method',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=120)),
                ('situation', models.TextField()),
                ('steps', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=400), size=None)),
                ('figures', models.JSONField()),
                ('published_at', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('key', models.CharField(max_length=64, unique=True)),
                ('published_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'fire_method',
            },
        ),
        migrations.CreateModel(
            name='Visit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('planned_at', models.DateTimeField()),
                ('about', models.CharField(max_length=200)),
                ('made_at', models.DateTimeField(null=True)),
                ('note', models.CharField(blank=True, max_length=400)),
                ('key', models.CharField(max_length=64, unique=True)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='visits', to='fire.project')),
                ('visitor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'fire_visit',
            },
        ),
        migrations.CreateModel(
            name='Question',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('words', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                ('asked_at', models.DateTimeField()),
                ('due', models.DateField()),
                ('answer', models.TextField(blank=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('key', models.CharField(max_length=64, unique=True)),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='fire.project')),
                ('visit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='questions', to='fire.visit')),
            ],
            options={
                'db_table': 'fire_question',
            },
        ),
        migrations.CreateModel(
            name='Blockage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stage', models.CharField(max_length=12)),
                ('key', models.CharField(max_length=64, unique=True)),
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.case')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='blockages', to='fire.project')),
            ],
            options={
                'db_table': 'fire_blockage',
                'indexes': [models.Index(fields=['stage', '-id'], name='fire_blockage_stage')],
            },
        ),
        migrations.CreateModel(
            name='Hazard',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('grade', models.CharField(max_length=8)),
                ('source', models.CharField(max_length=12)),
                ('part', models.CharField(max_length=120)),
                ('found_at', models.DateTimeField()),
                ('key', models.CharField(max_length=100, unique=True)),
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.case')),
                ('inspection', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='hazards', to='fire.siteinspection')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hazards', to='fire.site')),
            ],
            options={
                'db_table': 'fire_hazard',
                'indexes': [models.Index(fields=['site', '-id'], name='fire_hazard_site')],
            },
        ),
        migrations.AddIndex(
            model_name='visit',
            index=models.Index(condition=models.Q(('made_at', None)), fields=['planned_at'], name='fire_visit_open'),
        ),
        migrations.AddIndex(
            model_name='question',
            index=models.Index(condition=models.Q(('answered_at', None)), fields=['due'], name='fire_question_open'),
        ),
        follows_case("fire_hazard"),
        follows_case("fire_blockage"),
        _with_project("fire_visit"),
        _with_project("fire_question"),
    ]
