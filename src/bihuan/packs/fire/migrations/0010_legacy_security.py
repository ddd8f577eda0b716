"""Row-level security: a legacy project of the programme is seen by whoever sees its case."""

from django.db import migrations

from bihuan.kernel.cases.security import follows_case


class Migration(migrations.Migration):
    dependencies = [("fire", "0009_legacy"), ("cases", "0002_security")]
    operations = [follows_case("fire_legacy_project")]
