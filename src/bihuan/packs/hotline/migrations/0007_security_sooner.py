"""Who sees everything is not asked about each order."""

from django.db import migrations

from bihuan.kernel.cases.security import following, policy_renewed


class Migration(migrations.Migration):
    dependencies = [("hotline", "0006_training"), ("cases", "0003_desk_indexes")]
    operations = [policy_renewed("hotline_order", following("hotline_order"))]
