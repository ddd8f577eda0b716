
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('desk', '0007_search_large_units'),
    ]

    operations = [
        migrations.CreateModel(
            name='OpenedHourly',
            fields=[
                ('pk', models.CompositePrimaryKey('day', 'hour', 'pack', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('hour', models.PositiveSmallIntegerField()),
                ('pack', models.CharField(max_length=30)),
                ('count', models.PositiveIntegerField()),
            ],
            options={
                'db_table': 'desk_opened_hourly',
            },
        ),
    ]
