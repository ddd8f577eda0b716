"""Peers, keys, links, messages and what was turned away. Messages hold words of cases: the web's own role sees none."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from bihuan.kernel.cases.security import follows_case
from bihuan.kernel.identity.row_security import guarded


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('cases', '0002_security'),
        ('identity', '0003_unit_versions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Peer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=12, unique=True)),
                ('name', models.CharField(max_length=80)),
                ('relation', models.CharField(choices=[('superior', '上级'), ('subordinate', '下级')], max_length=12)),
                ('url', models.CharField(blank=True, max_length=300)),
                ('fetched', models.BooleanField(default=False)),
                ('active', models.BooleanField(default=True)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('held_until', models.DateTimeField(null=True)),
                ('error', models.CharField(blank=True, max_length=300)),
                ('heard_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.unit')),
            ],
            options={
                'db_table': 'exchange_peer',
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('direction', models.CharField(choices=[('out', '发出'), ('in', '收到')], max_length=3)),
                ('message_id', models.CharField(max_length=40)),
                ('thread', models.CharField(max_length=80)),
                ('place', models.PositiveIntegerField()),
                ('kind', models.CharField(max_length=20)),
                ('body', models.TextField()),
                ('digest', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField()),
                ('status', models.CharField(choices=[('waiting', '等待'), ('settled', '完成'), ('refused', '被拒')], default='waiting', max_length=8)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('next_attempt_at', models.DateTimeField(null=True)),
                ('settled_at', models.DateTimeField(null=True)),
                ('code', models.CharField(blank=True, max_length=40)),
                ('error', models.CharField(blank=True, max_length=300)),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.case')),
                ('peer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='exchange.peer')),
            ],
            options={
                'db_table': 'exchange_message',
            },
        ),
        migrations.CreateModel(
            name='Link',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('thread', models.CharField(max_length=80)),
                ('appeared_at', models.DateTimeField()),
                ('arrived_at', models.DateTimeField(null=True)),
                ('their_number', models.CharField(blank=True, max_length=64)),
                ('their_state', models.CharField(blank=True, max_length=60)),
                ('their_unit', models.CharField(blank=True, max_length=80)),
                ('their_due_at', models.DateTimeField(null=True)),
                ('told_at', models.DateTimeField(null=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='cases.case')),
                ('peer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='links', to='exchange.peer')),
            ],
            options={
                'db_table': 'exchange_link',
            },
        ),
        migrations.CreateModel(
            name='PeerKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key_id', models.CharField(max_length=16)),
                ('public', models.CharField(max_length=64)),
                ('added_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
                ('peer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='keys', to='exchange.peer')),
            ],
            options={
                'db_table': 'exchange_peer_key',
            },
        ),
        migrations.CreateModel(
            name='TurnedAway',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hour', models.DateTimeField()),
                ('claimed', models.CharField(max_length=12)),
                ('rule', models.CharField(max_length=20)),
                ('count', models.PositiveIntegerField(default=1)),
                ('last_at', models.DateTimeField()),
                ('last_id', models.CharField(blank=True, max_length=40)),
                ('address', models.CharField(blank=True, max_length=45)),
            ],
            options={
                'db_table': 'exchange_turned_away',
                'constraints': [models.UniqueConstraint(fields=('hour', 'claimed', 'rule'), name='exchange_turned_away_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='peer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('account', None), ('relation', 'superior'), ('unit', None)), models.Q(('account__isnull', False), ('relation', 'subordinate'), ('unit__isnull', False)), _connector='OR'), name='exchange_subordinate_is_a_unit'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('status', 'waiting')), fields=['peer', 'direction', 'id'], name='exchange_waiting'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('status', 'refused')), fields=['-id'], name='exchange_refused'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('case__isnull', False)), fields=['case'], name='exchange_of_case'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.UniqueConstraint(fields=('peer', 'direction', 'message_id'), name='exchange_message_once'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.UniqueConstraint(fields=('peer', 'direction', 'thread', 'place'), name='exchange_place_once'),
        ),
        migrations.AddConstraint(
            model_name='link',
            constraint=models.UniqueConstraint(fields=('peer', 'thread'), name='exchange_link_once'),
        ),
        migrations.AddConstraint(
            model_name='peerkey',
            constraint=models.UniqueConstraint(fields=('peer', 'key_id'), name='exchange_key_once'),
        ),
        follows_case("exchange_link"),
        guarded("exchange_message", "false"),
    ]
