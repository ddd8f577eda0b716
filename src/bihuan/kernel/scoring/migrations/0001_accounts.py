import django.db.models.deletion
from django.db import migrations, models

from bihuan.kernel.identity.row_security import EVERYTHING, UNITS, guarded


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('cases', '0002_security'),
        ('identity', '0003_unit_versions'),
    ]

    operations = [
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=70, unique=True)),
                ('matter', models.CharField(choices=[('accountability', '问责'), ('supervised', '督办')], max_length=16)),
                ('reason', models.CharField(max_length=300)),
                ('facts', models.JSONField(default=dict)),
                ('at', models.DateTimeField()),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.case')),
                ('origin', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='accounts', to='cases.case')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.unit')),
            ],
            options={
                'db_table': 'scoring_account',
                'indexes': [models.Index(fields=['-at'], name='scoring_account_latest')],
            },
        ),
        guarded("scoring_account", f"{EVERYTHING} or unit_id = {UNITS}"),
    ]
