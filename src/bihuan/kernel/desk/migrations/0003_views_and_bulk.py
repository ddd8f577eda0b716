import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from bihuan.kernel.identity.row_security import UNITS, guarded

PERSON = "person_id::text = current_setting('bihuan.person', true)"


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0002_security"),
        ("desk", "0002_api_tokens"),
        ("identity", "0002_login"),
    ]
    operations = [
        migrations.CreateModel(
            name="BulkRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=40)),
                ("step", models.CharField(max_length=40)),
                ("query", models.CharField(blank=True, max_length=600)),
                ("data", models.JSONField(default=dict)),
                ("total", models.PositiveIntegerField()),
                ("done", models.PositiveIntegerField(default=0)),
                ("refused", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "undoes",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="undone_by",
                        to="desk.bulkrun",
                    ),
                ),
            ],
            options={
                "db_table": "desk_bulk_run",
                "constraints": [models.UniqueConstraint(fields=("person", "key"), name="desk_bulk_once")],
            },
        ),
        migrations.CreateModel(
            name="BulkRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "run", "case", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.CharField(max_length=64)),
                ("version", models.PositiveIntegerField()),
                (
                    "status",
                    models.CharField(
                        choices=[("waiting", "待办"), ("done", "已办"), ("refused", "没有办")],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("code", models.CharField(blank=True, max_length=40)),
                ("message", models.CharField(blank=True, max_length=400)),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="desk.bulkrun",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="cases.case"
                    ),
                ),
            ],
            options={"db_table": "desk_bulk_row"},
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40)),
                ("query", models.CharField(blank=True, max_length=600)),
                ("columns", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="identity.unit"
                    ),
                ),
            ],
            options={
                "db_table": "desk_saved_view",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at", None)), fields=("person", "name"), name="desk_view_once"
                    )
                ],
            },
        ),
        guarded("desk_saved_view", f"{PERSON} or unit_id = {UNITS}"),
        guarded("desk_bulk_run", PERSON),
        guarded("desk_bulk_row", "exists (select 1 from desk_bulk_run r where r.id = run_id)"),
    ]
