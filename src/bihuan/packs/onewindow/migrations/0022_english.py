"""What an item says in English of its places, hours and conditions."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("onewindow", "0021_repaired")]
    operations = [
        migrations.AddField("itemversion", "places_en", models.CharField(blank=True, max_length=300, default=""), preserve_default=False),
        migrations.AddField("itemversion", "hours_en", models.CharField(blank=True, max_length=300, default=""), preserve_default=False),
        migrations.AddField("itemversion", "conditions_en", models.TextField(blank=True, default=""), preserve_default=False),
    ]
