import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from bihuan.kernel.identity.row_security import guarded

SEES_CERTIFICATE = "exists (select 1 from certificates_certificate c where c.id = certificate_id)"


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0008_party_id_number'),
        ('certificates', '0001_certificates'),
        ('identity', '0003_unit_versions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('act', models.CharField(max_length=10)),
                ('ground', models.CharField(max_length=20)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('contents', models.JSONField(default=dict)),
                ('asked_at', models.DateTimeField()),
                ('outcome', models.CharField(blank=True, choices=[('granted', '同意'), ('refused', '不同意'), ('withdrawn', '已撤回')], max_length=10)),
                ('decided_at', models.DateTimeField(null=True)),
                ('remark', models.CharField(blank=True, max_length=500)),
            ],
            options={
                'db_table': 'certificates_change',
            },
        ),
        migrations.AddIndex(
            model_name='certificate',
            index=models.Index(fields=['unit', '-id'], name='certificates_unit'),
        ),
        migrations.AddIndex(
            model_name='certificate',
            index=models.Index(condition=models.Q(('state', 'valid'), _negated=True), fields=['state', '-id'], name='certificates_ended'),
        ),
        migrations.AddField(
            model_name='change',
            name='asked_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='change',
            name='certificate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='certificates.certificate'),
        ),
        migrations.AddField(
            model_name='change',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='change',
            constraint=models.UniqueConstraint(condition=models.Q(('outcome', '')), fields=('certificate',), name='certificates_change_waits_once'),
        ),
        migrations.AddConstraint(
            model_name='change',
            constraint=models.CheckConstraint(condition=models.Q(('outcome', 'withdrawn'), ('decided_by', None), models.Q(('decided_by', models.F('asked_by')), _negated=True), _connector='OR'), name='certificates_decided_by_another'),
        ),
        guarded("certificates_change", SEES_CERTIFICATE),
    ]
