import django.db.models.deletion
from django.db import migrations, models

from bihuan.kernel.identity.row_security import EVERYTHING, guarded


class Migration(migrations.Migration):
    dependencies = [("hotline", "0009_ready_answers_used"), ("identity", "0003_unit_versions")]
    operations = [
        migrations.CreateModel(
            "ReceivedMonth",
            [
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("month", models.DateField()),
                ("closed_at", models.DateTimeField()),
                ("counts", models.JSONField()),
                (
                    "unit",
                    models.ForeignKey(
                        "identity.Unit",
                        django.db.models.deletion.CASCADE,
                        db_index=False,
                        null=True,
                        related_name="+",
                    ),
                ),
            ],
            {"db_table": "hotline_received_month"},
        ),
        migrations.AddConstraint(
            "receivedmonth",
            models.UniqueConstraint(
                name="hotline_received_once", fields=["month", "unit"], nulls_distinct=False
            ),
        ),
        guarded("hotline_received_month", EVERYTHING),
    ]
