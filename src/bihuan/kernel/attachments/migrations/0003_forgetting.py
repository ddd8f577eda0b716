"""An attachment of an anonymised case has no content any more."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("attachments", "0002_withdrawing")]
    operations = [
        migrations.AlterField(
            "attachment",
            "blob",
            models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="attachments.blob"),
        ),
    ]
