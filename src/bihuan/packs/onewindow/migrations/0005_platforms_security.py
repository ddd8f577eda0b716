"""Row-level security of what other systems are told and bring: whoever sees the case sees it."""

from django.db import migrations

from bihuan.kernel.cases.security import follows_case


class Migration(migrations.Migration):
    dependencies = [("onewindow", "0004_platforms"), ("cases", "0002_security")]
    operations = [
        follows_case("onewindow_change"),
        follows_case("onewindow_platform_review"),
        migrations.RunSQL(
            "create index onewindow_change_of_case on onewindow_change (case_id, position desc)",
            "drop index onewindow_change_of_case",
        ),
    ]
