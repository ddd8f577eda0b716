"""What a signature holds for names its photographs; a photograph's place may be told in words."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fire", "0019_deferred")]
    operations = [
        migrations.AddField("photo", "place", models.CharField(blank=True, default="", max_length=60), preserve_default=False),
        migrations.AddField("photo", "sent", models.CharField(default="", max_length=64), preserve_default=False),
        migrations.AddField("signature", "photos", models.JSONField(default=list)),
    ]
