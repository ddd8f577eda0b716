"""Since when failures are counted; room for an encrypted secret."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_initial")]
    operations = [
        migrations.AddField("person", "failed_since", models.DateTimeField(null=True)),
        migrations.AlterField("person", "totp_secret", models.CharField(blank=True, max_length=255)),
    ]
