"""What gates tell of a site: seen by whoever sees the site."""

import django.db.models.deletion
from django.db import migrations, models

from bihuan.kernel.identity.row_security import EVERYTHING, guarded


class Migration(migrations.Migration):
    dependencies = [("fire", "0020_photos_signed")]
    operations = [
        migrations.CreateModel(
            "Passing",
            [
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("event", models.CharField(max_length=64)),
                ("way", models.CharField(max_length=3)),
                ("at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("site", models.ForeignKey("fire.Site", django.db.models.deletion.CASCADE, related_name="+")),
                ("worker", models.ForeignKey("fire.Worker", django.db.models.deletion.CASCADE, related_name="+")),
            ],
            {
                "db_table": "fire_passing",
                "constraints": [models.UniqueConstraint(name="fire_passing_once", fields=["site", "event"])],
            },
        ),
        guarded(
            "fire_passing", f"{EVERYTHING} or exists (select 1 from fire_site s where s.id = fire_passing.site_id)"
        ),
    ]
