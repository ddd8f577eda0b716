"""Merged applications beside their cases."""

import django.db.models.deletion
from django.db import migrations, models

from bihuan.kernel.cases.security import follows_case


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0007_open_state'),
        ('fire', '0015_chain'),
    ]

    operations = [
        migrations.CreateModel(
            name='Merged',
            fields=[
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='cases.case')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='merged', to='fire.project')),
            ],
            options={
                'db_table': 'fire_merged',
            },
        ),
        follows_case("fire_merged"),
    ]
