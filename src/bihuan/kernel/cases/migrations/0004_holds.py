"""Holds: closed cases that are not erased while they are before a court or somebody is called to account."""

import django.db.models.deletion
from django.db import migrations, models

from bihuan.kernel.cases.security import follows_case


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_desk_indexes")]
    operations = [
        migrations.CreateModel(
            name="Hold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("placed_at", models.DateTimeField()),
                ("placed_by", models.CharField(max_length=60)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="holds", to="cases.case"
                    ),
                ),
            ],
            options={
                "db_table": "cases_hold",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("case",), name="cases_held_once"
                    )
                ],
            },
        ),
        follows_case("cases_hold"),
    ]
