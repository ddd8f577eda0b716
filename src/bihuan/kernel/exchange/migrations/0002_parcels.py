"""Files that go between centres. Their names are words of cases: the web's own role sees none."""

import django.db.models.deletion
from django.db import migrations, models

from bihuan.kernel.identity.row_security import guarded


class Migration(migrations.Migration):

    dependencies = [
        ('attachments', '0004_confidential'),
        ('exchange', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Parcel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('direction', models.CharField(choices=[('out', '我方发出'), ('in', '收到')], max_length=3)),
                ('sha256', models.CharField(max_length=64)),
                ('size', models.BigIntegerField()),
                ('name', models.CharField(max_length=200)),
                ('kind', models.CharField(max_length=20)),
                ('status', models.CharField(choices=[('waiting', '等待'), ('settled', '完成'), ('refused', '被拒')], default='waiting', max_length=8)),
                ('error', models.CharField(blank=True, max_length=300)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('next_attempt_at', models.DateTimeField(null=True)),
                ('settled_at', models.DateTimeField(null=True)),
                ('attachment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='parcels', to='attachments.attachment')),
                ('link', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parcels', to='exchange.link')),
            ],
            options={
                'db_table': 'exchange_parcel',
                'indexes': [models.Index(condition=models.Q(('status', 'waiting')), fields=['link'], name='exchange_parcel_waiting')],
                'constraints': [models.UniqueConstraint(fields=('link', 'direction', 'sha256', 'name'), name='exchange_parcel_once')],
            },
        ),
        migrations.AlterField(
            model_name='message',
            name='direction',
            field=models.CharField(choices=[('out', '我方发出'), ('in', '收到')], max_length=3),
        ),
        guarded("exchange_parcel", "false"),
    ]
