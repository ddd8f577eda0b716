"""An item names whom to ask and where to complain."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("onewindow", "0019_discredited_last")]
    operations = [
        migrations.AddField("itemversion", "enquiries", models.CharField(blank=True, max_length=60, default=""), preserve_default=False),
        migrations.AddField("itemversion", "complaints", models.CharField(blank=True, max_length=60, default=""), preserve_default=False),
    ]
