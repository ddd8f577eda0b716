"""Row-level security of applications: whoever sees the case sees its application."""

from django.db import migrations

from bihuan.kernel.cases.security import follows_case


class Migration(migrations.Migration):
    dependencies = [("onewindow", "0001_initial"), ("cases", "0002_security")]
    operations = [follows_case("onewindow_application")]
