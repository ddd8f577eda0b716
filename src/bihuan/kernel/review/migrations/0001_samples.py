import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from bihuan.kernel.identity.row_security import EVERYTHING, UNITS, guarded


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('cases', '0002_security'),
        ('identity', '0003_unit_versions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Sample',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scheme', models.CharField(max_length=40)),
                ('role', models.CharField(max_length=40)),
                ('day', models.DateField()),
                ('since', models.DateTimeField(null=True)),
                ('until', models.DateTimeField()),
                ('seed', models.CharField(max_length=64)),
                ('digest', models.CharField(max_length=64)),
                ('listed', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=64), size=None)),
                ('left_out', models.JSONField(default=dict)),
                ('rule', models.JSONField(default=dict)),
                ('due_at', models.DateTimeField()),
                ('drawn_at', models.DateTimeField()),
                ('signed_at', models.DateTimeField(null=True)),
                ('on_behalf_of', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('signed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.unit')),
            ],
            options={
                'db_table': 'review_sample',
            },
        ),
        migrations.CreateModel(
            name='Sampled',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.PositiveSmallIntegerField()),
                ('reached', models.BooleanField(null=True)),
                ('grade', models.CharField(blank=True, max_length=1)),
                ('said', models.JSONField(default=dict)),
                ('tries', models.JSONField(default=list)),
                ('called_at', models.DateTimeField(null=True)),
                ('redone', models.CharField(blank=True, max_length=64)),
                ('called_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sampled', to='cases.case')),
                ('on_behalf_of', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('sample', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cases', to='review.sample')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.unit')),
            ],
            options={
                'db_table': 'review_sampled',
            },
        ),
        migrations.AddIndex(
            model_name='sample',
            index=models.Index(condition=models.Q(('signed_at', None)), fields=['due_at'], name='review_sample_open'),
        ),
        migrations.AddIndex(
            model_name='sample',
            index=models.Index(fields=['-day', 'unit'], name='review_sample_latest'),
        ),
        migrations.AddConstraint(
            model_name='sample',
            constraint=models.UniqueConstraint(fields=('scheme', 'unit', 'day'), name='review_sample_once'),
        ),
        migrations.AddConstraint(
            model_name='sample',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('signed_at', None), ('signed_by', None)), models.Q(('signed_at__isnull', False), ('signed_by__isnull', False)), _connector='OR'), name='review_sample_signed'),
        ),
        migrations.AddConstraint(
            model_name='sampled',
            constraint=models.UniqueConstraint(fields=('sample', 'case'), name='review_sampled_once'),
        ),
        guarded("review_sample", f"{EVERYTHING} or unit_id = {UNITS}"),
        guarded("review_sampled", f"{EVERYTHING} or unit_id = {UNITS}"),
    ]
