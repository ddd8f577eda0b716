"""Row-level security: a finding is seen by whoever sees its case."""

from django.db import migrations

from bihuan.kernel.cases.security import follows_case


class Migration(migrations.Migration):
    dependencies = [("fire", "0003_findings"), ("cases", "0002_security")]
    operations = [follows_case("fire_finding")]
