"""A token may answer for one subject alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("desk", "0009_overview_indexes")]
    operations = [
        migrations.AddField(
            "apitoken", "subject", models.CharField(blank=True, default="", max_length=40), preserve_default=False
        )
    ]
