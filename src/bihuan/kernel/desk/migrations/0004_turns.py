import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from bihuan.kernel.cases.security import follows_case


class Migration(migrations.Migration):
    dependencies = [("desk", "0003_views_and_bulk"), ("cases", "0002_security")]
    operations = [
        migrations.CreateModel(
            name="Turn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("began_at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("aside", models.BooleanField(default=False)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="cases.case"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "desk_turn",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("aside", False), ("done_at", None)),
                        fields=("case",),
                        name="desk_turn_one_holds",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("aside", True)),
                        fields=("case", "person"),
                        name="desk_turn_aside_once",
                    ),
                ],
            },
        ),
        follows_case("desk_turn"),
    ]
