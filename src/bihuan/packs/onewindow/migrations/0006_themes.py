"""Themes in dated versions, and wholes beside their cases."""

import django.db.models.deletion
from django.db import migrations, models

from bihuan.kernel.cases.security import follows_case


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0007_open_state"),
        ("onewindow", "0005_platforms_security"),
    ]

    operations = [
        migrations.CreateModel(
            name="Theme",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=40, unique=True)),
            ],
            options={
                "db_table": "onewindow_theme",
            },
        ),
        migrations.CreateModel(
            name="ThemeVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                ("active", models.BooleanField(default=True)),
                ("name", models.CharField(max_length=100)),
                ("name_en", models.CharField(blank=True, max_length=100)),
                (
                    "kind",
                    models.CharField(choices=[("trade", "一业一证"), ("project", "项目审批")], max_length=8),
                ),
                ("about", models.CharField(blank=True, max_length=500)),
                ("parts", models.JSONField(default=list)),
                ("shared", models.JSONField(default=list)),
                (
                    "theme",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="onewindow.theme",
                    ),
                ),
            ],
            options={
                "db_table": "onewindow_theme_version",
            },
        ),
        migrations.CreateModel(
            name="ThemeApplication",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="theme_application",
                        serialize=False,
                        to="cases.case",
                    ),
                ),
                (
                    "applicant",
                    models.CharField(
                        choices=[("person", "自然人"), ("organisation", "法人或其他组织")], max_length=12
                    ),
                ),
                ("subject", models.CharField(max_length=100)),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to="onewindow.themeversion",
                    ),
                ),
            ],
            options={
                "db_table": "onewindow_theme_application",
            },
        ),
        migrations.AddIndex(
            model_name="themeversion",
            index=models.Index(fields=["theme", "-since", "-id"], name="onewindow_theme_version_of"),
        ),
        follows_case("onewindow_theme_application"),
    ]
