"""Devices, readings and episodes; a device is seen by the unit that keeps it and the one that runs it, what it told with it."""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

from bihuan.kernel.identity.row_security import EVERYTHING, UNITS, guarded


def _with_device(table):
    return guarded(
        table, f"{EVERYTHING} or exists (select 1 from telemetry_device d where d.id = {table}.device_id)"
    )


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("cases", "0007_open_state"),
        ("identity", "0003_unit_versions"),
        ("policies", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Device",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=40, unique=True)),
                ("kind", models.CharField(max_length=24)),
                ("name", models.CharField(max_length=60)),
                ("subject", models.CharField(max_length=40)),
                ("active", models.BooleanField(default=True)),
                ("added_at", models.DateTimeField()),
                (
                    "operator",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.unit",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.unit"
                    ),
                ),
            ],
            options={
                "db_table": "telemetry_device",
            },
        ),
        migrations.CreateModel(
            name="Episode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("metric", models.CharField(max_length=24)),
                ("began_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("worst", models.FloatField()),
                ("bound", models.FloatField()),
                (
                    "case",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="cases.case",
                    ),
                ),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="episodes",
                        to="telemetry.device",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="policies.policyrule",
                    ),
                ),
            ],
            options={
                "db_table": "telemetry_episode",
            },
        ),
        migrations.CreateModel(
            name="Reading",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "device_id",
                        "metric",
                        "at",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("metric", models.CharField(max_length=24)),
                ("at", models.DateTimeField()),
                ("value", models.FloatField()),
                ("received_at", models.DateTimeField()),
                (
                    "device",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="telemetry.device",
                    ),
                ),
            ],
            options={
                "db_table": "telemetry_reading",
            },
        ),
        migrations.AddIndex(
            model_name="device",
            index=models.Index(fields=["subject"], name="telemetry_device_subject"),
        ),
        migrations.AddIndex(
            model_name="episode",
            index=models.Index(fields=["device", "metric", "began_at"], name="telemetry_episode_of"),
        ),
        migrations.AddConstraint(
            model_name="episode",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("device", "metric"),
                name="telemetry_episode_stands_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="episode",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("began_at__lte", models.F("confirmed_at")),
                    models.Q(("ended_at", None), ("ended_at__gt", models.F("began_at")), _connector="OR"),
                ),
                name="telemetry_episode_order",
            ),
        ),
        migrations.AddIndex(
            model_name="reading",
            index=django.contrib.postgres.indexes.BrinIndex(fields=["at"], name="telemetry_reading_at"),
        ),
        guarded("telemetry_device", f"{EVERYTHING} or unit_id = {UNITS} or operator_id = {UNITS}"),
        _with_device("telemetry_reading"),
        _with_device("telemetry_episode"),
    ]
