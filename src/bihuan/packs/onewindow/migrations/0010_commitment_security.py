"""Row-level security of commitments: whoever sees the check's case sees it."""

from django.db import migrations

from bihuan.kernel.cases.security import follows_case


class Migration(migrations.Migration):
    dependencies = [("onewindow", "0009_instant"), ("cases", "0002_security")]
    operations = [follows_case("onewindow_commitment")]
