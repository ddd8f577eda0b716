"""Forms in versions, and answers beside the cases that they belong to."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from bihuan.kernel.cases.security import follows_case


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("cases", "0006_asked"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="FormVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=80)),
                ("version", models.PositiveIntegerField()),
                ("title", models.CharField(max_length=200)),
                ("title_en", models.CharField(blank=True, max_length=200)),
                ("schema", models.TextField()),
                ("basis", models.CharField(max_length=300)),
                ("valid_from", models.DateField()),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "db_table": "forms_version",
                "constraints": [models.UniqueConstraint(fields=("code", "version"), name="forms_version_once")],
            },
        ),
        migrations.CreateModel(
            name="Answers",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=80)),
                ("part", models.CharField(blank=True, max_length=40)),
                ("version", models.PositiveIntegerField()),
                ("values", models.TextField(blank=True)),
                ("recorded_at", models.DateTimeField()),
                ("case", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="answers", to="cases.case")),
                ("form", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="forms.formversion")),
                ("recorded_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "db_table": "forms_answers",
                "constraints": [
                    models.UniqueConstraint(fields=("case", "code", "part", "version"), name="forms_answers_once")
                ],
            },
        ),
        follows_case("forms_answers"),
    ]
